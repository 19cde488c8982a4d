//! The rest of `binary`: single bytes, parts, copies, common ends, unsigned integers.
//!
//! Source: the documentation of `binary`; errors from a live `erl` of OTP 25.

use super::access::{binary_part2, binary_part3};
use super::arguments::{bits, bytes, count, list, unsigned};
use super::binaries::{from_bytes, room};
use crate::bif::table::natives;
use crate::bif::{PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::term::Atom;
use crate::term::bignum::{Integer, LIMBS_MAX};
use crate::term::word::Kind;

natives! { ROWS:
    pure "binary" "at" 2 = at;
    pure "binary" "first" 1 = first;
    pure "binary" "last" 1 = last;
    pure "binary" "part" 2 = binary_part2;
    pure "binary" "part" 3 = binary_part3;
    pure "binary" "copy" 1 = copy1;
    pure "binary" "copy" 2 = copy2;
    pure "binary" "longest_common_prefix" 1 = longest_common_prefix;
    pure "binary" "longest_common_suffix" 1 = longest_common_suffix;
    pure "binary" "decode_unsigned" 1 = decode_unsigned1;
    pure "binary" "decode_unsigned" 2 = decode_unsigned2;
    pure "binary" "encode_unsigned" 1 = encode_unsigned1;
    pure "binary" "encode_unsigned" 2 = encode_unsigned2;
    pure "binary" "referenced_byte_size" 1 = referenced_byte_size;
}

fn byte<'h>(m: &Mutator<'h>, term: Term<'h>, index: impl FnOnce(usize) -> Option<usize>) -> PureResult<'h> {
    let bits = bits(m, term)?;
    let index = index(bits.size / 8).filter(|&i| bits.is_binary() && i < bits.size / 8);
    index.map(|i| Term::small(i64::from(bits.byte(i)))).ok_or(Raise::BADARG)
}

fn at<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let index = count(a[1])?;
    byte(m, a[0], |_| Some(index))
}

fn first<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    byte(m, a[0], |_| Some(0))
}

fn last<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    byte(m, a[0], |size| size.checked_sub(1))
}

fn copies<'h>(m: &mut Mutator<'h>, term: Term<'h>, times: u64) -> PureResult<'h> {
    let bytes = bytes(m, term)?;
    let total = (bytes.len() as u64).checked_mul(times).ok_or(Raise::SYSTEM_LIMIT)?;
    let total = usize::try_from(total).map_err(|_| Raise::SYSTEM_LIMIT)?;
    let mut copy = room(m.heap(), total)?;
    if !bytes.is_empty() {
        for _ in 0..times {
            copy.extend_from_slice(&bytes);
        }
    }
    Ok(from_bytes(m, copy)?)
}

fn copy1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    copies(m, a[0], 1)
}

fn copy2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let times = unsigned(m, a[1]).ok_or(Raise::BADARG)?;
    if times == 0 && m.heap().is_bits(a[0].word()) {
        // Of no copies OTP does not ask whether the bits are bytes.
        return Ok(from_bytes(m, Vec::new())?);
    }
    copies(m, a[0], times)
}

/// The longest length at which all of the binaries agree, as `agree` counts it for two.
fn longest_common<'h>(
    m: &Mutator<'h>,
    binaries: Term<'h>,
    agree: impl Fn(&[u8], &[u8]) -> usize,
) -> PureResult<'h> {
    let mut binaries = list(m, binaries)?.into_iter();
    let first = bytes(m, binaries.next().ok_or(Raise::BADARG)?)?;
    let mut longest = first.len();
    for other in binaries {
        longest = longest.min(agree(&first, &bytes(m, other)?));
    }
    Ok(Term::small(longest as i64))
}

fn longest_common_prefix<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    longest_common(m, a[0], |x, y| x.iter().zip(y).take_while(|(a, b)| a == b).count())
}

fn longest_common_suffix<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    longest_common(m, a[0], |x, y| x.iter().rev().zip(y.iter().rev()).take_while(|(a, b)| a == b).count())
}

/// Whether the first byte is the lowest.
fn little<'h>(endian: Term<'h>) -> Result<bool, Raise<'h>> {
    match endian.as_atom() {
        Some(Atom::LITTLE) => Ok(true),
        Some(Atom::BIG) => Ok(false),
        _ => Err(Raise::BADARG),
    }
}

fn decode<'h>(m: &mut Mutator<'h>, term: Term<'h>, little: bool) -> PureResult<'h> {
    let mut bytes = bytes(m, term)?.into_owned();
    if !little {
        bytes.reverse();
    }
    let used = bytes.iter().rposition(|&b| b != 0).map_or(0, |i| i + 1);
    if used > LIMBS_MAX * 8 {
        return Err(Raise::SYSTEM_LIMIT);
    }
    let limb = |chunk: &[u8]| chunk.iter().rev().fold(0, |limb, &b| limb << 8 | u64::from(b));
    let limbs: Vec<u64> = bytes[..used].chunks(8).map(limb).collect();
    Ok(Term::of(m.heap_mut().new_integer_from_limbs(false, &limbs)?))
}

fn decode_unsigned1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    decode(m, a[0], false)
}

fn decode_unsigned2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    decode(m, a[0], little(a[1])?)
}

fn encode<'h>(m: &mut Mutator<'h>, term: Term<'h>, little: bool) -> PureResult<'h> {
    let integer = Integer::read(m.heap(), term.word()).filter(|n| !n.is_negative()).ok_or(Raise::BADARG)?;
    let mut room = [0; 2];
    let (_, limbs) = integer.sign_and_limbs(&mut room);
    let mut bytes: Vec<u8> = limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
    let used = bytes.iter().rposition(|&b| b != 0).map_or(1, |i| i + 1);
    bytes.resize(used, 0);
    if !little {
        bytes.reverse();
    }
    Ok(from_bytes(m, bytes)?)
}

fn encode_unsigned1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    encode(m, a[0], false)
}

fn encode_unsigned2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    encode(m, a[0], little(a[1])?)
}

fn referenced_byte_size<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let heap = m.heap();
    if !heap.is_bits(a[0].word()) {
        return Err(Raise::BADARG);
    }
    let base = heap.bit_place(a[0].word()).base;
    let size = match heap.header(base).kind {
        Kind::HeapBinary => (heap.body(base)[0] as usize).div_ceil(8),
        _ => heap.base_bytes(base).len(),
    };
    Ok(Term::small(size as i64))
}
