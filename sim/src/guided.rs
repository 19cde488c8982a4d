//! Campaigns of strategies that learn: generation after generation, on any number of threads.
//!
//! Invariant: as in [`crate::campaign`], threads and their speed show nowhere. The runs of a generation are independent of each
//! other; the next generation begins when all of them are done and learnt from, in order of their index. A shard
//! learns from its own runs alone.

use crate::campaign::{Found, Plan, Progress, Report, Sums, is_checked, look_closer, on_threads};
use crate::explore::bounded::Bounded;
use crate::explore::coverage::{Noted, Notes, Seen};
use crate::explore::learner::{Brought, Learner, Task};
use crate::explore::mutate::Mutant;
use crate::explore::reverse::Reversal;
use crate::explore::scout::scout;
use crate::explore::strategy::{Strategy, StrategyKind};
use crate::explore::survey::Survey;
use crate::journal::Past;
use crate::journal::keep::{Keeping, Pen};
use crate::journal::line::Stand;
use crate::runner::{Runner, violation_of};
use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// Runs that a thread takes at once.
const BATCH: usize = 4;

/// What one run came to.
struct Ran {
    sums: Sums,
    found: Vec<Found>,
    brought: Brought,
}

/// The generation under way.
struct State<'a> {
    learner: Learner,
    report: Report,
    pen: Pen<'a>,
    /// Runs of this shard in generations before.
    done: u64,
    tasks: Arc<Vec<(usize, Task)>>,
    seen: Arc<Seen>,
    /// Fingerprints that were found in generations before.
    known: Arc<BTreeSet<String>>,
    /// The first task that nobody has taken.
    next: usize,
    ran: Vec<Option<Ran>>,
    /// Tasks from here on are not needed: a run before stops the campaign.
    needed: usize,
    at_work: usize,
    over: bool,
}

/// Tasks that a thread has taken, with what their runs look at.
struct Batch {
    first: usize,
    last: usize,
    done: u64,
    tasks: Arc<Vec<(usize, Task)>>,
    seen: Arc<Seen>,
    known: Arc<BTreeSet<String>>,
}

struct Guided<'a, 'k> {
    plan: &'a Plan,
    progress: &'a Progress,
    survey: &'a Arc<Survey>,
    state: Mutex<State<'k>>,
    turned: Condvar,
}

/// Runs a campaign whose strategy learns.
pub fn run(
    plan: &Plan,
    progress: &Progress,
    survey: &Arc<Survey>,
    first: Runner,
    make: &(dyn Fn() -> Runner + Sync),
    keeping: Option<Keeping<'_>>,
) -> Report {
    let scouted = match plan.strategy {
        StrategyKind::Auto => scout(&first, survey),
        _ => Vec::new(),
    };
    let mut learner = Learner::new(plan, survey, scouted);
    let done = keeping.as_ref().map_or(0, |kept| learn_again(&mut learner, kept.journal.past()));
    let pen = Pen::new(keeping.as_ref());
    let report = keeping.map_or_else(Report::default, |kept| kept.report);
    let known = report.found.iter().map(|found| found.violation.fingerprint.clone()).collect();
    let seen = Arc::clone(learner.seen());
    let mut state = State {
        learner,
        report,
        pen,
        done,
        tasks: Arc::default(),
        seen,
        known: Arc::new(known),
        next: 0,
        ran: Vec::new(),
        needed: 0,
        at_work: 0,
        over: false,
    };
    state.begin_generation(plan);
    let guided = Guided { plan, progress, survey, state: Mutex::new(state), turned: Condvar::new() };
    on_threads(plan.threads, first, make, &|runner| guided.work(runner));
    let mut state = guided.state.into_inner().expect("the threads are done");
    state.count_classes();
    state.report.trails = state.learner.trails();
    state.pen.write(&state.report, Stand::Whole, progress);
    state.report
}

/// Teaches a new learner what the runs of a journal brought, generation by generation. How many runs that is.
fn learn_again(learner: &mut Learner, past: &Past) -> u64 {
    let mut brought = past.brought.iter().cloned();
    let mut done = 0;
    while done < past.brought.len() as u64 {
        let size = Learner::size(done);
        let tasks = learner.next_generation(size);
        learner.learn(tasks.into_iter().zip(brought.by_ref()));
        done += size;
    }
    done
}

impl State<'_> {
    /// Settles what the next runs do.
    fn begin_generation(&mut self, plan: &Plan) {
        let all = plan.own_runs().unwrap_or(u64::MAX);
        let size = Learner::size(self.done).min(all.saturating_sub(self.done));
        self.tasks = Arc::new(self.learner.next_generation(size));
        self.seen = Arc::clone(self.learner.seen());
        self.next = 0;
        self.ran.clear();
        self.ran.resize_with(size as usize, || None);
        self.needed = size as usize;
        self.over = size == 0;
    }

    fn count_classes(&mut self) {
        let (classes, once) = self.learner.classes();
        (self.report.classes, self.report.once) = (Some(classes), Some(once));
    }

    /// Everybody is done: puts down what the runs came to, and learns from it.
    fn end_generation(&mut self, plan: &Plan, progress: &Progress) {
        let tasks = std::mem::take(&mut self.tasks);
        let mut learnt = Vec::new();
        let mut stand = Stand::Whole;
        let began = self.done;
        for (task, ran) in tasks.iter().zip(self.ran.drain(..)) {
            // One that was not run: the campaign was stopped.
            let Some(ran) = ran else { break };
            self.report.sums.merge(&ran.sums);
            self.done += 1;
            let stops = !ran.found.is_empty() && !plan.keep_going;
            for found in ran.found {
                Arc::make_mut(&mut self.known).insert(found.violation.fingerprint.clone());
                self.report.add_found(found);
            }
            if stops {
                self.over = true;
                stand = Stand::Over;
                break;
            }
            self.pen.ran(&ran.brought);
            learnt.push((task.clone(), ran.brought));
        }
        if stand == Stand::Whole && self.done - began < Learner::size(began) {
            stand = Stand::Part;
        }
        // Nobody looks at the old picture any more.
        self.seen = Arc::default();
        self.learner.learn(learnt.into_iter());
        self.count_classes();
        progress.told(self.learner.classes());
        self.pen.grown(self.done - began, &self.report, stand, progress);
    }
}

/// Lets the others go if a thread fails.
struct Leaving<'a, 'b, 'k>(&'a Guided<'b, 'k>);

impl Drop for Leaving<'_, '_, '_> {
    fn drop(&mut self) {
        if let Ok(mut state) = self.0.state.lock() {
            state.over = true;
        }
        self.0.turned.notify_all();
    }
}

impl<'k> Guided<'_, 'k> {
    fn lock(&self) -> MutexGuard<'_, State<'k>> {
        self.state.lock().expect("a generation is put down whole")
    }

    fn work(&self, mut runner: Runner) {
        let _leaving = Leaving(self);
        let mut worker = Worker {
            strategy: Strategy::new(self.plan.strategy, self.plan.seed, self.survey),
            mutant: Mutant::new(self.plan.seed),
            notes: Notes::default(),
        };
        while let Some(batch) = self.take() {
            let mut results = Vec::new();
            let mut stops = None;
            for at in batch.first..batch.last {
                let index = self.index(batch.done + at as u64);
                let ran = worker.ran(&mut runner, index, &batch, at);
                self.progress.ran();
                let stop = !ran.found.is_empty() && !self.plan.keep_going;
                results.push((at, ran));
                if stop {
                    stops = Some(at + 1);
                    break;
                }
            }
            drop(batch);
            self.give(results, stops);
        }
    }

    fn index(&self, nth: u64) -> u64 {
        let (shard, of) = self.plan.shard;
        nth * of + shard
    }

    /// Tasks for a thread; waits for the next generation if there are none left in this one.
    fn take(&self) -> Option<Batch> {
        let mut state = self.lock();
        loop {
            if state.over {
                return None;
            }
            if state.next < state.needed && !self.progress.stopped() {
                let first = state.next;
                let last = (first + BATCH).min(state.needed);
                state.next = last;
                state.at_work += 1;
                return Some(Batch {
                    first,
                    last,
                    done: state.done,
                    tasks: Arc::clone(&state.tasks),
                    seen: Arc::clone(&state.seen),
                    known: Arc::clone(&state.known),
                });
            }
            if state.at_work > 0 {
                state = self.turned.wait(state).expect("a generation is put down whole");
                continue;
            }
            state.end_generation(self.plan, self.progress);
            if self.progress.stopped() {
                state.over = true;
            }
            if !state.over {
                state.begin_generation(self.plan);
            }
            self.turned.notify_all();
        }
    }

    fn give(&self, results: Vec<(usize, Ran)>, stops: Option<usize>) {
        let mut state = self.lock();
        for (at, ran) in results {
            state.ran[at] = Some(ran);
        }
        state.needed = state.needed.min(stops.unwrap_or(usize::MAX));
        state.at_work -= 1;
        self.turned.notify_all();
    }
}

/// What a thread keeps from run to run.
struct Worker {
    strategy: Strategy,
    mutant: Mutant,
    notes: Notes,
}

impl Worker {
    fn ran(&mut self, runner: &mut Runner, index: u64, batch: &Batch, at: usize) -> Ran {
        self.notes.clear();
        let notes = &mut self.notes;
        let mut arities = Vec::new();
        let outcome = match &batch.tasks[at].1 {
            Task::Sample(turn) => {
                self.strategy.take_turn(*turn, index);
                runner.run(&mut Noted { inner: &mut self.strategy, notes })
            }
            Task::Deviate(picks) => {
                let mut bounded = Bounded::new(picks);
                let outcome = runner.run(&mut Noted { inner: &mut bounded, notes });
                assert!(!bounded.strayed(), "the same picks lead to the same question");
                arities = bounded.arities();
                outcome
            }
            Task::Reverse(parent, race) => {
                let mut reversal = Reversal::new(parent, *race);
                runner.run(&mut Noted { inner: &mut reversal, notes })
            }
            Task::Follow(trail) => {
                self.mutant.follow(trail);
                runner.run(&mut Noted { inner: &mut self.mutant, notes })
            }
            Task::Mutate(parent) => {
                self.mutant.start_run(index, parent);
                runner.run(&mut Noted { inner: &mut self.mutant, notes })
            }
        };
        let brought = Brought { arities, ..Brought::of(&mut self.notes, &batch.seen) };
        let mut sums = Sums::default();
        sums.add(index, &outcome);
        let found = match violation_of(&outcome).cloned() {
            Some(violation) if batch.known.contains(&violation.fingerprint) => {
                vec![Found { run: index, violation, outcome, picks: runner.picks(), count: 1 }]
            }
            None if !is_checked(index) => Vec::new(),
            _ => look_closer(runner, &mut sums, index, outcome),
        };
        Ran { sums, found, brought }
    }
}
