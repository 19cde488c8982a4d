//! Partial order sampling: POS.
//!
//! Each pending operation has a random priority and the highest goes; when one has happened, those that it races
//! with draw again. Runs of one class are then not preferred for having many schedules: a class in which `r`
//! races are decided is met with a chance of at least `(1/n)^r` or so for `n` actors, however long the run is.
//! Source: Yuan, Yang, Gu, "Partial Order Aware Concurrency Sampling", 2018. Races are told from kinds and objects
//! alone ([`crate::dependence::may_race`]): two messages to one process race. Questions that are not about order
//! are answered at random, as in [`super::random`].

use super::random::Rates;
use super::stream::Streams;
use crate::choice::{Actor, Chooser, Class, Event, Opt, Point};
use crate::dependence::may_race;
use crate::name::Births;
use warpbeam::world::Op;

#[derive(Clone, Copy, Debug)]
struct Pending {
    actor: Actor,
    op: Op,
    priority: u32,
}

#[derive(Clone, Debug)]
pub struct Pos {
    streams: Streams,
    rates: Rates,
    pending: Vec<Pending>,
}

impl Pos {
    pub fn new(seed: u64) -> Pos {
        Pos { streams: Streams::new(seed), rates: Rates::NONE, pending: Vec::new() }
    }

    pub fn start_run(&mut self, index: u64) {
        self.streams.start_run(index);
        self.rates = Rates::draw(&mut self.streams);
        self.pending.clear();
    }

    fn priority(&mut self, option: &Opt) -> u32 {
        if let Some(pending) = self.pending.iter_mut().find(|p| p.actor == option.actor) {
            pending.op = option.op;
            return pending.priority;
        }
        let priority = self.streams.of(Class::Order).bits32();
        self.pending.push(Pending { actor: option.actor, op: option.op, priority });
        priority
    }
}

impl Chooser for Pos {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        if at.class != Class::Order {
            return self.rates.answer(&mut self.streams, at, options.len() as u32);
        }
        let mut best = (0, 0);
        for (i, option) in options.iter().enumerate() {
            let priority = self.priority(option);
            if i == 0 || priority > best.0 {
                best = (priority, i);
            }
        }
        best.1
    }

    fn happened(&mut self, event: &Event, _births: &Births) {
        self.pending.retain(|p| p.actor != event.actor && !may_race(event.op, p.op));
    }

    fn listens(&self) -> bool {
        true
    }
}
