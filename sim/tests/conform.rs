//! Conformance in the simulator: the programs in `tests/conform` give what `erl` 25 gave, on the dull schedule
//! and on random ones, under every plan of collections; and a schedule's digest is the same under all plans.
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
use warpbeam_sim::digest::Digest;
use warpbeam_sim::explore::dull::Dull;
use warpbeam_sim::explore::random::Random;
use warpbeam_sim::runner::Runner;
use warpbeam_sim::world::settings::{Settings, TimeMode};
use warpbeam_sim::world::{End, Entry, Outcome};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conform")
}

fn programs() -> Vec<String> {
    let only = std::env::var("WARPBEAM_ONLY").unwrap_or_default();
    let mut names: Vec<String> = std::fs::read_dir(directory().join("expected"))
        .expect("the expected results are committed")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".txt").map(str::to_owned))
        .filter(|name| only.is_empty() || only.split(',').any(|o| o == name))
        .collect();
    names.sort();
    names
}

fn runner(name: &str) -> Runner {
    let code = Arc::new(CodeServer::new(Box::new(NoSource)));
    let bytes = std::fs::read(directory().join(format!("{name}.beam"))).expect("each program is compiled");
    let module = code.load(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
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

/// The text that a run gave.
fn evaluate(runner: &mut Runner, chooser: &mut dyn Chooser) -> (String, Outcome) {
    let outcome = runner.run(chooser);
    let text = match (&outcome.end, runner.world().result()) {
        (End::Quiet, Some(result)) => {
            let literals = runner.world().code().view().literals.clone();
            let (heap, word) = result.unpack(&literals);
            show(&heap, word)
        }
        (end, _) => format!("NO RESULT {end:?}"),
    };
    (text, outcome)
}

/// The first place where two texts differ, with some of what is around it.
fn difference(expected: &str, found: &str) -> String {
    let at = expected.bytes().zip(found.bytes()).position(|(a, b)| a != b);
    let at = at.unwrap_or(expected.len().min(found.len()));
    let around = |text: &str| {
        let from = at.saturating_sub(120);
        let bytes = &text.as_bytes()[from..text.len().min(at + 120)];
        String::from_utf8_lossy(bytes).into_owned()
    };
    format!("at byte {at}\n  erl:      ...{}\n  warpbeam: ...{}", around(expected), around(found))
}

const PLANS: &[GcPlan] = &[GcPlan::Normal, GcPlan::Every(61), GcPlan::EverySafepoint];
/// Random schedules of each program.
const SEEDS: [u64; 2] = [1, 2];

fn check(name: &str) -> Vec<String> {
    let expected = std::fs::read_to_string(directory().join(format!("expected/{name}.txt")));
    let expected = expected.expect("just listed");
    let mut runner = runner(name);
    let mut wrong = Vec::new();
    for seed in [0].into_iter().chain(SEEDS) {
        let mut first: Option<Digest> = None;
        let mut choices = 0;
        for &plan in &PLANS[..std::env::var("NPLANS").map_or(3, |n| n.parse().unwrap())] {
            let began = std::time::Instant::now();
            runner.set_plan(plan);
            let (found, outcome) = if seed == 0 {
                evaluate(&mut runner, &mut Dull)
            } else {
                let mut random = Random::new(seed);
                random.start_run(0);
                evaluate(&mut runner, &mut random)
            };
            if std::env::var("WARPBEAM_TIMES").is_ok() {
                eprintln!(
                    "{name} {seed} {plan:?} {} {} {:?}",
                    outcome.digest,
                    outcome.choices,
                    began.elapsed()
                );
            }
            choices = outcome.choices;
            if found != expected.trim_end() {
                let what = difference(expected.trim_end(), &found);
                wrong.push(format!("{name}, seed {seed}, {plan:?}: {what}"));
            }
            if *first.get_or_insert(outcome.digest) != outcome.digest {
                wrong
                    .push(format!("{name}, seed {seed}, {plan:?}: another digest than under the first plan"));
            }
        }
        if choices == 0 {
            // There is one schedule only.
            break;
        }
    }
    wrong
}

#[test]
fn programs_give_what_erl_gives() {
    let wrong: Vec<String> = programs().iter().flat_map(|name| check(name)).collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
