//! The ring of a machine without io_uring: calls of the operating system on a few threads, and epoll.
//!
//! What may wait for another program (sockets, pipes) is tried at once and, if it has to wait, goes to the
//! [`poller`], where scheduler threads without work sleep; everything else, which waits for a disk at most, goes to the workers. Invariants: a submission is
//! in one of four places only: with who submits it, in the queue, with a worker, with the poller; who
//! takes it out of one completes it or passes it on. Threads are started when they are first needed, are
//! never waited for, and end with the ring. To open a named pipe is to wait for somebody who opens its other end: a worker that
//! does counts as none meanwhile, so that files do not wait for pipes.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the door to files and sockets starts threads"
)]

pub mod address;
pub mod epoll;
pub mod poller;
pub mod sys;

use super::Ring;
use super::arrivals::Arrivals;
use super::errno::Errno;
use super::request::{Completion, OpId, Request, Submission};
use crate::sched::park::Watch;
use poller::Poller;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use sys::Blocking;

/// Threads for files at most.
const WORKERS_MAX: usize = 4;

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Submission>,
    workers: usize,
    idle: usize,
    closed: bool,
}

/// What workers share.
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
    arrivals: Arc<Arrivals>,
    blocking: Blocking,
    poller: Arc<Poller>,
}

pub struct PoolRing {
    shared: Arc<Shared>,
}

impl PoolRing {
    /// A ring of its own.
    pub fn new(arrivals: Arc<Arrivals>) -> std::io::Result<PoolRing> {
        PoolRing::with(arrivals, Blocking::Never)
    }

    /// For what another ring leaves to it. With descriptors that may block, it takes nothing that waits.
    pub fn with(arrivals: Arc<Arrivals>, blocking: Blocking) -> std::io::Result<PoolRing> {
        let poller = Arc::new(Poller::new(Arc::clone(&arrivals))?);
        let queue = Mutex::default();
        let shared = Shared { queue, changed: Condvar::new(), arrivals, blocking, poller };
        Ok(PoolRing { shared: Arc::new(shared) })
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does it, or passes it on to the poller.
    fn perform(&self, mut submission: Submission) {
        let result = sys::perform(submission.fd, &mut submission.request, self.blocking);
        if result == Err(Errno::AGAIN) && !matches!(submission.request, Request::TrySend { .. }) {
            return self.poller.add(submission);
        }
        let Submission { id, request, .. } = submission;
        self.poller.tried(id);
        self.arrivals.add(Completion { id, result, request });
    }

    fn cancelled(&self, submission: Submission) {
        let Submission { id, request, .. } = submission;
        self.arrivals.add(Completion { id, result: Err(Errno::CANCELED), request });
    }

    /// Starts a worker, if there may be one more.
    fn start_worker(self: &Arc<Self>, queue: &mut Queue) {
        if queue.waiting.len() > queue.idle && queue.workers < WORKERS_MAX {
            let shared = Arc::clone(self);
            let started = std::thread::Builder::new().name("ring worker".into()).spawn(|| shared.work());
            queue.workers += usize::from(started.is_ok());
        }
    }

    /// A worker is none for a while.
    fn leave(self: &Arc<Self>) {
        let mut queue = self.lock();
        queue.workers -= 1;
        self.start_worker(&mut queue);
    }

    fn work(self: Arc<Self>) {
        let mut queue = self.lock();
        loop {
            if let Some(submission) = queue.waiting.pop_front() {
                // Before it is out of the queue for those who cancel.
                self.poller.will_try(submission.id);
                drop(queue);
                let waits = sys::opens_pipe(&submission.request);
                if waits {
                    self.leave();
                }
                self.perform(submission);
                queue = self.lock();
                if waits && queue.workers == WORKERS_MAX {
                    return;
                }
                queue.workers += usize::from(waits);
            } else if queue.closed {
                return;
            } else {
                queue.idle += 1;
                queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
                queue.idle -= 1;
            }
        }
    }
}

impl Ring for PoolRing {
    fn submit(&mut self, submission: Submission) {
        let request = &submission.request;
        match *request {
            Request::Timeout { after_ns } => return self.shared.poller.add_timeout(submission, after_ns),
            Request::Close => return self.shared.poller.close(submission),
            _ if request.may_wait() => return self.shared.poller.try_or_add(submission),
            _ if request.is_quick() => return self.shared.perform(submission),
            _ => {}
        }
        let mut queue = self.shared.lock();
        queue.waiting.push_back(submission);
        self.shared.start_worker(&mut queue);
        if queue.workers == 0 {
            // No thread can be had: it is done here.
            let submission = queue.waiting.pop_back().expect("it was put there");
            drop(queue);
            return self.shared.perform(submission);
        }
        self.shared.changed.notify_one();
    }

    fn cancel(&mut self, id: OpId) {
        let mut queue = self.shared.lock();
        if let Some(at) = queue.waiting.iter().position(|waiting| waiting.id == id) {
            let submission = queue.waiting.remove(at).expect("it is there");
            drop(queue);
            return self.shared.cancelled(submission);
        }
        drop(queue);
        self.shared.poller.cancel(id);
    }

    fn reap(&mut self, into: &mut Vec<Completion>) {
        while let Some(mut submission) = self.to_do() {
            let result = sys::perform(submission.fd, &mut submission.request, self.shared.blocking);
            into.push(Completion { id: submission.id, result, request: submission.request });
        }
        if !self.shared.arrivals.any() {
            self.shared.poller.look();
        }
        self.shared.arrivals.take(into);
    }

    fn to_do(&mut self) -> Option<Submission> {
        self.shared.poller.to_close()
    }

    fn watch(&self) -> Option<Arc<dyn Watch>> {
        let poller = Arc::clone(&self.shared.poller);
        Some(poller)
    }
}

impl Drop for PoolRing {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
    }
}
