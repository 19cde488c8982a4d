//! What the tests of the simulator share: compiled programs to run.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::path::PathBuf;
use std::sync::Arc;
use warpbeam::code::CodeServer;
use warpbeam::code::path::CodePath;
use warpbeam::heap::parcel::Parcel;
use warpbeam::term::{Atom, Word};
use warpbeam_sim::campaign::{self, Plan, Progress, Report};
use warpbeam_sim::explore::strategy::StrategyKind;
use warpbeam_sim::runner::Runner;
use warpbeam_sim::world::Entry;
use warpbeam_sim::world::settings::Settings;

pub fn examples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

/// A compiled program and its entry call, `main/0`.
#[derive(Clone)]
pub struct Program {
    pub code: Arc<CodeServer>,
    pub entry: Entry,
}

impl Program {
    pub fn example(name: &str) -> Program {
        Program::compiled(examples().join(format!("{name}.beam")))
    }

    pub fn compiled(beam: PathBuf) -> Program {
        Program::calling(&[beam], "main")
    }

    /// The first module, with a call of this function without arguments.
    pub fn calling(beams: &[PathBuf], function: &str) -> Program {
        let path = CodePath::of(beams).expect("the program is there");
        let module = Atom::new(path.first_module()).expect("a short name");
        let code = Arc::new(CodeServer::new(Box::new(path)));
        code.ensure_loaded(module).expect("the program loads");
        let function = Atom::new(function).expect("a short name");
        let arguments = Parcel::immediate(Word::NIL);
        Program { code, entry: Entry { module, function, arguments, arity: 0 } }
    }

    pub fn runner(&self, settings: &Settings) -> Runner {
        Runner::new(Arc::clone(&self.code), self.entry.clone(), settings.clone())
    }

    pub fn campaign(&self, plan: &Plan, settings: &Settings) -> Report {
        campaign::run(plan, &Progress::default(), &|| self.runner(settings))
    }
}

pub fn plan(seed: u64, runs: u64) -> Plan {
    let strategy = StrategyKind::Auto;
    Plan { strategy, seed, runs: Some(runs), threads: 1, shard: (0, 1), keep_going: false, focus: None }
}

/// Names of the examples that have a bug. (`spin_wait` has one too, which takes many steps to be told from slowness.)
pub const BUGS: [&str; 16] = [
    "call_cycle",
    "check_then_act",
    "demonitor_no_flush",
    "ets_counter",
    "fast_restart",
    "heap_limit_watcher",
    "late_monitor",
    "late_reply",
    "lock_cycle",
    "lock_no_monitor",
    "lost_update",
    "lost_wakeup",
    "message_order",
    "split_brain",
    "stale_read",
    "work_to_dead",
];
