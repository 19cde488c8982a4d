//! Timers by deadline: a binary heap of (deadline, order of setting), beside an index by identity.
//!
//! ```text
//! by_id: id -> entry        entries: [ {id, deadline, owner, payload}, ... ]     (reused, the latest first)
//! due:   heap of (deadline, sequence, entry); one whose entry has another sequence was cancelled
//! ```
//! Setting is O(1) for rising deadlines and cancelling always is; cancelled keys are swept once they are the
//! majority. Invariants: timers come out in order of (deadline, sequence), whatever jumps the clock makes,
//! and never before their deadline; an id has one timer at most.
//! A heap in place of a timer wheel: a wheel's turn decides how late and in what order a timer fires.

use super::{Deadline, Instant, TimerId};
use crate::process::pid::Pid;
use crate::term::atom::FixedMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Due {
    deadline: Deadline,
    sequence: u64,
    entry: u32,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    id: TimerId,
    deadline: Deadline,
    /// 0 where the entry is free.
    sequence: u64,
    /// The owner's timers are a list.
    owner: Option<Pid>,
    before: u32,
    after: u32,
    payload: Option<T>,
}

const NONE: u32 = u32::MAX;

/// A timer that is due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fired<T> {
    pub deadline: Deadline,
    pub id: TimerId,
    pub payload: T,
}

#[derive(Clone, Debug)]
pub struct TimerHeap<T> {
    due: BinaryHeap<Reverse<Due>>,
    entries: Vec<Entry<T>>,
    free: Vec<u32>,
    by_id: FixedMap<TimerId, u32>,
    /// First of each owner's timers.
    owned: FixedMap<Pid, u32>,
    sequence: u64,
}

/// Keys that may be dead before a sweep is worth it.
const DEAD_KEPT: usize = 64;
/// Entries that an empty heap keeps room for.
const ROOM_KEPT: usize = 1 << 18;

impl<T> Default for TimerHeap<T> {
    fn default() -> Self {
        TimerHeap {
            due: BinaryHeap::new(),
            entries: Vec::new(),
            free: Vec::new(),
            by_id: FixedMap::default(),
            owned: FixedMap::default(),
            sequence: 0,
        }
    }
}

impl<T> TimerHeap<T> {
    /// Timers that run.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Entries and keys, running or not, that memory is held for.
    pub fn memory_entries(&self) -> usize {
        self.due.len() + self.entries.len()
    }

    /// Starts a timer; one with the same id is replaced. [`TimerHeap::drop_owned`] stops it with its owner's
    /// others.
    pub fn set(&mut self, id: TimerId, deadline: Deadline, owner: Option<Pid>, payload: T) {
        self.sequence += 1;
        let new = Entry {
            id,
            deadline,
            sequence: self.sequence,
            owner,
            before: NONE,
            after: NONE,
            payload: Some(payload),
        };
        let entry = match self.free.pop() {
            Some(entry) => {
                self.entries[entry as usize] = new;
                entry
            }
            None => {
                self.entries.push(new);
                self.entries.len() as u32 - 1
            }
        };
        if let Some(old) = self.by_id.insert(id, entry) {
            self.release(old);
        }
        if let Some(owner) = owner
            && let Some(next) = self.owned.insert(owner, entry)
        {
            self.entries[entry as usize].after = next;
            self.entries[next as usize].before = entry;
        }
        self.due.push(Reverse(Due { deadline, sequence: self.sequence, entry }));
        self.sweep();
    }

    /// Stops a timer: what it was set to.
    pub fn cancel(&mut self, id: TimerId) -> Option<(Deadline, T)> {
        let entry = self.by_id.remove(&id)?;
        let stopped = self.release(entry);
        self.sweep();
        Some(stopped)
    }

    pub fn read(&self, id: TimerId) -> Option<(Deadline, &T)> {
        let entry = &self.entries[*self.by_id.get(&id)? as usize];
        Some((entry.deadline, entry.payload.as_ref().expect("an indexed timer runs")))
    }

    /// Stops all timers of this owner.
    pub fn drop_owned(&mut self, owner: Pid) {
        while let Some(&entry) = self.owned.get(&owner) {
            let id = self.entries[entry as usize].id;
            self.by_id.remove(&id);
            self.release(entry);
        }
        self.sweep();
    }

    /// The earliest deadline.
    pub fn next_deadline(&mut self) -> Option<Deadline> {
        while let Some(Reverse(due)) = self.due.peek() {
            if self.entries[due.entry as usize].sequence == due.sequence {
                return Some(due.deadline);
            }
            self.due.pop();
        }
        None
    }

    /// Takes the next timer whose deadline is not after `now`.
    pub fn pop_due(&mut self, now: Instant) -> Option<Fired<T>> {
        if self.next_deadline()? > Deadline(now) {
            return None;
        }
        let Reverse(due) = self.due.pop()?;
        let id = self.entries[due.entry as usize].id;
        self.by_id.remove(&id);
        let (deadline, payload) = self.release(due.entry);
        Some(Fired { deadline, id, payload })
    }

    /// Frees an entry that the index no longer names.
    fn release(&mut self, at: u32) -> (Deadline, T) {
        let entry = &mut self.entries[at as usize];
        let payload = entry.payload.take().expect("a released timer was running");
        let (deadline, owner, before, after) = (entry.deadline, entry.owner, entry.before, entry.after);
        entry.sequence = 0;
        if after != NONE {
            self.entries[after as usize].before = before;
        }
        if before != NONE {
            self.entries[before as usize].after = after;
        } else if let Some(owner) = owner {
            if after == NONE {
                self.owned.remove(&owner);
            } else {
                self.owned.insert(owner, after);
            }
        }
        self.free.push(at);
        (deadline, payload)
    }

    /// Drops the keys of cancelled timers once they are the majority.
    fn sweep(&mut self) {
        let dead = self.due.len() - self.by_id.len();
        if dead > DEAD_KEPT && dead > self.by_id.len() {
            let entries = &self.entries;
            self.due.retain(|Reverse(due)| entries[due.entry as usize].sequence == due.sequence);
        }
        if self.by_id.is_empty() && self.entries.len() > ROOM_KEPT {
            *self = TimerHeap { sequence: self.sequence, ..TimerHeap::default() };
        }
    }
}
