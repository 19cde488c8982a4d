//! The mailbox: messages in order of arrival, scanned by a save pointer.
//!
//! A message stays a parcel until the scan reaches it and becomes a term on the heap then. Messages are
//! numbered as they arrive; a receive marker is such a number, so a receive that waits for a reply to a
//! fresh reference passes over everything older without looking.
//! Source: the Efficiency Guide on selective receive.

use crate::heap::Heap;
use crate::heap::parcel::Parcel;
use crate::heap::read::RefId;
use crate::planted;
use crate::term::Word;
use std::collections::VecDeque;

/// Number of a message among the signals that its process has handled, from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Arrival(pub u64);

#[derive(Clone, Debug)]
pub(crate) struct Scanned {
    pub term: Word,
    pub arrival: Arrival,
}

#[derive(Clone, Debug)]
pub(crate) struct Unread {
    pub parcel: Parcel,
    pub arrival: Arrival,
}

#[derive(Clone, Debug, Default)]
pub struct Mailbox {
    /// Seen by a receive before and kept: terms on the heap (roots).
    pub(crate) scanned: VecDeque<Scanned>,
    pub(crate) unread: VecDeque<Unread>,
    /// Index into `scanned` of the message that the current receive looks at.
    save: usize,
    arrived: u64,
    /// Markers: reserved or bound to a reference, with the arrival number from which to look.
    markers: Vec<(Option<RefId>, Arrival)>,
    /// Messages that were unread when the current receive began to wait.
    unread_before: usize,
    /// The reference that the current receive waits for.
    awaited: Option<RefId>,
    /// The receive under way has been let look.
    looked: bool,
    /// The world is asked before the first look of each receive, not only of those with a time limit.
    announces: bool,
}

/// Markers kept at once; a program that binds more loses the oldest (only speed is lost).
const MARKERS_MAX: usize = 8;

impl Mailbox {
    pub fn clear(&mut self) {
        self.scanned.clear();
        self.unread.clear();
        self.save = 0;
        self.arrived = 0;
        self.markers.clear();
        self.unread_before = 0;
        self.awaited = None;
        self.looked = false;
        self.announces = false;
    }

    /// From now on the world is asked before the first look of each receive.
    pub fn announce_looks(&mut self) {
        self.announces = true;
    }

    /// Whether the world is to be asked before the receive looks.
    #[inline]
    pub(crate) fn asks_to_look(&self, timed: bool) -> bool {
        (timed && self.save == 0 || self.announces) && !self.looked
    }

    /// The receive may look, until it ends.
    pub(crate) fn may_look(&mut self) {
        self.looked = true;
    }

    /// Takes everything out, as if the receive that is about to look found the box empty.
    pub(crate) fn empty_for_look(&mut self) {
        self.scanned.clear();
        self.unread.clear();
        self.save = 0;
        self.unread_before = 0;
        self.looked = false;
        self.announces = false;
    }

    /// Messages in the box.
    pub fn len(&self) -> usize {
        self.scanned.len() + self.unread.len()
    }

    /// Whether the current receive has passed over a message.
    pub(crate) fn is_scanning(&self) -> bool {
        self.save > 0
    }

    /// A receive begins to wait. What is unread then, it does not look at: it has no patterns.
    pub(crate) fn begin_wait(&mut self) {
        self.unread_before = self.unread.len();
    }

    /// Whether messages came since the receive began to wait.
    pub fn has_news(&self) -> bool {
        self.unread.len() > self.unread_before
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A signal is handled, whether it becomes a message or not.
    #[inline]
    pub(crate) fn count_signal(&mut self) {
        self.arrived += 1;
    }

    /// The signal that was counted last becomes a message.
    #[inline]
    pub fn push(&mut self, parcel: Parcel) -> Arrival {
        let arrival = Arrival(self.arrived.saturating_sub(1));
        self.unread.push_back(Unread { parcel, arrival });
        arrival
    }

    /// The message at the save pointer if the scan has reached it before.
    #[inline]
    pub(crate) fn at_save(&self) -> Option<Word> {
        self.scanned.get(self.save).map(|m| m.term)
    }

    /// The next parcel to absorb for the scan to go on.
    #[inline]
    pub(crate) fn next_unread(&self) -> Option<&Parcel> {
        self.unread.front().map(|m| &m.parcel)
    }

    /// The next parcel became this term.
    #[inline]
    pub(crate) fn absorbed(&mut self, term: Word) {
        // Read where it lies: what was moved out a moment ago is slow to read again.
        let arrival = self.unread.front().expect("an absorbed parcel was the next unread one").arrival;
        self.scanned.push_back(Scanned { term, arrival });
        self.unread.pop_front();
    }

    /// Takes out the first message of the form `{_, Reference, _, _, _}`, which a DOWN message has. Whether
    /// there was one.
    pub(crate) fn flush(&mut self, heap: &Heap, reference: RefId) -> bool {
        let is_it = |m: &Scanned| {
            let elements = heap.tuple(m.term).filter(|t| t.len() == 5);
            elements.is_some_and(|t| heap.reference(Word(t[1])) == Some(reference))
        };
        if let Some(at) = self.scanned.iter().position(is_it) {
            self.scanned.remove(at);
            self.save -= usize::from(at < self.save);
            return true;
        }
        if planted!(FlushMissesUnread) {
            return false;
        }
        let found = self.unread.iter().position(|m| m.parcel.is_five_with(reference));
        found.map(|at| self.unread.remove(at)).is_some()
    }

    /// The current message does not match: look at the next one.
    #[inline]
    pub(crate) fn pass(&mut self) {
        self.save += 1;
    }

    /// Passes over the current message and those after it that `refuses`, as far as they are terms, at most `most`
    /// of them. How many that were, and the message where the scan is then unless it has come to the end.
    #[inline]
    pub(crate) fn pass_while(
        &mut self,
        most: usize,
        refuses: impl Fn(Word) -> bool,
    ) -> (usize, Option<Word>) {
        let behind = (self.save + 1).min(self.scanned.len());
        let mut passed = 1;
        for message in self.scanned.range(behind..) {
            if passed >= most || !refuses(message.term) {
                self.save += passed;
                return (passed, Some(message.term));
            }
            passed += 1;
        }
        self.save += passed;
        (passed, None)
    }

    /// Takes the message at the save pointer out and starts the next receive from the front.
    #[inline(never)]
    pub(crate) fn take(&mut self) -> Option<Arrival> {
        let taken = if self.save == 0 { self.scanned.pop_front() } else { self.scanned.remove(self.save) };
        self.restart();
        taken.map(|message| message.arrival)
    }

    /// The receive has ended: the next one starts from the front.
    #[inline]
    pub(crate) fn restart(&mut self) {
        self.save = 0;
        self.awaited = None;
        self.looked = false;
    }

    /// The reference that every message which the current receive takes has in it, as far as the compiler saw.
    pub fn awaited(&self) -> Option<RefId> {
        self.awaited
    }

    /// Whether messages are in order of arrival.
    pub fn is_in_order(&self) -> bool {
        if self.len() < 2 {
            return true;
        }
        let scanned = self.scanned.iter().map(|m| m.arrival);
        scanned.chain(self.unread.iter().map(|m| m.arrival)).is_sorted()
    }

    /// The arrival number of the message at the save pointer.
    pub fn arrival_at_save(&self) -> Option<Arrival> {
        self.scanned.get(self.save).map(|m| m.arrival)
    }

    /// Remembers the end of the box for a reference that is about to be made.
    pub(crate) fn reserve_marker(&mut self) {
        if self.markers.len() >= MARKERS_MAX {
            self.markers.remove(0);
        }
        self.markers.push((None, Arrival(self.arrived)));
    }

    /// Ties the marker reserved last to a reference.
    pub(crate) fn bind_marker(&mut self, reference: RefId) {
        if let Some(marker) = self.markers.iter_mut().rev().find(|(r, _)| r.is_none()) {
            marker.0 = Some(reference);
        }
    }

    pub(crate) fn clear_marker(&mut self, reference: Option<RefId>) {
        if let Some(at) = self.markers.iter().position(|(r, _)| *r == reference) {
            self.markers.remove(at);
            if planted!(WrongRemoved) {
                self.save = 0;
            }
        }
    }

    /// Starts the next scan at the reference's marker, if it has one.
    pub(crate) fn use_marker(&mut self, reference: RefId) {
        self.awaited = Some(reference);
        if let Some(&(_, from)) = self.markers.iter().find(|(r, _)| *r == Some(reference)) {
            self.save = self.scanned.partition_point(|m| m.arrival < from);
        }
    }

    /// Terms on the heap.
    pub(crate) fn roots(&mut self) -> impl Iterator<Item = &mut Word> {
        self.scanned.iter_mut().filter(|_| !planted!(MessageNotRooted)).map(|m| &mut m.term)
    }
}
