//! Erlang's total order over all terms, the order of map keys, and equality.
//!
//! number < atom < reference < fun < port < pid < tuple < map < nil < list < bitstring; tuples by size, then
//! element by element; maps by size, then keys in key order, then values in key order. In key order, which
//! also holds inside keys, an integer is smaller than any float.
//!
//! Invariant: no recursion; the depth of a term costs heap memory, never native stack. Source: the
//! reference manual on term comparisons. It leaves pids, ports and references open: they go by identity.

mod equal;
mod key_sort;
mod number;

pub use equal::{equal_exact, equal_loose};

use super::Word;
use super::fun::{export_key, fun_key};
use super::map::Entries;
use super::word::{Kind, Tag};
use crate::heap::binary::Bits;
use crate::heap::read::View;
use crate::heap::space::Space;
use key_sort::{Entry, KeySort};
use std::borrow::Cow;
use std::cmp::Ordering;

/// Orders `a` and `b` as `<` and `==` do.
#[inline]
pub fn compare(heap: &impl Space, a: Word, b: Word) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    if a.is_small() && b.is_small() {
        return a.small_value().cmp(&b.small_value());
    }
    compare_slow(heap, a, b, false)
}

/// Orders `a` and `b` as keys of a map: equal only where `=:=` holds.
#[inline]
pub fn compare_keys(heap: &impl Space, a: Word, b: Word) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    if a.is_small() && b.is_small() {
        return a.small_value().cmp(&b.small_value());
    }
    compare_slow(heap, a, b, true)
}

/// What is left to compare.
enum Task<'a> {
    /// Two runs of words of equal length, from `at` on.
    Run { a: Cow<'a, [u64]>, b: Cow<'a, [u64]>, at: usize, exact: bool },
    /// Two hashed maps whose keys are being sorted; the next result is the answer it waits for.
    Sort(Box<MapSort>),
}

/// Two hashed maps of equal size on their way to sorted entries.
struct MapSort {
    sorting: KeySort,
    /// The second map's entries, until the first one's are sorted.
    waiting: Option<Vec<Entry>>,
    first: Vec<Entry>,
    exact: bool,
}

/// What one level of two terms says.
enum Level {
    Known(Ordering),
    /// Compare these two next.
    Below(Word, Word, bool),
}

#[inline(never)]
fn compare_slow(heap: &impl Space, a: Word, b: Word, exact: bool) -> Ordering {
    let mut stack = Vec::new();
    let mut level = Level::Below(a, b, exact);
    loop {
        level = match level {
            Level::Below(a, b, exact) => compare_level(heap, a, b, exact, &mut stack),
            Level::Known(ordering) => match resume(&mut stack, ordering) {
                Some(next) => next,
                None => return ordering,
            },
        };
    }
}

/// Goes on after a result: unequal runs are done for, a sort takes it as its answer.
fn resume(stack: &mut Vec<Task<'_>>, ordering: Ordering) -> Option<Level> {
    loop {
        match stack.last_mut()? {
            Task::Sort(_) => {
                let Some(Task::Sort(mut sort)) = stack.pop() else { panic!("the last task is a sort") };
                sort.sorting.answer(ordering);
                return Some(go_on_sorting(sort, stack));
            }
            Task::Run { .. } if ordering != Ordering::Equal => {
                stack.pop();
            }
            Task::Run { a, b, at, exact } => {
                let below = Level::Below(Word(a[*at]), Word(b[*at]), *exact);
                *at += 1;
                if *at == a.len() {
                    stack.pop();
                }
                return Some(below);
            }
        }
    }
}

fn push<'a>(
    stack: &mut Vec<Task<'a>>,
    a: impl Into<Cow<'a, [u64]>>,
    b: impl Into<Cow<'a, [u64]>>,
    exact: bool,
) {
    let (a, b) = (a.into(), b.into());
    assert!(a.len() == b.len(), "only runs of equal length are compared word by word");
    if !a.is_empty() {
        stack.push(Task::Run { a, b, at: 0, exact });
    }
}

/// Where a term's type stands in the order.
fn rank(heap: &impl Space, word: Word) -> u8 {
    match word.tag() {
        Tag::Small => 0,
        Tag::Atom => 1,
        Tag::Port => 4,
        Tag::Pid => 5,
        Tag::Nil => 8,
        Tag::List => 9,
        Tag::Boxed => match heap.header(word).kind {
            Kind::PositiveBig | Kind::NegativeBig | Kind::Float => 0,
            Kind::Reference => 2,
            Kind::Fun | Kind::ExternalFun => 3,
            Kind::Tuple => 6,
            Kind::FlatMap | Kind::HashMap => 7,
            Kind::SharedBinary | Kind::HeapBinary | Kind::SubBinary => 10,
            kind => panic!("no term to compare: {kind:?}"),
        },
        Tag::Header | Tag::Catch | Tag::Poison => panic!("no term to compare: {:#x}", word.0),
    }
}

fn compare_level<'a>(
    heap: &'a impl Space,
    a: Word,
    b: Word,
    exact: bool,
    stack: &mut Vec<Task<'a>>,
) -> Level {
    if a == b {
        return Level::Known(Ordering::Equal);
    }
    if a.is_list() && b.is_list() {
        return compare_cells(heap, a, b, exact, stack);
    }
    let ranks = rank(heap, a).cmp(&rank(heap, b));
    if ranks != Ordering::Equal {
        return Level::Known(ranks);
    }
    let known = match (heap.view(a), heap.view(b)) {
        (View::Tuple(x), View::Tuple(y)) => by_size(x, y, exact, stack),
        (View::FlatMap { keys: k, values: v }, View::FlatMap { keys: l, values: w }) => {
            let sizes = by_size(v, w, exact, stack);
            if sizes == Ordering::Equal && !std::ptr::eq(k, l) {
                push(stack, k, l, true);
            }
            sizes
        }
        (View::HashMap { size: n }, View::HashMap { size: m }) if n == m => {
            return sort_keys(heap, a, b, exact, stack);
        }
        (View::FlatMap { .. } | View::HashMap { .. }, View::FlatMap { .. } | View::HashMap { .. }) => {
            super::map::size(heap, a).cmp(&super::map::size(heap, b))
        }
        (View::Fun { id: i, free: x, .. }, View::Fun { id: j, free: y, .. }) => {
            let funs = compare_funs(i, j);
            if funs == Ordering::Equal { by_size(x, y, exact, stack) } else { funs }
        }
        _ => compare_leaves(heap, a, b, exact),
    };
    Level::Known(known)
}

/// Orders by length; where that is equal the words go on the stack.
fn by_size<'a>(x: &'a [u64], y: &'a [u64], exact: bool, stack: &mut Vec<Task<'a>>) -> Ordering {
    let sizes = x.len().cmp(&y.len());
    if sizes == Ordering::Equal {
        push(stack, x, y, exact);
    }
    sizes
}

fn compare_cells<'a>(
    heap: &'a impl Space,
    a: Word,
    b: Word,
    exact: bool,
    stack: &mut Vec<Task<'a>>,
) -> Level {
    let (mut a, mut b) = (a, b);
    loop {
        let ((head_a, tail_a), (head_b, tail_b)) = (heap.cell(a), heap.cell(b));
        if head_a != head_b {
            if head_a.is_small() && head_b.is_small() {
                return Level::Known(head_a.small_value().cmp(&head_b.small_value()));
            }
            let ((x, i), (y, j)) = (heap.place(a), heap.place(b));
            push(stack, &x[i + 1..i + 2], &y[j + 1..j + 2], exact);
            return Level::Below(head_a, head_b, exact);
        }
        if tail_a == tail_b || !tail_a.is_list() || !tail_b.is_list() {
            return Level::Below(tail_a, tail_b, exact);
        }
        (a, b) = (tail_a, tail_b);
    }
}

fn entries(heap: &impl Space, map: Word) -> Vec<Entry> {
    Entries::of(heap, map).collect()
}

/// Begins to compare two hashed maps of equal size.
fn sort_keys<'a>(heap: &'a impl Space, a: Word, b: Word, exact: bool, stack: &mut Vec<Task<'a>>) -> Level {
    let (mut first, mut second) = (entries(heap, a), entries(heap, b));
    let nested = |e: &Entry| e.0.is_list() || matches!(rank(heap, e.0), 3 | 6 | 7);
    if first.iter().chain(&second).any(nested) {
        let sort = MapSort { sorting: KeySort::new(first), waiting: Some(second), first: Vec::new(), exact };
        return go_on_sorting(Box::new(sort), stack);
    }
    first.sort_unstable_by(|x, y| compare_keys(heap, x.0, y.0));
    second.sort_unstable_by(|x, y| compare_keys(heap, x.0, y.0));
    push_sorted(&first, &second, exact, stack);
    Level::Known(Ordering::Equal)
}

fn go_on_sorting(mut sort: Box<MapSort>, stack: &mut Vec<Task<'_>>) -> Level {
    loop {
        if let Some((a, b)) = sort.sorting.next() {
            stack.push(Task::Sort(sort));
            return Level::Below(a, b, true);
        }
        match sort.waiting.take() {
            Some(second) => {
                let first = std::mem::replace(&mut sort.sorting, KeySort::new(second));
                sort.first = first.sorted();
            }
            None => {
                let MapSort { sorting, first, exact, .. } = *sort;
                push_sorted(&first, &sorting.sorted(), exact, stack);
                return Level::Known(Ordering::Equal);
            }
        }
    }
}

fn push_sorted(a: &[Entry], b: &[Entry], exact: bool, stack: &mut Vec<Task<'_>>) {
    let keys = |of: &[Entry]| of.iter().map(|e| e.0.0).collect::<Vec<u64>>();
    let values = |of: &[Entry]| of.iter().map(|e| e.1.0).collect::<Vec<u64>>();
    push(stack, values(a), values(b), exact);
    push(stack, keys(a), keys(b), true);
}

/// Orders two terms of one rank that hold no other terms.
fn compare_leaves(heap: &impl Space, a: Word, b: Word, exact: bool) -> Ordering {
    let ranks = rank(heap, a).cmp(&rank(heap, b));
    if ranks != Ordering::Equal {
        return ranks;
    }
    match (heap.view(a), heap.view(b)) {
        (View::Atom(x), View::Atom(y)) => x.text().cmp(y.text()),
        (View::Pid(x), View::Pid(y)) | (View::Port(x), View::Port(y)) => x.0.cmp(&y.0),
        (View::Reference(x), View::Reference(y)) => x.cmp(&y),
        (View::Bits(x), View::Bits(y)) => compare_bits(x, y),
        (View::ExternalFun { export: i }, View::ExternalFun { export: j }) => compare_exports(i, j),
        // A local fun is smaller than an external one.
        (View::Fun { .. }, View::ExternalFun { .. }) => Ordering::Less,
        (View::ExternalFun { .. }, View::Fun { .. }) => Ordering::Greater,
        (View::Nil, View::Nil) => Ordering::Equal,
        _ => number::compare_numbers(heap, a, b, exact),
    }
}

fn compare_funs(i: u32, j: u32) -> Ordering {
    match (fun_key(i), fun_key(j)) {
        (Some(x), Some(y)) => {
            x.module.text().cmp(y.module.text()).then(x.index.cmp(&y.index)).then(x.uniq.cmp(&y.uniq))
        }
        _ => i.cmp(&j),
    }
}

fn compare_exports(i: u32, j: u32) -> Ordering {
    match (export_key(i), export_key(j)) {
        (Some(x), Some(y)) => x
            .module
            .text()
            .cmp(y.module.text())
            .then_with(|| x.function.text().cmp(y.function.text()))
            .then(x.arity.cmp(&y.arity)),
        _ => i.cmp(&j),
    }
}

/// Orders runs of bits as strings of bits: the first difference decides, then the length.
pub(crate) fn compare_bits(x: Bits<'_>, y: Bits<'_>) -> Ordering {
    let common = x.size.min(y.size);
    let (head_x, head_y) = (x.slice(0, common / 8 * 8), y.slice(0, common / 8 * 8));
    let bytes = match (head_x.aligned(), head_y.aligned()) {
        (Some(a), Some(b)) => a.cmp(b),
        _ => (0..common / 8).map(|i| head_x.byte(i)).cmp((0..common / 8).map(|i| head_y.byte(i))),
    };
    bytes
        .then_with(|| {
            let rest = common % 8;
            let last = |bits: Bits<'_>| if rest > 0 { bits.slice(common - rest, rest).byte(0) } else { 0 };
            last(x).cmp(&last(y))
        })
        .then(x.size.cmp(&y.size))
}
