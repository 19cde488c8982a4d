//! The command line: `warpbeam run | explore | replay | shrink | merge`.
//!
//! Invariant: exit status 0 means that nothing was found (or the run ended normally), 1 that something was, 2
//! that usage or input was bad, with one sentence on standard error. Output is the same bytes for the same
//! command, but for figures of time.

pub mod args;
mod corpus;
mod explore;
mod merge;
pub mod program;
mod progress;
mod replay;
mod run;
pub mod settings;
mod shrink;
mod totals;
pub(crate) mod verdict;

use args::{Arg, Args, Usage, refuse};
use std::ffi::OsString;
use std::io::Write;
use warpbeam::native::Natives;

const HELP: &str = "\
warpbeam runs BEAM programs: from a seed in a deterministic simulator, or on real threads.

usage:
  warpbeam run     PROGRAM... [-m MOD] [-f FUN] [--threads N] [--ring uring|pool] [-- ARGS]
  warpbeam explore PROGRAM... [-m MOD] [-f FUN] [options] [-- ARGS]
  warpbeam replay  SCHEDULE [--trace text|json] [--json] [--schedule FILE] [--records FILE]
  warpbeam shrink  SCHEDULE [--out FILE]
  warpbeam merge   DIR... [--out DIR] [--corpus DIR] [--json]
  warpbeam help

PROGRAM is a .beam file or a directory of them. A run begins with MOD:FUN() (by default the first
file's module and `main`), or with MOD:FUN(ARGS), where ARGS is a list of strings.

of all commands:
  --otp DIR            where Erlang/OTP is installed (default: found by itself), or none
of run and explore:
  --services WHEN      auto (default), on or off: the logger, an I/O server, the application controller
  --missing            list the native functions that the program could reach and that there are none of

options of explore:
  --strategy NAME      auto (default), random, pct, pct:DEPTH, pctcp, pos, surw, coverage, mix, bounded or dpor
  --focus NAME         what surw looks at: a process (main.1), a registered name or a named table
  --runs N             runs at most (default 100000)
  --seed S             seed of the choices (default 1)
  --for TIME           stop after a time such as 60s, 5m, 500ms
  --gc PLAN            normal, every-safepoint or every-N
  --delivery MODE      causal (as on one node) or pairwise (as between nodes)
  --must-end           a run that is cut and does not end then either, fairly, is a violation
  --sometimes WHAT     report (default) or fail: claims that no run met
  --time MODE          budget, idle or free; --time-budget MS (default 200)
  --deadlock SCOPE     entry or any        --crash SCOPE  entry or any
  --steps N            visible operations at most in a run (default 100000)
  --files DIR          what is in DIR, as /files, for the program to read and change in memory
  --memory WORDS       words that all heaps together may hold
  --settle MS          virtual time for the others after the entry process has ended (default 1000)
  --hosts LIST         addresses, each of a simulated host (3: 10.0.0.1,10.0.0.2,10.0.0.3); a socket is where it is bound
  --faults LIST        what may go wrong with I/O: all, none, or some of eintr, short, eio, enospc, emfile, econnreset,
                       econnrefused, slow, crash, loss, reorder, between hosts delay, drop, partition (of one host
                       from all), cut (of one link), cut-out, cut-in (of one way of a link, as the sender
                       sees it), with commas between (default none)
  --fault-rate N       with so many of a million operations something goes wrong (default: drawn for each run)
  --after-crash F      the function that is called after a crash (default: the one that the run began with)
  --livelock N         calls without a visible operation that count as livelock
  --shard I/N          do the I-th of N equal parts (from 0); auto and coverage learn from their own part alone
  --threads N          runs at the same time (default one for each processor)
  --keep-going         do not stop at the first violation
  --no-shrink          report violations as they were found
  --out DIR            where schedules are written (default schedules)
  --campaign DIR       keep a journal in DIR: the same command goes on from there
  --corpus DIR         of auto and coverage: begin with the runs that are kept in DIR, keep there what is new
  --json               one JSON object a line

exit status: 0 nothing found, 1 a violation found or the program failed, 2 bad usage or bad input
";

/// Does what the command line says; the exit status.
pub fn main(words: impl Iterator<Item = OsString>) -> u8 {
    main_with(Natives::new(), words)
}

/// The same for a program that has functions in Rust: its own `main` calls this.
pub fn main_with(natives: Natives, words: impl Iterator<Item = OsString>) -> u8 {
    // Out of memory is no bug of the program that was looked at.
    let _ = warpbeam::sched::signals::end_aborts_with(2);
    match command(natives, words) {
        Ok(status) => status,
        Err(Usage(sentence)) => {
            // Nobody is left to tell if this fails.
            let _ = writeln!(std::io::stderr(), "warpbeam: {sentence}");
            2
        }
    }
}

fn command(natives: Natives, words: impl Iterator<Item = OsString>) -> Result<u8, Usage> {
    let mut args = Args::new(words, natives)?;
    if args.ask_for_help() {
        return help();
    }
    match args.next_arg()? {
        Some(Arg::Plain(name)) => match name.as_str() {
            "run" => run::run(args),
            "explore" => explore::explore(args),
            "replay" => replay::replay(args),
            "shrink" => shrink::shrink(args),
            "merge" => merge::merge(args),
            "help" => help(),
            _ => refuse(format!("there is no command `{name}`; `warpbeam help` lists them")),
        },
        Some(Arg::Option(option)) if option == "--version" || option == "-V" => {
            print(&format!("warpbeam {}\n", env!("CARGO_PKG_VERSION")))?;
            Ok(0)
        }
        Some(Arg::Option(option)) => refuse(format!("{option} comes after a command; see `warpbeam help`")),
        Some(Arg::Rest) | None => refuse("a command is needed; `warpbeam help` lists them"),
    }
}

fn help() -> Result<u8, Usage> {
    print(HELP)?;
    Ok(0)
}

/// Tells the user something that changes nothing.
fn warn(sentence: &str) {
    // Nobody is left to tell if this fails.
    let _ = writeln!(std::io::stderr(), "warpbeam: {sentence}");
}

/// Writes to standard output. A reader that has gone away is no error of ours.
fn print(text: &str) -> Result<(), Usage> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            refuse(format!("standard output cannot be written: {e}"))
        }
        _ => Ok(()),
    }
}
