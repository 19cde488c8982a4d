//! Sums over the data: Adler-32 (RFC 1950) and CRC-32 (RFC 1952).

/// The modulus of Adler-32: the largest prime below 2^16.
pub const ADLER_PRIME: u32 = 65521;
/// Bytes whose sums cannot overflow before they are reduced.
const RUN: usize = 5552;

/// Goes on from a sum; that of nothing is 1.
pub fn adler32(start: u32, bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (start & 0xffff, start >> 16);
    for run in bytes.chunks(RUN) {
        for &byte in run {
            low += u32::from(byte);
            high += low;
        }
        low %= ADLER_PRIME;
        high %= ADLER_PRIME;
    }
    high << 16 | low
}

/// Goes on from a sum; that of nothing is 0.
pub fn crc32(start: u32, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(start);
    hasher.update(bytes);
    hasher.finalize()
}
