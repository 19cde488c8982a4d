//! The books of a world's I/O, in front of its ring.
//!
//! Both worlds have one: behind a lock in production, a plain value in simulation. Invariants:
//!
//! - an operation is registered before it is submitted, and is told of once: to its waiter, or to nobody;
//! - it keeps its descriptor alive: a close is handed over when nothing is in flight on the number, so that the kernel
//!   cannot give the number to somebody else under an operation that is still on its way;
//! - what a completion brings for a process that is gone is given back: a descriptor that was opened is closed;
//! - what was interrupted is begun again, and what was done in part goes on, as OTP's drivers do.
//!
//! Source: the documentation of `file` (raw files, and whose they are) and `inet`.

use super::Ring;
use super::errno::Errno;
use super::pending::{Pending, Register, Role};
use super::request::{Completion, OpId, Request, Submission, Value};
use crate::fd::life::{Asked, State, Step};
use crate::fd::table::Descriptors;
use crate::fd::{FdId, RawFd};
use crate::heap::parcel::Parcel;
use crate::heap::read::RefId;
use crate::heap::{Heap, HeapFull};
use crate::planted;
use crate::process::pid::Pid;
use crate::term::{Atom, Word};

/// What an operation came to, for making a term of it.
#[derive(Debug)]
pub struct Answer<'a> {
    pub result: &'a Result<Value, Errno>,
    /// Bytes moved in all.
    pub moved: usize,
    /// The bytes read, if it was a read, and how many were asked for.
    pub bytes: &'a [u8],
    pub wanted: usize,
}

/// Makes the term with which an operation is answered.
pub type Shape = fn(&mut Heap, &Answer<'_>) -> Result<Word, HeapFull>;

/// How a process hears of a completion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    /// It waits in a native function.
    Reply,
    /// By the message `{warpbeam_io, Reference, Result}`.
    Message,
    /// Not at all: it does the operation itself.
    Knows,
    /// The same as `Message`, unless the world deals with it in the place of the process, which is a port (`process/lent.rs`).
    Lent,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiter {
    pub pid: Pid,
    pub told: Told,
}

/// An operation to begin.
#[derive(Clone, Debug)]
pub struct Order {
    /// A fresh reference of the process that asks.
    pub name: RefId,
    pub waiter: Waiter,
    /// On which descriptor.
    pub fd: Option<FdId>,
    /// Which one it opens, made by [`Call::Create`].
    pub opens: Option<FdId>,
    pub request: Request,
    pub shape: Shape,
}

/// What a world can be asked to do with descriptors.
#[derive(Clone, Debug)]
pub enum Call {
    /// A descriptor that is to be opened, for the process that asks.
    Create(FdId),
    Begin(Order),
    /// Closes a descriptor, cancelling what is in flight on it.
    Close {
        fd: FdId,
        name: RefId,
        waiter: Waiter,
        shape: Shape,
    },
    /// Cancels the operation with this name. Its completion comes all the same.
    Cancel(RefId),
    /// Gives a descriptor away.
    SetOwner(FdId, Pid),
    /// No program can reach the descriptor any more: it is closed, though not under an operation for which a process waits.
    LetGo(FdId),
    /// The process that asks is ending: what it owns is closed.
    OwnerEnds,
    /// What waits for input and output is to end with the runtime.
    ShutDown,
}

/// Why nothing was begun.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// The descriptor is closed, closing, or was never there.
    Closed,
    /// There is no such operation in flight.
    NotFound,
    /// The ring could not be started.
    NoRing(Errno),
}

/// What a process is to be told.
#[derive(Debug)]
pub struct Reply {
    pub to: Pid,
    pub name: RefId,
    pub told: Told,
    pub value: Parcel,
}

/// What the world is to do after a completion.
#[derive(Debug, Default)]
pub struct Outcome {
    pub reply: Option<Reply>,
    /// What is to become a reply, if it is not dealt with in the place of who waits.
    pub lent: Option<Box<Ended>>,
    /// A close failed that nobody waited for.
    pub failed_close: Option<(FdId, Errno)>,
}

/// An operation that has ended.
#[derive(Debug)]
pub struct Ended {
    pub pending: Pending,
    pub completion: Completion,
}

impl Ended {
    pub fn reply(&self) -> Option<Reply> {
        reply(&self.pending, &self.completion)
    }
}

fn reply(pending: &Pending, completion: &Completion) -> Option<Reply> {
    let waiter = pending.waiter.filter(|waiter| waiter.told != Told::Knows)?;
    let value = reply_value(pending, completion);
    Some(Reply { to: waiter.pid, name: pending.name, told: waiter.told, value })
}

/// What became of an operation of which a part is done.
#[derive(Debug)]
pub enum Settled {
    Ended(Outcome),
    /// The rest is to be done, as [`Desk::register`] says.
    GoesOn(Submission),
}

#[derive(Clone, Debug, Default)]
pub struct Desk<R> {
    pub fds: Descriptors,
    pub register: Register,
    pub ring: R,
    ending: bool,
}

/// For who does not look at the answer.
pub fn nothing(_: &mut Heap, _: &Answer<'_>) -> Result<Word, HeapFull> {
    Ok(Word::atom(Atom::OK))
}

impl<R: Ring> Desk<R> {
    pub fn new(ring: R) -> Desk<R> {
        Desk { fds: Descriptors::default(), register: Register::default(), ring, ending: false }
    }

    /// Does what a process asks for.
    pub fn call(&mut self, me: Pid, call: Call) -> Result<(), Refused> {
        match call {
            Call::Create(fd) => self.fds.add(fd, me),
            Call::Begin(order) => {
                let submission = self.register(order)?;
                self.ring.submit(submission);
            }
            Call::Close { fd, name, waiter, shape } => {
                if !self.ask_close(fd, Some((name, waiter, shape))) {
                    return Err(Refused::Closed);
                }
            }
            Call::Cancel(name) => {
                let id = self.register.named(name).ok_or(Refused::NotFound)?;
                self.cancel(id);
            }
            Call::SetOwner(fd, owner) => {
                return if self.fds.set_owner(fd, owner) { Ok(()) } else { Err(Refused::Closed) };
            }
            Call::LetGo(fd) => {
                let waited_for = self.is_waited_for(fd);
                match self.fds.get_mut(fd) {
                    Some(row) if waited_for => row.let_go = true,
                    _ => drop(self.ask_close(fd, None)),
                }
            }
            Call::OwnerEnds => {
                let owned: Vec<FdId> = self.fds.owned_by(me).collect();
                for fd in owned {
                    self.ask_close(fd, None);
                }
            }
            Call::ShutDown => self.shut_down(),
        }
        Ok(())
    }

    /// Registers an operation: what is to be handed over, or tried at once and then [settled](Desk::settle). Until then it
    /// keeps its descriptor alive as any other in flight.
    pub fn register(&mut self, order: Order) -> Result<Submission, Refused> {
        let Order { name, waiter, fd, opens, request, shape } = order;
        if self.ending {
            return Err(Refused::Closed);
        }
        if let Some(opened) = opens {
            let row = self.fds.get(opened).ok_or(Refused::Closed)?;
            // It is opened once.
            if row.life.state() != State::Opening || !row.running.is_empty() {
                return Err(Refused::Closed);
            }
        }
        let raw = match fd {
            Some(fd) => match self.fds.get_mut(fd).and_then(|row| row.life.begin()) {
                Some(raw) => Some(raw),
                None => {
                    // It will not be opened either.
                    if let Some(opened) = opens {
                        self.was_opened(opened, None);
                    }
                    return Err(Refused::Closed);
                }
            },
            None => None,
        };
        let role = match (opens, fd) {
            (Some(opened), with) => Role::Opens { opened, with },
            (None, Some(fd)) => Role::Uses(fd),
            (None, None) => Role::Free,
        };
        let pending =
            Pending { name, waiter: Some(waiter), shape, role, moved: 0, parts: 0, cancelled: false };
        if planted!(HandedOverFirst) && !self.register.is_empty() {
            return Ok(Submission { id: OpId(u64::MAX), fd: raw, request });
        }
        let syncs = matches!(request, Request::Sync { .. });
        let request = if syncs && planted!(SyncSkipped) { Request::StatOpen } else { request };
        let id = self.register.add(pending);
        for fd in fd.into_iter().chain(opens) {
            self.fds.get_mut(fd).expect("just looked at").running.push(id);
        }
        Ok(Submission { id, fd: raw, request })
    }

    /// The number of an open descriptor, for who is alone with the books meanwhile.
    pub fn open_number(&self, fd: FdId) -> Option<RawFd> {
        match self.fds.get(fd)?.life.state() {
            State::Open(raw) if !self.ending => Some(raw),
            _ => None,
        }
    }

    /// Keeps an open descriptor from being closed for one call that does not wait. `None`: it is not open.
    pub fn borrow(&mut self, fd: FdId) -> Option<RawFd> {
        if self.ending { None } else { self.fds.get_mut(fd)?.life.begin() }
    }

    /// That call is over.
    pub fn give_back(&mut self, fd: FdId) {
        let step = self.fds.get_mut(fd).expect("a descriptor in use is there").life.ended();
        self.step(fd, step);
    }

    /// Hands over what was registered and would have had to wait. One that was cancelled meanwhile is over.
    pub fn hand_over(&mut self, submission: Submission) -> Option<Outcome> {
        let pending = self.register.get_mut(submission.id).expect("what was tried is registered");
        if !pending.cancelled {
            self.ring.submit(submission);
            return None;
        }
        let Submission { id, request, .. } = submission;
        Some(self.completed(Completion { id, result: Err(Errno::CANCELED), request }))
    }

    /// Asks to close a descriptor. Whether this was the first to ask.
    fn ask_close(&mut self, fd: FdId, waiter: Option<(RefId, Waiter, Shape)>) -> bool {
        let Some(row) = self.fds.get_mut(fd) else { return false };
        if waiter.is_some() && row.life.state() == State::Opening {
            // No program has it yet.
            return false;
        }
        let Asked::Won(step) = row.life.close() else { return false };
        let running = row.running.clone();
        if running.is_empty() && row.life.state() == State::Closing(None) {
            // Nobody has begun to open it, and nobody will.
            self.was_opened(fd, None);
            return true;
        }
        row.close_waiter = waiter;
        for id in running {
            self.cancel(id);
        }
        self.step(fd, step);
        true
    }

    /// Whether a process stands in an operation on it, as in a call that has it for an argument.
    fn is_waited_for(&self, fd: FdId) -> bool {
        let Some(row) = self.fds.get(fd) else { return false };
        row.running.iter().any(|&id| {
            let waiter = self.register.get(id).and_then(|pending| pending.waiter);
            waiter.is_some_and(|waiter| waiter.told == Told::Reply)
        })
    }

    /// Closes what was let go, if that was the last operation that somebody waited for.
    fn close_if_let_go(&mut self, fd: FdId) {
        if self.fds.get(fd).is_some_and(|row| row.let_go) && !self.is_waited_for(fd) {
            self.ask_close(fd, None);
        }
    }

    fn cancel(&mut self, id: OpId) {
        let pending = self.register.get_mut(id).expect("what is in flight is registered");
        // A close is done, whoever asks to cancel it.
        let closes = matches!(pending.role, Role::Closes(_));
        if !closes && !std::mem::replace(&mut pending.cancelled, true) {
            self.ring.cancel(id);
        }
    }

    fn step(&mut self, fd: FdId, step: Step) {
        match step {
            Step::Nothing => {}
            Step::Gone => self.fds.remove(fd),
            Step::Close(_) if planted!(CloseDropped) && !self.register.is_empty() => {}
            Step::Close(raw) => {
                let row = self.fds.get_mut(fd).expect("what is to be closed is there");
                let (name, waiter, shape) = match row.close_waiter.take() {
                    Some((name, waiter, shape)) => (name, Some(waiter), shape),
                    None => (fd.0, None, nothing as Shape),
                };
                let role = Role::Closes(fd);
                let id = self.register.add(Pending {
                    name,
                    waiter,
                    shape,
                    role,
                    moved: 0,
                    parts: 0,
                    cancelled: false,
                });
                self.ring.submit(Submission { id, fd: Some(raw), request: Request::Close });
            }
        }
    }

    fn was_opened(&mut self, fd: FdId, raw: Option<RawFd>) {
        let step = self.fds.get_mut(fd).expect("what is being opened is there").life.opened(raw);
        if planted!(OpenedForNobody) && matches!(step, Step::Close(_)) {
            return;
        }
        self.step(fd, step);
    }

    /// A completion has come.
    pub fn completed(&mut self, mut completion: Completion) -> Outcome {
        let mut outcome = Outcome::default();
        self.complete(&mut completion, &mut outcome);
        completion.is_over();
        outcome
    }

    /// The same. The outcome is made where it stays: what is moved as soon as it is written makes the processor wait.
    pub fn complete(&mut self, completion: &mut Completion, outcome: &mut Outcome) {
        if let Some(submission) = self.settle_in_place(completion, outcome) {
            self.ring.submit(submission);
        }
    }

    /// An operation, or a part of it, is done.
    pub fn settle(&mut self, mut completion: Completion) -> Settled {
        let mut outcome = Outcome::default();
        match self.settle_in_place(&mut completion, &mut outcome) {
            Some(submission) => Settled::GoesOn(submission),
            None => Settled::Ended(outcome),
        }
    }

    /// What is still to be done, if anything is; the outcome otherwise.
    fn settle_in_place(&mut self, completion: &mut Completion, outcome: &mut Outcome) -> Option<Submission> {
        let id = completion.id;
        let pending = self.register.get_mut(id).expect("a completion is of an operation in flight, once");
        if planted!(CancelWins) && pending.cancelled {
            completion.result = Err(Errno::CANCELED);
        }
        if let Some(more) = more(pending, completion) {
            return Some(self.again(id, more));
        }
        let pending = self.register.remove(id).expect("just looked at");
        self.ended(id, &pending, completion, outcome);
        let lent = pending.waiter.is_some_and(|waiter| waiter.told == Told::Lent);
        if lent {
            let nothing = Completion { id, result: Ok(Value::Done), request: Request::WorkingDir };
            let completion = std::mem::replace(completion, nothing);
            outcome.lent = Some(Box::new(Ended { pending, completion }));
        } else {
            outcome.reply = reply(&pending, completion);
        }
        None
    }

    /// The rest of an operation, under a number of its own.
    fn again(&mut self, id: OpId, request: Request) -> Submission {
        let mut pending = self.register.remove(id).expect("just looked at");
        pending.parts += 1;
        let role = pending.role;
        let next = self.register.add(pending);
        let opened = if let Role::Opens { opened, .. } = role { Some(opened) } else { None };
        for fd in role.used().into_iter().chain(opened) {
            let row = self.fds.get_mut(fd).expect("a descriptor in use is there");
            let place = row.running.iter_mut().find(|running| **running == id);
            *place.expect("what runs is listed") = next;
        }
        let on = if let Role::Closes(fd) = role { Some(fd) } else { role.used() };
        let raw = on.map(|fd| self.raw(fd));
        Submission { id: next, fd: raw, request }
    }

    fn raw(&self, fd: FdId) -> RawFd {
        match self.fds.get(fd).expect("a descriptor in use is there").life.state() {
            State::Open(raw) | State::Closing(Some(raw)) => raw,
            state => panic!("a descriptor in use is open, not {state:?}"),
        }
    }

    /// What the end of an operation does to descriptors.
    fn ended(&mut self, id: OpId, pending: &Pending, completion: &Completion, outcome: &mut Outcome) {
        if let Role::Opens { opened, .. } = pending.role {
            let row = self.fds.get_mut(opened).expect("what is being opened is there");
            row.running.retain(|&running| running != id);
            let raw = match completion.result {
                Ok(Value::Opened(raw, _)) => Some(raw),
                Ok(ref other) => panic!("what opens a descriptor answers with one, not {other:?}"),
                Err(_) => None,
            };
            self.was_opened(opened, raw);
            self.close_if_let_go(opened);
        }
        if let Some(fd) = pending.role.used() {
            let row = self.fds.get_mut(fd).expect("an operation in flight keeps its descriptor");
            row.running.retain(|&running| running != id);
            let step = row.life.ended();
            self.step(fd, step);
            self.close_if_let_go(fd);
        }
        if let Role::Closes(fd) = pending.role {
            self.fds.get_mut(fd).expect("a close is of a descriptor").life.closed();
            self.fds.remove(fd);
            if let (Err(errno), None) = (&completion.result, pending.waiter) {
                outcome.failed_close = Some((fd, *errno));
            }
        }
    }

    /// Cancels everything, closes everything, and begins nothing any more.
    fn shut_down(&mut self) {
        self.ending = true;
        for id in self.register.ids() {
            self.cancel(id);
        }
        let mut all: Vec<FdId> = self.fds.iter().map(|(fd, _)| fd).collect();
        all.sort_unstable();
        for fd in all {
            self.ask_close(fd, None);
        }
    }

    /// Forgets everything, but what the ring has.
    pub fn clear(&mut self) {
        self.fds.clear();
        self.register.clear();
        self.ending = false;
    }

    /// Nothing is in flight and nothing is open.
    pub fn is_idle(&self) -> bool {
        self.register.is_empty() && self.fds.is_empty()
    }
}

/// What is left to do of an operation that was interrupted, or done in part. A cancelled one is over.
fn more(pending: &mut Pending, completion: &mut Completion) -> Option<Request> {
    let take = |completion: &mut Completion| std::mem::replace(&mut completion.request, Request::WorkingDir);
    match (&completion.result, &mut completion.request) {
        // Linux closes a descriptor even where it says that it was interrupted.
        (Err(Errno::INTR), Request::Close) if planted!(CloseRetried) => Some(take(completion)),
        (Err(Errno::INTR), Request::Close) => {
            completion.result = Ok(Value::Done);
            None
        }
        (Err(Errno::INTR), _) if !pending.cancelled => Some(take(completion)),
        // A file is read until there is no more, or enough.
        (&Ok(Value::Count(count)), Request::Read { at, buffer, filled }) => {
            *filled += count;
            if let Some(at) = at {
                *at += count as u64;
            }
            (count > 0 && *filled < buffer.len() && !pending.cancelled).then(|| take(completion))
        }
        (Err(_), Request::Read { filled, .. }) if *filled > 0 => {
            completion.result = Ok(Value::Count(0));
            None
        }
        (&Ok(Value::Count(count)), Request::Write { at, bytes, from }) => {
            pending.moved += count;
            *from += count;
            if let Some(at) = at {
                *at += count as u64;
            }
            let rest = bytes.len() - *from;
            if rest == 0 || pending.cancelled || planted!(ShortWriteCounts) {
                return None;
            }
            if planted!(FourthPartEnds) && pending.parts > 2 {
                return None;
            }
            if count == 0 {
                completion.result = Err(Errno::IO);
                return None;
            }
            Some(take(completion))
        }
        (&Ok(Value::Count(count)), Request::Send { bytes, from }) => {
            pending.moved += count;
            *from += count;
            (*from < bytes.len() && !pending.cancelled).then(|| take(completion))
        }
        _ => None,
    }
}

fn reply_value(pending: &Pending, completion: &Completion) -> Parcel {
    let bytes: &[u8] = match (&completion.request, &completion.result) {
        (Request::Read { buffer, filled, .. }, Ok(_)) => &buffer[..*filled],
        (
            Request::Receive { buffer } | Request::ReceiveFrom { buffer },
            Ok(Value::Count(count) | Value::Datagram(count, _)),
        ) => &buffer[..*count],
        _ => &[],
    };
    let wanted = match &completion.request {
        Request::Read { buffer, .. } | Request::Receive { buffer } | Request::ReceiveFrom { buffer } => {
            buffer.len()
        }
        _ => 0,
    };
    let answer = Answer { result: &completion.result, moved: pending.moved, bytes, wanted };
    let made = Parcel::build_message(|heap| {
        let result = (pending.shape)(heap, &answer)?;
        match pending.waiter.map(|waiter| waiter.told) {
            Some(Told::Message | Told::Lent) => {
                let name = heap.new_reference(pending.name)?;
                heap.new_tuple(&[Word::atom(Atom::WARPBEAM_IO), name, result])
            }
            Some(Told::Reply | Told::Knows) | None => Ok(result),
        }
    });
    // More than a heap can hold: the program learns that, and the bytes are lost.
    made.unwrap_or_else(|HeapFull| Parcel::immediate(Word::atom(Atom::SYSTEM_LIMIT)))
}
