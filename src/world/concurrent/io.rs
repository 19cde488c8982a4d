//! The ring of the threads' world: started by the first who needs it, its books behind one lock.
//!
//! Completions are dealt with by scheduler threads, as everything else that comes from outside. Invariants: no process
//! is sent to while the books are locked; what was submitted is begun when the thread looks around next, and before it
//! sleeps.

use super::Local;
use crate::fd::FdId;
use crate::process::pid::Pid;
use crate::ring::arrivals::Arrivals;
use crate::ring::start::{Choice, SharedRing, start};
use crate::ring::{Call, Completion, Desk, Errno, Refused, Ring};
use crate::sched::atomics::{AtomicBool, Bell, Lock, Ordering};
use crate::sched::park::Parking;
use crate::world::io::{Io, signal};
use crate::world::{Report, World};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How long the end of a run waits for what it has cancelled.
const END_WAIT_MS: u64 = 2000;

struct Started {
    desk: Lock<Desk<SharedRing>>,
    arrivals: Arc<Arrivals>,
    /// Something was submitted that may not have begun.
    unflushed: AtomicBool,
}

pub struct SharedIo {
    choice: Choice,
    parking: Arc<Parking>,
    started: OnceLock<Started>,
    starting: Lock<()>,
}

impl SharedIo {
    pub fn new(choice: Choice, parking: &Arc<Parking>) -> SharedIo {
        let parking = Arc::clone(parking);
        SharedIo { choice, parking, started: OnceLock::new(), starting: Lock::default() }
    }

    /// Starts the ring, unless it has started.
    fn started(&self) -> std::io::Result<&Started> {
        if let Some(started) = self.started.get() {
            return Ok(started);
        }
        let _one_at_a_time = self.starting.lock();
        if self.started.get().is_none() {
            let parking = Arc::clone(&self.parking);
            let arrivals = Arc::new(Arrivals::new(Box::new(move || parking.work_added())));
            let ring = start(self.choice, &arrivals)?;
            let (desk, unflushed) = (Lock::new(Desk::new(ring)), AtomicBool::new(false));
            assert!(self.started.set(Started { desk, arrivals, unflushed }).is_ok(), "one starts it");
        }
        Ok(self.started.get().expect("just started"))
    }

    /// Starts a ring that was asked for by name, to learn whether it can be had.
    pub fn start_chosen(&self) -> std::io::Result<()> {
        if self.choice == Choice::Auto { Ok(()) } else { self.started().map(drop) }
    }

    /// Whether completions have come.
    #[inline]
    pub fn any(&self) -> bool {
        self.started.get().is_some_and(|started| started.arrivals.any())
    }

    /// Lets what was submitted begin.
    #[inline]
    pub fn flush(&self) {
        if let Some(started) = self.started.get()
            && started.unflushed.load(Ordering::Relaxed)
        {
            started.flush();
        }
    }

    /// The run ends: cancels and closes everything, and waits for that a little.
    pub fn end(&self) {
        let Some(started) = self.started.get() else { return };
        let nobody = Pid::from_payload(0);
        let mut completions = Vec::new();
        let begun = started.desk.lock().call(nobody, Call::ShutDown);
        assert!(begun.is_ok(), "the end is not refused");
        let pause = Bell::default();
        for _ in 0..END_WAIT_MS {
            let mut desk = started.desk.lock();
            desk.ring.flush();
            desk.ring.reap(&mut completions);
            for completion in completions.drain(..) {
                desk.completed(completion);
            }
            if desk.is_idle() {
                return;
            }
            drop(desk);
            pause.wait(Some(Duration::from_millis(1)));
        }
    }
}

fn errno_of(error: &std::io::Error) -> Errno {
    Errno(error.raw_os_error().unwrap_or(Errno::NOSYS.0))
}

impl Started {
    #[cold]
    fn flush(&self) {
        self.unflushed.store(false, Ordering::Relaxed);
        self.desk.lock().ring.flush();
    }
}

impl Local<'_> {
    /// Deals with the completions that have come.
    pub fn deliver_completions(&mut self) {
        let shared = self.shared;
        let Some(started) = shared.io.started.get() else { return };
        let mut completions: Vec<Completion> = Vec::new();
        started.arrivals.take(&mut completions);
        let mut failed: Vec<(FdId, Errno)> = Vec::new();
        let mut replies = Vec::with_capacity(completions.len());
        let mut desk = started.desk.lock();
        for completion in completions {
            let outcome = desk.completed(completion);
            replies.extend(outcome.reply);
            failed.extend(outcome.failed_close);
        }
        desk.ring.flush();
        drop(desk);
        for reply in replies {
            // Who asked may be gone: the books have given back what the completion brought.
            let _ = self.send(reply.to, reply.to, signal(reply));
        }
        for (_, errno) in failed {
            self.report(Report::CloseFailed { reason: errno.name() });
        }
    }
}

impl Io for Local<'_> {
    fn io(&mut self, me: Pid, call: Call) -> Result<(), Refused> {
        let started = self.shared.io.started().map_err(|error| Refused::NoRing(errno_of(&error)))?;
        let done = started.desk.lock().call(me, call);
        started.unflushed.store(true, Ordering::Relaxed);
        done
    }

    fn owns_descriptors(&mut self, me: Pid) -> bool {
        let started = self.shared.io.started.get();
        started.is_some_and(|started| started.desk.lock().fds.owned_by(me).next().is_some())
    }
}
