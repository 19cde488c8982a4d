//! Lines of a journal: numbers in base sixteen, lists with commas, fields with blanks.
//!
//! ```text
//! run 9f3c41 4,1a - 0 - -
//! found 1c 3:2:1,7:4:2 entry-crash badmatch
//! at 10 400 1 21f0 8d2 0 77ab01 1 - whole
//! ```
//! `run`: what a run of a learning strategy brought; `front`: where a proof stands ([`super::front`]); `asked`: what runs of
//! `bounded` were asked ([`super::asked`]); `found`: a violation's first run, with its picks; `at`: what the campaign comes to
//! with everything above, its claims last. Invariant: what is written reads back equal, and nothing else is read.

use super::asked::{Asked, read_asked};
use crate::campaign::Sums;
use crate::choice::{Pick, PlaceKey};
use crate::explore::learner::Brought;
use crate::explore::mutate::Parent;
use crate::explore::reverse::{Deed, Race};
use crate::oracle::claims::{Kind, Tally};
use std::fmt::Write;

/// A violation as a journal has it: to be had again from its picks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FoundLine {
    pub run: u64,
    pub picks: Vec<Pick>,
    pub fingerprint: String,
}

/// Whether a journal goes on after a group of lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stand {
    /// Yes.
    Whole,
    /// The group is part of one that was cut short, by a limit of time or runs: it counts, and is done again.
    Part,
    /// No: a violation stopped the campaign.
    Over,
    /// No: everything was run that there is.
    Done,
}

/// What a campaign has come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AtLine {
    /// Chunks of runs, or runs of a learning strategy.
    pub units: u64,
    pub sums: Sums,
    /// Runs for each violation, in the order of the `found` lines.
    pub counts: Vec<u64>,
    /// Classes of runs, and those that came up once, where the strategy knows.
    pub classes: Option<(u64, u64)>,
    pub stand: Stand,
}

/// A line.
#[derive(Clone, Debug)]
pub enum Line {
    Run(Brought),
    Found(FoundLine),
    Asked(Asked),
    At(AtLine),
}

pub fn list<T>(out: &mut String, items: &[T], write: impl Fn(&mut String, &T)) {
    if items.is_empty() {
        out.push('-');
    }
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write(out, item);
    }
}

pub fn number(out: &mut String, n: u64) {
    write!(out, "{n:x}").expect("a string takes any text");
}

pub fn numbers(out: &mut String, parts: &[u64]) {
    for (i, &part) in parts.iter().enumerate() {
        if i > 0 {
            out.push(':');
        }
        number(out, part);
    }
}

pub fn write_run(out: &mut String, brought: &Brought) {
    out.push_str("run ");
    number(out, brought.class);
    out.push(' ');
    list(out, &brought.pairs, |out, &pair| number(out, pair.into()));
    out.push(' ');
    list(out, &brought.arities, |out, &arity| number(out, arity.into()));
    if let Some(parent) = &brought.parent {
        out.push(' ');
        number(out, parent.questions);
        out.push(' ');
        list(out, &parent.trail, |out, (place, option)| numbers(out, &[place.0, *option]));
        out.push(' ');
        list(out, &parent.races, |out, race| {
            let Race { first, second, back } = *race;
            let parts = [first.who, first.number.into(), second.who, second.number.into(), back.into()];
            numbers(out, &parts);
        });
    }
    out.push('\n');
}

pub fn write_found(out: &mut String, found: &FoundLine) {
    out.push_str("found ");
    number(out, found.run);
    out.push(' ');
    list(out, &found.picks, |out, p| numbers(out, &[p.index, p.arity.into(), p.pick.into()]));
    out.push(' ');
    out.push_str(&crate::schedule::write::escaped(&found.fingerprint));
    out.push('\n');
}

pub fn write_at(out: &mut String, at: &AtLine) {
    let Sums { runs, violations, steps, choices, cut, digest, claims } = &at.sums;
    out.push_str("at");
    for n in [at.units, *runs, *violations, *steps, *choices, *cut, *digest] {
        out.push(' ');
        number(out, n);
    }
    out.push(' ');
    list(out, &at.counts, |out, &count| number(out, count));
    match at.classes {
        Some((classes, once)) => write!(out, " {classes:x}:{once:x}").expect("a string takes any text"),
        None => out.push_str(" -"),
    }
    out.push_str(match at.stand {
        Stand::Whole => " whole",
        Stand::Part => " part",
        Stand::Over => " over",
        Stand::Done => " done",
    });
    for (kind, name, runs) in claims.all() {
        write!(out, " {}:{runs:x}:", kind.name()).expect("a string takes any text");
        name.bytes().for_each(|byte| write!(out, "{byte:02x}").expect("a string takes any text"));
    }
    out.push('\n');
}

/// `sometimes:1f:` and the bytes of the name.
fn read_claim(text: &str, claims: &mut Tally) -> Option<()> {
    let (kind, rest) = text.split_once(':')?;
    let (runs, name) = rest.split_once(':')?;
    let digits = name.is_ascii() && name.len().is_multiple_of(2);
    let bytes =
        (0..name.len()).step_by(2).map(|i| digits.then(|| u8::from_str_radix(&name[i..i + 2], 16).ok())?);
    let name = String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()?;
    claims.count(Kind::named(kind)?, &name, read_number(runs)?);
    Some(())
}

pub fn read_number(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
    plain.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

pub fn read_small(text: &str) -> Option<u32> {
    u32::try_from(read_number(text)?).ok()
}

pub fn read_numbers<const N: usize>(text: &str) -> Option<[u64; N]> {
    let parts: Option<Vec<u64>> = text.split(':').map(read_number).collect();
    parts?.try_into().ok()
}

pub fn read_list<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    if text == "-" { Some(Vec::new()) } else { text.split(',').map(read).collect() }
}

/// Reads a line without its end; of where a proof stands only the last is of use ([`super::front`]).
pub fn read(line: &str) -> Option<Line> {
    let (kind, rest) = line.split_once(' ')?;
    match kind {
        "run" => read_run(rest).map(Line::Run),
        "found" => read_found(rest).map(Line::Found),
        "asked" => read_asked(rest).map(Line::Asked),
        "at" => read_at(rest).map(Line::At),
        _ => None,
    }
}

fn read_run(rest: &str) -> Option<Brought> {
    let fields: Vec<&str> = rest.split(' ').collect();
    let (&[class, pairs, arities], parent) = fields.split_first_chunk::<3>()?;
    let parent = match parent {
        [] => None,
        &[questions, trail, races] => Some(Parent {
            questions: read_number(questions)?,
            trail: read_list(trail, |t| read_numbers(t).map(|[place, option]| (PlaceKey(place), option)))?,
            races: read_list(races, read_race)?,
            worth: 0,
        }),
        _ => return None,
    };
    Some(Brought {
        class: read_number(class)?,
        pairs: read_list(pairs, read_small)?,
        arities: read_list(arities, read_small)?,
        parent,
    })
}

fn read_race(text: &str) -> Option<Race> {
    let [first, one, second, two, back] = read_numbers(text)?;
    let deed = |who, number: u64| Some(Deed { who, number: number.try_into().ok()? });
    Some(Race { first: deed(first, one)?, second: deed(second, two)?, back: back.try_into().ok()? })
}

fn read_found(rest: &str) -> Option<FoundLine> {
    let mut fields = rest.splitn(3, ' ');
    let run = read_number(fields.next()?)?;
    let picks = read_list(fields.next()?, |text| {
        let [index, arity, pick] = read_numbers(text)?;
        Some(Pick { index, arity: arity.try_into().ok()?, pick: pick.try_into().ok()? })
    })?;
    let fingerprint = crate::schedule::read::unescaped(fields.next()?)?;
    Some(FoundLine { run, picks, fingerprint })
}

fn read_at(rest: &str) -> Option<AtLine> {
    let fields: Vec<&str> = rest.split(' ').collect();
    let (fields, named) = fields.split_first_chunk()?;
    let &[units, runs, violations, steps, choices, cut, digest, counts, classes, stand] = fields;
    let mut claims = Tally::default();
    named.iter().try_for_each(|text| read_claim(text, &mut claims))?;
    let sums = Sums {
        runs: read_number(runs)?,
        violations: read_number(violations)?,
        steps: read_number(steps)?,
        choices: read_number(choices)?,
        cut: read_number(cut)?,
        digest: read_number(digest)?,
        claims,
    };
    let classes = match classes {
        "-" => None,
        text => Some(read_numbers(text).map(|[classes, once]| (classes, once))?),
    };
    let stand = match stand {
        "whole" => Stand::Whole,
        "part" => Stand::Part,
        "over" => Stand::Over,
        "done" => Stand::Done,
        _ => return None,
    };
    Some(AtLine { units: read_number(units)?, sums, counts: read_list(counts, read_number)?, classes, stand })
}
