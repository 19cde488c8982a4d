//! What the runtime tells an operator: crashes of processes, heap limits.

use crate::heap::parcel::Parcel;
use crate::process::pid::Pid;
use crate::term::Atom;

#[derive(Clone, Debug)]
pub enum Report {
    /// A process ended by an exception that it did not catch.
    Crash {
        pid: Pid,
        name: Option<Atom>,
        initial_call: (Atom, Atom, u32),
        /// The exit reason, with the stack trace where it has one.
        reason: Parcel,
    },
    /// A module's `on_load` function returned something else than `ok`.
    LoadRefused { module: Atom, value: Parcel },
    /// A descriptor was closed with an error that nobody waited for.
    CloseFailed { reason: &'static str },
    /// A process passed its `max_heap_size`.
    HeapLimit { pid: Pid, name: Option<Atom>, words: usize, killed: bool },
}
