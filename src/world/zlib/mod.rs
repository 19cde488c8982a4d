//! Streams that are compressed or decompressed piece by piece: what OTP's `zlib` has in C.
//!
//! Invariant: a stream is a value, so that a copied world has its own. Source: RFC 1950, 1951 and 1952 for the formats; the
//! documentation of `zlib` and what `erl` answers for the rest. Compressed bytes are not those of zlib, their contents are.

pub mod checksum;
pub mod deflate;
pub mod inflate;

use crate::heap::parcel::Parcel;
use crate::process::pid::Pid;
use deflate::Deflater;
use inflate::Inflater;

/// What is round the compressed data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Raw,
    Zlib,
    Gzip,
    /// `Zlib` or `Gzip`, as the data says.
    Either,
}

impl Format {
    /// From what `zlib` calls window bits.
    pub fn of_bits(bits: i64) -> (Format, u32) {
        let format = match bits {
            ..=-1 => Format::Raw,
            0..=15 => Format::Zlib,
            16..=31 => Format::Gzip,
            _ => Format::Either,
        };
        (format, (bits.unsigned_abs() % 16) as u32)
    }
}

/// Why a stream does not go on; the reason of the exception.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    Data,
    Stream,
}

#[derive(Clone, Debug)]
pub enum Work {
    /// Not begun, or ended.
    None,
    Deflate(Box<Deflater>),
    Inflate(Box<Inflater>),
}

#[derive(Clone, Debug)]
pub struct Stream {
    /// The process that may use it.
    pub controller: Pid,
    pub is_closed: bool,
    pub work: Work,
    /// What has been given and not been used.
    pub input: Vec<u8>,
    /// A term that the Erlang code leaves here.
    pub stash: Option<Parcel>,
    pub buffer_size: usize,
}

impl Stream {
    pub fn new(controller: Pid) -> Stream {
        let (work, input, stash) = (Work::None, Vec::new(), None);
        Stream { controller, is_closed: false, work, input, stash, buffer_size: 4000 }
    }

    /// Ends what was begun; whether something was.
    pub fn end(&mut self) -> bool {
        self.input.clear();
        self.stash = None;
        !matches!(std::mem::replace(&mut self.work, Work::None), Work::None)
    }
}
