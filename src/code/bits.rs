//! The operand lists of the bit syntax instructions with a grammar of their own.
//!
//! `bs_create_bin` takes groups of six: type, segment number, unit, flags, value, size. `bs_match` takes commands:
//! an atom, then operands whose number and kinds depend on it. Source: what OTP's compiler emits and its
//! disassembler accepts (25, 26).
//!
//! Invariant: after these checks each group or command is complete and of a known type, and strings lie within the
//! string table.

use super::beam::BeamFile;
use super::check::{self, Fault};
use super::generic::{Arg, GenericCode};
use super::op::Kind;

const SEGMENT_OPERANDS: usize = 6;

/// Checks the segments of `bs_create_bin`.
pub(super) fn segments(file: &BeamFile, code: &GenericCode, list: &[Arg]) -> Result<(), Fault> {
    let segments = list.chunks_exact(SEGMENT_OPERANDS);
    if !segments.remainder().is_empty() {
        return Err(Fault::Kind);
    }
    for segment in segments {
        let &[Arg::Atom(name), number, unit, flags, value, size] = segment else { return Err(Fault::Kind) };
        check::operand(file, code, Kind::Count, number)?;
        check::operand(file, code, Kind::Unit, unit)?;
        field_flags(flags)?;
        match (file.atom(name), value, size) {
            ("string", Arg::Literal(offset), Arg::Integer(len @ 0..)) => {
                check::within_strings(file, offset, len as u64)?;
            }
            (
                "append" | "private_append" | "binary" | "integer" | "float" | "utf8" | "utf16" | "utf32",
                _,
                _,
            ) => {
                check::operand(file, code, Kind::Source, value)?;
                check::operand(file, code, Kind::Source, size)?;
            }
            _ => return Err(Fault::Kind),
        }
    }
    Ok(())
}

/// Checks the commands of `bs_match`.
pub(super) fn commands(file: &BeamFile, code: &GenericCode, mut list: &[Arg]) -> Result<(), Fault> {
    while let Some((&first, rest)) = list.split_first() {
        let Arg::Atom(name) = first else { return Err(Fault::Kind) };
        list = match (file.atom(name), rest) {
            ("ensure_at_least", [Arg::Literal(_), unit, rest @ ..]) => {
                check::operand(file, code, Kind::Unit, *unit)?;
                rest
            }
            ("ensure_exactly" | "skip", [Arg::Literal(_), rest @ ..]) => rest,
            ("integer" | "binary", [live, flags, Arg::Literal(_), unit, target, rest @ ..]) => {
                check::operand(file, code, Kind::Live, *live)?;
                field_flags(*flags)?;
                check::operand(file, code, Kind::Unit, *unit)?;
                check::operand(file, code, Kind::Register, *target)?;
                rest
            }
            ("get_tail", [live, unit, target, rest @ ..]) => {
                check::operand(file, code, Kind::Live, *live)?;
                check::operand(file, code, Kind::Unit, *unit)?;
                check::operand(file, code, Kind::Register, *target)?;
                rest
            }
            ("=:=", [Arg::Nil, Arg::Literal(_), value, rest @ ..]) => {
                match *value {
                    Arg::Literal(_) | Arg::Integer(0..) => {}
                    // Up to 64 bits without a sign.
                    Arg::BigInteger(bytes) if bytes.len <= 9 && bytes.of(&file.bytes)[0] == 0 => {}
                    _ => return Err(Fault::Kind),
                }
                rest
            }
            _ => return Err(Fault::Kind),
        };
    }
    Ok(())
}

/// Flags are the empty list, or a list in the literal table.
fn field_flags(flags: Arg) -> Result<(), Fault> {
    if matches!(flags, Arg::Nil | Arg::Lit(_)) { Ok(()) } else { Err(Fault::Kind) }
}
