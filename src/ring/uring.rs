//! The ring of Linux: io_uring.
//!
//! Submissions are gathered in the kernel's queue and begin with [`Ring::flush`], one call for all of them, or when a
//! scheduler thread without work sleeps here ([`Watch`]): so a completion wakes who deals with it, and nobody else. What
//! io_uring has no operation for, or what needs a second look, goes to a pool ([`super::pool`]). Descriptors block, so
//! that the kernel and not this program waits until they are ready.
//!
//! Invariants: what the kernel may read or write lies in `flying` from before its entry is queued until its completion is
//! taken out, at addresses that do not change; both queues are touched with the lock held alone. Where the kernel takes no
//! more, submissions wait in `backlog`. The completion that is to wake the sleeper is left to the sleeper.
//! Source: io_uring(7), io_uring_enter(2).

#![allow(unsafe_code, reason = "memory that the kernel reads and writes, with a note for each")]

use super::Ring;
use super::arrivals::Arrivals;
use super::errno::Errno;
use super::net::Address;
use super::pool::PoolRing;
use super::pool::address::RawAddress;
use super::pool::sys::{self, Blocking};
use super::request::{Completion, OpId, Request, Submission, Value};
use crate::fd::RawFd;
use crate::sched::park::Watch;
use crate::term::atom::FixedMap;
use io_uring::{IoUring, opcode, squeue, types};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Entries of the submission queue.
const ENTRIES: u32 = 512;
/// Of entries that are no submission's: a cancel's, and the one that wakes the sleeper.
const CANCEL: u64 = 0;
const KICK: u64 = u64::MAX;
const TIME_IS_UP: i32 = -libc::ETIME;
/// Bytes that one operation moves at most, as Linux has it.
const BYTES_MAX: usize = 0x7fff_f000;

/// What an operation needs beside its request, at an address of its own.
enum Extra {
    Nothing,
    Address(Box<RawAddress>),
    Message(Box<Message>),
    Time(Box<types::Timespec>),
    /// The file's own position, where it is read or written there.
    Place(u64),
}

/// A datagram's parts.
struct Message {
    address: RawAddress,
    part: libc::iovec,
    header: libc::msghdr,
}

/// An operation that the kernel has.
struct Flying {
    submission: Submission,
    extra: Extra,
}

// SAFETY: the pointers in `Message` lead into its own box and into the buffer of the submission beside it, which move
// between threads together with it; nobody follows them but the kernel.
unsafe impl Send for Flying {}

#[derive(Default)]
struct Queue {
    flying: FixedMap<OpId, Flying>,
    /// Not yet taken, in order.
    backlog: VecDeque<Submission>,
    cancels: VecDeque<OpId>,
    /// Something lies in the submission queue that the kernel has not seen.
    dirty: bool,
    /// Threads that sleep here, or are about to.
    watchers: u32,
    /// They are to be woken, and the entry that does it has no room yet.
    kicks: bool,
    /// That entry is on its way, or has completed.
    kicked: bool,
    /// For who has the ring to do: io_uring would not do it otherwise than he, and would wake the sleeper.
    closes: VecDeque<Submission>,
}

struct Shared {
    uring: IoUring,
    /// The kernel can be told to wait for data before it tries to receive: who reads a stream mostly waits for it.
    waits_first: bool,
    queue: Mutex<Queue>,
    arrivals: Arc<Arrivals>,
}

pub struct UringRing {
    shared: Arc<Shared>,
    pool: PoolRing,
}

impl UringRing {
    /// Fails where the kernel has no io_uring, or refuses it.
    pub fn new(arrivals: Arc<Arrivals>) -> std::io::Result<UringRing> {
        let (uring, waits_first) = build()?;
        let params = uring.params();
        let waits = params.is_feature_ext_arg() && params.is_feature_fast_poll();
        if !(params.is_feature_nodrop() && params.is_feature_rw_cur_pos() && waits) {
            return Err(std::io::Error::from_raw_os_error(libc::ENOSYS));
        }
        let pool = PoolRing::with(Arc::clone(&arrivals), Blocking::Allowed)?;
        Ok(UringRing {
            shared: Arc::new(Shared { uring, waits_first, queue: Mutex::default(), arrivals }),
            pool,
        })
    }
}

/// IORING_RECVSEND_POLL_FIRST of io_uring_enter(2), as new as IORING_SETUP_COOP_TASKRUN.
const POLL_FIRST: u16 = 1;

/// Older kernels interrupt threads for completions, in place of waiting until they enter the kernel. Whether this is none.
fn build() -> std::io::Result<(IoUring, bool)> {
    let new = IoUring::builder().setup_clamp().setup_coop_taskrun().build(ENTRIES);
    match new {
        Ok(uring) => Ok((uring, true)),
        Err(_) => Ok((IoUring::builder().setup_clamp().build(ENTRIES)?, false)),
    }
}

/// Whether io_uring does it here.
fn takes(request: &Request) -> bool {
    matches!(
        request,
        Request::Read { .. }
            | Request::Write { .. }
            | Request::Sync { .. }
            | Request::Accept
            | Request::Connect { .. }
            | Request::Receive { .. }
            | Request::Send { .. }
            | Request::ReceiveFrom { .. }
            | Request::SendTo { .. }
            | Request::Poll { .. }
            | Request::Timeout { .. }
    )
}

impl Ring for UringRing {
    fn submit(&mut self, submission: Submission) {
        if matches!(submission.request, Request::Close) {
            self.shared.lock().closes.push_back(submission);
            return;
        }
        if !takes(&submission.request) {
            return self.pool.submit(submission);
        }
        if sys::is_misplaced(submission.fd, &submission.request) {
            // io_uring would pass over the place.
            let Submission { id, request, .. } = submission;
            return self.shared.arrivals.add(Completion { id, result: Err(Errno::SPIPE), request });
        }
        let mut queue = self.shared.lock();
        queue.backlog.push_back(submission);
        self.shared.fill(&mut queue);
    }

    fn cancel(&mut self, id: OpId) {
        let mut queue = self.shared.lock();
        if let Some(at) = queue.backlog.iter().position(|waiting| waiting.id == id) {
            let Submission { request, .. } = queue.backlog.remove(at).expect("it is there");
            drop(queue);
            return self.shared.arrivals.add(Completion { id, result: Err(Errno::CANCELED), request });
        }
        if queue.flying.contains_key(&id) {
            queue.cancels.push_back(id);
            self.shared.fill(&mut queue);
            return;
        }
        drop(queue);
        // With the pool, or over.
        self.pool.cancel(id);
    }

    fn flush(&mut self) {
        Watch::flush(&*self.shared);
    }

    fn reap(&mut self, into: &mut Vec<Completion>) {
        while let Some(mut submission) = self.to_do() {
            let result = sys::perform(submission.fd, &mut submission.request, Blocking::Allowed);
            into.push(Completion { id: submission.id, result, request: submission.request });
        }
        self.shared.reap(into);
        self.shared.arrivals.take(into);
    }

    fn to_do(&mut self) -> Option<Submission> {
        self.shared.lock().closes.pop_front()
    }

    fn watch(&self) -> Option<Arc<dyn Watch>> {
        let shared = Arc::clone(&self.shared);
        Some(shared)
    }
}

impl Drop for UringRing {
    fn drop(&mut self) {
        let mut queue = self.shared.lock();
        // The kernel may still write to what it has: that memory stays.
        std::mem::take(&mut queue.flying).into_values().for_each(std::mem::forget);
    }
}

impl Watch for Shared {
    fn any(&self) -> bool {
        let queue = self.lock();
        // SAFETY: the lock is held, so nobody else touches the completion queue, and this view of it ends with the line.
        let has_come = || unsafe { !self.uring.completion_shared().is_empty() };
        !queue.closes.is_empty() || !queue.is_left() && (has_come() || self.overflows(&queue))
    }

    fn flush(&self) {
        let mut queue = self.lock();
        if queue.kicks {
            self.fill(&mut queue);
        }
        let dirty = std::mem::take(&mut queue.dirty);
        drop(queue);
        // The kernel takes what is queued by then, whoever adds to it meanwhile.
        if dirty && self.uring.submit().is_err() {
            self.lock().dirty = true;
        }
    }

    fn begin(&self) {
        self.lock().watchers += 1;
    }

    fn wait(&self, at_most: Option<Duration>) {
        let mut queue = self.lock();
        queue.dirty = false;
        drop(queue);
        let mut arguments = types::SubmitArgs::new();
        let limit = at_most.map(types::Timespec::from);
        if let Some(limit) = &limit {
            arguments = arguments.timespec(limit);
        }
        // Submits and waits. Time is up, or interrupted, or busy: who slept looks around all the same.
        let waited = self.uring.submitter().submit_with_args(1, &arguments);
        if waited.is_err() {
            self.lock().dirty = true;
        }
    }

    fn end(&self) {
        self.lock().watchers -= 1;
    }

    fn kick(&self) {
        let mut queue = self.lock();
        queue.kicks = true;
        self.fill(&mut queue);
        drop(queue);
        Watch::flush(self);
    }
}

impl Queue {
    /// A sleeper is waking, and is to find what wakes it.
    fn is_left(&self) -> bool {
        self.kicked && self.watchers > 0
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts what waits into the submission queue, as far as there is room.
    fn fill(&self, queue: &mut Queue) {
        if queue.kicks && self.push(queue, &opcode::Nop::new().build().user_data(KICK)) {
            (queue.kicks, queue.kicked) = (false, true);
        }
        while let Some(&id) = queue.cancels.front() {
            if queue.flying.contains_key(&id)
                && !self.push(queue, &opcode::AsyncCancel::new(id.0).build().user_data(CANCEL))
            {
                return;
            }
            queue.cancels.pop_front();
        }
        while let Some(submission) = queue.backlog.pop_front() {
            let id = submission.id;
            let mut flying = match Flying::new(submission) {
                Ok(flying) => flying,
                Err((submission, errno)) => {
                    let Submission { id, request, .. } = submission;
                    self.arrivals.add(Completion { id, result: Err(errno), request });
                    continue;
                }
            };
            let entry = flying.entry(self.waits_first).user_data(id.0);
            queue.flying.insert(id, flying);
            if !self.push(queue, &entry) {
                let flying = queue.flying.remove(&id).expect("it was put there");
                queue.backlog.push_front(flying.submission);
                return;
            }
        }
    }

    /// Queues an entry. Whether there was room.
    fn push(&self, queue: &mut Queue, entry: &squeue::Entry) -> bool {
        for attempt in 0..2 {
            // SAFETY: whoever has `queue` holds the lock, so nobody else touches the submission queue, and this view of it
            // ends here. What the entry points to lies in `flying` until its completion is taken out.
            let pushed = unsafe { self.uring.submission_shared().push(entry) };
            queue.dirty = true;
            if pushed.is_ok() {
                return true;
            }
            if attempt == 0 {
                self.flush(queue);
            }
        }
        false
    }

    /// Lets what is queued begin. Where the kernel is too busy, it is tried again when somebody looks next.
    fn flush(&self, queue: &mut Queue) {
        if queue.dirty && self.uring.submit().is_ok() {
            queue.dirty = false;
        }
    }

    /// Takes out what has completed.
    fn reap(&self, into: &mut Vec<Completion>) {
        let mut queue = self.lock();
        if queue.is_left() {
            return;
        }
        self.drain(&mut queue, into);
        while self.overflows(&queue) && self.uring.submit().is_ok() {
            // The kernel has put what had no room into the queue.
            self.drain(&mut queue, into);
        }
        // There is room again for what had none.
        let waited = !queue.backlog.is_empty() || !queue.cancels.is_empty();
        self.fill(&mut queue);
        if waited {
            Shared::flush(self, &mut queue);
        }
    }

    /// Whether the kernel keeps completions for which the queue had no room.
    fn overflows(&self, _locked: &Queue) -> bool {
        // SAFETY: the lock is held, so nobody else touches the submission queue, and the view of it ends with the line.
        unsafe { self.uring.submission_shared().cq_overflow() }
    }

    fn drain(&self, queue: &mut Queue, into: &mut Vec<Completion>) {
        let Queue { flying, kicked, .. } = queue;
        // SAFETY: the lock is held, so nobody else touches the completion queue, and the view ends with the loop.
        for entry in unsafe { self.uring.completion_shared() } {
            match entry.user_data() {
                CANCEL => {}
                KICK => *kicked = false,
                number => {
                    let flying = flying.remove(&OpId(number));
                    let flying = flying.expect("a completion is of what flies, once");
                    into.push(flying.completed(entry.result()));
                }
            }
        }
    }
}

impl Flying {
    fn new(submission: Submission) -> Result<Flying, (Submission, Errno)> {
        let address = |address: &Address| RawAddress::new(address).map(Box::new).ok_or(Errno::INVAL);
        let extra = match &submission.request {
            Request::Accept => Ok(Extra::Address(Box::new(RawAddress::room()))),
            Request::Connect { address: to } => address(to).map(Extra::Address),
            Request::ReceiveFrom { .. } => Ok(Extra::Message(Message::new(RawAddress::room()))),
            Request::SendTo { address: to, .. } => address(to).map(|raw| Extra::Message(Message::new(*raw))),
            Request::Timeout { after_ns } => {
                let time = types::Timespec::new().sec(after_ns / 1_000_000_000);
                Ok(Extra::Time(Box::new(time.nsec((after_ns % 1_000_000_000) as u32))))
            }
            Request::Read { at: None, .. } | Request::Write { at: None, .. } => {
                Ok(submission.fd.and_then(sys::place_of).map_or(Extra::Nothing, Extra::Place))
            }
            _ => Ok(Extra::Nothing),
        };
        match extra {
            Ok(extra) => Ok(Flying { submission, extra }),
            Err(errno) => Err((submission, errno)),
        }
    }

    /// The kernel's form of it. Its pointers hold as long as `self` lies where it is kept: they lead into buffers and boxes,
    /// which do not move with it.
    fn entry(&mut self, waits_first: bool) -> squeue::Entry {
        let RawFd(number) = self.submission.fd.unwrap_or(RawFd(-1));
        let fd = types::Fd(number);
        // The kernel takes -1 for the file's own position.
        let place = |at: &Option<u64>| at.unwrap_or(u64::MAX);
        let size = |length: usize| length.min(BYTES_MAX) as u32;
        match (&mut self.submission.request, &mut self.extra) {
            (Request::Read { at, buffer, filled }, _) => {
                let rest = &mut buffer[*filled..];
                opcode::Read::new(fd, rest.as_mut_ptr(), size(rest.len())).offset(place(at)).build()
            }
            (Request::Write { at, bytes, from }, _) => {
                let rest = &bytes[*from..];
                opcode::Write::new(fd, rest.as_ptr(), size(rest.len())).offset(place(at)).build()
            }
            (Request::Sync { data_only }, _) => {
                let flags = if *data_only { types::FsyncFlags::DATASYNC } else { types::FsyncFlags::empty() };
                opcode::Fsync::new(fd).flags(flags).build()
            }
            (Request::Accept, Extra::Address(address)) => {
                let start = address.as_mut_ptr();
                opcode::Accept::new(fd, start, &raw mut address.length).flags(libc::SOCK_CLOEXEC).build()
            }
            (Request::Connect { .. }, Extra::Address(address)) => {
                opcode::Connect::new(fd, address.as_ptr(), address.length).build()
            }
            (Request::Receive { buffer }, _) => {
                let first = if waits_first { POLL_FIRST } else { 0 };
                opcode::Recv::new(fd, buffer.as_mut_ptr(), size(buffer.len())).ioprio(first).build()
            }
            (Request::Send { bytes, from }, _) => {
                let rest = &bytes[*from..];
                opcode::Send::new(fd, rest.as_ptr(), size(rest.len())).flags(libc::MSG_NOSIGNAL).build()
            }
            (Request::ReceiveFrom { buffer }, Extra::Message(message)) => {
                opcode::RecvMsg::new(fd, message.lead_to(buffer.as_mut_ptr(), buffer.len())).build()
            }
            (Request::SendTo { bytes, .. }, Extra::Message(message)) => {
                let header = message.lead_to(bytes.as_mut_ptr(), bytes.len());
                opcode::SendMsg::new(fd, header).flags(libc::MSG_NOSIGNAL as u32).build()
            }
            (Request::Poll { interest }, _) => {
                opcode::PollAdd::new(fd, sys::poll_events(*interest) as u32).build()
            }
            (Request::Timeout { .. }, Extra::Time(time)) => opcode::Timeout::new(&raw const **time).build(),
            (request, _) => panic!("io_uring is not asked to {}", request.name()),
        }
    }

    fn completed(mut self, result: i32) -> Completion {
        let result = match (result, &self.submission.request) {
            // A timeout that has run out.
            (TIME_IS_UP, Request::Timeout { .. }) => Ok(Value::Done),
            (error, _) if error < 0 => Err(Errno(-error)),
            (count, _) => {
                self.move_on(count as usize);
                self.value(count as usize)
            }
        };
        let Submission { id, request, .. } = self.submission;
        Completion { id, result, request }
    }

    /// What failed after a part of it was done, as on a disk that is full, is answered with that part, and the kernel leaves the
    /// file's position where it was: the rest would be written over the part.
    fn move_on(&self, count: usize) {
        let (Some(fd), Extra::Place(before)) = (self.submission.fd, &self.extra) else { return };
        let wanted = match &self.submission.request {
            Request::Read { buffer, filled, .. } => buffer.len() - filled,
            Request::Write { bytes, from, .. } => bytes.len() - from,
            _ => return,
        };
        if 0 < count && count < wanted && sys::place_of(fd) == Some(*before) && !sys::appends(fd) {
            sys::set_place(fd, *before + count as u64);
        }
    }

    fn value(&mut self, result: usize) -> Result<Value, Errno> {
        Ok(match (&self.submission.request, &mut self.extra) {
            (Request::Accept, Extra::Address(address)) => Value::Opened(RawFd(result as i32), address.read()),
            (Request::ReceiveFrom { .. }, Extra::Message(message)) => {
                message.address.length = message.header.msg_namelen;
                let from = message.address.read().unwrap_or(Address::Local(Vec::new()));
                Value::Datagram(result, from)
            }
            (Request::Poll { interest }, _) => Value::Ready(sys::interest_of(result as i16, *interest)),
            (
                Request::Read { .. }
                | Request::Write { .. }
                | Request::Receive { .. }
                | Request::Send { .. }
                | Request::SendTo { .. },
                _,
            ) => Value::Count(result),
            _ => Value::Done,
        })
    }
}

impl Message {
    fn new(address: RawAddress) -> Box<Message> {
        // SAFETY: both are C structures of numbers and pointers, for which zeros are values.
        let (part, header) = unsafe { (std::mem::zeroed(), std::mem::zeroed()) };
        Box::new(Message { address, part, header })
    }

    /// Lets the header lead to its own address and to these bytes.
    fn lead_to(&mut self, start: *mut u8, length: usize) -> *mut libc::msghdr {
        self.part = libc::iovec { iov_base: start.cast(), iov_len: length };
        self.header.msg_name = self.address.as_mut_ptr().cast();
        self.header.msg_namelen = self.address.length;
        self.header.msg_iov = &raw mut self.part;
        self.header.msg_iovlen = 1;
        &raw mut self.header
    }
}
