//! Conformance in the simulator: the programs in `tests/conform` and `tests/suite` give what `erl` 25 gave, on the
//! dull schedule and on random ones, under every plan of collections; and a schedule's digest is the same under all plans.
//!
//! Timers fire when nothing else can happen, so that a time limit means what it means on an idle machine.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test reads files")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use warpbeam::code::CodeServer;
use warpbeam::code::server::NoSource;
use warpbeam::heap::parcel::Parcel;
use warpbeam::heap::policy::GcPlan;
use warpbeam::term::show::show;
use warpbeam::term::{Atom, Word};
use warpbeam_sim::choice::Chooser;
use warpbeam_sim::explore::dull::Dull;
use warpbeam_sim::explore::random::Random;
use warpbeam_sim::runner::Runner;
use warpbeam_sim::world::settings::{Settings, TimeMode};
use warpbeam_sim::world::{End, Entry, Outcome};

/// A compiled program, the modules that it calls, and what it answers.
struct Program {
    name: String,
    beam: PathBuf,
    calls: Vec<PathBuf>,
    expected: PathBuf,
}

/// Programs by the names of their answers, those of `WARPBEAM_ONLY` alone where it is set.
fn programs(directory: &str, beams: &str, calls: &[&str]) -> Vec<Program> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests").join(directory);
    let only = std::env::var("WARPBEAM_ONLY").unwrap_or_default();
    let mut names: Vec<String> = std::fs::read_dir(directory.join("expected"))
        .expect("the expected results are committed")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".txt").map(str::to_owned))
        .filter(|name| only.is_empty() || only.split(',').any(|o| o == name))
        .collect();
    names.sort();
    let beams = directory.join(beams);
    let program = |name: String| Program {
        beam: beams.join(format!("{name}.beam")),
        calls: calls.iter().map(|module| beams.join(format!("{module}.beam"))).collect(),
        expected: directory.join(format!("expected/{name}.txt")),
        name,
    };
    names.into_iter().map(program).collect()
}

fn runner(program: &Program) -> Runner {
    let code = Arc::new(CodeServer::new(Box::new(NoSource)));
    let load = |path: &Path| {
        let bytes = std::fs::read(path).expect("each program is compiled");
        code.load(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    for module in &program.calls {
        load(module);
    }
    let module = load(&program.beam);
    let entry =
        Entry { module, function: Atom::known("main"), arguments: Parcel::immediate(Word::NIL), arity: 0 };
    let settings = Settings {
        time: TimeMode::Idle,
        steps_max: 10_000_000,
        livelock_calls: 2_000_000_000,
        ..Settings::default()
    };
    Runner::new(code, entry, settings)
}

const NO_RESULT: &str = "no result:";

/// The text that a run gave.
fn evaluate(runner: &mut Runner, chooser: &mut dyn Chooser) -> (String, Outcome) {
    let outcome = runner.run(chooser);
    let text = match (&outcome.end, runner.world().result()) {
        (End::Quiet, Some(result)) => {
            let literals = runner.world().code().view().literals.clone();
            let (heap, word) = result.unpack(&literals);
            show(&heap, word)
        }
        (end, _) => format!("{NO_RESULT} {end:?}"),
    };
    (text, outcome)
}

/// The first place where two texts differ, with some of what is around it.
fn difference(expected: &str, found: &str) -> String {
    if found.starts_with(NO_RESULT) {
        return found.to_owned();
    }
    let at = expected.bytes().zip(found.bytes()).position(|(a, b)| a != b);
    let at = at.unwrap_or(expected.len().min(found.len()));
    let around = |text: &str| {
        let from = at.saturating_sub(120);
        let bytes = &text.as_bytes()[from..text.len().min(at + 120)];
        String::from_utf8_lossy(bytes).into_owned()
    };
    format!("at byte {at}\n  erl:      ...{}\n  warpbeam: ...{}", around(expected), around(found))
}

/// Programs that are too long to collect at every safepoint: at which ones instead, and what makes them long.
const LONG: &[(&str, u32, &str)] = &[
    ("c_alg_codecs", 61, MANY),
    ("c_alg_huffman", 61, MANY),
    ("c_alg_json", 199, MANY),
    ("c_alg_life", 61, MANY),
    ("c_alg_paths", 61, MANY),
    ("c_alg_queens", 199, MANY),
    ("c_alg_queues", 61, MANY),
    ("c_alg_search", 997, MANY),
    ("c_alg_text", 61, MANY),
    ("c_alg_trees", 61, MANY),
    ("c_arith", 61, MANY),
    ("c_atoms", 61, MANY),
    ("c_binary", 997, LARGE),
    ("c_compare", 997, LARGE),
    ("c_deep", 99_991, LARGE),
    ("c_dict", 199, LARGE),
    ("c_etf", 9973, LARGE),
    ("c_etf_hostile", 997, LARGE),
    ("c_ets", 997, MANY),
    ("c_ets_bad", 199, MANY),
    ("c_ets_select", 997, MANY),
    ("c_exceptions", 61, MANY),
    ("c_funs", 61, MANY),
    ("c_lifecycle", 9973, LARGE),
    ("c_lists", 9973, LARGE),
    ("c_mailbox_gc", 997, LARGE),
    ("c_many", 997, MANY),
    ("c_maps", 9973, LARGE),
    ("c_math", 61, MANY),
    ("c_monitors", 61, MANY),
    ("c_numbers", 61, MANY),
    ("c_phash2", 997, LARGE),
    ("c_process_info", 61, MANY),
    ("c_recv", 997, LARGE),
    ("c_tuples", 61, LARGE),
    ("c_unique", 61, MANY),
];
const MANY: &str = "many safepoints";
const LARGE: &str = "large heaps at many safepoints";
/// Endings of the names of the suite's programs that call a native function of so many arguments.
const MANY_CALLS: [&str; 4] = ["_2", "_3", "_4", "_5"];
/// Random schedules of each program.
const SEEDS: [u64; 2] = [1, 2];

fn plans(name: &str) -> Vec<GcPlan> {
    match LONG.iter().find(|(long, ..)| *long == name) {
        Some(&(_, n, _)) => vec![GcPlan::Normal, GcPlan::Every(n)],
        // A sweep over pairs of terms and more holds thousands of them.
        None if MANY_CALLS.iter().any(|ending| name.starts_with("n_") && name.ends_with(ending)) => {
            vec![GcPlan::Normal, GcPlan::Every(997)]
        }
        None => vec![GcPlan::Normal, GcPlan::Every(61), GcPlan::EverySafepoint],
    }
}

fn under_plan(runner: &mut Runner, seed: u64, plan: GcPlan) -> (String, Outcome) {
    runner.set_plan(plan);
    if seed == 0 {
        return evaluate(runner, &mut Dull);
    }
    let mut random = Random::new(seed);
    random.start_run(0);
    evaluate(runner, &mut random)
}

fn check(program: &Program) -> Vec<String> {
    let name = &program.name;
    let expected = std::fs::read_to_string(&program.expected).expect("just listed");
    let mut runner = runner(program);
    let mut wrong = Vec::new();
    for seed in [0].into_iter().chain(SEEDS) {
        let mut first: Option<Outcome> = None;
        for plan in plans(name) {
            let (found, outcome) = under_plan(&mut runner, seed, plan);
            if found != expected.trim_end() {
                let what = difference(expected.trim_end(), &found);
                wrong.push(format!("{name}, seed {seed}, {plan:?}: {what}"));
            }
            let first = first.get_or_insert_with(|| outcome.clone());
            if first.digest != outcome.digest {
                wrong
                    .push(format!("{name}, seed {seed}, {plan:?}: another digest than under the first plan"));
            }
        }
        if first.is_some_and(|outcome| outcome.choices == 0) {
            // There is one schedule only.
            break;
        }
    }
    wrong
}

fn check_all(programs: &[Program]) {
    let wrong: Vec<String> = programs.iter().flat_map(check).collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn programs_give_what_erl_gives() {
    check_all(&programs("conform", ".", &[]));
}

#[test]
fn programs_of_the_suite_give_what_erl_gives() {
    check_all(&programs("suite", "programs", &["suite_kit"]));
}
