//! How scheduler threads without work sleep, and who wakes them.
//!
//! A thread that runs out of work *searches* (steals) for a while and then *sleeps*. Who adds work that others
//! may take wakes one sleeper, unless somebody is searching already and will find it; the last one to stop
//! searching passes that duty on. Invariant: no work waits while every thread sleeps. Adding work and looking
//! at the counts, and changing the counts and looking for work, are each in this order with a sequentially
//! consistent fence between, so one of the two sides sees the other. Tested with loom.
//!
//! One sleeper at most, the *timekeeper*, sleeps with a time limit for the earliest timer; the others cost
//! nothing. Source: the shape is that of Go's and Tokio's schedulers.

use super::atomics::{AtomicU64, Bell, Lock, Ordering, fence};
use std::time::Duration;

/// Number of a scheduler thread.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct WorkerIx(pub usize);

const SEARCHING: u64 = 1;
const SLEEPING: u64 = 1 << 32;

fn searching(counts: u64) -> u64 {
    counts % SLEEPING
}

#[derive(Default)]
struct Beds {
    asleep: Vec<WorkerIx>,
    /// Who sleeps with a time limit, and until when (nanoseconds).
    timekeeper: Option<(WorkerIx, u64)>,
}

pub struct Parking {
    /// Threads that search, and above them threads that sleep; written with `beds` locked where it counts.
    counts: AtomicU64,
    beds: Lock<Beds>,
    bells: Box<[Bell]>,
}

/// A time limit: the moment in nanoseconds, and how long that is from now.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub at_ns: u64,
    pub from_now: Duration,
}

impl Parking {
    pub fn new(threads: usize) -> Parking {
        Parking {
            counts: AtomicU64::new(0),
            beds: Lock::default(),
            bells: (0..threads).map(|_| Bell::default()).collect(),
        }
    }

    /// To be called after work was put where other threads find it.
    #[inline]
    pub fn work_added(&self) {
        fence(Ordering::SeqCst);
        let counts = self.counts.load(Ordering::SeqCst);
        if counts >= SLEEPING && searching(counts) == 0 {
            self.wake_one();
        }
    }

    #[cold]
    fn wake_one(&self) {
        let mut beds = self.beds.lock();
        if searching(self.counts.load(Ordering::SeqCst)) != 0 {
            return;
        }
        let Some(sleeper) = beds.asleep.pop() else { return };
        beds.gave_up_time(sleeper);
        self.counts.fetch_add(SEARCHING.wrapping_sub(SLEEPING), Ordering::SeqCst);
        drop(beds);
        self.bells[sleeper.0].ring();
    }

    /// Wakes everybody, for the end. What they should notice was stored before.
    pub fn wake_all(&self) {
        fence(Ordering::SeqCst);
        let mut beds = self.beds.lock();
        beds.timekeeper = None;
        for sleeper in std::mem::take(&mut beds.asleep) {
            self.counts.fetch_add(SEARCHING.wrapping_sub(SLEEPING), Ordering::SeqCst);
            self.bells[sleeper.0].ring();
        }
    }

    /// The calling thread has no work and looks for some.
    pub fn begin_search(&self) {
        self.counts.fetch_add(SEARCHING, Ordering::SeqCst);
    }

    /// It found some.
    pub fn end_search(&self) {
        let before = self.counts.fetch_sub(SEARCHING, Ordering::SeqCst);
        if searching(before) == 1 {
            self.work_added();
        }
    }

    /// It found none and sleeps, until work is added or the limit passes. `look` says whether there is
    /// something to do after all. The thread is searching again when this returns.
    pub fn sleep(&self, me: WorkerIx, limit: Option<Limit>, look: impl FnOnce() -> bool) {
        let limit = {
            let mut beds = self.beds.lock();
            beds.asleep.push(me);
            self.counts.fetch_add(SLEEPING.wrapping_sub(SEARCHING), Ordering::SeqCst);
            limit.filter(|limit| beds.keeps_time(me, limit.at_ns))
        };
        fence(Ordering::SeqCst);
        if look() || !self.bells[me.0].wait(limit.map(|limit| limit.from_now)) {
            self.get_up(me);
        }
    }

    /// Leaves the bed without having been woken.
    fn get_up(&self, me: WorkerIx) {
        let mut beds = self.beds.lock();
        match beds.asleep.iter().position(|&sleeper| sleeper == me) {
            Some(at) => {
                beds.asleep.swap_remove(at);
                beds.gave_up_time(me);
                self.counts.fetch_add(SEARCHING.wrapping_sub(SLEEPING), Ordering::SeqCst);
            }
            None => {
                // Somebody took it out meanwhile; the ring belongs to this sleep, not to the next.
                drop(beds);
                self.bells[me.0].wait(None);
            }
        }
    }
}

impl Beds {
    /// Whether this sleeper must watch the time.
    fn keeps_time(&mut self, me: WorkerIx, at_ns: u64) -> bool {
        if self.timekeeper.is_some_and(|(_, theirs)| theirs <= at_ns) {
            return false;
        }
        self.timekeeper = Some((me, at_ns));
        true
    }

    fn gave_up_time(&mut self, sleeper: WorkerIx) {
        if self.timekeeper.is_some_and(|(keeper, _)| keeper == sleeper) {
            self.timekeeper = None;
        }
    }
}
