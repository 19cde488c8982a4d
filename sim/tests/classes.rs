//! Exact exploration: as many runs as there are classes, each once, and no outcome missed.
//!
//! The classes of each program in `classes/` are counted by trying all its schedules.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use support::Program;
use warpbeam::term::Atom;
use warpbeam::term::show::show;
use warpbeam_sim::explore::dpor::brute::all_schedules;
use warpbeam_sim::explore::dpor::{Dpor, Explored, Totals};
use warpbeam_sim::world::settings::{Settings, TimeMode};

fn program(function: &str) -> Program {
    let beam = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/classes/classes.beam");
    let mut program = Program::compiled(beam);
    program.entry.function = Atom::new(function).expect("a short name");
    program
}

fn settings() -> Settings {
    Settings { time: TimeMode::Idle, ..Settings::default() }
}

/// What somebody outside could see of a run.
fn outcome(explored: &Explored<'_>) -> String {
    let result = match explored.world.result() {
        Some(result) => {
            let (heap, word) = result.unpack(&explored.world.code().view().literals);
            show(&heap, word)
        }
        None => "no result".to_owned(),
    };
    let violation = explored.violation.map_or("", |v| v.fingerprint.as_str());
    format!("{:?} {result} {violation} {}", explored.outcome.end, explored.world.output())
}

#[derive(Default)]
struct Seen {
    classes: BTreeMap<u64, u64>,
    outcomes: BTreeSet<String>,
}

impl Seen {
    fn add(&mut self, explored: &Explored<'_>) {
        *self.classes.entry(explored.class).or_default() += 1;
        self.outcomes.insert(outcome(explored));
    }
}

fn dpor(program: &Program) -> (Totals, Seen) {
    let mut seen = Seen::default();
    let dpor = Dpor::new(Arc::clone(&program.code), &program.entry, &settings());
    let totals = dpor.explore(&mut |explored| {
        seen.add(explored);
        true
    });
    (totals, seen)
}

fn brute(program: &Program, limit: u64) -> (Totals, Seen) {
    let mut seen = Seen::default();
    let code = Arc::clone(&program.code);
    let totals = all_schedules(code, &program.entry, &settings(), limit, &mut |explored| seen.add(explored));
    (totals, seen)
}

const PROGRAMS: [&str; 60] = [
    "any2",
    "any3",
    "unread5",
    "fixed5",
    "one5",
    "two4",
    "poll4",
    "poll2x2",
    "late3",
    "parity4",
    "relay",
    "chain",
    "pingpong",
    "name_race",
    "two_names",
    "send_name",
    "same_name",
    "listing",
    "readers1",
    "readers2",
    "lastzero1",
    "lastzero2",
    "lastzero3",
    "lost_update",
    "monitor1",
    "monitor_vs_message",
    "demonitor1",
    "demonitor_flush",
    "link_trap",
    "kill_send",
    "kill_waiting",
    "late_trap",
    "late_link",
    "unlink1",
    "alive",
    "info",
    "suspend1",
    "two_kill",
    "monitored_by_name",
    "sleep_order",
    "same_time",
    "timeout_or_message",
    "timer_cancel",
    "timer_zero",
    "two_zero",
    "calls2",
    "spawn_tree",
    "alias_once",
    "counter",
    "crash_race",
    "any4",
    "readers3",
    "calls3",
    "any5",
    "any6",
    "readers5",
    "lastzero5",
    "any7",
    "lastzero7",
    "lastzero8",
];

#[test]
fn look() {
    let only = std::env::var("ONLY").unwrap_or_default();
    let limit: u64 = std::env::var("LIMIT").ok().and_then(|l| l.parse().ok()).unwrap_or(20_000);
    for name in PROGRAMS {
        if !only.is_empty() && !only.split(',').any(|o| o == name) {
            continue;
        }
        let program = program(name);
        let (totals, d) = dpor(&program);
        let twice = d.classes.values().filter(|&&n| n > 1).count();
        let (all, b) = brute(&program, limit);
        let missing = b.classes.keys().filter(|c| !d.classes.contains_key(c)).count();
        let extra = d.classes.keys().filter(|c| !b.classes.contains_key(c)).count();
        let lost = b.outcomes.difference(&d.outcomes).count();
        let ok =
            totals.classes == all.classes && twice == 0 && missing == 0 && lost == 0 && totals.blocked == 0;
        println!(
            "{} {name}: dpor {} (blocked {}, twice {twice}) brute {} in {} complete {}; missing {missing} extra {extra} lost outcomes {lost} of {}",
            if ok { "ok  " } else { "FAIL" },
            totals.classes,
            totals.blocked,
            all.classes,
            all.blocked,
            all.complete,
            b.outcomes.len()
        );
    }
}
