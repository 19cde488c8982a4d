//! Lists: `++`, `--`, and the part of `lists` that OTP has as native functions.
//!
//! `--` counts the right side by hash, so it is linear in both sides. Elements are equal as `=:=` has it,
//! except for the keys of `keyfind/3` and its kin, which go by `==`.
//! Source: the documentation of `lists`; errors from a live `erl` of OTP 25.

use super::arguments::list;
use crate::bif::table::natives;
use crate::bif::{PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::term::atom::FixedMap;
use crate::term::hash::internal_hash;
use crate::term::order::{equal_exact, equal_loose};
use crate::term::{Atom, Word};

natives! { ROWS:
    pure "erlang" "++" 2 = append;
    pure "erlang" "append" 2 = append;
    pure "erlang" "--" 2 = subtract;
    pure "erlang" "subtract" 2 = subtract;
    pure "lists" "reverse" 2 = reverse2;
    pure "lists" "member" 2 = member;
    pure "lists" "keyfind" 3 = keyfind;
    pure "lists" "keymember" 3 = keymember;
    pure "lists" "keysearch" 3 = keysearch;
}

/// Right sides up to here are searched one by one.
const FEW: usize = 16;

fn append<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let elements = list(m, a[0])?;
    Ok(m.list_with_tail(&elements, a[1])?)
}

fn subtract<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let mut elements = list(m, a[0])?;
    let mut removed = list(m, a[1])?;
    if elements.is_empty() || removed.is_empty() {
        return Ok(a[0]);
    }
    let heap = m.heap();
    if removed.len() <= FEW {
        elements.retain(|e| {
            let found = removed.iter().position(|r| equal_exact(heap, e.word(), r.word()));
            found.map(|i| removed.swap_remove(i)).is_none()
        });
    } else {
        let mut left = Multiset::of(m, &removed);
        elements.retain(|e| !left.take(m, e.word()));
    }
    Ok(m.list(&elements)?)
}

/// How often each term occurs, found by hash.
struct Multiset {
    counts: FixedMap<u64, Vec<(Word, usize)>>,
}

impl Multiset {
    fn of<'h>(m: &Mutator<'h>, terms: &[Term<'h>]) -> Multiset {
        let mut counts: FixedMap<u64, Vec<(Word, usize)>> = FixedMap::default();
        for term in terms {
            let same_hash = counts.entry(internal_hash(m.heap(), term.word())).or_default();
            match same_hash.iter_mut().find(|e| equal_exact(m.heap(), e.0, term.word())) {
                Some(entry) => entry.1 += 1,
                None => same_hash.push((term.word(), 1)),
            }
        }
        Multiset { counts }
    }

    /// Takes one occurrence out; false if there is none.
    fn take(&mut self, m: &Mutator<'_>, word: Word) -> bool {
        let Some(same_hash) = self.counts.get_mut(&internal_hash(m.heap(), word)) else { return false };
        match same_hash.iter_mut().find(|e| e.1 > 0 && equal_exact(m.heap(), e.0, word)) {
            Some(entry) => {
                entry.1 -= 1;
                true
            }
            None => false,
        }
    }
}

fn reverse2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let length = m.heap().list_length(a[0].word()).ok_or(Raise::BADARG)?;
    m.heap_mut().reserve(2 * length)?;
    let (mut rest, mut reversed) = (a[0], a[1]);
    while let Some((head, tail)) = m.uncons(rest) {
        reversed = m.cons(head, reversed)?;
        rest = tail;
    }
    Ok(reversed)
}

fn member<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let heap = m.heap();
    let mut cells = heap.list(a[1].word());
    if cells.by_ref().any(|e| equal_exact(heap, e, a[0].word())) {
        return Ok(Term::boolean(true));
    }
    if cells.tail().is_nil() { Ok(Term::boolean(false)) } else { Err(Raise::BADARG) }
}

/// The first tuple of the list whose element at the position is `==` the key.
fn find_key<'h>(m: &Mutator<'h>, a: &[Term<'h>]) -> Result<Option<Term<'h>>, Raise<'h>> {
    let position = a[1].as_small().filter(|&n| n > 0).ok_or(Raise::BADARG)? as usize;
    let heap = m.heap();
    let mut cells = heap.list(a[2].word());
    for tuple in cells.by_ref() {
        let element = heap.tuple(tuple).and_then(|elements| elements.get(position - 1));
        if element.is_some_and(|&e| equal_loose(heap, Word(e), a[0].word())) {
            return Ok(Some(Term::of(tuple)));
        }
    }
    if cells.tail().is_nil() { Ok(None) } else { Err(Raise::BADARG) }
}

fn keyfind<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(find_key(m, a)?.unwrap_or(Term::boolean(false)))
}

fn keymember<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(find_key(m, a)?.is_some()))
}

fn keysearch<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    match find_key(m, a)? {
        Some(tuple) => Ok(m.tuple(&[Term::atom(Atom::VALUE), tuple])?),
        None => Ok(Term::boolean(false)),
    }
}
