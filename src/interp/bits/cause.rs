//! Why a construction failed: what the trace's first entry says of it, for `erl_erts_errors:format_bs_fail/2`.
//!
//! `{Segment, Type, Error, Value}`, by looking at the segments again in the order in which building does: first all
//! sizes, then all values. Nothing is kept for it while binaries are built. Source: what OTP 25 answers.

use super::building::{Segment, is_code_point, segments_of, size_bits, whole_size};
use crate::code::Module;
use crate::code::instr::{At, Operand, SegmentType, Src};
use crate::interp::machine::{Fault, Machine};
use crate::term::number::to_f64;
use crate::term::{Atom, Word, map};

/// What is wrong with a segment.
#[derive(Clone, Copy)]
struct Cause {
    segment: u32,
    kind: SegmentType,
    error: &'static str,
    value: Word,
}

impl Machine<'_> {
    /// A fault of `bs_create_bin` with its cause in the trace.
    #[cold]
    pub fn explained(&mut self, module: &Module, list: At, fault: Fault) -> Fault {
        let Fault::Raise(mut raised) = fault else { return fault };
        let Some(cause) = self.cause(module, &module.extra[list as usize..]) else { return fault };
        let heap = &mut self.p.heap;
        let kind = match cause.kind {
            SegmentType::Integer => "integer",
            SegmentType::Float => "float",
            SegmentType::Utf8 => "utf8",
            SegmentType::Utf16 => "utf16",
            SegmentType::Utf32 => "utf32",
            _ => "binary",
        };
        let atom = |text| Word::atom(Atom::known(text));
        let parts = [Word::small(cause.segment.into()), atom(kind), atom(cause.error), cause.value];
        let info = heap.new_tuple(&parts).and_then(|cause| {
            let pairs = [
                (Word::atom(Atom::CAUSE), cause),
                (Word::atom(Atom::FUNCTION), atom("format_bs_fail")),
                (Word::atom(Atom::MODULE), Word::atom(Atom::ERL_ERTS_ERRORS)),
            ];
            map::from_pairs(heap, &pairs)
        });
        match info.and_then(|info| self.called_with(None, Some(info))) {
            Ok(trace) => {
                raised.trace = trace;
                Fault::Raise(raised)
            }
            Err(full) => full.into(),
        }
    }

    fn cause(&self, module: &Module, list: &[u32]) -> Option<Cause> {
        let word = |operand| {
            Word(match Src(operand).operand() {
                Operand::X(n) => self.xr(n),
                Operand::Y(n) => self.y(n),
                Operand::Constant(n) => module.constants[n],
            })
        };
        let terms = segments_of(list).filter(|segment| segment.kind != SegmentType::String);
        let terms: Vec<Segment> = terms.collect();
        let mut found = None;
        for looks in [Self::size_error, Self::value_error] {
            found = found.or_else(|| {
                terms.iter().find_map(|segment| {
                    let (error, value) = looks(self, segment, word(segment.value), word(segment.size))?;
                    Some(Cause { segment: segment.number, kind: segment.kind, error, value })
                })
            });
        }
        found
    }

    /// What is wrong with a segment before anything is built, and the term to show.
    fn size_error(&self, segment: &Segment, value: Word, size: Word) -> Option<(&'static str, Word)> {
        let heap = &self.p.heap;
        match segment.kind {
            SegmentType::Utf8 | SegmentType::Utf16 | SegmentType::Append | SegmentType::PrivateAppend => None,
            SegmentType::Utf32 => (!is_code_point(value)).then_some(("type", value)),
            _ if size == Word::atom(Atom::ALL) => (!heap.is_bits(value)).then_some(("type", value)),
            _ => size_bits(heap, size, segment.unit).is_err().then_some(("size", size)),
        }
    }

    /// What is wrong with a value; nothing is with the sizes.
    fn value_error(&self, segment: &Segment, value: Word, size: Word) -> Option<(&'static str, Word)> {
        let heap = &self.p.heap;
        let bits = size_bits(heap, size, segment.unit).ok();
        let error = match segment.kind {
            SegmentType::Float if !matches!(bits, Some(16 | 32 | 64)) => return Some(("invalid", size)),
            SegmentType::Integer => (!heap.is_integer(value)).then_some("type"),
            SegmentType::Float if to_f64(heap, value).is_some() => None,
            SegmentType::Float => Some(if heap.is_integer(value) { "no_float" } else { "type" }),
            SegmentType::Utf8 | SegmentType::Utf16 | SegmentType::Utf32 => {
                (!is_code_point(value)).then_some("type")
            }
            _ if !heap.is_bits(value) => Some("type"),
            SegmentType::Binary if size != Word::atom(Atom::ALL) => {
                let is_short =
                    size_bits(heap, size, segment.unit).is_ok_and(|n| n > heap.bit_place(value).size);
                is_short.then_some("short")
            }
            _ => whole_size(heap, value, segment.unit).is_err().then_some("unit"),
        };
        error.map(|error| (error, value))
    }
}
