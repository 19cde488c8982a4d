//! Strategies by name, and what a campaign needs of each: run `i` chooses as a function of seed and `i` alone.

use super::pct::Pct;
use super::pctcp::Pctcp;
use super::pos::Pos;
use super::random::Random;
use super::survey::Survey;
use super::surw::Surw;
use crate::choice::{Chooser, Event, Opt, Point};
use crate::name::Births;
use std::fmt;
use std::sync::Arc;

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
    /// `surw`
    Surw,
    /// `coverage`: mutations of what brought something new.
    Coverage,
    /// `auto`: all of these in proportion to what they bring.
    Auto,
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
            "surw" => StrategyKind::Surw,
            "coverage" => StrategyKind::Coverage,
            "auto" => StrategyKind::Auto,
            "mix" => StrategyKind::Mix,
            "bounded" => StrategyKind::Bounded,
            "dpor" => StrategyKind::Dpor,
            _ => return None,
        };
        Some(kind)
    }

    /// Whether what it does depends on what its runs brought.
    pub fn learns(self) -> bool {
        matches!(self, StrategyKind::Coverage | StrategyKind::Auto)
    }

    /// Whether it needs to know more of the dull run than its length.
    pub fn surveys(self) -> bool {
        self.learns() || self == StrategyKind::Surw
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
            StrategyKind::Surw => f.write_str("surw"),
            StrategyKind::Coverage => f.write_str("coverage"),
            StrategyKind::Auto => f.write_str("auto"),
            StrategyKind::Mix => f.write_str("mix"),
            StrategyKind::Bounded => f.write_str("bounded"),
            StrategyKind::Dpor => f.write_str("dpor"),
        }
    }
}

/// Whose a run is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    Random,
    Pct(u32),
    Pctcp(u32),
    Pos,
    Surw,
}

/// A sampling strategy at work.
#[derive(Clone, Debug)]
pub struct Strategy {
    kind: StrategyKind,
    random: Random,
    pct: Pct,
    pctcp: Pctcp,
    pos: Pos,
    surw: Surw,
    turn: Turn,
}

impl Strategy {
    pub fn new(kind: StrategyKind, seed: u64, survey: &Arc<Survey>) -> Strategy {
        assert!(!kind.is_exhaustive(), "{kind} has a driver of its own");
        let length = survey.length;
        Strategy {
            kind,
            random: Random::new(seed),
            pct: Pct::new(seed, length),
            pctcp: Pctcp::new(seed, length),
            pos: Pos::new(seed),
            surw: Surw::new(seed, survey),
            turn: Turn::Random,
        }
    }

    pub fn start_run(&mut self, index: u64) {
        let turn = match self.kind {
            StrategyKind::Random => Turn::Random,
            StrategyKind::Pct { depth } => Turn::Pct(depth),
            StrategyKind::Pctcp { depth } => Turn::Pctcp(depth),
            StrategyKind::Pos => Turn::Pos,
            StrategyKind::Surw => Turn::Surw,
            _ => match (index % MIX) as u32 {
                0 => Turn::Random,
                depth => Turn::Pct(depth),
            },
        };
        self.take_turn(turn, index);
    }

    /// Lets the next run be this one's.
    pub fn take_turn(&mut self, turn: Turn, index: u64) {
        self.turn = turn;
        match turn {
            Turn::Random => self.random.start_run(index),
            Turn::Pct(depth) => self.pct.start_run(index, depth),
            Turn::Pctcp(depth) => self.pctcp.start_run(index, depth),
            Turn::Pos => self.pos.start_run(index),
            Turn::Surw => self.surw.start_run(index),
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
            Turn::Surw => self.surw.choose(at, options),
        }
    }

    fn happened(&mut self, event: &Event, births: &Births) {
        match self.turn {
            Turn::Random | Turn::Pct(_) => {}
            Turn::Pctcp(_) => self.pctcp.happened(event, births),
            Turn::Pos => self.pos.happened(event, births),
            Turn::Surw => self.surw.happened(event, births),
        }
    }

    fn listens(&self) -> bool {
        matches!(self.turn, Turn::Pctcp(_) | Turn::Pos | Turn::Surw)
    }
}
