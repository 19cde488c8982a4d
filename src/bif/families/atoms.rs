//! Atoms from text and back.
//!
//! Source: the documentation of `erlang`; errors from a live `erl` of OTP 25. A full atom table raises
//! `system_limit` here, where OTP ends the whole runtime.

use super::arguments::bytes;
use crate::bif::table::natives;
use crate::bif::{PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::term::Atom;
use crate::term::atom::ATOM_CHARACTERS_MAX;

natives! { ROWS:
    pure "erlang" "atom_to_list" 1 = atom_to_list;
    pure "erlang" "atom_to_binary" 1 = atom_to_binary1;
    pure "erlang" "atom_to_binary" 2 = atom_to_binary2;
    pure "erlang" "list_to_atom" 1 = list_to_atom;
    pure "erlang" "list_to_existing_atom" 1 = list_to_existing_atom;
    pure "erlang" "binary_to_atom" 1 = binary_to_atom1;
    pure "erlang" "binary_to_atom" 2 = binary_to_atom2;
    pure "erlang" "binary_to_existing_atom" 1 = binary_to_existing_atom1;
    pure "erlang" "binary_to_existing_atom" 2 = binary_to_existing_atom2;
}

fn atom<'h>(term: Term<'h>) -> Result<Atom, Raise<'h>> {
    term.as_atom().ok_or(Raise::BADARG)
}

fn atom_to_list<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(m.text_list(atom(a[0])?.text())?)
}

fn atom_to_binary1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(m.binary(atom(a[0])?.text().as_bytes())?)
}

fn atom_to_binary2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let text = atom(a[0])?.text();
    match encoding(a[1])? {
        Encoding::Utf8 => Ok(m.binary(text.as_bytes())?),
        Encoding::Latin1 => {
            let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
            Ok(m.binary(&bytes.ok_or(Raise::BADARG)?)?)
        }
    }
}

/// The characters of a list, but of a longer one only so many that it is too long for an atom whatever follows.
fn list_text<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<String, Raise<'h>> {
    let mut cells = m.heap().list(term.word());
    let mut text = String::new();
    for word in cells.by_ref().take(ATOM_CHARACTERS_MAX + 1) {
        let code = word.as_small().and_then(|n| u32::try_from(n).ok());
        text.push(code.and_then(char::from_u32).ok_or(Raise::BADARG)?);
    }
    let proper = cells.tail().is_nil() || text.chars().count() > ATOM_CHARACTERS_MAX;
    if proper { Ok(text) } else { Err(Raise::BADARG) }
}

enum Encoding {
    Latin1,
    Utf8,
}

fn encoding<'h>(term: Term<'h>) -> Result<Encoding, Raise<'h>> {
    match term.as_atom() {
        Some(Atom::LATIN1) => Ok(Encoding::Latin1),
        Some(Atom::UTF8 | Atom::UNICODE) => Ok(Encoding::Utf8),
        _ => Err(Raise::BADARG),
    }
}

/// The atom of a text, made if it is new.
fn made<'h>(text: &str) -> PureResult<'h> {
    Atom::new(text).map(Term::atom).map_err(|_| Raise::SYSTEM_LIMIT)
}

fn existing<'h>(text: &str) -> PureResult<'h> {
    Atom::existing(text).map(Term::atom).ok_or(Raise::BADARG)
}

fn binary_text<'h>(m: &Mutator<'h>, term: Term<'h>, encoding: Encoding) -> Result<String, Raise<'h>> {
    let bytes = bytes(m, term)?;
    match encoding {
        Encoding::Latin1 => Ok(bytes.iter().map(|&b| char::from(b)).collect()),
        Encoding::Utf8 => String::from_utf8(bytes.into_owned()).map_err(|_| Raise::BADARG),
    }
}

fn list_to_atom<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    made(&list_text(m, a[0])?)
}

fn list_to_existing_atom<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    existing(&list_text(m, a[0])?)
}

fn binary_to_atom1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    made(&binary_text(m, a[0], Encoding::Utf8)?)
}

fn binary_to_atom2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    made(&binary_text(m, a[0], encoding(a[1])?)?)
}

fn binary_to_existing_atom1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    existing(&binary_text(m, a[0], Encoding::Utf8)?)
}

fn binary_to_existing_atom2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    existing(&binary_text(m, a[0], encoding(a[1])?)?)
}
