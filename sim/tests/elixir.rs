//! Elixir: programs that `elixirc` compiles here, over Elixir's own unmodified libraries as they are installed.
//!
//! A tour of the libraries writes what it writes under `elixir`, on threads and in the simulator; two races are found, and
//! their corrected twins stay clean. Without Elixir there is nothing to run, and the test says so.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test starts compilers")]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::plan;
use warpbeam::heap::policy::GcPlan;
use warpbeam_sim::campaign::{self, Progress, Report};
use warpbeam_sim::choice::Chooser;
use warpbeam_sim::cli::program::{Given, Program};
use warpbeam_sim::explore::dull::Dull;
use warpbeam_sim::explore::random::Random;
use warpbeam_sim::explore::replay::Repeat;
use warpbeam_sim::oracle::Oracle;
use warpbeam_sim::shrink::shrink;
use warpbeam_sim::world::settings::{Settings, TimeMode};

/// Programs with a race, and with how many runs and decisions it may take to show it.
const RACES: [(&str, u64, usize); 2] = [("Stock", 50, 1), ("Shop", 50, 1)];

const CLEAN_RUNS: u64 = 2000;

/// The directory of the compiled programs, or a line that says why there is none.
fn compiled(purpose: &str) -> Option<PathBuf> {
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("elixir_{purpose}"));
    std::fs::create_dir_all(&out).expect("the build's own directory can be written");
    let sources = support::examples().join("elixir");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&sources)
        .expect("the sources are there")
        .map(|entry| entry.expect("the sources can be listed").path())
        .filter(|file| file.extension().is_some_and(|e| e == "ex"))
        .collect();
    files.sort();
    let Ok(status) = Command::new("elixirc").arg("-o").arg(&out).args(&files).status() else {
        println!("SKIP programs in Elixir: there is no elixirc");
        return None;
    };
    assert!(status.success(), "elixirc refuses {}", sources.display());
    Some(out)
}

fn program(directory: &Path, module: &str) -> Program {
    let program = vec![directory.display().to_string()];
    let given = Given { program, module: Some(module.to_string()), ..Given::default() };
    let loaded = given.load("explore").map_err(|usage| usage.0);
    loaded.unwrap_or_else(|why| panic!("{module}: {why}"))
}

fn output_of(command: &mut Command) -> String {
    let output = command.stderr(Stdio::inherit()).output().expect("the program starts");
    assert!(output.status.success(), "{command:?} ends with {}", output.status);
    String::from_utf8(output.stdout).expect("the output is text")
}

/// Where they differ, with the lines' numbers.
fn compare(name: &str, expected: &str, found: &str) {
    let pairs = expected.lines().map(Some).chain(std::iter::repeat(None)).zip(found.lines());
    for (line, (expected, found)) in pairs.enumerate() {
        assert_eq!(expected, Some(found), "{name}: line {} of the output", line + 1);
    }
    assert_eq!(expected.lines().count(), found.lines().count(), "{name}: the output ends early");
}

#[test]
fn the_tour_writes_what_it_writes_under_elixir() {
    let Some(directory) = compiled("tour") else { return };
    let expected = output_of(Command::new("elixir").arg("-pa").arg(&directory).args(["-e", "Tour.main()"]));
    assert!(expected.ends_with("done\n"), "the tour comes to its end: {expected}");

    for threads in ["1", "2"] {
        let mut run = Command::new(env!("CARGO_BIN_EXE_warpbeam"));
        run.arg("run").arg(&directory).args(["-m", "Tour", "--threads", threads]);
        compare(&format!("{threads} threads"), &expected, &output_of(&mut run));
    }

    let program = program(&directory, "Tour");
    let settings = Settings { time: TimeMode::Idle, ..Settings::default() };
    let mut runner = program.runner(settings);
    for seed in 0..3 {
        let mut first = None;
        for collections in [GcPlan::Normal, GcPlan::Every(61)] {
            runner.set_plan(collections);
            let mut random = Random::new(seed);
            random.start_run(0);
            let chooser: &mut dyn Chooser = if seed == 0 { &mut Dull } else { &mut random };
            let outcome = runner.run(chooser);
            let name = format!("seed {seed}, {collections:?}, {:?}", outcome.end);
            compare(&name, &expected, runner.world().output());
            assert_eq!(*first.get_or_insert(outcome.digest), outcome.digest, "{name}: another digest");
        }
    }
}

fn campaign(program: &Program, runs: u64) -> Report {
    campaign::run(&plan(1, runs), &Progress::default(), &|| program.runner(Settings::default()))
}

#[test]
fn races_are_found_and_their_twins_stay_clean() {
    let Some(directory) = compiled("races") else { return };
    for (name, runs, decisions) in RACES {
        let racy = program(&directory, name);
        let report = campaign(&racy, runs);
        let found = report.found.first().unwrap_or_else(|| panic!("{name}: not found in {runs} runs"));
        assert_eq!(found.violation.oracle, Oracle::EntryCrash, "{name}: {}", found.violation.message);
        let mut runner = racy.runner(Settings::default());
        let (outcome, keep) = runner.keep(&mut Repeat::new(&found.picks));
        assert_eq!(outcome, found.outcome, "{name}: repeating picks repeats the run");
        let shrunk = shrink(&mut runner, keep.deviations, &found.violation.fingerprint).deviations;
        assert!((1..=decisions).contains(&shrunk.len()), "{name}: {} decisions are left", shrunk.len());

        let twin = program(&directory, &format!("{name}Fixed"));
        let report = campaign(&twin, CLEAN_RUNS);
        let wrong: Vec<&str> = report.found.iter().map(|f| &*f.violation.message).collect();
        assert!(wrong.is_empty(), "{name}Fixed: {wrong:?}");
    }
}
