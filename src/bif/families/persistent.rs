//! Persistent terms, and text for standard output. Source: the module `persistent_term`, `erlang:display/1`.
//! A value that is got is copied (OTP shares it).

use crate::bif::{Ctx, EffectResult, Raise};
use crate::ets::row::Row;
use crate::heap::mutator::Term;
use crate::term::{Atom, Word, map};
use crate::world::persistent::NewPair;

crate::bif::table::natives! { ROWS:
    effect "persistent_term" "get" 0 = get0, PersistentTerm;
    effect "persistent_term" "get" 1 = get1, PersistentTerm;
    effect "persistent_term" "get" 2 = get2, PersistentTerm;
    effect "persistent_term" "put" 2 = put, PersistentTerm;
    effect "persistent_term" "erase" 1 = erase, PersistentTerm;
    effect "persistent_term" "info" 0 = info, PersistentTerm;
    effect "erlang" "display" 1 = display, Output;
}

fn get0<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let terms = ctx.world.persistent_terms();
    let mut pairs = Vec::with_capacity(terms.all().len());
    for (key, value) in terms.all() {
        let pair = [copy(ctx, key)?, copy(ctx, value)?];
        pairs.push(ctx.m.tuple(&pair)?);
    }
    Ok(ctx.m.list(&pairs)?.into())
}

fn copy<'h>(ctx: &mut Ctx<'h, '_>, row: &Row) -> Result<Term<'h>, Raise<'h>> {
    Ok(Term::of(row.copy(ctx.m.heap_mut())?))
}

fn find<'h>(ctx: &mut Ctx<'h, '_>, key: Term<'h>) -> Result<Option<Term<'h>>, Raise<'h>> {
    let terms = ctx.world.persistent_terms();
    match terms.get(ctx.m.heap(), key.word()) {
        Some(value) => copy(ctx, value).map(Some),
        None => Ok(None),
    }
}

fn get1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    Ok(find(ctx, args[0])?.ok_or(Raise::BADARG)?.into())
}

fn get2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    Ok(find(ctx, args[0])?.unwrap_or(args[1]).into())
}

fn put<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let key = args[0].word();
    let pair = NewPair::of(ctx.m.heap_mut(), key, args[1].word())?;
    let heap = ctx.m.heap();
    ctx.world.change_persistent_terms(&mut |terms| terms.put(&pair, heap, key));
    Ok(Term::atom(Atom::OK).into())
}

fn erase<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let (heap, mut erased) = (ctx.m.heap(), false);
    ctx.world.change_persistent_terms(&mut |terms| erased = terms.erase(heap, args[0].word()));
    Ok(Term::boolean(erased).into())
}

/// `#{count => Pairs, memory => Bytes}`.
fn info<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let terms = ctx.world.persistent_terms();
    let words: usize = terms.all().map(|(key, value)| key.term_words() + value.term_words()).sum();
    let pairs = [
        (Word::atom(Atom::COUNT), Word::small(terms.all().len() as i64)),
        (Word::atom(Atom::MEMORY), Word::small(8 * words as i64)),
    ];
    Ok(Term::of(map::from_pairs(ctx.m.heap_mut(), &pairs)?).into())
}

fn display<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let text = ctx.m.display(args[0]);
    ctx.world.output(ctx.control.pid, &(text + "\n"));
    Ok(Term::boolean(true).into())
}
