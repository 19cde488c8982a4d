//! The run under way: its events, their order, its races.
//!
//! The order is *happens before*: a process's own events, spawning before running, sending before receiving,
//! enabling before going on; what is dependent, as it went; and of two messages that a receive would both have
//! taken, the one that it took before the other (the receive is their *observer*). Invariant: reversing a race
//! keeps all that did not come of its first event.

use super::bits::{Bits, ones};
use super::event::{Event, EventId, MessageId, Need, Past, Touches, follows};
use super::probe::{Glance, Prober};
use super::reverse::Reverser;
use super::sequence::Sequence;
use super::stepping::CLOCK;
use crate::digest::fold;
use std::borrow::Cow;
use std::rc::Rc;

#[derive(Clone)]
pub(super) struct Entry {
    pub event: Rc<Event>,
    pub ties: Ties,
    /// Earlier events that clash with what came of a message that was received, with what that came of. They tie
    /// only if they are not before one of those anyway: which event brought the message and the receive together
    /// is chance.
    came: Vec<(usize, Rc<[usize]>)>,
}

/// Which earlier events an event follows directly.
#[derive(Clone, Debug, Default)]
pub(super) struct Ties {
    all: Bits,
    /// Those that it needs. The others are dependent and came in this order.
    needs: Bits,
}

impl Ties {
    fn need(&mut self, i: usize) {
        self.all.insert(i);
        self.needs.insert(i);
    }
}

/// A receive that took a message.
pub(super) struct Observation {
    pub by: u64,
    pub message: MessageId,
    pub glance: Rc<Glance>,
    /// The event that sent it.
    pub sender: usize,
    /// The receiver's last event before, or its spawn.
    pub last: usize,
}

struct Race {
    first: usize,
    second: usize,
    /// The observation that makes them one, if they are not dependent by themselves.
    seen: Option<usize>,
}

/// What tells that an earlier event has nothing to do with the next one, which most have not.
#[derive(Clone, Copy)]
pub(super) struct Outline {
    id: EventId,
    touches: Touches,
    barrier: bool,
    /// It may have been before what sends something for its receives.
    receives: bool,
    /// It brought something about with other processes.
    deals: bool,
    /// It has something in [`Event::after`].
    after: bool,
    sends: bool,
}

impl Outline {
    fn of(event: &Event) -> Outline {
        let deals = [event.taken.len(), event.enabled.len(), event.spawned.len(), event.stopped.len()];
        Outline {
            id: event.id,
            touches: event.touches.1,
            barrier: event.barrier,
            receives: !event.missed.is_empty() || !event.taken.is_empty(),
            deals: deals.iter().any(|&some| some > 0),
            after: !event.after.is_empty(),
            sends: !event.sent.is_empty(),
        }
    }

    /// `false` if the event follows this one in no way.
    #[inline]
    fn may_precede(&self, event: &Event) -> bool {
        self.id.actor == event.id.actor
            || self.touches.may_clash(&event.touches.0)
            || self.barrier
            || event.barrier
            || self.receives && !event.sent.is_empty()
    }
}

#[derive(Default)]
pub struct Run {
    pub(super) entries: Vec<Entry>,
    /// Of each entry.
    outlines: Vec<Outline>,
}

/// The end of a run, taken off.
pub(super) struct Rest(Vec<Entry>, Vec<Outline>);

impl Rest {
    pub fn drop_first(&mut self, events: usize) {
        self.0.drain(..events);
        self.1.drain(..events);
    }

    pub fn into_events(self) -> impl Iterator<Item = (Entry, Outline)> {
        self.0.into_iter().zip(self.1)
    }
}

/// A reversed race: explore this sequence from the node before event `at`.
pub struct Reversal {
    pub at: usize,
    pub sequence: Sequence,
    /// What its last event brings about where it comes now is not known yet.
    pub guessed: bool,
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
        self.outlines.iter().filter(|outline| outline.id.actor == CLOCK).count() as u32
    }
}

/// Which events are before which: a bit for each pair.
pub(super) struct Order {
    words: usize,
    bits: Vec<u64>,
}

impl Order {
    fn new(events: usize) -> Order {
        let words = events.div_ceil(64);
        Order { words, bits: vec![0; words * events] }
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

impl Run {
    pub fn events(&self) -> usize {
        self.entries.len()
    }

    pub fn truncate(&mut self, events: usize) {
        self.entries.truncate(events);
        self.outlines.truncate(events);
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
        self.outlines.iter().rposition(|outline| outline.id == id)
    }

    /// Adds the next event.
    pub fn push(&mut self, event: Event, prober: &mut Prober) {
        let event = Rc::new(event);
        let came = self.came(&event);
        let mut ties = Ties::default();
        let actor = event.id.actor;
        for (i, outline) in self.outlines.iter().enumerate() {
            if outline.may_precede(&event) && follows(&self.entries[i].event, &event, prober) {
                let needs = outline.id.actor == actor || outline.barrier || event.barrier;
                if needs { ties.need(i) } else { ties.all.insert(i) }
            }
        }
        for (i, outline) in self.outlines.iter().enumerate().rev() {
            if outline.deals {
                self.tie_to_dealings(i, actor, &mut ties);
            }
            if outline.id.actor == actor || outline.deals && self.event(i).spawned.contains(&actor) {
                break;
            }
        }
        // What came of a message that was received follows the message's sender, and the receive.
        let mut sources: Vec<usize> =
            event.sees.iter().flat_map(|&by| self.fed(by, self.events()).0).collect();
        for (i, _) in self.outlines.iter().enumerate().filter(|(_, outline)| outline.after) {
            for after in self.event(i).after.iter().filter(|a| event.clashes(&a.access)) {
                let (senders, last) = self.fed(after.by, i + 1);
                sources.extend(senders.into_iter().chain(last));
            }
        }
        for source in sources {
            if source < self.events() {
                ties.all.insert(source);
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
            ties.need(needed);
        }
        if let Some((message, _)) = &event.instead
            && let Some(sender) = self.index_of(message.event)
        {
            ties.all.insert(sender);
        }
        self.outlines.push(Outline::of(&event));
        self.entries.push(Entry { event, ties, came });
    }

    /// Adds an event that was taken off after the same events.
    pub(super) fn push_again(&mut self, entry: Entry, outline: Outline) {
        self.entries.push(entry);
        self.outlines.push(outline);
    }

    /// Event `i` may have let `actor` go on, or kept it from something.
    fn tie_to_dealings(&self, i: usize, actor: u64, ties: &mut Ties) {
        let before = self.event(i);
        for taken in before.taken.iter().filter(|t| t.by == actor) {
            if let Some(sender) = self.index_of(taken.message.event) {
                ties.need(sender);
            }
        }
        if before.enabled.contains(&actor) || before.spawned.contains(&actor) {
            ties.need(i);
        }
        if before.stopped.iter().any(|s| s.actor == actor) {
            // What it would have done instead is a race of its own.
            ties.need(i);
        }
    }

    /// See [`Entry::came`].
    fn came(&self, event: &Event) -> Vec<(usize, Rc<[usize]>)> {
        let mut came = Vec::new();
        for after in &event.after {
            let sources: Rc<[usize]> = self.fed_by(after.by, event).into();
            for (i, entry) in self.entries.iter().enumerate() {
                if entry.event.clashes(&after.access) {
                    came.push((i, Rc::clone(&sources)));
                }
            }
        }
        came
    }

    /// What `by`'s steps come of, when the event that is to come has happened, other than that event itself: who
    /// sent what it has taken since its last event, and that.
    fn fed_by(&self, by: u64, event: &Event) -> Vec<usize> {
        let taken = event.taken.iter().filter(|t| t.by == by);
        let mut sources: Vec<usize> = taken.filter_map(|t| self.index_of(t.message.event)).collect();
        if event.id.actor != by {
            let (senders, last) = self.fed(by, self.events());
            sources.extend(senders.into_iter().chain(last));
        }
        sources
    }

    /// Who sent what `by` had taken since its last event before event `until`, and that event.
    fn fed(&self, by: u64, until: usize) -> (Vec<usize>, Option<usize>) {
        let mut senders = Vec::new();
        for (i, outline) in self.outlines[..until].iter().enumerate().rev() {
            let event = &self.entries[i].event;
            if outline.deals {
                let taken = event.taken.iter().filter(|t| t.by == by);
                senders.extend(taken.filter_map(|t| self.index_of(t.message.event)));
            }
            if outline.id.actor == by {
                return (senders, Some(i));
            }
            if outline.deals && event.spawned.contains(&by) {
                break;
            }
        }
        (senders, None)
    }

    fn observations(&self) -> Vec<Observation> {
        let mut all = Vec::new();
        for (carrier, entry) in self.entries.iter().enumerate() {
            for taken in &entry.event.taken {
                let by = taken.by;
                let Some(sender) = self.index_of(taken.message.event) else { continue };
                let last = (0..=carrier).rev().find(|&i| {
                    let outline = &self.outlines[i];
                    outline.id.actor == by || outline.deals && self.event(i).spawned.contains(&by)
                });
                let last = last.unwrap_or(0);
                let glance = Rc::clone(&taken.glance);
                all.push(Observation { by, message: taken.message, glance, sender, last });
            }
        }
        all
    }

    /// For each pair of events, the observation that puts the one before the other.
    fn observed(&self, observations: &[Observation], prober: &mut Prober) -> Vec<Vec<(usize, usize)>> {
        let mut after = vec![Vec::new(); self.events()];
        for (number, o) in observations.iter().enumerate() {
            let earlier = &observations[..number];
            for (later, outline) in self.outlines.iter().enumerate().skip(o.sender + 1) {
                if !outline.sends {
                    continue;
                }
                let would = self.event(later).sent.iter().enumerate().any(|(which, sent)| {
                    let message = MessageId { event: outline.id, which: which as u32 };
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

    /// Which earlier events event `j` follows directly, once it is known what is before the events before `j`.
    pub(super) fn ties(&self, j: usize, order: &Order) -> Cow<'_, Bits> {
        let Entry { ties, came, .. } = &self.entries[j];
        if came.is_empty() {
            return Cow::Borrowed(&ties.all);
        }
        let mut all = ties.all.clone();
        for (i, sources) in came {
            if !sources.iter().any(|&s| s == *i || order.before(*i, s)) {
                all.insert(*i);
            }
        }
        Cow::Owned(all)
    }

    /// The order of this run, and its races: pairs that follow each other directly and could be the other way
    /// round, with the observation that makes a pair one.
    fn order(&self, observed: &[Vec<(usize, usize)>]) -> (Order, Vec<Race>) {
        let mut order = Order::new(self.events());
        let mut races = Vec::new();
        for (j, seen) in observed.iter().enumerate() {
            let tied = self.ties(j, &order).into_owned();
            let mut close = tied.clone();
            seen.iter().for_each(|(sender, _)| close.insert(*sender));
            let needs = &self.entries[j].ties.needs;
            for at in (0..=j / 64).rev() {
                // The nearest that is not before it by another one.
                while let Some(bit) = (close.word(at) & !order.word(at, j)).checked_ilog2() {
                    let i = at * 64 + bit as usize;
                    order.join(i, j);
                    // Nothing comes before what happened before the first event.
                    if i > 0 && !needs.contains(i) {
                        let seen = seen.iter().find(|(s, _)| *s == i).map(|(_, number)| *number);
                        let seen = seen.filter(|_| !tied.contains(i));
                        races.push(Race { first: i, second: j, seen });
                    }
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
        for i in 0..self.events() {
            for would in &self.entries[i].event.instead_of {
                reversals.push(reverser.instead(i, Rc::clone(would), prober));
            }
        }
        (class, reversals)
    }

    /// Takes the events from event `at` on off.
    pub(super) fn split_off(&mut self, at: usize) -> Rest {
        Rest(self.entries.split_off(at), self.outlines.split_off(at))
    }

    /// Puts the events from event `at` on in place of what is there.
    pub(super) fn put_back(&mut self, at: usize, Rest(entries, outlines): Rest) -> Rest {
        let before = self.split_off(at);
        self.entries.extend(entries);
        self.outlines.extend(outlines);
        before
    }

    /// The events from event `at` on as a sequence, with what receives took in this run.
    pub fn sequence_from(&self, at: usize, prober: &mut Prober) -> Sequence {
        let observations = self.observations();
        let observed = self.observed(&observations, prober);
        let order = self.order(&observed).0;
        Reverser { run: self, order, observations, observed }.suffix(at, prober)
    }

    fn class(&self, order: &Order) -> u64 {
        let name = |e: &Entry| fold(e.event.id.actor, u64::from(e.event.id.number));
        let pasts: Vec<u64> = self.entries.iter().map(|e| fold(name(e), 3)).collect();
        let mut sum = 0u64;
        for (j, entry) in self.entries.iter().enumerate() {
            let before = order.all_before(j);
            let past = before.fold(0u64, |sum, i| sum.wrapping_add(pasts[i]));
            sum = sum.wrapping_add(fold(name(entry), past));
        }
        sum
    }
}
