//! The simulated kernel: the ring's operations over memory, as plain data.
//!
//! A submission waits here until the world lets it complete, which is when it takes effect: the world picks which
//! one acts next, so completions come late and in any order. Invariants: a kernel is a value, and what it
//! answers is a function of what was submitted, in which order it completed, and what went wrong; only what
//! need not wait for somebody else is ready; descriptor numbers are the lowest that are free, as a real kernel's are, so that
//! a number in use after its close is noticed. What is large is shared with copies until one changes it.

pub mod disk;
pub mod fault;
pub mod files;
pub mod host;
pub mod link;
#[cfg(test)]
mod link_tests;
pub mod net;
pub mod numbers;
pub mod pipe;
pub mod preloaded;
pub mod socket;
pub mod sockets;
pub mod touch;

use disk::{Disk, Inode};
use fault::{Fault, Target};
use host::Hosts;
use net::Network;
use numbers::{Numbers, Open, OpenPipe, Opening};
use pipe::{Ends, Pipe};
use preloaded::Preloaded;
use socket::SocketId;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use warpbeam::fd::RawFd;
use warpbeam::ring::request::{Completion, OpId, Request, Submission, Value};
use warpbeam::ring::short::ShortMap;
use warpbeam::ring::{Errno, Ring};

/// A submission that has not completed.
#[derive(Clone, Debug)]
struct Waiting {
    submission: Submission,
    /// What the descriptor's number stood for when it came.
    opening: Option<Opening>,
    subject: Subject,
    cancelled: bool,
    /// Its time has come (timeouts, and what is slow).
    held: bool,
    /// It has met a link that is cut.
    unanswered: bool,
}

/// On what the turn of an operation depends, where it may have to wait for somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Subject {
    Nothing,
    Socket(SocketId),
    Pipe(Inode),
    /// An end of a pipe is being opened, and waits for the other, which it may have met.
    Opening {
        pipe: Inode,
        ends: Ends,
        met: bool,
    },
}

/// What an operation comes to, beside what it does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    Done,
    /// It is cancelled, without effect.
    GivenUp,
    Strikes(Fault),
}

/// A rule of descriptors that was broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Breach {
    /// A number was used, or closed, that is not open.
    NotOpen { fd: RawFd, closing: bool },
    /// A number was used that stands for something else since.
    Reused { fd: RawFd },
    /// A number was closed with operations in flight on it.
    InUse { fd: RawFd },
}

#[derive(Clone, Debug, Default)]
pub struct Kernel {
    waiting: ShortMap<OpId, Waiting>,
    /// Operations that may have become ready, or ceased to be, in order; the world takes them.
    moved: Vec<OpId>,
    /// Timeouts that have begun, and how long they last.
    timeouts: Vec<(OpId, u64)>,
    pub(crate) numbers: Arc<Numbers>,
    pub(crate) disk: Arc<Disk>,
    pub(crate) network: Arc<Network>,
    /// Those of which somebody has an end.
    pub(crate) pipes: BTreeMap<Inode, Arc<Pipe>>,
    breach: Option<Breach>,
    /// What a run begins with.
    preloaded: Option<Arc<Preloaded>>,
}

/// Whether an operation is listed with its socket as one whose turn depends on it: what never waits has its turn at once.
fn is_listed(request: &Request) -> bool {
    request.may_wait()
        && !matches!(request, Request::TrySend { .. } | Request::SendTo { .. } | Request::Timeout { .. })
}

impl Ring for Kernel {
    fn submit(&mut self, submission: Submission) {
        let id = submission.id;
        let entry = submission.fd.and_then(|fd| self.numbers.entry(fd));
        let opening = entry.map(|&(opening, _)| opening);
        let subject = match entry {
            Some(&(_, Open::Socket(socket))) => Subject::Socket(socket),
            Some(&(_, Open::Pipe(end))) if pipe::may_wait(&submission.request) => Subject::Pipe(end.inode),
            _ => Subject::Nothing,
        };
        if let Some(fd) = submission.fd {
            self.inspect(fd, opening, &submission.request);
        }
        if let Request::Timeout { after_ns } = submission.request {
            self.timeouts.push((id, after_ns));
        }
        if let Subject::Pipe(inode) = subject {
            self.joins_waiting(inode, id);
        }
        if let Subject::Socket(socket) = subject
            && is_listed(&submission.request)
        {
            let listener = match &submission.request {
                Request::Connect { address } => self.connects_to(socket, address),
                _ => None,
            };
            let network = self.network_mut();
            network.get_mut(socket).waiting.push(id);
            if let Some(listener) = listener {
                network.get_mut(listener).waiting.push(id);
            }
        }
        let held = submission.request.is_timeout();
        self.moved.push(id);
        let old = self
            .waiting
            .insert(id, Waiting { submission, opening, subject, cancelled: false, held, unanswered: false });
        assert!(old.is_none(), "an operation's number is used once");
    }

    fn cancel(&mut self, id: OpId) {
        if let Some(waiting) = self.waiting.get_mut(&id) {
            waiting.cancelled = true;
            self.moved.push(id);
        }
    }

    /// Everything that can complete, in order of submission: for those who have no world.
    fn reap(&mut self, into: &mut Vec<Completion>) {
        loop {
            let moved = self.take_moved();
            if moved.is_empty() {
                return;
            }
            for id in moved {
                if self.is_ready(id) && !self.waits_for_other_end(id) {
                    let fate = if self.is_cancelled(id) { Fate::GivenUp } else { Fate::Done };
                    into.push(self.complete(id, fate));
                }
            }
        }
    }
}

impl Kernel {
    pub fn new(preloaded: Option<Arc<Preloaded>>, hosts: Arc<[IpAddr]>) -> Kernel {
        let disk = preloaded.as_ref().map_or_else(Arc::default, |files| Arc::clone(files.disk()));
        let network = Arc::new(Network::between(Hosts::new(hosts)));
        Kernel { disk, network, preloaded, ..Kernel::default() }
    }

    pub fn clear(&mut self) {
        *self = Kernel::new(self.preloaded.take(), Arc::clone(self.network.hosts.addresses()));
    }

    /// The machine can crash: what was not synced is remembered as such.
    pub fn set_remembers(&mut self, remembers: bool) {
        self.disk_mut().remembers = remembers;
    }

    /// Notes what may not be done to a descriptor.
    fn inspect(&mut self, fd: RawFd, opening: Option<Opening>, request: &Request) {
        let closing = *request == Request::Close;
        let on_it = |other: &&Waiting| other.submission.fd == Some(fd);
        let closes = |other: &Waiting| other.submission.request == Request::Close;
        let breach = if opening.is_none() || closing && self.waiting.values().filter(on_it).any(closes) {
            Breach::NotOpen { fd, closing }
        } else if closing && self.waiting.values().any(|other| other.submission.fd == Some(fd)) {
            Breach::InUse { fd }
        } else {
            return;
        };
        self.breach.get_or_insert(breach);
    }

    /// The first rule that was broken.
    #[inline]
    pub fn breach(&self) -> Option<Breach> {
        self.breach
    }

    /// Whether [`Kernel::take_moved`] would give any.
    #[inline]
    pub fn has_moved(&self) -> bool {
        !self.moved.is_empty()
    }

    /// Operations that have become ready, or have ceased to be, since the last call; and perhaps others.
    pub fn take_moved(&mut self) -> Vec<OpId> {
        std::mem::take(&mut self.moved)
    }

    /// Takes the memory of the list back.
    pub fn reuse(&mut self, mut moved: Vec<OpId>) {
        if self.moved.is_empty() {
            moved.clear();
            self.moved = moved;
        }
    }

    /// Whether timeouts or passages have begun since they were last taken.
    #[inline]
    pub fn has_begun(&self) -> bool {
        !self.timeouts.is_empty() || !self.network.departed.is_empty()
    }

    /// Timeouts that have begun since the last call, and for how many nanoseconds. [`Kernel::let_go`] ends them.
    pub fn take_timeouts(&mut self) -> Vec<(OpId, u64)> {
        std::mem::take(&mut self.timeouts)
    }

    /// Whether an operation is in flight.
    pub fn has(&self, id: OpId) -> bool {
        self.waiting.contains_key(&id)
    }

    /// Whether it can complete, and what its descriptor's number stood for when it was submitted.
    pub fn turn(&self, id: OpId) -> (bool, Option<Opening>) {
        let Some(waiting) = self.waiting.get(&id) else { return (false, None) };
        (waiting.cancelled || self.can_proceed(waiting), waiting.opening)
    }

    /// Whether it can complete.
    pub fn is_ready(&self, id: OpId) -> bool {
        self.waiting.get(&id).is_some_and(|waiting| waiting.cancelled || self.can_proceed(waiting))
    }

    /// Whether it could complete if nobody had cancelled it.
    pub fn proceeds(&self, id: OpId) -> bool {
        self.waiting.get(&id).is_some_and(|waiting| self.can_proceed(waiting))
    }

    fn can_proceed(&self, waiting: &Waiting) -> bool {
        if waiting.held {
            return false;
        }
        let Waiting { submission: Submission { fd, request, .. }, .. } = waiting;
        // Where the descriptor is gone, it is told so.
        let same = || fd.and_then(|fd| self.numbers.opening(fd)) == waiting.opening;
        match waiting.subject {
            Subject::Nothing => true,
            Subject::Socket(socket) => !same() || !self.would_wait(socket, request),
            Subject::Pipe(inode) => match fd.and_then(|fd| self.numbers.get(fd)) {
                Some(Open::Pipe(end)) if same() => !self.pipe(inode).would_wait(end, request),
                _ => true,
            },
            Subject::Opening { met, .. } => met,
        }
    }

    /// Whether somebody has asked to cancel it.
    pub fn is_cancelled(&self, id: OpId) -> bool {
        self.waiting.get(&id).is_some_and(|waiting| waiting.cancelled)
    }

    /// Lets an operation wait until [`Kernel::let_go`].
    pub fn hold(&mut self, id: OpId) {
        if let Some(waiting) = self.waiting.get_mut(&id) {
            waiting.held = true;
            self.moved.push(id);
        }
    }

    /// The time of what was held has come.
    pub fn let_go(&mut self, id: OpId) {
        if let Some(waiting) = self.waiting.get_mut(&id) {
            waiting.held = false;
            self.moved.push(id);
        }
    }

    /// What is asked for, and of what.
    pub fn request(&self, id: OpId) -> Option<(&Request, Option<Target>)> {
        let submission = &self.waiting.get(&id)?.submission;
        let open = submission.fd.and_then(|fd| self.numbers.get(fd));
        let target = open.map(|open| Target::of(open, |socket| self.network.get(socket).kind));
        Some((&submission.request, target))
    }

    /// Lets an operation take effect and complete.
    pub fn complete(&mut self, id: OpId, fate: Fate) -> Completion {
        let Waiting { mut submission, opening, subject, .. } =
            self.waiting.remove(&id).expect("what completes was submitted");
        match subject {
            Subject::Nothing => {}
            Subject::Socket(socket) if is_listed(&submission.request) => {
                self.leave(id, socket, &submission.request);
            }
            Subject::Socket(_) => {}
            Subject::Pipe(pipe) | Subject::Opening { pipe, .. } => self.leaves_waiting(pipe, id),
        }
        let result = match fate {
            fate if let Subject::Opening { pipe, ends, .. } = subject => self.ends_opening(pipe, ends, fate),
            Fate::GivenUp => Err(Errno::CANCELED),
            Fate::Done => self.perform(&mut submission, opening, None),
            Fate::Strikes(fault) => match fault.errno() {
                // Linux closes a descriptor even where it says that it was interrupted.
                Some(errno) if submission.request == Request::Close => {
                    self.perform(&mut submission, opening, None).and(Err(errno))
                }
                Some(errno) => Err(errno),
                None => self.perform(&mut submission, opening, Some(fault)),
            },
        };
        self.look_at_changed();
        Completion { id, result, request: submission.request }
    }

    /// An operation waits no more.
    fn leave(&mut self, id: OpId, socket: SocketId, request: &Request) {
        let listener = match request {
            Request::Connect { address } => self.connects_to(socket, address),
            _ => None,
        };
        let network = self.network_mut();
        for socket in std::iter::once(socket).chain(listener) {
            match network.find_mut(socket).map(|socket| &mut socket.waiting) {
                // Mostly it is alone.
                Some(waiting) if **waiting == [id] => waiting.clear(),
                Some(waiting) => waiting.retain(|&other| other != id),
                None => {}
            }
        }
    }

    /// Operations on sockets that have changed may be ready, or not any more.
    fn look_at_changed(&mut self) {
        if !self.network.changed.is_empty() {
            Arc::make_mut(&mut self.network).take_changed(&mut self.moved);
        }
    }

    /// Somebody listens who did not: connects in flight may meet there.
    fn look_at_connects(&mut self) {
        let connects = |waiting: &Waiting| match (&waiting.submission.request, waiting.subject) {
            (Request::Connect { address }, Subject::Socket(socket)) => self.connects_to(socket, address),
            _ => None,
        };
        let mut met: Vec<(OpId, SocketId)> =
            self.waiting.iter().filter_map(|(&id, waiting)| Some((id, connects(waiting)?))).collect();
        met.sort_unstable();
        for (id, listener) in met {
            let waiting = &mut self.network_mut().get_mut(listener).waiting;
            if !waiting.contains(&id) {
                waiting.push(id);
            }
        }
    }

    fn perform(
        &mut self,
        submission: &mut Submission,
        opening: Option<Opening>,
        fault: Option<Fault>,
    ) -> Result<Value, Errno> {
        let Some(fd) = submission.fd else {
            return match submission.request {
                Request::Socket { domain, kind } => self.make_socket(domain, kind),
                Request::Timeout { .. } => Ok(Value::Done),
                ref mut request => self.by_path(request),
            };
        };
        let entry = self.numbers.entry(fd);
        if entry.map(|&(opening, _)| opening) != opening {
            self.breach.get_or_insert(Breach::Reused { fd });
        }
        match (&entry.ok_or(Errno::BADF)?.1, &mut submission.request) {
            (_, Request::Close) => self.close(fd),
            (Open::File(_), request) => self.on_file(fd, request, fault),
            (&Open::Pipe(end), request) => self.on_pipe(end, request, fault),
            (&Open::Socket(socket), request) => {
                if fault == Some(Fault::Reset) {
                    self.network_mut().reset(socket);
                }
                self.on_socket(socket, request, fault)
            }
        }
    }

    fn close(&mut self, fd: RawFd) -> Result<Value, Errno> {
        match self.numbers_mut().close(fd)? {
            Open::File(file) => self.closed(file.inode),
            Open::Pipe(OpenPipe { inode, ends }) => self.exits(inode, ends),
            Open::Socket(socket) => {
                let orphans = self.network_mut().close(socket);
                self.moved.extend(orphans);
            }
        }
        Ok(Value::Done)
    }

    fn numbers_mut(&mut self) -> &mut Numbers {
        Arc::make_mut(&mut self.numbers)
    }

    /// Descriptors that are open.
    pub fn open_count(&self) -> usize {
        self.numbers.len()
    }
}
