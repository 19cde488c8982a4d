//! Shrinking: from the decisions of a failing run to the few that it needs.
//!
//! Each candidate is run leniently; it counts if it ends with the same fingerprint, and then the decisions that
//! it really took are the next ones to shrink. Chunks are deleted first, then single decisions, then pairs;
//! then all of them by any single one that the dull run could have taken; then two decisions are replaced by one, any one that the run without the two could have taken.
//! Invariant: the result, replayed strictly, ends with the fingerprint that shrinking began with.
//! Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002, for the deletion.

use crate::choice::{Chooser, Opt, Point};
use crate::explore::replay::Replay;
use crate::runner::{Runner, violation_of};
use crate::schedule::Deviation;
use crate::world::{Outcome, SimWorld};

/// A schedule made short.
#[derive(Clone, Debug)]
pub struct Shrunk {
    pub deviations: Vec<Deviation>,
    /// Candidates that were run.
    pub tried: u64,
}

/// Visible operations, in all candidates together, that shrinking may run: some tenths of a second.
const STEPS_MAX: u64 = 3_000_000;
/// Visible operations that trying single decisions may run.
const SINGLE_STEPS_MAX: u64 = 300_000;
/// Decisions up to which every pair is deleted on trial.
const PAIRS_MAX: usize = 24;
/// Decisions up to which every pair is replaced on trial.
const REPLACED_MAX: usize = 10;
/// Decisions that a run is asked for to replace two others.
const ALTERNATIVES_MAX: usize = 2_000;

/// Whether a run, and the world in which it ended, fail in the way that is looked for.
pub type Fails<'a> = &'a mut dyn FnMut(&SimWorld, &Outcome) -> bool;

struct Shrinker<'a> {
    runner: &'a mut Runner,
    fails: Fails<'a>,
    best: Vec<Deviation>,
    tried: u64,
    steps: u64,
    tried_single: bool,
}

/// Makes a failing run's decisions few. They must lead to a violation with this fingerprint.
pub fn shrink(runner: &mut Runner, deviations: Vec<Deviation>, fingerprint: &str) -> Shrunk {
    let fails = |_: &SimWorld, outcome: &Outcome| {
        violation_of(outcome).is_some_and(|violation| violation.fingerprint == fingerprint)
    };
    shrink_by(runner, deviations, &mut { fails })
}

/// The same for runs that fail in any way.
pub fn shrink_by(runner: &mut Runner, deviations: Vec<Deviation>, fails: Fails<'_>) -> Shrunk {
    let mut shrinker = Shrinker { runner, fails, best: deviations, tried: 0, steps: 0, tried_single: false };
    shrinker.attempt(&[]);
    loop {
        let before = shrinker.best.len();
        shrinker.delete_chunks();
        shrinker.delete_pairs();
        if shrinker.best.len() == before && !shrinker.replace_all() && !shrinker.replace_pairs() {
            break;
        }
    }
    Shrunk { deviations: shrinker.best, tried: shrinker.tried }
}

impl Shrinker<'_> {
    /// Runs a candidate. If it fails in the same way, what it really took is the new best.
    fn attempt(&mut self, candidate: &[Deviation]) -> bool {
        if self.steps >= STEPS_MAX {
            return false;
        }
        let mut replay = Replay::lenient(candidate);
        let outcome = self.runner.run(&mut replay);
        self.tried += 1;
        self.steps += outcome.steps;
        let fails = (self.fails)(self.runner.world(), &outcome);
        if fails {
            self.best = replay.followed();
        }
        fails
    }

    /// The decisions without those at two places.
    fn without(&self, first: usize, second: usize) -> Vec<Deviation> {
        let kept = self.best.iter().enumerate().filter(|&(i, _)| i != first && i != second);
        kept.map(|(_, deviation)| deviation.clone()).collect()
    }

    fn delete_chunks(&mut self) {
        let mut size = self.best.len().div_ceil(2);
        while size > 0 {
            let mut at = 0;
            while at < self.best.len() {
                let end = (at + size).min(self.best.len());
                let without: Vec<Deviation> =
                    self.best[..at].iter().chain(&self.best[end..]).cloned().collect();
                if !self.attempt(&without) {
                    at = end;
                }
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
    }

    fn delete_pairs(&mut self) {
        if self.best.len() > PAIRS_MAX {
            return;
        }
        let mut first = 0;
        while first < self.best.len() {
            let deleted = (first + 1..self.best.len()).any(|second| {
                let without = self.without(first, second);
                self.attempt(&without)
            });
            if !deleted {
                first += 1;
            }
        }
    }

    /// Replaces all decisions by one, if that was not tried before. Whether that was possible.
    fn replace_all(&mut self) -> bool {
        if self.best.len() < 2 || std::mem::replace(&mut self.tried_single, true) {
            return false;
        }
        let limit = self.steps + SINGLE_STEPS_MAX;
        let mut open = Alternatives::new(&[]);
        self.steps += self.runner.run(&mut open).steps;
        open.found.into_iter().any(|single| self.steps < limit && self.attempt(&[single]))
    }

    /// Replaces two decisions by one. Whether that was possible.
    fn replace_pairs(&mut self) -> bool {
        let count = self.best.len();
        if !(2..=REPLACED_MAX).contains(&count) {
            return false;
        }
        for first in 0..count {
            for second in first + 1..count {
                let without = self.without(first, second);
                let mut open = Alternatives::new(&without);
                self.steps += self.runner.run(&mut open).steps;
                for alternative in open.found {
                    let mut candidate = without.clone();
                    candidate.push(alternative);
                    if self.attempt(&candidate) {
                        return true;
                    }
                }
            }
        }
        false
    }
}

/// Follows decisions, and notes every other one that could have been taken.
struct Alternatives<'a> {
    replay: Replay<'a>,
    found: Vec<Deviation>,
}

impl<'a> Alternatives<'a> {
    fn new(deviations: &'a [Deviation]) -> Alternatives<'a> {
        Alternatives { replay: Replay::lenient(deviations), found: Vec::new() }
    }
}

impl Chooser for Alternatives<'_> {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        let picked = self.replay.choose(at, options);
        if picked == 0 && self.found.len() < ALTERNATIVES_MAX {
            self.found.extend(options[1..].iter().map(|option| Deviation::new(at, option)));
        }
        picked
    }
}
