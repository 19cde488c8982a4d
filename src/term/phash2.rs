//! `erlang:phash2/1,2`: the portable hash, bit for bit as OTP computes it.
//!
//! A 32-bit register goes through the term in order and is mixed with each leaf by Bob Jenkins' 1996
//! function; a constant per type keeps types apart. Pairs of a map are hashed each on its own and joined by
//! exclusive or, so that their order plays no part.
//!
//! Invariant: explicit stack only; a function of content. Source: the documented promise that the value
//! never changes between releases and machines; checked against a live `erl`. It differs for local pids,
//! ports, references and funs, whose parts are ours.

use super::Word;
use super::fun::{export_key, fun_key};
use super::word::Tag;
use crate::heap::Heap;
use crate::heap::binary::Bits;
use crate::heap::read::View;

/// The golden ratio's fraction; type number `n` adds `n` times as much.
const GOLDEN: u32 = 0x9e37_79b9;

const fn constant(n: u32) -> u32 {
    GOLDEN.wrapping_mul(n)
}

const NUMBER: u32 = GOLDEN;
const NIL: u32 = constant(2);
const ATOM: u32 = constant(3);
const BYTES_OF_LIST: u32 = constant(4);
const PID: u32 = constant(5);
const PORT: u32 = constant(6);
const REFERENCE: u32 = constant(7);
const TUPLE: u32 = constant(9);
const NEGATIVE: u32 = constant(10);
const POSITIVE: u32 = constant(11);
const FLOAT: u32 = constant(12);
const BINARY: u32 = constant(13);
const EXPORT: u32 = constant(14);
const LAST_BITS: u32 = constant(15);
const MAP: u32 = constant(16);
const MAP_END: u32 = constant(19);
/// `[]` where nothing was hashed before it, and elsewhere.
const NIL_ALONE: u32 = 3_468_870_702;
const NIL_WORD: u32 = 2;
/// Bits of `phash2/1`'s answer.
const DEFAULT_MASK: u32 = (1 << 27) - 1;

/// `erlang:phash2(Term)`: below 2^27.
#[inline]
pub fn phash2(heap: &Heap, word: Word) -> u32 {
    phash2_full(heap, word) & DEFAULT_MASK
}

/// `erlang:phash2(Term, Range)` for a range of 1 to 2^32.
pub fn phash2_range(heap: &Heap, word: Word, range: u64) -> u32 {
    assert!((1..=1 << 32).contains(&range), "a range lies between 1 and 2^32");
    (u64::from(phash2_full(heap, word)) % range) as u32
}

/// All 32 bits.
pub fn phash2_full(heap: &Heap, word: Word) -> u32 {
    let mut state = State { hash: 0, pairs: 0, stack: Vec::new() };
    state.term(heap, word);
    while let Some(task) = state.stack.pop() {
        state.task(heap, task);
    }
    state.hash
}

enum Task<'a> {
    Term(Word),
    Terms(&'a [u64]),
    Entries {
        keys: &'a [u64],
        values: &'a [u64],
    },
    /// Children of a trie's node.
    Children(&'a [u64]),
    /// The register holds the hash of a pair.
    PairEnd,
    /// All pairs of a map are joined; what was hashed before it.
    MapEnd {
        hash: u32,
        pairs: u32,
    },
}

struct State<'a> {
    hash: u32,
    /// Hashes of the current map's pairs, joined.
    pairs: u32,
    stack: Vec<Task<'a>>,
}

/// Jenkins' mixing of three registers; the last is the result.
fn mix(mut a: u32, mut b: u32, mut c: u32) -> (u32, u32, u32) {
    for (first, second, third) in [(13, 8, 13), (12, 16, 5), (3, 10, 15)] {
        a = a.wrapping_sub(b).wrapping_sub(c) ^ (c >> first);
        b = b.wrapping_sub(c).wrapping_sub(a) ^ (a << second);
        c = c.wrapping_sub(a).wrapping_sub(b) ^ (b >> third);
    }
    (a, b, c)
}

/// Jenkins' hash of bytes, twelve at a time.
fn hash_bytes(byte: impl Fn(usize) -> u8, length: usize, initial: u32) -> u32 {
    let word = |at: usize| u32::from_le_bytes([byte(at), byte(at + 1), byte(at + 2), byte(at + 3)]);
    let (mut a, mut b, mut c) = (GOLDEN, GOLDEN, initial);
    let whole = length / 12 * 12;
    for at in (0..whole).step_by(12) {
        (a, b, c) = mix(a.wrapping_add(word(at)), b.wrapping_add(word(at + 4)), c.wrapping_add(word(at + 8)));
    }
    c = c.wrapping_add(length as u32);
    // The third register's lowest byte is kept for the length.
    let places =
        [(0, 0), (0, 8), (0, 16), (0, 24), (1, 0), (1, 8), (1, 16), (1, 24), (2, 8), (2, 16), (2, 24)];
    for (at, (register, shift)) in (whole..length).zip(places) {
        let part = u32::from(byte(at)) << shift;
        match register {
            0 => a = a.wrapping_add(part),
            1 => b = b.wrapping_add(part),
            _ => c = c.wrapping_add(part),
        }
    }
    mix(a, b, c).2
}

impl<'a> State<'a> {
    fn mix(&mut self, x: u32, y: u32, constant: u32) {
        self.hash = mix(constant.wrapping_add(x), constant.wrapping_add(y), self.hash).2;
    }

    fn task(&mut self, heap: &'a Heap, task: Task<'a>) {
        match task {
            Task::Term(word) => self.term(heap, word),
            Task::Terms(words) => {
                if let [first, rest @ ..] = words {
                    if !rest.is_empty() {
                        self.stack.push(Task::Terms(rest));
                    }
                    self.term(heap, Word(*first));
                }
            }
            Task::Entries { keys: [key, keys @ ..], values: [value, values @ ..] } => {
                self.stack.push(Task::Entries { keys, values });
                self.pair(heap, Word(*key), Word(*value));
            }
            Task::Entries { .. } => {}
            Task::Children([child, rest @ ..]) => {
                self.stack.push(Task::Children(rest));
                let child = Word(*child);
                if child.is_list() {
                    let (key, value) = heap.cell(child);
                    self.pair(heap, key, value);
                } else {
                    self.stack.push(Task::Children(heap.body(child)));
                }
            }
            Task::Children([]) => {}
            Task::PairEnd => {
                self.pairs ^= self.hash;
                self.hash = 0;
            }
            Task::MapEnd { hash, pairs } => {
                self.hash = hash;
                self.mix(self.pairs, 0, MAP_END);
                self.pairs = pairs;
            }
        }
    }

    fn pair(&mut self, heap: &'a Heap, key: Word, value: Word) {
        self.stack.push(Task::PairEnd);
        self.stack.push(Task::Term(value));
        self.term(heap, key);
    }

    fn term(&mut self, heap: &'a Heap, word: Word) {
        match heap.view(word) {
            View::Small(n) => self.small(n),
            View::Atom(atom) if self.hash == 0 => self.hash = atom.hash32(),
            View::Atom(atom) => self.mix(atom.hash32(), 0, ATOM),
            View::Nil if self.hash == 0 => self.hash = NIL_ALONE,
            View::Nil => self.mix(NIL_WORD, 0, NIL),
            View::Cons(..) => self.list(heap, word),
            View::Tuple(elements) => {
                self.mix(elements.len() as u32, 0, TUPLE);
                self.stack.push(Task::Terms(elements));
            }
            View::FlatMap { keys, values } => self.map(keys.len(), Task::Entries { keys, values }),
            View::HashMap { size } => self.map(size, Task::Children(&heap.body(word)[1..])),
            View::Bits(bits) => self.bits(bits),
            View::Big { negative, limbs } => {
                let constant = if negative { NEGATIVE } else { POSITIVE };
                limbs.iter().for_each(|&l| self.mix(l as u32, (l >> 32) as u32, constant));
            }
            View::Float(f) => {
                let bits = if f == 0.0 { 0 } else { f.to_bits() };
                self.mix((bits >> 32) as u32, bits as u32, FLOAT);
            }
            View::Pid(pid) => self.mix((pid.0 >> 4) as u32, (pid.0 >> 36) as u32, PID),
            View::Port(port) => self.mix((port.0 >> 4) as u32, (port.0 >> 36) as u32, PORT),
            View::Reference(id) => {
                self.mix(id.count as u32, (id.count >> 32) as u32, REFERENCE);
                self.mix(id.creator as u32, (id.creator >> 32) as u32, REFERENCE);
            }
            View::Fun { id, free, .. } => self.fun(id, free),
            View::ExternalFun { export } => match export_key(export) {
                Some(key) => {
                    self.mix(key.arity, key.module.hash32(), NUMBER);
                    self.mix(key.function.hash32(), 0, EXPORT);
                }
                None => self.mix(export, 0, EXPORT),
            },
        }
    }

    fn map(&mut self, size: usize, entries: Task<'a>) {
        self.mix(size as u32, 0, MAP);
        if size > 0 {
            self.stack.push(Task::MapEnd { hash: self.hash, pairs: self.pairs });
            self.stack.push(entries);
            self.hash = 0;
            self.pairs = 0;
        }
    }

    fn fun(&mut self, id: u32, free: &'a [u64]) {
        match fun_key(id) {
            Some(key) => {
                self.mix(free.len() as u32, key.module.hash32(), NUMBER);
                self.mix(key.index, key.uniq, NUMBER);
            }
            None => self.mix(free.len() as u32, id, NUMBER),
        }
        self.stack.push(Task::Terms(free));
    }

    fn small(&mut self, n: i64) {
        let magnitude = n.unsigned_abs();
        if (-(1 << 27)..1 << 27).contains(&n) {
            if n < 0 {
                self.mix(magnitude as u32, 0, NUMBER);
            }
            self.mix(n as u32, 0, NUMBER);
        } else {
            let constant = if n < 0 { NEGATIVE } else { POSITIVE };
            self.mix(magnitude as u32, (magnitude >> 32) as u32, constant);
        }
    }

    /// A list: leading bytes are taken four at a time, then the first other head, then the tail.
    fn list(&mut self, heap: &'a Heap, list: Word) {
        let (mut at, mut packed, mut count) = (list, 0u32, 0);
        while at.tag() == Tag::List {
            let (head, tail) = heap.cell(at);
            let Some(byte) = head.as_small().filter(|n| (0..256).contains(n)) else { break };
            packed = (packed << 8) + byte as u32;
            count += 1;
            if count == 4 {
                self.mix(packed, 0, BYTES_OF_LIST);
                (packed, count) = (0, 0);
            }
            at = tail;
        }
        if count > 0 {
            self.mix(packed, 0, BYTES_OF_LIST);
        }
        if at.is_list() {
            let (head, tail) = heap.cell(at);
            self.stack.push(Task::Term(tail));
            self.stack.push(Task::Term(head));
        } else {
            self.stack.push(Task::Term(at));
        }
    }

    fn bits(&mut self, bits: Bits<'_>) {
        let initial = BINARY.wrapping_add(self.hash);
        if bits.size == 0 {
            self.hash = initial;
            return;
        }
        let (whole, rest) = (bits.size / 8, bits.size % 8);
        self.hash = match bits.slice(0, whole * 8).aligned() {
            Some(bytes) => hash_bytes(|i| bytes[i], whole, initial),
            None => hash_bytes(|i| bits.byte(i), whole, initial),
        };
        if rest > 0 {
            self.mix(rest as u32, u32::from(bits.byte(whole) >> (8 - rest)), LAST_BITS);
        }
    }
}
