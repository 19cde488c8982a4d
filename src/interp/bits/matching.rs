//! Matching: instructions that read a bitstring through a match context.
//!
//! A context is `[base][position][end]`; position and end are bits from the start of the base. The position
//! is the one word of a heap object that is written over, always by a small integer, so that no old object
//! comes to refer to a young one. Several variables may share a context: code saves the position and sets it
//! back where it needs to.

use super::{Halt, Site, endian, is_units};
use crate::code::instr::{BitOp, MatchCommand, ShortField, flags};
use crate::heap::Heap;
use crate::heap::binary::{BitPlace, Bits};
use crate::term::bignum::LIMBS_MAX;
use crate::term::bitsyntax::load::{load, load_big, sign_extend};
use crate::term::bitsyntax::number::{read_float, read_integer};
use crate::term::bitsyntax::unicode::{CodePoint, utf8, utf16, utf32};
use crate::term::bitsyntax::{Endian, run};
use crate::term::word::{Header, Kind};
use crate::term::{Atom, Word};

const CONTEXT: u64 = Header::new(Kind::MatchContext, 3).word();
/// Words of a context and of a slice.
const CONTEXT_WORDS: usize = 4;
/// The most bits that are a small integer whatever they are.
const SMALL_BITS: usize = ShortField::BITS_MAX as usize;

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
    fn bytes<'h>(&self, site: &'h Site<'_>) -> &'h [u8] {
        site.heap.base_bytes(self.base)
    }

    #[inline(always)]
    fn rest<'h>(&self, site: &'h Site<'_>) -> Bits<'h> {
        Bits { bytes: self.bytes(site), offset: self.position, size: self.left() }
    }
}

impl Site<'_> {
    /// The context that an operand names. Code without a context there is refused as a bad argument.
    #[inline(always)]
    pub(super) fn context(&self, operand: u32) -> Result<Context, Halt> {
        context_at(self.heap, self.word(operand)).ok_or(Halt::BadArgument)
    }

    /// Makes room, then reads the context.
    #[inline(always)]
    fn context_with_room(&mut self, operand: u32, need: usize, live: u32) -> Result<Context, Halt> {
        self.room(need, live)?;
        self.context(operand)
    }

    #[inline(always)]
    fn move_to(&mut self, context: Context, position: usize) {
        debug_assert!(position <= context.end, "a context's position is not behind its end");
        self.heap.words[context.at + 2] = Word::small(position as i64).0;
    }

    pub(super) fn start_match(&mut self, a: &[u32]) -> Result<bool, Halt> {
        let (live, source, dst) = (a[0], a[1], a[2]);
        let word = self.word(source);
        match self.heap.kind(word) {
            Some(Kind::MatchContext) => {
                self.set(dst, word);
                return Ok(true);
            }
            Some(Kind::SharedBinary | Kind::HeapBinary | Kind::SubBinary) => {}
            _ => return Ok(false),
        }
        self.room(CONTEXT_WORDS, live)?;
        let place = self.heap.bit_place(self.word(source));
        let end = place.offset + place.size;
        let at = self.heap.words.len();
        let (offset, end) = (Word::small(place.offset as i64), Word::small(end as i64));
        self.heap.words.extend_from_slice(&[CONTEXT, place.base.0, offset.0, end.0]);
        self.set(dst, Word::boxed(at));
        Ok(true)
    }

    /// A segment's size in bits; `None` for what is no size or does not fit what is left.
    #[inline(always)]
    fn field_size(&self, size: u32, unit: u32, left: usize) -> Option<usize> {
        let size = usize::try_from(self.word(size).as_small()?).ok()?;
        size.checked_mul(unit as usize).filter(|&bits| bits <= left)
    }

    /// The same where the size may be `all`: everything that is left, if that is a number of units.
    #[inline(always)]
    fn run_size(&self, size: u32, unit: u32, left: usize) -> Option<usize> {
        if self.word(size) == Word::atom(Atom::ALL) {
            return is_units(left, unit).then_some(left);
        }
        self.field_size(size, unit, left)
    }

    pub(super) fn get_integer(&mut self, a: &[u32]) -> Result<bool, Halt> {
        let context = self.context(a[0])?;
        let Some(size) = self.field_size(a[2], a[3], context.left()) else { return Ok(false) };
        let value = if size <= SMALL_BITS {
            self.small_field(context, size, a[4])
        } else {
            return self.get_long_integer(a, size);
        };
        self.move_to(context, context.position + size);
        self.set(a[5], value);
        Ok(true)
    }

    #[inline(never)]
    fn get_long_integer(&mut self, a: &[u32], size: usize) -> Result<bool, Halt> {
        let context = self.context_with_room(a[0], integer_words(size), a[1])?;
        let Some(value) = self.long_field(context, size, a[4])? else { return Ok(false) };
        self.move_to(context, context.position + size);
        self.set(a[5], value);
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
    fn long_field(&mut self, context: Context, size: usize, bits: u32) -> Result<Option<Word>, Halt> {
        let signed = bits & flags::SIGNED != 0;
        Ok(read_integer(self.heap, context.next(size), signed, endian(bits))?)
    }

    pub(super) fn get_float(&mut self, a: &[u32]) -> Result<bool, Halt> {
        let left = self.context(a[0])?.left();
        let Some(size) = self.field_size(a[2], a[3], left) else { return Ok(false) };
        let context = self.context_with_room(a[0], 2, a[1])?;
        let run = Bits { size, ..context.rest(self) };
        let Some(value) = read_float(run, endian(a[4])) else { return Ok(false) };
        let value = self.heap.new_float(value)?;
        self.move_to(context, context.position + size);
        self.set(a[5], value);
        Ok(true)
    }

    pub(super) fn get_binary(&mut self, a: &[u32]) -> Result<bool, Halt> {
        let left = self.context(a[0])?.left();
        let Some(size) = self.run_size(a[2], a[3], left) else { return Ok(false) };
        let context = self.context_with_room(a[0], CONTEXT_WORDS, a[1])?;
        let slice = self.heap.sub_binary(context.next(size))?;
        self.move_to(context, context.position + size);
        self.set(a[5], slice);
        Ok(true)
    }

    pub(super) fn skip(&mut self, a: &[u32]) -> Result<bool, Halt> {
        let context = self.context(a[0])?;
        let Some(size) = self.run_size(a[1], a[2], context.left()) else { return Ok(false) };
        self.move_to(context, context.position + size);
        Ok(true)
    }

    pub(super) fn match_string(&mut self, a: &[u32]) -> Result<bool, Halt> {
        let context = self.context(a[0])?;
        let (size, offset) = (a[1] as usize, a[2] as usize);
        if size > context.left() {
            return Ok(false);
        }
        let wanted = Bits { bytes: &self.module.strings[offset..], offset: 0, size };
        if !run::equal(wanted, Bits { size, ..context.rest(self) }) {
            return Ok(false);
        }
        self.move_to(context, context.position + size);
        Ok(true)
    }

    pub(super) fn get_tail(&mut self, a: &[u32]) -> Result<bool, Halt> {
        let context = self.context_with_room(a[0], CONTEXT_WORDS, a[2])?;
        let slice = self.heap.sub_binary(context.next(context.left()))?;
        self.set(a[1], slice);
        Ok(true)
    }

    #[inline(always)]
    pub(super) fn get_position(&mut self, a: &[u32]) -> Result<bool, Halt> {
        let position = self.context(a[0])?.position;
        self.set(a[1], Word::small(position as i64));
        Ok(true)
    }

    pub(super) fn set_position(&mut self, a: &[u32]) -> Result<bool, Halt> {
        let context = self.context(a[0])?;
        match self.word(a[1]).as_small() {
            Some(position) if (0..=context.end as i64).contains(&position) => {
                self.move_to(context, position as usize);
                Ok(true)
            }
            _ => Err(Halt::BadArgument),
        }
    }

    pub(super) fn get_utf(&mut self, op: BitOp, a: &[u32]) -> Result<bool, Halt> {
        let context = self.context(a[0])?;
        let run = context.rest(self);
        let point = match op {
            BitOp::GetUtf8 => utf8(run),
            BitOp::GetUtf16 => utf16(run, endian(a[2])),
            _ => utf32(run, endian(a[2])),
        };
        let Some(CodePoint { value, size_bits }) = point else { return Ok(false) };
        self.move_to(context, context.position + size_bits);
        self.set(a[3], Word::small(i64::from(value)));
        Ok(true)
    }

    pub(super) fn skip_utf(&mut self, op: BitOp, a: &[u32]) -> Result<bool, Halt> {
        let context = self.context(a[0])?;
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
    pub(super) fn match_commands(&mut self, a: &[u32]) -> Result<bool, Halt> {
        // Its position runs ahead of the object's.
        let mut context = self.context(a[0])?;
        let mut rest = &a[2..];
        for _ in 0..a[1] {
            let left = context.left();
            let used = match MatchCommand::ALL[rest[0] as usize] {
                MatchCommand::EnsureAtLeast => {
                    let least = rest[1] as usize;
                    if left < least || !is_units(left - least, rest[2]) {
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
                    if !self.integer_command(a[0], &mut context, rest)? {
                        return Ok(false);
                    }
                    5
                }
                MatchCommand::Binary => {
                    let size = rest[2] as usize;
                    if size > left {
                        return Ok(false);
                    }
                    self.slice_command(a[0], &mut context, size, rest[1], rest[3])?;
                    context.position += size;
                    4
                }
                MatchCommand::GetTail => {
                    self.slice_command(a[0], &mut context, left, rest[1], rest[2])?;
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
        operand: u32,
        context: &mut Context,
        command: &[u32],
    ) -> Result<bool, Halt> {
        let &[_, live, bits, size, dst, ..] = command else { panic!("the loader lays out whole commands") };
        let size = size as usize;
        if size > context.left() {
            return Ok(false);
        }
        let value = if size <= SMALL_BITS {
            self.small_field(*context, size, bits)
        } else {
            self.make_room(operand, context, integer_words(size), live)?;
            match self.long_field(*context, size, bits)? {
                Some(value) => value,
                None => return Ok(false),
            }
        };
        context.position += size;
        self.set(dst, value);
        Ok(true)
    }

    fn slice_command(
        &mut self,
        operand: u32,
        context: &mut Context,
        size: usize,
        live: u32,
        dst: u32,
    ) -> Result<(), Halt> {
        self.make_room(operand, context, CONTEXT_WORDS, live)?;
        let slice = self.heap.sub_binary(context.next(size))?;
        self.set(dst, slice);
        Ok(())
    }

    /// Makes room in the middle of a `bs_match`, keeping the position that it has come to.
    #[inline(always)]
    fn make_room(&mut self, operand: u32, context: &mut Context, need: usize, live: u32) -> Result<(), Halt> {
        let again = self.context_with_room(operand, need, live)?;
        *context = Context { position: context.position, ..again };
        Ok(())
    }
}

/// The context that a word points to.
#[inline(always)]
fn context_at(heap: &Heap, word: Word) -> Option<Context> {
    let at = word.index();
    match heap.words.get(at..at + CONTEXT_WORDS) {
        Some(&[CONTEXT, base, position, end]) if word.0 & 7 == 2 => Some(Context {
            at,
            base: Word(base),
            position: Word(position).small_value() as usize,
            end: Word(end).small_value() as usize,
        }),
        _ => None,
    }
}

/// The position of a match context, as a term.
#[inline(always)]
pub(in crate::interp) fn context_position(heap: &Heap, context: Word) -> Option<Word> {
    context_at(heap, context).map(|context| Word::small(context.position as i64))
}

/// Runs [`Instr::GetFields`](crate::code::instr::Instr) for the fast loop, as its parts one by one would run: what a
/// field that does not fit leaves undone is itself and those after it.
#[inline(never)]
pub(in crate::interp) fn short_fields(
    heap: &mut Heap,
    x: &mut [u64; 1024],
    stack: &mut [u64],
    context: Word,
    fields: &[u32],
    unit: u8,
) -> bool {
    let Some(context) = context_at(heap, context) else { return false };
    let bytes = heap.base_bytes(context.base);
    let mut position = context.position;
    let mut holds = true;
    for &field in fields {
        let field = ShortField(field);
        if field.size() > context.end - position {
            holds = false;
            break;
        }
        let value = short_value(bytes, position, field);
        position += field.size();
        if field.to().is_y() {
            let top = stack.len();
            stack[top - 1 - field.to().index()] = value.0;
        } else {
            x[field.to().index() & 1023] = value.0;
        }
    }
    heap.words[context.at + 2] = Word::small(position as i64).0;
    holds && (unit == 0 || is_units(context.end - position, u32::from(unit)))
}

#[inline(always)]
fn short_value(bytes: &[u8], position: usize, field: ShortField) -> Word {
    let (size, endian) = (field.size(), endian(field.flags()));
    let (first, skip) = (position / 8, position % 8);
    let eight = bytes.get(first..).and_then(|rest| rest.first_chunk());
    let value = match (eight, endian) {
        (Some(eight), Endian::Big) if skip + size <= 64 => u64::from_be_bytes(*eight) << skip >> unused(size),
        (Some(eight), Endian::Little) if skip == 0 && size.is_multiple_of(8) => {
            u64::from_le_bytes(*eight) & (u64::MAX >> unused(size))
        }
        _ => load(bytes, position, size, endian),
    };
    let value = if field.flags() & flags::SIGNED != 0 { sign_extend(value, size) } else { value as i64 };
    Word::small(value)
}

/// Bits of a word that a field of 1 to 64 bits does not fill.
#[inline(always)]
const fn unused(size: usize) -> u32 {
    (64 - size) as u32 & 63
}

/// Words that an integer of `size` bits may take.
fn integer_words(size: usize) -> usize {
    1 + size.div_ceil(64).min(LIMBS_MAX)
}
