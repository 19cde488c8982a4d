//! Compiled programs run on threads: `main/0` of a module as text, and where two texts differ.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test reads files")]

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

/// A compiled program, the modules that it calls, and what it answers.
pub struct Program {
    pub name: String,
    pub beam: PathBuf,
    pub calls: Vec<PathBuf>,
    pub expected: PathBuf,
}

impl Program {
    pub fn expected(&self) -> String {
        let text = std::fs::read_to_string(&self.expected).expect("the answers are committed");
        text.trim_end().to_owned()
    }

    /// What the program comes to on so many threads.
    pub fn evaluate(&self, threads: usize) -> String {
        let code = Arc::new(CodeServer::new(Box::new(NoSource)));
        let load = |path: &Path| code.load(&std::fs::read(path).expect("each program is compiled"));
        for called in &self.calls {
            if let Err(error) = load(called) {
                return format!("LOAD ERROR {error}");
            }
        }
        let module = match load(&self.beam) {
            Ok(module) => module,
            Err(error) => return format!("LOAD ERROR {error}"),
        };
        evaluate(&code, module, threads)
    }
}

fn evaluate(code: &Arc<CodeServer>, module: Atom, threads: usize) -> String {
    let options = Options {
        threads: NonZeroUsize::new(threads).expect("threads are counted from 1"),
        signals: false,
        output: Box::new(std::io::sink()),
        reports: Box::new(std::io::sink()),
        ..Options::default()
    };
    let entry =
        Entry { module, function: Atom::known("main"), arguments: Parcel::immediate(Word::NIL), arity: 0 };
    let ran = std::panic::catch_unwind(AssertUnwindSafe(|| run(Arc::clone(code), entry, options)));
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

/// Leaves what a program answered where a developer can compare it.
fn keep(name: &str, found: &str) {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("found");
    std::fs::create_dir_all(&directory).expect("the target directory can be written");
    let file = directory.join(format!("{}.txt", name.replace('/', "_")));
    std::fs::write(file, found).expect("the target directory can be written");
}

/// Checks each program on the numbers of threads that `threads` gives for its position.
pub fn check(programs: &[Program], threads: impl Fn(usize) -> &'static [usize]) {
    let mut wrong = Vec::new();
    for (i, program) in programs.iter().enumerate() {
        let expected = program.expected();
        for &threads in threads(i) {
            let found = program.evaluate(threads);
            if found != expected {
                keep(&program.name, &found);
                wrong.push(format!("{} on {threads}: {}", program.name, difference(&expected, &found)));
                break;
            }
        }
    }
    let right = programs.len() - wrong.len();
    assert!(wrong.is_empty(), "{right} right, {} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Whether `WARPBEAM_ONLY`, where it is set, has a name.
pub fn only() -> impl Fn(&str) -> bool {
    let only = std::env::var("WARPBEAM_ONLY").unwrap_or_default();
    move |name| only.is_empty() || only.split(',').any(|o| o == name)
}

/// The names of the files in a directory that end so, sorted, without the ending.
pub fn names(directory: &Path, ending: &str) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(directory)
        .expect("the directory is committed")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(ending).map(str::to_owned))
        .collect();
    names.sort();
    names
}
