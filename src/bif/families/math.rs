//! `math`: functions of floats, from a portable library, so that every machine gives the same bits.
//!
//! Invariant: a result that is not finite, or an integer too large for a float, raises `badarith`; an argument that
//! is no number `badarg`. Source: the documentation of `math`, OTP 25 for the errors. The last bit may
//! differ from what the platform's C library gives OTP.

use crate::bif::table::natives;
use crate::bif::{PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::term::number::to_f64;

natives! { ROWS:
    pure "math" "acos" 1 = acos;
    pure "math" "acosh" 1 = acosh;
    pure "math" "asin" 1 = asin;
    pure "math" "asinh" 1 = asinh;
    pure "math" "atan" 1 = atan;
    pure "math" "atan2" 2 = atan2;
    pure "math" "atanh" 1 = atanh;
    pure "math" "ceil" 1 = ceil;
    pure "math" "cos" 1 = cos;
    pure "math" "cosh" 1 = cosh;
    pure "math" "erf" 1 = erf;
    pure "math" "erfc" 1 = erfc;
    pure "math" "exp" 1 = exp;
    pure "math" "floor" 1 = floor;
    pure "math" "fmod" 2 = fmod;
    pure "math" "log" 1 = log;
    pure "math" "log10" 1 = log10;
    pure "math" "log2" 1 = log2;
    pure "math" "pow" 2 = pow;
    pure "math" "sin" 1 = sin;
    pure "math" "sinh" 1 = sinh;
    pure "math" "sqrt" 1 = sqrt;
    pure "math" "tan" 1 = tan;
    pure "math" "tanh" 1 = tanh;
}

fn argument<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<f64, Raise<'h>> {
    let fault = if m.heap().is_integer(term.word()) { Raise::BADARITH } else { Raise::BADARG };
    to_f64(m.heap(), term.word()).ok_or(fault)
}

fn result<'h>(m: &mut Mutator<'h>, value: f64) -> PureResult<'h> {
    if value.is_finite() { Ok(m.float(value)?) } else { Err(Raise::BADARITH) }
}

macro_rules! functions {
    ($($name:ident = $function:path;)*) => {
        $(fn $name<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
            let x = argument(m, a[0])?;
            result(m, $function(x))
        })*
    };
}

functions! {
    acos = libm::acos;
    acosh = libm::acosh;
    asin = libm::asin;
    asinh = libm::asinh;
    atan = libm::atan;
    atanh = libm::atanh;
    ceil = libm::ceil;
    cos = libm::cos;
    cosh = libm::cosh;
    erf = libm::erf;
    erfc = libm::erfc;
    exp = libm::exp;
    floor = libm::floor;
    log = libm::log;
    log10 = libm::log10;
    log2 = libm::log2;
    sin = libm::sin;
    sinh = libm::sinh;
    sqrt = libm::sqrt;
    tan = libm::tan;
    tanh = libm::tanh;
}

fn two<'h>(m: &mut Mutator<'h>, a: &[Term<'h>], function: fn(f64, f64) -> f64) -> PureResult<'h> {
    let (x, y) = (argument(m, a[0])?, argument(m, a[1])?);
    result(m, function(x, y))
}

fn atan2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    two(m, a, libm::atan2)
}

fn fmod<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    two(m, a, libm::fmod)
}

fn pow<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    two(m, a, libm::pow)
}
