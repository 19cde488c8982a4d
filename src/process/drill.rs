//! A drill for a process's memory: bytes pick operations, and no term may change but by them.
//!
//! Registers and stack slots hold terms; with each goes its digest from when it was made. Between operations
//! lies a safepoint, as in the interpreter. After each collection all digests are taken anew, and at the end the
//! same bytes under another plan must have come to the same terms and to as many semantic collections. Any bytes
//! are a drill; the fuzzer and the property test make them.

use super::Process;
use super::pid::{PathKey, Pid, Serial};
use crate::heap::binary::BitPlace;
use crate::heap::collect::Scratch;
use crate::heap::parcel::LiteralBuilder;
use crate::heap::policy::{GcPlan, Policy};
use crate::heap::{Heap, HeapFull};
use crate::term::hash::digest;
use crate::term::{Atom, Word, map};
use std::sync::Arc;

/// Live registers.
const REGISTERS: usize = 8;
/// Registers in all: a stress collection poisons some behind the live ones.
const MACHINE_REGISTERS: usize = 64;
const STACK_MAX: usize = 16;
/// Nodes of one term, counted as a tree: shared parts multiply when they are sent or hashed.
const TERM_NODES_MAX: u64 = 2048;
/// Room that one operation may need without asking.
const ROOM_WORDS: usize = 64;
/// Ceiling of a drill that is to meet a full heap.
const LOW_CEILING_WORDS: usize = 2048;
const MEMORY: &str = "there is memory to collect a small heap with";

/// What a term was when it was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Made {
    digest: u64,
    nodes: u64,
}

/// What a drill came to.
#[derive(PartialEq, Eq, Debug)]
struct Outcome {
    registers: Vec<Made>,
    stack: Vec<Made>,
    semantic_collections: u64,
}

/// Runs the drill that the bytes describe. Panics if the memory did not keep what was put there.
pub fn run(bytes: &[u8]) {
    let mut header = Bytes(bytes);
    let (plan, modes) = (header.next(), header.next());
    let plan = match plan % 4 {
        0 => GcPlan::Normal,
        1 => GcPlan::Every(1 + u32::from(plan / 4) % 16),
        _ => GcPlan::EverySafepoint,
    };
    let mut policy = Policy { plan, exact: modes & 1 != 0, ..Policy::default() };
    if modes & 2 != 0 {
        policy.ceiling_words = LOW_CEILING_WORDS;
    }
    if modes & 4 != 0 {
        policy.fullsweep_after = u32::from(modes >> 4);
    }
    let outcome = Drill::new(policy).run(header);
    // In a production heap, and at the ceiling, what a collection leaves depends on when the last one was.
    if policy.exact && modes & 2 == 0 {
        let normal = Policy { plan: GcPlan::Normal, ..policy };
        assert_eq!(outcome, Drill::new(normal).run(header), "{plan:?} can be told from the normal plan");
    }
}

/// The rest of the input; zeros when it is used up.
#[derive(Clone, Copy)]
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn next(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Eight bytes, or what is left of them.
    fn word(&mut self) -> u64 {
        self.take(8).iter().fold(0, |n, &b| n << 8 | u64::from(b))
    }

    fn register(&mut self) -> usize {
        usize::from(self.next()) % REGISTERS
    }

    fn registers(&mut self) -> Vec<usize> {
        let count = usize::from(self.next()) % 6;
        (0..count).map(|_| self.register()).collect()
    }
}

struct Drill {
    process: Process,
    x: Vec<u64>,
    registers: Vec<Made>,
    stack: Vec<Made>,
    scratch: Scratch,
}

impl Drill {
    fn new(policy: Policy) -> Drill {
        let heap = Heap::new(Arc::default(), policy);
        let nil = Made { digest: digest(&heap, Word::NIL), nodes: 1 };
        Drill {
            process: Process::new(heap, Pid::numbered(Serial(1)), PathKey::ROOT),
            x: vec![Word::NIL.0; MACHINE_REGISTERS],
            registers: vec![nil; REGISTERS],
            stack: Vec::new(),
            scratch: Scratch::default(),
        }
    }

    fn run(mut self, mut bytes: Bytes<'_>) -> Outcome {
        while !bytes.0.is_empty() {
            if self.safepoint().is_ok() {
                self.operation(&mut bytes);
            }
        }
        self.check();
        let (registers, stack) = (self.registers.clone(), self.stack.clone());
        let semantic_collections = self.process.heap.policy.collections;
        self.nothing_is_left();
        Outcome { registers, stack, semantic_collections }
    }

    /// As the interpreter's, for an operation with room for [`ROOM_WORDS`].
    fn safepoint(&mut self) -> Result<(), HeapFull> {
        let Drill { process, x, scratch, .. } = self;
        if process.heap.wants_collection(ROOM_WORDS) {
            if process.heap.semantic_due(ROOM_WORDS) {
                process.collect(&mut x[..REGISTERS], ROOM_WORDS, false, scratch).expect(MEMORY);
            }
            if process.stress_due() {
                process.collect_stress(x, REGISTERS, scratch);
            }
            self.check();
        }
        self.process.heap.reserve(ROOM_WORDS)
    }

    fn operation(&mut self, bytes: &mut Bytes<'_>) {
        match bytes.next() % 24 {
            0 => self.collect(bytes.next() & 1 != 0),
            1 => self.process.collect_stress(&mut self.x, REGISTERS, &mut self.scratch),
            2 => self.push(bytes.register()),
            3 => self.pop(bytes.register()),
            4 => self.fork(),
            5 => self.make_literal(bytes.register()),
            _ => {
                let to = bytes.register();
                let from = bytes.registers();
                let nodes = from.iter().map(|&r| self.registers[r].nodes).sum::<u64>() + 64;
                if nodes <= TERM_NODES_MAX
                    && let Ok(word) = self.build(&from, bytes)
                {
                    self.x[to] = word.0;
                    let made = digest(&self.process.heap, word);
                    self.registers[to] = Made { digest: made, nodes };
                }
            }
        }
    }

    /// A term from those in the given registers. A full heap leaves everything as it was.
    fn build(&mut self, from: &[usize], bytes: &mut Bytes<'_>) -> Result<Word, HeapFull> {
        let words: Vec<Word> = from.iter().map(|&r| Word(self.x[r])).collect();
        let first = words.first().copied().unwrap_or(Word::NIL);
        let rest = words.get(1..).unwrap_or(&[]);
        let heap = &mut self.process.heap;
        match bytes.next() % 14 {
            0 => heap.new_integer(bytes.word() as i64),
            1 => heap.new_integer_from_limbs(bytes.next() & 1 != 0, &[bytes.word(), bytes.word()]),
            2 => heap.new_float(f64::from(bytes.word() as u32)),
            3 => heap.new_list(rest, first),
            4 => heap.new_tuple(&words),
            5 | 6 => {
                let pairs: Vec<(Word, Word)> =
                    rest.iter().map(|&value| (Word::small(bytes.next().into()), value)).collect();
                let of = if heap.is_map(first) { first } else { map::empty(heap)? };
                pairs.into_iter().try_fold(of, |of, (key, value)| map::put(heap, of, key, value))
            }
            7 if heap.is_map(first) => map::remove(heap, first, Word::small(bytes.next().into())),
            8 => {
                let size = usize::from(bytes.next());
                heap.binary(bytes.take(size))
            }
            9 => slice(heap, first, bytes.next()),
            10 => append(heap, first, bytes),
            11 => heap.new_fun(u32::from(bytes.next()), 1, &words),
            12 => {
                let parcel = heap.parcel(first)?;
                heap.absorb(&parcel)
            }
            13 => Ok(Word::atom(Atom::OK)),
            _ => Ok(first),
        }
    }

    fn collect(&mut self, major: bool) {
        self.process.collect(&mut self.x[..REGISTERS], 0, major, &mut self.scratch).expect(MEMORY);
        self.check();
    }

    fn push(&mut self, register: usize) {
        if self.stack.len() < STACK_MAX {
            self.process.stack.push(self.x[register]);
            self.stack.push(self.registers[register]);
        }
    }

    fn pop(&mut self, register: usize) {
        if let (Some(word), Some(made)) = (self.process.stack.pop(), self.stack.pop()) {
            self.x[register] = word;
            self.registers[register] = made;
        }
    }

    /// Goes on with a copy of the process; what the original does then is no matter of the copy.
    fn fork(&mut self) {
        let copy = self.process.clone();
        let mut original = std::mem::replace(&mut self.process, copy);
        original.collect(&mut [], 0, true, &mut self.scratch).expect(MEMORY);
        drop(original);
        self.check();
    }

    /// A register's term moves to the literal area.
    fn make_literal(&mut self, register: usize) {
        let heap = &mut self.process.heap;
        let Ok(parcel) = heap.parcel(Word(self.x[register])) else { return };
        let mut segment = LiteralBuilder::new(heap.literals.len() as u32);
        let word = segment.add(&parcel);
        let literals = Arc::new(heap.literals.with(Arc::new(segment.finish())));
        heap.set_literals(&literals);
        self.x[register] = word.0;
        self.check();
    }

    /// Every term is still what it was made as, and the heap is in order.
    fn check(&self) {
        let heap = &self.process.heap;
        let mut roots = self.x[..REGISTERS].to_vec();
        roots.extend_from_slice(&self.process.stack);
        if let Err(damage) = heap.verify(&roots) {
            panic!("heap verification failed at word {}: {}", damage.at, damage.what);
        }
        for (at, (&root, made)) in roots.iter().zip(self.registers.iter().chain(&self.stack)).enumerate() {
            assert_eq!(digest(heap, Word(root)), made.digest, "the term of root {at} changed");
        }
    }

    /// Without roots a major collection leaves no term and no shared binary.
    fn nothing_is_left(&mut self) {
        self.process.stack.clear();
        self.process.collect(&mut [], 0, true, &mut self.scratch).expect(MEMORY);
        let heap = &self.process.heap;
        assert_eq!(heap.len(), heap.young_pad(), "words are left without a root");
        assert!(heap.resources.is_empty(), "a shared binary is left without a root");
    }
}

/// Part of a bitstring, or the term itself if it is none.
fn slice(heap: &mut Heap, of: Word, part: u8) -> Result<Word, HeapFull> {
    if !heap.is_bits(of) {
        return Ok(of);
    }
    let whole = heap.bit_place(of);
    let skipped = usize::from(part) % (whole.size + 1);
    heap.sub_binary(BitPlace { base: whole.base, offset: whole.offset + skipped, size: whole.size - skipped })
}

/// A bitstring with some bytes more, in place where the runtime may do that.
fn append(heap: &mut Heap, to: Word, bytes: &mut Bytes<'_>) -> Result<Word, HeapFull> {
    let size = usize::from(bytes.next());
    let more = bytes.take(size);
    if !heap.is_bits(to) {
        return heap.growing_binary(more.to_vec(), more.len() * 8);
    }
    let run = crate::heap::binary::Bits::new(more);
    if heap.grows(to) { heap.append_in_place(to, run) } else { Ok(to) }
}
