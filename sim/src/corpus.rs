//! Corpora: the decisions of runs that had something new, kept from one campaign of `coverage` or `auto` to the next.
//!
//! An entry is a run's decisions and what the run showed: its pairs of events ([`crate::explore::coverage`]) and its violation. A
//! corpus is one text, with a digest in its last line. Invariants: what is written reads back equal, and a text that was
//! cut or changed is refused; in what [`distil`] leaves, each entry shows something that no other does, and all that was
//! shown before is.

use crate::campaign::Found;
use crate::choice::{Chooser, PlaceKey};
use crate::digest::Digest;
use crate::explore::coverage::{Noted, Notes, Trail};
use crate::explore::mutate::Mutant;
use crate::explore::replay::Repeat;
use crate::journal::line::{list, number, numbers, read_list, read_numbers, read_small};
use crate::runner::{Runner, violation_of};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

const VERSION: &str = "warpbeam corpus 1";
/// What a violation shows is above all pairs.
const VIOLATION: u32 = 1 << 31;

/// A run worth to be kept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Entry {
    pub trail: Trail,
    /// Rising.
    pub shows: Vec<u32>,
}

/// Why a text is no corpus.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CorpusError {
    /// It is something else, or of another version.
    Foreign,
    /// It was cut or changed.
    Damaged,
}

impl fmt::Display for CorpusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CorpusError::Foreign => write!(f, "it does not begin with `{VERSION}`"),
            CorpusError::Damaged => {
                f.write_str("it is damaged: its last line is missing or does not fit the rest")
            }
        }
    }
}

impl std::error::Error for CorpusError {}

/// The text of a corpus of the program that begins with this call.
pub fn write(call: &str, entries: &[Entry]) -> String {
    let mut text = format!("{VERSION}\nprogram {}\n", crate::schedule::write::escaped(call));
    for Entry { trail, shows } in entries {
        text.push_str("run ");
        list(&mut text, trail, |out, (place, option)| numbers(out, &[place.0, *option]));
        text.push(' ');
        list(&mut text, shows, |out, &what| number(out, what.into()));
        text.push('\n');
    }
    let digest = digest_of(&text);
    text.push_str(&format!("end {} {digest}\n", entries.len()));
    text
}

fn digest_of(text: &str) -> String {
    Digest::START.bytes(text.as_bytes()).to_string()
}

/// Reads a corpus, and the call that its program begins with.
pub fn read(text: &str) -> Result<(String, Vec<Entry>), CorpusError> {
    let rest =
        text.strip_prefix(VERSION).and_then(|rest| rest.strip_prefix('\n')).ok_or(CorpusError::Foreign)?;
    let whole = || {
        let body = text.strip_suffix('\n')?;
        let at = body.rfind('\n')? + 1;
        let (count, digest) = body[at..].strip_prefix("end ")?.split_once(' ')?;
        let lines = rest.lines().count().checked_sub(2)?;
        (count.parse() == Ok(lines) && digest == digest_of(&text[..at])).then_some(lines)
    };
    let count = whole().ok_or(CorpusError::Damaged)?;
    let mut lines = rest.lines();
    let call = lines.next().and_then(|line| crate::schedule::read::unescaped(line.strip_prefix("program ")?));
    let entries: Option<Vec<Entry>> = lines.take(count).map(read_entry).collect();
    call.zip(entries).ok_or(CorpusError::Damaged)
}

fn read_entry(line: &str) -> Option<Entry> {
    let (trail, shows) = line.strip_prefix("run ")?.split_once(' ')?;
    let trail = read_list(trail, |text| read_numbers(text).map(|[place, option]| (PlaceKey(place), option)))?;
    Some(Entry { trail, shows: read_list(shows, read_small)? })
}

/// A few words that differ between corpora.
pub fn name(entries: &[Entry]) -> String {
    format!("{} {}", entries.len(), digest_of(&write("", entries)))
}

/// Leaves out what shows nothing that the others do not, long ones first; in the order of length.
pub fn distil(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by(|a, b| (a.trail.len(), a).cmp(&(b.trail.len(), b)));
    entries.dedup_by(|a, b| a.trail == b.trail);
    let mut times: BTreeMap<u32, u32> = BTreeMap::new();
    for what in entries.iter().flat_map(|entry| &entry.shows) {
        *times.entry(*what).or_default() += 1;
    }
    let mut stays = vec![false; entries.len()];
    for (at, entry) in entries.iter().enumerate().rev() {
        stays[at] = entry.shows.iter().any(|what| times[what] == 1);
        if !stays[at] {
            entry.shows.iter().for_each(|what| *times.get_mut(what).expect("it was counted") -= 1);
        }
    }
    let mut stays = stays.into_iter();
    entries.retain(|_| stays.next() == Some(true));
    entries
}

/// What a campaign leaves for the next one: of its runs that had something new, of its violations, and of the entries that there
/// were, those that are worth to be kept. Each is run once more to see what it shows.
pub fn gather(runner: &mut Runner, trails: Vec<Trail>, found: &[Found]) -> Vec<Entry> {
    let mut mutant = Mutant::new(0);
    mutant.follow(&Trail::new());
    let dull: BTreeSet<u32> = entry_of(runner, &mut mutant).shows.into_iter().collect();
    let trails: BTreeSet<Trail> = trails.into_iter().collect();
    let mut entries: Vec<Entry> =
        found.iter().map(|f| entry_of(runner, &mut Repeat::new(&f.picks))).collect();
    for trail in &trails {
        mutant.follow(trail);
        entries.push(entry_of(runner, &mut mutant));
    }
    // The dull run is made anyway.
    entries.iter_mut().for_each(|entry| entry.shows.retain(|what| !dull.contains(what)));
    distil(entries)
}

/// A run as an entry: its own decisions, which are fewer than it was told where it was not asked for all.
fn entry_of(runner: &mut Runner, chooser: &mut dyn Chooser) -> Entry {
    let mut notes = Notes::default();
    let outcome = runner.run(&mut Noted { inner: chooser, notes: &mut notes });
    let broken = violation_of(&outcome).map(|v| VIOLATION | Digest::START.text(&v.fingerprint).0 as u32);
    let shows: BTreeSet<u32> = notes.pairs.into_iter().chain(broken).collect();
    Entry { trail: notes.trail, shows: shows.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::stream::Streams;

    fn drawn(seed: u64) -> Vec<Entry> {
        let mut streams = Streams::new(seed);
        streams.start_run(0);
        let stream = streams.of_run();
        let mut entry = || {
            let mut trail = Trail::new();
            for _ in 0..stream.below(4) {
                trail.push((PlaceKey(u64::from(stream.below(9)) << 40), stream.below(3).into()));
            }
            let shows: BTreeSet<u32> = (0..stream.below(5)).map(|_| stream.below(12)).collect();
            Entry { trail, shows: shows.into_iter().collect() }
        };
        (0..seed % 13).map(|_| entry()).collect()
    }

    fn all(entries: &[Entry]) -> BTreeSet<u32> {
        entries.iter().flat_map(|entry| entry.shows.iter().copied()).collect()
    }

    #[test]
    fn what_is_left_shows_all_and_each_entry_something_of_its_own() {
        for seed in 0..500 {
            let mut entries = drawn(seed);
            // Equal decisions show the same.
            entries.sort();
            entries.dedup_by(|a, b| a.trail == b.trail);
            let left = distil(entries.clone());
            assert_eq!(all(&left), all(&entries), "{seed}");
            for at in 0..left.len() {
                let mut others = left.clone();
                let entry = others.remove(at);
                assert!(entry.shows.iter().any(|what| !all(&others).contains(what)), "{seed}: {entry:?}");
            }
            assert_eq!(distil(left.clone()), left, "{seed}");
        }
    }

    #[test]
    fn texts_read_back_and_are_refused_when_cut_or_changed() {
        for seed in 0..40 {
            let entries = drawn(seed);
            let text = write("m:f/0", &entries);
            assert_eq!(read(&text), Ok(("m:f/0".to_string(), entries)));
            for at in 0..text.len() {
                assert!(read(&text[..at]).is_err(), "{seed}: cut after {at}");
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= 1;
                let changed = String::from_utf8(bytes).expect("it is ASCII still");
                assert!(read(&changed).is_err(), "{seed}: changed at {at}");
            }
        }
    }
}
