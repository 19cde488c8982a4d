//! The tree, and buckets, against a sorted list: random inserts, removals and walks, with copies that must not change.

use super::*;
use crate::ets::key::KeyOrder;
use crate::ets::shelf::Shelf;
use crate::heap::Heap;
use crate::heap::policy::Policy;
use crate::term::Word;
use crate::term::hash::colliding_pairs;
use std::collections::BTreeMap;

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % n
    }
}

impl Shelf {
    /// Checks the invariants, and gives the number of slots.
    fn check(&self) -> usize {
        match self {
            Shelf::Ordered(tree) => tree.root.check(true),
            Shelf::Hashed(buckets) => buckets.check(),
        }
    }
}

impl Node {
    pub(in crate::ets) fn check(&self, is_root: bool) -> usize {
        assert!(is_root || !self.entries.is_empty());
        assert!(self.entries.len() <= NODE_MAX);
        assert!(self.entries.is_sorted_by_key(|entry| entry.short));
        if self.is_leaf() {
            return self.entries.len();
        }
        assert_eq!(self.children.len(), self.entries.len());
        assert!(self.children.len() > 1 || !is_root);
        for (i, child) in self.children.iter().enumerate() {
            assert!(child.entries[0].slot.key_row().same(self.entries[i].slot.key_row()));
            assert_eq!(child.entries[0].short, self.entries[i].short);
        }
        self.children.iter().map(|child| child.check(false)).sum()
    }
}

/// The first element of a row's key, a tuple, or the key.
fn number(row: &Row) -> i64 {
    let key = row.element(1).unwrap();
    match key.as_small() {
        Some(n) => n,
        None => Word(crate::heap::space::Space::tuple(row, key).unwrap()[0]).small_value(),
    }
}

fn exercise(order: KeyOrder, key: impl Fn(&mut Heap, i64) -> Word, keys: u64, steps: usize) {
    let mut heap = Heap::new(Default::default(), Policy::default());
    let words: Vec<Word> = (0..keys as i64).map(|n| key(&mut heap, n)).collect();
    let mut tree = Shelf::new(order);
    let mut model: BTreeMap<i64, i64> = BTreeMap::new();
    let mut random = Random(7);
    let mut kept = Vec::new();
    for step in 0..steps {
        let n = random.below(keys) as i64;
        let word = words[n as usize];
        // Grows first, shrinks afterwards.
        if random.below(10) < if step < steps / 2 { 7 } else { 2 } {
            let row = heap.new_tuple(&[word, Word::small(step as i64)]).unwrap();
            let row = Row::of(&mut heap, row).unwrap();
            let key = Sought::new(&heap, word, order, 1);
            let put = row.clone();
            let was = tree.upsert(
                &key,
                |slot| {
                    *slot = Slot::One(put);
                    true
                },
                || (Slot::One(row), false),
            );
            assert_eq!(was, model.insert(n, step as i64).is_some());
        } else {
            let key = Sought::new(&heap, word, order, 1);
            assert_eq!(tree.remove(&key).is_some(), model.remove(&n).is_some());
        }
        if step % 997 == 0 {
            kept.push((tree.clone(), model.clone()));
        }
    }
    kept.push((tree, model));
    for (tree, model) in kept {
        assert_eq!(tree.check(), model.len());
        check_walks(&tree, &model, &heap, &words, order);
    }
}

fn check_walks(tree: &Shelf, model: &BTreeMap<i64, i64>, heap: &Heap, words: &[Word], order: KeyOrder) {
    let forward: Vec<i64> = tree.walk(Way::Forward).map(|(_, slot)| number(slot.key_row())).collect();
    if order == KeyOrder::Term {
        let backward = tree.walk(Way::Backward).map(|(_, slot)| number(slot.key_row()));
        let backward: Vec<i64> = backward.collect();
        assert!(backward.iter().rev().eq(&forward));
    }
    assert!(tree.walk(Way::Forward).map(|(short, _)| short).is_sorted());
    let mut sorted = forward.clone();
    sorted.sort_unstable();
    assert!(sorted.iter().eq(model.keys()));
    if order == KeyOrder::Term {
        assert!(forward.is_sorted());
    }
    for (i, &n) in forward.iter().enumerate().step_by(forward.len() / 50 + 1) {
        let key = Sought::new(heap, words[n as usize], order, 1);
        let found = tree.find(&key).unwrap().rows()[0].element(2).unwrap().small_value();
        assert_eq!(found, model[&n]);
        let after = |way| tree.walk_after(&key, way).map(|(_, slot)| number(slot.key_row())).take(60);
        assert!(after(Way::Forward).eq(forward[i + 1..].iter().copied().take(60)));
        let backward = order == KeyOrder::Term;
        assert!(!backward || after(Way::Backward).eq(forward[..i].iter().rev().copied().take(60)));
    }
    for n in (0..words.len()).step_by(17) {
        let key = Sought::new(heap, words[n], order, 1);
        assert_eq!(tree.find(&key).is_some(), model.contains_key(&(n as i64)));
    }
    if order == KeyOrder::Term {
        let missing = (0..words.len() as i64).find(|n| !model.contains_key(n)).unwrap();
        let key = Sought::new(heap, words[missing as usize], order, 1);
        let next = tree.walk_after(&key, Way::Forward).next().map(|(_, slot)| number(slot.key_row()));
        assert_eq!(next, model.range(missing..).next().map(|(&n, _)| n));
        let previous = tree.walk_after(&key, Way::Backward).next().map(|(_, slot)| number(slot.key_row()));
        assert_eq!(previous, model.range(..missing).next_back().map(|(&n, _)| n));
    }
}

#[test]
fn agrees_with_a_sorted_list() {
    exercise(KeyOrder::Hash, |_, n| Word::small(n), 3000, 20_000);
    exercise(KeyOrder::Term, |_, n| Word::small(n), 3000, 20_000);
    exercise(KeyOrder::Hash, |_, n| Word::small(n), 3, 2000);
    // One abbreviation for all keys: whole keys decide.
    exercise(KeyOrder::Term, |heap, n| heap.new_tuple(&[Word::small(n), Word::NIL]).unwrap(), 1000, 8_000);
}

#[test]
fn keys_with_one_hash_are_told_apart() {
    let pairs = colliding_pairs(300);
    let key = |heap: &mut Heap, n: i64| {
        let (a, b) = pairs[n as usize];
        heap.new_tuple(&[Word::small(a), Word::small(b)]).unwrap()
    };
    let mut heap = Heap::new(Default::default(), Policy::default());
    let mut tree = Shelf::new(KeyOrder::Hash);
    for n in 0..300 {
        let word = key(&mut heap, n);
        let row = heap.new_tuple(&[word, Word::small(n)]).unwrap();
        let row = Row::of(&mut heap, row).unwrap();
        tree.upsert(
            &Sought::new(&heap, word, KeyOrder::Hash, 1),
            |_| panic!("it is new"),
            || (Slot::One(row), ()),
        );
    }
    assert_eq!(tree.check(), 300);
    let (first, _) = tree.walk(Way::Forward).next().unwrap();
    assert_eq!(tree.walk_after_short(first, Way::Forward).count(), 0);
    for n in (0..300).rev() {
        let word = key(&mut heap, n);
        let removed = tree.remove(&Sought::new(&heap, word, KeyOrder::Hash, 1)).unwrap();
        assert_eq!(removed.rows()[0].element(2).unwrap().small_value(), n);
    }
    assert_eq!(tree.check(), 0);
}

#[test]
fn a_guess_that_misses_changes_no_answer() {
    let spreads: [fn(u64) -> u64; 5] =
        [|n| n * 3, |n| n * n * n, |n| u64::MAX - (60 - n) * (60 - n), |_| 7, |n| 1 << (n + 8)];
    let row = Row::from_parcel(crate::heap::parcel::Parcel::immediate(Word::NIL));
    for spread in spreads {
        for length in 0..=NODE_MAX as u64 {
            let entry = |n| Entry { short: spread(n), slot: Slot::One(row.clone()) };
            let node = Node { entries: (0..length).map(entry).collect(), children: Vec::new() };
            let near = |n: u64| [n, n.wrapping_add(1), n.wrapping_sub(1)];
            for sought in (0..length).flat_map(|n| near(spread(n))).chain([0, u64::MAX]) {
                let smaller = node.entries.iter().filter(|entry| entry.short < sought).count();
                for bounds in [node.bounds(), (0, u64::MAX), (sought, sought), (9, 3)] {
                    assert_eq!(node.smaller(sought, bounds), smaller);
                }
            }
        }
    }
}
