//! OTP's behaviours in use: the programs in `tests/behaviours` give what `erl` 25 gave, on 1, 2 and 4 threads.
//!
//! OTP's own modules are read from where OTP 25 is installed; without it nothing is tested, which is said.
//! `sim/tests/behaviours.rs` explores the same programs.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test reads files")]

mod behaviours {
    pub mod programs;
}

use behaviours::programs::{NAMES, arguments, code, compare, expected};
use std::num::NonZeroUsize;
use std::sync::Arc;
use warpbeam::code::CodeServer;
use warpbeam::sched::threads::{Ended, Entry, Options, run};
use warpbeam::term::Atom;
use warpbeam::term::show::show;

fn evaluate(code: Arc<CodeServer>, name: &str, threads: usize) -> String {
    let options = Options {
        threads: NonZeroUsize::new(threads).expect("threads are counted from 1"),
        signals: false,
        output: Box::new(std::io::sink()),
        reports: Box::new(std::io::sink()),
        ..Options::default()
    };
    let (module, function) = (Atom::known("b_run"), Atom::known("run"));
    let entry = Entry { module, function, arguments: arguments(name), arity: 1 };
    match run(Arc::clone(&code), entry, options) {
        Ok(Ended { result: Some(result), .. }) => {
            let (heap, word) = result.unpack(&code.view().literals);
            heap.list(word).map(|case| show(&heap, case) + "\n").collect()
        }
        Ok(Ended { end, .. }) => format!("NO RESULT {end:?}"),
        Err(error) => format!("NOT RUN {error}"),
    }
}

#[test]
fn behaviours_do_what_they_do_in_erl() {
    let Some(code) = code() else { return };
    let mut wrong = Vec::new();
    for name in NAMES {
        for threads in [1, 2, 4] {
            let found = evaluate(Arc::clone(&code), name, threads);
            wrong.extend(compare(&format!("{name} on {threads}"), &expected(name), &found));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
