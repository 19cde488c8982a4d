//! `warpbeam run`: a program on real threads.

use super::args::{Arg, Args, Usage, refuse, unknown};
use super::program::{Given, Program};
use std::num::NonZeroUsize;
use warpbeam::sched::threads;

pub fn run(mut args: Args) -> Result<u8, Usage> {
    let (mut given, mut threads, mut after_rest) = (Given::default(), None, false);
    while let Some(arg) = args.next_arg()? {
        match arg {
            Arg::Rest => after_rest = true,
            Arg::Plain(word) if after_rest => given.arguments.push(word),
            Arg::Plain(word) => given.program.push(word),
            Arg::Option(name) => match name.as_str() {
                "-m" => given.module = Some(args.value(&name)?),
                "-f" => given.function = Some(args.value(&name)?),
                "--threads" => threads = Some(args.number::<NonZeroUsize>(&name)?),
                _ => return unknown("run", &name),
            },
        }
    }
    on_threads(given.load("run")?, threads)
}

/// Runs the program to its end; its exit status.
fn on_threads(program: Program, count: Option<NonZeroUsize>) -> Result<u8, Usage> {
    let mut options = threads::Options::default();
    if let Some(count) = count {
        options.threads = count;
    }
    let crate::world::Entry { module, function, arguments, arity } = program.entry;
    let entry = threads::Entry { module, function, arguments, arity };
    match threads::run(program.code, entry, options) {
        // What a process gives back to its system is one byte.
        Ok(ended) => Ok(ended.status() as u8),
        Err(error) => refuse(error.to_string()),
    }
}
