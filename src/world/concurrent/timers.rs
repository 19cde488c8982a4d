//! The timers of all processes, in shards by who started them.
//!
//! Two kinds of alarm: a timer that sends a message, and the time limit of a receive, of which a process has
//! one at most (its id is the process's reference number 0, which no program's reference has).
//! Invariants: `earliest` is never later than the earliest deadline of a timer whose starter has returned,
//! so whoever watches it misses none; alarms are delivered in order of deadline, by one thread at a time.

use crate::heap::parcel::Parcel;
use crate::process::pid::Pid;
use crate::sched::atomics::{AtomicU64, Guard, Lock, Ordering};
use crate::time::timer_heap::{Fired, TimerHeap};
use crate::time::{Deadline, Instant, TimerId};
use crate::world::TimerTarget;

#[derive(Clone, Debug)]
pub enum Alarm {
    /// The time limit of this process's receive.
    Wake(Pid),
    Message(TimerTarget, Parcel),
}

pub struct Timers {
    shards: Box<[Lock<TimerHeap<Alarm>>]>,
    /// Nanoseconds; `u64::MAX` for none.
    earliest: AtomicU64,
    firing: Lock<Vec<Fired<Alarm>>>,
}

/// The alarms that are due, in order. While it lives nobody else delivers any.
pub struct Firing<'a>(Guard<'a, Vec<Fired<Alarm>>>);

impl Firing<'_> {
    pub fn drain(&mut self) -> impl Iterator<Item = Fired<Alarm>> + '_ {
        self.0.drain(..)
    }
}

fn wake_id(pid: Pid) -> TimerId {
    TimerId { creator: pid.payload(), count: 0 }
}

impl Timers {
    pub fn new(schedulers: usize) -> Timers {
        let shards = (0..schedulers.next_power_of_two().min(64)).map(|_| Lock::default()).collect();
        Timers { shards, earliest: AtomicU64::new(u64::MAX), firing: Lock::default() }
    }

    fn shard(&self, creator: u64) -> &Lock<TimerHeap<Alarm>> {
        &self.shards[creator as usize & (self.shards.len() - 1)]
    }

    fn set(&self, id: TimerId, deadline: Deadline, owner: Option<Pid>, alarm: Alarm) {
        self.shard(id.creator).lock().set(id, deadline, owner, alarm);
        if deadline.0.ns < self.earliest.load(Ordering::SeqCst) {
            self.earliest.fetch_min(deadline.0.ns, Ordering::SeqCst);
        }
    }

    /// Starts a timer that sends a message.
    pub fn start(&self, id: TimerId, deadline: Deadline, target: TimerTarget, message: Parcel) {
        let owner = match target {
            TimerTarget::Pid(pid) => Some(pid),
            TimerTarget::Name(_) => None,
        };
        self.set(id, deadline, owner, Alarm::Message(target, message));
    }

    /// Sets the alarm for a receive, in place of the process's earlier one.
    pub fn set_wake(&self, pid: Pid, deadline: Deadline) {
        self.set(wake_id(pid), deadline, None, Alarm::Wake(pid));
    }

    pub fn cancel_wake(&self, pid: Pid) {
        self.shard(pid.payload()).lock().cancel(wake_id(pid));
    }

    pub fn cancel(&self, id: TimerId) -> Option<Deadline> {
        self.shard(id.creator).lock().cancel(id).map(|(deadline, _)| deadline)
    }

    pub fn read(&self, id: TimerId) -> Option<Deadline> {
        self.shard(id.creator).lock().read(id).map(|(deadline, _)| deadline)
    }

    /// Stops the timers that a process started and that send to it by pid.
    pub fn drop_own(&self, pid: Pid) {
        self.shard(pid.payload()).lock().drop_owned(pid);
    }

    /// Stops every timer that sends to this pid, whoever started it.
    pub fn drop_all_to(&self, pid: Pid) {
        for shard in &self.shards {
            shard.lock().drop_owned(pid);
        }
    }

    /// When somebody should look next.
    #[inline]
    pub fn earliest(&self) -> Option<Deadline> {
        let ns = self.earliest.load(Ordering::SeqCst);
        (ns != u64::MAX).then_some(Deadline(Instant { ns }))
    }

    /// The alarms that are due, unless there is none or somebody else is delivering them.
    pub fn fire(&self, now: Instant) -> Option<Firing<'_>> {
        if self.earliest()? > Deadline(now) {
            return None;
        }
        let mut fired = self.firing.try_lock()?;
        // Cleared before the shards are looked at: a timer set meanwhile is seen there or lowers it again.
        self.earliest.store(u64::MAX, Ordering::SeqCst);
        let mut next = u64::MAX;
        for shard in &self.shards {
            let mut shard = shard.lock();
            while let Some(alarm) = shard.pop_due(now) {
                fired.push(alarm);
            }
            next = next.min(shard.next_deadline().map_or(u64::MAX, |d| d.0.ns));
        }
        self.earliest.fetch_min(next, Ordering::SeqCst);
        if self.shards.len() > 1 {
            fired.sort_by_key(|alarm| alarm.deadline);
        }
        Some(Firing(fired))
    }
}
