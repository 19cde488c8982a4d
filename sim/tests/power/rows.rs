//! The programs of the table of finding power: each with one bug that an order brings out.
//!
//! `tests/power` has the ports of known benchmark bugs, `examples` the examples. Invariant: the dull run of each is
//! clean, and so is a twin, where there is one.

use super::support::Program;
use std::path::{Path, PathBuf};

/// A program, the function that has the bug, and whether there is a corrected twin.
pub struct Row {
    pub module: &'static str,
    pub function: &'static str,
    pub twin: bool,
    /// Runs within which `auto` finds the bug from any of the few seeds that CI tries.
    pub runs: u64,
}

const fn row(module: &'static str, function: &'static str, twin: bool, runs: u64) -> Row {
    Row { module, function, twin, runs }
}

/// Ports of known benchmark bugs, in `tests/power`.
pub const PORTS: &[Row] = &[
    row("account", "main", true, 20),
    row("alternation", "main", false, 1000),
    row("barrier", "main", true, 20),
    row("bluetooth", "main", true, 50),
    row("bounded_buffer", "main", true, 100),
    row("broadcast", "main", true, 20),
    row("bully", "main", true, 20),
    row("cache_invalidation", "main", true, 50),
    row("chains", "main", true, 20),
    row("dets_like", "main", true, 20),
    row("double_checked", "main", true, 500),
    row("drain", "main", true, 100),
    row("lease", "main", true, 200),
    row("extreme", "main", false, 1000),
    row("handle_reuse", "main", true, 50),
    row("id_allocator", "main", true, 20),
    row("lazy_init", "main", true, 20),
    row("noise", "main", true, 20),
    row("paxos", "main", true, 50),
    row("peterson", "main", true, 500),
    row("philosophers", "three", true, 2000),
    row("philosophers", "four", false, 5000),
    row("pubsub", "main", true, 20),
    row("raft_votes", "main", true, 200),
    row("rate_limit", "main", true, 50),
    row("readers_writers", "main", true, 50),
    row("reorder", "three", true, 100),
    row("reorder", "five", false, 100),
    row("reorder", "ten", false, 100),
    row("resize", "main", true, 20),
    row("restart", "main", true, 20),
    row("retry", "main", true, 50),
    row("reversed", "main", false, 1000),
    row("semaphore", "main", true, 100),
    row("slow_one", "main", true, 20),
    row("snapshot", "main", true, 20),
    row("stack_aba", "main", true, 200),
    row("stateful", "main", true, 20),
    row("token_ring", "main", true, 20),
    row("two_phase_commit", "main", true, 20),
    row("two_rooms", "main", true, 20),
    row("twostage", "main", true, 100),
    row("twostage", "many", false, 200),
    row("work_stealing", "main", true, 20),
    row("wronglock", "main", true, 50),
    row("wronglock", "many", false, 50),
];

/// The examples whose dull run is clean.
pub const EXAMPLES: &[Row] = &[
    row("check_then_act", "main", false, 20),
    row("demonitor_no_flush", "main", false, 20),
    row("ets_counter", "main", false, 20),
    row("fast_restart", "main", false, 20),
    row("heap_limit_watcher", "main", false, 100),
    row("late_monitor", "main", false, 20),
    row("late_reply", "main", false, 50),
    row("lock_cycle", "main", false, 1000),
    row("lock_no_monitor", "main", false, 20),
    row("lost_update", "main", false, 50),
    row("lost_wakeup", "main", false, 20),
    row("message_order", "main", false, 20),
    row("work_to_dead", "main", false, 50),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

impl Row {
    pub fn name(&self) -> String {
        match self.function {
            "main" => self.module.to_string(),
            function => format!("{}:{function}", self.module),
        }
    }

    /// The program with a call of `function`, which the row's own bug is in or not.
    pub fn program(&self, function: &str) -> Program {
        let of_examples = EXAMPLES.iter().any(|row| row.module == self.module);
        let directory = if of_examples { "examples" } else { "tests/power" };
        let beam = |module: &str| root().join(directory).join(format!("{module}.beam"));
        let mut beams = vec![beam(self.module)];
        beams.extend((!of_examples).then(|| beam("lists_of")));
        Program::calling(&beams, function)
    }
}
