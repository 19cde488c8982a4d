//! The simulation table: messages, scheduling points, fresh runs, timers, forks and shrinking.
//!
//!     cargo bench -p warpbeam-sim --bench simulation [-- ROW...]
//!
//! With `OPERATIONS=N` in the environment the long runs have N operations and one repeat: for `callgrind`.
//!
//! One thread. Each row is the best of a few repeats, by the clock and by CPU time of this thread. The latter says whether
//! an aim is reached: neighbours on the machine disturb it less. Oracles are on, as in an exploration; running twice and comparing collection plans, which
//! an exploration does once in 1,000 runs, is not in the figures.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a bench reads files and the clock")]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use warpbeam::code::CodeServer;
use warpbeam::code::path::CodePath;
use warpbeam::heap::parcel::Parcel;
use warpbeam::term::{Atom, Word};
use warpbeam_sim::explore::dpor::Dpor;
use warpbeam_sim::explore::dpor::beginning::Subject;
use warpbeam_sim::explore::dull::Dull;
use warpbeam_sim::explore::replay::Repeat;
use warpbeam_sim::explore::strategy::{Strategy, StrategyKind};
use warpbeam_sim::explore::survey::Survey;
use warpbeam_sim::runner::{Runner, violation_of};
use warpbeam_sim::shrink::shrink;
use warpbeam_sim::world::settings::{Settings, TimeMode};
use warpbeam_sim::world::{End, Entry};

const REPEATS: u32 = 7;
/// Operations in one repeat of a long run.
const OPERATIONS: u64 = 1_000_000;
/// Fresh runs in one repeat.
const RUNS: u64 = 200_000;

const RANDOM: StrategyKind = StrategyKind::Random;
const PCT: StrategyKind = StrategyKind::Pct { depth: 3 };

/// A row of rates: name, function of `benches/sim.erl`, its arguments, strategy, first aim in millions a second.
struct Long(&'static str, &'static str, &'static [&'static str], StrategyKind, Option<f64>);

const LONG: [Long; 9] = [
    Long("messages, one pair", "messages", &["1"], RANDOM, Some(5.0)),
    Long("messages, four pairs", "messages", &["4"], RANDOM, Some(5.0)),
    Long("messages, one sender and one receiver", "stream", &[], RANDOM, Some(5.0)),
    Long("network messages, one connection", "wires", &["1"], RANDOM, Some(2.0)),
    Long("network messages, four connections", "wires", &["4"], RANDOM, Some(2.0)),
    Long("scheduling points, random", "points", &[], RANDOM, Some(12.0)),
    Long("scheduling points, PCT", "points", &[], PCT, Some(7.0)),
    Long("timers, one after the other", "sleeps", &[], RANDOM, Some(10.0)),
    Long("timers, 100 at once", "timers", &[], RANDOM, Some(10.0)),
];

struct Fresh(&'static str, &'static str, Option<f64>);

const FRESH: [Fresh; 3] = [
    Fresh("fresh runs, nothing in them", "nothing", Some(1.5)),
    Fresh("fresh runs, a question and its answer", "meet", Some(0.3)),
    Fresh("fresh runs, two of them", "meet_twice", None),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn runner(beam: &Path, function: &str, arguments: &[&str], settings: Settings) -> Runner {
    let path = CodePath::of(&[beam.to_owned()]).expect("the program is committed");
    let module = Atom::new(path.first_module()).expect("a module's name is short");
    let code = Arc::new(CodeServer::new(Box::new(path)));
    code.ensure_loaded(module).expect("the program is a module");
    let function = Atom::new(function).expect("the name is short");
    let list = Parcel::build(|heap| {
        let mut strings = Vec::new();
        for text in arguments {
            let characters: Vec<Word> = text.bytes().map(|c| Word::small(i64::from(c))).collect();
            strings.push(heap.new_list(&characters, Word::NIL)?);
        }
        let list = heap.new_list(&strings, Word::NIL)?;
        heap.new_list(&[list], Word::NIL)
    });
    let arguments_list =
        if arguments.is_empty() { Parcel::immediate(Word::NIL) } else { list.expect("it is small") };
    let arity = u32::from(!arguments.is_empty());
    Runner::new(code, Entry { module, function, arguments: arguments_list, arity }, settings)
}

fn settings() -> Settings {
    Settings { steps_max: u64::MAX, ..Settings::default() }
}

/// CPU time of this thread, in nanoseconds.
fn cpu_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// Best seconds, by the clock and by CPU time.
fn best(repeats: u32, mut work: impl FnMut()) -> (f64, f64) {
    let (mut wall_s, mut cpu_s) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..repeats {
        let (began, cpu_began) = (Instant::now(), cpu_ns());
        work();
        wall_s = wall_s.min(began.elapsed().as_secs_f64());
        cpu_s = cpu_s.min((cpu_ns() - cpu_began) as f64 / 1e9);
    }
    (wall_s, cpu_s)
}

fn rate_row(name: &str, operations: u64, (wall_s, cpu_s): (f64, f64), aim: Option<f64>) {
    let rate = |seconds: f64| operations as f64 / seconds / 1e6;
    let (wall, cpu) = (rate(wall_s), rate(cpu_s));
    let aim_text = aim.map_or("-".to_owned(), |aim| format!("{aim}"));
    let reached = aim.map_or("-", |aim| if cpu >= aim { "yes" } else { "no" });
    println!("| {name} | {wall:.2} | {cpu:.2} | {aim_text} | {reached} |");
}

fn long(row: &Long) {
    let Long(name, function, arguments, kind, aim) = row;
    let asked = std::env::var("OPERATIONS").ok().and_then(|count| count.parse().ok());
    let (operations, repeats) = asked.map_or((OPERATIONS, REPEATS), |count: u64| (count, 1));
    let count = operations.to_string();
    let arguments: Vec<&str> = std::iter::once(count.as_str()).chain(arguments.iter().copied()).collect();
    let mut runner = runner(&root().join("benches/sim.beam"), function, &arguments, settings());
    let mut strategy = Strategy::new(*kind, 1, &Arc::new(Survey::of_length(operations)));
    let mut index = 0;
    let times = best(repeats, || {
        strategy.start_run(index);
        index += 1;
        let outcome = runner.run(&mut strategy);
        assert!(outcome.end == End::Quiet, "{function} ends: {:?}", outcome.end);
    });
    rate_row(name, operations, times, *aim);
}

fn fresh(Fresh(name, function, aim): &Fresh) {
    let mut runner = runner(&root().join("benches/sim.beam"), function, &[], settings());
    let mut strategy = Strategy::new(RANDOM, 1, &Arc::new(Survey::of_length(10)));
    let times = best(REPEATS, || {
        for index in 0..RUNS {
            strategy.start_run(index);
            let outcome = runner.run(&mut strategy);
            assert!(outcome.end == End::Quiet, "{function} ends: {:?}", outcome.end);
        }
    });
    rate_row(name, RUNS, times, *aim);
}

/// Programs of `sim/tests/classes` that are proved, with the number of their classes.
const PROOFS: [(&str, u64); 3] = [("any7", 5040), ("lastzero8", 704), ("readers5", 32)];

fn proof((function, classes): (&str, u64)) {
    let runner = runner(&root().join("sim/tests/classes/classes.beam"), function, &[], settings());
    let settings = Settings { time: TimeMode::Idle, ..settings() };
    let code = Arc::clone(runner.world().code());
    let subject = Subject { code, entry: runner.entry(), services: None, settings: &settings };
    let proofs = OPERATIONS / 100 / classes;
    let times = best(REPEATS, || {
        for _ in 0..proofs {
            let dpor = Dpor::new(&subject).expect("there are no services to start");
            let totals = dpor.explore(&mut |_| true);
            assert!(totals.complete && totals.classes == classes, "{function}: {totals:?}");
        }
    });
    rate_row(&format!("classes proved, {function}"), proofs * classes, times, Some(0.05));
}

/// Forks of a world in which so many processes wait.
fn fork(processes: &str) {
    let mut runner = runner(&root().join("benches/sim.beam"), "crowd", &[processes], settings());
    let outcome = runner.run(&mut Dull);
    assert!(violation_of(&outcome).is_some(), "the entry of crowd/1 waits for ever");
    let forks = 200;
    let (wall_s, cpu_s) = best(REPEATS, || {
        for _ in 0..forks {
            drop(black_box(runner.world().clone()));
        }
    });
    let us = |seconds: f64| seconds / f64::from(forks) * 1e6;
    println!(
        "| fork of a world with {processes} processes, µs | {:.1} | {:.1} | - | - |",
        us(wall_s),
        us(cpu_s)
    );
}

/// Finds each example's bug and shrinks it: the median of all, in milliseconds.
fn shrinking() {
    let mut times_ms: Vec<(f64, f64, String)> = Vec::new();
    let directory = std::fs::read_dir(root().join("examples")).expect("the examples are there");
    for entry in directory {
        let path = entry.expect("the examples can be listed").path();
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let beam = path.extension().is_some_and(|extension| extension == "beam");
        if beam && !name.ends_with("_fixed") {
            let (wall_s, cpu_s) = shrink_one(&path, &name);
            times_ms.push((cpu_s * 1e3, wall_s * 1e3, name));
        }
    }
    times_ms.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (cpu, wall, _) = &times_ms[times_ms.len() / 2];
    let reached = if *wall < 100.0 { "yes" } else { "no" };
    println!("| shrinking an example's bug, median, ms | {wall:.2} | {cpu:.2} | < 100 | {reached} |");
    let (cpu, wall, name) = &times_ms[times_ms.len() - 1];
    println!("| shrinking, slowest ({name}), ms | {wall:.1} | {cpu:.1} | - | - |");
}

fn shrink_one(beam: &Path, name: &str) -> (f64, f64) {
    let mut runner = runner(beam, "main", &[], Settings { seed: 1, ..Settings::default() });
    let survey = Survey::of(&mut runner, None);
    let mut strategy = Strategy::new(StrategyKind::Mix, 1, &survey);
    let mut index = 0;
    let violation = loop {
        strategy.start_run(index);
        if let Some(violation) = violation_of(&runner.run(&mut strategy)) {
            break violation.clone();
        }
        index += 1;
        assert!(index < 100_000, "{name}: its bug is found in 100,000 runs");
    };
    let picks = runner.picks();
    let (_, keep) = runner.keep(&mut Repeat::new(&picks));
    best(3, || {
        black_box(shrink(&mut runner, keep.deviations.clone(), &violation.fingerprint));
    })
}

fn main() {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let wanted = |name: &str| chosen.is_empty() || chosen.iter().any(|c| name.contains(c.as_str()));
    println!("| row | M/s by the clock | M/s by CPU time | first aim | reached |");
    println!("|---|---|---|---|---|");
    LONG.iter().filter(|row| wanted(row.0)).for_each(long);
    FRESH.iter().filter(|row| wanted(row.0)).for_each(fresh);
    PROOFS.into_iter().filter(|row| wanted(&format!("classes proved, {}", row.0))).for_each(proof);
    if wanted("fork") {
        fork("10");
        fork("1000");
    }
    if wanted("shrinking") {
        shrinking();
    }
}
