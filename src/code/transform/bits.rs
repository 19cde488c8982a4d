//! Bit syntax: operands of each instruction as a list, laid out as [`BitOp`] says.

use super::Builder;
use super::constants::{flag_bits, limbs};
use crate::code::generic::Arg;
use crate::code::instr::{
    BitOp, Dst, Instr, MatchCommand, NO_LABEL, NO_REGISTER, SegmentType, ShortField, Src,
};
use crate::code::{LoadError, Opcode};

impl Builder<'_> {
    /// An operand for the list: registers and constants as sources, numbers as small constants.
    fn operand(&mut self, arg: Arg) -> Result<u32, LoadError> {
        Ok(self.src(arg)?.0)
    }

    fn register(&self, arg: Arg) -> u32 {
        u32::from(self.dst(arg).0)
    }

    pub(super) fn bit_op(&mut self, op: Opcode, a: &[Arg]) -> Result<(), LoadError> {
        let n = |arg: Arg| Self::number_of(arg);
        let trap = if self.look_first { self.trap() } else { NO_LABEL };
        let label_of = |arg: Arg| match Self::label_of(arg) {
            NO_LABEL => trap,
            label => label,
        };
        let (bit_op, fail, words): (BitOp, Arg, Vec<u32>) = match op {
            Opcode::BsStartMatch3 => {
                (BitOp::StartMatch, a[0], vec![n(a[2]), self.operand(a[1])?, self.register(a[3])])
            }
            Opcode::BsStartMatch4 => {
                (BitOp::StartMatch, a[0], vec![n(a[1]), self.operand(a[2])?, self.register(a[3])])
            }
            Opcode::BsGetInteger2 => {
                let words = self.get_field(a)?;
                let fail = label_of(a[0]);
                if let Some((context, field)) = self.short_field(&words).filter(|_| fail != NO_LABEL) {
                    let list = self.list(&[field.0]);
                    self.emit(Instr::GetFields { count: 1, unit: 0, context, list, fail });
                    return Ok(());
                }
                (BitOp::GetInteger, a[0], words)
            }
            Opcode::BsGetFloat2 => (BitOp::GetFloat, a[0], self.get_field(a)?),
            Opcode::BsGetBinary2 => (BitOp::GetBinary, a[0], self.get_field(a)?),
            Opcode::BsSkipBits2 => {
                (BitOp::Skip, a[0], vec![self.operand(a[1])?, self.operand(a[2])?, n(a[3])])
            }
            Opcode::BsTestTail2 => (BitOp::TestTail, a[0], vec![self.operand(a[1])?, n(a[2])]),
            Opcode::BsTestUnit => (BitOp::TestUnit, a[0], vec![self.operand(a[1])?, n(a[2])]),
            Opcode::BsMatchString => (BitOp::MatchString, a[0], vec![self.operand(a[1])?, n(a[2]), n(a[3])]),
            Opcode::BsGetTail => {
                (BitOp::GetTail, Arg::Label(0), vec![self.operand(a[0])?, self.register(a[1]), n(a[2])])
            }
            Opcode::BsGetPosition => {
                (BitOp::GetPosition, Arg::Label(0), vec![self.operand(a[0])?, self.register(a[1]), n(a[2])])
            }
            Opcode::BsSetPosition => {
                (BitOp::SetPosition, Arg::Label(0), vec![self.operand(a[0])?, self.operand(a[1])?])
            }
            Opcode::BsGetUtf8 => (BitOp::GetUtf8, a[0], self.get_utf(a)?),
            Opcode::BsGetUtf16 => (BitOp::GetUtf16, a[0], self.get_utf(a)?),
            Opcode::BsGetUtf32 => (BitOp::GetUtf32, a[0], self.get_utf(a)?),
            Opcode::BsSkipUtf8 => (BitOp::SkipUtf8, a[0], self.skip_utf(a)?),
            Opcode::BsSkipUtf16 => (BitOp::SkipUtf16, a[0], self.skip_utf(a)?),
            Opcode::BsSkipUtf32 => (BitOp::SkipUtf32, a[0], self.skip_utf(a)?),
            Opcode::BsCreateBin => (BitOp::Create, a[0], self.create_bin(a)?),
            Opcode::BsMatch => (BitOp::Match, a[0], self.match_commands(a)?),
            Opcode::BsInitWritable => (BitOp::InitWritable, Arg::Label(0), vec![]),
            _ => return self.old_bit_op(op, a),
        };
        if bit_op == BitOp::StartMatch
            && let (Some(from), Some(to)) = (Src(words[1]).as_x(), Dst(words[2] as u16).as_x())
        {
            let (list, fail) = (self.list(&words), label_of(fail));
            self.emit(Instr::StartMatchX { from, to, position: NO_REGISTER, list, fail });
            return Ok(());
        }
        self.bits_instr(bit_op, label_of(fail), &words);
        Ok(())
    }

    /// Instructions from before OTP 25, which Elixir's modules still carry.
    fn old_bit_op(&mut self, op: Opcode, a: &[Arg]) -> Result<(), LoadError> {
        let n = |arg: Arg| Self::number_of(arg);
        let (bit_op, fail, words): (BitOp, Arg, Vec<u32>) = match op {
            Opcode::BsInit2 => (BitOp::Init, a[0], vec![self.operand(a[1])?, n(a[3]), self.register(a[5])]),
            Opcode::BsInitBits => {
                (BitOp::InitBits, a[0], vec![self.operand(a[1])?, n(a[3]), self.register(a[5])])
            }
            Opcode::BsAdd => {
                let (x, y) = (self.operand(a[1])?, self.operand(a[2])?);
                (BitOp::AddSize, a[0], vec![x, y, n(a[3]), self.register(a[4])])
            }
            Opcode::BsAppend => {
                let words =
                    vec![self.operand(a[1])?, n(a[3]), n(a[4]), self.operand(a[5])?, self.register(a[7])];
                (BitOp::Append, a[0], words)
            }
            Opcode::BsPrivateAppend => {
                let words = vec![self.operand(a[1])?, n(a[2]), self.operand(a[3])?, self.register(a[5])];
                (BitOp::PrivateAppend, a[0], words)
            }
            Opcode::BsPutInteger => (BitOp::PutInteger, a[0], self.put_field(a)?),
            Opcode::BsPutFloat => (BitOp::PutFloat, a[0], self.put_field(a)?),
            Opcode::BsPutBinary => (BitOp::PutBinary, a[0], self.put_field(a)?),
            Opcode::BsPutString => (BitOp::PutString, Arg::Label(0), vec![n(a[0]), n(a[1])]),
            Opcode::BsUtf8Size => (BitOp::Utf8Size, a[0], vec![self.operand(a[1])?, self.register(a[2])]),
            Opcode::BsUtf16Size => (BitOp::Utf16Size, a[0], vec![self.operand(a[1])?, self.register(a[2])]),
            Opcode::BsPutUtf8 => (BitOp::PutUtf8, a[0], vec![n(a[1]), self.operand(a[2])?]),
            Opcode::BsPutUtf16 => (BitOp::PutUtf16, a[0], vec![n(a[1]), self.operand(a[2])?]),
            Opcode::BsPutUtf32 => (BitOp::PutUtf32, a[0], vec![n(a[1]), self.operand(a[2])?]),
            _ => panic!("not a bit syntax instruction: {}", op.name()),
        };
        self.bits_instr(bit_op, Self::label_of(fail), &words);
        Ok(())
    }

    /// `bs_get_integer2` and its like: fail, context, live, size, unit, flags, target.
    fn get_field(&mut self, a: &[Arg]) -> Result<Vec<u32>, LoadError> {
        let (context, size) = (self.operand(a[1])?, self.operand(a[3])?);
        let (live, unit, flags) = (Self::number_of(a[2]), Self::number_of(a[4]), Self::number_of(a[5]));
        Ok(vec![context, live, size, unit, flags, self.register(a[6])])
    }

    /// The context and the short form that most integers have; `words` as for [`BitOp::GetInteger`].
    fn short_field(&self, words: &[u32]) -> Option<(u16, ShortField)> {
        let &[context, _, size, unit, flags, to] = words else { panic!("a field has six words") };
        let size = self.constants.word(Src(size).as_constant()?).as_small()?;
        let size = u32::try_from(size).ok()?.checked_mul(unit)?;
        Some((Src(context).as_x()?, ShortField::new(size, flags, Dst(to as u16))?))
    }

    fn get_utf(&mut self, a: &[Arg]) -> Result<Vec<u32>, LoadError> {
        let context = self.operand(a[1])?;
        Ok(vec![context, Self::number_of(a[2]), Self::number_of(a[3]), self.register(a[4])])
    }

    fn skip_utf(&mut self, a: &[Arg]) -> Result<Vec<u32>, LoadError> {
        Ok(vec![self.operand(a[1])?, Self::number_of(a[2]), Self::number_of(a[3])])
    }

    /// `bs_put_integer` and its like: fail, size, unit, flags, value.
    fn put_field(&mut self, a: &[Arg]) -> Result<Vec<u32>, LoadError> {
        let size = self.operand(a[1])?;
        Ok(vec![size, Self::number_of(a[2]), Self::number_of(a[3]), self.operand(a[4])?])
    }

    fn create_bin(&mut self, a: &[Arg]) -> Result<Vec<u32>, LoadError> {
        let segments = self.elements(a[5]);
        let count = segments.len() as u32 / 6;
        let mut words = vec![Self::number_of(a[2]), Self::number_of(a[3]), self.register(a[4]), count];
        for segment in segments.chunks_exact(6) {
            let name = self.atom_word(segment[0]).as_atom().expect("made of an atom").text();
            let kind = match name {
                "integer" => SegmentType::Integer,
                "float" => SegmentType::Float,
                "binary" => SegmentType::Binary,
                "string" => SegmentType::String,
                "utf8" => SegmentType::Utf8,
                "utf16" => SegmentType::Utf16,
                "utf32" => SegmentType::Utf32,
                "append" => SegmentType::Append,
                _ => SegmentType::PrivateAppend,
            };
            let (value, size) = match (kind, segment[4], segment[5]) {
                (SegmentType::String, Arg::Literal(offset), Arg::Integer(length)) => (offset, length as u32),
                (_, value, size) => (self.operand(value)?, self.operand(size)?),
            };
            let flags = flag_bits(self.file, segment[3])?;
            let (number, unit) = (Self::number_of(segment[1]), Self::number_of(segment[2]));
            words.extend([kind as u32, unit, flags, value, size, number]);
        }
        Ok(words)
    }

    fn match_commands(&mut self, a: &[Arg]) -> Result<Vec<u32>, LoadError> {
        let mut list = self.elements(a[2]);
        let mut words = vec![self.operand(a[1])?, 0];
        let n = |arg: Arg| Self::number_of(arg);
        while let Some((&first, rest)) = list.split_first() {
            let name = self.atom_word(first).as_atom().expect("made of an atom").text();
            words[1] += 1;
            let used = match name {
                "ensure_at_least" => {
                    words.extend([MatchCommand::EnsureAtLeast as u32, n(rest[0]), n(rest[1])]);
                    2
                }
                "ensure_exactly" => {
                    words.extend([MatchCommand::EnsureExactly as u32, n(rest[0])]);
                    1
                }
                "integer" => {
                    let (flags, bits) =
                        (flag_bits(self.file, rest[1])?, n(rest[2]).saturating_mul(n(rest[3])));
                    let target = self.register(rest[4]);
                    words.extend([MatchCommand::Integer as u32, n(rest[0]), flags, bits, target]);
                    5
                }
                "binary" => {
                    let bits = n(rest[2]).saturating_mul(n(rest[3]));
                    words.extend([MatchCommand::Binary as u32, n(rest[0]), bits, self.register(rest[4])]);
                    5
                }
                "get_tail" => {
                    words.extend([MatchCommand::GetTail as u32, n(rest[0]), self.register(rest[2])]);
                    3
                }
                "skip" => {
                    words.extend([MatchCommand::Skip as u32, n(rest[0])]);
                    1
                }
                _ => {
                    let value = self.match_value(rest[2]);
                    let (low, high) = (value as u32, (value >> 32) as u32);
                    words.extend([MatchCommand::Equal as u32, n(rest[1]), low, high]);
                    3
                }
            };
            list = &rest[used..];
        }
        Ok(words)
    }

    fn match_value(&self, arg: Arg) -> u64 {
        match arg {
            Arg::Integer(value) => value as u64,
            Arg::BigInteger(range) => limbs(range.of(&self.file.bytes)).1[0],
            other => u64::from(Self::number_of(other)),
        }
    }
}
