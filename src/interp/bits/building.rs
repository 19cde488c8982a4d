//! Building: `bs_create_bin`, and what one segment puts into a run of bits.
//!
//! Sizes are worked out and checked first, then the segments are built in the scheduler's builder, then the
//! result becomes a term: a heap binary up to 64 bytes, otherwise a binary that may go on growing. A segment
//! list that begins with an append extends the binary that it names in place where nobody else sees it grow.

use super::{BINARY_WORDS_MAX, SIZE_BITS_MAX, bad_argument, endian, system_limit, within_ceiling};
use crate::code::Module;
use crate::code::instr::{Dst, SegmentType};
use crate::heap::Heap;
use crate::heap::binary::{Bits, HEAP_BINARY_MAX};
use crate::interp::machine::{Fault, Machine};
use crate::term::bitsyntax::BitBuilder;
use crate::term::bitsyntax::build::BadSegment;
use crate::term::word::Kind;
use crate::term::{Atom, Word};

/// Operands of one segment in the list.
const SEGMENT_WORDS: usize = 5;

/// One segment of `bs_create_bin`, its operands not yet read.
#[derive(Clone, Copy)]
struct Segment {
    kind: SegmentType,
    unit: u32,
    flags: u32,
    value: u32,
    size: u32,
}

fn segments(list: &[u32]) -> impl Iterator<Item = Segment> + '_ {
    list.chunks_exact(SEGMENT_WORDS).map(|s| Segment {
        kind: SegmentType::ALL[s[0] as usize],
        unit: s[1],
        flags: s[2],
        value: s[3],
        size: s[4],
    })
}

impl Machine<'_> {
    pub(super) fn create(&mut self, module: &Module, a: &[u32]) -> Result<(), Fault> {
        let (live, dst, list) = (a[0], Dst(a[2] as u16), &a[4..][..SEGMENT_WORDS * a[3] as usize]);
        self.test_heap(BINARY_WORDS_MAX, live as usize)?;
        let k = &*module.constants;
        let total = self.measure(k, list)?;
        self.builder.clear();
        let append = match segments(list).next() {
            Some(first) if matches!(first.kind, SegmentType::Append | SegmentType::PrivateAppend) => {
                Some(self.word(k, first.value))
            }
            _ => None,
        };
        let value = match append {
            Some(to) if self.p.heap.grows(to) => {
                self.put_segments(module, &list[SEGMENT_WORDS..])?;
                self.p.heap.append_in_place(to, self.builder.bits())?
            }
            Some(to) => {
                self.begin_with(to, total)?;
                self.put_segments(module, &list[SEGMENT_WORDS..])?;
                self.builder.take(&mut self.p.heap)?
            }
            None => {
                self.reserve_builder(total)?;
                self.put_segments(module, list)?;
                self.builder.take(&mut self.p.heap)?
            }
        };
        self.set(dst, value.0);
        Ok(())
    }

    /// Room in the builder for `bits`, which the process may hold.
    fn reserve_builder(&mut self, bits: usize) -> Result<(), Fault> {
        let bytes = bits.div_ceil(8);
        within_ceiling(&self.p.heap, bytes)?;
        Ok(self.builder.reserve(bytes)?)
    }

    /// Copies what is appended to. Whoever appends once does so again: as much room as is filled is left.
    fn begin_with(&mut self, to: Word, total: usize) -> Result<(), Fault> {
        let room = if total > HEAP_BINARY_MAX * 8 { total * 2 } else { total };
        self.reserve_builder(room)?;
        self.builder.push_run(self.p.heap.bits_unchecked(to));
        Ok(())
    }

    /// The size in bits of all segments together; code points count as the longest. Checks all sizes, and the
    /// values of segments without one.
    fn measure(&self, k: &[u64], list: &[u32]) -> Result<usize, Fault> {
        let mut total = 0usize;
        for segment in segments(list) {
            let size = match segment.kind {
                SegmentType::String => segment.size as usize * 8,
                SegmentType::Utf8 | SegmentType::Utf16 | SegmentType::Utf32 => 32,
                SegmentType::Append | SegmentType::PrivateAppend => {
                    whole_size(&self.p.heap, self.word(k, segment.value), segment.unit)?
                }
                _ => self.segment_size(k, segment)?,
            };
            total += size;
            if total > SIZE_BITS_MAX {
                return Err(system_limit());
            }
        }
        Ok(total)
    }

    /// A segment's size in bits.
    #[inline(always)]
    fn segment_size(&self, k: &[u64], segment: Segment) -> Result<usize, Fault> {
        let size = self.word(k, segment.size);
        if size == Word::atom(Atom::ALL) {
            return whole_size(&self.p.heap, self.word(k, segment.value), segment.unit);
        }
        size_bits(&self.p.heap, size, segment.unit)
    }

    /// Puts the segments into the builder; [`Machine::measure`] has passed them.
    #[inline(always)]
    fn put_segments(&mut self, module: &Module, list: &[u32]) -> Result<(), Fault> {
        let k = &*module.constants;
        for segment in segments(list) {
            if segment.kind == SegmentType::String {
                let at = segment.value as usize;
                self.builder.push_bytes(&module.strings[at..at + segment.size as usize]);
                continue;
            }
            let value = self.word(k, segment.value);
            let size = match segment.kind {
                SegmentType::Utf8 | SegmentType::Utf16 | SegmentType::Utf32 => 0,
                // An append that is not the first segment is a binary taken whole.
                SegmentType::Append | SegmentType::PrivateAppend => self.p.heap.bit_place(value).size,
                _ => self.segment_size(k, segment)?,
            };
            put(&self.p.heap, self.builder, segment.kind, segment.flags, value, size)?;
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
pub(super) fn whole_size(heap: &Heap, value: Word, unit: u32) -> Result<usize, Fault> {
    if !heap.is_bits(value) {
        return Err(bad_argument());
    }
    let size = heap.bit_place(value).size;
    if unit > 1 && !size.is_multiple_of(unit as usize) { Err(bad_argument()) } else { Ok(size) }
}

/// A size in units, given as a term, in bits.
#[inline(always)]
pub(super) fn size_bits(heap: &Heap, size: Word, unit: u32) -> Result<usize, Fault> {
    let Some(size) = size.as_small() else {
        let too_large = heap.kind(size) == Some(Kind::PositiveBig);
        return Err(if too_large { system_limit() } else { bad_argument() });
    };
    let size = usize::try_from(size).map_err(|_| bad_argument())?;
    size.checked_mul(unit as usize).filter(|&bits| bits <= SIZE_BITS_MAX).ok_or_else(system_limit)
}
