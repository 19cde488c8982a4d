//! Building: `bs_create_bin`, and what one segment puts into a run of bits.
//!
//! Sizes are worked out and checked first, then the segments are built in the scheduler's builder, then the
//! result becomes a term: a heap binary up to 64 bytes, otherwise a binary that may go on growing. A segment
//! list that begins with an append extends the binary that it names in place where nobody else sees it grow.

use super::{BINARY_WORDS_MAX, Halt, SIZE_BITS_MAX, Site, endian, is_units, within_ceiling};
use crate::code::instr::SegmentType;
use crate::heap::Heap;
use crate::heap::binary::{Bits, HEAP_BINARY_MAX};
use crate::term::bitsyntax::BitBuilder;
use crate::term::bitsyntax::build::BadSegment;
use crate::term::bitsyntax::unicode;
use crate::term::word::Kind;
use crate::term::{Atom, Word};

/// Operands of one segment in the list.
const SEGMENT_WORDS: usize = 6;

/// One segment of `bs_create_bin`, its operands not yet read.
#[derive(Clone, Copy)]
pub(super) struct Segment {
    pub kind: SegmentType,
    pub unit: u32,
    pub flags: u32,
    pub value: u32,
    pub size: u32,
    /// Its place in the program's text, counted from 1.
    pub number: u32,
}

fn segments(list: &[u32]) -> impl Iterator<Item = Segment> + '_ {
    list.chunks_exact(SEGMENT_WORDS).map(|s| Segment {
        kind: SegmentType::ALL[s[0] as usize],
        unit: s[1],
        flags: s[2],
        value: s[3],
        size: s[4],
        number: s[5],
    })
}

/// The segments of an instruction.
pub(super) fn segments_of(a: &[u32]) -> impl Iterator<Item = Segment> + '_ {
    segments(&a[4..][..SEGMENT_WORDS * a[3] as usize])
}

/// Values and sizes of all segments.
pub(super) fn sources(a: &[u32]) -> Vec<u32> {
    let read = segments_of(a).filter(|s| s.kind != SegmentType::String);
    read.flat_map(|s| [s.value, s.size]).collect()
}

impl Site<'_> {
    pub(super) fn create(&mut self, a: &[u32]) -> Result<(), Halt> {
        let (live, dst, list) = (a[0], a[2], &a[4..][..SEGMENT_WORDS * a[3] as usize]);
        self.room(BINARY_WORDS_MAX, live)?;
        let first = segments(list).next();
        let first = first.filter(|s| matches!(s.kind, SegmentType::Append | SegmentType::PrivateAppend));
        let value = match first {
            Some(first) => self.append(first, &list[SEGMENT_WORDS..])?,
            None => {
                let total = self.measure(list)?;
                self.builder.clear();
                self.reserve_builder(total)?;
                self.put_segments(list)?;
                self.builder.take(self.heap)?
            }
        };
        self.set(dst, value);
        Ok(())
    }

    /// A term of the bits that `first` names and then the other segments.
    fn append(&mut self, first: Segment, list: &[u32]) -> Result<Word, Halt> {
        let to = self.word(first.value);
        if let Some(grown) = self.append_few(to, first.unit, list)? {
            return Ok(grown);
        }
        // What is appended to is looked at last, so a size that is too large is seen before it.
        let added = self.measure(list)?;
        let total = whole_size(self.heap, to, first.unit)? + added;
        if total > SIZE_BITS_MAX {
            return Err(Halt::SystemLimit);
        }
        self.builder.clear();
        if self.heap.grows(to) {
            self.reserve_builder(added)?;
            self.put_segments(list)?;
            return Ok(self.heap.append_in_place(to, self.builder.bits())?);
        }
        // Whoever appends once does so again: as much room as is filled is left.
        self.reserve_builder(if total > HEAP_BINARY_MAX * 8 { total * 2 } else { total })?;
        self.builder.push_run(self.heap.bits_unchecked(to));
        self.put_segments(list)?;
        Ok(self.builder.take(self.heap)?)
    }

    /// An instruction that is no more than the quick way, with its list decoded at once. `None` where it is more, or room
    /// has to be made, with nothing changed.
    #[inline(always)]
    pub(super) fn append_one(&mut self, a: &[u32]) -> Option<bool> {
        const APPEND: u32 = SegmentType::Append as u32;
        const PRIVATE: u32 = SegmentType::PrivateAppend as u32;
        let &[_, _, dst, 2, APPEND | PRIVATE, unit, _, to, _, _, ref list @ ..] = a else { return None };
        if self.heap.wants_collection(BINARY_WORDS_MAX) {
            return None;
        }
        let to = self.word(to);
        let grown = self.append_few(to, unit, list.get(..SEGMENT_WORDS)?).ok()??;
        self.set(dst, grown);
        Some(true)
    }

    /// The quick way: one small integer of at most 64 bits behind a growing binary. `None` where it is not that.
    #[inline(always)]
    fn append_few(&mut self, to: Word, unit: u32, list: &[u32]) -> Result<Option<Word>, Halt> {
        if list.len() != SEGMENT_WORDS || list[0] != SegmentType::Integer as u32 {
            return Ok(None);
        }
        let (value, size) = (self.word(list[3]), self.word(list[4]));
        let few = size.as_small().and_then(|n| usize::try_from(n).ok()?.checked_mul(list[1] as usize));
        match few {
            Some(size) if size <= 64 && value.is_small() => {
                let value = value.small_value() as u64;
                Ok(self.heap.append_integer(to, unit, value, size, endian(list[2]))?)
            }
            _ => Ok(None),
        }
    }

    /// Room in the builder for `bits`, which the process may hold.
    fn reserve_builder(&mut self, bits: usize) -> Result<(), Halt> {
        let bytes = bits.div_ceil(8);
        within_ceiling(self.heap, bytes)?;
        Ok(self.builder.reserve(bytes)?)
    }

    /// The size in bits of all segments together; code points count as the longest. Checks all sizes, the types of
    /// values that are taken whole, and the code points of UTF-32, as OTP does before it builds anything.
    fn measure(&self, list: &[u32]) -> Result<usize, Halt> {
        let mut total = 0usize;
        for segment in segments(list) {
            let size = match segment.kind {
                SegmentType::String => segment.size as usize * 8,
                SegmentType::Utf32 if !is_code_point(self.word(segment.value)) => {
                    return Err(Halt::BadArgument);
                }
                SegmentType::Utf8 | SegmentType::Utf16 | SegmentType::Utf32 => 32,
                // An append that is not the first segment is a binary taken whole.
                SegmentType::Append | SegmentType::PrivateAppend => {
                    whole_size(self.heap, self.word(segment.value), segment.unit)?
                }
                // Its units are counted when it is built.
                _ if self.word(segment.size) == Word::atom(Atom::ALL) => {
                    whole_size(self.heap, self.word(segment.value), 1)?
                }
                _ => self.segment_size(segment)?,
            };
            total += size;
            if total > SIZE_BITS_MAX {
                return Err(Halt::SystemLimit);
            }
        }
        Ok(total)
    }

    /// A segment's size in bits.
    #[inline(always)]
    fn segment_size(&self, segment: Segment) -> Result<usize, Halt> {
        let size = self.word(segment.size);
        if size == Word::atom(Atom::ALL) {
            return whole_size(self.heap, self.word(segment.value), segment.unit);
        }
        size_bits(self.heap, size, segment.unit)
    }

    /// Puts the segments into the builder; [`Site::measure`] has passed them.
    #[inline(always)]
    fn put_segments(&mut self, list: &[u32]) -> Result<(), Halt> {
        for segment in segments(list) {
            if segment.kind == SegmentType::String {
                let at = segment.value as usize;
                self.builder.push_bytes(&self.module.strings[at..at + segment.size as usize]);
                continue;
            }
            let value = self.word(segment.value);
            let size = match segment.kind {
                SegmentType::Utf8 | SegmentType::Utf16 | SegmentType::Utf32 => 0,
                SegmentType::Append | SegmentType::PrivateAppend => self.heap.bit_place(value).size,
                _ => self.segment_size(segment)?,
            };
            put(self.heap, self.builder, segment.kind, segment.flags, value, size)?;
        }
        Ok(())
    }
}

/// Puts one value into the builder; a refused one leaves it as it was.
#[inline(always)]
pub(super) fn put(
    heap: &Heap,
    builder: &mut BitBuilder,
    kind: SegmentType,
    flags: u32,
    value: Word,
    size: usize,
) -> Result<(), BadSegment> {
    match kind {
        SegmentType::Integer => builder.push_integer(heap, value, size, endian(flags)),
        SegmentType::Float => builder.push_float(heap, value, size, endian(flags)),
        SegmentType::Utf8 => builder.push_utf8(value),
        SegmentType::Utf16 => builder.push_utf16(value, endian(flags)),
        SegmentType::Utf32 => builder.push_utf32(value, endian(flags)),
        SegmentType::Binary | SegmentType::Append | SegmentType::PrivateAppend => {
            let run = heap.bits(value).ok_or(BadSegment)?;
            if run.size < size {
                return Err(BadSegment);
            }
            builder.push_run(Bits { size, ..run });
            Ok(())
        }
        SegmentType::String => panic!("a string is no term"),
    }
}

/// The size of a bitstring that is taken whole: a number of units.
#[inline(always)]
pub(super) fn whole_size(heap: &Heap, value: Word, unit: u32) -> Result<usize, Halt> {
    if !heap.is_bits(value) {
        return Err(Halt::BadArgument);
    }
    let size = heap.bit_place(value).size;
    if is_units(size, unit) { Ok(size) } else { Err(Halt::BadArgument) }
}

/// A size in units, given as a term, in bits.
#[inline(always)]
pub(super) fn size_bits(heap: &Heap, size: Word, unit: u32) -> Result<usize, Halt> {
    let Some(size) = size.as_small() else {
        let too_large = heap.kind(size) == Some(Kind::PositiveBig);
        return Err(if too_large { Halt::SystemLimit } else { Halt::BadArgument });
    };
    let size = usize::try_from(size).map_err(|_| Halt::BadArgument)?;
    size.checked_mul(unit as usize).filter(|&bits| bits <= SIZE_BITS_MAX).ok_or(Halt::SystemLimit)
}

/// Whether a term is an integer that names a code point.
#[inline]
pub(super) fn is_code_point(value: Word) -> bool {
    value.as_small().is_some_and(unicode::is_code_point)
}
