//! Bytes to terms, straight onto a heap.
//!
//! Terms that hold others are frames on a stack of our own; their finished elements wait on a second one.
//! Invariant: elements that wait and frames are no more than the bytes that stand for them. An error leaves only
//! unreachable words on the heap.

use super::cursor::Cursor;
use super::{EtfError, EtfFault, FunIdentity, FunTable, VERSION, compress, tag};
use crate::heap::{Heap, HeapFull};
use crate::term::bignum::LIMBS_MAX;
use crate::term::fun::ExportKey;
use crate::term::{Word, map};

/// Elements of the largest tuple.
const TUPLE_MAX: usize = (1 << 24) - 1;

#[derive(Clone, Copy, Debug)]
pub struct DecodeOptions {
    /// Refuses new atoms and new external funs.
    pub safe: bool,
    /// The most bytes that a compressed term may inflate to.
    pub inflated_max_bytes: usize,
}

impl Default for DecodeOptions {
    fn default() -> Self {
        DecodeOptions { safe: false, inflated_max_bytes: 1 << 30 }
    }
}

/// A decoded term and how many bytes of the input it took.
#[derive(Clone, Copy, Debug)]
pub struct Decoded {
    pub term: Word,
    pub used_bytes: usize,
}

/// Reads the term at the start of `input`, which begins with the version byte. What follows it is left alone.
pub fn decode(
    heap: &mut Heap,
    input: &[u8],
    options: DecodeOptions,
    funs: &mut dyn FunTable,
) -> Result<Decoded, EtfError> {
    let mut cursor = Cursor { input, at: 0, safe: options.safe };
    if cursor.u8()? != VERSION {
        return Err(EtfError { offset: 0, fault: EtfFault::BadVersion });
    }
    if input.get(1) == Some(&tag::COMPRESSED) {
        cursor.at = 2;
        let size = cursor.u32()? as usize;
        let at = cursor.at;
        let (inflated, length) = compress::inflate(&input[at..], size, options.inflated_max_bytes, at)?;
        let (term, _) = decode_term(heap, Cursor { input: &inflated, at: 0, safe: options.safe }, funs)?;
        return Ok(Decoded { term, used_bytes: at + length });
    }
    let (term, used_bytes) = decode_term(heap, cursor, funs)?;
    Ok(Decoded { term, used_bytes })
}

/// What a frame's elements become.
enum Shape {
    Tuple,
    /// The last element is the tail.
    List,
    /// Keys and values by turns.
    Map,
    Fun {
        id: u32,
        arity: u32,
    },
}

struct Frame {
    shape: Shape,
    /// Elements still to come.
    left: usize,
    /// Where its elements start among those that wait.
    start: usize,
}

enum Opened {
    Whole(Word),
    Parts(Shape, usize),
}

struct Decoder<'d> {
    heap: &'d mut Heap,
    cursor: Cursor<'d>,
    funs: &'d mut dyn FunTable,
    waiting: Vec<Word>,
}

fn decode_term(
    heap: &mut Heap,
    cursor: Cursor<'_>,
    funs: &mut dyn FunTable,
) -> Result<(Word, usize), EtfError> {
    let mut decoder = Decoder { heap, cursor, funs, waiting: Vec::new() };
    let mut frames: Vec<Frame> = Vec::new();
    loop {
        let mut word = match decoder.open()? {
            Opened::Whole(word) => word,
            Opened::Parts(shape, 0) => decoder.close(&shape, decoder.waiting.len())?,
            Opened::Parts(shape, left) => {
                frames.push(Frame { shape, left, start: decoder.waiting.len() });
                continue;
            }
        };
        loop {
            let Some(frame) = frames.last_mut() else {
                return Ok((word, decoder.cursor.at));
            };
            decoder.waiting.push(word);
            frame.left -= 1;
            if frame.left > 0 {
                break;
            }
            let frame = frames.pop().expect("it was just looked at");
            word = decoder.close(&frame.shape, frame.start)?;
        }
    }
}

impl Decoder<'_> {
    fn full<T>(&self, result: Result<T, HeapFull>) -> Result<T, EtfError> {
        result.or_else(|_| self.cursor.fail(EtfFault::HeapFull))
    }

    fn whole(&self, result: Result<Word, HeapFull>) -> Result<Opened, EtfError> {
        self.full(result).map(Opened::Whole)
    }

    /// Reads the next term, or the beginning of one that holds others.
    fn open(&mut self) -> Result<Opened, EtfError> {
        let start = self.cursor.at;
        let tag = self.cursor.u8()?;
        let cursor = &mut self.cursor;
        Ok(match tag {
            tag::SMALL_INTEGER => Opened::Whole(Word::small(i64::from(cursor.u8()?))),
            tag::INTEGER => Opened::Whole(Word::small(i64::from(cursor.u32()? as i32))),
            tag::SMALL_BIG => {
                let length = usize::from(cursor.u8()?);
                return self.big(length);
            }
            tag::LARGE_BIG => {
                let length = cursor.count(1)?;
                return self.big(length);
            }
            tag::ATOM | tag::SMALL_ATOM | tag::ATOM_UTF8 | tag::SMALL_ATOM_UTF8 => {
                Opened::Whole(Word::atom(cursor.atom(tag)?))
            }
            tag::NIL => Opened::Whole(Word::NIL),
            tag::SMALL_TUPLE => {
                let count = usize::from(cursor.u8()?);
                Opened::Parts(Shape::Tuple, count)
            }
            tag::LARGE_TUPLE => {
                let count = cursor.count(1)?;
                if count > TUPLE_MAX {
                    return cursor.fail(EtfFault::TooLarge);
                }
                Opened::Parts(Shape::Tuple, count)
            }
            tag::LIST => Opened::Parts(Shape::List, cursor.count(1)? + 1),
            tag::MAP => Opened::Parts(Shape::Map, cursor.count(2)? * 2),
            tag::PID | tag::NEW_PID => Opened::Whole(cursor.pid(tag)?),
            tag::PORT | tag::NEW_PORT | tag::V4_PORT => Opened::Whole(cursor.port(tag)?),
            _ => return self.open_boxed(tag, start),
        })
    }

    fn open_boxed(&mut self, tag: u8, start: usize) -> Result<Opened, EtfError> {
        let cursor = &mut self.cursor;
        match tag {
            tag::NEW_FLOAT => {
                let value = cursor.new_float()?;
                let made = self.heap.new_float(value);
                self.whole(made)
            }
            tag::FLOAT => {
                let value = cursor.text_float()?;
                let made = self.heap.new_float(value);
                self.whole(made)
            }
            tag::STRING => {
                let length = usize::from(cursor.u16()?);
                let bytes = cursor.take(length)?;
                let elements: Vec<Word> = bytes.iter().map(|&b| Word::small(i64::from(b))).collect();
                let made = self.heap.new_list(&elements, Word::NIL);
                self.whole(made)
            }
            tag::BINARY => {
                let length = cursor.u32()? as usize;
                let bytes = cursor.take(length)?;
                let made = self.heap.binary(bytes);
                self.whole(made)
            }
            tag::BIT_BINARY => self.bit_binary(),
            tag::REFERENCE | tag::NEW_REFERENCE | tag::NEWER_REFERENCE => {
                let id = cursor.reference(tag)?;
                let made = self.heap.new_reference(id);
                self.whole(made)
            }
            tag::EXPORT => self.export(),
            tag::NEW_FUN => self.fun(),
            _ => Err(EtfError { offset: start, fault: EtfFault::UnknownTag(tag) }),
        }
    }

    fn big(&mut self, length: usize) -> Result<Opened, EtfError> {
        let negative = self.cursor.u8()? != 0;
        let bytes = self.cursor.take(length)?;
        if length > LIMBS_MAX * 8 {
            return self.cursor.fail(EtfFault::TooLarge);
        }
        let limb = |piece: &[u8]| {
            let mut room = [0; 8];
            room[..piece.len()].copy_from_slice(piece);
            u64::from_le_bytes(room)
        };
        let made = if length <= 8 {
            self.heap.new_integer_from_limbs(negative, &[limb(bytes)])
        } else {
            let limbs: Vec<u64> = bytes.chunks(8).map(limb).collect();
            self.heap.new_integer_from_limbs(negative, &limbs)
        };
        self.whole(made)
    }

    fn bit_binary(&mut self) -> Result<Opened, EtfError> {
        let length = self.cursor.u32()? as usize;
        let last_bits = usize::from(self.cursor.u8()?);
        let bytes = self.cursor.take(length)?;
        if last_bits > 8 || (last_bits == 0) != (length == 0) {
            return self.cursor.fail(EtfFault::BadLength);
        }
        let size = (length * 8).saturating_sub(8 - last_bits);
        if last_bits == 8 || length == 0 {
            let made = self.heap.binary(bytes);
            return self.whole(made);
        }
        let mut bytes = bytes.to_vec();
        let last = bytes.last_mut().expect("there is a last byte");
        *last &= !(0xff >> last_bits);
        let made = self.heap.bitstring(&bytes, size);
        self.whole(made)
    }

    fn export(&mut self) -> Result<Opened, EtfError> {
        let start = self.cursor.at;
        let module = self.cursor.tagged_atom()?;
        let function = self.cursor.tagged_atom()?;
        let arity = self.cursor.tagged_u32()?;
        let key = ExportKey { module, function, arity };
        if arity > 255 {
            return self.cursor.fail(EtfFault::BadLength);
        }
        let Some(export) = self.funs.resolve_export(key, !self.cursor.safe) else {
            return Err(EtfError { offset: start, fault: EtfFault::UnknownExport });
        };
        let made = self.heap.new_external_fun(export);
        self.whole(made)
    }

    fn fun(&mut self) -> Result<Opened, EtfError> {
        let cursor = &mut self.cursor;
        let start = cursor.at;
        // The size field repeats what the rest says; OTP uses it to skip the fun only.
        cursor.u32()?;
        let arity = u32::from(cursor.u8()?);
        let uniq = cursor.fingerprint()?;
        let index = cursor.u32()?;
        let free = cursor.count(1)?;
        let module = cursor.tagged_atom()?;
        let (old_index, old_uniq) = (cursor.tagged_u32()?, cursor.tagged_u32()?);
        cursor.tagged_pid()?;
        let identity = FunIdentity { module, arity, index, uniq, old_index, old_uniq };
        match self.funs.resolve_fun(&identity, free) {
            Some(id) => Ok(Opened::Parts(Shape::Fun { id, arity }, free)),
            None => Err(EtfError { offset: start, fault: EtfFault::UnknownFun }),
        }
    }

    /// Makes the term whose elements wait from `start` on.
    fn close(&mut self, shape: &Shape, start: usize) -> Result<Word, EtfError> {
        let elements = &self.waiting[start..];
        let made = match shape {
            Shape::Tuple => self.heap.new_tuple(elements),
            Shape::List => {
                let (tail, heads) = elements.split_last().expect("a list has a tail");
                self.heap.new_list(heads, *tail)
            }
            Shape::Map => {
                let pairs: Vec<(Word, Word)> = elements.chunks_exact(2).map(|p| (p[0], p[1])).collect();
                let made = map::from_pairs(self.heap, &pairs);
                if made.is_ok_and(|map| map::size(self.heap, map) < pairs.len()) {
                    return self.cursor.fail(EtfFault::DuplicateKey);
                }
                made
            }
            Shape::Fun { id, arity } => self.heap.new_fun(*id, *arity, elements),
        };
        let word = self.full(made)?;
        self.waiting.truncate(start);
        Ok(word)
    }
}
