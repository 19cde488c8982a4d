//! Compressed terms: a zlib stream behind the size of what it holds.
//!
//! Invariant: inflating never holds more than the stated size, which must be one that the stream's length can
//! give at all and one that the caller allows.

use super::{EtfError, EtfFault};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// Deflate cannot expand one byte into more than this many.
const RATIO_MAX: usize = 1032;
/// Room that the output grows by at a time.
const STEP_BYTES: usize = 1 << 16;

/// `size` bytes from the stream at the start of `stream`, and how long that stream is. `offset` is for the error.
pub(super) fn inflate(
    stream: &[u8],
    size: usize,
    allowed: usize,
    offset: usize,
) -> Result<(Vec<u8>, usize), EtfError> {
    let fail = |fault| Err(EtfError { offset, fault });
    if size > allowed {
        return fail(EtfFault::TooLarge);
    }
    if size > stream.len().saturating_mul(RATIO_MAX) {
        return fail(EtfFault::BadCompression);
    }
    let mut inflater = Decompress::new(true);
    let mut bytes: Vec<u8> = Vec::new();
    loop {
        // One byte more than stated shows that there is more.
        let room = STEP_BYTES.min(size + 1 - bytes.len());
        if bytes.try_reserve(room).is_err() {
            return fail(EtfFault::HeapFull);
        }
        let before = (inflater.total_in(), inflater.total_out());
        let rest = &stream[before.0 as usize..];
        let status = inflater.decompress_vec(rest, &mut bytes, FlushDecompress::None);
        if bytes.len() > size {
            return fail(EtfFault::BadCompression);
        }
        match status {
            Ok(Status::StreamEnd) if bytes.len() == size => {
                return Ok((bytes, inflater.total_in() as usize));
            }
            Ok(Status::Ok) if before != (inflater.total_in(), inflater.total_out()) => {}
            _ => return fail(EtfFault::BadCompression),
        }
    }
}

/// The bytes as a zlib stream of `level` 0 to 9.
pub(super) fn deflate(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut deflater = Compress::new(Compression::new(level.min(9)), true);
    let mut stream = Vec::with_capacity(bytes.len() / 2 + 64);
    loop {
        let rest = &bytes[deflater.total_in() as usize..];
        let status = deflater
            .compress_vec(rest, &mut stream, FlushCompress::Finish)
            .expect("deflating from memory to memory does not fail");
        if status == Status::StreamEnd {
            return stream;
        }
        stream.reserve(STEP_BYTES);
    }
}
