//! Times each variant of the interpreter loop: `trial VARIANT WORKLOAD [ROUNDS]`, or no argument for all.
//!
//! Invariant: every variant is checked against the known answer before its time is printed.

mod fused;
mod generic;
mod heap;
mod programs;
mod regs;
mod threaded;
mod unchecked;
mod words;

use fused::{At, End, Process};
use heap::{Filled, Flat, Grown, LITERAL, Segmented, Space, list_words, small};
use regs::{Bytes, Checked, Down, Masked, Pushed, Stack, Up, Xs};
use std::mem::size_of;
use std::time::Instant;

pub const WORKLOADS: [&str; 5] = ["fib30", "nrev", "walk", "walk_literal", "countdown"];

pub struct Outcome {
    seconds: f64,
    operations: f64,
    collections: u64,
}

/// How many times the inner work is done, and how many operations that is.
fn work(workload: &str, rounds: u64) -> (u64, f64) {
    match workload {
        "fib30" => (1, 2_692_537.0),
        "nrev" => (rounds, rounds as f64 * 125_751.0),
        "countdown" => (rounds * 125_000, rounds as f64 * 125_000.0),
        _ => (rounds, rounds as f64 * 100_000.0),
    }
}

/// Prepares X registers and heap for a workload and runs `slice` until it halts.
pub fn drive<H: Space, S: Stack, X: Xs>(
    workload: &str,
    rounds: u64,
    entry: usize,
    mut slice: impl FnMut(&mut Process<H, S>, &mut X, Segmented<'_>, &mut At) -> End,
) -> Outcome {
    let mut process = Process::<H, S>::default();
    let mut x = X::default();
    let literals = [Vec::new(), list_words(100_000, LITERAL | 1 << 35)];
    process.heap.collect([&mut [], &mut []]);
    let length = if workload == "nrev" { 500 } else { 100_000 };
    let mut list = heap::NIL;
    for i in (1..=length).rev() {
        if !process.heap.has_room(2) {
            process.heap.collect([&mut [], std::slice::from_mut(&mut list)]);
        }
        list = process.heap.cons(small(i), list);
    }
    if workload == "walk_literal" {
        list = 5 | 1 << 35;
    }
    let (times, operations) = work(workload, rounds);
    let outer = if workload.starts_with("walk") { times } else { 1 };
    let start = Instant::now();
    for _ in 0..outer {
        match workload {
            "fib30" => x.set(0, small(30)),
            "countdown" => x.set(0, small(times as i64)),
            _ => x.set(0, list),
        }
        x.set(1, small(times as i64));
        let mut at = At { pc: entry, cp: 0 };
        loop {
            match slice(&mut process, &mut x, Segmented(&literals), &mut at) {
                End::Yield => {}
                End::Halt => break,
                End::Failed => panic!("the program failed at {}", at.pc),
            }
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    check(workload, &process.heap, &x);
    Outcome { seconds, operations, collections: process.heap.collections() }
}

fn check<H: Space, X: Xs>(workload: &str, heap: &H, x: &X) {
    match workload {
        "fib30" => assert_eq!(x.get(0), small(832_040)),
        "countdown" => assert_eq!(x.get(0), small(0)),
        "nrev" => {
            // The last result is garbage for `nr`; X0 is its argument, intact after all collections.
            let mut list = x.get(0);
            for i in 1..=500 {
                let (head, tail) = heap.pair(list);
                assert_eq!(head, small(i));
                list = tail;
            }
            assert_eq!(list, heap::NIL);
        }
        _ => assert_eq!(x.get(0), heap::NIL),
    }
}

macro_rules! enum_variant {
    ($slice:ident, $r:ty, $l:ty, $k:ty, $h:ty, $s:ty, $x:ty, $fused:expr, $lits:ident, $at:ident, $w:expr, $n:expr) => {{
        let (wide, tables) = match $w {
            "fib30" => programs::fib($fused),
            "nrev" => programs::nrev($fused),
            "countdown" => (programs::countdown(), Vec::new()),
            _ => (programs::walk(), Vec::new()),
        };
        let code = programs::narrow::<$r, $l, $k>(&wide).expect("trial programs fit every width");
        let code = $at(code.as_slice());
        drive::<$h, $s, $x>($w, $n, 1, |p, x, literals, at| {
            let literals = $lits(literals);
            fused::$slice::<$r, $l, $k, $h, $s, $x, _, _>(code, &tables, p, x, literals, at)
        })
    }};
}

fn same<T: ?Sized>(code: &T) -> &T {
    code
}
fn trusted<O>(code: &[O]) -> &unchecked::Trusted<O> {
    unchecked::code(code)
}
fn flat(literals: Segmented<'_>) -> Flat<'_> {
    Flat(&literals.0[1])
}
fn segmented(literals: Segmented<'_>) -> Segmented<'_> {
    literals
}

type Variant = (&'static str, fn(&str, u64) -> Outcome);

const VARIANTS: &[Variant] = &[
    ("A  16-byte enum, generic operands", generic::measure),
    ("B0 16-byte enum, specialised", |w, n| {
        enum_variant!(slice_moved, u16, u32, i64, Grown, Pushed, Masked, false, segmented, same, w, n)
    }),
    ("B  16-byte enum, fused", |w, n| {
        enum_variant!(slice_moved, u16, u32, i64, Grown, Pushed, Masked, true, segmented, same, w, n)
    }),
    ("C0 8-byte enum u8/u32, specialised", |w, n| {
        enum_variant!(slice_moved, u8, u32, i32, Grown, Pushed, Bytes, false, segmented, same, w, n)
    }),
    ("C  8-byte enum u8/u32, fused", |w, n| {
        enum_variant!(slice_moved, u8, u32, i32, Grown, Pushed, Bytes, true, segmented, same, w, n)
    }),
    ("C  10-byte enum u16/u16, fused", |w, n| {
        enum_variant!(slice_moved, u16, u16, i16, Grown, Pushed, Masked, true, segmented, same, w, n)
    }),
    ("D  u32 words, fused", words::measure),
    ("F  C, stack filled up", |w, n| {
        enum_variant!(slice_moved, u8, u32, i32, Grown, Up, Bytes, true, segmented, same, w, n)
    }),
    ("F  C, stack filled down", |w, n| {
        enum_variant!(slice_moved, u8, u32, i32, Grown, Down, Bytes, true, segmented, same, w, n)
    }),
    ("F  C, heap filled, stack down", |w, n| {
        enum_variant!(slice_moved, u8, u32, i32, Filled, Down, Bytes, true, segmented, same, w, n)
    }),
    ("F  C, heap filled, stack pushed", |w, n| {
        enum_variant!(slice_moved, u8, u32, i32, Filled, Pushed, Bytes, true, segmented, same, w, n)
    }),
    ("F  best, X u16 masked", |w, n| {
        enum_variant!(slice_moved, u16, u32, i64, Filled, Down, Masked, true, segmented, same, w, n)
    }),
    ("F  best, X u16 checked", |w, n| {
        enum_variant!(slice_moved, u16, u32, i64, Filled, Down, Checked, true, segmented, same, w, n)
    }),
    ("F  best, flat literals", |w, n| {
        enum_variant!(slice_moved, u8, u32, i32, Filled, Down, Bytes, true, flat, same, w, n)
    }),
    ("G  best, fields in place", |w, n| {
        enum_variant!(slice_in_place, u8, u32, i32, Filled, Down, Bytes, true, segmented, same, w, n)
    }),
    ("G  C, fields in place", |w, n| {
        enum_variant!(slice_in_place, u8, u32, i32, Grown, Pushed, Bytes, true, segmented, same, w, n)
    }),
    ("E  best, unchecked", |w, n| {
        enum_variant!(
            slice_moved,
            u8,
            u32,
            i32,
            unchecked::Heap,
            unchecked::Frames,
            Bytes,
            true,
            segmented,
            trusted,
            w,
            n
        )
    }),
    ("T  function for each opcode", threaded::measure),
];

fn main() {
    assert_eq!(size_of::<fused::Op<u8, u32, i32>>(), 8);
    assert_eq!(size_of::<fused::Op<u16, u16, i16>>(), 10);
    assert_eq!(size_of::<fused::Op<u16, u32, i64>>(), 16);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let chosen = arguments.first().map_or("", String::as_str);
    let only = arguments.get(1).map_or("", String::as_str);
    let rounds = arguments.get(2).map_or(400, |n| n.parse().expect("ROUNDS is a number"));
    let runs = if arguments.len() > 2 { 1 } else { 5 };
    for (name, measure) in VARIANTS.iter().filter(|(name, _)| name.starts_with(chosen)) {
        print!("{name:36}");
        for workload in WORKLOADS.iter().filter(|w| only.is_empty() || **w == only) {
            let mut rates: Vec<f64> = Vec::new();
            let mut collections = 0;
            for _ in 0..runs {
                let outcome = measure(workload, rounds);
                rates.push(outcome.operations / outcome.seconds / 1e6);
                collections = outcome.collections;
            }
            rates.sort_by(f64::total_cmp);
            print!(" {workload} {:7.1}", rates[rates.len() / 2]);
            if *workload == "nrev" {
                print!(" ({collections} gc)");
            }
        }
        println!(" M/s");
    }
}
