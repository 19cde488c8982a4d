//! One event at a time: who can act in a watched world, and letting one of them.
//!
//! Invariant: a world that was stepped asked the same questions and got the same answers as one that ran through
//! with the picks that it recorded.

use crate::choice::{Actor, Chooser, Class, Event, Opt, Point};
use crate::name::Births;
use crate::world::settings::TimeMode;
use crate::world::{Outcome, SimWorld};
use warpbeam::interp::Regs;
use warpbeam::world::Op;

/// The actor of timers that fire.
pub const CLOCK: u64 = 1;

/// What a step did, but for its effects, which the world's watch has.
pub struct Stepped {
    pub event: Option<Event>,
    /// The run is over.
    pub outcome: Option<Outcome>,
    /// Something was asked that is no matter of order.
    pub asked_more: bool,
    /// The clock's next event could have come instead, and now it cannot.
    pub clock_stopped: bool,
    /// The clock shows another time than before.
    pub time_passed: bool,
}

struct Single {
    wanted: Option<u64>,
    event: Option<Event>,
    asked_more: bool,
}

impl Chooser for Single {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        match at.class {
            Class::Time => usize::from(self.wanted == Some(CLOCK)),
            Class::Order => {
                let is_it = |o: &Opt| self.wanted == Some(at.option(o.actor));
                options.iter().position(is_it).expect("who is to act can act")
            }
            _ => {
                self.asked_more = true;
                0
            }
        }
    }

    fn happened(&mut self, event: &Event, _births: &Births) {
        self.event.get_or_insert(*event);
    }

    fn listens(&self) -> bool {
        true
    }
}

impl SimWorld {
    /// Who can act, and what they would do; the clock comes last.
    pub(crate) fn actors(&mut self) -> Vec<(u64, Op)> {
        let births = &self.births;
        let mut actors: Vec<(u64, Op)> =
            self.runnable.options().iter().map(|o| (births.actor_hash(o.actor), o.op)).collect();
        if self.clock_can_act() {
            actors.push((CLOCK, Op::of(warpbeam::world::OpKind::Timeout)));
        }
        actors
    }

    /// Whether this one can act.
    pub(crate) fn has_actor(&mut self, actor: u64) -> bool {
        let births = &self.births;
        let mut options = self.runnable.options().iter();
        if actor == CLOCK {
            self.clock_can_act()
        } else {
            options.any(|o| births.actor_hash(o.actor) == actor)
        }
    }

    /// Whether this process receives nothing any more.
    pub(crate) fn is_ending(&self, actor: u64) -> bool {
        let mut slots = self.slots.live().map(|at| self.slots.at(at));
        let slot = slots.find(|slot| self.births.actor_hash(Actor::Process(slot.serial)) == actor);
        slot.and_then(|slot| slot.process.as_deref()).is_none_or(|process| !process.runs())
    }

    fn clock_can_act(&mut self) -> bool {
        let Some((deadline, ..)) = self.timers.first() else { return false };
        if !self.runnable.is_empty() {
            return deadline.0 <= self.now;
        }
        self.settled.is_none_or(|settled| deadline.0 <= settled)
    }

    /// Lets `actor` do its event, or, if nobody can act, ends the run. Everybody stands before their next one then.
    pub(crate) fn step(&mut self, actor: Option<u64>, regs: &mut Regs) -> Stepped {
        debug_assert!(self.settings.time == TimeMode::Idle, "only then is a timer that is not due no choice");
        self.watch.as_mut().expect("only a watched world is stepped").effects.clear();
        let mut single = Single { wanted: actor, event: None, asked_more: false };
        let target = if actor.is_some() { self.steps() + 1 } else { u64::MAX };
        let due = if actor == Some(CLOCK) || !self.clock_can_act() { None } else { self.first_timer() };
        let before = self.now();
        let outcome = self.run_to(target, regs, &mut single);
        let time_passed = self.now() != before;
        let clock_stopped = due.is_some() && due != self.first_timer();
        Stepped { clock_stopped, time_passed, ..self.stepped(single, outcome) }
    }

    /// Lets `actor` do an event that is known.
    pub(crate) fn step_again(&mut self, actor: u64, regs: &mut Regs) {
        self.step(Some(actor), regs);
        if let Some(watch) = &mut self.watch {
            watch.effects.clear();
        }
    }

    fn first_timer(&mut self) -> Option<Actor> {
        self.timers.first().map(|(_, actor, _)| actor)
    }

    /// Lets everybody come to their first event.
    pub(crate) fn settle(&mut self, regs: &mut Regs) -> Stepped {
        let mut single = Single { wanted: None, event: None, asked_more: false };
        let outcome = self.run_to(self.steps(), regs, &mut single);
        self.stepped(single, outcome)
    }

    fn stepped(&self, single: Single, outcome: Option<Outcome>) -> Stepped {
        let Single { event, asked_more, .. } = single;
        Stepped { event, outcome, asked_more, clock_stopped: false, time_passed: false }
    }

    /// The hash that the process's name has in every run.
    pub(crate) fn hash_of(&self, serial: u32) -> u64 {
        self.births.actor_hash(Actor::Process(serial))
    }
}
