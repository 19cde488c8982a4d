//! Priorities of causal chains with few changes: PCTCP.
//!
//! Events are put into chains as they come: one that follows from the last event of a chain goes on with it,
//! whichever process it is of; others begin a new one. Chains have random priorities, and at `depth - 1` events
//! drawn beforehand the chain that is about to act falls below all. With `w` chains and `k` events a bug of depth `d` is
//! found with a chance of at least 1/(w^2 k^(d-1)) in each run, however many processes there are.
//! Source: Ozkan, Majumdar, Niksic, Befrouei, Weissenbacher, "Randomized Testing of Distributed Systems with
//! Probabilistic Guarantees", 2018. On purpose simpler: a chain passes from a process that waits or has ended to
//! one that its last event let go on, which is their online partition for events of processes.

use super::random::Rates;
use super::stream::Streams;
use crate::choice::{Actor, Chooser, Class, Event, Opt, Point};
use crate::name::Births;

#[derive(Clone, Debug)]
pub struct Pctcp {
    streams: Streams,
    rates: Rates,
    /// Events that a run is expected to have.
    length: u64,
    /// Steps at which a priority falls, rising.
    changes: Vec<u64>,
    made: usize,
    /// The priority of the chain that each actor is on.
    chains: Vec<(Actor, u64)>,
    /// Who acted since the last choice, the latest last.
    acted: Vec<Actor>,
}

/// Priorities given at first sight lie above those that changes leave.
const FIRST: u64 = 1 << 32;

impl Pctcp {
    pub fn new(seed: u64, length: u64) -> Pctcp {
        Pctcp {
            streams: Streams::new(seed),
            rates: Rates::NONE,
            length: length.saturating_mul(2).max(2),
            changes: Vec::new(),
            made: 0,
            chains: Vec::new(),
            acted: Vec::new(),
        }
    }

    pub fn start_run(&mut self, index: u64, depth: u32) {
        self.streams.start_run(index);
        self.rates = Rates::draw(&mut self.streams);
        self.changes.clear();
        self.made = 0;
        self.chains.clear();
        self.acted.clear();
        let bound = u32::try_from(self.length).unwrap_or(u32::MAX);
        for _ in 1..depth {
            let step = u64::from(self.streams.of_run().below(bound));
            self.changes.push(step);
        }
        self.changes.sort_unstable();
    }

    /// Puts actors that are new among the options on chains.
    fn extend_chains(&mut self, options: &[Opt]) {
        for option in options {
            if self.chains.iter().any(|(actor, _)| *actor == option.actor) {
                continue;
            }
            // A chain whose last actor cannot go on by itself.
            let free = self.acted.iter().rev().find_map(|last| {
                let stays = options.iter().any(|o| o.actor == *last);
                let at = self.chains.iter().position(|(actor, _)| actor == last)?;
                (!stays).then_some(at)
            });
            match free {
                Some(at) => self.chains[at].0 = option.actor,
                None => {
                    let priority = FIRST + u64::from(self.streams.of(Class::Order).bits32());
                    self.chains.push((option.actor, priority));
                }
            }
        }
        self.acted.clear();
    }

    fn priority(&mut self, actor: Actor) -> &mut u64 {
        let at = self.chains.iter().position(|(a, _)| *a == actor).expect("each option is on a chain");
        &mut self.chains[at].1
    }
}

impl Chooser for Pctcp {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        if at.class != Class::Order {
            return self.rates.answer(&mut self.streams, at, options.len() as u32);
        }
        self.extend_chains(options);
        loop {
            let mut best = (0, 0);
            for (i, option) in options.iter().enumerate() {
                let priority = *self.priority(option.actor);
                if priority > best.0 {
                    best = (priority, i);
                }
            }
            match self.changes.get(self.made) {
                Some(&step) if step <= at.steps => {
                    self.made += 1;
                    *self.priority(options[best.1].actor) = FIRST - self.made as u64;
                }
                _ => return best.1,
            }
        }
    }

    fn happened(&mut self, event: &Event, _births: &Births) {
        self.acted.push(event.actor);
    }

    fn listens(&self) -> bool {
        true
    }
}
