//! Programs over the ring, through the command: on both rings of this machine and in the simulator, under every strategy.
//!
//! The programs are in `tests/io` and assert what they are given; they print `done`. Without an installed OTP the
//! tests say that they were skipped.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test makes files and runs commands"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

const PROGRAMS: [&str; 1] = ["io_files"];

fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a member of the workspace").join("tests/io")
}

fn has_otp() -> bool {
    let found = Command::new("erl").args(["-noshell", "-eval", "halt()."]).output().is_ok();
    if !found {
        eprintln!("SKIP: no OTP is installed");
    }
    found
}

/// Output, errors and exit status of a command.
fn warpbeam(arguments: &[&str]) -> (String, String, Option<i32>) {
    let command =
        Command::new(env!("CARGO_BIN_EXE_warpbeam")).current_dir(programs()).args(arguments).output();
    let done = command.expect("the command starts");
    let text = |bytes| String::from_utf8(bytes).expect("programs print UTF-8");
    (text(done.stdout), text(done.stderr), done.status.code())
}

#[test]
fn programs_run_on_every_ring() {
    if !has_otp() {
        return;
    }
    for ring in ["pool", "auto"] {
        let directory = std::env::temp_dir().join(format!("warpbeam-io-{ring}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(&directory).expect("a directory can be made");
        let place = directory.to_str().expect("it was made of text");
        for program in PROGRAMS {
            let beam = format!("{program}.beam");
            let (output, errors, status) = warpbeam(&["run", &beam, "--ring", ring, "--", place]);
            assert_eq!((&output[..], status), ("done\n", Some(0)), "{program} on {ring}: {errors}");
        }
        std::fs::remove_dir(&directory).expect("programs leave nothing behind");
    }
}

#[test]
fn programs_run_under_every_strategy() {
    if !has_otp() {
        return;
    }
    for program in PROGRAMS {
        let beam = format!("{program}.beam");
        for strategy in ["mix", "pos", "pctcp", "dpor", "bounded"] {
            let arguments = ["explore", &beam, "--strategy", strategy, "--runs", "200", "--", "/tmp"];
            let (output, errors, status) = warpbeam(&arguments);
            assert_eq!(status, Some(0), "{program} under {strategy}: {output} {errors}");
        }
    }
}
