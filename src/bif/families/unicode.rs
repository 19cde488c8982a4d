//! The part of `unicode` that OTP has as native functions: Latin-1 and UTF-8 to UTF-8 and to lists. Other encodings
//! go on in the Erlang code of the module.
//!
//! A character may be split over neighbouring binaries; its bytes wait until the rest has come. What could not be
//! converted is given back as it was, but for what had been taken from its front.
//!
//! Invariant: types are checked before anything is converted, so `badarg` comes before `{error, ...}`. Explicit
//! stack. Source: the documentation of `unicode`; the shape of the rest from a live `erl` of OTP 25.

use super::binaries::{from_bytes, slice};
use crate::bif::table::natives;
use crate::bif::{EffectResult, Local, Outcome, PureResult, Raise};
use crate::code::ExportId;
use crate::heap::mutator::{Mutator, Term};
use crate::heap::{Heap, HeapFull};
use crate::term::bitsyntax::unicode::is_code_point;
use crate::term::{Atom, Word};

natives! { ROWS:
    pure "unicode" "bin_is_7bit" 1 = bin_is_7bit;
    local "unicode" "characters_to_binary" 2 = characters_to_binary;
    local "unicode" "characters_to_list" 2 = characters_to_list;
}

fn bin_is_7bit<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let plain = m.bits(a[0]).filter(|bits| bits.is_binary()).is_some_and(|bits| match bits.aligned() {
        Some(bytes) => bytes.is_ascii(),
        None => (0..bits.byte_size()).all(|i| bits.byte(i).is_ascii()),
    });
    Ok(Term::boolean(plain))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Latin1,
    Utf8,
}

fn encoding(term: Term<'_>) -> Option<Encoding> {
    match term.as_atom() {
        Some(Atom::LATIN1) => Some(Encoding::Latin1),
        Some(Atom::UTF8 | Atom::UNICODE) => Some(Encoding::Utf8),
        _ => None,
    }
}

/// Whether a term is a binary, or a list of integers, binaries and such lists. An integer of more than 60 bits is
/// no character, and ends the check: as in OTP it is the error that is found, whatever comes after.
fn is_character_data(heap: &Heap, root: Word) -> bool {
    let is_binary = |word| heap.bits(word).is_some_and(|bits| bits.is_binary());
    let mut rests = Vec::new();
    let mut at = root;
    loop {
        if at.is_list() {
            let (head, tail) = heap.cell(at);
            at = tail;
            if head.is_list() {
                rests.push(tail);
                at = head;
            } else if head.is_boxed() && heap.is_integer(head) {
                return true;
            } else if !head.is_nil() && !heap.is_integer(head) && !is_binary(head) {
                return false;
            }
            continue;
        }
        if !at.is_nil() && !is_binary(at) {
            return false;
        }
        match rests.pop() {
            Some(rest) => at = rest,
            None => return true,
        }
    }
}

/// Characters converted so far, as UTF-8.
struct Reader<'a> {
    heap: &'a Heap,
    encoding: Encoding,
    text: String,
    /// The start of a character whose other bytes are in a binary further on.
    waiting: Vec<u8>,
    /// Tails of the lists around the current one.
    rests: Vec<Word>,
}

/// Bytes of text from which on room is asked for before it is needed, since it may not be there.
const LARGE: usize = 1 << 12;
/// Bytes of a character that waited, and of one more.
const CHARACTERS: usize = 8;

/// Where a conversion stopped.
enum Stop {
    /// At this term, which is untouched.
    At(Word),
    /// In a binary, which is the head of a list with this tail, or itself a tail.
    Within { binary: Word, from: usize, tail: Option<Word> },
}

/// Why a binary could not be taken.
enum Fault {
    /// Its first bytes do not continue the character that waits.
    Start,
    /// No character begins at this byte.
    Byte(usize),
}

/// Bytes of the UTF-8 sequence that a byte begins, 0 where it begins none.
fn sequence_length(first: u8) -> usize {
    match first {
        0..=0x7f => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        _ => 0,
    }
}

impl Reader<'_> {
    /// Converts all, or stops.
    fn run(&mut self, root: Word) -> Result<Option<Stop>, HeapFull> {
        let mut at = root;
        loop {
            if self.text.len() / 8 > self.heap.policy.ceiling_words {
                return Err(HeapFull);
            }
            if self.text.len() >= LARGE {
                self.make_room(1)?;
            }
            if at.is_nil() {
                match self.rests.pop() {
                    Some(rest) => at = rest,
                    None => return Ok(None),
                }
                continue;
            }
            let (element, tail) = if at.is_list() {
                let (head, tail) = self.heap.cell(at);
                (head, Some(tail))
            } else {
                (at, None)
            };
            if element.is_list() {
                self.rests.extend(tail);
                at = element;
                continue;
            }
            if self.heap.is_integer(element) {
                // Behind one that is too large for a character nothing was checked, and nothing is looked at.
                if !self.integer(element) {
                    return Ok(Some(Stop::At(at)));
                }
            } else if !element.is_nil() {
                let bytes = self.heap.bits_unchecked(element).byte_size();
                self.make_room(if self.encoding == Encoding::Latin1 { 2 * bytes } else { bytes })?;
                match self.binary(element) {
                    Ok(()) => {}
                    Err(Fault::Start) => return Ok(Some(Stop::At(at))),
                    Err(Fault::Byte(from)) => {
                        return Ok(Some(Stop::Within { binary: element, from, tail }));
                    }
                }
            }
            at = tail.unwrap_or(Word::NIL);
        }
    }

    /// Room for characters and for so many bytes.
    fn make_room(&mut self, bytes: usize) -> Result<(), HeapFull> {
        self.text.try_reserve(bytes + CHARACTERS).map_err(|_| HeapFull)
    }

    /// Takes a character that stands alone; false if it cannot be taken.
    fn integer(&mut self, word: Word) -> bool {
        let code = word.as_small().filter(|&n| match self.encoding {
            Encoding::Latin1 => (0..256).contains(&n),
            Encoding::Utf8 => is_code_point(n),
        });
        match code.and_then(|n| char::from_u32(n as u32)) {
            Some(c) if self.waiting.is_empty() => {
                self.text.push(c);
                true
            }
            _ => false,
        }
    }

    fn binary(&mut self, word: Word) -> Result<(), Fault> {
        let bits = self.heap.bits_unchecked(word);
        let owned;
        let bytes = match bits.aligned() {
            Some(bytes) => bytes,
            None => {
                owned = bits.to_vec();
                &owned
            }
        };
        match self.encoding {
            Encoding::Latin1 => {
                self.text.extend(bytes.iter().map(|&b| char::from(b)));
                Ok(())
            }
            Encoding::Utf8 => self.utf8(bytes),
        }
    }

    fn utf8(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let mut at = 0;
        if let Some(&first) = self.waiting.first() {
            at = bytes.len().min(sequence_length(first) - self.waiting.len());
            let held = self.waiting.len();
            self.waiting.extend_from_slice(&bytes[..at]);
            if self.waiting.len() < sequence_length(first) {
                return Ok(());
            }
            match std::str::from_utf8(&self.waiting) {
                Ok(character) => self.text.push_str(character),
                Err(_) => {
                    self.waiting.truncate(held);
                    return Err(Fault::Start);
                }
            }
            self.waiting.clear();
        }
        let bytes_left = &bytes[at..];
        let Err(error) = std::str::from_utf8(bytes_left).map(|text| self.text.push_str(text)) else {
            return Ok(());
        };
        let (valid, rest) = bytes_left.split_at(error.valid_up_to());
        self.text.push_str(std::str::from_utf8(valid).expect("the bytes before the error are valid"));
        // Too few bytes for what the first one promises are not an error yet, whatever they are.
        if rest.len() < sequence_length(rest[0]) {
            self.waiting.extend_from_slice(rest);
            return Ok(());
        }
        Err(Fault::Byte(at + valid.len()))
    }
}

/// What was not converted, in the lists that it was in.
fn unconverted<'h>(
    m: &mut Mutator<'h>,
    stop: Stop,
    waiting: &[u8],
    rests: Vec<Word>,
) -> Result<Term<'h>, HeapFull> {
    let mut rest = match stop {
        Stop::At(word) => Term::of(word),
        Stop::Within { binary, from, tail } => {
            let size = m.heap().bits_unchecked(binary).size;
            let cut = slice(m, Term::of(binary), from * 8, size - from * 8)?;
            match tail {
                Some(tail) => m.cons(cut, Term::of(tail))?,
                None => cut,
            }
        }
    };
    for tail in rests.into_iter().rev() {
        rest = m.cons(rest, Term::of(tail))?;
    }
    if waiting.is_empty() {
        return Ok(rest);
    }
    let waiting = m.binary(waiting)?;
    m.list(&[waiting, rest])
}

/// Converts character data; `make` builds what the converted text becomes.
fn convert<'h>(
    m: &mut Mutator<'h>,
    data: Term<'h>,
    encoding: Encoding,
    make: fn(&mut Mutator<'h>, String) -> Result<Term<'h>, HeapFull>,
) -> PureResult<'h> {
    let heap = m.heap();
    if !is_character_data(heap, data.word()) {
        return Err(Raise::BADARG);
    }
    let mut reader = Reader { heap, encoding, text: String::new(), waiting: Vec::new(), rests: Vec::new() };
    let stop = reader.run(data.word())?;
    let Reader { text, waiting, rests, .. } = reader;
    let (tag, rest) = match stop {
        None if waiting.is_empty() => return Ok(make(m, text)?),
        None => {
            let may_go_on = waiting[1..].iter().all(|b| b & 0xc0 == 0x80);
            (if may_go_on { Atom::INCOMPLETE } else { Atom::ERROR }, m.binary(&waiting)?)
        }
        Some(stop) => (Atom::ERROR, unconverted(m, stop, &waiting, rests)?),
    };
    let converted = make(m, text)?;
    Ok(m.tuple(&[Term::atom(tag), converted, rest])?)
}

/// The binary where a list has it alone: what is not converted of it is then given back without the list.
fn alone<'h>(m: &Mutator<'h>, data: Term<'h>) -> Term<'h> {
    if data.is_list() {
        let (head, tail) = m.heap().cell(data.word());
        if tail.is_nil() && m.heap().is_bits(head) {
            return Term::of(head);
        }
    }
    data
}

fn characters_to_binary<'h>(local: &mut Local<'h, '_>, a: &[Term<'h>]) -> EffectResult<'h> {
    match encoding(a[1]) {
        Some(encoding) => {
            let data = alone(&local.m, a[0]);
            Ok(convert(&mut local.m, data, encoding, |m, text| from_bytes(m, text.into_bytes()))?.into())
        }
        None => Ok(in_erlang("characters_to_binary_int", a)),
    }
}

fn characters_to_list<'h>(local: &mut Local<'h, '_>, a: &[Term<'h>]) -> EffectResult<'h> {
    match encoding(a[1]) {
        Some(encoding) => Ok(convert(&mut local.m, a[0], encoding, |m, text| m.text_list(&text))?.into()),
        None => Ok(in_erlang("characters_to_list_int", a)),
    }
}

/// The Erlang function of the module that takes every encoding.
fn in_erlang<'h>(function: &'static str, a: &[Term<'h>]) -> Outcome<'h> {
    Outcome::Call(ExportId::new(Atom::known("unicode"), Atom::known(function), 2), a.to_vec())
}
