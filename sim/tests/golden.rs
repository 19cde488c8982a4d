//! Golden digests: what a seed means stays the same, on any machine, in any build.
//!
//! `golden.txt` has a line for each program and mode. A change of it is a change of what seeds and schedules
//! mean, and is made on purpose: `BLESS=1` writes it anew.

mod support;

use std::fmt::Write;
use support::{BUGS, Program, plan};
use warpbeam_sim::campaign::Plan;
use warpbeam_sim::explore::strategy::StrategyKind;
use warpbeam_sim::world::settings::{Delivery, Settings, TimeMode};

const RUNS: u64 = 50;

fn table() -> String {
    let pairwise = Settings { delivery: Delivery::Pairwise, ..Settings::default() };
    let free = Settings { time: TimeMode::Free, ..Settings::default() };
    let modes = [
        ("random", StrategyKind::Random, Settings::default()),
        ("pct:3", StrategyKind::Pct { depth: 3 }, Settings::default()),
        ("pairwise", StrategyKind::Mix, pairwise),
        ("free", StrategyKind::Mix, free),
    ];
    let mut table = String::new();
    for name in BUGS {
        for program_name in [name.to_string(), format!("{name}_fixed")] {
            let program = Program::example(&program_name);
            for (mode, strategy, settings) in &modes {
                let plan = Plan { strategy: *strategy, keep_going: true, ..plan(11, RUNS) };
                let sums = program.campaign(&plan, settings).sums;
                let (digest, steps, choices) = (sums.digest(), sums.steps, sums.choices);
                writeln!(
                    table,
                    "{program_name:<26} {mode:<9} {digest} {steps:>6} steps {choices:>6} choices"
                )
                .expect("a string takes any text");
            }
        }
    }
    table
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a test reads its own file")]
fn digests_are_as_they_were() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden.txt");
    let table = table();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &table).expect("the table can be written");
    }
    let golden = std::fs::read_to_string(path).expect("the table is committed");
    for (now, then) in table.lines().zip(golden.lines()) {
        assert_eq!(now, then);
    }
    assert_eq!(table.lines().count(), golden.lines().count());
}
