//! Exhaustive strategies at work: `bounded` and `dpor`, on one thread, until everything is covered.
//!
//! Invariant: without a limit of runs, `complete` says that every schedule (`bounded`) or every class of them
//! (`dpor`) was run to its end; nothing that cut a run short leaves it true. A shard of `bounded` says only whether its own
//! are `done`: all shards together are complete if no run was cut.

use crate::campaign::{Found, Plan, Progress, Report};
use crate::choice::Pick;
use crate::explore::bounded::{Bounded, Levels};
use crate::explore::dpor::beginning::Subject;
use crate::explore::dpor::{Dpor, Explored, Rest, Visitor};
use crate::explore::spine::Spine;
use crate::explore::strategy::StrategyKind;
use crate::journal::asked::Asked;
use crate::journal::keep::{Keeping, Pen};
use crate::journal::line::Stand;
use crate::oracle::Violation;
use crate::runner::{Runner, violation_of};
use crate::world::Outcome;
use std::sync::Arc;

/// Steps after which a proof is written down, unless it takes more bytes than that.
const STEPS: u64 = 20_000;

/// Runs the plan's strategy, which is an exhaustive one, from where its journal says that it is. A journal that is
/// none of this program is the error.
pub fn run(
    plan: &Plan,
    progress: &Progress,
    mut runner: Runner,
    keeping: Option<Keeping<'_>>,
) -> Result<Report, NotHere> {
    match plan.strategy {
        StrategyKind::Bounded => bounded(plan, progress, &mut runner, keeping),
        StrategyKind::Dpor => {
            assert!(plan.shard.1 == 1, "a proof by classes is one machine's");
            dpor(plan, progress, &runner, keeping)
        }
        other => panic!("{other} is not exhaustive"),
    }
}

/// A journal says that a proof stands where this program does not come to.
#[derive(Debug)]
pub struct NotHere;

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
    !stops && !progress.stopped() && wants_more(plan, report)
}

fn wants_more(plan: &Plan, report: &Report) -> bool {
    plan.own_runs().is_none_or(|runs| report.sums.runs < runs)
}

fn bounded(
    plan: &Plan,
    progress: &Progress,
    runner: &mut Runner,
    keeping: Option<Keeping<'_>>,
) -> Result<Report, NotHere> {
    let mut report = keeping.as_ref().map(|keeping| keeping.report.clone()).unwrap_or_default();
    progress.ran_before(report.sums.runs);
    let mut levels = Levels::of_shard(plan.shard);
    let over = keeping.as_ref().is_some_and(Keeping::over);
    report.done = keeping.as_ref().is_some_and(Keeping::done);
    if let Some(keeping) = keeping.as_ref().filter(|_| !over && !report.done) {
        ran_before(&mut levels, keeping)?;
    }
    let mut pen = Pen::new(keeping.as_ref());
    if !over && !report.done {
        all_schedules(plan, progress, runner, (&mut levels, &mut report, &mut pen))?;
        let found = !report.found.is_empty() && !plan.keep_going;
        let stand = match () {
            () if found => Stand::Over,
            () if report.done => Stand::Done,
            () => Stand::Whole,
        };
        pen.write(&report, stand, progress);
    }
    let whole = plan.shard.1 == 1;
    report.complete = whole.then_some(report.done && report.sums.cut == 0);
    Ok(report)
}

/// Brings the schedules to where a journal says that they are.
fn ran_before(levels: &mut Levels, keeping: &Keeping<'_>) -> Result<(), NotHere> {
    for arities in keeping.asked().iter().flat_map(Asked::runs) {
        let picks = levels.next_schedule().ok_or(NotHere)?;
        levels.ran(&picks, Bounded::that_was_asked(&picks, arities));
    }
    Ok(())
}

/// Runs schedules until there are none left, or it is enough.
fn all_schedules(
    plan: &Plan,
    progress: &Progress,
    runner: &mut Runner,
    (levels, report, pen): (&mut Levels, &mut Report, &mut Pen<'_>),
) -> Result<(), NotHere> {
    let mut spine = Spine::default();
    while !progress.stopped() && wants_more(plan, report) {
        let Some(picks) = levels.next_schedule() else {
            report.done = true;
            break;
        };
        let mut chooser = Bounded::new(&picks);
        let outcome = spine.run(runner, &picks, &mut chooser, 1 + levels.in_turn());
        if chooser.strayed() {
            assert!(pen.keeps(), "the same picks lead to the same question");
            // What the journal says that earlier runs were asked is not what they are asked here.
            return Err(NotHere);
        }
        pen.asked(chooser.asked());
        levels.ran(&picks, chooser);
        let found = violation_of(&outcome).map(|v| (v, &picks[..]));
        if levels.own() && !note(report, plan, progress, &outcome, found) {
            break;
        }
        pen.grown(1, report, Stand::Whole, progress);
    }
    Ok(())
}

fn dpor(
    plan: &Plan,
    progress: &Progress,
    runner: &Runner,
    keeping: Option<Keeping<'_>>,
) -> Result<Report, NotHere> {
    let mut report = keeping.as_ref().map(|keeping| keeping.report.clone()).unwrap_or_default();
    report.complete = Some(false);
    let subject = Subject {
        code: Arc::clone(runner.world().code()),
        entry: runner.entry(),
        services: runner.services(),
        settings: runner.settings(),
    };
    let mut search = match Dpor::new(&subject) {
        Ok(search) => search,
        Err(outcome) => {
            let found = violation_of(&outcome).map(|v| (v, &[][..]));
            note(&mut report, plan, progress, &outcome, found);
            return Ok(report);
        }
    };
    search.keeps = keeping.is_some();
    if let Some(front) = keeping.as_ref().and_then(Keeping::front) {
        progress.ran_before(report.sums.runs);
        report.classes = Some(front.totals.classes);
        report.complete = Some(front.totals.complete);
        report.done = front.over;
        let enough = plan.runs.is_some_and(|runs| report.sums.runs >= runs);
        if front.over || enough || keeping.as_ref().is_some_and(Keeping::over) {
            return Ok(report);
        }
        search.go_on_from(front).ok_or(NotHere)?;
    }
    let pen = Pen::new(keeping.as_ref());
    let mut proof = Proof { plan, progress, report, pen, interval: STEPS };
    let totals = search.explore_with(&mut proof);
    let Proof { mut report, .. } = proof;
    report.classes = Some(totals.classes);
    report.complete = Some(totals.complete);
    Ok(report)
}

/// A proof at work.
struct Proof<'a> {
    plan: &'a Plan,
    progress: &'a Progress,
    report: Report,
    pen: Pen<'a>,
    /// Steps after which it is written down.
    interval: u64,
}

impl Visitor for Proof<'_> {
    fn ran(&mut self, explored: &Explored<'_>) -> bool {
        let found = explored.violation.map(|v| (v, explored.picks));
        note(&mut self.report, self.plan, self.progress, explored.outcome, found)
    }

    fn rests(&mut self, search: &Dpor, rest: Rest) {
        let due = rest != Rest::GoesOn || self.pen.is_due(&self.report, self.interval);
        if !search.keeps || !due {
            return;
        }
        let bytes = self.pen.stands(&search.front(rest == Rest::Over));
        // A kill costs little of what was done, and the journal grows slowly.
        self.interval = STEPS.max(bytes as u64).max(self.report.sums.steps / 64);
        let found = !self.report.found.is_empty() && !self.plan.keep_going;
        let stand = if found { Stand::Over } else { Stand::Whole };
        self.pen.write(&self.report, stand, self.progress);
    }
}
