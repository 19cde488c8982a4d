//! The table of processes: from a pid to its slot.
//!
//! ```text
//! pid 4194309 --- low bits ---> entry 5 ---> slot 17 { holder: 4194309, ... }
//! ```
//! Pids are serial numbers that only rise, so none is used twice; the low bits pick an entry, and a serial
//! whose entry is taken is passed over. Slots are used again, the latest first, so that a program which
//! spawns in sequence stays in its cache; what an entry says is a hint that the slot's holder confirms.
//! Invariant: there are at least twice as many entries as slots, so a free one is found; neither entries nor
//! slots ever move or are freed while the table lives.
//! Source: the idea of serial and mask is that of OTP's process table; slots apart from entries are ours.

use super::slot::Slot;
use crate::process::pid::{Pid, Serial};
use crate::sched::atomics::{AtomicU32, AtomicU64, Lock, Ordering};
use std::sync::OnceLock;

/// Number of a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SlotIx(pub u32);

/// An array that grows by segments which never move.
struct Segments<T> {
    segments: Box<[OnceLock<Box<[T]>>]>,
}

const SEGMENT: usize = 1024;

impl<T: Default> Segments<T> {
    fn new(length_max: usize) -> Segments<T> {
        Segments { segments: (0..length_max.div_ceil(SEGMENT)).map(|_| OnceLock::new()).collect() }
    }

    /// The element, where its segment exists.
    #[inline]
    fn get(&self, index: usize) -> Option<&T> {
        Some(&self.segments.get(index / SEGMENT)?.get()?[index % SEGMENT])
    }

    fn get_or_make(&self, index: usize) -> &T {
        let make = || (0..SEGMENT).map(|_| T::default()).collect();
        &self.segments[index / SEGMENT].get_or_init(make)[index % SEGMENT]
    }
}

/// No room for another process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TableFull;

/// `P` is a process as it lies parked, `S` a signal.
pub struct ProcessTable<P, S> {
    /// 0 for none, else the slot's number and one.
    entries: Segments<AtomicU32>,
    slots: Segments<Slot<P, S>>,
    entry_mask: u64,
    slots_max: u32,
    slots_made: AtomicU32,
    next_serial: AtomicU64,
    vacant: Lock<Vec<SlotIx>>,
}

/// Vacant slots that one scheduler keeps to itself.
#[derive(Default)]
pub struct VacantSlots(Vec<SlotIx>);

/// Slots that go to and fro between a scheduler and the table at once, and the most that it keeps.
const BATCH: u32 = 64;
const KEPT_MAX: usize = 4 * BATCH as usize;

/// The first pid of a table: that of the process in which a run begins.
pub const ENTRY_PID: Pid = Pid::from_payload(FIRST_SERIAL);
const FIRST_SERIAL: u64 = 1;

impl<P, S> ProcessTable<P, S> {
    /// A table with room for this many processes, and for what `schedulers` keep vacant.
    pub fn new(processes_max: u32, schedulers: usize) -> ProcessTable<P, S> {
        let spare = (schedulers * KEPT_MAX) as u32 + BATCH;
        let slots_max = processes_max.saturating_add(spare).min(1 << 30);
        let entries = (slots_max as usize * 2).next_power_of_two();
        ProcessTable {
            entries: Segments::new(entries),
            slots: Segments::new(slots_max as usize),
            entry_mask: entries as u64 - 1,
            slots_max,
            slots_made: AtomicU32::new(0),
            next_serial: AtomicU64::new(FIRST_SERIAL),
            vacant: Lock::default(),
        }
    }

    fn entry_index(&self, pid: Pid) -> usize {
        (pid.payload() & self.entry_mask) as usize
    }

    /// The slot that the pid had last. The slot itself says whether it still does.
    #[inline]
    pub fn find(&self, pid: Pid) -> Option<(SlotIx, &Slot<P, S>)> {
        let number = self.entries.get(self.entry_index(pid))?.load(Ordering::Acquire).checked_sub(1)?;
        Some((SlotIx(number), self.slots.get(number as usize)?))
    }

    #[inline]
    pub fn slot(&self, ix: SlotIx) -> &Slot<P, S> {
        self.slots.get(ix.0 as usize).expect("a slot's number is of a slot that exists")
    }

    /// A new pid with an open slot.
    pub fn claim(&self, kept: &mut VacantSlots, port: bool) -> Result<(Pid, SlotIx), TableFull> {
        let ix = match kept.0.pop() {
            Some(ix) => ix,
            None => self.refill(kept)?,
        };
        loop {
            let serial = self.next_serial.fetch_add(1, Ordering::Relaxed);
            let pid = Pid::numbered(Serial(serial));
            let pid = if port { pid.port() } else { pid };
            let entry = self.entries.get_or_make(self.entry_index(pid));
            if entry.compare_exchange(0, ix.0 + 1, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                self.slot(ix).open(pid);
                return Ok((pid, ix));
            }
        }
    }

    /// The process, whose slot was closed, is gone.
    pub fn vacate(&self, pid: Pid, ix: SlotIx, kept: &mut VacantSlots) {
        let entry = self.entries.get_or_make(self.entry_index(pid));
        assert!(entry.swap(0, Ordering::AcqRel) == ix.0 + 1, "a process's entry names its slot");
        kept.0.push(ix);
        if kept.0.len() > KEPT_MAX {
            let rest = kept.0.len() - BATCH as usize;
            self.vacant.lock().extend(kept.0.drain(..rest));
        }
    }

    #[cold]
    fn refill(&self, kept: &mut VacantSlots) -> Result<SlotIx, TableFull> {
        let mut vacant = self.vacant.lock();
        if vacant.is_empty() {
            let made = self.slots_made.load(Ordering::Relaxed);
            let more = BATCH.min(self.slots_max - made);
            if more == 0 {
                return Err(TableFull);
            }
            for number in made..made + more {
                self.slots.get_or_make(number as usize);
            }
            self.slots_made.store(made + more, Ordering::Release);
            vacant.extend((made..made + more).rev().map(SlotIx));
        }
        let from = vacant.len().saturating_sub(BATCH as usize);
        kept.0.extend(vacant.drain(from..));
        Ok(kept.0.pop().expect("just filled"))
    }

    /// Processes whose slots are open, in order of creation.
    pub fn pids(&self) -> Vec<Pid> {
        let made = self.slots_made.load(Ordering::Acquire);
        let mut pids: Vec<Pid> = (0..made).filter_map(|n| self.slot(SlotIx(n)).holder()).collect();
        pids.sort_unstable();
        pids
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::super::slot::Sent;
    use super::*;

    type Table = ProcessTable<&'static str, u32>;

    #[test]
    fn a_pid_is_never_given_twice_and_a_later_holder_gets_no_older_signals() {
        let table = Table::new(100, 1);
        let mut kept = VacantSlots::default();
        let mut gone: Vec<Pid> = Vec::new();
        let entries = table.entry_mask + 1;
        for _ in 0..3 * entries {
            let (pid, ix) = table.claim(&mut kept, false).expect("there is room");
            assert!(gone.last().is_none_or(|&p| p < pid), "pids rise");
            let (found, slot) = table.find(pid).expect("a new pid has a slot");
            assert_eq!(found, ix);
            assert_eq!(slot.send(pid, 1), Sent::Queued);
            slot.close(&mut Vec::new()).expect("it has no name");
            table.vacate(pid, ix, &mut kept);
            gone.push(pid);
        }
        let (pid, _) = table.claim(&mut kept, false).expect("there is room");
        for &old in &gone {
            let delivered = table.find(old).map(|(_, slot)| slot.send(old, 2));
            assert!(matches!(delivered, None | Some(Sent::Gone(2))), "{old:?} of {pid:?}");
        }
    }

    #[test]
    fn a_full_table_says_so_and_recovers() {
        let table = Table::new(10, 1);
        let mut kept = VacantSlots::default();
        let mut alive = Vec::new();
        while let Ok(claimed) = table.claim(&mut kept, false) {
            alive.push(claimed);
            assert!(alive.len() < 10_000, "the table has a limit");
        }
        assert!(alive.len() >= 10);
        assert_eq!(table.pids(), alive.iter().map(|&(pid, _)| pid).collect::<Vec<_>>());
        let (pid, ix) = alive.swap_remove(3);
        table.slot(ix).close(&mut Vec::new()).expect("it has no name");
        table.vacate(pid, ix, &mut kept);
        let (next, _) = table.claim(&mut kept, false).expect("one slot is vacant");
        assert!(!table.pids().contains(&pid) && table.pids().contains(&next));
    }
}
