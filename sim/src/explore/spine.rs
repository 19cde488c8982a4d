//! Forks for `bounded`: schedules that part from one run, each begun where it parts.
//!
//! Schedules come in fans: the same deviations but for the last, question by question. The run that a fan leaves is made
//! once more, and held at the question that the fan has come to; each schedule of the fan goes on from a copy of
//! the world there. So a schedule costs what comes after its last deviation, and a copy. Invariant: a
//! run goes as it does from its beginning, to the digest; a schedule whose question comes before anything that can
//! be copied, or too early for a copy to pay, is run from its beginning.

use super::bounded::Bounded;
use crate::choice::{Chooser, Class, Opt, Pick, Point};
use crate::runner::Runner;
use crate::world::{Outcome, SimWorld};

/// Schedules of a fan for which it pays to make the run that they leave once more.
const FAN_MIN: u64 = 4;
/// Events that must have happened before a question for a copy of the world to cost less.
const EVENTS_MIN: u64 = 4;

/// The run that the fan under way leaves.
#[derive(Default)]
pub struct Spine {
    /// Its deviations.
    prefix: Vec<Pick>,
    /// For each question after the last of them: how many events had happened at the latest moment before it at which
    /// the world can be copied. Empty if the fan is run from the beginning.
    events: Vec<u64>,
    /// The world at a question that the fan has come to.
    world: Option<Box<SimWorld>>,
    /// Events that have happened in it.
    at: u64,
    copies: u64,
}

/// Follows picks, and notes when each question after them came.
struct Survey<'a> {
    inner: Bounded<'a>,
    from: u64,
    events: Vec<u64>,
}

impl Chooser for Survey<'_> {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        if at.index >= self.from {
            // Who is next, and whether time passes, is asked between events; all else while one goes on.
            let between = matches!(at.class, Class::Order | Class::Time);
            self.events.push(if between { at.steps } else { at.steps.saturating_sub(1) });
        }
        self.inner.choose(at, options)
    }
}

impl Spine {
    /// Schedules that went on from a copy.
    pub fn copies(&self) -> u64 {
        self.copies
    }

    /// Runs a schedule as `runner` would. `fan`: how many schedules the fan has, with this one, that were not run.
    pub fn run(
        &mut self,
        runner: &mut Runner,
        picks: &[Pick],
        chooser: &mut Bounded<'_>,
        fan: u64,
    ) -> Outcome {
        let Some((last, prefix)) = picks.split_last() else { return runner.run(chooser) };
        let from = prefix.last().map_or(0, |pick| pick.index + 1);
        if self.prefix != prefix || self.world.is_none() {
            self.begin(runner, prefix, from, fan);
        }
        let events = self.events.get((last.index - from) as usize).copied();
        if let Some(events) = events.filter(|&events| events >= EVENTS_MIN)
            && self.reach(runner, events, last.index)
        {
            let world = self.world.as_ref().expect("it was reached");
            // The moment may be before a deviation, where both belong to one event.
            chooser.skip(made(prefix, world));
            self.copies += 1;
            return runner.run_from(world, chooser);
        }
        runner.run(chooser)
    }

    /// A new fan.
    fn begin(&mut self, runner: &mut Runner, prefix: &[Pick], from: u64, fan: u64) {
        self.prefix.clear();
        self.prefix.extend_from_slice(prefix);
        self.events.clear();
        if fan < FAN_MIN {
            return;
        }
        let mut survey = Survey { inner: Bounded::new(prefix), from, events: Vec::new() };
        runner.run(&mut survey);
        self.events = survey.events;
        let world = self.world.get_or_insert_with(|| Box::new(runner.world().clone()));
        if runner.begin_in(world).is_some() {
            self.events.clear();
        }
        self.at = 0;
    }

    /// Lets the run go on until so many events have happened. Whether it stands before question `index` then.
    fn reach(&mut self, runner: &mut Runner, events: u64, index: u64) -> bool {
        let Some(world) = &mut self.world else { return false };
        if events > self.at {
            // Deviations that were made are not asked for again: questions are known by their number.
            let mut chooser = Bounded::new(&self.prefix);
            chooser.skip(made(&self.prefix, world));
            if runner.go_on(world, events, &mut chooser).is_some() {
                self.events.clear();
                return false;
            }
            self.at = events;
        }
        world.questions() <= index
    }
}

/// How many of the deviations were made on the way to this world.
fn made(picks: &[Pick], world: &SimWorld) -> usize {
    picks.iter().take_while(|pick| pick.index < world.questions()).count()
}
