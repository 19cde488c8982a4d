//! Matching: instructions that read a bitstring through a match context.
//!
//! A context is `[base][position][end]`; position and end are bits from the start of the base. The position
//! is the one word of a heap object that is written over, always by a small integer, so that no old object
//! comes to refer to a young one. Several variables may share a context: code saves the position and sets it
//! back where it needs to.

use super::endian;
use crate::code::Module;
use crate::code::instr::{BitOp, Dst, MatchCommand, flags};
use crate::heap::binary::{BitPlace, Bits};
use crate::interp::machine::{Fault, Machine};
use crate::term::bignum::LIMBS_MAX;
use crate::term::bitsyntax::load::{load, load_big, sign_extend};
use crate::term::bitsyntax::number::{read_float, read_integer};
use crate::term::bitsyntax::run;
use crate::term::bitsyntax::unicode::{CodePoint, utf8, utf16, utf32};
use crate::term::word::{Header, Kind};
use crate::term::{Atom, Word};

const CONTEXT: u64 = Header::new(Kind::MatchContext, 3).word();
/// Words of a context and of a slice.
const CONTEXT_WORDS: usize = 4;
/// The most bits that are a small integer whatever they are.
const SMALL_BITS: usize = 59;

/// A match context, read from the heap; good until the next safepoint.
#[derive(Clone, Copy)]
pub(super) struct Context {
    /// Index of the object.
    at: usize,
    base: Word,
    position: usize,
    end: usize,
}

impl Context {
    /// Bits not yet matched.
    #[inline(always)]
    pub fn left(&self) -> usize {
        self.end - self.position
    }

    /// The next `size` bits.
    #[inline(always)]
    fn next(&self, size: usize) -> BitPlace {
        BitPlace { base: self.base, offset: self.position, size }
    }

    #[inline(always)]
    fn bytes<'h>(&self, m: &'h Machine<'_>) -> &'h [u8] {
        m.p.heap.base_bytes(self.base)
    }

    #[inline(always)]
    fn rest<'h>(&self, m: &'h Machine<'_>) -> Bits<'h> {
        Bits { bytes: self.bytes(m), offset: self.position, size: self.left() }
    }
}

impl Machine<'_> {
    /// The context that an operand names. Code without a context there is refused as a bad argument.
    #[inline(always)]
    pub(super) fn context(&self, k: &[u64], operand: u32) -> Result<Context, Fault> {
        let word = self.word(k, operand);
        let words = &self.p.heap.words;
        let at = word.index();
        match words.get(at..at + CONTEXT_WORDS) {
            Some(&[CONTEXT, base, position, end]) if word.0 & 7 == 2 => Ok(Context {
                at,
                base: Word(base),
                position: Word(position).small_value() as usize,
                end: Word(end).small_value() as usize,
            }),
            _ => Err(super::bad_argument()),
        }
    }

    /// Makes room, then reads the context.
    #[inline(always)]
    fn context_with_room(
        &mut self,
        k: &[u64],
        operand: u32,
        need: usize,
        live: u32,
    ) -> Result<Context, Fault> {
        self.test_heap(need, live as usize)?;
        self.context(k, operand)
    }

    #[inline(always)]
    fn move_to(&mut self, context: Context, position: usize) {
        debug_assert!(position <= context.end, "a context's position is not behind its end");
        self.p.heap.words[context.at + 2] = Word::small(position as i64).0;
    }

    pub(super) fn start_match(&mut self, k: &[u64], a: &[u32]) -> Result<bool, Fault> {
        let (live, source, dst) = (a[0], a[1], Dst(a[2] as u16));
        let word = self.word(k, source);
        match self.p.heap.kind(word) {
            Some(Kind::MatchContext) => {
                self.set(dst, word.0);
                return Ok(true);
            }
            Some(Kind::SharedBinary | Kind::HeapBinary | Kind::SubBinary) => {}
            _ => return Ok(false),
        }
        self.test_heap(CONTEXT_WORDS, live as usize)?;
        let place = self.p.heap.bit_place(self.word(k, source));
        let end = place.offset + place.size;
        self.p.heap.reserve(CONTEXT_WORDS)?;
        let at = self.p.heap.words.len();
        let (offset, end) = (Word::small(place.offset as i64), Word::small(end as i64));
        self.p.heap.words.extend_from_slice(&[CONTEXT, place.base.0, offset.0, end.0]);
        self.set(dst, Word::boxed(at).0);
        Ok(true)
    }

    /// A segment's size in bits; `None` for what is no size or does not fit what is left.
    #[inline(always)]
    fn field_size(&self, k: &[u64], size: u32, unit: u32, left: usize) -> Option<usize> {
        let size = usize::try_from(self.word(k, size).as_small()?).ok()?;
        size.checked_mul(unit as usize).filter(|&bits| bits <= left)
    }

    /// The same where the size may be `all`: everything that is left, if that is a number of units.
    #[inline(always)]
    fn run_size(&self, k: &[u64], size: u32, unit: u32, left: usize) -> Option<usize> {
        if self.word(k, size) == Word::atom(Atom::ALL) {
            return left.is_multiple_of(unit.max(1) as usize).then_some(left);
        }
        self.field_size(k, size, unit, left)
    }

    pub(super) fn get_integer(&mut self, k: &[u64], a: &[u32]) -> Result<bool, Fault> {
        let context = self.context(k, a[0])?;
        let Some(size) = self.field_size(k, a[2], a[3], context.left()) else { return Ok(false) };
        let value = if size <= SMALL_BITS {
            self.small_field(context, size, a[4])
        } else {
            return self.get_long_integer(k, a, size);
        };
        self.move_to(context, context.position + size);
        self.set(Dst(a[5] as u16), value.0);
        Ok(true)
    }

    #[inline(never)]
    fn get_long_integer(&mut self, k: &[u64], a: &[u32], size: usize) -> Result<bool, Fault> {
        let context = self.context_with_room(k, a[0], integer_words(size), a[1])?;
        let Some(value) = self.long_field(context, size, a[4])? else { return Ok(false) };
        self.move_to(context, context.position + size);
        self.set(Dst(a[5] as u16), value.0);
        Ok(true)
    }

    /// The next bits, at most [`SMALL_BITS`], as an integer.
    #[inline(always)]
    fn small_field(&self, context: Context, size: usize, bits: u32) -> Word {
        let value = load(context.bytes(self), context.position, size, endian(bits));
        if bits & flags::SIGNED != 0 {
            Word::small(sign_extend(value, size))
        } else {
            Word::small(value as i64)
        }
    }

    /// Any number of bits as an integer; room was made. `None` beyond the limit of integers.
    fn long_field(&mut self, context: Context, size: usize, bits: u32) -> Result<Option<Word>, Fault> {
        let signed = bits & flags::SIGNED != 0;
        Ok(read_integer(&mut self.p.heap, context.next(size), signed, endian(bits))?)
    }

    pub(super) fn get_float(&mut self, k: &[u64], a: &[u32]) -> Result<bool, Fault> {
        let left = self.context(k, a[0])?.left();
        let Some(size) = self.field_size(k, a[2], a[3], left) else { return Ok(false) };
        let context = self.context_with_room(k, a[0], 2, a[1])?;
        let run = Bits { size, ..context.rest(self) };
        let Some(value) = read_float(run, endian(a[4])) else { return Ok(false) };
        let value = self.p.heap.new_float(value)?;
        self.move_to(context, context.position + size);
        self.set(Dst(a[5] as u16), value.0);
        Ok(true)
    }

    pub(super) fn get_binary(&mut self, k: &[u64], a: &[u32]) -> Result<bool, Fault> {
        let left = self.context(k, a[0])?.left();
        let Some(size) = self.run_size(k, a[2], a[3], left) else { return Ok(false) };
        let context = self.context_with_room(k, a[0], CONTEXT_WORDS, a[1])?;
        let slice = self.p.heap.sub_binary(context.next(size))?;
        self.move_to(context, context.position + size);
        self.set(Dst(a[5] as u16), slice.0);
        Ok(true)
    }

    pub(super) fn skip(&mut self, k: &[u64], a: &[u32]) -> Result<bool, Fault> {
        let context = self.context(k, a[0])?;
        let Some(size) = self.run_size(k, a[1], a[2], context.left()) else { return Ok(false) };
        self.move_to(context, context.position + size);
        Ok(true)
    }

    pub(super) fn match_string(&mut self, module: &Module, a: &[u32]) -> Result<bool, Fault> {
        let context = self.context(&module.constants, a[0])?;
        let (size, offset) = (a[1] as usize, a[2] as usize);
        if size > context.left() {
            return Ok(false);
        }
        let wanted = Bits { bytes: &module.strings[offset..], offset: 0, size };
        if !run::equal(wanted, Bits { size, ..context.rest(self) }) {
            return Ok(false);
        }
        self.move_to(context, context.position + size);
        Ok(true)
    }

    pub(super) fn get_tail(&mut self, k: &[u64], a: &[u32]) -> Result<bool, Fault> {
        let context = self.context_with_room(k, a[0], CONTEXT_WORDS, a[2])?;
        let slice = self.p.heap.sub_binary(context.next(context.left()))?;
        self.set(Dst(a[1] as u16), slice.0);
        Ok(true)
    }

    pub(super) fn get_position(&mut self, k: &[u64], a: &[u32]) -> Result<bool, Fault> {
        let position = self.context(k, a[0])?.position;
        self.set(Dst(a[1] as u16), Word::small(position as i64).0);
        Ok(true)
    }

    pub(super) fn set_position(&mut self, k: &[u64], a: &[u32]) -> Result<bool, Fault> {
        let context = self.context(k, a[0])?;
        match self.word(k, a[1]).as_small() {
            Some(position) if (0..=context.end as i64).contains(&position) => {
                self.move_to(context, position as usize);
                Ok(true)
            }
            _ => Err(super::bad_argument()),
        }
    }

    pub(super) fn get_utf(&mut self, k: &[u64], op: BitOp, a: &[u32]) -> Result<bool, Fault> {
        let context = self.context(k, a[0])?;
        let run = context.rest(self);
        let point = match op {
            BitOp::GetUtf8 => utf8(run),
            BitOp::GetUtf16 => utf16(run, endian(a[2])),
            _ => utf32(run, endian(a[2])),
        };
        let Some(CodePoint { value, size_bits }) = point else { return Ok(false) };
        self.move_to(context, context.position + size_bits);
        self.set(Dst(a[3] as u16), Word::small(i64::from(value)).0);
        Ok(true)
    }

    pub(super) fn skip_utf(&mut self, k: &[u64], op: BitOp, a: &[u32]) -> Result<bool, Fault> {
        let context = self.context(k, a[0])?;
        let run = context.rest(self);
        let point = match op {
            BitOp::SkipUtf8 => utf8(run),
            BitOp::SkipUtf16 => utf16(run, endian(a[2])),
            _ => utf32(run, endian(a[2])),
        };
        let Some(point) = point else { return Ok(false) };
        self.move_to(context, context.position + point.size_bits);
        Ok(true)
    }

    /// `bs_match`: commands in order; the position moves once all have held.
    pub(super) fn match_commands(&mut self, k: &[u64], a: &[u32]) -> Result<bool, Fault> {
        // Its position runs ahead of the object's.
        let mut context = self.context(k, a[0])?;
        let mut rest = &a[2..];
        for _ in 0..a[1] {
            let left = context.left();
            let used = match MatchCommand::ALL[rest[0] as usize] {
                MatchCommand::EnsureAtLeast => {
                    let (least, unit) = (rest[1] as usize, rest[2].max(1) as usize);
                    if left < least || (unit > 1 && !(left - least).is_multiple_of(unit)) {
                        return Ok(false);
                    }
                    3
                }
                MatchCommand::EnsureExactly => {
                    if left != rest[1] as usize {
                        return Ok(false);
                    }
                    2
                }
                MatchCommand::Integer => {
                    if !self.integer_command(k, a[0], &mut context, rest)? {
                        return Ok(false);
                    }
                    5
                }
                MatchCommand::Binary => {
                    let size = rest[2] as usize;
                    if size > left {
                        return Ok(false);
                    }
                    self.slice_command(k, a[0], &mut context, size, rest[1], Dst(rest[3] as u16))?;
                    context.position += size;
                    4
                }
                MatchCommand::GetTail => {
                    self.slice_command(k, a[0], &mut context, left, rest[1], Dst(rest[2] as u16))?;
                    3
                }
                MatchCommand::Skip => {
                    let size = rest[1] as usize;
                    if size > left {
                        return Ok(false);
                    }
                    context.position += size;
                    2
                }
                MatchCommand::Equal => {
                    let (size, value) = (rest[1] as usize, u64::from(rest[2]) | u64::from(rest[3]) << 32);
                    if size > left.min(64) || load_big(context.bytes(self), context.position, size) != value {
                        return Ok(false);
                    }
                    context.position += size;
                    4
                }
            };
            rest = &rest[used..];
        }
        self.move_to(context, context.position);
        Ok(true)
    }

    #[inline(always)]
    fn integer_command(
        &mut self,
        k: &[u64],
        operand: u32,
        context: &mut Context,
        command: &[u32],
    ) -> Result<bool, Fault> {
        let &[_, live, bits, size, dst, ..] = command else { panic!("the loader lays out whole commands") };
        let (size, dst) = (size as usize, Dst(dst as u16));
        if size > context.left() {
            return Ok(false);
        }
        let value = if size <= SMALL_BITS {
            self.small_field(*context, size, bits)
        } else {
            self.make_room(k, operand, context, integer_words(size), live)?;
            match self.long_field(*context, size, bits)? {
                Some(value) => value,
                None => return Ok(false),
            }
        };
        context.position += size;
        self.set(dst, value.0);
        Ok(true)
    }

    fn slice_command(
        &mut self,
        k: &[u64],
        operand: u32,
        context: &mut Context,
        size: usize,
        live: u32,
        dst: Dst,
    ) -> Result<(), Fault> {
        self.make_room(k, operand, context, CONTEXT_WORDS, live)?;
        let slice = self.p.heap.sub_binary(context.next(size))?;
        self.set(dst, slice.0);
        Ok(())
    }

    /// Makes room in the middle of a `bs_match`, keeping the position that it has come to.
    #[inline(always)]
    fn make_room(
        &mut self,
        k: &[u64],
        operand: u32,
        context: &mut Context,
        need: usize,
        live: u32,
    ) -> Result<(), Fault> {
        let again = self.context_with_room(k, operand, need, live)?;
        *context = Context { position: context.position, ..again };
        Ok(())
    }
}

/// Words that an integer of `size` bits may take.
fn integer_words(size: usize) -> usize {
    1 + size.div_ceil(64).min(LIMBS_MAX)
}
