//! Conformance: the programs in `tests/conform` give what `erl` 25 gave, on 1, 2 and 4 threads;
//! some of them compiled in other ways too (`variants`).

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test reads files and runs erl")]

use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use warpbeam::code::CodeServer;
use warpbeam::code::server::NoSource;
use warpbeam::heap::parcel::Parcel;
use warpbeam::sched::threads::{End, Ended, Entry, Options, run};
use warpbeam::term::show::show;
use warpbeam::term::{Atom, Word};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conform")
}

/// A compiled program and the file with its answer, both below `tests/conform`.
struct Program {
    beam: PathBuf,
    expected: PathBuf,
}

impl Program {
    fn name(&self) -> String {
        self.beam.display().to_string()
    }

    fn expected(&self) -> String {
        std::fs::read_to_string(directory().join(&self.expected)).expect("the answers are committed")
    }
}

fn only() -> impl Fn(&str) -> bool {
    let only = std::env::var("WARPBEAM_ONLY").unwrap_or_default();
    move |name| only.is_empty() || only.split(',').any(|o| o == name)
}

/// The programs, those of `WARPBEAM_ONLY` alone where it is set.
fn programs() -> Vec<Program> {
    let only = only();
    let mut names: Vec<String> = std::fs::read_dir(directory().join("expected"))
        .expect("the expected results are committed")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".txt").map(str::to_owned))
        .filter(|name| only(name))
        .collect();
    names.sort();
    let program = |name: String| Program {
        beam: PathBuf::from(format!("{name}.beam")),
        expected: PathBuf::from(format!("expected/{name}.txt")),
    };
    names.into_iter().map(program).collect()
}

/// Programs compiled a second time, as `variants/programs.txt` lists them.
fn variants() -> Vec<Program> {
    let only = only();
    let list = std::fs::read_to_string(directory().join("variants/programs.txt")).expect("it is committed");
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let program = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (variant, name, own) = match words[..] {
            [variant, name] => (variant, name, false),
            [variant, name, "own"] => (variant, name, true),
            _ => panic!("not a line of the list: {line}"),
        };
        only(name).then(|| Program {
            beam: PathBuf::from(format!("variants/{variant}/{name}.beam")),
            expected: PathBuf::from(if own {
                format!("variants/{variant}/{name}.txt")
            } else {
                format!("expected/{name}.txt")
            }),
        })
    };
    lines.filter_map(program).collect()
}

fn evaluate(program: &Program, threads: usize) -> String {
    let code = Arc::new(CodeServer::new(Box::new(NoSource)));
    let bytes = std::fs::read(directory().join(&program.beam)).expect("each program is compiled");
    let module = match code.load(&bytes) {
        Ok(module) => module,
        Err(error) => return format!("LOAD ERROR {error}"),
    };
    let options = Options {
        threads: NonZeroUsize::new(threads).expect("threads are counted from 1"),
        signals: false,
        output: Box::new(std::io::sink()),
        reports: Box::new(std::io::sink()),
        ..Options::default()
    };
    let entry =
        Entry { module, function: Atom::known("main"), arguments: Parcel::immediate(Word::NIL), arity: 0 };
    let ran = std::panic::catch_unwind(AssertUnwindSafe(|| run(Arc::clone(&code), entry, options)));
    let Ok(ran) = ran else { return "PANIC".to_owned() };
    match ran {
        Ok(Ended { result: Some(result), .. }) => {
            let (heap, word) = result.unpack(&code.view().literals);
            show(&heap, word)
        }
        Ok(Ended { end: End::Exited(reason), .. }) => {
            let (heap, word) = reason.unpack(&code.view().literals);
            format!("EXITED {}", show(&heap, word))
        }
        Ok(Ended { end, .. }) => format!("NO RESULT {end:?}"),
        Err(error) => format!("NOT RUN {error}"),
    }
}

/// The first place where two texts differ, with some of what is around it.
fn difference(expected: &str, found: &str) -> String {
    let at = expected.bytes().zip(found.bytes()).position(|(a, b)| a != b);
    let at = at.unwrap_or(expected.len().min(found.len()));
    let around = |text: &str| {
        let from = at.saturating_sub(120);
        let bytes = &text.as_bytes()[from..text.len().min(at + 120)];
        String::from_utf8_lossy(bytes).into_owned()
    };
    format!("at byte {at}\n  erl:      ...{}\n  warpbeam: ...{}", around(expected), around(found))
}

fn check(programs: &[Program]) {
    let mut wrong = Vec::new();
    for program in programs {
        let expected = program.expected();
        for threads in [1, 2, 4] {
            let found = evaluate(program, threads);
            if found != expected.trim_end() {
                let name = program.name();
                wrong.push(format!("{name} on {threads}: {}", difference(expected.trim_end(), &found)));
                break;
            }
        }
    }
    let right = programs.len() - wrong.len();
    assert!(wrong.is_empty(), "{right} right, {} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn programs_give_what_erl_gives() {
    check(&programs());
}

#[test]
fn programs_compiled_otherwise_give_what_erl_gives() {
    check(&variants());
}
