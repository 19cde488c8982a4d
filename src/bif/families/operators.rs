//! The operators as functions: `erlang:'+'/2` and the like, for funs, `apply`, and slow paths.
//!
//! Source: the reference manual on expressions. The work is done in `term::number` and `term::order`.

use crate::bif::table::natives;
use crate::bif::{PureResult, Raise};
use crate::heap::Heap;
use crate::heap::mutator::{Mutator, Term};
use crate::term::number::{self, ArithFault};
use crate::term::order::{compare, equal_exact, equal_loose};
use crate::term::{Atom, Word};

natives! { ROWS:
    guard "erlang" "+" 1 = plus1;
    guard "erlang" "+" 2 = add;
    guard "erlang" "-" 1 = negate;
    guard "erlang" "-" 2 = subtract;
    guard "erlang" "*" 2 = multiply;
    guard "erlang" "/" 2 = divide;
    guard "erlang" "div" 2 = div;
    guard "erlang" "rem" 2 = rem;
    guard "erlang" "band" 2 = band;
    guard "erlang" "bor" 2 = bor;
    guard "erlang" "bxor" 2 = bxor;
    guard "erlang" "bnot" 1 = bnot;
    guard "erlang" "bsl" 2 = bsl;
    guard "erlang" "bsr" 2 = bsr;
    guard "erlang" "abs" 1 = abs;
    guard "erlang" "round" 1 = round;
    guard "erlang" "trunc" 1 = trunc;
    guard "erlang" "floor" 1 = floor;
    guard "erlang" "ceil" 1 = ceil;
    guard "erlang" "float" 1 = float;
    guard "erlang" "==" 2 = equal;
    guard "erlang" "/=" 2 = not_equal;
    guard "erlang" "=:=" 2 = exactly_equal;
    guard "erlang" "=/=" 2 = not_exactly_equal;
    guard "erlang" "<" 2 = less;
    guard "erlang" ">" 2 = greater;
    guard "erlang" "=<" 2 = not_greater;
    guard "erlang" ">=" 2 = not_less;
    guard "erlang" "not" 1 = not;
    guard "erlang" "and" 2 = and;
    guard "erlang" "or" 2 = or;
    guard "erlang" "xor" 2 = xor;
}

impl From<ArithFault> for Raise<'_> {
    fn from(fault: ArithFault) -> Self {
        match fault {
            ArithFault::Badarith => Raise::BADARITH,
            ArithFault::Badarg => Raise::BADARG,
            ArithFault::SystemLimit => Raise::SYSTEM_LIMIT,
            ArithFault::HeapFull => Raise::HeapFull,
        }
    }
}

/// A function of one or two numbers, as `term::number` has it.
macro_rules! arithmetic {
    ($($name:ident($($argument:literal),+) = $operation:path;)*) => {
        $(fn $name<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
            let result: Result<Word, ArithFault> = $operation(m.heap_mut(), $(a[$argument].word()),+);
            Ok(Term::of(result?))
        })*
    };
}

arithmetic! {
    add(0, 1) = number::add;
    negate(0) = number::negate;
    subtract(0, 1) = number::subtract;
    multiply(0, 1) = number::multiply;
    divide(0, 1) = number::divide;
    div(0, 1) = number::div;
    rem(0, 1) = number::rem;
    band(0, 1) = number::band;
    bor(0, 1) = number::bor;
    bxor(0, 1) = number::bxor;
    bnot(0) = number::bnot;
    bsl(0, 1) = number::bsl;
    bsr(0, 1) = number::bsr;
    abs(0) = number::abs;
    round(0) = number::round;
    trunc(0) = number::trunc;
    floor(0) = number::floor;
    ceil(0) = number::ceil;
    float(0) = number::float;
}

fn plus1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let word = a[0].word();
    let is_number = m.heap().is_integer(word) || m.heap().float(word).is_some();
    if is_number { Ok(a[0]) } else { Err(Raise::BADARITH) }
}

/// A test of two terms.
macro_rules! comparison {
    ($($name:ident = $test:expr;)*) => {
        $(fn $name<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
            let test: fn(&Heap, Word, Word) -> bool = $test;
            Ok(Term::boolean(test(m.heap(), a[0].word(), a[1].word())))
        })*
    };
}

comparison! {
    equal = equal_loose;
    not_equal = |heap, a, b| !equal_loose(heap, a, b);
    exactly_equal = equal_exact;
    not_exactly_equal = |heap, a, b| !equal_exact(heap, a, b);
    less = |heap, a, b| compare(heap, a, b).is_lt();
    greater = |heap, a, b| compare(heap, a, b).is_gt();
    not_greater = |heap, a, b| compare(heap, a, b).is_le();
    not_less = |heap, a, b| compare(heap, a, b).is_ge();
}

fn truth<'h>(term: Term<'h>) -> Result<bool, Raise<'h>> {
    match term.as_atom() {
        Some(Atom::TRUE) => Ok(true),
        Some(Atom::FALSE) => Ok(false),
        _ => Err(Raise::BADARG),
    }
}

fn not<'h>(_: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(!truth(a[0])?))
}

fn and<'h>(_: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(truth(a[0])? & truth(a[1])?))
}

fn or<'h>(_: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(truth(a[0])? | truth(a[1])?))
}

fn xor<'h>(_: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(truth(a[0])? ^ truth(a[1])?))
}
