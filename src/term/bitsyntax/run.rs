//! Whole runs of bits: equality, order, copying.
//!
//! Invariant: a run's meaning is its bits alone, wherever it starts in its bytes.

use super::load::load_big;
use crate::heap::binary::Bits;
use std::cmp::Ordering;

/// Whether two runs hold the same bits.
pub fn equal(a: Bits<'_>, b: Bits<'_>) -> bool {
    a.size == b.size && common_order(a, b, a.size) == Ordering::Equal
}

/// The order of bitstrings: bit by bit, and the shorter first where one is the other's beginning.
pub fn compare(a: Bits<'_>, b: Bits<'_>) -> Ordering {
    common_order(a, b, a.size.min(b.size)).then(a.size.cmp(&b.size))
}

fn common_order(a: Bits<'_>, b: Bits<'_>, size: usize) -> Ordering {
    let mut at = 0;
    if a.offset.is_multiple_of(8) && b.offset.is_multiple_of(8) {
        let (from_a, from_b, length) = (a.offset / 8, b.offset / 8, size / 8);
        let order = a.bytes[from_a..from_a + length].cmp(&b.bytes[from_b..from_b + length]);
        if order != Ordering::Equal {
            return order;
        }
        at = length * 8;
    }
    while at < size {
        let step = (size - at).min(64);
        let order = load_big(a.bytes, a.offset + at, step).cmp(&load_big(b.bytes, b.offset + at, step));
        if order != Ordering::Equal {
            return order;
        }
        at += step;
    }
    Ordering::Equal
}

/// Appends the run to `to` as bytes; the unused low bits of the last one are zero.
pub fn append_bytes(run: Bits<'_>, to: &mut Vec<u8>) {
    let whole = run.size / 8;
    if run.offset.is_multiple_of(8) {
        let first = run.offset / 8;
        to.extend_from_slice(&run.bytes[first..first + whole]);
    } else {
        to.reserve(run.byte_size());
        let (mut at, end) = (run.offset, run.offset + whole * 8);
        while at + 64 <= end {
            to.extend_from_slice(&load_big(run.bytes, at, 64).to_be_bytes());
            at += 64;
        }
        while at < end {
            to.push(load_big(run.bytes, at, 8) as u8);
            at += 8;
        }
    }
    let part = run.size % 8;
    if part != 0 {
        to.push((load_big(run.bytes, run.offset + whole * 8, part) << (8 - part)) as u8);
    }
}

/// Writes the run over the bits of `to` from bit `at` on.
pub fn blit(run: Bits<'_>, to: &mut [u8], at: usize) {
    if let (Some(bytes), true) = (run.aligned(), at.is_multiple_of(8)) {
        to[at / 8..at / 8 + bytes.len()].copy_from_slice(bytes);
        return;
    }
    let mut done = 0;
    while done < run.size {
        let used = (at + done) % 8;
        let step = (8 - used).min(run.size - done);
        let shift = 8 - used - step;
        let mask = (0xffu8 >> (8 - step)) << shift;
        let byte = &mut to[(at + done) / 8];
        *byte = *byte & !mask | (load_big(run.bytes, run.offset + done, step) as u8) << shift;
        done += step;
    }
}
