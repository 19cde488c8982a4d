//! Reversing a race: what has to happen, from the node before its first event, for the second to come first.
//!
//! Everything that does not come of the first event is kept, with its order and with what receives took. Invariant:
//! a sequence can be followed from its node: nothing in it needs something that is not in it.

use super::bits::{Bits, ones};
use super::event::{Event, MessageId, Taken, dependent};
use super::order::{Found, Reversal};
use super::probe::Prober;
use super::run::Run;
use super::sequence::{Commit, Origin, Sequence, Step};
use std::rc::Rc;

/// Which step of a sequence each event of a run is.
struct Places {
    kept: Bits,
    /// The first event that can be a step.
    from: usize,
    /// Of each event from that on, if it is kept.
    steps: Vec<u32>,
}

impl Places {
    /// `indices`: of the events that are kept, which rise.
    fn of(from: usize, events: usize, indices: &[usize]) -> Places {
        let (mut kept, mut steps) = (Bits::default(), vec![0; events - from]);
        for (step, &k) in (0..).zip(indices) {
            kept.insert(k);
            steps[k - from] = step;
        }
        Places { kept, from, steps }
    }

    /// The steps that these events are.
    fn of_all(&self, events: &Bits) -> Bits {
        let mut all = Bits::default();
        for at in self.from / 64..events.words() {
            for bit in ones(events.word(at) & self.kept.word(at)) {
                all.insert(self.steps[at * 64 + bit - self.from] as usize);
            }
        }
        all
    }
}

pub(super) struct Reverser<'a> {
    pub run: &'a Run,
    pub found: &'a Found,
}

impl Reverser<'_> {
    fn event(&self, at: usize) -> &Rc<Event> {
        &self.run.entries[at].event
    }

    fn tied(&self, low: usize, high: usize) -> bool {
        self.run.ties(high, &self.found.order).contains(low)
    }

    /// Events after `i` that do not come of it.
    fn untouched(&self, i: usize) -> Vec<usize> {
        (i + 1..self.run.events()).filter(|&k| !self.found.order.before(i, k)).collect()
    }

    /// Event `i` and event `j` are dependent: `j` first.
    pub fn plain(&self, i: usize, j: usize, prober: &mut Prober) -> Reversal {
        let first = self.event(i);
        let mut indices = self.untouched(i);
        indices.retain(|&k| k != j);
        if self.event(j).is_plain() && !first.taken.iter().any(|t| t.message.event == first.id) {
            return self.sequence(i, &indices, Some((Rc::clone(self.event(j)), Some(j))), prober);
        }
        let mut event = (**self.event(j)).clone();
        // What the race's second event brought about was so because of the first one.
        event.taken.clear();
        event.stopped.clear();
        event.instead_of.clear();
        for taken in first.taken.iter().filter(|t| t.message.event == first.id) {
            let which = event
                .sent
                .iter()
                .position(|s| s.to == taken.by && prober.accepts(&taken.glance, s.signal.as_ref(), s.digest));
            if let Some(which) = which {
                let message = MessageId { event: event.id, which: which as u32 };
                event.taken.push(Taken { message, ..taken.clone() });
            }
        }
        if let Some((message, glance)) = event.instead.take()
            && message.event == first.id
        {
            event.missed.push((event.id.actor, glance));
        }
        self.sequence(i, &indices, Some((Rc::new(event), Some(j))), prober)
    }

    /// Event `i` stopped what comes first now.
    pub fn instead(&self, i: usize, would: Rc<Event>, prober: &mut Prober) -> Reversal {
        Reversal { guessed: false, ..self.sequence(i, &self.untouched(i), Some((would, None)), prober) }
    }

    /// The steps `indices` of the run, in its order, and `last`.
    fn sequence(
        &self,
        i: usize,
        indices: &[usize],
        last: Option<(Rc<Event>, Option<usize>)>,
        prober: &mut Prober,
    ) -> Reversal {
        let mut sequence = Sequence::default();
        sequence.steps.reserve(indices.len() + 1);
        let places = Places::of(i, self.run.events(), indices);
        for &k in indices {
            let after = places.of_all(&self.run.ties(k, &self.found.order));
            sequence.steps.push(Step { event: Rc::clone(self.event(k)), after, commits: Vec::new() });
        }
        if let Some((event, index)) = last {
            let mut after = match index {
                Some(j) => places.of_all(&self.run.ties(j, &self.found.order)),
                None => Bits::default(),
            };
            let later = index.map_or(0, |j| indices.partition_point(|&k| k < j));
            for s in later..indices.len() {
                if dependent(&sequence.steps[s].event, &event, prober) {
                    after.insert(s);
                }
            }
            sequence.steps.push(Step { event, after, commits: Vec::new() });
        }
        self.commit(i, indices, &mut sequence, self.found.observations.len(), prober);
        Reversal { at: i, sequence, guessed: true }
    }

    /// Everything from event `at` on.
    pub fn suffix(&self, at: usize, prober: &mut Prober) -> Sequence {
        let indices: Vec<usize> = (at..self.run.events()).collect();
        self.sequence(at, &indices, None, prober).sequence
    }

    /// Adds what is certain to be received, of the first `limit` observations, and the order that follows.
    fn commit(
        &self,
        i: usize,
        indices: &[usize],
        sequence: &mut Sequence,
        limit: usize,
        prober: &mut Prober,
    ) {
        let place = |index: usize| match index < i {
            true => Some(Origin::Before(index)),
            false => indices.iter().position(|&k| k == index).map(Origin::Step),
        };
        // Receivers of whom an earlier receive went otherwise.
        let mut lost: Vec<(u64, usize)> = Vec::new();
        for o in &self.found.observations[..limit] {
            let (Some(origin), Some(last)) = (place(o.sender), place(o.last)) else {
                lost.push((o.by, o.last));
                continue;
            };
            if lost.contains(&(o.by, o.last)) {
                continue;
            }
            let active = match (origin, last) {
                (Origin::Step(a), Origin::Step(b)) => a.max(b),
                (Origin::Step(a), _) | (_, Origin::Step(a)) => a,
                (Origin::Before(_), Origin::Before(_)) => continue,
            };
            let commit = Commit { by: o.by, message: o.message, glance: Rc::clone(&o.glance), origin };
            self.add(sequence, commit, active, prober);
        }
    }

    fn add(&self, sequence: &mut Sequence, commit: Commit, active: usize, prober: &mut Prober) {
        if let Origin::Step(sender) = commit.origin {
            let taken: Vec<MessageId> =
                sequence.commits_of(commit.by).map(|c| c.message).chain([commit.message]).collect();
            for later in sender + 1..sequence.steps.len() {
                let event = &sequence.steps[later].event;
                let would = event.sent.iter().enumerate().any(|(which, sent)| {
                    sent.to == commit.by
                        && !taken.contains(&MessageId { event: event.id, which: which as u32 })
                        && prober.accepts(&commit.glance, sent.signal.as_ref(), sent.digest)
                });
                if would {
                    sequence.steps[later].after.insert(sender);
                }
            }
        }
        sequence.steps[active].commits.push(commit);
    }

    /// A receive took the message of event `i` and would have taken that of `j`: `j` first, and the receive
    /// takes it. Everything that the receive needs is part of the sequence.
    pub fn observed_race(&self, i: usize, j: usize, number: usize, prober: &mut Prober) -> Reversal {
        let o = &self.found.observations[number];
        let mut indices = self.untouched(i);
        // Its own past is among what `i` does not touch, and what the receive needs may come of `i`.
        let needed = self.needed(i, o.last, number);
        indices.retain(|&k| k != j);
        indices.push(j);
        for k in needed {
            if k != j && !indices.contains(&k) {
                indices.push(k);
            }
        }
        let second = self.event(j);
        // The receive is an event of its own and needs the first message only because it took it.
        let instead = self.took_instead(o.last, i);
        let which = second
            .sent
            .iter()
            .position(|s| s.to == o.by && prober.accepts(&o.glance, s.signal.as_ref(), s.digest));
        let which = which.expect("the receive would have taken it") as u32;
        let message = MessageId { event: second.id, which };
        let mut sequence = Sequence::default();
        for (s, &k) in indices.iter().enumerate() {
            let after = (0..s)
                .filter(|&before| {
                    let (low, high) = (indices[before].min(k), indices[before].max(k));
                    self.tied(low, high) && !(high == o.last && low == i && instead)
                })
                .collect();
            let mut event = Rc::clone(self.event(k));
            if k == j {
                event = Rc::new(Event { taken: Vec::new(), ..(*event).clone() });
            } else if k == o.last && instead {
                let instead = Some((message, Rc::clone(&o.glance)));
                event = Rc::new(Event { taken: Vec::new(), instead, ..(*event).clone() });
            }
            sequence.steps.push(Step { event, after, commits: Vec::new() });
        }
        self.commit(i, &indices, &mut sequence, number, prober);
        let sender = indices.iter().position(|&k| k == j).expect("it was put there");
        let last = indices.iter().position(|&k| k == o.last).unwrap_or(0).max(sender);
        if instead {
            sequence.steps[last].after.insert(sender);
        }
        let commit = Commit { by: o.by, message, glance: Rc::clone(&o.glance), origin: Origin::Step(sender) };
        self.add(&mut sequence, commit, last, prober);
        Reversal { at: i, sequence, guessed: false }
    }

    /// Event `k` is a receive that took the message of event `i`, and needed it for nothing else.
    fn took_instead(&self, k: usize, i: usize) -> bool {
        let instead = self.event(k).instead.as_ref();
        instead.is_some_and(|(message, _)| message.event == self.event(i).id)
    }

    /// Events from `i` on that `of` needs, if receives from `number` on are not looked at; in order.
    fn needed(&self, i: usize, of: usize, number: usize) -> Vec<usize> {
        let mut is_needed = vec![false; self.run.events()];
        if of > i {
            is_needed[of] = true;
        }
        for k in (i + 1..=of).rev() {
            if !is_needed[k] {
                continue;
            }
            for (before, needed) in is_needed.iter_mut().enumerate().take(k).skip(i) {
                let seen = self.found.observed[k].iter().any(|&(s, n)| s == before && n < number);
                let took = k == of && before == i && self.took_instead(k, i);
                *needed |= seen || self.tied(before, k) && !took;
            }
        }
        (i..=of).filter(|&k| is_needed[k]).collect()
    }
}

impl Sequence {
    fn commits_of(&self, by: u64) -> impl Iterator<Item = &Commit> {
        self.steps.iter().flat_map(|s| &s.commits).filter(move |c| c.by == by)
    }
}
