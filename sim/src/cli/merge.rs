//! `warpbeam merge`: makes one result of the shards of a campaign.
//!
//! Invariant: for a strategy that draws its runs by index, all shards with `--keep-going` together come to what one
//! machine would have found, digest and all. Those of `bounded` do too, but for the numbers of runs, which are a shard's own;
//! its first violation is the smallest, and all is proved when no shard has anything left. `auto` and `coverage` learn in each shard alone, with the smallest deviations
//! and the dull run's races shared out among them: their shards are added up, and their classes counted once.

#![allow(clippy::disallowed_methods, reason = "reads the directories that the user named")]

use super::args::{Arg, Args, Usage, refuse, unknown};
use super::verdict::{counted, put, replay_command};
use super::{print, totals};
use crate::campaign::{Report, Sums};
use crate::explore::bounded;
use crate::explore::strategy::StrategyKind;
use crate::journal::line::{FoundLine, Stand};
use crate::journal::{self, Past};
use crate::json::Object;
use crate::oracle::claims::{Kind, Tally};
use crate::schedule::read::BYTES_MAX;
use crate::schedule::{Schedule, read};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use warpbeam::code::file;

/// One directory's campaign.
struct Shard {
    directory: PathBuf,
    past: Past,
    number: u64,
    of: u64,
}

/// A violation in all shards.
struct Found<'a> {
    count: u64,
    /// The shard that had it first, and its first run.
    shard: &'a Shard,
    first: &'a FoundLine,
}

pub fn merge(mut args: Args) -> Result<u8, Usage> {
    let (mut directories, mut out, mut json) = (Vec::new(), PathBuf::from("schedules"), false);
    let mut corpus = None;
    while let Some(arg) = args.next_arg()? {
        match arg {
            Arg::Plain(word) => directories.push(PathBuf::from(word)),
            Arg::Option(name) if name == "--out" => out = PathBuf::from(args.value(&name)?),
            Arg::Option(name) if name == "--corpus" => corpus = Some(PathBuf::from(args.value(&name)?)),
            Arg::Option(name) if name == "--json" => json = true,
            Arg::Option(name) => return unknown("merge", &name),
            Arg::Rest => {}
        }
    }
    if let Some(corpus) = corpus {
        let count = super::corpus::join(&corpus)?;
        if directories.is_empty() {
            return print(&format!("{}: {count} entries\n", corpus.display())).map(|()| 0);
        }
    }
    if directories.is_empty() {
        return refuse("`warpbeam merge` needs the directories of a campaign's shards");
    }
    let shards = directories.into_iter().map(shard).collect::<Result<Vec<Shard>, Usage>>()?;
    let strategy = same_campaign(&shards)?;
    let kinds = kinds(&shards, strategy);
    for kind in &kinds {
        show(kind, strategy, &out, json)?;
    }
    let report = report(&shards, strategy);
    if json {
        print(&totals::claims(&report))?;
        print(&totals::line(&report, strategy))?;
    } else {
        let seed = value(&shards[0].past, "seed").and_then(|seed| seed.parse().ok()).unwrap_or(0);
        let call = value(&shards[0].past, "entry").unwrap_or_default();
        print(&totals::text(call, (&report, kinds.len()), strategy, seed, ""))?;
    }
    warn_of_gaps(&shards, strategy);
    Ok(u8::from(!kinds.is_empty() || report.lacks_claims(false)))
}

/// What they come to.
fn report(shards: &[Shard], strategy: StrategyKind) -> Report {
    let mut report = Report { sums: sums(shards), ..Report::default() };
    match strategy {
        StrategyKind::Bounded => {
            let done = |shard: &Shard| shard.past.at.as_ref().is_some_and(|at| at.stand == Stand::Done);
            let all = shards.len() as u64 == shards[0].of && shards.iter().all(done);
            report.complete = Some(all && report.sums.cut == 0);
        }
        StrategyKind::Dpor => {
            // There is one.
            let totals = shards[0].past.front.as_ref().map(|front| front.totals).unwrap_or_default();
            (report.classes, report.complete) = (Some(totals.classes), Some(totals.complete));
        }
        _ if strategy.learns() => {
            let (classes, once) = classes(shards);
            (report.classes, report.once) = (Some(classes), Some(once));
        }
        _ => {}
    }
    expect_claims(&shards[0].past, &mut report.sums.claims);
    report
}

/// The claims that the program could come to, as the header has them.
fn expect_claims(past: &Past, claims: &mut Tally) {
    for line in past.header.iter().filter_map(|line| line.strip_prefix("claim ")) {
        let claim =
            line.split_once(' ').and_then(|(kind, name)| Some((Kind::named(kind)?, read::unescaped(name)?)));
        if let Some((kind, name)) = claim {
            claims.expect(kind, &name);
        }
    }
}

fn value<'a>(past: &'a Past, key: &str) -> Option<&'a str> {
    past.header.iter().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))
}

fn shard(directory: PathBuf) -> Result<Shard, Usage> {
    let path = directory.join(journal::NAME);
    let damaged = |why: &str| Usage(format!("{}: {why}", path.display()));
    let past = journal::read(&directory).map_err(|e| damaged(&e.to_string()))?;
    let shard = value(&past, "shard").and_then(|text| text.split_once('/'));
    let numbers = shard.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    let Some((number, of)) = numbers else { return Err(damaged("its header has no shard")) };
    Ok(Shard { directory, past, number, of })
}

/// Refuses what does not belong together. The strategy of what does.
fn same_campaign(shards: &[Shard]) -> Result<StrategyKind, Usage> {
    let first = &shards[0];
    let header = |shard: &Shard| -> Vec<String> {
        let shared = |line: &&String| !line.starts_with("shard ");
        shard.past.header.iter().filter(shared).cloned().collect()
    };
    for (at, shard) in shards.iter().enumerate() {
        let (one, two) = (first.directory.display(), shard.directory.display());
        if header(shard) != header(first) || shard.of != first.of {
            return refuse(format!("{one} and {two} are not shards of one campaign"));
        }
        if let Some(twin) = shards[..at].iter().find(|other| other.number == shard.number) {
            return refuse(format!("{} and {two} are the same shard", twin.directory.display()));
        }
    }
    match value(&first.past, "strategy").and_then(StrategyKind::parse) {
        Some(strategy) => Ok(strategy),
        None => refuse(format!("{}: its strategy is not known", first.directory.display())),
    }
}

fn sums(shards: &[Shard]) -> Sums {
    let mut sums = Sums::default();
    shards.iter().filter_map(|shard| shard.past.at.as_ref()).for_each(|at| sums.merge(&at.sums));
    sums
}

/// Classes of runs in all shards, and those that came up once in all of them.
fn classes(shards: &[Shard]) -> (u64, u64) {
    let mut times: BTreeMap<u64, u64> = BTreeMap::new();
    for brought in shards.iter().flat_map(|shard| &shard.past.brought) {
        *times.entry(brought.class).or_default() += 1;
    }
    let once = times.values().filter(|&&times| times == 1).count();
    (times.len() as u64, once as u64)
}

/// Violations by fingerprint, in order of the first run: the smallest first, where that is what was looked for.
fn kinds(shards: &[Shard], strategy: StrategyKind) -> Vec<Found<'_>> {
    let order = |one: &Found<'_>, two: &Found<'_>| match strategy {
        StrategyKind::Bounded => bounded::in_order(&one.first.picks, &two.first.picks),
        _ => one.first.run.cmp(&two.first.run),
    };
    let mut kinds: BTreeMap<&str, Found<'_>> = BTreeMap::new();
    for shard in shards {
        let counts = shard.past.at.iter().flat_map(|at| &at.counts);
        for (first, &count) in shard.past.found.iter().zip(counts) {
            let new = Found { count, shard, first };
            match kinds.get_mut(first.fingerprint.as_str()) {
                Some(kind) => {
                    let count = kind.count + count;
                    if order(&new, kind).is_lt() {
                        *kind = new;
                    }
                    kind.count = count;
                }
                None => _ = kinds.insert(&first.fingerprint, new),
            }
        }
    }
    let mut kinds: Vec<_> = kinds.into_values().collect();
    kinds.sort_by(order);
    kinds
}

/// The schedule of a violation in a shard's directory, with its file's name and bytes.
fn schedule(directory: &Path, fingerprint: &str) -> Option<(String, Vec<u8>, Schedule)> {
    let mut names: Vec<_> = std::fs::read_dir(directory).ok()?.filter_map(Result::ok).collect();
    names.sort_by_key(std::fs::DirEntry::file_name);
    names.into_iter().find_map(|entry| {
        let name = entry.file_name().into_string().ok().filter(|name| name.ends_with(".schedule"))?;
        let bytes = file::read(&entry.path(), BYTES_MAX as u64).ok()?;
        let schedule = read::parse(&bytes).ok()?;
        let same = schedule.verdict.as_ref().is_some_and(|v| v.fingerprint == fingerprint);
        same.then_some((name, bytes, schedule))
    })
}

/// Reports a violation, with its schedule among those of the campaign.
fn show(kind: &Found<'_>, strategy: StrategyKind, out: &Path, json: bool) -> Result<(), Usage> {
    let Found {
        count,
        shard: Shard { directory, number, of, .. },
        first: FoundLine { run, fingerprint, .. },
    } = kind;
    let Some((name, bytes, schedule)) = schedule(directory, fingerprint) else {
        return refuse(format!(
            "{} has no schedule for `{fingerprint}` yet: give its shard's command again, which finishes it",
            directory.display()
        ));
    };
    let path = out.join(name);
    let put = std::fs::create_dir_all(out).and_then(|()| put(&path, &bytes));
    put.map_err(|e| Usage(format!("{} cannot be written: {e}", path.display())))?;
    let path = path.display().to_string();
    let verdict = schedule.verdict.unwrap_or_default();
    if json {
        let mut object = Object::new("violation");
        object.text("oracle", &verdict.oracle).text("message", &verdict.message);
        object.text("fingerprint", fingerprint).number("count", *count).number("run", *run);
        if strategy == StrategyKind::Bounded {
            object.number("shard", *number);
        }
        object.number("deviations", schedule.deviations.len() as u64).text("schedule", &path);
        return print(&object.line());
    }
    let own = match strategy {
        StrategyKind::Bounded => format!(" of shard {number}/{of}"),
        _ => String::new(),
    };
    print(&format!(
        "{}: {}\n  in {}, first in run {run}{own}; {}\n  replay it with: {}\n\n",
        verdict.oracle,
        verdict.message,
        counted(*count, "run"),
        counted(schedule.deviations.len() as u64, "decision"),
        replay_command(&path)
    ))
}

/// Shards that are not there, or that were cut short.
#[allow(clippy::print_stderr, reason = "the command line speaks to its user")]
fn warn_of_gaps(shards: &[Shard], strategy: StrategyKind) {
    let of = shards[0].of;
    let missing = of - shards.len() as u64;
    if missing > 0 {
        let first = (0..of).find(|n| shards.iter().all(|shard| shard.number != *n)).unwrap_or(0);
        eprintln!("warpbeam: {} of {of} not here, such as shard {first}", counted(missing, "shard"));
    }
    let runs = |shard: &Shard| shard.past.at.as_ref().map_or(0, |at| at.sums.runs);
    let most = shards.iter().map(runs).max().unwrap_or(0);
    let over = |shard: &&Shard| {
        shard.past.at.as_ref().is_some_and(|at| matches!(at.stand, Stand::Over | Stand::Done))
    };
    for shard in shards.iter().filter(|shard| !over(shard)) {
        let (directory, runs) = (shard.directory.display(), runs(shard));
        match strategy {
            StrategyKind::Bounded => eprintln!("warpbeam: {directory} has schedules left"),
            _ if runs + 1 < most => eprintln!("warpbeam: {directory} has {} of {most}", counted(runs, "run")),
            _ => {}
        }
    }
}
