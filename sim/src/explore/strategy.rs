//! Strategies by name, and what a campaign needs of each: run `i` chooses as a function of seed and `i` alone.

use super::pct::Pct;
use super::pctcp::Pctcp;
use super::pos::Pos;
use super::random::Random;
use crate::choice::{Chooser, Event, Opt, Point};
use std::fmt;

/// Which strategy, as the command line names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StrategyKind {
    /// `random`
    Random,
    /// `pct` or `pct:DEPTH`
    Pct { depth: u32 },
    /// `pctcp` or `pctcp:DEPTH`
    Pctcp { depth: u32 },
    /// `pos`
    Pos,
    /// `mix`: random and PCT of depths 1 to 5, in turn.
    Mix,
    /// `bounded`: exhaustive, by number of deviations.
    Bounded,
    /// `dpor`: exhaustive, one run for each class.
    Dpor,
}

/// Depth of `pct` and `pctcp` without one.
const PCT_DEPTH: u32 = 3;
/// Greatest depth that can be asked for.
const PCT_DEPTH_MAX: u32 = 64;
/// Strategies that `mix` takes in turn.
const MIX: u64 = 6;

impl StrategyKind {
    pub fn parse(text: &str) -> Option<StrategyKind> {
        let (name, depth) = match text.split_once(':') {
            Some((name, depth)) => (name, Some(depth.parse().ok()?)),
            None => (text, None),
        };
        let depth_or_not = depth.unwrap_or(PCT_DEPTH);
        let kind = match name {
            "pct" if (1..=PCT_DEPTH_MAX).contains(&depth_or_not) => StrategyKind::Pct { depth: depth_or_not },
            "pctcp" if (1..=PCT_DEPTH_MAX).contains(&depth_or_not) => {
                StrategyKind::Pctcp { depth: depth_or_not }
            }
            _ if depth.is_some() => return None,
            "random" => StrategyKind::Random,
            "pos" => StrategyKind::Pos,
            "mix" => StrategyKind::Mix,
            "bounded" => StrategyKind::Bounded,
            "dpor" => StrategyKind::Dpor,
            _ => return None,
        };
        Some(kind)
    }

    /// Whether it covers everything, rather than sampling.
    pub fn is_exhaustive(self) -> bool {
        matches!(self, StrategyKind::Bounded | StrategyKind::Dpor)
    }
}

impl fmt::Display for StrategyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StrategyKind::Random => f.write_str("random"),
            StrategyKind::Pct { depth } => write!(f, "pct:{depth}"),
            StrategyKind::Pctcp { depth } => write!(f, "pctcp:{depth}"),
            StrategyKind::Pos => f.write_str("pos"),
            StrategyKind::Mix => f.write_str("mix"),
            StrategyKind::Bounded => f.write_str("bounded"),
            StrategyKind::Dpor => f.write_str("dpor"),
        }
    }
}

/// Whose the run under way is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Turn {
    Random,
    Pct(u32),
    Pctcp(u32),
    Pos,
}

/// A sampling strategy at work.
#[derive(Clone, Debug)]
pub struct Strategy {
    kind: StrategyKind,
    random: Random,
    pct: Pct,
    pctcp: Pctcp,
    pos: Pos,
    turn: Turn,
}

impl Strategy {
    /// `length`: events of the dull run.
    pub fn new(kind: StrategyKind, seed: u64, length: u64) -> Strategy {
        assert!(!kind.is_exhaustive(), "{kind} has a driver of its own");
        Strategy {
            kind,
            random: Random::new(seed),
            pct: Pct::new(seed, length),
            pctcp: Pctcp::new(seed, length),
            pos: Pos::new(seed),
            turn: Turn::Random,
        }
    }

    pub fn start_run(&mut self, index: u64) {
        self.turn = match self.kind {
            StrategyKind::Random => Turn::Random,
            StrategyKind::Pct { depth } => Turn::Pct(depth),
            StrategyKind::Pctcp { depth } => Turn::Pctcp(depth),
            StrategyKind::Pos => Turn::Pos,
            _ => match (index % MIX) as u32 {
                0 => Turn::Random,
                depth => Turn::Pct(depth),
            },
        };
        match self.turn {
            Turn::Random => self.random.start_run(index),
            Turn::Pct(depth) => self.pct.start_run(index, depth),
            Turn::Pctcp(depth) => self.pctcp.start_run(index, depth),
            Turn::Pos => self.pos.start_run(index),
        }
    }
}

impl Chooser for Strategy {
    #[inline]
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        match self.turn {
            Turn::Random => self.random.choose(at, options),
            Turn::Pct(_) => self.pct.choose(at, options),
            Turn::Pctcp(_) => self.pctcp.choose(at, options),
            Turn::Pos => self.pos.choose(at, options),
        }
    }

    fn happened(&mut self, event: &Event) {
        match self.turn {
            Turn::Random | Turn::Pct(_) => {}
            Turn::Pctcp(_) => self.pctcp.happened(event),
            Turn::Pos => self.pos.happened(event),
        }
    }

    fn listens(&self) -> bool {
        matches!(self.turn, Turn::Pctcp(_) | Turn::Pos)
    }
}
