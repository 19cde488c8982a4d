//! The constants of a module: immediates as they are, everything else in the literal segment.

use crate::code::LoadError;
use crate::code::beam::BeamFile;
use crate::code::error::{ChunkId, Place};
use crate::code::fun_table::KnownFuns;
use crate::code::generic::Arg;
use crate::heap::literal::Segment;
use crate::heap::parcel::{LiteralBuilder, Parcel};
use crate::heap::{Heap, HeapFull};
use crate::term::atom::FixedMap;
use crate::term::{Atom, Word, etf};

pub(super) struct Constants {
    words: Vec<u64>,
    indices: FixedMap<u64, u32>,
    literals: FixedMap<u32, u32>,
    segment_number: u32,
    builder: LiteralBuilder,
}

impl Constants {
    pub(super) fn new(segment_number: u32) -> Constants {
        Constants {
            words: Vec::new(),
            indices: FixedMap::default(),
            literals: FixedMap::default(),
            segment_number,
            builder: LiteralBuilder::new(segment_number),
        }
    }

    /// The index of a constant word.
    pub(super) fn of_word(&mut self, word: Word) -> u32 {
        let next = self.words.len() as u32;
        let index = *self.indices.entry(word.0).or_insert(next);
        if index == next {
            self.words.push(word.0);
        }
        index
    }

    pub(super) fn word(&self, index: u32) -> Word {
        Word(self.words[index as usize])
    }

    /// The index of a constant operand.
    pub(super) fn of_arg(&mut self, arg: Arg, file: &BeamFile, atoms: &[Atom]) -> Result<u32, LoadError> {
        let word = match arg {
            Arg::Nil => Word::NIL,
            Arg::Atom(ix) => Word::atom(atoms[ix.index()]),
            Arg::Literal(n) | Arg::Character(n) => Word::small(i64::from(n)),
            Arg::Integer(n) => match Word::checked_small(n) {
                Some(word) => word,
                None => self.parcel(Parcel::build(|heap| heap.new_integer(n)), 0)?,
            },
            Arg::BigInteger(range) => {
                let (negative, limbs) = limbs(range.of(&file.bytes));
                self.parcel(Parcel::build(|heap| heap.new_integer_from_limbs(negative, &limbs)), 0)?
            }
            Arg::Float(value) => self.parcel(Parcel::build(|heap| heap.new_float(value)), 0)?,
            Arg::Lit(index) => {
                if let Some(&known) = self.literals.get(&index) {
                    return Ok(known);
                }
                let word = self.parcel(decode(file.literal(index)), index)?;
                let constant = self.of_word(word);
                self.literals.insert(index, constant);
                return Ok(constant);
            }
            other => panic!("the operand check lets constants pass alone: {other:?}"),
        };
        Ok(self.of_word(word))
    }

    fn parcel<E>(&mut self, parcel: Result<Parcel, E>, literal: u32) -> Result<Word, LoadError> {
        let at = Place { chunk: Some(ChunkId(*b"LitT")), offset: literal };
        let parcel = parcel.map_err(|_| LoadError::Invalid { at, what: "a literal cannot be decoded" })?;
        Ok(self.builder.add(&parcel))
    }

    pub(super) fn finish(self) -> (Box<[u64]>, u32, Segment) {
        (self.words.into(), self.segment_number, self.builder.finish())
    }
}

/// The flags of a bit field: a literal list of atoms.
pub(super) fn flag_bits(file: &BeamFile, arg: Arg) -> Result<u32, LoadError> {
    use crate::code::instr::flags;
    let Arg::Lit(index) = arg else { return Ok(0) };
    let invalid = || LoadError::Invalid {
        at: Place { chunk: Some(ChunkId(*b"LitT")), offset: index },
        what: "the flags of a bit field must be a list of atoms",
    };
    let parcel = decode(file.literal(index)).map_err(|_| invalid())?;
    let (heap, word) = parcel.unpack(&Default::default());
    let mut bits = 0;
    for flag in heap.list(word) {
        bits |= match flag.as_atom().map(Atom::text) {
            Some("little") => flags::LITTLE,
            Some("signed") => flags::SIGNED,
            Some("native") => flags::NATIVE,
            Some("big" | "unsigned") => 0,
            // `{anno, ...}` and the like say nothing about the field.
            _ => 0,
        };
    }
    Ok(bits)
}

fn decode(bytes: &[u8]) -> Result<Parcel, HeapFull> {
    let decoded = |heap: &mut Heap| {
        etf::decode(heap, bytes, etf::DecodeOptions::default(), &mut KnownFuns)
            .map(|d| d.term)
            .map_err(|_| HeapFull)
    };
    Parcel::build(decoded)
}

/// Sign and limbs of a big-endian two's complement number.
pub(super) fn limbs(bytes: &[u8]) -> (bool, Vec<u64>) {
    let negative = bytes.first().is_some_and(|b| b & 0x80 != 0);
    let mut little: Vec<u8> = bytes.iter().rev().copied().collect();
    if negative {
        let mut carry = true;
        for byte in &mut little {
            let (value, overflow) = (!*byte).overflowing_add(u8::from(carry));
            *byte = value;
            carry = overflow;
        }
        if carry {
            little.push(1);
        }
    }
    let limb = |chunk: &[u8]| chunk.iter().rev().fold(0u64, |limb, &byte| (limb << 8) | u64::from(byte));
    (negative, little.chunks(8).map(limb).collect())
}
