//! Exhaustive strategies at work: `bounded` and `dpor`, on one thread, until everything is covered.
//!
//! Invariant: without a limit of runs, `complete` says that every schedule (`bounded`) or every class of them
//! (`dpor`) was run to its end; nothing that cut a run short leaves it true.

use crate::campaign::{Found, Plan, Progress, Report};
use crate::choice::Pick;
use crate::explore::bounded::{Bounded, Levels};
use crate::explore::dpor::{Dpor, Explored};
use crate::explore::spine::Spine;
use crate::explore::strategy::StrategyKind;
use crate::oracle::Violation;
use crate::runner::{Runner, violation_of};
use crate::world::{End, Outcome};
use std::sync::Arc;

/// Runs the plan's strategy, which is an exhaustive one.
pub fn run(plan: &Plan, progress: &Progress, mut runner: Runner) -> Report {
    let mut report = Report { complete: Some(false), ..Report::default() };
    match plan.strategy {
        StrategyKind::Bounded => bounded(plan, progress, &mut runner, &mut report),
        StrategyKind::Dpor => dpor(plan, progress, &runner, &mut report),
        other => panic!("{other} is not exhaustive"),
    }
    report
}

/// Notes a run. Whether to go on.
fn note(
    report: &mut Report,
    plan: &Plan,
    progress: &Progress,
    outcome: &Outcome,
    found: Option<(&Violation, &[Pick])>,
) -> bool {
    let run = report.sums.runs;
    report.sums.add_unordered(outcome, found.is_some());
    progress.ran();
    if let Some((violation, picks)) = found {
        match report.found.iter_mut().find(|f| f.violation.fingerprint == violation.fingerprint) {
            Some(found) => found.count += 1,
            None => {
                let (violation, picks) = (violation.clone(), picks.to_vec());
                report.found.push(Found { run, violation, outcome: outcome.clone(), picks, count: 1 });
            }
        }
    }
    let stops = found.is_some() && !plan.keep_going;
    !stops && !progress.stopped() && plan.runs.is_none_or(|runs| report.sums.runs < runs)
}

fn bounded(plan: &Plan, progress: &Progress, runner: &mut Runner, report: &mut Report) {
    let (mut levels, mut spine) = (Levels::default(), Spine::default());
    let mut cut = false;
    while let Some(picks) = levels.next_schedule() {
        let mut chooser = Bounded::new(&picks);
        let outcome = spine.run(runner, &picks, &mut chooser, 1 + levels.in_turn());
        levels.ran(&picks, chooser);
        cut |= outcome.end == End::StepLimit;
        let found = violation_of(&outcome).map(|v| (v, &picks[..]));
        if !note(report, plan, progress, &outcome, found) {
            return;
        }
    }
    report.complete = Some(!cut);
}

fn dpor(plan: &Plan, progress: &Progress, runner: &Runner, report: &mut Report) {
    let code = Arc::clone(runner.world().code());
    let search = Dpor::new(code, runner.entry(), runner.settings());
    let totals = search.explore(&mut |explored: &Explored<'_>| {
        let found = explored.violation.map(|v| (v, explored.picks));
        note(report, plan, progress, explored.outcome, found)
    });
    report.classes = Some(totals.classes);
    report.complete = Some(totals.complete);
}
