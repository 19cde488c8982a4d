//! What a world has of descriptors and of the ring.
//!
//! Invariant: [`Io::io`] never blocks. What was begun completes later, as a signal to the process that began it:
//! a reply to the native function that waits ([`crate::process::Waiting::Reply`]), or a message.

use crate::fd::FdId;
use crate::process::lent::{Active, Reader};
use crate::process::pid::Pid;
use crate::process::signal::Signal;
use crate::ring::desk::Shape;
use crate::ring::{Call, Errno, Refused, Reply, Told, Value};

pub trait Io {
    /// Does what a process asks of its descriptors.
    fn io(&mut self, me: Pid, call: Call) -> Result<(), Refused>;

    /// Sends what a socket takes without waiting, as a part of the call, where a world does that. `None`: it is to be ordered,
    /// as [`Request::TrySend`](crate::ring::Request::TrySend).
    fn send_at_once(&mut self, _me: Pid, _fd: FdId, _bytes: &[u8]) -> Option<Result<Value, Errno>> {
        None
    }

    /// Sends on the stream that a port lends, in its place. Whether that was done; a world may always say no,
    /// and then the port is to be asked.
    fn send_for(&mut self, _port: Pid, _bytes: &[u8]) -> bool {
        false
    }

    /// Begins to read on the stream that a port lends, in its place. Whether that was done, as for [`Io::send_for`].
    fn activate_for(&mut self, _port: Pid, _active: Active, _shape: Shape) -> bool {
        false
    }

    /// The same for a process that waits for data, once.
    fn receive_for(&mut self, _port: Pid, _reader: Reader, _shape: Shape) -> bool {
        false
    }

    /// Whether a process that ends leaves descriptors to close.
    fn owns_descriptors(&mut self, me: Pid) -> bool;
}

/// The signal that tells of a completion.
pub fn signal(reply: Reply) -> Signal {
    match reply.told {
        Told::Reply | Told::Knows => Signal::Reply { request: reply.name, value: reply.value },
        Told::Message | Told::Lent => Signal::Message(reply.value),
    }
}
