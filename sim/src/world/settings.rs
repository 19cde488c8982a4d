//! What a simulated run is given beside its program: everything but the choices.
//!
//! Invariant: a program, settings and choices determine a run. A schedule's header holds them all.

use crate::kernel::fault::Faults;
use crate::kernel::preloaded::Preloaded;
use std::net::IpAddr;
use std::sync::Arc;
use warpbeam::heap::policy::GcPlan;

/// How a signal travels to its receiver.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Delivery {
    /// It is in the receiver's inbox at the end of the sender's step, as on one node.
    #[default]
    Causal,
    /// Each pair of sender and receiver has a channel of its own, as between nodes.
    Pairwise,
}

/// When timers may fire.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TimeMode {
    /// Earlier than when everything waits, at the cost of a budget of virtual time.
    #[default]
    Budget,
    /// Only when nothing else can happen before.
    Idle,
    /// In any order.
    Free,
}

/// Which processes an oracle looks at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Scope {
    #[default]
    Entry,
    Any,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// For what the program asks of [`warpbeam::world::World::entropy`]; never for choices.
    pub seed: u64,
    pub gc: GcPlan,
    pub delivery: Delivery,
    pub time: TimeMode,
    /// How much earlier, in all, timers may fire in a run with [`TimeMode::Budget`].
    pub time_budget_ns: u64,
    /// How long the others go on, in virtual time, after the entry process has ended.
    pub settle_ns: u64,
    /// Visible operations after which a run is cut.
    pub steps_max: u64,
    /// Function calls without a visible operation that count as livelock.
    pub livelock_calls: u32,
    /// Words that all heaps together may hold.
    pub memory_words: Option<usize>,
    /// Whether the entry process has to end, once nothing hinders it.
    pub must_end: bool,
    pub deadlock: Scope,
    pub crash: Scope,
    /// Files that are there when the program begins.
    pub files: Option<Arc<Preloaded>>,
    /// The address of each simulated host; one that has only the loopback where there is none.
    pub hosts: Arc<[IpAddr]>,
    /// What may go wrong in the simulated kernel.
    pub faults: Faults,
    /// Of 65,536 operations, how many something goes wrong with; drawn for each run where it is not given.
    pub fault_rate: Option<u32>,
    /// The function of the entry's module that is called after the machine has crashed; the entry again if there is none.
    pub after_crash: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            seed: 0,
            gc: GcPlan::Normal,
            delivery: Delivery::Causal,
            time: TimeMode::Budget,
            time_budget_ns: 200_000_000,
            settle_ns: 1_000_000_000,
            steps_max: 100_000,
            livelock_calls: 20_000_000,
            memory_words: None,
            must_end: false,
            deadlock: Scope::Entry,
            crash: Scope::Entry,
            files: None,
            hosts: Arc::default(),
            faults: Faults::NONE,
            fault_rate: None,
            after_crash: None,
        }
    }
}
