//! Arguments of native functions: the term that is wanted, or `badarg`.

use crate::bif::Raise;
use crate::heap::mutator::{Mutator, Term};
use crate::heap::read::RefId;
use crate::process::pid::Pid;
use crate::term::{Atom, Word};
use crate::world::World;

pub(super) fn pid<'h>(term: Term<'h>) -> Result<Pid, Raise<'h>> {
    Pid::of_word(term.word()).ok_or(Raise::BADARG)
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

/// Monotonic time in nanoseconds as a signed number.
pub(super) fn now_ns(world: &mut dyn World) -> i128 {
    i128::from(world.now().ns)
}
