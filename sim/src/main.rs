//! The `warpbeam` program. Everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(warpbeam_sim::cli::main(std::env::args_os().skip(1)))
}
