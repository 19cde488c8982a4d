//! Terms to bytes.
//!
//! Invariant: an explicit stack, so depth costs no machine stack; output stops at the caller's limit, since sharing
//! inside a term is lost and a small heap can stand for a vast text.

use super::identity::{pid_fields, port_number, reference_words};
use super::{FunTable, VERSION, compress, tag};
use crate::heap::Heap;
use crate::heap::binary::Bits;
use crate::heap::read::{RefId, View};
use crate::term::bitsyntax::run::append_bytes;
use crate::term::map::Entries;
use crate::term::order::compare_keys;
use crate::term::{Atom, Word};

/// Bytes of the longest list that goes as a string.
const STRING_MAX: usize = 65535;
/// What a compressed term has beside its stream: the tag and the size.
const COMPRESSED_HEADER_BYTES: usize = 5;

#[derive(Clone, Copy, Debug)]
pub struct EncodeOptions {
    /// 0: floats as text. 1: OTP 25's default. 2: every atom in UTF-8, the default from OTP 26 on.
    pub minor_version: u8,
    /// Level 1 to 9; 0 is not compressed.
    pub compressed: u8,
    /// Map entries in the order of their keys, whatever order the map is walked in.
    pub deterministic: bool,
    /// The pid that funs are said to be made by.
    pub creator: Word,
    pub limit_bytes: usize,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        EncodeOptions {
            minor_version: 1,
            compressed: 0,
            deterministic: false,
            creator: Word(0x3),
            limit_bytes: 1 << 31,
        }
    }
}

/// Why a term has no bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EncodeFault {
    /// More than the limit, or a count that its field cannot hold.
    TooLarge,
    /// A fun that the code area does not know.
    UnknownFun,
    /// The machine has no room for the bytes.
    NoMemory,
}

/// Bytes from which on room is asked for before it is needed, since it may not be there.
const LARGE: usize = 1 << 12;
/// Bytes at least that there is room for then: more than an atom takes.
const ROOM: usize = 1 << 11;

/// What is still to be written.
enum Work<'h> {
    Term(Word),
    /// Words of an object's body.
    Elements(&'h [u64]),
    /// The rest of a list, to its tail.
    Rest(Word),
    Pairs(Box<std::vec::IntoIter<(Word, Word)>>),
    /// The end of a fun whose size field is at this place.
    FunEnd(usize),
}

struct Encoder<'h> {
    heap: &'h Heap,
    funs: &'h dyn FunTable,
    options: EncodeOptions,
    out: Vec<u8>,
    work: Vec<Work<'h>>,
}

/// The term's bytes, from the version byte on.
pub fn encode(
    heap: &Heap,
    term: Word,
    options: EncodeOptions,
    funs: &dyn FunTable,
) -> Result<Vec<u8>, EncodeFault> {
    let mut encoder = Encoder { heap, funs, options, out: vec![VERSION], work: vec![Work::Term(term)] };
    encoder.run()?;
    let plain = encoder.out;
    if options.compressed == 0 {
        return Ok(plain);
    }
    let body = &plain[1..];
    let Ok(size) = u32::try_from(body.len()) else {
        return Ok(plain);
    };
    let stream = compress::deflate(body, u32::from(options.compressed));
    if stream.len() + COMPRESSED_HEADER_BYTES >= body.len() {
        return Ok(plain);
    }
    let mut packed = vec![VERSION, tag::COMPRESSED];
    packed.extend_from_slice(&size.to_be_bytes());
    packed.extend_from_slice(&stream);
    Ok(packed)
}

fn field(count: usize) -> Result<[u8; 4], EncodeFault> {
    u32::try_from(count).map(u32::to_be_bytes).map_err(|_| EncodeFault::TooLarge)
}

impl<'h> Encoder<'h> {
    fn run(&mut self) -> Result<(), EncodeFault> {
        while let Some(work) = self.work.pop() {
            if self.out.len() > self.options.limit_bytes {
                return Err(EncodeFault::TooLarge);
            }
            if self.out.len() >= LARGE {
                self.make_room(ROOM)?;
            }
            match work {
                Work::Term(word) => self.term(word)?,
                Work::Elements([]) => {}
                Work::Elements([first, rest @ ..]) => {
                    self.work.push(Work::Elements(rest));
                    self.term(Word(*first))?;
                }
                Work::Rest(list) if list.is_list() => {
                    let (head, tail) = self.heap.cell(list);
                    self.work.push(Work::Rest(tail));
                    self.term(head)?;
                }
                Work::Rest(tail) => self.term(tail)?,
                Work::Pairs(mut pairs) => {
                    if let Some((key, value)) = pairs.next() {
                        self.work.push(Work::Pairs(pairs));
                        self.work.push(Work::Term(value));
                        self.term(key)?;
                    }
                }
                Work::FunEnd(at) => {
                    let size = field(self.out.len() - at)?;
                    self.out[at..at + 4].copy_from_slice(&size);
                }
            }
        }
        Ok(())
    }

    fn make_room(&mut self, bytes: usize) -> Result<(), EncodeFault> {
        if self.out.capacity() - self.out.len() >= bytes {
            return Ok(());
        }
        self.out.try_reserve(bytes).map_err(|_| EncodeFault::NoMemory)
    }

    fn tagged(&mut self, tag: u8, fields: &[u8]) {
        self.out.push(tag);
        self.out.extend_from_slice(fields);
    }

    fn term(&mut self, word: Word) -> Result<(), EncodeFault> {
        match self.heap.view(word) {
            View::Small(n) => self.small(n),
            View::Big { negative, limbs } => self.big(negative, limbs)?,
            View::Float(f) => self.float(f),
            View::Atom(atom) => self.atom(atom),
            View::Pid(pid) => self.pid(pid),
            View::Port(port) => self.port(port),
            View::Reference(id) => self.reference(id),
            View::Fun { id, arity, free } => self.fun(id, arity, free)?,
            View::ExternalFun { export } => self.external_fun(export)?,
            View::Nil => self.out.push(tag::NIL),
            View::Cons(..) => self.list(word)?,
            View::Tuple(elements) => {
                match u8::try_from(elements.len()) {
                    Ok(count) => self.tagged(tag::SMALL_TUPLE, &[count]),
                    Err(_) => self.tagged(tag::LARGE_TUPLE, &field(elements.len())?),
                }
                self.work.push(Work::Elements(elements));
            }
            View::FlatMap { .. } | View::HashMap { .. } => self.map(word)?,
            View::Bits(bits) => self.bits(bits)?,
        }
        Ok(())
    }

    fn small(&mut self, n: i64) {
        if let Ok(byte) = u8::try_from(n) {
            self.tagged(tag::SMALL_INTEGER, &[byte]);
        } else if let Ok(n) = i32::try_from(n) {
            self.tagged(tag::INTEGER, &n.to_be_bytes());
        } else {
            self.big(n < 0, &[n.unsigned_abs()]).expect("a small integer is short");
        }
    }

    fn big(&mut self, negative: bool, limbs: &[u64]) -> Result<(), EncodeFault> {
        let top = limbs.last().expect("a big integer has limbs");
        let length = limbs.len() * 8 - top.leading_zeros() as usize / 8;
        match u8::try_from(length) {
            Ok(short) => self.tagged(tag::SMALL_BIG, &[short]),
            Err(_) => self.tagged(tag::LARGE_BIG, &field(length)?),
        }
        self.out.push(u8::from(negative));
        let start = self.out.len();
        self.out.extend(limbs.iter().flat_map(|l| l.to_le_bytes()));
        self.out.truncate(start + length);
        Ok(())
    }

    fn float(&mut self, value: f64) {
        if self.options.minor_version > 0 {
            return self.tagged(tag::NEW_FLOAT, &value.to_bits().to_be_bytes());
        }
        // C's "%.20e": an exponent has a sign and two digits at least.
        let text = format!("{value:.20e}");
        let (mantissa, exponent) = text.split_once('e').expect("the format has an exponent");
        let exponent: i32 = exponent.parse().expect("the exponent is a number");
        let sign = if exponent < 0 { '-' } else { '+' };
        let text = format!("{mantissa}e{sign}{:02}", exponent.abs());
        let mut room = [0; 31];
        room[..text.len()].copy_from_slice(text.as_bytes());
        self.tagged(tag::FLOAT, &room);
    }

    fn atom(&mut self, atom: Atom) {
        let text = atom.text();
        if self.options.minor_version < 2 && text.chars().all(|c| u32::from(c) < 256) {
            let latin1: Vec<u8> = text.chars().map(|c| u32::from(c) as u8).collect();
            let length = u16::try_from(latin1.len()).expect("an atom has 255 characters at most");
            self.tagged(tag::ATOM, &length.to_be_bytes());
            self.out.extend_from_slice(&latin1);
            return;
        }
        match u8::try_from(text.len()) {
            Ok(length) => self.tagged(tag::SMALL_ATOM_UTF8, &[length]),
            Err(_) => {
                let length = u16::try_from(text.len()).expect("an atom has 255 characters at most");
                self.tagged(tag::ATOM_UTF8, &length.to_be_bytes());
            }
        }
        self.out.extend_from_slice(text.as_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.out.extend_from_slice(&value.to_be_bytes());
    }

    fn pid(&mut self, pid: Word) {
        let (number, serial) = pid_fields(pid);
        self.out.push(tag::NEW_PID);
        self.atom(Atom::NONODE_NOHOST);
        for part in [number, serial, 0] {
            self.u32(part);
        }
    }

    fn port(&mut self, port: Word) {
        let (number, long) = port_number(port);
        self.out.push(if long { tag::V4_PORT } else { tag::NEW_PORT });
        self.atom(Atom::NONODE_NOHOST);
        if long {
            self.out.extend_from_slice(&number.to_be_bytes());
        } else {
            self.u32(number as u32);
        }
        self.u32(0);
    }

    fn reference(&mut self, id: RefId) {
        let (words, used) = reference_words(id);
        self.tagged(tag::NEWER_REFERENCE, &(used as u16).to_be_bytes());
        self.atom(Atom::NONODE_NOHOST);
        self.u32(0);
        for &word in &words[..used] {
            self.u32(word);
        }
    }

    fn fun(&mut self, id: u32, arity: u32, free: &'h [u64]) -> Result<(), EncodeFault> {
        let fun = self.funs.fun_identity(id).ok_or(EncodeFault::UnknownFun)?;
        self.out.push(tag::NEW_FUN);
        let at = self.out.len();
        self.u32(0);
        self.out.push(arity as u8);
        self.out.extend_from_slice(&fun.uniq);
        self.u32(fun.index);
        self.u32(u32::try_from(free.len()).map_err(|_| EncodeFault::TooLarge)?);
        self.atom(fun.module);
        self.small(i64::from(fun.old_index));
        self.small(i64::from(fun.old_uniq));
        self.pid(self.options.creator);
        self.work.push(Work::FunEnd(at));
        self.work.push(Work::Elements(free));
        Ok(())
    }

    fn external_fun(&mut self, export: u32) -> Result<(), EncodeFault> {
        let key = self.funs.export_identity(export).ok_or(EncodeFault::UnknownFun)?;
        self.out.push(tag::EXPORT);
        self.atom(key.module);
        self.atom(key.function);
        self.small(i64::from(key.arity));
        Ok(())
    }

    fn list(&mut self, list: Word) -> Result<(), EncodeFault> {
        let start = self.out.len();
        self.tagged(tag::STRING, &[0, 0]);
        let mut rest = list;
        // A string as long as it lasts; anything else takes it back.
        while rest.is_list() && self.out.len() - start - 3 < STRING_MAX {
            let (head, tail) = self.heap.cell(rest);
            match head.as_small().and_then(|n| u8::try_from(n).ok()) {
                Some(byte) => self.out.push(byte),
                None => break,
            }
            rest = tail;
        }
        if rest.is_nil() {
            let length = (self.out.len() - start - 3) as u16;
            self.out[start + 1..start + 3].copy_from_slice(&length.to_be_bytes());
            return Ok(());
        }
        self.out.truncate(start);
        let mut cells = self.heap.list(list);
        let count = cells.by_ref().count();
        self.tagged(tag::LIST, &field(count)?);
        self.work.push(Work::Rest(list));
        Ok(())
    }

    fn map(&mut self, map: Word) -> Result<(), EncodeFault> {
        let mut pairs: Vec<(Word, Word)> = Entries::of(self.heap, map).collect();
        if self.options.deterministic {
            pairs.sort_unstable_by(|a, b| compare_keys(self.heap, a.0, b.0));
        }
        self.tagged(tag::MAP, &field(pairs.len())?);
        self.work.push(Work::Pairs(Box::new(pairs.into_iter())));
        Ok(())
    }

    fn bits(&mut self, bits: Bits<'_>) -> Result<(), EncodeFault> {
        let length = field(bits.byte_size())?;
        let last_bits = bits.size % 8;
        if last_bits == 0 {
            self.tagged(tag::BINARY, &length);
        } else {
            self.tagged(tag::BIT_BINARY, &length);
            self.out.push(last_bits as u8);
        }
        self.make_room(bits.byte_size())?;
        append_bytes(bits, &mut self.out);
        Ok(())
    }
}
