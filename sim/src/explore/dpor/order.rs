//! The order of a run's events, its class, and its races.
//!
//! A run has the beginning in common with the one that was looked at before, so what was found there of the events that
//! both have is kept ([`Found`]). Invariant: what is kept is what would be found anew: it follows from events that are
//! the same, and from observations of them that are the same.

use super::bits::{Bits, ones};
use super::event::{Event, MessageId, dependent};
use super::probe::Prober;
use super::reverse::Reverser;
use super::run::{Observation, Run};
use super::sequence::{Sequence, Sleeper};
use crate::digest::fold;
use std::rc::Rc;

/// Which events are before which: a bit for each pair.
#[derive(Default)]
pub(super) struct Order {
    words: usize,
    bits: Vec<u64>,
}

impl Order {
    /// Makes room for so many events, of which the first `known` stay in their order.
    fn resize(&mut self, known: usize, events: usize) {
        let words = events.div_ceil(64);
        if self.words < words {
            let mut wider = vec![0; words * events];
            for j in 0..known {
                wider[j * words..][..self.words].copy_from_slice(&self.bits[j * self.words..][..self.words]);
            }
            (self.words, self.bits) = (words, wider);
        } else {
            self.bits.truncate(known * self.words);
            self.bits.resize(events * self.words, 0);
        }
    }

    fn all_before(&self, j: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.words).flat_map(move |at| ones(self.word(at, j)).map(move |bit| at * 64 + bit))
    }

    #[inline]
    pub fn before(&self, i: usize, j: usize) -> bool {
        self.bits[j * self.words + i / 64] >> (i % 64) & 1 == 1
    }

    /// Of the events from `64 * at` on, those before `j`.
    #[inline]
    fn word(&self, at: usize, j: usize) -> u64 {
        self.bits[j * self.words + at]
    }

    /// `i`, and all before it, are before `j`.
    fn join(&mut self, i: usize, j: usize) {
        let (low, high) = self.bits.split_at_mut(j * self.words);
        let from = &low[i * self.words..(i + 1) * self.words];
        for (to, from) in high[..self.words].iter_mut().zip(from) {
            *to |= from;
        }
        high[i / 64] |= 1 << (i % 64);
    }
}

/// Two events that could be the other way round.
#[derive(Clone)]
pub(super) enum Race {
    /// They are dependent, and follow each other directly.
    Plain { first: usize, second: usize },
    /// The receive of this observation took the message of the first one, and would have taken the second one's.
    Observed { first: usize, second: usize, number: usize },
    /// The event stopped what could have come first.
    Instead { at: usize, would: Rc<Event> },
}

impl Race {
    /// The event before which it is reversed.
    pub fn first(&self) -> usize {
        match self {
            Race::Plain { first, .. } | Race::Observed { first, .. } => *first,
            Race::Instead { at, .. } => *at,
        }
    }
}

/// A reversed race: explore this sequence from the node before event `at`.
pub struct Reversal {
    pub at: usize,
    pub sequence: Sequence,
    /// What its last event brings about where it comes now is not known yet.
    pub guessed: bool,
}

/// What there is to find in a run that has come to its end.
#[derive(Default)]
pub(super) struct Found {
    pub order: Order,
    pub observations: Vec<Observation>,
    /// For each event, those that an observation puts before it, with the number of that.
    pub observed: Vec<Vec<(usize, usize)>>,
    /// By their second events.
    races: Vec<Race>,
    /// What each event makes of the class.
    parts: Vec<u64>,
    /// Of each event, what it adds to the pasts of those after it.
    pasts: Vec<u64>,
}

impl Found {
    /// A number that runs of one class, and no others, have in common.
    pub fn class(&self) -> u64 {
        self.parts.iter().fold(0, |sum, part| sum.wrapping_add(*part))
    }

    /// All of them, in an order that depends on the run alone.
    pub fn races(&self, run: &Run) -> Vec<Race> {
        let mut races = self.races.clone();
        for (at, entry) in run.entries.iter().enumerate() {
            let would = entry.event.instead_of.iter().map(Rc::clone);
            races.extend(would.map(|would| Race::Instead { at, would }));
        }
        races
    }

    /// The race the other way round. Everything that does not come of its first event is kept.
    pub fn reverse(&self, run: &Run, race: &Race, prober: &mut Prober) -> Reversal {
        let reverser = Reverser { run, found: self };
        match race {
            Race::Plain { first, second } => reverser.plain(*first, *second, prober),
            Race::Observed { first, second, number } => {
                reverser.observed_race(*first, *second, *number, prober)
            }
            Race::Instead { at, would } => reverser.instead(*at, Rc::clone(would), prober),
        }
    }

    /// Whether the race the other way round can be seen to begin with the sleeper's event, without making the sequence
    /// that it is. `false` if that takes the sequence.
    pub fn begins_with(&self, run: &Run, race: &Race, sleeper: &Sleeper, prober: &mut Prober) -> bool {
        let Race::Plain { first, second } = *race else { return false };
        // Receives may put something that it sends after something else.
        if !sleeper.event.sent.is_empty() {
            return false;
        }
        let kept = |&at: &usize| at != second && !self.order.before(first, at);
        let at = run.index_of(sleeper.event.id).filter(|&at| at > first && at != second);
        if let Some(at) = at.filter(kept) {
            let ties = run.ties(at, &self.order);
            let mut own = ties.iter_down().take_while(|&tie| tie > first);
            return run.event(at).sent.is_empty() && !own.any(|tie| kept(&tie));
        }
        // What the second event brings about, coming first, is not known; but the sleeper is that event, if it is.
        let mut kept = (first + 1..run.events()).filter(kept).map(|at| &**run.event(at));
        sleeper.event.id == run.event(second).id
            && !sleeper.is_entangled(kept.clone())
            && !kept.any(|event| dependent(&sleeper.event, event, prober))
    }

    /// For each pair of events, the observation that puts the one before the other.
    fn look(&mut self, run: &Run, prober: &mut Prober) -> Vec<Vec<(usize, usize)>> {
        let mut after = vec![Vec::new(); run.events()];
        for (number, o) in self.observations.iter().enumerate() {
            let earlier = &self.observations[..number];
            for later in run.sends.iter().skip_while(|&later| later <= o.sender) {
                let event = run.event(later);
                let would = event.sent.iter().enumerate().any(|(which, sent)| {
                    let message = MessageId { event: event.id, which: which as u32 };
                    sent.to == o.by
                        && !earlier.iter().any(|p| p.by == o.by && p.message == message)
                        && prober.accepts(&o.glance, sent.signal.as_ref(), sent.digest)
                });
                if would {
                    after[later].push((o.sender, number));
                }
            }
        }
        after
    }

    /// Puts event `j` in order, those before it being so: its races are the pairs that follow each other directly and
    /// could be the other way round.
    fn place(&mut self, run: &Run, j: usize) {
        let tied = run.ties(j, &self.order);
        let seen = &self.observed[j];
        let mut close = Bits::clone(&tied);
        seen.iter().for_each(|(sender, _)| close.insert(*sender));
        let needs = &run.entries[j].ties.needs;
        for at in (0..=j / 64).rev() {
            // The nearest that is not before it by another one.
            while let Some(bit) = (close.word(at) & !self.order.word(at, j)).checked_ilog2() {
                let i = at * 64 + bit as usize;
                self.order.join(i, j);
                // Nothing comes before what happened before the first event.
                if i > 0 && !needs.contains(i) {
                    let seen = seen.iter().find(|(s, _)| *s == i).filter(|_| !tied.contains(i));
                    self.races.push(match seen {
                        Some(&(_, number)) => Race::Observed { first: i, second: j, number },
                        None => Race::Plain { first: i, second: j },
                    });
                }
            }
        }
        let name = run.entries[j].name;
        self.pasts.push(fold(name, 3));
        let past = self.order.all_before(j).fold(0u64, |sum, i| sum.wrapping_add(self.pasts[i]));
        self.parts.push(fold(name, past));
    }
}

impl Run {
    /// Looks for the order, the class and the races. `found` is what was found the last time.
    pub(super) fn find(&mut self, found: &mut Found, prober: &mut Prober) {
        found.observations = self.observations();
        let observed = found.look(self, prober);
        let same = found.observed.iter().zip(&observed).take(self.settled);
        let known = same.take_while(|(before, now)| before == now).count();
        found.observed = observed;
        found.order.resize(known, self.events());
        found.parts.truncate(known);
        found.pasts.truncate(known);
        let second = |race: &Race| match race {
            Race::Plain { second, .. } | Race::Observed { second, .. } => *second,
            Race::Instead { .. } => usize::MAX,
        };
        found.races.truncate(found.races.partition_point(|race| second(race) < known));
        for j in known..self.events() {
            found.place(self, j);
        }
        self.settled = self.events();
    }

    /// The events from event `at` on as a sequence, with what receives took in this run.
    pub(super) fn sequence_from(&mut self, at: usize, prober: &mut Prober) -> Sequence {
        let mut found = Found::default();
        let settled = std::mem::take(&mut self.settled);
        if self.has_conditional_ties(at) {
            self.find(&mut found, prober);
        } else {
            found.observations = self.observations();
        }
        self.settled = settled;
        Reverser { run: self, found: &found }.suffix(at, prober)
    }
}
