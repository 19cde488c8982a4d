//! Decompressing, as far as the input goes.
//!
//! Invariants: output is made up to a bound that the caller sets and one window more, whatever the input promises; a header is held
//! until it is whole, up to a bound; after a fault nothing comes until a reset.

use super::checksum::{adler32, crc32};
use super::{Fault, Format};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

/// What data after the end of a stream means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AtEnd {
    Error,
    /// Another stream begins.
    Reset,
    /// It is passed over.
    Cut,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Header,
    /// A dictionary with this sum is needed.
    Dictionary(u32),
    Body,
    Trailer,
    Done,
    Failed(Fault),
}

#[derive(Clone)]
pub struct Inflater {
    given: Format,
    at_end: AtEnd,
    phase: Phase,
    /// What the header says.
    format: Format,
    core: Box<DecompressorOxide>,
    window: Vec<u8>,
    at: usize,
    /// Bytes of the window that have been written.
    known: usize,
    /// Output that has not been taken.
    ready: Vec<u8>,
    sum: u32,
    total: u32,
}

impl std::fmt::Debug for Inflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inflater").field("phase", &self.phase).finish_non_exhaustive()
    }
}

const WINDOW: usize = 1 << 15;
/// Bytes that a header may have: names and comments have no bound of their own.
const HEADER_MAX: usize = 1 << 20;

/// What came of some input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    /// There is more to come.
    Continue(Vec<u8>),
    /// All that the input gives.
    Finished(Vec<u8>),
    NeedDictionary(u32, Vec<u8>),
}

impl Inflater {
    pub fn new(format: Format, at_end: AtEnd) -> Inflater {
        let mut inflater = Inflater {
            given: format,
            at_end,
            phase: Phase::Header,
            format,
            core: Box::default(),
            window: vec![0; WINDOW],
            at: 0,
            known: 0,
            ready: Vec::new(),
            sum: 0,
            total: 0,
        };
        inflater.begin();
        inflater
    }

    pub fn reset(&mut self) {
        self.ready.clear();
        self.known = 0;
        self.at = 0;
        self.begin();
    }

    fn begin(&mut self) {
        self.phase = if self.given == Format::Raw { Phase::Body } else { Phase::Header };
        self.core.init();
        self.format = self.given;
        self.sum = 0;
        self.total = 0;
    }

    pub fn is_done(&self) -> bool {
        self.phase == Phase::Done && self.ready.is_empty()
    }

    /// Of the data so far, where nothing round it has a sum.
    pub fn sum(&self) -> u32 {
        if self.given == Format::Raw { self.sum } else { 0 }
    }

    /// The last bytes of output, and of a dictionary before it.
    pub fn dictionary(&self) -> Vec<u8> {
        let from = (self.at + WINDOW - self.known) % WINDOW;
        (0..self.known).map(|i| self.window[(from + i) % WINDOW]).collect()
    }

    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> Result<(), Fault> {
        match self.phase {
            Phase::Dictionary(sum) if adler32(1, dictionary) != sum => return Err(Fault::Data),
            Phase::Dictionary(_) => self.phase = Phase::Body,
            Phase::Body if self.given == Format::Raw => {}
            _ => return Err(Fault::Stream),
        }
        for &byte in &dictionary[dictionary.len().saturating_sub(WINDOW)..] {
            self.window[self.at] = byte;
            self.at = (self.at + 1) % WINDOW;
            self.known = (self.known + 1).min(WINDOW);
        }
        Ok(())
    }

    /// Goes on with input, from which it takes what it uses, until there is a piece of this size.
    pub fn run(&mut self, input: &mut Vec<u8>, size: usize) -> Result<Piece, Fault> {
        let mut used = 0;
        let mut result = Ok(true);
        while self.ready.len() <= size && result == Ok(true) {
            result = self.step(input, &mut used);
        }
        input.drain(..used);
        if let Err(fault) = result {
            self.phase = Phase::Failed(fault);
            return Err(fault);
        }
        if self.ready.len() > size {
            let rest = self.ready.split_off(size);
            return Ok(Piece::Continue(std::mem::replace(&mut self.ready, rest)));
        }
        let piece = std::mem::take(&mut self.ready);
        Ok(match self.phase {
            Phase::Dictionary(sum) => Piece::NeedDictionary(sum, piece),
            _ => Piece::Finished(piece),
        })
    }

    /// One step; whether there can be another with the same input.
    fn step(&mut self, input: &[u8], used: &mut usize) -> Result<bool, Fault> {
        let rest = &input[*used..];
        match self.phase {
            Phase::Failed(fault) => Err(fault),
            Phase::Dictionary(_) => Ok(false),
            Phase::Header => match self.header(rest)? {
                Some(size) => {
                    *used += size;
                    Ok(true)
                }
                None if rest.len() > HEADER_MAX => Err(Fault::Data),
                None => Ok(false),
            },
            Phase::Body => self.body(rest, used),
            Phase::Trailer => {
                let size = if self.format == Format::Gzip { 8 } else { 4 };
                let Some(trailer) = rest.get(..size) else { return Ok(false) };
                *used += size;
                self.check(trailer)?;
                self.phase = Phase::Done;
                Ok(true)
            }
            Phase::Done if rest.is_empty() => Ok(false),
            Phase::Done => match self.at_end {
                AtEnd::Error => Err(Fault::Data),
                AtEnd::Reset => {
                    self.begin();
                    Ok(true)
                }
                AtEnd::Cut => {
                    *used = input.len();
                    Ok(false)
                }
            },
        }
    }

    fn body(&mut self, rest: &[u8], used: &mut usize) -> Result<bool, Fault> {
        let at = self.at;
        let flags = TINFL_FLAG_HAS_MORE_INPUT;
        let (status, taken, made) = decompress(&mut self.core, rest, &mut self.window, at, flags);
        *used += taken;
        let output = &self.window[at..at + made];
        self.sum = match self.format {
            Format::Zlib => adler32(self.sum, output),
            _ => crc32(self.sum, output),
        };
        self.total = self.total.wrapping_add(made as u32);
        self.ready.extend_from_slice(output);
        self.at = (at + made) % WINDOW;
        self.known = (self.known + made).min(WINDOW);
        match status {
            TINFLStatus::Done => {
                self.phase = if self.format == Format::Raw { Phase::Done } else { Phase::Trailer };
                Ok(true)
            }
            TINFLStatus::HasMoreOutput => Ok(true),
            TINFLStatus::NeedsMoreInput => Ok(false),
            _ => Err(Fault::Data),
        }
    }

    fn check(&self, trailer: &[u8]) -> Result<(), Fault> {
        let mut expected = Vec::new();
        if self.format == Format::Gzip {
            expected.extend(self.sum.to_le_bytes());
            expected.extend(self.total.to_le_bytes());
        } else {
            expected.extend(self.sum.to_be_bytes());
        }
        if trailer == expected { Ok(()) } else { Err(Fault::Data) }
    }

    /// Reads a header that is whole, and says how long it is.
    fn header(&mut self, bytes: &[u8]) -> Result<Option<usize>, Fault> {
        let is_gzip = match (self.given, bytes) {
            (Format::Zlib, _) => false,
            (Format::Gzip, _) => true,
            (_, []) => return Ok(None),
            (_, [first, ..]) => *first == 0x1f,
        };
        if is_gzip {
            self.format = Format::Gzip;
            let size = gzip_header(bytes)?;
            if size.is_some() {
                self.phase = Phase::Body;
            }
            return Ok(size);
        }
        self.format = Format::Zlib;
        let &[method, flags, ref more @ ..] = bytes else { return Ok(None) };
        let head = u16::from(method) << 8 | u16::from(flags);
        if method & 15 != 8 || method >> 4 > 7 || head % 31 != 0 {
            return Err(Fault::Data);
        }
        self.sum = 1;
        if flags & 0x20 == 0 {
            self.phase = Phase::Body;
            return Ok(Some(2));
        }
        let Some(&sum) = more.first_chunk::<4>() else { return Ok(None) };
        self.phase = Phase::Dictionary(u32::from_be_bytes(sum));
        Ok(Some(6))
    }
}

/// The length of a gzip header, where it is whole.
fn gzip_header(bytes: &[u8]) -> Result<Option<usize>, Fault> {
    const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
    const HAS_SUM: u8 = 2;
    const HAS_EXTRA: u8 = 4;
    const HAS_NAME: u8 = 8;
    const HAS_COMMENT: u8 = 16;
    const RESERVED: u8 = 0xe0;
    let known = bytes.len().min(MAGIC.len());
    if bytes[..known] != MAGIC[..known] {
        return Err(Fault::Data);
    }
    let Some(&flags) = bytes.get(3) else { return Ok(None) };
    if flags & RESERVED != 0 {
        return Err(Fault::Data);
    }
    let mut at = 10;
    if flags & HAS_EXTRA != 0 {
        let (Some(&low), Some(&high)) = (bytes.get(at), bytes.get(at + 1)) else { return Ok(None) };
        at += 2 + usize::from(u16::from_le_bytes([low, high]));
    }
    for text in [HAS_NAME, HAS_COMMENT] {
        if flags & text != 0 {
            let Some(rest) = bytes.get(at..) else { return Ok(None) };
            let Some(end) = rest.iter().position(|&byte| byte == 0) else { return Ok(None) };
            at += end + 1;
        }
    }
    if flags & HAS_SUM != 0 {
        at += 2;
    }
    Ok((bytes.len() >= at).then_some(at))
}
