//! Options of `re:compile/2` and `re:run/3`. Source: the documentation of `re`.

use super::iolists::to_bytes;
use crate::bif::Raise;
use crate::heap::mutator::{Mutator, Term};
use crate::regex::pcre::{self, Bsr, Limits, Newline, Pattern};

/// Options with one name and one bit.
const FLAGS: [(&str, u32); 14] = [
    ("unicode", pcre::UTF),
    ("caseless", pcre::CASELESS),
    ("dollar_endonly", pcre::DOLLAR_ENDONLY),
    ("dotall", pcre::DOTALL),
    ("extended", pcre::EXTENDED),
    ("firstline", pcre::FIRSTLINE),
    ("multiline", pcre::MULTILINE),
    ("no_auto_capture", pcre::NO_AUTO_CAPTURE),
    ("dupnames", pcre::DUPNAMES),
    ("ungreedy", pcre::UNGREEDY),
    ("no_start_optimize", pcre::NO_START_OPTIMIZE),
    ("ucp", pcre::UCP),
    ("never_utf", pcre::NEVER_UTF),
    ("anchored", pcre::ANCHORED),
];

const RUN_FLAGS: [(&str, u32); 5] = [
    ("anchored", pcre::ANCHORED),
    ("notbol", pcre::NOTBOL),
    ("noteol", pcre::NOTEOL),
    ("notempty", pcre::NOTEMPTY),
    ("notempty_atstart", pcre::NOTEMPTY_ATSTART),
];

/// What compiling and running have in common.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Lines {
    newline: Option<Newline>,
    bsr: Option<Bsr>,
}

impl Lines {
    /// Takes an option that is one of these.
    fn take<'h>(&mut self, m: &Mutator<'h>, option: Term<'h>) -> Option<()> {
        if let Some(atom) = option.as_atom() {
            self.bsr = Some(match atom.text() {
                "bsr_anycrlf" => Bsr::Anycrlf,
                "bsr_unicode" => Bsr::Unicode,
                _ => return None,
            });
            return Some(());
        }
        let (name, value) = pair(m, option)?;
        self.newline = Some(match (name, value.as_atom()?.text()) {
            ("newline", "cr") => Newline::Cr,
            ("newline", "lf") => Newline::Lf,
            ("newline", "crlf") => Newline::Crlf,
            ("newline", "any") => Newline::Any,
            ("newline", "anycrlf") => Newline::Anycrlf,
            _ => return None,
        });
        Some(())
    }

    /// Options of a run come before the pattern's own.
    pub fn apply(&self, pattern: &mut Pattern) {
        pattern.newline = self.newline.unwrap_or(pattern.newline);
        pattern.bsr = self.bsr.unwrap_or(pattern.bsr);
    }
}

fn pair<'h>(m: &Mutator<'h>, option: Term<'h>) -> Option<(&'static str, Term<'h>)> {
    match m.tuple_elements(option)?[..] {
        [name, value] => Some((name.as_atom()?.text(), value)),
        _ => None,
    }
}

#[derive(Clone, Copy, Default, Debug)]
pub(super) struct CompileOptions {
    flags: u32,
    lines: Lines,
}

impl CompileOptions {
    /// All bits that a pattern can have.
    pub const KNOWN: u32 = {
        let (mut all, mut i) = (0, 0);
        while i < FLAGS.len() {
            all |= FLAGS[i].1;
            i += 1;
        }
        all
    };

    pub fn read<'h>(m: &Mutator<'h>, list: Term<'h>) -> Result<CompileOptions, Raise<'h>> {
        let mut options = CompileOptions::default();
        for option in m.list_elements(list).ok_or(Raise::BADARG)? {
            options.take(option).or_else(|| options.lines.take(m, option)).ok_or(Raise::BADARG)?;
        }
        Ok(options)
    }

    fn take(&mut self, option: Term<'_>) -> Option<()> {
        let name = option.as_atom()?.text();
        self.flags |= FLAGS.iter().find(|row| row.0 == name)?.1;
        Some(())
    }

    pub fn is_unicode(&self) -> bool {
        self.flags & pcre::UTF != 0
    }

    pub fn is_any(&self) -> bool {
        self.flags != 0
    }

    pub fn pattern(&self, bytes: Vec<u8>) -> Pattern {
        let mut pattern = Pattern { bytes, options: self.flags, newline: Newline::Lf, bsr: Bsr::Unicode };
        self.lines.apply(&mut pattern);
        pattern
    }
}

/// How parts of the subject are given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Index,
    List,
    Binary,
}

#[derive(Clone, Debug)]
pub(super) enum Part {
    Index(usize),
    Name(Vec<u8>),
}

/// Which parts are given.
#[derive(Clone, Debug)]
pub(super) enum Which {
    All,
    First,
    AllButFirst,
    AllNames,
    None,
    These(Vec<Part>),
}

#[derive(Clone, Debug)]
pub(super) struct RunOptions {
    pub compile: CompileOptions,
    pub lines: Lines,
    pub flags: u32,
    pub global: bool,
    pub reports: bool,
    pub offset: usize,
    pub limits: Limits,
    pub which: Which,
    pub kind: Kind,
}

impl RunOptions {
    pub fn read<'h>(m: &Mutator<'h>, list: Term<'h>) -> Result<RunOptions, Raise<'h>> {
        let mut options = RunOptions {
            compile: CompileOptions::default(),
            lines: Lines::default(),
            flags: 0,
            global: false,
            reports: false,
            offset: 0,
            // OTP's own bounds.
            limits: Limits { steps: 10_000_000, depth: 10_000_000, heap_kib: 256 * 1024 },
            which: Which::All,
            kind: Kind::Index,
        };
        for option in m.list_elements(list).ok_or(Raise::BADARG)? {
            let known = match option.as_atom() {
                Some(atom) => options.take_name(atom.text()),
                None => options.take_tuple(m, option),
            };
            known
                .or_else(|| options.lines.take(m, option))
                .or_else(|| options.compile.take(option))
                .ok_or(Raise::BADARG)?;
        }
        Ok(options)
    }

    fn take_name(&mut self, name: &str) -> Option<()> {
        match name {
            "global" => self.global = true,
            "report_errors" => self.reports = true,
            _ => self.flags |= RUN_FLAGS.iter().find(|row| row.0 == name)?.1,
        }
        Some(())
    }

    fn take_tuple<'h>(&mut self, m: &Mutator<'h>, option: Term<'h>) -> Option<()> {
        let elements = m.tuple_elements(option)?;
        let name = elements.first()?.as_atom()?.text();
        let number = |term: Term<'h>| term.as_small().and_then(|n| u32::try_from(n).ok());
        match (name, &elements[1..]) {
            ("offset", &[value]) => self.offset = usize::try_from(value.as_small()?).ok()?,
            ("match_limit", &[value]) => self.limits.steps = number(value)?,
            ("match_limit_recursion", &[value]) => self.limits.depth = number(value)?,
            ("capture", &[which]) => self.which = read_which(m, which)?,
            ("capture", &[which, kind]) => {
                self.which = read_which(m, which)?;
                self.kind = match kind.as_atom()?.text() {
                    "index" => Kind::Index,
                    "list" => Kind::List,
                    "binary" => Kind::Binary,
                    _ => return None,
                };
            }
            _ => return None,
        }
        Some(())
    }
}

fn read_which<'h>(m: &Mutator<'h>, term: Term<'h>) -> Option<Which> {
    if let Some(name) = term.as_atom() {
        return Some(match name.text() {
            "all" => Which::All,
            "first" => Which::First,
            "all_but_first" => Which::AllButFirst,
            "all_names" => Which::AllNames,
            "none" => Which::None,
            _ => return None,
        });
    }
    let part = |term: Term<'h>| {
        if let Some(index) = term.as_small() {
            return usize::try_from(index).ok().map(Part::Index);
        }
        let name = match term.as_atom() {
            Some(name) => name.text().as_bytes().to_vec(),
            None => to_bytes(m, term).ok()?,
        };
        (!name.is_empty()).then_some(Part::Name(name))
    };
    m.list_elements(term)?.into_iter().map(part).collect::<Option<Vec<_>>>().map(Which::These)
}
