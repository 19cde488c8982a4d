//! A row: an immutable, self-contained term at rest in a table, shared by whoever reads it.
//!
//! Its pointers are marked ([`Word::in_row`]), so that a word says by itself whether it lies in the row or in
//! the heap beside it; [`Beside`] reads both. Invariant: nothing in a row changes; a row's word reaches a heap
//! by copying only.

use crate::heap::parcel::{Parcel, RowParcel};
use crate::heap::space::Space;
use crate::heap::{Heap, HeapFull};
use crate::term::Word;
use crate::term::word::{Header, Kind};
use triomphe::Arc;

#[derive(Clone, Debug)]
pub struct Row(Arc<RowParcel>);

impl Row {
    /// The row of a term on a heap.
    pub fn of(heap: &mut Heap, term: Word) -> Result<Row, HeapFull> {
        match RowParcel::of_small(heap, term) {
            Some(small) => Ok(Row(Arc::new(small))),
            None => heap.parcel(term).map(Row::from_parcel),
        }
    }

    pub fn from_parcel(parcel: Parcel) -> Row {
        Row(Arc::new(RowParcel::new(parcel)))
    }

    /// The whole term.
    #[inline]
    pub fn root(&self) -> Word {
        self.0.root()
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
        self.0.words()[position]
    }

    /// The elements, where the row is a tuple.
    #[inline]
    pub fn elements(&self) -> Option<&[u64]> {
        if !self.root().is_boxed() {
            return None;
        }
        // A parcel's root comes first.
        let words = self.0.words();
        let header = Header::decode(words[0]);
        (header.kind == Kind::Tuple).then(|| &words[1..=header.size])
    }

    /// Copies the whole term to a heap.
    #[inline]
    pub fn copy(&self, into: &mut Heap) -> Result<Word, HeapFull> {
        into.absorb_row(&self.0)
    }

    /// Whether the term is one object without pointers, which is copied sooner than the row is shared.
    #[inline]
    pub fn is_flat(&self) -> bool {
        self.0.is_flat()
    }

    /// Copies one of the row's terms to a heap.
    #[inline]
    pub fn copy_part(&self, part: Word, into: &mut Heap) -> Result<Word, HeapFull> {
        into.absorb_part(&self.0, part)
    }

    /// Puts the immediate that `change` makes of an element in its place, if nobody else has the row.
    #[inline]
    pub(crate) fn change_immediate(
        &mut self,
        position: usize,
        change: impl FnOnce(Word) -> Option<Word>,
    ) -> Option<Word> {
        Arc::get_mut(&mut self.0)?.change_immediate(position, change)
    }

    /// The row with these elements, at positions from 1, where all of them and what they replace are immediate.
    pub fn with_immediates(&self, changes: &[(usize, Word)]) -> Option<Row> {
        let fits = |&(position, value): &(usize, Word)| {
            value.is_immediate() && self.element(position).is_some_and(Word::is_immediate)
        };
        changes.iter().all(fits).then(|| Row(Arc::new(self.0.with_elements(changes))))
    }

    pub fn to_parcel(&self) -> Parcel {
        self.0.to_parcel()
    }

    /// Words of memory that the row takes.
    pub fn size_words(&self) -> usize {
        self.0.size_words()
    }

    /// Words of the term on a heap.
    pub fn term_words(&self) -> usize {
        self.0.words().len()
    }

    /// Tables, snapshots and readers that have the row.
    pub fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    pub fn same(&self, other: &Row) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Space for Row {
    #[inline]
    fn place(&self, pointer: Word) -> (&[u64], usize) {
        (self.0.words(), pointer.row_index().expect("a row's pointers lead into it"))
    }

    #[inline]
    fn shared_bytes(&self, boxed: Word) -> &[u8] {
        self.0.shared_bytes(self.body(boxed)[0])
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
    fn a_list_is_no_tuple_of_elements() {
        let mut heap = Heap::new(Default::default(), Policy::default());
        let list = heap.new_list(&[Word::small(1), Word::small(2)], Word::NIL).unwrap();
        let row = Row::of(&mut heap, list).unwrap();
        assert_eq!(row.elements(), None);
        assert_eq!(Row::of(&mut heap, Word::NIL).unwrap().elements(), None);
    }
}
