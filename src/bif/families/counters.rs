//! Arrays of integers that processes share. Source: the modules `atomics` and `counters`.
//!
//! A reference that has been through the external term format names its array no longer (OTP: it does while the
//! array lives).

use super::arguments::count;
use crate::bif::{Ctx, EffectResult, PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::heap::policy::CEILING_WORDS;
use crate::heap::read::{RefId, View};
use crate::heap::resource::HandleKind;
use crate::term::{Atom, Word};
use crate::world::counters::{Change, Kind, Shape};

crate::bif::table::natives! { ROWS:
    effect "erts_internal" "atomics_new" 2 = atomics_new, MakeCounters;
    effect "atomics" "put" 3 = put, CounterWrite 0;
    effect "atomics" "get" 2 = get, CounterRead 0;
    effect "atomics" "add" 3 = add, CounterAdd 0;
    effect "atomics" "add_get" 3 = add_get, CounterWrite 0;
    effect "atomics" "exchange" 3 = exchange, CounterWrite 0;
    effect "atomics" "compare_exchange" 4 = compare_exchange, CounterWrite 0;
    effect "atomics" "info" 1 = info, MakeCounters;
    effect "erts_internal" "counters_new" 1 = counters_new, MakeCounters;
    effect "erts_internal" "counters_get" 2 = get, CounterRead 0;
    effect "erts_internal" "counters_add" 3 = add, CounterAdd 0;
    effect "erts_internal" "counters_put" 3 = put, CounterWrite 0;
    effect "erts_internal" "counters_info" 1 = info, MakeCounters;
}

/// The bit of `atomics_new/2` that says that the integers are signed.
const SIGNED: i64 = 1;

fn atomics_new<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let options = args[1].as_small().ok_or(Raise::BADARG)?;
    make(ctx, args[0], Kind::Atomics { signed: options & SIGNED != 0 })
}

fn counters_new<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    make(ctx, args[0], Kind::Counters)
}

fn make<'h>(ctx: &mut Ctx<'h, '_>, size: Term<'h>, kind: Kind) -> EffectResult<'h> {
    let size = match ctx.m.view(size) {
        View::Small(n) if n > 0 => n as usize,
        View::Big { negative: false, .. } => usize::MAX,
        _ => return Err(Raise::BADARG),
    };
    if size > CEILING_WORDS {
        return Err(Raise::SYSTEM_LIMIT);
    }
    // The world has no way to say that there is no room.
    Vec::<u64>::new().try_reserve_exact(size).map_err(|_| Raise::HeapFull)?;
    let id = ctx.control.next_reference();
    let handle = ctx.world.make_counters(id, Shape { kind, size });
    Ok(Term::of(ctx.m.heap_mut().new_handle(handle)?).into())
}

/// The array that a term names.
fn array<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<RefId, Raise<'h>> {
    match m.heap().handle(term.word()) {
        Some(handle) if matches!(handle.kind, HandleKind::Counters) => Ok(handle.id),
        _ => Err(Raise::BADARG),
    }
}

/// An integer of an array that is about to be changed.
struct Place {
    id: RefId,
    index: usize,
    kind: Kind,
}

fn place<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> Result<Place, Raise<'h>> {
    let id = array(&ctx.m, args[0])?;
    let index = count(args[1])?.checked_sub(1).ok_or(Raise::BADARG)?;
    Ok(Place { id, index, kind: ctx.world.counters_shape(id).kind })
}

fn change<'h>(ctx: &mut Ctx<'h, '_>, place: &Place, change: Change) -> Result<u64, Raise<'h>> {
    ctx.world.change_counter(place.id, place.index, change).ok_or(Raise::BADARG)
}

/// The value of an integer.
fn value<'h>(m: &mut Mutator<'h>, kind: Kind, bits: u64) -> PureResult<'h> {
    let word = match kind {
        Kind::Atomics { signed: false } => m.heap_mut().new_unsigned(bits)?,
        Kind::Atomics { signed: true } | Kind::Counters => m.heap_mut().new_integer(bits as i64)?,
    };
    Ok(Term::of(word))
}

/// The bits of an integer from -2^63 to 2^64 - 1, and whether it fits with a sign and without.
fn bits(m: &Mutator<'_>, term: Term<'_>) -> Option<(u64, bool, bool)> {
    match m.view(term) {
        View::Small(n) => Some((n as u64, true, n >= 0)),
        View::Big { negative: false, limbs: &[limb] } => Some((limb, limb <= i64::MAX as u64, true)),
        View::Big { negative: true, limbs: &[limb] } if limb <= 1 << 63 => {
            Some((limb.wrapping_neg(), true, false))
        }
        _ => None,
    }
}

/// A value that the array can hold.
fn new_value<'h>(m: &Mutator<'h>, kind: Kind, term: Term<'h>) -> Result<u64, Raise<'h>> {
    let (bits, signed, unsigned) = bits(m, term).ok_or(Raise::BADARG)?;
    let fits = if kind == (Kind::Atomics { signed: false }) { unsigned } else { signed };
    if fits { Ok(bits) } else { Err(Raise::BADARG) }
}

/// What is added: any 64 bits, with or without a sign.
fn increment<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<u64, Raise<'h>> {
    bits(m, term).map(|(bits, _, _)| bits).ok_or(Raise::BADARG)
}

fn put<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let place = place(ctx, args)?;
    let new = new_value(&ctx.m, place.kind, args[2])?;
    change(ctx, &place, Change::Put(new))?;
    Ok(Term::atom(Atom::OK).into())
}

fn get<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let place = place(ctx, args)?;
    let bits = change(ctx, &place, Change::Get)?;
    Ok(value(&mut ctx.m, place.kind, bits)?.into())
}

fn add<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let place = place(ctx, args)?;
    let more = increment(&ctx.m, args[2])?;
    change(ctx, &place, Change::Add(more))?;
    Ok(Term::atom(Atom::OK).into())
}

fn add_get<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let place = place(ctx, args)?;
    let more = increment(&ctx.m, args[2])?;
    let old = change(ctx, &place, Change::Add(more))?;
    Ok(value(&mut ctx.m, place.kind, old.wrapping_add(more))?.into())
}

fn exchange<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let place = place(ctx, args)?;
    let new = new_value(&ctx.m, place.kind, args[2])?;
    let old = change(ctx, &place, Change::Put(new))?;
    Ok(value(&mut ctx.m, place.kind, old)?.into())
}

/// `ok`, or the value that was there instead of the expected one.
fn compare_exchange<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let place = place(ctx, args)?;
    let expected = new_value(&ctx.m, place.kind, args[2])?;
    let desired = new_value(&ctx.m, place.kind, args[3])?;
    let old = change(ctx, &place, Change::CompareExchange { expected, desired })?;
    if old == expected {
        return Ok(Term::atom(Atom::OK).into());
    }
    Ok(value(&mut ctx.m, place.kind, old)?.into())
}

/// Bytes that an array is reckoned to take beside its integers.
const ARRAY_BYTES: i64 = 40;

/// `#{size => Size, memory => Bytes}`, and of atomics `max` and `min` too.
fn info<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let id = array(&ctx.m, args[0])?;
    let Shape { kind, size } = ctx.world.counters_shape(id);
    let number = |n: i64| Term::of(Word::small(n));
    let mut pairs = vec![
        (Term::atom(Atom::SIZE), number(size as i64)),
        (Term::atom(Atom::MEMORY), number(ARRAY_BYTES + 8 * size as i64)),
    ];
    if let Kind::Atomics { signed } = kind {
        let (least, most) = if signed { (1 << 63, i64::MAX as u64) } else { (0, u64::MAX) };
        pairs.push((Term::atom(Atom::known("max")), value(&mut ctx.m, kind, most)?));
        pairs.push((Term::atom(Atom::known("min")), value(&mut ctx.m, kind, least)?));
    }
    Ok(ctx.m.map(&pairs)?.into())
}
