//! OTP's behaviours in the simulator: the programs in `tests/behaviours` give what `erl` 25 gave on the dull schedule
//! and on random ones, under every plan of collections, with equal digests and no violation.
//!
//! Timers fire when nothing else can happen. A release build runs more:
//! `cargo test --release -p warpbeam-sim --test behaviours`.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test reads files")]

#[path = "../../tests/behaviours/programs.rs"]
mod programs;

use programs::{NAMES, arguments, code, compare, expected};
use std::sync::Arc;
use warpbeam::heap::policy::GcPlan;
use warpbeam::term::Atom;
use warpbeam::term::show::show;
use warpbeam_sim::choice::Chooser;
use warpbeam_sim::digest::Digest;
use warpbeam_sim::explore::dull::Dull;
use warpbeam_sim::explore::random::Random;
use warpbeam_sim::runner::Runner;
use warpbeam_sim::world::settings::{Settings, TimeMode};
use warpbeam_sim::world::{End, Entry};

/// Random schedules of each program; `WARPBEAM_SEEDS` asks for more.
const SEEDS: u64 = 2;

const PLANS: &[GcPlan] = &[GcPlan::Normal, GcPlan::Every(61), GcPlan::EverySafepoint];

fn evaluate(runner: &mut Runner, chooser: &mut dyn Chooser) -> (String, Digest) {
    let outcome = runner.run(chooser);
    let text = match (&outcome.end, runner.world().result()) {
        (End::Quiet, Some(result)) => {
            let (heap, word) = result.unpack(&runner.world().code().view().literals);
            heap.list(word).map(|case| show(&heap, case) + "\n").collect()
        }
        (end, _) => format!("NO RESULT {end:?}"),
    };
    (text, outcome.digest)
}

#[test]
fn behaviours_do_what_they_do_in_erl_under_every_schedule_and_plan() {
    let Some(code) = code() else { return };
    let only = std::env::var("WARPBEAM_ONLY").unwrap_or_default();
    let seeds = std::env::var("WARPBEAM_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(SEEDS);
    let mut wrong = Vec::new();
    for name in NAMES.iter().filter(|name| only.is_empty() || only == **name) {
        let (module, function) = (Atom::known("b_run"), Atom::known("run"));
        let entry = Entry { module, function, arguments: arguments(name), arity: 1 };
        let settings = Settings {
            time: TimeMode::Idle,
            steps_max: 10_000_000,
            livelock_calls: 2_000_000_000,
            ..Settings::default()
        };
        let mut runner = Runner::new(Arc::clone(&code), entry, settings);
        for seed in 0..=seeds {
            let mut first = None;
            for &plan in PLANS {
                runner.set_plan(plan);
                let (found, digest) = if seed == 0 {
                    evaluate(&mut runner, &mut Dull)
                } else {
                    let mut random = Random::new(seed);
                    random.start_run(0);
                    evaluate(&mut runner, &mut random)
                };
                wrong.extend(compare(&format!("{name}, seed {seed}, {plan:?}"), &expected(name), &found));
                if *first.get_or_insert(digest) != digest {
                    wrong.push(format!(
                        "{name}, seed {seed}, {plan:?}: another digest than under the first plan"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
