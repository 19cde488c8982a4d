//! Bit syntax instructions: each takes its operands from a list, laid out as [`BitOp`] says.
//!
//! Matching goes through a match context, building through the scheduler's [`BitBuilder`], and instructions
//! from before OTP 25 write into a binary that they made beforehand. Invariant: room on the heap is made
//! before operands are read, since that may move what they refer to; a failed instruction leaves the
//! context's position and all older binaries as they were. Source: the reference manual on bit syntax,
//! the Efficiency Guide on appending, and what OTP 25 answers.
//!
//! [`BitBuilder`]: crate::term::bitsyntax::BitBuilder

mod building;
mod matching;
mod old;

pub(super) use old::Construction;

use super::machine::{Fault, Machine};
use crate::code::Module;
use crate::code::instr::{At, BitOp, Src, flags};
use crate::heap::HeapFull;
use crate::term::bitsyntax::Endian;
use crate::term::bitsyntax::build::BadSegment;
use crate::term::{Atom, Word};

/// Sizes in bits beyond this are refused: offsets and sizes are kept as small integers.
const SIZE_BITS_MAX: usize = 1 << 58;

/// Words of the largest object that one bit syntax instruction makes, integers aside.
const BINARY_WORDS_MAX: usize = 2 + crate::heap::binary::HEAP_BINARY_MAX / 8;

impl Machine<'_> {
    /// Runs a bit syntax instruction; `false` goes to its label, as an exception does where it has one.
    pub fn bits(&mut self, module: &Module, op: BitOp, list: At) -> Result<bool, Fault> {
        let a = &module.extra[list as usize..];
        let k = &*module.constants;
        match op {
            BitOp::StartMatch => self.start_match(k, a),
            BitOp::GetInteger => self.get_integer(k, a),
            BitOp::GetFloat => self.get_float(k, a),
            BitOp::GetBinary => self.get_binary(k, a),
            BitOp::Skip => self.skip(k, a),
            BitOp::TestTail => self.context(k, a[0]).map(|c| c.left() == a[1] as usize),
            BitOp::TestUnit => self.context(k, a[0]).map(|c| c.left().is_multiple_of(a[1].max(1) as usize)),
            BitOp::MatchString => self.match_string(module, a),
            BitOp::GetTail => self.get_tail(k, a),
            BitOp::GetPosition => self.get_position(k, a),
            BitOp::SetPosition => self.set_position(k, a),
            BitOp::GetUtf8 | BitOp::GetUtf16 | BitOp::GetUtf32 => self.get_utf(k, op, a),
            BitOp::SkipUtf8 | BitOp::SkipUtf16 | BitOp::SkipUtf32 => self.skip_utf(k, op, a),
            BitOp::Match => self.match_commands(k, a),
            BitOp::Create => self.create(module, a).map(|()| true),
            _ => self.old_bits(module, op, a).map(|()| true),
        }
    }

    #[inline(always)]
    fn word(&self, k: &[u64], operand: u32) -> Word {
        Word(self.get(Src(operand), k))
    }
}

impl From<BadSegment> for Fault {
    fn from(_: BadSegment) -> Fault {
        bad_argument()
    }
}

fn bad_argument() -> Fault {
    Fault::error(Atom::BADARG)
}

fn system_limit() -> Fault {
    Fault::error(Atom::SYSTEM_LIMIT)
}

/// The order of bytes that a segment's flags ask for.
#[inline(always)]
fn endian(bits: u32) -> Endian {
    const NATIVE_IS_LITTLE: bool = cfg!(target_endian = "little");
    if bits & flags::LITTLE != 0 || (NATIVE_IS_LITTLE && bits & flags::NATIVE != 0) {
        Endian::Little
    } else {
        Endian::Big
    }
}

/// Refuses `bytes` that no process may hold, before they are asked for.
fn within_ceiling(heap: &crate::heap::Heap, bytes: usize) -> Result<(), HeapFull> {
    if bytes / 8 > heap.policy.ceiling_words { Err(HeapFull) } else { Ok(()) }
}
