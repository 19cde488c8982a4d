//! What a run covers: pairs of events on one object that came one after the other, by different actors.
//!
//! A pair names both actors, their operations and how many events each had done: that the one came before the other is
//! a piece of the run's happens-before, or says which write a read saw. Pairs are bits of a map of fixed size, as
//! fuzzers have it. A run's *class* is a digest of its happens-before as a whole, as far as kinds and objects tell it.
//! Invariant: both are functions of the run's events, and of nothing that differs between machines.

use super::reverse::{Deed, Race, races};
use super::survey::touched;
use crate::choice::{Chooser, Event, Opt, PlaceKey, Point};
use crate::digest::fold;
use crate::name::Births;
use std::collections::VecDeque;
use warpbeam::term::atom::FixedMap;
use warpbeam::world::{Object, Op, OpKind};

/// Bits of the map, as a power of two.
const BITS: u32 = 18;
/// Event numbers up to here are told apart; greater ones by their magnitude.
const NUMBERS: u32 = 32;

/// Pairs that were seen, as a map of bits.
#[derive(Clone, Debug)]
pub struct Seen(Vec<u64>);

impl Default for Seen {
    fn default() -> Self {
        Seen(vec![0; 1 << (BITS - 6)])
    }
}

impl Seen {
    pub fn has(&self, pair: u32) -> bool {
        self.0[pair as usize / 64] & 1 << (pair % 64) != 0
    }

    /// Whether it is new.
    pub fn add(&mut self, pair: u32) -> bool {
        let new = !self.has(pair);
        self.0[pair as usize / 64] |= 1 << (pair % 64);
        new
    }
}

/// A run's decisions, by place and option: what it takes to come near it again.
pub type Trail = Vec<(PlaceKey, u64)>;

/// An event on an object.
#[derive(Clone, Copy, Debug)]
struct Access {
    deed: Deed,
    op: Op,
    event: u64,
    past: u64,
}

/// Races of a run that are noted.
const RACES_MAX: usize = 4_096;
/// Events on an object that are looked back upon.
const BACK: usize = 8;

/// What is noted of a run.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    latest: FixedMap<u64, VecDeque<Access>>,
    pasts: FixedMap<u64, u64>,
    pub pairs: Vec<u32>,
    /// Pairs whose order may matter: each event on an object with the latest one of another there that it races with.
    pub orders: Vec<u32>,
    pub races: Vec<Race>,
    pub class: u64,
    pub trail: Trail,
    pub questions: u64,
}

impl Notes {
    pub fn clear(&mut self) {
        self.latest.clear();
        self.pasts.clear();
        self.pairs.clear();
        self.orders.clear();
        self.races.clear();
        self.class = 0;
        self.trail.clear();
        self.questions = 0;
    }

    fn happened(&mut self, event: &Event, births: &Births) {
        let who = births.actor_hash(event.actor);
        let number = if event.number < NUMBERS { event.number } else { NUMBERS + event.number.ilog2() };
        let op = event.op;
        let (object, whole) = match op.object() {
            // Nothing that has a name: the mailbox that the process looks into.
            Object::Nothing if matches!(op.kind(), OpKind::Receive | OpKind::Timeout) => (who, who),
            Object::Nothing => (0, 0),
            _ => touched(op, births),
        };
        let named = fold(who ^ ((op.kind() as u64) << 40), u64::from(number));
        let mut past = fold(named, self.pasts.get(&who).copied().unwrap_or(0));
        if object != 0 {
            let deed = Deed { who, number: event.number };
            past = self.follow(object, Access { deed, op, event: named, past });
            if whole != object {
                past = self.follow(whole, Access { deed, op, event: named, past });
            }
        }
        self.pasts.insert(who, past);
        self.class = self.class.wrapping_add(past);
    }

    /// An event on an object follows those before it there. What its past is with theirs.
    fn follow(&mut self, object: u64, access: Access) -> u64 {
        let list = self.latest.entry(object).or_default();
        let others = || list.iter().rev().filter(|before| before.deed.who != access.deed.who);
        let past = list.back().map_or(access.past, |before| fold(access.past, before.past));
        let pair =
            |one: &Access, two: &Access| (fold(fold(one.event, two.event), object) >> (64 - BITS)) as u32;
        if let Some(before) = list.back().filter(|before| before.deed.who != access.deed.who) {
            self.pairs.push(pair(before, &access));
        }
        let race = others().find(|before| races(before.op, access.op));
        self.orders.extend(race.map(|before| pair(before, &access)));
        if let Some(before) = race.filter(|_| self.races.len() < RACES_MAX) {
            let (first, second) = (before.deed, access.deed);
            self.races.push(Race { first, second, back: pair(&access, before) });
        }
        if list.len() == BACK {
            list.pop_front();
        }
        list.push_back(Access { past, ..access });
        past
    }
}

/// A chooser whose run is noted.
pub struct Noted<'a> {
    pub inner: &'a mut dyn Chooser,
    pub notes: &'a mut Notes,
}

impl Chooser for Noted<'_> {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        let picked = self.inner.choose(at, options);
        self.notes.questions += 1;
        if picked != 0 {
            self.notes.trail.push((at.place(), at.option(options[picked].actor)));
        }
        picked
    }

    fn happened(&mut self, event: &Event, births: &Births) {
        self.inner.happened(event, births);
        self.notes.happened(event, births);
    }

    fn listens(&self) -> bool {
        true
    }
}
