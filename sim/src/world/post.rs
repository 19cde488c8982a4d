//! Signals on their way: sending, channels, waking, timers that fire.
//!
//! Causal delivery puts a signal into the receiver's inbox in the sender's step. Pairwise delivery keeps a
//! queue for each pair of sender and receiver, which acts by itself when it is picked. Invariant: order from one
//! sender to one receiver is kept; a signal to a process that has closed its inbox comes back.

use super::SimWorld;
use super::runnable::Seat;
use super::settings::Delivery;
use super::slots::State;
use super::timers::{Due, Fired, TimerSlot};
use super::watch::Effect;
use crate::choice::{Actor, Chooser, Event, Opt};
use crate::dependence::{Kind, Mode};
use crate::digest::fold;
use crate::name::Births;
use std::collections::VecDeque;
use warpbeam::process::pid::Pid;
use warpbeam::process::probe::message_to_self;
use warpbeam::process::signal::Signal;
use warpbeam::term::atom::FixedMap;
use warpbeam::world::{NoProcess, Object, Op, OpKind, TimerTarget};

/// A signal in a channel, and the event that sent it.
#[derive(Clone, Debug)]
struct Sent {
    signal: Signal,
    cause: u64,
}

#[derive(Clone, Debug)]
struct Channel {
    to: Pid,
    queue: VecDeque<Sent>,
    delivered: u32,
    seat: Option<Seat>,
}

/// The channels of pairwise delivery.
#[derive(Clone, Debug, Default)]
pub struct Channels {
    list: Vec<Channel>,
    /// By serial numbers of sender and receiver.
    numbers: FixedMap<(u32, u32), u32>,
}

impl Channels {
    pub fn clear(&mut self) {
        self.list.clear();
        self.numbers.clear();
    }

    fn of(&mut self, from: Pid, to: Pid) -> &mut Channel {
        let key = (from.serial().0 as u32, to.serial().0 as u32);
        let list = &mut self.list;
        let at = *self.numbers.entry(key).or_insert_with(|| {
            list.push(Channel { to, queue: VecDeque::new(), delivered: 0, seat: None });
            (list.len() - 1) as u32
        });
        &mut self.list[at as usize]
    }
}

/// What a signal adds to the digest beside its content.
fn signal_kind(signal: &Signal) -> u64 {
    match signal {
        Signal::Message(_) => 1,
        Signal::AliasMessage { .. } => 2,
        Signal::Link { .. } => 3,
        Signal::Unlink { .. } => 4,
        Signal::UnlinkAck { .. } => 5,
        Signal::Monitor { .. } => 6,
        Signal::Demonitor { .. } => 7,
        Signal::Down { .. } => 8,
        Signal::Exit { .. } => 9,
        Signal::GroupLeader { .. } => 10,
        Signal::IsAlive { .. } => 11,
        Signal::Info { .. } => 12,
        Signal::Suspend { .. } => 13,
        Signal::Resume { .. } => 14,
        Signal::Collect { .. } => 15,
        Signal::Reply { .. } => 16,
        Signal::AwaitLoad { .. } => 17,
    }
}

/// A digest of the signal.
pub(crate) fn signal_digest(to: u64, signal: &Signal, births: &Births) -> u64 {
    let start = crate::digest::Digest(fold(to, signal_kind(signal)));
    let digest = match signal {
        Signal::Message(parcel) => start.parcel(parcel, births),
        Signal::AliasMessage { alias, message } => start.reference(*alias, births).parcel(message, births),
        Signal::Unlink { id, .. } | Signal::UnlinkAck { id, .. } => start.mix(*id),
        Signal::Monitor { reference, .. } | Signal::Demonitor { reference } => {
            start.reference(*reference, births)
        }
        Signal::Down { reference, reason, .. } => start.reference(*reference, births).parcel(reason, births),
        Signal::Exit { reason, .. } => start.parcel(reason, births),
        Signal::GroupLeader { leader, .. } => start.mix(births.pid_hash(*leader)),
        Signal::Info { items, .. } => start.parcel(items, births),
        // Replies may hold figures of memory and collections, which plans may change.
        Signal::Reply { request, .. } => start.reference(*request, births),
        Signal::Link { .. }
        | Signal::IsAlive { .. }
        | Signal::Suspend { .. }
        | Signal::Resume { .. }
        | Signal::Collect { .. }
        | Signal::AwaitLoad { .. } => start,
    };
    digest.0
}

impl SimWorld {
    /// Hands a signal of a process over.
    pub(crate) fn post(&mut self, from: Pid, to: Pid, signal: Signal) -> Result<(), NoProcess> {
        let digest = signal_digest(self.births.pid_hash(to), &signal, &self.births);
        self.mix_sent(digest);
        let cause = self.steps();
        if let Some(keep) = &mut self.keep {
            keep.sent(from, to, &signal);
        }
        self.shadow.sent(from, to, &signal, &self.births);
        if self.settings.delivery == Delivery::Pairwise && from != to {
            self.enqueue(from, to, Sent { signal, cause });
            return Ok(());
        }
        self.arrive(to, signal, cause)
    }

    /// Puts a signal into an inbox and wakes whoever waits for it.
    pub(crate) fn arrive(&mut self, to: Pid, signal: Signal, cause: u64) -> Result<(), NoProcess> {
        let Some(at) = self.slots.of_pid(to).filter(|&at| !self.slots.at(at).closed) else {
            if let Some(keep) = &mut self.keep {
                keep.bounced(to, &signal);
            }
            self.shadow.bounced(to, &signal);
            if let Some(watch) = &mut self.watch {
                watch.arrives(to, &signal, None, true, &self.births);
            }
            return Err(NoProcess(signal));
        };
        self.shadow.arrived(to, &signal);
        let plain = signal.is_message();
        if let Some(keep) = &mut self.keep {
            keep.arrived(to, cause);
        }
        if let Some(watch) = &mut self.watch {
            let message = match self.slots.at(at).process.as_deref() {
                Some(process) => process.message_of(&signal),
                None => message_to_self(&signal),
            };
            watch.arrives(to, &signal, message, false, &self.births);
        }
        self.slots.at_mut(at).inbox.push(signal);
        self.wake(at, plain);
        Ok(())
    }

    /// Lets a process look at its inbox, if what it would do next may depend on that.
    fn wake(&mut self, at: u32, plain: bool) {
        match self.slots.at(at).state {
            State::Receive => self.make_runnable(at),
            State::Reply | State::Suspended if !plain => self.make_runnable(at),
            // Its next operation may be another one now.
            State::Ready if !plain || self.next_op(at).is(OpKind::Receive) => {
                self.slots.at_mut(at).state = State::Advance;
                self.advance.push_back(at);
            }
            _ => {}
        }
    }

    /// Seats a process that waited.
    pub(crate) fn make_runnable(&mut self, at: u32) {
        let slot = self.slots.at_mut(at);
        assert!(slot.seat.is_none(), "a waiting process has no seat");
        slot.state = State::Advance;
        let serial = slot.serial;
        if let Some(watch) = &mut self.watch {
            watch.effects.push(Effect::Woke { serial });
        }
        let slot = self.slots.at_mut(at);
        let hash = slot.hash;
        if let Some(timer) = slot.after.take() {
            let deadline = self.timers.stop(timer).deadline;
            if self.note_stopped(deadline) {
                // The first signal that comes when the time is over ends the waiting, whatever it is.
                self.touch_object(Kind::Contents, hash, Mode::Whole);
            }
        }
        let slot = self.slots.at_mut(at);
        let option = Opt { actor: Actor::Process(slot.serial), op: Op::of(OpKind::Start) };
        slot.seat = Some(self.runnable.add(option));
        self.advance.push_back(at);
    }

    /// Stops the timers that would send to a process.
    pub(crate) fn stop_timers_to(&mut self, pid: Pid) {
        if let Some(first) = self.timers.stop_for(pid) {
            self.note_stopped(first);
        }
    }

    fn enqueue(&mut self, from: Pid, to: Pid, sent: Sent) {
        let channel = self.channels.of(from, to);
        channel.queue.push_back(sent);
        if channel.seat.is_none() {
            let actor = Actor::Channel { from: from.serial().0 as u32, to: to.serial().0 as u32 };
            channel.seat = Some(self.runnable.add(Opt { actor, op: Op::on(OpKind::Send, to) }));
        }
    }

    /// Delivers the first signal of a channel. What comes back is `bounce`d by the caller.
    pub(crate) fn deliver(
        &mut self,
        from: u32,
        to: u32,
        chooser: &mut dyn Chooser,
    ) -> Option<(Pid, NoProcess)> {
        let at = self.channels.numbers[&(from, to)] as usize;
        let channel = &mut self.channels.list[at];
        let sent = channel.queue.pop_front().expect("a channel with a seat holds a signal");
        channel.delivered += 1;
        let (receiver, count) = (channel.to, channel.delivered);
        if channel.queue.is_empty() {
            let seat = channel.seat.take().expect("a channel that holds a signal has a seat");
            self.runnable.remove(seat);
        }
        let actor = Actor::Channel { from, to };
        let op = Op::on(OpKind::Send, receiver);
        self.happened(&Event { actor, number: count, op, cause: Some(sent.cause) }, chooser);
        self.arrive(receiver, sent.signal, sent.cause).err().map(|back| (receiver, back))
    }

    /// Lets a timer fire; virtual time moves on to its deadline if it is later.
    pub(crate) fn fire(&mut self, timer: TimerSlot, chooser: &mut dyn Chooser) {
        let Fired { deadline, actor, due, cause } = self.timers.stop(timer);
        self.now = self.now.max(deadline.0);
        let op = Op::new(OpKind::Timeout, object_of(actor));
        self.happened(&Event { actor, number: 1, op, cause: Some(cause) }, chooser);
        self.touch_object(Kind::Due, 0, Mode::Part);
        match due {
            Due::After { slot } => {
                // A signal that comes when the time is over ends the waiting too, whatever it is.
                let hash = self.slots.at(slot).hash;
                self.touch_object(Kind::Contents, hash, Mode::Whole);
                let waiting = self.slots.at_mut(slot);
                waiting.after = None;
                waiting.process.as_mut().expect("a waiting process is in its slot").expire();
                self.make_runnable(slot);
            }
            Due::Io { id } => self.io_is_due(id),
            Due::Passage(passage) => self.passage_ends(passage),
            Due::Send { target, message, .. } => {
                let pid = match target {
                    TimerTarget::Pid(pid) => {
                        self.touch(Kind::TimersTo, pid, Mode::Part);
                        Some(pid)
                    }
                    TimerTarget::Name(name) => self.names.get(name),
                };
                if let Some(pid) = pid {
                    let cause = self.steps();
                    // A timer's message to a process that is gone is dropped.
                    let _ = self.arrive(pid, Signal::Message(message), cause);
                }
            }
        }
    }
}

fn object_of(actor: Actor) -> Object {
    match actor {
        Actor::Timer { count, .. } | Actor::After { count, .. } => Object::Timer(u64::from(count)),
        _ => Object::Nothing,
    }
}
