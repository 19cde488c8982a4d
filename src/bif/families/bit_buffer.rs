//! Bits being appended to one another.
//!
//! Invariant: the unused low bits of the last byte are zero.

use crate::heap::binary::Bits;

#[derive(Debug, Default)]
pub(super) struct BitBuffer {
    bytes: Vec<u8>,
    size: usize,
}

impl BitBuffer {
    /// An empty buffer on top of room that was made before.
    pub(super) fn on(bytes: Vec<u8>) -> BitBuffer {
        assert!(bytes.is_empty(), "a buffer begins empty");
        BitBuffer { bytes, size: 0 }
    }

    pub(super) fn push_byte(&mut self, byte: u8) {
        let used = self.size % 8;
        if used == 0 {
            self.bytes.push(byte);
        } else {
            self.join(byte >> used);
            self.bytes.push(byte << (8 - used));
        }
        self.size += 8;
    }

    pub(super) fn push(&mut self, bits: Bits<'_>) {
        if self.size % 8 == 0 {
            match bits.aligned() {
                Some(bytes) => self.bytes.extend_from_slice(bytes),
                None => self.bytes.extend((0..bits.byte_size()).map(|i| bits.byte(i))),
            }
            self.size += bits.size;
            return;
        }
        let (whole, rest) = (bits.size / 8, bits.size % 8);
        for i in 0..whole {
            self.push_byte(bits.byte(i));
        }
        if rest > 0 {
            self.push_rest(bits.byte(whole), rest);
        }
    }

    /// Appends the top `rest` bits of a byte whose others are zero.
    fn push_rest(&mut self, byte: u8, rest: usize) {
        let used = self.size % 8;
        self.size += rest;
        if used == 0 {
            self.bytes.push(byte);
            return;
        }
        self.join(byte >> used);
        if used + rest > 8 {
            self.bytes.push(byte << (8 - used));
        }
    }

    fn join(&mut self, low: u8) {
        *self.bytes.last_mut().expect("a byte in part used is there") |= low;
    }

    /// The bytes, and how many bits of them count.
    pub(super) fn finish(self) -> (Vec<u8>, usize) {
        (self.bytes, self.size)
    }
}
