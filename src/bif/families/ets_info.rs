//! `ets:info/1,2`. Source: the documentation of `ets`, the order of items and what has no table from a live
//! `erl` of OTP 25. Memory is counted in words that this runtime takes for the rows and the tree.

use super::ets_access::{Bad, table_at};
use super::ets_tables::table_term;
use crate::bif::{Ctx, EffectResult, Raise};
use crate::ets::table::{Protection, Table, TableAt, TableKind};
use crate::heap::mutator::Term;
use crate::process::pid::Pid;
use crate::term::Atom;
use crate::time::Instant;

crate::bif::table::natives! { ROWS:
    effect "ets" "info" 1 = info1, EtsScan;
    effect "ets" "info" 2 = info2, EtsScan;
}

/// The items of `info/1`, in order.
const ITEMS: [Atom; 15] = [
    Atom::ID,
    Atom::DECENTRALIZED_COUNTERS,
    Atom::READ_CONCURRENCY,
    Atom::WRITE_CONCURRENCY,
    Atom::COMPRESSED,
    Atom::MEMORY,
    Atom::OWNER,
    Atom::HEIR,
    Atom::NAME,
    Atom::SIZE,
    Atom::NODE,
    Atom::NAMED_TABLE,
    Atom::TYPE,
    Atom::KEYPOS,
    Atom::PROTECTION,
];

/// What `info` shows of a table, taken out of it.
struct Shown {
    at: TableAt,
    about: crate::ets::table::NewTable,
    objects: usize,
    words: usize,
    fixed: Option<(Instant, Vec<(Pid, u32)>)>,
}

/// `None` where there is no such table: no error.
fn shown<'h>(ctx: &mut Ctx<'h, '_>, table: Term<'h>) -> Result<Option<Shown>, Bad> {
    let at = table_at(&ctx.m, table)?;
    let mut shown = None;
    ctx.world.tables().read(at, &mut |table: &Table| {
        shown = Some(Shown {
            at: table.at(),
            about: table.about.clone(),
            objects: table.objects(),
            words: table.words(),
            fixed: table.fixation.holders().map(|(since, holders)| (since, holders.to_vec())),
        });
    });
    Ok(shown)
}

fn note<'h>(ctx: &mut Ctx<'h, '_>, shown: &Shown) -> Result<(), Raise<'h>> {
    let table = table_term(ctx, shown.at)?;
    super::ets_access::note(ctx, table, "asks about", None, &[])
}

fn info1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let Some(shown) = shown(ctx, args[0])? else { return Ok(Term::atom(Atom::UNDEFINED).into()) };
    note(ctx, &shown)?;
    let mut items = Vec::with_capacity(ITEMS.len());
    for name in ITEMS {
        let value = item(ctx, &shown, name)?.expect("each of the items has a value");
        items.push(ctx.m.tuple(&[Term::atom(name), value])?);
    }
    Ok(ctx.m.list(&items)?.into())
}

fn info2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let Some(shown) = shown(ctx, args[0])? else { return Ok(Term::atom(Atom::UNDEFINED).into()) };
    note(ctx, &shown)?;
    let name = args[1].as_atom().ok_or(Raise::BADARG)?;
    Ok(item(ctx, &shown, name)?.ok_or(Raise::BADARG)?.into())
}

fn item<'h>(ctx: &mut Ctx<'h, '_>, shown: &Shown, name: Atom) -> Result<Option<Term<'h>>, Raise<'h>> {
    let about = &shown.about;
    Ok(Some(match name {
        Atom::ID => ctx.m.reference(about.id.reference())?,
        Atom::NAME => Term::atom(about.name),
        Atom::NAMED_TABLE => Term::boolean(about.named),
        Atom::OWNER => Term::of(about.owner.word()),
        Atom::HEIR => about.heir.as_ref().map_or(Term::atom(Atom::NONE), |heir| Term::of(heir.pid.word())),
        Atom::NODE => Term::atom(Atom::NONODE_NOHOST),
        Atom::KEYPOS => ctx.m.integer(about.key_position as i64)?,
        Atom::SIZE => ctx.m.integer(shown.objects as i64)?,
        Atom::MEMORY => ctx.m.integer(shown.words as i64)?,
        Atom::TYPE => Term::atom(match about.kind {
            TableKind::Set => Atom::SET,
            TableKind::OrderedSet => Atom::ORDERED_SET,
            TableKind::Bag => Atom::BAG,
            TableKind::DuplicateBag => Atom::DUPLICATE_BAG,
        }),
        Atom::PROTECTION => Term::atom(match about.protection {
            Protection::Public => Atom::PUBLIC,
            Protection::Protected => Atom::PROTECTED,
            Protection::Private => Atom::PRIVATE,
        }),
        Atom::COMPRESSED => Term::boolean(about.tuning.compressed),
        Atom::READ_CONCURRENCY => Term::boolean(about.tuning.read_concurrency),
        Atom::WRITE_CONCURRENCY => Term::atom(about.tuning.write_concurrency),
        Atom::DECENTRALIZED_COUNTERS => Term::boolean(about.tuning.decentralized_counters),
        // Large binaries are counted with their rows.
        Atom::BINARY => Term::nil(),
        Atom::FIXED => Term::boolean(shown.fixed.is_some()),
        Atom::SAFE_FIXED | Atom::SAFE_FIXED_MONOTONIC_TIME => return fixed(ctx, shown, name).map(Some),
        // There are no chains of a hash table to tell of.
        Atom::STATS => Term::boolean(false),
        _ => return Ok(None),
    }))
}

/// `{Time, [{Pid, Count}]}`, or `false`. The time is monotonic, or system time as `erlang:now/0` has it.
fn fixed<'h>(ctx: &mut Ctx<'h, '_>, shown: &Shown, name: Atom) -> Result<Term<'h>, Raise<'h>> {
    let Some((since, holders)) = &shown.fixed else { return Ok(Term::boolean(false)) };
    let mut list = Vec::with_capacity(holders.len());
    for &(pid, count) in holders {
        list.push(ctx.m.tuple(&[Term::of(pid.word()), Term::small(i64::from(count))])?);
    }
    let time = if name == Atom::SAFE_FIXED {
        let system_us = (since.ns as i64 + ctx.world.system_offset_ns()) / 1000;
        let parts = [system_us / 1_000_000_000_000, system_us / 1_000_000 % 1_000_000, system_us % 1_000_000];
        ctx.m.tuple(&parts.map(Term::small))?
    } else {
        ctx.m.integer(since.ns as i64)?
    };
    let list = ctx.m.list(&list)?;
    Ok(ctx.m.tuple(&[time, list])?)
}
