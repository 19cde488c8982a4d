//! The ring in simulation: the same books as in production over the simulated kernel, all of it plain data.
//!
//! An operation that can complete has a seat among those who can act, as a process has: when it is picked it takes
//! effect and its process is told. So the questions about order are also those about which completion comes
//! when. Whether a cancelled operation had taken effect already is a question of [`Class::Ring`]; the dull answer is that
//! it had not. Invariant: an operation in flight that could complete has one seat, named by its process and that process's
//! reference.

use super::SimWorld;
use super::door::Door;
use super::runnable::Seat;
use super::slots::NO_SLOT;
use super::watch::Effect;
use crate::choice::{Actor, Chooser, Class, Event, Opt};
use crate::dependence::{Access, Kind, Mode};
use crate::digest::Digest;
use crate::kernel::Kernel;
use crate::kernel::preloaded::Preloaded;
use std::collections::BTreeMap;
use std::sync::Arc;
use warpbeam::heap::read::RefId;
use warpbeam::process::pid::Pid;
use warpbeam::ring::request::OpId;
use warpbeam::ring::{Call, Desk, Refused};
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

#[derive(Clone, Debug, Default)]
pub struct SimRing {
    pub desk: Desk<Kernel>,
    ready: BTreeMap<Actor, Ready>,
    /// The program has called: most never do, and nothing is to be cleared or copied then.
    pub(crate) used: bool,
}

impl SimRing {
    pub fn new(preloaded: Option<Arc<Preloaded>>) -> SimRing {
        SimRing { desk: Desk::new(Kernel::new(preloaded)), ..SimRing::default() }
    }

    pub fn clear(&mut self) {
        if !std::mem::take(&mut self.used) {
            return;
        }
        self.desk.clear();
        self.desk.ring.clear();
        self.ready.clear();
    }
}

impl Io for Door<'_> {
    fn io(&mut self, me: Pid, call: Call) -> Result<(), Refused> {
        let world = &mut *self.world;
        if world.scratch {
            return Err(Refused::Closed);
        }
        world.ring.used = true;
        let done = world.ring.desk.call(me, call);
        world.mix_running(u64::from(done.is_ok()));
        world.seat_ready();
        done
    }

    fn owns_descriptors(&mut self, me: Pid) -> bool {
        self.world.ring.desk.fds.owned_by(me).next().is_some()
    }
}

fn actor_of(name: RefId) -> Actor {
    let owner = Pid::from_payload(name.creator).serial().0 as u32;
    Actor::Completion { owner, count: name.count as u32 }
}

impl SimWorld {
    /// Seats the operations that can complete now.
    fn seat_ready(&mut self) {
        for id in self.ring.desk.ring.take_ready() {
            let pending = self.ring.desk.register.get(id).expect("what the kernel has is registered");
            let actor = actor_of(pending.name);
            let seat = self.runnable.add(Opt { actor, op: Op::of(OpKind::Io) });
            let cause = self.steps();
            let old = self.ring.ready.insert(actor, Ready { id, seat, cause });
            assert!(old.is_none(), "no two operations in flight share a name");
            let hash = self.births.actor_hash(actor);
            if let Some(watch) = &mut self.watch {
                watch.effects.push(Effect::Began { actor: hash });
            }
        }
    }

    /// An operation takes effect, and its process is told.
    pub(crate) fn complete(&mut self, actor: Actor, chooser: &mut dyn Chooser) {
        let Ready { id, seat, cause } =
            self.ring.ready.remove(&actor).expect("a picked operation has a seat");
        self.runnable.remove(seat);
        self.running = NO_SLOT;
        let number = self.ring.desk.register.get(id).expect("what the kernel has is registered").parts + 1;
        self.happened(&Event { actor, number, op: Op::of(OpKind::Io), cause: Some(cause) }, chooser);
        if let Some(watch) = &mut self.watch {
            watch.effects.push(Effect::Touched(Access::on(Kind::Kernel, Mode::Write)));
        }
        let given_up = self.ring.desk.ring.is_cancelled(id) && self.ask_last(Class::Ring, 2, chooser) == 0;
        let completion = self.ring.desk.ring.complete(id, given_up);
        let outcome = self.ring.desk.completed(completion);
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
}
