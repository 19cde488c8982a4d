//! The programs of this directory: which there are, their code, and what `erl` gave.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use warpbeam::code::CodeServer;
use warpbeam::code::path::CodePath;
use warpbeam::heap::parcel::Parcel;
use warpbeam::term::{Atom, Word};

pub const NAMES: &[&str] = &["b_dies", "b_event", "b_proc", "b_server", "b_statem", "b_supervisor"];

/// Where OTP 25's libraries may be.
const LIBRARIES: [&str; 2] = ["/usr/lib/erlang/lib", "/usr/local/lib/erlang/lib"];

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|root| root.join("tests/behaviours"))
        .find(|d| d.is_dir())
        .expect("the programs are in the repository")
}

/// The compiled modules of OTP 25's `stdlib` and `kernel`.
fn otp() -> Option<Vec<PathBuf>> {
    let library = |name: &str| {
        LIBRARIES.iter().filter_map(|library| std::fs::read_dir(library).ok()).flatten().find_map(|entry| {
            let path = entry.ok()?.path();
            let named = path.file_name()?.to_str()?.starts_with(name);
            (named && path.join("ebin").is_dir()).then(|| path.join("ebin"))
        })
    };
    Some(vec![library("stdlib-4.")?, library("kernel-8.")?])
}

/// Code that finds the programs and OTP; `None`, said aloud, where OTP 25 is not installed.
pub fn code() -> Option<Arc<CodeServer>> {
    let Some(otp) = otp() else {
        eprintln!("SKIPPED behaviours: OTP 25 is not installed");
        return None;
    };
    let mut places = vec![directory()];
    places.extend(otp);
    let path = CodePath::of(&places).expect("the places hold compiled modules");
    Some(Arc::new(CodeServer::new(Box::new(path))))
}

/// The arguments of `b_run:run/1`.
pub fn arguments(name: &str) -> Parcel {
    let name = Word::atom(Atom::new(name).expect("a program's name is an atom"));
    Parcel::build(|heap| heap.cons(name, Word::NIL)).expect("a list of one fits on a heap")
}

pub fn expected(name: &str) -> String {
    std::fs::read_to_string(directory().join(format!("expected/{name}.txt")))
        .expect("the answers are committed")
}

/// The lines where two answers differ.
pub fn compare(what: &str, expected: &str, found: &str) -> Vec<String> {
    let (mut ours, mut theirs) = (found.lines(), expected.lines());
    let mut wrong = Vec::new();
    loop {
        match (theirs.next(), ours.next()) {
            (None, None) => return wrong,
            (theirs, ours) if theirs == ours => {}
            (theirs, ours) => wrong.push(format!(
                "{what}:\n  erl:      {}\n  warpbeam: {}",
                theirs.unwrap_or("nothing"),
                ours.unwrap_or("nothing")
            )),
        }
    }
}
