//! Reversal: a known run, but for two events on one object that come the other way round.
//!
//! Whoever did the first of them is held before it until the second has happened, and goes on then; if nobody else
//! can act, it is held no more. From each run
//! so made that shows a new pair of events come its own races, so that step by step every order is within reach; runs of one
//! class may come up more than once, and there is no proof at the end, which is what [`super::dpor`] is for.
//! Source: Flanagan and Godefroid, "Dynamic Partial-Order Reduction for Model Checking Software", 2005, for trying the other order of each
//! race of a run, here as one mutation among others. Races are told from kinds and objects ([`may_race`]).

use super::mutate::Parent;
use crate::choice::{Chooser, Class, Event, Opt, PlaceKey, Point};
use crate::dependence::may_race;
use crate::name::Births;
use std::sync::Arc;
use warpbeam::term::atom::FixedMap;
use warpbeam::world::{Object, Op};

/// An event: who, and its number among theirs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deed {
    pub who: u64,
    pub number: u32,
}

/// Two events on an object, in their order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Race {
    pub first: Deed,
    pub second: Deed,
    /// The pair that the other order covers.
    pub back: u32,
}

/// Whether the order of two events that touch the same object, or a whole and a part of it, may matter.
pub fn races(a: Op, b: Op) -> bool {
    let table = |op: Op| matches!(op.object(), Object::Table(_));
    let part = |op: Op| matches!(op.object(), Object::TableKey(..));
    may_race(a, b) || (table(a) && part(b)) || (part(a) && table(b))
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// The second event has not happened.
    Held,
    /// It has, and the first comes next.
    Let,
    Over,
}

#[derive(Clone, Debug)]
pub struct Reversal {
    lines: FixedMap<PlaceKey, u64>,
    race: Race,
    /// Events of the one that is held.
    done: u32,
    stage: Stage,
}

impl Reversal {
    pub fn new(parent: &Arc<Parent>, race: Race) -> Reversal {
        Reversal { lines: parent.trail.iter().copied().collect(), race, done: 0, stage: Stage::Held }
    }
}

impl Chooser for Reversal {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        let line = self.lines.get(&at.place()).copied();
        let followed = options.iter().position(|option| Some(at.option(option.actor)) == line);
        let wanted = followed.unwrap_or(0);
        let is = |option: &Opt, deed: Deed| at.option(option.actor) == deed.who;
        if self.stage == Stage::Let && at.class == Class::Order {
            self.stage = Stage::Over;
            return options.iter().position(|option| is(option, self.race.first)).unwrap_or(wanted);
        }
        if self.stage != Stage::Held {
            return wanted;
        }
        if at.class == Class::Time {
            let timer = options.iter().position(|option| is(option, self.race.second));
            return timer.unwrap_or(if is(&options[wanted], self.race.first) { 0 } else { wanted });
        }
        let held = |option: &Opt| self.done + 1 >= self.race.first.number && is(option, self.race.first);
        if at.class == Class::Order && held(&options[wanted]) {
            return options.iter().position(|option| !held(option)).unwrap_or(wanted);
        }
        wanted
    }

    fn happened(&mut self, event: &Event, births: &Births) {
        if self.stage != Stage::Held {
            return;
        }
        let who = births.actor_hash(event.actor);
        if who == self.race.first.who {
            self.done = event.number;
        }
        if who == self.race.second.who && event.number >= self.race.second.number {
            self.stage = Stage::Let;
        }
    }

    fn listens(&self) -> bool {
        true
    }
}
