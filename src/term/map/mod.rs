//! Maps: flat up to 32 keys, hash-array-mapped tries above.
//!
//! A flat map is a tuple of keys in key order, shared between updates, and the values. A hashed one is a
//! trie of 16-way nodes with bitmaps; each level takes four bits of the key's hash, topmost first, so trie
//! order is the order of hashes. A leaf is a cell `[Key | Value]`. Keys whose 64 bits are equal go on with
//! another hash, salted by the depth.
//!
//! Invariant: a map's shape is a function of its set of keys. It is flat exactly up to 32 keys, keys of the
//! tuple are sorted, and below the root no node has a leaf as its only child. Nothing else can be observed
//! of the order in which keys came or atoms were interned.
//! Source: Bagwell's ideal hash trees; OTP's limit of 32 and its leaves. Its hash and order are other ones.

mod flat;
mod iterator;
mod trie;
mod trie_build;
mod walk;

pub use iterator::{BadPath, Gather, iterator, map_in_order, map_next};
pub use walk::Entries;

use super::Word;
use super::hash::internal_hash;
use super::order::equal_exact;
use super::word::{Header, Kind};
use crate::heap::space::Space;
use crate::heap::{Heap, HeapFull};

/// Keys of the largest flat map.
pub const FLAT_MAX: usize = 32;

fn is_flat(heap: &impl Space, map: Word) -> bool {
    match heap.kind(map) {
        Some(Kind::FlatMap) => true,
        Some(Kind::HashMap) => false,
        _ => panic!("no map: {map:?}"),
    }
}

/// The map without keys.
pub fn empty(heap: &mut Heap) -> Result<Word, HeapFull> {
    flat::make(heap, &[])
}

/// Number of keys.
pub fn size(heap: &impl Space, map: Word) -> usize {
    let body = heap.body(map);
    if is_flat(heap, map) { body.len() - 1 } else { Word(body[0]).small_value() as usize }
}

/// The value of `key`.
#[inline]
pub fn get(heap: &Heap, map: Word, key: Word) -> Option<Word> {
    let header = heap.header(map);
    if header.kind == Kind::FlatMap {
        flat::get(heap, map, key)
    } else {
        trie::get(heap, map, key, internal_hash(heap, key))
    }
}

/// The value of `key`, whose [`internal_hash`] the caller knows.
#[inline]
pub fn get_hashed(heap: &Heap, map: Word, key: Word, hash: u64) -> Option<Word> {
    if is_flat(heap, map) { flat::get(heap, map, key) } else { trie::get(heap, map, key, hash) }
}

/// The value of a key of `heap` in a map that may lie in a row beside it.
pub fn get_beside(space: &impl Space, heap: &Heap, map: Word, key: Word) -> Option<Word> {
    if is_flat(space, map) {
        flat::get(space, map, key)
    } else {
        trie::get_beside(space, heap, map, key, internal_hash(heap, key))
    }
}

pub fn contains_key(heap: &Heap, map: Word, key: Word) -> bool {
    get(heap, map, key).is_some()
}

/// The map with `key` at `value`; the same map if it was so already.
pub fn put(heap: &mut Heap, map: Word, key: Word, value: Word) -> Result<Word, HeapFull> {
    if is_flat(heap, map) {
        flat::put(heap, map, key, value)
    } else {
        let hash = internal_hash(heap, key);
        trie::put(heap, map, key, value, hash)
    }
}

/// The map with the value of a key it has replaced; `None` if it lacks the key.
pub fn update(heap: &mut Heap, map: Word, key: Word, value: Word) -> Result<Option<Word>, HeapFull> {
    if contains_key(heap, map, key) { put(heap, map, key, value).map(Some) } else { Ok(None) }
}

/// The map without `key`; the same map if it lacks it.
pub fn remove(heap: &mut Heap, map: Word, key: Word) -> Result<Word, HeapFull> {
    if is_flat(heap, map) {
        return flat::remove(heap, map, key);
    }
    let hash = internal_hash(heap, key);
    if size(heap, map) > FLAT_MAX + 1 {
        return trie::remove(heap, map, key, hash);
    }
    if trie::get(heap, map, key, hash).is_none() {
        return Ok(map);
    }
    let rest: Vec<_> = Entries::of(heap, map).filter(|e| !equal_exact(heap, e.0, key)).collect();
    flat::make_unsorted(heap, rest)
}

/// A map of these pairs; of equal keys the last counts.
pub fn from_pairs(heap: &mut Heap, pairs: &[(Word, Word)]) -> Result<Word, HeapFull> {
    if pairs.len() <= FLAT_MAX {
        return flat::make_unsorted(heap, pairs.to_vec());
    }
    let distinct = trie_build::sorted_distinct(heap, pairs);
    if distinct.len() <= FLAT_MAX {
        let pairs = distinct.iter().map(|e| (e.key, e.value)).collect();
        return flat::make_unsorted(heap, pairs);
    }
    trie_build::build(heap, distinct)
}

/// Maps so much smaller than another that inserting their keys beats building a new trie.
const MERGE_BY_INSERTION: usize = 8;

/// Both maps' keys; where both have one, `second`'s value counts.
pub fn merge(heap: &mut Heap, first: Word, second: Word) -> Result<Word, HeapFull> {
    let (n, m) = (size(heap, first), size(heap, second));
    if m == 0 || first == second {
        return Ok(first);
    }
    if n == 0 {
        return Ok(second);
    }
    if n.max(m) > FLAT_MAX && n.min(m) <= n.max(m) / MERGE_BY_INSERTION {
        let smaller: Vec<_> = Entries::of(heap, if m <= n { second } else { first }).collect();
        let mut merged = if m <= n { first } else { second };
        for (key, value) in smaller {
            if m <= n || !contains_key(heap, merged, key) {
                merged = put(heap, merged, key, value)?;
            }
        }
        return Ok(merged);
    }
    let pairs: Vec<_> = Entries::of(heap, first).chain(Entries::of(heap, second)).collect();
    from_pairs(heap, &pairs)
}

/// The keys, in the map's order.
pub fn keys(heap: &mut Heap, map: Word) -> Result<Word, HeapFull> {
    let keys: Vec<_> = Entries::of(heap, map).map(|e| e.0).collect();
    heap.new_list(&keys, Word::NIL)
}

/// The values, in the order of their keys.
pub fn values(heap: &mut Heap, map: Word) -> Result<Word, HeapFull> {
    let values: Vec<_> = Entries::of(heap, map).map(|e| e.1).collect();
    heap.new_list(&values, Word::NIL)
}

/// The entries as a list of pairs, in the map's order.
pub fn to_list(heap: &mut Heap, map: Word) -> Result<Word, HeapFull> {
    let entries: Vec<_> = Entries::of(heap, map).collect();
    pairs_onto(heap, &entries, Word::NIL)
}

/// A list of these pairs in front of `tail`.
fn pairs_onto(heap: &mut Heap, entries: &[(Word, Word)], tail: Word) -> Result<Word, HeapFull> {
    // A pair is three words, its cell two.
    heap.reserve(5 * entries.len())?;
    let mut list = tail;
    for &(key, value) in entries.iter().rev() {
        let pair = heap.new_tuple(&[key, value])?;
        list = heap.cons(pair, list)?;
    }
    Ok(list)
}

/// The bitmap and children of a trie's node, the root's size aside.
#[inline]
fn node(heap: &impl Space, boxed: Word) -> (u32, &[u64]) {
    let (words, at) = heap.place(boxed);
    let header = Header::decode(words[at]);
    let first = at + 1 + usize::from(header.kind == Kind::HashMap);
    (header.extra, &words[first..at + 1 + header.size])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::policy::Policy;
    use crate::term::hash::{colliding_pairs, salted_hash};
    use crate::term::order::equal_exact;

    fn heap() -> Heap {
        Heap::new(Default::default(), Policy::default())
    }

    /// Keys whose 64 bits of hash are all equal, and as many others.
    fn keys(heap: &mut Heap, count: usize) -> Vec<Word> {
        let pairs = colliding_pairs(count);
        let mut make = |(a, b)| heap.new_tuple(&[Word::small(a), Word::small(b)]).unwrap();
        let mut keys: Vec<_> = pairs.into_iter().map(&mut make).collect();
        keys.extend((0..count as i64).map(|a| make((a, -1))));
        keys
    }

    #[test]
    fn keys_with_one_hash_are_told_apart_deeper_down() {
        let mut heap = heap();
        let keys = keys(&mut heap, 40);
        assert!(keys[..40].iter().all(|&k| internal_hash(&heap, k) == internal_hash(&heap, keys[0])));
        assert_ne!(salted_hash(&heap, keys[1], 1), salted_hash(&heap, keys[0], 1));
        let pairs: Vec<_> = keys.iter().enumerate().map(|(i, &k)| (k, Word::small(i as i64))).collect();
        let bulk = from_pairs(&mut heap, &pairs).unwrap();
        let mut map = empty(&mut heap).unwrap();
        for &(key, value) in pairs.iter().rev() {
            map = put(&mut heap, map, key, value).unwrap();
        }
        assert!(equal_exact(&heap, map, bulk));
        assert!(pairs.iter().all(|&(k, v)| get(&heap, map, k) == Some(v)));
        for n in (0..pairs.len()).rev() {
            map = remove(&mut heap, map, pairs[n].0).unwrap();
            let rest = from_pairs(&mut heap, &pairs[..n]).unwrap();
            assert!(equal_exact(&heap, map, rest), "{n} keys are left");
            assert_eq!(get(&heap, map, pairs[n].0), None);
        }
    }

    #[test]
    fn a_path_through_colliding_keys_is_a_big_integer() {
        let mut heap = heap();
        let keys = keys(&mut heap, 80);
        let pairs: Vec<_> = keys[..80].iter().map(|&k| (k, Word::NIL)).collect();
        let map = from_pairs(&mut heap, &pairs).unwrap();
        let (mut path, mut seen, mut big) = (Word::small(0), Vec::new(), false);
        while path.is_small() || heap.is_integer(path) {
            let mut step = map_next(&mut heap, path, map, Gather::Nested).unwrap().unwrap();
            while let Some(&[key, _, next]) = heap.tuple(step) {
                seen.push(Word(key));
                step = Word(next);
            }
            path = if step.is_list() { heap.cell(step).0 } else { Word::NIL };
            big |= path.is_boxed();
        }
        assert!(big);
        assert_eq!(seen, Entries::of(&heap, map).map(|e| e.0).collect::<Vec<_>>());
    }

    #[test]
    fn a_full_heap_is_left_as_it_was() {
        let mut heap = heap();
        let pairs: Vec<_> = (0..100).map(|n| (Word::small(n), Word::NIL)).collect();
        let large = from_pairs(&mut heap, &pairs).unwrap();
        let little = from_pairs(&mut heap, &pairs[..20]).unwrap();
        let before = heap.len();
        heap.policy.ceiling_words = before;
        heap.words.shrink_to_fit();
        for map in [large, little] {
            assert_eq!(put(&mut heap, map, Word::small(-1), Word::NIL), Err(HeapFull));
            assert_eq!(put(&mut heap, map, Word::small(1), Word::TRUE), Err(HeapFull));
            assert_eq!(remove(&mut heap, map, Word::small(1)), Err(HeapFull));
            assert_eq!(put(&mut heap, map, Word::small(1), Word::NIL), Ok(map));
        }
        assert_eq!(from_pairs(&mut heap, &pairs), Err(HeapFull));
        assert_eq!(heap.len(), before);
    }
}
