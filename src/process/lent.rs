//! What a port lets those who send do in its place: it lends its stream while nothing is queued to be sent.
//!
//! Invariant: who sends holds the port's process meanwhile, taken out of its slot as for running, so neither the port
//! nor another sender comes in between. OTP's drivers run on the caller's thread too, with the port locked.

use super::{Phase, Process, Waiting};
use crate::fd::FdId;

/// A lent stream, and what was sent on it since that was last asked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lent {
    pub fd: Option<FdId>,
    pub octets: u64,
    pub sends: u64,
    pub largest: u64,
}

impl Lent {
    pub fn count(&mut self, size: usize) {
        self.octets += size as u64;
        self.sends += 1;
        self.largest = self.largest.max(size as u64);
    }
}

impl Process {
    /// The stream that a process lends, if it waits for messages and has none.
    pub fn lends(&self) -> Option<FdId> {
        let control = &self.control;
        let idle = control.waiting == Waiting::Receive(None) && control.mailbox.is_empty();
        let asked = !control.suspended_by.is_empty() || !control.collect_requests.is_empty();
        let lent =
            control.lent.as_ref().filter(|_| idle && !asked && matches!(control.phase, Phase::Running));
        lent.and_then(|lent| lent.fd)
    }
}
