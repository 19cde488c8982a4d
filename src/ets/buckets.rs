//! The keys of a set or bag in the order of their hashes, found in one step.
//!
//! Buckets by the first bits of the hash: each is a link to the first of its slots, which lie elsewhere in the order in
//! which they came ([`super::stock`]) and are linked to each other. They grow in number one by one, as the keys do, and
//! shrink so. Invariants: a bucket has the keys whose hashes begin with its bits, in the order of their hashes and then
//! of themselves, so that buckets in the order of these bits hold all keys in order; which buckets there are depends on
//! how many keys have been put in and taken out, their order on nothing but the keys. Keys whose hashes were made to
//! collide are gone through one by one, as in OTP. Source: W. Litwin, "Linear hashing" (VLDB 1980), over the hash's bits
//! in reverse, which keeps the order.

use super::key::Sought;
use super::stock::{Item, Link, Stock};
use super::tree::Slot;
use std::cmp::Ordering;
use triomphe::Arc;

/// Buckets that are copied together when one is written while another copy of the table has them.
const SEGMENT: usize = 128;
/// Buckets for each key, below which there will be more: another key on the way costs a wait for memory.
const BUCKETS_FEW: usize = 2;
/// And above which one goes.
const BUCKETS_MANY: usize = 8;

type Segment = [Link; SEGMENT];

#[derive(Clone, Debug)]
pub struct Buckets {
    segments: Arc<Vec<Arc<Segment>>>,
    stock: Stock,
    count: usize,
    /// The least number of buckets with this one's number of bits and one more, less 1.
    mask: usize,
}

impl Default for Buckets {
    fn default() -> Self {
        Buckets {
            segments: Arc::new(vec![Arc::new([Link::NONE; SEGMENT])]),
            stock: Stock::default(),
            count: 1,
            mask: 1,
        }
    }
}

/// Where a key is in its bucket, or would be: behind this slot, or first.
struct Place {
    index: usize,
    before: Link,
    /// It is here or, where it is not there, before this one.
    at: Link,
    found: bool,
}

impl Buckets {
    /// The bucket of a hash.
    #[inline(always)]
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

    #[inline(always)]
    fn bucket(&self, index: usize) -> Link {
        self.segments[index / SEGMENT][index % SEGMENT]
    }

    fn set_bucket(&mut self, index: usize, first: Link) {
        let segments = Arc::make_mut(&mut self.segments);
        Arc::make_mut(&mut segments[index / SEGMENT])[index % SEGMENT] = first;
    }

    /// The slots of a bucket from one on, and the links to them.
    #[inline]
    fn chain(&self, first: Link) -> impl Iterator<Item = (Link, &Item)> {
        let mut at = first;
        std::iter::from_fn(move || {
            let item = self.stock.get(at)?;
            let here = std::mem::replace(&mut at, item.next);
            Some((here, item))
        })
    }

    /// Makes a link of a bucket's chain lead elsewhere: that behind a slot, or the first.
    fn link(&mut self, index: usize, before: Link, to: Link) {
        if before == Link::NONE {
            self.set_bucket(index, to);
        } else {
            self.stock.get_mut(before).next = to;
        }
    }

    /// The slot of a key, and where it is.
    #[inline(always)]
    fn locate(&self, key: &Sought<'_>) -> Option<(Link, &Item)> {
        let mut at = self.bucket(self.index(key.short));
        loop {
            let item = self.stock.get(at)?;
            if item.short == key.short {
                let row = item.slot.key_row();
                if key.is_word_of(row) || key.compare_whole(row) == Ordering::Equal {
                    return Some((at, item));
                }
            }
            at = item.next;
        }
    }

    #[inline(always)]
    pub fn find(&self, key: &Sought<'_>) -> Option<&Slot> {
        self.locate(key).map(|(_, item)| &item.slot)
    }

    #[inline]
    fn place(&self, key: &Sought<'_>) -> Place {
        let index = self.index(key.short);
        let mut place = Place { index, before: Link::NONE, at: self.bucket(index), found: false };
        while let Some(item) = self.stock.get(place.at) {
            let order = if item.short == key.short && key.is_word_of(item.slot.key_row()) {
                Ordering::Equal
            } else {
                key.compare(item.short, item.slot.key_row())
            };
            if order != Ordering::Greater {
                place.found = order == Ordering::Equal;
                break;
            }
            place.before = std::mem::replace(&mut place.at, item.next);
        }
        place
    }

    #[inline]
    pub fn upsert<R>(
        &mut self,
        key: &Sought<'_>,
        present: impl FnOnce(&mut Slot) -> R,
        absent: impl FnOnce() -> (Slot, R),
    ) -> R {
        let Place { index, before, at, found } = self.place(key);
        if found {
            return present(&mut self.stock.get_mut(at).slot);
        }
        let (slot, result) = absent();
        let new = self.stock.push(Item { short: key.short, slot, next: at });
        self.link(index, before, new);
        while self.count < self.stock.len() * BUCKETS_FEW {
            self.grow();
        }
        result
    }

    #[inline(always)]
    pub fn slot_mut(&mut self, key: &Sought<'_>) -> Option<&mut Slot> {
        let (at, _) = self.locate(key)?;
        Some(&mut self.stock.get_mut(at).slot)
    }

    pub fn remove(&mut self, key: &Sought<'_>) -> Option<Slot> {
        let Place { index, before, at, found } = self.place(key);
        if !found {
            return None;
        }
        let next = self.stock.get(at).map_or(Link::NONE, |item| item.next);
        self.link(index, before, next);
        self.lead_last_to(at);
        let removed = self.stock.take(at).slot;
        while self.count > 1 && self.stock.len() * BUCKETS_MANY < self.count {
            self.shrink();
        }
        Some(removed)
    }

    /// Links what leads to the last slot to the place to which that will move.
    fn lead_last_to(&mut self, to: Link) {
        let last = self.stock.last();
        if last == to {
            return;
        }
        let index = self.index(self.stock.get(last).expect("there is a last slot").short);
        let chain = self.chain(self.bucket(index));
        let before = chain.take_while(|&(here, _)| here != last).last().map_or(Link::NONE, |(here, _)| here);
        self.link(index, before, to);
    }

    /// Splits the next bucket by one more bit.
    fn grow(&mut self) {
        let new = self.count;
        let split = new & (self.mask >> 1);
        // The first hash of the new bucket: its number in reverse.
        let first = (new as u64).reverse_bits();
        let mut chain = self.chain(self.bucket(split));
        let mut before = Link::NONE;
        let upper = chain.find_map(|(here, item)| {
            if item.short >= first {
                return Some(here);
            }
            before = here;
            None
        });
        drop(chain);
        if new.is_multiple_of(SEGMENT) {
            Arc::make_mut(&mut self.segments).push(Arc::new([Link::NONE; SEGMENT]));
        }
        self.count += 1;
        if let Some(upper) = upper {
            self.link(split, before, Link::NONE);
            self.set_bucket(new, upper);
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
        let upper = self.bucket(last);
        if last.is_multiple_of(SEGMENT) {
            Arc::make_mut(&mut self.segments).pop();
        } else {
            self.set_bucket(last, Link::NONE);
        }
        if upper != Link::NONE {
            let joined = last & (self.mask >> 1);
            let end = self.chain(self.bucket(joined)).last().map_or(Link::NONE, |(here, _)| here);
            self.link(joined, end, upper);
        }
    }

    pub fn walk(&self) -> BucketWalk<'_> {
        BucketWalk { buckets: self, at: self.bucket(0), next: self.behind(0) }
    }

    /// Walks over the slots that come after a place, whose hash is `short`.
    pub fn walk_after(&self, short: u64, place: &dyn Fn(u64, &Slot) -> Ordering) -> BucketWalk<'_> {
        let mut chain = self.chain(self.bucket(self.index(short)));
        let after = chain.find(|(_, item)| place(item.short, &item.slot) == Ordering::Less);
        let at = after.map_or(Link::NONE, |(here, _)| here);
        BucketWalk { buckets: self, at, next: self.behind(short) }
    }

    /// The first hash behind the bucket of `short`.
    fn behind(&self, short: u64) -> Option<u64> {
        let bits = self.bits(self.index(short));
        let last = short | u64::MAX.checked_shr(bits).unwrap_or(0);
        last.checked_add(1)
    }

    pub fn each_mut(&mut self, change: &mut dyn FnMut(&mut Slot)) {
        self.stock.each_mut(change);
    }
}

/// Iterates over slots with their hashes.
#[derive(Debug)]
pub struct BucketWalk<'a> {
    buckets: &'a Buckets,
    /// The next slot of this bucket.
    at: Link,
    /// The first hash of the next bucket.
    next: Option<u64>,
}

impl<'a> Iterator for BucketWalk<'a> {
    type Item = (u64, &'a Slot);

    #[inline]
    fn next(&mut self) -> Option<(u64, &'a Slot)> {
        loop {
            if let Some(item) = self.buckets.stock.get(self.at) {
                self.at = item.next;
                return Some((item.short, &item.slot));
            }
            let next = self.next?;
            self.at = self.buckets.bucket(self.buckets.index(next));
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
            assert!(index < self.count || self.bucket(index) == Link::NONE);
            let chain: Vec<_> = self.chain(self.bucket(index)).collect();
            assert!(chain.is_sorted_by_key(|(_, item)| item.short));
            assert!(chain.iter().all(|(_, item)| self.index(item.short) == index));
            keys += chain.len();
        }
        assert_eq!(keys, self.stock.len());
        self.stock.check();
        keys
    }
}
