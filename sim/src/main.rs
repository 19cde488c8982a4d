//! The `warpbeam` program. Everything is in the library.

#![allow(clippy::disallowed_methods, reason = "the program is started with arguments")]

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(warpbeam_sim::cli::main(std::env::args_os().skip(1)))
}
