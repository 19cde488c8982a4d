//! House rules that the compiler does not check, each with the file that breaks it.
//!
//! `ARCHITECTURE.md` says why: layers, the four doors, the short list of files with `unsafe`. Files are taken in
//! order of their names, so that the message is the same everywhere.

#![allow(clippy::disallowed_methods, reason = "a test reads files")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Lines that a file may have; tables are exempt.
const LINES_MAX: usize = 1000;
const TABLES: [&str; 2] = ["src/code/op.rs", "src/term/atom.rs"];

/// The real doors: files that may use what `clippy.toml` bans, beside tests and benches.
const DOORS: [&str; 24] = [
    "sim/src/campaign.rs",
    "sim/src/check/mod.rs",
    "sim/src/cli/corpus.rs",
    "sim/src/cli/explore.rs",
    "sim/src/cli/merge.rs",
    "sim/src/cli/progress.rs",
    "sim/src/cli/replay.rs",
    "sim/src/cli/verdict.rs",
    "sim/src/journal/mod.rs",
    "sim/src/kernel/preloaded.rs",
    "sim/src/main.rs",
    "src/code/file.rs",
    "src/code/path.rs",
    "src/otp/find.rs",
    "src/otp/project.rs",
    "src/ring/pool/epoll.rs",
    "src/ring/pool/mod.rs",
    "src/ring/pool/sys.rs",
    "src/sched/threads.rs",
    "src/term/atom.rs",
    "src/time/os.rs",
    "src/world/concurrent/entropy.rs",
    "src/world/concurrent/environment.rs",
    "src/world/concurrent/input.rs",
];

struct File {
    /// From the root, with `/` between the parts.
    path: String,
    text: String,
}

impl File {
    /// Whether the path lies under one of these directories.
    fn under(&self, directories: &[&str]) -> bool {
        directories.iter().any(|d| self.path.starts_with(&format!("{d}/")))
    }

    /// Lines that are not comments, with their numbers.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let numbered = self.text.lines().enumerate().map(|(i, line)| (i + 1, line));
        numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the repository but what is built or belongs to git, sorted.
fn all_paths() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![root().to_path_buf()];
    while let Some(directory) = pending.pop() {
        for entry in std::fs::read_dir(&directory).expect("the repository can be read") {
            let path = entry.expect("the repository can be read").path();
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
            if path.is_dir() {
                if !name.starts_with("target") && name != ".git" {
                    pending.push(path);
                }
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn from_root(path: &Path) -> String {
    let inside = path.strip_prefix(root()).expect("the file is in the repository");
    inside.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The Rust files.
fn sources() -> Vec<File> {
    let rust = all_paths().into_iter().filter(|p| p.extension().is_some_and(|e| e == "rs"));
    rust.map(|p| File { path: from_root(&p), text: std::fs::read_to_string(&p).expect("source is text") })
        .collect()
}

/// Fails with one line for each breach.
fn none(rule: &str, breaches: Vec<String>) {
    assert!(breaches.is_empty(), "{rule}:\n  {}", breaches.join("\n  "));
}

/// The lines of code in which `breaks` finds something, as `file:line: what`.
fn breaches<'f>(
    files: impl IntoIterator<Item = &'f File>,
    breaks: impl Fn(&str) -> Option<&'static str>,
) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        for (number, line) in file.code() {
            if let Some(what) = breaks(line) {
                found.push(format!("{}:{number}: {what}", file.path));
            }
        }
    }
    found
}

/// Whether `line` has `word` with nothing before or after it that could be part of a name.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(part) && !line[at + word.len()..].starts_with(part))
}

#[test]
fn the_runtime_never_names_the_simulator() {
    let files = sources();
    let runtime = files.iter().filter(|f| f.under(&["src"]));
    let names = |line: &str| line.contains("warpbeam_sim").then_some("warpbeam_sim");
    none("src/ is the runtime and knows nothing of sim/", breaches(runtime, names));
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("there is a manifest");
    let depends = manifest.lines().any(|line| line.trim_start().starts_with("warpbeam-sim"));
    assert!(!depends, "Cargo.toml: the runtime must not depend on warpbeam-sim");
}

#[test]
fn files_with_unsafe_are_those_that_the_architecture_lists() {
    let page = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("there is an ARCHITECTURE.md");
    let section = page.split("\n## `unsafe`\n").nth(1).expect("ARCHITECTURE.md has a section `unsafe`");
    let section = section.split("\n## ").next().expect("a split has a first part");
    let listed: BTreeSet<String> =
        section.split('`').filter(|w| w.ends_with(".rs")).map(str::to_string).collect();
    let files = sources();
    let uses = |f: &&File| f.code().any(|(_, line)| has_word(line, "unsafe") && !line.contains('"'));
    let using: BTreeSet<String> = files
        .iter()
        .filter(|f| f.under(&["src", "sim", "benches"]))
        .filter(uses)
        .map(|f| f.path.clone())
        .collect();
    assert_eq!(using, listed, "files with `unsafe` (left) and ARCHITECTURE.md's list (right) differ");
}

#[test]
fn every_file_says_what_it_is() {
    let silent = |f: &File| (!f.text.starts_with("//! ")).then(|| f.path.clone());
    none(
        "a file opens with `//!`: what it is, and its invariant",
        sources().iter().filter_map(silent).collect(),
    );
}

#[test]
fn files_are_short() {
    let long = |f: &File| {
        let lines = f.text.lines().count();
        (lines > LINES_MAX && !TABLES.contains(&f.path.as_str())).then(|| format!("{}: {lines}", f.path))
    };
    none("a file has 1000 lines at most", sources().iter().filter_map(long).collect());
}

#[test]
fn nothing_is_left_undone() {
    // In two parts, so that this file does not find itself.
    const MARKS: [(&str, &str); 8] = [
        ("todo", "!"),
        ("unimplemented", "!"),
        ("dbg", "!"),
        ("#[ign", "ore"),
        ("TO", "DO"),
        ("FIX", "ME"),
        ("XX", "X"),
        ("HA", "CK"),
    ];
    let mut found = Vec::new();
    for file in sources() {
        for (i, line) in file.text.lines().enumerate() {
            for (a, b) in MARKS {
                let mark = format!("{a}{b}");
                if has_word(line, &mark) {
                    found.push(format!("{}:{}: {mark}", file.path, i + 1));
                }
            }
        }
    }
    none("work is done or not begun", found);
}

#[test]
fn snapshots_lie_together() {
    let stray = |p: PathBuf| {
        let path = from_root(&p);
        let snapshot = path.ends_with(".snap") || path.ends_with(".snap.new");
        (snapshot && !(path.starts_with("snapshots/") && path.ends_with(".snap"))).then_some(path)
    };
    none("accepted snapshots are in snapshots/", all_paths().into_iter().filter_map(stray).collect());
}

#[test]
fn nothing_hashes_at_random() {
    let files = sources();
    let product = files.iter().filter(|f| f.under(&["src", "sim/src"]) && f.path != "src/term/atom.rs");
    let random = |line: &str| {
        let names =
            ["std::collections::HashMap", "std::collections::HashSet", "RandomState", "DefaultHasher"];
        let imported = line.contains("std::collections::{") && has_word(line, "HashMap");
        names.into_iter().find(|n| line.contains(n)).or(imported.then_some("HashMap"))
    };
    none("hashing at random makes runs differ: use FixedMap, BTreeMap or Vec", breaches(product, random));
}

#[test]
fn only_doors_pass_the_bans() {
    let files = sources();
    let product = files.iter().filter(|f| f.under(&["src", "sim/src"]) && !DOORS.contains(&f.path.as_str()));
    let allows = |line: &str| {
        let banned = ["clippy::disallowed_methods", "clippy::disallowed_types"];
        banned.into_iter().find(|ban| line.contains(ban))
    };
    none(
        "a file that is no door lifts a ban of clippy.toml (tests/tidy.rs lists the doors)",
        breaches(product, allows),
    );
    let lifts = |door: &str| files.iter().any(|f| f.path == door && f.text.contains("clippy::disallowed_"));
    none(
        "a door of the list lifts no ban",
        DOORS.iter().filter(|d| !lifts(d)).map(|d| d.to_string()).collect(),
    );
}

/// The doors as ARCHITECTURE.md has them: the clock is a trait; scheduling and entropy are methods of `World`.
#[test]
fn the_doors_are_there() {
    const WHERE: [(&str, &str); 4] = [
        ("src/time/mod.rs", "pub trait Clock"),
        ("src/world/mod.rs", "pub trait World"),
        ("src/world/mod.rs", "fn permit("),
        ("src/world/mod.rs", "fn entropy("),
    ];
    let files = sources();
    let missing = |(path, what): (&str, &str)| {
        let there = files.iter().any(|f| f.path == path && f.code().any(|(_, line)| line.contains(what)));
        (!there).then(|| format!("{path}: {what}"))
    };
    none("a door is gone", WHERE.into_iter().filter_map(missing).collect());
}
