//! The machine while it runs a process: registers, frames, safepoints, parking.

use super::bits::Construction;
use crate::code::CodePtr;
use crate::code::instr::{Dst, Operand, Src};
use crate::heap::HeapFull;
use crate::heap::collect::Scratch;
use crate::heap::parcel::Parcel;
use crate::planted;
use crate::process::few::FewMap;
use crate::process::signal::Signal;
use crate::process::{Process, Resume};
use crate::term::bitsyntax::BitBuilder;
use crate::term::{Atom, Word};
use crate::world::{Report, World};

pub(super) const OUTERMOST: CodePtr = CodePtr::OUTERMOST;

/// Why execution stopped. Everything that the process needs to go on is parked in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stop {
    /// Its calls are used up.
    Yield,
    /// It lets others run.
    GaveWay,
    /// The world does not permit its next operation yet.
    Refused,
    /// It waits for a message, a reply or a time.
    Wait,
    /// Its exit steps begin.
    Exit,
    /// Newer code is to be seen.
    Reload,
}

/// What keeps an instruction from going on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// An exception; see [`super::except`].
    Raise(super::except::Raised),
    HeapFull,
    /// The process has begun to exit.
    Dead,
}

impl From<HeapFull> for Fault {
    fn from(_: HeapFull) -> Self {
        Fault::HeapFull
    }
}

pub(super) struct Machine<'a> {
    pub p: &'a mut Process,
    pub x: &'a mut [u64; 1024],
    pub float: &'a mut [f64; 1024],
    pub scratch: &'a mut Scratch,
    pub signals: &'a mut Vec<Signal>,
    pub builder: &'a mut BitBuilder,
    pub construction: Construction,
    pub world: &'a mut dyn World,
    /// Whether visible operations ask first.
    pub asks: bool,
    /// Reductions left.
    pub left: i64,
}

impl Machine<'_> {
    #[inline(always)]
    pub fn xr(&self, n: usize) -> u64 {
        self.x[n & 1023]
    }

    #[inline(always)]
    pub fn set_x(&mut self, n: usize, word: u64) {
        self.x[n & 1023] = word;
    }

    #[inline(always)]
    pub fn y(&self, n: usize) -> u64 {
        let stack = &self.p.stack;
        stack[stack.len() - 1 - n]
    }

    #[inline(always)]
    pub fn set_y(&mut self, n: usize, word: u64) {
        let stack = &mut self.p.stack;
        let top = stack.len();
        stack[top - 1 - n] = word;
    }

    #[inline(always)]
    pub fn get(&self, src: Src, constants: &[u64]) -> u64 {
        match src.operand() {
            Operand::X(n) => self.xr(n),
            Operand::Y(n) => self.y(n),
            Operand::Constant(n) => constants[n],
        }
    }

    #[inline(always)]
    pub fn set(&mut self, dst: Dst, word: u64) {
        if dst.is_y() {
            self.set_y(dst.index(), word);
        } else {
            self.set_x(dst.index(), word);
        }
    }

    /// Pushes a frame: the continuation, then `slots` nils.
    #[inline(always)]
    pub fn push_frame(&mut self, continuation: u64, slots: usize) {
        let stack = &mut self.p.stack;
        stack.push(continuation);
        match slots {
            0 => {}
            1 => stack.push(Word::NIL.0),
            2 => stack.extend_from_slice(&[Word::NIL.0; 2]),
            3 => stack.extend_from_slice(&[Word::NIL.0; 3]),
            4 => stack.extend_from_slice(&[Word::NIL.0; 4]),
            _ => stack.resize(stack.len() + slots, Word::NIL.0),
        }
    }

    /// Pops a frame; its continuation.
    #[inline(always)]
    pub fn pop_frame(&mut self, slots: usize) -> u64 {
        let stack = &mut self.p.stack;
        let at = stack.len() - 1 - slots;
        let continuation = stack[at];
        stack.truncate(at);
        continuation
    }

    /// Gives up the frame's slots that came last.
    pub fn trim(&mut self, slots: usize) {
        let top = self.p.stack.len();
        self.p.stack.truncate(top - slots);
    }

    /// Puts a cell on the heap; room was reserved.
    #[inline(always)]
    pub fn cons(&mut self, head: u64, tail: u64) -> u64 {
        let words = &mut self.p.heap.words;
        let at = words.len();
        words.extend_from_slice(&[head, tail]);
        Word::list(at).0
    }

    /// Makes room for `need` words, collecting with `x[..live]` as roots if that is due.
    #[inline(always)]
    pub fn test_heap(&mut self, need: usize, live: usize) -> Result<(), Fault> {
        if self.p.heap.wants_collection(need) { self.safepoint(need, live) } else { Ok(()) }
    }

    /// The slow half of [`Machine::test_heap`].
    #[cold]
    #[inline(never)]
    pub fn safepoint(&mut self, need: usize, live: usize) -> Result<(), Fault> {
        let due = self.p.heap.semantic_due(need)
            || self.asks && self.p.heap.question_due() && self.world.collect_now(self.p.control.pid);
        if due {
            let over = self.p.collect(&mut self.x[..live], need, false, self.scratch)?;
            super::release(self.p, self.world);
            if over {
                self.over_limit()?;
            }
        }
        if self.p.heap.policy.exhausted {
            return Err(Fault::HeapFull);
        }
        if self.p.stress_due() {
            self.p.collect_stress(&mut self.x[..], live, self.scratch);
        }
        self.p.heap.reserve(need)?;
        self.p.heap.open_limit();
        Ok(())
    }

    /// After a run of calls: the process begins to exit if its stack has grown too far. A limit that does not kill is
    /// reported by collections alone.
    pub fn look_at_stack(&mut self) {
        match self.p.look_at_stack() {
            Ok(true) if self.p.heap.policy.max.kill => {
                let _ = self.over_limit();
            }
            Ok(_) => {}
            Err(HeapFull) => self.p.leave(Parcel::immediate(Word::atom(Atom::SYSTEM_LIMIT))),
        }
    }

    /// The process passed its `max_heap_size`.
    fn over_limit(&mut self) -> Result<(), Fault> {
        let max = self.p.heap.policy.max;
        let pid = self.p.control.pid;
        if max.error_logger {
            let name = self.world.name_of(pid);
            self.world.report(Report::HeapLimit { pid, name, words: self.p.heap.len(), killed: max.kill });
        }
        if max.kill {
            if planted!(HeapKillSilent) {
                self.p.control.watchers = FewMap::Empty;
            }
            self.p.leave(Parcel::immediate(Word::atom(Atom::KILLED)));
            return Err(Fault::Dead);
        }
        Ok(())
    }

    /// A term that a native function made, as a root while a collection that it made due happens.
    #[inline(always)]
    pub fn settle(&mut self, value: Word, live: usize) -> Result<Word, Fault> {
        if self.p.heap.wants_collection(0) { self.settle_slow(value, live) } else { Ok(value) }
    }

    #[cold]
    #[inline(never)]
    fn settle_slow(&mut self, value: Word, live: usize) -> Result<Word, Fault> {
        self.set_x(live, value.0);
        self.safepoint(0, live + 1)?;
        Ok(Word(self.xr(live)))
    }

    /// Saves what the process needs to go on at `at`.
    pub fn park(&mut self, at: CodePtr, continuation: u64, live: usize) {
        let parked = &mut self.p.parked;
        parked.x.clear();
        // A few words are moved sooner than `memmove` is called.
        match self.x[..live] {
            [] => {}
            [a] => parked.x.push(a),
            [a, b] => {
                parked.x.push(a);
                parked.x.push(b);
            }
            ref all => parked.x.extend_from_slice(all),
        }
        parked.at = at;
        parked.continuation = continuation;
        parked.resume = Resume::Code;
    }
}
