//! Timers in virtual time: those that send a message, the time limits of receives, and those of operations.
//!
//! A heap keyed (deadline, sequence). A stopped timer's entry stays in the heap until it comes up or the heap
//! is swept; its slot in the table is free at once. Invariant: a heap entry is live if and only if its
//! sequence number is that of its slot.

use crate::choice::Actor;
use crate::kernel::host::Passage;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use warpbeam::heap::parcel::Parcel;
use warpbeam::process::pid::Pid;
use warpbeam::ring::request::OpId;
use warpbeam::term::atom::FixedMap;
use warpbeam::time::{Deadline, TimerId};
use warpbeam::world::TimerTarget;

/// What happens when a timer fires.
#[derive(Clone, Debug)]
pub enum Due {
    /// The process in this slot stops waiting.
    After {
        slot: u32,
    },
    Send {
        id: TimerId,
        target: TimerTarget,
        message: Parcel,
    },
    /// An operation of the ring has waited long enough.
    Io {
        id: OpId,
    },
    /// What was on its way between hosts comes.
    Passage(Passage),
}

#[derive(Clone, Debug)]
struct Entry {
    sequence: u64,
    deadline: Deadline,
    actor: Actor,
    due: Option<Due>,
    /// The event that started it.
    cause: u64,
}

/// A timer in the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimerSlot(u32);

#[derive(Clone, Debug, Default)]
pub struct Timers {
    heap: BinaryHeap<Reverse<(Deadline, u64, u32)>>,
    entries: Vec<Entry>,
    free: Vec<u32>,
    by_id: FixedMap<TimerId, u32>,
    sequence: u64,
}

/// A timer that came up.
#[derive(Debug)]
pub struct Fired {
    pub deadline: Deadline,
    pub actor: Actor,
    pub due: Due,
    pub cause: u64,
}

const NEVER: u64 = u64::MAX;

impl Timers {
    pub fn clear(&mut self) {
        self.heap.clear();
        self.entries.clear();
        self.free.clear();
        self.by_id.clear();
        self.sequence = 0;
    }

    fn live(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.entries.len() == self.free.len()
    }

    pub fn start(&mut self, deadline: Deadline, actor: Actor, due: Due, cause: u64) -> TimerSlot {
        self.sequence += 1;
        self.start_again(self.sequence, deadline, actor, due, cause)
    }

    /// The turn of a timer among those with the same deadline.
    pub fn turn_of(&self, slot: TimerSlot) -> u64 {
        self.entries[slot.0 as usize].sequence
    }

    /// Starts a timer in the turn of one that was stopped.
    pub fn start_again(
        &mut self,
        sequence: u64,
        deadline: Deadline,
        actor: Actor,
        due: Due,
        cause: u64,
    ) -> TimerSlot {
        let id = match &due {
            Due::Send { id, .. } => Some(*id),
            Due::After { .. } | Due::Io { .. } | Due::Passage(_) => None,
        };
        let entry = Entry { sequence, deadline, actor, due: Some(due), cause };
        let at = match self.free.pop() {
            Some(at) => {
                self.entries[at as usize] = entry;
                at
            }
            None => {
                self.entries.push(entry);
                (self.entries.len() - 1) as u32
            }
        };
        if let Some(id) = id {
            self.by_id.insert(id, at);
        }
        if self.heap.len() > 64 + 2 * self.live() {
            let entries = &self.entries;
            self.heap.retain(|Reverse((_, sequence, at))| entries[*at as usize].sequence == *sequence);
        }
        self.heap.push(Reverse((deadline, sequence, at)));
        TimerSlot(at)
    }

    /// Stops a timer that has not fired.
    pub fn stop(&mut self, slot: TimerSlot) -> Fired {
        self.take(slot.0)
    }

    pub fn stop_id(&mut self, id: TimerId) -> Option<Deadline> {
        let at = *self.by_id.get(&id)?;
        Some(self.take(at).deadline)
    }

    pub fn deadline_of(&self, id: TimerId) -> Option<Deadline> {
        self.by_id.get(&id).map(|&at| self.entries[at as usize].deadline)
    }

    /// Stops the timers that would send to this pid; the first of their deadlines.
    pub fn stop_for(&mut self, pid: Pid) -> Option<Deadline> {
        let mut first = None;
        for at in 0..self.entries.len() {
            if let Some(Due::Send { target: TimerTarget::Pid(to), .. }) = &self.entries[at].due
                && *to == pid
            {
                let deadline = self.take(at as u32).deadline;
                first = Some(first.map_or(deadline, |first: Deadline| first.min(deadline)));
            }
        }
        first
    }

    fn take(&mut self, at: u32) -> Fired {
        let entry = &mut self.entries[at as usize];
        let due = entry.due.take().expect("a timer is stopped or fires once");
        if let Due::Send { id, .. } = &due {
            self.by_id.remove(id);
        }
        entry.sequence = NEVER;
        self.free.push(at);
        Fired { deadline: entry.deadline, actor: entry.actor, due, cause: entry.cause }
    }

    /// The timer that is due first.
    pub fn first(&mut self) -> Option<(Deadline, Actor, TimerSlot)> {
        while let Some(&Reverse((deadline, sequence, at))) = self.heap.peek() {
            let entry = &self.entries[at as usize];
            if entry.sequence == sequence {
                return Some((deadline, entry.actor, TimerSlot(at)));
            }
            self.heap.pop();
        }
        None
    }

    /// All timers in order of deadline, for questions about any of them.
    pub fn in_order(&self) -> Vec<(Deadline, Actor, TimerSlot)> {
        let mut all: Vec<_> = (0..self.entries.len())
            .filter(|&at| self.entries[at].due.is_some())
            .map(|at| (self.entries[at].deadline, self.entries[at].sequence, at))
            .collect();
        all.sort_unstable();
        all.into_iter().map(|(d, _, at)| (d, self.entries[at].actor, TimerSlot(at as u32))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use warpbeam::time::Instant;

    fn deadline(ns: u64) -> Deadline {
        Deadline(Instant { ns })
    }

    fn fire(timers: &mut Timers) -> Option<u32> {
        let (_, _, slot) = timers.first()?;
        match timers.stop(slot).due {
            Due::After { slot } => Some(slot),
            Due::Send { .. } | Due::Io { .. } | Due::Passage(_) => None,
        }
    }

    #[test]
    fn fires_by_deadline_then_sequence_and_never_what_was_stopped() {
        let mut timers = Timers::default();
        let start = |timers: &mut Timers, ns, slot| {
            timers.start(deadline(ns), Actor::After { owner: slot, count: 0 }, Due::After { slot }, 0)
        };
        start(&mut timers, 30, 0);
        let second = start(&mut timers, 10, 1);
        start(&mut timers, 20, 2);
        start(&mut timers, 20, 3);
        timers.stop(second);
        start(&mut timers, 25, 4);
        let fired: Vec<u32> = std::iter::from_fn(|| fire(&mut timers)).collect();
        assert_eq!(fired, [2, 3, 4, 0]);
        assert!(timers.is_empty());
    }

    #[test]
    fn stopped_timers_do_not_pile_up() {
        let mut timers = Timers::default();
        for ns in 0..100_000 {
            let slot = timers.start(deadline(ns), Actor::Nobody, Due::After { slot: 0 }, 0);
            timers.stop(slot);
        }
        assert!(timers.heap.len() < 1000 && timers.entries.len() == 1);
    }
}
