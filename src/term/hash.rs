//! Hashes of terms: the runtime's own for maps and tables, digests for traces, and `phash2`.
//!
//! The own hash runs through the term as a stream of 64-bit words: a type and size, then the content. It is
//! a function of content (atoms by text, funs by what they are called), so the shape of a map and the order
//! of a table are the same in every run.
//!
//! Invariant: terms that `=:=` holds for hash alike (so 0.0 and -0.0 do); 1 and 1.0 do not. A digest tells
//! 0.0 from -0.0, since printing does. Explicit stack only. Source: multiplicative hashing by odd constants
//! (the finalizers of splitmix64); OTP keeps a separate internal hash for the same reason.

pub use super::phash2::{phash2, phash2_full, phash2_range};

use super::fun::{export_key, fun_key};
use super::word::Tag;
use super::{Atom, Word};
use crate::heap::Heap;
use crate::heap::binary::Bits;
use crate::heap::read::View;

const FIRST: u64 = 0x9e37_79b9_7f4a_7c15;
const SECOND: u64 = 0xbf58_476d_1ce4_e5b9;
const THIRD: u64 = 0x94d0_49bb_1331_11eb;
/// What a digest starts from; a key's hash starts from its salt.
const DIGEST_SEED: u64 = 0x6a09_e667_f3bc_c908;

/// What a word of the stream stands for, in its lowest byte; sizes go above.
#[repr(u64)]
#[derive(Clone, Copy)]
enum Mark {
    Atom = 0x0b,
    Cons = 0x01,
    Tuple = 0x11,
    Map = 0x21,
    Float = 0x31,
    Positive = 0x41,
    Negative = 0x51,
    Reference = 0x61,
    Fun = 0x71,
    ExternalFun = 0x81,
    Bits = 0x91,
}

#[inline]
fn step(hash: u64, x: u64) -> u64 {
    let h = (hash ^ x).wrapping_mul(FIRST);
    h ^ (h >> 32)
}

#[inline]
fn finish(hash: u64) -> u64 {
    let h = hash.wrapping_mul(SECOND);
    let h = (h ^ (h >> 29)).wrapping_mul(THIRD);
    h ^ (h >> 32)
}

#[inline]
fn atom_word(atom: Atom) -> u64 {
    atom.digest().rotate_left(8) ^ Mark::Atom as u64
}

/// The hash of a term as a key of maps and tables.
#[inline]
pub fn internal_hash(heap: &Heap, word: Word) -> u64 {
    salted_hash(heap, word, 0)
}

/// Another hash of the same key for each `salt`, where keys collide in the last.
#[inline]
pub(crate) fn salted_hash(heap: &Heap, word: Word, salt: u64) -> u64 {
    let seed = salt.wrapping_mul(THIRD);
    match word.tag() {
        Tag::Small | Tag::Pid | Tag::Port | Tag::Nil => finish(step(seed, word.0)),
        Tag::Atom => finish(step(seed, atom_word(word.as_atom().expect("the tag says atom")))),
        _ => Stream { hash: seed, zeros_differ: false }.run(heap, word),
    }
}

/// 64 bits of a term's content, for digests of traces.
pub fn digest(heap: &Heap, word: Word) -> u64 {
    Stream { hash: DIGEST_SEED, zeros_differ: true }.run(heap, word)
}

struct Stream {
    hash: u64,
    zeros_differ: bool,
}

impl Stream {
    #[inline(never)]
    fn run(mut self, heap: &Heap, word: Word) -> u64 {
        // Runs of words still to be hashed: elements, keys and values, a trie's children.
        let mut stack: Vec<&[u64]> = Vec::new();
        let mut word = word;
        loop {
            match self.level(heap, word, &mut stack) {
                Some(next) => word = next,
                None => {
                    let Some(run) = stack.last_mut() else { return finish(self.hash) };
                    word = Word(run[0]);
                    *run = &run[1..];
                    if run.is_empty() {
                        stack.pop();
                    }
                }
            }
        }
    }

    fn word(&mut self, x: u64) {
        self.hash = step(self.hash, x);
    }

    fn mark(&mut self, mark: Mark, size: usize) {
        self.word(mark as u64 | (size as u64) << 8);
    }

    /// Takes in one level; gives the term to go on with, or leaves it to the stack.
    fn level<'a>(&mut self, heap: &'a Heap, word: Word, stack: &mut Vec<&'a [u64]>) -> Option<Word> {
        let mut push = |words: &'a [u64]| {
            if !words.is_empty() {
                stack.push(words);
            }
        };
        if word.is_boxed() && heap.header(word).kind == super::word::Kind::HashNode {
            // A node below a map's root: the size at the root says where the map ends.
            push(heap.body(word));
            return None;
        }
        match heap.view(word) {
            View::Small(_) | View::Pid(_) | View::Port(_) | View::Nil => self.word(word.0),
            View::Atom(atom) => self.word(atom_word(atom)),
            View::Cons(head, _) => {
                self.mark(Mark::Cons, 0);
                let (words, at) = heap.place(word);
                push(&words[at + 1..at + 2]);
                return Some(head);
            }
            View::Tuple(elements) => {
                self.mark(Mark::Tuple, elements.len());
                push(elements);
            }
            View::FlatMap { keys, values } => {
                self.mark(Mark::Map, keys.len());
                push(values);
                push(keys);
            }
            View::HashMap { size } => {
                self.mark(Mark::Map, size);
                push(&heap.body(word)[1..]);
            }
            View::Fun { id, free, .. } => {
                self.mark(Mark::Fun, free.len());
                match fun_key(id) {
                    Some(key) => {
                        self.word(atom_word(key.module));
                        self.word(u64::from(key.index) << 32 | u64::from(key.uniq));
                    }
                    None => self.word(u64::from(id)),
                }
                push(free);
            }
            view => self.leaf(view),
        }
        None
    }

    fn leaf(&mut self, view: View<'_>) {
        match view {
            View::Float(f) => {
                self.mark(Mark::Float, 0);
                self.word(if f == 0.0 && !self.zeros_differ { 0 } else { f.to_bits() });
            }
            View::Big { negative, limbs } => {
                self.mark(if negative { Mark::Negative } else { Mark::Positive }, limbs.len());
                limbs.iter().for_each(|&l| self.word(l));
            }
            View::Reference(id) => {
                self.mark(Mark::Reference, 0);
                self.word(id.creator);
                self.word(id.count);
            }
            View::ExternalFun { export } => {
                self.mark(Mark::ExternalFun, 0);
                match export_key(export) {
                    Some(key) => {
                        self.word(atom_word(key.module));
                        self.word(atom_word(key.function));
                        self.word(u64::from(key.arity));
                    }
                    None => self.word(u64::from(export)),
                }
            }
            View::Bits(bits) => self.bits(bits),
            _ => panic!("no term to hash"),
        }
    }

    fn bits(&mut self, bits: Bits<'_>) {
        self.mark(Mark::Bits, bits.size);
        let owned;
        let bytes = match bits.aligned() {
            Some(bytes) => bytes,
            None => {
                owned = bits.to_vec();
                &owned
            }
        };
        let mut chunks = bytes.chunks_exact(8);
        for chunk in chunks.by_ref() {
            self.word(u64::from_le_bytes(chunk.try_into().expect("a chunk of eight bytes")));
        }
        if !chunks.remainder().is_empty() {
            let mut last = [0; 8];
            last[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
            self.word(u64::from_le_bytes(last));
        }
    }
}

/// Pairs `(a, b)` of small integers such that all tuples `{a, b}` have one [`internal_hash`].
#[cfg(test)]
pub(crate) fn colliding_pairs(count: usize) -> Vec<(i64, i64)> {
    let before_last = |a: i64| {
        let mut stream = Stream { hash: 0, zeros_differ: false };
        stream.mark(Mark::Tuple, 2);
        stream.word(Word::small(a).0);
        stream.hash
    };
    // A step is one to one in (state ^ word), so the last word can make up for the state.
    let target = before_last(0) ^ Word::small(0).0;
    let last = |a: i64| Word(before_last(a) ^ target);
    (0..).filter(|&a| last(a).is_small()).map(|a| (a, last(a).small_value())).take(count).collect()
}
