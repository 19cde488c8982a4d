//! Building a run of bits segment by segment.
//!
//! Invariant: `bytes` holds exactly `size_bits` bits; the unused low bits of the last byte are zero. A segment that is
//! refused leaves the run as it was.

use super::Endian;
use super::load::load_big;
use super::number::{half_from_f64, negate};
use super::run::append_bytes;
use super::unicode::is_code_point;
use crate::heap::binary::{Bits, HEAP_BINARY_MAX};
use crate::heap::{Heap, HeapFull};
use crate::term::Word;
use crate::term::bignum::Integer;
use crate::term::number::to_f64;

/// A segment's value does not fit its type: `badarg`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadSegment;

/// Bits under construction; reusable after [`BitBuilder::clear`].
#[derive(Clone, Debug, Default)]
pub struct BitBuilder {
    bytes: Vec<u8>,
    size_bits: usize,
}

impl BitBuilder {
    pub fn new() -> BitBuilder {
        BitBuilder::default()
    }

    pub fn with_capacity(bytes: usize) -> BitBuilder {
        BitBuilder { bytes: Vec::with_capacity(bytes), size_bits: 0 }
    }

    /// A builder in room that was made before.
    pub fn on(room: Vec<u8>) -> BitBuilder {
        assert!(room.is_empty(), "a builder begins empty");
        BitBuilder { bytes: room, size_bits: 0 }
    }

    /// A run of the first `size_bits` bits of `bytes`, whose unused bits are zero.
    pub fn of(bytes: Vec<u8>, size_bits: usize) -> BitBuilder {
        assert!(bytes.len() == size_bits.div_ceil(8), "the bytes hold the bits and no more");
        BitBuilder { bytes, size_bits }
    }

    /// Room for `bytes` more.
    pub fn reserve(&mut self, bytes: usize) -> Result<(), HeapFull> {
        self.bytes.try_reserve(bytes).map_err(|_| HeapFull)
    }

    /// The bytes, to be written over; the unused bits of the last one stay zero.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.size_bits = 0;
    }

    pub fn size_bits(&self) -> usize {
        self.size_bits
    }

    pub fn bits(&self) -> Bits<'_> {
        Bits { bytes: &self.bytes, offset: 0, size: self.size_bits }
    }

    pub fn into_bytes(self) -> (Vec<u8>, usize) {
        (self.bytes, self.size_bits)
    }

    /// Appends the low `size` bits (at most 64) of `value`, big-endian.
    #[inline]
    pub fn push_big(&mut self, value: u64, size: usize) {
        debug_assert!(size <= 64);
        let used = self.size_bits % 8;
        if used == 0 && size == 8 {
            self.bytes.push(value as u8);
            self.size_bits += 8;
            return;
        }
        if size == 0 {
            return;
        }
        let room = (u128::from(value) << (128 - size) >> used).to_be_bytes();
        let length = (used + size).div_ceil(8);
        if used == 0 {
            self.bytes.extend_from_slice(&room[..length]);
        } else {
            *self.bytes.last_mut().expect("a partial byte is there") |= room[0];
            self.bytes.extend_from_slice(&room[1..length]);
        }
        self.size_bits += size;
    }

    /// Appends the low `size` bits (at most 64) of `value`, little-endian.
    #[inline]
    pub fn push_little(&mut self, value: u64, size: usize) {
        let (whole, part) = (size & !7, size % 8);
        if whole > 0 {
            self.push_big(value.swap_bytes() >> (64 - whole), whole);
        }
        if part > 0 {
            self.push_big(value >> whole, part);
        }
    }

    #[inline]
    fn push(&mut self, value: u64, size: usize, endian: Endian) {
        match endian {
            Endian::Big => self.push_big(value, size),
            Endian::Little => self.push_little(value, size),
        }
    }

    /// Appends `size` copies of one bit.
    pub fn push_fill(&mut self, bit: bool, size: usize) {
        let fill = if bit { 0xff } else { 0 };
        let first = ((8 - self.size_bits % 8) % 8).min(size);
        self.push_big(fill, first);
        let whole = (size - first) / 8;
        self.bytes.resize(self.bytes.len() + whole, fill as u8);
        self.size_bits += whole * 8;
        self.push_big(fill, (size - first) % 8);
    }

    /// Appends an integer, truncated to `size` bits of its two's complement.
    #[inline]
    pub fn push_integer(
        &mut self,
        heap: &Heap,
        value: Word,
        size: usize,
        endian: Endian,
    ) -> Result<(), BadSegment> {
        if value.is_small() && size <= 64 {
            self.push(value.small_value() as u64, size, endian);
            return Ok(());
        }
        self.push_long_integer(Integer::read(heap, value).ok_or(BadSegment)?, size, endian);
        Ok(())
    }

    fn push_long_integer(&mut self, value: Integer<'_>, size: usize, endian: Endian) {
        let mut room = [0; 2];
        let (negative, magnitude) = value.sign_and_limbs(&mut room);
        let length = magnitude.len().min(size.div_ceil(64));
        let mut limbs = magnitude[..length].to_vec();
        if negative {
            negate(&mut limbs);
        }
        // The limbs hold the low bits; above them is only sign.
        let held = (length * 64).min(size);
        match endian {
            Endian::Big => {
                self.push_fill(negative, size - held);
                for (i, &limb) in limbs.iter().enumerate().rev() {
                    self.push_big(limb, (held - i * 64).min(64));
                }
            }
            Endian::Little => {
                for (i, &limb) in limbs.iter().enumerate() {
                    self.push_little(limb, (held - i * 64).min(64));
                }
                self.push_fill(negative, size - held);
            }
        }
    }

    /// Appends a number as a float of 16, 32 or 64 bits.
    pub fn push_float(
        &mut self,
        heap: &Heap,
        value: Word,
        size: usize,
        endian: Endian,
    ) -> Result<(), BadSegment> {
        let value = to_f64(heap, value).ok_or(BadSegment)?;
        let raw = match size {
            16 => u64::from(half_from_f64(value)),
            32 => u64::from((value as f32).to_bits()),
            64 => value.to_bits(),
            _ => return Err(BadSegment),
        };
        self.push(raw, size, endian);
        Ok(())
    }

    /// Appends whole bytes.
    #[inline]
    pub fn push_bytes(&mut self, bytes: &[u8]) {
        self.push_run(Bits::new(bytes));
    }

    /// Appends another run.
    #[inline]
    pub fn push_run(&mut self, run: Bits<'_>) {
        if self.size_bits.is_multiple_of(8) {
            append_bytes(run, &mut self.bytes);
            self.size_bits += run.size;
            return;
        }
        self.bytes.reserve(run.byte_size() + 1);
        let mut at = 0;
        while at < run.size {
            let step = (run.size - at).min(64);
            self.push_big(load_big(run.bytes, run.offset + at, step), step);
            at += step;
        }
    }

    /// Appends a code point in UTF-8.
    pub fn push_utf8(&mut self, value: Word) -> Result<(), BadSegment> {
        let c = code_point(value)?;
        let mut room = [0; 4];
        self.push_bytes(c.encode_utf8(&mut room).as_bytes());
        Ok(())
    }

    /// Appends a code point in UTF-16.
    pub fn push_utf16(&mut self, value: Word, endian: Endian) -> Result<(), BadSegment> {
        let c = code_point(value)?;
        let mut room = [0; 2];
        for unit in c.encode_utf16(&mut room) {
            self.push(u64::from(*unit), 16, endian);
        }
        Ok(())
    }

    /// Appends a code point in UTF-32.
    pub fn push_utf32(&mut self, value: Word, endian: Endian) -> Result<(), BadSegment> {
        let c = code_point(value)?;
        self.push(u64::from(u32::from(c)), 32, endian);
        Ok(())
    }

    /// The run as a term; a long one goes on growing where it is appended to.
    pub fn finish(self, heap: &mut Heap) -> Result<Word, HeapFull> {
        if self.bytes.len() <= HEAP_BINARY_MAX {
            heap.bitstring(&self.bytes, self.size_bits)
        } else {
            heap.growing_binary(self.bytes, self.size_bits)
        }
    }

    /// The run as a term; the builder is empty afterwards and keeps its room where the run was short.
    pub fn take(&mut self, heap: &mut Heap) -> Result<Word, HeapFull> {
        let word = if self.bytes.len() <= HEAP_BINARY_MAX {
            heap.bitstring(&self.bytes, self.size_bits)
        } else {
            // Room left over from a longer run is not given away.
            let fits = self.bytes.capacity() <= self.bytes.len().saturating_mul(4);
            let bytes = if fits { std::mem::take(&mut self.bytes) } else { self.bytes.clone() };
            heap.growing_binary(bytes, self.size_bits)
        };
        self.clear();
        word
    }

    /// A term of the bits of `to` and then this run. In place where `to` is the end of a growing binary.
    pub fn append_to(&self, heap: &mut Heap, to: Word) -> Result<Word, HeapFull> {
        if heap.grows(to) {
            return heap.append_in_place(to, self.bits());
        }
        let before = heap.bits_unchecked(to);
        let total = (before.size + self.size_bits).div_ceil(8);
        // Whoever appends once does so again: leave as much room as is filled.
        let mut whole = BitBuilder::with_capacity(if total > HEAP_BINARY_MAX { total * 2 } else { total });
        whole.push_run(before);
        whole.push_run(self.bits());
        whole.finish(heap)
    }
}

fn code_point(value: Word) -> Result<char, BadSegment> {
    let value = value.as_small().filter(|&n| is_code_point(n)).ok_or(BadSegment)?;
    Ok(char::from_u32(value as u32).expect("a code point is no surrogate"))
}

#[cfg(test)]
mod tests {
    use super::super::load::load_little;
    use super::*;

    #[test]
    fn every_size_and_offset_comes_back() {
        let pattern = 0x9e37_79b9_7f4a_7c15u64;
        for offset in 0..9 {
            for size in 0..=64 {
                let mask = if size == 64 { u64::MAX } else { (1 << size) - 1 };
                let mut builder = BitBuilder::new();
                builder.push_fill(true, offset);
                builder.push_big(pattern, size);
                builder.push_little(pattern, size);
                builder.push_fill(true, offset);
                let bytes = builder.bits().bytes;
                assert_eq!(load_big(bytes, offset, size), pattern & mask, "big {offset} {size}");
                assert_eq!(load_little(bytes, offset + size, size), pattern & mask, "little {offset} {size}");
            }
        }
    }
}
