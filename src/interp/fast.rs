//! The fast loop: instructions that touch registers, the frame and the heap of one process, and no more.
//!
//! It runs until it meets an instruction that it does not know, or one that needs something slow (a
//! collection, a big number, no reductions left). That instruction is then run as a whole by
//! [`super::execute`], so every arm here must change nothing before it gives up; what a native function came to is
//! handed over. Registers, heap and stack are locals of this one loop, which is why it is apart.
//!
//! There are two of it. One stays within a module, whose code, constants and number are values that never change, which
//! costs naive reverse 4 % less than when they do. It ends where the module is left; then the other takes over.

use super::bits::{self, Site};
use super::call::Natives;
use super::scan::scan;
use crate::code::instr::{Dst, Instr, NO_REGISTER, Operand, Src, Test};
use crate::code::{CodePtr, CodeView, FunId, Module, Target};
use crate::heap::Heap;
use crate::process::mailbox::Arrival;
use crate::term::Word;
use crate::term::bitsyntax::BitBuilder;
use crate::term::order::equal_exact;
use crate::term::word::{Header, Kind};

/// What the loop works on, and where it stopped. The references are read from here, one by one, on purpose: as
/// arguments, or as parts of one process, they would be known not to alias, and the compiler would carry the ends of
/// heap and stack from one instruction to the next in more registers than there are (a quarter more instructions in
/// naive reverse).
pub(super) struct Fast<'a> {
    pub x: &'a mut [u64; 1024],
    pub heap: &'a mut Heap,
    pub stack: &'a mut Vec<u64>,
    pub builder: &'a mut BitBuilder,
    /// Catches and tries on the stack.
    pub catches: &'a mut u32,
    pub natives: Natives<'a>,
    pub module: &'a Module,
    pub view: &'a CodeView,
    pub number: u32,
    pub pc: usize,
    pub cp: u64,
    /// Reductions left; the loop stops before it would use the last one.
    pub left: i64,
    /// A message that was taken from the mailbox, of which the world is still to be told.
    pub taken: Option<Arrival>,
    /// Whether another module has been entered by now.
    pub crosses: bool,
}

const SMALL: u64 = 15;

#[inline(always)]
fn read(src: Src, x: &[u64; 1024], stack: &[u64], constants: &[u64]) -> u64 {
    match src.operand() {
        Operand::X(n) => x[n & 1023],
        Operand::Y(n) => stack[stack.len() - 1 - n],
        Operand::Constant(n) => constants[n],
    }
}

#[inline(always)]
fn write(dst: Dst, word: u64, x: &mut [u64; 1024], stack: &mut [u64]) {
    if dst.is_y() {
        let top = stack.len();
        stack[top - 1 - dst.index()] = word;
    } else {
        x[dst.index() & 1023] = word;
    }
}

#[inline(always)]
fn push_frame(stack: &mut Vec<u64>, continuation: u64, slots: usize) {
    // One push after the other: `extend_from_slice` becomes a call where it is used as often as here.
    stack.push(continuation);
    for _ in 0..slots {
        stack.push(Word::NIL.0);
    }
}

#[inline(always)]
fn pop_frame(stack: &mut Vec<u64>, slots: usize) -> u64 {
    let at = stack.len() - 1 - slots;
    let continuation = stack[at];
    stack.truncate(at);
    continuation
}

#[inline(always)]
fn cell(heap: &Heap, list: u64) -> (u64, u64) {
    let (words, at) = heap.place(Word(list));
    let cell = &words[at..at + 2];
    (cell[0], cell[1])
}

#[inline(always)]
fn cons(heap: &mut Heap, head: u64, tail: u64) -> u64 {
    let at = heap.words.len();
    heap.words.extend_from_slice(&[head, tail]);
    Word::list(at).0
}

#[inline(always)]
pub(super) fn is_tuple_of(heap: &Heap, word: u64, size: usize) -> bool {
    Word(word).is_boxed() && heap.header_word(Word(word)) == Header::new(Kind::Tuple, size).word()
}

impl Fast<'_> {
    /// Runs until an instruction is not for the fast loop.
    #[inline]
    pub fn run_on(&mut self) {
        if !self.crosses {
            self.run::<false>();
            if !leaves_module(&self.module.code[self.pc]) {
                return;
            }
            self.crosses = true;
        }
        self.run::<true>();
    }

    /// Runs until an instruction is not for this loop; `CROSSES` says whether it goes into other modules.
    #[inline(never)]
    fn run<const CROSSES: bool>(&mut self) {
        let Fast { x, heap, stack, builder, module, view, number, natives, catches, taken, .. } = self;
        let (x, heap, stack) = (&mut **x, &mut **heap, &mut **stack);
        let (mut module, view, mut number) = (*module, *view, *number);
        let mut code: &[Instr] = &module.code;
        let mut constants: &[u64] = &module.constants;
        let mut extra: &[u32] = &module.extra;
        let mut pc = self.pc;
        let mut cp = self.cp;
        let mut left = self.left;

        macro_rules! get {
            ($src:expr) => {
                read($src, x, stack, constants)
            };
        }
        macro_rules! set {
            ($dst:expr, $word:expr) => {
                write($dst, $word, x, stack)
            };
        }
        macro_rules! test {
            ($holds:expr, $fail:expr) => {
                pc = if $holds { pc + 1 } else { $fail as usize }
            };
        }
        // Goes on in another module, where this loop may; a process's outermost return leads to none.
        macro_rules! enter_module {
            ($target:expr) => {
                if $target.module != number {
                    if !CROSSES {
                        break;
                    }
                    let Some(next) = view.modules.get($target.module as usize) else { break };
                    (number, module) = ($target.module, next);
                    (code, constants, extra) = (&module.code, &module.constants, &module.extra);
                }
            };
        }
        // The module of a callee, which is there.
        macro_rules! enter_callee {
            ($target:expr) => {
                if CROSSES && $target.module != number {
                    (number, module) = ($target.module, &view.modules[$target.module as usize]);
                    (code, constants, extra) = (&module.code, &module.constants, &module.extra);
                }
            };
        }
        macro_rules! give_back {
            ($continuation:expr) => {{
                let target = CodePtr::of_word($continuation);
                enter_module!(target);
                target.pc as usize
            }};
        }
        // Where an export leads, if that is code.
        macro_rules! code_of {
            ($export:expr) => {{
                if !CROSSES || left <= 1 {
                    break;
                }
                let Target::Code(target) = view.target($export) else { break };
                target
            }};
        }
        // The value of a native function, in x0; what else it comes to is for the other loop.
        macro_rules! call_native {
            ($native:expr, $live:expr) => {
                if let Some(arrival) = taken.take() {
                    natives.removed(arrival);
                }
                if !natives.call($native, $live as usize, x, heap) {
                    break;
                }
            };
        }
        macro_rules! reduce {
            () => {
                if left <= 1 {
                    break;
                }
                left -= 1;
            };
        }
        macro_rules! room {
            ($need:expr) => {
                if heap.wants_collection($need) {
                    break;
                }
            };
        }
        macro_rules! add_const {
            ($a:expr, $to:expr, $constant:expr) => {{
                let a = $a;
                if a & SMALL != SMALL {
                    break;
                }
                let Some(sum) = (a as i64).checked_add(i64::from($constant) << 4) else { break };
                set!($to, sum as u64);
                pc += 1;
            }};
        }
        macro_rules! behind {
            () => {
                CodePtr { module: number, pc: pc as u32 + 1 }.word()
            };
        }

        'run: loop {
            match code[pc] {
                Instr::MoveXX { from, to } => {
                    x[to as usize & 1023] = x[from as usize & 1023];
                    pc += 1;
                }
                Instr::MoveXY { from, to } => {
                    let top = stack.len();
                    stack[top - 1 - to as usize] = x[from as usize & 1023];
                    pc += 1;
                }
                Instr::MoveYX { from, to } => {
                    x[to as usize & 1023] = stack[stack.len() - 1 - from as usize];
                    pc += 1;
                }
                Instr::MoveXX2 { from, to, from2, to2 } => {
                    x[to as usize & 1023] = x[from as usize & 1023];
                    x[to2 as usize & 1023] = x[from2 as usize & 1023];
                    pc += 1;
                }
                Instr::MoveYX2 { from, to, from2, to2 } => {
                    let top = stack.len();
                    x[to as usize & 1023] = stack[top - 1 - from as usize];
                    x[to2 as usize & 1023] = stack[top - 1 - from2 as usize];
                    pc += 1;
                }
                Instr::MoveXY2 { from, to, from2, to2 } => {
                    let top = stack.len();
                    stack[top - 1 - to as usize] = x[from as usize & 1023];
                    stack[top - 1 - to2 as usize] = x[from2 as usize & 1023];
                    pc += 1;
                }
                Instr::MoveKX { word, to } => {
                    x[to as usize & 1023] = word.raw();
                    pc += 1;
                }
                Instr::Move { from, to } => {
                    let word = get!(from);
                    set!(to, word);
                    pc += 1;
                }
                Instr::Swap { a, b } => {
                    let (wa, wb) = (get!(a.src()), get!(b.src()));
                    set!(a, wb);
                    set!(b, wa);
                    pc += 1;
                }
                Instr::SwapXX { a, b } => {
                    x.swap(a as usize & 1023, b as usize & 1023);
                    pc += 1;
                }
                Instr::SwapXY { x: register, y } => {
                    let at = stack.len() - 1 - y as usize;
                    std::mem::swap(&mut x[register as usize & 1023], &mut stack[at]);
                    pc += 1;
                }
                Instr::InitY { list } => {
                    let list = list as usize;
                    let top = stack.len();
                    for &y in &extra[list + 1..][..extra[list] as usize] {
                        stack[top - 1 - y as usize] = Word::NIL.0;
                    }
                    pc += 1;
                }
                Instr::Allocate { slots, .. } => {
                    push_frame(stack, cp, slots as usize);
                    cp = 0;
                    pc += 1;
                }
                Instr::AllocateXY2 { slots, from, to, from2, to2 } => {
                    push_frame(stack, cp, slots as usize);
                    cp = 0;
                    let top = stack.len();
                    stack[top - 1 - to as usize] = x[from as usize & 1023];
                    stack[top - 1 - to2 as usize] = x[from2 as usize & 1023];
                    pc += 1;
                }
                Instr::AllocateHeap { slots, need, .. } => {
                    room!(need as usize);
                    push_frame(stack, cp, slots as usize);
                    cp = 0;
                    pc += 1;
                }
                Instr::Deallocate { slots } => {
                    cp = pop_frame(stack, slots as usize);
                    pc += 1;
                }
                Instr::DeallocateReturn { slots } => {
                    pc = give_back!(stack[stack.len() - 1 - slots as usize]);
                    pop_frame(stack, slots as usize);
                }
                Instr::MoveDeallocateReturn { from, slots } => {
                    let word = get!(from);
                    pc = give_back!(stack[stack.len() - 1 - slots as usize]);
                    x[0] = word;
                    pop_frame(stack, slots as usize);
                }
                Instr::MoveReturn { from } => {
                    let word = get!(from);
                    pc = give_back!(cp);
                    cp = 0;
                    x[0] = word;
                }
                Instr::Return => {
                    pc = give_back!(cp);
                    cp = 0;
                }
                Instr::Trim { slots } => {
                    let top = stack.len();
                    stack.truncate(top - slots as usize);
                    pc += 1;
                }
                Instr::TestHeap { need, .. } => {
                    room!(need as usize);
                    pc += 1;
                }
                Instr::TestCons { head, tail, to, .. } => {
                    room!(2);
                    let (head, tail) = (get!(head), get!(tail));
                    let cell = cons(heap, head, tail);
                    set!(to, cell);
                    pc += 1;
                }
                // Body recursion returns into the same instruction again and again.
                Instr::ConsReturn { head, tail, slots, .. } => {
                    let (mut head, mut tail, mut slots) = (head, tail, slots);
                    loop {
                        if heap.wants_collection(2) {
                            break 'run;
                        }
                        let target = CodePtr::of_word(stack[stack.len() - 1 - slots as usize]);
                        let (h, t) = (get!(head), get!(tail));
                        if target.module != number {
                            if !CROSSES {
                                break 'run;
                            }
                            let Some(next) = view.modules.get(target.module as usize) else { break 'run };
                            (number, module) = (target.module, next);
                            (code, constants, extra) = (&module.code, &module.constants, &module.extra);
                        }
                        pc = target.pc as usize;
                        x[0] = cons(heap, h, t);
                        pop_frame(stack, slots as usize);
                        let Instr::ConsReturn { head: h, tail: t, slots: s, .. } = code[pc] else { break };
                        (head, tail, slots) = (h, t, s);
                    }
                }
                Instr::GetList { from, head, tail } => {
                    let (h, t) = cell(heap, get!(from));
                    set!(head, h);
                    set!(tail, t);
                    pc += 1;
                }
                Instr::UnconsX { from, head, tail, fail } => {
                    let list = x[from as usize & 1023];
                    if Word(list).is_list() {
                        let (h, t) = cell(heap, list);
                        x[head as usize & 1023] = h;
                        x[tail as usize & 1023] = t;
                        pc += 1;
                    } else {
                        pc = fail as usize;
                    }
                }
                Instr::UnconsAllocate { from, head, tail, slots, fail, .. } => {
                    let list = x[from as usize & 1023];
                    if Word(list).is_list() {
                        push_frame(stack, cp, slots as usize);
                        cp = 0;
                        let (h, t) = cell(heap, list);
                        set!(head, h);
                        set!(tail, t);
                        pc += 1;
                        // What follows is often the recursive call.
                        if let Instr::Call { to, .. } = code[pc] {
                            reduce!();
                            cp = behind!();
                            pc = to as usize;
                        }
                    } else {
                        pc = fail as usize;
                    }
                }
                Instr::UnconsAllocateXY2 { list, head, tail, slots, from, to, from2, to2, fail } => {
                    let list = x[list as usize];
                    if Word(list).is_list() {
                        push_frame(stack, cp, slots as usize);
                        cp = 0;
                        let top = stack.len();
                        stack[top - 1 - to as usize] = x[from as usize];
                        stack[top - 1 - to2 as usize] = x[from2 as usize];
                        let (h, t) = cell(heap, list);
                        set!(head, h);
                        set!(tail, t);
                        pc += 1;
                    } else {
                        pc = fail as usize;
                    }
                }
                Instr::GetHead { from, to } => {
                    let (head, _) = cell(heap, get!(from));
                    set!(to, head);
                    pc += 1;
                }
                Instr::GetTail { from, to } => {
                    let (_, tail) = cell(heap, get!(from));
                    set!(to, tail);
                    pc += 1;
                }
                Instr::Cons { head, tail, to } => {
                    let (head, tail) = (get!(head), get!(tail));
                    let cell = cons(heap, head, tail);
                    set!(to, cell);
                    pc += 1;
                }
                Instr::PutTuple { to, list } => {
                    let list = list as usize;
                    let size = extra[list] as usize;
                    let at = heap.words.len();
                    heap.words.push(Header::new(Kind::Tuple, size).word());
                    for &src in &extra[list + 1..][..size] {
                        heap.words.push(get!(Src(src)));
                    }
                    set!(to, Word::boxed(at).0);
                    pc += 1;
                }
                Instr::GetElement { from, to, index } => {
                    let (words, at) = heap.place(Word(get!(from)));
                    let word = words[at + 1 + index as usize];
                    set!(to, word);
                    pc += 1;
                }
                Instr::GetElementXX { from, to, index } => {
                    let (words, at) = heap.place(Word(x[from as usize & 1023]));
                    x[to as usize & 1023] = words[at + 1 + index as usize];
                    pc += 1;
                }
                Instr::SetElement { value, tuple, index } => {
                    let (value, tuple) = (get!(value), Word(get!(tuple)));
                    if index as usize >= heap.header(tuple).size {
                        break;
                    }
                    heap.words[tuple.index() + 1 + index as usize] = value;
                    pc += 1;
                }
                Instr::Is { test, from, fail } => {
                    let word = Word(get!(from));
                    let holds = match test {
                        Test::Atom => word.is_atom(),
                        Test::Pid => word.is_pid(),
                        Test::Nil => word.is_nil(),
                        Test::NonemptyList => word.is_list(),
                        Test::List => word.is_list() || word.is_nil(),
                        Test::Integer if word.is_small() => true,
                        Test::Tuple => heap.kind(word) == Some(Kind::Tuple),
                        _ => break,
                    };
                    test!(holds, fail);
                }
                Instr::IsNonemptyListX { from, fail } => {
                    test!(Word(x[from as usize & 1023]).is_list(), fail);
                }
                Instr::IsNilX { from, fail } => test!(x[from as usize & 1023] == Word::NIL.0, fail),
                Instr::IsTupleX { from, fail } => {
                    test!(heap.kind(Word(x[from as usize & 1023])) == Some(Kind::Tuple), fail);
                }
                Instr::IsTupleOf { from, size, fail } => {
                    test!(is_tuple_of(heap, get!(from), size as usize), fail);
                }
                Instr::TestArity { from, size, fail } => {
                    let header = Header::new(Kind::Tuple, size as usize).word();
                    test!(heap.header_word(Word(get!(from))) == header, fail);
                }
                Instr::IsTagged { from, size, tag, fail } => {
                    let word = get!(from);
                    let holds = size > 0 && is_tuple_of(heap, word, size as usize) && {
                        let (words, at) = heap.place(Word(word));
                        words[at + 1] == constants[tag as usize]
                    };
                    test!(holds, fail);
                }
                Instr::IsEqWord { a, constant, fail } => test!(get!(a) == constants[constant as usize], fail),
                Instr::IsEqWordX { from, word, fail } => {
                    test!(x[from as usize & 1023] == word.raw(), fail);
                }
                Instr::IsNeWord { a, constant, fail } => test!(get!(a) != constants[constant as usize], fail),
                Instr::IsEqExact { a, b, fail } => {
                    test!(equal_exact(heap, Word(get!(a)), Word(get!(b))), fail);
                }
                Instr::IsNeExact { a, b, fail } => {
                    test!(!equal_exact(heap, Word(get!(a)), Word(get!(b))), fail);
                }
                Instr::IsEq { a, b, fail } => {
                    let (a, b) = (get!(a), get!(b));
                    if a & b & 3 != 3 {
                        break;
                    }
                    test!(a == b, fail);
                }
                Instr::IsNe { a, b, fail } => {
                    let (a, b) = (get!(a), get!(b));
                    if a & b & 3 != 3 {
                        break;
                    }
                    test!(a != b, fail);
                }
                Instr::IsLt { a, b, fail } => {
                    let (a, b) = (get!(a), get!(b));
                    if a & b & SMALL != SMALL {
                        break;
                    }
                    test!((a as i64) < (b as i64), fail);
                }
                Instr::IsGe { a, b, fail } => {
                    let (a, b) = (get!(a), get!(b));
                    if a & b & SMALL != SMALL {
                        break;
                    }
                    test!((a as i64) >= (b as i64), fail);
                }
                Instr::Jump { to } => pc = to as usize,
                Instr::SelectVal { from, list, fail } => {
                    let word = get!(from);
                    pc = super::data::select(extra, list, word).unwrap_or(fail) as usize;
                }
                Instr::SelectDense { from, list, fail } => {
                    let word = Word(get!(from));
                    let list = list as usize;
                    let places = u64::from(extra[list]);
                    let first = i64::from(extra[list + 1] as i32);
                    let offset = word.small_value().wrapping_sub(first) as u64;
                    let dense = word.is_small() && offset < places;
                    pc = if dense { extra[list + 2 + offset as usize] } else { fail } as usize;
                }
                Instr::Call { to, .. } => {
                    reduce!();
                    cp = behind!();
                    pc = to as usize;
                }
                Instr::CallOnly { to, .. } => {
                    reduce!();
                    pc = to as usize;
                }
                Instr::CallLast { to, slots, .. } => {
                    reduce!();
                    cp = pop_frame(stack, slots as usize);
                    pc = to as usize;
                }
                Instr::MoveCall { from, x: register, to, .. } => {
                    reduce!();
                    x[register as usize & 1023] = get!(from);
                    cp = behind!();
                    pc = to as usize;
                }
                Instr::MoveCallOnly { from, x: register, to, .. } => {
                    reduce!();
                    x[register as usize & 1023] = get!(from);
                    pc = to as usize;
                }
                Instr::MoveCallLast { from, x: register, slots, to, .. } => {
                    reduce!();
                    x[register as usize & 1023] = get!(from);
                    cp = pop_frame(stack, slots as usize);
                    pc = to as usize;
                }
                Instr::MoveYX2CallLast { from, to, from2, to2, slots, callee, .. } => {
                    reduce!();
                    let top = stack.len();
                    x[to as usize] = stack[top - 1 - from as usize];
                    x[to2 as usize] = stack[top - 1 - from2 as usize];
                    cp = pop_frame(stack, slots as usize);
                    pc = callee as usize;
                }
                Instr::TrimCall { trimmed, to, .. } => {
                    reduce!();
                    let top = stack.len();
                    stack.truncate(top - trimmed as usize);
                    cp = behind!();
                    pc = to as usize;
                }
                Instr::MoveTrimCall { from, x: register, trimmed, to, .. } => {
                    reduce!();
                    let top = stack.len();
                    x[register as usize & 1023] = stack[top - 1 - from as usize];
                    stack.truncate(top - trimmed as usize);
                    cp = behind!();
                    pc = to as usize;
                }
                Instr::CallFun { live, fun } => {
                    // The fun may be in the register that its first free variable goes to.
                    if left <= 1 {
                        break;
                    }
                    let own = if CROSSES { None } else { Some(number) };
                    let Some(target) = local_fun(get!(fun), live, own, heap, x, view) else { break };
                    left -= 1;
                    cp = behind!();
                    enter_callee!(target);
                    pc = target.pc as usize;
                }
                Instr::CallFunLast { live, slots, fun } => {
                    // The fun may be in the register that its first free variable goes to.
                    if left <= 1 {
                        break;
                    }
                    let own = if CROSSES { None } else { Some(number) };
                    let Some(target) = local_fun(get!(fun), live, own, heap, x, view) else { break };
                    left -= 1;
                    cp = pop_frame(stack, slots as usize);
                    enter_callee!(target);
                    pc = target.pc as usize;
                }
                Instr::CallExport { export, .. } => {
                    let target = code_of!(export);
                    left -= 1;
                    cp = behind!();
                    enter_callee!(target);
                    pc = target.pc as usize;
                }
                Instr::CallExportOnly { export, .. } => {
                    let target = code_of!(export);
                    left -= 1;
                    enter_callee!(target);
                    pc = target.pc as usize;
                }
                Instr::CallExportLast { export, slots, .. } => {
                    let target = code_of!(export);
                    left -= 1;
                    cp = pop_frame(stack, slots as usize);
                    enter_callee!(target);
                    pc = target.pc as usize;
                }
                Instr::CallNative { native, live } => {
                    call_native!(native, live);
                    pc += 1;
                }
                // Once it has been called, it must be returned from here.
                Instr::CallNativeOnly { native, live } => {
                    let target = CodePtr::of_word(cp);
                    if target.module != number {
                        break;
                    }
                    call_native!(native, live);
                    pc = target.pc as usize;
                    cp = 0;
                }
                Instr::CallNativeLast { native, live, slots } => {
                    // Before a function that never returns, compilers may have trimmed the frame further than they say.
                    let Some(&word) = stack.get(stack.len().wrapping_sub(1 + slots as usize)) else { break };
                    let target = CodePtr::of_word(word);
                    if target.module != number {
                        break;
                    }
                    call_native!(native, live);
                    pop_frame(stack, slots as usize);
                    pc = target.pc as usize;
                    cp = 0;
                }
                Instr::Add { a, b, to, .. } => {
                    let (a, b) = (get!(a), get!(b));
                    if a & b & SMALL != SMALL {
                        break;
                    }
                    // With both tags 1111, taking one of them away leaves a tagged sum.
                    let Some(sum) = (a as i64).checked_add((b & !SMALL) as i64) else { break };
                    set!(to, sum as u64);
                    pc += 1;
                }
                Instr::Sub { a, b, to, .. } => {
                    let (a, b) = (get!(a), get!(b));
                    if a & b & SMALL != SMALL {
                        break;
                    }
                    let Some(difference) = (a as i64).checked_sub((b & !SMALL) as i64) else { break };
                    set!(to, difference as u64);
                    pc += 1;
                }
                Instr::AddConstX { from, to, constant, .. } => {
                    add_const!(x[from as usize & 1023], to, constant);
                }
                Instr::AddConstY { from, to, constant, .. } => {
                    add_const!(stack[stack.len() - 1 - from as usize], to, constant);
                }
                Instr::Arith { op, to, list, .. } => {
                    let list = list as usize;
                    let (a, b) = (get!(Src(extra[list])), get!(Src(extra[list + 1])));
                    let Some(value) = super::data::arith_small(op, Word(a), Word(b)) else { break };
                    set!(to, value.0);
                    pc += 1;
                }
                Instr::Compare { op, to, list } => {
                    let list = list as usize;
                    let (a, b) = (get!(Src(extra[list])), get!(Src(extra[list + 1])));
                    let Some(holds) = super::data::compare_small(op, Word(a), Word(b)) else { break };
                    set!(to, Word::boolean(holds).0);
                    pc += 1;
                }
                Instr::Element { position, from, to, .. } => {
                    let (position, from) = (Word(get!(position)), Word(get!(from)));
                    let (Some(n), Some(elements)) = (position.as_small(), heap.tuple(from)) else { break };
                    let Some(&word) = elements.get((n as usize).wrapping_sub(1)) else { break };
                    set!(to, word);
                    pc += 1;
                }
                Instr::SelfPid { to } => {
                    set!(to, natives.control.pid.word().0);
                    pc += 1;
                }
                // A match that goes on with the context that it has.
                Instr::StartMatchX { from, to, position, .. } => {
                    let context = x[from as usize & 1023];
                    let Some(at) = bits::context_position(heap, Word(context)) else { break };
                    x[to as usize & 1023] = context;
                    if position != NO_REGISTER {
                        x[position as usize & 1023] = at.0;
                    }
                    pc += 1;
                }
                Instr::GetFields { count, unit, context, list, fail } => {
                    let context = Word(x[context as usize & 1023]);
                    let fields = &extra[list as usize..][..count as usize];
                    test!(bits::short_fields(heap, x, stack, context, fields, unit), fail);
                }
                Instr::Bits { op, list, fail } => {
                    let granted = false;
                    let mut site = Site { heap, x, stack, builder, module, granted, need: 0, live: 0 };
                    let holds = match site.hot(op, list) {
                        Some(holds) => holds,
                        None if bits::is_quick(op) => {
                            match bits::quick(heap, x, stack, builder, module, (op, list)) {
                                Ok(holds) => holds,
                                Err(_) => break,
                            }
                        }
                        None => break,
                    };
                    test!(holds, fail);
                }
                Instr::LoopRec { to, timed, .. } => {
                    // Whether a receive with a time limit may look is asked once, before its first message;
                    // an explorer is told of all.
                    if natives.control.mailbox.asks_to_look(timed) {
                        break;
                    }
                    let Some(term) = natives.control.mailbox.at_save() else { break };
                    set!(to, term.0);
                    pc += 1;
                }
                Instr::LoopRecEnd { to } => {
                    reduce!();
                    let start = to as usize;
                    match scan(code, (start, pc), left as usize, heap, &mut natives.control.mailbox) {
                        Some(scan) => {
                            left -= scan.passed - 1;
                            if let Some(message) = scan.message {
                                x[scan.register & 1023] = message;
                            }
                            pc = scan.pc;
                        }
                        None => {
                            natives.control.mailbox.pass();
                            pc = start;
                        }
                    }
                }
                Instr::RemoveMessage => {
                    if taken.is_some() {
                        break;
                    }
                    *taken = natives.control.mailbox.take();
                    pc += 1;
                }
                Instr::Catch { y, to } | Instr::Try { y, to } => {
                    **catches += 1;
                    let top = stack.len();
                    stack[top - 1 - y as usize] = Word::catch(number, to).0;
                    pc += 1;
                }
                Instr::TryEnd { y } => {
                    **catches -= 1;
                    let top = stack.len();
                    stack[top - 1 - y as usize] = Word::NIL.0;
                    pc += 1;
                }
                Instr::TryCase { y } => {
                    **catches -= 1;
                    let top = stack.len();
                    stack[top - 1 - y as usize] = Word::NIL.0;
                    (x[0], x[1], x[2]) = (x[1], x[2], x[3]);
                    pc += 1;
                }
                // For the other loop. All are named, so that the jump table has a place for each and needs no check.
                Instr::UpdateRecord { .. }
                | Instr::IsFunctionOf { .. }
                | Instr::HasMapFields { .. }
                | Instr::GetMapElements { .. }
                | Instr::SelectArity { .. }
                | Instr::Apply { .. }
                | Instr::ApplyLast { .. }
                | Instr::Guard { .. }
                | Instr::MakeFun { .. }
                | Instr::MakeFun2 { .. }
                | Instr::CatchEnd { .. }
                | Instr::Raise { .. }
                | Instr::RawRaise
                | Instr::BuildStacktrace
                | Instr::BadMatch { .. }
                | Instr::CaseEnd { .. }
                | Instr::TryCaseEnd { .. }
                | Instr::BadRecord { .. }
                | Instr::IfEnd
                | Instr::FunctionClause { .. }
                | Instr::Send
                | Instr::Wait { .. }
                | Instr::WaitTimeout { .. }
                | Instr::Timeout
                | Instr::MarkerReserve { .. }
                | Instr::MarkerBind { .. }
                | Instr::MarkerClear { .. }
                | Instr::MarkerUse { .. }
                | Instr::PutMap { .. }
                | Instr::FloatMove { .. }
                | Instr::FloatStore { .. }
                | Instr::FloatCopy { .. }
                | Instr::FloatConvert { .. }
                | Instr::Float { .. } => break,
                Instr::End => panic!("execution ran past the end of a module"),
            }
        }
        if CROSSES {
            (self.module, self.number) = (module, number);
        }
        self.pc = pc;
        self.cp = cp;
        self.left = left;
    }
}

/// Whether the loop that stays within one module may have ended at this instruction for leading out of it.
#[inline]
fn leaves_module(instruction: &Instr) -> bool {
    matches!(
        instruction,
        Instr::Return
            | Instr::MoveReturn { .. }
            | Instr::DeallocateReturn { .. }
            | Instr::MoveDeallocateReturn { .. }
            | Instr::ConsReturn { .. }
            | Instr::CallExport { .. }
            | Instr::CallExportOnly { .. }
            | Instr::CallExportLast { .. }
            | Instr::CallFun { .. }
            | Instr::CallFunLast { .. }
    )
}

/// Where a local fun of this arity, and of this module if one is named, starts; its free variables go behind the
/// arguments.
#[inline(always)]
fn local_fun(
    fun: u64,
    live: u8,
    number: Option<u32>,
    heap: &Heap,
    x: &mut [u64; 1024],
    view: &CodeView,
) -> Option<CodePtr> {
    let (target, free) = free_variables(Word(fun), live, heap, view)?;
    if number.is_some_and(|number| target.module != number) {
        return None;
    }
    for (register, &word) in (live as usize..).zip(free) {
        x[register & 1023] = word;
    }
    Some(target)
}

/// Where a local fun of this arity starts, and its free variables.
#[inline(always)]
fn free_variables<'h>(fun: Word, live: u8, heap: &'h Heap, view: &CodeView) -> Option<(CodePtr, &'h [u64])> {
    if !fun.is_boxed() {
        return None;
    }
    let (words, at) = heap.place(fun);
    let header = words[at];
    if header & Header::KIND_MASK != Header::new(Kind::Fun, 0).word()
        || Header::extra_of(header) != live.into()
    {
        return None;
    }
    let target = view.fun(FunId(Word(words[at + 1]).small_value() as u32))?;
    Some((target, &words[at + 2..at + 1 + Header::size_of(header)]))
}
