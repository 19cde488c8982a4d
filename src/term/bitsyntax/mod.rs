//! The bit syntax's primitives: reading and building runs of bits.
//!
//! A run is a byte slice, a bit offset and a size in bits, most significant bit of a byte first. Little-endian
//! segments whose size is no multiple of 8 keep their whole bytes first, least significant byte first, and end
//! in the most significant bits. Invariant: reading never looks at a byte that holds none of the run's bits.
//! Source: the reference manual's chapter on bit syntax; where it is silent, what OTP 25 answers.

pub mod build;
pub mod load;
pub mod number;
pub mod run;
pub mod unicode;

pub use build::BitBuilder;

/// The order of the bytes of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Endian {
    Big,
    Little,
}
