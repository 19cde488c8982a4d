//! Planted faults: the simulator finds each within a stated number of runs, and shrinks what it found to a
//! stated number of decisions.
//!
//! `tests/planted` has the programs. Each is right: with no fault switched on nothing is found in it. With its
//! fault on the dull run is clean still, and every seed finds a violation of the expected oracle; the shrunk
//! schedule replays strictly to the same violation, and followed with the fault off it leads to none.
//! Invariant: the table in `ARCHITECTURE.md` is what this test measures; `BLESS=1` writes it anew.

mod support;

use std::ops::RangeInclusive;
use std::path::PathBuf;
use support::{Program, plan};
use warpbeam::heap::policy::GcPlan;
use warpbeam::planted::{Fault, switch};
use warpbeam_sim::explore::replay::{Repeat, Replay};
use warpbeam_sim::kernel::fault::{Fault as KernelFault, Faults};
use warpbeam_sim::oracle::{Oracle, Violation};
use warpbeam_sim::runner::{Runner, violation_of};
use warpbeam_sim::schedule::Deviation;
use warpbeam_sim::shrink::shrink;
use warpbeam_sim::world::settings::{Delivery, Settings, TimeMode};

/// A fault, and what finding it may take.
struct Row {
    fault: Fault,
    program: &'static str,
    with: With,
    /// Whichever sees it first.
    oracles: &'static [Oracle],
    /// Runs within which every seed finds it.
    runs: u64,
    /// Decisions that are left after shrinking.
    decisions: usize,
}

/// What differs from the default settings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum With {
    Defaults,
    EverySafepoint,
    Pairwise,
    Idle,
    Short,
    Interrupted,
    Crash,
}

const fn row(
    fault: Fault,
    program: &'static str,
    with: With,
    oracles: &'static [Oracle],
    runs: u64,
    decisions: usize,
) -> Row {
    Row { fault, program, with, oracles, runs, decisions }
}

const TABLE: &[Row] = &[
    row(Fault::DownOvertakes, "last_words", With::Defaults, &[Oracle::Mailbox, Oracle::EntryCrash], 100, 1),
    row(Fault::ExitOvertakes, "last_words", With::Defaults, &[Oracle::EntryCrash], 100, 1),
    row(Fault::LostWhileRunning, "burst", With::Defaults, &[Oracle::Mailbox], 100, 1),
    row(Fault::LostAtFullHeap, "full_heap", With::Defaults, &[Oracle::Mailbox], 100, 1),
    row(Fault::WrongRemoved, "call_among_news", With::Defaults, &[Oracle::EntryDeadlock], 100, 1),
    row(Fault::TagNotRooted, "tagged_monitor", With::EverySafepoint, &[Oracle::EntryDeadlock], 100, 1),
    row(Fault::MessageNotRooted, "out_of_order", With::EverySafepoint, &[Oracle::EntryDeadlock], 100, 1),
    row(Fault::ValueNotRooted, "kept_value", With::EverySafepoint, &[Oracle::EntryDeadlock], 100, 1),
    row(Fault::BinaryReleased, "out_of_order", With::EverySafepoint, &[Oracle::Panic], 100, 1),
    row(Fault::LimitRestarts, "time_limit", With::Idle, &[Oracle::EntryCrash], 100, 1),
    row(Fault::CancelDropsMessage, "cancel_race", With::Defaults, &[Oracle::Mailbox], 300, 1),
    row(Fault::WakeLost, "out_of_order", With::Defaults, &[Oracle::EntryDeadlock], 100, 1),
    row(Fault::LinkToDead, "told_once", With::Defaults, &[Oracle::EntryDeadlock], 100, 1),
    row(Fault::MonitorNotAnswered, "crossing_monitor", With::Pairwise, &[Oracle::EntryDeadlock], 100, 1),
    row(Fault::DownAfterDemonitor, "demonitored", With::Pairwise, &[Oracle::EntryCrash], 200, 1),
    row(Fault::FlushMissesUnread, "demonitored", With::Defaults, &[Oracle::EntryCrash], 200, 1),
    row(Fault::TwoDowns, "told_once", With::Defaults, &[Oracle::Down], 300, 2),
    row(Fault::UnlinkIgnored, "unlinked", With::Defaults, &[Oracle::EntryCrash], 1000, 2),
    row(Fault::ReasonReplaced, "true_reason", With::Defaults, &[Oracle::EntryCrash], 500, 2),
    row(Fault::ToldEarly, "name_is_free", With::Defaults, &[Oracle::EntryCrash], 100, 1),
    row(Fault::AliasStays, "first_reply", With::Defaults, &[Oracle::EntryCrash], 100, 1),
    row(Fault::HeapKillSilent, "killed_by_limit", With::Defaults, &[Oracle::Down], 100, 1),
    row(Fault::SuspensionOutlives, "let_go", With::Defaults, &[Oracle::EntryDeadlock], 500, 2),
    row(Fault::InsertNewInSteps, "all_or_none", With::Defaults, &[Oracle::EntryCrash], 100, 1),
    row(Fault::HeirToldEarly, "heir_writes", With::Defaults, &[Oracle::EntryCrash], 100, 1),
    row(Fault::ClosedInUse, "shared_read", With::Defaults, &[Oracle::FdReused], 100, 1),
    row(Fault::ClosedTwice, "closed_by_two", With::Defaults, &[Oracle::FdClosedTwice], 100, 2),
    row(
        Fault::CloseDropped,
        "closed_with_owner",
        With::Defaults,
        &[Oracle::FdLeaked, Oracle::IoCompletion],
        200,
        2,
    ),
    row(Fault::HandedOverFirst, "two_writers", With::Defaults, &[Oracle::IoCompletion], 100, 2),
    row(Fault::OpenedForNobody, "killed_opening", With::Defaults, &[Oracle::FdLeaked], 500, 3),
    row(Fault::CancelWins, "killed_opening", With::Defaults, &[Oracle::FdLeaked], 500, 3),
    row(Fault::ShortWriteCounts, "long_write", With::Short, &[Oracle::IoLost], 100, 1),
    row(Fault::SyncSkipped, "synced_log", With::Crash, &[Oracle::SyncLost], 100, 1),
    row(Fault::CloseRetried, "long_write", With::Interrupted, &[Oracle::FdClosedTwice], 100, 1),
    row(Fault::AliasNumbersWrap, "third_try", With::Defaults, &[Oracle::EntryCrash], 3000, 5),
    row(Fault::LetGoForAll, "held_by_five", With::Defaults, &[Oracle::EntryCrash], 200, 6),
    row(
        Fault::ThirdSweepForgets,
        "swept_often",
        With::Defaults,
        &[Oracle::Mailbox, Oracle::EntryDeadlock],
        500,
        5,
    ),
    row(Fault::FourthPartEnds, "long_write", With::Short, &[Oracle::IoLost], 1000, 4),
    row(
        Fault::LastButOneCloses,
        "read_by_two",
        With::Defaults,
        &[Oracle::FdReused, Oracle::FdClosedTwice, Oracle::Panic],
        100,
        1,
    ),
    row(Fault::OldUnlinkCounts, "linked_again", With::Pairwise, &[Oracle::EntryDeadlock], 100, 1),
];

/// Each fault is looked for with each of these.
const SEEDS: RangeInclusive<u64> = 1..=10;
/// Runs of each program with no fault on.
const CLEAN_RUNS: u64 = 5_000;

impl With {
    fn settings(self) -> Settings {
        let defaults = Settings::default();
        let faults = |fault| Settings { faults: Faults::NONE.with(fault), ..Settings::default() };
        match self {
            With::Defaults => defaults,
            With::EverySafepoint => Settings { gc: GcPlan::EverySafepoint, ..defaults },
            With::Pairwise => Settings { delivery: Delivery::Pairwise, ..defaults },
            With::Short => faults(KernelFault::Short),
            With::Interrupted => faults(KernelFault::Interrupted),
            With::Crash => faults(KernelFault::Crash),
            With::Idle => Settings { time: TimeMode::Idle, ..defaults },
        }
    }

    /// The options of the command line.
    fn options(self) -> &'static str {
        match self {
            With::Defaults => "",
            With::EverySafepoint => "`--gc every-safepoint`",
            With::Pairwise => "`--delivery pairwise`",
            With::Idle => "`--time idle`",
            With::Short => "`--faults short`",
            With::Interrupted => "`--faults eintr`",
            With::Crash => "`--faults crash`",
        }
    }
}

/// What finding a fault took.
struct Measured {
    runs: u64,
    decisions: usize,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn load(program: &str) -> Program {
    Program::compiled(root().join("tests/planted").join(format!("{program}.beam")))
}

/// Finds the row's fault from one seed; what is wrong if it cannot.
fn find(row: &Row, program: &Program, seed: u64) -> Result<Measured, String> {
    let settings = Settings { seed, ..row.with.settings() };
    switch(Some(row.fault));
    let report = program.campaign(&plan(seed, row.runs), &settings);
    let found = report.found.first().ok_or("not found")?;
    // The runtime's own oracles may see a disordered mailbox before the program does.
    if !row.oracles.contains(&found.violation.oracle) {
        return Err(format!("found by {}: {}", found.violation.oracle, found.violation.message));
    }
    let mut runner = program.runner(&settings);
    let (_, keep) = runner.keep(&mut Repeat::new(&found.picks));
    let schedule = shrink(&mut runner, keep.deviations, &found.violation.fingerprint).deviations;
    replays(&mut runner, &schedule, &found.violation)?;
    if schedule.is_empty() {
        return Err("the dull run fails".to_string());
    }
    if schedule.len() > row.decisions {
        let text: Vec<String> = schedule.iter().map(|d| d.to_string()).collect();
        return Err(format!("{} decisions are left: {text:#?}", schedule.len()));
    }
    switch(None);
    let outcome = runner.run(&mut Replay::lenient(&schedule));
    match violation_of(&outcome) {
        Some(violation) => Err(format!("fails without the fault: {}", violation.message)),
        None => Ok(Measured { runs: found.run + 1, decisions: schedule.len() }),
    }
}

/// The schedule leads to the violation, strictly and twice.
fn replays(runner: &mut Runner, schedule: &[Deviation], violation: &Violation) -> Result<(), String> {
    let (first, _, divergence) = runner.replay(schedule);
    if let Some(divergence) = divergence {
        return Err(divergence.to_string());
    }
    let again = violation_of(&first).ok_or("the schedule leads to no violation")?;
    if again.fingerprint != violation.fingerprint {
        return Err(format!("the schedule leads to {}", again.message));
    }
    let (second, _, _) = runner.replay(schedule);
    if first == second { Ok(()) } else { Err("the schedule leads to two different runs".to_string()) }
}

/// Finds a row's fault from every seed: the most that it took.
fn measure(row: &Row) -> Result<Measured, String> {
    let program = load(row.program);
    let mut most = Measured { runs: 0, decisions: 0 };
    for seed in SEEDS {
        let one = find(row, &program, seed).map_err(|why| format!("{:?}, seed {seed}: {why}", row.fault));
        switch(None);
        let one = one?;
        most.runs = most.runs.max(one.runs);
        most.decisions = most.decisions.max(one.decisions);
    }
    Ok(most)
}

#[test]
fn every_fault_is_in_the_table() {
    let missing: Vec<_> = Fault::ALL.iter().filter(|&&f| !TABLE.iter().any(|row| row.fault == f)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn without_faults_nothing_is_found() {
    let mut programs: Vec<(&'static str, With)> = TABLE.iter().map(|row| (row.program, row.with)).collect();
    programs.sort_unstable();
    programs.dedup();
    for (name, with) in programs {
        let report = load(name).campaign(&plan(1, CLEAN_RUNS), &with.settings());
        let found: Vec<_> = report.found.iter().map(|found| &found.violation.message).collect();
        assert!(found.is_empty(), "{name} {}: {found:?}", with.options());
    }
}

const BEGIN: &str = "<!-- planted faults: written by sim/tests/planted.rs -->\n";
const END: &str = "<!-- end of planted faults -->\n";

fn table_text() -> String {
    let mut text = String::from("| fault | program | found by | runs | decisions |\n|---|---|---|---|---|\n");
    let mut wrong = Vec::new();
    for row in TABLE {
        let measured = match measure(row) {
            Ok(measured) => measured,
            Err(why) => {
                wrong.push(why);
                continue;
            }
        };
        let program = match row.with.options() {
            "" => format!("`{}`", row.program),
            options => format!("`{}` {options}", row.program),
        };
        text.push_str(&format!(
            "| `{:?}`: {} | {program} | {} | {} of {} | {} of {} |\n",
            row.fault,
            row.fault.sentence(),
            row.oracles.iter().map(|o| o.name()).collect::<Vec<_>>().join(" or "),
            measured.runs,
            row.runs,
            measured.decisions,
            row.decisions
        ));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    text
}

#[test]
#[allow(clippy::disallowed_methods, reason = "reads and, when asked, writes the page that it checks")]
fn faults_are_found_shrunk_and_replayed_as_the_page_says() {
    let path = root().join("ARCHITECTURE.md");
    let page = std::fs::read_to_string(&path).expect("the page is there");
    let (before, rest) = page.split_once(BEGIN).expect("the page has the table's beginning");
    let (old, after) = rest.split_once(END).expect("the page has the table's end");
    let text = table_text();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{text}{END}{after}")).expect("the page can be written");
    } else {
        assert!(text == old, "ARCHITECTURE.md should say:\n{text}");
    }
}
