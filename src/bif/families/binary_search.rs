//! Finding patterns in binaries: `binary:match/2,3`, `matches/2,3`, `split/2,3`, `compile_pattern/1`.
//!
//! A compiled pattern is `{bm, Binary}` or `{ac, [Binary]}`: plain data, so that it can be sent and stored. (OTP's
//! second element is a reference.) Several patterns are searched for at once by Aho-Corasick automata.
//!
//! Invariant: of the matches, the one that starts first is taken, and of those the longest. Source: the
//! documentation of `binary`; a live `erl` of OTP 25 for options that contradict each other (the last counts)
//! and for patterns that are never looked at since there is nothing to search.

use super::arguments::{bits, bytes};
use super::binaries::{part, slice};
use crate::bif::table::natives;
use crate::bif::{PureResult, Raise};
use crate::heap::HeapFull;
use crate::heap::mutator::{Mutator, Term};
use crate::term::Atom;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use memchr::memmem;
use std::ops::Range;

natives! { ROWS:
    pure "binary" "compile_pattern" 1 = compile_pattern;
    pure "binary" "match" 2 = match2;
    pure "binary" "match" 3 = match3;
    pure "binary" "matches" 2 = matches2;
    pure "binary" "matches" 3 = matches3;
    pure "binary" "split" 2 = split2;
    pure "binary" "split" 3 = split3;
}

/// What is searched for; never empty, nor is any of several.
enum Pattern {
    One(Vec<u8>),
    Several(Vec<Vec<u8>>),
}

impl Pattern {
    /// A binary or a list of binaries.
    fn plain<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<Pattern, Raise<'h>> {
        if m.bits(term).is_some() {
            return Ok(Pattern::One(not_empty(m, term)?));
        }
        let several = m.list_elements(term).filter(|list| !list.is_empty()).ok_or(Raise::BADARG)?;
        if let [one] = several[..] {
            return Ok(Pattern::One(not_empty(m, one)?));
        }
        Ok(Pattern::Several(several.iter().map(|&one| not_empty(m, one)).collect::<Result<_, _>>()?))
    }

    /// A plain or a compiled pattern.
    fn of<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<Pattern, Raise<'h>> {
        match m.tuple_elements(term).as_deref() {
            None => Pattern::plain(m, term),
            Some(&[kind, plain]) if kind.is_atom(Atom::BM) && m.bits(plain).is_some() => {
                Pattern::plain(m, plain)
            }
            Some(&[kind, plain]) if kind.is_atom(Atom::AC) && plain.is_list() => Pattern::plain(m, plain),
            Some(_) => Err(Raise::BADARG),
        }
    }

    /// Up to `limit` matches in order, none overlapping another.
    fn find(&self, bytes: &[u8], limit: usize) -> Result<Vec<Range<usize>>, HeapFull> {
        match self {
            Pattern::One(one) => {
                let length = one.len();
                gathered(memmem::find_iter(bytes, one).take(limit).map(|at| at..at + length))
            }
            Pattern::Several(several) => {
                let automaton = AhoCorasick::builder()
                    .match_kind(MatchKind::LeftmostLongest)
                    .kind(Some(AhoCorasickKind::NoncontiguousNFA))
                    .build(several)
                    // It refuses only more states than 31 bits can number.
                    .map_err(|_| HeapFull)?;
                gathered(automaton.find_iter(bytes).take(limit).map(|found| found.range()))
            }
        }
    }
}

/// As many as the machine has room for.
fn gathered(found: impl Iterator<Item = Range<usize>>) -> Result<Vec<Range<usize>>, HeapFull> {
    let mut all = Vec::new();
    for one in found {
        all.try_reserve(1).map_err(|_| HeapFull)?;
        all.push(one);
    }
    Ok(all)
}

fn not_empty<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<Vec<u8>, Raise<'h>> {
    let bytes = bytes(m, term)?;
    if bytes.is_empty() { Err(Raise::BADARG) } else { Ok(bytes.into_owned()) }
}

fn compile_pattern<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    match Pattern::plain(m, a[0])? {
        Pattern::One(one) => {
            let plain = m.binary(&one)?;
            Ok(m.tuple(&[Term::atom(Atom::BM), plain])?)
        }
        Pattern::Several(_) => Ok(m.tuple(&[Term::atom(Atom::AC), a[0]])?),
    }
}

#[derive(Default)]
struct Options {
    /// The bytes to search, where not all of them.
    scope: Option<Range<usize>>,
    global: bool,
    trim: bool,
    trim_all: bool,
}

impl Options {
    /// The options of a list, whose tail nobody looks at. All but the scope are for `split` alone.
    fn read<'h>(m: &Mutator<'h>, a: &[Term<'h>], splitting: bool) -> Result<Options, Raise<'h>> {
        let size = bits(m, a[0])?.byte_size();
        if !a[2].is_list() && !a[2].is_nil() {
            return Err(Raise::BADARG);
        }
        let mut options = Options::default();
        for option in m.heap().list(a[2].word()).map(Term::of) {
            match option.as_atom() {
                Some(Atom::GLOBAL) if splitting => options.global = true,
                Some(Atom::TRIM) if splitting => options.trim = true,
                Some(Atom::TRIM_ALL) if splitting => options.trim_all = true,
                Some(_) => return Err(Raise::BADARG),
                None => options.scope = Some(scope(m, option, size).ok_or(Raise::BADARG)?),
            }
        }
        Ok(options)
    }
}

/// The bytes that `{scope, {Start, Length}}` names, of `size`.
fn scope<'h>(m: &Mutator<'h>, option: Term<'h>, size: usize) -> Option<Range<usize>> {
    let &[name, place] = m.tuple_elements(option)?.as_slice() else { return None };
    let &[start, length] = m.tuple_elements(place)?.as_slice() else { return None };
    let (from, length) = part(size, start, length)?;
    name.is_atom(Atom::SCOPE).then_some(from..from + length)
}

/// Up to `limit` matches in the part of the subject that the options name.
fn search<'h>(
    m: &Mutator<'h>,
    subject: Term<'h>,
    pattern: Term<'h>,
    options: &Options,
    limit: usize,
) -> Result<Vec<Range<usize>>, Raise<'h>> {
    let bytes = bytes(m, subject)?;
    let range = options.scope.clone().unwrap_or(0..bytes.len());
    // Where nothing ends after the beginning, OTP does not look at the pattern.
    if range.end == 0 {
        return Ok(Vec::new());
    }
    let start = range.start;
    let found = Pattern::of(m, pattern)?.find(&bytes[range], limit)?;
    Ok(found.into_iter().map(|at| at.start + start..at.end + start).collect())
}

fn place<'h>(m: &mut Mutator<'h>, found: &Range<usize>) -> Result<Term<'h>, HeapFull> {
    m.tuple(&[Term::small(found.start as i64), Term::small(found.len() as i64)])
}

fn first<'h>(m: &mut Mutator<'h>, a: &[Term<'h>], options: &Options) -> PureResult<'h> {
    match search(m, a[0], a[1], options, 1)?.first() {
        Some(found) => Ok(place(m, found)?),
        None => Ok(Term::atom(Atom::NOMATCH)),
    }
}

fn match2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    first(m, a, &Options::default())
}

fn match3<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let options = Options::read(m, a, false)?;
    first(m, a, &options)
}

fn all<'h>(m: &mut Mutator<'h>, a: &[Term<'h>], options: &Options) -> PureResult<'h> {
    let found = search(m, a[0], a[1], options, usize::MAX)?;
    let places = found.iter().map(|f| place(m, f)).collect::<Result<Vec<_>, _>>()?;
    Ok(m.list(&places)?)
}

fn matches2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    all(m, a, &Options::default())
}

fn matches3<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let options = Options::read(m, a, false)?;
    all(m, a, &options)
}

fn parts<'h>(m: &mut Mutator<'h>, a: &[Term<'h>], options: &Options) -> PureResult<'h> {
    let found = search(m, a[0], a[1], options, if options.global { usize::MAX } else { 1 })?;
    let size = m.heap().bits_unchecked(a[0].word()).size / 8;
    let mut parts: Vec<Range<usize>> = Vec::new();
    parts.try_reserve_exact(found.len() + 1).map_err(|_| HeapFull)?;
    let mut from = 0;
    for found in found {
        parts.push(from..found.start);
        from = found.end;
    }
    parts.push(from..size);
    if options.trim_all {
        parts.retain(|part| !part.is_empty());
    } else if options.trim {
        let used = parts.iter().rposition(|part| !part.is_empty()).map_or(0, |last| last + 1);
        parts.truncate(used);
    }
    let mut binaries = Vec::new();
    binaries.try_reserve_exact(parts.len()).map_err(|_| HeapFull)?;
    for part in parts {
        binaries.push(slice(m, a[0], part.start * 8, part.len() * 8)?);
    }
    Ok(m.list(&binaries)?)
}

fn split2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    parts(m, a, &Options::default())
}

fn split3<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let options = Options::read(m, a, true)?;
    parts(m, a, &options)
}
