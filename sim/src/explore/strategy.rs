//! Strategies by name, and what a campaign needs of each: run `i` chooses as a function of seed and `i` alone.

use super::pct::Pct;
use super::random::Random;
use crate::choice::{Chooser, Opt, Point};
use std::fmt;

/// Which strategy, as the command line names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StrategyKind {
    /// `random`
    Random,
    /// `pct` or `pct:DEPTH`
    Pct { depth: u32 },
    /// `mix`: random and PCT of depths 1 to 5, in turn.
    Mix,
}

/// Depth of `pct` without one.
const PCT_DEPTH: u32 = 3;
/// Greatest depth that can be asked for.
const PCT_DEPTH_MAX: u32 = 64;
/// Strategies that `mix` takes in turn.
const MIX: u64 = 6;

impl StrategyKind {
    pub fn parse(text: &str) -> Option<StrategyKind> {
        match text {
            "random" => Some(StrategyKind::Random),
            "pct" => Some(StrategyKind::Pct { depth: PCT_DEPTH }),
            "mix" => Some(StrategyKind::Mix),
            _ => {
                let depth: u32 = text.strip_prefix("pct:")?.parse().ok()?;
                (1..=PCT_DEPTH_MAX).contains(&depth).then_some(StrategyKind::Pct { depth })
            }
        }
    }
}

impl fmt::Display for StrategyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StrategyKind::Random => f.write_str("random"),
            StrategyKind::Pct { depth } => write!(f, "pct:{depth}"),
            StrategyKind::Mix => f.write_str("mix"),
        }
    }
}

/// A strategy at work.
#[derive(Clone, Debug)]
pub struct Strategy {
    kind: StrategyKind,
    random: Random,
    pct: Pct,
    /// Whether the run under way is PCT's.
    by_priority: bool,
}

impl Strategy {
    /// `length`: events of the dull run.
    pub fn new(kind: StrategyKind, seed: u64, length: u64) -> Strategy {
        Strategy { kind, random: Random::new(seed), pct: Pct::new(seed, length), by_priority: false }
    }

    pub fn start_run(&mut self, index: u64) {
        let depth = match self.kind {
            StrategyKind::Random => None,
            StrategyKind::Pct { depth } => Some(depth),
            StrategyKind::Mix => Some((index % MIX) as u32).filter(|&depth| depth > 0),
        };
        self.by_priority = depth.is_some();
        match depth {
            Some(depth) => self.pct.start_run(index, depth),
            None => self.random.start_run(index),
        }
    }
}

impl Chooser for Strategy {
    #[inline]
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        if self.by_priority { self.pct.choose(at, options) } else { self.random.choose(at, options) }
    }
}
