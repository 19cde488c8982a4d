//! `erlang:phash/2`: the older portable hash, bit for bit as OTP computes it.
//!
//! A 32-bit register is multiplied by a prime per type and takes in the content byte by byte. Maps take in their
//! `phash2`. Invariant: explicit stack only; a function of content. Source: the documented promise that the value
//! never changes between releases and machines; checked against a live `erl`. It differs for local pids, ports,
//! references and funs, whose parts are ours.

use super::Word;
use super::fun::{export_key, fun_key};
use super::phash2::phash2_full;
use crate::heap::Heap;
use crate::heap::binary::Bits;
use crate::heap::read::View;

/// The primes, by the numbers that OTP gives them.
const P1: u32 = 268_440_163;
const P2: u32 = 268_439_161;
const P3: u32 = 268_435_459;
const P4: u32 = 268_436_141;
const P5: u32 = 268_438_633;
const P6: u32 = 268_437_017;
const P8: u32 = 268_437_511;
const P9: u32 = 268_439_627;
const P10: u32 = 268_440_479;
const P11: u32 = 268_440_577;
const P12: u32 = 268_440_581;
const P13: u32 = 268_440_593;
const P14: u32 = 268_440_611;

enum Task<'a> {
    Term(Word),
    Terms(&'a [u64]),
    /// The rest of a list.
    Tail(Word),
    /// A list is done.
    ListEnd,
    TupleEnd(u32),
}

struct State<'a> {
    hash: u32,
    stack: Vec<Task<'a>>,
}

/// All 32 bits.
pub fn phash_full(heap: &Heap, word: Word) -> u32 {
    let mut state = State { hash: 0, stack: Vec::new() };
    state.term(heap, word);
    while let Some(task) = state.stack.pop() {
        match task {
            Task::Term(word) => state.term(heap, word),
            Task::Terms([first, rest @ ..]) => {
                state.stack.push(Task::Terms(rest));
                state.term(heap, Word(*first));
            }
            Task::Terms([]) => {}
            Task::Tail(tail) => state.list(heap, tail),
            Task::ListEnd => state.hash = state.hash.wrapping_mul(P8),
            Task::TupleEnd(size) => state.take(P9, size),
        }
    }
    state.hash
}

/// `erlang:phash(Term, Range)` for a range of 1 to 2^32: 1 to the range.
pub fn phash_range(heap: &Heap, word: Word, range: u64) -> u64 {
    assert!((1..=1 << 32).contains(&range), "a range lies between 1 and 2^32");
    u64::from(phash_full(heap, word)) % range + 1
}

impl<'a> State<'a> {
    #[inline]
    fn take(&mut self, prime: u32, value: u32) {
        self.hash = self.hash.wrapping_mul(prime).wrapping_add(value);
    }

    fn bytes(&mut self, prime: u32, bytes: &[u8]) {
        for &byte in bytes {
            self.take(prime, u32::from(byte));
        }
    }

    /// A magnitude by its bytes, in whole words of 32 bits.
    fn integer(&mut self, negative: bool, limbs: &[u64]) {
        let (last, whole) = limbs.split_last().expect("an integer has a limb");
        for limb in whole {
            self.bytes(P2, &limb.to_le_bytes());
        }
        let last = last.to_le_bytes();
        let short = last[4..] == [0; 4];
        self.bytes(P2, if short { &last[..4] } else { &last });
        self.hash = self.hash.wrapping_mul(if negative { P4 } else { P3 });
    }

    fn term(&mut self, heap: &'a Heap, word: Word) {
        match heap.view(word) {
            View::Small(n) => self.integer(n < 0, &[n.unsigned_abs()]),
            View::Big { negative, limbs } => self.integer(negative, limbs),
            View::Nil => self.take(P3, 1),
            View::Atom(atom) => self.take(P1, atom.hash32()),
            View::Float(f) => {
                let bits = if f == 0.0 { 0 } else { f.to_bits() };
                self.take(P6, (bits >> 32) as u32 ^ bits as u32);
            }
            View::Cons(..) => self.list(heap, word),
            View::Tuple(elements) => {
                self.stack.push(Task::TupleEnd(elements.len() as u32));
                self.stack.push(Task::Terms(elements));
            }
            View::FlatMap { .. } | View::HashMap { .. } => {
                self.take(P13, P14.wrapping_add(phash2_full(heap, word)));
            }
            View::Bits(bits) => self.bits(bits),
            View::Pid(pid) => self.identity(P5, P6, pid.0 >> 4),
            View::Port(port) => self.identity(P9, P10, port.0 >> 4),
            View::Reference(id) => {
                self.identity(P9, P10, id.count);
                self.identity(P9, P10, id.creator);
            }
            View::Fun { id, free, .. } => {
                self.take(P10, free.len() as u32);
                if let Some(key) = fun_key(id) {
                    self.take(P1, key.module.hash32());
                    self.take(P11, key.index);
                    self.take(P12, key.uniq);
                }
                self.stack.push(Task::Terms(free));
            }
            View::ExternalFun { export } => {
                if let Some(key) = export_key(export) {
                    self.take(P11, key.arity);
                    self.take(P1, key.module.hash32());
                    self.take(P1, key.function.hash32());
                }
            }
        }
    }

    fn identity(&mut self, first: u32, second: u32, number: u64) {
        self.bytes(first, &number.to_le_bytes());
        self.hash = self.hash.wrapping_mul(second);
    }

    /// The rest of a list: bytes at its front as they are, then one other element, or the tail at its end.
    fn list(&mut self, heap: &Heap, list: Word) {
        let mut at = list;
        while at.is_list() {
            let (head, tail) = heap.cell(at);
            let Some(byte) = head.as_small().filter(|n| (0..256).contains(n)) else {
                self.stack.push(Task::Tail(tail));
                self.stack.push(Task::Term(head));
                return;
            };
            self.take(P2, byte as u32);
            at = tail;
        }
        self.stack.push(Task::ListEnd);
        self.stack.push(Task::Term(at));
    }

    fn bits(&mut self, bits: Bits<'_>) {
        let (whole, rest) = (bits.size / 8, bits.size % 8);
        match bits.slice(0, whole * 8).aligned() {
            Some(bytes) => self.bytes(P1, bytes),
            None => (0..whole).for_each(|i| self.take(P1, u32::from(bits.byte(i)))),
        }
        if rest > 0 {
            self.take(P1, u32::from(bits.byte(whole) >> (8 - rest)));
            self.take(P12, rest as u32);
        }
        self.take(P4, whole as u32);
    }
}
