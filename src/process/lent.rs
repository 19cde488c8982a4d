//! What a port lets others do in its place: it lends its stream while nothing is queued to be sent, and its reading while
//! nothing has been read that nobody has got.
//!
//! Invariant: who does something in its place holds the port's process meanwhile, taken out of its slot as for running, so
//! neither the port nor another comes in between. OTP's drivers run on the caller's thread too, with the port locked.
//! The port takes back what it has lent before it does anything itself, and learns what has become of it.

use super::pid::Pid;
use super::{Phase, Process, Waiting};
use crate::fd::FdId;
use crate::heap::parcel::{Parcel, Part};
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
    /// Who waits for an answer of the port's without watching it.
    pub owed: Option<(Pid, RefId)>,
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
    /// Who waits for data; nobody unless `active` is `No`.
    pub reader: Option<Reader>,
}

/// A process that waits for data: so much, or with 0 for what there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reader {
    pub pid: Pid,
    pub request: RefId,
    pub length: usize,
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
    /// What the process that wants data is sent: `{tcp, Port, Data}`, or `{Request, {ok, Data}}`. `None`: it is not for here.
    pub fn message(&self, port: Pid, data: &[u8]) -> Option<(Pid, Parcel)> {
        let message = |heap: &mut Heap, reader: Option<Reader>| {
            let data = self.shaped(heap, data)?;
            let Some(Reader { request, .. }) = reader else {
                return heap.new_tuple(&[Word::atom(Atom::TCP), port.word(), data]);
            };
            let answer = heap.new_tuple(&[Word::atom(Atom::OK), data])?;
            let request = heap.new_reference(request)?;
            heap.new_tuple(&[request, answer])
        };
        let to = match self.reader {
            Some(Reader { pid, length, .. }) if length == 0 || length == data.len() => pid,
            None if self.active != Active::No => self.owner,
            _ => return None,
        };
        Some((to, Parcel::build_message(|heap| message(heap, self.reader)).ok()?))
    }

    fn shaped(&self, heap: &mut Heap, data: &[u8]) -> Result<Word, HeapFull> {
        if self.binaries {
            return heap.binary(data);
        }
        let bytes: Vec<Word> = data.iter().map(|&byte| Word::small(i64::from(byte))).collect();
        heap.new_list(&bytes, Word::NIL)
    }
}

/// `{Request, none}`: the port is gone.
pub fn gone_message(request: RefId) -> Parcel {
    Parcel::tuple(&[Part::Reference(request), Part::Word(Word::atom(Atom::NONE))])
}

/// `{tcp_passive, Port}`.
pub fn passive_message(port: Pid) -> Parcel {
    Parcel::tuple(&[Part::Word(Word::atom(Atom::TCP_PASSIVE)), Part::Word(port.word())])
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
