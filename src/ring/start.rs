//! Which ring a machine gets: io_uring where the kernel has it and allows it, the pool otherwise.
//!
//! Invariant: a ring that was asked for by name is used, or the failure is told.

use super::Ring;
use super::arrivals::Arrivals;
use super::pool::PoolRing;
use super::uring::UringRing;
use crate::sched::park::Watch;
use std::sync::Arc;

/// What was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Choice {
    /// The best that there is.
    #[default]
    Auto,
    Uring,
    Pool,
}

impl Choice {
    /// Reads the value of `--ring`.
    pub fn parse(text: &str) -> Option<Choice> {
        match text {
            "auto" => Some(Choice::Auto),
            "uring" => Some(Choice::Uring),
            "pool" => Some(Choice::Pool),
            _ => None,
        }
    }
}

/// A ring that threads share behind a lock.
pub type SharedRing = Box<dyn Ring + Send>;

impl Ring for SharedRing {
    fn submit(&mut self, submission: super::Submission) {
        (**self).submit(submission);
    }

    fn cancel(&mut self, id: super::OpId) {
        (**self).cancel(id);
    }

    fn flush(&mut self) {
        (**self).flush();
    }

    fn reap(&mut self, into: &mut Vec<super::Completion>) {
        (**self).reap(into);
    }

    fn to_do(&mut self) -> Option<super::Submission> {
        (**self).to_do()
    }

    fn watch(&self) -> Option<Arc<dyn Watch>> {
        (**self).watch()
    }
}

pub fn start(choice: Choice, arrivals: &Arc<Arrivals>) -> std::io::Result<SharedRing> {
    let pool = || PoolRing::new(Arc::clone(arrivals)).map(|ring| Box::new(ring) as SharedRing);
    let uring = || UringRing::new(Arc::clone(arrivals)).map(|ring| Box::new(ring) as SharedRing);
    match choice {
        Choice::Pool => pool(),
        Choice::Uring => uring(),
        Choice::Auto => uring().or_else(|_| pool()),
    }
}
