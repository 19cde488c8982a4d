//! Match specifications as values: compiled, run on lists, tried out.
//!
//! Source: the documentation of `ets` and of `erlang:match_spec_test/3`; the latter knows the type `table` alone
//! (OTP: `trace` too). A compiled specification is a reference that carries it from process to process; it is a plain
//! reference after a way through the external term format (OTP: while the first one lives, it is not).

use crate::bif::{EffectResult, Local, PureResult, Raise};
use crate::ets::matchspec::{BadSpec, MatchSpec};
use crate::heap::mutator::{Mutator, Term};
use crate::heap::resource::{Handle, HandleKind};
use crate::term::Atom;
use std::sync::Arc;

crate::bif::table::natives! { ROWS:
    local "ets" "match_spec_compile" 1 = compile;
    local "ets" "match_spec_run_r" 3 = run_r;
    pure "ets" "is_compiled_ms" 1 = is_compiled;
    local "erlang" "match_spec_test" 3 = test;
}

fn compile<'h>(l: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let heap = l.m.heap_mut();
    let spec = MatchSpec::compile(heap, args[0].word())?.map_err(|_| Raise::BADARG)?;
    let id = l.control.next_reference();
    let handle = Handle { kind: HandleKind::MatchSpec(Arc::new(spec)), id };
    Ok(Term::of(l.m.heap_mut().new_handle(Arc::new(handle))?).into())
}

/// The specification that a reference carries.
pub(super) fn compiled<'h>(m: &Mutator<'h>, term: Term<'h>) -> Option<Arc<MatchSpec>> {
    match &m.heap().handle(term.word())?.kind {
        HandleKind::MatchSpec(spec) => Some(Arc::clone(spec)),
        HandleKind::Counters | HandleKind::Cell | HandleKind::Descriptor => None,
    }
}

fn is_compiled<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(compiled(m, args[0]).is_some()))
}

/// Results for the elements of a list, in reverse order, in front of what is given.
fn run_r<'h>(l: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let spec = compiled(&l.m, args[1]).ok_or(Raise::BADARG)?;
    let terms = l.m.list_elements(args[0]).ok_or(Raise::BADARG)?;
    let heap = l.m.heap_mut();
    let mut runner = spec.on(heap, l.control.pid.word())?;
    let mut results = args[2].word();
    for term in terms {
        if let Some(result) = runner.term(heap, term.word())? {
            results = heap.cons(result, results)?;
        }
    }
    Ok(Term::of(results).into())
}

/// `{ok, Result, Flags, Warnings}`, `{error, Errors}`.
fn test<'h>(l: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    if !args[2].is_atom(Atom::known("table")) {
        return Err(Raise::BADARG);
    }
    let heap = l.m.heap_mut();
    let spec = match MatchSpec::compile(heap, args[1].word())? {
        Ok(spec) => spec,
        Err(bad) => return errors(l, &bad),
    };
    let result = spec.on(heap, l.control.pid.word())?.term(heap, args[0].word())?;
    let result = result.map_or(Term::boolean(false), Term::of);
    Ok(l.m.tuple(&[Term::atom(Atom::OK), result, Term::nil(), Term::nil()])?.into())
}

fn errors<'h>(l: &mut Local<'h, '_>, bad: &BadSpec) -> EffectResult<'h> {
    let mut list = Term::nil();
    for text in bad.0.iter().rev() {
        let text = l.m.text_list(text)?;
        let error = l.m.tuple(&[Term::atom(Atom::ERROR), text])?;
        list = l.m.cons(error, list)?;
    }
    Ok(l.m.tuple(&[Term::atom(Atom::ERROR), list])?.into())
}
