//! Campaigns: many runs of one program, by index, on any number of threads.
//!
//! Invariant: what a campaign reports (runs, steps, digest, which violation) is a function of program, settings,
//! seed and number of runs; how many threads did it and how fast shows nowhere. Threads take chunks of
//! indices; a chunk's totals count only up to the run at which the campaign stops.

use crate::choice::Pick;
use crate::digest::{Digest, fold};
use crate::exhaust::NotHere;
use crate::explore::coverage::Trail;
use crate::explore::dull::Dull;
use crate::explore::strategy::{Strategy, StrategyKind};
use crate::explore::survey::{Focus, Survey};
use crate::journal::keep::{Keeping, Pen};
use crate::journal::line::Stand;
use crate::oracle::Violation;
use crate::oracle::claims::Tally;
use crate::runner::{Runner, violation_of};
use crate::world::{End, Outcome};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// What to run.
#[derive(Clone, Debug)]
pub struct Plan {
    pub strategy: StrategyKind,
    pub seed: u64,
    /// Runs in all shards together; `None` goes on until stopped.
    pub runs: Option<u64>,
    pub threads: usize,
    /// This shard and how many there are: run `i` belongs to shard `i % of`.
    pub shard: (u64, u64),
    pub keep_going: bool,
    /// Where attention is to be, for strategies that have any.
    pub focus: Option<Focus>,
    /// Decisions of runs that a learning strategy begins with: entries of a corpus.
    pub corpus: Vec<Trail>,
}

impl Plan {
    /// Runs of this shard.
    pub fn own_runs(&self) -> Option<u64> {
        let (shard, of) = self.shard;
        self.runs.map(|runs| runs.saturating_sub(shard).div_ceil(of))
    }
}

/// A violation, by the first run that had it.
#[derive(Clone, Debug)]
pub struct Found {
    pub run: u64,
    pub violation: Violation,
    pub outcome: Outcome,
    pub picks: Vec<Pick>,
    /// Runs that had the same fingerprint.
    pub count: u64,
}

/// Sums over runs, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub runs: u64,
    pub violations: u64,
    pub steps: u64,
    pub choices: u64,
    /// Runs that were cut at the step limit.
    pub cut: u64,
    /// A sum of each run's digest mixed with its index.
    pub(crate) digest: u64,
    /// What the program claims of all runs together.
    pub claims: Tally,
}

/// What a campaign came to.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub sums: Sums,
    /// Classes of runs, where the strategy counts them.
    pub classes: Option<u64>,
    /// Classes that came up once, where a strategy samples them: so many in all runs are the share of runs that would
    /// show a new one (Good and Turing's estimate).
    pub once: Option<u64>,
    /// Whether an exhaustive strategy covered everything; nothing is said of that in a shard.
    pub complete: Option<bool>,
    /// Whether an exhaustive strategy has nothing left to run here.
    pub done: bool,
    /// In order of the first run.
    pub found: Vec<Found>,
    /// Decisions of runs that had something new, where the strategy learns from them.
    pub trails: Vec<Trail>,
}

/// How far a campaign has come, for whoever watches.
#[derive(Debug, Default)]
pub struct Progress {
    runs: AtomicU64,
    /// Those of them that the journal had.
    before: AtomicU64,
    /// Classes of runs, and those that came up once, where the strategy counts them.
    classes: AtomicU64,
    once: AtomicU64,
    stop: AtomicBool,
}

/// Runs of a shard that a thread takes at once.
const CHUNK: u64 = 64;
/// One run in so many is checked against itself.
const CHECK_EVERY: u64 = 1_000;

impl Progress {
    pub fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// Classes of runs so far, and those that came up once; zeros where nobody counts them.
    pub fn classes(&self) -> (u64, u64) {
        (self.classes.load(Ordering::Relaxed), self.once.load(Ordering::Relaxed))
    }

    pub(crate) fn told(&self, (classes, once): (u64, u64)) {
        self.classes.store(classes, Ordering::Relaxed);
        self.once.store(once, Ordering::Relaxed);
    }

    pub(crate) fn ran(&self) {
        self.runs.fetch_add(1, Ordering::Relaxed);
    }

    /// Runs that the journal has already.
    pub(crate) fn ran_before(&self, runs: u64) {
        self.runs.store(runs, Ordering::Relaxed);
        self.before.store(runs, Ordering::Relaxed);
    }

    /// Runs that were made since the campaign went on.
    pub fn runs_here(&self) -> u64 {
        self.runs().saturating_sub(self.before.load(Ordering::Relaxed))
    }

    pub(crate) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Lets the campaign end with the chunks under way.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl Sums {
    pub(crate) fn add(&mut self, index: u64, outcome: &Outcome) {
        self.violations += u64::from(violation_of(outcome).is_some());
        self.add_run(index, outcome);
    }

    fn add_run(&mut self, index: u64, outcome: &Outcome) {
        self.runs += 1;
        self.steps += outcome.steps;
        self.choices += outcome.choices;
        self.cut += u64::from(outcome.end == End::StepLimit);
        self.digest = self.digest.wrapping_add(fold(outcome.digest.0, index));
        if let Some(made) = &outcome.claims {
            self.claims.add(made);
        }
    }

    pub(crate) fn merge(&mut self, other: &Sums) {
        self.runs += other.runs;
        self.violations += other.violations;
        self.steps += other.steps;
        self.choices += other.choices;
        self.cut += other.cut;
        self.digest = self.digest.wrapping_add(other.digest);
        if !other.claims.is_empty() {
            self.claims.merge(&other.claims);
        }
    }

    /// Adds a run of an exhaustive strategy, whose order is no part of the result.
    pub(crate) fn add_unordered(&mut self, outcome: &Outcome, violation: bool) {
        self.violations += u64::from(violation);
        self.add_run(0, outcome);
    }

    pub fn digest(&self) -> Digest {
        Digest(self.digest)
    }
}

#[derive(Default)]
struct Chunk {
    sums: Sums,
    found: Vec<Found>,
    /// The campaign ends with it.
    stops: bool,
}

struct Campaign<'a> {
    plan: &'a Plan,
    progress: &'a Progress,
    survey: Arc<Survey>,
    next_chunk: AtomicU64,
    /// The lowest run at which the campaign stops.
    stop_at: AtomicU64,
    merged: Mutex<Merged<'a>>,
}

/// Chunks in order, as far as all before them are done.
#[derive(Default)]
struct Merged<'a> {
    report: Report,
    pen: Pen<'a>,
    /// The number of the chunk to be merged next; none after the one that stops the campaign.
    next: Option<u64>,
    waiting: BTreeMap<u64, Chunk>,
}

/// Runs a campaign. `make` gives each thread a runner of its own.
pub fn run(plan: &Plan, progress: &Progress, make: &(dyn Fn() -> Runner + Sync)) -> Report {
    go_on(plan, progress, make, None).expect("without a journal nothing is elsewhere")
}

/// Runs a campaign from where its journal says that it is. A journal that is none of this program is the error.
pub fn go_on(
    plan: &Plan,
    progress: &Progress,
    make: &(dyn Fn() -> Runner + Sync),
    keeping: Option<Keeping<'_>>,
) -> Result<Report, NotHere> {
    if plan.strategy.is_exhaustive() {
        return crate::exhaust::run(plan, progress, make(), keeping);
    }
    Ok(sample(plan, progress, make, keeping))
}

fn sample(
    plan: &Plan,
    progress: &Progress,
    make: &(dyn Fn() -> Runner + Sync),
    keeping: Option<Keeping<'_>>,
) -> Report {
    let mut first = make();
    if let Some(kept) = &keeping {
        progress.ran_before(kept.report.sums.runs);
        if kept.over() {
            return kept.report.clone();
        }
    }
    let survey = match plan.strategy.surveys() {
        true => Survey::of(&mut first, plan.focus.as_ref()),
        false => Arc::new(Survey::of_length(first.run(&mut Dull).steps)),
    };
    if plan.strategy.learns() {
        return crate::guided::run(plan, progress, &survey, first, make, keeping);
    }
    let units = keeping.as_ref().map_or(0, Keeping::units);
    let pen = Pen::new(keeping.as_ref());
    let report = keeping.map_or_else(Report::default, |kept| kept.report);
    let campaign = Campaign {
        plan,
        progress,
        survey,
        next_chunk: AtomicU64::new(units),
        stop_at: AtomicU64::new(u64::MAX),
        merged: Mutex::new(Merged { report, pen, next: Some(units), ..Merged::default() }),
    };
    on_threads(plan.threads, first, make, &|runner| campaign.work(runner));
    let Merged { mut pen, report, .. } = campaign.merged.into_inner().expect("the threads are done");
    pen.write(&report, Stand::Whole, progress);
    report
}

/// Does the work on `threads` threads, this one included, or on as many as there is room for: how many there are shows
/// nowhere.
pub fn on_threads(
    threads: usize,
    first: Runner,
    make: &(dyn Fn() -> Runner + Sync),
    work: &(dyn Fn(Runner) + Sync),
) {
    if threads <= 1 {
        return work(first);
    }
    #[allow(clippy::disallowed_methods, reason = "runs are independent; threads only share them out")]
    std::thread::scope(|scope| {
        for _ in 1..threads {
            if std::thread::Builder::new().spawn_scoped(scope, || work(make())).is_err() {
                break;
            }
        }
        work(first);
    });
}

impl Campaign<'_> {
    fn work(&self, mut runner: Runner) {
        let mut strategy = Strategy::new(self.plan.strategy, self.plan.seed, &self.survey);
        while !self.progress.stop.load(Ordering::Relaxed) {
            let number = self.next_chunk.fetch_add(1, Ordering::Relaxed);
            let (shard, of) = self.plan.shard;
            let first = number * CHUNK * of + shard;
            let end = self.plan.runs.unwrap_or(u64::MAX);
            if first >= end || first > self.stop_at.load(Ordering::Relaxed) {
                break;
            }
            let indices = (0..CHUNK).map(|i| first + i * of).take_while(|&index| index < end);
            let chunk = self.chunk(&mut runner, &mut strategy, indices);
            self.merged.lock().expect("a chunk is put down whole").add(number, chunk, self.progress);
        }
    }

    fn chunk(
        &self,
        runner: &mut Runner,
        strategy: &mut Strategy,
        indices: impl Iterator<Item = u64>,
    ) -> Chunk {
        let mut chunk = Chunk::default();
        for index in indices {
            strategy.start_run(index);
            let outcome = runner.run(strategy);
            chunk.sums.add(index, &outcome);
            self.progress.runs.fetch_add(1, Ordering::Relaxed);
            let violation = violation_of(&outcome);
            if violation.is_none() && !is_checked(index) {
                continue;
            }
            let seen = |f: &&mut Found| violation.is_some_and(|v| f.violation.fingerprint == v.fingerprint);
            if let Some(found) = chunk.found.iter_mut().find(seen) {
                found.count += 1;
                continue;
            }
            chunk.found.extend(look_closer(runner, &mut chunk.sums, index, outcome));
            if !chunk.found.is_empty() && !self.plan.keep_going {
                self.stop_at.fetch_min(index, Ordering::Relaxed);
                chunk.stops = true;
                break;
            }
        }
        chunk
    }
}

/// Whether a run is looked at more closely.
pub(crate) fn is_checked(index: u64) -> bool {
    index.is_multiple_of(CHECK_EVERY)
}

/// Checks a run against itself: its violation, if it had one, and those that only checking brings out.
pub(crate) fn look_closer(runner: &mut Runner, sums: &mut Sums, run: u64, outcome: Outcome) -> Vec<Found> {
    let picks = runner.picks();
    let own = violation_of(&outcome).cloned();
    let checked = runner.check(&picks, outcome.digest);
    if own.is_none() && checked.is_some() {
        sums.violations += 1;
    }
    let found = |violation| {
        let (outcome, picks) = (outcome.clone(), picks.clone());
        Found { run, violation, outcome, picks, count: 1 }
    };
    own.into_iter().chain(checked).map(found).collect()
}

impl Report {
    /// Whether a claim that no run met is a failure: if it was asked for, or everything was run.
    pub(crate) fn lacks_claims(&self, asked: bool) -> bool {
        (asked || self.complete == Some(true)) && self.sums.claims.never().next().is_some()
    }

    /// Puts a violation down, under its fingerprint.
    pub(crate) fn add_found(&mut self, found: Found) {
        match self.found.iter_mut().find(|f| f.violation.fingerprint == found.violation.fingerprint) {
            Some(known) => known.count += found.count,
            None => self.found.push(found),
        }
    }
}

impl Merged<'_> {
    fn add(&mut self, number: u64, chunk: Chunk, progress: &Progress) {
        self.waiting.insert(number, chunk);
        while let Some(chunk) = self.next.and_then(|next| self.waiting.remove(&next)) {
            self.next = self.next.filter(|_| !chunk.stops).map(|next| next + 1);
            let stand = match chunk.stops {
                true => Stand::Over,
                false if chunk.sums.runs < CHUNK => Stand::Part,
                false => Stand::Whole,
            };
            if stand == Stand::Part {
                // With more runs, another time, this chunk is done again.
                self.pen.write(&self.report, Stand::Whole, progress);
            }
            self.report.sums.merge(&chunk.sums);
            chunk.found.into_iter().for_each(|found| self.report.add_found(found));
            self.pen.grown(1, &self.report, stand, progress);
        }
    }
}
