//! What the tests of the simulator share: compiled programs to run.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use warpbeam::code::CodeServer;
use warpbeam::code::path::CodePath;
use warpbeam::heap::parcel::Parcel;
use warpbeam::native::{Natives, WithNatives};
use warpbeam::term::{Atom, Word};
use warpbeam_sim::campaign::{self, Plan, Progress, Report};
use warpbeam_sim::cli::args::{Arg, Args};
use warpbeam_sim::cli::program::Given;
use warpbeam_sim::cli::settings::option as option_of;
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
    /// The call that starts OTP's services, where it needs them.
    pub services: Option<Entry>,
}

impl Program {
    pub fn example(name: &str) -> Program {
        Program::compiled(examples().join(format!("{name}.beam")))
    }

    /// An example over OTP's libraries; without them nothing, said aloud.
    pub fn over_libraries(name: &str) -> Option<Program> {
        Program::loaded(&[examples().join(format!("{name}.beam"))], None)
    }

    /// The first module's function of this name, or `main`, over OTP's libraries and services.
    pub fn loaded(beams: &[PathBuf], function: Option<&str>) -> Option<Program> {
        let program = beams.iter().map(|beam| beam.to_str().expect("the path is text").to_string()).collect();
        let given = Given { program, function: function.map(str::to_owned), ..Given::default() };
        let program = given.load("explore").expect("the program can be loaded");
        if !program.has_otp {
            eprintln!("SKIP {:?}: no OTP is installed", program.entry.module);
            return None;
        }
        Some(Program { code: program.code, entry: program.entry, services: program.services })
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
        Program { code, entry: Entry { module, function, arguments, arity: 0 }, services: None }
    }

    /// A call of a function in Rust without arguments.
    pub fn of_natives(natives: Natives, module: &str, function: &str) -> Program {
        let code = Arc::new(CodeServer::new(Box::new(WithNatives::new(natives, CodePath::default()))));
        let [module, function] = [module, function].map(|name| Atom::new(name).expect("a short name"));
        code.ensure_loaded(module).expect("the functions are there");
        let arguments = Parcel::immediate(Word::NIL);
        Program { code, entry: Entry { module, function, arguments, arity: 0 }, services: None }
    }

    pub fn runner(&self, settings: &Settings) -> Runner {
        let (code, entry, services) = (Arc::clone(&self.code), self.entry.clone(), self.services.clone());
        Runner::with_services(code, entry, services, settings.clone())
    }

    pub fn campaign(&self, plan: &Plan, settings: &Settings) -> Report {
        campaign::run(plan, &Progress::default(), &|| self.runner(settings))
    }
}

pub fn plan(seed: u64, runs: u64) -> Plan {
    let strategy = StrategyKind::Auto;
    Plan {
        strategy,
        seed,
        runs: Some(runs),
        threads: 1,
        shard: (0, 1),
        keep_going: false,
        focus: None,
        corpus: Vec::new(),
    }
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

/// Those that have a bug in how they use files and sockets. Most need OTP's libraries: `examples/flags`.
pub const IO_BUGS: [&str; 8] = [
    "accept_leak",
    "dropped_socket",
    "early_ack",
    "handover",
    "lent_file",
    "once_close",
    "short_read",
    "takeover",
];

/// The rest of an example's line in `examples/flags`: whether it needs OTP's libraries, and its settings.
pub fn flags(name: &str, settings: &mut Settings) -> bool {
    let text = include_str!("../../../examples/flags");
    let name = name.strip_suffix("_fixed").unwrap_or(name);
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).unwrap_or("");
    let (libraries, flags) = match line.strip_prefix("libraries") {
        Some(flags) => (true, flags),
        None => (false, line),
    };
    let words = flags.split_whitespace().map(OsString::from);
    let mut args = Args::new(words, Natives::new()).expect("flags are text");
    while let Some(Arg::Option(option)) = args.next_arg().expect("flags are written as on the command line") {
        assert!(option_of(settings, &option, &mut args).expect("it has its value"), "{option} is a setting");
    }
    libraries
}
