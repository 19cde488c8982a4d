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
mod cause;
mod matching;
mod old;

pub(super) use matching::{context_position, short_fields};
pub(super) use old::Construction;

use super::machine::{Fault, Machine};
use crate::code::Module;
use crate::code::instr::{At, BitOp, Dst, Operand, Src, flags};
use crate::heap::{Heap, HeapFull};
use crate::term::bitsyntax::build::BadSegment;
use crate::term::bitsyntax::{BitBuilder, Endian};
use crate::term::{Atom, Word};

/// Sizes in bits beyond this are refused: offsets and sizes are kept as small integers.
const SIZE_BITS_MAX: usize = 1 << 58;

/// Words of the largest object that one bit syntax instruction makes, integers aside.
const BINARY_WORDS_MAX: usize = 2 + crate::heap::binary::HEAP_BINARY_MAX / 8;

/// What keeps an instruction from going on; nothing that it did then counts, and it may be run again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Halt {
    /// A collection is due first: [`Site::need`] words, [`Site::live`] registers.
    Room,
    BadArgument,
    SystemLimit,
    HeapFull,
}

impl From<HeapFull> for Halt {
    fn from(_: HeapFull) -> Halt {
        Halt::HeapFull
    }
}

impl From<BadSegment> for Halt {
    fn from(_: BadSegment) -> Halt {
        Halt::BadArgument
    }
}

/// What matching and building work on: a process's registers and heap, without the rest of the machine, so that
/// both loops can run them.
pub(super) struct Site<'a> {
    pub heap: &'a mut Heap,
    pub x: &'a mut [u64; 1024],
    pub stack: &'a mut [u64],
    pub builder: &'a mut BitBuilder,
    pub module: &'a Module,
    /// Room was made: no collection is asked for again.
    pub granted: bool,
    pub need: usize,
    pub live: u32,
}

impl Site<'_> {
    /// Runs an instruction; `false` goes to its label.
    #[inline(always)]
    pub fn run(&mut self, op: BitOp, list: At) -> Result<bool, Halt> {
        let module = self.module;
        let a = &module.extra[list as usize..];
        match op {
            BitOp::StartMatch => self.start_match(a),
            BitOp::GetInteger => self.get_integer(a),
            BitOp::GetFloat => self.get_float(a),
            BitOp::GetBinary => self.get_binary(a),
            BitOp::Skip => self.skip(a),
            BitOp::TestTail => self.context(a[0]).map(|c| c.left() == a[1] as usize),
            BitOp::TestUnit => self.context(a[0]).map(|c| is_units(c.left(), a[1])),
            BitOp::MatchString => self.match_string(a),
            BitOp::GetTail => self.get_tail(a),
            BitOp::GetPosition => self.get_position(a),
            BitOp::SetPosition => self.set_position(a),
            BitOp::GetUtf8 | BitOp::GetUtf16 | BitOp::GetUtf32 => self.get_utf(op, a),
            BitOp::SkipUtf8 | BitOp::SkipUtf16 | BitOp::SkipUtf32 => self.skip_utf(op, a),
            BitOp::Match => self.match_commands(a),
            BitOp::Create => self.create(a).map(|()| true),
            _ => panic!("{op:?} is from before OTP 25"),
        }
    }

    /// Makes room, or asks for a collection. Heap words that were read before are stale in that case alone.
    #[inline(always)]
    fn room(&mut self, need: usize, live: u32) -> Result<(), Halt> {
        if !self.granted && self.heap.wants_collection(need) {
            (self.need, self.live) = (need, live);
            return Err(Halt::Room);
        }
        Ok(self.heap.reserve(need)?)
    }

    #[inline(always)]
    fn word(&self, operand: u32) -> Word {
        Word(match Src(operand).operand() {
            Operand::X(n) => self.x[n & 1023],
            Operand::Y(n) => self.stack[self.stack.len() - 1 - n],
            Operand::Constant(n) => self.module.constants[n],
        })
    }

    #[inline(always)]
    fn set(&mut self, dst: u32, word: Word) {
        let dst = Dst(dst as u16);
        if dst.is_y() {
            let top = self.stack.len();
            self.stack[top - 1 - dst.index()] = word.0;
        } else {
            self.x[dst.index() & 1023] = word.0;
        }
    }
}

impl Site<'_> {
    /// What matching and appending do most, for the fast loop to have in line; `None` where it is something else, with nothing
    /// changed. Nothing here is called out of line with the site, so that it never exists in memory.
    #[inline(always)]
    pub fn hot(&mut self, op: BitOp, list: At) -> Option<bool> {
        let a = &self.module.extra[list as usize..];
        match op {
            BitOp::TestUnit => self.context(a[0]).ok().map(|c| is_units(c.left(), a[1])),
            BitOp::TestTail => self.context(a[0]).ok().map(|c| c.left() == a[1] as usize),
            BitOp::GetPosition => self.get_position(a).ok(),
            BitOp::Create => self.append_one(a),
            _ => None,
        }
    }
}

/// Runs a matching or building instruction for the fast loop. [`Halt`] leaves it to the other one.
#[inline(never)]
pub(super) fn quick(
    heap: &mut Heap,
    x: &mut [u64; 1024],
    stack: &mut [u64],
    builder: &mut BitBuilder,
    module: &Module,
    (op, list): (BitOp, At),
) -> Result<bool, Halt> {
    Site { heap, x, stack, builder, module, granted: false, need: 0, live: 0 }.run(op, list)
}

/// The operands that an instruction which can collect reads.
fn sources(op: BitOp, a: &[u32]) -> Vec<u32> {
    match op {
        BitOp::StartMatch => vec![a[1]],
        BitOp::GetInteger | BitOp::GetFloat | BitOp::GetBinary => vec![a[0], a[2]],
        BitOp::Create => building::sources(a),
        _ => vec![a[0]],
    }
}

/// Whether an instruction is one that [`quick`] knows.
#[inline(always)]
pub(super) const fn is_quick(op: BitOp) -> bool {
    (op as u8) <= BitOp::Match as u8
}

impl Machine<'_> {
    /// Runs a bit syntax instruction; `false` goes to its label, as an exception does where it has one.
    pub fn bits(&mut self, module: &Module, op: BitOp, list: At) -> Result<bool, Fault> {
        if !is_quick(op) {
            return self.old_bits(module, op, &module.extra[list as usize..]).map(|()| true);
        }
        let mut granted = false;
        loop {
            let mut site = Site {
                heap: &mut self.p.heap,
                x: self.x,
                stack: &mut self.p.stack,
                builder: self.builder,
                module,
                granted,
                need: 0,
                live: 0,
            };
            let done = site.run(op, list);
            let (need, live) = (site.need, site.live as usize);
            match done {
                Ok(holds) => return Ok(holds),
                Err(Halt::Room) => self.make_room(module, (op, list), need, live)?,
                Err(halt) => return Err(halt.into()),
            }
            granted = true;
        }
    }

    /// Starts a match, and takes its position if that is asked for, by the list behind.
    pub fn start_match(&mut self, module: &Module, list: At, position: bool) -> Result<bool, Fault> {
        let holds = self.bits(module, BitOp::StartMatch, list)?;
        if holds && position {
            self.bits(module, BitOp::GetPosition, list + 3)?;
        }
        Ok(holds)
    }

    /// Collects for an instruction. Registers that it reads for the last time are not among the live ones, and
    /// yet are read once more: they lie behind those while it collects.
    #[cold]
    fn make_room(
        &mut self,
        module: &Module,
        (op, list): (BitOp, At),
        need: usize,
        live: usize,
    ) -> Result<(), Fault> {
        let mut read: Vec<usize> = sources(op, &module.extra[list as usize..])
            .into_iter()
            .filter_map(|source| match Src(source).operand() {
                Operand::X(n) if n >= live => Some(n),
                _ => None,
            })
            .collect();
        read.sort_unstable();
        read.dedup();
        for (i, &n) in read.iter().enumerate() {
            self.set_x(live + i, self.xr(n));
        }
        self.test_heap(need, live + read.len())?;
        for (i, &n) in read.iter().enumerate().rev() {
            self.set_x(n, self.xr(live + i));
        }
        Ok(())
    }

    #[inline(always)]
    fn word(&self, k: &[u64], operand: u32) -> Word {
        Word(self.get(Src(operand), k))
    }
}

impl From<Halt> for Fault {
    fn from(halt: Halt) -> Fault {
        match halt {
            Halt::BadArgument => Fault::error(Atom::BADARG),
            Halt::SystemLimit => Fault::error(Atom::SYSTEM_LIMIT),
            Halt::HeapFull => Fault::HeapFull,
            Halt::Room => panic!("room is made where it is asked for"),
        }
    }
}

#[inline(always)]
fn is_units(size: usize, unit: u32) -> bool {
    match unit {
        0 | 1 => true,
        8 => size.is_multiple_of(8),
        _ => size.is_multiple_of(unit as usize),
    }
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
fn within_ceiling(heap: &Heap, bytes: usize) -> Result<(), HeapFull> {
    if bytes / 8 > heap.policy.ceiling_words { Err(HeapFull) } else { Ok(()) }
}
