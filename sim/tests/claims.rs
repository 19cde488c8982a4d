//! The module `warpbeam`: what each of its functions comes to in a campaign, on threads, and on Erlang/OTP.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "runs the command and `erl`")]

mod support;

use std::path::PathBuf;
use std::process::{Command, Output};
use support::{Program, plan};
use warpbeam_sim::campaign::Plan;
use warpbeam_sim::choice::{Chooser, Class, Opt, Point};
use warpbeam_sim::explore::dull::Dull;
use warpbeam_sim::explore::strategy::StrategyKind;
use warpbeam_sim::kernel::fault::{Fault, Faults};
use warpbeam_sim::oracle::Oracle;
use warpbeam_sim::runner::violation_of;
use warpbeam_sim::shrink::shrink;
use warpbeam_sim::world::settings::Settings;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn beam() -> PathBuf {
    root().join("tests/claims/claims.beam")
}

fn program(function: &str) -> Program {
    Program::calling(&[beam()], function)
}

/// What a campaign over the function finds, and how many decisions are left of it.
#[test]
fn what_is_broken_is_found_under_its_own_name() {
    let rows: [(&str, Oracle, &str, usize); 7] = [
        ("broken", Oracle::Always, "always {balance,#}", 1),
        ("reached", Oracle::Unreachable, "unreachable <<\"second\">>", 1),
        ("unpaid", Oracle::Eventually, "eventually paid", 1),
        ("no_model", Oracle::Linearizability, "linearizability stack", 0),
        ("no_operation", Oracle::Linearizability, "linearizability {queue,jobs}", 0),
        ("open_ends", Oracle::Linearizability, "", 0),
        ("failed_is_read", Oracle::Linearizability, "linearizability {register,r}", 0),
    ];
    for (function, oracle, fingerprint, decisions) in rows {
        let program = program(function);
        let report = program.campaign(&plan(1, 200), &Settings::default());
        if fingerprint.is_empty() {
            assert!(report.found.is_empty(), "{function}: {}", report.found[0].violation.message);
            continue;
        }
        let found = report.found.first().unwrap_or_else(|| panic!("{function}: nothing found"));
        let violation = &found.violation;
        assert_eq!((violation.oracle, &*violation.fingerprint), (oracle, fingerprint), "{function}");
        let mut runner = program.runner(&Settings::default());
        let (_, keep) = runner.keep(&mut warpbeam_sim::explore::replay::Repeat::new(&found.picks));
        let shrunk = shrink(&mut runner, keep.deviations, fingerprint).deviations;
        assert_eq!(shrunk.len(), decisions, "{function}: {shrunk:?}");
        assert!(shrunk.iter().all(|d| d.class == Class::Data), "{function}: {shrunk:?}");
        let (outcome, _, divergence) = runner.replay(&shrunk);
        assert_eq!(divergence, None, "{function}");
        assert_eq!(violation_of(&outcome).map(|v| &*v.fingerprint), Some(fingerprint), "{function}");
    }
}

#[test]
fn campaigns_say_which_claims_no_run_met() {
    for threads in [1, 2] {
        let mut plan = plan(1, 300);
        plan.threads = threads;
        let report = program("main").campaign(&plan, &Settings::default());
        assert!(report.found.is_empty());
        let claims: Vec<(String, bool)> =
            report.sums.claims.all().map(|(_, name, runs)| (name.to_string(), runs > 0)).collect();
        let expected = [("\"no fourth\"", false), ("third", true), ("{second,2}", true)];
        assert_eq!(claims, expected.map(|(name, met)| (name.to_string(), met)));
    }
}

/// Picks the last of the values, everywhere.
struct Last;

impl Chooser for Last {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        if at.class == Class::Data { options.len() - 1 } else { 0 }
    }
}

#[test]
fn many_values_have_a_first_and_a_last() {
    let mut runner = program("large").runner(&Settings::default());
    let mut message = |chooser: &mut dyn Chooser| {
        let outcome = runner.run(chooser);
        violation_of(&outcome).expect("the program crashes").message.clone()
    };
    assert!(message(&mut Dull).contains("{chosen,1}"), "{}", message(&mut Dull));
    assert!(message(&mut Last).contains("{chosen,1000000007}"), "{}", message(&mut Last));
}

#[test]
fn an_entry_that_must_end_and_does_not_is_found_at_the_limit() {
    let short = Settings { steps_max: 2_000, ..Settings::default() };
    assert!(program("endless").campaign(&plan(1, 20), &short).found.is_empty());
    let report = program("endless").campaign(&plan(1, 20), &Settings { must_end: true, ..short.clone() });
    let found = report.found.first().expect("it never ends");
    assert_eq!(found.violation.oracle, Oracle::Eventually);
    // One that only needs more steps than there are ends in the fair part.
    let report = program("main").campaign(&plan(1, 20), &Settings { must_end: true, steps_max: 2, ..short });
    assert!(report.found.is_empty(), "{}", report.found[0].violation.message);
}

/// What is owed is judged when faults have stopped: until then every write fails.
#[test]
fn debts_are_judged_once_faults_stop() {
    let faults = Faults::NONE.with(Fault::parse("eio").expect("it is one"));
    let failing = Settings { faults, fault_rate: Some(1 << 16), steps_max: 500, ..Settings::default() };
    let random = Plan { strategy: StrategyKind::Random, ..plan(1, 20) };
    let report = program("patient").campaign(&random, &failing);
    assert!(report.found.is_empty(), "{}", report.found[0].violation.message);
    assert!(report.sums.steps > 20 * 500, "runs are cut, and go on");
    let report = program("tired").campaign(&random, &failing);
    assert_eq!(report.found.first().expect("nobody tries again").violation.fingerprint, "eventually saved");
    let report = program("tired").campaign(&random, &Settings { steps_max: 500, ..Settings::default() });
    assert!(report.found.is_empty(), "{}", report.found[0].violation.message);
}

fn warpbeam(arguments: &[&str]) -> (Option<i32>, String) {
    let command = Command::new(env!("CARGO_BIN_EXE_warpbeam"))
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("the command starts");
    let Output { status, stdout, stderr } = command;
    (status.code(), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
}

/// Places that no run comes to are known from the code; a status of 1 has to be asked for, or everything run.
#[test]
fn the_command_reports_what_no_run_met() {
    let explore = ["explore", "tests/claims/claims.beam", "--runs", "200"];
    let (status, text) = warpbeam(&explore);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("never met: reachable fourth\n"), "{text}");
    assert!(text.contains("never met: sometimes \"no fourth\"\n"), "{text}");
    assert!(!text.contains("second"), "{text}");
    let (status, text) = warpbeam(&[&explore[..], &["--sometimes", "fail", "--json"]].concat());
    assert_eq!(status, Some(1), "{text}");
    assert!(
        text.contains(r#"{"kind":"claim","claim":"reachable","name":"fourth","runs":0,"met":false}"#),
        "{text}"
    );
    assert!(text.contains(r#""never_met":2"#), "{text}");
    let (status, text) = warpbeam(&["explore", "tests/claims/claims.beam", "--strategy", "bounded"]);
    assert_eq!(status, Some(1), "{text}");
}

#[test]
fn broken_claims_raise_on_threads() {
    let (status, text) = warpbeam(&["run", "tests/claims/claims.beam", "-f", "raises"]);
    assert_eq!((status, text.contains("all_as_it_should_be")), (Some(0), true), "{text}");
}

/// The source file is a module of its own elsewhere, which does nothing.
#[test]
fn on_erl_they_are_nothing() {
    // `boot` has modules that are not for it.
    let directory = std::env::temp_dir().join(format!("warpbeam-claims-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("there is room for a directory");
    let copied = std::fs::copy(root().join("boot/warpbeam.beam"), directory.join("warpbeam.beam"));
    copied.expect("the module is there");
    let calls = "[claims:F() || F <- [main, broken, reached, refused, unpaid, open_ends, failed_is_read]], \
                 1 = warpbeam:choose(5), a = warpbeam:choose([a, b]), halt(3).";
    let erl = Command::new("erl")
        .args(["-noshell", "-pa", "tests/claims", "-pa"])
        .arg(&directory)
        .args(["-eval", calls])
        .current_dir(root())
        .output();
    let _ = std::fs::remove_dir_all(&directory);
    // Where there is no `erl` there is nothing to see.
    let Ok(erl) = erl else { return };
    assert_eq!(erl.status.code(), Some(3), "{}", String::from_utf8_lossy(&erl.stdout));
}
