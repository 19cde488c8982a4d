//! What a world counts, and settings of the whole runtime. Source: `erlang:statistics/1`, `memory/0`,
//! `system_flag/2`, `system_monitor/2`.
//!
//! Counted at the end of each slice. Invariant: nothing here depends on a plan of collections: sizes are those that
//! programs may see, and in simulation only semantic collections count.

use crate::heap::parcel::Parcel;
use std::collections::BTreeMap;

/// What one slice came to.
#[derive(Clone, Copy, Default, Debug)]
pub struct Spent {
    pub reductions: u64,
    pub collections: u64,
    pub reclaimed_words: u64,
    /// How much the process's memory grew.
    pub grown_words: i64,
}

/// Totals since the runtime began.
#[derive(Clone, Copy, Default, Debug)]
pub struct Figures {
    pub reductions: u64,
    pub collections: u64,
    pub reclaimed_words: u64,
    pub context_switches: u64,
    pub output_bytes: u64,
    /// Words of all heaps, stacks and mailboxes that have run.
    pub process_words: i64,
    pub runtime_ms: u64,
}

/// Totals whose growth since the last time is told too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Total {
    WallClock,
    Runtime,
    Reductions,
    ExactReductions,
}

/// Settings that are kept as they were given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Setting {
    SystemMonitor,
    SystemProfile,
    SystemLogger,
    BacktraceDepth,
    FullsweepAfter,
    MinHeapSize,
    MinBinVheapSize,
    MaxHeapSize,
    TraceControlWord,
}

/// What readers of figures share: the totals told last, and the settings.
#[derive(Clone, Default, Debug)]
pub struct Ledger {
    told: BTreeMap<Total, u64>,
    settings: BTreeMap<Setting, Parcel>,
}

impl Ledger {
    /// Notes a total, and gives the one that was told before.
    pub fn tell(&mut self, what: Total, total: u64) -> u64 {
        self.told.insert(what, total).unwrap_or_default()
    }

    pub fn setting(&self, which: Setting) -> Option<&Parcel> {
        self.settings.get(&which)
    }

    /// Sets or, with `None`, forgets; gives what was set.
    pub fn set(&mut self, which: Setting, value: Option<Parcel>) -> Option<Parcel> {
        match value {
            Some(value) => self.settings.insert(which, value),
            None => self.settings.remove(&which),
        }
    }
}

impl Figures {
    pub fn add(&mut self, spent: Spent) {
        self.reductions += spent.reductions;
        self.collections += spent.collections;
        self.reclaimed_words += spent.reclaimed_words;
        self.process_words += spent.grown_words;
    }
}

pub trait Accounts {
    /// A slice has ended.
    fn spent(&mut self, spent: Spent);
    fn figures(&mut self) -> Figures;
    /// Processes that wait to run, of each queue.
    fn run_queues(&mut self) -> Vec<usize>;
    fn ledger(&mut self, f: &mut dyn FnMut(&mut Ledger));
    /// Atoms that there are, as a program is told.
    fn atoms(&self) -> u64;
}
