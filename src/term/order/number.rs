//! Numbers against numbers: exact on every mix of integer and float, whatever their sizes.
//!
//! Invariant: nothing is rounded. An integer beyond 53 bits is never turned into a float; the float is
//! taken apart instead. Source: the reference manual on term comparisons, which promises a total order
//! over mixed numbers.

use crate::heap::read::View;
use crate::heap::space::Space;
use crate::term::Word;
use std::cmp::Ordering;

/// Limbs of the largest float's integer part: 1024 bits, and one to shift into.
const FLOAT_LIMBS: usize = 17;

/// Orders two numbers. `exact` is the order of map keys: every integer comes before every float.
pub(super) fn compare_numbers(heap: &impl Space, a: Word, b: Word, exact: bool) -> Ordering {
    match (heap.float(a), heap.float(b)) {
        (Some(x), Some(y)) => compare_floats(x, y),
        (None, None) => compare_integers(heap, a, b),
        (None, Some(_)) if exact => Ordering::Less,
        (Some(_), None) if exact => Ordering::Greater,
        (None, Some(y)) => compare_integer_float(heap, a, y),
        (Some(x), None) => compare_integer_float(heap, b, x).reverse(),
    }
}

fn compare_floats(x: f64, y: f64) -> Ordering {
    x.partial_cmp(&y).expect("no term is a NaN")
}

fn compare_integers(heap: &impl Space, a: Word, b: Word) -> Ordering {
    match (heap.view(a), heap.view(b)) {
        (View::Small(x), View::Small(y)) => x.cmp(&y),
        (View::Small(_), View::Big { negative, .. }) => sign(!negative),
        (View::Big { negative, .. }, View::Small(_)) => sign(negative),
        (View::Big { negative: n, limbs: x }, View::Big { negative: m, limbs: y }) => match (n, m) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => compare_limbs(x, y),
            (true, true) => compare_limbs(y, x),
        },
        _ => panic!("an integer is small or big"),
    }
}

/// `Less` where `less`, `Greater` otherwise.
fn sign(less: bool) -> Ordering {
    if less { Ordering::Less } else { Ordering::Greater }
}

fn compare_limbs(x: &[u64], y: &[u64]) -> Ordering {
    x.len().cmp(&y.len()).then_with(|| x.iter().rev().cmp(y.iter().rev()))
}

fn compare_integer_float(heap: &impl Space, integer: Word, float: f64) -> Ordering {
    match heap.view(integer) {
        View::Small(n) => compare_small_float(n, float),
        View::Big { negative, limbs } => {
            if negative != (float < 0.0) {
                return sign(negative);
            }
            let magnitude = compare_magnitude(limbs, float.abs());
            if negative { magnitude.reverse() } else { magnitude }
        }
        _ => panic!("an integer is small or big"),
    }
}

fn compare_small_float(n: i64, float: f64) -> Ordering {
    // Beyond 2^62 a float passes every small integer; below, its integer part fits an i64.
    if float.abs() >= (1u64 << 62) as f64 {
        return sign(float > 0.0);
    }
    let whole = float.trunc();
    n.cmp(&(whole as i64)).then_with(|| compare_floats(whole, float))
}

/// A big integer's limbs against a float that is not negative.
fn compare_magnitude(limbs: &[u64], float: f64) -> Ordering {
    // A big integer has 60 bits or more, and a float of 2^53 or more is whole.
    if float < (1u64 << 59) as f64 {
        return Ordering::Greater;
    }
    let bits = float.to_bits();
    let mantissa = (bits & ((1 << 52) - 1)) | (1 << 52);
    let shift = (bits >> 52) as usize - 1075;
    let mut whole = [0u64; FLOAT_LIMBS];
    let wide = u128::from(mantissa) << (shift % 64);
    whole[shift / 64] = wide as u64;
    whole[shift / 64 + 1] = (wide >> 64) as u64;
    let used = whole.iter().rposition(|&l| l != 0).expect("a mantissa has its top bit set") + 1;
    compare_limbs(limbs, &whole[..used])
}
