//! Code points in UTF-8, UTF-16 and UTF-32 segments.
//!
//! Invariant: a code point is 0 to 0x10FFFF without the surrogates; overlong forms, lone surrogates and anything
//! cut short match nothing. Source: the reference manual on the `utf8`, `utf16` and `utf32` types, RFC 3629.

use super::Endian;
use super::load::{load, load_big};
use crate::heap::binary::Bits;

/// A code point that was read, and the bits that held it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodePoint {
    pub value: u32,
    pub size_bits: usize,
}

/// Whether a number is a code point that a segment may hold.
#[inline]
pub const fn is_code_point(value: i64) -> bool {
    0 <= value && value <= 0x10_ffff && !(0xd800 <= value && value <= 0xdfff)
}

fn valid(value: u32, size_bits: usize) -> Option<CodePoint> {
    is_code_point(i64::from(value)).then_some(CodePoint { value, size_bits })
}

/// The code point at the start of the run, in UTF-8.
#[inline]
pub fn utf8(run: Bits<'_>) -> Option<CodePoint> {
    if run.size < 8 {
        return None;
    }
    let first = load_big(run.bytes, run.offset, 8) as u32;
    if first < 0x80 {
        return Some(CodePoint { value: first, size_bits: 8 });
    }
    utf8_long(run, first)
}

fn utf8_long(run: Bits<'_>, first: u32) -> Option<CodePoint> {
    let (length, lead, least) = match first {
        0xc2..=0xdf => (2, first & 0x1f, 0x80),
        0xe0..=0xef => (3, first & 0x0f, 0x800),
        0xf0..=0xf4 => (4, first & 0x07, 0x1_0000),
        _ => return None,
    };
    if run.size < length * 8 {
        return None;
    }
    let mut value = lead;
    for i in 1..length {
        let byte = load_big(run.bytes, run.offset + i * 8, 8) as u32;
        if byte & 0xc0 != 0x80 {
            return None;
        }
        value = value << 6 | byte & 0x3f;
    }
    if value < least { None } else { valid(value, length * 8) }
}

/// The code point at the start of the run, in UTF-16.
pub fn utf16(run: Bits<'_>, endian: Endian) -> Option<CodePoint> {
    if run.size < 16 {
        return None;
    }
    let unit = load(run.bytes, run.offset, 16, endian) as u32;
    if !(0xd800..=0xdfff).contains(&unit) {
        return Some(CodePoint { value: unit, size_bits: 16 });
    }
    if unit >= 0xdc00 || run.size < 32 {
        return None;
    }
    let low = load(run.bytes, run.offset + 16, 16, endian) as u32;
    if !(0xdc00..=0xdfff).contains(&low) {
        return None;
    }
    valid(0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00), 32)
}

/// The code point at the start of the run, in UTF-32.
pub fn utf32(run: Bits<'_>, endian: Endian) -> Option<CodePoint> {
    if run.size < 32 {
        return None;
    }
    valid(load(run.bytes, run.offset, 32, endian) as u32, 32)
}

/// Bytes of a code point in UTF-8.
#[inline]
pub const fn utf8_size_bytes(value: u32) -> usize {
    match value {
        0..0x80 => 1,
        0x80..0x800 => 2,
        0x800..0x1_0000 => 3,
        _ => 4,
    }
}

/// Bytes of a code point in UTF-16.
#[inline]
pub const fn utf16_size_bytes(value: u32) -> usize {
    if value < 0x1_0000 { 2 } else { 4 }
}
