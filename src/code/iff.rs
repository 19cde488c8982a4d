//! The outermost layer of a `.beam` file: gzip as a whole (optional), then an IFF form of type `BEAM` whose chunks
//! are padded to four bytes.
//!
//! Invariant: each chunk's range lies within the form, and inflating never produces more than a limit, whatever
//! size the data declares. Bytes after the form are ignored, as OTP's loader does.

use std::io::Read;

use super::compact::{ByteRange, Reader};
use super::error::{ChunkId, LoadError, Place};

/// One chunk: its name and its data, without padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    pub id: ChunkId,
    pub data: ByteRange,
}

/// More chunks than any compiler writes; keeps look-ups among them cheap.
const MAX_CHUNKS: usize = 256;

/// The file's bytes, inflated if they were compressed as a whole.
pub fn inflated_file(file: &[u8], limit_bytes: u32) -> Result<Vec<u8>, LoadError> {
    let at = Place::in_file(0);
    if !file.starts_with(&[0x1f, 0x8b]) {
        check_size(at, "the file", file.len() as u64, limit_bytes)?;
        return Ok(file.to_vec());
    }
    inflate(flate2::bufread::GzDecoder::new(file), at, "the compressed file", limit_bytes)
}

/// The bytes of a zlib stream, at most `limit_bytes` of them.
pub fn inflated_zlib(
    stream: &[u8],
    at: Place,
    what: &'static str,
    limit_bytes: u32,
) -> Result<Vec<u8>, LoadError> {
    inflate(flate2::bufread::ZlibDecoder::new(stream), at, what, limit_bytes)
}

fn inflate(stream: impl Read, at: Place, what: &'static str, limit_bytes: u32) -> Result<Vec<u8>, LoadError> {
    let mut bytes = Vec::new();
    let read = stream.take(u64::from(limit_bytes) + 1).read_to_end(&mut bytes);
    read.map_err(|_| LoadError::BadCompression { at, what })?;
    check_size(at, what, bytes.len() as u64, limit_bytes)?;
    Ok(bytes)
}

fn check_size(at: Place, what: &'static str, size: u64, limit_bytes: u32) -> Result<(), LoadError> {
    let limit = u64::from(limit_bytes);
    if size > limit { Err(LoadError::TooLarge { at, what, size, limit }) } else { Ok(()) }
}

/// The chunks of an inflated file, in the order of the file. No name occurs twice.
pub fn chunks(file: &[u8]) -> Result<Vec<Chunk>, LoadError> {
    let form = ChunkId(*b"FOR1");
    let whole = ByteRange { start: 0, len: file.len() as u32 };
    let mut reader = Reader::new(file, whole, form);
    expect(&mut reader, b"FOR1", "the form header FOR1")?;
    let size = reader.count(1, "the form")?;
    let end = reader.offset() as usize + size;
    expect(&mut reader, b"BEAM", "the form type BEAM")?;
    let mut chunks: Vec<Chunk> = Vec::new();
    while (reader.offset() as usize) < end {
        let mut name = [0; 4];
        name.copy_from_slice(reader.take(4, "a chunk's name")?);
        let id = ChunkId(name);
        let len = reader.u32("a chunk's size")? as usize;
        let left = end.saturating_sub(reader.offset() as usize);
        let padded = len.next_multiple_of(4);
        if padded > left {
            let (needed, left) = (padded as u64, left as u64);
            return Err(LoadError::Truncated { at: Place::start_of(id), what: "the chunk", needed, left });
        }
        let mut data = reader.take_range(padded, "the chunk")?;
        data.len = len as u32;
        if chunks.iter().any(|chunk| chunk.id == id) {
            return Err(LoadError::DuplicateChunk { chunk: id });
        }
        if chunks.len() == MAX_CHUNKS {
            let (size, limit) = (MAX_CHUNKS as u64 + 1, MAX_CHUNKS as u64);
            return Err(LoadError::TooLarge {
                at: in_file(&reader),
                what: "the number of chunks",
                size,
                limit,
            });
        }
        chunks.push(Chunk { id, data });
    }
    Ok(chunks)
}

fn expect(reader: &mut Reader<'_>, magic: &[u8; 4], expected: &'static str) -> Result<(), LoadError> {
    let at = in_file(reader);
    match reader.take(4, expected) {
        Ok(found) if found == magic => Ok(()),
        _ => Err(LoadError::NotBeam { at, expected }),
    }
}

fn in_file(reader: &Reader<'_>) -> Place {
    Place::in_file(reader.offset())
}
