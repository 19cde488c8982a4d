//! Equality: `=:=` and `==`, without finding out which term is smaller.
//!
//! Invariant: explicit stack only. Keys of maps are compared exactly under `==` too, so two equal hashed
//! maps have the same trie, bitmap for bitmap. Source: the reference manual on term comparisons; 0.0 and
//! -0.0 are equal under both, as in OTP 25 and 26.

use super::number::compare_numbers;
use crate::heap::read::View;
use crate::heap::space::Space;
use crate::term::Word;
use crate::term::fun::{export_key, fun_key};
use crate::term::word::{Header, Kind};
use std::cmp::Ordering;

/// How the words of a run are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Exact,
    Loose,
    /// Children of a trie's node under `==`: leaves have exact keys and loose values.
    LooseChildren,
}

/// Two runs of words of equal length, still to be compared.
struct Run<'a> {
    a: &'a [u64],
    b: &'a [u64],
    mode: Mode,
}

/// Whether `a =:= b`.
#[inline]
pub fn equal_exact(heap: &impl Space, a: Word, b: Word) -> bool {
    a == b || (a.is_pointer() && (a.0 ^ b.0) & 3 == 0 && equal_slow(heap, a, b, Mode::Exact))
}

/// Whether `a == b`: integers and floats are compared by value.
#[inline]
pub fn equal_loose(heap: &impl Space, a: Word, b: Word) -> bool {
    a == b || ((a.is_pointer() || b.is_pointer()) && equal_slow(heap, a, b, Mode::Loose))
}

/// Whether two tuples, or two objects without terms in them that hold all that there is to know, are the same, if that is
/// seen word for word.
#[inline(always)]
fn same_words(heap: &impl Space, a: Word, b: Word) -> Option<bool> {
    if !a.is_boxed() || !b.is_boxed() {
        return None;
    }
    let ((x, i), (y, j)) = (heap.place(a), heap.place(b));
    if x[i] != y[j] {
        return None;
    }
    let Header { kind, size, .. } = Header::decode(x[i]);
    let (one, other) = (&x[i + 1..][..size], &y[j + 1..][..size]);
    match kind {
        Kind::Tuple => {
            let differ = one.iter().zip(other).find(|(a, b)| a != b);
            let Some((&a, &b)) = differ else { return Some(true) };
            (Word(a).is_immediate() && Word(b).is_immediate()).then_some(false)
        }
        // A handle has a ticket besides, which does not count.
        Kind::Reference if size == 2 => Some(one == other),
        Kind::Reference | Kind::HeapBinary | Kind::PositiveBig | Kind::NegativeBig => {
            (one == other).then_some(true)
        }
        _ => None,
    }
}

#[inline(never)]
fn equal_slow(heap: &impl Space, a: Word, b: Word, mode: Mode) -> bool {
    match same_words(heap, a, b) {
        Some(same) => same,
        None => equal_deep(heap, a, b, mode),
    }
}

#[inline(never)]
fn equal_deep(heap: &impl Space, a: Word, b: Word, mode: Mode) -> bool {
    let mut stack: Vec<Run<'_>> = Vec::new();
    let (mut a, mut b, mut mode) = (a, b, mode);
    loop {
        if a != b && !equal_level(heap, a, b, mode, &mut stack) {
            return false;
        }
        let Some(run) = stack.last_mut() else { return true };
        (a, b, mode) = (Word(run.a[0]), Word(run.b[0]), run.mode);
        if run.a.len() == 1 {
            stack.pop();
        } else {
            run.a = &run.a[1..];
            run.b = &run.b[1..];
        }
    }
}

/// Compares one level; what lies below goes on the stack.
fn equal_level<'a>(heap: &'a impl Space, a: Word, b: Word, mode: Mode, stack: &mut Vec<Run<'a>>) -> bool {
    if a.is_list() && b.is_list() {
        equal_cells(heap, a, b, mode, stack);
        return true;
    }
    if a.is_boxed() && b.is_boxed() {
        return equal_boxed(heap, a, b, mode, stack);
    }
    let numbers = mode == Mode::Loose && is_number(heap, a) && is_number(heap, b);
    numbers && compare_numbers(heap, a, b, false) == Ordering::Equal
}

fn is_number(heap: &impl Space, word: Word) -> bool {
    heap.is_integer(word) || heap.kind(word) == Some(Kind::Float)
}

fn push<'a>(stack: &mut Vec<Run<'a>>, a: &'a [u64], b: &'a [u64], mode: Mode) {
    if !a.is_empty() {
        stack.push(Run { a, b, mode });
    }
}

fn equal_cells<'a>(heap: &'a impl Space, a: Word, b: Word, mode: Mode, stack: &mut Vec<Run<'a>>) {
    let (mut a, mut b) = (a, b);
    loop {
        let ((x, i), (y, j)) = (heap.place(a), heap.place(b));
        if mode == Mode::LooseChildren {
            push(stack, &x[i + 1..i + 2], &y[j + 1..j + 2], Mode::Loose);
            push(stack, &x[i..=i], &y[j..=j], Mode::Exact);
            return;
        }
        // Equal words in a row need no stack.
        let (tail_a, tail_b) = (Word(x[i + 1]), Word(y[j + 1]));
        if x[i] == y[j] && tail_a.is_list() && tail_b.is_list() && tail_a != tail_b {
            (a, b) = (tail_a, tail_b);
            continue;
        }
        push(stack, &x[i + 1..i + 2], &y[j + 1..j + 2], mode);
        push(stack, &x[i..=i], &y[j..=j], mode);
        return;
    }
}

fn equal_boxed<'a>(heap: &'a impl Space, a: Word, b: Word, mode: Mode, stack: &mut Vec<Run<'a>>) -> bool {
    let (header_a, header_b) = (heap.header_word(a), heap.header_word(b));
    match (Header::decode(header_a).kind, Header::decode(header_b).kind) {
        (Kind::HashMap | Kind::HashNode, Kind::HashMap | Kind::HashNode) => {
            // The root's first word is its size, which is equal where equal terms are.
            let below = if mode == Mode::Exact { Mode::Exact } else { Mode::LooseChildren };
            if header_a == header_b {
                push(stack, heap.body(a), heap.body(b), below);
            }
            return header_a == header_b;
        }
        (Kind::Tuple, Kind::Tuple) => {
            if header_a == header_b {
                push(stack, heap.body(a), heap.body(b), mode);
            }
            return header_a == header_b;
        }
        _ => {}
    }
    match (heap.view(a), heap.view(b)) {
        (View::FlatMap { keys: k, values: v }, View::FlatMap { keys: l, values: w }) => {
            if v.len() == w.len() {
                push(stack, v, w, mode);
                if !std::ptr::eq(k, l) {
                    push(stack, k, l, Mode::Exact);
                }
            }
            v.len() == w.len()
        }
        (View::Fun { id: i, free: x, .. }, View::Fun { id: j, free: y, .. }) => {
            let same = x.len() == y.len() && (i == j || fun_key(i).is_some_and(|k| fun_key(j) == Some(k)));
            if same {
                push(stack, x, y, mode);
            }
            same
        }
        (x, y) => equal_leaf(heap, (a, x), (b, y), mode),
    }
}

fn equal_leaf(heap: &impl Space, (a, x): (Word, View<'_>), (b, y): (Word, View<'_>), mode: Mode) -> bool {
    match (x, y) {
        (View::Float(x), View::Float(y)) => x == y,
        (View::Big { negative: n, limbs: x }, View::Big { negative: m, limbs: y }) => n == m && x == y,
        (View::Float(_), View::Big { .. }) | (View::Big { .. }, View::Float(_)) => {
            mode == Mode::Loose && compare_numbers(heap, a, b, false) == Ordering::Equal
        }
        (View::Reference(x), View::Reference(y)) => x == y,
        (View::Bits(x), View::Bits(y)) => super::compare_bits(x, y) == Ordering::Equal,
        (View::ExternalFun { export: i }, View::ExternalFun { export: j }) => {
            i == j || export_key(i).is_some_and(|k| export_key(j) == Some(k))
        }
        _ => false,
    }
}
