//! Finding power, in short: `auto` finds each program's bug within a stated number of runs, and nothing in the corrected
//! twins. `benches/power.rs` makes the table with every strategy.

#[path = "power/rows.rs"]
mod rows;
mod support;

use rows::{EXAMPLES, PORTS, Row};
use std::collections::BTreeMap;
use std::sync::Arc;
use support::{Program, plan};
use warpbeam::world::OpKind;
use warpbeam_sim::choice::{Chooser, Event, Opt, Point};
use warpbeam_sim::explore::coverage::{Noted, Notes};
use warpbeam_sim::explore::dull::Dull;
use warpbeam_sim::explore::mutate::Parent;
use warpbeam_sim::explore::reverse::Reversal;
use warpbeam_sim::explore::strategy::{Strategy, StrategyKind};
use warpbeam_sim::explore::survey::{Focus, Survey};
use warpbeam_sim::name::Births;
use warpbeam_sim::runner::violation_of;
use warpbeam_sim::world::settings::Settings;

const SEEDS: [u64; 3] = [1, 2, 3];
const TWIN_RUNS: u64 = 300;

fn check(row: &Row) -> Option<String> {
    let name = row.name();
    let program = row.program(row.function);
    let settings = Settings::default();
    if let Some(violation) = violation_of(&program.runner(&settings).run(&mut Dull)) {
        return Some(format!("{name}: the dull run fails: {}", violation.message));
    }
    let needed = |seed| {
        let report = program.campaign(&plan(seed, row.runs), &Settings { seed, ..settings.clone() });
        report.found.first().map(|found| found.run + 1)
    };
    let runs: Vec<Option<u64>> = SEEDS.into_iter().map(needed).collect();
    if runs.contains(&None) {
        return Some(format!("{name}: not found in {} runs from each of the seeds: {runs:?}", row.runs));
    }
    let twin = row.twin.then(|| row.program("fixed").campaign(&plan(1, TWIN_RUNS), &settings));
    let found = twin.and_then(|report| report.found.into_iter().next());
    found.map(|found| format!("{name}: its twin fails: {}", found.violation.message))
}

#[test]
fn auto_finds_each_bug_within_the_stated_runs_and_none_in_the_twins() {
    let wrong: Vec<String> = PORTS.iter().chain(EXAMPLES).filter_map(check).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Notes who sends, beside choosing.
struct Order<'a> {
    strategy: &'a mut Strategy,
    senders: Vec<u64>,
}

impl Chooser for Order<'_> {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        self.strategy.choose(at, options)
    }

    fn happened(&mut self, event: &Event, births: &Births) {
        self.strategy.happened(event, births);
        if event.op.kind() == OpKind::Send {
            self.senders.push(births.actor_hash(event.actor));
        }
    }

    fn listens(&self) -> bool {
        true
    }
}

/// How often each order of sends came up, least often first.
fn orders(program: &Program, kind: StrategyKind, runs: u64) -> Vec<u64> {
    let mut runner = program.runner(&Settings::default());
    let focus = Focus::parse("main").expect("it is a path");
    let survey: Arc<Survey> = Survey::of(&mut runner, Some(&focus));
    let mut strategy = Strategy::new(kind, 1, &survey);
    let mut counts: BTreeMap<Vec<u64>, u64> = BTreeMap::new();
    for index in 0..runs {
        strategy.start_run(index);
        let mut order = Order { strategy: &mut strategy, senders: Vec::new() };
        runner.run(&mut order);
        *counts.entry(order.senders).or_default() += 1;
    }
    let mut counts: Vec<u64> = counts.into_values().collect();
    counts.sort_unstable();
    counts
}

/// Two processes send five messages each to a third: 252 orders. SURW makes all of them about equally likely, where
/// an even choice of who goes on does not.
#[test]
fn surw_draws_the_orders_of_its_focus_evenly() {
    let row = PORTS.iter().find(|row| row.module == "alternation").expect("it is in the table");
    let program = row.program("main");
    let even = orders(&program, StrategyKind::Surw, 252 * 40);
    assert_eq!(even.len(), 252);
    assert!(even[0] >= 15 && even[251] <= 80, "{even:?}");
    let uneven = orders(&program, StrategyKind::Random, 252 * 40);
    assert!(uneven[uneven.len() - 1] > 160, "{uneven:?}");
}

/// Most races of the dull run come the other way round at once when they are reversed; of the others one event follows from
/// the other, or a third one comes between.
#[test]
fn reversals_reverse() {
    let row = PORTS.iter().find(|row| row.name() == "reorder:three").expect("it is in the table");
    let mut runner = row.program(row.function).runner(&Settings::default());
    let survey = Survey::of(&mut runner, None);
    let parent = Arc::new(Parent::default());
    let reversed = survey.races.iter().filter(|race| {
        let mut notes = Notes::default();
        runner.run(&mut Noted { inner: &mut Reversal::new(&parent, **race), notes: &mut notes });
        assert!(!survey.pairs.contains(&race.back), "the dull run has only one order");
        notes.pairs.contains(&race.back)
    });
    assert_eq!((reversed.count(), survey.races.len()), (9, 15));
}
