//! Floats as text, and text as floats.
//!
//! Three forms, as `erlang:float_to_list/2` has them: the shortest digits that read back as the same float,
//! a number of decimals, and scientific notation.
//!
//! Invariant: `parse` accepts exactly what `erlang:list_to_float/1` accepts, and `parse(short(f))` is `f`.
//! Source: the documentation of `float_to_list/2`, and a live `erl` of OTP 25 for what that leaves open:
//! the layout of short floats, 255 characters at most, and how decimals are rounded.

use std::fmt::Write;

/// A way to write a float. Precision is as the caller gave it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FloatFormat {
    Short,
    /// `compact` drops zeros at the end, all but one after the point.
    Decimals {
        decimals: i64,
        compact: bool,
    },
    Scientific {
        decimals: i64,
    },
}

/// Characters that a float's text may have.
const LENGTH_MAX: usize = 255;
const DECIMALS_MAX: i64 = 253;
const SCIENTIFIC_MAX: i64 = 249;
/// Decimals of the plain `float_to_list/1`.
pub const SCIENTIFIC_DEFAULT: i64 = 20;
/// What a negative scientific precision stands for.
const SCIENTIFIC_NEGATIVE: i64 = 6;
/// Floats from here on are whole, and written in scientific notation when short.
const WHOLE_FROM: f64 = 9_007_199_254_740_992.0;
/// Below so many decimals, and up to 2^53, decimals are made by adding half a unit and cutting off.
const CUT_DECIMALS: i64 = 18;

/// Writes a float; `None` where `float_to_list/2` fails with `badarg`.
pub fn format(f: f64, how: FloatFormat) -> Option<String> {
    let text = match how {
        FloatFormat::Short => short(f),
        FloatFormat::Decimals { decimals, compact } => {
            let decimals = (0..=DECIMALS_MAX).contains(&decimals).then_some(decimals)?;
            let text = with_decimals(f, decimals);
            if compact && decimals > 0 { without_zeros(text) } else { text }
        }
        FloatFormat::Scientific { decimals } if decimals < 0 => scientific(f, SCIENTIFIC_NEGATIVE),
        FloatFormat::Scientific { decimals } if decimals > SCIENTIFIC_MAX => return None,
        FloatFormat::Scientific { decimals } => scientific(f, decimals),
    };
    (text.len() <= LENGTH_MAX).then_some(text)
}

/// The shortest digits that read back as `f`, as `~w` prints them.
pub fn short(f: f64) -> String {
    let mut text = String::with_capacity(24);
    if f.is_sign_negative() {
        text.push('-');
    }
    let f = f.abs();
    if f == 0.0 {
        text.push_str("0.0");
        return text;
    }
    let shortest = format!("{f:e}");
    let (mantissa, exponent) = shortest.split_once('e').expect("scientific notation has an exponent");
    let exponent: i32 = exponent.parse().expect("an exponent is an integer");
    let digits: String = mantissa.chars().filter(|&c| c != '.').collect();
    push_digits(&mut text, &digits, exponent, f >= WHOLE_FROM);
    text
}

/// Writes `d.ddd * 10^exponent` plainly or in scientific notation, whichever is shorter.
fn push_digits(text: &mut String, digits: &str, exponent: i32, large: bool) {
    let count = digits.len() as i32;
    let (first, rest) = digits.split_at(1);
    let rest = if rest.is_empty() { "0" } else { rest };
    let scientific = format!("{first}.{rest}e{exponent}");
    // Digits before the point.
    let whole = exponent + 1;
    let plain = if whole <= 0 {
        format!("0.{}{digits}", "0".repeat(-whole as usize))
    } else if whole >= count {
        // A large float's own digits end where the zeros would begin: it is never written plainly.
        format!("{digits}{}.0", "0".repeat((whole - count) as usize))
    } else {
        format!("{}.{}", &digits[..whole as usize], &digits[whole as usize..])
    };
    text.push_str(if large || plain.len() > scientific.len() { &scientific } else { &plain });
}

fn scientific(f: f64, decimals: i64) -> String {
    let text = format!("{f:.*e}", decimals as usize);
    let (mantissa, exponent) = text.split_once('e').expect("scientific notation has an exponent");
    let exponent: i32 = exponent.parse().expect("an exponent is an integer");
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

fn with_decimals(f: f64, decimals: i64) -> String {
    if f.abs() > WHOLE_FROM || decimals > CUT_DECIMALS {
        return format!("{f:.*}", decimals as usize);
    }
    let power = 10f64.powi(decimals as i32);
    let raised = f.abs() + 0.5 / power;
    let whole = raised.trunc();
    let mut text = String::with_capacity(24);
    if f.is_sign_negative() {
        text.push('-');
    }
    write!(text, "{whole}").expect("a string takes any text");
    if decimals > 0 {
        text.push('.');
    }
    // The fraction has at most 52 bits behind 2^-53 where anything is left of it.
    let mut fraction = ((raised - whole) * (1u64 << 53) as f64) as u64;
    for _ in 0..decimals {
        fraction *= 10;
        text.push(char::from(b'0' + (fraction >> 53) as u8));
        fraction &= (1 << 53) - 1;
    }
    text
}

fn without_zeros(mut text: String) -> String {
    while text.ends_with('0') && !text.ends_with(".0") {
        text.pop();
    }
    text
}

/// A float as `list_to_float/1` reads it: sign, digits, point, digits, exponent; nothing may be missing but
/// sign and exponent. `None` for other texts and where the value is too large.
pub fn parse(text: &str) -> Option<f64> {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let unsigned = |s: &'_ str| s.strip_prefix(['+', '-']).map_or(s.len(), str::len);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.')?;
    let whole = &whole[whole.len() - unsigned(whole)..];
    let exponent_fits = exponent.is_none_or(|e| digits(&e[e.len() - unsigned(e)..]));
    if !digits(whole) || !digits(fraction) || !exponent_fits {
        return None;
    }
    text.parse().ok().filter(|f: &f64| f.is_finite())
}
