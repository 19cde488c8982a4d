//! Variant D: a stream of u32 words, an opcode word and its operands, fused as the enums are.
//!
//! Invariant: the stream ends with padding, so that one check covers an instruction and all its operands;
//! labels are word offsets; word 0 is `HALT`.

use crate::fused::{At, End, Op, Process, Table, room};
use crate::heap::{Grown, LITERAL, Literals, NIL, Segmented, Space, add, is_list, small, sub_shifted};
use crate::programs;
use crate::regs::{Bytes, Pushed, Stack, Xs};
use crate::{Outcome, drive};

macro_rules! opcodes { ($($name:ident = $n:expr;)*) => { $(const $name: u32 = $n;)* } }
opcodes! {
    HALT = 0; RETURN = 1; CALL = 2; CALL_ONLY = 3; CALL_LAST = 4; MOVE_XY = 5; MOVE_YX = 6; IS_NIL = 7;
    SELECT_DENSE = 8; IS_EQ_CONST = 9; SUB_X = 10; SUB_Y = 11; ADD_YX = 12; ALLOCATE_MOVE_XY = 13;
    LIST_FRAME = 14; LIST_TAIL = 15; HEAP_PUT_LIST = 16; HEAP_PUT_LIST_NIL = 17; DEALLOCATE_RETURN = 18;
    MOVE_RETURN = 19; MOVE_CALL = 20; SUB_Y_MOVE_XY = 21;
}

/// An instruction's words, its labels still instruction numbers; and which word is a label.
fn encode(op: Op<u32, u32, i64>) -> (Vec<u32>, Option<usize>) {
    match op {
        Op::Halt => (vec![HALT], None),
        Op::Return => (vec![RETURN], None),
        Op::Call { to } => (vec![CALL, to], Some(1)),
        Op::CallOnly { to } => (vec![CALL_ONLY, to], Some(1)),
        Op::CallLast { size, to } => (vec![CALL_LAST, size, to], Some(2)),
        Op::MoveXY { src, dst } => (vec![MOVE_XY, src, dst], None),
        Op::MoveYX { src, dst } => (vec![MOVE_YX, src, dst], None),
        Op::IsNil { src, fail } => (vec![IS_NIL, src, fail], Some(2)),
        Op::SelectDense { src, table } => (vec![SELECT_DENSE, src, table], None),
        Op::IsEqConst { src, k, fail } => (vec![IS_EQ_CONST, src, k, fail], Some(3)),
        Op::SubXConst { src, dst, k } => (vec![SUB_X, src, dst, k as u32], None),
        Op::SubYConst { src, dst, k } => (vec![SUB_Y, src, dst, k as u32], None),
        Op::AddYX { a, b, dst } => (vec![ADD_YX, a, b, dst], None),
        Op::AllocateMoveXY { size, src, dst } => (vec![ALLOCATE_MOVE_XY, size, src, dst], None),
        Op::ListFrame { size, src, head, fail } => (vec![LIST_FRAME, size, src, head, fail], Some(4)),
        Op::ListTail { src, dst, fail } => (vec![LIST_TAIL, src, dst, fail], Some(3)),
        Op::HeapPutListYXX { head, tail, dst } => (vec![HEAP_PUT_LIST, head, tail, dst], None),
        Op::HeapPutListYNilX { head, dst } => (vec![HEAP_PUT_LIST_NIL, head, dst], None),
        Op::DeallocateReturn { size } => (vec![DEALLOCATE_RETURN, size], None),
        Op::MoveReturn { src } => (vec![MOVE_RETURN, src], None),
        Op::MoveCall { src, to } => (vec![MOVE_CALL, src, to], Some(2)),
        Op::SubYConstMoveXY { src, dst, k } => (vec![SUB_Y_MOVE_XY, src, dst, k as u32], None),
        _ => unreachable!("the fused programs use no other instruction"),
    }
}

fn assemble(ops: &[Op<u32, u32, i64>], tables: &mut [Table]) -> Vec<u32> {
    let encoded: Vec<_> = ops.iter().map(|op| encode(*op)).collect();
    let mut offsets = vec![0_usize];
    for (words, _) in &encoded {
        offsets.push(offsets[offsets.len() - 1] + words.len());
    }
    let mut stream = Vec::new();
    for (mut words, label) in encoded {
        if let Some(i) = label {
            words[i] = offsets[words[i] as usize] as u32;
        }
        stream.extend(words);
    }
    for table in tables {
        table.default = offsets[table.default];
        table.targets.iter_mut().for_each(|target| *target = offsets[*target]);
    }
    stream.extend([HALT; 5]);
    stream
}

pub fn measure(workload: &str, rounds: u64) -> Outcome {
    let (ops, mut tables) = match workload {
        "fib30" => programs::fib(true),
        "nrev" => programs::nrev(true),
        "countdown" => (programs::countdown(), Vec::new()),
        _ => (programs::walk(), Vec::new()),
    };
    let code = assemble(&ops, &mut tables);
    drive::<Grown, Pushed, Bytes>(workload, rounds, 1, |p, x, l, at| slice(&code, &tables, p, x, l, at))
}

#[inline(never)]
fn slice(
    code: &[u32],
    tables: &[Table],
    process: &mut Process<Grown, Pushed>,
    x: &mut Bytes,
    literals: Segmented<'_>,
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
    macro_rules! or_fail {
        ($value:expr) => {
            match $value {
                Some(word) => word,
                None => break End::Failed,
            }
        };
    }
    let cell = |heap: &Grown, pointer| {
        if pointer & LITERAL == 0 { heap.pair(pointer) } else { literals.pair(pointer) }
    };
    let end = loop {
        let Some(window) = code.get(pc..pc + 5) else { break End::Failed };
        let i = |n: usize| window[n] as usize;
        let k = |n: usize| window[n] as i32 as i64;
        match window[0] {
            HALT => break End::Halt,
            RETURN => pc = cp,
            CALL => {
                cp = pc + 2;
                jump_call!(i(1));
            }
            CALL_ONLY => jump_call!(i(1)),
            CALL_LAST => {
                cp = stack.deallocate(i(1));
                jump_call!(i(2));
            }
            MOVE_XY => {
                stack.set_y(i(2), x.get(i(1)));
                pc += 3;
            }
            MOVE_YX => {
                x.set(i(2), stack.y(i(1)));
                pc += 3;
            }
            IS_NIL => pc = if x.get(i(1)) == NIL { pc + 3 } else { i(2) },
            SELECT_DENSE => {
                let table = &tables[i(2)];
                let word = x.get(i(1));
                let row = (word >> 4) as usize;
                let found = if word & 15 == 15 { table.targets.get(row) } else { None };
                pc = found.copied().unwrap_or(table.default);
            }
            IS_EQ_CONST => pc = if x.get(i(1)) == small(k(2)) { pc + 4 } else { i(3) },
            SUB_X => {
                x.set(i(2), or_fail!(sub_shifted(x.get(i(1)), k(3))));
                pc += 4;
            }
            SUB_Y => {
                x.set(i(2), or_fail!(sub_shifted(stack.y(i(1)), k(3))));
                pc += 4;
            }
            ADD_YX => {
                x.set(i(3), or_fail!(add(stack.y(i(1)), x.get(i(2)))));
                pc += 4;
            }
            ALLOCATE_MOVE_XY => {
                stack.allocate(i(1), cp);
                stack.set_y(i(3), x.get(i(2)));
                pc += 4;
            }
            LIST_FRAME => {
                let list = x.get(i(2));
                if is_list(list) {
                    let (h, t) = cell(&heap, list);
                    stack.allocate(i(1), cp);
                    stack.set_y(i(3), h);
                    x.set(i(2), t);
                    pc += 5;
                } else {
                    pc = i(4);
                }
            }
            LIST_TAIL => {
                let list = x.get(i(1));
                if is_list(list) {
                    x.set(i(2), cell(&heap, list).1);
                    pc += 4;
                } else {
                    pc = i(3);
                }
            }
            HEAP_PUT_LIST => {
                room(&mut heap, &mut stack, x, 2, i(2) + 1);
                let cons = heap.cons(stack.y(i(1)), x.get(i(2)));
                x.set(i(3), cons);
                pc += 4;
            }
            HEAP_PUT_LIST_NIL => {
                room(&mut heap, &mut stack, x, 2, i(2));
                let cons = heap.cons(stack.y(i(1)), NIL);
                x.set(i(2), cons);
                pc += 3;
            }
            DEALLOCATE_RETURN => {
                cp = stack.deallocate(i(1));
                pc = cp;
            }
            MOVE_RETURN => {
                x.set(0, x.get(i(1)));
                pc = cp;
            }
            MOVE_CALL => {
                x.set(0, x.get(i(1)));
                cp = pc + 3;
                jump_call!(i(2));
            }
            SUB_Y_MOVE_XY => {
                let difference = or_fail!(sub_shifted(stack.y(i(1)), k(3)));
                stack.set_y(i(1), x.get(0));
                x.set(i(2), difference);
                pc += 4;
            }
            _ => break End::Failed,
        }
    };
    *at = At { pc, cp };
    process.heap = heap;
    process.stack = stack;
    end
}
