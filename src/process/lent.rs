//! What a port lets others do in its place: it lends its stream while nothing is queued to be sent, and its reading while
//! nothing has been read that nobody has got.
//!
//! Invariant: who does something in its place holds the port's process meanwhile, taken out of its slot as for running, so
//! neither the port nor another comes in between. OTP's drivers run on the caller's thread too, with the port locked.
//! The port takes back what it has lent before it does anything itself, and learns what has become of it.

use super::pid::Pid;
use super::{Phase, Process, Waiting};
use crate::fd::FdId;
use crate::heap::read::RefId;
use crate::heap::{Heap, HeapFull};
use crate::term::{Atom, Word};

/// What others have moved in the port's place since it last asked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Moved {
    pub octets: u64,
    pub times: u64,
    pub largest: u64,
}

impl Moved {
    pub fn count(&mut self, size: usize) {
        self.octets += size as u64;
        self.times += 1;
        self.largest = self.largest.max(size as u64);
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lent {
    /// The stream to send on.
    pub fd: Option<FdId>,
    pub sent: Moved,
    pub reading: Option<Reading>,
    pub received: Moved,
}

/// A stream that is read for its port, whose packets are what comes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    pub fd: FdId,
    /// The port's operation that is in flight.
    pub operation: Option<RefId>,
    /// How much is read at once.
    pub room: usize,
    /// Data comes as binaries, or as lists.
    pub binaries: bool,
    pub owner: Pid,
    pub active: Active,
}

/// How often the owner is sent data, if nobody says more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Active {
    No,
    Once,
    /// Then it is told that this was all. Never 0.
    Times(i64),
    Always,
}

impl Active {
    /// After data was sent.
    pub fn next(self) -> Active {
        match self {
            Active::No | Active::Once | Active::Times(1) => Active::No,
            Active::Times(times) => Active::Times(times - 1),
            Active::Always => Active::Always,
        }
    }
}

impl Reading {
    /// `{tcp, Port, Data}`.
    pub fn message(&self, heap: &mut Heap, port: Pid, data: &[u8]) -> Result<Word, HeapFull> {
        let data = if self.binaries {
            heap.binary(data)?
        } else {
            let bytes: Vec<Word> = data.iter().map(|&byte| Word::small(i64::from(byte))).collect();
            heap.new_list(&bytes, Word::NIL)?
        };
        heap.new_tuple(&[Word::atom(Atom::known("tcp")), port.word(), data])
    }
}

impl Process {
    /// What a process lends, if it waits for messages and has none.
    fn lends_now(&mut self) -> Option<&mut Lent> {
        let control = &mut self.control;
        let idle = control.waiting == Waiting::Receive(None) && control.mailbox.is_empty();
        let asked = !control.suspended_by.is_empty() || !control.collect_requests.is_empty();
        let running = matches!(control.phase, Phase::Running);
        if idle && running && !asked { control.lent.as_deref_mut() } else { None }
    }

    /// The stream that a process lends to send on.
    pub fn lends(&mut self) -> Option<FdId> {
        self.lends_now()?.fd
    }

    /// The reading that a process lends.
    pub fn lends_reading(&mut self) -> Option<&mut Reading> {
        self.lends_now()?.reading.as_mut()
    }
}
