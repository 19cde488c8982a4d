//! Units of time, and conversion between them. Source: `erlang:convert_time_unit/3` and the type `time_unit`.
//! A native unit is a nanosecond, as in OTP on most systems.

use crate::bif::Raise;
use crate::heap::mutator::{Mutator, Term};
use crate::term::bignum::{Exact, Integer};
use crate::term::number::ArithFault;
use crate::term::{Atom, Word};
use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::ToPrimitive;

/// Parts of a second.
pub(super) const NATIVE_PER_SECOND: i64 = 1_000_000_000;

/// How many of a unit make a second, if it is a unit.
fn per_second(m: &Mutator<'_>, unit: Term<'_>) -> Option<BigInt> {
    if let Some(name) = unit.as_atom() {
        let parts = match name {
            Atom::SECOND | Atom::SECONDS => 1,
            Atom::MILLISECOND | Atom::MILLI_SECONDS => 1_000,
            Atom::MICROSECOND | Atom::MICRO_SECONDS => 1_000_000,
            Atom::NANOSECOND | Atom::NANO_SECONDS | Atom::NATIVE | Atom::PERF_COUNTER => NATIVE_PER_SECOND,
            _ => return None,
        };
        return Some(parts.into());
    }
    let parts = Integer::read(m.heap(), unit.word())?;
    (!parts.is_negative() && !parts.is_zero()).then(|| parts.to_bigint())
}

fn store<'h>(m: &mut Mutator<'h>, value: &BigInt) -> Result<Term<'h>, Raise<'h>> {
    if let Some(word) = value.to_i64().and_then(Word::checked_small) {
        return Ok(Term::of(word));
    }
    match Exact::from_bigint(value).store(m.heap_mut()) {
        Ok(word) => Ok(Term::of(word)),
        Err(ArithFault::HeapFull) => Err(Raise::HeapFull),
        Err(_) => Err(Raise::SYSTEM_LIMIT),
    }
}

/// Nanoseconds in a unit, rounded down.
pub(super) fn from_ns<'h>(m: &mut Mutator<'h>, ns: i128, unit: Term<'h>) -> Result<Term<'h>, Raise<'h>> {
    let per_second = per_second(m, unit).ok_or(Raise::BADARG)?;
    store(m, &(BigInt::from(ns) * per_second).div_floor(&NATIVE_PER_SECOND.into()))
}

/// A time in one unit in another, rounded down.
pub(super) fn convert<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> Result<Term<'h>, Raise<'h>> {
    let (from, to) = (per_second(m, args[1]), per_second(m, args[2]));
    let time = Integer::read(m.heap(), args[0].word()).map(Integer::to_bigint);
    match (time, from, to) {
        (Some(time), Some(from), Some(to)) => store(m, &(time * to).div_floor(&from)),
        _ => Err(Raise::BADARG),
    }
}
