//! The keys of a set or bag in the order of their hashes, found in one step.
//!
//! Buckets by the first bits of the hash: each is a small tree, in nearly every case one leaf whose few entries lie in the
//! segment itself, and so does a small row: finding a key waits for memory once. They grow in number one
//! by one, as the keys do, and shrink so; the buckets of one segment are copied together when they are written
//! while a copy of the table shares them. Invariants: a bucket has the keys whose hashes begin with its bits, so that
//! buckets in the order of these hold all keys in order; which buckets there are depends on how many keys have been put
//! in and taken out, their order on nothing but the keys. Source: W. Litwin, "Linear hashing" (VLDB 1980), over the
//! hash's bits in reverse, which keeps the order.

use super::key::Sought;
use super::tree::{Node, Slot, Walk, Way};
use std::cmp::Ordering;
use triomphe::Arc;

/// Buckets of a segment.
const SEGMENT: usize = 16;
/// Keys for each bucket above which there will be one more.
const KEYS_MANY: usize = 1;
/// And buckets for each key above which one goes.
const BUCKETS_MANY: usize = 4;

type Segment = [Node; SEGMENT];

#[derive(Clone, Debug)]
pub struct Buckets {
    segments: Arc<Vec<Arc<Segment>>>,
    count: usize,
    /// The least number of buckets with this one's number of bits and one more, less 1.
    mask: usize,
    keys: usize,
}

impl Default for Buckets {
    fn default() -> Self {
        Buckets { segments: Arc::new(vec![Arc::default()]), count: 1, mask: 1, keys: 0 }
    }
}

impl Buckets {
    /// The bucket of a hash.
    #[inline]
    fn index(&self, short: u64) -> usize {
        // Bits in reverse: a bucket is split by the next bit of the hash, and the new one comes last.
        let index = short.reverse_bits() as usize & self.mask;
        if index < self.count { index } else { index & (self.mask >> 1) }
    }

    /// How many bits of the hash its keys have in common.
    fn bits(&self, index: usize) -> u32 {
        let whole = self.mask.count_ones();
        let is_split = index & (self.mask >> 1) | ((self.mask >> 1) + 1);
        if is_split < self.count { whole } else { whole - 1 }
    }

    #[inline]
    fn bucket(&self, index: usize) -> &Node {
        &self.segments[index / SEGMENT][index % SEGMENT]
    }

    #[inline]
    fn bucket_mut(&mut self, index: usize) -> &mut Node {
        let segments = Arc::make_mut(&mut self.segments);
        &mut Arc::make_mut(&mut segments[index / SEGMENT])[index % SEGMENT]
    }

    #[inline]
    pub fn find(&self, key: &Sought<'_>) -> Option<&Slot> {
        self.bucket(self.index(key.short)).find(key)
    }

    #[inline]
    pub fn upsert<R>(
        &mut self,
        key: &Sought<'_>,
        present: impl FnOnce(&mut Slot) -> R,
        absent: impl FnOnce() -> (Slot, R),
    ) -> R {
        let index = self.index(key.short);
        let mut is_new = false;
        let result = self.bucket_mut(index).put(key, present, || {
            is_new = true;
            absent()
        });
        if is_new {
            self.keys += 1;
            if self.keys > self.count * KEYS_MANY {
                self.grow();
            }
        }
        result
    }

    #[inline]
    pub fn change<R>(&mut self, key: &Sought<'_>, change: impl FnOnce(&mut Slot) -> R) -> Option<R> {
        let index = self.index(key.short);
        self.bucket_mut(index).change(key, change)
    }

    pub fn remove(&mut self, key: &Sought<'_>) -> Option<Slot> {
        self.find(key)?;
        let index = self.index(key.short);
        let removed = self.bucket_mut(index).take(key);
        self.keys -= 1;
        if self.count > 1 && self.keys * BUCKETS_MANY < self.count {
            self.shrink();
        }
        removed
    }

    /// Splits the next bucket by one more bit.
    fn grow(&mut self) {
        let new = self.count;
        let split = new & (self.mask >> 1);
        // The first hash of the new bucket: its number in reverse.
        let first = (new as u64).reverse_bits();
        let upper = self.bucket_mut(split).split_at(first);
        if new.is_multiple_of(SEGMENT) {
            Arc::make_mut(&mut self.segments).push(Arc::default());
        }
        self.count += 1;
        if !upper.is_empty() {
            *self.bucket_mut(new) = upper;
        }
        if self.count > self.mask {
            self.mask = self.mask << 1 | 1;
        }
    }

    /// Joins the last bucket with the one that it was split from.
    fn shrink(&mut self) {
        if self.count == (self.mask >> 1) + 1 {
            self.mask >>= 1;
        }
        self.count -= 1;
        let last = self.count;
        let upper = std::mem::take(self.bucket_mut(last));
        if last.is_multiple_of(SEGMENT) {
            Arc::make_mut(&mut self.segments).pop();
        }
        self.bucket_mut(last & (self.mask >> 1)).append(upper);
    }

    pub fn walk(&self) -> BucketWalk<'_> {
        BucketWalk { walk: self.bucket(0).walk(Way::Forward), buckets: self, next: self.behind(0) }
    }

    /// Walks over the slots that come after a place, whose hash is `short`.
    pub fn walk_after(&self, short: u64, place: &dyn Fn(u64, &Slot) -> Ordering) -> BucketWalk<'_> {
        let walk = self.bucket(self.index(short)).walk_after(place, Way::Forward);
        BucketWalk { walk, buckets: self, next: self.behind(short) }
    }

    /// The first hash behind the bucket of `short`.
    fn behind(&self, short: u64) -> Option<u64> {
        let bits = self.bits(self.index(short));
        let last = short | u64::MAX.checked_shr(bits).unwrap_or(0);
        last.checked_add(1)
    }

    pub fn each_mut(&mut self, change: &mut dyn FnMut(&mut Slot)) {
        for index in 0..self.count {
            self.bucket_mut(index).each_mut(change);
        }
    }
}

/// Iterates over slots with their hashes.
#[derive(Debug)]
pub struct BucketWalk<'a> {
    walk: Walk<'a>,
    buckets: &'a Buckets,
    /// The first hash of the next bucket.
    next: Option<u64>,
}

impl<'a> Iterator for BucketWalk<'a> {
    type Item = (u64, &'a Slot);

    #[inline]
    fn next(&mut self) -> Option<(u64, &'a Slot)> {
        loop {
            if let Some(found) = self.walk.next() {
                return Some(found);
            }
            let next = self.next?;
            self.walk.restart(self.buckets.bucket(self.buckets.index(next)));
            self.next = self.buckets.behind(next);
        }
    }
}

#[cfg(test)]
impl Buckets {
    /// Checks the invariants, and gives the number of slots.
    pub(super) fn check(&self) -> usize {
        assert_eq!(self.segments.len(), self.count.div_ceil(SEGMENT));
        assert!(self.count > self.mask >> 1 && self.count <= self.mask);
        let mut keys = 0;
        for index in 0..self.segments.len() * SEGMENT {
            let bucket = self.bucket(index);
            keys += bucket.check(true);
            assert!(index < self.count || bucket.walk(Way::Forward).next().is_none());
            assert!(bucket.walk(Way::Forward).all(|(short, _)| self.index(short) == index));
        }
        assert_eq!(keys, self.keys);
        keys
    }
}
