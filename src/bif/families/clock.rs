//! The clock. Source: `erlang:monotonic_time/0,1`, `system_time/0,1`, `time_offset/0,1`, `timestamp/0`, `now/0`,
//! `os:system_time/0,1`, and the functions on dates.
//!
//! Monotonic time begins at 0 with the runtime (OTP's begins far below). There is one time offset, which never
//! changes, and one zone, UTC.

use super::arguments::{atom, signed};
use super::calendar::{DateTime, EARLIEST_LOCAL_S};
use super::time_units::{convert, from_ns};
use crate::bif::{Ctx, EffectResult, PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::term::{Atom, Word};
use crate::world::World;

crate::bif::table::natives! { ROWS:
    effect "erlang" "monotonic_time" 0 = monotonic_time0, ReadClock;
    effect "erlang" "monotonic_time" 1 = monotonic_time1, ReadClock;
    effect "erlang" "system_time" 0 = system_time0, ReadClock;
    effect "erlang" "system_time" 1 = system_time1, ReadClock;
    effect "erlang" "time_offset" 0 = time_offset0, ReadClock;
    effect "erlang" "time_offset" 1 = time_offset1, ReadClock;
    effect "erlang" "timestamp" 0 = timestamp, ReadClock;
    effect "erlang" "now" 0 = now, ReadClock;
    effect "erlang" "localtime" 0 = universaltime, ReadClock;
    effect "erlang" "universaltime" 0 = universaltime, ReadClock;
    effect "erlang" "date" 0 = date, ReadClock;
    effect "erlang" "time" 0 = time, ReadClock;
    effect "os" "system_time" 0 = system_time0, ReadClock;
    effect "os" "system_time" 1 = system_time1, ReadClock;
    effect "os" "timestamp" 0 = timestamp, ReadClock;
    effect "os" "perf_counter" 0 = monotonic_time0, ReadClock;
    pure "erlang" "convert_time_unit" 3 = convert;
    pure "erts_internal" "time_unit" 0 = native_unit;
    pure "erts_internal" "perf_counter_unit" 0 = native_unit;
    pure "erlang" "posixtime_to_universaltime" 1 = posixtime_to_universaltime;
    pure "erlang" "universaltime_to_posixtime" 1 = universaltime_to_posixtime;
    pure "erlang" "universaltime_to_localtime" 1 = to_other_zone;
    pure "erlang" "localtime_to_universaltime" 1 = to_other_zone;
    pure "erlang" "localtime_to_universaltime" 2 = localtime_to_universaltime2;
}

fn monotonic_ns(world: &mut dyn World) -> i128 {
    i128::from(world.now().ns)
}

fn offset_ns(world: &dyn World) -> i128 {
    i128::from(world.system_offset_ns())
}

fn system_ns(world: &mut dyn World) -> i128 {
    monotonic_ns(world) + offset_ns(world)
}

/// Nanoseconds, which are the native unit.
fn native<'h>(m: &mut Mutator<'h>, ns: i128) -> EffectResult<'h> {
    Ok(Term::of(m.heap_mut().new_integer_wide(ns)?).into())
}

fn monotonic_time0<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let ns = monotonic_ns(ctx.world);
    native(&mut ctx.m, ns)
}

fn monotonic_time1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let ns = monotonic_ns(ctx.world);
    Ok(from_ns(&mut ctx.m, ns, args[0])?.into())
}

fn system_time0<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let ns = system_ns(ctx.world);
    native(&mut ctx.m, ns)
}

fn system_time1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let ns = system_ns(ctx.world);
    Ok(from_ns(&mut ctx.m, ns, args[0])?.into())
}

fn time_offset0<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    native(&mut ctx.m, offset_ns(ctx.world))
}

fn time_offset1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    Ok(from_ns(&mut ctx.m, offset_ns(ctx.world), args[0])?.into())
}

/// `{MegaSeconds, Seconds, MicroSeconds}`.
fn parts<'h>(m: &mut Mutator<'h>, us: i128) -> EffectResult<'h> {
    let million = 1_000_000;
    let parts = [us.div_euclid(million * million), us.div_euclid(million) % million, us % million];
    Ok(m.tuple(&parts.map(|n| Term::small(n as i64)))?.into())
}

fn timestamp<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let us = system_ns(ctx.world).div_euclid(1000);
    parts(&mut ctx.m, us)
}

/// A time that no other call gives and that only rises: the clock plus the world's rising integer, read so
/// that no other call falls between. Each call puts it ahead by a few microseconds.
fn now<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let mut before = ctx.world.next_monotonic_integer();
    loop {
        let us = system_ns(ctx.world).div_euclid(1000);
        let after = ctx.world.next_monotonic_integer();
        if after == before + 1 {
            return parts(&mut ctx.m, us + i128::from(before));
        }
        before = after;
    }
}

fn current(world: &mut dyn World) -> DateTime {
    DateTime::of_posix((system_ns(world).div_euclid(1_000_000_000)) as i64)
}

fn universaltime<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let now = current(ctx.world);
    Ok(date_time(&mut ctx.m, now)?.into())
}

fn date<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let now = current(ctx.world);
    Ok(ctx.m.tuple(&now.date.map(Term::small))?.into())
}

fn time<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let now = current(ctx.world);
    Ok(ctx.m.tuple(&now.time.map(Term::small))?.into())
}

/// `{{Year, Month, Day}, {Hour, Minute, Second}}`.
fn date_time<'h>(m: &mut Mutator<'h>, at: DateTime) -> PureResult<'h> {
    let date = m.tuple(&at.date.map(Term::small))?;
    let time = m.tuple(&at.time.map(Term::small))?;
    Ok(m.tuple(&[date, time])?)
}

fn read_date_time<'h>(m: &Mutator<'h>, term: Term<'h>) -> Option<DateTime> {
    let &[date, time] = m.heap().tuple(term.word())? else { return None };
    let three = |word: u64| {
        let &[a, b, c] = m.heap().tuple(Word(word))? else { return None };
        Some([Word(a).as_small()?, Word(b).as_small()?, Word(c).as_small()?])
    };
    let at = DateTime { date: three(date)?, time: three(time)? };
    at.is_valid().then_some(at)
}

fn posixtime_to_universaltime<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    let seconds = signed(m, args[0]).ok_or(Raise::BADARG)?;
    date_time(m, DateTime::of_posix(seconds))
}

fn universaltime_to_posixtime<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    let at = read_date_time(m, args[0]).ok_or(Raise::BADARG)?;
    Ok(Term::small(at.to_posix()))
}

/// Local time is universal time; what no clock of 32 bits shows has none, as in OTP.
fn to_other_zone<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    let at = read_date_time(m, args[0]).filter(|at| at.to_posix() >= EARLIEST_LOCAL_S);
    at.map(|_| args[0]).ok_or(Raise::BADARG)
}

fn localtime_to_universaltime2<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    match atom(args[1])? {
        Atom::TRUE | Atom::FALSE | Atom::UNDEFINED => to_other_zone(m, args),
        _ => Err(Raise::BADARG),
    }
}

fn native_unit<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::small(super::time_units::NATIVE_PER_SECOND))
}
