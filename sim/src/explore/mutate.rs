//! Mutation: a run near one that brought something new.
//!
//! The parent's decisions are followed where their places come up, changed in one of a few ways that are drawn: some are
//! left out, some are added at questions that are drawn beforehand, or the run goes its own way after a question.
//! Source: Wolff, Shi, Duck, Mathur, Roychoudhury, "Greybox Fuzzing for Concurrency Testing", 2024, for mutating schedules
//! that cover new writer-to-reader pairs; there is no guarantee beyond that each decision can be changed.

use super::coverage::Trail;
use super::random::Rates;
use super::reverse::Race;
use super::stream::Streams;
use crate::choice::{Chooser, Class, Opt, PlaceKey, Point};
use warpbeam::term::atom::FixedMap;

/// A run that brought something new.
#[derive(Clone, Debug, Default)]
pub struct Parent {
    pub trail: Trail,
    /// Questions that it was asked.
    pub questions: u64,
    /// Pairs of events whose order could be reversed, the last first.
    pub races: Vec<Race>,
    /// How much it brought.
    pub worth: u32,
}

#[derive(Clone, Debug)]
pub struct Mutant {
    streams: Streams,
    rates: Rates,
    lines: FixedMap<PlaceKey, u64>,
    /// Questions at which something else is picked, rising.
    extra: Vec<u64>,
    /// The question from which on everything is drawn.
    own_way: u64,
}

/// Decisions that are added at most.
const EXTRA_MAX: u32 = 3;

impl Mutant {
    pub fn new(seed: u64) -> Mutant {
        Mutant {
            streams: Streams::new(seed),
            rates: Rates::NONE,
            lines: FixedMap::default(),
            extra: Vec::new(),
            own_way: u64::MAX,
        }
    }

    /// Lets the next run follow a trail, and nothing else.
    pub fn follow(&mut self, trail: &Trail) {
        self.lines.clear();
        self.lines.extend(trail.iter().copied());
        self.extra.clear();
        self.own_way = u64::MAX;
    }

    pub fn start_run(&mut self, index: u64, parent: &Parent) {
        self.streams.start_run(index);
        self.rates = Rates::draw(&mut self.streams);
        let stream = self.streams.of_run();
        let length = u32::try_from(parent.trail.len()).unwrap_or(u32::MAX);
        let questions = u32::try_from(parent.questions).unwrap_or(u32::MAX).max(1);
        self.lines.clear();
        self.extra.clear();
        self.own_way = u64::MAX;
        let (mut followed, mut dropped, mut added) = (length, 0, 1 + stream.below(EXTRA_MAX));
        match stream.below(4) {
            0 => {}
            1 => followed = stream.below(length + 1),
            2 => dropped = 16_384,
            _ => {
                added = 0;
                self.own_way = u64::from(stream.below(questions));
            }
        }
        for &(place, option) in &parent.trail[..followed as usize] {
            if dropped == 0 || !stream.chance(dropped) {
                self.lines.insert(place, option);
            }
        }
        self.extra.extend((0..added).map(|_| u64::from(stream.below(questions))));
        self.extra.sort_unstable();
    }
}

impl Chooser for Mutant {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        let arity = options.len() as u32;
        if at.index >= self.own_way {
            return match at.class {
                Class::Order => self.streams.of(Class::Order).below(arity) as usize,
                _ => self.rates.answer(&mut self.streams, at, arity),
            };
        }
        if self.extra.binary_search(&at.index).is_ok() {
            return 1 + self.streams.of(at.class).below(arity - 1) as usize;
        }
        let Some(&line) = self.lines.get(&at.place()) else { return 0 };
        options.iter().position(|option| at.option(option.actor) == line).unwrap_or(0)
    }
}
