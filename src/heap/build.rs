//! Making terms. Every function either makes the whole object or says `HeapFull` and changes nothing.

use super::read::RefId;
use super::resource::{Handle, Resource};
use super::{Heap, HeapFull};
use crate::term::Word;
use crate::term::word::{Header, Kind};
use std::ops::Range;
use std::sync::Arc;

impl Heap {
    #[inline]
    pub fn cons(&mut self, head: Word, tail: Word) -> Result<Word, HeapFull> {
        self.reserve(2)?;
        let at = self.words.len();
        self.words.extend_from_slice(&[head.0, tail.0]);
        Ok(Word::list(at))
    }

    /// A header and the words that follow it.
    pub fn object(&mut self, header: Header, body: &[u64]) -> Result<Word, HeapFull> {
        assert!(header.size == body.len(), "a header says how many words follow");
        self.reserve(1 + body.len())?;
        let at = self.words.len();
        self.words.push(header.word());
        self.words.extend_from_slice(body);
        Ok(Word::boxed(at))
    }

    pub fn new_tuple(&mut self, elements: &[Word]) -> Result<Word, HeapFull> {
        self.reserve(1 + elements.len())?;
        let at = self.words.len();
        self.words.push(Header::new(Kind::Tuple, elements.len()).word());
        self.words.extend(elements.iter().map(|w| w.0));
        Ok(Word::boxed(at))
    }

    #[inline]
    pub fn new_float(&mut self, value: f64) -> Result<Word, HeapFull> {
        self.reserve(2)?;
        let at = self.words.len();
        self.words.extend_from_slice(&[Header::new(Kind::Float, 1).word(), value.to_bits()]);
        Ok(Word::boxed(at))
    }

    pub fn new_reference(&mut self, id: RefId) -> Result<Word, HeapFull> {
        self.object(Header::new(Kind::Reference, 2), &[id.creator, id.count])
    }

    /// The reference that names a row of a table of the world and keeps it there.
    pub fn new_handle(&mut self, handle: Arc<Handle>) -> Result<Word, HeapFull> {
        self.reserve(4)?;
        let id = handle.id;
        let ticket = self.resources.add(Resource::Handle(handle));
        self.object(Header::HANDLE, &[id.creator, id.count, ticket.0])
    }

    /// A local fun: `id` names its code in the fun table, `free` its environment.
    pub fn new_fun(&mut self, id: u32, arity: u32, free: &[Word]) -> Result<Word, HeapFull> {
        self.reserve(2 + free.len())?;
        let at = self.words.len();
        self.words.push(Header { kind: Kind::Fun, size: 1 + free.len(), extra: arity }.word());
        self.words.push(Word::small(i64::from(id)).0);
        self.words.extend(free.iter().map(|w| w.0));
        Ok(Word::boxed(at))
    }

    pub fn new_external_fun(&mut self, export: u32) -> Result<Word, HeapFull> {
        self.object(Header::new(Kind::ExternalFun, 1), &[Word::small(i64::from(export)).0])
    }

    /// An integer of any size from sign and limbs (least significant first); a small one where it fits.
    pub fn new_integer_from_limbs(&mut self, negative: bool, limbs: &[u64]) -> Result<Word, HeapFull> {
        let used = limbs.iter().rposition(|&l| l != 0).map_or(0, |i| i + 1);
        let limbs = &limbs[..used];
        if limbs.is_empty() {
            return Ok(Word::small(0));
        }
        if let [limb] = limbs {
            let value = if negative { -i128::from(*limb) } else { i128::from(*limb) };
            if let Some(word) = i64::try_from(value).ok().and_then(Word::checked_small) {
                return Ok(word);
            }
        }
        let kind = if negative { Kind::NegativeBig } else { Kind::PositiveBig };
        self.object(Header::new(kind, limbs.len()), limbs)
    }

    #[inline]
    pub fn new_integer(&mut self, value: i64) -> Result<Word, HeapFull> {
        match Word::checked_small(value) {
            Some(word) => Ok(word),
            None => self.new_integer_from_limbs(value < 0, &[value.unsigned_abs()]),
        }
    }

    pub fn new_unsigned(&mut self, value: u64) -> Result<Word, HeapFull> {
        self.new_integer_from_limbs(false, &[value])
    }

    pub fn new_integer_wide(&mut self, value: i128) -> Result<Word, HeapFull> {
        let magnitude = value.unsigned_abs();
        self.new_integer_from_limbs(value < 0, &[magnitude as u64, (magnitude >> 64) as u64])
    }

    /// A list of these elements ending in `tail`.
    pub fn new_list(&mut self, elements: &[Word], tail: Word) -> Result<Word, HeapFull> {
        self.reserve(2 * elements.len())?;
        let mut list = tail;
        for &element in elements.iter().rev() {
            let at = self.words.len();
            self.words.extend_from_slice(&[element.0, list.0]);
            list = Word::list(at);
        }
        Ok(list)
    }

    /// Appends words of an object's body, for an altered copy of it. The caller has reserved the room and
    /// completes the object before anything else looks at the heap.
    #[inline]
    pub(crate) fn append_from(&mut self, boxed: Word, range: Range<usize>) {
        if boxed.is_literal() {
            let (segment, at) = boxed.literal_place();
            self.words.extend_from_slice(&self.literals.words(segment)[at + 1..][range]);
        } else {
            let body = boxed.index() + 1;
            self.words.extend_from_within(body + range.start..body + range.end);
        }
    }

    /// Appends words of an object that the caller is completing; the room is reserved.
    #[inline]
    pub(crate) fn append(&mut self, words: &[u64]) {
        self.words.extend_from_slice(words);
    }
}
