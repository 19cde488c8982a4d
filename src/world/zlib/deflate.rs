//! Compressing, in blocks that stand alone: what is kept between two pieces is input that is not yet a block, and sums.
//!
//! Invariant: no block refers to bytes before it, so there is no window, and a copy of a stream is a copy of a few bytes. That
//! costs some compression. Strategies and memory levels change nothing, and a preset dictionary is named and not used.

use super::checksum::{adler32, crc32};
use super::{Fault, Format};
use flate2::{Compress, Compression, FlushCompress};

/// When what was given comes out, by zlib's numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flush {
    None,
    /// All of it.
    Sync,
    Finish,
}

#[derive(Clone, Debug)]
pub struct Deflater {
    format: Format,
    bits: u32,
    level: i64,
    pending: Vec<u8>,
    dictionary: Option<u32>,
    has_header: bool,
    is_finished: bool,
    sum: u32,
    total: u32,
}

/// zlib's own choice.
const LEVEL_DEFAULT: u32 = 6;

impl Deflater {
    pub fn new(level: i64, format: Format, bits: u32) -> Deflater {
        let sum = u32::from(format == Format::Zlib);
        Deflater {
            format,
            bits: bits.max(9),
            level,
            pending: Vec::new(),
            dictionary: None,
            has_header: false,
            is_finished: false,
            sum,
            total: 0,
        }
    }

    pub fn reset(&mut self) {
        *self = Deflater::new(self.level, self.format, self.bits);
    }

    pub fn is_finished(&self) -> bool {
        self.is_finished
    }

    pub fn set_level(&mut self, level: i64) {
        self.level = level;
    }

    /// Of the data so far, where nothing round it has a sum.
    pub fn sum(&self) -> u32 {
        if self.format == Format::Raw { self.sum } else { 0 }
    }

    /// Names a dictionary, and gives its sum.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> Result<u32, Fault> {
        if self.has_header || self.format == Format::Gzip {
            return Err(Fault::Stream);
        }
        let sum = adler32(1, dictionary);
        self.dictionary = Some(sum);
        Ok(sum)
    }

    pub fn run(&mut self, input: &[u8], flush: Flush) -> Result<Vec<u8>, Fault> {
        let mut out = Vec::new();
        if self.is_finished {
            return if input.is_empty() && flush == Flush::Finish { Ok(out) } else { Err(Fault::Stream) };
        }
        if !std::mem::replace(&mut self.has_header, true) {
            self.header(&mut out);
        }
        self.sum = match self.format {
            Format::Zlib => adler32(self.sum, input),
            _ => crc32(self.sum, input),
        };
        self.total = self.total.wrapping_add(input.len() as u32);
        self.pending.extend_from_slice(input);
        // A block's distances stay within the window that the header promises.
        let block_max = if self.bits < 15 { 1 << self.bits } else { 1 << 18 };
        let pending = std::mem::take(&mut self.pending);
        let mut rest = &pending[..];
        while rest.len() > block_max {
            let (block, more) = rest.split_at(block_max);
            self.block(block, FlushCompress::Sync, &mut out);
            rest = more;
        }
        match flush {
            Flush::None => self.pending = rest.to_vec(),
            Flush::Sync => self.block(rest, FlushCompress::Sync, &mut out),
            Flush::Finish => {
                self.block(rest, FlushCompress::Finish, &mut out);
                self.trailer(&mut out);
                self.is_finished = true;
            }
        }
        Ok(out)
    }

    fn level(&self) -> u32 {
        u32::try_from(self.level).unwrap_or(LEVEL_DEFAULT)
    }

    fn block(&self, input: &[u8], flush: FlushCompress, out: &mut Vec<u8>) {
        let mut compress = Compress::new(Compression::new(self.level()), false);
        loop {
            let used = compress.total_in() as usize;
            // Room for data that does not get smaller, so that a block is whole after one turn.
            out.reserve(input.len() + input.len() / 8 + 64);
            let before = out.len();
            let status = compress.compress_vec(&input[used..], out, flush);
            status.expect("a deflate stream without errors of ours cannot fail");
            let all_used = compress.total_in() as usize == input.len();
            if all_used && (out.len() == before || out.len() < out.capacity()) {
                return;
            }
        }
    }

    fn header(&self, out: &mut Vec<u8>) {
        match self.format {
            Format::Raw | Format::Either => {}
            Format::Zlib => {
                let method = ((self.bits - 8) << 4 | 8) as u8;
                let level = match self.level() {
                    0..=1 => 0,
                    2..=5 => 1,
                    6 => 2,
                    _ => 3,
                };
                let flags = level << 6 | u8::from(self.dictionary.is_some()) << 5;
                let check = 31 - (u16::from(method) << 8 | u16::from(flags)) % 31;
                out.extend([method, flags + check as u8]);
                if let Some(sum) = self.dictionary {
                    out.extend(sum.to_be_bytes());
                }
            }
            Format::Gzip => {
                let extra = match self.level() {
                    9 => 2,
                    0..=1 => 4,
                    _ => 0,
                };
                // The last byte says Unix.
                out.extend([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, extra, 3]);
            }
        }
    }

    fn trailer(&self, out: &mut Vec<u8>) {
        match self.format {
            Format::Raw | Format::Either => {}
            Format::Zlib => out.extend(self.sum.to_be_bytes()),
            Format::Gzip => {
                out.extend(self.sum.to_le_bytes());
                out.extend(self.total.to_le_bytes());
            }
        }
    }
}
