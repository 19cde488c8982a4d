//! The completion ring: how anything outside of the runtime is read, written or waited for.
//!
//! ```text
//! native function ─► World::io ─► Desk ─► trait Ring: uring | pool | the simulated kernel
//! process  ◄─ signal ◄─ reply ◄─ Desk ◄─ completions
//! ```
//!
//! The [`desk`] keeps the books, the same for every ring: it registers an operation before it hands it over,
//! keeps the descriptor alive until the operation has ended, repeats what was interrupted or done in part,
//! and tells the process. A ring only does what it is told. Invariant: a ring gives exactly one
//! [`Completion`] for each [`Submission`], cancelled ones too, and touches no buffer after it.

pub mod arrivals;
pub mod buffers;
pub mod desk;
#[cfg(test)]
mod desk_tests;
pub mod errno;
pub mod net;
pub mod pending;
pub mod pool;
pub mod request;
pub mod short;
pub mod start;
pub mod uring;

pub use desk::{Call, Desk, Order, Outcome, Refused, Reply, Told, Waiter};
pub use errno::Errno;
pub use request::{Completion, OpId, Request, Submission, Value};

use crate::sched::park::Watch;
use std::sync::Arc;

/// The door to a kernel.
pub trait Ring {
    /// Takes a submission. It never blocks; where the ring is full, the submission waits inside.
    fn submit(&mut self, submission: Submission);

    /// Asks to end an operation soon: it completes with `ecanceled`, or as if nobody had asked.
    fn cancel(&mut self, id: OpId);

    /// Lets what was submitted and cancelled begin, where a ring gathers that.
    fn flush(&mut self) {}

    /// What whoever has the ring may do, by [`pool::sys::perform`], and tell the books: a close, which is done in no time. What
    /// nobody asks for is done by [`Ring::reap`].
    fn to_do(&mut self) -> Option<Submission> {
        None
    }

    /// Moves the completions that have come to `into`, in the order in which they came.
    fn reap(&mut self, into: &mut Vec<Completion>);

    /// Where a scheduler thread can sleep until completions come, if they do not come by a thread of the ring's own.
    fn watch(&self) -> Option<Arc<dyn Watch>> {
        None
    }
}
