//! fib, naive reverse, a list walk and a countdown as `erlc` compiles them, plain and fused.
//!
//! Invariant: instruction 0 is `Halt`; execution begins at 1 with arguments in X0, X1.
//! The order of instructions is that of `erlc -S` (OTP 25) on the benchmark beside `benches/README.md`.

use crate::fused::{Op, Table};

type Result<T> = std::result::Result<T, std::num::TryFromIntError>;
/// The wide form that the narrow ones are converted from.
type Wide = Op<u32, u32, i64>;

fn k(value: i64) -> i64 {
    value << 4
}

pub fn fib(fused: bool) -> (Vec<Wide>, Vec<Table>) {
    let tables = vec![Table { targets: vec![2, 2], default: 3 }];
    let select = Op::SelectDense { src: 0, table: 0 };
    let sub = Op::SubXConst { src: 0, dst: 1, k: k(1) };
    let mut code = vec![Op::Halt, select, Op::Return, sub];
    if fused {
        code.extend([
            Op::AllocateMoveXY { size: 1, src: 0, dst: 0 },
            Op::MoveCall { src: 1, to: 1 },
            Op::SubYConstMoveXY { src: 0, dst: 1, k: k(2) },
            Op::MoveCall { src: 1, to: 1 },
            Op::AddYX { a: 0, b: 0, dst: 0 },
            Op::DeallocateReturn { size: 1 },
        ]);
    } else {
        code.extend([
            Op::Allocate { size: 1 },
            Op::MoveXY { src: 0, dst: 0 },
            Op::MoveXX { src: 1, dst: 0 },
            Op::Call { to: 1 },
            Op::SubYConst { src: 0, dst: 1, k: k(2) },
            Op::MoveXY { src: 0, dst: 0 },
            Op::MoveXX { src: 1, dst: 0 },
            Op::Call { to: 1 },
            Op::AddYX { a: 0, b: 0, dst: 0 },
            Op::Deallocate { size: 1 },
            Op::Return,
        ]);
    }
    (code, tables)
}

pub fn nrev(fused: bool) -> (Vec<Wide>, Vec<Table>) {
    let (rev, app) = if fused { (9, 15) } else { (10, 19) };
    let mut code = vec![Op::Halt, Op::IsEqConst { src: 1, k: 0, fail: 3 }, Op::Return];
    if fused {
        code.push(Op::AllocateMoveXY { size: 2, src: 1, dst: 0 });
    } else {
        code.extend([Op::Allocate { size: 2 }, Op::MoveXY { src: 1, dst: 0 }]);
    }
    code.extend([
        Op::MoveXY { src: 0, dst: 1 },
        Op::Call { to: rev },
        Op::SubYConst { src: 0, dst: 1, k: k(1) },
        Op::MoveYX { src: 1, dst: 0 },
        Op::CallLast { size: 2, to: 1 },
    ]);
    if fused {
        code.extend([
            Op::ListFrame { size: 1, src: 0, head: 0, fail: 13 },
            Op::Call { to: rev },
            Op::HeapPutListYNilX { head: 0, dst: 1 },
            Op::CallLast { size: 1, to: app },
            Op::IsNil { src: 0, fail: 0 },
            Op::Return,
            Op::ListFrame { size: 1, src: 0, head: 0, fail: 19 },
            Op::Call { to: app },
            Op::HeapPutListYXX { head: 0, tail: 0, dst: 0 },
            Op::DeallocateReturn { size: 1 },
            Op::IsNil { src: 0, fail: 0 },
            Op::MoveReturn { src: 1 },
        ]);
    } else {
        code.extend([
            Op::IsNonemptyList { src: 0, fail: 17 },
            Op::Allocate { size: 1 },
            Op::GetListXYX { src: 0, head: 0, tail: 0 },
            Op::Call { to: rev },
            Op::TestHeap { need: 2, live: 1 },
            Op::PutListYNilX { head: 0, dst: 1 },
            Op::CallLast { size: 1, to: app },
            Op::IsNil { src: 0, fail: 0 },
            Op::Return,
            Op::IsNonemptyList { src: 0, fail: 27 },
            Op::Allocate { size: 1 },
            Op::GetListXYX { src: 0, head: 0, tail: 0 },
            Op::Call { to: app },
            Op::TestHeap { need: 2, live: 1 },
            Op::PutListYXX { head: 0, tail: 0, dst: 0 },
            Op::Deallocate { size: 1 },
            Op::Return,
            Op::IsNil { src: 0, fail: 0 },
            Op::MoveXX { src: 1, dst: 0 },
            Op::Return,
        ]);
    }
    (code, Vec::new())
}

pub fn walk() -> Vec<Wide> {
    vec![Op::Halt, Op::ListTail { src: 0, dst: 0, fail: 3 }, Op::CallOnly { to: 1 }, Op::Return]
}

pub fn countdown() -> Vec<Wide> {
    let sub = Op::SubXConst { src: 0, dst: 0, k: k(1) };
    vec![Op::Halt, Op::IsEqConst { src: 0, k: 0, fail: 3 }, Op::Return, sub, Op::CallOnly { to: 1 }]
}

macro_rules! convert {
    ($op:expr; $($name:ident { $($f:ident),* })*) => {
        match $op { $(Op::$name { $($f),* } => Op::$name { $($f: $f.try_into()?),* },)* }
    };
}

/// Narrows operands; an operand that does not fit is an error.
pub fn narrow<R, L, K>(code: &[Wide]) -> Result<Vec<Op<R, L, K>>>
where
    R: TryFrom<u32, Error = std::num::TryFromIntError>,
    L: TryFrom<u32>,
    K: TryFrom<i64>,
    std::num::TryFromIntError: From<L::Error> + From<K::Error>,
{
    code.iter().map(|op| Ok(convert!(*op;
        Halt {} Return {} Call { to } CallOnly { to } CallLast { size, to } Allocate { size } Deallocate { size }
        TestHeap { need, live } MoveXX { src, dst } MoveXY { src, dst } MoveYX { src, dst }
        IsNonemptyList { src, fail } IsNil { src, fail } GetListXYX { src, head, tail }
        PutListYXX { head, tail, dst } PutListYNilX { head, dst } SelectDense { src, table }
        IsEqConst { src, k, fail } SubXConst { src, dst, k } SubYConst { src, dst, k } AddYX { a, b, dst }
        AllocateMoveXY { size, src, dst } ListFrame { size, src, head, fail } ListTail { src, dst, fail }
        HeapPutListYXX { head, tail, dst } HeapPutListYNilX { head, dst } DeallocateReturn { size }
        MoveReturn { src } MoveCall { src, to } SubYConstMoveXY { src, dst, k }
    ))).collect()
}
