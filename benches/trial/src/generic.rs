//! Variant A: the compiler's own instructions with operands of any kind, decoded at each use.
//!
//! Invariant: an operand's two high bits are its kind (X, Y, constant), the rest its index.

use crate::fused::{At, End, Process, Table};
use crate::heap::{Grown, LITERAL, Literals, NIL, Space, add, is_list, small};
use crate::programs;
use crate::regs::{Masked, Pushed, Stack, Xs};
use crate::{Outcome, drive, fused};

type Operand = u32;

#[derive(Clone, Copy)]
enum Instr {
    Halt,
    Return,
    Call { to: u32 },
    CallOnly { to: u32 },
    CallLast { size: u32, to: u32 },
    Allocate { size: u32 },
    Deallocate { size: u32 },
    TestHeap { need: u32, live: u32 },
    Move { src: Operand, dst: Operand },
    IsNonemptyList { src: Operand, fail: u32 },
    IsNil { src: Operand, fail: u32 },
    GetList { src: Operand, head: Operand, tail: Operand },
    GetTail { src: Operand, tail: Operand },
    PutList { head: Operand, tail: Operand, dst: Operand },
    SelectDense { src: Operand, table: u32 },
    IsEq { a: Operand, b: Operand, fail: u32 },
    Add { a: Operand, b: Operand, dst: Operand },
}

const Y: u32 = 1 << 30;
const CONST: u32 = 2 << 30;
/// Constants: [] and the smalls that the programs use.
const CONSTANTS: [u64; 4] = [NIL, small(0), small(-1), small(-2)];

fn generic(op: fused::Op<u32, u32, i64>) -> Vec<Instr> {
    use fused::Op;
    let minus = |k: i64| CONST | (1 + (k >> 4)) as u32;
    vec![match op {
        Op::Halt => Instr::Halt,
        Op::Return => Instr::Return,
        Op::Call { to } => Instr::Call { to },
        Op::CallOnly { to } => Instr::CallOnly { to },
        Op::CallLast { size, to } => Instr::CallLast { size, to },
        Op::Allocate { size } => Instr::Allocate { size },
        Op::Deallocate { size } => Instr::Deallocate { size },
        Op::TestHeap { need, live } => Instr::TestHeap { need, live },
        Op::MoveXX { src, dst } => Instr::Move { src, dst },
        Op::MoveXY { src, dst } => Instr::Move { src, dst: dst | Y },
        Op::MoveYX { src, dst } => Instr::Move { src: src | Y, dst },
        Op::IsNonemptyList { src, fail } => Instr::IsNonemptyList { src, fail },
        Op::IsNil { src, fail } => Instr::IsNil { src, fail },
        Op::GetListXYX { src, head, tail } => Instr::GetList { src, head: head | Y, tail },
        Op::PutListYXX { head, tail, dst } => Instr::PutList { head: head | Y, tail, dst },
        Op::PutListYNilX { head, dst } => Instr::PutList { head: head | Y, tail: CONST, dst },
        Op::SelectDense { src, table } => Instr::SelectDense { src, table },
        Op::IsEqConst { src, k, fail } => Instr::IsEq { a: src, b: CONST | (k + 1), fail },
        Op::SubXConst { src, dst, k } => Instr::Add { a: src, b: minus(k), dst },
        Op::SubYConst { src, dst, k } => Instr::Add { a: src | Y, b: minus(k), dst },
        Op::AddYX { a, b, dst } => Instr::Add { a: a | Y, b, dst },
        _ => unreachable!("the plain programs have no fused instruction"),
    }]
}

fn program(workload: &str) -> (Vec<Instr>, Vec<Table>) {
    let (plain, tables) = match workload {
        "fib30" => programs::fib(false),
        "nrev" => programs::nrev(false),
        "countdown" => (programs::countdown(), Vec::new()),
        _ => {
            let test = Instr::IsNonemptyList { src: 0, fail: 4 };
            let tail = Instr::GetTail { src: 0, tail: 0 };
            return (vec![Instr::Halt, test, tail, Instr::CallOnly { to: 1 }, Instr::Return], Vec::new());
        }
    };
    (plain.into_iter().flat_map(generic).collect(), tables)
}

pub fn measure(workload: &str, rounds: u64) -> Outcome {
    let (code, tables) = program(workload);
    drive::<Grown, Pushed, Masked>(workload, rounds, 1, |p, x, l, at| slice(&code, &tables, p, x, l, at))
}

#[inline(always)]
fn get(x: &Masked, stack: &Pushed, operand: Operand) -> u64 {
    let i = (operand & 0x3fff_ffff) as usize;
    match operand >> 30 {
        0 => x.get(i),
        1 => stack.y(i),
        _ => CONSTANTS[i],
    }
}

#[inline(always)]
fn set(x: &mut Masked, stack: &mut Pushed, operand: Operand, word: u64) {
    let i = (operand & 0x3fff_ffff) as usize;
    if operand & Y == 0 { x.set(i, word) } else { stack.set_y(i, word) }
}

#[inline(never)]
fn slice<T: Literals>(
    code: &[Instr],
    tables: &[Table],
    process: &mut Process<Grown, Pushed>,
    x: &mut Masked,
    literals: T,
    at: &mut At,
) -> End {
    let At { mut pc, mut cp } = *at;
    let mut heap = std::mem::take(&mut process.heap);
    let mut stack = std::mem::take(&mut process.stack);
    let mut reductions = 4000;
    macro_rules! jump_call {
        ($to:expr) => {{
            pc = $to as usize;
            reductions -= 1;
            if reductions <= 0 {
                break End::Yield;
            }
        }};
    }
    let cell = |heap: &Grown, pointer| {
        if pointer & LITERAL == 0 { heap.pair(pointer) } else { literals.pair(pointer) }
    };
    let end = loop {
        let op = code[pc];
        pc += 1;
        match op {
            Instr::Halt => break End::Halt,
            Instr::Return => pc = cp,
            Instr::Call { to } => {
                cp = pc;
                jump_call!(to);
            }
            Instr::CallOnly { to } => jump_call!(to),
            Instr::CallLast { size, to } => {
                cp = stack.deallocate(size as usize);
                jump_call!(to);
            }
            Instr::Allocate { size } => stack.allocate(size as usize, cp),
            Instr::Deallocate { size } => cp = stack.deallocate(size as usize),
            Instr::TestHeap { need, live } => {
                fused::room(&mut heap, &mut stack, x, need as usize, live as usize)
            }
            Instr::Move { src, dst } => {
                let word = get(x, &stack, src);
                set(x, &mut stack, dst, word);
            }
            Instr::IsNonemptyList { src, fail } => {
                if !is_list(get(x, &stack, src)) {
                    pc = fail as usize;
                }
            }
            Instr::IsNil { src, fail } => {
                if get(x, &stack, src) != NIL {
                    pc = fail as usize;
                }
            }
            Instr::GetList { src, head, tail } => {
                let (h, t) = cell(&heap, get(x, &stack, src));
                set(x, &mut stack, head, h);
                set(x, &mut stack, tail, t);
            }
            Instr::GetTail { src, tail } => {
                let (_, t) = cell(&heap, get(x, &stack, src));
                set(x, &mut stack, tail, t);
            }
            Instr::PutList { head, tail, dst } => {
                let cons = heap.cons(get(x, &stack, head), get(x, &stack, tail));
                set(x, &mut stack, dst, cons);
            }
            Instr::SelectDense { src, table } => {
                let table = &tables[table as usize];
                let word = get(x, &stack, src);
                let row = (word >> 4) as usize;
                let found = if word & 15 == 15 { table.targets.get(row) } else { None };
                pc = found.copied().unwrap_or(table.default);
            }
            Instr::IsEq { a, b, fail } => {
                if get(x, &stack, a) != get(x, &stack, b) {
                    pc = fail as usize;
                }
            }
            Instr::Add { a, b, dst } => match add(get(x, &stack, a), get(x, &stack, b)) {
                Some(sum) => set(x, &mut stack, dst, sum),
                None => break End::Failed,
            },
        }
    };
    *at = At { pc, cp };
    process.heap = heap;
    process.stack = stack;
    end
}
