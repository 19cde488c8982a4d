//! The `Line` chunk: which source line an instruction comes from.
//!
//! Layout: version, flags, number of `line` instructions, number of items and of file names (32 bits each); then
//! the items as compact terms, an atom-tagged number changing the file for what follows and an integer-tagged one
//! being a line; then the names, each with a 16-bit length. A table of an unknown version is ignored, as OTP does.
//!
//! Invariant: each item's file is below `files.len()`; item 0 is the undefined location; file 0 is the module's
//! own source, `Module.erl`, which the chunk does not spell out.

use super::compact::{ByteRange, Number, Reader, Tag};
use super::error::{ChunkId, LoadError};

/// A source position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineItem {
    /// Index into [`LineTable::files`].
    pub file: u32,
    /// Line from 1; 0 in item 0, the undefined location.
    pub line: u32,
}

/// The decoded chunk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineTable {
    pub flags: u32,
    /// How many `line` instructions the code has.
    pub instruction_count: u32,
    /// Indexed by the operand of `line`.
    pub items: Vec<LineItem>,
    /// Names of source files; entry 0 is the module's name with `.erl`.
    pub files: Vec<String>,
}

impl LineTable {
    /// Decodes the chunk's data; `None` when its version is unknown.
    pub fn parse(file: &[u8], data: ByteRange, module: &str) -> Result<Option<LineTable>, LoadError> {
        let mut reader = Reader::new(file, data, ChunkId(*b"Line"));
        if reader.u32("the version")? != 0 {
            return Ok(None);
        }
        let flags = reader.u32("the flags")?;
        let instruction_count = reader.u32("the instruction count")?;
        let item_count = reader.u32("the item count")?;
        let file_count = reader.u32("the file count")?;
        let items = items(&mut reader, item_count, file_count)?;
        let files = files(&mut reader, file_count, module)?;
        Ok(Some(LineTable { flags, instruction_count, items, files }))
    }
}

fn items(reader: &mut Reader<'_>, count: u32, file_count: u32) -> Result<Vec<LineItem>, LoadError> {
    let count = reader.check_count(u64::from(count), 1, "the line items")?;
    let mut items = Vec::with_capacity(count + 1);
    items.push(LineItem::default());
    let mut file = 0;
    while items.len() <= count {
        let at = reader.place();
        match reader.tagged()? {
            (Tag::Integer, Number::Small(line @ 0..=0xffff_ffff)) => {
                items.push(LineItem { file, line: line as u32 })
            }
            (Tag::Atom, Number::Small(index)) if index <= i64::from(file_count) => file = index as u32,
            (Tag::Atom, Number::Small(index)) => {
                let (index, count) = (index as u64, u64::from(file_count) + 1);
                return Err(LoadError::OutOfRange { at, what: "file", index, count });
            }
            _ => {
                return Err(LoadError::Invalid {
                    at,
                    what: "a line item must be a line or a change of file",
                });
            }
        }
    }
    Ok(items)
}

fn files(reader: &mut Reader<'_>, count: u32, module: &str) -> Result<Vec<String>, LoadError> {
    let count = reader.check_count(u64::from(count), 2, "the file names")?;
    let mut files = Vec::with_capacity(count + 1);
    files.push(format!("{module}.erl"));
    for _ in 0..count {
        let len = usize::from(reader.u16("a file name's length")?);
        let name = reader.take(len, "a file name")?;
        // Compilers of long ago wrote Latin-1.
        files.push(match std::str::from_utf8(name) {
            Ok(text) => text.to_owned(),
            Err(_) => name.iter().map(|&byte| char::from(byte)).collect(),
        });
    }
    Ok(files)
}
