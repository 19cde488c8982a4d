//! Type tests: `is_atom/1` and the like, legal in guards.
//!
//! Source: the reference manual on guard expressions; what a wrong second argument of `is_function/2` and
//! `is_record/2,3` raises comes from a live `erl` of OTP 25.

use super::arguments::integer_is_negative;
use crate::bif::table::natives;
use crate::bif::{PureResult, Raise};
use crate::code::ExportId;
use crate::heap::mutator::{Mutator, Term};
use crate::heap::read::View;
use crate::term::Atom;

natives! { ROWS:
    guard "erlang" "is_atom" 1 = is_atom;
    guard "erlang" "is_binary" 1 = is_binary;
    guard "erlang" "is_bitstring" 1 = is_bitstring;
    guard "erlang" "is_boolean" 1 = is_boolean;
    guard "erlang" "is_float" 1 = is_float;
    guard "erlang" "is_function" 1 = is_function1;
    guard "erlang" "is_function" 2 = is_function2;
    guard "erlang" "is_integer" 1 = is_integer;
    guard "erlang" "is_list" 1 = is_list;
    guard "erlang" "is_map" 1 = is_map;
    guard "erlang" "is_number" 1 = is_number;
    guard "erlang" "is_pid" 1 = is_pid;
    guard "erlang" "is_port" 1 = is_port;
    guard "erlang" "is_record" 2 = is_record2;
    guard "erlang" "is_record" 3 = is_record3;
    guard "erlang" "is_reference" 1 = is_reference;
    guard "erlang" "is_tuple" 1 = is_tuple;
}

fn is_atom<'h>(_: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(a[0].as_atom().is_some()))
}

fn is_binary<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(m.bits(a[0]).is_some_and(|bits| bits.is_binary())))
}

fn is_bitstring<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(m.heap().is_bits(a[0].word())))
}

fn is_boolean<'h>(_: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(a[0].is_atom(Atom::TRUE) || a[0].is_atom(Atom::FALSE)))
}

fn is_float<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(m.heap().float(a[0].word()).is_some()))
}

fn is_function1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(m.heap().is_fun(a[0].word())))
}

fn is_function2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    if integer_is_negative(m, a[1]) != Some(false) {
        return Err(Raise::BADARG);
    }
    let arity = match m.view(a[0]) {
        View::Fun { arity, .. } => arity,
        View::ExternalFun { export } => ExportId(export).mfa().arity,
        _ => return Ok(Term::boolean(false)),
    };
    Ok(Term::boolean(a[1].as_small() == Some(i64::from(arity))))
}

fn is_integer<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(m.heap().is_integer(a[0].word())))
}

fn is_list<'h>(_: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(a[0].is_list() || a[0].is_nil()))
}

fn is_map<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(m.heap().is_map(a[0].word())))
}

fn is_number<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let word = a[0].word();
    Ok(Term::boolean(m.heap().is_integer(word) || m.heap().float(word).is_some()))
}

fn is_pid<'h>(_: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(a[0].is_pid()))
}

fn is_port<'h>(_: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(a[0].word().is_port()))
}

fn is_record2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    if a[1].as_atom().is_none() {
        return Err(Raise::BADARG);
    }
    Ok(Term::boolean(m.tuple_element(a[0], 0) == Some(a[1])))
}

fn is_record3<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let (Some(_), Some(size)) = (a[1].as_atom(), a[2].as_small()) else { return Err(Raise::BADARG) };
    let fits = m.tuple_size(a[0]).is_some_and(|n| n as i64 == size);
    Ok(Term::boolean(fits && m.tuple_element(a[0], 0) == Some(a[1])))
}

fn is_reference<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(m.heap().reference(a[0].word()).is_some()))
}

fn is_tuple<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(m.tuple_size(a[0]).is_some()))
}
