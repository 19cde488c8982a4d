//! Process slots: a process, its inbox and what the world keeps about it.
//!
//! A slot outlives its process: the block of memory of the process and of the inbox serve the next one, in
//! this run or after a reset. Invariant: `by_serial` leads to a slot whose pid carries that serial number, or
//! to none; serial numbers are never reused in a run.
//!
//! Copies of one world, which change little of it, need not copy the rest again: a *picture* stamps each slot, and a
//! slot that is given out to be changed loses its stamp. Invariant: two slots with one stamp are equal.

use super::runnable::Seat;
use super::timers::TimerSlot;
use crate::digest::Digest;
use std::sync::atomic::{AtomicU64, Ordering};
use warpbeam::process::Process;
use warpbeam::process::pid::Pid;
use warpbeam::process::signal::Signal;
use warpbeam::term::Atom;
use warpbeam::time::Deadline;

/// What a slot's process is doing, as far as the scheduler is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// No process, or it is gone.
    Free,
    /// Runs now.
    Running,
    /// Can run, up to its next visible operation, which is not known yet.
    Advance,
    /// Stopped before a visible operation that waits to be picked; its seat knows which.
    Ready,
    /// Waits for a message or a deadline.
    Receive,
    /// Waits for the reply to a request.
    Reply,
    Suspended,
}

/// A wait with a time limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waited {
    pub deadline: Deadline,
    /// Events that the process had done.
    pub count: u32,
    /// Its turn among timers with the same deadline.
    pub turn: u64,
}

pub struct Slot {
    pub pid: Pid,
    pub serial: u32,
    pub state: State,
    /// Signals come back: the process has closed its inbox.
    pub closed: bool,
    pub seat: Option<Seat>,
    /// The time limit of the receive that it waits in.
    pub after: Option<TimerSlot>,
    /// The time limit that it last waited for.
    pub waited: Option<Waited>,
    /// Visible operations done.
    pub events: u32,
    pub children: u32,
    pub entropy_asked: u32,
    /// Questions of process-owned classes asked.
    pub asked: [u32; crate::choice::CLASSES],
    /// What the process did since its last event, beside it.
    pub local: Digest,
    /// The path's hash.
    pub hash: u64,
    pub name: Option<Atom>,
    pub initial_call: (Atom, Atom, u32),
    pub inbox: Vec<Signal>,
    /// Messages handed to the process, which it must not lose.
    pub messages: u64,
    /// Other signals handed to it, some of which become messages.
    pub others: u64,
    /// Messages that it took out of its mailbox.
    pub taken: u64,
    /// Words of its heap when it last stopped.
    pub words: usize,
    /// `NO_STAMP` since it was changed.
    stamp: u64,
    pub process: Option<Box<Process>>,
}

#[derive(Default)]
pub struct Slots {
    list: Vec<Slot>,
    free: Vec<u32>,
    /// Slot by serial number; `NO_SLOT` where the process is gone.
    by_serial: Vec<u32>,
    /// Slots in use when the last run was reset, so that order does not depend on history.
    used: usize,
    #[allow(clippy::vec_box, reason = "boxes move between here and the slots, their contents stay")]
    pool: Vec<Box<Process>>,
}

pub const NO_SLOT: u32 = u32::MAX;
const NO_STAMP: u64 = 0;

/// Stamps are compared and show nowhere.
static STAMPS: AtomicU64 = AtomicU64::new(NO_STAMP + 1);

/// What is kept for later runs is not copied.
impl Clone for Slots {
    fn clone(&self) -> Slots {
        let mut slots = Slots::default();
        slots.clone_from(self);
        slots
    }

    /// In the memory of the slots and processes that there are.
    fn clone_from(&mut self, from: &Slots) {
        let Slots { list, free, by_serial, used, pool: _ } = from;
        for slot in self.list.iter_mut().skip(*used) {
            slot.inbox.clear();
            self.pool.extend(slot.process.take());
        }
        self.list.truncate(*used);
        self.list.reserve(*used - self.list.len());
        for (at, slot) in list[..*used].iter().enumerate() {
            if self.list.len() == at {
                self.list.push(Slot::new(slot.pid));
            }
            let own = &mut self.list[at];
            if own.stamp == NO_STAMP || own.stamp != slot.stamp {
                own.copy(slot, &mut self.pool);
            }
        }
        self.free.clone_from(free);
        self.by_serial.clone_from(by_serial);
        self.used = *used;
    }
}

impl Slots {
    /// Takes a picture, which later copies share.
    pub fn take_picture(&mut self) {
        let changed = self.list[..self.used].iter_mut().filter(|slot| slot.stamp == NO_STAMP);
        for slot in changed {
            slot.stamp = STAMPS.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes all processes out and keeps their memory.
    pub fn clear(&mut self) {
        for slot in &mut self.list[..self.used] {
            slot.stamp = NO_STAMP;
            slot.inbox.clear();
            slot.state = State::Free;
            slot.seat = None;
            slot.after = None;
            if let Some(process) = slot.process.take() {
                self.pool.push(process);
            }
        }
        self.used = 0;
        self.free.clear();
        self.by_serial.clear();
    }

    /// A fresh slot for the process with the next serial number, and a process to use again if there is one.
    pub fn add(&mut self, pid: Pid, hash: u64) -> (u32, Option<Box<Process>>) {
        let serial = self.by_serial.len() as u32;
        assert!(pid.serial().0 == u64::from(serial), "serial numbers are given in order");
        let at = match self.free.pop() {
            Some(at) => at,
            None if self.used < self.list.len() => {
                self.used += 1;
                (self.used - 1) as u32
            }
            None => {
                self.list.push(Slot::new(pid));
                self.used += 1;
                (self.used - 1) as u32
            }
        };
        self.by_serial.push(at);
        self.list[at as usize].renew(pid, serial, hash);
        (at, self.pool.pop())
    }

    /// The process is gone.
    pub fn release(&mut self, at: u32) {
        let slot = &mut self.list[at as usize];
        slot.stamp = NO_STAMP;
        slot.state = State::Free;
        slot.inbox.clear();
        self.by_serial[slot.serial as usize] = NO_SLOT;
        if let Some(process) = slot.process.take() {
            self.pool.push(process);
        }
        self.free.push(at);
    }

    #[inline]
    pub fn of_serial(&self, serial: u32) -> Option<u32> {
        self.by_serial.get(serial as usize).copied().filter(|&at| at != NO_SLOT)
    }

    /// The slot of a live process.
    #[inline]
    pub fn of_pid(&self, pid: Pid) -> Option<u32> {
        let at = *self.by_serial.get(pid.serial().0 as usize)?;
        (at != NO_SLOT && self.list[at as usize].pid == pid).then_some(at)
    }

    #[inline]
    pub fn at(&self, at: u32) -> &Slot {
        &self.list[at as usize]
    }

    #[inline]
    pub fn at_mut(&mut self, at: u32) -> &mut Slot {
        let slot = &mut self.list[at as usize];
        slot.stamp = NO_STAMP;
        slot
    }

    /// Slots of live processes, in order of creation.
    pub fn live(&self) -> impl Iterator<Item = u32> + '_ {
        self.by_serial.iter().copied().filter(|&at| at != NO_SLOT)
    }
}

impl Slot {
    fn new(pid: Pid) -> Slot {
        Slot {
            pid,
            serial: 0,
            state: State::Free,
            closed: false,
            seat: None,
            after: None,
            waited: None,
            events: 0,
            children: 0,
            entropy_asked: 0,
            asked: [0; crate::choice::CLASSES],
            local: Digest::START,
            hash: 0,
            name: None,
            initial_call: (Atom::UNDEFINED, Atom::UNDEFINED, 0),
            inbox: Vec::new(),
            messages: 0,
            others: 0,
            taken: 0,
            words: 0,
            stamp: NO_STAMP,
            process: None,
        }
    }

    /// Becomes a copy, its process in the memory of the one that it had, or of one of `pool`.
    #[allow(clippy::vec_box, reason = "boxes move between here and the slots, their contents stay")]
    fn copy(&mut self, from: &Slot, pool: &mut Vec<Box<Process>>) {
        let mut inbox = std::mem::take(&mut self.inbox);
        inbox.clone_from(&from.inbox);
        let process = match (&from.process, self.process.take().or_else(|| pool.pop())) {
            (Some(from), Some(mut process)) => {
                process.clone_from(from);
                Some(process)
            }
            (from, unused) => {
                pool.extend(unused);
                from.clone()
            }
        };
        *self = Slot { inbox, process, ..from.plain() };
    }

    /// A copy without inbox and process.
    fn plain(&self) -> Slot {
        let Slot { pid, serial, state, closed, seat, after, waited, events, children, .. } = *self;
        let Slot { entropy_asked, asked, local, hash, name, initial_call, .. } = *self;
        let Slot { messages, others, taken, words, stamp, inbox: _, process: _, .. } = self;
        Slot {
            pid,
            serial,
            state,
            closed,
            seat,
            after,
            waited,
            events,
            children,
            entropy_asked,
            asked,
            local,
            hash,
            name,
            initial_call,
            inbox: Vec::new(),
            messages: *messages,
            others: *others,
            taken: *taken,
            words: *words,
            stamp: *stamp,
            process: None,
        }
    }

    fn renew(&mut self, pid: Pid, serial: u32, hash: u64) {
        let inbox = std::mem::take(&mut self.inbox);
        assert!(inbox.is_empty() && self.process.is_none(), "a slot is given out empty");
        *self = Slot { serial, hash, inbox, ..Slot::new(pid) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use warpbeam::heap::Heap;
    use warpbeam::heap::policy::Policy;
    use warpbeam::process::pid::{PathKey, Serial};

    fn add(slots: &mut Slots, serial: u64) -> u32 {
        let pid = Pid::numbered(Serial(serial));
        let (at, _) = slots.add(pid, serial);
        let heap = Heap::new(Arc::default(), Policy::default());
        slots.at_mut(at).process = Some(Box::new(Process::new(heap, pid, PathKey::ROOT)));
        at
    }

    fn marks(slots: &Slots) -> Vec<(u64, bool)> {
        slots.live().map(|at| (slots.at(at).messages, slots.at(at).process.is_some())).collect()
    }

    #[test]
    fn a_copy_brings_back_what_a_run_has_touched_and_nothing_else() {
        let mut start = Slots::default();
        let slots: Vec<u32> = (0..4).map(|serial| add(&mut start, serial)).collect();
        start.take_picture();
        let mut world = start.clone();
        let address = |slots: &Slots, at: u32| std::ptr::from_ref(slots.at(at).process.as_deref().unwrap());
        let kept = address(&world, slots[0]);
        world.at_mut(slots[1]).messages = 7;
        world.release(slots[2]);
        add(&mut world, 4);
        // A fork of the changed world has its changes, the world that it began with has not.
        let mut fork = start.clone();
        fork.clone_from(&world);
        assert_eq!(marks(&fork), marks(&world));
        assert_eq!(marks(&world), [(0, true), (7, true), (0, true), (0, true)]);
        fork.at_mut(slots[3]).messages = 9;
        world.clone_from(&fork);
        assert_eq!(world.at(slots[3]).messages, 9);
        world.clone_from(&start);
        assert_eq!(marks(&world), [(0, true); 4]);
        assert_eq!(address(&world, slots[0]), kept);
        // Another picture of the same slots is another state.
        start.at_mut(slots[0]).messages = 3;
        start.take_picture();
        world.clone_from(&start);
        assert_eq!(marks(&world), marks(&start));
        world.clear();
        world.clone_from(&start);
        assert_eq!(marks(&world), marks(&start));
    }
}
