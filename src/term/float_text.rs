//! Floats as text, and text as floats.
//!
//! Three forms, as `erlang:float_to_list/2` has them: the shortest digits that read back as the same float,
//! a number of decimals, and scientific notation.
//!
//! Invariant: `parse` accepts exactly what `erlang:list_to_float/1` accepts, and `parse(short(f))` is `f`.
//! Source: the documentation of `float_to_list/2`, and a live `erl` of OTP 25 for what that leaves open:
//! the layout of short floats, 255 characters at most, and how decimals are rounded.

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
/// Powers of ten. Up to so many decimals, and up to 2^53, decimals are made from whole and fraction apart.
const POWERS: [f64; 19] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];

/// Writes a float; `None` where `float_to_list/2` fails with `badarg`.
pub fn format(f: f64, how: FloatFormat) -> Option<String> {
    let text = match how {
        FloatFormat::Short => short(f),
        FloatFormat::Decimals { decimals, compact } => {
            let decimals = (0..=DECIMALS_MAX).contains(&decimals).then_some(decimals)?;
            let text = with_decimals(f, decimals);
            let text = (text.len() <= LENGTH_MAX).then_some(text)?;
            // Without decimals OTP 25 takes zeros off the whole part of a large float, and so do we.
            if compact && (decimals > 0 || f.abs() > WHOLE_FROM) { without_zeros(text) } else { text }
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
    let shortest = shortest_digits(f);
    let (mantissa, exponent) = shortest.split_once('e').expect("scientific notation has an exponent");
    let exponent: i32 = exponent.parse().expect("an exponent is an integer");
    let digits: String = mantissa.chars().filter(|&c| c != '.').collect();
    push_digits(&mut text, &digits, exponent, f >= WHOLE_FROM);
    text
}

/// Digits from which two shortest texts may lie equally near to a float.
const TIE_DIGITS: usize = 15;

/// The shortest scientific notation; of two that are equally near, the one with the even last digit.
fn shortest_digits(f: f64) -> String {
    let shortest = format!("{f:e}");
    let digits = shortest.bytes().take_while(|&b| b != b'e').filter(u8::is_ascii_digit).count();
    if digits >= TIE_DIGITS {
        let nearest = format!("{f:.*e}", digits - 1);
        if nearest.parse() == Ok(f) {
            return nearest;
        }
    }
    shortest
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

pub(crate) fn scientific(f: f64, decimals: i64) -> String {
    let text = format!("{f:.*e}", decimals as usize);
    let (mantissa, exponent) = text.split_once('e').expect("scientific notation has an exponent");
    let exponent: i32 = exponent.parse().expect("an exponent is an integer");
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

fn with_decimals(f: f64, decimals: i64) -> String {
    if f.abs() > WHOLE_FROM || decimals as usize >= POWERS.len() {
        return format!("{f:.*}", decimals as usize);
    }
    let magnitude = f.abs();
    let mut whole = magnitude.trunc();
    let power = POWERS[decimals as usize];
    // Not the exact decimals: the product is rounded to a float, and a half goes up.
    let mut fraction = ((magnitude - whole) * power).round() as u64;
    if fraction >= power as u64 {
        fraction -= power as u64;
        whole += 1.0;
    }
    let sign = if f.is_sign_negative() { "-" } else { "" };
    match decimals {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{fraction:0width$}", width = decimals as usize),
    }
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
