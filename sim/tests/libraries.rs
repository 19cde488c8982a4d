//! Libraries of OTP beside `kernel` and `stdlib`, as they are installed: programs over its database, its web server and client, and its hashes
//! print what they print in `erl` 25, and exploration finds the race of writes without a transaction, and none with them.
//!
//! The programs are in `tests/libraries`, beside each what it prints. Where a library is not installed, the test says that it was
//! skipped.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test reads files and runs commands"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/libraries")
}

/// Whether OTP has a module. If not, that is said aloud.
fn has(module: &str) -> bool {
    let script = format!("io:put_chars(atom_to_list(is_list(code:which({module})))), halt().");
    let asked = Command::new("erl").args(["-noshell", "-eval", &script]).output();
    let has = asked.is_ok_and(|answer| answer.stdout == b"true");
    if !has {
        eprintln!("SKIP: OTP has no {module}");
    }
    has
}

fn warpbeam(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_warpbeam"));
    command.current_dir(programs()).args(arguments).output().expect("the command starts")
}

fn prints_as_in_erl(name: &str) {
    let ran = warpbeam(&["run", &format!("{name}.beam")]);
    let expected = std::fs::read_to_string(programs().join(format!("{name}.txt"))).expect("it is committed");
    assert_eq!(String::from_utf8_lossy(&ran.stdout), expected, "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{:?}", ran.status);
}

#[test]
fn transactions_print_what_they_print_in_erl() {
    if has("mnesia") {
        prints_as_in_erl("l_mnesia");
    }
}

#[test]
fn web_pages_are_served_and_asked_for_as_in_erl() {
    if has("httpd") {
        prints_as_in_erl("l_inets");
    }
}

#[test]
fn hashes_are_those_of_erl() {
    if has("crypto") {
        prints_as_in_erl("l_crypto");
    }
}

#[test]
fn writes_without_a_transaction_race_and_transactions_do_not() {
    if !has("mnesia") {
        return;
    }
    let out = concat!(env!("CARGO_TARGET_TMPDIR"), "/libraries");
    let explored = |function, runs| {
        let done = warpbeam(&["explore", "l_mnesia.beam", "-f", function, "--runs", runs, "--out", out]);
        (done.status.code(), String::from_utf8_lossy(&done.stdout).into_owned())
    };
    let (status, found) = explored("race", "200");
    assert_eq!(status, Some(1), "{found}");
    assert!(found.contains("writes key 1 of table account"), "{found}");
    let (status, found) = explored("transactions", "100");
    assert_eq!(status, Some(0), "{found}");
}
