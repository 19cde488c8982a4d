//! Named pipes: what flows through one, who has its ends, and who waits for somebody at the other end.
//!
//! A pipe is a node of the disk; what is in it lasts as long as somebody has an end. To open one end is to wait until somebody
//! has, or opens, the other; who waits counts as an end already, so that two who wait for each other meet and nobody finds a
//! pipe broken between. Invariants: a pipe is listed exactly while it has an end; each descriptor and each opening that waits is
//! one, of each direction that it has; bytes come out in the order in which they went in, and a write of at most
//! [`ATOMIC_MAX`] bytes goes in whole. Source: fifo(7) and pipe(7), and Linux where they leave a choice.

use super::disk::{Inode, Node};
use super::fault::Fault;
use super::numbers::{Open, OpenPipe};
use super::{Fate, Kernel, Subject};
use std::collections::VecDeque;
use std::sync::Arc;
use warpbeam::ring::Errno;
use warpbeam::ring::request::{Interest, Mode, OpId, Request, Value};

type Done = Result<Value, Errno>;

/// Bytes that a pipe holds.
pub const CAPACITY: usize = 65_536;
/// Bytes of the longest write that is never mixed with others (`PIPE_BUF`).
pub const ATOMIC_MAX: usize = 4096;

/// A pipe of which somebody has an end.
#[derive(Clone, Debug, Default)]
pub struct Pipe {
    pub bytes: VecDeque<u8>,
    pub readers: usize,
    pub writers: usize,
    /// Operations in flight whose turn depends on it.
    pub waiting: Vec<OpId>,
}

/// Directions of an end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ends {
    pub reads: bool,
    pub writes: bool,
}

impl Ends {
    pub fn of(mode: Mode) -> Ends {
        Ends { reads: mode.read || !mode.write, writes: mode.write }
    }
}

/// Whether an operation on an end may have to wait for the other.
pub fn may_wait(request: &Request) -> bool {
    matches!(request, Request::Read { at: None, .. } | Request::Write { at: None, .. } | Request::Poll { .. })
}

impl Pipe {
    fn room(&self) -> usize {
        CAPACITY - self.bytes.len()
    }

    /// Whether reading would not wait.
    fn is_readable(&self) -> bool {
        !self.bytes.is_empty() || self.writers == 0
    }

    /// Whether writing so many bytes would not wait: a short write waits until all of it fits.
    fn takes(&self, count: usize) -> bool {
        let least = if count > ATOMIC_MAX { 1 } else { count };
        self.readers == 0 || self.room() >= least
    }

    /// Whether somebody has the other end, for who opens one; who opens both has it himself.
    fn has_other_end(&self, ends: Ends) -> bool {
        match (ends.reads, ends.writes) {
            (true, false) => self.writers > 0,
            (false, true) => self.readers > 0,
            _ => true,
        }
    }

    pub fn would_wait(&self, end: &OpenPipe, request: &Request) -> bool {
        match request {
            Request::Read { at: None, buffer, filled } => {
                end.ends.reads && buffer.len() > *filled && !self.is_readable()
            }
            Request::Write { at: None, bytes, from } => end.ends.writes && !self.takes(bytes.len() - from),
            Request::Poll { interest } => {
                let ready = self.ready(end, *interest);
                !ready.readable && !ready.writable
            }
            _ => false,
        }
    }

    /// Which of the directions are ready. A write is said to be where one that is not mixed with others fits.
    fn ready(&self, end: &OpenPipe, interest: Interest) -> Interest {
        Interest {
            readable: interest.readable && end.ends.reads && self.is_readable(),
            writable: interest.writable && end.ends.writes && self.takes(ATOMIC_MAX),
        }
    }
}

impl Kernel {
    pub(super) fn make_pipe(&mut self, path: &[u8]) -> Done {
        self.disk_mut().add(path, Node::Pipe, 0o644).map(|_| Value::Done)
    }

    pub(super) fn pipe(&self, inode: Inode) -> &Pipe {
        self.pipes.get(&inode).expect("a pipe is there while it has an end")
    }

    fn pipe_mut(&mut self, inode: Inode) -> &mut Pipe {
        Arc::make_mut(self.pipes.entry(inode).or_default())
    }

    /// What waits for a pipe that has changed may be ready, or not any more.
    fn pipe_changes(&mut self, inode: Inode) {
        if let Some(pipe) = self.pipes.get(&inode) {
            self.moved.extend_from_slice(&pipe.waiting);
        }
    }

    pub(super) fn joins_waiting(&mut self, inode: Inode, id: OpId) {
        self.pipe_mut(inode).waiting.push(id);
    }

    /// A runtime that errs may have closed it under the operation.
    pub(super) fn leaves_waiting(&mut self, inode: Inode, id: OpId) {
        if self.pipes.contains_key(&inode) {
            self.pipe_mut(inode).waiting.retain(|&other| other != id);
        }
    }

    /// The pipe that an operation opens, if it opens one, and which ends of it.
    pub(super) fn opens_pipe(&self, request: &Request) -> Option<(Inode, Ends)> {
        let Request::Open { path, mode } = request else { return None };
        let inode = self.disk.existing(path, true).ok()?;
        let there = matches!(self.disk.get(inode).node, Node::Pipe);
        (there && !(mode.create && mode.exclusive)).then(|| (inode, Ends::of(*mode)))
    }

    /// Lets an operation that opens a pipe wait, as an end of it, if there is nobody at the other. Whether it has to.
    pub fn waits_for_other_end(&mut self, id: OpId) -> bool {
        let Some(waiting) = self.waiting.get(&id) else { return false };
        if waiting.cancelled || waiting.subject != Subject::Nothing || self.numbers.is_full() {
            return false;
        }
        let Some((inode, ends)) = self.opens_pipe(&waiting.submission.request) else { return false };
        if self.has_other_end(inode, ends) {
            return false;
        }
        self.enters(inode, ends);
        self.joins_waiting(inode, id);
        let waiting = self.waiting.get_mut(&id).expect("just looked at");
        waiting.subject = Subject::Opening { pipe: inode, ends, met: false };
        self.moved.push(id);
        true
    }

    fn has_other_end(&self, inode: Inode, ends: Ends) -> bool {
        match self.pipes.get(&inode) {
            Some(pipe) => pipe.has_other_end(ends),
            None => Pipe::default().has_other_end(ends),
        }
    }

    /// Whether an operation waits for the other end of a pipe, or has met it.
    pub fn is_opening_pipe(&self, id: OpId) -> bool {
        self.waiting.get(&id).is_some_and(|waiting| matches!(waiting.subject, Subject::Opening { .. }))
    }

    /// A pipe has one more end. Who waits for such a one has met it, whatever becomes of that.
    fn enters(&mut self, inode: Inode, ends: Ends) {
        let pipe = self.pipe_mut(inode);
        pipe.readers += usize::from(ends.reads);
        pipe.writers += usize::from(ends.writes);
        for id in pipe.waiting.clone() {
            let waiting = self.waiting.get_mut(&id).expect("what waits for a pipe is in flight");
            if let Subject::Opening { ends: other, met, .. } = &mut waiting.subject {
                *met |= other.reads && ends.writes || other.writes && ends.reads;
            }
        }
        self.pipe_changes(inode);
    }

    /// A pipe has one end less.
    pub(super) fn exits(&mut self, inode: Inode, ends: Ends) {
        let pipe = self.pipe_mut(inode);
        pipe.readers -= usize::from(ends.reads);
        pipe.writers -= usize::from(ends.writes);
        let is_left = pipe.readers == 0 && pipe.writers == 0;
        self.pipe_changes(inode);
        if is_left {
            self.pipes.remove(&inode);
            let open = self.is_open(inode);
            self.disk_mut().drop_unnamed(inode, open);
        }
    }

    /// Opens a pipe whose other end is there. Else who opens it has cancelled that, or has no descriptor left.
    pub(super) fn open_pipe(&mut self, inode: Inode, ends: Ends) -> Done {
        if self.numbers.is_full() {
            return Err(Errno::MFILE);
        }
        if !self.has_other_end(inode, ends) {
            return Err(Errno::CANCELED);
        }
        self.enters(inode, ends);
        self.number_of_pipe(inode, ends)
    }

    /// A number for an end that counts already.
    fn number_of_pipe(&mut self, inode: Inode, ends: Ends) -> Done {
        match self.numbers_mut().open(Open::Pipe(OpenPipe { inode, ends })) {
            Ok(fd) => Ok(Value::Opened(fd, None)),
            Err(errno) => {
                self.exits(inode, ends);
                Err(errno)
            }
        }
    }

    /// An operation that waited for the other end of a pipe is over: it has met it, or was cancelled.
    pub(super) fn ends_opening(&mut self, inode: Inode, ends: Ends, fate: Fate) -> Done {
        if fate == Fate::Done {
            return self.number_of_pipe(inode, ends);
        }
        self.exits(inode, ends);
        Err(Errno::CANCELED)
    }

    pub(super) fn on_pipe(&mut self, end: OpenPipe, request: &mut Request, fault: Option<Fault>) -> Done {
        let short = |most: usize| if fault == Some(Fault::Short) { most.div_ceil(2) } else { most };
        let OpenPipe { inode, ends } = end;
        match request {
            Request::Read { at: None, .. } if !ends.reads => Err(Errno::BADF),
            Request::Read { at: None, buffer, filled } => {
                let room = &mut buffer[*filled..];
                let pipe = self.pipe_mut(inode);
                let count = short(pipe.bytes.len().min(room.len()));
                for (place, byte) in room.iter_mut().zip(pipe.bytes.drain(..count)) {
                    *place = byte;
                }
                self.pipe_changes(inode);
                Ok(Value::Count(count))
            }
            Request::Write { at: None, .. } if !ends.writes => Err(Errno::BADF),
            Request::Write { at: None, bytes, from } => {
                let pipe = self.pipe_mut(inode);
                let rest = &bytes[*from..];
                if pipe.readers == 0 && !rest.is_empty() {
                    return Err(Errno::PIPE);
                }
                let count = short(rest.len().min(pipe.room()));
                pipe.bytes.extend(&rest[..count]);
                self.pipe_changes(inode);
                Ok(Value::Count(count))
            }
            Request::Poll { interest } => Ok(Value::Ready(self.pipe(inode).ready(&end, *interest))),
            Request::StatOpen => Ok(Value::Stat(Box::new(self.stat(inode)))),
            Request::Sync { .. } => Err(Errno::INVAL),
            Request::Allocate { .. } if !ends.writes => Err(Errno::BADF),
            Request::Read { .. }
            | Request::Write { .. }
            | Request::Seek { .. }
            | Request::Truncate
            | Request::Allocate { .. }
            | Request::Advise { .. } => Err(Errno::SPIPE),
            _ => Err(Errno::NOTSOCK),
        }
    }
}
