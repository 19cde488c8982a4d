//! The run under way: its events, and which of them follow each other directly.
//!
//! The order is *happens before*: a process's own events, spawning before running, sending before receiving,
//! enabling before going on; what is dependent, as it went; and of two messages that a receive would both have
//! taken, the one that it took before the other (the receive is their *observer*; [`super::order`]). Invariant: what an
//! event is tied to is a function of the events before it.

use super::bits::Bits;
use super::clashes::Clashes;
use super::event::{Event, EventId, MessageId, Need, Past, follows};
use super::order::{Found, Order};
use super::probe::{Glance, Prober};
use super::stepping::CLOCK;
use crate::digest::fold;
use std::borrow::Cow;
use std::rc::Rc;

#[derive(Clone)]
pub(super) struct Entry {
    pub event: Rc<Event>,
    /// The hash of its name.
    pub name: u64,
    /// The earlier events of its actor.
    earlier: Bits,
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
    pub needs: Bits,
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

#[derive(Default)]
pub struct Run {
    pub(super) entries: Vec<Entry>,
    /// Of each event.
    ids: Vec<EventId>,
    clashes: Clashes,
    /// Before these is everything that can be.
    barriers: Bits,
    /// These may have been before what sends something for their receives.
    receives: Bits,
    /// These brought something about with other processes.
    deals: Bits,
    pub(super) sends: Bits,
    /// These have something in [`Event::after`].
    after: Bits,
    /// Events at the beginning that were there when [`Run::find`] looked last.
    pub(super) settled: usize,
}

/// The end of a run, taken off.
pub(super) struct Rest(Vec<Entry>);

impl Rest {
    pub fn drop_first(&mut self, events: usize) {
        self.0.drain(..events);
    }

    pub fn into_events(self) -> impl Iterator<Item = Entry> {
        self.0.into_iter()
    }
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
        self.ids.iter().filter(|id| id.actor == CLOCK).count() as u32
    }
}

impl Run {
    pub fn events(&self) -> usize {
        self.entries.len()
    }

    pub fn truncate(&mut self, events: usize) {
        self.settled = self.settled.min(events);
        self.forget(events);
        self.entries.truncate(events);
    }

    /// Events from this one on are taken off.
    fn forget(&mut self, from: usize) {
        self.ids.truncate(from);
        for (at, entry) in self.entries.iter().enumerate().skip(from) {
            self.clashes.remove(at, &entry.event);
        }
        for set in [&mut self.barriers, &mut self.receives, &mut self.deals, &mut self.sends, &mut self.after]
        {
            set.truncate(from);
        }
    }

    pub fn event(&self, at: usize) -> &Rc<Event> {
        &self.entries[at].event
    }

    pub fn last_actor(&self) -> Option<u64> {
        self.ids.last().map(|id| id.actor)
    }

    /// Whether the event with this name is number `since` or later.
    pub fn sent_since(&self, id: EventId, since: usize) -> bool {
        self.index_of(id).is_some_and(|at| at >= since)
    }

    pub(super) fn index_of(&self, id: EventId) -> Option<usize> {
        self.ids.iter().rposition(|&known| known == id)
    }

    /// The actor's last event of those before `until`.
    fn last_of(&self, actor: u64, until: usize) -> Option<usize> {
        self.ids[..until].iter().rposition(|id| id.actor == actor)
    }

    /// Adds the next event.
    pub fn push(&mut self, event: Event, prober: &mut Prober) {
        let event = Rc::new(event);
        let came = self.came(&event);
        let own = self.last_of(event.id.actor, self.events());
        let mut ties = Ties::default();
        if let Some(own) = own {
            ties.needs.clone_from(&self.entries[own].earlier);
            ties.needs.insert(own);
        }
        ties.all.clone_from(&ties.needs);
        let earlier = ties.needs.clone();
        self.tie_to_clashing(&event, &mut ties, prober);
        for i in self.deals.iter_down().take_while(|&i| own.is_none_or(|own| i >= own)) {
            self.tie_to_dealings(i, event.id.actor, &mut ties);
            if self.event(i).spawned.contains(&event.id.actor) {
                break;
            }
        }
        self.tie_to_sources(&event, &mut ties);
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
        let name = fold(event.id.actor, u64::from(event.id.number));
        self.push_again(Entry { event, name, earlier, ties, came });
    }

    /// Adds an event that was taken off after the same events.
    pub(super) fn push_again(&mut self, entry: Entry) {
        let (at, event) = (self.entries.len(), &*entry.event);
        self.ids.push(event.id);
        self.clashes.add(at, event);
        let deals = [event.taken.len(), event.enabled.len(), event.spawned.len(), event.stopped.len()];
        for (set, is_in) in [
            (&mut self.barriers, event.barrier),
            (&mut self.receives, event.may_precede_sends()),
            (&mut self.deals, deals.iter().any(|&some| some > 0)),
            (&mut self.sends, !event.sent.is_empty()),
            (&mut self.after, !event.after.is_empty()),
        ] {
            if is_in {
                set.insert(at);
            }
        }
        self.entries.push(entry);
    }

    /// Ties the next event to all that it is dependent on.
    fn tie_to_clashing(&self, event: &Event, ties: &mut Ties, prober: &mut Prober) {
        if event.barrier {
            ties.all = Bits::below(self.events());
            ties.needs = ties.all.clone();
            return;
        }
        ties.all.join(&self.barriers);
        ties.needs.join(&self.barriers);
        let mut near = Bits::default();
        event.accesses.iter().for_each(|access| self.clashes.with(access, &mut near));
        if !event.sent.is_empty() {
            near.join(&self.receives);
        }
        for i in near.iter() {
            if !ties.all.contains(i) && follows(self.event(i), event, prober) {
                ties.all.insert(i);
            }
        }
    }

    /// See [`Entry::came`].
    fn came(&self, event: &Event) -> Vec<(usize, Rc<[usize]>)> {
        let mut came = Vec::new();
        for after in &event.after {
            let mut near = Bits::default();
            self.clashes.with(&after.access, &mut near);
            let clashing = near.iter().filter(|&i| self.event(i).clashes(&after.access));
            let mut sources: Option<Rc<[usize]>> = None;
            for i in clashing {
                let sources = sources.get_or_insert_with(|| self.fed_by(after.by, event).into());
                came.push((i, Rc::clone(sources)));
            }
        }
        came
    }

    /// What came of a message that was received follows the message's sender, and the receive.
    fn tie_to_sources(&self, event: &Event, ties: &mut Ties) {
        for &by in &event.sees {
            self.fed(by, self.events(), &mut |source| ties.all.insert(source));
        }
        for i in self.after.iter() {
            let before = self.event(i);
            if !before.touches.1.may_clash(&event.touches.1) {
                continue;
            }
            for after in before.after.iter().filter(|a| event.clashes(&a.access)) {
                let last = self.fed(after.by, i + 1, &mut |source| ties.all.insert(source));
                last.into_iter().for_each(|last| ties.all.insert(last));
            }
        }
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

    /// What `by`'s steps come of, when the event that is to come has happened, other than that event itself: who
    /// sent what it has taken since its last event, and that.
    fn fed_by(&self, by: u64, event: &Event) -> Vec<usize> {
        let taken = event.taken.iter().filter(|t| t.by == by);
        let mut sources: Vec<usize> = taken.filter_map(|t| self.index_of(t.message.event)).collect();
        if event.id.actor != by {
            let last = self.fed(by, self.events(), &mut |source| sources.push(source));
            sources.extend(last);
        }
        sources
    }

    /// Who sent what `by` had taken since its last event before event `until`; that event.
    fn fed(&self, by: u64, until: usize, sender: &mut dyn FnMut(usize)) -> Option<usize> {
        let last = self.last_of(by, until);
        let since = |i: &usize| last.is_none_or(|last| *i >= last);
        for i in self.deals.iter_down().skip_while(|&i| i >= until).take_while(since) {
            let event = self.event(i);
            for taken in event.taken.iter().filter(|t| t.by == by) {
                self.index_of(taken.message.event).into_iter().for_each(&mut *sender);
            }
            if event.spawned.contains(&by) && last != Some(i) {
                return None;
            }
        }
        last
    }

    /// Receives that took messages, in order.
    pub(super) fn observations(&self) -> Vec<Observation> {
        let mut all = Vec::new();
        for (carrier, entry) in self.entries.iter().enumerate() {
            for taken in &entry.event.taken {
                let by = taken.by;
                let Some(sender) = self.index_of(taken.message.event) else { continue };
                let last = self.last_of(by, carrier + 1).unwrap_or_else(|| {
                    let before = self.deals.iter_down().skip_while(|&i| i > carrier);
                    before.into_iter().find(|&i| self.event(i).spawned.contains(&by)).unwrap_or(0)
                });
                let glance = Rc::clone(&taken.glance);
                all.push(Observation { by, message: taken.message, glance, sender, last });
            }
        }
        all
    }

    /// Whether it takes the order to tell what an event from `at` on follows directly.
    pub(super) fn has_conditional_ties(&self, at: usize) -> bool {
        self.entries[at..].iter().any(|entry| !entry.came.is_empty())
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

    /// A number that runs of one class, and no others, have in common.
    pub fn class_of(&mut self, prober: &mut Prober) -> u64 {
        let mut found = Found::default();
        self.settled = 0;
        self.find(&mut found, prober);
        found.class()
    }

    /// The class, and in which order messages came to each process: what can happen next is a function of it.
    pub fn state_of(&mut self, prober: &mut Prober) -> u64 {
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

    /// Takes the events from event `at` on off.
    pub(super) fn split_off(&mut self, at: usize) -> Rest {
        self.forget(at);
        Rest(self.entries.split_off(at))
    }

    /// Puts the events from event `at` on in place of what is there, which is handed out.
    pub(super) fn put_back(&mut self, at: usize, rest: Rest) -> Rest {
        let before = self.split_off(at);
        rest.into_events().for_each(|entry| self.push_again(entry));
        before
    }
}
