//! All schedules with at most N deviations from the dull run, N growing.
//!
//! A schedule is its deviations: questions, by number, with picks other than 0. From each run with N of them come
//! the runs with one more, at a later question; every schedule has one such line of ancestors, so each is run
//! once. The first violation found has as few deviations as any. Invariant: what was run when level N is done is
//! exactly the schedules with at most N deviations; when a level is empty that is all schedules.
//!
//! In shards, everybody runs what has fewer than two deviations, of which each schedule belongs to one shard by its number;
//! those with two are dealt out in turn, and what comes of one stays where it is. So each schedule belongs to one shard, and
//! a shard's own come in the order that they have among all.

use crate::choice::{Chooser, Opt, Pick, Point};
use std::cmp::Ordering;
use std::collections::VecDeque;

/// Follows picks, and notes how many options each question after them had.
pub struct Bounded<'a> {
    picks: &'a [Pick],
    /// The first question that may deviate further.
    from: u64,
    arities: Vec<u32>,
    /// A question was not what the picks say of it.
    strayed: bool,
}

impl<'a> Bounded<'a> {
    pub fn new(picks: &'a [Pick]) -> Bounded<'a> {
        let from = picks.last().map_or(0, |pick| pick.index + 1);
        Bounded { picks, from, arities: Vec::new(), strayed: false }
    }

    /// One that has followed `picks`, and was asked this afterwards.
    pub fn that_was_asked(picks: &'a [Pick], arities: Vec<u32>) -> Bounded<'a> {
        Bounded { arities, ..Bounded::new(picks) }
    }

    /// The first `picks` of them were answered already.
    pub fn skip(&mut self, picks: usize) {
        self.picks = &self.picks[picks..];
    }

    /// Whether the run was another one than the picks are of.
    pub fn strayed(&self) -> bool {
        self.strayed || !self.picks.is_empty()
    }

    /// Options of the questions after the last pick, so far.
    pub fn asked(&self) -> &[u32] {
        &self.arities
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
        self.picks = &self.picks[1..];
        if pick.arity as usize != options.len() {
            self.strayed = true;
            return 0;
        }
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

/// The order of schedules.
pub fn in_order(one: &[Pick], two: &[Pick]) -> Ordering {
    let key = |picks: &[Pick]| picks.iter().map(|pick| (pick.index, pick.pick)).collect::<Vec<_>>();
    one.len().cmp(&two.len()).then_with(|| key(one).cmp(&key(two)))
}

/// The schedules of a shard, in order of their number of deviations.
pub struct Levels {
    begun: bool,
    fans: VecDeque<Fan>,
    /// This shard, and how many there are.
    shard: (u64, u64),
    /// Schedules with one deviation that came up, and with two.
    dealt: [u64; 2],
    /// The last schedule belongs to this shard.
    own: bool,
    /// Questions of all fans.
    questions: usize,
}

impl Default for Levels {
    fn default() -> Levels {
        Levels::of_shard((0, 1))
    }
}

impl Levels {
    pub fn of_shard(shard: (u64, u64)) -> Levels {
        Levels { begun: false, fans: VecDeque::new(), shard, dealt: [0, 0], own: false, questions: 0 }
    }

    /// Whether the schedule that came last belongs to this shard. What comes of the others is needed all the same.
    pub fn own(&self) -> bool {
        self.own
    }

    /// Questions of runs that are kept, for what comes of them.
    pub fn questions(&self) -> usize {
        self.questions
    }

    /// The next schedule to run; `None` when there is none left.
    pub fn next_schedule(&mut self) -> Option<Vec<Pick>> {
        if !self.begun {
            self.begun = true;
            self.own = self.shard.0 == 0;
            return Some(Vec::new());
        }
        let (number, of) = self.shard;
        loop {
            let fan = self.fans.front_mut()?;
            let Some(&arity) = fan.arities.get(fan.at) else {
                self.questions -= fan.arities.len();
                self.fans.pop_front();
                continue;
            };
            if fan.pick >= arity {
                fan.at += 1;
                fan.pick = 1;
                continue;
            }
            let last = Pick { index: fan.from + fan.at as u64, arity, pick: fan.pick };
            fan.pick += 1;
            let before = fan.prefix.len();
            self.own = self.dealt.get_mut(before).is_none_or(|dealt| {
                *dealt += 1;
                (*dealt - 1) % of == number
            });
            if self.own || before == 0 {
                let mut picks = Vec::with_capacity(before + 1);
                picks.extend_from_slice(&fan.prefix);
                picks.push(last);
                return Some(picks);
            }
        }
    }

    /// How many schedules with the same deviations but for the last come in turn from now on, about.
    pub fn in_turn(&self) -> u64 {
        let Some(fan) = self.fans.front() else { return 0 };
        let whole: u64 = fan.arities.iter().skip(fan.at + 1).map(|&arity| u64::from(arity) - 1).sum();
        let all = whole + fan.arities.get(fan.at).map_or(0, |&arity| u64::from(arity - fan.pick.min(arity)));
        if fan.prefix.len() == 1 { all / self.shard.1 } else { all }
    }

    /// What the run of a schedule was asked after its last deviation.
    pub fn ran(&mut self, picks: &[Pick], bounded: Bounded<'_>) {
        let Bounded { from, arities, .. } = bounded;
        if !arities.is_empty() {
            self.questions += arities.len();
            self.fans.push_back(Fan { prefix: picks.to_vec(), from, arities, at: 0, pick: 1 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shard's own schedules of questions with so many options, whatever is picked.
    fn schedules(options: &[u32], shard: (u64, u64)) -> Vec<Vec<Pick>> {
        let mut levels = Levels::of_shard(shard);
        let mut own = Vec::new();
        while let Some(picks) = levels.next_schedule() {
            let mut bounded = Bounded::new(&picks);
            let from = bounded.from as usize;
            bounded.arities = options[from..].to_vec();
            levels.ran(&picks, bounded);
            if levels.own() {
                own.push(picks);
            }
        }
        own
    }

    #[test]
    fn every_schedule_once_and_the_smallest_first() {
        let all = [2u32, 3, 2, 4];
        let seen = schedules(&all, (0, 1));
        assert_eq!(seen.len(), 48);
        assert!(seen.is_sorted_by(|one, two| in_order(one, two) == Ordering::Less));
        for of in [1, 2, 3, 7, 50] {
            let shards: Vec<_> = (0..of).map(|number| schedules(&all, (number, of))).collect();
            assert!(shards.iter().all(|own| own.is_sorted_by(|a, b| in_order(a, b) == Ordering::Less)));
            let mut joined = shards.concat();
            joined.sort_by(|one, two| in_order(one, two));
            assert_eq!(joined, seen, "{of} shards");
        }
    }
}
