//! A bounds-checked cursor over one chunk, and the compact term encoding that the chunks share.
//!
//! A compact term starts with a byte whose low three bits are a tag; the value is in the upper four bits, or in
//! eleven bits over two bytes, or in as many big-endian two's-complement bytes as the first byte (or a second
//! compact number) says. Source: the assembler's and disassembler's published behaviour in OTP's compiler.
//!
//! Invariant: no read goes beyond the chunk, and no length is believed before it is compared with what is left.
//! Numbers are negative under the integer's tag only.

use super::error::{ChunkId, LoadError, Place};

/// A piece of a byte buffer: start and length in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByteRange {
    pub start: u32,
    pub len: u32,
}

impl ByteRange {
    /// The bytes of this range. The range must have been made for `bytes`.
    pub fn of(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.start as usize..][..self.len as usize]
    }
}

/// The low three bits of a compact term's first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    Literal,
    Integer,
    Atom,
    X,
    Y,
    Label,
    Character,
    Extended,
}

const TAGS: [Tag; 8] =
    [Tag::Literal, Tag::Integer, Tag::Atom, Tag::X, Tag::Y, Tag::Label, Tag::Character, Tag::Extended];

/// The number in a compact term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    Small(i64),
    /// Outside of 64 bits: two's complement, big-endian, within the chunk's own buffer. Only integers, and
    /// untagged numbers that are positive.
    Big(ByteRange),
}

/// Reads one chunk's data from the start.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
    chunk: ChunkId,
    /// Where `bytes` starts in the buffer that ranges refer to.
    base: u32,
}

impl<'a> Reader<'a> {
    /// A cursor over `range` of `buffer`. The buffer is below 4 GiB.
    pub fn new(buffer: &'a [u8], range: ByteRange, chunk: ChunkId) -> Reader<'a> {
        Reader { bytes: range.of(buffer), position: 0, chunk, base: range.start }
    }

    /// Bytes from the start of the chunk.
    pub fn offset(&self) -> u32 {
        self.position as u32
    }

    pub fn place(&self) -> Place {
        self.place_of(self.offset())
    }

    /// The place of another byte of the same chunk.
    pub fn place_of(&self, offset: u32) -> Place {
        Place { chunk: Some(self.chunk), offset }
    }

    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.position
    }

    /// The next `len` bytes.
    pub fn take(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], LoadError> {
        if len > self.remaining() {
            let (needed, left) = (len as u64, self.remaining() as u64);
            return Err(LoadError::Truncated { at: self.place(), what, needed, left });
        }
        let taken = &self.bytes[self.position..][..len];
        self.position += len;
        Ok(taken)
    }

    /// The next `len` bytes as a range of the underlying buffer.
    pub fn take_range(&mut self, len: usize, what: &'static str) -> Result<ByteRange, LoadError> {
        let start = self.base + self.offset();
        self.take(len, what)?;
        Ok(ByteRange { start, len: len as u32 })
    }

    pub fn u8(&mut self, what: &'static str) -> Result<u8, LoadError> {
        Ok(self.take(1, what)?[0])
    }

    pub fn u16(&mut self, what: &'static str) -> Result<u16, LoadError> {
        let bytes = self.take(2, what)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    pub fn u32(&mut self, what: &'static str) -> Result<u32, LoadError> {
        let bytes = self.take(4, what)?;
        Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// Refuses a count of entries that cannot fit in what is left, each taking at least `each` bytes.
    pub fn check_count(&self, count: u64, each: u64, what: &'static str) -> Result<usize, LoadError> {
        let left = self.remaining() as u64;
        match count.checked_mul(each) {
            Some(needed) if needed <= left => Ok(count as usize),
            needed => {
                let needed = needed.unwrap_or(u64::MAX);
                Err(LoadError::Truncated { at: self.place(), what, needed, left })
            }
        }
    }

    /// A count of entries of at least `each` bytes, as 32 bits.
    pub fn count(&mut self, each: u64, what: &'static str) -> Result<usize, LoadError> {
        let count = self.u32(what)?;
        self.check_count(u64::from(count), each, what)
    }

    /// One tagged number. An extended tag carries its own kind as the number.
    pub fn tagged(&mut self) -> Result<(Tag, Number), LoadError> {
        let at = self.place();
        let first = self.u8("a compact term")?;
        let tag = TAGS[usize::from(first & 7)];
        if first & 0x18 == 0x18 && tag != Tag::Extended {
            let len = match first >> 5 {
                7 => self.long_length()?,
                short => usize::from(short) + 2,
            };
            let number = self.number(len)?;
            let negative = self.bytes[self.position - len] & 0x80 != 0;
            let allowed = match (tag, number) {
                (Tag::Integer, _) => true,
                (Tag::Literal, _) | (_, Number::Small(_)) => !negative,
                (_, Number::Big(_)) => false,
            };
            if !allowed {
                let what = "only an integer may be negative, and no index exceeds 64 bits";
                return Err(LoadError::Invalid { at, what });
            }
            return Ok((tag, number));
        }
        let value = self.short_value(first)?;
        if tag == Tag::Extended && first & 8 != 0 {
            return Err(LoadError::Invalid { at, what: "an extended term's kind must fit its first byte" });
        }
        Ok((tag, Number::Small(value)))
    }

    /// A number that must have the literal tag and fit 32 bits: counts, sizes, indices.
    pub fn unsigned(&mut self, what: &'static str) -> Result<u32, LoadError> {
        let at = self.place();
        match self.tagged()? {
            (Tag::Literal, Number::Small(value)) => {
                u32::try_from(value).map_err(|_| too_large(at, what, value as u64))
            }
            _ => Err(LoadError::Invalid { at, what: "expected an untagged compact number" }),
        }
    }

    fn short_value(&mut self, first: u8) -> Result<i64, LoadError> {
        if first & 8 == 0 {
            return Ok(i64::from(first >> 4));
        }
        let low = self.u8("a compact term")?;
        Ok(i64::from(first & 0xe0) << 3 | i64::from(low))
    }

    /// The length of a number of nine bytes or more. It is itself a compact number, but never such a long one,
    /// so nothing nests.
    fn long_length(&mut self) -> Result<usize, LoadError> {
        let at = self.place();
        let first = self.u8("a compact term's length")?;
        let invalid =
            LoadError::Invalid { at, what: "a compact term's length must be a short untagged number" };
        let value = match (first & 7, first & 0x18, first >> 5) {
            (0, 0x18, 7) => return Err(invalid),
            (0, 0x18, short) => match self.number(usize::from(short) + 2)? {
                Number::Small(value) => value,
                Number::Big(_) => return Err(invalid),
            },
            (0, _, _) => self.short_value(first)?,
            _ => return Err(invalid),
        };
        let value = u64::try_from(value).map_err(|_| invalid)?;
        self.check_count(value.saturating_add(9), 1, "a compact term")
    }

    fn number(&mut self, len: usize) -> Result<Number, LoadError> {
        let range = self.take_range(len, "a compact term")?;
        let bytes = &self.bytes[self.position - len..self.position];
        let fill = if bytes[0] & 0x80 == 0 { 0 } else { 0xff };
        let (head, tail) = bytes.split_at(len.saturating_sub(8));
        let fits = head.iter().all(|&byte| byte == fill) && (head.is_empty() || (tail[0] ^ fill) & 0x80 == 0);
        if !fits {
            return Ok(Number::Big(range));
        }
        let mut wide = [fill; 8];
        wide[8 - tail.len()..].copy_from_slice(tail);
        Ok(Number::Small(i64::from_be_bytes(wide)))
    }
}

fn too_large(at: Place, what: &'static str, size: u64) -> LoadError {
    LoadError::TooLarge { at, what, size, limit: u64::from(u32::MAX) }
}
