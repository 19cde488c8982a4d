//! What a scheduler and a slice say to each other.
//!
//! Both schedulers call [`crate::interp::run_slice`]; they differ only in who they call it for next.

pub mod atomics;
pub mod park;
pub mod run_queue;
pub mod signals;
pub mod threads;

use crate::time::Deadline;

/// Why a slice ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SliceEnd {
    /// Reductions are used up (in simulation: a livelock without a visible operation).
    Yield,
    /// The visible operation that the world was asked for was not permitted yet.
    Refused,
    /// Nothing in the mailbox matches; wake at the next signal, or at the deadline.
    Receive(Option<Deadline>),
    /// Waits for the reply to a request signal.
    AwaitReply,
    /// Suspended by another process: runs no code until resumed, but handles signals.
    Suspended,
    /// It is ending, and its ports go first. In production only.
    Aside,
    /// The process is gone.
    Gone,
}

/// Function calls that a slice may make.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reductions(pub u32);

impl Reductions {
    /// A production slice, as OTP's.
    pub const SLICE: Reductions = Reductions(4000);
}
