//! The corpus: schedules of the examples' bugs replay to what they say, and seeds of the fuzz targets are as harmless as
//! they were when they were kept.
//!
//! `corpus/schedules/make` writes the schedules, where a run's digest changes on purpose.

#![allow(clippy::disallowed_methods, reason = "reads the corpus")]

mod support;

use std::path::{Path, PathBuf};
use support::Program;
use warpbeam::code::beam::{BeamFile, Limits};
use warpbeam_sim::records::scenes::{DESCRIPTORS, PRESSURE, SIGNALS, Stage};
use warpbeam_sim::runner::violation_of;
use warpbeam_sim::schedule::read;

/// The files of a directory of the corpus, sorted.
fn files(directory: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus").join(directory);
    let entries = std::fs::read_dir(&directory).expect("the corpus is there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    files.retain(|file| file.file_name().is_some_and(|name| name != "make"));
    files.sort();
    assert!(!files.is_empty(), "{}", directory.display());
    files
}

fn bytes(file: &Path) -> Vec<u8> {
    std::fs::read(file).expect("a file of the corpus can be read")
}

#[test]
fn schedules_replay_to_what_they_say() {
    for file in files("schedules") {
        let about = file.display();
        let schedule = read::parse(&bytes(&file)).unwrap_or_else(|error| panic!("{about}: {error}"));
        let program = Program::example(&schedule.entry.module);
        let mut runner = program.runner(&schedule.settings);
        let (outcome, _, divergence) = runner.replay(&schedule.deviations);
        assert_eq!(divergence, None, "{about}");
        let verdict = schedule.verdict.as_ref().unwrap_or_else(|| panic!("{about}: no verdict"));
        let fingerprint = violation_of(&outcome).map(|violation| violation.fingerprint.as_str());
        assert_eq!(fingerprint, Some(verdict.fingerprint.as_str()), "{about}");
        assert_eq!(outcome.digest.to_string(), schedule.digest, "{about}");
    }
}

#[test]
fn whole_programs_are_clean() {
    let mut stage = Stage::default();
    for (target, scenes) in [("signals", SIGNALS), ("pressure", PRESSURE), ("descriptors", DESCRIPTORS)] {
        for file in files(&format!("fuzz/{target}")) {
            let played = stage.play(&bytes(&file), scenes.clone(), None);
            assert!(
                played.is_known && played.violation.is_none(),
                "{}: {:?}",
                file.display(),
                played.violation
            );
        }
    }
}

#[test]
fn parsers_take_or_refuse() {
    for file in files("fuzz/beam_load") {
        let _ = BeamFile::parse(&bytes(&file), &Limits::default());
    }
    for file in files("fuzz/schedule") {
        let _ = read::parse(&bytes(&file));
    }
}
