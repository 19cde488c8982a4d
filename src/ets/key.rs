//! Keys: how they are abbreviated to 64 bits, and compared with the keys of rows.
//!
//! The abbreviation decides first, the whole key where it is equal. In an `ordered_set` it keeps the order of
//! terms; in the other types it is the key's hash, so that their order is a function of content too.
//! Invariant: equal keys have equal abbreviations, and in an `ordered_set` a smaller abbreviation means a
//! smaller key. Source: the documentation of `ets`: keys of an `ordered_set` are equal as `==` has it, those
//! of the other types as `=:=` has it.

use super::row::{Beside, Row};
use crate::heap::Heap;
use crate::heap::read::View;
use crate::term::Word;
use crate::term::hash::internal_hash;
use crate::term::order::{compare, compare_keys};
use crate::term::word::{SMALL_MAX, SMALL_MIN};
use std::cmp::Ordering;

/// How a table orders its keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyOrder {
    Hash,
    Term,
}

/// A key on a heap, looked for among rows.
#[derive(Clone, Copy)]
pub struct Sought<'a> {
    heap: &'a Heap,
    word: Word,
    order: KeyOrder,
    /// Where rows have their key, from 1.
    position: usize,
    pub short: u64,
}

impl<'a> Sought<'a> {
    #[inline(always)]
    pub fn new(heap: &'a Heap, word: Word, order: KeyOrder, position: usize) -> Sought<'a> {
        let short = match order {
            KeyOrder::Hash => internal_hash(heap, word),
            KeyOrder::Term => ordered(heap, word),
        };
        Sought { heap, word, order, position, short }
    }

    /// Whether a row has this key as the very same word: nearly always, where the abbreviations are equal.
    #[inline(always)]
    pub fn is_word_of(&self, row: &Row) -> bool {
        self.word.0 == row.word_of(self.position)
    }

    /// How this key stands to that of a row, whose abbreviation is `short`.
    #[inline]
    pub fn compare(&self, short: u64, row: &Row) -> Ordering {
        self.short.cmp(&short).then_with(|| self.compare_whole(row))
    }

    /// The same where the abbreviations are equal.
    #[inline]
    pub fn compare_whole(&self, row: &Row) -> Ordering {
        let other = row.element(self.position).expect("a row has its key");
        if self.word == other {
            return Ordering::Equal;
        }
        let beside = Beside { row, heap: self.heap };
        match self.order {
            KeyOrder::Hash => compare_keys(&beside, self.word, other),
            KeyOrder::Term => compare(&beside, self.word, other),
        }
    }
}

/// Bits below the number of a term's type.
const RANK_SHIFT: u32 = 60;

/// An abbreviation that keeps the order of terms: the type, then what fits of the content.
#[inline(never)]
fn ordered(heap: &Heap, word: Word) -> u64 {
    let (rank, content) = match heap.view(word) {
        View::Small(n) => (0, number(n)),
        View::Big { negative, .. } => (0, number(if negative { SMALL_MIN } else { SMALL_MAX })),
        View::Float(f) => (0, number((f.floor() as i64).clamp(SMALL_MIN, SMALL_MAX))),
        View::Atom(atom) => (1, text(atom.text().as_bytes().iter().copied())),
        View::Reference(_) => (2, 0),
        View::Fun { .. } | View::ExternalFun { .. } => (3, 0),
        View::Port(word) => (4, word.0 >> 4),
        View::Pid(word) => (5, word.0 >> 4),
        View::Tuple(elements) => (6, elements.len() as u64),
        View::FlatMap { values, .. } => (7, values.len() as u64),
        View::HashMap { size } => (7, size as u64),
        View::Nil => (8, 0),
        View::Cons(..) => (9, 0),
        View::Bits(bits) => {
            let first = bits.slice(0, bits.size.min(TEXT_BYTES * 8));
            (10, text(first.to_vec().into_iter()))
        }
    };
    rank << RANK_SHIFT | content
}

fn number(n: i64) -> u64 {
    n.wrapping_sub(SMALL_MIN) as u64
}

/// Bytes of a text that fit.
const TEXT_BYTES: usize = 7;

/// The first bytes of a text, ordered as texts are.
fn text(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.chain(std::iter::repeat(0)).take(TEXT_BYTES).fold(0, |all, byte| all << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::policy::Policy;
    use crate::term::Atom;
    use crate::term::order::equal_exact;

    fn terms(heap: &mut Heap) -> Vec<Word> {
        let mut all: Vec<Word> = [0, 1, -1, 7, SMALL_MAX, SMALL_MIN].map(Word::small).to_vec();
        all.extend(
            [0.0, -0.0, 0.5, -0.5, 1.0, 6.999, 7.0, 1e17, -1e17, 1e300, -1e300, 5.764e17]
                .map(|f| heap.new_float(f).unwrap()),
        );
        all.extend([SMALL_MAX + 1, SMALL_MIN - 1, i64::MAX, i64::MIN].map(|n| heap.new_integer(n).unwrap()));
        all.extend(
            ["", "a", "aaaaaaa", "aaaaaaab", "aaaaaab", "\u{e5}", "b"]
                .map(|t| Word::atom(Atom::new(t).unwrap())),
        );
        all.extend([&b""[..], b"\0", b"a", b"aaaaaaa", b"aaaaaaaa", b"ab"].map(|t| heap.binary(t).unwrap()));
        all.push(heap.bitstring(&[0x60], 3).unwrap());
        all.push(Word::NIL);
        let one = Word::small(1);
        all.push(heap.new_list(&[one], Word::NIL).unwrap());
        all.push(heap.new_list(&[one, one], one).unwrap());
        for size in 0..3 {
            all.push(heap.new_tuple(&[one, one][..size]).unwrap());
            let pairs = [(one, one), (Word::NIL, one)];
            all.push(crate::term::map::from_pairs(heap, &pairs[..size]).unwrap());
        }
        all
    }

    #[test]
    fn an_ordered_abbreviation_keeps_the_order_and_a_hash_equality() {
        let mut heap = Heap::new(Default::default(), Policy::default());
        let all = terms(&mut heap);
        for &a in &all {
            for &b in &all {
                let (x, y) = (ordered(&heap, a), ordered(&heap, b));
                match compare(&heap, a, b) {
                    Ordering::Equal => assert_eq!(x, y, "{a:?} == {b:?}"),
                    Ordering::Less => assert!(x <= y, "{a:?} < {b:?}"),
                    Ordering::Greater => assert!(x >= y, "{a:?} > {b:?}"),
                }
                if equal_exact(&heap, a, b) {
                    assert_eq!(internal_hash(&heap, a), internal_hash(&heap, b));
                }
            }
        }
    }
}
