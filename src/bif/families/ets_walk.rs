//! Walking over ETS tables by key or index. Source: the documentation of `ets`; `first_lookup/1` and its kin
//! are those of OTP 27. In sets and bags there is one way only: `last` is `first`, `prev` is `next`.

use super::arguments::count;
use super::ets_access::{Bad, note, read, rows_list};
use crate::bif::{Ctx, EffectResult, Raise};
use crate::ets::row::Row;
use crate::ets::table::{AtIndex, NoSuchKey};
use crate::ets::tree::Way;
use crate::heap::mutator::Term;
use crate::term::Atom;

crate::bif::table::natives! { ROWS:
    effect "ets" "first" 1 = first, EtsScan;
    effect "ets" "last" 1 = last, EtsScan;
    effect "ets" "next" 2 = next, EtsScan;
    effect "ets" "prev" 2 = prev, EtsScan;
    effect "ets" "first_lookup" 1 = first_lookup, EtsScan;
    effect "ets" "last_lookup" 1 = last_lookup, EtsScan;
    effect "ets" "next_lookup" 2 = next_lookup, EtsScan;
    effect "ets" "prev_lookup" 2 = prev_lookup, EtsScan;
    effect "ets" "slot" 2 = slot, EtsScan;
}

/// The objects of a key, and where they have it.
struct Found {
    rows: Vec<Row>,
    key_position: usize,
}

fn step<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>], way: Way) -> Result<Option<Found>, Raise<'h>> {
    let found = read(ctx, args[0], |table, heap| {
        let slot = match args.get(1) {
            None => table.first(way),
            Some(key) => table.next(heap, key.word(), way).map_err(|NoSuchKey| Bad::Argument)?,
        };
        Ok(slot.map(|slot| Found { rows: slot.rows().to_vec(), key_position: table.about.key_position }))
    })?;
    let rows = found.as_ref().map_or(&[][..], |found| &found.rows);
    note(ctx, args[0], "walks over", None, rows)?;
    Ok(found)
}

fn key<'h>(ctx: &mut Ctx<'h, '_>, found: &Found) -> Result<Term<'h>, Raise<'h>> {
    let row = &found.rows[0];
    let key = row.element(found.key_position).expect("a row has its key");
    Ok(Term::of(row.copy_part(key, ctx.m.heap_mut())?))
}

fn key_or_end<'h>(ctx: &mut Ctx<'h, '_>, found: Option<Found>) -> EffectResult<'h> {
    Ok(match found {
        Some(found) => key(ctx, &found)?.into(),
        None => Term::atom(Atom::END_OF_TABLE).into(),
    })
}

/// `{Key, [Object]}`
fn objects_or_end<'h>(ctx: &mut Ctx<'h, '_>, found: Option<Found>) -> EffectResult<'h> {
    let Some(found) = found else { return Ok(Term::atom(Atom::END_OF_TABLE).into()) };
    let pair = [key(ctx, &found)?, rows_list(ctx, &found.rows)?];
    Ok(ctx.m.tuple(&pair)?.into())
}

fn first<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let found = step(ctx, args, Way::Forward)?;
    key_or_end(ctx, found)
}

fn last<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let found = step(ctx, args, Way::Backward)?;
    key_or_end(ctx, found)
}

fn next<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    first(ctx, args)
}

fn prev<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    last(ctx, args)
}

fn first_lookup<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let found = step(ctx, args, Way::Forward)?;
    objects_or_end(ctx, found)
}

fn last_lookup<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let found = step(ctx, args, Way::Backward)?;
    objects_or_end(ctx, found)
}

fn next_lookup<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    first_lookup(ctx, args)
}

fn prev_lookup<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    last_lookup(ctx, args)
}

/// Here each key has an index of its own; OTP's sets have hash buckets, some of them empty.
fn slot<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let index = count(args[1]);
    let rows = read(ctx, args[0], |table, _| match table.slot(index.map_err(|_| Bad::Argument)?) {
        AtIndex::Rows(rows) => Ok(Some(rows.to_vec())),
        AtIndex::End => Ok(None),
        AtIndex::Beyond => Err(Bad::Argument),
    })?;
    note(ctx, args[0], "walks over", None, rows.as_deref().unwrap_or_default())?;
    match rows {
        Some(rows) => Ok(rows_list(ctx, &rows)?.into()),
        None => Ok(Term::atom(Atom::END_OF_TABLE).into()),
    }
}
