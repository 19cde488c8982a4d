//! What a program has claimed in a run: `sometimes`, `reachable`, `eventually`, and its histories.
//!
//! Invariant: which claims there are, and which were met, does not depend on the order in which they were made, so that
//! equal classes of runs have equal ones. (Histories depend on it, and say so by a visible operation of their own.)

use crate::linear::history::History;
use std::collections::BTreeMap;
use std::sync::Arc;
use warpbeam::world::oracles::Claim;

/// Claims that are not judged when they are made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    Sometimes,
    Reachable,
    Eventually,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Sometimes => "sometimes",
            Kind::Reachable => "reachable",
            Kind::Eventually => "eventually",
        }
    }

    pub fn named(name: &str) -> Option<Kind> {
        [Kind::Sometimes, Kind::Reachable, Kind::Eventually].into_iter().find(|kind| kind.name() == name)
    }
}

/// A claim of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Made {
    pub kind: Kind,
    pub name: Arc<str>,
    pub met: bool,
    /// Of the name.
    hash: u64,
}

/// Those of one run, in the order in which they were first made.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    made: Vec<Made>,
    pub(crate) history: History,
}

impl Claims {
    pub(crate) fn clear(&mut self) {
        self.made.clear();
        self.history.clear();
    }

    pub fn is_empty(&self) -> bool {
        self.made.is_empty() && self.history.is_empty()
    }

    /// Takes a claim down. `name` is asked for where it is new.
    pub(crate) fn take(&mut self, claim: Claim, hash: u64, name: impl FnOnce() -> String) {
        let (kind, met) = match claim {
            Claim::Sometimes(holds) => (Kind::Sometimes, holds),
            Claim::Reachable => (Kind::Reachable, true),
            Claim::Eventually(holds) => (Kind::Eventually, holds),
            Claim::Always(_) | Claim::Unreachable => return,
        };
        match self.made.iter_mut().find(|made| (made.kind, made.hash) == (kind, hash)) {
            Some(made) => made.met |= met,
            None => self.made.push(Made { kind, name: name().into(), met, hash }),
        }
    }

    /// What the run still owes.
    pub fn owed(&self) -> Option<&Arc<str>> {
        self.made.iter().find(|made| made.kind == Kind::Eventually && !made.met).map(|made| &made.name)
    }

    /// What counts in a campaign; nothing for most programs.
    pub(crate) fn of_campaign(&self) -> Option<Box<[Made]>> {
        let made: Box<[Made]> =
            self.made.iter().filter(|made| made.kind != Kind::Eventually).cloned().collect();
        (!made.is_empty()).then_some(made)
    }
}

/// The claims of a campaign, and in how many of its runs each was met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<(Kind, Arc<str>), u64>);

impl Tally {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn add(&mut self, made: &[Made]) {
        for Made { kind, name, met, .. } in made {
            *self.0.entry((*kind, Arc::clone(name))).or_default() += u64::from(*met);
        }
    }

    pub fn merge(&mut self, other: &Tally) {
        for (key, runs) in &other.0 {
            *self.0.entry(key.clone()).or_default() += runs;
        }
    }

    /// A claim that so many more runs met.
    pub fn count(&mut self, kind: Kind, name: &str, runs: u64) {
        *self.0.entry((kind, name.into())).or_default() += runs;
    }

    /// A claim that is somewhere in the program.
    pub fn expect(&mut self, kind: Kind, name: &str) {
        self.0.entry((kind, name.into())).or_default();
    }

    /// Kind, name, and runs in which it was met, in order.
    pub fn all(&self) -> impl Iterator<Item = (Kind, &str, u64)> {
        self.0.iter().map(|((kind, name), runs)| (*kind, &**name, *runs))
    }

    /// Those that no run met.
    pub fn never(&self) -> impl Iterator<Item = (Kind, &str)> {
        self.all().filter(|&(_, _, runs)| runs == 0).map(|(kind, name, _)| (kind, name))
    }
}
