//! A table's keys in order: by term in a tree, by hash in buckets. Which of both is the table's type alone.
//!
//! Invariant: a copy shares what neither has changed since, and sees no change of the other.

use super::buckets::{BucketWalk, Buckets};
use super::key::{KeyOrder, Sought};
use super::tree::{Slot, Tree, Walk, Way};
use std::cmp::Ordering;

#[derive(Clone, Debug)]
pub enum Shelf {
    Ordered(Tree),
    Hashed(Buckets),
}

impl Shelf {
    pub fn new(order: KeyOrder) -> Shelf {
        match order {
            KeyOrder::Term => Shelf::Ordered(Tree::default()),
            KeyOrder::Hash => Shelf::Hashed(Buckets::default()),
        }
    }

    #[inline(always)]
    pub fn find(&self, key: &Sought<'_>) -> Option<&Slot> {
        match self {
            Shelf::Ordered(tree) => tree.find(key),
            Shelf::Hashed(buckets) => buckets.find(key),
        }
    }

    /// Changes the slot of a key with `present`, or puts what `absent` makes where there is none.
    #[inline]
    pub fn upsert<R>(
        &mut self,
        key: &Sought<'_>,
        present: impl FnOnce(&mut Slot) -> R,
        absent: impl FnOnce() -> (Slot, R),
    ) -> R {
        match self {
            Shelf::Ordered(tree) => tree.upsert(key, present, absent),
            Shelf::Hashed(buckets) => buckets.upsert(key, present, absent),
        }
    }

    /// The slot of a key, to be changed, but not which rows it has.
    #[inline(always)]
    pub fn slot_mut(&mut self, key: &Sought<'_>) -> Option<&mut Slot> {
        match self {
            Shelf::Ordered(tree) => tree.slot_mut(key),
            Shelf::Hashed(buckets) => buckets.slot_mut(key),
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &Sought<'_>) -> Option<Slot> {
        match self {
            Shelf::Ordered(tree) => tree.remove(key),
            Shelf::Hashed(buckets) => buckets.remove(key),
        }
    }

    /// Walks over the slots, ghosts among them, from the first or the last one. Buckets have one way only.
    pub fn walk(&self, way: Way) -> ShelfWalk<'_> {
        match self {
            Shelf::Ordered(tree) => ShelfWalk::Ordered(tree.walk(way)),
            Shelf::Hashed(buckets) => ShelfWalk::Hashed(buckets.walk()),
        }
    }

    /// Walks over the slots that come after `key` on the way.
    pub fn walk_after(&self, key: &Sought<'_>, way: Way) -> ShelfWalk<'_> {
        self.walk_past(key.short, way, &|short, slot| match key.short.cmp(&short) {
            Ordering::Equal => key.compare_whole(slot.key_row()),
            unequal => unequal,
        })
    }

    /// Walks over the slots whose abbreviations come after `short` on the way.
    pub fn walk_after_short(&self, short: u64, way: Way) -> ShelfWalk<'_> {
        self.walk_past(short, way, &|other, _| short.cmp(&other))
    }

    fn walk_past(&self, short: u64, way: Way, place: &dyn Fn(u64, &Slot) -> Ordering) -> ShelfWalk<'_> {
        match self {
            Shelf::Ordered(tree) => ShelfWalk::Ordered(tree.walk_after(place, way)),
            Shelf::Hashed(buckets) => ShelfWalk::Hashed(buckets.walk_after(short, place)),
        }
    }

    /// Gives each slot to `change`, which leaves it its key.
    pub fn each_mut(&mut self, change: &mut dyn FnMut(&mut Slot)) {
        match self {
            Shelf::Ordered(tree) => tree.each_mut(change),
            Shelf::Hashed(buckets) => buckets.each_mut(change),
        }
    }

    pub fn clear(&mut self) {
        match self {
            Shelf::Ordered(tree) => tree.clear(),
            Shelf::Hashed(buckets) => *buckets = Buckets::default(),
        }
    }
}

/// Iterates over slots with their abbreviations.
#[derive(Debug)]
pub enum ShelfWalk<'a> {
    Ordered(Walk<'a>),
    Hashed(BucketWalk<'a>),
}

impl<'a> Iterator for ShelfWalk<'a> {
    type Item = (u64, &'a Slot);

    #[inline]
    fn next(&mut self) -> Option<(u64, &'a Slot)> {
        match self {
            ShelfWalk::Ordered(walk) => walk.next(),
            ShelfWalk::Hashed(walk) => walk.next(),
        }
    }
}
