//! `warpbeam run`: a program on real threads.

use super::args::{Arg, Args, Usage, refuse, unknown};
use super::print;
use super::program::{Given, Program};
use std::io::Write;
use std::num::NonZeroUsize;
use warpbeam::ring::start::Choice;
use warpbeam::sched::threads;

pub fn run(mut args: Args) -> Result<u8, Usage> {
    let (mut given, mut after_rest) = (Given::with(&args), false);
    let (mut threads, mut ring) = (None, Choice::Auto);
    while let Some(arg) = args.next_arg()? {
        match arg {
            Arg::Rest => after_rest = true,
            Arg::Plain(word) if after_rest => given.arguments.push(word),
            Arg::Plain(word) => given.program.push(word),
            Arg::Option(name) if name == "--threads" => threads = Some(args.threads(&name)?),
            Arg::Option(name) if name == "--ring" => ring = args.parsed(&name, Choice::parse)?,
            Arg::Option(name) => {
                if !given.option(&name, &mut args)? {
                    return unknown("run", &name);
                }
            }
        }
    }
    if given.missing {
        print(&given.missing_natives("run")?)?;
        return Ok(0);
    }
    on_threads(given.load("run")?, threads, ring)
}

/// Runs the program to its end; its exit status.
fn on_threads(program: Program, count: Option<NonZeroUsize>, ring: Choice) -> Result<u8, Usage> {
    let mut options = threads::Options { ring, ..threads::Options::default() };
    if let Some(count) = count {
        options.threads = count;
    }
    options.services = program.services.map(on_thread);
    let ended = match threads::run(program.code.clone(), on_thread(program.entry), options) {
        Ok(ended) => ended,
        Err(error) => return refuse(error.to_string()),
    };
    if let Some(why) = &ended.output_lost {
        return refuse(format!("standard output cannot be written: {why}"));
    }
    // What a process gives back to its system is one byte.
    let status = ended.status() as u8;
    if status != 0 && !program.has_otp {
        hint(program.code.source().missing());
    }
    Ok(status)
}

fn on_thread(entry: crate::world::Entry) -> threads::Entry {
    let crate::world::Entry { module, function, arguments, arity } = entry;
    threads::Entry { module, function, arguments, arity }
}

/// A program that failed looked for modules that may be OTP's.
fn hint(missing: Vec<String>) {
    if let Some(module) = missing.first() {
        // Nobody is left to tell if this fails.
        let _ = writeln!(
            std::io::stderr(),
            "warpbeam: there is no module {module}, and Erlang/OTP was not found; --otp says where it is"
        );
    }
}
