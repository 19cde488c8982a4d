//! Hashed maps: look-up, insertion and removal in the trie.
//!
//! A change finds its place first and counts the words it will copy, reserves them, and then writes the
//! nodes of the path from the root down; each new node lies right behind its parent, so the parent knows
//! its index before it is written.
//!
//! Invariant: only nodes on the path are copied, and `HeapFull` leaves nothing behind. Source: Bagwell's
//! ideal hash trees.

use super::node;
use crate::heap::space::Space;
use crate::heap::{Heap, HeapFull};
use crate::term::Word;
use crate::term::hash::salted_hash;
use crate::term::order::equal_exact;
use crate::term::word::{Header, Kind};

/// Levels that one hash of 64 bits serves.
const LEVELS_PER_HASH: u32 = 16;

/// A key's way down: its hash, and the level it has reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    hash: u64,
    level: u32,
}

impl Way {
    #[inline]
    pub(super) fn new(hash: u64) -> Way {
        Way { hash, level: 0 }
    }

    /// The place among 16 at this level.
    #[inline]
    pub(super) fn slot(self) -> u32 {
        (self.hash >> (60 - 4 * (self.level % LEVELS_PER_HASH))) as u32 & 15
    }

    /// One level down; at the end of a hash `key` is hashed anew.
    #[inline]
    pub(super) fn down(&mut self, heap: &Heap, key: Word) {
        self.level += 1;
        if self.level.is_multiple_of(LEVELS_PER_HASH) {
            self.hash = salted_hash(heap, key, u64::from(self.level / LEVELS_PER_HASH));
        }
    }
}

/// Children before that of `slot`.
#[inline]
fn position(bitmap: u32, slot: u32) -> usize {
    (bitmap & ((1 << slot) - 1)).count_ones() as usize
}

pub(super) fn get(heap: &Heap, map: Word, key: Word, hash: u64) -> Option<Word> {
    get_beside(heap, heap, map, key, hash)
}

/// The key is on `heap`, the map on either.
#[inline]
pub(super) fn get_beside(space: &impl Space, heap: &Heap, map: Word, key: Word, hash: u64) -> Option<Word> {
    let mut way = Way::new(hash);
    let mut at = map;
    loop {
        let (bitmap, children) = node(space, at);
        let slot = way.slot();
        if bitmap & (1 << slot) == 0 {
            return None;
        }
        let child = Word(children[position(bitmap, slot)]);
        if child.is_list() {
            let (found, value) = space.cell(child);
            return equal_exact(space, found, key).then_some(value);
        }
        at = child;
        way.down(heap, key);
    }
}

/// Where a key's way ends.
struct End {
    /// Nodes from the root, which is the first, to the last one that has the key's slot or lacks it.
    depth: usize,
    /// Words of those nodes, headers included.
    words: usize,
    way: Way,
    /// The leaf in the slot.
    leaf: Option<Word>,
}

fn find(heap: &Heap, map: Word, key: Word, hash: u64) -> End {
    let mut way = Way::new(hash);
    let mut end = End { depth: 0, words: 0, way, leaf: None };
    let mut at = map;
    loop {
        end.words += 1 + heap.header(at).size;
        let (bitmap, children) = node(heap, at);
        let slot = way.slot();
        end.way = way;
        if bitmap & (1 << slot) == 0 {
            return end;
        }
        let child = Word(children[position(bitmap, slot)]);
        if child.is_list() {
            end.leaf = Some(child);
            return end;
        }
        at = child;
        end.depth += 1;
        way.down(heap, key);
    }
}

/// What becomes of a slot in the copy of a node.
enum Change {
    /// A child in a slot that has one; `Word::NONE` stands for the object that is written next.
    Replace(Word),
    /// A leaf in a slot that has none: the cell that is written next.
    Insert,
    Remove,
}

/// Writes a copy of a node with one slot changed; room is reserved. A next child lies right behind.
fn copy_node(heap: &mut Heap, boxed: Word, slot: u32, change: &Change, size: usize) {
    let header = heap.header(boxed);
    let first = usize::from(header.kind == Kind::HashMap);
    let at = first + position(header.extra, slot);
    let (extra, size_of, replaced) = match change {
        Change::Replace(_) => (header.extra, header.size, 1),
        Change::Insert => (header.extra | (1 << slot), header.size + 1, 0),
        Change::Remove => (header.extra & !(1 << slot), header.size - 1, 1),
    };
    let end = heap.len() + 1 + size_of;
    heap.append(&[Header { kind: header.kind, size: size_of, extra }.word()]);
    if first == 1 {
        heap.append(&[Word::small(size as i64).0]);
    }
    heap.append_from(boxed, first..at);
    match change {
        Change::Replace(word) if *word == Word::NONE => heap.append(&[Word::boxed(end).0]),
        Change::Replace(word) => heap.append(&[word.0]),
        Change::Insert => heap.append(&[Word::list(end).0]),
        Change::Remove => {}
    }
    heap.append_from(boxed, at + replaced..header.size);
}

/// Copies the nodes above the last; gives the last one, and its slot.
fn copy_path(heap: &mut Heap, map: Word, key: Word, hash: u64, depth: usize, size: usize) -> (Word, u32) {
    let mut way = Way::new(hash);
    let mut at = map;
    for _ in 0..depth {
        let (bitmap, children) = node(heap, at);
        let child = Word(children[position(bitmap, way.slot())]);
        copy_node(heap, at, way.slot(), &Change::Replace(Word::NONE), size);
        at = child;
        way.down(heap, key);
    }
    (at, way.slot())
}

pub(super) fn put(heap: &mut Heap, map: Word, key: Word, value: Word, hash: u64) -> Result<Word, HeapFull> {
    let end = find(heap, map, key, hash);
    let size = super::size(heap, map);
    let made = Word::boxed(heap.len());
    let Some(leaf) = end.leaf else {
        heap.reserve(end.words + 1 + 2)?;
        let (last, slot) = copy_path(heap, map, key, hash, end.depth, size + 1);
        copy_node(heap, last, slot, &Change::Insert, size + 1);
        heap.append(&[key.0, value.0]);
        return Ok(made);
    };
    let (found, old) = heap.cell(leaf);
    if !equal_exact(heap, found, key) {
        return split(heap, map, (key, value, hash), &end, leaf);
    }
    if old == value {
        return Ok(map);
    }
    heap.reserve(end.words + 2)?;
    let (last, slot) = copy_path(heap, map, key, hash, end.depth, size);
    let cell = Word::list(heap.len() + 1 + heap.header(last).size);
    copy_node(heap, last, slot, &Change::Replace(cell), size);
    heap.append(&[found.0, value.0]);
    Ok(made)
}

/// Puts a key where another key's leaf is: new nodes down to where their hashes differ.
fn split(
    heap: &mut Heap,
    map: Word,
    (key, value, hash): (Word, Word, u64),
    end: &End,
    leaf: Word,
) -> Result<Word, HeapFull> {
    let other = heap.cell(leaf).0;
    let mut ours = end.way;
    let mut theirs = way_of(heap, other, end.way.level);
    let mut shared = Vec::new();
    loop {
        ours.down(heap, key);
        theirs.down(heap, other);
        if ours.slot() != theirs.slot() {
            break;
        }
        shared.push(ours.slot());
    }
    let size = super::size(heap, map) + 1;
    heap.reserve(end.words + 2 * shared.len() + 3 + 2)?;
    let made = Word::boxed(heap.len());
    let (last, slot) = copy_path(heap, map, key, hash, end.depth, size);
    copy_node(heap, last, slot, &Change::Replace(Word::NONE), size);
    for slot in shared {
        let header = Header { kind: Kind::HashNode, size: 1, extra: 1 << slot };
        let next = Word::boxed(heap.len() + 2);
        heap.append(&[header.word(), next.0]);
    }
    let extra = 1 << ours.slot() | 1 << theirs.slot();
    let cell = Word::list(heap.len() + 3);
    let children = if ours.slot() < theirs.slot() { [cell.0, leaf.0] } else { [leaf.0, cell.0] };
    heap.append(&[Header { kind: Kind::HashNode, size: 2, extra }.word()]);
    heap.append(&children);
    heap.append(&[key.0, value.0]);
    Ok(made)
}

/// The way of a key that has reached `level`.
fn way_of(heap: &Heap, key: Word, level: u32) -> Way {
    Way { hash: salted_hash(heap, key, u64::from(level / LEVELS_PER_HASH)), level }
}

/// Removes from a map that stays a hashed one.
pub(super) fn remove(heap: &mut Heap, map: Word, key: Word, hash: u64) -> Result<Word, HeapFull> {
    let end = find(heap, map, key, hash);
    let Some(leaf) = end.leaf else { return Ok(map) };
    let found = heap.cell(leaf).0;
    if !equal_exact(heap, found, key) {
        return Ok(map);
    }
    let size = super::size(heap, map) - 1;
    heap.reserve(end.words)?;
    let made = Word::boxed(heap.len());
    let (depth, change) = match left_alone(heap, map, key, hash, end.depth) {
        Some((depth, leaf)) => (depth, Change::Replace(leaf)),
        None => (end.depth, Change::Remove),
    };
    let (last, slot) = copy_path(heap, map, key, hash, depth, size);
    copy_node(heap, last, slot, &change, size);
    Ok(made)
}

/// Where removing the key leaves a single leaf in its node: that leaf, and the depth of the nearest node
/// above that keeps other children (or is the root) and takes it in.
fn left_alone(heap: &Heap, map: Word, key: Word, hash: u64, depth: usize) -> Option<(usize, Word)> {
    let mut way = Way::new(hash);
    let mut at = map;
    let mut keeper = 0;
    for level in 0..depth {
        let (bitmap, children) = node(heap, at);
        if level == 0 || children.len() > 1 {
            keeper = level;
        }
        at = Word(children[position(bitmap, way.slot())]);
        way.down(heap, key);
    }
    let (bitmap, children) = node(heap, at);
    if depth == 0 || children.len() != 2 {
        return None;
    }
    let other = Word(children[1 - position(bitmap, way.slot())]);
    other.is_list().then_some((keeper, other))
}
