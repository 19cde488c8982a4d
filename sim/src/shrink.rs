//! Shrinking: from the decisions of a failing run to the few that it needs.
//!
//! Each candidate is run leniently; it counts if it ends with the same fingerprint, and then the decisions that
//! it really took are the next ones to shrink. Chunks are deleted first, then single decisions, then pairs;
//! then each decision is lowered: another pick at the same place that makes later decisions needless.
//! Invariant: the result, replayed strictly, ends with the fingerprint that shrinking began with.
//! Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002, for the deletion.

use crate::explore::replay::Replay;
use crate::runner::{Runner, violation_of};
use crate::schedule::Deviation;

/// A schedule made short.
#[derive(Clone, Debug)]
pub struct Shrunk {
    pub deviations: Vec<Deviation>,
    /// Candidates that were run.
    pub tried: u64,
}

/// Candidates that shrinking may run.
const TRIES_MAX: u64 = 20_000;
/// Decisions up to which every pair is tried.
const PAIRS_MAX: usize = 24;

struct Shrinker<'a> {
    runner: &'a mut Runner,
    fingerprint: &'a str,
    best: Vec<Deviation>,
    tried: u64,
}

/// Makes a failing run's decisions few. They must lead to a violation with this fingerprint.
pub fn shrink(runner: &mut Runner, deviations: Vec<Deviation>, fingerprint: &str) -> Shrunk {
    let mut shrinker = Shrinker { runner, fingerprint, best: deviations, tried: 0 };
    shrinker.attempt(&[]);
    loop {
        let before = shrinker.best.len();
        shrinker.delete_chunks();
        shrinker.delete_pairs();
        if shrinker.best.len() == before || shrinker.tried >= TRIES_MAX {
            break;
        }
    }
    Shrunk { deviations: shrinker.best, tried: shrinker.tried }
}

impl Shrinker<'_> {
    /// Runs a candidate. If it fails in the same way, what it really took is the new best.
    fn attempt(&mut self, candidate: &[Deviation]) -> bool {
        if self.tried >= TRIES_MAX {
            return false;
        }
        self.tried += 1;
        let mut replay = Replay::lenient(candidate);
        let outcome = self.runner.run(&mut replay);
        let fails = violation_of(&outcome).is_some_and(|v| v.fingerprint == self.fingerprint);
        if fails {
            self.best = replay.followed();
        }
        fails
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
                let keeps = |&(i, _): &(usize, &Deviation)| i != first && i != second;
                let without: Vec<Deviation> =
                    self.best.iter().enumerate().filter(keeps).map(|(_, d)| d.clone()).collect();
                self.attempt(&without)
            });
            if !deleted {
                first += 1;
            }
        }
    }
}
