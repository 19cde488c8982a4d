//! A place in the input, and everything of the format that holds no further terms.
//!
//! Invariant: `at <= input.len()`; a read that would pass the end moves nothing.

use super::{EtfError, EtfFault, tag};
use crate::term::Atom;
use crate::term::atom::AtomError;

pub(super) struct Cursor<'i> {
    pub input: &'i [u8],
    pub at: usize,
    /// No new atoms, no new external funs.
    pub safe: bool,
}

impl<'i> Cursor<'i> {
    pub fn fail<T>(&self, fault: EtfFault) -> Result<T, EtfError> {
        Err(EtfError { offset: self.at, fault })
    }

    pub fn remaining(&self) -> usize {
        self.input.len() - self.at
    }

    pub fn take(&mut self, length: usize) -> Result<&'i [u8], EtfError> {
        if length > self.remaining() {
            return self.fail(EtfFault::Truncated);
        }
        let bytes = &self.input[self.at..self.at + length];
        self.at += length;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], EtfError> {
        Ok(self.take(N)?.try_into().expect("as many bytes as were asked for"))
    }

    pub fn u8(&mut self) -> Result<u8, EtfError> {
        self.array::<1>().map(|[b]| b)
    }

    pub fn u16(&mut self) -> Result<u16, EtfError> {
        self.array().map(u16::from_be_bytes)
    }

    pub fn u32(&mut self) -> Result<u32, EtfError> {
        self.array().map(u32::from_be_bytes)
    }

    pub fn u64(&mut self) -> Result<u64, EtfError> {
        self.array().map(u64::from_be_bytes)
    }

    pub fn fingerprint(&mut self) -> Result<[u8; 16], EtfError> {
        self.array()
    }

    /// A count of things that take at least `bytes_each` bytes each.
    pub fn count(&mut self, bytes_each: usize) -> Result<usize, EtfError> {
        let count = self.u32()? as usize;
        if count > self.remaining() / bytes_each {
            return self.fail(EtfFault::Truncated);
        }
        Ok(count)
    }

    /// An atom with its tag.
    pub fn tagged_atom(&mut self) -> Result<Atom, EtfError> {
        match self.u8()? {
            tag @ (tag::ATOM | tag::SMALL_ATOM | tag::ATOM_UTF8 | tag::SMALL_ATOM_UTF8) => self.atom(tag),
            tag => self.fail(EtfFault::UnexpectedTag(tag)),
        }
    }

    /// An atom behind its tag.
    pub fn atom(&mut self, tag: u8) -> Result<Atom, EtfError> {
        let length = match tag {
            tag::ATOM | tag::ATOM_UTF8 => usize::from(self.u16()?),
            _ => usize::from(self.u8()?),
        };
        let bytes = self.take(length)?;
        if matches!(tag, tag::ATOM | tag::SMALL_ATOM) {
            if bytes.is_ascii() {
                return self.intern(std::str::from_utf8(bytes).expect("ASCII is UTF-8"));
            }
            let text: String = bytes.iter().map(|&b| char::from(b)).collect();
            return self.intern(&text);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => self.intern(text),
            Err(_) => self.fail(EtfFault::BadAtom),
        }
    }

    fn intern(&self, text: &str) -> Result<Atom, EtfError> {
        if self.safe {
            return Atom::existing(text).map_or_else(|| self.fail(EtfFault::NewAtom), Ok);
        }
        Atom::new(text).or_else(|error| {
            self.fail(match error {
                AtomError::TooLong => EtfFault::BadAtom,
                AtomError::TableFull => EtfFault::AtomTableFull,
            })
        })
    }

    /// A number of 32 bits with its tag, in either of the short forms.
    pub fn tagged_u32(&mut self) -> Result<u32, EtfError> {
        match self.u8()? {
            tag::SMALL_INTEGER => self.u8().map(u32::from),
            tag::INTEGER => self.u32(),
            tag::SMALL_BIG => {
                let length = usize::from(self.u8()?);
                let sign = self.u8()?;
                let bytes = self.take(length)?;
                let mut low = [0; 4];
                if sign != 0 || length > 4 {
                    return self.fail(EtfFault::BadLength);
                }
                low[..length].copy_from_slice(bytes);
                Ok(u32::from_le_bytes(low))
            }
            tag => self.fail(EtfFault::UnexpectedTag(tag)),
        }
    }

    /// The 64-bit form of a float.
    pub fn new_float(&mut self) -> Result<f64, EtfError> {
        let value = f64::from_bits(self.u64()?);
        if value.is_finite() { Ok(value) } else { self.fail(EtfFault::BadFloat) }
    }

    /// The old form of a float: 31 bytes of text, filled up with zeros.
    pub fn text_float(&mut self) -> Result<f64, EtfError> {
        let room = self.take(31)?;
        let text = room.split(|&b| b == 0).next().unwrap_or(&[]);
        match parse_float(text) {
            Some(value) if value.is_finite() => Ok(value),
            _ => self.fail(EtfFault::BadFloat),
        }
    }
}

/// `[sign] digits ("." | ",") digits [("e" | "E") [sign] digits]`, and nothing else.
fn parse_float(text: &[u8]) -> Option<f64> {
    let digits = |from: usize| text[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let sign = |at: usize| usize::from(matches!(text.get(at), Some(b'+' | b'-')));
    let mut at = sign(0);
    let whole = digits(at);
    at += whole;
    if whole == 0 || !matches!(text.get(at), Some(b'.' | b',')) {
        return None;
    }
    at += 1;
    let fraction = digits(at);
    at += fraction;
    if fraction == 0 {
        return None;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1 + sign(at + 1);
        let exponent = digits(at);
        at += exponent;
        if exponent == 0 {
            return None;
        }
    }
    if at != text.len() {
        return None;
    }
    std::str::from_utf8(text).ok()?.replace(',', ".").parse().ok()
}
