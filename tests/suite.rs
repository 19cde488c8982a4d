//! The differential suite: the programs in `tests/suite` give what `erl` 25 gave, on 1, 2 and 4 threads.
//!
//! `tests/suite/record` makes them and their answers.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test reads files")]

mod programs;

use programs::{Program, check, names, only};
use std::path::{Path, PathBuf};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite")
}

fn programs() -> Vec<Program> {
    let only = only();
    let directory = directory();
    let names = names(&directory.join("expected"), ".txt").into_iter().filter(|name| only(name));
    let program = |name: String| Program {
        beam: directory.join(format!("programs/{name}.beam")),
        calls: vec![directory.join("programs/suite_kit.beam")],
        expected: directory.join(format!("expected/{name}.txt")),
        name,
    };
    names.map(program).collect()
}

/// Programs with instructions that came after OTP 25; `erl` 25 answered with what its own compiler made of them. Those
/// in `newer` are made by the script of that name, those in `otp27` are what `erlc` of OTP 27 made of `hand/*.erl`.
fn newer() -> Vec<Program> {
    let directory = directory();
    let of = |folder: &str| -> Vec<Program> {
        let program = |name: String| Program {
            beam: directory.join(format!("programs/{folder}/{name}.beam")),
            calls: vec![directory.join("programs/suite_kit.beam")],
            expected: directory.join(format!("expected/{name}.txt")),
            name: format!("{folder}/{name}"),
        };
        names(&directory.join(format!("programs/{folder}")), ".beam").into_iter().map(program).collect()
    };
    [of("newer"), of("otp27")].into_iter().flatten().collect()
}

#[test]
fn programs_of_newer_compilers_give_what_erl_gives() {
    let newer = newer();
    assert!(!newer.is_empty(), "there are some");
    check(&newer, |_| &[1, 2, 4]);
}

#[test]
fn programs_give_what_erl_gives() {
    check(&programs(), |_| &[1, 2, 4]);
}
