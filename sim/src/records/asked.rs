//! What a run was asked, and what was answered: where a mutation can change it.
//!
//! A record for a place that no run comes to changes nothing, and most records that are drawn blindly are such. So the
//! mutator is told what the run of its input was asked, and which answers have been tried after the same answers before.
//! Invariant: [`Asked`] is a function of the input, [`Memory`] of the inputs that were run and mutated, in their order.

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
/// Answers that are remembered as tried; with more of them all are forgotten.
const TRIED_MAX: usize = 1 << 20;

/// A question: its place, the pick that was made there, where the picks that it gave begin, and a digest of the scene, of all
/// questions before it with their answers, and of its place.
#[derive(Clone, Copy, Debug)]
struct Question {
    place: Place,
    picked: u16,
    from: u32,
    past: u64,
}

/// What one run was asked.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    scene: u8,
    questions: Vec<Question>,
    picks: Vec<u16>,
}

impl Asked {
    pub fn of_scene(scene: u8) -> Asked {
        Asked { scene, ..Asked::default() }
    }

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
        let others: Vec<u16> = self.others(at).collect();
        (!others.is_empty()).then(|| Record::at(self.questions[at].place, others[nth % others.len()]))
    }

    /// The picks that were not made.
    fn others(&self, at: usize) -> impl Iterator<Item = u16> {
        let Question { picked, from, .. } = self.questions[at];
        let to = self.questions.get(at + 1).map_or(self.picks.len(), |next| next.from as usize);
        self.picks[from as usize..to].iter().copied().filter(move |&pick| pick != picked)
    }

    /// The records that give an answer that no run gave after the same answers before, each with its question.
    pub(super) fn untried(&self, tried: &Tried) -> Vec<(usize, Record)> {
        let of_question = |at: usize| {
            let Question { place, past, .. } = self.questions[at];
            let is_new = move |&pick: &u16| !tried.0.contains_key(&branch(past, pick));
            self.others(at).filter(is_new).map(move |pick| (at, Record::at(place, pick)))
        };
        (0..self.len()).flat_map(of_question).collect()
    }

    fn note(&mut self, at: &Point<'_>, options: &[Opt], picked: usize) {
        let Some(place) = place(at).filter(|_| self.questions.len() < QUESTIONS_MAX) else { return };
        let Some(pick) = Record::pick(picked, options) else { return };
        let from = self.picks.len() as u32;
        self.picks.extend((0..options.len()).filter_map(|option| Record::pick(option, options)));
        let (class, kind, who, event) = place;
        let named = u64::from(class) << 40 | u64::from(kind) << 32 | u64::from(who) << 16 | u64::from(event);
        let before =
            self.questions.last().map_or(u64::from(self.scene), |last| branch(last.past, last.picked));
        self.questions.push(Question { place, picked: pick, from, past: fold(before, named) });
    }
}

/// An answer, with all that led to its question.
fn branch(past: u64, pick: u16) -> u64 {
    fold(past, u64::from(pick))
}

/// Answers that some run gave.
#[derive(Debug, Default)]
pub struct Tried(FixedMap<u64, ()>);

impl Tried {
    pub fn add(&mut self, asked: &Asked) {
        if self.0.len() + asked.len() > TRIED_MAX {
            self.0.clear();
        }
        self.0.extend(asked.questions.iter().map(|question| (branch(question.past, question.picked), ())));
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

/// A run that is remembered.
struct Remembered {
    asked: Arc<Asked>,
    /// Whether its input was mutated since its turn to be forgotten came last.
    is_wanted: bool,
}

/// What the runs of the latest inputs were asked, and of those that are mutated still.
#[derive(Default)]
pub struct Memory {
    runs: FixedMap<u64, Remembered>,
    order: VecDeque<u64>,
    pub tried: Tried,
}

impl Memory {
    pub fn keep(&mut self, bytes: &[u8], asked: Asked) {
        self.tried.add(&asked);
        let key = key(bytes);
        if self.runs.insert(key, Remembered { asked: Arc::new(asked), is_wanted: false }).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > RUNS_MAX {
            self.forget();
        }
    }

    /// Forgets the oldest run that nobody wanted.
    fn forget(&mut self) {
        while let Some(oldest) = self.order.pop_front() {
            match self.runs.get_mut(&oldest) {
                Some(run) if run.is_wanted => {
                    run.is_wanted = false;
                    self.order.push_back(oldest);
                }
                _ => {
                    self.runs.remove(&oldest);
                    return;
                }
            }
        }
    }

    pub fn of(&mut self, bytes: &[u8]) -> Option<Arc<Asked>> {
        let run = self.runs.get_mut(&key(bytes))?;
        run.is_wanted = true;
        Some(run.asked.clone())
    }
}

fn key(bytes: &[u8]) -> u64 {
    bytes.chunks(super::UNIT).fold(bytes.len() as u64, |key, unit| {
        let mut whole = [0; super::UNIT];
        whole[..unit.len()].copy_from_slice(unit);
        fold(key, u64::from_le_bytes(whole))
    })
}
