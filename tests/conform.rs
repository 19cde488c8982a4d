//! Conformance: the programs in `tests/conform` give what `erl` 25 gave, on 1, 2 and 4 threads;
//! some of them compiled in other ways too (`variants`).

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test reads files and runs erl")]

mod programs;

use programs::{Program, check, names, only};
use std::path::{Path, PathBuf};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conform")
}

fn program(beam: &str, expected: &str) -> Program {
    let directory = directory();
    Program {
        name: beam.to_owned(),
        beam: directory.join(beam),
        calls: Vec::new(),
        expected: directory.join(expected),
    }
}

/// The programs, those of `WARPBEAM_ONLY` alone where it is set.
fn programs() -> Vec<Program> {
    let only = only();
    let names = names(&directory().join("expected"), ".txt").into_iter().filter(|name| only(name));
    names.map(|name| program(&format!("{name}.beam"), &format!("expected/{name}.txt"))).collect()
}

/// Programs compiled a second time, as `variants/programs.txt` lists them.
fn variants() -> Vec<Program> {
    let only = only();
    let list = std::fs::read_to_string(directory().join("variants/programs.txt")).expect("it is committed");
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let variant = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (variant, name, own) = match words[..] {
            [variant, name] => (variant, name, false),
            [variant, name, "own"] => (variant, name, true),
            _ => panic!("not a line of the list: {line}"),
        };
        let expected =
            if own { format!("variants/{variant}/{name}.txt") } else { format!("expected/{name}.txt") };
        only(name).then(|| program(&format!("variants/{variant}/{name}.beam"), &expected))
    };
    lines.filter_map(variant).collect()
}

#[test]
fn programs_give_what_erl_gives() {
    check(&programs(), |_| &[1, 2, 4]);
}

#[test]
fn programs_compiled_otherwise_give_what_erl_gives() {
    check(&variants(), |_| &[1, 2, 4]);
}
