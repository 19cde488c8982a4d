//! The simulated kernel: the ring's operations over memory, as plain data.
//!
//! A submission waits here until the world lets it complete, which is when it takes effect: the world picks which
//! one acts next, so completions come late and in any order. Invariants: a kernel is a value, and what it
//! answers is a function of what was submitted and in which order it completed; descriptor numbers are the lowest that are
//! free, as a real kernel's are, so that a number in use after its close is noticed.

pub mod disk;
pub mod files;
pub mod numbers;
pub mod preloaded;

use disk::Disk;
use numbers::{Numbers, Open};
use preloaded::Preloaded;
use std::collections::BTreeMap;
use std::sync::Arc;
use warpbeam::ring::request::{Completion, OpId, Request, Submission, Value};
use warpbeam::ring::{Errno, Ring};

/// A submission that has not completed.
#[derive(Clone, Debug)]
struct Waiting {
    submission: Submission,
    cancelled: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Kernel {
    waiting: BTreeMap<OpId, Waiting>,
    /// Operations that can complete now and could not before, in order; the world takes them.
    ready: Vec<OpId>,
    pub(crate) numbers: Numbers,
    pub(crate) disk: Disk,
    /// What a run begins with.
    preloaded: Option<Arc<Preloaded>>,
}

impl Ring for Kernel {
    fn submit(&mut self, submission: Submission) {
        let id = submission.id;
        self.ready.push(id);
        let old = self.waiting.insert(id, Waiting { submission, cancelled: false });
        assert!(old.is_none(), "an operation's number is used once");
    }

    fn cancel(&mut self, id: OpId) {
        if let Some(waiting) = self.waiting.get_mut(&id) {
            waiting.cancelled = true;
        }
    }

    /// Everything that can complete, in order of submission: for those who have no world.
    fn reap(&mut self, into: &mut Vec<Completion>) {
        for id in self.take_ready() {
            let cancelled = self.is_cancelled(id);
            into.push(self.complete(id, cancelled));
        }
    }
}

impl Kernel {
    pub fn new(preloaded: Option<Arc<Preloaded>>) -> Kernel {
        let disk = preloaded.as_ref().map_or_else(Disk::default, |files| files.disk().clone());
        Kernel { disk, preloaded, ..Kernel::default() }
    }

    pub fn clear(&mut self) {
        *self = Kernel::new(self.preloaded.take());
    }

    /// Operations that can complete since the last call.
    pub fn take_ready(&mut self) -> Vec<OpId> {
        std::mem::take(&mut self.ready)
    }

    /// Whether somebody has asked to cancel it.
    pub fn is_cancelled(&self, id: OpId) -> bool {
        self.waiting.get(&id).is_some_and(|waiting| waiting.cancelled)
    }

    /// Lets an operation take effect and complete, or, `given_up`, complete without effect.
    pub fn complete(&mut self, id: OpId, given_up: bool) -> Completion {
        let Waiting { mut submission, .. } = self.waiting.remove(&id).expect("what completes was submitted");
        let result = if given_up { Err(Errno::CANCELED) } else { self.perform(&mut submission) };
        Completion { id, result, request: submission.request }
    }

    fn perform(&mut self, submission: &mut Submission) -> Result<Value, Errno> {
        match (submission.fd, &mut submission.request) {
            (Some(fd), Request::Close) => {
                let open = self.numbers.close(fd)?;
                self.closed(&open);
                Ok(Value::Done)
            }
            (Some(fd), request) => match self.numbers.get(fd).ok_or(Errno::BADF)? {
                Open::File(_) => self.on_file(fd, request),
            },
            (None, request) => self.by_path(request),
        }
    }

    /// Descriptors that are open.
    pub fn open_count(&self) -> usize {
        self.numbers.len()
    }
}
