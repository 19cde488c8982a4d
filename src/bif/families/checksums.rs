//! Checksums of iolists: CRC-32, Adler-32 and MD5.
//!
//! An MD5 context is a binary of 88 bytes: four words of state, the number of bits so far, and the block that is
//! not full yet; all little-endian. Source: RFC 1950 for Adler-32, RFC 1321 for MD5, and a live `erl` of
//! OTP 25 for the context's layout and the combination of checksums of nothing.

use super::arguments::bytes;
use super::iolists::each_run;
use crate::bif::table::natives;
use crate::bif::{PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::world::zlib::checksum::{self, ADLER_PRIME};
use md5::block_api::compress;
use md5::{Digest, Md5};

natives! { ROWS:
    pure "erlang" "crc32" 1 = crc32;
    pure "erlang" "crc32" 2 = crc32_from;
    pure "erlang" "crc32_combine" 3 = crc32_combine;
    pure "erlang" "adler32" 1 = adler32;
    pure "erlang" "adler32" 2 = adler32_from;
    pure "erlang" "adler32_combine" 3 = adler32_combine;
    pure "erlang" "md5" 1 = md5;
    pure "erlang" "md5_init" 0 = md5_init;
    pure "erlang" "md5_update" 2 = md5_update;
    pure "erlang" "md5_final" 1 = md5_final;
}

/// An integer of 32 bits without a sign.
fn word32<'h>(term: Term<'h>) -> Result<u32, Raise<'h>> {
    term.as_small().and_then(|n| u32::try_from(n).ok()).ok_or(Raise::BADARG)
}

fn crc<'h>(m: &Mutator<'h>, start: u32, data: Term<'h>) -> PureResult<'h> {
    let mut crc = crc32fast::Hasher::new_with_initial(start);
    each_run(m, data, |run| crc.update(run))?;
    Ok(Term::small(i64::from(crc.finalize())))
}

fn crc32<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    crc(m, 0, a[0])
}

fn crc32_from<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    crc(m, word32(a[0])?, a[1])
}

fn crc32_combine<'h>(_: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let (first, second, length) = (word32(a[0])?, word32(a[1])?, word32(a[2])?);
    if length == 0 {
        return Ok(Term::small(i64::from(first ^ second)));
    }
    let mut crc = crc32fast::Hasher::new_with_initial_len(first, 0);
    crc.combine(&crc32fast::Hasher::new_with_initial_len(second, u64::from(length)));
    Ok(Term::small(i64::from(crc.finalize())))
}

fn adler<'h>(m: &Mutator<'h>, start: u32, data: Term<'h>) -> PureResult<'h> {
    let mut sum = adler_in_range(start);
    each_run(m, data, |run| sum = checksum::adler32(sum, run))?;
    Ok(Term::small(i64::from(sum)))
}

/// The halves of a sum below the modulus.
fn adler_in_range(sum: u32) -> u32 {
    let (high, low) = ((sum >> 16) % ADLER_PRIME, (sum & 0xffff) % ADLER_PRIME);
    high << 16 | low
}

fn adler32<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    adler(m, 1, a[0])
}

fn adler32_from<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let start = word32(a[0])?;
    if a[1].is_nil() {
        // Nothing to add to it, not even to bring it into its range.
        return Ok(Term::small(i64::from(start)));
    }
    adler(m, start, a[1])
}

/// `sum` less the modulus, twice at most: halves that no checksum has stay too large, as in zlib.
fn adler_reduced(sum: u32) -> u32 {
    let step = |n: u32| if n >= ADLER_PRIME { n - ADLER_PRIME } else { n };
    step(step(sum))
}

fn adler32_combine<'h>(_: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let (first, second, length) = (word32(a[0])?, word32(a[1])?, word32(a[2])?);
    if length == 0 {
        return Ok(Term::small(i64::from(first)));
    }
    let rest = length % ADLER_PRIME;
    // The second part counted from 1, and each of its bytes adds the first part's low sum to the high one.
    let low = (first & 0xffff) + (second & 0xffff) + ADLER_PRIME - 1;
    let carried = rest * (first & 0xffff) % ADLER_PRIME;
    let high = carried + (first >> 16) + (second >> 16) + ADLER_PRIME - rest;
    let high = if high >= 2 * ADLER_PRIME { high - 2 * ADLER_PRIME } else { high };
    let high = if high >= ADLER_PRIME { high - ADLER_PRIME } else { high };
    Ok(Term::small(i64::from(adler_reduced(low) | high << 16)))
}

fn md5<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let mut digest = Md5::new();
    each_run(m, a[0], |run| digest.update(run))?;
    Ok(m.binary(&digest.finalize())?)
}

const BLOCK_BYTES: usize = 64;
const CONTEXT_BYTES: usize = 88;

/// MD5 under way.
struct Context {
    state: [u32; 4],
    bits: u64,
    block: [u8; BLOCK_BYTES],
}

impl Context {
    fn of<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<Context, Raise<'h>> {
        let bytes = bytes(m, term)?;
        if bytes.len() != CONTEXT_BYTES {
            return Err(Raise::BADARG);
        }
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        Ok(Context {
            state: [word(0), word(4), word(8), word(12)],
            bits: u64::from(word(20)) << 32 | u64::from(word(16)),
            block: bytes[24..].try_into().expect("a context ends in a block"),
        })
    }

    fn to_bytes(&self) -> [u8; CONTEXT_BYTES] {
        let mut bytes = [0; CONTEXT_BYTES];
        for (i, word) in self.state.iter().enumerate() {
            bytes[4 * i..4 * i + 4].copy_from_slice(&word.to_le_bytes());
        }
        bytes[16..24].copy_from_slice(&self.bits.to_le_bytes());
        bytes[24..].copy_from_slice(&self.block);
        bytes
    }

    /// Bytes of the block that count.
    fn filled(&self) -> usize {
        (self.bits / 8) as usize % BLOCK_BYTES
    }

    fn update(&mut self, mut data: &[u8]) {
        let filled = self.filled();
        self.bits = self.bits.wrapping_add(data.len() as u64 * 8);
        if filled > 0 {
            let (fits, rest) = data.split_at(data.len().min(BLOCK_BYTES - filled));
            self.block[filled..filled + fits.len()].copy_from_slice(fits);
            if filled + fits.len() < BLOCK_BYTES {
                return;
            }
            compress(&mut self.state, &[self.block]);
            data = rest;
        }
        let (blocks, rest) = data.as_chunks::<BLOCK_BYTES>();
        compress(&mut self.state, blocks);
        self.block[..rest.len()].copy_from_slice(rest);
    }

    fn finish(mut self) -> [u8; 16] {
        let bits = self.bits;
        let padding = (2 * BLOCK_BYTES - 9 - self.filled()) % BLOCK_BYTES + 1;
        let mut pad = [0; BLOCK_BYTES];
        pad[0] = 0x80;
        self.update(&pad[..padding]);
        self.update(&bits.to_le_bytes());
        let mut digest = [0; 16];
        for (bytes, word) in digest.chunks_exact_mut(4).zip(self.state) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        digest
    }
}

fn md5_init<'h>(m: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    // RFC 1321, 3.3: the bytes 0 to f, and f to 0.
    let state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    Ok(m.binary(&Context { state, bits: 0, block: [0; BLOCK_BYTES] }.to_bytes())?)
}

fn md5_update<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let mut context = Context::of(m, a[0])?;
    each_run(m, a[1], |run| context.update(run))?;
    Ok(m.binary(&context.to_bytes())?)
}

fn md5_final<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    Ok(m.binary(&Context::of(m, a[0])?.finish())?)
}
