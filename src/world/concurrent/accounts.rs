//! What threads count. Each has a tally of its own that the others read.
//!
//! Invariant: only its own thread writes a tally, so that a total is read and written without a lock.

use crate::sched::atomics::{AtomicI64, AtomicU64, Ordering};
use crate::world::accounts::{Figures, Spent};

/// One thread's totals; aligned, so that no two share a line of the cache.
#[derive(Default)]
#[repr(align(128))]
pub struct Tally {
    reductions: AtomicU64,
    slices: AtomicU64,
    collections: AtomicU64,
    reclaimed_words: AtomicU64,
    output_bytes: AtomicU64,
    process_words: AtomicI64,
}

fn add(total: &AtomicU64, more: u64) {
    total.store(total.load(Ordering::Relaxed) + more, Ordering::Relaxed);
}

impl Tally {
    #[inline]
    pub fn spent(&self, spent: Spent) {
        add(&self.reductions, spent.reductions);
        add(&self.slices, 1);
        if spent.collections != 0 {
            add(&self.collections, spent.collections);
            add(&self.reclaimed_words, spent.reclaimed_words);
        }
        if spent.grown_words != 0 {
            let words = self.process_words.load(Ordering::Relaxed) + spent.grown_words;
            self.process_words.store(words, Ordering::Relaxed);
        }
    }

    pub fn wrote(&self, bytes: usize) {
        add(&self.output_bytes, bytes as u64);
    }

    pub fn slices(&self) -> u64 {
        self.slices.load(Ordering::Relaxed)
    }

    /// Adds this thread's totals.
    pub fn add_to(&self, figures: &mut Figures) {
        figures.reductions += self.reductions.load(Ordering::Relaxed);
        figures.context_switches += self.slices.load(Ordering::Relaxed);
        figures.collections += self.collections.load(Ordering::Relaxed);
        figures.reclaimed_words += self.reclaimed_words.load(Ordering::Relaxed);
        figures.output_bytes += self.output_bytes.load(Ordering::Relaxed);
        figures.process_words += self.process_words.load(Ordering::Relaxed);
    }
}
