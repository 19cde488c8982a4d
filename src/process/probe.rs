//! Probes: what a receive that is about to look would do with one message.
//!
//! An explorer copies a process that stands before its receive, puts one signal into the copy and runs it:
//! whether the compiled receive takes the message says whether its patterns accept it, guards included.
//! Invariant: a probe is a copy; the process that it was made of does not change.

use super::receive::exit_message;
use super::signal::Signal;
use super::{Process, Waiting};
use crate::world::World;

impl Process {
    /// Leaves the process before the receive where it stands, with `signal` as all that has come.
    pub fn prepare_probe(&mut self, signal: Option<Signal>, world: &mut dyn World) {
        self.control.mailbox.empty_for_look();
        self.control.waiting = Waiting::No;
        self.control.receive_deadline = None;
        if let Some(Signal::Exit { from, reason, .. }) = &signal
            && self.control.trap_exit
        {
            // Whether there is a link by then is not the receive's affair.
            self.control.mailbox.push(exit_message(*from, reason));
        } else if let Some(signal) = signal {
            // A message that does not fit is one that the receive does not take.
            let _ = self.handle(signal, world);
        }
    }

    /// Whether it is ending or has ended.
    pub fn is_ending(&self) -> bool {
        !matches!(self.control.phase, super::Phase::Running)
    }
}
