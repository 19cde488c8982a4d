//! Conformance: the programs in `tests/conform` give what `erl` 25 gave, on 1, 2 and 4 threads.

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

/// Names of the programs, those of `WARPBEAM_ONLY` alone where it is set.
fn programs() -> Vec<String> {
    let only = std::env::var("WARPBEAM_ONLY").unwrap_or_default();
    let mut names: Vec<String> = std::fs::read_dir(directory().join("expected"))
        .expect("the expected results are committed")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".txt").map(str::to_owned))
        .filter(|name| only.is_empty() || only.split(',').any(|o| o == name))
        .collect();
    names.sort();
    names
}

fn evaluate(name: &str, threads: usize) -> String {
    let code = Arc::new(CodeServer::new(Box::new(NoSource)));
    let bytes = std::fs::read(directory().join(format!("{name}.beam"))).expect("each program is compiled");
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

#[test]
fn programs_give_what_erl_gives() {
    let mut wrong = Vec::new();
    let programs = programs();
    for name in &programs {
        let expected = std::fs::read_to_string(directory().join("expected").join(format!("{name}.txt")))
            .expect("just listed");
        for threads in [1, 2, 4] {
            let found = evaluate(name, threads);
            if found != expected.trim_end() {
                wrong.push(format!("{name} on {threads}: {}", difference(expected.trim_end(), &found)));
                break;
            }
        }
    }
    let right = programs.len() - wrong.len();
    assert!(wrong.is_empty(), "{right} right, {} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
