//! Parcels: terms copied out of a heap, self-contained, on their way to another.
//!
//! Pointers in a parcel are indices into its own words. Large binaries and handles travel by `Arc`; literals are
//! copied. Sharing inside a term is lost, as it is in OTP's messages.
//!
//! Invariant: this file alone sees two heaps. Nothing mutable is reachable from a parcel.

use super::literal::{Literals, Segment};
use super::read::RefId;
use super::resource::{Attached, Ticket};
use super::{Heap, HeapFull};
use crate::term::Word;
use crate::term::word::{Header, Kind};
use std::cell::Cell;
use std::sync::Arc;

/// Words that a parcel holds without an allocation of its own: a tuple of four.
pub const INLINE_WORDS: usize = 5;
/// Words of a tuple, with its header, that lies in a table's node.
pub const SMALL_WORDS: usize = 4;
/// Such a tuple, of immediates; what is left over is 0.
pub type SmallTuple = [u64; SMALL_WORDS];

/// Words for which there is room from the beginning where a parcel is made term by term.
const BUILD_WORDS: usize = 32;
/// Words of the heap that is kept for the next parcel that is made so.
const SPARE_WORDS_MAX: usize = 4096;

thread_local! {
    /// An empty heap: its memory alone is used again.
    static SPARE: Cell<Option<Box<Heap>>> = const { Cell::new(None) };
}

#[derive(Clone, Debug)]
enum Body {
    Inline(u8, [u64; INLINE_WORDS]),
    Boxed(Box<[u64]>),
}

/// A self-contained term.
#[derive(Clone, Debug)]
pub struct Parcel {
    root: Word,
    body: Body,
    #[expect(clippy::box_collection, reason = "a word in each message; few have any")]
    attached: Option<Box<Vec<Attached>>>,
}

impl Parcel {
    /// A term that needs no heap.
    #[inline]
    pub fn immediate(word: Word) -> Parcel {
        assert!(word.is_immediate(), "an immediate needs no heap");
        Parcel { root: word, body: Body::Inline(0, [0; INLINE_WORDS]), attached: None }
    }

    #[inline]
    pub fn words(&self) -> &[u64] {
        match &self.body {
            Body::Inline(length, words) => &words[..*length as usize],
            Body::Boxed(words) => words,
        }
    }

    /// The root; a pointer is an index into [`Parcel::words`].
    #[inline]
    pub fn root(&self) -> Word {
        self.root
    }

    /// The bytes of a shared binary in the parcel, by the index in its object.
    pub fn shared_bytes(&self, index: u64) -> &[u8] {
        match self.attached.as_ref().map(|attached| &attached[index as usize]) {
            Some(Attached::Bytes(bytes)) => bytes,
            _ => panic!("a shared binary's bytes are in its parcel"),
        }
    }

    /// The term if it is immediate.
    pub fn as_immediate(&self) -> Option<Word> {
        self.root.is_immediate().then_some(self.root)
    }

    /// Whether it is a tuple of five with this reference second, as every DOWN message is.
    pub(crate) fn is_five_with(&self, reference: RefId) -> bool {
        let words = self.words();
        let header = |at: usize| Header::decode(words[at]);
        let tuple = |at: usize| header(at).kind == Kind::Tuple && header(at).size == 5;
        if !self.root.is_boxed() || !tuple(self.root.index()) {
            return false;
        }
        let second = Word(words[self.root.index() + 2]);
        second.is_boxed()
            && header(second.index()).kind == Kind::Reference
            && words[second.index() + 1..second.index() + 3] == [reference.creator, reference.count]
    }

    /// The parcel as a heap of its own, for reading, printing and hashing.
    pub fn unpack(&self, literals: &Arc<Literals>) -> (Heap, Word) {
        let mut heap = Heap::new(Arc::clone(literals), super::policy::Policy::default());
        let word = heap.absorb(self).expect("a parcel fits in a fresh heap");
        (heap, word)
    }

    /// Whether it holds a term equal to the other's, exactly.
    pub fn same_term(&self, other: &Parcel) -> bool {
        if let (Some(a), Some(b)) = (self.as_immediate(), other.as_immediate()) {
            return a == b;
        }
        let (mut heap, a) = self.unpack(&Arc::default());
        heap.absorb(other).is_ok_and(|b| crate::term::order::equal_exact(&heap, a, b))
    }

    /// A parcel made term by term, on a heap of its own.
    pub fn build(make: impl FnOnce(&mut Heap) -> Result<Word, HeapFull>) -> Result<Parcel, HeapFull> {
        Parcel::build_as(make, |heap, word| heap.parcel_of(word, heap.words.len()))
    }

    /// The same, of what is a message and becomes no row: what was made on the way to the term, and in which order, stays as
    /// it is, so mostly nothing is copied object by object.
    pub fn build_message(make: impl FnOnce(&mut Heap) -> Result<Word, HeapFull>) -> Result<Parcel, HeapFull> {
        Parcel::build_as(make, |heap, word| {
            if word.is_immediate() || !heap.resources.is_empty() {
                return heap.parcel_of(word, heap.words.len());
            }
            Ok(Parcel { root: word, body: Body::of_slice(&heap.words), attached: None })
        })
    }

    fn build_as(
        make: impl FnOnce(&mut Heap) -> Result<Word, HeapFull>,
        finish: impl FnOnce(&mut Heap, Word) -> Result<Parcel, HeapFull>,
    ) -> Result<Parcel, HeapFull> {
        let mut heap = match SPARE.take() {
            Some(heap) => heap,
            None => Box::new(Heap::new(Arc::default(), super::policy::Policy::default())),
        };
        // For most, no allocation but one of the size that it comes to.
        heap.reserve(BUILD_WORDS)?;
        let word = make(&mut heap)?;
        let parcel = finish(&mut heap, word);
        if heap.words.capacity() <= SPARE_WORDS_MAX {
            heap.renew(super::policy::Policy::default());
            SPARE.set(Some(heap));
        }
        parcel
    }

    /// The parcel's words as a literal segment numbered `segment`, and the root in it.
    pub fn into_literal(self, segment: &mut LiteralBuilder) -> Word {
        segment.add(&self)
    }
}

/// Collects literals for one segment.
#[derive(Debug, Default)]
pub struct LiteralBuilder {
    number: u32,
    words: Vec<u64>,
    attached: Vec<Attached>,
}

impl LiteralBuilder {
    pub fn new(number: u32) -> LiteralBuilder {
        LiteralBuilder { number, words: Vec::new(), attached: Vec::new() }
    }

    /// Copies a parcel in; the word names it from any heap.
    pub fn add(&mut self, parcel: &Parcel) -> Word {
        let base = self.words.len();
        let (number, first) = (self.number, self.attached.len() as u64);
        rebase(parcel.words(), &mut self.words, |w| w.moved_by(base).in_literal(number), |raw| raw + first);
        if let Some(attached) = &parcel.attached {
            self.attached.extend(attached.iter().cloned());
        }
        if parcel.root.is_pointer() { parcel.root.moved_by(base).in_literal(number) } else { parcel.root }
    }

    pub fn finish(self) -> Segment {
        Segment { words: self.words.into(), attached: self.attached }
    }
}

/// Copies words, giving each pointer to `pointer` and each index of something attached to `shared`.
fn rebase(
    from: &[u64],
    to: &mut Vec<u64>,
    pointer: impl Fn(Word) -> Word,
    mut shared: impl FnMut(u64) -> u64,
) {
    let mut at = 0;
    while at < from.len() {
        let word = Word(from[at]);
        if word.is_header() {
            let header = Header::decode(word.0);
            to.push(word.0);
            at += 1;
            if header.kind.is_raw() {
                let start = to.len();
                to.extend_from_slice(&from[at..at + header.size]);
                if let Some(place) = header.ticket_place() {
                    to[start + place] = shared(to[start + place]);
                }
                at += header.size;
            }
            continue;
        }
        to.push(if word.is_pointer() { pointer(word).0 } else { word.0 });
        at += 1;
    }
}

#[inline]
fn make_room(words: &mut Vec<u64>, more: usize) -> Result<(), HeapFull> {
    if words.capacity() - words.len() >= more {
        return Ok(());
    }
    words.try_reserve(more).map_err(|_| HeapFull)
}

impl Heap {
    /// Copies a term out. Freezes growing binaries in it, so it takes the heap mutably.
    pub fn parcel(&mut self, root: Word) -> Result<Parcel, HeapFull> {
        self.parcel_of(root, 16)
    }

    /// The same, of a term for which so many words are likely to be enough.
    fn parcel_of(&mut self, root: Word, size: usize) -> Result<Parcel, HeapFull> {
        if root.is_immediate() {
            return Ok(Parcel::immediate(root));
        }
        if let Some(parcel) = self.small_parcel(root) {
            return Ok(parcel);
        }
        let mut words = Vec::with_capacity(size);
        let mut attached = Vec::new();
        let root = self.copy_object(root, &mut words, &mut attached)?;
        let mut at = 0;
        while at < words.len() {
            let word = Word(words[at]);
            if word.is_header() {
                let header = Header::decode(word.0);
                at += 1 + if header.kind.is_raw() { header.size } else { 0 };
                continue;
            }
            if word.is_pointer() {
                words[at] = self.copy_object(word, &mut words, &mut attached)?.0;
                if words.len() > self.policy.ceiling_words {
                    return Err(HeapFull);
                }
            }
            at += 1;
        }
        let attached = (!attached.is_empty()).then(|| Box::new(attached));
        Ok(Parcel { root, body: Body::of(words), attached })
    }

    /// The words of a tuple that has no more than so many, its header among them.
    #[inline(always)]
    fn short_tuple(&self, root: Word, words_max: usize) -> Option<&[u64]> {
        if !root.is_boxed() {
            return None;
        }
        let (words, at) = self.place(root);
        let header = Header::decode(words[at]);
        let short = header.kind == Kind::Tuple && header.size < words_max;
        short.then(|| &words[at..=at + header.size])
    }

    /// The common message: a tuple of immediates that fits inline.
    #[inline(always)]
    pub(crate) fn small_parcel(&self, root: Word) -> Option<Parcel> {
        let words = self.short_tuple(root, INLINE_WORDS)?;
        // By size, so that the words go from register to where they stay: read again too soon after they were
        // written one by one, they would make the processor wait.
        let fits = |words: &[u64]| words.iter().all(|&word| Word(word).is_immediate());
        let inline = match *words {
            [h] => [h, 0, 0, 0, 0],
            [h, a] if fits(&[a]) => [h, a, 0, 0, 0],
            [h, a, b] if fits(&[a, b]) => [h, a, b, 0, 0],
            [h, a, b, c] if fits(&[a, b, c]) => [h, a, b, c, 0],
            [h, a, b, c, d] if fits(&[a, b, c, d]) => [h, a, b, c, d],
            _ => return None,
        };
        Some(Parcel { root: Word::boxed(0), body: Body::Inline(words.len() as u8, inline), attached: None })
    }

    /// A tuple of immediates that fits into a table's node.
    #[inline]
    pub(crate) fn small_tuple(&self, root: Word) -> Option<SmallTuple> {
        let fits = |words: &[u64]| words.iter().all(|&word| Word(word).is_immediate());
        match *self.short_tuple(root, SMALL_WORDS)? {
            [h] => Some([h, 0, 0, 0]),
            [h, a] if fits(&[a]) => Some([h, a, 0, 0]),
            [h, a, b] if fits(&[a, b]) => Some([h, a, b, 0]),
            [h, a, b, c] if fits(&[a, b, c]) => Some([h, a, b, c]),
            _ => None,
        }
    }

    /// Copies such a tuple in.
    #[inline]
    pub(crate) fn absorb_small(&mut self, tuple: &SmallTuple) -> Result<Word, HeapFull> {
        let (base, size) = (self.words.len(), 1 + Header::size_of(tuple[0]));
        if self.words.capacity() - base < SMALL_WORDS {
            self.reserve(size)?;
            self.words.extend_from_slice(&tuple[..size]);
            return Ok(Word::boxed(base));
        }
        // So many words at once, some of them for nothing, are sooner copied than counted.
        self.words.extend_from_slice(tuple);
        self.words.truncate(base + size);
        Ok(Word::boxed(base))
    }

    /// Copies a list of such a tuple in.
    #[inline]
    pub(crate) fn absorb_small_in_list(&mut self, tuple: &SmallTuple) -> Result<Word, HeapFull> {
        let (base, size) = (self.words.len(), 1 + Header::size_of(tuple[0]));
        if self.words.capacity() - base < SMALL_WORDS + 2 {
            self.reserve(size + 2)?;
            let term = self.absorb_small(tuple)?;
            return self.cons(term, Word::NIL);
        }
        tuple[..size].iter().for_each(|&word| self.words.push(word));
        self.words.push(Word::boxed(base).0);
        self.words.push(Word::NIL.0);
        Ok(Word::list(base + size))
    }

    /// What does not fit into memory harms nobody but who sends it.
    fn copy_object(
        &mut self,
        word: Word,
        words: &mut Vec<u64>,
        attached: &mut Vec<Attached>,
    ) -> Result<Word, HeapFull> {
        let index = words.len();
        let (from, at) = self.place(word);
        if word.is_list() {
            make_room(words, 2)?;
            words.extend_from_slice(&[from[at], from[at + 1]]);
            return Ok(Word::list(index));
        }
        let header = Header::decode(from[at]);
        make_room(words, 1 + header.size)?;
        words.extend_from_slice(&from[at..at + 1 + header.size]);
        if let Some(place) = header.ticket_place() {
            words[index + 1 + place] = attached.len() as u64;
            attached.push(self.share(word, place));
        }
        Ok(Word::boxed(index))
    }

    /// Copies a parcel in.
    pub fn absorb(&mut self, parcel: &Parcel) -> Result<Word, HeapFull> {
        let base = self.words.len();
        self.absorb_by(parcel, |w| w.moved_by(base))
    }

    /// Copies a table's row in.
    #[inline]
    pub(crate) fn absorb_row(&mut self, row: &RowParcel) -> Result<Word, HeapFull> {
        let base = self.words.len();
        if row.1 == Shape::Flat && row.root().is_boxed() {
            match &row.0.body {
                // So many words at once, some of them for nothing, are sooner copied than counted.
                Body::Inline(length, words) if self.words.capacity() - base >= INLINE_WORDS => {
                    self.words.extend_from_slice(words);
                    self.words.truncate(base + *length as usize);
                }
                _ => {
                    self.reserve(row.words().len())?;
                    self.words.extend_from_slice(row.words());
                }
            }
            return Ok(Word::boxed(base));
        }
        self.absorb_by(&row.0, |w| w.out_of_row().moved_by(base))
    }

    #[inline]
    fn absorb_by(&mut self, parcel: &Parcel, pointer: impl Fn(Word) -> Word) -> Result<Word, HeapFull> {
        let words = parcel.words();
        if words.is_empty() {
            return Ok(parcel.root);
        }
        self.reserve(words.len())?;
        match &parcel.attached {
            None => rebase(words, &mut self.words, &pointer, |raw| raw),
            Some(attached) => {
                let tickets: Vec<Ticket> =
                    attached.iter().map(|a| self.resources.add_attached(a.clone())).collect();
                rebase(words, &mut self.words, &pointer, |raw| tickets[raw as usize].0);
                self.charge_off_heap(attached.iter().map(Attached::size).sum());
            }
        }
        Ok(if parcel.root.is_pointer() { pointer(parcel.root) } else { parcel.root })
    }

    /// Copies one term of a row in.
    pub(crate) fn absorb_part(&mut self, row: &RowParcel, part: Word) -> Result<Word, HeapFull> {
        if part.is_immediate() {
            return Ok(part);
        }
        let start = self.words.len();
        let copied = self.absorb_objects(row, part, start);
        if copied.is_err() {
            self.words.truncate(start);
        }
        copied
    }

    fn absorb_objects(&mut self, row: &RowParcel, part: Word, start: usize) -> Result<Word, HeapFull> {
        let root = self.absorb_object(row, part)?;
        let mut at = start;
        while at < self.words.len() {
            let word = Word(self.words[at]);
            if word.is_header() {
                let header = Header::decode(word.0);
                at += 1 + if header.kind.is_raw() { header.size } else { 0 };
                continue;
            }
            if word.is_pointer() {
                self.words[at] = self.absorb_object(row, word)?.0;
            }
            at += 1;
        }
        Ok(root)
    }

    /// Copies one object of a row in; what it points to is still in the row.
    fn absorb_object(&mut self, row: &RowParcel, word: Word) -> Result<Word, HeapFull> {
        let from = &row.words()[word.row_index().expect("a row's pointers lead into it")..];
        let index = self.words.len();
        if word.is_list() {
            self.reserve(2)?;
            self.words.extend_from_slice(&from[..2]);
            return Ok(Word::list(index));
        }
        let header = Header::decode(from[0]);
        self.reserve(1 + header.size)?;
        self.words.extend_from_slice(&from[..1 + header.size]);
        if let Some(place) = header.ticket_place() {
            let all = row.0.attached.as_ref().expect("what is attached is in its parcel");
            let attached = all[from[1 + place] as usize].clone();
            self.charge_off_heap(attached.size());
            self.words[index + 1 + place] = self.resources.add_attached(attached).0;
        }
        Ok(Word::boxed(index))
    }
}

/// A parcel at rest in a table: its pointers are marked, so that they can be told from a heap's beside it.
#[derive(Debug)]
pub(crate) struct RowParcel(Parcel, Shape);

/// Whether a row is one object without pointers, which is copied as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shape {
    Flat,
    Nested,
}

impl RowParcel {
    pub fn new(mut parcel: Parcel) -> RowParcel {
        let mut shape = if parcel.attached.is_some() { Shape::Nested } else { Shape::Flat };
        let words = parcel.body.words_mut();
        let mut at = 0;
        while at < words.len() {
            let word = Word(words[at]);
            if word.is_header() {
                let header = Header::decode(word.0);
                at += if header.kind.is_raw() { header.size } else { 0 };
            } else if word.is_pointer() {
                words[at] = word.in_row().0;
                shape = Shape::Nested;
            }
            at += 1;
        }
        if parcel.root.is_pointer() {
            parcel.root = parcel.root.in_row();
        }
        RowParcel(parcel, shape)
    }

    #[inline]
    pub fn words(&self) -> &[u64] {
        self.0.words()
    }

    #[inline]
    pub fn root(&self) -> Word {
        self.0.root
    }

    #[inline]
    pub fn is_flat(&self) -> bool {
        self.1 == Shape::Flat
    }

    pub fn shared_bytes(&self, index: u64) -> &[u8] {
        self.0.shared_bytes(index)
    }

    /// Words of memory that it takes, shared binaries aside.
    pub fn size_words(&self) -> usize {
        std::mem::size_of::<RowParcel>() / 8
            + if let Body::Boxed(words) = &self.0.body { words.len() } else { 0 }
    }

    /// Puts the immediate that `change` makes of one in its place, at a position from 1 of a row that is a tuple.
    #[inline]
    pub fn change_immediate(
        &mut self,
        position: usize,
        change: impl FnOnce(Word) -> Option<Word>,
    ) -> Option<Word> {
        change_immediate(self.0.body.words_mut(), position, change)
    }

    /// The same tuple with other immediates at these positions, from 1.
    pub fn with_elements(&self, changes: &[(usize, Word)]) -> RowParcel {
        let mut parcel = self.0.clone();
        let words = parcel.body.words_mut();
        for &(position, value) in changes {
            assert!(value.is_immediate(), "an immediate needs no words of its own");
            words[position] = value.0;
        }
        RowParcel(parcel, self.1)
    }

    /// The term as a parcel.
    pub fn to_parcel(&self) -> Parcel {
        let mut words = Vec::with_capacity(self.words().len());
        rebase(self.words(), &mut words, Word::out_of_row, |raw| raw);
        let root = if self.root().is_pointer() { self.root().out_of_row() } else { self.root() };
        Parcel { root, body: Body::of(words), attached: self.0.attached.clone() }
    }
}

/// Puts the immediate that `change` makes of an element, from 1, of the tuple that comes first in its place.
#[inline]
pub(crate) fn change_immediate(
    words: &mut [u64],
    position: usize,
    change: impl FnOnce(Word) -> Option<Word>,
) -> Option<Word> {
    // What the tuple points to comes behind its elements.
    let inside = position.wrapping_sub(1) < Header::size_of(words[0]);
    let word = words.get_mut(position).filter(|_| inside)?;
    let made = change(Word(*word)).filter(|made| made.is_immediate() && Word(*word).is_immediate())?;
    *word = made.0;
    Some(made)
}

/// An element of a tuple that the runtime itself makes into a message.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// An immediate.
    Word(Word),
    Reference(super::read::RefId),
    Parcel(&'a Parcel),
}

impl Parcel {
    /// The parcel of such a tuple.
    pub(crate) fn small(tuple: &SmallTuple) -> Parcel {
        let mut words = [0; INLINE_WORDS];
        words[..SMALL_WORDS].copy_from_slice(tuple);
        let body = Body::Inline(1 + Header::size_of(tuple[0]) as u8, words);
        Parcel { root: Word::boxed(0), body, attached: None }
    }

    /// A tuple of these parts.
    pub fn tuple(parts: &[Part<'_>]) -> Parcel {
        let mut words = Vec::with_capacity(parts.len() + 12);
        words.push(Header::new(Kind::Tuple, parts.len()).word());
        words.resize(1 + parts.len(), Word::NIL.0);
        let mut attached: Vec<Attached> = Vec::new();
        for (i, part) in parts.iter().enumerate() {
            let word = match part {
                Part::Word(word) => {
                    assert!(word.is_immediate(), "a part that is a word is immediate");
                    *word
                }
                Part::Reference(id) => {
                    let at = words.len();
                    words.extend_from_slice(&[Header::new(Kind::Reference, 2).word(), id.creator, id.count]);
                    Word::boxed(at)
                }
                Part::Parcel(parcel) => {
                    let (base, first) = (words.len(), attached.len() as u64);
                    rebase(parcel.words(), &mut words, |w| w.moved_by(base), |raw| raw + first);
                    if let Some(more) = &parcel.attached {
                        attached.extend(more.iter().cloned());
                    }
                    if parcel.root.is_pointer() { parcel.root.moved_by(base) } else { parcel.root }
                }
            };
            words[1 + i] = word.0;
        }
        Parcel {
            root: Word::boxed(0),
            body: Body::of(words),
            attached: (!attached.is_empty()).then(|| Box::new(attached)),
        }
    }
}

impl Body {
    #[inline]
    fn words_mut(&mut self) -> &mut [u64] {
        match self {
            Body::Inline(length, words) => &mut words[..*length as usize],
            Body::Boxed(words) => words,
        }
    }

    fn of(words: Vec<u64>) -> Body {
        if words.len() <= INLINE_WORDS {
            Body::of_slice(&words)
        } else {
            Body::Boxed(words.into_boxed_slice())
        }
    }

    fn of_slice(words: &[u64]) -> Body {
        if words.len() > INLINE_WORDS {
            return Body::Boxed(words.into());
        }
        let mut inline = [0; INLINE_WORDS];
        inline[..words.len()].copy_from_slice(words);
        Body::Inline(words.len() as u8, inline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::Atom;

    /// What is made on the way to a term stays in a message, which is the same term all the same.
    #[test]
    fn a_message_is_the_term_that_was_made() {
        let id = RefId { creator: 7, count: 3 };
        for size in [0, 1, 8, 64, 65, 300] {
            let bytes = vec![b'a'; size];
            let make = |heap: &mut Heap| {
                let binary = heap.binary(&bytes)?;
                let answer = heap.new_tuple(&[Word::atom(Atom::OK), binary])?;
                let for_nobody = heap.new_reference(id)?;
                assert!(for_nobody.is_boxed());
                let list = heap.cons(answer, Word::NIL)?;
                let name = heap.new_reference(id)?;
                heap.new_tuple(&[name, list, binary])
            };
            let (built, message) = (Parcel::build(make), Parcel::build_message(make));
            let (built, message) = (built.expect("there is room"), message.expect("there is room"));
            assert!(built.same_term(&message) && message.same_term(&built), "{size} bytes");
        }
        let immediate = Parcel::build_message(|_| Ok(Word::NIL)).expect("it needs no room");
        assert_eq!(immediate.as_immediate(), Some(Word::NIL));
    }
}
