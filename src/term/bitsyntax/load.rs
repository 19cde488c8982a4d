//! Up to 64 bits at any offset, as a machine word.
//!
//! Invariant: `offset + size` lies within the bytes; the callers have checked the segment against its match
//! context, and a slice index panics on our own bug.

use super::Endian;

/// `size` bits (at most 64) from bit `offset`, big-endian.
#[inline]
pub fn load_big(bytes: &[u8], offset: usize, size: usize) -> u64 {
    debug_assert!(size <= 64);
    let (first, skip) = (offset / 8, offset % 8);
    if skip == 0 {
        match size {
            8 => return u64::from(bytes[first]),
            16 => {
                if let Some(&[a, b]) = bytes.get(first..first + 2) {
                    return u64::from(u16::from_be_bytes([a, b]));
                }
            }
            32 => {
                if let Some(&[a, b, c, d]) = bytes.get(first..first + 4) {
                    return u64::from(u32::from_be_bytes([a, b, c, d]));
                }
            }
            _ => {}
        }
    }
    if size == 0 {
        return 0;
    }
    if skip + size <= 64
        && let Some(eight) = bytes.get(first..first + 8)
    {
        let word = u64::from_be_bytes(eight.try_into().expect("eight bytes"));
        return (word << skip) >> (64 - size);
    }
    load_at_end(bytes, first, skip, size)
}

/// The same where fewer than eight bytes are left, or where nine hold the bits.
fn load_at_end(bytes: &[u8], first: usize, skip: usize, size: usize) -> u64 {
    let length = (skip + size).div_ceil(8);
    let mut room = [0; 16];
    room[..length].copy_from_slice(&bytes[first..first + length]);
    ((u128::from_be_bytes(room) << skip) >> (128 - size)) as u64
}

/// `size` bits (at most 64) from bit `offset`, little-endian.
#[inline]
pub fn load_little(bytes: &[u8], offset: usize, size: usize) -> u64 {
    let value = load_big(bytes, offset, size);
    if size <= 8 {
        return value;
    }
    let (whole, part) = (size & !7, size % 8);
    let swapped = (value << (64 - size)).swap_bytes();
    if part == 0 {
        return swapped;
    }
    let low = swapped & ((1 << whole) - 1);
    low | (value & ((1 << part) - 1)) << whole
}

/// `size` bits (at most 64) from bit `offset`.
#[inline]
pub fn load(bytes: &[u8], offset: usize, size: usize, endian: Endian) -> u64 {
    match endian {
        Endian::Big => load_big(bytes, offset, size),
        Endian::Little => load_little(bytes, offset, size),
    }
}

/// `value` of `size` bits (at most 64) as a signed number.
#[inline]
pub const fn sign_extend(value: u64, size: usize) -> i64 {
    if size == 0 { 0 } else { ((value << (64 - size)) as i64) >> (64 - size) }
}
