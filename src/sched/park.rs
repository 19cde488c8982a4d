//! How scheduler threads without work sleep, and who wakes them.
//!
//! A thread that runs out of work *searches* (steals) for a while and then *sleeps*. Who adds work that others
//! may take wakes one sleeper, unless somebody is searching already and will find it; the last one to stop
//! searching looks whether there is more, and passes that duty on. Invariant: no work waits while every thread sleeps. Adding work and looking
//! at the counts, and changing the counts and looking for work, are each in this order with a sequentially
//! consistent fence between, so one of the two sides sees the other. Tested with loom.
//!
//! One sleeper at most, the *timekeeper*, sleeps with a time limit for the earliest timer; the others cost
//! nothing. Another, the *watcher*, sleeps where completions arrive ([`Watch`]): the last to fall asleep, since who is
//! awake looks for completions now and then, or one that is asked to by who cannot. For other work it is woken last. Source: the shape is that of Go's and Tokio's schedulers.

use super::atomics::{AtomicU64, Bell, Lock, Ordering, fence};
use std::sync::Arc;
use std::time::Duration;

/// Where completions arrive, to sleep there. Invariant: a kick between `begin` and `end` ends a `wait` that has begun or
/// is to come, whoever else looks at what has arrived.
pub trait Watch: Send + Sync {
    /// Whether something has arrived.
    fn any(&self) -> bool;

    /// Asks the kernel what has arrived, where it has to be asked.
    fn look(&self) {}

    /// Lets what was submitted begin.
    fn flush(&self);

    fn begin(&self);

    /// Lets what was submitted begin, and sleeps until something arrives, a kick, or at most this long; or shorter.
    fn wait(&self, at_most: Option<Duration>);

    fn end(&self);

    /// Wakes who waits.
    fn kick(&self);
}

/// Number of a scheduler thread.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct WorkerIx(pub usize);

const SEARCHING: u64 = 1;
const SLEEPING: u64 = 1 << 32;

fn searching(counts: u64) -> u64 {
    counts % SLEEPING
}

/// How long what lies at a thread that is busy with one long operation may wait for others.
const LOOKOUT: Duration = Duration::from_millis(5);

#[derive(Default)]
struct Beds {
    asleep: Vec<WorkerIx>,
    /// Who sleeps with a time limit, and until when (nanoseconds).
    timekeeper: Option<(WorkerIx, u64)>,
    /// Who sleeps for [`LOOKOUT`] at most, while others are awake.
    lookout: Option<WorkerIx>,
    /// Who sleeps where completions arrive, and where that is.
    watcher: Option<(WorkerIx, Arc<dyn Watch>)>,
    /// The next who sleeps is to watch, although others are awake.
    wants_watcher: bool,
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
        let Some(sleeper) = beds.take_out() else { return };
        let watch = beds.left(sleeper);
        self.counts.fetch_add(SEARCHING.wrapping_sub(SLEEPING), Ordering::SeqCst);
        drop(beds);
        self.wake(sleeper, watch);
    }

    fn wake(&self, sleeper: WorkerIx, watch: Option<Arc<dyn Watch>>) {
        self.bells[sleeper.0].ring();
        if let Some(watch) = watch {
            watch.kick();
        }
    }

    /// Wakes everybody, for the end. What they should notice was stored before.
    pub fn wake_all(&self) {
        fence(Ordering::SeqCst);
        let mut beds = self.beds.lock();
        for sleeper in std::mem::take(&mut beds.asleep) {
            let watch = beds.left(sleeper);
            self.counts.fetch_add(SEARCHING.wrapping_sub(SLEEPING), Ordering::SeqCst);
            self.wake(sleeper, watch);
        }
    }

    /// Whether all threads but one sleep.
    pub fn is_last_awake(&self) -> bool {
        self.counts.load(Ordering::Relaxed) / SLEEPING + 1 == self.bells.len() as u64
    }

    /// For who computes and cannot look for completions soon: has one of those who sleep watch, if none does.
    pub fn have_watched(&self) {
        let mut beds = self.beds.lock();
        if beds.watcher.is_none() {
            beds.wants_watcher = true;
            drop(beds);
            self.work_added();
        }
    }

    /// The calling thread has no work and looks for some.
    pub fn begin_search(&self) {
        self.counts.fetch_add(SEARCHING, Ordering::SeqCst);
    }

    /// It found some. `more` says whether there is work for others.
    pub fn end_search(&self, more: impl FnOnce() -> bool) {
        let before = self.counts.fetch_sub(SEARCHING, Ordering::SeqCst);
        if searching(before) == 1 && before >= SLEEPING {
            // Who added some before this left it to this thread; who adds some later does not.
            fence(Ordering::SeqCst);
            if more() {
                self.work_added();
            }
        }
    }

    /// It found none and sleeps, until work is added or the limit passes; or at `watch`, if it is to, until something arrives
    /// there. `look` says whether there is something to do after all, and is told whether what was submitted has to begin now:
    /// somebody else watches already. Otherwise it is left to those who are awake, since the kernel completes an operation
    /// on the thread that let it begin, and would wake this one for each.
    /// The thread is searching again when this returns.
    pub fn sleep(
        &self,
        me: WorkerIx,
        limit: Option<Limit>,
        watch: Option<&Arc<dyn Watch>>,
        look: impl FnOnce(bool) -> bool,
    ) {
        let (at_most, watch, is_watched) = {
            let mut beds = self.beds.lock();
            beds.asleep.push(me);
            self.counts.fetch_add(SLEEPING.wrapping_sub(SEARCHING), Ordering::SeqCst);
            let last = beds.asleep.len() == self.bells.len();
            let limit = limit.filter(|limit| beds.keeps_time(me, limit.at_ns));
            let mut at_most = limit.map(|limit| limit.from_now);
            if !last && beds.looks_out(me) {
                at_most = Some(at_most.map_or(LOOKOUT, |limit| limit.min(LOOKOUT)));
            }
            let is_watched = beds.watcher.is_some();
            let asked = last || beds.wants_watcher;
            (at_most, watch.filter(|watch| asked && beds.watches(me, watch)), is_watched)
        };
        fence(Ordering::SeqCst);
        let bell = &self.bells[me.0];
        let stays = !look(is_watched);
        let woken = match watch {
            Some(watch) if stays => {
                watch.wait(at_most);
                bell.heard()
            }
            _ => stays && bell.wait(at_most),
        };
        if let Some(watch) = watch {
            watch.end();
        }
        if !woken {
            self.get_up(me);
        }
    }

    /// Leaves the bed without having been woken.
    fn get_up(&self, me: WorkerIx) {
        let mut beds = self.beds.lock();
        match beds.asleep.iter().position(|&sleeper| sleeper == me) {
            Some(at) => {
                beds.asleep.swap_remove(at);
                beds.left(me);
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

    /// Whether this sleeper gets up now and then.
    fn looks_out(&mut self, me: WorkerIx) -> bool {
        *self.lookout.get_or_insert(me) == me
    }

    /// Whether this sleeper watches.
    fn watches(&mut self, me: WorkerIx, watch: &Arc<dyn Watch>) -> bool {
        if self.watcher.is_some() {
            return false;
        }
        watch.begin();
        self.wants_watcher = false;
        self.watcher = Some((me, Arc::clone(watch)));
        true
    }

    /// The sleeper to wake: the one who watches last.
    fn take_out(&mut self) -> Option<WorkerIx> {
        let watches =
            |sleeper: WorkerIx| self.watcher.as_ref().is_some_and(|(watcher, _)| *watcher == sleeper);
        let last = self.asleep.len().checked_sub(1)?;
        let at = self.asleep.iter().rposition(|&sleeper| !watches(sleeper)).unwrap_or(last);
        Some(self.asleep.swap_remove(at))
    }

    /// A sleeper is no longer in bed: where it watched, if it did.
    fn left(&mut self, sleeper: WorkerIx) -> Option<Arc<dyn Watch>> {
        if self.timekeeper.is_some_and(|(keeper, _)| keeper == sleeper) {
            self.timekeeper = None;
        }
        self.lookout.take_if(|lookout| *lookout == sleeper);
        self.watcher.take_if(|(watcher, _)| *watcher == sleeper).map(|(_, watch)| watch)
    }
}
