//! The native part of `re`: patterns compiled and run once; `re.erl` does the rest (replace, split, global).
//!
//! A compiled pattern is OTP's tuple; its last element is a binary of the options and the pattern itself, so it means
//! the same on every machine and after any journey. Source: the documentation of `re`; what is an error, from a live
//! `erl` of OTP 25. On purpose: an offset behind the subject's end is `badarg` (OTP 25: an error that cannot be
//! caught).

use super::iolists::to_bytes;
use super::re_options::{CompileOptions, Kind, RunOptions, Which};
use crate::bif::{EffectResult, Local, Outcome, PureResult, Raise};
use crate::code::ExportId;
use crate::heap::mutator::{Mutator, Term};
use crate::regex::pcre::{self, Bsr, Code, Fault, Newline, Pattern, Range, Refusal};
use crate::regex::{cache, faults};
use crate::term::Atom;
use std::rc::Rc;

crate::bif::table::natives! { ROWS:
    local "re" "compile" 1 = compile1;
    local "re" "compile" 2 = compile2;
    local "re" "run" 2 = run2;
    local "re" "run" 3 = run3;
    local "re" "internal_run" 4 = internal_run;
    pure "re" "inspect" 2 = inspect;
    pure "re" "version" 0 = version;
}

/// First bytes of a compiled pattern's binary.
const MARK: &[u8; 4] = b"WBR1";

fn function(name: &'static str, arity: u32) -> ExportId {
    ExportId::new(Atom::known("re"), Atom::known(name), arity)
}

fn compile1<'h>(l: &mut Local<'h, '_>, a: &[Term<'h>]) -> EffectResult<'h> {
    compile2(l, &[a[0], Term::nil()])
}

fn compile2<'h>(l: &mut Local<'h, '_>, a: &[Term<'h>]) -> EffectResult<'h> {
    let options = CompileOptions::read(&l.m, a[1])?;
    if options.is_unicode() && l.m.bits(a[0]).is_none() {
        return Ok(Outcome::Call(function("ucompile", 2), a.to_vec()));
    }
    let pattern = options.pattern(to_bytes(&l.m, a[0])?);
    match cache::code(&pattern) {
        Ok(code) => {
            let tuple = pattern_tuple(&mut l.m, &pattern, &code)?;
            Ok(l.m.tuple(&[Term::atom(Atom::OK), tuple])?.into())
        }
        Err(refusal) => {
            let told = told(&mut l.m, &refusal)?;
            Ok(l.m.tuple(&[Term::atom(Atom::ERROR), told])?.into())
        }
    }
}

/// `{Text, Place}`
fn told<'h>(m: &mut Mutator<'h>, refusal: &Refusal) -> PureResult<'h> {
    let (text, place) = faults::told(refusal);
    let text = m.text_list(text)?;
    Ok(m.tuple(&[text, Term::small(place as i64)])?)
}

/// `{re_pattern, Captures, Unicode, UseCrlf, Binary}`
fn pattern_tuple<'h>(m: &mut Mutator<'h>, pattern: &Pattern, code: &Code) -> PureResult<'h> {
    let mut bytes = MARK.to_vec();
    bytes.extend(pattern.options.to_le_bytes());
    bytes.extend([pattern.newline as u8, pattern.bsr as u8]);
    bytes.extend(&pattern.bytes);
    let is = |flag: bool| Term::small(i64::from(flag));
    let crlf = matches!(pattern.newline, Newline::Crlf | Newline::Any | Newline::Anycrlf);
    let captures = Term::small(code.captures() as i64);
    let unicode = is(pattern.options & pcre::UTF != 0);
    let binary = m.binary(&bytes)?;
    Ok(m.tuple(&[Term::atom(Atom::known("re_pattern")), captures, unicode, is(crlf), binary])?)
}

/// The pattern in a compiled pattern's tuple.
fn pattern_of<'h>(m: &Mutator<'h>, term: Term<'h>) -> Option<Pattern> {
    let elements = m.tuple_elements(term)?;
    let [tag, _, _, _, binary] = elements[..] else { return None };
    if !tag.is_atom(Atom::known("re_pattern")) {
        return None;
    }
    let bytes = m.bits(binary).filter(|bits| bits.is_binary())?.to_vec();
    let (head, pattern) = bytes.split_at_checked(MARK.len() + 6)?;
    let rest = head.strip_prefix(MARK)?;
    let options = u32::from_le_bytes([rest[0], rest[1], rest[2], rest[3]]);
    if options & !CompileOptions::KNOWN != 0 {
        return None;
    }
    let all = [Newline::Cr, Newline::Lf, Newline::Crlf, Newline::Any, Newline::Anycrlf];
    let newline = all.into_iter().find(|&n| n as u8 == rest[4])?;
    let bsr = [Bsr::Unicode, Bsr::Anycrlf].into_iter().find(|&b| b as u8 == rest[5])?;
    Some(Pattern { bytes: pattern.to_vec(), options, newline, bsr })
}

fn inspect<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let namelist = Atom::known("namelist");
    let pattern = pattern_of(m, a[0]).filter(|_| a[1].is_atom(namelist)).ok_or(Raise::BADARG)?;
    let code = cache::code(&pattern).map_err(|_| Raise::BADARG)?;
    let mut names = Vec::new();
    for (name, _) in distinct(code.names()) {
        names.push(m.binary(&name)?);
    }
    let list = m.list(&names)?;
    Ok(m.tuple(&[Term::atom(namelist), list])?)
}

/// Each name once.
fn distinct(mut names: Vec<(Vec<u8>, usize)>) -> Vec<(Vec<u8>, usize)> {
    names.dedup_by(|a, b| a.0 == b.0);
    names
}

fn version<'h>(m: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(m.binary(pcre::version().as_bytes())?)
}

fn run2<'h>(l: &mut Local<'h, '_>, a: &[Term<'h>]) -> EffectResult<'h> {
    run3(l, &[a[0], a[1], Term::nil()])
}

/// Each match is one call of its own from `re.erl`.
fn internal_run<'h>(l: &mut Local<'h, '_>, a: &[Term<'h>]) -> EffectResult<'h> {
    run3(l, &a[..3])
}

fn run3<'h>(l: &mut Local<'h, '_>, a: &[Term<'h>]) -> EffectResult<'h> {
    let compiled = pattern_of(&l.m, a[1]);
    let options = RunOptions::read(&l.m, a[2])?;
    if compiled.is_some() && options.compile.is_any() {
        return Err(Raise::BADARG);
    }
    let unicode = compiled.as_ref().map_or(options.compile.is_unicode(), |p| p.options & pcre::UTF != 0);
    let is_binary = |l: &Local<'h, '_>, term: Term<'h>| l.m.bits(term).is_some();
    if unicode && !(is_binary(l, a[0]) && (compiled.is_some() || is_binary(l, a[1]))) {
        return Ok(Outcome::Call(function("urun", 3), a.to_vec()));
    }
    let was_compiled = compiled.is_some();
    let mut pattern = match compiled {
        Some(pattern) => pattern,
        None => options.compile.pattern(to_bytes(&l.m, a[1])?),
    };
    options.lines.apply(&mut pattern);
    let code = match cache::code(&pattern) {
        Ok(code) => code,
        Err(refusal) if options.reports && !was_compiled => {
            let told = told(&mut l.m, &refusal)?;
            let error = l.m.tuple(&[Term::atom(Atom::known("compile")), told])?;
            return Ok(l.m.tuple(&[Term::atom(Atom::ERROR), error])?.into());
        }
        Err(_) => return Err(Raise::BADARG),
    };
    if options.global {
        return global(l, a, was_compiled, &pattern, &code);
    }
    let subject = to_bytes(&l.m, a[0])?;
    once(l, &subject, &code, &options, unicode)
}

/// `re:grun/3` calls again for each match.
fn global<'h>(
    l: &mut Local<'h, '_>,
    a: &[Term<'h>],
    was_compiled: bool,
    pattern: &Pattern,
    code: &Code,
) -> EffectResult<'h> {
    let (tuple, third) = if was_compiled {
        (a[1], l.m.tuple(&[a[2], Term::boolean(false)])?)
    } else {
        let tuple = pattern_tuple(&mut l.m, pattern, code)?;
        (tuple, l.m.tuple(&[a[2], Term::boolean(true), a[1]])?)
    };
    Ok(Outcome::Call(function("grun", 3), vec![a[0], tuple, third]))
}

fn once<'h>(
    l: &mut Local<'h, '_>,
    subject: &[u8],
    code: &Rc<Code>,
    options: &RunOptions,
    unicode: bool,
) -> EffectResult<'h> {
    if options.offset > subject.len() {
        return Err(Raise::BADARG);
    }
    let found = match code.run(subject, options.offset, options.flags, options.limits) {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(Term::atom(Atom::known("nomatch")).into()),
        Err(Fault::BadUtf) => return Err(Raise::BADARG),
        Err(fault @ (Fault::Steps | Fault::Depth)) if options.reports => {
            let name = if fault == Fault::Steps { "match_limit" } else { "match_limit_recursion" };
            return Ok(l.m.tuple(&[Term::atom(Atom::ERROR), Term::atom(Atom::known(name))])?.into());
        }
        Err(_) => return Ok(Term::atom(Atom::known("nomatch")).into()),
    };
    let matched = Term::atom(Atom::known("match"));
    let Some(parts) = parts(code, options, &found) else { return Ok(matched.into()) };
    let mut values = Vec::with_capacity(parts.len());
    for part in parts {
        values.push(value(&mut l.m, subject, options.kind, unicode, part)?);
    }
    let list = l.m.list(&values)?;
    Ok(l.m.tuple(&[matched, list])?.into())
}

/// What the caller wants of what was found; `None` where that is nothing.
fn parts(code: &Code, options: &RunOptions, found: &[Option<Range>]) -> Option<Vec<Option<Range>>> {
    let at = |index: usize| found.get(index).copied().flatten();
    let named = |name: &[u8]| {
        let names = code.names();
        let mut set = names.iter().filter(|(known, _)| known == name).filter_map(|&(_, index)| at(index));
        set.next()
    };
    let parts: Vec<Option<Range>> = match &options.which {
        Which::All => found.to_vec(),
        Which::First => found[..1].to_vec(),
        Which::AllButFirst => found[1..].to_vec(),
        Which::None => Vec::new(),
        Which::AllNames => distinct(code.names()).iter().map(|(name, _)| named(name)).collect(),
        Which::These(these) => these
            .iter()
            .map(|this| match this {
                super::re_options::Part::Index(index) => at(*index),
                super::re_options::Part::Name(name) => named(name),
            })
            .collect(),
    };
    // The others of a pattern without subpatterns are an empty list, as in OTP.
    (!parts.is_empty() || matches!(options.which, Which::AllButFirst)).then_some(parts)
}

fn value<'h>(
    m: &mut Mutator<'h>,
    subject: &[u8],
    kind: Kind,
    unicode: bool,
    part: Option<Range>,
) -> PureResult<'h> {
    let bytes = part.map_or(&[][..], |(from, to)| &subject[from..to]);
    Ok(match (kind, part) {
        (Kind::Index, Some((from, to))) => {
            m.tuple(&[Term::small(from as i64), Term::small((to - from) as i64)])?
        }
        (Kind::Index, None) => m.tuple(&[Term::small(-1), Term::small(0)])?,
        (Kind::Binary, _) => m.binary(bytes)?,
        (Kind::List, _) if unicode => {
            let text = std::str::from_utf8(bytes).map_err(|_| Raise::BADARG)?;
            m.text_list(text)?
        }
        (Kind::List, _) => {
            let bytes: Vec<Term<'h>> = bytes.iter().map(|&b| Term::small(i64::from(b))).collect();
            m.list(&bytes)?
        }
    })
}
