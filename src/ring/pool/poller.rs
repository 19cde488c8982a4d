//! Waits for sockets and pipes to be ready, and for time to pass, on one thread.
//!
//! Invariant: what waits here is completed once: by the thread, when it is ready or its time has come, or by who
//! cancels it; both take it out of the list first. A cancel that comes while the thread tries a request is
//! remembered, and holds if the request has to wait again.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the door to files and sockets starts a thread"
)]

use super::sys::{self, Blocking};
use crate::fd::RawFd;
use crate::ring::arrivals::Arrivals;
use crate::ring::errno::Errno;
use crate::ring::net::SocketOption;
use crate::ring::request::{Completion, Interest, OpId, Request, Submission, Value};
use crate::time::Clock;
use crate::time::os::OsClock;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

struct Waiting {
    submission: Submission,
    /// When a timeout is over.
    until_ns: Option<u64>,
}

#[derive(Default)]
struct List {
    waiting: Vec<Waiting>,
    /// Being tried by the thread just now.
    trying: BTreeSet<OpId>,
    /// Cancelled meanwhile.
    cancelled: BTreeSet<OpId>,
    started: bool,
    closed: bool,
}

struct Shared {
    list: Mutex<List>,
    arrivals: Arc<Arrivals>,
    /// Written to so that the thread looks at the list again.
    wake: UnixStream,
    clock: OsClock,
}

pub struct Poller {
    shared: Arc<Shared>,
    /// The thread's end, until there is a thread.
    woken: Mutex<Option<UnixStream>>,
}

impl Poller {
    pub fn new(arrivals: Arc<Arrivals>) -> std::io::Result<Poller> {
        let (wake, woken) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        woken.set_nonblocking(true)?;
        let shared = Shared { list: Mutex::default(), arrivals, wake, clock: OsClock::start() };
        Ok(Poller { shared: Arc::new(shared), woken: Mutex::new(Some(woken)) })
    }

    /// Completes it once it is ready.
    pub fn add(&self, submission: Submission) {
        let shared = &self.shared;
        let until_ns = match submission.request {
            Request::Timeout { after_ns } => Some(shared.now_ns().saturating_add(after_ns)),
            _ => None,
        };
        let mut list = shared.lock();
        if list.cancelled.remove(&submission.id) {
            list.trying.remove(&submission.id);
            drop(list);
            return shared.complete(submission, Err(Errno::CANCELED));
        }
        list.trying.remove(&submission.id);
        list.waiting.push(Waiting { submission, until_ns });
        if !list.started {
            list.started = true;
            let woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner).take();
            let (woken, shared) = (woken.expect("one thread is started"), Arc::clone(shared));
            let thread = std::thread::Builder::new().name("ring poller".into());
            if let Err(error) = thread.spawn(move || shared.run(woken)) {
                panic!("the thread that polls cannot be started: {error}");
            }
        }
        drop(list);
        shared.wake();
    }

    /// Somebody else tries it, and may pass it on: a cancel is remembered until then.
    pub fn will_try(&self, id: OpId) {
        self.shared.lock().trying.insert(id);
    }

    /// It did not have to wait.
    pub fn tried(&self, id: OpId) {
        let mut list = self.shared.lock();
        list.trying.remove(&id);
        list.cancelled.remove(&id);
    }

    pub fn cancel(&self, id: OpId) {
        let mut list = self.shared.lock();
        if let Some(at) = list.waiting.iter().position(|waiting| waiting.submission.id == id) {
            let waiting = list.waiting.swap_remove(at);
            drop(list);
            self.shared.wake();
            return self.shared.complete(waiting.submission, Err(Errno::CANCELED));
        }
        if list.trying.contains(&id) {
            list.cancelled.insert(id);
        }
    }

    pub fn close(&self) {
        self.shared.lock().closed = true;
        self.shared.wake();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ns(&self) -> u64 {
        let mut clock = self.clock;
        clock.now().ns
    }

    fn wake(&self) {
        // A full pipe wakes as well.
        let _ = (&self.wake).write(&[0]);
    }

    fn complete(&self, submission: Submission, result: Result<Value, Errno>) {
        let Submission { id, request, .. } = submission;
        self.arrivals.add(Completion { id, result, request });
    }

    fn run(self: Arc<Self>, mut woken: UnixStream) {
        let mut polled = Vec::new();
        loop {
            let at_most_ms = {
                let list = self.lock();
                if list.closed {
                    return;
                }
                self.prepare(&list, &woken, &mut polled)
            };
            // Interrupted, or out of memory: everything is looked at again.
            if sys::wait(&mut polled, at_most_ms).is_err() {
                continue;
            }
            if polled[0].revents != 0 {
                let mut bytes = [0; 64];
                while woken.read(&mut bytes).is_ok_and(|count| count == bytes.len()) {}
            }
            for submission in self.take_ready(&polled) {
                self.try_again(submission);
            }
        }
    }

    /// What is to be polled, and for how long.
    fn prepare(&self, list: &List, woken: &UnixStream, polled: &mut Vec<libc::pollfd>) -> Option<i32> {
        let poll = |fd, events| libc::pollfd { fd, events, revents: 0 };
        polled.clear();
        polled.push(poll(woken.as_raw_fd(), libc::POLLIN));
        let mut first_ns: Option<u64> = None;
        for waiting in &list.waiting {
            if let Some(until_ns) = waiting.until_ns {
                first_ns = Some(first_ns.map_or(until_ns, |first| first.min(until_ns)));
            } else if let Some(RawFd(fd)) = waiting.submission.fd {
                polled.push(poll(fd, sys::poll_events(interest(&waiting.submission.request))));
            }
        }
        // Rounded up: woken too early, the thread would only sleep again.
        let limit = first_ns.map(|first| first.saturating_sub(self.now_ns()).div_ceil(1_000_000));
        limit.map(|ms| i32::try_from(ms).unwrap_or(i32::MAX))
    }

    fn take_ready(&self, polled: &[libc::pollfd]) -> Vec<Submission> {
        let ready: BTreeSet<i32> = polled[1..].iter().filter(|p| p.revents != 0).map(|p| p.fd).collect();
        let now_ns = self.now_ns();
        let mut list = self.lock();
        let mut taken = Vec::new();
        let mut at = 0;
        while let Some(waiting) = list.waiting.get(at) {
            let due = match waiting.until_ns {
                Some(until_ns) => until_ns <= now_ns,
                None => waiting.submission.fd.is_some_and(|fd| ready.contains(&fd.0)),
            };
            if due {
                let submission = list.waiting.remove(at).submission;
                list.trying.insert(submission.id);
                taken.push(submission);
            } else {
                at += 1;
            }
        }
        taken
    }

    fn try_again(&self, mut submission: Submission) {
        let result = match (&mut submission.request, submission.fd) {
            (Request::Timeout { .. }, _) => Ok(Value::Done),
            (Request::Connect { .. }, Some(fd)) => connected(fd),
            (request, fd) => sys::perform(fd, request, Blocking::Never),
        };
        let mut list = self.lock();
        list.trying.remove(&submission.id);
        let cancelled = list.cancelled.remove(&submission.id);
        if result != Err(Errno::AGAIN) {
            drop(list);
            return self.complete(submission, result);
        }
        if cancelled {
            drop(list);
            return self.complete(submission, Err(Errno::CANCELED));
        }
        list.waiting.push(Waiting { submission, until_ns: None });
    }
}

/// What became of a connection that was begun.
fn connected(fd: RawFd) -> Result<Value, Errno> {
    match sys::get_option(fd, SocketOption::Error)? {
        Value::Option(0) => Ok(Value::Done),
        Value::Option(error) => Err(Errno(error as i32)),
        other => panic!("an option is a number, not {other:?}"),
    }
}

/// What a request waits for.
fn interest(request: &Request) -> Interest {
    let (readable, writable) = match request {
        Request::Poll { interest } => return *interest,
        Request::Connect { .. } | Request::Send { .. } | Request::SendTo { .. } | Request::Write { .. } => {
            (false, true)
        }
        _ => (true, false),
    };
    Interest { readable, writable }
}
