//! Binaries and bitstrings: taken apart, and made of bytes.
//!
//! Invariant: a part of up to 64 whole bytes is copied, a longer one refers to what it was cut from.
//! Source: the documentation of `erlang`; errors from a live `erl` of OTP 25.

use super::arguments::{bits, count};
use crate::bif::table::natives;
use crate::bif::{PureResult, Raise};
use crate::heap::binary::{BitPlace, HEAP_BINARY_MAX};
use crate::heap::mutator::{Mutator, Term};
use crate::heap::{Heap, HeapFull};
use std::sync::Arc;

natives! { ROWS:
    pure "erlang" "binary_to_list" 1 = binary_to_list1;
    pure "erlang" "binary_to_list" 3 = binary_to_list3;
    pure "erlang" "bitstring_to_list" 1 = bitstring_to_list;
    pure "erlang" "split_binary" 2 = split_binary;
}

/// An empty vector with room for `bytes`, where the heap's ceiling and the machine allow them.
pub(super) fn room(heap: &Heap, bytes: usize) -> Result<Vec<u8>, HeapFull> {
    if bytes / 8 > heap.policy.ceiling_words {
        return Err(HeapFull);
    }
    let mut room = Vec::new();
    room.try_reserve_exact(bytes).map_err(|_| HeapFull)?;
    Ok(room)
}

/// A binary of these bytes, which are not copied again where it is a shared one.
pub(super) fn from_bytes<'h>(m: &mut Mutator<'h>, bytes: Vec<u8>) -> Result<Term<'h>, HeapFull> {
    let size = bytes.len() * 8;
    from_bits(m, bytes, size)
}

/// A bitstring of the first `size` bits.
pub(super) fn from_bits<'h>(m: &mut Mutator<'h>, bytes: Vec<u8>, size: usize) -> Result<Term<'h>, HeapFull> {
    let heap = m.heap_mut();
    let word = if bytes.len() > HEAP_BINARY_MAX {
        heap.shared_binary(Arc::new(bytes), size)?
    } else {
        heap.bitstring(&bytes, size)?
    };
    Ok(Term::of(word))
}

/// Part of a binary or bitstring, in bits; it must lie within.
pub(super) fn slice<'h>(
    m: &mut Mutator<'h>,
    of: Term<'h>,
    from: usize,
    size: usize,
) -> Result<Term<'h>, HeapFull> {
    let place = m.heap().bit_place(of.word());
    if from == 0 && size == place.size {
        return Ok(of);
    }
    let part = m.heap().bits_unchecked(of.word()).slice(from, size);
    let bytes = size.div_ceil(8);
    if size.is_multiple_of(8) && bytes <= HEAP_BINARY_MAX {
        let mut copy = [0; HEAP_BINARY_MAX];
        for (i, byte) in copy[..bytes].iter_mut().enumerate() {
            *byte = part.byte(i);
        }
        return m.binary(&copy[..bytes]);
    }
    let place = BitPlace { base: place.base, offset: place.offset + from, size };
    m.heap_mut().sub_binary(place).map(Term::of)
}

/// Where `{Start, Length}` lies in `size` bytes: from, and length. A negative length goes backwards.
pub(super) fn part(size: usize, start: Term<'_>, length: Term<'_>) -> Option<(usize, usize)> {
    let start = start.as_small()?;
    let length = length.as_small()?;
    let end = start.checked_add(length)?;
    let (from, to) = (start.min(end), start.max(end));
    (from >= 0 && to <= size as i64).then_some((from as usize, (to - from) as usize))
}

/// A list of some whole bytes of a bitstring, ending in `tail`.
fn byte_list<'h>(
    m: &mut Mutator<'h>,
    of: Term<'h>,
    from: usize,
    to: usize,
    tail: Term<'h>,
) -> Result<Term<'h>, HeapFull> {
    m.heap_mut().reserve(2 * (to - from))?;
    let bytes = m.heap().bits_unchecked(of.word()).slice(from * 8, (to - from) * 8).to_vec();
    let mut list = tail;
    for byte in bytes.into_iter().rev() {
        list = m.cons(Term::small(i64::from(byte)), list)?;
    }
    Ok(list)
}

fn binary_to_list1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let whole = bits(m, a[0])?;
    if !whole.is_binary() {
        return Err(Raise::BADARG);
    }
    let size = whole.byte_size();
    Ok(byte_list(m, a[0], 0, size, Term::nil())?)
}

fn binary_to_list3<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let size = bits(m, a[0])?.size / 8;
    let (first, last) = (count(a[1])?, count(a[2])?);
    if first < 1 || last > size || first > last {
        return Err(Raise::BADARG);
    }
    Ok(byte_list(m, a[0], first - 1, last, Term::nil())?)
}

fn bitstring_to_list<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let size = bits(m, a[0])?.size;
    let (whole, rest) = (size / 8, size % 8);
    let tail = if rest == 0 {
        Term::nil()
    } else {
        let last = slice(m, a[0], size - rest, rest)?;
        m.list(&[last])?
    };
    Ok(byte_list(m, a[0], 0, whole, tail)?)
}

fn split_binary<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let size = bits(m, a[0])?.size;
    let at = count(a[1])?.checked_mul(8).filter(|&at| at <= size).ok_or(Raise::BADARG)?;
    let left = slice(m, a[0], 0, at)?;
    let right = slice(m, a[0], at, size - at)?;
    Ok(m.tuple(&[left, right])?)
}
