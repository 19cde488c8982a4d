//! Checks inside tests: found, shrunk, with a schedule that the command replays; and inputs of fuzz targets as schedules.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "runs the command and looks at what it wrote"
)]

mod support;

use std::path::PathBuf;
use std::process::Command;
use support::examples;
use warpbeam_sim::check::{Check, Problem};
use warpbeam_sim::choice::Class;
use warpbeam_sim::explore::strategy::StrategyKind;
use warpbeam_sim::oracle::Oracle;
use warpbeam_sim::records::{Base, Record, Records};
use warpbeam_sim::trace::names::Namer;

/// A directory of its own, which goes when the test has ended.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        Place(std::env::temp_dir().join(format!("warpbeam-check-{name}-{}", std::process::id())))
    }

    fn file(&self, name: &str) -> String {
        std::fs::create_dir_all(&self.0).expect("there is room for a directory");
        self.0.join(name).display().to_string()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn claims(function: &str) -> Check {
    let beam = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/claims/claims.beam");
    Check::of(beam).function(function).without_otp()
}

fn warpbeam(arguments: &[&str]) -> (Option<i32>, String) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let ran = Command::new(env!("CARGO_BIN_EXE_warpbeam")).args(arguments).current_dir(root).output();
    let ran = ran.expect("the command starts");
    (
        ran.status.code(),
        String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr),
    )
}

#[test]
fn a_bug_is_told_and_its_schedule_replays() {
    let place = Place::new("bug");
    let check = Check::of(examples().join("lost_update.beam")).without_otp().out(&place.0);
    let Err(problem @ Problem::Found(_)) = check.find() else { panic!("nothing found") };
    let text = problem.to_string();
    let Problem::Found(failure) = problem else { unreachable!("it was looked at") };
    assert_eq!((failure.violation.oracle, failure.decisions), (Oracle::EntryCrash, 1));
    assert!(text.contains("decision: instead of") && text.contains("warpbeam replay "), "{text}");
    let (status, replayed) = warpbeam(&["replay", &failure.schedule.display().to_string(), "--otp", "none"]);
    assert_eq!((status, replayed.contains("money_lost")), (Some(1), true), "{replayed}");
    let panicked = std::panic::catch_unwind(|| check.assert()).expect_err("assert panics");
    assert!(panicked.downcast_ref::<String>().is_some_and(|said| said.contains("money_lost")));
}

#[test]
fn clean_programs_pass_and_small_ones_are_proved() {
    let fixed = Check::of(examples().join("lost_update_fixed.beam")).without_otp();
    assert_eq!(fixed.clone().runs(50).find().expect("it is right").runs, 50);
    assert!(fixed.strategy(StrategyKind::Dpor).find().expect("it is right").is_complete);
    let clean = claims("main").find().expect("nothing is broken");
    assert_eq!(clean.never_met, ["sometimes \"no fourth\"", "reachable fourth"]);
    let Err(Problem::Bad(message)) = claims("nowhere").find() else { panic!("there is no such function") };
    assert!(message.contains("nowhere"), "{message}");
}

#[test]
fn a_judge_looks_at_the_world_that_a_run_leaves() {
    let place = Place::new("judge");
    let check = claims("order").out(&place.0);
    let result = |world: &warpbeam_sim::world::SimWorld| {
        Namer::new(world).term(world.result().expect("it returns"), 100)
    };
    let clean = check.judge(&mut |world, _| match &*result(world) {
        "[1,2]" | "[2,1]" => Ok(()),
        other => Err(other.to_string()),
    });
    assert_eq!(clean.expect("it is one of the two").runs, 1_000);
    let Err(Problem::Found(failure)) = check.judge(&mut |world, _| {
        if result(world) == "[1,2]" { Ok(()) } else { Err(format!("the order is {}", result(world))) }
    }) else {
        panic!("nothing found")
    };
    assert_eq!((failure.violation.oracle, failure.decisions), (Oracle::Judge, 1));
    assert_eq!(failure.violation.message, "the order is [2,1]");
    // The same by one record: at main's second event the second child goes first.
    let record = Record { class: Class::Order, kind: 0, who: 0, event: 2, pick: 3 };
    let records = Records { scene: 0, base: Base::Dull, seed: 0, list: vec![record] };
    let mut text = String::new();
    check
        .play_and_judge(&records, &mut |world, _| {
            text = result(world);
            Ok(())
        })
        .expect("the judge minds nothing");
    assert_eq!(text, "[2,1]");
    check.play(&records).expect("nothing is broken");
}

/// A crash file becomes a schedule, and that the same crash file.
#[test]
fn inputs_of_fuzz_targets_replay_and_become_schedules_and_inputs_again() {
    let place = Place::new("crash");
    let record = |who, event, pick| Record { class: Class::Order, kind: 0, who, event, pick };
    let records = Records { scene: 1, list: vec![record(0, 2, 3), record(1, 1, 1)], ..Records::default() };
    let (crash, schedule, back) = (place.file("crash"), place.file("schedule"), place.file("back"));
    std::fs::write(&crash, records.to_bytes()).expect("there is room");
    let (status, first) = warpbeam(&["replay", &crash, "--schedule", &schedule]);
    assert_eq!(status, Some(0), "{first}");
    let (status, second) = warpbeam(&["replay", &schedule, "--records", &back, "--otp", "none"]);
    assert_eq!((status, &second), (Some(0), &first));
    let (status, third) = warpbeam(&["replay", &back]);
    assert_eq!((status, &third), (Some(0), &first));
    assert!(!first.contains(" 0 decisions"), "{first}");
    std::fs::write(&crash, [250; 20]).expect("there is room");
    let (status, refused) = warpbeam(&["replay", &crash]);
    assert_eq!(status, Some(2), "{refused}");
}
