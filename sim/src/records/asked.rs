//! What a run was asked, and what was answered: where a mutation can change it.
//!
//! A record for a place that no run comes to changes nothing, and most records that are drawn blindly are such. So the
//! mutator is told what the run of its input was asked. Invariant: a function of the input.

use super::{Place, Record, place};
use crate::choice::{Chooser, Event, Opt, Point};
use crate::digest::fold;
use crate::name::Births;
use std::collections::VecDeque;
use std::sync::Arc;
use warpbeam::term::atom::FixedMap;

/// Questions of a run that are kept, from its beginning.
const QUESTIONS_MAX: usize = 512;
/// Runs that are remembered.
const RUNS_MAX: usize = 1 << 14;

/// A question: its place, the pick that was made there, and where the picks that it gave begin.
#[derive(Clone, Copy, Debug)]
struct Question {
    place: Place,
    picked: u16,
    from: u32,
}

#[derive(Clone, Debug, Default)]
pub struct Asked {
    questions: Vec<Question>,
    picks: Vec<u16>,
}

impl Asked {
    pub fn len(&self) -> usize {
        self.questions.len()
    }

    pub fn is_empty(&self) -> bool {
        self.questions.is_empty()
    }

    /// The record that gives the answer that was given.
    pub(super) fn answer(&self, at: usize) -> Record {
        let Question { place, picked, .. } = self.questions[at];
        Record::at(place, picked)
    }

    /// A record that gives another answer, the `nth` of them; `None` if no other has a number.
    pub(super) fn other(&self, at: usize, nth: usize) -> Option<Record> {
        let Question { place, picked, from } = self.questions[at];
        let to = self.questions.get(at + 1).map_or(self.picks.len(), |next| next.from as usize);
        let others: Vec<u16> =
            self.picks[from as usize..to].iter().copied().filter(|&pick| pick != picked).collect();
        (!others.is_empty()).then(|| Record::at(place, others[nth % others.len()]))
    }

    fn note(&mut self, at: &Point<'_>, options: &[Opt], picked: usize) {
        let Some(place) = place(at).filter(|_| self.questions.len() < QUESTIONS_MAX) else { return };
        let Some(pick) = Record::pick(picked, options) else { return };
        let from = self.picks.len() as u32;
        self.picks.extend((0..options.len()).filter_map(|option| Record::pick(option, options)));
        self.questions.push(Question { place, picked: pick, from });
    }
}

/// A chooser whose questions and answers are noted.
pub struct Asking<'a> {
    pub inner: &'a mut dyn Chooser,
    pub asked: &'a mut Asked,
}

impl Chooser for Asking<'_> {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        let picked = self.inner.choose(at, options);
        self.asked.note(at, options, picked);
        picked
    }

    fn happened(&mut self, event: &Event, births: &Births) {
        self.inner.happened(event, births);
    }

    fn listens(&self) -> bool {
        self.inner.listens()
    }
}

/// What the runs of the latest inputs were asked.
#[derive(Default)]
pub struct Memory {
    runs: FixedMap<u64, Arc<Asked>>,
    order: VecDeque<u64>,
}

impl Memory {
    pub fn keep(&mut self, bytes: &[u8], asked: Asked) {
        let key = key(bytes);
        if self.runs.insert(key, Arc::new(asked)).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > RUNS_MAX {
            self.order.pop_front().map(|oldest| self.runs.remove(&oldest));
        }
    }

    pub fn of(&self, bytes: &[u8]) -> Option<Arc<Asked>> {
        self.runs.get(&key(bytes)).cloned()
    }
}

fn key(bytes: &[u8]) -> u64 {
    bytes.chunks(super::UNIT).fold(bytes.len() as u64, |key, unit| {
        let mut whole = [0; super::UNIT];
        whole[..unit.len()].copy_from_slice(unit);
        fold(key, u64::from_le_bytes(whole))
    })
}
