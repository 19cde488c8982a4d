//! Files from outside, read whole: regular files only, up to a size that the caller sets.
//!
//! Invariant: memory and time are bounded whatever a path leads to. A pipe or a device, which may never end, is refused
//! before it is opened, for opening a pipe waits for a writer; a file that grows is read up to the bound.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the door to files that are read whole"
)]

use std::fmt;
use std::io::Read;
use std::path::Path;

/// Why a file could not be read. Completes "FILE cannot be read: ...".
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileError {
    /// In the operating system's words.
    System(String),
    NotAFile,
    TooLarge(u64),
    NoMemory(u64),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileError::System(why) => f.write_str(why),
            FileError::NotAFile => f.write_str("it is not a regular file"),
            FileError::TooLarge(bytes_max) => write!(f, "it has more than {bytes_max} bytes"),
            FileError::NoMemory(bytes) => write!(f, "there is no memory for its {bytes} bytes"),
        }
    }
}

impl std::error::Error for FileError {}

impl From<std::io::Error> for FileError {
    fn from(error: std::io::Error) -> FileError {
        FileError::System(error.to_string())
    }
}

/// The bytes of a file that has at most so many.
pub fn read(path: &Path, bytes_max: u64) -> Result<Vec<u8>, FileError> {
    let about = std::fs::metadata(path)?;
    if !about.is_file() {
        return Err(FileError::NotAFile);
    }
    if about.len() > bytes_max {
        return Err(FileError::TooLarge(bytes_max));
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(about.len() as usize + 1).map_err(|_| FileError::NoMemory(about.len()))?;
    std::fs::File::open(path)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        return Err(FileError::TooLarge(bytes_max));
    }
    Ok(bytes)
}

/// The same as text.
pub fn read_text(path: &Path, bytes_max: u64) -> Result<String, FileError> {
    String::from_utf8(read(path, bytes_max)?)
        .map_err(|_| FileError::System("it is not UTF-8 text".to_string()))
}
