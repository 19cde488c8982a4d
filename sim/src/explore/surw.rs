//! Selectively uniform random walk: SURW.
//!
//! Some events are of interest, those on one object. Whose event of interest comes next is drawn beforehand, with
//! weights that are the numbers of such events that everybody has left; the others' wait, and whatever is of no
//! interest goes on at random. If the numbers are right and nobody waits for anybody, all orders of the events of interest
//! are equally likely, and no order of the others is impossible: an even choice at each step prefers orders in which
//! those with few events come early.
//! Source: Zhao, Wolff, Mathur, Roychoudhury, "Selectively Uniform Concurrency Testing", 2025. Numbers are those of the dull
//! run. What is of interest is the user's focus, or drawn for each run: one of the objects that several touch, or
//! everything. Where nothing else can go on than what waits, it is drawn anew among those.
//! Questions that are not about order are answered at random, as in [`super::random`].

use super::random::Rates;
use super::stream::Streams;
use super::survey::{Survey, touched};
use crate::choice::{Chooser, Class, Event, Opt, Point};
use crate::name::Births;
use std::sync::Arc;
use warpbeam::term::atom::FixedMap;
use warpbeam::world::{Object, Op};

#[derive(Clone, Debug)]
pub struct Surw {
    streams: Streams,
    rates: Rates,
    survey: Arc<Survey>,
    /// Places in the survey's actors.
    places: FixedMap<u64, usize>,
    /// The object of interest; everything if there is none.
    object: Option<u64>,
    /// Events of interest that each of the survey's actors has left.
    left: Vec<u32>,
    /// Who of them was seen in this run.
    born: Vec<bool>,
    intended: Option<usize>,
}

impl Surw {
    pub fn new(seed: u64, survey: &Arc<Survey>) -> Surw {
        let actors = survey.actors.iter().enumerate();
        Surw {
            streams: Streams::new(seed),
            rates: Rates::NONE,
            survey: Arc::clone(survey),
            places: actors.map(|(at, actor)| (actor.hash, at)).collect(),
            object: None,
            left: Vec::new(),
            born: Vec::new(),
            intended: None,
        }
    }

    pub fn start_run(&mut self, index: u64) {
        self.streams.start_run(index);
        self.rates = Rates::draw(&mut self.streams);
        let actors = &self.survey.actors;
        self.left.clear();
        self.born.clear();
        self.born.resize(actors.len(), false);
        let contended = &self.survey.contended;
        let chosen = match self.survey.focus {
            Some(focus) => contended.iter().position(|c| c.object == focus),
            None => {
                let drawn = self.streams.of_run().below(contended.len() as u32 + 1) as usize;
                (drawn < contended.len()).then_some(drawn)
            }
        };
        self.object = self.survey.focus;
        match chosen {
            Some(at) => {
                self.object = Some(contended[at].object);
                self.left.resize(actors.len(), 0);
                for &(who, times) in &contended[at].by {
                    self.left[who] = times;
                }
            }
            None => self.left.extend(actors.iter().map(|actor| actor.events)),
        }
        self.intend();
    }

    /// Draws whose event of interest comes next.
    fn intend(&mut self) {
        let sum: u32 = self.left.iter().sum();
        self.intended = None;
        if sum > 0 {
            let mut drawn = self.streams.of(Class::Order).below(sum);
            self.intended = self.left.iter().position(|&left| {
                let here = drawn < left;
                drawn = drawn.saturating_sub(left);
                here
            });
        }
    }

    /// Who stands for the one that is meant: itself, or while it is not there the nearest of its ancestors that is.
    fn standing_in(&self) -> Option<usize> {
        let mut at = self.intended?;
        while !self.born[at] {
            at = self.survey.actors[at].parent?;
        }
        Some(at)
    }

    fn is_of_interest(&self, op: Op, births: &Births) -> bool {
        match self.object {
            None => true,
            Some(_) if op.object() == Object::Nothing => false,
            Some(object) => {
                let (part, whole) = touched(op, births);
                part == object || whole == object
            }
        }
    }

    /// One of those for which there is a weight.
    fn draw(&mut self, weights: &[u32]) -> usize {
        let mut drawn = self.streams.of(Class::Order).below(weights.iter().sum());
        for (at, &weight) in weights.iter().enumerate() {
            if drawn < weight {
                return at;
            }
            drawn -= weight;
        }
        unreachable!("what is drawn lies below the sum")
    }
}

impl Chooser for Surw {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        if at.class != Class::Order {
            return self.rates.answer(&mut self.streams, at, options.len() as u32);
        }
        let who: Vec<Option<usize>> =
            options.iter().map(|o| self.places.get(&at.option(o.actor)).copied()).collect();
        for &place in who.iter().flatten() {
            self.born[place] = true;
        }
        let stands_in = self.standing_in();
        let free = |(option, &place): (&Opt, &Option<usize>)| {
            let meant = place.is_some() && place == stands_in;
            u32::from(meant || !self.is_of_interest(option.op, at.births))
        };
        let weights: Vec<u32> = options.iter().zip(&who).map(free).collect();
        if weights.iter().any(|&weight| weight > 0) {
            return self.draw(&weights);
        }
        // Everybody's event is of interest, and the one that is meant cannot act.
        let weights: Vec<u32> =
            who.iter().map(|place| place.map_or(1, |place| self.left[place].max(1))).collect();
        self.draw(&weights)
    }

    fn happened(&mut self, event: &Event, births: &Births) {
        if !self.is_of_interest(event.op, births) {
            return;
        }
        if let Some(&place) = self.places.get(&births.actor_hash(event.actor)) {
            self.left[place] = self.left[place].saturating_sub(1);
        }
        self.intend();
    }

    fn listens(&self) -> bool {
        true
    }
}
