//! The run under way: its events, their order, its races.
//!
//! The order is *happens before*: a process's own events, spawning before running, sending before receiving,
//! enabling before going on; what is dependent, as it went; and of two messages that a receive would both have
//! taken, the one that it took before the other (the receive is their *observer*). Invariant: reversing a race
//! keeps all that did not come of its first event.

use super::event::{Event, EventId, MessageId, Need, Past, dependent, follows};
use super::probe::{Glance, Prober};
use super::sequence::{Commit, Origin, Sequence, Step};
use super::stepping::CLOCK;
use crate::dependence::Access;
use crate::digest::fold;
use std::rc::Rc;

/// How an event comes to follow another directly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tie {
    None,
    /// They are dependent and came in this order.
    Race,
    /// The later one needs the earlier one.
    Need,
}

struct Entry {
    event: Rc<Event>,
    /// By earlier event.
    ties: Vec<Tie>,
}

/// A receive that took a message.
struct Observation {
    by: u64,
    message: MessageId,
    glance: Rc<Glance>,
    /// The event that sent it.
    sender: usize,
    /// The receiver's last event before, or its spawn.
    last: usize,
}

struct Race {
    first: usize,
    second: usize,
    /// The observation that makes them one, if they are not dependent by themselves.
    seen: Option<usize>,
}

#[derive(Default)]
pub struct Run {
    entries: Vec<Entry>,
}

/// A reversed race: explore this sequence from the node before event `at`.
pub struct Reversal {
    pub at: usize,
    pub sequence: Sequence,
}

impl Past for Run {
    fn glance(&self, actor: u64) -> Option<Rc<Glance>> {
        let looking = |e: &Entry| e.event.looking.iter().find(|(a, _)| *a == actor).map(|(_, g)| g.clone());
        self.entries.iter().rev().find_map(looking).flatten()
    }

    fn sender(&self, to: u64, nth: u64) -> Option<MessageId> {
        self.entries.iter().rev().find_map(|entry| {
            let which = entry.event.sent.iter().position(|s| s.to == to && s.nth == nth)?;
            Some(MessageId { event: entry.event.id, which: which as u32 })
        })
    }

    fn clock_events(&self) -> u32 {
        self.entries.iter().filter(|e| e.event.id.actor == CLOCK).count() as u32
    }
}

/// Which events are before which: a bit for each pair.
struct Order {
    words: usize,
    bits: Vec<u64>,
}

impl Order {
    fn new(events: usize) -> Order {
        let words = events.div_ceil(64);
        Order { words, bits: vec![0; words * events] }
    }

    #[inline]
    fn before(&self, i: usize, j: usize) -> bool {
        self.bits[j * self.words + i / 64] >> (i % 64) & 1 == 1
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

impl Run {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn truncate(&mut self, events: usize) {
        self.entries.truncate(events);
    }

    pub fn event(&self, at: usize) -> &Rc<Event> {
        &self.entries[at].event
    }

    pub fn last_actor(&self) -> Option<u64> {
        self.entries.last().map(|e| e.event.id.actor)
    }

    /// Whether the event with this name is number `since` or later.
    pub fn sent_since(&self, id: EventId, since: usize) -> bool {
        self.index_of(id).is_some_and(|at| at >= since)
    }

    fn index_of(&self, id: EventId) -> Option<usize> {
        self.entries.iter().rposition(|e| e.event.id == id)
    }

    /// Adds the next event.
    pub fn push(&mut self, event: Event, prober: &mut Prober) {
        let event = Rc::new(event);
        let fed: Vec<(Access, Vec<usize>)> =
            event.after.iter().map(|after| (after.access, self.fed_by(after.by, &event))).collect();
        let mut ties: Vec<Tie> = (0..self.len())
            .map(|i| match self.tied(i, &event, &fed, prober) {
                true if self.entries[i].event.id.actor == event.id.actor => Tie::Need,
                true if self.entries[i].event.barrier || event.barrier => Tie::Need,
                true => Tie::Race,
                false => Tie::None,
            })
            .collect();
        let actor = event.id.actor;
        for (i, entry) in self.entries.iter().enumerate().rev() {
            let before = &entry.event;
            for taken in before.taken.iter().filter(|t| t.by == actor) {
                if let Some(sender) = self.index_of(taken.message.event) {
                    ties[sender] = Tie::Need;
                }
            }
            if before.enabled.contains(&actor) || before.spawned.contains(&actor) {
                ties[i] = Tie::Need;
            }
            if before.stopped.iter().any(|s| s.id.actor == actor) {
                // What it would have done instead is a race of its own.
                ties[i] = Tie::Need;
            }
            if before.id.actor == actor || before.spawned.contains(&actor) {
                break;
            }
        }
        // What came of a message that was received follows the message's sender too.
        let mut seen: Vec<(u64, usize)> = event.sees.iter().map(|&by| (by, self.len())).collect();
        for (i, entry) in self.entries.iter().enumerate() {
            let clashing = entry.event.after.iter().filter(|a| event.clashes(&a.access));
            seen.extend(clashing.map(|a| (a.by, i + 1)));
        }
        for (by, until) in seen {
            for sender in self.fed(by, until) {
                if ties[sender] == Tie::None && sender < self.len() {
                    ties[sender] = Tie::Race;
                }
            }
        }
        let needed = match event.needs {
            Some(Need::Touch(access)) => self.entries.iter().position(|e| e.event.accesses.contains(&access)),
            Some(Need::Last(of)) => {
                self.entries.iter().rposition(|e| e.event.id.actor == of || e.event.spawned.contains(&of))
            }
            None => None,
        };
        if let Some(needed) = needed {
            ties[needed] = Tie::Need;
        }
        if let Some((message, _)) = &event.instead
            && let Some(sender) = self.index_of(message.event)
            && ties[sender] == Tie::None
        {
            ties[sender] = Tie::Race;
        }
        self.entries.push(Entry { event, ties });
    }

    /// Whether the event follows event `i`. What comes of a message (in `fed`, with the messages' senders) follows
    /// its sender anyway.
    fn tied(&self, i: usize, event: &Event, fed: &[(Access, Vec<usize>)], prober: &mut Prober) -> bool {
        let before = &self.entries[i].event;
        follows(before, event, prober)
            || fed.iter().any(|(access, senders)| !senders.contains(&i) && before.clashes(access))
    }

    /// Who sent what `by` has taken since its last event, when the event that is to come has happened.
    fn fed_by(&self, by: u64, event: &Event) -> Vec<usize> {
        let taken = event.taken.iter().filter(|t| t.by == by);
        let mut senders: Vec<usize> = taken.filter_map(|t| self.index_of(t.message.event)).collect();
        if event.id.actor != by {
            senders.extend(self.fed(by, self.len()));
        }
        senders
    }

    /// Who sent what `by` had taken since its last event before event `until`.
    fn fed(&self, by: u64, until: usize) -> Vec<usize> {
        let mut senders = Vec::new();
        for entry in self.entries[..until].iter().rev() {
            let taken = entry.event.taken.iter().filter(|t| t.by == by);
            senders.extend(taken.filter_map(|t| self.index_of(t.message.event)));
            if entry.event.id.actor == by || entry.event.spawned.contains(&by) {
                break;
            }
        }
        senders
    }

    fn observations(&self) -> Vec<Observation> {
        let mut all = Vec::new();
        for (carrier, entry) in self.entries.iter().enumerate() {
            for taken in &entry.event.taken {
                let by = taken.by;
                let Some(sender) = self.index_of(taken.message.event) else { continue };
                let is_last = |e: &Entry| e.event.id.actor == by || e.event.spawned.contains(&by);
                let last = self.entries[..=carrier].iter().rposition(is_last).unwrap_or(0);
                let glance = Rc::clone(&taken.glance);
                all.push(Observation { by, message: taken.message, glance, sender, last });
            }
        }
        all
    }

    /// For each pair of events, the observation that puts the one before the other.
    fn observed(&self, observations: &[Observation], prober: &mut Prober) -> Vec<Vec<(usize, usize)>> {
        let mut after = vec![Vec::new(); self.len()];
        for (number, o) in observations.iter().enumerate() {
            let earlier: Vec<MessageId> =
                observations[..number].iter().filter(|p| p.by == o.by).map(|p| p.message).collect();
            for later in o.sender + 1..self.len() {
                let event = &self.entries[later].event;
                let would = event.sent.iter().enumerate().any(|(which, sent)| {
                    let message = MessageId { event: event.id, which: which as u32 };
                    sent.to == o.by
                        && !earlier.contains(&message)
                        && prober.accepts(&o.glance, sent.signal.as_ref(), sent.digest)
                });
                if would {
                    after[later].push((o.sender, number));
                }
            }
        }
        after
    }

    /// The order of this run, and its races: pairs that follow each other directly and could be the other way
    /// round, with the observation that makes a pair one.
    fn order(&self, observed: &[Vec<(usize, usize)>]) -> (Order, Vec<Race>) {
        let mut order = Order::new(self.len());
        let mut races = Vec::new();
        for j in 0..self.len() {
            for i in (0..j).rev() {
                if order.before(i, j) {
                    continue;
                }
                let tie = self.entries[j].ties[i];
                let seen = observed[j].iter().find(|(s, _)| *s == i).map(|(_, number)| *number);
                if tie == Tie::None && seen.is_none() {
                    continue;
                }
                order.join(i, j);
                if tie != Tie::Need {
                    races.push(Race { first: i, second: j, seen: seen.filter(|_| tie == Tie::None) });
                }
            }
        }
        (order, races)
    }

    /// A number that runs of one class, and no others, have in common.
    pub fn class_of(&self, prober: &mut Prober) -> u64 {
        let observed = self.observed(&self.observations(), prober);
        self.class(&self.order(&observed).0)
    }

    /// The class, and in which order messages came to each process: what can happen next is a function of it.
    pub fn state_of(&self, prober: &mut Prober) -> u64 {
        let mut boxes: Vec<(u64, u64)> = Vec::new();
        for entry in &self.entries {
            for (which, sent) in entry.event.sent.iter().enumerate() {
                let EventId { actor, number } = entry.event.id;
                let message = fold(fold(actor, u64::from(number)), which as u64);
                match boxes.iter_mut().find(|(to, _)| *to == sent.to) {
                    Some((_, order)) => *order = fold(*order, message),
                    None => boxes.push((sent.to, message)),
                }
            }
        }
        let order = boxes.iter().fold(0u64, |sum, (to, order)| sum.wrapping_add(fold(*to, *order)));
        fold(self.class_of(prober), order)
    }

    /// The class, and the reversals of all races.
    pub fn finish(&self, prober: &mut Prober) -> (u64, Vec<Reversal>) {
        let observations = self.observations();
        let observed = self.observed(&observations, prober);
        let (order, races) = self.order(&observed);
        let class = self.class(&order);
        let reverser = Reverser { run: self, order, observations, observed };
        let mut reversals = Vec::new();
        for Race { first, second, seen } in races {
            reversals.push(match seen {
                None => reverser.plain(first, second, prober),
                Some(number) => reverser.observed_race(first, second, number, prober),
            });
        }
        for i in 0..self.len() {
            for would in &self.entries[i].event.stopped {
                reversals.push(reverser.instead(i, Rc::clone(would), prober));
            }
        }
        (class, reversals)
    }

    fn class(&self, order: &Order) -> u64 {
        let name = |e: &Entry| fold(e.event.id.actor, u64::from(e.event.id.number));
        let mut sum = 0u64;
        for (j, entry) in self.entries.iter().enumerate() {
            let before = (0..j).filter(|&i| order.before(i, j));
            let past = before.fold(0u64, |sum, i| sum.wrapping_add(fold(name(&self.entries[i]), 3)));
            sum = sum.wrapping_add(fold(name(entry), past));
        }
        sum
    }
}

struct Reverser<'a> {
    run: &'a Run,
    order: Order,
    observations: Vec<Observation>,
    observed: Vec<Vec<(usize, usize)>>,
}

impl Reverser<'_> {
    fn event(&self, at: usize) -> &Rc<Event> {
        &self.run.entries[at].event
    }

    /// Events after `i` that do not come of it.
    fn untouched(&self, i: usize) -> Vec<usize> {
        (i + 1..self.run.len()).filter(|&k| !self.order.before(i, k)).collect()
    }

    /// Event `i` and event `j` are dependent: `j` first.
    fn plain(&self, i: usize, j: usize, prober: &mut Prober) -> Reversal {
        let (first, mut event) = (self.event(i), (**self.event(j)).clone());
        // What the race's second event brought about was so because of the first one.
        event.taken.clear();
        event.stopped.clear();
        for taken in first.taken.iter().filter(|t| t.message.event == first.id) {
            let which = event
                .sent
                .iter()
                .position(|s| s.to == taken.by && prober.accepts(&taken.glance, s.signal.as_ref(), s.digest));
            if let Some(which) = which {
                let message = MessageId { event: event.id, which: which as u32 };
                event.taken.push(super::event::Taken { message, ..taken.clone() });
            }
        }
        if let Some((message, glance)) = event.instead.take()
            && message.event == first.id
        {
            event.missed.push((event.id.actor, glance));
        }
        let mut indices = self.untouched(i);
        indices.retain(|&k| k != j);
        self.sequence(i, &indices, Some((Rc::new(event), Some(j))), prober)
    }

    /// Event `i` stopped what comes first now.
    fn instead(&self, i: usize, would: Rc<Event>, prober: &mut Prober) -> Reversal {
        self.sequence(i, &self.untouched(i), Some((would, None)), prober)
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
        for &k in indices {
            let after = self.earlier(indices, &sequence, k);
            sequence.steps.push(Step { event: Rc::clone(self.event(k)), after, commits: Vec::new() });
        }
        if let Some((event, index)) = last {
            let after = (0..indices.len())
                .filter(|&s| match index {
                    Some(j) if indices[s] < j => self.run.entries[j].ties[indices[s]] != Tie::None,
                    _ => dependent(&sequence.steps[s].event, &event, prober),
                })
                .collect();
            sequence.steps.push(Step { event, after, commits: Vec::new() });
        }
        self.commit(i, indices, &mut sequence, self.observations.len(), prober);
        Reversal { at: i, sequence }
    }

    fn earlier(&self, indices: &[usize], sequence: &Sequence, k: usize) -> Vec<usize> {
        let ties = &self.run.entries[k].ties;
        (0..sequence.steps.len()).filter(|&s| indices[s] < k && ties[indices[s]] != Tie::None).collect()
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
        for o in &self.observations[..limit] {
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
                if would && !sequence.steps[later].after.contains(&sender) {
                    sequence.steps[later].after.push(sender);
                }
            }
        }
        sequence.steps[active].commits.push(commit);
    }

    /// A receive took the message of event `i` and would have taken that of `j`: `j` first, and the receive
    /// takes it. Everything that the receive needs is part of the sequence.
    fn observed_race(&self, i: usize, j: usize, number: usize, prober: &mut Prober) -> Reversal {
        let o = &self.observations[number];
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
                    self.run.entries[high].ties[low] != Tie::None && !(high == o.last && low == i && instead)
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
        if instead && !sequence.steps[last].after.contains(&sender) {
            sequence.steps[last].after.push(sender);
        }
        let commit = Commit { by: o.by, message, glance: Rc::clone(&o.glance), origin: Origin::Step(sender) };
        self.add(&mut sequence, commit, last, prober);
        Reversal { at: i, sequence }
    }

    /// Event `k` is a receive that took the message of event `i`, and needed it for nothing else.
    fn took_instead(&self, k: usize, i: usize) -> bool {
        let instead = self.event(k).instead.as_ref();
        instead.is_some_and(|(message, _)| message.event == self.event(i).id)
    }

    /// Events from `i` on that `of` needs, if receives from `number` on are not looked at; in order.
    fn needed(&self, i: usize, of: usize, number: usize) -> Vec<usize> {
        let mut is_needed = vec![false; self.run.len()];
        if of > i {
            is_needed[of] = true;
        }
        for k in (i + 1..=of).rev() {
            if !is_needed[k] {
                continue;
            }
            for before in i..k {
                let seen = self.observed[k].iter().any(|&(s, n)| s == before && n < number);
                let tied = self.run.entries[k].ties[before] != Tie::None
                    && !(k == of && before == i && self.took_instead(k, i));
                if tied || seen {
                    is_needed[before] = true;
                }
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
