//! What a native function holds: the heap to allocate in, and terms that cannot outlive a safepoint.
//!
//! Invariant: a [`Term`] borrows from the same place as its [`Mutator`], so no collection can run while
//! one is held. Allocation may grow the block (pointers are indices) but never collects.
//!
//! ```compile_fail
//! use warpbeam::heap::{Heap, mutator::Mutator, policy::Policy};
//! let mut heap = Heap::new(Default::default(), Policy::default());
//! let mut m = Mutator::new(&mut heap);
//! let term = m.list(&[]).unwrap();
//! let mut scratch = Default::default();
//! warpbeam::heap::collect::collect(&mut heap, true, &mut scratch, |_| ()); // the heap is borrowed
//! drop(term);
//! ```

use super::binary::Bits;
use super::read::{RefId, View};
use super::{Heap, HeapFull};
use crate::code::{ExportId, FunId};
use crate::term::show::{display, show};
use crate::term::{Atom, Word, map};
use std::marker::PhantomData;

/// A term in hand, valid until the next safepoint.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Term<'h> {
    word: Word,
    heap: PhantomData<&'h mut Heap>,
}

impl<'h> Term<'h> {
    /// A word that is known to belong to the heap borrowed for `'h`, or to be immediate.
    #[inline]
    pub(crate) fn of(word: Word) -> Term<'h> {
        Term { word, heap: PhantomData }
    }

    #[inline]
    pub(crate) fn word(self) -> Word {
        self.word
    }

    #[inline]
    pub fn atom(atom: Atom) -> Term<'h> {
        Term::of(Word::atom(atom))
    }

    #[inline]
    pub fn boolean(b: bool) -> Term<'h> {
        Term::of(Word::boolean(b))
    }

    /// A small integer; `n` must fit in 60 bits.
    #[inline]
    pub fn small(n: i64) -> Term<'h> {
        Term::of(Word::checked_small(n).expect("a small integer fits in 60 bits"))
    }

    #[inline]
    pub fn nil() -> Term<'h> {
        Term::of(Word::NIL)
    }

    #[inline]
    pub fn as_small(self) -> Option<i64> {
        self.word.as_small()
    }

    #[inline]
    pub fn as_atom(self) -> Option<Atom> {
        self.word.as_atom()
    }

    #[inline]
    pub fn is_nil(self) -> bool {
        self.word.is_nil()
    }

    #[inline]
    pub fn is_list(self) -> bool {
        self.word.is_list()
    }

    #[inline]
    pub fn is_pid(self) -> bool {
        self.word.is_pid()
    }

    #[inline]
    pub fn is_atom(self, atom: Atom) -> bool {
        self.word == Word::atom(atom)
    }
}

impl std::fmt::Debug for Term<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.word.fmt(f)
    }
}

/// Reads and allocates; borrowed from a process for the length of one native call.
pub struct Mutator<'h> {
    heap: &'h mut Heap,
}

impl<'h> Mutator<'h> {
    pub fn new(heap: &'h mut Heap) -> Mutator<'h> {
        Mutator { heap }
    }

    /// The heap, for the modules that work on words.
    #[inline]
    pub(crate) fn heap(&self) -> &Heap {
        self.heap
    }

    #[inline]
    pub(crate) fn heap_mut(&mut self) -> &mut Heap {
        self.heap
    }

    pub fn view(&self, term: Term<'h>) -> View<'_> {
        self.heap.view(term.word)
    }

    pub fn cons(&mut self, head: Term<'h>, tail: Term<'h>) -> Result<Term<'h>, HeapFull> {
        self.heap.cons(head.word, tail.word).map(Term::of)
    }

    pub fn list(&mut self, elements: &[Term<'h>]) -> Result<Term<'h>, HeapFull> {
        self.list_with_tail(elements, Term::nil())
    }

    pub fn list_with_tail(&mut self, elements: &[Term<'h>], tail: Term<'h>) -> Result<Term<'h>, HeapFull> {
        self.heap.reserve(2 * elements.len())?;
        let mut list = tail;
        for &element in elements.iter().rev() {
            list = self.cons(element, list)?;
        }
        Ok(list)
    }

    pub fn tuple(&mut self, elements: &[Term<'h>]) -> Result<Term<'h>, HeapFull> {
        let words: Vec<Word>;
        let mut few = [Word::NIL; 8];
        let elements = if elements.len() <= few.len() {
            for (slot, term) in few.iter_mut().zip(elements) {
                *slot = term.word;
            }
            &few[..elements.len()]
        } else {
            words = elements.iter().map(|t| t.word).collect();
            &words
        };
        self.heap.new_tuple(elements).map(Term::of)
    }

    pub fn integer(&mut self, value: i64) -> Result<Term<'h>, HeapFull> {
        self.heap.new_integer(value).map(Term::of)
    }

    pub fn float(&mut self, value: f64) -> Result<Term<'h>, HeapFull> {
        self.heap.new_float(value).map(Term::of)
    }

    pub fn binary(&mut self, bytes: &[u8]) -> Result<Term<'h>, HeapFull> {
        self.heap.binary(bytes).map(Term::of)
    }

    /// The first `size` bits of `bytes`, whose unused bits must be zero.
    pub fn bitstring(&mut self, bytes: &[u8], size: usize) -> Result<Term<'h>, HeapFull> {
        self.heap.bitstring(bytes, size).map(Term::of)
    }

    /// A map of these pairs; of equal keys the last counts.
    pub fn map(&mut self, pairs: &[(Term<'h>, Term<'h>)]) -> Result<Term<'h>, HeapFull> {
        let pairs: Vec<_> = pairs.iter().map(|(key, value)| (key.word, value.word)).collect();
        map::from_pairs(self.heap, &pairs).map(Term::of)
    }

    /// `fun module:function/arity`
    pub fn external_fun(&mut self, export: ExportId) -> Result<Term<'h>, HeapFull> {
        self.heap.new_external_fun(export.0).map(Term::of)
    }

    /// A local fun of `arity` arguments with its environment.
    pub fn fun(&mut self, id: FunId, arity: u32, free: &[Term<'h>]) -> Result<Term<'h>, HeapFull> {
        let free: Vec<_> = free.iter().map(|term| term.word).collect();
        self.heap.new_fun(id.0, arity, &free).map(Term::of)
    }

    /// The term as `io:format("~tw", [Term])` writes it.
    pub fn show(&self, term: Term<'h>) -> String {
        show(self.heap, term.word)
    }

    /// As `erlang:display/1` writes it.
    pub fn display(&self, term: Term<'h>) -> String {
        display(self.heap, term.word)
    }

    pub fn reference(&mut self, id: RefId) -> Result<Term<'h>, HeapFull> {
        self.heap.new_reference(id).map(Term::of)
    }

    pub fn bits(&self, term: Term<'h>) -> Option<Bits<'_>> {
        self.heap.bits(term.word)
    }

    /// Head and tail of a list cell.
    pub fn uncons(&self, list: Term<'h>) -> Option<(Term<'h>, Term<'h>)> {
        list.is_list().then(|| {
            let (head, tail) = self.heap.cell(list.word);
            (Term::of(head), Term::of(tail))
        })
    }

    /// The elements of a proper list, `None` if it is none.
    pub fn list_elements(&self, list: Term<'h>) -> Option<Vec<Term<'h>>> {
        let mut cells = self.heap.list(list.word);
        let elements = cells.by_ref().map(Term::of).collect();
        cells.tail().is_nil().then_some(elements)
    }

    /// The elements of a tuple, `None` for other terms.
    pub fn tuple_elements(&self, tuple: Term<'h>) -> Option<Vec<Term<'h>>> {
        Some(self.heap.tuple(tuple.word)?.iter().map(|&w| Term::of(Word(w))).collect())
    }

    /// One element of a tuple, from 0.
    pub fn tuple_element(&self, tuple: Term<'h>, index: usize) -> Option<Term<'h>> {
        self.heap.tuple(tuple.word)?.get(index).map(|&w| Term::of(Word(w)))
    }

    pub fn tuple_size(&self, tuple: Term<'h>) -> Option<usize> {
        self.heap.tuple(tuple.word).map(<[u64]>::len)
    }

    /// A list of the characters of `text`.
    pub fn text_list(&mut self, text: &str) -> Result<Term<'h>, HeapFull> {
        let mut list = Term::nil();
        self.heap.reserve(2 * text.chars().count())?;
        for c in text.chars().rev() {
            list = self.cons(Term::small(i64::from(u32::from(c))), list)?;
        }
        Ok(list)
    }
}
