//! Parts and sizes of terms, legal in guards: `hd/1`, `element/2`, `byte_size/1`, `map_get/2`, ...
//!
//! Source: the reference manual on guard expressions; OTP 25 for which of `badarg`, `badmap` and `badkey` is
//! raised outside of guards.

use super::arguments::{bits, count};
use super::binaries::{part, slice};
use super::maps::{self, map_word};
use crate::bif::table::natives;
use crate::bif::{PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::heap::read::View;
use crate::term::map;
use crate::term::order::compare;
use std::cmp::Ordering;

natives! { ROWS:
    guard "erlang" "hd" 1 = hd;
    guard "erlang" "tl" 1 = tl;
    guard "erlang" "length" 1 = length;
    guard "erlang" "element" 2 = element;
    guard "erlang" "tuple_size" 1 = tuple_size;
    guard "erlang" "size" 1 = size;
    guard "erlang" "byte_size" 1 = byte_size;
    guard "erlang" "bit_size" 1 = bit_size;
    guard "erlang" "map_size" 1 = map_size;
    guard "erlang" "is_map_key" 2 = maps::is_key;
    guard "erlang" "map_get" 2 = maps::get;
    guard "erlang" "binary_part" 2 = binary_part2;
    guard "erlang" "binary_part" 3 = binary_part3;
    guard "erlang" "max" 2 = max;
    guard "erlang" "min" 2 = min;
}

fn hd<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    m.uncons(a[0]).map(|cell| cell.0).ok_or(Raise::BADARG)
}

fn tl<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    m.uncons(a[0]).map(|cell| cell.1).ok_or(Raise::BADARG)
}

fn length<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let length = m.heap().list_length(a[0].word()).ok_or(Raise::BADARG)?;
    Ok(Term::small(length as i64))
}

fn element<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let index = count(a[0])?.checked_sub(1).ok_or(Raise::BADARG)?;
    m.tuple_element(a[1], index).ok_or(Raise::BADARG)
}

fn tuple_size<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let size = m.tuple_size(a[0]).ok_or(Raise::BADARG)?;
    Ok(Term::small(size as i64))
}

fn size<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let size = match m.view(a[0]) {
        View::Tuple(elements) => elements.len(),
        View::Bits(bits) => bits.size / 8,
        _ => return Err(Raise::BADARG),
    };
    Ok(Term::small(size as i64))
}

fn byte_size<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::small(size_bits(m, a[0])?.div_ceil(8) as i64))
}

fn bit_size<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::small(size_bits(m, a[0])? as i64))
}

/// Bits of a bitstring, or of what is left of a match: OTP 26's compiler asks either.
fn size_bits<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<usize, Raise<'h>> {
    match m.view(term) {
        View::Bits(bits) => Ok(bits.size),
        _ => Err(Raise::BADARG),
    }
}

fn map_size<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let map = map_word(m, a[0])?;
    Ok(Term::small(map::size(m.heap(), map) as i64))
}

pub(super) fn binary_part2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    match m.tuple_elements(a[1]).as_deref() {
        Some(&[start, length]) => binary_part3(m, &[a[0], start, length]),
        _ => Err(Raise::BADARG),
    }
}

pub(super) fn binary_part3<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let bytes = bits(m, a[0])?.size / 8;
    let (from, length) = part(bytes, a[1], a[2]).ok_or(Raise::BADARG)?;
    Ok(slice(m, a[0], from * 8, length * 8)?)
}

fn max<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let less = compare(m.heap(), a[0].word(), a[1].word()) == Ordering::Less;
    Ok(if less { a[1] } else { a[0] })
}

fn min<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let greater = compare(m.heap(), a[0].word(), a[1].word()) == Ordering::Greater;
    Ok(if greater { a[1] } else { a[0] })
}
