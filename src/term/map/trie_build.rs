//! Building a whole trie from pairs, bottom up and without intermediate maps.
//!
//! Entries sorted by hash are in trie order, so each node is a run of them. Nodes are written to a scratch
//! buffer with their final indices, children before parents, and then appended to the heap at once.
//!
//! Invariant: the result is the trie that inserting the pairs one by one gives. Explicit stack only.

use crate::heap::{Heap, HeapFull};
use crate::term::Word;
use crate::term::hash::{internal_hash, salted_hash};
use crate::term::order::equal_exact;
use crate::term::word::{Header, Kind};

/// A pair with its key's hash at the current depth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hashed {
    hash: u64,
    pub(super) key: Word,
    pub(super) value: Word,
}

/// The pairs in the order of their hashes; of equal keys only the last.
pub(super) fn sorted_distinct(heap: &Heap, pairs: &[(Word, Word)]) -> Vec<Hashed> {
    let hashed = |&(key, value): &(Word, Word)| Hashed { hash: internal_hash(heap, key), key, value };
    let mut entries: Vec<Hashed> = pairs.iter().map(hashed).collect();
    entries.sort_by_key(|e| e.hash);
    let mut distinct: Vec<Hashed> = Vec::with_capacity(entries.len());
    for entry in entries {
        // Equal keys have equal hashes, and those stand together.
        let same = distinct
            .iter_mut()
            .rev()
            .take_while(|e| e.hash == entry.hash)
            .find(|e| equal_exact(heap, e.key, entry.key));
        match same {
            Some(earlier) => earlier.value = entry.value,
            None => distinct.push(entry),
        }
    }
    distinct
}

/// A node whose entries are `[next, end)`; its finished children wait from `children` on.
struct Open {
    next: usize,
    end: usize,
    level: u32,
    bitmap: u32,
    children: usize,
}

/// A hashed map of distinct entries in the order of their hashes.
pub(super) fn build(heap: &mut Heap, mut entries: Vec<Hashed>) -> Result<Word, HeapFull> {
    assert!(entries.len() > super::FLAT_MAX, "a hashed map has more than 32 keys");
    let base = heap.len();
    let mut words: Vec<u64> = Vec::with_capacity(4 * entries.len());
    let mut finished: Vec<u64> = Vec::new();
    let mut open = vec![Open { next: 0, end: entries.len(), level: 0, bitmap: 0, children: 0 }];
    while let Some(node) = open.last_mut() {
        if node.next < node.end {
            let start = node.next;
            let shift = 60 - 4 * (node.level % 16);
            let slot = entries[start].hash >> shift & 15;
            let same = |e: &Hashed| e.hash >> shift & 15 == slot;
            let end = start + entries[start..node.end].iter().take_while(|e| same(e)).count();
            node.next = end;
            node.bitmap |= 1 << slot;
            if end - start == 1 {
                finished.push(Word::list(base + words.len()).0);
                words.extend_from_slice(&[entries[start].key.0, entries[start].value.0]);
            } else {
                let level = node.level + 1;
                if level % 16 == 0 {
                    hash_anew(heap, &mut entries[start..end], u64::from(level / 16));
                }
                open.push(Open { next: start, end, level, bitmap: 0, children: finished.len() });
            }
            continue;
        }
        let children = &finished[node.children..];
        let root = node.level == 0;
        let kind = if root { Kind::HashMap } else { Kind::HashNode };
        let size = children.len() + usize::from(root);
        let made = Word::boxed(base + words.len()).0;
        words.push(Header { kind, size, extra: node.bitmap }.word());
        if root {
            words.push(Word::small(entries.len() as i64).0);
        }
        words.extend_from_slice(children);
        finished.truncate(node.children);
        finished.push(made);
        open.pop();
    }
    heap.reserve(words.len())?;
    heap.append(&words);
    Ok(Word(finished[0]))
}

/// Keys that collide in all 64 bits, in the order of their next hash.
fn hash_anew(heap: &Heap, entries: &mut [Hashed], salt: u64) {
    for entry in entries.iter_mut() {
        entry.hash = salted_hash(heap, entry.key, salt);
    }
    entries.sort_by_key(|e| e.hash);
}
