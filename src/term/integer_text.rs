//! Integers as text, in bases 2 to 36.
//!
//! Parsing is divide and conquer: pieces of a bounded length are read plainly and then joined two by two, so that
//! the work is that of a few large products and not quadratic. Text that could only be an integer above the size
//! limit is refused before any of that. Invariant: printing gives upper-case digits and parsing takes both cases.
//! Source: `erlang:integer_to_list/2`, `erlang:list_to_integer/2`.

use super::Word;
use super::bignum::{BITS_MAX, Exact, Integer};
use super::number::ArithFault;
use crate::heap::Heap;
use num_bigint::{BigInt, BigUint, Sign};

/// Digits of a piece that is read plainly.
const PIECE_DIGITS: usize = 1024;

/// The text of an integer in `base`, 2 to 36; the word must be an integer.
pub fn integer_to_text(heap: &Heap, word: Word, base: u32) -> String {
    assert!((2..=36).contains(&base), "a base is 2 to 36");
    match Integer::read(heap, word).expect("the caller has an integer") {
        Integer::Wide(n) if base == 10 => n.to_string(),
        Integer::Wide(n) => wide_text(n, base),
        big => big.to_bigint().to_str_radix(base).to_ascii_uppercase(),
    }
}

fn wide_text(n: i128, base: u32) -> String {
    let mut reversed = Vec::with_capacity(16);
    let mut rest = n.unsigned_abs();
    loop {
        let digit = (rest % u128::from(base)) as u32;
        reversed.push(char::from_digit(digit, base).expect("a remainder is a digit").to_ascii_uppercase());
        rest /= u128::from(base);
        if rest == 0 {
            break;
        }
    }
    if n < 0 {
        reversed.push('-');
    }
    reversed.iter().rev().collect()
}

/// The integer of an optional sign and digits of `base`, 2 to 36. `Badarg` for any other text or base.
pub fn integer_from_text(heap: &mut Heap, text: &[u8], base: u32) -> Result<Word, ArithFault> {
    if !(2..=36).contains(&base) {
        return Err(ArithFault::Badarg);
    }
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() {
        return Err(ArithFault::Badarg);
    }
    // 24 digits of base 36 are under 2^127.
    if digits.len() <= 24 {
        let magnitude = digits.iter().try_fold(0i128, |value, &d| {
            Some(value * i128::from(base) + i128::from(char::from(d).to_digit(base)?))
        });
        let magnitude = magnitude.ok_or(ArithFault::Badarg)?;
        return Exact::Wide(if negative { -magnitude } else { magnitude }).store(heap);
    }
    let values: Option<Vec<u8>> =
        digits.iter().map(|&d| char::from(d).to_digit(base).map(|v| v as u8)).collect();
    let values = values.ok_or(ArithFault::Badarg)?;
    let leading = values.iter().take_while(|&&v| v == 0).count();
    let magnitude = join_pieces(&values[leading..], base)?;
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    Exact::from_bigint(&BigInt::from_biguint(sign, magnitude)).store(heap)
}

/// The value of digits, most significant first and not 0.
fn join_pieces(digits: &[u8], base: u32) -> Result<BigUint, ArithFault> {
    let bits_at_least = digits.len().saturating_sub(1) as u64 * u64::from(base.ilog2());
    if bits_at_least > BITS_MAX {
        return Err(ArithFault::SystemLimit);
    }
    // From the least significant end, so that every piece but the last is full.
    let mut pieces: Vec<BigUint> = digits
        .rchunks(PIECE_DIGITS)
        .map(|piece| BigUint::from_radix_be(piece, base).expect("every digit was checked"))
        .collect();
    let mut weight = BigUint::from(base).pow(PIECE_DIGITS as u32);
    while pieces.len() > 1 {
        pieces = pieces
            .chunks(2)
            .map(|pair| match pair {
                [low, high] => high * &weight + low,
                rest => rest[0].clone(),
            })
            .collect();
        if pieces.len() > 1 {
            weight = &weight * &weight;
        }
    }
    Ok(pieces.pop().unwrap_or_default())
}
