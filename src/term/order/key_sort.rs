//! A merge sort that asks for its comparisons one at a time.
//!
//! Comparing two hashed maps sorts their keys, and a key may itself hold hashed maps: a sort that called the
//! comparison would recurse as deep as the term. This one is suspended on the comparison's own stack.
//!
//! Invariant: after `next` gave a pair, exactly one `answer` follows. Source: bottom-up merge sort.

use crate::term::Word;
use std::cmp::Ordering;

/// Key and value of one entry of a map.
pub(super) type Entry = (Word, Word);

#[derive(Debug)]
pub(super) struct KeySort {
    from: Vec<Entry>,
    to: Vec<Entry>,
    width: usize,
    /// What is left of the two neighbouring runs that are being merged: `[left, middle)`, `[right, end)`.
    left: usize,
    middle: usize,
    right: usize,
    end: usize,
}

impl KeySort {
    pub(super) fn new(entries: Vec<Entry>) -> KeySort {
        let to = Vec::with_capacity(entries.len());
        let mut sort = KeySort { from: entries, to, width: 1, left: 0, middle: 0, right: 0, end: 0 };
        sort.open(0);
        sort
    }

    fn open(&mut self, start: usize) {
        let n = self.from.len();
        self.left = start;
        self.middle = n.min(start + self.width);
        self.right = self.middle;
        self.end = n.min(start + 2 * self.width);
    }

    /// The two keys to compare next; `None` once everything is sorted.
    pub(super) fn next(&mut self) -> Option<(Word, Word)> {
        while self.width < self.from.len() {
            if self.left < self.middle && self.right < self.end {
                return Some((self.from[self.left].0, self.from[self.right].0));
            }
            self.to.extend_from_slice(&self.from[self.left..self.middle]);
            self.to.extend_from_slice(&self.from[self.right..self.end]);
            let start = self.end;
            if start < self.from.len() {
                self.open(start);
            } else {
                std::mem::swap(&mut self.from, &mut self.to);
                self.to.clear();
                self.width *= 2;
                self.open(0);
            }
        }
        None
    }

    pub(super) fn answer(&mut self, ordering: Ordering) {
        let taken = if ordering == Ordering::Greater { &mut self.right } else { &mut self.left };
        self.to.push(self.from[*taken]);
        *taken += 1;
    }

    pub(super) fn sorted(self) -> Vec<Entry> {
        self.from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_every_length() {
        for n in 0..100i64 {
            let keys = (0..n).map(|i| (Word::small(i * 37 % 101), Word::small(i))).collect();
            let mut sort = KeySort::new(keys);
            while let Some((a, b)) = sort.next() {
                sort.answer(a.small_value().cmp(&b.small_value()));
            }
            let mut expected: Vec<i64> = (0..n).map(|i| i * 37 % 101).collect();
            expected.sort_unstable();
            let sorted: Vec<i64> = sort.sorted().iter().map(|e| e.0.small_value()).collect();
            assert_eq!(sorted, expected);
        }
    }
}
