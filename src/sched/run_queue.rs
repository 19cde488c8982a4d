//! The run queue of one scheduler thread.
//!
//! ```text
//! next                 one normal-priority item, run next by this thread alone
//! max high normal low  queues, first in first out; other threads steal from them
//! ```
//! What a running process wakes goes into `next`, so that two processes that talk to each other stay on one
//! thread and in its cache, and no other thread is woken for it. Other threads take what is *offered*: what a
//! process wakes beyond `next`, or what has lain here for long; a batch of completions is not at first, since most
//! are short and a thread that is woken for half of them soon sleeps again. Invariants: max goes before high, high
//! before the others; `next` goes before at most [`AHEAD_MAX`] times in a row, and a low item is passed over
//! at most [`LOW_PASSED_MAX`] times, so every normal and low item gets its turn among them.
//! The queues are crossbeam's (Chase and Lev's deque).

use super::atomics::{AtomicBool, Ordering};
use crate::process::Priority;
use crossbeam_deque::{Steal, Stealer, Worker};
use std::sync::Arc;

const AHEAD_MAX: u32 = 16;
const LOW_PASSED_MAX: u32 = 8;
/// Items taken from another thread at once.
const STOLEN_MAX: usize = 32;
const LEVELS: usize = 4;

const LOW: usize = 0;
const NORMAL: usize = 1;
const HIGH: usize = 2;
const MAX: usize = 3;

fn level(priority: Priority) -> usize {
    match priority {
        Priority::Low => LOW,
        Priority::Normal => NORMAL,
        Priority::High => HIGH,
        Priority::Max => MAX,
    }
}

pub struct RunQueue<T> {
    next: Option<T>,
    /// Times in a row that `next` went before the queues.
    ahead: u32,
    levels: [Worker<T>; LEVELS],
    /// Whether a queue other than the normal one may hold something.
    unusual: bool,
    low_passed: u32,
    /// Whether what is here is offered to other threads, and the same for them to see.
    open: bool,
    shown: Arc<AtomicBool>,
}

/// What other threads steal with.
pub struct Thief<T> {
    levels: [Stealer<T>; LEVELS],
    offered: Arc<AtomicBool>,
}

impl<T> Default for RunQueue<T> {
    fn default() -> Self {
        RunQueue {
            next: None,
            ahead: 0,
            levels: std::array::from_fn(|_| Worker::new_fifo()),
            unusual: false,
            low_passed: 0,
            open: false,
            shown: Arc::default(),
        }
    }
}

impl<T> RunQueue<T> {
    pub fn thief(&self) -> Thief<T> {
        let levels = std::array::from_fn(|level| self.levels[level].stealer());
        Thief { levels, offered: Arc::clone(&self.shown) }
    }

    pub fn is_empty(&self) -> bool {
        self.next.is_none() && self.nothing_to_steal()
    }

    /// Whether there is nothing that another thread could take.
    #[inline]
    pub fn nothing_to_steal(&self) -> bool {
        self.levels[NORMAL].is_empty() && (!self.unusual || self.levels.iter().all(Worker::is_empty))
    }

    /// Lets other threads take what is here, until it is empty.
    #[inline]
    pub fn offer(&mut self) {
        if !self.open {
            self.open = true;
            self.shown.store(true, Ordering::SeqCst);
        }
    }

    #[cold]
    fn close(&mut self) {
        self.open = false;
        self.shown.store(false, Ordering::Relaxed);
    }

    /// Items that only this thread can take.
    pub fn ahead_of_thieves(&self) -> usize {
        usize::from(self.next.is_some())
    }

    /// Puts an item behind the others.
    #[inline]
    pub fn push(&mut self, priority: Priority, item: T) {
        let level = level(priority);
        self.unusual |= level != NORMAL;
        self.levels[level].push(item);
    }

    /// Puts an item where it runs next, if nothing is there yet. Whether other threads can take it.
    #[inline]
    pub fn push_next(&mut self, priority: Priority, item: T) -> bool {
        if priority == Priority::Normal && self.next.is_none() {
            self.next = Some(item);
            return false;
        }
        self.push(priority, item);
        true
    }

    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        let item = self.take();
        if self.open && self.nothing_to_steal() {
            self.close();
        }
        item
    }

    /// What is to run next, whatever waits.
    pub fn take_next(&mut self) -> Option<T> {
        self.next.take()
    }

    #[inline]
    fn take(&mut self) -> Option<T> {
        if self.unusual
            && let Some(item) = self.pop_unusual()
        {
            return Some(item);
        }
        if self.next.is_some() && (self.ahead < AHEAD_MAX || self.levels[NORMAL].is_empty()) {
            self.ahead += 1;
            return self.next.take();
        }
        self.ahead = 0;
        self.levels[NORMAL].pop()
    }

    /// An item whose turn comes because of its priority.
    fn pop_unusual(&mut self) -> Option<T> {
        if let Some(item) = self.levels[MAX].pop().or_else(|| self.levels[HIGH].pop()) {
            return Some(item);
        }
        if self.levels[LOW].is_empty() {
            self.unusual = false;
            return None;
        }
        let alone = self.next.is_none() && self.levels[NORMAL].is_empty();
        if alone || self.low_passed >= LOW_PASSED_MAX {
            self.low_passed = 0;
            return self.levels[LOW].pop();
        }
        self.low_passed += 1;
        None
    }

    /// Takes items of another thread: one to run, and some more into this queue.
    pub fn steal(&mut self, thief: &Thief<T>) -> Option<T> {
        for level in [MAX, HIGH, NORMAL, LOW] {
            if thief.levels[level].is_empty() {
                continue;
            }
            loop {
                let (from, to) = (&thief.levels[level], &self.levels[level]);
                match from.steal_batch_with_limit_and_pop(to, STOLEN_MAX) {
                    Steal::Success(item) => {
                        self.unusual |= level != NORMAL;
                        return Some(item);
                    }
                    Steal::Retry => std::hint::spin_loop(),
                    Steal::Empty => break,
                }
            }
        }
        None
    }
}

impl<T> Thief<T> {
    /// Items that can be stolen.
    pub fn len(&self) -> usize {
        self.levels.iter().map(Stealer::len).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.levels.iter().all(Stealer::is_empty)
    }

    /// Whether there is something that its owner offers.
    #[inline]
    pub fn offers(&self) -> bool {
        self.offered.load(Ordering::SeqCst) && !self.is_empty()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn priorities_go_first_and_nobody_starves() {
        let mut queue = RunQueue::default();
        for i in 0..100 {
            queue.push(Priority::Normal, ("normal", i));
        }
        queue.push(Priority::Low, ("low", 0));
        queue.push(Priority::High, ("high", 0));
        queue.push(Priority::Max, ("max", 0));
        assert_eq!(queue.pop(), Some(("max", 0)));
        assert_eq!(queue.pop(), Some(("high", 0)));
        let mut order = Vec::new();
        // Somebody keeps filling `next`.
        for i in 0..200 {
            assert!(!queue.push_next(Priority::Normal, ("next", i)) || i > 0);
            order.push(queue.pop().expect("something is there"));
        }
        let low = order.iter().position(|&(kind, _)| kind == "low");
        assert!(low.is_some_and(|at| at <= LOW_PASSED_MAX as usize + 1), "{low:?}");
        let normals: Vec<i32> =
            order.iter().filter(|&&(kind, _)| kind == "normal").map(|&(_, i)| i).collect();
        assert!(normals.len() >= 200 / (AHEAD_MAX as usize + 2), "{}", normals.len());
        assert!(normals.is_sorted(), "{normals:?}");
        while queue.pop().is_some() {}
        assert!(queue.thief().is_empty());
    }

    #[test]
    fn stealing_moves_each_item_once() {
        let mut rich = RunQueue::default();
        let mut poor = RunQueue::default();
        for i in 0..500 {
            let priority = [Priority::Normal, Priority::Low, Priority::High][i % 3];
            rich.push(priority, i);
        }
        let thief = rich.thief();
        let mut seen = Vec::new();
        while let Some(item) = poor.steal(&thief) {
            seen.push(item);
            seen.extend(std::iter::from_fn(|| poor.pop()).take(3));
            seen.extend(rich.pop());
        }
        seen.extend(std::iter::from_fn(|| poor.pop()));
        seen.extend(std::iter::from_fn(|| rich.pop()));
        seen.sort_unstable();
        assert_eq!(seen, (0..500).collect::<Vec<_>>());
    }

    #[test]
    fn an_offer_holds_until_the_queue_is_empty() {
        let mut queue = RunQueue::default();
        let thief = queue.thief();
        for priority in [Priority::Normal, Priority::Low] {
            queue.push(priority, 1);
            queue.push(priority, 2);
            assert!(!thief.offers() && thief.len() == 2, "what lies here is not offered by itself");
            queue.offer();
            assert!(thief.offers());
            queue.pop();
            assert!(thief.offers(), "there is something left");
            queue.pop();
            assert!(!thief.offers());
            queue.push(priority, 3);
            assert!(!thief.offers(), "the next has to be offered again");
            queue.pop();
        }
    }
}
