//! Numbers from text and back, as lists of characters and as binaries.
//!
//! Source: the documentation of `erlang` and `string`; a live `erl` of OTP 25 for errors, for options of
//! `float_to_list/2` that contradict each other (the last one counts), and for where `string:list_to_float/1`
//! stops reading.

use super::arguments::bytes;
use crate::bif::table::natives;
use crate::bif::{PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::term::float_text::{self, FloatFormat, SCIENTIFIC_DEFAULT};
use crate::term::integer_text::{integer_from_text, integer_to_text};
use crate::term::{Atom, Word};

natives! { ROWS:
    pure "erlang" "integer_to_list" 1 = integer_to_list1;
    pure "erlang" "integer_to_list" 2 = integer_to_list2;
    pure "erlang" "integer_to_binary" 1 = integer_to_binary1;
    pure "erlang" "integer_to_binary" 2 = integer_to_binary2;
    pure "erlang" "list_to_integer" 1 = list_to_integer1;
    pure "erlang" "list_to_integer" 2 = list_to_integer2;
    pure "erlang" "binary_to_integer" 1 = binary_to_integer1;
    pure "erlang" "binary_to_integer" 2 = binary_to_integer2;
    pure "erlang" "float_to_list" 1 = float_to_list1;
    pure "erlang" "float_to_list" 2 = float_to_list2;
    pure "erlang" "float_to_binary" 1 = float_to_binary1;
    pure "erlang" "float_to_binary" 2 = float_to_binary2;
    pure "erlang" "list_to_float" 1 = list_to_float;
    pure "erlang" "binary_to_float" 1 = binary_to_float;
    pure "string" "list_to_integer" 1 = read_integer;
    pure "string" "list_to_float" 1 = read_float;
}

/// The bytes at the front of a list, and what follows them.
fn leading_bytes(m: &Mutator<'_>, list: Word) -> (Vec<u8>, Word) {
    let mut bytes = Vec::new();
    let mut rest = list;
    while rest.is_list() {
        let (head, tail) = m.heap().cell(rest);
        let Some(byte) = head.as_small().and_then(|n| u8::try_from(n).ok()) else { break };
        bytes.push(byte);
        rest = tail;
    }
    (bytes, rest)
}

/// A proper list of bytes.
fn byte_list<'h>(m: &Mutator<'h>, list: Term<'h>) -> Result<Vec<u8>, Raise<'h>> {
    let (bytes, rest) = leading_bytes(m, list.word());
    if rest.is_nil() { Ok(bytes) } else { Err(Raise::BADARG) }
}

fn base<'h>(term: Term<'h>) -> Result<u32, Raise<'h>> {
    let base = term.as_small().filter(|n| (2..=36).contains(n)).ok_or(Raise::BADARG)?;
    Ok(base as u32)
}

fn integer_text<'h>(m: &Mutator<'h>, term: Term<'h>, base: u32) -> Result<String, Raise<'h>> {
    if !m.heap().is_integer(term.word()) {
        return Err(Raise::BADARG);
    }
    Ok(integer_to_text(m.heap(), term.word(), base))
}

fn integer_to_list1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let text = integer_text(m, a[0], 10)?;
    Ok(m.text_list(&text)?)
}

fn integer_to_list2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let text = integer_text(m, a[0], base(a[1])?)?;
    Ok(m.text_list(&text)?)
}

fn integer_to_binary1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let text = integer_text(m, a[0], 10)?;
    Ok(m.binary(text.as_bytes())?)
}

fn integer_to_binary2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let text = integer_text(m, a[0], base(a[1])?)?;
    Ok(m.binary(text.as_bytes())?)
}

fn integer<'h>(m: &mut Mutator<'h>, text: &[u8], base: u32) -> PureResult<'h> {
    Ok(Term::of(integer_from_text(m.heap_mut(), text, base)?))
}

fn list_to_integer1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let text = byte_list(m, a[0])?;
    integer(m, &text, 10)
}

fn list_to_integer2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let text = byte_list(m, a[0])?;
    integer(m, &text, base(a[1])?)
}

fn binary_to_integer1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let text = bytes(m, a[0])?.into_owned();
    integer(m, &text, 10)
}

fn binary_to_integer2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let text = bytes(m, a[0])?.into_owned();
    integer(m, &text, base(a[1])?)
}

fn float_text<'h>(m: &Mutator<'h>, term: Term<'h>, how: FloatFormat) -> Result<String, Raise<'h>> {
    let value = m.heap().float(term.word()).ok_or(Raise::BADARG)?;
    float_text::format(value, how).ok_or(Raise::BADARG)
}

const PLAIN: FloatFormat = FloatFormat::Scientific { decimals: SCIENTIFIC_DEFAULT };

/// What a list of options asks for.
fn float_format<'h>(m: &Mutator<'h>, options: Term<'h>) -> Result<FloatFormat, Raise<'h>> {
    let mut format = PLAIN;
    let mut compact = false;
    for option in m.list_elements(options).ok_or(Raise::BADARG)? {
        match (option.as_atom(), m.tuple_elements(option).as_deref()) {
            (Some(Atom::COMPACT), _) => compact = true,
            (Some(Atom::SHORT), _) => format = FloatFormat::Short,
            (None, Some(&[name, value])) => {
                let decimals = value.as_small().ok_or(Raise::BADARG)?;
                format = match name.as_atom() {
                    Some(Atom::DECIMALS) => FloatFormat::Decimals { decimals, compact: false },
                    Some(Atom::SCIENTIFIC) => FloatFormat::Scientific { decimals },
                    _ => return Err(Raise::BADARG),
                };
            }
            _ => return Err(Raise::BADARG),
        }
    }
    Ok(match format {
        FloatFormat::Decimals { decimals, .. } => FloatFormat::Decimals { decimals, compact },
        other => other,
    })
}

fn float_to_list1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let text = float_text(m, a[0], PLAIN)?;
    Ok(m.text_list(&text)?)
}

fn float_to_list2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let text = float_text(m, a[0], float_format(m, a[1])?)?;
    Ok(m.text_list(&text)?)
}

fn float_to_binary1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let text = float_text(m, a[0], PLAIN)?;
    Ok(m.binary(text.as_bytes())?)
}

fn float_to_binary2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let text = float_text(m, a[0], float_format(m, a[1])?)?;
    Ok(m.binary(text.as_bytes())?)
}

fn float<'h>(m: &mut Mutator<'h>, text: &[u8]) -> PureResult<'h> {
    let value = std::str::from_utf8(text).ok().and_then(float_text::parse).ok_or(Raise::BADARG)?;
    Ok(m.float(value)?)
}

fn list_to_float<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let text = byte_list(m, a[0])?;
    float(m, &text)
}

fn binary_to_float<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let text = bytes(m, a[0])?.into_owned();
    float(m, &text)
}

/// Length of a sign, if there is one.
fn sign(text: &[u8]) -> usize {
    usize::from(matches!(text.first(), Some(b'+' | b'-')))
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}

/// Length of the integer at the front, 0 if there is none.
fn integer_length(text: &[u8]) -> usize {
    let sign = sign(text);
    match digits(&text[sign..]) {
        0 => 0,
        n => sign + n,
    }
}

/// Length of the float at the front, 0 if there is none. An exponent without digits does not belong to it.
fn float_length(text: &[u8]) -> usize {
    let whole = integer_length(text);
    if whole == 0 || text.get(whole) != Some(&b'.') {
        return 0;
    }
    let fraction = digits(&text[whole + 1..]);
    if fraction == 0 {
        return 0;
    }
    let mantissa = whole + 1 + fraction;
    match text.get(mantissa) {
        Some(b'e' | b'E') => match integer_length(&text[mantissa + 1..]) {
            0 => mantissa,
            exponent => mantissa + 1 + exponent,
        },
        _ => mantissa,
    }
}

/// `{Number, Rest}` of a list whose first `length` characters are the number.
fn number_and_rest<'h>(
    m: &mut Mutator<'h>,
    number: Term<'h>,
    list: Term<'h>,
    length: usize,
) -> PureResult<'h> {
    let mut rest = list.word();
    for _ in 0..length {
        rest = m.heap().cell(rest).1;
    }
    Ok(m.tuple(&[number, Term::of(rest)])?)
}

fn no_number<'h>(m: &mut Mutator<'h>, list: Term<'h>, reason: Atom) -> PureResult<'h> {
    let is_list = list.is_list() || list.is_nil();
    let reason = if is_list { reason } else { Atom::NOT_A_LIST };
    Ok(m.tuple(&[Term::atom(Atom::ERROR), Term::atom(reason)])?)
}

fn read_integer<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let text = leading_bytes(m, a[0].word()).0;
    match integer_length(&text) {
        0 => no_number(m, a[0], Atom::NO_INTEGER),
        length => {
            let number = integer(m, &text[..length], 10)?;
            number_and_rest(m, number, a[0], length)
        }
    }
}

fn read_float<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let text = leading_bytes(m, a[0].word()).0;
    let length = float_length(&text);
    match float(m, &text[..length]) {
        Ok(number) => number_and_rest(m, number, a[0], length),
        Err(Raise::HeapFull) => Err(Raise::HeapFull),
        Err(_) => no_number(m, a[0], Atom::NO_FLOAT),
    }
}
