//! Between modules: calls and returns that leave the module, after which the fast loop goes on.
//!
//! The fast loop itself stays within one module: its code, constants and number are then values that never change,
//! which costs naive reverse 4 % less than when they do. What leaves the module is done here, without the way through
//! [`super::execute`]. Invariant, as in the fast loop: whatever gives up has changed nothing.

use super::fast::{Fast, cons, free_variables, pop_frame, read};
use crate::code::instr::Instr;
use crate::code::{CodePtr, Target};
use crate::term::Word;

impl Fast<'_> {
    /// Runs until an instruction is for no loop but the outer one.
    pub fn run_on(&mut self) {
        loop {
            self.run();
            if !self.crosses() {
                return;
            }
        }
    }

    /// Does the instruction that the loop stopped at, if all that it needs is another module.
    #[inline]
    fn crosses(&mut self) -> bool {
        match self.module.code[self.pc] {
            Instr::Return => self.gives_back(self.cp, None),
            Instr::MoveReturn { from } => {
                let word = read(from, self.x, self.stack, &self.module.constants);
                self.gives_back(self.cp, None) && self.value(word)
            }
            Instr::DeallocateReturn { slots } => self.gives_back(self.continuation(slots), Some(slots)),
            Instr::MoveDeallocateReturn { from, slots } => {
                let word = read(from, self.x, self.stack, &self.module.constants);
                self.gives_back(self.continuation(slots), Some(slots)) && self.value(word)
            }
            Instr::ConsReturn { head, tail, slots, .. } => {
                if self.heap.wants_collection(2) {
                    return false;
                }
                let constants = &self.module.constants;
                let (head, tail) =
                    (read(head, self.x, self.stack, constants), read(tail, self.x, self.stack, constants));
                if !self.gives_back(self.continuation(slots), Some(slots)) {
                    return false;
                }
                let cell = cons(self.heap, head, tail);
                self.value(cell)
            }
            Instr::CallExport { export, .. } => {
                let behind = self.behind();
                let Target::Code(target) = self.view.target(export) else { return false };
                self.enters(target) && self.continues(behind)
            }
            Instr::CallExportOnly { export, .. } => {
                let Target::Code(target) = self.view.target(export) else { return false };
                self.enters(target)
            }
            Instr::CallExportLast { export, slots, .. } => {
                let Target::Code(target) = self.view.target(export) else { return false };
                self.enters(target) && self.frees(slots)
            }
            Instr::CallFun { live, fun } => {
                let fun = read(fun, self.x, self.stack, &self.module.constants);
                let behind = self.behind();
                self.calls_fun(fun, live) && self.continues(behind)
            }
            Instr::CallFunLast { live, slots, fun } => {
                let fun = read(fun, self.x, self.stack, &self.module.constants);
                self.calls_fun(fun, live) && self.frees(slots)
            }
            _ => false,
        }
    }

    fn behind(&self) -> u64 {
        CodePtr { module: self.number, pc: self.pc as u32 + 1 }.word()
    }

    /// What is kept below so many slots.
    fn continuation(&self, slots: u16) -> u64 {
        self.stack[self.stack.len() - 1 - slots as usize]
    }

    fn value(&mut self, word: u64) -> bool {
        self.x[0] = word;
        true
    }

    fn continues(&mut self, behind: u64) -> bool {
        self.cp = behind;
        true
    }

    fn frees(&mut self, slots: u16) -> bool {
        self.cp = pop_frame(self.stack, slots as usize);
        true
    }

    /// Goes on at a place of any module; a process's outermost return is no such place.
    #[inline]
    fn goes_to(&mut self, target: CodePtr) -> bool {
        if target.module != self.number {
            let Some(module) = self.view.modules.get(target.module as usize) else { return false };
            (self.number, self.module) = (target.module, module);
        }
        self.pc = target.pc as usize;
        true
    }

    /// Returns, with the frame of so many slots gone.
    #[inline]
    fn gives_back(&mut self, continuation: u64, frame: Option<u16>) -> bool {
        if !self.goes_to(CodePtr::of_word(continuation)) {
            return false;
        }
        if let Some(slots) = frame {
            pop_frame(self.stack, slots as usize);
        }
        self.cp = 0;
        true
    }

    /// Goes into a function, which costs a reduction.
    #[inline]
    fn enters(&mut self, target: CodePtr) -> bool {
        let goes = self.left > 1 && self.goes_to(target);
        self.left -= i64::from(goes);
        goes
    }

    #[inline]
    fn calls_fun(&mut self, fun: u64, live: u8) -> bool {
        if self.left <= 1 {
            return false;
        }
        let Some((target, free)) = free_variables(Word(fun), live, self.heap, self.view) else {
            return false;
        };
        for (register, &word) in (live as usize..).zip(free) {
            self.x[register & 1023] = word;
        }
        self.enters(target)
    }
}
