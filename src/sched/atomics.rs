//! The atomics, locks and condition variables of everything that threads share.
//!
//! One file, so that a build with `--cfg loom` swaps all of them for loom's and the tests in
//! `tests/loom_sched.rs` explore their interleavings. Invariant: lock-free code names no other atomics.
//! A panic while a lock is held is our own bug and stops the whole runtime, so [`Lock`] ignores poison.

#[cfg(not(loom))]
pub use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering, fence};
#[cfg(not(loom))]
use std::sync::{Condvar, Mutex, RwLock};

#[cfg(loom)]
pub use loom::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering, fence};
#[cfg(loom)]
use loom::sync::{Condvar, Mutex, RwLock};

use std::sync::{PoisonError, TryLockError};
use std::time::Duration;

#[cfg(not(loom))]
pub type Guard<'a, T> = std::sync::MutexGuard<'a, T>;
#[cfg(loom)]
pub type Guard<'a, T> = loom::sync::MutexGuard<'a, T>;
#[cfg(not(loom))]
pub type ReadGuard<'a, T> = std::sync::RwLockReadGuard<'a, T>;
#[cfg(loom)]
pub type ReadGuard<'a, T> = loom::sync::RwLockReadGuard<'a, T>;
#[cfg(not(loom))]
pub type WriteGuard<'a, T> = std::sync::RwLockWriteGuard<'a, T>;
#[cfg(loom)]
pub type WriteGuard<'a, T> = loom::sync::RwLockWriteGuard<'a, T>;

/// A mutex without poison.
pub struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub fn new(value: T) -> Lock<T> {
        Lock(Mutex::new(value))
    }

    #[inline]
    pub fn lock(&self) -> Guard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The guard, unless somebody else has it.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl<T: Default> Default for Lock<T> {
    fn default() -> Self {
        Lock::new(T::default())
    }
}

/// A lock for many readers or one writer, without poison.
pub struct SharedLock<T>(RwLock<T>);

impl<T> SharedLock<T> {
    pub fn new(value: T) -> SharedLock<T> {
        SharedLock(RwLock::new(value))
    }

    #[inline]
    pub fn read(&self) -> ReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    pub fn write(&self) -> WriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a thread sleeps: rung once, heard once, in whatever order the two happen.
pub struct Bell {
    rung: Lock<bool>,
    changed: Condvar,
}

impl Default for Bell {
    fn default() -> Self {
        Bell { rung: Lock::new(false), changed: Condvar::new() }
    }
}

impl Bell {
    pub fn ring(&self) {
        *self.rung.lock() = true;
        self.changed.notify_one();
    }

    /// Sleeps until the bell rings, or at most this long. Whether it rang; hearing it silences it.
    pub fn wait(&self, at_most: Option<Duration>) -> bool {
        let mut rung = self.rung.lock();
        while !*rung {
            match at_most {
                None => rung = self.changed.wait(rung).unwrap_or_else(PoisonError::into_inner),
                Some(limit) => {
                    let waited = self.changed.wait_timeout(rung, limit);
                    rung = waited.unwrap_or_else(PoisonError::into_inner).0;
                    break;
                }
            }
        }
        std::mem::take(&mut *rung)
    }

    /// Whether it rang, without sleeping; hearing it silences it.
    pub fn heard(&self) -> bool {
        std::mem::take(&mut *self.rung.lock())
    }
}
