//! The examples: each bug is found within a stated number of runs, shrinks to a stated number of decisions,
//! and its schedule, written and read back, replays to the letter. The corrected twins stay clean.

mod support;

use support::{BUGS, IO_BUGS, Program, flags, plan};
use warpbeam_sim::critical::{Side, critical};
use warpbeam_sim::explore::replay::Repeat;
use warpbeam_sim::oracle::Oracle;
use warpbeam_sim::runner::violation_of;
use warpbeam_sim::schedule::{EntryText, Schedule, ServicesRan, read, write};
use warpbeam_sim::shrink::shrink;
use warpbeam_sim::world::settings::{Settings, TimeMode};

/// What finding a bug may take with any of the seeds.
struct Row {
    name: &'static str,
    oracle: Oracle,
    runs: u64,
    decisions: usize,
    /// A function of each process of the critical pair, in either order; where the pair depends on the run, nothing;
    /// [`NO_PAIR`] where it is not order that decides.
    pair: [&'static str; 2],
}

/// What is owed and not done need not hang on one order, and a fault may be enough.
const NO_PAIR: [&str; 2] = ["-", "-"];

const fn row(
    name: &'static str,
    oracle: Oracle,
    runs: u64,
    decisions: usize,
    pair: [&'static str; 2],
) -> Row {
    Row { name, oracle, runs, decisions, pair }
}

const TABLE: [Row; 25] = [
    row("accept_leak", Oracle::EntryDeadlock, 200, 1, NO_PAIR),
    row("call_cycle", Oracle::EntryDeadlock, 20, 1, ["auditor/1", "orders/1"]),
    row("check_then_act", Oracle::EntryCrash, 100, 1, ["ensure_counter/0", "ensure_counter/0"]),
    row("demonitor_no_flush", Oracle::EntryCrash, 100, 2, ["", ""]),
    row("dropped_socket", Oracle::EntryCrash, 100, 1, ["", ""]),
    row("early_ack", Oracle::EntryCrash, 2000, 2, ["", ""]),
    row("ets_counter", Oracle::EntryCrash, 200, 1, ["count/2", "count/2"]),
    row("fast_restart", Oracle::EntryCrash, 100, 1, ["", ""]),
    row("handover", Oracle::EntryDeadlock, 100, 1, ["", ""]),
    row("heap_limit_watcher", Oracle::EntryDeadlock, 1000, 3, ["", ""]),
    row("late_monitor", Oracle::EntryCrash, 100, 1, ["", "run_backup/1"]),
    row("late_reply", Oracle::EntryCrash, 200, 1, ["ask/2", "prices/0"]),
    row("lent_file", Oracle::EntryCrash, 100, 1, ["load/1", "parse/0"]),
    row("lock_cycle", Oracle::EntryDeadlock, 3000, 3, ["", ""]),
    row("lock_no_monitor", Oracle::EntryDeadlock, 100, 1, ["deadline/2", ""]),
    row("lost_update", Oracle::EntryCrash, 200, 1, ["", ""]),
    row("lost_wakeup", Oracle::EntryDeadlock, 100, 1, ["office/1", "next_page/1"]),
    row("message_order", Oracle::EntryCrash, 100, 1, ["courier/0", "till/1"]),
    row("once_close", Oracle::EntryDeadlock, 200, 2, ["", ""]),
    row("short_read", Oracle::EntryCrash, 200, 1, NO_PAIR),
    row("spin_wait", Oracle::Eventually, 200, 1, NO_PAIR),
    row("split_brain", Oracle::Always, 200, 2, ["", ""]),
    row("stale_read", Oracle::Linearizability, 200, 1, ["", ""]),
    row("takeover", Oracle::EntryCrash, 400, 1, NO_PAIR),
    row("work_to_dead", Oracle::EntryDeadlock, 200, 1, ["square/2", "deployment/1"]),
];

/// Whether the two processes of a pair were in these functions, in either order.
fn names(pair: Option<&[Side; 2]>, functions: [&str; 2]) -> bool {
    let Some([one, two]) = pair else { return functions == NO_PAIR };
    let is_in = |side: &Side, function: &str| side.at.iter().any(|at| at.contains(function));
    let fits = |a, b| is_in(a, functions[0]) && is_in(b, functions[1]);
    fits(one, two) || fits(two, one)
}

const SEEDS: [u64; 3] = [1, 2, 3];

/// An example with what it needs, if that is there.
fn example(name: &str, settings: &mut Settings) -> Option<Program> {
    if flags(name, settings) { Program::over_libraries(name) } else { Some(Program::example(name)) }
}

#[test]
fn each_bug_is_found_shrunk_and_replayed() {
    // What is owed is judged when the steps are used up.
    for row in &TABLE {
        let mut settings = Settings { steps_max: 5_000, ..Settings::default() };
        let Some(program) = example(row.name, &mut settings) else { continue };
        for seed in SEEDS {
            let report = program.campaign(&plan(seed, row.runs), &settings);
            let found = report.found.first();
            let found = found.unwrap_or_else(|| panic!("{}: not found with seed {seed}", row.name));
            assert_eq!(found.violation.oracle, row.oracle, "{}: {}", row.name, found.violation.message);
            let mut runner = program.runner(&settings);
            let (outcome, keep) = runner.keep(&mut Repeat::new(&found.picks));
            assert_eq!(outcome, found.outcome, "{}: repeating picks repeats the run", row.name);
            let shrunk = shrink(&mut runner, keep.deviations, &found.violation.fingerprint).deviations;
            assert!(
                shrunk.len() <= row.decisions,
                "{}: {} decisions with seed {seed}",
                row.name,
                shrunk.len()
            );
            let pair = critical(&mut runner, &shrunk, &found.violation.fingerprint);
            println!("{} {seed}: {pair:#?}", row.name);
            assert!(names(pair.as_ref(), row.pair), "{}: {pair:?}", row.name);
            let (outcome, keep, divergence) = runner.replay(&shrunk);
            assert_eq!(divergence, None, "{}", row.name);
            let fingerprint = violation_of(&outcome).map(|v| v.fingerprint.as_str());
            assert_eq!(fingerprint, Some(found.violation.fingerprint.as_str()), "{}", row.name);
            let schedule = Schedule {
                program: vec![row.name.to_string()],
                modules: Vec::new(),
                entry: EntryText { module: row.name.to_string(), ..EntryText::default() },
                services: if program.services.is_some() { ServicesRan::Needed } else { ServicesRan::Off },
                settings: settings.clone(),
                origin: None,
                verdict: None,
                digest: outcome.digest.to_string(),
                deviations: keep.deviations,
            };
            let again = read::parse(write::text(&schedule, &[]).as_bytes()).expect("it was written by us");
            assert_eq!(again, schedule);
            let (second, _, divergence) = runner.replay(&again.deviations);
            assert_eq!((second, divergence), (outcome, None), "{}", row.name);
        }
    }
}

#[test]
fn corrected_twins_are_clean() {
    for name in BUGS.into_iter().chain(["spin_wait"]).chain(IO_BUGS) {
        let name = format!("{name}_fixed");
        for time in [TimeMode::Budget, TimeMode::Free, TimeMode::Idle] {
            let mut settings = Settings { time, ..Settings::default() };
            let Some(program) = example(&name, &mut settings) else { continue };
            let runs = if program.services.is_some() { 50 } else { 200 };
            let report = program.campaign(&plan(7, runs), &settings);
            assert!(report.found.is_empty(), "{name}: {}", report.found[0].violation.message);
        }
    }
}

/// Two of the bugs need a process to be slow for some time; without that they cannot happen.
#[test]
fn bugs_of_slowness_need_time() {
    let settings = Settings { time: TimeMode::Idle, ..Settings::default() };
    for name in ["late_reply", "lock_no_monitor"] {
        let report = Program::example(name).campaign(&plan(1, 500), &settings);
        assert!(report.found.is_empty(), "{name}: {}", report.found[0].violation.message);
    }
}
