//! Walking a map's entries: flat maps in key order, hashed ones in trie order.
//!
//! Invariant: the order is a function of the set of keys. Explicit stack, as deep as the trie.

use super::{is_flat, node};
use crate::heap::Heap;
use crate::heap::space::Space;
use crate::term::Word;

/// A node being walked: its bitmap and the children from `at` on.
#[derive(Clone, Copy)]
struct Step<'a> {
    bitmap: u32,
    children: &'a [u64],
    at: usize,
}

impl Step<'_> {
    /// The slot of child `at`.
    fn slot(&self) -> u8 {
        let mut bitmap = self.bitmap;
        for _ in 0..self.at {
            bitmap &= bitmap - 1;
        }
        bitmap.trailing_zeros() as u8
    }
}

/// Iterates over keys and values.
pub struct Entries<'a, S: Space = Heap> {
    heap: &'a S,
    keys: &'a [u64],
    values: &'a [u64],
    stack: Vec<Step<'a>>,
}

impl<'a, S: Space> Entries<'a, S> {
    /// All entries of a map.
    pub fn of(heap: &'a S, map: Word) -> Entries<'a, S> {
        if is_flat(heap, map) {
            let body = heap.body(map);
            let keys = heap.body(Word(body[0]));
            return Entries { heap, keys, values: &body[1..], stack: Vec::new() };
        }
        let (bitmap, children) = node(heap, map);
        Entries { heap, keys: &[], values: &[], stack: vec![Step { bitmap, children, at: 0 }] }
    }

    /// The entries of a hashed map from the leaf at the end of `path` on, a slot per level.
    pub(super) fn from_path(heap: &'a S, map: Word, path: &[u8]) -> Option<Entries<'a, S>> {
        let mut stack: Vec<Step<'a>> = Vec::new();
        let mut below = Some(map);
        for &slot in path {
            let (bitmap, children) = node(heap, below?);
            if bitmap & (1 << slot) == 0 {
                return None;
            }
            let at = (bitmap & ((1 << slot) - 1)).count_ones() as usize;
            let child = Word(children[at]);
            below = child.is_boxed().then_some(child);
            // A node that the path goes on into is done for; what follows it is next.
            stack.push(Step { bitmap, children, at: if child.is_boxed() { at + 1 } else { at } });
        }
        below.is_none().then_some(Entries { heap, keys: &[], values: &[], stack })
    }

    /// The path to the next leaf of a hashed map; `None` at the end.
    pub(super) fn path(&mut self) -> Option<Vec<u8>> {
        self.settle()?;
        let last = self.stack.len() - 1;
        let slot = |(i, step): (usize, &Step<'_>)| {
            // All but the last stand behind the child that the walk is in.
            let at = if i == last { step.at } else { step.at - 1 };
            Step { at, ..*step }.slot()
        };
        Some(self.stack.iter().enumerate().map(slot).collect())
    }

    /// Goes down or up until the last node's next child is a leaf, and gives that.
    fn settle(&mut self) -> Option<Word> {
        loop {
            let step = self.stack.last_mut()?;
            let Some(&child) = step.children.get(step.at) else {
                self.stack.pop();
                continue;
            };
            let child = Word(child);
            if child.is_list() {
                return Some(child);
            }
            step.at += 1;
            let (bitmap, children) = node(self.heap, child);
            self.stack.push(Step { bitmap, children, at: 0 });
        }
    }
}

impl<S: Space> Iterator for Entries<'_, S> {
    type Item = (Word, Word);

    #[inline]
    fn next(&mut self) -> Option<(Word, Word)> {
        if let ([key, keys @ ..], [value, values @ ..]) = (self.keys, self.values) {
            let entry = (Word(*key), Word(*value));
            (self.keys, self.values) = (keys, values);
            return Some(entry);
        }
        let leaf = self.settle()?;
        self.stack.last_mut().expect("a leaf stands in a node").at += 1;
        Some(self.heap.cell(leaf))
    }
}
