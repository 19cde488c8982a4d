//! Reading the arguments of native functions: what a wrong one raises is the same everywhere.
//!
//! Invariant: nothing here allocates on the heap.

use crate::bif::Raise;
use crate::heap::binary::Bits;
use crate::heap::mutator::{Mutator, Term};
use crate::heap::read::{RefId, View};
use crate::process::pid::Pid;
use crate::term::{Atom, Word};
use std::borrow::Cow;

/// Elements of the largest tuple.
pub(super) const TUPLE_MAX: usize = (1 << 24) - 1;

/// A small integer that is not negative.
pub(super) fn count<'h>(term: Term<'h>) -> Result<usize, Raise<'h>> {
    term.as_small().and_then(|n| usize::try_from(n).ok()).ok_or(Raise::BADARG)
}

/// The bits of a binary or bitstring.
pub(super) fn bits<'m, 'h>(m: &'m Mutator<'h>, term: Term<'h>) -> Result<Bits<'m>, Raise<'h>> {
    m.bits(term).ok_or(Raise::BADARG)
}

/// The bytes of a binary; copied only where they do not lie on byte boundaries.
pub(super) fn bytes<'m, 'h>(m: &'m Mutator<'h>, term: Term<'h>) -> Result<Cow<'m, [u8]>, Raise<'h>> {
    let bits = bits(m, term)?;
    if !bits.is_binary() {
        return Err(Raise::BADARG);
    }
    Ok(match bits.aligned() {
        Some(bytes) => Cow::Borrowed(bytes),
        None => Cow::Owned(bits.to_vec()),
    })
}

pub(super) fn pid<'h>(term: Term<'h>) -> Result<Pid, Raise<'h>> {
    Pid::of_word(term.word()).ok_or(Raise::BADARG)
}

/// A process or a port.
pub(super) fn actor<'h>(term: Term<'h>) -> Result<Pid, Raise<'h>> {
    Pid::of_actor(term.word()).ok_or(Raise::BADARG)
}

pub(super) fn atom<'h>(term: Term<'h>) -> Result<Atom, Raise<'h>> {
    term.as_atom().ok_or(Raise::BADARG)
}

pub(super) fn reference<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<RefId, Raise<'h>> {
    m.heap().reference(term.word()).ok_or(Raise::BADARG)
}

/// The elements of a proper list.
pub(super) fn list<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<Vec<Term<'h>>, Raise<'h>> {
    m.list_elements(term).ok_or(Raise::BADARG)
}

/// Whether a term is an integer of any size, and its sign: `Some(true)` for a negative one.
pub(super) fn integer_is_negative<'h>(m: &Mutator<'h>, term: Term<'h>) -> Option<bool> {
    match m.view(term) {
        View::Small(n) => Some(n < 0),
        View::Big { negative, .. } => Some(negative),
        _ => None,
    }
}

/// An integer of 64 bits without a sign.
pub(super) fn unsigned<'h>(m: &Mutator<'h>, term: Term<'h>) -> Option<u64> {
    match m.view(term) {
        View::Small(n) => u64::try_from(n).ok(),
        View::Big { negative: false, limbs: &[limb] } => Some(limb),
        _ => None,
    }
}

/// An integer of 64 bits.
pub(super) fn signed<'h>(m: &Mutator<'h>, term: Term<'h>) -> Option<i64> {
    match m.view(term) {
        View::Small(n) => Some(n),
        View::Big { negative, limbs: &[limb] } => {
            let value = i128::from(limb);
            i64::try_from(if negative { -value } else { value }).ok()
        }
        _ => None,
    }
}

pub(super) fn boolean(term: Term<'_>) -> Option<bool> {
    match term.as_atom() {
        Some(Atom::TRUE) => Some(true),
        Some(Atom::FALSE) => Some(false),
        _ => None,
    }
}

/// The elements of a tuple of two whose first is an atom: `{Option, Value}`.
pub(super) fn option<'h>(m: &Mutator<'h>, term: Term<'h>) -> Option<(Atom, Term<'h>)> {
    match *m.heap().tuple(term.word())? {
        [name, value] => Some((Word(name).as_atom()?, Term::of(Word(value)))),
        _ => None,
    }
}

/// A registered name, or such a name at a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Name {
    Here(Atom),
    /// `{Name, Node}` with this node.
    AtHere(Atom),
    AtOther(Atom),
}

pub(super) fn name(m: &Mutator<'_>, term: Term<'_>) -> Option<Name> {
    if let Some(name) = term.as_atom() {
        return Some(Name::Here(name));
    }
    let (name, node) = option(m, term)?;
    Some(if node.as_atom()? == Atom::NONODE_NOHOST { Name::AtHere(name) } else { Name::AtOther(name) })
}
