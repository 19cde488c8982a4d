//! Standard input, read by a thread of its own, which is all that ever blocks on it.
//!
//! The thread is started by the first who asks. It is not waited for: a read that is under way when the run ends
//! goes on until the whole program is gone. Invariant: one read for each request, in order; what arrived is delivered
//! by a scheduler thread, as everything else is.

#![allow(clippy::disallowed_methods, reason = "the door to standard input")]

use crate::heap::HeapFull;
use crate::heap::parcel::Parcel;
use crate::process::pid::Pid;
use crate::sched::atomics::{AtomicBool, Lock, Ordering};
use crate::sched::park::Parking;
use crate::term::{Atom, Word};
use std::io::Read;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// Bytes that one request is answered with at most.
const READ_BYTES: usize = 1 << 16;

#[derive(Default)]
struct Arrived {
    messages: Lock<Vec<(Pid, Parcel)>>,
    any: AtomicBool,
}

#[derive(Default)]
pub struct StandardInput {
    arrived: Arc<Arrived>,
    requests: Lock<Option<Sender<Pid>>>,
}

impl StandardInput {
    /// Reads for a process, which gets a message. Whether that could be begun.
    pub fn request(&self, pid: Pid, parking: &Arc<Parking>) -> bool {
        let mut requests = self.requests.lock();
        if requests.is_none() {
            let (sender, receiver) = channel();
            let (arrived, parking) = (Arc::clone(&self.arrived), Arc::clone(parking));
            let reader = std::thread::Builder::new().name("standard input".into());
            if reader.spawn(move || read_all(&receiver, &arrived, &parking)).is_err() {
                return false;
            }
            *requests = Some(sender);
        }
        requests.as_ref().is_some_and(|sender| sender.send(pid).is_ok())
    }

    /// Puts in a message from outside.
    pub fn put(&self, to: Pid, message: Parcel, parking: &Parking) {
        self.arrived.put(to, message, parking);
    }

    /// Whether something has arrived.
    #[inline]
    pub fn any(&self) -> bool {
        self.arrived.any.load(Ordering::SeqCst)
    }

    /// What has arrived, with who asked for it.
    pub fn take(&self) -> Vec<(Pid, Parcel)> {
        let mut messages = self.arrived.messages.lock();
        self.arrived.any.store(false, Ordering::SeqCst);
        std::mem::take(&mut messages)
    }
}

fn read_all(requests: &Receiver<Pid>, arrived: &Arrived, parking: &Parking) {
    let mut buffer = vec![0; READ_BYTES];
    for pid in requests {
        let read = loop {
            match std::io::stdin().lock().read(&mut buffer) {
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        // An input that fails has ended.
        let bytes = &buffer[..read.unwrap_or(0)];
        let message = message(bytes).expect("an empty heap has room for one read");
        arrived.put(pid, message, parking);
    }
}

impl Arrived {
    fn put(&self, to: Pid, message: Parcel, parking: &Parking) {
        let mut messages = self.messages.lock();
        messages.push((to, message));
        self.any.store(true, Ordering::SeqCst);
        drop(messages);
        parking.work_added();
    }
}

/// `{warpbeam_input, Bytes}`, or `eof` in their place.
fn message(bytes: &[u8]) -> Result<Parcel, HeapFull> {
    Parcel::build(|heap| {
        let data = if bytes.is_empty() { Word::atom(Atom::known("eof")) } else { heap.binary(bytes)? };
        heap.new_tuple(&[Word::atom(Atom::known("warpbeam_input")), data])
    })
}
