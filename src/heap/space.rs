//! Where terms lie and can be read: a heap, or a heap and a table's row beside it.
//!
//! Order, equality and the walk over maps read terms through this trait, so that they work on words that
//! no heap holds. Invariant: a word means one object in its space, whichever side of it holds the object.

use super::Heap;
use super::binary::{BitPlace, Bits};
use super::read::{RefId, View};
use crate::term::Word;
use crate::term::word::{Header, Kind, Tag};

pub trait Space {
    /// The block that a pointer points into, and the index of its object there.
    fn place(&self, pointer: Word) -> (&[u64], usize);

    /// The bytes of a shared binary.
    fn shared_bytes(&self, boxed: Word) -> &[u8];

    /// Head and tail of a list cell.
    #[inline]
    fn cell(&self, list: Word) -> (Word, Word) {
        let (words, at) = self.place(list);
        (Word(words[at]), Word(words[at + 1]))
    }

    /// The header word of a boxed term.
    #[inline]
    fn header_word(&self, boxed: Word) -> u64 {
        let (words, at) = self.place(boxed);
        words[at]
    }

    #[inline]
    fn header(&self, boxed: Word) -> Header {
        Header::decode(self.header_word(boxed))
    }

    /// The words after the header of a boxed term.
    #[inline]
    fn body(&self, boxed: Word) -> &[u64] {
        let (words, at) = self.place(boxed);
        let size = Header::decode(words[at]).size;
        &words[at + 1..at + 1 + size]
    }

    /// The kind of a boxed term, `None` for anything else.
    #[inline]
    fn kind(&self, word: Word) -> Option<Kind> {
        word.is_boxed().then(|| self.header(word).kind)
    }

    /// The elements of a tuple.
    #[inline]
    fn tuple(&self, word: Word) -> Option<&[u64]> {
        (self.kind(word) == Some(Kind::Tuple)).then(|| self.body(word))
    }

    fn float(&self, word: Word) -> Option<f64> {
        (self.kind(word) == Some(Kind::Float)).then(|| f64::from_bits(self.body(word)[0]))
    }

    fn is_integer(&self, word: Word) -> bool {
        word.is_small() || matches!(self.kind(word), Some(Kind::PositiveBig | Kind::NegativeBig))
    }

    /// A term taken apart by one level.
    #[inline]
    fn view(&self, word: Word) -> View<'_> {
        match word.tag() {
            Tag::Small => View::Small(word.small_value()),
            Tag::Atom => View::Atom(word.as_atom().expect("the tag says atom")),
            Tag::Nil => View::Nil,
            Tag::Pid => View::Pid(word),
            Tag::Port => View::Port(word),
            Tag::List => {
                let (head, tail) = self.cell(word);
                View::Cons(head, tail)
            }
            Tag::Boxed => self.view_boxed(word),
            Tag::Header | Tag::Catch | Tag::Poison => panic!("no term: {:#x}", word.0),
        }
    }

    fn view_boxed(&self, word: Word) -> View<'_> {
        let header = self.header(word);
        let body = self.body(word);
        match header.kind {
            Kind::Tuple => View::Tuple(body),
            Kind::PositiveBig => View::Big { negative: false, limbs: body },
            Kind::NegativeBig => View::Big { negative: true, limbs: body },
            Kind::Reference => View::Reference(RefId { creator: body[0], count: body[1] }),
            Kind::Fun => {
                View::Fun { id: Word(body[0]).small_value() as u32, arity: header.extra, free: &body[1..] }
            }
            Kind::Float => View::Float(f64::from_bits(body[0])),
            Kind::ExternalFun => View::ExternalFun { export: Word(body[0]).small_value() as u32 },
            Kind::SharedBinary | Kind::HeapBinary | Kind::SubBinary => View::Bits(self.bits_unchecked(word)),
            Kind::FlatMap => View::FlatMap { keys: self.body(Word(body[0])), values: &body[1..] },
            Kind::HashMap => View::HashMap { size: Word(body[0]).small_value() as usize },
            Kind::MatchContext => View::Bits(self.bits_left(body)),
            Kind::HashNode | Kind::Forward | Kind::Filler => panic!("no term: {:?}", header.kind),
        }
    }

    /// What is left of a match. No compiler lets a match context out among terms; where other code does, it looks like
    /// this.
    fn bits_left(&self, context: &[u64]) -> Bits<'_> {
        let place = |word: u64| Word(word).small_value() as usize;
        let (offset, end) = (place(context[1]), place(context[2]));
        Bits { bytes: self.base_bytes(Word(context[0])), offset, size: end - offset }
    }

    /// The bits of a term that is known to be a binary or bitstring.
    fn bits_unchecked(&self, word: Word) -> Bits<'_> {
        let place = self.bit_place(word);
        Bits { bytes: self.base_bytes(place.base), offset: place.offset, size: place.size }
    }

    /// Where the bits of a binary or bitstring lie.
    #[inline]
    fn bit_place(&self, word: Word) -> BitPlace {
        let body = self.body(word);
        match self.header(word).kind {
            Kind::HeapBinary => BitPlace { base: word, offset: 0, size: body[0] as usize },
            Kind::SharedBinary => BitPlace { base: word, offset: 0, size: body[1] as usize },
            Kind::SubBinary => BitPlace {
                base: Word(body[0]),
                offset: Word(body[1]).small_value() as usize,
                size: Word(body[2]).small_value() as usize,
            },
            kind => panic!("no binary: {kind:?}"),
        }
    }

    /// The bytes under a heap or shared binary.
    #[inline]
    fn base_bytes(&self, base: Word) -> &[u8] {
        match self.header(base).kind {
            Kind::HeapBinary => bytemuck::cast_slice(&self.body(base)[1..]),
            _ => self.shared_bytes(base),
        }
    }
}

impl Space for Heap {
    #[inline]
    fn place(&self, pointer: Word) -> (&[u64], usize) {
        Heap::place(self, pointer)
    }

    #[inline]
    fn shared_bytes(&self, boxed: Word) -> &[u8] {
        Heap::shared_bytes(self, boxed)
    }
}
