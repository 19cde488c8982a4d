//! What has to run beside a program: the services that what it could reach needs, found by reading its code.
//!
//! Invariant: too much is started rather than too little. A program that starts applications by name may need anything; the
//! modules of other libraries are read as the program's own are. `kernel`, `stdlib`, the compiler and Elixir's libraries are
//! not read: tables here say what they need.

use super::reach::{GLOBAL, Name, Walk};
use crate::code::Source;
use crate::term::Atom;

/// What has to run beside a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Services {
    pub level: Level,
    /// `global_name_server`.
    pub global: bool,
}

/// Each with those before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    Nothing,
    /// Standard input and output, and `init`.
    InputOutput,
    /// The logger and the application controller.
    All,
    /// OTP's file server.
    Files,
    /// `inet_db`.
    Sockets,
    /// Elixir's applications `elixir` and `logger`.
    Elixir,
}

impl Services {
    pub const NOTHING: Services = Services { level: Level::Nothing, global: false };

    const fn of(level: Level) -> Services {
        Services { level, global: false }
    }

    /// These and those.
    pub fn and(self, other: Services) -> Services {
        Services { level: self.level.max(other.level), global: self.global || other.global }
    }
}

/// Modules that need standard input and output, or `init`.
const INPUT_OUTPUT: &[&str] = &["init", "io", "user"];

/// Modules that need the logger or the application controller too.
const SERVED: &[&str] = &[
    "application",
    "application_controller",
    "error_logger",
    "gen",
    "gen_event",
    "gen_fsm",
    "gen_server",
    "gen_statem",
    "logger",
    "pg",
    "proc_lib",
    "supervisor",
    "supervisor_bridge",
    "sys",
    "user",
];

/// Functions of `application` that start one, of whose needs nothing can be seen here.
const STARTERS: &[&str] = &["ensure_all_started", "ensure_started", "start", "start_boot"];

/// Modules that need the file server.
const FILED: &[&str] = &[
    "beam_lib",
    "c",
    "compile",
    "dets",
    "disk_log",
    "epp",
    "erl_tar",
    "file",
    "file_io_server",
    "file_server",
    "file_sorter",
    "filelib",
    "inet_parse",
    "zip",
];

/// Modules that need sockets. Others reach `inet` by data alone.
const SOCKETS: &[&str] = &[
    "gen_tcp",
    "gen_udp",
    "httpc",
    "httpd",
    "inet",
    "inet_db",
    "inet_res",
    "inets",
    "net_adm",
    "prim_inet",
    "ssl",
];

/// Functions of `ets` that read and write files.
const FILES_OF_TABLES: &[&str] = &["file2tab", "tab2file", "tabfile_info"];

/// Modules that call what data says.
const EVALUATORS: &[&str] = &["erl_eval", "rpc", "shell"];

/// Functions of `timer` that need no server.
const PLAIN_TIMER: &[&str] = &["sleep", "tc", "now_diff", "seconds", "minutes", "hours", "hms"];

/// Applications whose modules are not read.
const KNOWN: &[&str] = &["compiler", "erts", "kernel", "stdlib"];

fn needed_by((module, function, _): &Name) -> Services {
    let timed = module == "timer" && !PLAIN_TIMER.contains(&function.as_str());
    if module.starts_with("Elixir.") {
        Services::of(Level::Elixir)
    } else if module == GLOBAL
        || EVALUATORS.contains(&module.as_str())
        || module == "application" && STARTERS.contains(&function.as_str())
    {
        Services { level: Level::Sockets, global: true }
    } else if SOCKETS.contains(&module.as_str()) {
        Services::of(Level::Sockets)
    } else if FILED.contains(&module.as_str())
        || module == "ets" && FILES_OF_TABLES.contains(&function.as_str())
        || module == "filename" && function == "absname"
    {
        Services::of(Level::Files)
    } else if SERVED.contains(&module.as_str()) || timed {
        Services::of(Level::All)
    } else if INPUT_OUTPUT.contains(&module.as_str()) {
        Services::of(Level::InputOutput)
    } else {
        Services::NOTHING
    }
}

/// What the program that begins in this module needs, as far as what it could reach says.
pub fn services(source: &dyn Source, entry: Atom) -> Services {
    let mut needed = Services::NOTHING;
    let mut walk = Walk::new(source);
    walk.enter_module(entry.text());
    while let Some((name, _)) = walk.next() {
        let by_name = needed_by(&name);
        if source.is_program(&name.0) || by_name == Services::NOTHING && is_of_library(source, &name.0) {
            walk.enter(&name);
            let globally = walk.code_of(&name.0).is_some_and(|parsed| parsed.names_globally(&name));
            // As it is for `global` itself.
            needed = needed.and(Services {
                level: if globally { Level::Sockets } else { Level::Nothing },
                global: globally,
            });
        } else {
            needed = needed.and(by_name);
        }
    }
    needed
}

/// Whether a module belongs to another library than those that the tables know. Its file lies in `NAME-VERSION/ebin`.
pub fn is_of_library(source: &dyn Source, module: &str) -> bool {
    if source.is_program(module) {
        return false;
    }
    let Some(file) = source.file_of(module) else { return false };
    let application = file.rsplit('/').nth(2).unwrap_or("");
    let name = application.split_once('-').map_or(application, |(name, _)| name);
    !KNOWN.contains(&name) && !module.starts_with("elixir")
}
