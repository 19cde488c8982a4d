//! Variant T: one function for each opcode, each ending in a call of the next (a sibling call in optimised code).
//!
//! Invariant: hot state travels in the six argument registers. Stable Rust promises no tail call, so a chain is
//! cut after `CHAIN` calls and returns of the program: a build that keeps frames needs a bounded stack, and is right too.

use crate::fused::{At, End, Op, Table};
use crate::heap::{Filled, LITERAL, Literals, NIL, Segmented, Space, add, is_list, small, sub_shifted};
use crate::programs;
use crate::regs::{Bytes, Down, Stack, Xs};
use crate::{Outcome, drive};

#[derive(Clone, Copy)]
#[repr(C)]
struct Ins {
    code: u8,
    a: u8,
    b: u8,
    c: u8,
    k: u32,
}

/// What is not in registers: the blocks' addresses and sizes, read but seldom written.
struct Context<'a> {
    x: Bytes,
    code: &'a [Ins],
    heap: Filled,
    stack: Down,
    tables: &'a [Table],
    literals: Segmented<'a>,
    at: At,
    /// Read back by `broken`, so that its result is no constant and its call stays a sibling call.
    broken: End,
}

/// (context, instruction, pc after it, heap top, stack top, calls left)
type Handler = fn(&mut Context<'_>, Ins, usize, usize, usize, u32) -> End;

/// Calls and returns in one chain: fewer where frames are kept.
const CHAIN: u32 = if cfg!(debug_assertions) { 100 } else { 4000 };

macro_rules! next {
    ($c:ident, $pc:expr, $heap:expr, $stack:expr, $left:expr) => {{
        let pc: usize = $pc;
        let Some(&ins) = $c.code.get(pc) else { return broken($c, $pc, $heap, $stack) };
        HANDLERS[(ins.code & 31) as usize]($c, ins, pc + 1, $heap, $stack, $left)
    }};
}
macro_rules! call {
    ($c:ident, $pc:expr, $heap:expr, $stack:expr, $left:expr) => {{
        if $left == 0 {
            return leave($c, $pc, $heap, $stack, End::Yield);
        }
        next!($c, $pc, $heap, $stack, $left - 1)
    }};
}
macro_rules! handlers {
    ($($name:ident = $number:expr, |$c:ident, $i:ident, $pc:ident, $heap:ident, $stack:ident, $left:ident| $body:expr;)*) => {
        $(fn $name($c: &mut Context<'_>, $i: Ins, $pc: usize, $heap: usize, $stack: usize, $left: u32) -> End { $body })*
        const HANDLERS: [Handler; 32] = {
            let mut table: [Handler; 32] = [halt; 32];
            $(table[$number] = $name;)*
            table
        };
    };
}

#[cold]
#[inline(never)]
fn leave(c: &mut Context<'_>, pc: usize, heap: usize, stack: usize, end: End) -> End {
    c.at.pc = pc;
    c.heap.top = heap;
    c.stack.top = stack;
    end
}

/// Collects, then does the instruction again.
#[cold]
#[inline(never)]
fn collect(c: &mut Context<'_>, i: Ins, pc: usize, heap: usize, stack: usize, left: u32) -> End {
    c.heap.top = heap;
    c.stack.top = stack;
    c.heap.collect([c.stack.live(), c.x.live(i.k as usize)]);
    let heap = c.heap.top;
    HANDLERS[(i.code & 31) as usize](c, i, pc, heap, stack, left)
}

#[cold]
#[inline(never)]
fn grow_stack(c: &mut Context<'_>, i: Ins, pc: usize, heap: usize, stack: usize, left: u32) -> End {
    c.stack.top = stack;
    c.stack.reserve(stack + 1);
    let stack = c.stack.top;
    HANDLERS[(i.code & 31) as usize](c, i, pc, heap, stack, left)
}

/// An index out of range: our own bug. It is called in tail position, so that the handlers need no frame.
#[cold]
#[inline(never)]
fn broken(c: &mut Context<'_>, pc: usize, heap: usize, stack: usize) -> End {
    c.broken = leave(c, pc, heap, stack, End::Failed);
    std::hint::black_box(c).broken
}

#[cold]
#[inline(never)]
fn literal_cell(c: &Context<'_>, pointer: u64) -> Option<(u64, u64)> {
    Some(c.literals.pair(pointer))
}

#[inline(always)]
fn cell(c: &Context<'_>, pointer: u64) -> Option<(u64, u64)> {
    if pointer & LITERAL != 0 {
        return literal_cell(c, pointer);
    }
    let at = (pointer >> 3) as usize;
    match c.heap.words.get(at..at + 2) {
        Some(&[head, tail]) => Some((head, tail)),
        _ => None,
    }
}

/// Fails where the block is full.
#[inline(always)]
fn cons(c: &mut Context<'_>, at: usize, head: u64, tail: u64) -> Option<u64> {
    let Some([first, second]) = c.heap.words.get_mut(at..at + 2) else { return None };
    (*first, *second) = (head, tail);
    Some((at as u64) << 3 | 1)
}

macro_rules! x {
    ($c:ident, $i:expr) => {
        $c.x.get($i as usize)
    };
    ($c:ident, $i:expr, $word:expr) => {{
        let word = $word;
        $c.x.set($i as usize, word)
    }};
}
macro_rules! y {
    ($c:ident, $pc:expr, $heap:expr, $stack:expr, $i:expr) => {
        match $c.stack.words.get($stack + $i as usize) {
            Some(word) => *word,
            None => return broken($c, $pc, $heap, $stack),
        }
    };
    ($c:ident, $pc:expr, $heap:expr, $stack:expr, $i:expr, $word:expr) => {{
        let word = $word;
        match $c.stack.words.get_mut($stack + $i as usize) {
            Some(place) => *place = word,
            None => return broken($c, $pc, $heap, $stack),
        }
    }};
}

handlers! {
    halt = 0, |c, _i, pc, heap, stack, _left| leave(c, pc, heap, stack, End::Halt);
    ret = 1, |c, _i, _pc, heap, stack, left| call!(c, c.at.cp, heap, stack, left);
    call = 2, |c, i, pc, heap, stack, left| {
        c.at.cp = pc;
        call!(c, i.k as usize, heap, stack, left)
    };
    call_only = 3, |c, i, _pc, heap, stack, left| call!(c, i.k as usize, heap, stack, left);
    call_last = 4, |c, i, pc, heap, stack, left| {
        c.at.cp = (y!(c, pc, heap, stack, i.a) >> 4) as usize;
        call!(c, i.k as usize, heap, stack + i.a as usize + 1, left)
    };
    move_xy = 5, |c, i, pc, heap, stack, left| {
        y!(c, pc, heap, stack, i.b, x!(c, i.a));
        next!(c, pc, heap, stack, left)
    };
    move_yx = 6, |c, i, pc, heap, stack, left| {
        x!(c, i.b, y!(c, pc, heap, stack, i.a));
        next!(c, pc, heap, stack, left)
    };
    is_nil = 7, |c, i, pc, heap, stack, left| {
        if x!(c, i.a) != NIL {
            return next!(c, i.k as usize, heap, stack, left);
        }
        next!(c, pc, heap, stack, left)
    };
    select_dense = 8, |c, i, _pc, heap, stack, left| {
        let table = &c.tables[i.b as usize];
        let word = x!(c, i.a);
        let found = if word & 15 == 15 { table.targets.get((word >> 4) as usize) } else { None };
        next!(c, found.copied().unwrap_or(table.default), heap, stack, left)
    };
    is_eq_const = 9, |c, i, pc, heap, stack, left| {
        if x!(c, i.a) != small(i.b as i64) {
            return next!(c, i.k as usize, heap, stack, left);
        }
        next!(c, pc, heap, stack, left)
    };
    sub_x = 10, |c, i, pc, heap, stack, left| {
        let Some(word) = sub_shifted(x!(c, i.a), i.k as i32 as i64) else { return leave(c, pc, heap, stack, End::Failed) };
        x!(c, i.b, word);
        next!(c, pc, heap, stack, left)
    };
    sub_y = 11, |c, i, pc, heap, stack, left| {
        let Some(word) = sub_shifted(y!(c, pc, heap, stack, i.a), i.k as i32 as i64) else { return leave(c, pc, heap, stack, End::Failed) };
        x!(c, i.b, word);
        next!(c, pc, heap, stack, left)
    };
    add_yx = 12, |c, i, pc, heap, stack, left| {
        let Some(word) = add(y!(c, pc, heap, stack, i.a), x!(c, i.b)) else { return leave(c, pc, heap, stack, End::Failed) };
        x!(c, i.c, word);
        next!(c, pc, heap, stack, left)
    };
    allocate_move_xy = 13, |c, i, pc, heap, stack, left| {
        let Some(top) = stack.checked_sub(i.a as usize + 1) else { return grow_stack(c, i, pc, heap, stack, left) };
        y!(c, pc, heap, top, i.a, (c.at.cp as u64) << 4);
        y!(c, pc, heap, top, i.c, x!(c, i.b));
        next!(c, pc, heap, top, left)
    };
    list_frame = 14, |c, i, pc, heap, stack, left| {
        let list = x!(c, i.b);
        if !is_list(list) {
            return next!(c, i.k as usize, heap, stack, left);
        }
        let Some(top) = stack.checked_sub(i.a as usize + 1) else { return grow_stack(c, i, pc, heap, stack, left) };
        let Some((head, tail)) = cell(c, list) else { return broken(c, pc, heap, stack) };
        y!(c, pc, heap, top, i.a, (c.at.cp as u64) << 4);
        y!(c, pc, heap, top, i.c, head);
        x!(c, i.b, tail);
        next!(c, pc, heap, top, left)
    };
    list_tail = 15, |c, i, pc, heap, stack, left| {
        let list = x!(c, i.a);
        if !is_list(list) {
            return next!(c, i.k as usize, heap, stack, left);
        }
        let Some((_, tail)) = cell(c, list) else { return broken(c, pc, heap, stack) };
        x!(c, i.b, tail);
        next!(c, pc, heap, stack, left)
    };
    heap_put_list = 16, |c, i, pc, heap, stack, left| {
        let head = y!(c, pc, heap, stack, i.a);
        let Some(list) = cons(c, heap, head, x!(c, i.b)) else { return collect(c, i, pc, heap, stack, left) };
        x!(c, i.c, list);
        next!(c, pc, heap + 2, stack, left)
    };
    heap_put_list_nil = 17, |c, i, pc, heap, stack, left| {
        let head = y!(c, pc, heap, stack, i.a);
        let Some(list) = cons(c, heap, head, NIL) else { return collect(c, i, pc, heap, stack, left) };
        x!(c, i.b, list);
        next!(c, pc, heap + 2, stack, left)
    };
    deallocate_return = 18, |c, i, pc, heap, stack, left| {
        let to = (y!(c, pc, heap, stack, i.a) >> 4) as usize;
        c.at.cp = to;
        call!(c, to, heap, stack + i.a as usize + 1, left)
    };
    move_return = 19, |c, i, _pc, heap, stack, left| {
        x!(c, 0, x!(c, i.a));
        call!(c, c.at.cp, heap, stack, left)
    };
    move_call = 20, |c, i, pc, heap, stack, left| {
        x!(c, 0, x!(c, i.a));
        c.at.cp = pc;
        call!(c, i.k as usize, heap, stack, left)
    };
    sub_y_move_xy = 21, |c, i, pc, heap, stack, left| {
        let Some(word) = sub_shifted(y!(c, pc, heap, stack, i.a), i.k as i32 as i64) else { return leave(c, pc, heap, stack, End::Failed) };
        y!(c, pc, heap, stack, i.a, x!(c, 0));
        x!(c, i.b, word);
        next!(c, pc, heap, stack, left)
    };
}

fn encode(op: Op<u32, u32, i64>) -> Ins {
    let ins = |code, a: u32, b: u32, c: u32, k: u32| Ins { code, a: a as u8, b: b as u8, c: c as u8, k };
    match op {
        Op::Halt => ins(0, 0, 0, 0, 0),
        Op::Return => ins(1, 0, 0, 0, 0),
        Op::Call { to } => ins(2, 0, 0, 0, to),
        Op::CallOnly { to } => ins(3, 0, 0, 0, to),
        Op::CallLast { size, to } => ins(4, size, 0, 0, to),
        Op::MoveXY { src, dst } => ins(5, src, dst, 0, 0),
        Op::MoveYX { src, dst } => ins(6, src, dst, 0, 0),
        Op::IsNil { src, fail } => ins(7, src, 0, 0, fail),
        Op::SelectDense { src, table } => ins(8, src, table, 0, 0),
        Op::IsEqConst { src, k, fail } => ins(9, src, k, 0, fail),
        Op::SubXConst { src, dst, k } => ins(10, src, dst, 0, k as u32),
        Op::SubYConst { src, dst, k } => ins(11, src, dst, 0, k as u32),
        Op::AddYX { a, b, dst } => ins(12, a, b, dst, 0),
        Op::AllocateMoveXY { size, src, dst } => ins(13, size, src, dst, 0),
        Op::ListFrame { size, src, head, fail } => ins(14, size, src, head, fail),
        Op::ListTail { src, dst, fail } => ins(15, src, dst, 0, fail),
        Op::HeapPutListYXX { head, tail, dst } => ins(16, head, tail, dst, tail + 1),
        Op::HeapPutListYNilX { head, dst } => ins(17, head, dst, 0, dst),
        Op::DeallocateReturn { size } => ins(18, size, 0, 0, 0),
        Op::MoveReturn { src } => ins(19, src, 0, 0, 0),
        Op::MoveCall { src, to } => ins(20, src, 0, 0, to),
        Op::SubYConstMoveXY { src, dst, k } => ins(21, src, dst, 0, k as u32),
        _ => unreachable!("the fused programs use no other instruction"),
    }
}

pub fn measure(workload: &str, rounds: u64) -> Outcome {
    let (ops, tables) = match workload {
        "fib30" => programs::fib(true),
        "nrev" => programs::nrev(true),
        "countdown" => (programs::countdown(), Vec::new()),
        _ => (programs::walk(), Vec::new()),
    };
    let code: Vec<Ins> = ops.into_iter().map(encode).collect();
    drive::<Filled, Down, Bytes>(workload, rounds, 1, |process, x, literals, at| {
        let (heap, stack) = (process.heap.top, process.stack.top);
        let mut context = Context {
            x: std::mem::take(x),
            code: &code,
            heap: std::mem::take(&mut process.heap),
            stack: std::mem::take(&mut process.stack),
            tables: &tables,
            literals,
            at: *at,
            broken: End::Failed,
        };
        let c = &mut context;
        let end = next!(c, at.pc, heap, stack, CHAIN);
        *at = context.at;
        *x = context.x;
        process.heap = context.heap;
        process.stack = context.stack;
        end
    })
}
