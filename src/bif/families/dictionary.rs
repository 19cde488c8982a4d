//! The process dictionary. Source: `erlang:get/0,1`, `put/2`, `erase/0,1`, `get_keys/0,1`.

use crate::bif::{EffectResult, Local};
use crate::heap::mutator::Term;
use crate::term::order::equal_exact;
use crate::term::{Atom, Word};

crate::bif::table::natives! { ROWS:
    local "erlang" "get" 0 = get0;
    local "erlang" "get" 1 = get1;
    local "erlang" "put" 2 = put;
    local "erlang" "erase" 0 = erase0;
    local "erlang" "erase" 1 = erase1;
    local "erlang" "get_keys" 0 = get_keys0;
    local "erlang" "get_keys" 1 = get_keys1;
}

/// A value of the dictionary, or `undefined`.
fn or_undefined<'h>(value: Option<Word>) -> EffectResult<'h> {
    Ok(Term::of(value.unwrap_or(Word::atom(Atom::UNDEFINED))).into())
}

fn get0<'h>(local: &mut Local<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let entries: Vec<(Word, Word)> = local.control.dictionary.iter().collect();
    let mut pairs = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        pairs.push(local.m.tuple(&[Term::of(key), Term::of(value)])?);
    }
    Ok(local.m.list(&pairs)?.into())
}

fn get1<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    or_undefined(local.control.dictionary.get(local.m.heap(), args[0].word()))
}

fn put<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    or_undefined(local.control.dictionary.put(local.m.heap(), args[0].word(), args[1].word()))
}

fn erase0<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let all = get0(local, args)?;
    local.control.dictionary.clear();
    Ok(all)
}

fn erase1<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    or_undefined(local.control.dictionary.erase(local.m.heap(), args[0].word()))
}

fn get_keys0<'h>(local: &mut Local<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let keys: Vec<Term<'h>> = local.control.dictionary.iter().map(|(key, _)| Term::of(key)).collect();
    Ok(local.m.list(&keys)?.into())
}

fn get_keys1<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let is_it = |value: Word| equal_exact(local.m.heap(), value, args[0].word());
    let keys: Vec<Term<'h>> = local
        .control
        .dictionary
        .iter()
        .filter(|&(_, value)| is_it(value))
        .map(|(key, _)| Term::of(key))
        .collect();
    Ok(local.m.list(&keys)?.into())
}
