//! Replay: the dull run, but for the choices that a schedule names.
//!
//! Strict replay stops at the first line that cannot be followed and says why; lenient replay, which shrinking
//! uses, passes it over. Invariant: a line is used at most once, and only at its place.

use crate::choice::{Chooser, Opt, Pick, PlaceKey, Point};
use crate::op_name::{op_name, verb};
use crate::schedule::Deviation;
use std::fmt;
use warpbeam::term::atom::FixedMap;
use warpbeam::world::OpKind;

/// A schedule that a run did not follow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Divergence {
    /// At the line's place, its option was not there, or was about to do something else.
    Option { line: usize, deviation: Deviation, found: Vec<String> },
    /// The run ended without coming to the line's place.
    Unused { line: usize, deviation: Deviation },
    /// All lines were followed, and the digest is another one.
    Digest { expected: String, found: String },
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Divergence::Option { line, deviation, found } => write!(
                f,
                "decision {}: after {}#{} the schedule says `{} {} {}`, but what could be picked was {}",
                line + 1,
                deviation.actor,
                deviation.count,
                verb(deviation.class),
                deviation.option,
                op_name(deviation.op),
                found.join(", ")
            ),
            Divergence::Unused { line, deviation } => write!(
                f,
                "decision {}: the run ended without coming to {}#{}",
                line + 1,
                deviation.actor,
                deviation.count
            ),
            Divergence::Digest { expected, found } => {
                write!(f, "every decision could be followed, but the digest is {found} instead of {expected}")
            }
        }
    }
}

#[derive(Clone, Debug)]
struct Line {
    option: u64,
    /// What the option was about to do when the line was used.
    used: Option<OpKind>,
}

/// Follows a schedule's lines.
#[derive(Clone, Debug)]
pub struct Replay<'a> {
    deviations: &'a [Deviation],
    lines: Vec<Line>,
    by_place: FixedMap<PlaceKey, usize>,
    strict: bool,
    divergence: Option<Divergence>,
}

impl<'a> Replay<'a> {
    pub fn strict(deviations: &'a [Deviation]) -> Replay<'a> {
        Replay::new(deviations, true)
    }

    pub fn lenient(deviations: &'a [Deviation]) -> Replay<'a> {
        Replay::new(deviations, false)
    }

    fn new(deviations: &'a [Deviation], strict: bool) -> Replay<'a> {
        let lines = deviations.iter().map(|d| Line { option: d.option.hash(), used: None }).collect();
        let by_place = deviations.iter().enumerate().map(|(i, d)| (d.place(), i)).collect();
        Replay { deviations, lines, by_place, strict, divergence: None }
    }

    /// The lines that were used, in the order of the schedule, with what their options really did.
    pub fn followed(&self) -> Vec<Deviation> {
        let lines = self.deviations.iter().zip(&self.lines);
        lines
            .filter_map(|(deviation, line)| Some(Deviation { op: line.used?, ..deviation.clone() }))
            .collect()
    }

    /// What kept the run from following the schedule, once it has ended.
    pub fn divergence(self) -> Option<Divergence> {
        let unused = || {
            let line = self.lines.iter().position(|line| line.used.is_none())?;
            Some(Divergence::Unused { line, deviation: self.deviations[line].clone() })
        };
        self.divergence.or_else(unused)
    }
}

impl Chooser for Replay<'_> {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        if self.lines.is_empty() || self.divergence.is_some() {
            return 0;
        }
        let Some(&number) = self.by_place.get(&at.place()) else { return 0 };
        let line = &mut self.lines[number];
        if line.used.is_some() {
            return 0;
        }
        let deviation = &self.deviations[number];
        let fits = |option: &Opt| {
            at.option(option.actor) == line.option && (!self.strict || option.op.kind() == deviation.op)
        };
        match options.iter().position(fits) {
            Some(picked) => {
                line.used = Some(options[picked].op.kind());
                picked
            }
            None => {
                if self.strict {
                    let found = options
                        .iter()
                        .map(|o| format!("{} {}", at.births.name(o.actor), op_name(o.op.kind())))
                        .collect();
                    let deviation = deviation.clone();
                    self.divergence = Some(Divergence::Option { line: number, deviation, found });
                }
                0
            }
        }
    }
}

/// Repeats recorded picks by number, whatever their names.
#[derive(Clone, Debug)]
pub struct Repeat<'a> {
    picks: &'a [Pick],
    followed: bool,
}

impl<'a> Repeat<'a> {
    pub fn new(picks: &'a [Pick]) -> Repeat<'a> {
        Repeat { picks, followed: true }
    }

    /// Whether the run asked the questions that the picks answer.
    pub fn followed(&self) -> bool {
        self.followed && self.picks.is_empty()
    }
}

impl Chooser for Repeat<'_> {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        let Some(pick) = self.picks.first().filter(|pick| pick.index == at.index) else { return 0 };
        self.picks = &self.picks[1..];
        self.followed &= pick.arity as usize == options.len();
        if self.followed { pick.pick as usize } else { 0 }
    }
}
