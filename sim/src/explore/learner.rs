//! Strategies that learn: `coverage` and `auto`.
//!
//! Runs come in generations. What the runs of a generation do is settled when it begins, from what all runs before it
//! brought; what they bring is learnt when it ends, in order of their index. Invariant: so both are functions of seed
//! and index, whatever the number of threads and their speed.
//!
//! `coverage` keeps the runs that had a new pair of events ([`super::coverage`]) and mutates them ([`super::mutate`]).
//! `auto` gives each of a few *arms* a fixed share of the runs and shares out the rest by what the arms have
//! brought of late, in new classes of runs. The arms are the sampling strategies, mutation, the smallest deviations in the
//! order of [`super::bounded`], and the first classes of a small program ([`super::scout`]). No arm ever gets less than its share, so `auto` needs a few times the runs of the best one
//! for a program at most.

use super::bounded::{Bounded, Levels};
use super::coverage::{Notes, Seen, Trail};
use super::mutate::Parent;
use super::reverse::Race;
use super::strategy::{StrategyKind, Turn};
use super::stream::Streams;
use super::survey::Survey;
use crate::campaign::Plan;
use crate::choice::Pick;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// What a run is to do.
#[derive(Clone, Debug)]
pub enum Task {
    Sample(Turn),
    /// Follow these picks, and be dull beside.
    Deviate(Vec<Pick>),
    Mutate(Arc<Parent>),
    Reverse(Arc<Parent>, Race),
    /// Decisions at their places: an entry of a corpus, or a class that was scouted.
    Follow(Arc<Trail>),
}

/// What a run brought.
#[derive(Clone, Debug, Default)]
pub struct Brought {
    /// Pairs that had not been seen when its generation began.
    pub pairs: Vec<u32>,
    pub class: u64,
    /// Its decisions, if there is such a pair.
    pub parent: Option<Parent>,
    /// For [`Task::Deviate`]: what could be deviated from further.
    pub arities: Vec<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Arm {
    Random,
    Pctcp,
    Pos,
    Surw,
    Deviate,
    Mutate,
    Reverse,
    /// The first classes that `dpor` explores, as long as there are any.
    Scout,
}

/// What an arm has brought, the past counting less and less.
#[derive(Clone, Copy, Debug)]
struct Account {
    arm: Arm,
    weight: i64,
    runs: u64,
    new: u64,
    /// Runs that it is owed, in parts.
    credit: i64,
    taken: u64,
}

impl Account {
    /// Classes that were new, of 1,024 runs.
    fn rate(&self) -> i64 {
        (self.new * 1_024 / self.runs) as i64
    }
}

/// Shares in `auto`: each arm's own, and what is shared out by what they bring.
const OWN: i64 = 3 * SCALE;
const EARNED: i64 = SCALE;
const SCALE: i64 = 1_024;
/// Runs by which an arm that has brought nothing yet is not judged.
const HOPE: u64 = 4;
/// Depths of priorities, in turn.
const DEPTHS: [u32; 4] = [2, 3, 4, 3];
/// Parents that are kept.
const PARENTS_MAX: usize = 1_024;
/// Decisions that a parent keeps, the first ones: with all of runs that are cut at the step limit memory would be no limit.
const TRAIL_MAX: usize = 4_096;
/// Questions of runs with few deviations that are kept for more deviations.
const QUESTIONS_MAX: usize = 1 << 22;

/// The arm of runs that no arm is judged by.
const NOBODY: usize = usize::MAX;

const AUTO: [(Arm, i64); 8] = [
    (Arm::Surw, 8),
    (Arm::Scout, 3),
    (Arm::Pctcp, 4),
    (Arm::Pos, 3),
    (Arm::Deviate, 2),
    (Arm::Random, 1),
    (Arm::Reverse, 1),
    (Arm::Mutate, 1),
];
const COVERAGE: [(Arm, i64); 3] = [(Arm::Random, 1), (Arm::Mutate, 1), (Arm::Reverse, 1)];

pub struct Learner {
    streams: Streams,
    accounts: Vec<Account>,
    seen: Arc<Seen>,
    /// Classes of runs, and whether each came up once.
    classes: BTreeMap<u64, bool>,
    once: u64,
    parents: Vec<Arc<Parent>>,
    /// Runs whose races are to be reversed, and the next race of each.
    to_reverse: VecDeque<(Arc<Parent>, usize)>,
    /// Pairs that reversals were to bring about.
    tried: Seen,
    levels: Levels,
    /// The corpus, as far as it was not run yet.
    to_follow: VecDeque<Arc<Trail>>,
    /// Of classes that were scouted, those that were not run yet.
    scouted: VecDeque<Arc<Trail>>,
    /// This shard, and how many there are.
    shard: (u64, u64),
    /// Parents that were drawn.
    drawn: u64,
}

impl Learner {
    pub fn new(plan: &Plan, survey: &Survey, scouted: Vec<Trail>) -> Learner {
        let arms: &[(Arm, i64)] = if plan.strategy == StrategyKind::Auto { &AUTO } else { &COVERAGE };
        let mut levels = Levels::default();
        let dull = levels.next_schedule().expect("the dull run is the first schedule");
        levels.ran(&dull, Bounded::that_was_asked(&dull, survey.arities.clone()));
        let mut seen = Seen::default();
        survey.pairs.iter().for_each(|&pair| _ = seen.add(pair));
        let questions = survey.arities.len() as u64;
        let races = mine(survey.races.iter().rev().copied(), plan.shard).collect();
        let parent = Arc::new(Parent { questions, races, ..Parent::default() });
        let account =
            |&(arm, weight): &(Arm, i64)| Account { arm, weight, runs: HOPE, new: HOPE, credit: 0, taken: 0 };
        Learner {
            streams: Streams::new(plan.seed),
            accounts: arms.iter().map(account).collect(),
            seen: Arc::new(seen),
            classes: BTreeMap::new(),
            once: 0,
            to_reverse: VecDeque::from([(Arc::clone(&parent), 0)]),
            tried: Seen::default(),
            parents: vec![parent],
            levels,
            to_follow: mine(plan.corpus.iter().cloned(), plan.shard).map(Arc::new).collect(),
            scouted: mine(scouted.into_iter(), plan.shard).map(Arc::new).collect(),
            shard: plan.shard,
            drawn: 0,
        }
    }

    /// Pairs seen in generations that are over.
    pub fn seen(&self) -> &Arc<Seen> {
        &self.seen
    }

    /// Classes of runs so far, and how many of them came up once.
    pub fn classes(&self) -> (u64, u64) {
        (self.classes.len() as u64, self.once)
    }

    /// Decisions of the runs that had something new.
    pub fn trails(&self) -> Vec<Trail> {
        self.parents.iter().map(|parent| parent.trail.clone()).collect()
    }

    /// Runs of the generation that begins with this many runs done: few at first, when each teaches much.
    pub fn size(done: u64) -> u64 {
        (done / 2).next_power_of_two().clamp(16, 256)
    }

    /// What the next generation's runs do, with the number of the arm that each is for.
    pub fn next_generation(&mut self, size: u64) -> Vec<(usize, Task)> {
        let next = |_| match self.to_follow.pop_front() {
            Some(trail) => (NOBODY, Task::Follow(trail)),
            None => self.next_task(),
        };
        (0..size).map(next).collect()
    }

    fn next_task(&mut self) -> (usize, Task) {
        // Classes that were scouted are nearly always new, which is no merit.
        let judged = self.accounts.iter().filter(|account| account.arm != Arm::Scout);
        let best = judged.map(Account::rate).max().unwrap_or(0).max(1);
        let mut whole = 0;
        for account in &mut self.accounts {
            let rate = match account.arm {
                Arm::Scout if self.scouted.is_empty() => {
                    account.credit = 0;
                    continue;
                }
                Arm::Scout => best,
                _ => account.rate(),
            };
            let share = account.weight * (OWN + EARNED * rate / best);
            account.credit += share;
            whole += share;
        }
        let owed = self.accounts.iter().enumerate().max_by_key(|(at, a)| (a.credit, usize::MAX - at));
        let at = owed.expect("there are arms").0;
        let account = &mut self.accounts[at];
        account.credit -= whole;
        account.taken += 1;
        let (arm, nth) = (account.arm, account.taken);
        (at, self.task_of(arm, nth))
    }

    /// The `nth` task of an arm, from 1.
    fn task_of(&mut self, arm: Arm, nth: u64) -> Task {
        let depth = DEPTHS[nth as usize % DEPTHS.len()];
        match arm {
            Arm::Scout => match self.scouted.pop_front() {
                Some(trail) => Task::Follow(trail),
                None => unreachable!("the arm takes no part when there are none left"),
            },
            Arm::Random => Task::Sample(Turn::Random),
            Arm::Pctcp => Task::Sample(Turn::Pctcp(depth)),
            Arm::Pos => Task::Sample(Turn::Pos),
            Arm::Surw => Task::Sample(Turn::Surw),
            Arm::Deviate => match self.next_deviation() {
                Some(picks) => Task::Deviate(picks),
                // All are under way, or there are no more.
                None => Task::Sample(Turn::Pct(depth)),
            },
            Arm::Mutate => Task::Mutate(self.parent()),
            Arm::Reverse => match self.next_race() {
                Some((parent, race)) => Task::Reverse(parent, race),
                None => Task::Mutate(self.parent()),
            },
        }
    }

    /// The next of the smallest deviations; shards share them out by the first pick.
    fn next_deviation(&mut self) -> Option<Vec<Pick>> {
        let (shard, of) = self.shard;
        loop {
            let picks = self.levels.next_schedule()?;
            if picks.len() > 1 || (picks[0].index + u64::from(picks[0].pick)) % of == shard {
                return Some(picks);
            }
        }
    }

    /// The next race whose other order was neither seen nor tried.
    fn next_race(&mut self) -> Option<(Arc<Parent>, Race)> {
        loop {
            let (parent, next) = self.to_reverse.front_mut()?;
            let Some(&race) = parent.races.get(*next) else {
                self.to_reverse.pop_front();
                continue;
            };
            *next += 1;
            if !self.seen.has(race.back) && self.tried.add(race.back) {
                return Some((Arc::clone(parent), race));
            }
        }
    }

    /// The better one of two.
    fn parent(&mut self) -> Arc<Parent> {
        let count = self.parents.len() as u32;
        self.drawn += 1;
        self.streams.start_run(self.drawn);
        let stream = self.streams.of_run();
        let (one, two) = (stream.below(count) as usize, stream.below(count) as usize);
        let better = if self.parents[one].worth >= self.parents[two].worth { one } else { two };
        Arc::clone(&self.parents[better])
    }

    /// Takes in what the runs of a generation brought, in order.
    pub fn learn(&mut self, ran: impl Iterator<Item = ((usize, Task), Brought)>) {
        for account in &mut self.accounts {
            account.runs = (account.runs - account.runs / 8).max(HOPE);
            account.new -= account.new / 8;
        }
        let seen = Arc::make_mut(&mut self.seen);
        for ((arm, task), brought) in ran {
            let new_class = count(&mut self.classes, &mut self.once, brought.class);
            if let Some(account) = self.accounts.get_mut(arm) {
                account.runs += 1;
                account.new += u64::from(new_class);
            }
            let new = brought.pairs.iter().filter(|&&pair| seen.add(pair)).count() as u32;
            if let Some(parent) = brought.parent.filter(|_| new > 0) {
                let parent = Arc::new(Parent { worth: new, ..shortened(parent) });
                if matches!(task, Task::Reverse(..)) || arm == NOBODY {
                    self.to_reverse.push_back((Arc::clone(&parent), 0));
                }
                if self.parents.len() < PARENTS_MAX {
                    self.parents.push(parent);
                } else {
                    let at = self.parents.len() - 1 - brought.class as usize % PARENTS_MAX;
                    self.parents[at] = parent;
                }
            }
            if let Task::Deviate(picks) = task
                && self.levels.questions() < QUESTIONS_MAX
            {
                self.levels.ran(&picks, Bounded::that_was_asked(&picks, brought.arities));
            }
        }
    }
}

/// A parent that can be kept. What came late in a long run cannot be reversed without all that came before.
fn shortened(mut parent: Parent) -> Parent {
    if parent.trail.len() > TRAIL_MAX {
        parent.trail.truncate(TRAIL_MAX);
        parent.trail.shrink_to_fit();
        parent.races = Vec::new();
    }
    parent
}

/// Those that are a shard's own.
fn mine<T>(all: impl Iterator<Item = T>, (shard, of): (u64, u64)) -> impl Iterator<Item = T> {
    let (shard, of) = (shard as usize, of as usize);
    all.skip(shard).step_by(of)
}

/// Counts a run's class. Whether it is new.
fn count(classes: &mut BTreeMap<u64, bool>, once: &mut u64, class: u64) -> bool {
    match classes.entry(class) {
        Entry::Vacant(place) => {
            place.insert(true);
            *once += 1;
            true
        }
        Entry::Occupied(mut only) => {
            *once -= u64::from(only.insert(false));
            false
        }
    }
}

impl Brought {
    /// From what was noted of a run.
    pub fn of(notes: &mut Notes, seen: &Seen) -> Brought {
        let mut pairs: Vec<u32> = notes.pairs.drain(..).filter(|&pair| !seen.has(pair)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let parent = (!pairs.is_empty()).then(|| Parent {
            trail: std::mem::take(&mut notes.trail),
            questions: notes.questions,
            races: notes.races.drain(..).rev().collect(),
            worth: 0,
        });
        Brought { pairs, class: notes.class, parent, arities: Vec::new() }
    }
}
