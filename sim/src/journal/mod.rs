//! The journal of a campaign: a file that lets it go on after it was killed, and be merged with others.
//!
//! It begins with what the campaign is (program, settings, strategy, seed, shard), followed by groups of lines
//! ([`line`]), each of which ends with an `at` and is written at once. Only what a chooser cannot find again is in it:
//! sums, the picks of violations, and what the runs of a learning strategy taught or runs of `bounded` were asked, from
//! which its state is built anew without a run. Invariant: a journal that was cut anywhere is one of an earlier moment, so the campaign that goes
//! on from it comes to what it would have come to without the cut.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the user asked for a file that outlives the command"
)]

pub mod asked;
pub mod front;
pub mod keep;
pub mod line;

use crate::explore::dpor::front::Front;
use crate::explore::learner::Brought;
use asked::Asked;
use front::read_front;
use line::{AtLine, FoundLine, Line, Stand};
use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

const VERSION: &str = "warpbeam campaign 3";
/// The header ends with it.
const BEGIN: &str = "begin";
/// The file's name in its directory.
pub const NAME: &str = "journal";
/// Bytes that a journal may have.
const BYTES_MAX: u64 = 4 << 30;

/// Why there is no journal. The file's name is in front where it is shown.
#[derive(Debug)]
pub enum JournalError {
    System(std::io::Error),
    NotAFile,
    TooLarge,
    /// It is no journal, or one of another version.
    Foreign,
    /// Another command writes to it.
    InUse,
    /// A line that nobody has written.
    BadLine(usize),
    /// It belongs to another campaign: what it says and what was asked for.
    Other {
        there: String,
        asked: String,
    },
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JournalError::System(error) => error.fmt(f),
            JournalError::NotAFile => f.write_str("it is not a regular file"),
            JournalError::TooLarge => write!(f, "it has more than {BYTES_MAX} bytes"),
            JournalError::Foreign => write!(f, "it does not begin with `{VERSION}`"),
            JournalError::InUse => f.write_str("another command is writing to it"),
            JournalError::BadLine(number) => write!(f, "line {number} is damaged"),
            JournalError::Other { there, asked } => {
                write!(f, "it is of another campaign: it has `{there}` where this one has `{asked}`")
            }
        }
    }
}

impl std::error::Error for JournalError {}

impl From<std::io::Error> for JournalError {
    fn from(error: std::io::Error) -> JournalError {
        JournalError::System(error)
    }
}

/// What a journal says.
#[derive(Clone, Debug, Default)]
pub struct Past {
    pub header: Vec<String>,
    pub found: Vec<FoundLine>,
    pub brought: Vec<Brought>,
    /// Where a proof stands, if it is one.
    pub front: Option<Front>,
    /// What runs of `bounded` were asked.
    pub asked: Vec<Asked>,
    pub at: Option<AtLine>,
}

/// A journal, open for more.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    past: Past,
    file: Mutex<Writing>,
}

#[derive(Debug)]
struct Writing {
    file: File,
    error: Option<std::io::Error>,
}

impl Journal {
    /// Opens or begins the journal of the campaign with this header in a directory.
    pub fn open(directory: &Path, header: &[String]) -> Result<Journal, JournalError> {
        std::fs::create_dir_all(directory)?;
        let path = directory.join(NAME);
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => JournalError::InUse,
            TryLockError::Error(error) => JournalError::System(error),
        })?;
        let text = text_of(&mut file)?;
        let (mut past, length) = parse(&text, true)?;
        if past.header.is_empty() {
            file.set_len(0)?;
            let begin = [VERSION].into_iter().chain(header.iter().map(String::as_str)).chain([BEGIN]);
            let begin: String = begin.flat_map(|line| [line, "\n"]).collect();
            file.write_all(begin.as_bytes())?;
            past.header = header.to_vec();
        } else {
            same_campaign(&past.header, header)?;
            file.set_len(length as u64)?;
        }
        Ok(Journal { path, past, file: Mutex::new(Writing { file, error: None }) })
    }

    /// What it said when it was opened.
    pub fn past(&self) -> &Past {
        &self.past
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a group of lines. Whether it could be written; the campaign is to stop if not.
    pub fn add(&self, group: &str) -> bool {
        let mut writing = self.file.lock().expect("a group is written whole");
        if writing.error.is_none() {
            writing.error = writing.file.write_all(group.as_bytes()).err();
        }
        writing.error.is_none()
    }

    /// What kept it from being written.
    pub fn error(self) -> Option<std::io::Error> {
        self.file.into_inner().expect("a group is written whole").error
    }
}

/// Reads the journal in a directory to merge it: the last group counts even if it is part of one.
pub fn read(directory: &Path) -> Result<Past, JournalError> {
    let mut file = File::open(directory.join(NAME))?;
    let text = text_of(&mut file)?;
    let (past, _) = parse(&text, false)?;
    if past.header.is_empty() { Err(JournalError::Foreign) } else { Ok(past) }
}

fn text_of(file: &mut File) -> Result<String, JournalError> {
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(JournalError::NotAFile);
    }
    if about.len() > BYTES_MAX {
        return Err(JournalError::TooLarge);
    }
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(BYTES_MAX).read_to_end(&mut bytes)?;
    // A character that was cut belongs to a line that was cut, which is not read.
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(e) if e.utf8_error().error_len().is_none() => {
            Ok(String::from_utf8_lossy(e.as_bytes()).into_owned())
        }
        Err(_) => Err(JournalError::Foreign),
    }
}

fn same_campaign(there: &[String], asked: &[String]) -> Result<(), JournalError> {
    let missing = "nothing".to_string();
    for at in 0..there.len().max(asked.len()) {
        let (one, two) = (there.get(at).unwrap_or(&missing), asked.get(at).unwrap_or(&missing));
        if one != two {
            return Err(JournalError::Other { there: one.clone(), asked: two.clone() });
        }
    }
    Ok(())
}

/// What whole groups of a journal say, and where they end. An empty header: there is none yet.
fn parse(text: &str, resumes: bool) -> Result<(Past, usize), JournalError> {
    let mut past = Past::default();
    let mut lines = text.split_inclusive('\n').enumerate();
    let mut length = 0;
    let mut header = Vec::new();
    let mut begun = false;
    for (number, line) in lines.by_ref() {
        length += line.len();
        let Some(line) = line.strip_suffix('\n') else { break };
        match line {
            BEGIN => begun = true,
            _ if number == 0 && line != VERSION => return Err(JournalError::Foreign),
            _ if number > 0 => header.push(line.to_string()),
            _ => {}
        }
        if begun {
            break;
        }
    }
    if !begun {
        // Cut before it had begun, or something else altogether.
        let whole = format!("{VERSION}\n");
        let ours = text.starts_with(&whole) || whole.starts_with(text);
        return if ours { Ok((past, 0)) } else { Err(JournalError::Foreign) };
    }
    if header.is_empty() {
        return Err(JournalError::Foreign);
    }
    past.header = header;
    let mut end = length;
    let (mut found, mut brought, mut asked) = (Vec::new(), Vec::new(), Vec::new());
    // Where the proof stands with the groups that are whole, and with the one that is read.
    let (mut stands, mut front) = (None, None);
    for (number, line) in lines {
        length += line.len();
        let Some(line) = line.strip_suffix('\n') else { break };
        if let Some(rest) = line.strip_prefix("front ") {
            front = Some((number, rest));
            continue;
        }
        match line::read(line).ok_or(JournalError::BadLine(number + 1))? {
            Line::Run(run) => brought.push(run),
            Line::Found(first) => found.push(first),
            Line::Asked(runs) => asked.push(runs),
            Line::At(at) if resumes && at.stand == Stand::Part => {
                found.clear();
                brought.clear();
            }
            Line::At(at) => {
                past.found.append(&mut found);
                past.brought.append(&mut brought);
                past.asked.append(&mut asked);
                stands = front.take().or(stands);
                if at.counts.len() != past.found.len() {
                    return Err(JournalError::BadLine(number + 1));
                }
                past.at = Some(at);
                end = length;
            }
        }
    }
    if let Some((number, rest)) = stands {
        past.front = Some(read_front(rest).ok_or(JournalError::BadLine(number + 1))?);
    }
    Ok((past, end))
}
