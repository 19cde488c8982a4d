//! Variants B, C, E, F: specialised and fused instructions as an enum, generic in operand widths and storage.
//!
//! Invariant: `pc` names the next instruction; instruction 0 is `Halt`, so continuation 0 ends the run.
//! Opcode meanings follow OTP's generic instructions; the fusions are this project's.

use crate::heap::{LITERAL, Literals, NIL, Space, add, is_list, small, sub_shifted};
use crate::regs::{Stack, Xs};

/// R: register operand, K: small constant already shifted past its tag. Labels are `u32` or `u16`.
#[derive(Clone, Copy)]
pub enum Op<R, L, K> {
    Halt,
    Return,
    Call { to: L },
    CallOnly { to: L },
    CallLast { size: R, to: L },
    Allocate { size: R },
    Deallocate { size: R },
    TestHeap { need: R, live: R },
    MoveXX { src: R, dst: R },
    MoveXY { src: R, dst: R },
    MoveYX { src: R, dst: R },
    IsNonemptyList { src: R, fail: L },
    IsNil { src: R, fail: L },
    GetListXYX { src: R, head: R, tail: R },
    PutListYXX { head: R, tail: R, dst: R },
    PutListYNilX { head: R, dst: R },
    SelectDense { src: R, table: R },
    IsEqConst { src: R, k: R, fail: L },
    SubXConst { src: R, dst: R, k: K },
    SubYConst { src: R, dst: R, k: K },
    AddYX { a: R, b: R, dst: R },
    // Fused.
    AllocateMoveXY { size: R, src: R, dst: R },
    ListFrame { size: R, src: R, head: R, fail: L },
    ListTail { src: R, dst: R, fail: L },
    HeapPutListYXX { head: R, tail: R, dst: R },
    HeapPutListYNilX { head: R, dst: R },
    DeallocateReturn { size: R },
    MoveReturn { src: R },
    MoveCall { src: R, to: L },
    SubYConstMoveXY { src: R, dst: R, k: K },
}

pub struct Table {
    pub targets: Vec<usize>,
    pub default: usize,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum End {
    Yield,
    Halt,
    Failed,
}

#[derive(Clone, Copy)]
pub struct At {
    pub pc: usize,
    pub cp: usize,
}

#[derive(Default)]
pub struct Process<H, S> {
    pub heap: H,
    pub stack: S,
}

pub trait Operand: Copy {
    fn i(self) -> usize;
    fn k(self) -> i64;
}
macro_rules! operand { ($($t:ty),*) => { $(impl Operand for $t {
    #[inline(always)] fn i(self) -> usize { self as usize }
    #[inline(always)] fn k(self) -> i64 { self as i64 }
})* } }
operand!(u8, u16, u32, i16, i32, i64);

pub trait Code<O> {
    fn at(&self, pc: usize) -> O;
}
impl<O: Copy> Code<O> for [O] {
    #[inline(always)]
    fn at(&self, pc: usize) -> O {
        self[pc]
    }
}

/// Takes heap and stack by value, so that they never have an address in the loop.
#[cold]
#[inline(never)]
fn collect<H: Space, S: Stack>(heap: H, stack: S, x: &mut [u64]) -> (H, S) {
    let (mut heap, mut stack) = (heap, stack);
    heap.collect([stack.live(), x]);
    (heap, stack)
}

#[inline(always)]
pub fn room<H: Space, S: Stack, X: Xs>(heap: &mut H, stack: &mut S, x: &mut X, need: usize, live: usize) {
    if !heap.has_room(need) {
        let (h, s) = (std::mem::take(heap), std::mem::take(stack));
        (*heap, *stack) = collect(h, s, x.live(live));
    }
}

#[inline(always)]
fn cell<H: Space, T: Literals>(heap: &H, literals: T, pointer: u64) -> (u64, u64) {
    if pointer & LITERAL == 0 { heap.pair(pointer) } else { literals.pair(pointer) }
}

/// Fields moved to locals at entry and written back at exit.
#[inline(never)]
pub fn slice_moved<R, L, K, H, S, X, T, C>(
    code: &C,
    tables: &[Table],
    process: &mut Process<H, S>,
    x: &mut X,
    literals: T,
    at: &mut At,
) -> End
where
    R: Operand,
    L: Operand,
    K: Operand,
    H: Space,
    S: Stack,
    X: Xs,
    T: Literals,
    C: Code<Op<R, L, K>> + ?Sized,
{
    let mut heap = std::mem::take(&mut process.heap);
    let mut stack = std::mem::take(&mut process.stack);
    let end = run(code, tables, &mut heap, &mut stack, x, literals, at);
    process.heap = heap;
    process.stack = stack;
    end
}

/// The process's fields are used where they are.
#[inline(never)]
pub fn slice_in_place<R, L, K, H, S, X, T, C>(
    code: &C,
    tables: &[Table],
    process: &mut Process<H, S>,
    x: &mut X,
    literals: T,
    at: &mut At,
) -> End
where
    R: Operand,
    L: Operand,
    K: Operand,
    H: Space,
    S: Stack,
    X: Xs,
    T: Literals,
    C: Code<Op<R, L, K>> + ?Sized,
{
    run(code, tables, &mut process.heap, &mut process.stack, x, literals, at)
}

const REDUCTIONS: i32 = 4000;

#[inline(always)]
fn run<R, L, K, H, S, X, T, C>(
    code: &C,
    tables: &[Table],
    heap: &mut H,
    stack: &mut S,
    x: &mut X,
    literals: T,
    at: &mut At,
) -> End
where
    R: Operand,
    L: Operand,
    K: Operand,
    H: Space,
    S: Stack,
    X: Xs,
    T: Literals,
    C: Code<Op<R, L, K>> + ?Sized,
{
    let At { mut pc, mut cp } = *at;
    let mut reductions = REDUCTIONS;
    macro_rules! jump_call {
        ($to:expr) => {{
            pc = $to.i();
            reductions -= 1;
            if reductions <= 0 {
                break End::Yield;
            }
        }};
    }
    macro_rules! or_fail {
        ($value:expr) => {
            match $value {
                Some(word) => word,
                None => break End::Failed,
            }
        };
    }
    let end = loop {
        let op = code.at(pc);
        pc += 1;
        match op {
            Op::Halt => break End::Halt,
            Op::Return => pc = cp,
            Op::Call { to } => {
                cp = pc;
                jump_call!(to);
            }
            Op::CallOnly { to } => jump_call!(to),
            Op::CallLast { size, to } => {
                cp = stack.deallocate(size.i());
                jump_call!(to);
            }
            Op::Allocate { size } => stack.allocate(size.i(), cp),
            Op::Deallocate { size } => cp = stack.deallocate(size.i()),
            Op::TestHeap { need, live } => room(heap, stack, x, need.i(), live.i()),
            Op::MoveXX { src, dst } => x.set(dst.i(), x.get(src.i())),
            Op::MoveXY { src, dst } => stack.set_y(dst.i(), x.get(src.i())),
            Op::MoveYX { src, dst } => x.set(dst.i(), stack.y(src.i())),
            Op::IsNonemptyList { src, fail } => {
                if !is_list(x.get(src.i())) {
                    pc = fail.i();
                }
            }
            Op::IsNil { src, fail } => {
                if x.get(src.i()) != NIL {
                    pc = fail.i();
                }
            }
            Op::GetListXYX { src, head, tail } => {
                let (h, t) = cell(heap, literals, x.get(src.i()));
                stack.set_y(head.i(), h);
                x.set(tail.i(), t);
            }
            Op::PutListYXX { head, tail, dst } => {
                let cons = heap.cons(stack.y(head.i()), x.get(tail.i()));
                x.set(dst.i(), cons);
            }
            Op::PutListYNilX { head, dst } => {
                let cons = heap.cons(stack.y(head.i()), NIL);
                x.set(dst.i(), cons);
            }
            Op::SelectDense { src, table } => {
                let table = &tables[table.i()];
                let word = x.get(src.i());
                let row = (word >> 4) as usize;
                pc = if word == small(row as i64) && row < table.targets.len() {
                    table.targets[row]
                } else {
                    table.default
                };
            }
            Op::IsEqConst { src, k, fail } => {
                if x.get(src.i()) != small(k.i() as i64) {
                    pc = fail.i();
                }
            }
            Op::SubXConst { src, dst, k } => {
                x.set(dst.i(), or_fail!(sub_shifted(x.get(src.i()), k.k())));
            }
            Op::SubYConst { src, dst, k } => {
                x.set(dst.i(), or_fail!(sub_shifted(stack.y(src.i()), k.k())));
            }
            Op::AddYX { a, b, dst } => {
                x.set(dst.i(), or_fail!(add(stack.y(a.i()), x.get(b.i()))));
            }
            Op::AllocateMoveXY { size, src, dst } => {
                stack.allocate(size.i(), cp);
                stack.set_y(dst.i(), x.get(src.i()));
            }
            Op::ListFrame { size, src, head, fail } => {
                let list = x.get(src.i());
                if is_list(list) {
                    let (h, t) = cell(heap, literals, list);
                    stack.allocate(size.i(), cp);
                    stack.set_y(head.i(), h);
                    x.set(src.i(), t);
                } else {
                    pc = fail.i();
                }
            }
            Op::ListTail { src, dst, fail } => {
                let list = x.get(src.i());
                if is_list(list) {
                    x.set(dst.i(), cell(heap, literals, list).1);
                } else {
                    pc = fail.i();
                }
            }
            Op::HeapPutListYXX { head, tail, dst } => {
                room(heap, stack, x, 2, tail.i() + 1);
                let cons = heap.cons(stack.y(head.i()), x.get(tail.i()));
                x.set(dst.i(), cons);
            }
            Op::HeapPutListYNilX { head, dst } => {
                room(heap, stack, x, 2, dst.i());
                let cons = heap.cons(stack.y(head.i()), NIL);
                x.set(dst.i(), cons);
            }
            Op::DeallocateReturn { size } => {
                cp = stack.deallocate(size.i());
                pc = cp;
            }
            Op::MoveReturn { src } => {
                x.set(0, x.get(src.i()));
                pc = cp;
            }
            Op::MoveCall { src, to } => {
                x.set(0, x.get(src.i()));
                cp = pc;
                jump_call!(to);
            }
            Op::SubYConstMoveXY { src, dst, k } => {
                // `Y - k` to X(dst), then X0 to the same Y: fib's tail of a frame.
                let difference = or_fail!(sub_shifted(stack.y(src.i()), k.k()));
                stack.set_y(src.i(), x.get(0));
                x.set(dst.i(), difference);
            }
        }
    };
    *at = At { pc, cp };
    end
}
