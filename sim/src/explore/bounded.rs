//! All schedules with at most N deviations from the dull run, N growing.
//!
//! A schedule is its deviations: questions, by number, with picks other than 0. From each run with N of them come
//! the runs with one more, at a later question; every schedule has one such line of ancestors, so each is run
//! once. The first violation found has as few deviations as any. Invariant: what was run when level N is done is
//! exactly the schedules with at most N deviations; when a level is empty that is all schedules.

use crate::choice::{Chooser, Opt, Pick, Point};
use std::collections::VecDeque;

/// Follows picks, and notes how many options each question after them had.
pub struct Bounded<'a> {
    picks: &'a [Pick],
    /// The first question that may deviate further.
    from: u64,
    arities: Vec<u32>,
}

impl<'a> Bounded<'a> {
    pub fn new(picks: &'a [Pick]) -> Bounded<'a> {
        let from = picks.last().map_or(0, |pick| pick.index + 1);
        Bounded { picks, from, arities: Vec::new() }
    }

    /// One that has followed `picks`, and was asked this afterwards.
    pub fn that_was_asked(picks: &'a [Pick], arities: Vec<u32>) -> Bounded<'a> {
        Bounded { arities, ..Bounded::new(picks) }
    }

    /// The first `picks` of them were answered already.
    pub fn skip(&mut self, picks: usize) {
        self.picks = &self.picks[picks..];
    }

    /// Options of the questions after the last pick.
    pub fn arities(self) -> Vec<u32> {
        self.arities
    }
}

impl Chooser for Bounded<'_> {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        if at.index >= self.from {
            self.arities.push(options.len() as u32);
            return 0;
        }
        let Some(pick) = self.picks.first().filter(|pick| pick.index == at.index) else { return 0 };
        assert!(pick.arity as usize == options.len(), "the same picks lead to the same question");
        self.picks = &self.picks[1..];
        pick.pick as usize
    }
}

/// Runs that had the same deviations but for the last, which are to be run in turn.
struct Fan {
    prefix: Vec<Pick>,
    from: u64,
    arities: Vec<u32>,
    /// The next deviation: the question, counted from `from`, and its pick.
    at: usize,
    pick: u32,
}

/// The schedules, in order of their number of deviations.
#[derive(Default)]
pub struct Levels {
    begun: bool,
    fans: VecDeque<Fan>,
}

impl Levels {
    /// The next schedule to run; `None` when there is none left.
    pub fn next_schedule(&mut self) -> Option<Vec<Pick>> {
        if !self.begun {
            self.begun = true;
            return Some(Vec::new());
        }
        loop {
            let fan = self.fans.front_mut()?;
            let Some(&arity) = fan.arities.get(fan.at) else {
                self.fans.pop_front();
                continue;
            };
            if fan.pick >= arity {
                fan.at += 1;
                fan.pick = 1;
                continue;
            }
            let mut picks = fan.prefix.clone();
            picks.push(Pick { index: fan.from + fan.at as u64, arity, pick: fan.pick });
            fan.pick += 1;
            return Some(picks);
        }
    }

    /// How many schedules with the same deviations but for the last come in turn from now on.
    pub fn in_turn(&self) -> u64 {
        let Some(fan) = self.fans.front() else { return 0 };
        let whole: u64 = fan.arities.iter().skip(fan.at + 1).map(|&arity| u64::from(arity) - 1).sum();
        whole + fan.arities.get(fan.at).map_or(0, |&arity| u64::from(arity - fan.pick.min(arity)))
    }

    /// What the run of a schedule was asked after its last deviation.
    pub fn ran(&mut self, picks: &[Pick], bounded: Bounded<'_>) {
        let Bounded { from, arities, .. } = bounded;
        if !arities.is_empty() {
            self.fans.push_back(Fan { prefix: picks.to_vec(), from, arities, at: 0, pick: 1 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schedule_once_and_the_smallest_first() {
        // Three questions with 2, 3 and 2 options, whatever is picked.
        let all = [2u32, 3, 2];
        let mut levels = Levels::default();
        let mut seen = Vec::new();
        while let Some(picks) = levels.next_schedule() {
            let mut bounded = Bounded::new(&picks);
            let from = bounded.from as usize;
            bounded.arities = all[from..].to_vec();
            levels.ran(&picks, bounded);
            seen.push(picks);
        }
        assert_eq!(seen.len(), 12);
        assert!(seen.is_sorted_by_key(Vec::len));
        let mut texts: Vec<String> = seen.iter().map(|picks| format!("{picks:?}")).collect();
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), 12);
    }
}
