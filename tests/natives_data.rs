//! The native functions on data against recorded answers of OTP 25.
//!
//! Each line of `tests/natives/*.txt` is a call and what it came to: `lists:reverse([1,2],[]) ==> [2,1]`, or
//! `erlang:abs(a) ==> error:badarg`. `tests/natives/record.sh` writes the right sides anew with `erl`.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test reads files and runs erl")]

mod erlang_text;

use erlang_text::{evaluate, parse};
use std::path::{Path, PathBuf};
use warpbeam::bif::Local;
use warpbeam::heap::Heap;
use warpbeam::heap::mutator::Mutator;
use warpbeam::heap::policy::Policy;
use warpbeam::process::Process;
use warpbeam::process::pid::{PathKey, Pid, Serial};

fn heap() -> Heap {
    Heap::new(Default::default(), Policy::default())
}

/// What a call comes to, as text.
fn answer(call: &str) -> String {
    let mut process = Process::new(heap(), Pid::numbered(Serial(1)), PathKey::ROOT);
    let mut heap = heap();
    let mut local = Local { m: Mutator::new(&mut heap), control: &mut process.control };
    match evaluate(&mut local, &parse(call)) {
        Ok(term) => local.m.show(term),
        Err(raised) => raised.0,
    }
}

fn tables() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/natives");
    let mut tables: Vec<PathBuf> = std::fs::read_dir(directory)
        .expect("the tables are in the repository")
        .map(|entry| entry.expect("a directory entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    tables.sort();
    tables
}

#[test]
fn natives_answer_as_recorded() {
    let mut lines = 0;
    let mut wrong = Vec::new();
    for table in tables() {
        let text = std::fs::read_to_string(&table).expect("a table is text");
        let name = table.file_name().expect("a table is a file").to_string_lossy().into_owned();
        for (number, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (call, expected) = line.split_once(" ==> ").expect("a line is a call and its answer");
            let got = answer(call);
            lines += 1;
            if got != expected {
                wrong.push(format!("{name}:{}: {call}\n  recorded {expected}\n  got      {got}", number + 1));
            }
        }
    }
    assert!(lines > 600, "the tables are there: {lines} lines");
    assert!(wrong.is_empty(), "{} of {lines} lines:\n{}", wrong.len(), wrong.join("\n"));
}
