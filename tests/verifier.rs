//! The verifier takes all code that compilers write: every module in this repository, of the installed OTP and of the
//! installed Elixir loads. Says SKIP where one is not installed.

#![allow(clippy::disallowed_methods, reason = "a test reads files")]

use std::path::{Path, PathBuf};
use warpbeam::code::transform;

/// The `.beam` files below a directory, sorted.
fn modules(directory: &Path) -> Vec<PathBuf> {
    let (mut found, mut pending) = (Vec::new(), vec![directory.to_path_buf()]);
    while let Some(directory) = pending.pop() {
        let Ok(entries) = std::fs::read_dir(directory) else { continue };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.is_dir() && !path.is_symlink() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "beam") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Loads all; what was refused, and how many there are.
fn refusals(directory: &Path) -> (Vec<String>, usize) {
    let modules = modules(directory);
    let refusal = |path: &PathBuf| {
        let bytes = std::fs::read(path).expect("a module can be read");
        transform::load(&bytes, 0).err().map(|error| format!("{}: {error}", path.display()))
    };
    (modules.iter().filter_map(refusal).collect(), modules.len())
}

#[test]
fn our_own_modules_load() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for directory in ["boot", "benches", "examples", "tests", "corpus"] {
        let (refused, count) = refusals(&root.join(directory));
        assert!(refused.is_empty(), "{refused:#?}");
        assert!(count > 0 || directory == "corpus", "{directory} has modules");
    }
}

#[test]
fn installed_libraries_load() {
    for directory in ["/usr/lib/erlang/lib", "/usr/lib/elixir/lib"] {
        let (refused, count) = refusals(Path::new(directory));
        assert!(refused.is_empty(), "{} of {count}: {:#?}", refused.len(), &refused[..refused.len().min(40)]);
        match count {
            0 => eprintln!("SKIP: there are no modules in {directory}"),
            count => eprintln!("{count} modules of {directory} load"),
        }
    }
}
