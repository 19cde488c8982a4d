//! Arithmetic on terms: integers of any size and floats, as the operators of Erlang.
//!
//! Invariant: no result is a float that is not finite, and none an integer above the size limit; operands
//! are only read, so a fault leaves nothing behind but unreachable words.
//! Source: the reference manual's section on arithmetic expressions; where it is silent (`abs(-0.0)` is
//! `-0.0`, the rounding of large integers to floats, which shifts are a system limit) what OTP 25 answers.

use super::Word;
use super::bignum::{BITS_MAX, Exact, Integer};
use super::word::Kind;
use crate::heap::{Heap, HeapFull};
use num_bigint::BigInt;

/// Why an operation has no result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArithFault {
    /// An operator's operand is no number, or the result no finite one.
    Badarith,
    /// The same for a function: `abs`, `float`, `round` and its like, conversions of text.
    Badarg,
    /// An integer beyond the largest.
    SystemLimit,
    HeapFull,
}

impl From<HeapFull> for ArithFault {
    fn from(_: HeapFull) -> Self {
        ArithFault::HeapFull
    }
}

type Outcome = Result<Word, ArithFault>;

const TAG: i64 = 15;

#[inline]
const fn both_small(a: Word, b: Word) -> bool {
    a.0 & b.0 & TAG as u64 == TAG as u64
}

/// `a + b` where both are small and so is the sum.
#[inline]
pub const fn add_small(a: Word, b: Word) -> Option<Word> {
    if !both_small(a, b) {
        return None;
    }
    match (a.0 as i64).checked_add(b.0 as i64 - TAG) {
        Some(sum) => Some(Word(sum as u64)),
        None => None,
    }
}

/// `a - b` where both are small and so is the difference.
#[inline]
pub const fn subtract_small(a: Word, b: Word) -> Option<Word> {
    if !both_small(a, b) {
        return None;
    }
    match (a.0 as i64).checked_sub(b.0 as i64 - TAG) {
        Some(difference) => Some(Word(difference as u64)),
        None => None,
    }
}

/// `a * b` where both are small and so is the product.
#[inline]
pub const fn multiply_small(a: Word, b: Word) -> Option<Word> {
    if !both_small(a, b) {
        return None;
    }
    match (a.0 as i64 - TAG).checked_mul(b.small_value()) {
        Some(product) => Some(Word((product | TAG) as u64)),
        None => None,
    }
}

/// `a div b` where both are small, `b` is not 0 and the quotient is small.
#[inline]
pub const fn div_small(a: Word, b: Word) -> Option<Word> {
    if !both_small(a, b) || b.small_value() == 0 {
        return None;
    }
    Word::checked_small(a.small_value() / b.small_value())
}

/// `a rem b` where both are small and `b` is not 0.
#[inline]
pub const fn rem_small(a: Word, b: Word) -> Option<Word> {
    if !both_small(a, b) || b.small_value() == 0 {
        return None;
    }
    Some(Word::small(a.small_value() % b.small_value()))
}

#[inline]
pub const fn band_small(a: Word, b: Word) -> Option<Word> {
    if both_small(a, b) { Some(Word(a.0 & b.0)) } else { None }
}

#[inline]
pub const fn bor_small(a: Word, b: Word) -> Option<Word> {
    if both_small(a, b) { Some(Word(a.0 | b.0)) } else { None }
}

#[inline]
pub const fn bxor_small(a: Word, b: Word) -> Option<Word> {
    if both_small(a, b) { Some(Word((a.0 ^ b.0) | TAG as u64)) } else { None }
}

/// `a bsl b` where all are small and `b` is not negative.
#[inline]
pub const fn bsl_small(a: Word, b: Word) -> Option<Word> {
    if !both_small(a, b) || (b.small_value() as u64) >= 60 {
        return None;
    }
    let by = b.small_value() as u32;
    let shifted = (a.0 as i64 - TAG) << by;
    if shifted >> by == a.0 as i64 - TAG { Some(Word((shifted | TAG) as u64)) } else { None }
}

/// `a bsr b` where both are small and `b` is not negative.
#[inline]
pub const fn bsr_small(a: Word, b: Word) -> Option<Word> {
    if !both_small(a, b) || b.small_value() < 0 {
        return None;
    }
    let by = if b.small_value() > 63 { 63 } else { b.small_value() as u32 };
    Some(Word::small(a.small_value() >> by))
}

/// Two operands brought to one kind.
enum Pair<'a> {
    Integers(Integer<'a>, Integer<'a>),
    Floats(f64, f64),
}

enum Number<'a> {
    Integer(Integer<'a>),
    Float(f64),
}

fn number(heap: &Heap, word: Word) -> Option<Number<'_>> {
    if heap.kind(word) == Some(Kind::Float) {
        return Some(Number::Float(f64::from_bits(heap.body(word)[0])));
    }
    Integer::read(heap, word).map(Number::Integer)
}

fn pair(heap: &Heap, a: Word, b: Word) -> Result<Pair<'_>, ArithFault> {
    let fault = ArithFault::Badarith;
    let (a, b) = (number(heap, a).ok_or(fault)?, number(heap, b).ok_or(fault)?);
    Ok(match (a, b) {
        (Number::Integer(a), Number::Integer(b)) => Pair::Integers(a, b),
        (Number::Integer(a), Number::Float(b)) => Pair::Floats(a.to_f64().ok_or(fault)?, b),
        (Number::Float(a), Number::Integer(b)) => Pair::Floats(a, b.to_f64().ok_or(fault)?),
        (Number::Float(a), Number::Float(b)) => Pair::Floats(a, b),
    })
}

fn integers(heap: &Heap, a: Word, b: Word) -> Result<(Integer<'_>, Integer<'_>), ArithFault> {
    let fault = ArithFault::Badarith;
    Ok((Integer::read(heap, a).ok_or(fault)?, Integer::read(heap, b).ok_or(fault)?))
}

#[inline]
fn store_float(heap: &mut Heap, value: f64) -> Outcome {
    if value.is_finite() { Ok(heap.new_float(value)?) } else { Err(ArithFault::Badarith) }
}

/// The float that a number is or converts to; `None` for other terms and integers too large.
pub fn to_f64(heap: &Heap, word: Word) -> Option<f64> {
    match number(heap, word)? {
        Number::Integer(n) => n.to_f64(),
        Number::Float(f) => Some(f),
    }
}

/// `a + b`
pub fn add(heap: &mut Heap, a: Word, b: Word) -> Outcome {
    match pair(heap, a, b)? {
        Pair::Integers(a, b) => a.plus(b).store(heap),
        Pair::Floats(a, b) => store_float(heap, a + b),
    }
}

/// `a - b`
pub fn subtract(heap: &mut Heap, a: Word, b: Word) -> Outcome {
    match pair(heap, a, b)? {
        Pair::Integers(a, b) => a.minus(b).store(heap),
        Pair::Floats(a, b) => store_float(heap, a - b),
    }
}

/// `a * b`
pub fn multiply(heap: &mut Heap, a: Word, b: Word) -> Outcome {
    match pair(heap, a, b)? {
        Pair::Integers(a, b) => a.times(b).store(heap),
        Pair::Floats(a, b) => store_float(heap, a * b),
    }
}

/// `a / b`, always a float.
pub fn divide(heap: &mut Heap, a: Word, b: Word) -> Outcome {
    let (a, b) = match pair(heap, a, b)? {
        Pair::Integers(a, b) => {
            (a.to_f64().ok_or(ArithFault::Badarith)?, b.to_f64().ok_or(ArithFault::Badarith)?)
        }
        Pair::Floats(a, b) => (a, b),
    };
    if b == 0.0 { Err(ArithFault::Badarith) } else { store_float(heap, a / b) }
}

/// `a div b`, truncated towards zero.
pub fn div(heap: &mut Heap, a: Word, b: Word) -> Outcome {
    let (a, b) = integers(heap, a, b)?;
    if b.is_zero() {
        return Err(ArithFault::Badarith);
    }
    let quotient = match (a, b) {
        (Integer::Wide(a), Integer::Wide(b)) => Exact::Wide(a / b),
        (Integer::Wide(_), Integer::Limbs { .. }) => Exact::Wide(0),
        (a, b) => Exact::from_bigint(&(a.to_bigint() / b.to_bigint())),
    };
    quotient.store(heap)
}

/// `a rem b`, with the sign of `a`.
pub fn rem(heap: &mut Heap, a: Word, b: Word) -> Outcome {
    let dividend = a;
    let (a, b) = integers(heap, a, b)?;
    if b.is_zero() {
        return Err(ArithFault::Badarith);
    }
    let remainder = match (a, b) {
        (Integer::Wide(a), Integer::Wide(b)) => Exact::Wide(a % b),
        (Integer::Wide(_), Integer::Limbs { .. }) => return Ok(dividend),
        (a, b) => Exact::from_bigint(&(a.to_bigint() % b.to_bigint())),
    };
    remainder.store(heap)
}

/// `-a`
pub fn negate(heap: &mut Heap, a: Word) -> Outcome {
    match number(heap, a).ok_or(ArithFault::Badarith)? {
        Number::Integer(a) => Integer::Wide(0).minus(a).store(heap),
        Number::Float(a) => Ok(heap.new_float(-a)?),
    }
}

/// `abs(a)`; a negative zero stays one.
pub fn abs(heap: &mut Heap, a: Word) -> Outcome {
    match number(heap, a).ok_or(ArithFault::Badarg)? {
        Number::Integer(n) if n.is_negative() => Integer::Wide(0).minus(n).store(heap),
        Number::Float(f) if f < 0.0 => Ok(heap.new_float(-f)?),
        _ => Ok(a),
    }
}

fn bitwise(
    heap: &mut Heap,
    a: Word,
    b: Word,
    wide: fn(i128, i128) -> i128,
    big: fn(BigInt, &BigInt) -> BigInt,
) -> Outcome {
    let result = match integers(heap, a, b)? {
        (Integer::Wide(a), Integer::Wide(b)) => Exact::Wide(wide(a, b)),
        (a, b) => Exact::from_bigint(&big(a.to_bigint(), &b.to_bigint())),
    };
    result.store(heap)
}

/// `a band b`
pub fn band(heap: &mut Heap, a: Word, b: Word) -> Outcome {
    bitwise(heap, a, b, |a, b| a & b, |a, b| a & b)
}

/// `a bor b`
pub fn bor(heap: &mut Heap, a: Word, b: Word) -> Outcome {
    bitwise(heap, a, b, |a, b| a | b, |a, b| a | b)
}

/// `a bxor b`
pub fn bxor(heap: &mut Heap, a: Word, b: Word) -> Outcome {
    bitwise(heap, a, b, |a, b| a ^ b, |a, b| a ^ b)
}

/// `bnot a`
pub fn bnot(heap: &mut Heap, a: Word) -> Outcome {
    let n = Integer::read(heap, a).ok_or(ArithFault::Badarith)?;
    Integer::Wide(-1).minus(n).store(heap)
}

/// `a bsl b`; a negative `b` shifts right.
pub fn bsl(heap: &mut Heap, a: Word, b: Word) -> Outcome {
    let (value, by) = integers(heap, a, b)?;
    shift(value, by.is_negative(), by)?.store(heap)
}

/// `a bsr b`; a negative `b` shifts left.
pub fn bsr(heap: &mut Heap, a: Word, b: Word) -> Outcome {
    let (value, by) = integers(heap, a, b)?;
    shift(value, !by.is_negative(), by)?.store(heap)
}

/// `value` moved by as many bits as the magnitude of `by` says.
fn shift(value: Integer<'_>, right: bool, by: Integer<'_>) -> Result<Exact, ArithFault> {
    if value.is_zero() {
        return Ok(Exact::Wide(0));
    }
    let bits = match by {
        Integer::Wide(n) => u64::try_from(n.unsigned_abs()).unwrap_or(u64::MAX),
        Integer::Limbs { .. } => u64::MAX,
    };
    if right {
        return Ok(match value {
            Integer::Wide(n) => Exact::Wide(n >> bits.min(127)),
            value if bits > BITS_MAX => Exact::Wide(if value.is_negative() { -1 } else { 0 }),
            value => Exact::from_bigint(&(value.to_bigint() >> bits)),
        });
    }
    if bits > BITS_MAX {
        return Err(ArithFault::SystemLimit);
    }
    if let Integer::Wide(n) = value {
        let used = u64::from(128 - n.unsigned_abs().leading_zeros());
        if used + bits < 127 {
            return Ok(Exact::Wide(n << bits));
        }
    }
    Ok(shifted_left(value, bits as usize))
}

fn shifted_left(value: Integer<'_>, bits: usize) -> Exact {
    let mut room = [0; 2];
    let (negative, from) = value.sign_and_limbs(&mut room);
    let (whole, part) = (bits / 64, bits % 64);
    let mut limbs = vec![0; whole + from.len() + 1];
    for (i, &limb) in from.iter().enumerate() {
        let moved = u128::from(limb) << part;
        limbs[whole + i] |= moved as u64;
        limbs[whole + i + 1] = (moved >> 64) as u64;
    }
    Exact::Limbs { negative, limbs }
}

fn to_integer(heap: &mut Heap, a: Word, rounding: fn(f64) -> f64) -> Outcome {
    match number(heap, a).ok_or(ArithFault::Badarg)? {
        Number::Integer(_) => Ok(a),
        Number::Float(f) => Exact::from_integral_f64(rounding(f)).store(heap),
    }
}

/// `round(a)`: halves go away from zero.
pub fn round(heap: &mut Heap, a: Word) -> Outcome {
    to_integer(heap, a, libm::round)
}

/// `trunc(a)`
pub fn trunc(heap: &mut Heap, a: Word) -> Outcome {
    to_integer(heap, a, libm::trunc)
}

/// `floor(a)`
pub fn floor(heap: &mut Heap, a: Word) -> Outcome {
    to_integer(heap, a, libm::floor)
}

/// `ceil(a)`
pub fn ceil(heap: &mut Heap, a: Word) -> Outcome {
    to_integer(heap, a, libm::ceil)
}

/// `float(a)`
pub fn float(heap: &mut Heap, a: Word) -> Outcome {
    match number(heap, a).ok_or(ArithFault::Badarg)? {
        Number::Integer(n) => {
            let value = n.to_f64().ok_or(ArithFault::Badarg)?;
            Ok(heap.new_float(value)?)
        }
        Number::Float(_) => Ok(a),
    }
}
