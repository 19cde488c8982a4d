//! The match specifications of ETS functions: what a pattern or a specification asks for, and compiled ones as
//! terms. Source: the documentation of `ets`; what keeps a key in `select_replace/2` from a live `erl` of OTP 25.

use crate::bif::{Ctx, Raise};
use crate::ets::matchspec::MatchSpec;
use crate::heap::mutator::Term;
use crate::heap::resource::{Handle, HandleKind};
use crate::heap::{Heap, HeapFull};
use crate::term::order::equal_exact;
use crate::term::{Atom, Word};
use std::sync::Arc;

/// What is given to search by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Asked {
    Specification,
    /// A pattern whose variables are wanted.
    Bindings,
    /// A pattern of objects.
    Objects,
}

impl Asked {
    pub fn compile(self, heap: &mut Heap, term: Word) -> Result<Option<MatchSpec>, HeapFull> {
        match self {
            Asked::Specification => Ok(MatchSpec::compile(heap, term)?.ok()),
            Asked::Bindings => MatchSpec::of_pattern(heap, term),
            Asked::Objects => MatchSpec::of_object_pattern(heap, term),
        }
    }
}

/// A term that carries the specification: the one that is known, or a new one.
pub(super) fn handle<'h>(
    ctx: &mut Ctx<'h, '_>,
    spec: &Arc<MatchSpec>,
    known: Option<Term<'h>>,
) -> Result<Term<'h>, Raise<'h>> {
    if let Some(known) = known {
        return Ok(known);
    }
    let id = ctx.control.next_reference();
    let handle = Handle { kind: HandleKind::MatchSpec(Arc::clone(spec)), id };
    Ok(Term::of(ctx.m.heap_mut().new_handle(Arc::new(handle))?))
}

/// Whether each clause of a specification, which compiles, gives an object with the key of the one that matched:
/// `'$_'`, or `{{...}}` with the same variable or constant in the key's place as the head has.
pub(super) fn keeps_key(heap: &Heap, spec: Word, key_position: usize) -> bool {
    heap.list(spec).all(|clause| clause_keeps_key(heap, clause, key_position).is_some_and(|keeps| keeps))
}

fn clause_keeps_key(heap: &Heap, clause: Word, key_position: usize) -> Option<bool> {
    let &[head, _, body] = heap.tuple(clause)? else { return None };
    let (result, rest) = Word(body).is_list().then(|| heap.cell(Word(body)))?;
    if !rest.is_nil() {
        return None;
    }
    if result.as_atom().is_some_and(|atom| atom.text() == "$_") {
        return Some(true);
    }
    let key = Word(*heap.tuple(Word(head))?.get(key_position - 1)?);
    let &[object] = heap.tuple(result)? else { return None };
    let new = Word(*heap.tuple(Word(object))?.get(key_position - 1)?);
    if key == Word::atom(Atom::known("_")) {
        return None;
    }
    if key.is_immediate() {
        return Some(key == new);
    }
    // A compound key stands in a body as a constant.
    let &[quote, constant] = heap.tuple(new)? else { return None };
    Some(Word(quote) == Word::atom(Atom::known("const")) && equal_exact(heap, Word(constant), key))
}
