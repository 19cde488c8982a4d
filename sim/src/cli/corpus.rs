//! `--corpus DIR`: entries that a campaign begins with, and those that it leaves for the next one.
//!
//! `DIR/corpus` is what campaigns begin with. A campaign replaces it when it ends; a shard writes `DIR/shard-I-of-N`
//! beside it instead, so that all shards begin with the same, and `merge --corpus` joins them. A campaign with a journal
//! keeps a copy of what it began with there and goes on with that. Invariant: whoever looks finds a whole file, the old
//! or the new one; an entry is lost only where others show what it shows.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the user asked for a file that outlives the command"
)]

use super::args::Usage;
use super::verdict::put;
use crate::campaign::{Plan, Report};
use crate::corpus::{Entry, distil, gather, read, write};
use crate::journal;
use crate::runner::Runner;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use warpbeam::code::file;

/// The file's name in its directory.
const NAME: &str = "corpus";
/// The name of a campaign's copy, which may lie in the same directory.
const BEGUN: &str = "corpus-begun";
/// Bytes that a corpus may have.
const BYTES_MAX: u64 = 1 << 30;

/// Where a campaign's corpus is.
#[derive(Debug)]
pub struct Corpus {
    directory: PathBuf,
    /// The call that the program begins with.
    call: String,
    /// What is written.
    file: PathBuf,
}

fn failed(path: &Path, what: &str, why: impl std::fmt::Display) -> Usage {
    Usage(format!("{}{what}: {why}", path.display()))
}

/// Whoever changes a corpus keeps others from it meanwhile.
fn locked(directory: &Path) -> Result<File, Usage> {
    let lock = File::open(directory).and_then(|lock| match lock.lock() {
        // Where files are on a network, perhaps.
        Err(e) if e.kind() != ErrorKind::Unsupported => Err(e),
        _ => Ok(lock),
    });
    lock.map_err(|e| failed(directory, "", e))
}

/// The entries in a file, and the call that their program begins with.
fn whole(path: &Path, call: Option<&str>) -> Result<(String, Vec<Entry>), Usage> {
    let bytes = file::read(path, BYTES_MAX).map_err(|e| failed(path, "", e))?;
    let (of, entries) = read(&String::from_utf8_lossy(&bytes)).map_err(|e| failed(path, "", e))?;
    match call {
        Some(call) if call != of => {
            let why = format!("it is of a program that begins with {of}, not with {call}");
            Err(failed(path, "", why))
        }
        _ => Ok((of, entries)),
    }
}

/// The entries in a file; none if it is not there.
fn entries(path: &Path, call: &str) -> Result<Vec<Entry>, Usage> {
    let there = path.try_exists().map_err(|e| failed(path, "", e))?;
    if there { whole(path, Some(call)).map(|(_, entries)| entries) } else { Ok(Vec::new()) }
}

fn save(path: &Path, call: &str, entries: &[Entry]) -> Result<(), Usage> {
    put(path, write(call, entries).as_bytes()).map_err(|e| failed(path, " cannot be written", e))
}

impl Corpus {
    /// Opens or begins a corpus, and reads what the campaign begins with.
    pub fn open(
        directory: PathBuf,
        call: &str,
        plan: &Plan,
        campaign: Option<&Path>,
    ) -> Result<(Corpus, Vec<Entry>), Usage> {
        std::fs::create_dir_all(&directory).map_err(|e| failed(&directory, "", e))?;
        let lock = locked(&directory)?;
        let (shard, of) = plan.shard;
        let file = match of {
            1 => directory.join(NAME),
            _ => directory.join(format!("shard-{shard}-of-{of}")),
        };
        // A directory that cannot be written is to be known before the work is done.
        save(&file, call, &entries(&file, call)?)?;
        let kept = campaign.map(|at| at.join(BEGUN));
        let goes_on = campaign.is_some_and(|at| at.join(journal::NAME).exists());
        let begins = match &kept {
            Some(kept) if goes_on && kept.exists() => entries(kept, call)?,
            _ => entries(&directory.join(NAME), call)?,
        };
        if let Some(kept) = kept.filter(|_| !goes_on) {
            let made = kept.parent().map_or(Ok(()), std::fs::create_dir_all);
            made.map_err(|e| failed(&kept, "", e))?;
            save(&kept, call, &begins)?;
        }
        drop(lock);
        Ok((Corpus { directory, call: call.to_string(), file }, begins))
    }

    /// Adds what a campaign has brought to what is there now, and leaves out what is not needed.
    pub fn close(self, runner: &mut Runner, plan: &Plan, report: &mut Report) -> Result<(), Usage> {
        let _lock = locked(&self.directory)?;
        let mut trails = std::mem::take(&mut report.trails);
        if plan.shard.1 == 1 {
            trails.extend(plan.corpus.iter().cloned());
        }
        trails.extend(entries(&self.file, &self.call)?.into_iter().map(|entry| entry.trail));
        save(&self.file, &self.call, &gather(runner, trails, &report.found))
    }
}

/// Joins what shards have left with what they began with. How many entries there are then.
pub fn join(directory: &Path) -> Result<usize, Usage> {
    let _lock = locked(directory)?;
    let file = directory.join(NAME);
    let mut joined = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(|e| failed(directory, "", e))? {
        let path = entry.map_err(|e| failed(directory, "", e))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let parts = name.strip_prefix("shard-").and_then(|rest| rest.split_once("-of-"));
        if parts.is_some_and(|(i, n)| i.parse::<u64>().is_ok() && n.parse::<u64>().is_ok()) {
            joined.push(path);
        }
    }
    let mut call = None;
    let mut all = Vec::new();
    for path in joined.iter().chain([&file]).filter(|path| path.exists()) {
        let (of, entries) = whole(path, call.as_deref())?;
        all.extend(entries);
        call = Some(of);
    }
    let Some(call) = call else { return Err(failed(directory, "", "there is no corpus in it")) };
    let all = distil(all);
    save(&file, &call, &all)?;
    for path in joined {
        std::fs::remove_file(&path).map_err(|e| failed(&path, " cannot be removed", e))?;
    }
    Ok(all.len())
}
