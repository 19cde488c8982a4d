//! Binaries and bitstrings: small ones on the heap, large ones shared, slices of both.
//!
//! Invariant: a `SubBinary` or match context refers to a `HeapBinary` or `SharedBinary`, never to another
//! slice. A shared binary's object carries its own bit size, so that a binary which grew by appending
//! and the shorter ones made before it share one resource.
//! Source: the Efficiency Guide on binary handling (64 bytes is the largest heap binary).

use super::resource::{Attached, Resource, Ticket};
use super::space::Space;
use super::{Heap, HeapFull};
use crate::term::Word;
use crate::term::bitsyntax::run::blit;
use crate::term::bitsyntax::{BitBuilder, Endian};
use crate::term::word::{Header, Kind};
use std::sync::Arc;

/// The largest binary that lives on the heap, in bytes.
pub const HEAP_BINARY_MAX: usize = 64;

const SHARED: u64 = Header::new(Kind::SharedBinary, 2).word();

/// A run of bits: `bits` bits from bit `offset` of `bytes`, most significant bit of a byte first.
#[derive(Clone, Copy, Debug)]
pub struct Bits<'a> {
    pub bytes: &'a [u8],
    pub offset: usize,
    pub size: usize,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8]) -> Bits<'a> {
        Bits { bytes, offset: 0, size: bytes.len() * 8 }
    }

    /// The bytes themselves where the run starts on a byte and is a number of bytes long.
    #[inline]
    pub fn aligned(&self) -> Option<&'a [u8]> {
        (self.offset.is_multiple_of(8) && self.size.is_multiple_of(8))
            .then(|| &self.bytes[self.offset / 8..(self.offset + self.size) / 8])
    }

    pub fn is_binary(&self) -> bool {
        self.size.is_multiple_of(8)
    }

    /// Whole bytes; a partial last byte counts as one.
    pub fn byte_size(&self) -> usize {
        self.size.div_ceil(8)
    }

    /// Byte `index` of the run; the last one's unused low bits are zero.
    #[inline]
    pub fn byte(&self, index: usize) -> u8 {
        let at = self.offset + index * 8;
        let shift = at % 8;
        let mut byte = self.bytes[at / 8] << shift;
        if shift != 0 && at / 8 + 1 < self.bytes.len() {
            byte |= self.bytes[at / 8 + 1] >> (8 - shift);
        }
        let left = self.size - index * 8;
        if left < 8 { byte & !(0xffu8 >> left) } else { byte }
    }

    /// The run as bytes of its own; unused low bits of the last one are zero.
    pub fn to_vec(&self) -> Vec<u8> {
        match self.aligned() {
            Some(bytes) => bytes.to_vec(),
            None => (0..self.byte_size()).map(|i| self.byte(i)).collect(),
        }
    }

    /// A part of the run, in bits from its start.
    pub fn slice(&self, from: usize, size: usize) -> Bits<'a> {
        assert!(from + size <= self.size, "a slice lies within its bits");
        Bits { bytes: self.bytes, offset: self.offset + from, size }
    }
}

/// Where a run of bits lies, without borrowing the heap.
#[derive(Clone, Copy, Debug)]
pub struct BitPlace {
    /// A heap or shared binary.
    pub base: Word,
    pub offset: usize,
    pub size: usize,
}

impl Heap {
    /// The bits of a binary or bitstring, `None` for other terms.
    pub fn bits(&self, word: Word) -> Option<Bits<'_>> {
        self.is_bits(word).then(|| self.bits_unchecked(word))
    }

    pub(crate) fn bits_unchecked(&self, word: Word) -> Bits<'_> {
        Space::bits_unchecked(self, word)
    }

    /// Where the bits of a binary or bitstring lie.
    #[inline]
    pub fn bit_place(&self, word: Word) -> BitPlace {
        Space::bit_place(self, word)
    }

    /// The bytes under a heap or shared binary.
    #[inline]
    pub fn base_bytes(&self, base: Word) -> &[u8] {
        Space::base_bytes(self, base)
    }

    /// A new binary of these bytes, on the heap or shared by its size.
    pub fn binary(&mut self, bytes: &[u8]) -> Result<Word, HeapFull> {
        self.bitstring(bytes, bytes.len() * 8)
    }

    /// A new bitstring: the first `size` bits of `bytes`, whose unused bits must be zero.
    pub fn bitstring(&mut self, bytes: &[u8], size: usize) -> Result<Word, HeapFull> {
        if bytes.len() > HEAP_BINARY_MAX {
            return self.shared_binary(Arc::new(bytes.to_vec()), size);
        }
        let data = bytes.len().div_ceil(8);
        self.reserve(2 + data)?;
        let at = self.words.len();
        self.words.push(Header::new(Kind::HeapBinary, 1 + data).word());
        self.words.push(size as u64);
        self.words.resize(at + 2 + data, 0);
        let room: &mut [u8] = bytemuck::cast_slice_mut(&mut self.words[at + 2..]);
        room[..bytes.len()].copy_from_slice(bytes);
        Ok(Word::boxed(at))
    }

    /// A new bitstring over bytes that others may share.
    pub fn shared_binary(&mut self, bytes: Arc<Vec<u8>>, size: usize) -> Result<Word, HeapFull> {
        let length = bytes.len();
        self.resource_binary(Resource::Bytes(bytes), length, size)
    }

    /// A new bitstring over bytes that this process alone sees and may go on appending to.
    pub fn growing_binary(&mut self, bytes: Vec<u8>, size: usize) -> Result<Word, HeapFull> {
        let length = bytes.len();
        self.resource_binary(Resource::Growing(BitBuilder::of(bytes, size)), length, size)
    }

    fn resource_binary(&mut self, resource: Resource, length: usize, size: usize) -> Result<Word, HeapFull> {
        self.reserve(3)?;
        let ticket = self.resources.add(resource);
        self.charge_off_heap(length);
        Ok(self.shared_object(ticket, size))
    }

    /// Another object over a resource that is in the table.
    pub(crate) fn shared_object(&mut self, ticket: Ticket, size: usize) -> Word {
        let at = self.words.len();
        // One by one: an array that is made and copied at once waits for its words.
        self.words.push(SHARED);
        self.words.push(ticket.0);
        self.words.push(size as u64);
        Word::boxed(at)
    }

    /// Whether appending to `to` may extend it in place: it is the whole of a growing binary.
    pub(crate) fn grows(&mut self, to: Word) -> bool {
        if to.is_literal() || self.kind(to) != Some(Kind::SharedBinary) {
            return false;
        }
        let (ticket, held) = (Ticket(self.body(to)[0]), self.body(to)[1] as usize);
        self.resources.growing(ticket).is_some_and(|built| built.size_bits() == held)
    }

    /// Appends a run behind `to`: a new object over the same bits. `to` [grows](Heap::grows); terms that hold
    /// less of it do not see the difference.
    pub(crate) fn append_in_place(&mut self, to: Word, run: Bits<'_>) -> Result<Word, HeapFull> {
        let (ticket, held) = (Ticket(self.body(to)[0]), self.body(to)[1] as usize);
        self.reserve(3)?;
        let ceiling_bytes = self.policy.ceiling_words.saturating_mul(8);
        let built = self.resources.growing(ticket).expect("the caller saw that it grows");
        debug_assert!(built.size_bits() == held, "only the whole of a growing binary grows");
        let added = run.byte_size();
        if held / 8 + added > ceiling_bytes {
            return Err(HeapFull);
        }
        built.reserve(added)?;
        built.push_run(run);
        self.charge_off_heap(added);
        Ok(self.shared_object(ticket, held + run.size))
    }

    /// Appends the low `size` bits (at most 64) of `value` behind `to`. `None` where `to` does not
    /// [grow](Heap::grows) or is no number of units long, with nothing changed.
    #[inline(never)]
    pub(crate) fn append_integer(
        &mut self,
        to: Word,
        unit: u32,
        value: u64,
        size: usize,
        endian: Endian,
    ) -> Result<Option<Word>, HeapFull> {
        if !to.is_boxed() || to.is_literal() || self.words[to.index()] != SHARED {
            return Ok(None);
        }
        let at = to.index();
        let (ticket, held) = (Ticket(self.words[at + 1]), self.words[at + 2] as usize);
        if unit > 1 && !held.is_multiple_of(unit as usize) {
            return Ok(None);
        }
        self.reserve(3)?;
        let ceiling_bytes = self.policy.ceiling_words.saturating_mul(8);
        let Some(built) = self.resources.growing(ticket).filter(|b| b.size_bits() == held) else {
            return Ok(None);
        };
        if held / 8 >= ceiling_bytes {
            return Err(HeapFull);
        }
        built.reserve(8)?;
        match endian {
            Endian::Big => built.push_big(value, size),
            Endian::Little => built.push_little(value, size),
        }
        Ok(Some(self.shared_object(ticket, held + size)))
    }

    /// Writes a run into a binary that is under construction, `at` bits from its start. False where it is no
    /// binary of this process alone, or too short.
    pub(crate) fn write_bits(&mut self, base: Word, at: usize, run: Bits<'_>) -> bool {
        if !base.is_boxed() || base.is_literal() || base.index() >= self.words.len() {
            return false;
        }
        let header = self.header(base);
        let room: &mut [u8] = match header.kind {
            Kind::HeapBinary => {
                let body = base.index() + 1;
                bytemuck::cast_slice_mut(&mut self.words[body + 1..body + header.size])
            }
            Kind::SharedBinary => match self.resources.growing(Ticket(self.words[base.index() + 1])) {
                Some(built) => built.bytes_mut(),
                None => return false,
            },
            _ => return false,
        };
        if at.checked_add(run.size).is_none_or(|end| end > room.len() * 8) {
            return false;
        }
        blit(run, room, at);
        true
    }

    /// A slice of a binary, in bits from its start.
    pub fn sub_binary(&mut self, of: BitPlace) -> Result<Word, HeapFull> {
        self.reserve(4)?;
        let at = self.words.len();
        self.words.extend_from_slice(&[
            Header::new(Kind::SubBinary, 3).word(),
            of.base.0,
            Word::small(of.offset as i64).0,
            Word::small(of.size as i64).0,
        ]);
        Ok(Word::boxed(at))
    }

    /// What lies under a shared binary or a handle, as something that another process may hold; freezes a
    /// growing binary.
    pub(crate) fn share(&mut self, boxed: Word, place: usize) -> Attached {
        let raw = self.body(boxed)[place];
        if boxed.is_literal() {
            self.literals.attached(boxed.literal_place().0, raw as usize).clone()
        } else {
            self.resources.shared(Ticket(raw))
        }
    }
}
