//! Exact exploration: as many runs as there are classes, each once, and no outcome missed.
//!
//! The classes of each program in `classes/` are counted by trying all its schedules.

#[path = "classes/made.rs"]
mod made;
mod support;

use made::Made;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use support::Program;
use warpbeam::term::Atom;
use warpbeam::term::show::show;
use warpbeam_sim::explore::dpor::beginning::Subject;
use warpbeam_sim::explore::dpor::brute::{Orders, all_schedules};
use warpbeam_sim::explore::dpor::front::Front;
use warpbeam_sim::explore::dpor::{Dpor, Explored, Rest, Totals, Visitor};
use warpbeam_sim::world::settings::{Settings, TimeMode};

fn program(function: &str) -> Program {
    program_in("classes", function)
}

fn program_in(module: &str, function: &str) -> Program {
    let beam = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/classes/{module}.beam"));
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

fn subject<'a>(program: &'a Program, settings: &'a Settings) -> Subject<'a> {
    Subject {
        code: Arc::clone(&program.code),
        entry: &program.entry,
        services: program.services.as_ref(),
        settings,
    }
}

/// Tries all schedules, up to `limit`.
fn all(
    program: &Program,
    limit: u64,
    orders: Option<&mut Orders>,
    visit: &mut dyn FnMut(&Explored<'_>),
) -> Totals {
    let totals = all_schedules(&subject(program, &settings()), limit, orders, visit);
    totals.expect("the services start")
}

fn dpor(program: &Program) -> (Totals, Seen) {
    let mut seen = Seen::default();
    let dpor = Dpor::new(&subject(program, &settings())).expect("the services start");
    let totals = dpor.explore(&mut |explored| {
        seen.add(explored);
        true
    });
    (totals, seen)
}

fn brute(program: &Program, limit: u64) -> (Totals, Seen) {
    let mut seen = Seen::default();
    let totals = all(program, limit, None, &mut |explored| seen.add(explored));
    (totals, seen)
}

/// Each program with the number of its classes. Those of the second table have too many schedules to try all.
const COUNTED: [(&str, u64); 68] = [
    ("ets_memory", 17),
    ("ets_made", 4),
    ("any2", 2),
    ("any3", 6),
    ("any4", 24),
    ("any5", 120),
    ("unread5", 1),
    ("fixed5", 1),
    ("one5", 5),
    ("two4", 12),
    ("poll4", 5),
    ("poll2x2", 7),
    ("late3", 6),
    ("parity4", 4),
    ("relay", 6),
    ("chain", 2),
    ("pingpong", 1),
    ("name_race", 2),
    ("two_names", 7),
    ("send_name", 4),
    ("same_name", 4),
    ("listing", 4),
    ("readers1", 2),
    ("readers2", 4),
    ("readers3", 8),
    ("lastzero1", 2),
    ("lastzero2", 5),
    ("lastzero3", 12),
    ("lastzero5", 64),
    ("lost_update", 8),
    ("adders", 6),
    ("term_race", 6),
    ("monitor1", 2),
    ("monitor_vs_message", 3),
    ("demonitor1", 4),
    ("demonitor_flush", 4),
    ("link_trap", 2),
    ("kill_send", 7),
    ("kill_waiting", 7),
    ("killed_reader", 7),
    ("late_trap", 3),
    ("late_link", 2),
    ("unlink1", 5),
    ("alive", 2),
    ("info", 2),
    ("suspend1", 4),
    ("two_kill", 4),
    ("monitored_by_name", 3),
    ("sleep_order", 1),
    ("same_time", 2),
    ("timeout_or_message", 1),
    ("timer_cancel", 1),
    ("timer_zero", 2),
    ("two_zero", 3),
    ("calls2", 2),
    ("calls3", 6),
    ("spawn_tree", 6),
    ("linked2", 9),
    ("trap_at_last", 6),
    ("alias_once", 2),
    ("counter", 2),
    ("crash_race", 2),
    ("one_alone", 1),
    ("ets_readers2", 4),
    ("ets_readers3", 8),
    ("ets_count", 10),
    ("ets_named", 2),
    ("ets_owner", 2),
];

const LARGE: [(&str, u64); 4] = [("any6", 720), ("readers5", 32), ("lastzero7", 320), ("lastzero8", 704)];

/// Runs of the judge, which tries states once, for a program; one that needs more is left out.
const SCHEDULES: u64 = 30_000;

/// How the search differs from all schedules; the number of classes if it does not, 0 if there
/// are too many schedules.
fn differs(program: &Program) -> Result<u64, String> {
    let (all, expected) = brute(program, SCHEDULES);
    if !all.complete {
        return Ok(0);
    }
    let (totals, found) = dpor(program);
    let missed = expected.classes.keys().filter(|c| !found.classes.contains_key(c)).count();
    let unknown = found.classes.keys().filter(|c| !expected.classes.contains_key(c)).count();
    let doubled = found.classes.values().filter(|&&n| n > 1).count();
    let of = expected.classes.len();
    if !totals.complete {
        Err("it is not covered".to_owned())
    } else if missed + unknown + doubled > 0 {
        let unseen = expected.outcomes.difference(&found.outcomes).count();
        Err(format!(
            "of {of} classes {missed} are missed, with {unseen} of {} outcomes; {doubled} explored twice; {unknown} are unknown",
            expected.outcomes.len()
        ))
    } else if found.outcomes != expected.outcomes {
        Err(format!("outcomes {:?} are not {:?}", found.outcomes, expected.outcomes))
    } else if totals.blocked > 0 {
        Err(format!("{} runs were for nothing", totals.blocked))
    } else {
        Ok(totals.classes)
    }
}

#[test]
fn as_many_runs_as_classes() {
    let mut wrong = String::new();
    for (name, classes) in COUNTED {
        let counted = differs(&program(name));
        if counted != Ok(classes) {
            wrong += &format!("{name}: {counted:?}, not {classes}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What comes of a process that ends or changes whether it traps exits, while a signal is on its way: on `erl` all of it does.
const ENDS: [(&str, &[&str]); 10] = [
    ("end_or_exit", &["other", "own"]),
    ("end_or_kill", &["killed", "normal"]),
    ("sent_then_killed", &["killed", "normal"]),
    ("end_or_linked", &["child", "own"]),
    ("asked_at_end", &["false", "true"]),
    ("held_at_end", &["other", "own"]),
    ("seen_at_end", &["8", "gone"]),
    ("trap_or_exit", &["sent", "trapped"]),
    ("trap_after_link", &["child", "trapped"]),
    ("untrap_or_exit", &["sent", "trapped"]),
];

#[test]
fn an_end_and_its_own_flag_race_with_signals() {
    for (name, expected) in ENDS {
        let program = program(name);
        let classes = differs(&program);
        assert!(matches!(classes, Ok(1..)), "{name}: {classes:?}");
        let seen = dpor(&program).1.outcomes;
        let results: Vec<&str> = seen.iter().filter_map(|outcome| outcome.split(' ').nth(1)).collect();
        assert_eq!(results, expected, "{name}");
    }
}

/// Programs that have files and sockets.
const INPUT_OUTPUT: [(&str, u64); 29] = [
    ("apart", 1),
    ("readers", 1),
    ("writers", 2),
    ("read_write", 3),
    ("position", 2),
    ("opens", 4),
    ("exclusive", 4),
    ("stat_write", 1),
    ("stat_remove", 2),
    ("rename_open", 2),
    ("close_seek", 1),
    ("close_apart", 1),
    ("close_twice", 4),
    ("owner_ends", 2),
    ("stream", 4),
    ("streams", 4),
    ("two_sends", 4),
    ("listen_connect", 8),
    ("same_port", 6),
    ("pipes_apart", 1),
    ("pipe_flow", 4),
    ("pipe_writes", 8),
    ("pipe_reads", 8),
    ("pipe_read_or_end", 18),
    ("pipe_opens", 6),
    ("pipe_end", 2),
    ("pipe_again", 12),
    ("pipe_broken", 3),
    ("pipe_removed", 4),
];

#[test]
fn input_and_output_is_in_classes() {
    let mut wrong = String::new();
    for (name, classes) in INPUT_OUTPUT {
        let program = program_in("classes_io", name);
        let counted = differs(&program);
        if counted != Ok(classes) {
            wrong += &format!("{name}: {counted:?}, not {classes}\n");
        }
        let mut orders = Orders::default();
        all(&program, 300, Some(&mut orders), &mut |_| {});
        if orders.differ > 0 || orders.again == 0 {
            wrong += &format!("{name}: {} of {} states differ\n", orders.differ, orders.again);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Programs over OTP's services, which start once before the exploration; those of the second table have too many
/// schedules to try all.
const SERVICES: [(&str, u64); 15] = [
    ("calls2", 4),
    ("calls3", 36),
    ("casts3", 6),
    ("cast_call", 1),
    ("update", 26),
    ("update_fixed", 4),
    ("stop_call", 81),
    ("named", 10),
    ("writers2", 2),
    ("writers3", 6),
    ("write_apart", 4),
    ("statem", 2),
    ("events", 2),
    ("tasks", 21),
    ("settings", 4),
];

const LARGE_SERVICES: [(&str, u64); 2] = [("tree", 4), ("restart", 332)];

/// A program over OTP's services.
fn program_with_services(function: &str) -> Option<Program> {
    let beam =
        |module| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/classes/{module}.beam"));
    let program = Program::loaded(&[beam("classes_otp"), beam("classes_door")], Some(function));
    program.inspect(|program| assert!(program.services.is_some(), "{function} needs no services"))
}

#[test]
fn services_are_in_classes_too() {
    let mut wrong = String::new();
    for (name, classes) in SERVICES {
        let Some(program) = program_with_services(name) else { return };
        let counted = differs(&program);
        if counted != Ok(classes) {
            wrong += &format!("{name}: {counted:?}, not {classes}\n");
        }
    }
    for (name, classes) in LARGE_SERVICES {
        let Some(program) = program_with_services(name) else { return };
        let (totals, found) = dpor(&program);
        if totals != (Totals { classes, blocked: 0, complete: true }) || found.classes.len() as u64 != classes
        {
            wrong += &format!("{name}: {totals:?}, not {classes}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn known_counts_of_large_programs() {
    for (name, classes) in LARGE {
        let (totals, found) = dpor(&program(name));
        assert_eq!(totals, Totals { classes, blocked: 0, complete: true }, "{name}");
        assert_eq!(found.classes.len() as u64, classes, "{name}");
    }
}

/// Classes in the order of a search, and where it stood after each.
#[derive(Default)]
struct Course {
    classes: Vec<u64>,
    fronts: Vec<Front>,
}

impl Visitor for Course {
    fn ran(&mut self, explored: &Explored<'_>) -> bool {
        self.classes.push(explored.class);
        true
    }

    fn rests(&mut self, search: &Dpor, rest: Rest) {
        self.fronts.push(search.front(rest == Rest::Over));
    }
}

/// A search of the program, from a front if there is one.
fn course(program: &Program, from: Option<&Front>) -> Course {
    let mut search = Dpor::new(&subject(program, &settings())).expect("the services start");
    search.keeps = true;
    if let Some(front) = from {
        search.go_on_from(front).expect("it is a front of this program");
    }
    let mut course = Course::default();
    search.explore_with(&mut course);
    course
}

/// Wherever a search stops, another one goes on from there as it would have gone on itself.
#[test]
fn a_search_goes_on_from_its_front() {
    let plain = COUNTED.iter().map(|(name, _)| (*name, Some(program(name))));
    let over_services = ["update", "restart"].map(|name| (name, program_with_services(name)));
    for (name, program) in plain.chain(over_services) {
        let Some(program) = program else { return };
        let whole = course(&program, None);
        for at in (0..whole.classes.len() - 1).step_by(1 + whole.classes.len() / 4) {
            let rest = course(&program, Some(&whole.fronts[at]));
            assert_eq!(rest.classes, whole.classes[at + 1..], "{name}, after {at}");
            assert_eq!(rest.fronts, whole.fronts[at + 1..], "{name}, after {at}");
        }
        assert!(whole.fronts.last().is_some_and(|front| front.over));
    }
}

fn written(function: &str, made: &Made) -> Program {
    let mut program = program(function);
    program.entry.arguments = made::arguments(made);
    program.entry.arity = 1;
    program
}

/// Programs by number: those of `variable`, as `FROM..TO`, or `usual`.
#[allow(clippy::disallowed_methods, reason = "how much is tried shows nowhere")]
fn numbers(variable: &str, usual: &str) -> std::ops::Range<i64> {
    let range = std::env::var(variable).unwrap_or(usual.to_owned());
    let (from, to) = range.split_once("..").expect("a range");
    let (from, to): (i64, i64) = (from.parse().expect("a number"), to.parse().expect("a number"));
    from..to
}

/// Judges made programs by all schedules; programs that have too many are left out. Each that fails is shrunk.
fn judge(function: &str, numbers: std::ops::Range<i64>, make: &dyn Fn(i64) -> Made) {
    let (mut failures, mut judged) = (String::new(), 0);
    for seed in numbers {
        let made = make(seed);
        let why = match differs(&written(function, &made)) {
            Ok(classes) => {
                judged += u64::from(classes > 0);
                continue;
            }
            Err(why) => why,
        };
        let smallest = made::shrink(made, &mut |smaller| differs(&written(function, smaller)).is_err());
        let left = differs(&written(function, &smallest)).expect_err("it was kept because it differs");
        let failure = format!("{seed}: {why}; smallest: {left}\n{}", made::text(&smallest));
        println!("{failure}");
        failures += &failure;
    }
    println!("{judged} programs agree");
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn made_programs_agree_with_all_schedules() {
    judge("written", numbers("MADE", "0..200"), &made::plain);
}

#[test]
fn rich_programs_agree_with_all_schedules() {
    judge("rich", numbers("RICH", "0..30"), &|seed| made::rich(seed, 2, 3));
}

#[test]
fn programs_about_time_agree_with_all_schedules() {
    judge("rich", numbers("TIMED", "0..40"), &made::timed);
    // A kill undoes the order of two messages that were to be received.
    judge("rich", 387..388, &made::timed);
}

/// Events that are said to commute, in both orders from one state: the same state.
#[test]
fn events_that_commute_lead_to_the_same_state() {
    let (mut again, mut failures) = (0, String::new());
    for seed in numbers("COMMUTE", "0..120") {
        for (function, made) in [("written", made::plain(seed)), ("rich", made::rich(seed, 2, 3))] {
            let program = written(function, &made);
            let mut orders = Orders::default();
            all(&program, 300, Some(&mut orders), &mut |_| {});
            again += orders.again;
            if orders.differ > 0 {
                failures += &format!("{seed}: {} of {}\n{}", orders.differ, orders.again, made::text(&made));
            }
        }
    }
    println!("{again} states came up again");
    assert!(failures.is_empty(), "{failures}");
    assert!(again > 1_000);
}
