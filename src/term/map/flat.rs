//! Flat maps: `[header][keys: tuple][value]...`, keys in key order.
//!
//! Invariant: the keys tuple is sorted by [`compare_keys`] and never changed, so that maps which differ in
//! values alone share it. Source: OTP's small maps; the Efficiency Guide documents the sharing.

use super::{FLAT_MAX, from_pairs};
use crate::heap::space::Space;
use crate::heap::{Heap, HeapFull};
use crate::term::Word;
use crate::term::order::compare_keys;
use crate::term::word::{Header, Kind};

/// Position of `key`, or where it would go.
#[inline]
fn find(heap: &impl Space, map: Word, key: Word) -> Result<usize, usize> {
    let keys = heap.body(Word(heap.body(map)[0]));
    if key.is_immediate()
        && let Some(at) = keys.iter().position(|&k| k == key.0)
    {
        return Ok(at);
    }
    keys.binary_search_by(|&k| compare_keys(heap, Word(k), key))
}

#[inline]
pub(super) fn get(heap: &impl Space, map: Word, key: Word) -> Option<Word> {
    let body = heap.body(map);
    if key.is_immediate() {
        let keys = heap.body(Word(body[0]));
        return keys.iter().position(|&k| k == key.0).map(|at| Word(body[1 + at]));
    }
    find(heap, map, key).ok().map(|at| Word(body[1 + at]))
}

/// A map of sorted and distinct pairs.
pub(super) fn make(heap: &mut Heap, pairs: &[(Word, Word)]) -> Result<Word, HeapFull> {
    let n = pairs.len();
    heap.reserve(1 + n + 2 + n)?;
    let keys = heap.len();
    heap.append(&[Header::new(Kind::Tuple, n).word()]);
    pairs.iter().for_each(|p| heap.append(&[p.0.0]));
    let map = heap.len();
    heap.append(&[Header::new(Kind::FlatMap, 1 + n).word(), Word::boxed(keys).0]);
    pairs.iter().for_each(|p| heap.append(&[p.1.0]));
    Ok(Word::boxed(map))
}

/// A map of at most 32 pairs in any order; of equal keys the last counts.
pub(super) fn make_unsorted(heap: &mut Heap, mut pairs: Vec<(Word, Word)>) -> Result<Word, HeapFull> {
    assert!(pairs.len() <= FLAT_MAX, "a flat map has at most 32 keys");
    // Last come first, so that the stable sort and the removal of later doubles keep them.
    pairs.reverse();
    pairs.sort_by(|a, b| compare_keys(heap, a.0, b.0));
    pairs.dedup_by(|later, kept| compare_keys(heap, later.0, kept.0).is_eq());
    make(heap, &pairs)
}

pub(super) fn put(heap: &mut Heap, map: Word, key: Word, value: Word) -> Result<Word, HeapFull> {
    let n = heap.body(map).len() - 1;
    match find(heap, map, key) {
        Ok(at) if heap.body(map)[1 + at] == value.0 => Ok(map),
        Ok(at) => {
            heap.reserve(2 + n)?;
            let made = heap.len();
            heap.append(&[Header::new(Kind::FlatMap, 1 + n).word()]);
            heap.append_from(map, 0..1 + at);
            heap.append(&[value.0]);
            heap.append_from(map, 2 + at..1 + n);
            Ok(Word::boxed(made))
        }
        Err(_) if n == FLAT_MAX => {
            let mut pairs: Vec<_> = super::Entries::of(heap, map).collect();
            pairs.push((key, value));
            from_pairs(heap, &pairs)
        }
        Err(at) => {
            heap.reserve(2 + n + 3 + n)?;
            let keys = Word(heap.body(map)[0]);
            let new_keys = heap.len();
            heap.append(&[Header::new(Kind::Tuple, n + 1).word()]);
            heap.append_from(keys, 0..at);
            heap.append(&[key.0]);
            heap.append_from(keys, at..n);
            let made = heap.len();
            heap.append(&[Header::new(Kind::FlatMap, 2 + n).word(), Word::boxed(new_keys).0]);
            heap.append_from(map, 1..1 + at);
            heap.append(&[value.0]);
            heap.append_from(map, 1 + at..1 + n);
            Ok(Word::boxed(made))
        }
    }
}

pub(super) fn remove(heap: &mut Heap, map: Word, key: Word) -> Result<Word, HeapFull> {
    let n = heap.body(map).len() - 1;
    let Ok(at) = find(heap, map, key) else { return Ok(map) };
    heap.reserve(n + 1 + n)?;
    let keys = Word(heap.body(map)[0]);
    let new_keys = heap.len();
    heap.append(&[Header::new(Kind::Tuple, n - 1).word()]);
    heap.append_from(keys, 0..at);
    heap.append_from(keys, at + 1..n);
    let made = heap.len();
    heap.append(&[Header::new(Kind::FlatMap, n).word(), Word::boxed(new_keys).0]);
    heap.append_from(map, 1..1 + at);
    heap.append_from(map, 2 + at..1 + n);
    Ok(Word::boxed(made))
}
