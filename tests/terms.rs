//! Terms as values: order, equality, hashes, text and maps, on random terms and on deep ones.

#![allow(clippy::disallowed_methods, reason = "deep terms are tried on a thread with a small stack")]

#[allow(dead_code)]
mod sample;

use proptest::collection::vec;
use proptest::prelude::*;
use sample::{Sample, atom, every, heap, list, small};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use warpbeam::heap::Heap;
use warpbeam::term::hash::{digest, internal_hash, phash2_full};
use warpbeam::term::map::{self, Gather};
use warpbeam::term::order::{compare, compare_keys, equal_exact, equal_loose};
use warpbeam::term::show::{show, show_limited};
use warpbeam::term::word::{Header, Kind};
use warpbeam::term::{Atom, Word, float_text};

fn cases(n: u32) -> ProptestConfig {
    ProptestConfig { cases: n, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn order_is_total(samples in vec(every(), 3)) {
        let mut heap = heap();
        let words: Vec<Word> = samples.iter().map(|s| s.build(&mut heap)).collect();
        for order in [compare, compare_keys] {
            let by = |i: usize, j: usize| order(&heap, words[i], words[j]);
            for i in 0..3 {
                prop_assert_eq!(by(i, i), Ordering::Equal);
                for j in 0..3 {
                    prop_assert_eq!(by(i, j), by(j, i).reverse());
                    for k in 0..3 {
                        if by(i, j) != Ordering::Greater && by(j, k) != Ordering::Greater {
                            prop_assert_ne!(by(i, k), Ordering::Greater);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_copy_is_equal_and_hashes_alike(one in every(), two in every()) {
        let mut heap = heap();
        let (a, copy, b) = (one.build(&mut heap), one.build(&mut heap), two.build(&mut heap));
        prop_assert!(equal_exact(&heap, a, copy) && equal_loose(&heap, a, copy));
        prop_assert_eq!(compare(&heap, a, copy), Ordering::Equal);
        prop_assert_eq!(internal_hash(&heap, a), internal_hash(&heap, copy));
        prop_assert_eq!(phash2_full(&heap, a), phash2_full(&heap, copy));
        prop_assert_eq!(digest(&heap, a), digest(&heap, copy));
        prop_assert_eq!(show(&heap, a), show(&heap, copy));
        prop_assert_eq!(equal_exact(&heap, a, b), compare_keys(&heap, a, b) == Ordering::Equal);
        prop_assert_eq!(equal_loose(&heap, a, b), compare(&heap, a, b) == Ordering::Equal);
        if equal_exact(&heap, a, b) {
            prop_assert!(equal_loose(&heap, a, b));
            prop_assert_eq!(internal_hash(&heap, a), internal_hash(&heap, b));
        } else {
            prop_assert_ne!(internal_hash(&heap, a), internal_hash(&heap, b));
        }
    }

    #[test]
    fn a_limit_cuts_the_same_text(one in every(), limit in 0usize..60) {
        let mut heap = heap();
        let word = one.build(&mut heap);
        let whole = show(&heap, word);
        let expected = match whole.char_indices().nth(limit) {
            Some((end, _)) => format!("{}...", &whole[..end]),
            None => whole,
        };
        prop_assert_eq!(show_limited(&heap, word, limit), expected);
    }

    #[test]
    fn floats_read_back(bits in any::<u64>()) {
        let f = f64::from_bits(bits);
        prop_assume!(f.is_finite());
        prop_assert_eq!(float_text::parse(&float_text::short(f)).map(f64::to_bits), Some(bits));
    }
}

/// Keys of every sort, distinct.
fn key(n: usize) -> Sample {
    let i = n as i64;
    match n % 6 {
        0 => small(i),
        1 => atom(&format!("key_{i}")),
        2 => Sample::Float(i as f64 - 2.0),
        3 => Sample::Tuple(vec![small(i), atom("x")]),
        4 => Sample::Bits(i.to_be_bytes().to_vec(), 0, 0),
        _ => list(vec![small(i), Sample::Big(true, vec![0, n as u64])]),
    }
}

/// A trie's nodes and cells, or a flat map's keys and values, in full.
fn shape(heap: &Heap, map: Word) -> String {
    let mut text = String::new();
    let mut stack = vec![map];
    while let Some(word) = stack.pop() {
        let node = word.is_boxed() && matches!(heap.header(word).kind, Kind::HashMap | Kind::HashNode);
        if node {
            let Header { kind, size, extra } = heap.header(word);
            text += &format!("{kind:?}/{size}/{extra:x} ");
            stack.extend(heap.body(word).iter().rev().map(|&w| Word(w)));
        } else {
            text += &show(heap, word);
            text.push(' ');
        }
    }
    text
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn a_map_does_as_its_model(steps in vec((0usize..90, 0i64..4, 0u8..10), 0..400)) {
        let mut heap = heap();
        let keys: Vec<Word> = (0..90).map(|n| key(n).build(&mut heap)).collect();
        let mut model = BTreeMap::new();
        let mut map = map::empty(&mut heap).unwrap();
        for (n, value, action) in steps {
            // Another copy of the key, so that only content counts.
            let k = key(n).build(&mut heap);
            match action {
                0..6 => {
                    map = map::put(&mut heap, map, k, Word::small(value)).unwrap();
                    model.insert(n, value);
                }
                6..9 => {
                    map = map::remove(&mut heap, map, k).unwrap();
                    model.remove(&n);
                }
                _ => {
                    let updated = map::update(&mut heap, map, k, Word::small(value)).unwrap();
                    prop_assert_eq!(updated.is_some(), model.contains_key(&n));
                    map = updated.unwrap_or(map);
                    model.entry(n).and_modify(|v| *v = value);
                }
            }
            prop_assert_eq!(map::size(&heap, map), model.len());
            prop_assert_eq!(heap.header(map).kind == Kind::FlatMap, model.len() <= map::FLAT_MAX);
        }
        for (n, &k) in keys.iter().enumerate() {
            let hash = internal_hash(&heap, k);
            let expected = model.get(&n).map(|&v| Word::small(v));
            prop_assert_eq!(map::get(&heap, map, k), expected);
            prop_assert_eq!(map::get_hashed(&heap, map, k, hash), expected);
        }
        let pairs: Vec<_> = model.iter().rev().map(|(&n, &v)| (keys[n], Word::small(v))).collect();
        let bulk = map::from_pairs(&mut heap, &pairs).unwrap();
        prop_assert_eq!(shape(&heap, map), shape(&heap, bulk));
        check_iteration(&mut heap, map)?;
        heap.verify(&[map.0, bulk.0]).unwrap();
    }

    #[test]
    fn merging_is_putting_one_by_one(
        one in vec((0usize..80, 0i64..4), 0..90),
        two in vec((0usize..80, 0i64..4), 0..90),
    ) {
        let mut heap = heap();
        let mut maps = Vec::new();
        for pairs in [&one, &two] {
            let pairs: Vec<_> = pairs.iter().map(|&(n, v)| (key(n).build(&mut heap), Word::small(v))).collect();
            maps.push(map::from_pairs(&mut heap, &pairs).unwrap());
        }
        let merged = map::merge(&mut heap, maps[0], maps[1]).unwrap();
        let mut expected = maps[0];
        for (n, v) in two {
            let k = key(n).build(&mut heap);
            expected = map::put(&mut heap, expected, k, Word::small(v)).unwrap();
        }
        prop_assert_eq!(shape(&heap, merged), shape(&heap, expected));
    }
}

fn check_iteration(heap: &mut Heap, map: Word) -> Result<(), TestCaseError> {
    let all: Vec<_> = map::Entries::of(heap, map).collect();
    let listed = map::to_list(heap, map).unwrap();
    let keys = map::keys(heap, map).unwrap();
    prop_assert_eq!(heap.list_length(listed), Some(all.len()));
    prop_assert_eq!(heap.list(keys).collect::<Vec<_>>(), all.iter().map(|e| e.0).collect::<Vec<_>>());
    let mut path = Word::small(0);
    let mut nested = Vec::new();
    loop {
        let mut step = map::map_next(heap, path, map, Gather::Nested).unwrap().unwrap();
        while let Some(&[k, v, next]) = heap.tuple(step) {
            nested.push((Word(k), Word(v)));
            step = Word(next);
        }
        if !step.is_list() {
            prop_assert_eq!(step, Word::atom(Atom::NONE));
            break;
        }
        path = heap.cell(step).0;
    }
    prop_assert_eq!(&nested, &all);
    let mut step = map::map_next(heap, Word::small(0), map, Gather::Onto(Word::NIL)).unwrap().unwrap();
    while step.is_list() && heap.cell(step).0.is_small() {
        let (path, rest) = heap.cell(step);
        let accumulator = heap.cell(rest).1;
        step = map::map_next(heap, path, map, Gather::Onto(accumulator)).unwrap().unwrap();
    }
    let mut pairs: Vec<_> =
        heap.list(step).map(|p| heap.tuple(p).map(|t| (Word(t[0]), Word(t[1]))).unwrap()).collect();
    if all.len() > map::FLAT_MAX {
        pairs.reverse();
        for bad in [Word::small(-1), Word::small(2), Word::small(0x1000), Word::NIL] {
            let wrong = map::map_next(heap, bad, map, Gather::Nested).unwrap();
            prop_assert!(bad == Word::small(0x1000) || wrong == Err(map::BadPath));
        }
    }
    prop_assert_eq!(&pairs, &all);
    Ok(())
}

/// Runs on a native stack of 256 kB, where recursion over a deep term would not fit.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(256 * 1024).spawn(run).unwrap();
    thread.join().expect("nothing overflowed and nothing failed");
}

/// Everything that reads a term, on two copies of one that is large or deep, and a smaller third.
fn read_all(heap: &Heap, a: Word, b: Word, less: Word) {
    assert!(equal_exact(heap, a, b) && equal_loose(heap, a, b));
    assert_eq!(compare(heap, a, b), Ordering::Equal);
    assert_eq!(compare_keys(heap, a, b), Ordering::Equal);
    assert_eq!(compare(heap, less, a), Ordering::Less);
    assert!(!equal_exact(heap, less, a) && !equal_loose(heap, less, a));
    assert_eq!(phash2_full(heap, a), phash2_full(heap, b));
    assert_eq!(internal_hash(heap, a), internal_hash(heap, b));
    assert_eq!(digest(heap, a), digest(heap, b));
    assert_ne!(digest(heap, a), digest(heap, less));
    // A fun shows what it is called, not what it holds.
    assert!(heap.is_fun(a) || show(heap, a).len() > show_limited(heap, a, 100).len());
}

#[test]
fn long_lists_need_no_stack() {
    on_a_small_stack(|| {
        let mut heap = heap();
        for element in [Word::small(300), heap.new_float(1.5).unwrap()] {
            let make = |heap: &mut Heap, first: i64| {
                let all = vec![element; 1_000_000];
                let end = heap.cons(Word::small(first), Word::NIL).unwrap();
                heap.new_list(&all, end).unwrap()
            };
            let (a, b, less) = (make(&mut heap, 2), make(&mut heap, 2), make(&mut heap, 1));
            read_all(&heap, a, b, less);
        }
    });
}

type Wrap = fn(&mut Heap, Word) -> Word;

#[test]
fn deep_terms_need_no_stack() {
    let wraps: [Wrap; 6] = [
        |heap, inner| heap.new_tuple(&[inner]).unwrap(),
        |heap, inner| heap.new_tuple(&[Word::NIL, inner, Word::NIL]).unwrap(),
        |heap, inner| heap.cons(inner, Word::NIL).unwrap(),
        |heap, inner| heap.new_fun(1, 0, &[inner]).unwrap(),
        |heap, inner| map::from_pairs(heap, &[(Word::NIL, inner)]).unwrap(),
        |heap, inner| map::from_pairs(heap, &[(inner, Word::NIL)]).unwrap(),
    ];
    for wrap in wraps {
        on_a_small_stack(move || {
            let mut heap = heap();
            let mut make =
                |first: i64| (0..100_000).fold(Word::small(first), |inner, _| wrap(&mut heap, inner));
            let (a, b, less) = (make(2), make(2), make(1));
            read_all(&heap, a, b, less);
        });
    }
}

#[test]
fn hashed_maps_as_keys_of_hashed_maps_need_no_stack() {
    on_a_small_stack(|| {
        let mut heap = heap();
        let mut make = |first: i64| {
            (0..400).fold(Word::small(first), |inner, _| {
                let mut pairs: Vec<_> = (100..140).map(|n| (Word::small(n), Word::NIL)).collect();
                pairs.push((inner, Word::NIL));
                map::from_pairs(&mut heap, &pairs).unwrap()
            })
        };
        let (a, b, less) = (make(2), make(2), make(1));
        read_all(&heap, a, b, less);
    });
}
