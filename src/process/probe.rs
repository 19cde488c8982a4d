//! Probes: what a receive that is about to look would do with one message.
//!
//! An explorer copies a process that stands before its receive, puts one signal into the copy and runs it:
//! whether the compiled receive takes the message says whether its patterns accept it, guards included.
//! Invariant: a probe is a copy; the process that it was made of does not change.

use super::monitors::down_message;
use super::receive::exit_message;
use super::signal::Signal;
use super::{Process, Waiting};
use crate::heap::parcel::Part;
use crate::term::{Atom, Word};
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

    /// As what a signal that comes now will lie in the mailbox, if it tells of a monitor that is there: once it has
    /// been handled the monitor is gone, and a copy of the process would make nothing of the signal.
    pub fn message_of(&self, signal: &Signal) -> Option<Signal> {
        let Signal::Down { reference, watched, reason } = signal else { return None };
        let tag = self.control.monitoring.get(reference.count)?.tag.unwrap_or(Word::atom(Atom::DOWN));
        if tag.is_immediate() {
            return Some(Signal::Message(down_message(Part::Word(tag), *reference, *watched, reason)));
        }
        // A copy of the heap, because making a parcel may change it.
        let tag = self.heap.clone().parcel(tag).ok()?;
        Some(Signal::Message(down_message(Part::Parcel(&tag), *reference, *watched, reason)))
    }

    /// Whether it is ending or has ended: signals do not change any more how.
    pub fn is_ending(&self) -> bool {
        !self.runs() && !self.is_leaving()
    }

    /// Whether it has code to run.
    pub fn runs(&self) -> bool {
        matches!(self.control.phase, super::Phase::Running)
    }
}

/// The same for a process that runs and sends this to itself, about a process that is not there.
pub fn message_to_self(signal: &Signal) -> Option<Signal> {
    let Signal::Down { reference, watched, reason } = signal else { return None };
    let tag = Part::Word(Word::atom(Atom::DOWN));
    Some(Signal::Message(down_message(tag, *reference, *watched, reason)))
}
