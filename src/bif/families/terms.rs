//! Whole terms: the external format, portable hashes, sizes, order.
//!
//! Source: the documentation of `erlang`; a live `erl` of OTP 25 for options and errors. `term_to_iovec` gives one
//! binary, where OTP makes long binaries inside the term parts of their own; `flat_size` counts this runtime's words.

use super::arguments::{bytes, unsigned};
use super::binaries::from_bytes;
use crate::bif::table::natives;
use crate::bif::{PureResult, Raise};
use crate::code::fun_table::KnownFuns;
use crate::heap::Heap;
use crate::heap::mutator::{Mutator, Term};
use crate::heap::read::View;
use crate::term::etf::{DecodeOptions, EncodeFault, EncodeOptions, EtfFault, decode, encode};
use crate::term::order::compare_keys;
use crate::term::phash::phash_range;
use crate::term::phash2::{phash2, phash2_range};
use crate::term::word::Kind;
use crate::term::{Atom, Word};
use std::cmp::Ordering;

natives! { ROWS:
    pure "erlang" "term_to_binary" 1 = term_to_binary1;
    pure "erlang" "term_to_binary" 2 = term_to_binary2;
    pure "erlang" "term_to_iovec" 1 = term_to_iovec1;
    pure "erlang" "term_to_iovec" 2 = term_to_iovec2;
    pure "erlang" "external_size" 1 = external_size1;
    pure "erlang" "external_size" 2 = external_size2;
    pure "erlang" "binary_to_term" 1 = binary_to_term1;
    pure "erlang" "binary_to_term" 2 = binary_to_term2;
    pure "erlang" "phash" 2 = phash_ranged;
    pure "erlang" "phash2" 1 = phash2_default;
    pure "erlang" "phash2" 2 = phash2_ranged;
    pure "erts_debug" "flat_size" 1 = flat_size;
    pure "erts_debug" "same" 2 = same;
    pure "erts_internal" "cmp_term" 2 = cmp_term;
    pure "erts_internal" "term_type" 1 = term_type;
}

/// zlib's own choice, which `compressed` without a level asks for.
const DEFAULT_LEVEL: u8 = 6;

fn encoded<'h>(m: &Mutator<'h>, term: Term<'h>, options: EncodeOptions) -> Result<Vec<u8>, Raise<'h>> {
    let ceiling_bytes = m.heap().policy.ceiling_words.saturating_mul(8);
    let options = EncodeOptions { limit_bytes: options.limit_bytes.min(ceiling_bytes), ..options };
    encode(m.heap(), term.word(), options, &KnownFuns).map_err(|fault| match fault {
        EncodeFault::TooLarge => Raise::SYSTEM_LIMIT,
        EncodeFault::NoMemory => Raise::HeapFull,
        EncodeFault::UnknownFun => panic!("a fun on a heap is in the fun table"),
    })
}

fn encode_options<'h>(m: &Mutator<'h>, list: Term<'h>) -> Result<EncodeOptions, Raise<'h>> {
    let mut options = EncodeOptions::default();
    for option in m.list_elements(list).ok_or(Raise::BADARG)? {
        match (option.as_atom(), m.tuple_elements(option).as_deref()) {
            (Some(Atom::COMPRESSED), _) => options.compressed = DEFAULT_LEVEL,
            (Some(Atom::DETERMINISTIC), _) => options.deterministic = true,
            (None, Some(&[name, value])) => match (name.as_atom(), value.as_small()) {
                (Some(Atom::COMPRESSED), Some(level @ 0..=9)) => options.compressed = level as u8,
                (Some(Atom::MINOR_VERSION), Some(version @ 0..=2)) => options.minor_version = version as u8,
                _ => return Err(Raise::BADARG),
            },
            _ => return Err(Raise::BADARG),
        }
    }
    Ok(options)
}

fn term_to_binary1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let bytes = encoded(m, a[0], EncodeOptions::default())?;
    Ok(from_bytes(m, bytes)?)
}

fn term_to_binary2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let bytes = encoded(m, a[0], encode_options(m, a[1])?)?;
    Ok(from_bytes(m, bytes)?)
}

fn term_to_iovec1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let binary = term_to_binary1(m, a)?;
    Ok(m.list(&[binary])?)
}

fn term_to_iovec2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let binary = term_to_binary2(m, a)?;
    Ok(m.list(&[binary])?)
}

fn external_size1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let bytes = encoded(m, a[0], EncodeOptions::default())?;
    Ok(m.integer(bytes.len() as i64)?)
}

fn external_size2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let mut options = EncodeOptions::default();
    for option in m.list_elements(a[1]).ok_or(Raise::BADARG)? {
        options.minor_version = match m.tuple_elements(option).as_deref() {
            Some(&[name, version]) if name.is_atom(Atom::MINOR_VERSION) => match version.as_small() {
                Some(0) => 0,
                Some(1) => 1,
                _ => return Err(Raise::BADARG),
            },
            _ => return Err(Raise::BADARG),
        };
    }
    let bytes = encoded(m, a[0], options)?;
    Ok(m.integer(bytes.len() as i64)?)
}

fn decoded<'h>(m: &mut Mutator<'h>, binary: Term<'h>, safe: bool) -> Result<(Term<'h>, usize), Raise<'h>> {
    let input = bytes(m, binary)?.into_owned();
    let ceiling_bytes = m.heap().policy.ceiling_words.saturating_mul(8);
    let default = DecodeOptions::default();
    let options = DecodeOptions { safe, inflated_max_bytes: default.inflated_max_bytes.min(ceiling_bytes) };
    match decode(m.heap_mut(), &input, options, &mut KnownFuns) {
        Ok(decoded) => Ok((Term::of(decoded.term), decoded.used_bytes)),
        Err(error) => Err(match error.fault {
            EtfFault::HeapFull => Raise::HeapFull,
            EtfFault::AtomTableFull => Raise::SYSTEM_LIMIT,
            _ => Raise::BADARG,
        }),
    }
}

fn binary_to_term1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    decoded(m, a[0], false).map(|(term, _)| term)
}

fn binary_to_term2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let (mut safe, mut used) = (false, false);
    for option in m.list_elements(a[1]).ok_or(Raise::BADOPT)? {
        match option.as_atom() {
            Some(Atom::SAFE) => safe = true,
            Some(Atom::USED) => used = true,
            _ => return Err(Raise::BADOPT),
        }
    }
    let (term, used_bytes) = decoded(m, a[0], safe)?;
    if used { Ok(m.tuple(&[term, Term::small(used_bytes as i64)])?) } else { Ok(term) }
}

/// A range of 1 to 2^32.
fn range<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<u64, Raise<'h>> {
    unsigned(m, term).filter(|range| (1..=1 << 32).contains(range)).ok_or(Raise::BADARG)
}

fn phash_ranged<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let hash = phash_range(m.heap(), a[0].word(), range(m, a[1])?);
    Ok(Term::small(hash as i64))
}

fn phash2_default<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::small(i64::from(phash2(m.heap(), a[0].word()))))
}

fn phash2_ranged<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let hash = phash2_range(m.heap(), a[0].word(), range(m, a[1])?);
    Ok(Term::small(i64::from(hash)))
}

/// Words that a term takes where nothing in it is shared.
fn words(heap: &Heap, root: Word) -> usize {
    let root = [root.0];
    let mut stack: Vec<&[u64]> = vec![&root];
    let mut count = 0usize;
    while let Some(run) = stack.last_mut() {
        let Some((&word, rest)) = run.split_first() else {
            stack.pop();
            continue;
        };
        *run = rest;
        let word = Word(word);
        if !word.is_pointer() {
            continue;
        }
        let (words, at) = heap.place(word);
        if word.is_list() {
            count += 2;
            stack.push(&words[at..at + 2]);
            continue;
        }
        let header = heap.header(word);
        count += 1 + header.size;
        if !header.kind.is_raw() {
            stack.push(heap.body(word));
        }
    }
    count
}

fn flat_size<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let words = words(m.heap(), a[0].word());
    Ok(m.integer(words as i64)?)
}

fn same<'h>(_: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(a[0] == a[1]))
}

fn cmp_term<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::small(match compare_keys(m.heap(), a[0].word(), a[1].word()) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }))
}

fn term_type<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let word = a[0].word();
    let name = match m.view(a[0]) {
        View::Small(_) => "fixnum",
        View::Big { .. } => "bignum",
        View::Float(_) => "hfloat",
        View::Atom(_) => "atom",
        View::Pid(_) => "pid",
        View::Port(_) => "port",
        View::Reference(_) => "reference",
        View::Fun { .. } => "fun",
        View::ExternalFun { .. } => "export",
        View::Nil => "nil",
        View::Cons(..) => "list",
        View::Tuple(_) => "tuple",
        View::FlatMap { .. } => "flatmap",
        View::HashMap { .. } => "hashmap",
        View::Bits(_) => match m.heap().header(word).kind {
            Kind::HeapBinary => "heap_binary",
            Kind::SubBinary => "sub_binary",
            _ => "refc_binary",
        },
    };
    Ok(Term::atom(Atom::known(name)))
}
