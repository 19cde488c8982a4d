//! The ring in simulation: the same books as in production over the simulated kernel, all of it plain data.
//!
//! An operation that can complete has a seat among those who can act, as a process has: when it is picked it takes
//! effect and its process is told. So the questions about order are also those about which completion comes
//! when. Whether a cancelled operation had taken effect already is a question of [`Class::Ring`]; the dull answer is that
//! it had not. What goes wrong is one of [`Class::Fault`], asked where `--faults` allows something. Invariant: an operation in
//! flight has a seat exactly while it could complete, named by its process and that process's reference.

use super::books::{Asked, Books};
use super::door::Door;
use super::runnable::Seat;
use super::slots::NO_SLOT;
use super::timers::{Due, TimerSlot};
use super::watch::Effect;
use super::{End, SimWorld};
use crate::choice::{Actor, Chooser, Class, Event, Opt};
use crate::dependence::{Kind, Mode};
use crate::digest::{Digest, fold};
use crate::kernel::fault::Fault;
use crate::kernel::preloaded::Preloaded;
use crate::kernel::{Fate, Kernel};
use crate::oracle::{Oracle, Violation};
use crate::panic;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use warpbeam::fd::FdId;
use warpbeam::heap::read::RefId;
use warpbeam::process::pid::Pid;
use warpbeam::ring::pending::Role;
use warpbeam::ring::request::OpId;
use warpbeam::ring::request::Value;
use warpbeam::ring::short::ShortMap;
use warpbeam::ring::{Call, Desk, Errno, Order, Outcome, Refused, Told, Waiter};
use warpbeam::time::{Deadline, Instant};
use warpbeam::world::io::{Io, signal};
use warpbeam::world::{Op, OpKind, Report};

/// An operation that can complete.
#[derive(Clone, Copy, Debug)]
struct Ready {
    id: OpId,
    seat: Seat,
    /// The event that made it so.
    cause: u64,
}

/// The runtime's books over the simulated kernel.
pub type SimDesk = Desk<Kernel>;

#[derive(Clone, Debug, Default)]
pub struct SimRing {
    pub desk: SimDesk,
    ready: ShortMap<Actor, Ready>,
    /// Timers of operations that wait for a time to come.
    timers: BTreeMap<OpId, TimerSlot>,
    pub(crate) books: Books,
    /// The program has called: most never do, and nothing is to be cleared or copied then.
    pub(crate) used: bool,
}

impl SimRing {
    pub fn new(preloaded: Option<Arc<Preloaded>>, hosts: Arc<[IpAddr]>) -> SimRing {
        SimRing { desk: Desk::new(Kernel::new(preloaded, hosts)), ..SimRing::default() }
    }

    /// What the kernel has, as a number; not how it counts operations.
    pub fn state(&self) -> u64 {
        if !self.used {
            return 0;
        }
        let kernel = &self.desk.ring;
        let descriptors = self.desk.fds.iter().map(|(_, row)| row.life.state());
        let sockets = kernel.network.ids().map(|id| {
            let socket = kernel.network.get(id);
            (id, &socket.own, &socket.peer, &socket.state, socket.error)
        });
        let pipes = kernel.pipes.iter().map(|(inode, pipe)| (inode, &pipe.bytes, pipe.readers, pipe.writers));
        let whole = (
            &kernel.disk,
            pipes.collect::<Vec<_>>(),
            &kernel.numbers,
            sockets.collect::<Vec<_>>(),
            &kernel.network.loads,
            descriptors.map(|state| format!("{state:?}")).collect::<BTreeSet<_>>(),
        );
        Digest::START.text(&format!("{whole:?}")).0
    }

    pub fn clear(&mut self) {
        if !std::mem::take(&mut self.used) {
            return;
        }
        self.desk.clear();
        self.desk.ring.clear();
        self.ready.clear();
        self.timers.clear();
        self.books.clear();
    }
}

impl Io for Door<'_> {
    fn io(&mut self, me: Pid, mut call: Call) -> Result<(), Refused> {
        let world = &mut *self.world;
        // Nothing is done in a port's place here.
        if let Call::Begin(Order { waiter: Waiter { told, .. }, .. }) = &mut call
            && *told == Told::Lent
        {
            *told = Told::Message;
        }
        if world.scratch {
            return Err(Refused::Closed);
        }
        if !world.ring.used {
            world.ring.used = true;
            let crashes = world.settings.faults.has(Fault::Crash);
            world.ring.desk.ring.set_remembers(crashes);
        }
        let asked = Asked::of(&call);
        if let Some(keep) = &mut world.keep {
            keep.asked_io(me.serial().0 as u32, &call);
        }
        world.touch_call(me, &call);
        let done = world.ring.desk.call(me, call);
        if let (Ok(()), Some((name, asked))) = (done, asked) {
            world.ring.books.add(name, asked);
        }
        world.mix_running(u64::from(done.is_ok()));
        world.seat_ready();
        done
    }

    /// Where nothing goes wrong: what does, strikes an operation in flight.
    fn send_at_once(&mut self, me: Pid, fd: FdId, bytes: &[u8]) -> Option<Result<Value, Errno>> {
        let world = &mut *self.world;
        if world.scratch || !world.settings.faults.is_none() {
            return None;
        }
        world.send_at_once(me, fd, bytes)
    }

    fn owns_descriptors(&mut self, me: Pid) -> bool {
        self.world.touch_whether_owns(me);
        self.world.open_ones(me).next().is_some()
    }
}

fn actor_of(name: RefId) -> Actor {
    let owner = Pid::from_payload(name.creator).serial().0 as u32;
    Actor::Completion { owner, count: name.count as u32 }
}

/// The timer of an operation; no timer of the program has its name, since references count on.
fn timer_of(name: RefId) -> Actor {
    let owner = Pid::from_payload(name.creator).serial().0 as u32;
    Actor::Timer { owner, count: name.count as u32 }
}

/// Crashes in a run.
const CRASHES_MAX: u32 = 3;

impl SimWorld {
    /// A process sends what a socket takes, as a part of its step. `None`: it has to ask for it.
    fn send_at_once(&mut self, me: Pid, fd: FdId, bytes: &[u8]) -> Option<Result<Value, Errno>> {
        let raw = self.ring.desk.open_number(fd)?;
        self.touch_send_at_once(fd, raw);
        let SimRing { desk, books, .. } = &mut self.ring;
        books.used(fd, desk.ring.numbers.opening(raw));
        let done = desk.ring.send_at_once(raw, bytes)?;
        if let Some(keep) = &mut self.keep {
            keep.sent_at_once(me.serial().0 as u32, fd, bytes, &done);
        }
        self.mix_running(match done {
            Ok(Value::Count(count)) => count as u64,
            Ok(_) => 0,
            Err(errno) => fold(1, errno.0 as u64),
        });
        self.seat_ready();
        Some(done)
    }

    /// Seats the operations that can complete now, and unseats those that cannot any more.
    pub(super) fn seat_ready(&mut self) {
        if self.ring.desk.ring.has_begun() {
            for (id, after_ns) in self.ring.desk.ring.take_timeouts() {
                self.start_io_timer(id, after_ns);
            }
            self.start_passages();
        }
        if self.ring.desk.ring.has_moved() {
            let mut moved = self.ring.desk.ring.take_moved();
            for id in moved.drain(..) {
                self.look_whether_ready(id);
            }
            self.ring.desk.ring.reuse(moved);
        }
        self.look_at_books();
    }

    fn look_whether_ready(&mut self, id: OpId) {
        let SimRing { desk, ready, books, .. } = &mut self.ring;
        let Some(pending) = desk.register.get(id) else {
            if desk.ring.has(id) {
                books.unregistered();
            }
            return;
        };
        let (is_ready, opening) = desk.ring.turn(id);
        let on = match pending.role {
            Role::Closes(fd) => Some(fd),
            role => role.used(),
        };
        let actor = actor_of(pending.name);
        let seated = ready.get(&actor).map(|ready| ready.seat);
        if let Some(fd) = on.filter(|_| seated.is_none()) {
            books.used(fd, opening);
        }
        match (seated, is_ready) {
            (None, true) => self.seat_io(id, actor),
            (Some(seat), false) => {
                self.runnable.remove(seat);
                ready.remove(&actor);
                if let Some(watch) = &mut self.watch {
                    // One that has met the other end of a pipe stays ready: this is the first event of its part.
                    let (actor, number) = (self.births.actor_hash(actor), pending.parts + 1);
                    watch.effects.push(Effect::Unseated { actor, number });
                }
            }
            (Some(_), true) | (None, false) => {}
        }
    }

    /// Ends the run if a rule of descriptors and operations was broken. Whether one was.
    #[inline]
    fn look_at_books(&mut self) -> bool {
        let SimRing { desk, books, .. } = &self.ring;
        !books.is_good(&desk.ring) && self.end_by_books()
    }

    #[cold]
    fn end_by_books(&mut self) -> bool {
        let SimRing { desk, books, .. } = &self.ring;
        let Some(violation) = books.problem(&desk.ring) else { return false };
        self.end(End::Violation(Box::new(violation)));
        true
    }

    /// Whether operations wait for a time to come.
    pub(crate) fn ring_is_slow(&self) -> bool {
        !self.ring.timers.is_empty()
    }

    /// What is wrong with descriptors and operations when nothing can happen any more.
    pub(crate) fn ring_at_rest(&self) -> Option<Violation> {
        if !self.ring.used {
            return None;
        }
        let alive = |pid: Pid| self.slots.of_pid(pid).is_some();
        self.ring.books.at_rest(&self.ring.desk, alive)
    }

    fn seat_io(&mut self, id: OpId, actor: Actor) {
        let seat = self.runnable.add(Opt { actor, op: Op::of(OpKind::Io) });
        let cause = self.steps();
        self.ring.ready.insert(actor, Ready { id, seat, cause });
        if let Some(watch) = &mut self.watch {
            let hash = self.births.actor_hash(actor);
            watch.effects.push(Effect::Began { actor: hash });
        }
    }

    fn start_io_timer(&mut self, id: OpId, after_ns: u64) {
        let Some(pending) = self.ring.desk.register.get(id) else { return };
        let (actor, cause) = (timer_of(pending.name), self.steps());
        let deadline = Deadline(Instant { ns: self.now.ns.saturating_add(after_ns) });
        self.touch_object(Kind::Deadline, deadline.0.ns, Mode::Write);
        let slot = self.timers.start(deadline, actor, Due::Io { id }, cause);
        self.ring.timers.insert(id, slot);
    }

    fn stop_io_timer(&mut self, id: OpId) {
        if self.ring.timers.is_empty() {
            return;
        }
        if let Some(timer) = self.ring.timers.remove(&id) {
            let deadline = self.timers.stop(timer).deadline;
            self.note_stopped(deadline);
        }
    }

    /// The time of an operation has come.
    pub(crate) fn io_is_due(&mut self, id: OpId) {
        self.ring.timers.remove(&id);
        if let Some(name) = self.ring.desk.register.get(id).map(|pending| pending.name) {
            self.touch_operation(name);
        }
        self.ring.desk.ring.let_go(id);
        self.seat_ready();
    }

    /// An operation takes effect, and its process is told.
    pub(crate) fn complete(&mut self, actor: Actor, chooser: &mut dyn Chooser) {
        let Ready { id, seat, cause } =
            self.ring.ready.remove(&actor).expect("a picked operation has a seat");
        self.runnable.remove(seat);
        self.running = NO_SLOT;
        let before = self.ring.desk.register.get(id).cloned();
        // Where a pipe was opened, it waited for the other end after its first step.
        let met = self.ring.desk.ring.is_opening_pipe(id);
        let number = before.as_ref().map_or(1, |pending| pending.parts + 1) + u32::from(met);
        self.happened(&Event { actor, number, op: Op::of(OpKind::Io), cause: Some(cause) }, chooser);
        self.touch_completion(id);
        let fate = self.ask_fate(id, chooser);
        if fate == Fate::Strikes(Fault::Crash) {
            self.crashing = true;
            return;
        }
        if let Some(longer_ns) = self.takes_longer(id, fate) {
            self.stop_io_timer(id);
            self.ring.desk.ring.hold(id);
            self.start_io_timer(id, longer_ns);
            return self.seat_ready();
        }
        if fate == Fate::Done && self.ring.desk.ring.waits_for_other_end(id) {
            if let (Some(keep), Some((request, _))) = (&mut self.keep, self.ring.desk.ring.request(id)) {
                keep.waits_for_other_end(request);
            }
            return self.seat_ready();
        }
        self.stop_io_timer(id);
        let mut completion = self.ring.desk.ring.complete(id, fate);
        if let (Some(keep), Some(pending)) = (&mut self.keep, &before) {
            keep.completed(pending, &completion);
        }
        self.ring.books.completed(before.as_ref(), &completion);
        if self.look_at_books() {
            return;
        }
        let before = before.expect("the books have looked for it");
        let good = completion.result.is_ok();
        let mut outcome = Outcome::default();
        if panic::caught(|| self.ring.desk.complete(&mut completion, &mut outcome)).is_none() {
            let panic = panic::take();
            let message = format!("the runtime panicked at a completion: {}", panic.message);
            let violation = Violation::new(Oracle::Panic, message, &panic.place);
            return self.end(End::Violation(Box::new(violation)));
        }
        completion.is_over();
        self.ring.books.told(&before, good, &outcome, &self.ring.desk);
        self.seat_ready();
        if let Some((_, errno)) = outcome.failed_close {
            self.reports.push(Report::CloseFailed { reason: errno.name() });
        }
        if let Some(reply) = outcome.reply {
            let digest = Digest(self.births.actor_hash(actor)).parcel(&reply.value, &self.births);
            self.mix_running(digest.0);
            let cause = self.steps();
            // Who asked may be gone: the books have given back what the completion brought.
            let _ = self.arrive(reply.to, signal(reply), cause);
        }
    }

    /// What an operation comes to: a cancelled one may have taken effect, and something may go wrong.
    fn ask_fate(&mut self, id: OpId, chooser: &mut dyn Chooser) -> Fate {
        let kernel = &self.ring.desk.ring;
        if kernel.is_cancelled(id) && (!kernel.proceeds(id) || self.ask_last(Class::Ring, 2, chooser) == 0) {
            return Fate::GivenUp;
        }
        // What could go wrong with the opening of a pipe was asked before it waited.
        if self.settings.faults.is_none() || self.ring.desk.ring.is_opening_pipe(id) {
            return Fate::Done;
        }
        let (request, target) = self.ring.desk.ring.request(id).expect("what completes was submitted");
        let mut options = vec![Opt { actor: Actor::Nobody, op: Op::of(OpKind::Io) }];
        let slowed = self.ring.books.was_slow(id);
        let crashed = self.births.restarts() >= CRASHES_MAX;
        for fault in self.settings.faults.iter() {
            let again = fault == Fault::Slow && slowed || fault == Fault::Crash && crashed;
            let strikes = !again && fault.strikes(request, target);
            if strikes && (!fault.is_of_links() || self.strikes_link(id, fault)) {
                options.push(Opt { actor: Actor::Fault(fault), op: Op::of(OpKind::Io) });
            }
        }
        if options.len() < 2 {
            return Fate::Done;
        }
        match options[self.ask_fault(&options, chooser)].actor {
            Actor::Fault(fault) => {
                if fault == Fault::Slow {
                    self.ring.books.slows(id);
                }
                Fate::Strikes(fault)
            }
            _ => Fate::Done,
        }
    }
}
