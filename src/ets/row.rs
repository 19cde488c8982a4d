//! A row: an immutable, self-contained term at rest in a table, shared by whoever reads it.
//!
//! A small tuple of immediates, the commonest row, is its words themselves: it lies in the table's node, so that
//! nobody follows a pointer to it, and takes no memory of its own. Its pointers are marked ([`Word::in_row`]), so that a word says by itself whether it lies in the row or in
//! the heap beside it; [`Beside`] reads both. Invariant: nothing in a row changes; a row's word reaches a heap
//! by copying only.

use crate::heap::parcel::{Parcel, RowParcel, SmallTuple, change_immediate};
use crate::heap::space::Space;
use crate::heap::{Heap, HeapFull};
use crate::term::Word;
use crate::term::word::{Header, Kind};
use triomphe::Arc;

#[derive(Clone, Debug)]
pub struct Row(Body);

#[derive(Clone, Debug)]
enum Body {
    /// A tuple of immediates, with its header; what is left over is 0.
    Small(SmallTuple),
    Shared(Arc<RowParcel>),
}

impl Row {
    /// The row of a term on a heap.
    #[inline]
    pub fn of(heap: &mut Heap, term: Word) -> Result<Row, HeapFull> {
        if let Some(small) = heap.small_tuple(term) {
            return Ok(Row(Body::Small(small)));
        }
        heap.parcel(term).map(Row::from_parcel)
    }

    pub fn from_parcel(parcel: Parcel) -> Row {
        Row(Body::Shared(Arc::new(RowParcel::new(parcel))))
    }

    /// The whole term.
    #[inline]
    pub fn root(&self) -> Word {
        match &self.0 {
            Body::Small(_) => Word::boxed(0).in_row(),
            Body::Shared(parcel) => parcel.root(),
        }
    }

    #[inline]
    fn words(&self) -> &[u64] {
        match &self.0 {
            Body::Small(words) => &words[..=Header::size_of(words[0])],
            Body::Shared(parcel) => parcel.words(),
        }
    }

    /// An element of the row's tuple, from 1; `None` where there is none.
    #[inline]
    pub fn element(&self, position: usize) -> Option<Word> {
        let elements = self.elements()?;
        elements.get(position.checked_sub(1)?).map(|&w| Word(w))
    }

    /// An element of a row that is a tuple and has it.
    #[inline(always)]
    pub(crate) fn word_of(&self, position: usize) -> u64 {
        // A parcel's root comes first, with its header.
        match &self.0 {
            Body::Small(words) => words[position],
            Body::Shared(parcel) => parcel.words()[position],
        }
    }

    /// The elements, where the row is a tuple.
    #[inline]
    pub fn elements(&self) -> Option<&[u64]> {
        if !self.root().is_boxed() {
            return None;
        }
        // A parcel's root comes first.
        let words = self.words();
        let header = Header::decode(words[0]);
        (header.kind == Kind::Tuple).then(|| &words[1..=header.size])
    }

    /// Copies the whole term to a heap.
    #[inline]
    pub fn copy(&self, into: &mut Heap) -> Result<Word, HeapFull> {
        match &self.0 {
            Body::Small(words) => into.absorb_small(words),
            Body::Shared(parcel) => into.absorb_row(parcel),
        }
    }

    /// Copies a list of the whole term to a heap.
    #[inline]
    pub fn copy_in_list(&self, into: &mut Heap) -> Result<Word, HeapFull> {
        match &self.0 {
            Body::Small(words) => into.absorb_small_in_list(words),
            Body::Shared(parcel) => {
                let term = into.absorb_row(parcel)?;
                into.cons(term, Word::NIL)
            }
        }
    }

    /// Whether the term is one object without pointers, which is copied sooner than the row is shared.
    #[inline]
    pub fn is_flat(&self) -> bool {
        match &self.0 {
            Body::Small(_) => true,
            Body::Shared(parcel) => parcel.is_flat(),
        }
    }

    /// Copies one of the row's terms to a heap.
    #[inline]
    pub fn copy_part(&self, part: Word, into: &mut Heap) -> Result<Word, HeapFull> {
        match &self.0 {
            _ if part.is_immediate() => Ok(part),
            Body::Small(words) => into.absorb_small(words),
            Body::Shared(parcel) => into.absorb_part(parcel, part),
        }
    }

    /// Puts the immediate that `change` makes of an element in its place, if nobody else has the row.
    #[inline]
    pub(crate) fn change_immediate(
        &mut self,
        position: usize,
        change: impl FnOnce(Word) -> Option<Word>,
    ) -> Option<Word> {
        match &mut self.0 {
            Body::Small(words) => change_immediate(words, position, change),
            Body::Shared(parcel) => Arc::get_mut(parcel)?.change_immediate(position, change),
        }
    }

    /// The row with these elements, at positions from 1, where all of them and what they replace are immediate.
    pub fn with_immediates(&self, changes: &[(usize, Word)]) -> Option<Row> {
        let fits = |&(position, value): &(usize, Word)| {
            value.is_immediate() && self.element(position).is_some_and(Word::is_immediate)
        };
        changes.iter().all(fits).then(|| match &self.0 {
            Body::Small(words) => {
                let mut words = *words;
                changes.iter().for_each(|&(position, value)| words[position] = value.0);
                Row(Body::Small(words))
            }
            Body::Shared(parcel) => Row(Body::Shared(Arc::new(parcel.with_elements(changes)))),
        })
    }

    pub fn to_parcel(&self) -> Parcel {
        match &self.0 {
            Body::Small(words) => Parcel::small(words),
            Body::Shared(parcel) => parcel.to_parcel(),
        }
    }

    /// Words of memory that the row takes beside its slot.
    pub fn size_words(&self) -> usize {
        match &self.0 {
            Body::Small(_) => 0,
            Body::Shared(parcel) => parcel.size_words(),
        }
    }

    /// Words of the term on a heap.
    pub fn term_words(&self) -> usize {
        self.words().len()
    }

    /// Tables, snapshots and readers that have the row; one that is its words is had by each alone.
    pub fn holders(&self) -> usize {
        match &self.0 {
            Body::Small(_) => 1,
            Body::Shared(parcel) => Arc::strong_count(parcel),
        }
    }

    /// Whether both are one row, or equal ones whose words are theirs alone.
    pub fn same(&self, other: &Row) -> bool {
        match (&self.0, &other.0) {
            (Body::Small(words), Body::Small(others)) => words == others,
            (Body::Shared(parcel), Body::Shared(other)) => Arc::ptr_eq(parcel, other),
            _ => false,
        }
    }
}

impl Space for Row {
    #[inline]
    fn place(&self, pointer: Word) -> (&[u64], usize) {
        (self.words(), pointer.row_index().expect("a row's pointers lead into it"))
    }

    #[inline]
    fn shared_bytes(&self, boxed: Word) -> &[u8] {
        match &self.0 {
            Body::Small(_) => panic!("a tuple of immediates has no shared bytes"),
            Body::Shared(parcel) => parcel.shared_bytes(self.body(boxed)[0]),
        }
    }
}

/// A row and the heap beside it: words of either can be compared with each other.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    pub row: &'a Row,
    pub heap: &'a Heap,
}

impl Space for Beside<'_> {
    #[inline]
    fn place(&self, pointer: Word) -> (&[u64], usize) {
        if pointer.row_index().is_some() { self.row.place(pointer) } else { Heap::place(self.heap, pointer) }
    }

    #[inline]
    fn shared_bytes(&self, boxed: Word) -> &[u8] {
        if boxed.row_index().is_some() { self.row.shared_bytes(boxed) } else { self.heap.shared_bytes(boxed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::policy::Policy;
    use crate::term::order::{compare, equal_exact};
    use std::cmp::Ordering;
    use std::sync::Arc as Shared;

    /// One term with every kind of object, and a slightly greater one.
    fn terms(heap: &mut Heap) -> (Word, Word) {
        let long: Vec<u8> = (0..200).collect();
        let mut make = |last: i64| {
            let pairs: Vec<_> = (0..40).map(|n| (Word::small(n), Word::small(n * last))).collect();
            let map = crate::term::map::from_pairs(heap, &pairs).unwrap();
            let flat = crate::term::map::from_pairs(heap, &pairs[..3]).unwrap();
            let shared = heap.shared_binary(Shared::new(long.clone()), long.len() * 8).unwrap();
            let place = heap.bit_place(shared);
            let part =
                heap.sub_binary(crate::heap::binary::BitPlace { offset: 8, size: 77, ..place }).unwrap();
            let (float, big) = (heap.new_float(1.5).unwrap(), heap.new_unsigned(u64::MAX).unwrap());
            let short = heap.binary(b"short").unwrap();
            let list = heap.new_list(&[float, big, short, flat, Word::small(last)], Word::small(1)).unwrap();
            heap.new_tuple(&[Word::TRUE, shared, part, list, map]).unwrap()
        };
        (make(1), make(2))
    }

    #[test]
    fn a_row_is_read_beside_a_heap_and_copied_to_it_whole_or_in_part() {
        let mut heap = Heap::new(Default::default(), Policy::default());
        let (term, greater) = terms(&mut heap);
        let row = Row::of(&mut heap, term).unwrap();
        let beside = Beside { row: &row, heap: &heap };
        assert!(equal_exact(&beside, row.root(), term));
        assert_eq!(compare(&beside, row.root(), greater), Ordering::Less);
        assert_eq!(compare(&beside, greater, row.root()), Ordering::Greater);
        let mut other = Heap::new(Default::default(), Policy::default());
        other.new_tuple(&[Word::NIL]).unwrap();
        let copy = row.copy(&mut other).unwrap();
        assert!(equal_exact(&Beside { row: &row, heap: &other }, copy, row.root()));
        let parts: Vec<_> =
            (1..=5).map(|n| row.copy_part(row.element(n).unwrap(), &mut other).unwrap()).collect();
        let again = other.new_tuple(&parts).unwrap();
        assert!(equal_exact(&other, again, copy));
        let unpacked = other.absorb(&row.to_parcel()).unwrap();
        assert!(equal_exact(&other, unpacked, copy));
        assert_eq!((row.element(0), row.element(6)), (None, None));
        other.policy.ceiling_words = other.len();
        other.words.shrink_to_fit();
        let before = other.len();
        assert_eq!(row.copy_part(row.element(4).unwrap(), &mut other), Err(HeapFull));
        assert_eq!(other.len(), before);
    }

    #[test]
    fn a_small_tuple_of_immediates_is_its_words_and_no_less_a_row() {
        let mut heap = Heap::new(Default::default(), Policy::default());
        for size in 0..6 {
            let elements: Vec<Word> = (0..size).map(Word::small).collect();
            let term = heap.new_tuple(&elements).unwrap();
            let mut row = Row::of(&mut heap, term).unwrap();
            assert_eq!(row.size_words() == 0, size < 4, "{size} elements");
            assert_eq!((row.is_flat(), row.term_words()), (true, 1 + size as usize));
            // Into a heap with room, and into one that is full.
            for spare_words in [0, 3, 100] {
                let mut other = Heap::new(Default::default(), Policy::default());
                other.words.shrink_to_fit();
                other.words.reserve_exact(spare_words);
                let before = other.len();
                let copy = row.copy(&mut other).unwrap();
                assert_eq!(other.len() - before, row.term_words());
                let list = row.copy_in_list(&mut other).unwrap();
                assert_eq!(other.len() - before, 2 * row.term_words() + 2);
                let (first, rest) = other.cell(list);
                for copied in [copy, first, other.absorb(&row.to_parcel()).unwrap()] {
                    assert!(equal_exact(&Beside { row: &row, heap: &other }, copied, row.root()));
                }
                assert!(rest.is_nil());
            }
            let (same, last) = (row.clone(), size as usize);
            assert!(row.same(&same));
            let changed = row.with_immediates(&[(last, Word::NIL)]);
            assert_eq!(changed.is_some(), size > 0);
            assert!(changed.is_none_or(|other| !row.same(&other) && other.element(last) == Some(Word::NIL)));
            // A larger one has another holder.
            let set = row.change_immediate(last, |_| Some(Word::TRUE));
            assert_eq!(set.is_some(), (1..4).contains(&size));
            assert_eq!(same.element(last).is_some(), size > 0);
            assert_ne!(same.element(last), Some(Word::TRUE));
            assert_eq!(row.change_immediate(last + 1, |_| Some(Word::TRUE)), None);
        }
    }

    #[test]
    fn a_list_is_no_tuple_of_elements() {
        let mut heap = Heap::new(Default::default(), Policy::default());
        let list = heap.new_list(&[Word::small(1), Word::small(2)], Word::NIL).unwrap();
        let row = Row::of(&mut heap, list).unwrap();
        assert_eq!(row.elements(), None);
        assert_eq!(Row::of(&mut heap, Word::NIL).unwrap().elements(), None);
    }
}
