//! The part of `maps` that OTP has as native functions, and the step of all iteration over maps.
//!
//! Source: the documentation of `maps`; `badmap` and `badkey` carry the term at fault, as OTP 25 has it.

use super::arguments::list;
use crate::bif::table::natives;
use crate::bif::{Class, PureResult, Raise};
use crate::heap::HeapFull;
use crate::heap::mutator::{Mutator, Term};
use crate::term::map::{self, Gather};
use crate::term::{Atom, Word};

natives! { ROWS:
    pure "maps" "find" 2 = find;
    pure "maps" "from_keys" 2 = from_keys;
    pure "maps" "from_list" 1 = from_list;
    pure "maps" "get" 2 = get;
    pure "maps" "is_key" 2 = is_key;
    pure "maps" "keys" 1 = keys;
    pure "maps" "merge" 2 = merge;
    pure "maps" "put" 3 = put;
    pure "maps" "remove" 2 = remove;
    pure "maps" "take" 2 = take;
    pure "maps" "update" 3 = update;
    pure "maps" "values" 1 = values;
    pure "erts_internal" "map_next" 3 = map_next;
}

/// `{badmap, Term}`.
pub(super) fn bad_map<'h>(m: &mut Mutator<'h>, term: Term<'h>) -> Result<Raise<'h>, HeapFull> {
    let reason = m.tuple(&[Term::atom(Atom::BADMAP), term])?;
    Ok(Raise::With(Class::Error, reason))
}

/// `{badkey, Key}`.
pub(super) fn bad_key<'h>(m: &mut Mutator<'h>, key: Term<'h>) -> Result<Raise<'h>, HeapFull> {
    let reason = m.tuple(&[Term::atom(Atom::BADKEY), key])?;
    Ok(Raise::With(Class::Error, reason))
}

/// The word of a map; anything else raises `badmap`.
pub(super) fn map_word<'h>(m: &mut Mutator<'h>, term: Term<'h>) -> Result<Word, Raise<'h>> {
    if m.heap().is_map(term.word()) { Ok(term.word()) } else { Err(bad_map(m, term)?) }
}

fn find<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let map = map_word(m, a[1])?;
    match map::get(m.heap(), map, a[0].word()) {
        Some(value) => Ok(m.tuple(&[Term::atom(Atom::OK), Term::of(value)])?),
        None => Ok(Term::atom(Atom::ERROR)),
    }
}

fn from_keys<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let pairs: Vec<_> = list(m, a[0])?.iter().map(|key| (key.word(), a[1].word())).collect();
    Ok(Term::of(map::from_pairs(m.heap_mut(), &pairs)?))
}

fn from_list<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let heap = m.heap();
    let mut cells = heap.list(a[0].word());
    let mut pairs = Vec::new();
    for pair in cells.by_ref() {
        let Some(&[key, value]) = heap.tuple(pair) else { return Err(Raise::BADARG) };
        pairs.push((Word(key), Word(value)));
    }
    if !cells.tail().is_nil() {
        return Err(Raise::BADARG);
    }
    Ok(Term::of(map::from_pairs(m.heap_mut(), &pairs)?))
}

/// `maps:get/2` and `erlang:map_get/2`.
pub(super) fn get<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let map = map_word(m, a[1])?;
    match map::get(m.heap(), map, a[0].word()) {
        Some(value) => Ok(Term::of(value)),
        None => Err(bad_key(m, a[0])?),
    }
}

/// `maps:is_key/2` and `erlang:is_map_key/2`.
pub(super) fn is_key<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let map = map_word(m, a[1])?;
    Ok(Term::boolean(map::contains_key(m.heap(), map, a[0].word())))
}

fn keys<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let map = map_word(m, a[0])?;
    Ok(Term::of(map::keys(m.heap_mut(), map)?))
}

fn values<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let map = map_word(m, a[0])?;
    Ok(Term::of(map::values(m.heap_mut(), map)?))
}

fn merge<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let first = map_word(m, a[0])?;
    let second = map_word(m, a[1])?;
    Ok(Term::of(map::merge(m.heap_mut(), first, second)?))
}

fn put<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let map = map_word(m, a[2])?;
    Ok(Term::of(map::put(m.heap_mut(), map, a[0].word(), a[1].word())?))
}

fn remove<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let map = map_word(m, a[1])?;
    Ok(Term::of(map::remove(m.heap_mut(), map, a[0].word())?))
}

fn take<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let map = map_word(m, a[1])?;
    let Some(value) = map::get(m.heap(), map, a[0].word()) else { return Ok(Term::atom(Atom::ERROR)) };
    let rest = map::remove(m.heap_mut(), map, a[0].word())?;
    Ok(m.tuple(&[Term::of(value), Term::of(rest)])?)
}

fn update<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let map = map_word(m, a[2])?;
    match map::update(m.heap_mut(), map, a[0].word(), a[1].word())? {
        Some(updated) => Ok(Term::of(updated)),
        None => Err(bad_key(m, a[0])?),
    }
}

fn map_next<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let nested = a[2].is_atom(Atom::ITERATOR);
    if !m.heap().is_map(a[1].word()) || !(nested || a[2].is_list() || a[2].is_nil()) {
        return Err(Raise::BADARG);
    }
    if nested && (a[0].is_list() || a[0].is_nil()) {
        let made = map::map_in_order(m.heap_mut(), a[0].word(), a[1].word())?;
        return made.map(Term::of).map_err(|_| Raise::BADARG);
    }
    let gather = if nested { Gather::Nested } else { Gather::Onto(a[2].word()) };
    let step = map::map_next(m.heap_mut(), a[0].word(), a[1].word(), gather)?;
    step.map(Term::of).map_err(|_| Raise::BADARG)
}
