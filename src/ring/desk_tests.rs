//! The desk over a ring whose kernel is a few numbers: random walks of programs, completions and ends.

use super::Ring;
use super::desk::{Answer, Call, Desk, Order, Refused, Told, Waiter};
use super::errno::Errno;
use super::pending::Pending;
use super::request::{Completion, OpId, Request, Submission, Value};
use crate::fd::{FdId, RawFd};
use crate::heap::read::RefId;
use crate::heap::{Heap, HeapFull};
use crate::process::pid::{Pid, Serial};
use crate::term::{Atom, Word};
use std::collections::{BTreeMap, BTreeSet};

/// A kernel that gives the lowest free number, and notices what nobody may do.
#[derive(Default)]
struct Strict {
    waiting: BTreeMap<OpId, Submission>,
    cancelled: BTreeSet<OpId>,
    open: BTreeSet<RawFd>,
    seen: BTreeSet<OpId>,
    /// In use by calls that are no operations.
    borrowed: Vec<RawFd>,
}

impl Ring for Strict {
    fn submit(&mut self, submission: Submission) {
        assert!(self.seen.insert(submission.id), "an operation's number is used once");
        if let Some(fd) = submission.fd {
            assert!(self.open.contains(&fd), "{fd:?} is not open");
            if submission.request == Request::Close {
                let others = self.waiting.values().filter(|other| other.fd == Some(fd)).count();
                assert_eq!(others, 0, "an operation is in flight on what is closed");
                assert!(!self.borrowed.contains(&fd), "what is closed is in use");
            }
        }
        self.waiting.insert(submission.id, submission);
    }

    fn cancel(&mut self, id: OpId) {
        let closes = self.waiting.get(&id).is_some_and(|waiting| waiting.request == Request::Close);
        assert!(!closes, "a close is not cancelled");
        self.cancelled.insert(id);
    }

    fn reap(&mut self, _: &mut Vec<Completion>) {}
}

impl Strict {
    /// Completes an operation, well or badly.
    fn complete(&mut self, id: OpId, chance: u64) -> Completion {
        let Submission { fd, request, .. } = self.waiting.remove(&id).expect("it waits");
        let result = if self.cancelled.contains(&id) && chance.is_multiple_of(2) {
            Err(Errno::CANCELED)
        } else if chance.is_multiple_of(5) {
            self.fails(fd, &request, chance)
        } else {
            self.does(fd, &request, chance)
        };
        Completion { id, result, request }
    }

    fn fails(&mut self, fd: Option<RawFd>, request: &Request, chance: u64) -> Result<Value, Errno> {
        if *request == Request::Close {
            // As Linux: closed all the same.
            self.open.remove(&fd.expect("a close has a number"));
        }
        Err(if chance.is_multiple_of(10) { Errno::INTR } else { Errno::IO })
    }

    fn does(&mut self, fd: Option<RawFd>, request: &Request, chance: u64) -> Result<Value, Errno> {
        Ok(match request {
            Request::Close => {
                assert!(self.open.remove(&fd.expect("a close has a number")), "closed once");
                Value::Done
            }
            Request::Open { .. } | Request::Accept => {
                let fd = (0..).map(RawFd).find(|fd| !self.open.contains(fd)).expect("there are numbers");
                self.open.insert(fd);
                Value::Opened(fd, None)
            }
            Request::Read { buffer, filled, .. } => {
                Value::Count(chance as usize % (buffer.len() - filled + 1))
            }
            Request::Write { bytes, from, .. } => Value::Count(1 + chance as usize % (bytes.len() - from)),
            other => panic!("nobody asks for {other:?}"),
        })
    }
}

fn shape(_: &mut Heap, answer: &Answer<'_>) -> Result<Word, HeapFull> {
    Ok(Word::atom(if answer.result.is_ok() { Atom::OK } else { Atom::ERROR }))
}

struct Walk {
    desk: Desk<Strict>,
    state: u64,
    references: u64,
    fds: Vec<FdId>,
    /// Who waits for a reply.
    waiting: BTreeSet<RefId>,
    ended: BTreeSet<u64>,
    borrowed: Vec<FdId>,
}

const PROCESSES: u64 = 3;

impl Walk {
    fn draw(&mut self, below: u64) -> u64 {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % below
    }

    fn someone(&mut self) -> Pid {
        Pid::numbered(Serial(1 + self.draw(PROCESSES)))
    }

    fn name(&mut self, of: Pid) -> RefId {
        self.references += 1;
        RefId { creator: of.payload(), count: self.references }
    }

    fn some_fd(&mut self) -> Option<FdId> {
        let count = self.fds.len() as u64;
        (count > 0).then(|| self.draw(count)).map(|at| self.fds[at as usize])
    }

    fn call(&mut self, me: Pid, name: Option<RefId>, call: Call) {
        let done = self.desk.call(me, call);
        assert_ne!(done.err().map(|r| matches!(r, Refused::NoRing(_))), Some(true));
        if let (Some(name), Ok(())) = (name, done) {
            self.waiting.insert(name);
        }
    }

    fn begin(&mut self, me: Pid, fd: Option<FdId>, opens: Option<FdId>, request: Request) {
        let name = self.name(me);
        let told = if self.draw(2) == 0 { Told::Reply } else { Told::Message };
        let waiter = Waiter { pid: me, told };
        self.call(me, Some(name), Call::Begin(Order { name, waiter, fd, opens, request, shape }));
    }

    fn step(&mut self) {
        let me = self.someone();
        if self.ended.contains(&me.payload()) {
            return self.complete();
        }
        match self.draw(14) {
            0 | 1 => {
                let fd = FdId(self.name(me));
                self.fds.push(fd);
                self.call(me, None, Call::Create(fd));
                let request = Request::Open { path: b"x".to_vec(), mode: Default::default() };
                self.begin(me, None, Some(fd), request);
            }
            2 => {
                if let Some(listening) = self.some_fd() {
                    let fd = FdId(self.name(me));
                    self.fds.push(fd);
                    self.call(me, None, Call::Create(fd));
                    self.begin(me, Some(listening), Some(fd), Request::Accept);
                }
            }
            3 | 4 => {
                if let Some(fd) = self.some_fd() {
                    let request = Request::Read { at: None, buffer: vec![0; 3], filled: 0 };
                    self.begin(me, Some(fd), None, request);
                }
            }
            5 => {
                if let Some(fd) = self.some_fd() {
                    let request = Request::Write { at: Some(0), bytes: vec![0; 3], from: 0 };
                    self.begin(me, Some(fd), None, request);
                }
            }
            6 => {
                if let Some(fd) = self.some_fd() {
                    let name = self.name(me);
                    let waiter = Waiter { pid: me, told: Told::Message };
                    self.call(me, Some(name), Call::Close { fd, name, waiter, shape });
                }
            }
            7 => {
                if let Some(&name) = self.waiting.iter().next() {
                    self.call(me, None, Call::Cancel(name));
                }
            }
            8 => {
                let to = self.someone();
                if let Some(fd) = self.some_fd().filter(|_| !self.ended.contains(&to.payload())) {
                    self.call(me, None, Call::SetOwner(fd, to));
                }
            }
            9 => {
                if let Some(fd) = self.some_fd() {
                    let before = self.cancelled_reads(fd);
                    self.call(me, None, Call::LetGo(fd));
                    assert_eq!(
                        self.cancelled_reads(fd),
                        before,
                        "nobody who waits in a call is told that it is closed"
                    );
                }
            }
            10 if self.draw(20) == 0 => {
                self.ended.insert(me.payload());
                self.call(me, None, Call::OwnerEnds);
            }
            11 => {
                if let Some(fd) = self.some_fd()
                    && let Some(raw) = self.desk.borrow(fd)
                {
                    self.borrowed.push(fd);
                    self.desk.ring.borrowed.push(raw);
                }
            }
            12 => self.give_back(),
            _ => self.complete(),
        }
    }

    /// Operations on a descriptor that somebody asked to end, and in whose calls processes wait.
    fn cancelled_reads(&self, fd: FdId) -> usize {
        let Desk { fds, register, .. } = &self.desk;
        let running = fds.get(fd).map(|row| &row.running[..]).unwrap_or_default();
        let waits = |pending: &&Pending| pending.waiter.is_some_and(|waiter| waiter.told == Told::Reply);
        let pending = running.iter().filter_map(|&id| register.get(id)).filter(waits);
        pending.filter(|pending| pending.cancelled).count()
    }

    fn give_back(&mut self) {
        if let Some(fd) = self.borrowed.pop() {
            self.desk.ring.borrowed.pop();
            self.desk.give_back(fd);
        }
    }

    fn complete(&mut self) {
        let count = self.desk.ring.waiting.len() as u64;
        if count == 0 {
            return;
        }
        let at = self.draw(count) as usize;
        let id = *self.desk.ring.waiting.keys().nth(at).expect("there are so many");
        let chance = self.draw(1 << 20);
        let completion = self.desk.ring.complete(id, chance);
        let outcome = self.desk.completed(completion);
        if let Some(reply) = outcome.reply {
            assert!(self.waiting.remove(&reply.name), "who waits is told, and once");
        }
    }

    fn finish(mut self) {
        if self.draw(2) == 0 {
            self.call(Pid::from_payload(0), None, Call::ShutDown);
        } else {
            for number in 1..=PROCESSES {
                self.call(Pid::numbered(Serial(number)), None, Call::OwnerEnds);
            }
        }
        while !(self.desk.ring.waiting.is_empty() && self.borrowed.is_empty()) {
            self.complete();
            self.give_back();
        }
        assert!(self.waiting.is_empty(), "everybody was told: {:?}", self.waiting);
        assert!(self.desk.ring.open.is_empty(), "nothing is leaked");
        assert!(self.desk.is_idle());
    }
}

#[test]
fn every_operation_is_told_once_and_every_descriptor_closed_once() {
    for seed in 0..3000 {
        let desk = Desk::new(Strict::default());
        let (waiting, ended) = (BTreeSet::new(), BTreeSet::new());
        let (fds, borrowed) = (Vec::new(), Vec::new());
        let mut walk = Walk { desk, state: seed, references: 0, fds, waiting, ended, borrowed };
        for _ in 0..200 {
            walk.step();
        }
        walk.finish();
    }
}
