//! The module fingerprint, equal to what `beam_lib:md5/1` and `module_info(md5)` give.
//!
//! It covers the data (without padding) of the chunks that decide how a module behaves, in a fixed order that is
//! not the order of the file. The old-uniq field of each `FunT` entry is taken as zero, because the compiler fills
//! it from the fingerprint itself. Debug information, line numbers and attributes do not count.

use md5::{Digest, Md5};

use super::error::ChunkId;
use super::iff::Chunk;

const ESSENTIAL: [&[u8; 4]; 9] =
    [b"Atom", b"AtU8", b"Code", b"StrT", b"ImpT", b"ExpT", b"FunT", b"LitT", b"Meta"];

/// Bytes of one `FunT` entry, and of its part before the old-uniq field.
const LAMBDA_BYTES: usize = 24;
const LAMBDA_KEPT_BYTES: usize = 20;

/// The fingerprint of a file with these chunks.
pub fn md5(file: &[u8], chunks: &[Chunk]) -> [u8; 16] {
    let mut digest = Md5::new();
    for id in ESSENTIAL.map(|id| ChunkId(*id)) {
        let Some(chunk) = chunks.iter().find(|chunk| chunk.id == id) else { continue };
        let data = chunk.data.of(file);
        match data.split_at_checked(4) {
            Some((count, entries)) if id.0 == *b"FunT" => {
                digest.update(count);
                update_without_uniq(&mut digest, entries);
            }
            _ => digest.update(data),
        }
    }
    digest.finalize().into()
}

fn update_without_uniq(digest: &mut Md5, entries: &[u8]) {
    let mut whole = entries.chunks_exact(LAMBDA_BYTES);
    for entry in &mut whole {
        digest.update(&entry[..LAMBDA_KEPT_BYTES]);
        digest.update([0; LAMBDA_BYTES - LAMBDA_KEPT_BYTES]);
    }
    digest.update(whole.remainder());
}
