//! Tuples: conversions and changed copies.
//!
//! Invariant: no tuple has more than 2^24 - 1 elements. Source: the documentation of `erlang`; errors from a
//! live `erl` of OTP 25.

use super::arguments::{TUPLE_MAX, count, list};
use crate::bif::table::natives;
use crate::bif::{PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};

natives! { ROWS:
    pure "erlang" "tuple_to_list" 1 = tuple_to_list;
    pure "erlang" "list_to_tuple" 1 = list_to_tuple;
    pure "erlang" "make_tuple" 2 = make_tuple2;
    pure "erlang" "make_tuple" 3 = make_tuple3;
    pure "erlang" "setelement" 3 = setelement;
    pure "erlang" "append_element" 2 = append_element;
    pure "erlang" "insert_element" 3 = insert_element;
    pure "erlang" "delete_element" 2 = delete_element;
}

fn elements<'h>(m: &Mutator<'h>, tuple: Term<'h>) -> Result<Vec<Term<'h>>, Raise<'h>> {
    m.tuple_elements(tuple).ok_or(Raise::BADARG)
}

fn made<'h>(m: &mut Mutator<'h>, elements: &[Term<'h>]) -> PureResult<'h> {
    if elements.len() > TUPLE_MAX { Err(Raise::BADARG) } else { Ok(m.tuple(elements)?) }
}

fn tuple_to_list<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let elements = elements(m, a[0])?;
    Ok(m.list(&elements)?)
}

fn list_to_tuple<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let elements = list(m, a[0])?;
    made(m, &elements)
}

fn make_tuple2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let size = count(a[0]).ok().filter(|&n| n <= TUPLE_MAX).ok_or(Raise::BADARG)?;
    m.heap_mut().reserve(1 + size)?;
    Ok(m.tuple(&vec![a[1]; size])?)
}

fn make_tuple3<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let size = count(a[0]).ok().filter(|&n| n <= TUPLE_MAX).ok_or(Raise::BADARG)?;
    m.heap_mut().reserve(1 + size)?;
    let mut elements = vec![a[1]; size];
    for pair in list(m, a[2])? {
        let Some(&[position, value]) = m.tuple_elements(pair).as_deref() else { return Err(Raise::BADARG) };
        let slot = count(position)?.checked_sub(1).and_then(|i| elements.get_mut(i));
        *slot.ok_or(Raise::BADARG)? = value;
    }
    Ok(m.tuple(&elements)?)
}

/// The elements, and the index that a position from 1 to `size + extra` names.
fn at<'h>(
    m: &Mutator<'h>,
    position: Term<'h>,
    tuple: Term<'h>,
    extra: usize,
) -> Result<(Vec<Term<'h>>, usize), Raise<'h>> {
    let elements = elements(m, tuple)?;
    let index = count(position)?.checked_sub(1).ok_or(Raise::BADARG)?;
    if index < elements.len() + extra { Ok((elements, index)) } else { Err(Raise::BADARG) }
}

fn setelement<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let (mut elements, index) = at(m, a[0], a[1], 0)?;
    elements[index] = a[2];
    Ok(m.tuple(&elements)?)
}

fn append_element<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let mut elements = elements(m, a[0])?;
    elements.push(a[1]);
    made(m, &elements)
}

fn insert_element<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let (mut elements, index) = at(m, a[0], a[1], 1)?;
    elements.insert(index, a[2]);
    made(m, &elements)
}

fn delete_element<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let (mut elements, index) = at(m, a[0], a[1], 0)?;
    elements.remove(index);
    Ok(m.tuple(&elements)?)
}
