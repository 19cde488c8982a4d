//! Instructions from before OTP 25: the binary is made first, with all its bits zero, and then written into.
//!
//! Between the instruction that makes it and the last one that writes into it the compiler puts nothing that
//! could collect or switch processes, so the place of the next segment is kept in the machine for one slice.
//! Where code breaks that, the writes are refused: they stay within a binary that this process alone holds.

use super::building::{put, size_bits, whole_size};
use super::{BINARY_WORDS_MAX, Halt, SIZE_BITS_MAX, within_ceiling};
use crate::code::Module;
use crate::code::instr::{BitOp, Dst, SegmentType};
use crate::heap::binary::HEAP_BINARY_MAX;
use crate::interp::machine::{Fault, Machine};
use crate::term::bitsyntax::BitBuilder;
use crate::term::bitsyntax::unicode::{utf8_size_bytes, utf16_size_bytes};
use crate::term::{Atom, Word};

/// Zeros to copy into small new binaries.
const ZEROS: [u8; HEAP_BINARY_MAX] = [0; HEAP_BINARY_MAX];
/// Room of an empty binary that is about to be appended to, in bytes.
const WRITABLE_BYTES_MIN: usize = 256;
const WRITABLE_BYTES_MAX: usize = 1 << 20;

/// The binary under construction, and where its next segment goes, in bits.
#[derive(Clone, Copy, Debug)]
pub(in crate::interp) struct Construction {
    base: Word,
    at: usize,
    end: usize,
}

impl Default for Construction {
    fn default() -> Construction {
        Construction { base: Word::NONE, at: 0, end: 0 }
    }
}

impl Machine<'_> {
    #[inline(never)]
    pub(super) fn old_bits(&mut self, module: &Module, op: BitOp, a: &[u32]) -> Result<(), Fault> {
        let k = &*module.constants;
        match op {
            BitOp::Init => self.init(k, a, 8),
            BitOp::InitBits => self.init(k, a, 1),
            BitOp::AddSize => self.add_size(k, a),
            BitOp::Utf8Size => {
                self.utf_size(k, a, |value| value.map_or(4, utf8_size_bytes));
                Ok(())
            }
            BitOp::Utf16Size => {
                self.utf_size(k, a, |value| value.map_or(2, utf16_size_bytes));
                Ok(())
            }
            BitOp::PutInteger => self.put_sized(k, SegmentType::Integer, a),
            BitOp::PutFloat => self.put_sized(k, SegmentType::Float, a),
            BitOp::PutBinary => self.put_sized(k, SegmentType::Binary, a),
            BitOp::PutUtf8 => self.put_one(SegmentType::Utf8, a[0], self.word(k, a[1]), 0),
            BitOp::PutUtf16 => self.put_one(SegmentType::Utf16, a[0], self.word(k, a[1]), 0),
            BitOp::PutUtf32 => self.put_one(SegmentType::Utf32, a[0], self.word(k, a[1]), 0),
            BitOp::PutString => {
                self.builder.clear();
                self.builder.push_bytes(&module.strings[a[1] as usize..][..a[0] as usize]);
                self.write_segment()
            }
            BitOp::Append => {
                let &[size, live, unit, source, dst, ..] = a else {
                    panic!("the loader lays out whole lists")
                };
                // The operands need not be among the live registers.
                let live = live as usize;
                let (to, size) = (self.word(k, source), self.word(k, size));
                self.set_x(live, to.0);
                self.set_x(live + 1, size.0);
                self.test_heap(BINARY_WORDS_MAX, live + 2)?;
                self.begin_append(Word(self.xr(live)), Word(self.xr(live + 1)), unit, Dst(dst as u16))
            }
            BitOp::PrivateAppend => {
                let &[size, unit, source, dst, ..] = a else { panic!("the loader lays out whole lists") };
                self.begin_append(self.word(k, source), self.word(k, size), unit, Dst(dst as u16))
            }
            BitOp::InitWritable => self.init_writable(),
            _ => panic!("{op:?} is handled by its own module"),
        }
    }

    /// `bs_init2` and `bs_init_bits`: a new binary of so many bytes or bits.
    fn init(&mut self, k: &[u64], a: &[u32], unit: u32) -> Result<(), Fault> {
        let size = size_bits(&self.p.heap, self.word(k, a[0]), unit)?;
        let bytes = size.div_ceil(8);
        within_ceiling(&self.p.heap, bytes)?;
        self.test_heap(BINARY_WORDS_MAX, a[1] as usize)?;
        let base = match ZEROS.get(..bytes) {
            Some(zeros) => self.p.heap.bitstring(zeros, size)?,
            None => {
                let mut built = BitBuilder::new();
                built.reserve(bytes)?;
                built.push_fill(false, size);
                built.finish(&mut self.p.heap)?
            }
        };
        self.construction = Construction { base, at: 0, end: size };
        self.set(Dst(a[2] as u16), base.0);
        Ok(())
    }

    /// `bs_append` and `bs_private_append`: so many zero bits behind a bitstring, which are written over then.
    fn begin_append(&mut self, to: Word, size: Word, unit: u32, dst: Dst) -> Result<(), Fault> {
        let size = size_bits(&self.p.heap, size, 1)?;
        let held = whole_size(&self.p.heap, to, unit)?;
        let total = held + size;
        if total > SIZE_BITS_MAX {
            return Err(Halt::SystemLimit.into());
        }
        within_ceiling(&self.p.heap, total.div_ceil(8))?;
        let builder = &mut *self.builder;
        builder.clear();
        let heap = &mut self.p.heap;
        let base = if heap.grows(to) {
            builder.reserve(size.div_ceil(8))?;
            builder.push_fill(false, size);
            heap.append_in_place(to, builder.bits())?
        } else {
            builder.reserve(total.div_ceil(8) * 2)?;
            builder.push_run(heap.bits_unchecked(to));
            builder.push_fill(false, size);
            builder.take(heap)?
        };
        self.construction = Construction { base, at: held, end: total };
        self.set(dst, base.0);
        Ok(())
    }

    /// An empty binary with room for as many bytes as x0 says.
    fn init_writable(&mut self) -> Result<(), Fault> {
        let wanted = Word(self.xr(0)).as_small().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        self.test_heap(BINARY_WORDS_MAX, 1)?;
        let room = Vec::with_capacity(wanted.clamp(WRITABLE_BYTES_MIN, WRITABLE_BYTES_MAX));
        let empty = self.p.heap.growing_binary(room, 0)?;
        self.set_x(0, empty.0);
        Ok(())
    }

    /// `a + b * unit`, all of them sizes.
    fn add_size(&mut self, k: &[u64], a: &[u32]) -> Result<(), Fault> {
        let x = size_bits(&self.p.heap, self.word(k, a[0]), 1)?;
        let y = size_bits(&self.p.heap, self.word(k, a[1]), a[2])?;
        if x + y > SIZE_BITS_MAX {
            return Err(Halt::SystemLimit.into());
        }
        self.set(Dst(a[3] as u16), Word::small((x + y) as i64).0);
        Ok(())
    }

    /// The bytes of a code point; the instruction that puts it says whether it is one.
    fn utf_size(&mut self, k: &[u64], a: &[u32], bytes: fn(Option<u32>) -> usize) {
        let value = self.word(k, a[0]).as_small().and_then(|n| u32::try_from(n).ok());
        self.set(Dst(a[1] as u16), Word::small(bytes(value) as i64).0);
    }

    /// `[size, unit, flags, value]`
    fn put_sized(&mut self, k: &[u64], kind: SegmentType, a: &[u32]) -> Result<(), Fault> {
        let (size, value) = (self.word(k, a[0]), self.word(k, a[3]));
        let heap = &self.p.heap;
        let size = if size == Word::atom(Atom::ALL) {
            whole_size(heap, value, a[1])?
        } else {
            size_bits(heap, size, a[1])?
        };
        // Nothing is built that could not be written.
        if size > self.construction.end - self.construction.at {
            return Err(Halt::BadArgument.into());
        }
        self.put_one(kind, a[2], value, size)
    }

    fn put_one(&mut self, kind: SegmentType, flags: u32, value: Word, size: usize) -> Result<(), Fault> {
        self.builder.clear();
        put(&self.p.heap, self.builder, kind, flags, value, size).map_err(Halt::from)?;
        self.write_segment()
    }

    /// Writes what the builder holds as the next segment.
    fn write_segment(&mut self) -> Result<(), Fault> {
        let Construction { base, at, end } = self.construction;
        let run = self.builder.bits();
        let next = at + run.size;
        if next > end || !self.p.heap.write_bits(base, at, run) {
            return Err(Halt::BadArgument.into());
        }
        self.construction.at = next;
        Ok(())
    }
}
