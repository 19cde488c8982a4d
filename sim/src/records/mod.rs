//! Schedules as records of fixed size, in any order: what fuzzers and property tests mutate.
//!
//! A record says: when this process has done so many events (or asked so many questions of a class), this is picked.
//! All other questions are answered by a base, dull or random from a seed. So a mutation changes one decision, a record for
//! the 500th event costs no more than one for the first, and any bytes are a schedule: none are the dull run.
//! Invariant: [`Records::of_run`] of a run gives that run again, with a dull base.
//!
//! As bytes: a header of eight (scene, base, 16 bits without meaning, seed), then eight for each record (class, kind of
//! actor, process, event, pick), numbers in little-endian order. What is missing is 0.

#[cfg(any(test, feature = "arbitrary"))]
mod arbitrary;
pub mod asked;
pub mod mutate;
pub mod scenes;
#[cfg(any(test, feature = "proptest"))]
pub mod strategies;
#[cfg(test)]
mod tests;

use crate::choice::{Actor, CLASSES, Chooser, Class, Event, Opt, Point};
use crate::explore::strategy::{Strategy, StrategyKind};
use crate::explore::survey::Survey;
use crate::name::Births;
use std::sync::Arc;
use warpbeam::term::atom::FixedMap;

/// Bytes of the header, and of a record.
pub const UNIT: usize = 8;
/// Records of one schedule that are looked at.
pub const RECORDS_MAX: usize = 1 << 16;

/// Who answers where there is no record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Base {
    #[default]
    Dull,
    Random,
    Pos,
    Pct,
}

pub const BASES: [Base; 4] = [Base::Dull, Base::Random, Base::Pos, Base::Pct];

/// Events that a base of priorities takes a run to have.
const LENGTH: u64 = 64;

const CLASS: [Class; CLASSES] =
    [Class::Order, Class::Delivery, Class::Time, Class::Ring, Class::Fault, Class::Collect, Class::Data];

/// One decision.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Record {
    pub class: Class,
    /// Whether it is the event of a process (0), a channel (1), a timer or completion (2).
    pub kind: u8,
    /// Whose event or question, by its number in the order of spawns (the receiver's, the owner's).
    pub who: u16,
    /// Its how manieth.
    pub event: u16,
    /// 0 is the dull answer. A process is picked by its number and one; where there is no such one, and for all other
    /// options, what is over of a division by the number of options.
    pub pick: u16,
}

/// A schedule.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Records {
    /// Which of the programs that a fuzz target knows.
    pub scene: u8,
    pub base: Base,
    pub seed: u32,
    pub list: Vec<Record>,
}

impl Records {
    /// Any bytes are records.
    pub fn from_bytes(bytes: &[u8]) -> Records {
        let mut units = bytes.chunks(UNIT).map(|unit| {
            let mut whole = [0; UNIT];
            whole[..unit.len()].copy_from_slice(unit);
            whole
        });
        let [scene, base, _, _, seed @ ..] = units.next().unwrap_or_default();
        let list = units.take(RECORDS_MAX).map(Record::from_bytes).collect();
        let base = BASES[base as usize % BASES.len()];
        Records { scene, base, seed: u32::from_le_bytes(seed), list }
    }

    /// Whether bytes that are no schedule file are likely to be records of one of the scenes.
    pub fn is_input(bytes: &[u8]) -> bool {
        bytes.first().is_some_and(|&scene| usize::from(scene) < scenes::SCENES.len())
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.scene, self.base as u8, 0, 0];
        bytes.extend(self.seed.to_le_bytes());
        self.list.iter().for_each(|record| bytes.extend(record.to_bytes()));
        bytes
    }

    pub fn chooser(&self) -> Player {
        let key = |record: &Record| (record.class as u8, record.kind, record.who, record.event);
        // Of two records for one place the first counts.
        let list = self.list.iter().rev().map(|record| (key(record), record.pick)).collect();
        let kind = match self.base {
            Base::Dull => None,
            Base::Random => Some(StrategyKind::Random),
            Base::Pos => Some(StrategyKind::Pos),
            Base::Pct => Some(StrategyKind::Pct { depth: 3 }),
        };
        let base = kind.map(|kind| {
            let mut strategy =
                Strategy::new(kind, u64::from(self.seed), &Arc::new(Survey::of_length(LENGTH)));
            strategy.start_run(0);
            Box::new(strategy)
        });
        Player { list, base }
    }

    /// The records of a run that a chooser decides, written down while it runs with the [`Writer`]. `None` if it had a decision
    /// at a place, or with a number, that no record has room for.
    pub fn of_run(scene: u8, writer: Writer<'_>) -> Option<Records> {
        (!writer.lost).then_some(Records { scene, list: writer.list, ..Records::default() })
    }
}

impl Record {
    fn from_bytes([class, kind, a, b, c, d, e, f]: [u8; UNIT]) -> Record {
        let number = |low, high| u16::from_le_bytes([low, high]);
        let class = CLASS[class as usize % CLASSES];
        Record { class, kind: kind % KINDS, who: number(a, b), event: number(c, d), pick: number(e, f) }
    }

    fn at((class, kind, who, event): Place, pick: u16) -> Record {
        Record { class: CLASS[usize::from(class)], kind, who, event, pick }
    }

    fn to_bytes(self) -> [u8; UNIT] {
        let (who, event, pick) = (self.who.to_le_bytes(), self.event.to_le_bytes(), self.pick.to_le_bytes());
        [self.class as u8, self.kind, who[0], who[1], event[0], event[1], pick[0], pick[1]]
    }

    /// The option that a pick names.
    fn option(pick: u16, options: &[Opt]) -> usize {
        let named = |option: &Opt| pick > 0 && option.actor == Actor::Process(u32::from(pick) - 1);
        options.iter().position(named).unwrap_or(usize::from(pick) % options.len())
    }

    /// The pick that names an option.
    fn pick(option: usize, options: &[Opt]) -> Option<u16> {
        if let Actor::Process(serial) = options[option].actor {
            return u16::try_from(serial + 1).ok();
        }
        let mut picks = (option..=usize::from(u16::MAX)).step_by(options.len());
        picks.find(|&pick| Record::option(pick as u16, options) == option).map(|pick| pick as u16)
    }
}

/// Kinds of actors.
const KINDS: u8 = 3;

/// The kind of an actor, and the process that it belongs to.
fn owner(actor: Actor) -> (u8, u32) {
    match actor {
        Actor::Process(serial) => (0, serial),
        Actor::Channel { to, .. } => (1, to),
        Actor::Timer { owner, .. } | Actor::After { owner, .. } | Actor::Completion { owner, .. } => {
            (2, owner)
        }
        Actor::Link { .. } | Actor::Nobody | Actor::Value(_) | Actor::Fault(_) => (0, 0),
    }
}

type Place = (u8, u8, u16, u16);

/// A place as a record names it.
fn place(at: &Point<'_>) -> Option<Place> {
    let (kind, who) = owner(at.actor);
    // Those of one owner are told apart by their numbers; each acts once, or a few times.
    let number = match at.actor {
        Actor::Timer { count, .. } | Actor::After { count, .. } | Actor::Completion { count, .. } => count,
        _ => 0,
    };
    let event = number.checked_add(at.count)?;
    Some((at.class as u8, kind, u16::try_from(who).ok()?, u16::try_from(event).ok()?))
}

/// Plays records. Each is used at most once, the first time that a run comes to its place.
pub struct Player {
    list: FixedMap<Place, u16>,
    base: Option<Box<Strategy>>,
}

impl Chooser for Player {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        let base = self.base.as_mut().map_or(0, |base| base.choose(at, options));
        if self.list.is_empty() {
            return base;
        }
        match place(at).and_then(|place| self.list.remove(&place)) {
            Some(pick) => Record::option(pick, options),
            None => base,
        }
    }

    fn happened(&mut self, event: &Event, births: &Births) {
        if let Some(base) = &mut self.base {
            base.happened(event, births);
        }
    }

    fn listens(&self) -> bool {
        self.base.as_ref().is_some_and(|base| base.listens())
    }
}

/// Lets another chooser decide, and writes records of it.
pub struct Writer<'a> {
    inner: &'a mut dyn Chooser,
    list: Vec<Record>,
    /// Places that were asked about.
    asked: FixedMap<Place, ()>,
    lost: bool,
}

impl<'a> Writer<'a> {
    pub fn new(inner: &'a mut dyn Chooser) -> Writer<'a> {
        Writer { inner, list: Vec::new(), asked: FixedMap::default(), lost: false }
    }
}

impl Chooser for Writer<'_> {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        let picked = self.inner.choose(at, options);
        let place = place(at);
        let is_first = place.is_some_and(|place| self.asked.insert(place, ()).is_none());
        if picked == 0 {
            return picked;
        }
        // A record for a place that was passed before would have been used there.
        match (place.filter(|_| is_first), Record::pick(picked, options)) {
            (Some((_, kind, who, event)), Some(pick)) => {
                self.list.push(Record { class: at.class, kind, who, event, pick });
            }
            _ => self.lost = true,
        }
        picked
    }

    fn happened(&mut self, event: &Event, births: &Births) {
        self.inner.happened(event, births);
    }

    fn listens(&self) -> bool {
        self.inner.listens()
    }
}
