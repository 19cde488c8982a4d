//! Iterators of maps as terms: `[Path | Map]`, and `erts_internal:map_next/3` on them.
//!
//! A path is 0 at the start, and then names the next leaf of a hashed map: the slots from the root down as
//! hexadecimal digits behind a leading 1. A flat map is given at one go. A list of keys, as OTP 26's `maps:iterator/2`
//! has it, is a path too.
//!
//! Invariant: a path that names no leaf of the map is an error, never a wrong entry. Source: what `maps.erl`
//! of OTP 25 expects of the function; a path's value is opaque there.

use super::{Entries, is_flat, pairs_onto};
use crate::heap::read::View;
use crate::heap::{Heap, HeapFull};
use crate::term::{Atom, Word};

/// Entries of a hashed map that one step gives.
const STEP_ENTRIES: usize = 32;

/// A path that is no integer or names no leaf: `badarg`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadPath;

/// What a step makes of the entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gather {
    /// `{K1, V1, {K2, V2, ... Iterator}}`, and `none` at the end.
    Nested,
    /// `[Path, Map, {K, V}... | Accumulator]`, and without the first two at the end.
    Onto(Word),
}

/// `[0 | Map]`.
pub fn iterator(heap: &mut Heap, map: Word) -> Result<Word, HeapFull> {
    heap.cons(Word::small(0), map)
}

/// All entries of these keys, nested in this order.
pub fn map_in_order(heap: &mut Heap, keys: Word, map: Word) -> Result<Result<Word, BadPath>, HeapFull> {
    let mut cells = heap.list(keys);
    let keys: Vec<Word> = cells.by_ref().collect();
    if !cells.tail().is_nil() {
        return Ok(Err(BadPath));
    }
    let mut nested = Word::atom(Atom::NONE);
    for &key in keys.iter().rev() {
        let Some(value) = super::get(heap, map, key) else { return Ok(Err(BadPath)) };
        nested = heap.new_tuple(&[key, value, nested])?;
    }
    Ok(Ok(nested))
}

/// One step from `path`.
pub fn map_next(
    heap: &mut Heap,
    path: Word,
    map: Word,
    gather: Gather,
) -> Result<Result<Word, BadPath>, HeapFull> {
    let Some(slots) = decode(heap, path) else { return Ok(Err(BadPath)) };
    let flat = is_flat(heap, map);
    let start = if flat || slots.is_empty() {
        Some(Entries::of(heap, map))
    } else {
        Entries::from_path(heap, map, &slots)
    };
    let Some(mut entries) = start else { return Ok(Err(BadPath)) };
    let mut taken: Vec<_> = entries.by_ref().take(STEP_ENTRIES).collect();
    let rest = if flat { None } else { entries.path() };
    let next = rest.map(|slots| encode(heap, &slots)).transpose()?;
    let made = match gather {
        Gather::Nested => {
            let mut nested = match next {
                Some(path) => heap.cons(path, map)?,
                None => Word::atom(Atom::NONE),
            };
            for &(key, value) in taken.iter().rev() {
                nested = heap.new_tuple(&[key, value, nested])?;
            }
            nested
        }
        Gather::Onto(accumulator) => {
            if !flat {
                taken.reverse();
            }
            let list = pairs_onto(heap, &taken, accumulator)?;
            match next {
                Some(path) => heap.new_list(&[path, map], list)?,
                None => list,
            }
        }
    };
    Ok(Ok(made))
}

fn encode(heap: &mut Heap, slots: &[u8]) -> Result<Word, HeapFull> {
    let mut limbs = vec![0u64; slots.len() / 16 + 1];
    let digits = slots.iter().rev().chain([&1]);
    for (i, &digit) in digits.enumerate() {
        limbs[i / 16] |= u64::from(digit) << (4 * (i % 16));
    }
    heap.new_integer_from_limbs(false, &limbs)
}

/// The slots of a path, none for 0.
fn decode(heap: &Heap, path: Word) -> Option<Vec<u8>> {
    let small;
    let limbs = match path.is_immediate() || heap.is_integer(path) {
        true => match heap.view(path) {
            View::Small(n) => {
                small = [u64::try_from(n).ok()?];
                &small[..]
            }
            View::Big { negative: false, limbs } => limbs,
            _ => return None,
        },
        false => return None,
    };
    let mut digits: Vec<u8> =
        limbs.iter().flat_map(|&l| (0..16).map(move |i| (l >> (4 * i) & 15) as u8)).collect();
    while digits.last() == Some(&0) {
        digits.pop();
    }
    match digits.pop() {
        None => Some(Vec::new()),
        Some(1) => {
            digits.reverse();
            Some(digits)
        }
        Some(_) => None,
    }
}
