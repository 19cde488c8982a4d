//! The process dictionary: keys and values on the process's own heap, in order of first insertion.
//!
//! A few entries are searched one by one; more get an index of their hashes. Invariant: order of entries is
//! the order in which their keys were first put, so that nothing observable comes from a hash (OTP orders by
//! hash; its manual promises no order). Hashes come from contents, so a collection changes none.

use crate::heap::Heap;
use crate::term::Word;
use crate::term::hash::internal_hash;
use crate::term::order::equal_exact;

/// Entries that are searched one by one.
const FEW: usize = 12;
/// A free place in the index.
const FREE: u32 = u32::MAX;

#[derive(Clone, Debug)]
struct Entry {
    /// [`Word::NONE`] where an entry was erased.
    key: Word,
    value: Word,
    hash: u64,
}

#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    entries: Vec<Entry>,
    erased: usize,
    /// Places of entries by hash, open addressing; empty while there are few.
    index: Vec<u32>,
}

impl Dictionary {
    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len() - self.erased
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (Word, Word)> {
        self.entries.iter().filter(|e| e.key != Word::NONE).map(|e| (e.key, e.value))
    }

    pub fn get(&self, heap: &Heap, key: Word) -> Option<Word> {
        self.find(heap, key, hash_if_many(self, heap, key)).map(|at| self.entries[at].value)
    }

    /// Sets a value, and gives the one before.
    pub fn put(&mut self, heap: &Heap, key: Word, value: Word) -> Option<Word> {
        if let Some(at) = self.find(heap, key, hash_if_many(self, heap, key)) {
            return Some(std::mem::replace(&mut self.entries[at].value, value));
        }
        let hash = internal_hash(heap, key);
        self.entries.push(Entry { key, value, hash });
        if self.index.is_empty() && self.entries.len() <= FEW {
            return None;
        }
        if self.entries.len() * 2 > self.index.len() {
            self.reindex();
        } else {
            self.enter(self.entries.len() - 1);
        }
        None
    }

    /// Removes an entry, and gives its value.
    pub fn erase(&mut self, heap: &Heap, key: Word) -> Option<Word> {
        let at = self.find(heap, key, hash_if_many(self, heap, key))?;
        let value = self.entries[at].value;
        if self.index.is_empty() {
            self.entries.remove(at);
            return Some(value);
        }
        let entry = &mut self.entries[at];
        entry.key = Word::NONE;
        entry.value = Word::NONE;
        self.erased += 1;
        if self.erased * 2 > self.entries.len() {
            self.reindex();
        }
        Some(value)
    }

    pub fn clear(&mut self) {
        *self = Dictionary::default();
    }

    /// Every key and value, for the collector.
    pub(crate) fn roots(&mut self, f: &mut dyn FnMut(&mut Word)) {
        for entry in self.entries.iter_mut().filter(|e| e.key != Word::NONE) {
            f(&mut entry.key);
            f(&mut entry.value);
        }
    }

    fn find(&self, heap: &Heap, key: Word, hash: u64) -> Option<usize> {
        let is_it = |e: &Entry| e.key != Word::NONE && equal_exact(heap, e.key, key);
        if self.index.is_empty() {
            return self.entries.iter().position(is_it);
        }
        let mask = self.index.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let place = self.index[at];
            if place == FREE {
                return None;
            }
            let entry = &self.entries[place as usize];
            if entry.hash == hash && is_it(entry) {
                return Some(place as usize);
            }
            at = (at + 1) & mask;
        }
    }

    fn enter(&mut self, place: usize) {
        let mask = self.index.len() - 1;
        let mut at = self.entries[place].hash as usize & mask;
        while self.index[at] != FREE {
            at = (at + 1) & mask;
        }
        self.index[at] = place as u32;
    }

    /// Drops erased entries and builds the index anew, or none for a few entries.
    fn reindex(&mut self) {
        self.entries.retain(|e| e.key != Word::NONE);
        self.erased = 0;
        self.index.clear();
        if self.entries.len() > FEW {
            self.index.resize((self.entries.len() * 4).next_power_of_two(), FREE);
            for place in 0..self.entries.len() {
                self.enter(place);
            }
        }
    }
}

/// The hash, where the search will use it.
fn hash_if_many(dictionary: &Dictionary, heap: &Heap, key: Word) -> u64 {
    if dictionary.index.is_empty() { 0 } else { internal_hash(heap, key) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::policy::Policy;

    /// Puts and erases against a plain list, over the border between few and many.
    #[test]
    fn agrees_with_a_list() {
        let mut heap = Heap::new(Default::default(), Policy::default());
        let mut dictionary = Dictionary::default();
        let mut list: Vec<(i64, i64)> = Vec::new();
        let mut state = 1u64;
        for step in 0..4000i64 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let n = (state >> 33) as i64 % if step % 1000 < 500 { 60 } else { 8 };
            let key = heap.new_tuple(&[Word::small(n)]).unwrap();
            let at = list.iter().position(|&(k, _)| k == n);
            let before = at.map(|i| Word::small(list[i].1));
            assert_eq!(dictionary.get(&heap, key), before);
            if state >> 63 == 0 {
                assert_eq!(dictionary.put(&heap, key, Word::small(step)), before);
                match at {
                    Some(i) => list[i].1 = step,
                    None => list.push((n, step)),
                }
            } else {
                assert_eq!(dictionary.erase(&heap, key), before);
                at.map(|i| list.remove(i));
            }
            let seen: Vec<(i64, i64)> = dictionary
                .iter()
                .map(|(k, v)| (Word(heap.tuple(k).unwrap()[0]).small_value(), v.small_value()))
                .collect();
            assert_eq!(seen, list);
            assert_eq!(dictionary.len(), list.len());
        }
    }
}
