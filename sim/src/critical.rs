//! The critical pair: the two events of a failing run whose order decides.
//!
//! Races of the run are reversed one by one ([`Reversal`]): whoever did the first event is held before it until
//! the second has happened. The pair that is named is the first, of those that are nearest to each other in the run,
//! with which the violation is gone; of pairs that are equally near, the later one. Pairs with a service come after those of the
//! program's own processes, and a pair with the look of a receive that has no
//! time limit is named where there is no other. Invariant: a pair that is named was
//! tried, and came the other way round in a run that did not fail so. It need not be the only one, and there may be
//! none that this finds.

use crate::choice::{Actor, Chooser, Class, Event, Opt, PlaceKey, Point};
use crate::dependence::{Hashes, hash_of};
use crate::explore::coverage::Trail;
use crate::explore::dpor::probe::Prober;
use crate::explore::mutate::Parent;
use crate::explore::replay::Replay;
use crate::explore::reverse::{Deed, Race, Reversal, races};
use crate::name::Births;
use crate::op_name::op_name;
use crate::runner::{Runner, violation_of};
use crate::schedule::Deviation;
use crate::trace::story::is_service;
use std::sync::Arc;
use warpbeam::world::{Object, Op, OpKind};

/// One of the two.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Side {
    /// Whose event it is.
    pub process: String,
    /// Its number among theirs.
    pub event: u32,
    pub op: &'static str,
    /// Its number in the run; `None` if the other one kept it from happening there.
    pub step: Option<u64>,
    /// Functions that the process was in, the innermost first, with file and line.
    pub at: Vec<String>,
}

/// Visible operations that all tries together may run: a second, mostly far less.
const STEPS_MAX: u64 = 300_000;
/// Of a run with more of them no pair is looked for: too few could be tried.
const RUN_STEPS_MAX: u64 = STEPS_MAX / 10;
/// Pairs that are tried.
const PAIRS_MAX: usize = 2_000;
/// Events of a run that are looked at, the last ones.
const EVENTS_MAX: usize = 1_000;
/// Events of each process that are waited for after the end of the run.
const LATER: u32 = 3;
/// Functions of a stack.
const DEPTH: usize = 8;

/// The critical pair of the run that follows these decisions and fails with this fingerprint.
pub fn critical(runner: &mut Runner, deviations: &[Deviation], fingerprint: &str) -> Option<[Side; 2]> {
    // A fault is all that it takes.
    if !deviations.is_empty() && deviations.iter().all(|deviation| deviation.class == Class::Fault) {
        return None;
    }
    let mut replay = Replay::lenient(deviations);
    let mut seen = Recorder::of(&mut replay);
    let outcome = runner.run(&mut seen);
    let fails = violation_of(&outcome).is_some_and(|v| v.fingerprint == fingerprint);
    if !fails || outcome.steps > RUN_STEPS_MAX {
        return None;
    }
    let Recorder { events, trail, .. } = seen;
    let parent = Arc::new(Parent { trail, ..Parent::default() });
    let came =
        pairs(&events, &services(runner)).into_iter().take(PAIRS_MAX).map(|(i, j)| (i, events[j].deed));
    let kept = kept_from(runner, &events);
    // Going back from the end: what did not happen any more comes last.
    let later =
        (0..events.len()).rev().take(EVENTS_MAX).flat_map(|i| kept.iter().map(move |&deed| (i, deed)));
    let mut attempts = came.chain(later.filter(|&(i, deed)| events[i].deed.who != deed.who));
    let (mut steps, mut most) = (0, STEPS_MAX);
    let (mut idle, mut prober) = (None, None);
    let (first, second) = loop {
        let found = attempts.find(|&(i, second)| {
            if steps >= most {
                return false;
            }
            let mut reversal = Reversal::new(&parent, Race { first: events[i].deed, second, back: 0 });
            let mut seen = Recorder::of(&mut reversal);
            let outcome = runner.run(&mut seen);
            steps += outcome.steps;
            violation_of(&outcome).is_none() && seen.has_in_order(second, events[i].deed)
        });
        let Some((first, second)) = found else { break idle? };
        let known = events.iter().position(|e| e.deed == second);
        if [Some(first), known]
            .into_iter()
            .flatten()
            .all(|at| decides(runner, &mut prober, deviations, &events[at], at))
        {
            break (first, second);
        }
        most = most.min(steps + STEPS_MAX / 10);
        idle = idle.or(found);
    };
    let deed = events[first].deed;
    let one = side(runner, &events[first], first, &mut Replay::lenient(deviations), Some(first as u64 + 1));
    // As it was, or as it would have been if that kept it from happening.
    let reversed = || Reversal::new(&parent, Race { first: deed, second, back: 0 });
    let mut reversal = reversed();
    let mut seen = Recorder::of(&mut reversal);
    runner.run(&mut seen);
    let at = seen.events.iter().position(|e| e.deed == second)?;
    let known = events.iter().position(|e| e.deed == second && e.op.kind() == seen.events[at].op.kind());
    let two = match known {
        Some(j) => side(runner, &events[j], j, &mut Replay::lenient(deviations), Some(j as u64 + 1)),
        None => side(runner, &seen.events[at], at, &mut reversed(), None),
    };
    Some([one, two])
}

/// Whether an event may decide something by itself. The look of a receive that waits for ever does not: what it finds later is the same.
fn decides(
    runner: &mut Runner,
    prober: &mut Option<Prober>,
    deviations: &[Deviation],
    event: &Happened,
    at: usize,
) -> bool {
    if !event.op.is(OpKind::Receive) || !matches!(event.actor, Actor::Process(_)) {
        return true;
    }
    runner.run_to(at as u64, &mut Replay::lenient(deviations));
    let world = runner.world();
    let process = world.slots.of_serial(event.owner()).and_then(|at| world.slots.at(at).process.as_deref());
    process.is_none_or(|process| {
        let new = || Prober::new(Arc::clone(world.code()), runner.settings().clone());
        !prober.get_or_insert_with(new).is_endless(process)
    })
}

/// The next few events of those who were still there when the run ended.
fn kept_from(runner: &Runner, events: &[Happened]) -> Vec<Deed> {
    let world = runner.world();
    let alive = (0..world.births().len() as u32).filter(|&serial| world.slots.of_serial(serial).is_some());
    alive
        .flat_map(|serial| {
            let who = world.births().hash(serial);
            let last = events.iter().rev().find(|e| e.deed.who == who).map_or(0, |e| e.deed.number);
            (1..=LATER).map(move |more| Deed { who, number: last + more })
        })
        .collect()
}

/// An event, number `at` of the run that the chooser makes, with where its process was before it.
fn side(
    runner: &mut Runner,
    event: &Happened,
    at: usize,
    chooser: &mut dyn Chooser,
    step: Option<u64>,
) -> Side {
    runner.run_to(at as u64, chooser);
    let world = runner.world();
    let process = world.slots.of_serial(event.owner()).and_then(|at| world.slots.at(at).process.as_deref());
    Side {
        process: world.births().name(event.actor).to_string(),
        event: event.deed.number,
        op: op_name(event.op.kind()),
        step,
        at: process.map_or(Vec::new(), |process| process.stack_text(&world.code_view(), DEPTH)),
    }
}

/// An event of the run.
struct Happened {
    actor: Actor,
    deed: Deed,
    op: Op,
    /// What it touches: an object, the whole that this is a part of, and its own process.
    object: u64,
    whole: u64,
    own: u64,
    cause: Option<u64>,
}

impl Happened {
    /// The process that acts, or for which somebody does.
    fn owner(&self) -> u32 {
        match self.actor {
            Actor::Process(serial) => serial,
            Actor::Channel { to, .. } => to,
            Actor::Timer { owner, .. } | Actor::After { owner, .. } | Actor::Completion { owner, .. } => {
                owner
            }
            Actor::Link { .. } | Actor::Nobody | Actor::Value(_) | Actor::Fault(_) => u32::MAX,
        }
    }

    /// Whether it sees what has come to its process.
    fn looks(&self) -> bool {
        matches!(self.op.kind(), OpKind::Receive | OpKind::Timeout)
            || !matches!(self.actor, Actor::Process(_))
    }

    /// Whether it may hand something to the process of the other.
    fn reaches(&self, other: &Happened) -> bool {
        matches!(self.op.object(), Object::Name(_)) || self.object == other.own || self.whole == other.own
    }

    /// Whether the order of the two may matter, generously: what is no race is tried for nothing.
    fn may_race(&self, other: &Happened) -> bool {
        let either = |is: &dyn Fn(&Happened, &Happened) -> bool| is(self, other) || is(other, self);
        races(self.op, other.op)
            || either(&|a, b| a.looks() && b.reaches(a))
            || either(&|a, b| a.op.is(OpKind::ExitStep) && b.reaches(a))
            || either(&|a, b| a.op.is(OpKind::ExitSignal) && a.object == b.own)
            || either(&|a, b| matches!(a.actor, Actor::Timer { .. }) && a.own == b.own)
    }
}

/// The processes that run beside the program, by serial.
fn services(runner: &Runner) -> Vec<bool> {
    let births = runner.world().births();
    (0..births.len() as u32).map(|serial| is_service(&births.path(serial).to_string())).collect()
}

/// Pairs of events whose order may matter: those of the program itself first, those nearest to each other first, of those the later
/// ones first.
fn pairs(events: &[Happened], services: &[bool]) -> Vec<(usize, usize)> {
    let serves = |at: usize| services.get(events[at].owner() as usize).is_some_and(|&is| is);
    let pasts = pasts(events);
    let mut pairs = Vec::new();
    let from = events.len().saturating_sub(EVENTS_MAX);
    for j in from..events.len() {
        let comes_of = |i: usize| pasts[j][i / 64] >> (i % 64) & 1 == 1;
        let others = (from..j).filter(|&i| events[i].deed.who != events[j].deed.who && !comes_of(i));
        pairs.extend(others.filter(|&i| events[i].may_race(&events[j])).map(|i| (i, j)));
    }
    pairs.sort_by_key(|&(i, j)| (serves(i) || serves(j), j - i, std::cmp::Reverse(j)));
    pairs
}

/// For each event, a bit for each one that it comes of: its actor's earlier ones, and causes.
fn pasts(events: &[Happened]) -> Vec<Vec<u64>> {
    let mut pasts: Vec<Vec<u64>> = Vec::new();
    for (j, event) in events.iter().enumerate() {
        let previous = (0..j).rev().find(|&i| events[i].deed.who == event.deed.who);
        let cause = event.cause.and_then(|step| (step as usize).checked_sub(1)).filter(|&i| i < j);
        let mut past = vec![0; events.len().div_ceil(64)];
        for i in previous.into_iter().chain(cause) {
            past.iter_mut().zip(&pasts[i]).for_each(|(to, from)| *to |= from);
            past[i / 64] |= 1 << (i % 64);
        }
        pasts.push(past);
    }
    pasts
}

/// Notes the events and decisions of a run.
struct Recorder<'a> {
    inner: &'a mut dyn Chooser,
    events: Vec<Happened>,
    trail: Trail,
}

impl Recorder<'_> {
    fn of(inner: &mut dyn Chooser) -> Recorder<'_> {
        Recorder { inner, events: Vec::new(), trail: Vec::new() }
    }

    /// Whether `first` happened, and `second` did not happen before it.
    fn has_in_order(&self, first: Deed, second: Deed) -> bool {
        let at = |deed| self.events.iter().position(|e| e.deed == deed);
        at(first).is_some_and(|first| at(second).is_none_or(|second| second > first))
    }
}

impl Chooser for Recorder<'_> {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        let picked = self.inner.choose(at, options);
        if picked != 0 {
            let place: PlaceKey = at.place();
            self.trail.push((place, at.option(options[picked].actor)));
        }
        picked
    }

    fn happened(&mut self, event: &Event, births: &Births) {
        if self.inner.listens() {
            self.inner.happened(event, births);
        }
        let Event { actor, number, op, cause } = *event;
        let object = hash_of(op.object(), births);
        let whole = match op.object() {
            Object::TableKey(at, _) => births.of_table(at),
            _ => object,
        };
        let deed = Deed { who: births.actor_hash(actor), number };
        let mut happened = Happened { actor, deed, op, object, whole, own: 0, cause };
        if (happened.owner() as usize) < births.len() {
            happened.own = births.hash(happened.owner());
        }
        self.events.push(happened);
    }

    fn listens(&self) -> bool {
        true
    }
}
