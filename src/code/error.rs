//! What can be wrong with a `.beam` file, and where.
//!
//! Invariant: every error names its place (a chunk and a byte offset within the chunk's data, or an offset within
//! the file), and its `Display` is one sentence that a person can act on.

use std::fmt;

/// The four bytes that name a chunk.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChunkId(pub [u8; 4]);

impl fmt::Display for ChunkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

impl fmt::Debug for ChunkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The chunk, or `None` for the file as a whole.
    pub chunk: Option<ChunkId>,
    /// Bytes from the start of the chunk's data (or of the inflated file).
    pub offset: u32,
}

impl Place {
    /// The start of a chunk's data.
    pub fn start_of(chunk: ChunkId) -> Place {
        Place { chunk: Some(chunk), offset: 0 }
    }

    /// A byte of the file outside any chunk's data.
    pub fn in_file(offset: u32) -> Place {
        Place { chunk: None, offset }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.chunk {
            Some(chunk) => write!(f, "chunk {chunk}, byte {}", self.offset),
            None => write!(f, "file, byte {}", self.offset),
        }
    }
}

/// Why a `.beam` file was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// The bytes are no BEAM file at all.
    NotBeam { at: Place, expected: &'static str },
    /// Something ends before it is complete. Sizes are in bytes.
    Truncated { at: Place, what: &'static str, needed: u64, left: u64 },
    /// Something is larger than the limit that the caller gave (or that the format has).
    TooLarge { at: Place, what: &'static str, size: u64, limit: u64 },
    /// Compressed data that cannot be inflated.
    BadCompression { at: Place, what: &'static str },
    /// A size that disagrees with the data.
    WrongSize { at: Place, what: &'static str, declared: u64, actual: u64 },
    /// A chunk that every module must have.
    MissingChunk { chunk: ChunkId },
    /// A chunk that is there twice.
    DuplicateChunk { chunk: ChunkId },
    /// A value that the format does not allow there; `what` is a whole clause.
    Invalid { at: Place, what: &'static str },
    /// An index beyond the table that it points into.
    OutOfRange { at: Place, what: &'static str, index: u64, count: u64 },
    /// An instruction number that no release up to the newest known one uses.
    UnknownOpcode { at: Place, number: u8 },
    /// An instruction that releases of today no longer load either.
    RemovedOpcode { at: Place, number: u8, name: &'static str },
    /// An operand of the wrong kind. Positions count from 1.
    Operand { at: Place, op: &'static str, position: u8, expected: &'static str },
    /// Something wrong with a label; `problem` completes "label N ...".
    Label { at: Place, label: u32, problem: &'static str },
    /// An instruction that would do harm on some way that leads to it. `instruction` counts from the function's start.
    Unsafe { at: Place, function: Box<str>, instruction: u32, op: &'static str, why: &'static str },
}

impl LoadError {
    /// Where the problem is.
    pub fn place(&self) -> Place {
        match *self {
            LoadError::NotBeam { at, .. }
            | LoadError::Truncated { at, .. }
            | LoadError::TooLarge { at, .. }
            | LoadError::BadCompression { at, .. }
            | LoadError::WrongSize { at, .. }
            | LoadError::Invalid { at, .. }
            | LoadError::OutOfRange { at, .. }
            | LoadError::UnknownOpcode { at, .. }
            | LoadError::RemovedOpcode { at, .. }
            | LoadError::Operand { at, .. }
            | LoadError::Label { at, .. }
            | LoadError::Unsafe { at, .. } => at,
            LoadError::MissingChunk { chunk } | LoadError::DuplicateChunk { chunk } => Place::start_of(chunk),
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Unsafe { function, instruction, op, why, .. } => {
                return write!(f, "function {function}, instruction {instruction} ({op}): {why}");
            }
            LoadError::MissingChunk { chunk } => return write!(f, "the file has no {chunk} chunk"),
            LoadError::DuplicateChunk { chunk } => return write!(f, "the file has two {chunk} chunks"),
            _ => write!(f, "{}: ", self.place())?,
        }
        match *self {
            LoadError::NotBeam { expected, .. } => write!(f, "not a BEAM file: expected {expected}"),
            LoadError::Truncated { what, needed, left, .. } => {
                write!(f, "no room for {what}: {needed} bytes needed, {left} left")
            }
            LoadError::TooLarge { what, size, limit, .. } => {
                write!(f, "{what} is {size} or more, the limit is {limit}")
            }
            LoadError::BadCompression { what, .. } => write!(f, "{what} cannot be inflated"),
            LoadError::WrongSize { what, declared, actual, .. } => {
                write!(f, "{what} is declared as {declared} but is {actual}")
            }
            LoadError::Invalid { what, .. } => f.write_str(what),
            LoadError::OutOfRange { what, index, count, .. } => {
                write!(f, "{what} {index} is out of range: there are {count}")
            }
            LoadError::UnknownOpcode { number, .. } => {
                write!(f, "instruction {number} is unknown; the file may come from a newer compiler")
            }
            LoadError::RemovedOpcode { number, name, .. } => {
                write!(
                    f,
                    "instruction {number} ({name}) is obsolete; recompile the module with a current compiler"
                )
            }
            LoadError::Operand { op, position, expected, .. } => {
                write!(f, "operand {position} of {op} must be {expected}")
            }
            LoadError::Label { label, problem, .. } => write!(f, "label {label} {problem}"),
            LoadError::MissingChunk { .. } | LoadError::DuplicateChunk { .. } | LoadError::Unsafe { .. } => {
                Ok(())
            }
        }
    }
}

impl std::error::Error for LoadError {}
