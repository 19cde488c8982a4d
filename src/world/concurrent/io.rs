//! The ring of the threads' world: started by the first who needs it, its books behind one lock.
//!
//! Completions are dealt with by scheduler threads, as everything else that comes from outside. Invariants: no process
//! is sent to while the books are locked; what was submitted is begun when the thread looks around next, and before it
//! sleeps. What needs not wait is done by who asks, between being registered and settled as any other operation.

use super::slot::Park;
use super::{Local, SlotIx, Task};
use crate::fd::FdId;
use crate::heap::parcel::{Parcel, Part};
use crate::heap::read::RefId;
use crate::process::Process;
use crate::process::lent::{Active, Lent, Reader, passive_message};
use crate::process::pid::Pid;
use crate::process::signal::Signal;
use crate::ring::arrivals::Arrivals;
use crate::ring::desk::{Ended, Settled, Shape};
use crate::ring::pool::sys::{Blocking, at_once, may_be_at_once, perform, try_send};
use crate::ring::start::{Choice, SharedRing, start};
use crate::ring::{
    Call, Completion, Desk, Errno, Order, Outcome, Refused, Request, Ring, Submission, Told, Value, Waiter,
};
use crate::sched::atomics::{Bell, Lock};
use crate::sched::park::{Parking, Watch};
use crate::term::{Atom, Word};
use crate::world::io::{Io, signal};
use crate::world::{Report, World};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How long the end of a run waits for what it has cancelled.
const END_WAIT_MS: u64 = 2000;

struct Started {
    desk: Lock<Desk<SharedRing>>,
    arrivals: Arc<Arrivals>,
    /// Where completions come that no thread of the ring brings.
    watch: Option<Arc<dyn Watch>>,
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
            let (watch, desk) = (ring.watch(), Lock::new(Desk::new(ring)));
            assert!(self.started.set(Started { desk, arrivals, watch }).is_ok(), "one starts it");
        }
        Ok(self.started.get().expect("just started"))
    }

    /// Starts a ring that was asked for by name, to learn whether it can be had.
    pub fn start_chosen(&self) -> std::io::Result<()> {
        if self.choice == Choice::Auto { Ok(()) } else { self.started().map(drop) }
    }

    /// Where a thread without work can sleep until completions come.
    #[inline]
    pub fn watch(&self) -> Option<&Arc<dyn Watch>> {
        self.started.get().and_then(|started| started.watch.as_ref())
    }

    /// Asks the kernel for completions, where it has to be asked.
    #[inline]
    pub fn look(&self) {
        if let Some(watch) = self.watch() {
            watch.look();
        }
    }

    /// Whether completions have come.
    #[inline]
    pub fn any(&self) -> bool {
        self.started.get().is_some_and(|started| {
            started.arrivals.any() || started.watch.as_ref().is_some_and(|watch| watch.any())
        })
    }

    /// Whether a thread of the ring's own has brought completions, and told of them.
    #[inline]
    pub fn is_told(&self) -> bool {
        self.started.get().is_some_and(|started| started.arrivals.any())
    }

    /// Lets what was submitted begin.
    #[inline]
    pub fn flush(&self) {
        if let Some(watch) = self.watch() {
            watch.flush();
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

impl Local<'_> {
    /// Deals with the completions that have come.
    pub fn deliver_completions(&mut self) {
        let shared = self.shared;
        let Some(started) = shared.io.started.get() else { return };
        let mut completions: Vec<Completion> = Vec::new();
        let mut desk = started.desk.lock();
        desk.ring.reap(&mut completions);
        let mut outcomes = Vec::with_capacity(completions.len());
        outcomes.extend(completions.into_iter().map(|completion| desk.completed(completion)));
        drop(desk);
        self.brings = true;
        for outcome in outcomes {
            self.heard(outcome);
        }
        self.brings = false;
    }
}

impl Started {
    /// Sends what a socket takes without waiting, with the books unlocked. `None`: the descriptor is not open.
    fn send_at_once(&self, fd: FdId, bytes: &[u8]) -> Option<Result<Value, Errno>> {
        let raw = self.desk.lock().borrow(fd)?;
        let sent = loop {
            match try_send(raw, bytes) {
                Err(Errno::INTR) => {}
                other => break other,
            }
        };
        self.desk.lock().give_back(fd);
        Some(sent)
    }

    /// Does what does not have to wait, with the books unlocked; what does is handed over.
    fn try_at_once(&self, mut submission: Submission) -> Option<Outcome> {
        while let Some(result) = at_once(submission.fd, &mut submission.request) {
            let Submission { id, request, .. } = submission;
            match self.desk.lock().settle(Completion { id, result, request }) {
                Settled::Ended(outcome) => return Some(outcome),
                Settled::GoesOn(rest) => submission = rest,
            }
        }
        self.desk.lock().hand_over(submission)
    }
}

/// `{warpbeam_failed, Reason}`: what somebody met who sent in a port's place.
fn failed_message(error: Errno) -> Parcel {
    Parcel::tuple(&[
        Part::Word(Word::atom(Atom::known("warpbeam_failed"))),
        Part::Word(Word::atom(error.atom())),
    ])
}

/// `{warpbeam_rest, Bytes}`: what a port is to send, of what it lent its stream for.
fn rest_message(rest: &[u8]) -> Parcel {
    let message = Parcel::build(|heap| {
        let bytes = heap.binary(rest)?;
        heap.new_tuple(&[Word::atom(Atom::known("warpbeam_rest")), bytes])
    });
    message.expect("what was in a process has room in a message")
}

/// To read for a port.
fn reading_order(port: Pid, name: RefId, fd: FdId, buffer: Vec<u8>, shape: Shape) -> Order {
    let waiter = Waiter { pid: port, told: Told::Lent };
    Order { name, waiter, fd: Some(fd), opens: None, request: Request::Receive { buffer }, shape }
}

impl Local<'_> {
    /// Sends for a port whose process is held. What the socket does not take now, and what error it has, the port gets before
    /// anybody can ask it for something else.
    fn send_held(&mut self, port: &mut Process, bytes: &[u8]) -> bool {
        let (Some(fd), Some(started)) = (port.lends(), self.shared.io.started.get()) else { return false };
        let rest = match started.send_at_once(fd, bytes) {
            Some(Ok(Value::Count(count))) => &bytes[count..],
            Some(Err(Errno::AGAIN)) => bytes,
            Some(Err(error)) => {
                // The kernel says it once.
                port.deliver(failed_message(error));
                return false;
            }
            _ => return false,
        };
        port.control.lent.as_mut().expect("it lends").sent.count(bytes.len());
        if !rest.is_empty() {
            port.deliver(rest_message(rest));
        }
        true
    }

    /// What a port reads has come. It is dealt with in the port's place, if that lends its reading; otherwise the port is told.
    fn read_ended(&mut self, ended: Ended) {
        let to = ended.pending.waiter.expect("a port waits").pid;
        let Some((slot, place)) = self.shared.table.find(to) else { return };
        let left = match place.hold(to) {
            Some(mut port) => {
                let left = self.give(&mut port, ended);
                self.put_back(port, slot);
                left
            }
            None => Some(ended),
        };
        if let Some(reply) = left.and_then(|ended| ended.reply()) {
            let _ = self.send(to, to, signal(reply));
        }
    }

    /// Gives what was read to the owner of the port, which is held, and reads on. What is not for here comes back.
    fn give(&mut self, port: &mut Process, ended: Ended) -> Option<Ended> {
        let pid = port.control.pid;
        let Some(reading) = port.lends_reading() else { return Some(ended) };
        let (&Ok(Value::Count(count)), Request::Receive { buffer }) =
            (&ended.completion.result, &ended.completion.request)
        else {
            return Some(ended);
        };
        if count == 0 || reading.operation != Some(ended.pending.name) {
            return Some(ended);
        }
        let Some((to, message)) = reading.message(pid, &buffer[..count]) else { return Some(ended) };
        let last = reading.active == Active::Times(1);
        let answered = reading.reader.take().is_some();
        reading.active = reading.active.next();
        reading.operation = None;
        let next = (reading.active != Active::No).then_some((ended.pending.name, reading.fd, reading.room));
        let lent = port.control.lent.as_mut().expect("it lends");
        lent.received.count(count);
        lent.owed = lent.owed.filter(|_| !answered);
        // Who has gone hears nothing.
        let _ = self.send(pid, to, Signal::Message(message));
        if last {
            let _ = self.send(pid, to, Signal::Message(passive_message(pid)));
        }
        if let (Some((name, fd, room)), Request::Receive { mut buffer }) = (next, ended.completion.request) {
            buffer.resize(room, 0);
            self.read_on(port, reading_order(pid, name, fd, buffer, ended.pending.shape));
        }
        None
    }

    /// Begins to read for a port that is held and lends its reading. Whether that was done.
    fn read_on(&mut self, port: &mut Process, order: Order) -> bool {
        let Some(started) = self.shared.io.started.get() else { return false };
        let name = order.name;
        let begun = started.desk.lock().call(port.control.pid, Call::Begin(order)).is_ok();
        if let (true, Some(reading)) = (begun, port.lends_reading()) {
            reading.operation = Some(name);
        }
        begun
    }

    /// Begins to read for a port that lends its reading while nobody wants data. Whether that was done.
    fn read_for(
        &mut self,
        port: Pid,
        room: Option<usize>,
        shape: Shape,
        want: impl FnOnce(&mut Lent),
    ) -> bool {
        let Some((slot, place)) = self.shared.table.find(port) else { return false };
        let Some(mut process) = place.hold(port) else { return false };
        let begun = self.read_held(&mut process, room, shape);
        if begun {
            want(process.control.lent.as_deref_mut().expect("it lends"));
        }
        self.put_back(process, slot);
        begun
    }

    /// Whether a read is in flight that nobody waits for, now at the latest.
    fn read_held(&mut self, port: &mut Process, room: Option<usize>, shape: Shape) -> bool {
        let Some(reading) = port.lends_reading() else { return false };
        if reading.active != Active::No || reading.reader.is_some() {
            return false;
        }
        if reading.operation.is_some() {
            return true;
        }
        let (fd, buffer) = (reading.fd, vec![0; room.unwrap_or(reading.room)]);
        let name = port.control.next_reference();
        self.read_on(port, reading_order(port.control.pid, name, fd, buffer, shape))
    }

    /// Lets go of a process that was held.
    fn put_back(&mut self, process: Box<Process>, slot: SlotIx) {
        if process.control.mailbox.has_news() {
            self.wake(Task { process, slot });
        } else if let Park::Signals(process) = self.shared.table.slot(slot).park(process, None) {
            self.wake(Task { process, slot });
        }
    }

    /// Tells what the books say. They are not locked.
    fn heard(&mut self, outcome: Outcome) {
        if let Some(ended) = outcome.lent {
            self.read_ended(*ended);
        }
        if let Some(reply) = outcome.reply {
            // Who asked may be gone: the books have given back what the completion brought.
            let _ = self.send(reply.to, reply.to, signal(reply));
        }
        if let Some((_, errno)) = outcome.failed_close {
            self.report(Report::CloseFailed { reason: errno.name() });
        }
    }
}

/// After how many slices it may be left to the usual look that a descriptor is closed whose owner has ended.
const HURRIED_SLICES: u32 = 64;

impl Io for Local<'_> {
    fn io(&mut self, me: Pid, call: Call) -> Result<(), Refused> {
        let started = self.shared.io.started().map_err(|error| Refused::NoRing(errno_of(&error)))?;
        match call {
            Call::Begin(order) if may_be_at_once(&order.request) => {
                let submission = started.desk.lock().register(order)?;
                let outcome = started.try_at_once(submission).unwrap_or_default();
                self.heard(outcome);
                Ok(())
            }
            other => {
                let mut desk = started.desk.lock();
                let ends = matches!(other, Call::OwnerEnds);
                desk.call(me, other)?;
                if ends && desk.fds.owned_by(me).next().is_some() {
                    // What was in flight is cancelled: most of it ends here and now.
                    self.hurries = HURRIED_SLICES;
                    desk.ring.flush();
                    drop(desk);
                    self.deliver_completions();
                    desk = started.desk.lock();
                }
                while let Some(mut submission) = desk.ring.to_do() {
                    drop(desk);
                    let result = perform(submission.fd, &mut submission.request, Blocking::Allowed);
                    let Submission { id, request, .. } = submission;
                    let outcome = started.desk.lock().completed(Completion { id, result, request });
                    self.heard(outcome);
                    desk = started.desk.lock();
                }
                Ok(())
            }
        }
    }

    fn send_at_once(&mut self, _me: Pid, fd: FdId, bytes: &[u8]) -> Option<Result<Value, Errno>> {
        self.shared.io.started.get()?.send_at_once(fd, bytes)
    }

    fn send_for(&mut self, port: Pid, bytes: &[u8]) -> bool {
        let Some((slot, place)) = self.shared.table.find(port) else { return false };
        let Some(mut process) = place.hold(port) else { return false };
        let sent = self.send_held(&mut process, bytes);
        self.put_back(process, slot);
        sent
    }

    fn activate_for(&mut self, port: Pid, active: Active, shape: Shape) -> bool {
        self.read_for(port, None, shape, |lent| {
            lent.reading.as_mut().expect("it lends").active = active;
        })
    }

    fn receive_for(&mut self, port: Pid, reader: Reader, shape: Shape) -> bool {
        let room = (reader.length > 0).then_some(reader.length);
        self.read_for(port, room, shape, |lent| {
            lent.owed = Some((reader.pid, reader.request));
            lent.reading.as_mut().expect("it lends").reader = Some(reader);
        })
    }

    fn owns_descriptors(&mut self, me: Pid) -> bool {
        let started = self.shared.io.started.get();
        started.is_some_and(|started| started.desk.lock().fds.owned_by(me).next().is_some())
    }
}
