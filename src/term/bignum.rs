//! Integers of any size: sign and 64-bit limbs, between the heap's words and `num-bigint`.
//!
//! Values under 127 bits are `Wide` and reach neither the limb loops nor `num-bigint`.
//! Invariant: a value that goes to the heap has at most [`LIMBS_MAX`] limbs once its leading zeros are gone.
//! Source: the limit and the rounding of large integers to floats are what OTP 25 answers (limb by limb
//! from the top, so a value of several limbs may be off the nearest float by one unit in the last place).

use super::Word;
use super::number::ArithFault;
use super::word::Kind;
use crate::heap::Heap;
use num_bigint::{BigInt, BigUint, Sign};

/// Limbs of the largest integer: 33,554,368 bits.
pub const LIMBS_MAX: usize = (1 << 19) - 1;
/// Bits of the largest integer.
pub const BITS_MAX: u64 = LIMBS_MAX as u64 * 64;
/// Below this many limbs in the shorter factor, the plain product beats the detour over `num-bigint`.
const PLAIN_PRODUCT_LIMBS: usize = 24;
const TWO_64: f64 = 18_446_744_073_709_551_616.0;

/// An integer read from the heap.
#[derive(Clone, Copy, Debug)]
pub enum Integer<'a> {
    /// Magnitude under 2^127.
    Wide(i128),
    Limbs {
        negative: bool,
        limbs: &'a [u64],
    },
}

/// An integer computed, not yet on the heap.
#[derive(Clone, Debug)]
pub enum Exact {
    Wide(i128),
    Limbs { negative: bool, limbs: Vec<u64> },
}

impl<'a> Integer<'a> {
    /// The integer of a word, `None` for other terms.
    #[inline]
    pub fn read(heap: &'a Heap, word: Word) -> Option<Integer<'a>> {
        if word.is_small() {
            return Some(Integer::Wide(i128::from(word.small_value())));
        }
        match heap.kind(word)? {
            Kind::PositiveBig => Some(Integer::from_limbs(false, heap.body(word))),
            Kind::NegativeBig => Some(Integer::from_limbs(true, heap.body(word))),
            _ => None,
        }
    }

    #[inline]
    fn from_limbs(negative: bool, limbs: &'a [u64]) -> Integer<'a> {
        let magnitude = match *limbs {
            [low] => u128::from(low),
            [low, high] if high >> 63 == 0 => u128::from(high) << 64 | u128::from(low),
            _ => return Integer::Limbs { negative, limbs },
        };
        let value = magnitude as i128;
        Integer::Wide(if negative { -value } else { value })
    }

    #[inline]
    pub fn is_negative(self) -> bool {
        match self {
            Integer::Wide(n) => n < 0,
            Integer::Limbs { negative, .. } => negative,
        }
    }

    pub fn is_zero(self) -> bool {
        matches!(self, Integer::Wide(0))
    }

    /// Sign and limbs; `room` holds the limbs of a wide one.
    pub fn sign_and_limbs<'b>(&'b self, room: &'b mut [u64; 2]) -> (bool, &'b [u64]) {
        match *self {
            Integer::Wide(n) => {
                let magnitude = n.unsigned_abs();
                *room = [magnitude as u64, (magnitude >> 64) as u64];
                (n < 0, trimmed(room))
            }
            Integer::Limbs { negative, limbs } => (negative, limbs),
        }
    }

    pub fn to_bigint(self) -> BigInt {
        match self {
            Integer::Wide(n) => BigInt::from(n),
            Integer::Limbs { negative, limbs } => {
                BigInt::from_biguint(if negative { Sign::Minus } else { Sign::Plus }, magnitude(limbs))
            }
        }
    }

    /// The float that OTP gives; `None` where it would not be finite.
    pub fn to_f64(self) -> Option<f64> {
        let mut room = [0; 2];
        let (negative, limbs) = self.sign_and_limbs(&mut room);
        let mut value = 0.0;
        for &limb in limbs.iter().rev() {
            value = value * TWO_64 + limb as f64;
            if value == f64::INFINITY {
                return None;
            }
        }
        Some(if negative { -value } else { value })
    }

    pub fn plus(self, other: Integer<'_>) -> Exact {
        if let (Integer::Wide(a), Integer::Wide(b)) = (self, other)
            && let Some(sum) = a.checked_add(b)
        {
            return Exact::Wide(sum);
        }
        self.limb_sum(other, false)
    }

    pub fn minus(self, other: Integer<'_>) -> Exact {
        if let (Integer::Wide(a), Integer::Wide(b)) = (self, other)
            && let Some(difference) = a.checked_sub(b)
        {
            return Exact::Wide(difference);
        }
        self.limb_sum(other, true)
    }

    fn limb_sum(self, other: Integer<'_>, negate_other: bool) -> Exact {
        let (mut room_a, mut room_b) = ([0; 2], [0; 2]);
        let (negative_a, a) = self.sign_and_limbs(&mut room_a);
        let (negative_b, b) = other.sign_and_limbs(&mut room_b);
        let negative_b = negative_b != negate_other;
        if negative_a == negative_b {
            return Exact::Limbs { negative: negative_a, limbs: sum(a, b) };
        }
        if is_less(a, b) {
            Exact::Limbs { negative: negative_b, limbs: difference(b, a) }
        } else {
            Exact::Limbs { negative: negative_a, limbs: difference(a, b) }
        }
    }

    pub fn times(self, other: Integer<'_>) -> Exact {
        if let (Integer::Wide(a), Integer::Wide(b)) = (self, other)
            && let Some(product) = a.checked_mul(b)
        {
            return Exact::Wide(product);
        }
        let (mut room_a, mut room_b) = ([0; 2], [0; 2]);
        let (negative_a, a) = self.sign_and_limbs(&mut room_a);
        let (negative_b, b) = other.sign_and_limbs(&mut room_b);
        let negative = negative_a != negative_b;
        if a.len().min(b.len()) <= PLAIN_PRODUCT_LIMBS {
            return Exact::Limbs { negative, limbs: plain_product(a, b) };
        }
        let product = magnitude(a) * magnitude(b);
        Exact::Limbs { negative, limbs: product.iter_u64_digits().collect() }
    }
}

impl Exact {
    pub fn from_bigint(value: &BigInt) -> Exact {
        Exact::Limbs { negative: value.sign() == Sign::Minus, limbs: value.iter_u64_digits().collect() }
    }

    /// A float without a fraction, exactly.
    pub fn from_integral_f64(value: f64) -> Exact {
        if value.abs() < 1.0e38 {
            return Exact::Wide(value as i128);
        }
        let bits = value.to_bits();
        let exponent = ((bits >> 52) & 0x7ff) as usize - 1075;
        let mantissa = (bits & ((1 << 52) - 1)) | 1 << 52;
        let mut limbs = vec![0; exponent / 64 + 2];
        let shifted = u128::from(mantissa) << (exponent % 64);
        limbs[exponent / 64] = shifted as u64;
        limbs[exponent / 64 + 1] = (shifted >> 64) as u64;
        Exact::Limbs { negative: value < 0.0, limbs }
    }

    /// The integer as a term; `SystemLimit` beyond the largest one.
    pub fn store(&self, heap: &mut Heap) -> Result<Word, ArithFault> {
        match self {
            Exact::Wide(n) => Ok(store_wide(heap, *n)?),
            Exact::Limbs { negative, limbs } => {
                let limbs = trimmed(limbs);
                if limbs.len() > LIMBS_MAX {
                    return Err(ArithFault::SystemLimit);
                }
                Ok(heap.new_integer_from_limbs(*negative, limbs)?)
            }
        }
    }
}

#[inline]
fn store_wide(heap: &mut Heap, value: i128) -> Result<Word, crate::heap::HeapFull> {
    match i64::try_from(value) {
        Ok(value) => heap.new_integer(value),
        Err(_) => heap.new_integer_wide(value),
    }
}

/// The limbs without zeros at the top.
pub fn trimmed(limbs: &[u64]) -> &[u64] {
    &limbs[..limbs.iter().rposition(|&l| l != 0).map_or(0, |i| i + 1)]
}

/// The limbs as a number of `num-bigint`.
pub fn magnitude(limbs: &[u64]) -> BigUint {
    BigUint::new(limbs.iter().flat_map(|&l| [l as u32, (l >> 32) as u32]).collect())
}

/// Whether `a < b`; both without zeros at the top.
fn is_less(a: &[u64], b: &[u64]) -> bool {
    if a.len() != b.len() { a.len() < b.len() } else { a.iter().rev().lt(b.iter().rev()) }
}

fn sum(a: &[u64], b: &[u64]) -> Vec<u64> {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let mut limbs = Vec::with_capacity(long.len() + 1);
    let mut carry = false;
    for (i, &limb) in long.iter().enumerate() {
        let (partial, over) = limb.overflowing_add(short.get(i).copied().unwrap_or(0));
        let (total, again) = partial.overflowing_add(u64::from(carry));
        carry = over | again;
        limbs.push(total);
    }
    limbs.push(u64::from(carry));
    limbs
}

/// `a - b`, where `a >= b`.
fn difference(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut borrow = false;
    let mut limbs = Vec::with_capacity(a.len());
    for (i, &limb) in a.iter().enumerate() {
        let (partial, under) = limb.overflowing_sub(b.get(i).copied().unwrap_or(0));
        let (total, again) = partial.overflowing_sub(u64::from(borrow));
        borrow = under | again;
        limbs.push(total);
    }
    assert!(!borrow, "the smaller magnitude is taken from the larger");
    limbs
}

fn plain_product(a: &[u64], b: &[u64]) -> Vec<u64> {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let mut limbs = vec![0; long.len() + short.len()];
    for (i, &factor) in short.iter().enumerate() {
        let mut carry = 0u64;
        for (place, &limb) in limbs[i..].iter_mut().zip(long) {
            let product = u128::from(limb) * u128::from(factor) + u128::from(*place) + u128::from(carry);
            *place = product as u64;
            carry = (product >> 64) as u64;
        }
        limbs[i + long.len()] = carry;
    }
    limbs
}
