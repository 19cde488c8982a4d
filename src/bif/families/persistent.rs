//! Persistent terms, and text for standard output. Source: the module `persistent_term`, `erlang:display/1`.
//! A value that is got is copied (OTP shares it).

use crate::bif::{Ctx, EffectResult, Raise};
use crate::heap::mutator::Term;
use crate::heap::parcel::Parcel;
use crate::term::{Atom, Word, map};
use std::sync::Arc;

crate::bif::table::natives! { ROWS:
    effect "persistent_term" "get" 0 = get0, PersistentTerm;
    effect "persistent_term" "get" 1 = get1, PersistentTerm;
    effect "persistent_term" "get" 2 = get2, PersistentTerm;
    effect "persistent_term" "put" 2 = put, PersistentTerm;
    effect "persistent_term" "erase" 1 = erase, PersistentTerm;
    effect "persistent_term" "info" 0 = info, PersistentTerm;
    effect "erlang" "display" 1 = display, Output;
}

fn absorb<'h>(ctx: &mut Ctx<'h, '_>, parcel: &Parcel) -> Result<Term<'h>, Raise<'h>> {
    Ok(Term::of(ctx.m.heap_mut().absorb(parcel)?))
}

fn get0<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let mut pairs = Vec::new();
    for (key, value) in ctx.world.persistent_all() {
        let pair = [absorb(ctx, &key)?, absorb(ctx, &value)?];
        pairs.push(ctx.m.tuple(&pair)?);
    }
    Ok(ctx.m.list(&pairs)?.into())
}

fn find<'h>(ctx: &mut Ctx<'h, '_>, key: Term<'h>) -> Result<Option<Arc<Parcel>>, Raise<'h>> {
    let key = ctx.m.heap_mut().parcel(key.word())?;
    Ok(ctx.world.persistent_get(&mut |other| other.same_term(&key)))
}

fn get1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let value = find(ctx, args[0])?.ok_or(Raise::BADARG)?;
    Ok(absorb(ctx, &value)?.into())
}

fn get2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    match find(ctx, args[0])? {
        Some(value) => Ok(absorb(ctx, &value)?.into()),
        None => Ok(args[1].into()),
    }
}

fn put<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let key = ctx.m.heap_mut().parcel(args[0].word())?;
    let value = ctx.m.heap_mut().parcel(args[1].word())?;
    ctx.world.persistent_put(key, value);
    Ok(Term::atom(Atom::OK).into())
}

fn erase<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let key = ctx.m.heap_mut().parcel(args[0].word())?;
    Ok(Term::boolean(ctx.world.persistent_erase(&mut |other| other.same_term(&key))).into())
}

/// `#{count => Pairs, memory => Bytes}`.
fn info<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let all = ctx.world.persistent_all();
    let words: usize = all.iter().map(|(key, value)| key.words().len() + value.words().len()).sum();
    let pairs = [
        (Word::atom(Atom::COUNT), Word::small(all.len() as i64)),
        (Word::atom(Atom::MEMORY), Word::small(8 * words as i64)),
    ];
    Ok(Term::of(map::from_pairs(ctx.m.heap_mut(), &pairs)?).into())
}

fn display<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let text = ctx.m.display(args[0]);
    ctx.world.output(ctx.control.pid, &(text + "\n"));
    Ok(Term::boolean(true).into())
}
