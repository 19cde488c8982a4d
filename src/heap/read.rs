//! Reading terms: views of objects, borrowed from the heap.
//!
//! Invariant: nothing here allocates on the heap or changes it.

use super::Heap;
use super::binary::Bits;
use super::resource::{Attached, Handle, Ticket};
use super::space::Space;
use crate::term::word::{Header, Kind};
use crate::term::{Atom, Word};
use std::sync::Arc;

/// A reference: who made it, and that process's count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RefId {
    pub creator: u64,
    pub count: u64,
}

/// A term taken apart by one level. Slices hold words; wrap an element in [`Word`] to go on.
#[derive(Clone, Copy, Debug)]
pub enum View<'a> {
    Small(i64),
    Big { negative: bool, limbs: &'a [u64] },
    Float(f64),
    Atom(Atom),
    Pid(Word),
    Port(Word),
    Reference(RefId),
    Fun { id: u32, arity: u32, free: &'a [u64] },
    ExternalFun { export: u32 },
    Nil,
    Cons(Word, Word),
    Tuple(&'a [u64]),
    FlatMap { keys: &'a [u64], values: &'a [u64] },
    HashMap { size: usize },
    Bits(Bits<'a>),
}

impl Heap {
    /// Head and tail of a list cell.
    #[inline]
    pub fn cell(&self, list: Word) -> (Word, Word) {
        let (words, at) = self.place(list);
        (Word(words[at]), Word(words[at + 1]))
    }

    /// The header word of a boxed term.
    #[inline(always)]
    pub fn header_word(&self, boxed: Word) -> u64 {
        let (words, at) = self.place(boxed);
        words[at]
    }

    #[inline(always)]
    pub fn header(&self, boxed: Word) -> Header {
        Header::decode(self.header_word(boxed))
    }

    /// The words after the header of a boxed term.
    #[inline(always)]
    pub fn body(&self, boxed: Word) -> &[u64] {
        let (words, at) = self.place(boxed);
        let size = Header::decode(words[at]).size;
        &words[at + 1..at + 1 + size]
    }

    /// The same of a term of this kind, `None` for anything else.
    #[inline(always)]
    fn body_of(&self, kind: Kind, word: Word) -> Option<&[u64]> {
        if !word.is_boxed() {
            return None;
        }
        let (words, at) = self.place(word);
        let header = words[at];
        let is_it = header & Header::KIND_MASK == Header::new(kind, 0).word();
        is_it.then(|| &words[at + 1..][..Header::size_of(header)])
    }

    /// The kind of a boxed term, `None` for anything else.
    #[inline(always)]
    pub fn kind(&self, word: Word) -> Option<Kind> {
        word.is_boxed().then(|| self.header(word).kind)
    }

    /// The elements of a tuple.
    #[inline(always)]
    pub fn tuple(&self, word: Word) -> Option<&[u64]> {
        self.body_of(Kind::Tuple, word)
    }

    pub fn float(&self, word: Word) -> Option<f64> {
        (self.kind(word) == Some(Kind::Float)).then(|| f64::from_bits(self.body(word)[0]))
    }

    #[inline]
    pub fn reference(&self, word: Word) -> Option<RefId> {
        if !word.is_boxed() {
            return None;
        }
        let (words, at) = self.place(word);
        let object = &words[at..];
        if object[0] & Header::KIND_MASK != Header::new(Kind::Reference, 0).word() {
            return None;
        }
        // Every reference has both.
        Some(RefId { creator: object[1], count: object[2] })
    }

    /// Whether others may have this handle too.
    pub fn is_lent(&self, handle: Word) -> bool {
        handle.is_literal() || self.resources.is_lent(Ticket(self.body(handle)[2]))
    }

    /// The handle that a reference is, where it is one.
    pub fn handle(&self, word: Word) -> Option<&Arc<Handle>> {
        if !word.is_boxed() || !self.header(word).is_handle() {
            return None;
        }
        let raw = self.body(word)[2];
        if !word.is_literal() {
            return Some(self.resources.handle(Ticket(raw)));
        }
        match self.literals.attached(word.literal_place().0, raw as usize) {
            Attached::Handle(handle) => Some(handle),
            Attached::Bytes(_) => panic!("a handle is no bytes"),
        }
    }

    pub fn is_bits(&self, word: Word) -> bool {
        matches!(self.kind(word), Some(Kind::SharedBinary | Kind::HeapBinary | Kind::SubBinary))
    }

    pub fn is_integer(&self, word: Word) -> bool {
        word.is_small() || matches!(self.kind(word), Some(Kind::PositiveBig | Kind::NegativeBig))
    }

    pub fn is_map(&self, word: Word) -> bool {
        matches!(self.kind(word), Some(Kind::FlatMap | Kind::HashMap))
    }

    pub fn is_fun(&self, word: Word) -> bool {
        matches!(self.kind(word), Some(Kind::Fun | Kind::ExternalFun))
    }

    /// A term taken apart by one level.
    pub fn view(&self, word: Word) -> View<'_> {
        Space::view(self, word)
    }

    /// The bytes of a shared binary, wherever it lives.
    #[inline]
    pub(crate) fn shared_bytes(&self, boxed: Word) -> &[u8] {
        let raw = self.body(boxed)[0];
        if boxed.is_literal() {
            match self.literals.attached(boxed.literal_place().0, raw as usize) {
                Attached::Bytes(bytes) => bytes,
                Attached::Handle(_) => panic!("a shared binary has bytes"),
            }
        } else {
            self.resources.bytes(Ticket(raw))
        }
    }

    /// Length of a proper list, `None` if it is none.
    pub fn list_length(&self, mut list: Word) -> Option<usize> {
        let mut n = 0;
        while list.is_list() {
            list = self.cell(list).1;
            n += 1;
        }
        list.is_nil().then_some(n)
    }

    /// The cells of a list, and its tail from [`ListCells::tail`] afterwards.
    pub fn list(&self, list: Word) -> ListCells<'_> {
        ListCells { heap: self, at: list }
    }
}

/// Iterates over the heads of a list.
pub struct ListCells<'a> {
    heap: &'a Heap,
    at: Word,
}

impl ListCells<'_> {
    /// What is left: `[]` at the end of a proper list.
    pub fn tail(&self) -> Word {
        self.at
    }
}

impl Iterator for ListCells<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        if !self.at.is_list() {
            return None;
        }
        let (head, tail) = self.heap.cell(self.at);
        self.at = tail;
        Some(head)
    }
}
