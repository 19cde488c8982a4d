//! Numbers in segments: integers of any size, floats of 16, 32 and 64 bits.
//!
//! Invariant: nothing is allocated on the heap for an integer that is small. A float that is not finite matches
//! nothing, and an integer above the size limit neither (as OTP 25 answers). Building is wider: a float too
//! large for its segment becomes an infinity, ties go to the even mantissa.

use super::Endian;
use super::load::{load, load_big, load_little, sign_extend};
use crate::heap::binary::{BitPlace, Bits};
use crate::heap::{Heap, HeapFull};
use crate::term::Word;
use crate::term::bignum::{LIMBS_MAX, trimmed};

/// The integer of `size_bits` bits at `at` bits from the start of the base's bytes. `None` beyond the size limit.
#[inline]
pub fn read_integer(
    heap: &mut Heap,
    from: BitPlace,
    signed: bool,
    endian: Endian,
) -> Result<Option<Word>, HeapFull> {
    if from.size <= 64 {
        let value = load(heap.base_bytes(from.base), from.offset, from.size, endian);
        return Ok(Some(if signed {
            heap.new_integer(sign_extend(value, from.size))?
        } else if value < 1 << 59 {
            Word::small(value as i64)
        } else {
            heap.new_unsigned(value)?
        }));
    }
    read_long_integer(heap, from, signed, endian)
}

fn read_long_integer(
    heap: &mut Heap,
    from: BitPlace,
    signed: bool,
    endian: Endian,
) -> Result<Option<Word>, HeapFull> {
    let bytes = heap.base_bytes(from.base);
    if from.size <= 128 {
        let mut limbs = [0; 2];
        let negative = load_limbs(bytes, from.offset, from.size, endian, signed, &mut limbs);
        return heap.new_integer_from_limbs(negative, &limbs).map(Some);
    }
    let mut limbs = vec![0; from.size.div_ceil(64)];
    let negative = load_limbs(bytes, from.offset, from.size, endian, signed, &mut limbs);
    let limbs = trimmed(&limbs);
    if limbs.len() > LIMBS_MAX {
        return Ok(None);
    }
    heap.new_integer_from_limbs(negative, limbs).map(Some)
}

/// Fills `limbs` with the magnitude, least significant first; true where the value is negative.
fn load_limbs(
    bytes: &[u8],
    offset: usize,
    size: usize,
    endian: Endian,
    signed: bool,
    limbs: &mut [u64],
) -> bool {
    let (whole, part) = (size / 64, size % 64);
    for (i, limb) in limbs.iter_mut().enumerate() {
        let bits = if i < whole { 64 } else { part };
        *limb = match endian {
            Endian::Big => load_big(bytes, offset + size - i * 64 - bits, bits),
            Endian::Little => load_little(bytes, offset + i * 64, bits),
        };
    }
    let top_bits = if part == 0 { 64 } else { part };
    let top = limbs.last_mut().expect("a long integer has limbs");
    let negative = signed && *top >> (top_bits - 1) != 0;
    if negative {
        *top = sign_extend(*top, top_bits) as u64;
        negate(limbs);
    }
    negative
}

/// Two's complement negation in place.
pub(super) fn negate(limbs: &mut [u64]) {
    let mut carry = true;
    for limb in limbs {
        let (negated, over) = (!*limb).overflowing_add(u64::from(carry));
        *limb = negated;
        carry = over;
    }
}

/// The float of the whole run, `None` for another size than 16, 32 or 64 bits or one that is not finite. No bits at
/// all are 0.0.
pub fn read_float(run: Bits<'_>, endian: Endian) -> Option<f64> {
    if !matches!(run.size, 16 | 32 | 64) {
        return (run.size == 0).then_some(0.0);
    }
    let raw = load(run.bytes, run.offset, run.size, endian);
    let value = match run.size {
        16 => half_to_f64(raw as u16),
        32 => f64::from(f32::from_bits(raw as u32)),
        _ => f64::from_bits(raw),
    };
    value.is_finite().then_some(value)
}

/// An IEEE 754 binary16.
pub fn half_to_f64(half: u16) -> f64 {
    let sign = u64::from(half >> 15) << 63;
    let (exponent, fraction) = (u64::from(half >> 10 & 0x1f), u64::from(half & 0x3ff));
    let magnitude = match exponent {
        0 => fraction as f64 / f64::from(1 << 24),
        31 if fraction == 0 => f64::INFINITY,
        31 => f64::NAN,
        _ => f64::from_bits((exponent + 1008) << 52 | fraction << 42),
    };
    f64::from_bits(magnitude.to_bits() | sign)
}

/// The nearest IEEE 754 binary16, ties to even; an infinity where none is near.
pub fn half_from_f64(value: f64) -> u16 {
    let bits = value.to_bits();
    let sign = (bits >> 63 << 15) as u16;
    let exponent = (bits >> 52 & 0x7ff) as i64 - 1023;
    let mantissa = (bits & ((1 << 52) - 1)) | 1 << 52;
    if exponent > 15 {
        return sign | 0x7c00;
    }
    if exponent < -25 {
        return sign;
    }
    // Normal halves keep 11 bits of the mantissa, subnormal ones fewer.
    let (drop, base) =
        if exponent < -14 { (42 + (-14 - exponent) as u32, 0) } else { (42, ((exponent + 15) as u64) << 10) };
    let kept = mantissa >> drop;
    let rest = mantissa & ((1 << drop) - 1);
    let tie = 1 << (drop - 1);
    let up = rest > tie || (rest == tie && kept & 1 == 1);
    // The implicit bit of a normal number is in `kept`; rounding up may carry into the exponent, rightly.
    let base = if exponent < -14 { 0 } else { base - (1 << 10) };
    sign | (base + kept + u64::from(up)) as u16
}
