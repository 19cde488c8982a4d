//! Completions on their way from the threads of a ring to whoever deals with them.
//!
//! Invariant: who adds one tells afterwards, or takes it before it sleeps: nobody sleeps while one is here.

use super::request::Completion;
use crate::sched::atomics::{AtomicBool, Lock, Ordering};

/// Called, from a thread of the ring's own, after something has arrived.
pub type Notify = Box<dyn Fn() + Send + Sync>;

pub struct Arrivals {
    list: Lock<Vec<Completion>>,
    any: AtomicBool,
    notify: Notify,
}

impl Arrivals {
    pub fn new(notify: Notify) -> Arrivals {
        Arrivals { list: Lock::default(), any: AtomicBool::new(false), notify }
    }

    pub fn add(&self, completion: Completion) {
        self.add_all(&mut vec![completion]);
    }

    pub fn add_all(&self, completions: &mut Vec<Completion>) {
        if self.put(completions) {
            (self.notify)();
        }
    }

    /// Adds them for who adds them to deal with soon: nobody is told. Whether there are any.
    pub fn put(&self, completions: &mut Vec<Completion>) -> bool {
        let any = !completions.is_empty();
        if any {
            let mut list = self.list.lock();
            list.append(completions);
            self.any.store(true, Ordering::SeqCst);
        }
        any
    }

    /// Whether something has arrived.
    #[inline]
    pub fn any(&self) -> bool {
        self.any.load(Ordering::SeqCst)
    }

    /// What has arrived, in order.
    pub fn take(&self, into: &mut Vec<Completion>) {
        let mut list = self.list.lock();
        self.any.store(false, Ordering::SeqCst);
        into.append(&mut list);
    }
}
