//! Programs made from a number, and the smallest part of one that still shows something.
//!
//! A program is a list of processes, each a list of steps; `written/1` in `classes.erl` spawns them in order and
//! gathers what they saw. Process 0 is the one that spawns the others. Invariant: a number makes the same program
//! for ever, so that a number in a report names a program.

use warpbeam::heap::parcel::Parcel;
use warpbeam::heap::{Heap, HeapFull};
use warpbeam::term::{Atom, Word};

/// A step: its name in `classes.erl`, the process that it is about, if it is about one, and numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    name: &'static str,
    to: Option<usize>,
    numbers: Vec<i64>,
}

pub type Made = Vec<Vec<Step>>;

fn step(name: &'static str, to: Option<usize>, numbers: &[i64]) -> Step {
    Step { name, to, numbers: numbers.to_vec() }
}

fn random(s: i64) -> i64 {
    (s * 1_103_515_245 + 12345) & 0x7fff_ffff
}

/// Two or three processes of one to three steps.
pub fn plain(seed: i64) -> Made {
    let mut s = random(seed + 17);
    let mut processes = Vec::new();
    for known in 1..=2 + (seed % 2) as usize {
        let steps = 1 + s % 3;
        s = random(s);
        let mut made = Vec::new();
        for left in (1..=steps).rev() {
            let kind = (s >> 4) % 14;
            s = random(s);
            let to = known - 1 - (s >> 8) as usize % known;
            let k = 1 + (s >> 12) % 2;
            made.push(plain_step(kind, to, k, left));
            s = random(s);
        }
        made.reverse();
        processes.push(made);
    }
    processes
}

fn plain_step(kind: i64, to: usize, k: i64, left: i64) -> Step {
    match kind {
        0 | 1 => step("any", None, &[]),
        2 => step("want", None, &[k]),
        3 => step("poll", None, &[]),
        4 => step("get", None, &[k]),
        5 => step("put", None, &[k, left]),
        6 => step("stop", Some(to), &[]),
        7 => step("monitor", Some(to), &[]),
        8 => step("name", None, &[k]),
        9 => step("ask", None, &[k]),
        10 => step("trap", None, &[]),
        11 => step("link", Some(to), &[]),
        _ => step("send", Some(to), &[k]),
    }
}

/// As [`plain`], with all kinds of steps; for `rich/1`. `processes` and `steps`: at most so many.
pub fn rich(seed: i64, processes: usize, steps: i64) -> Made {
    let mut s = random(random(seed + 99));
    let mut next = |below: i64| {
        s = random(s);
        (s >> 9) % below
    };
    let mut made = Vec::new();
    for known in 1..=2 + next(processes as i64 - 1) as usize {
        let mut one = Vec::new();
        for left in 0..1 + next(steps) {
            let to = next(known as i64) as usize;
            let (kind, k) = (next(36), 1 + next(2));
            one.push(rich_step(kind, to, k, left));
        }
        made.push(one);
    }
    made
}

fn rich_step(kind: i64, to: usize, k: i64, v: i64) -> Step {
    match kind {
        0..14 => plain_step(kind, to, k, v),
        14 => step("kill", Some(to), &[]),
        15 => step("unlink", Some(to), &[]),
        16 => step("alive", Some(to), &[]),
        17 => step("queue", Some(to), &[]),
        18 => step("hold", Some(to), &[]),
        19 => step("watch", Some(to), &[]),
        20 => step("wait", None, &[5 * k]),
        21 => step("later", None, &[5 * k - 5, k]),
        22 => step("tell", None, &[k, v]),
        23 => step("unname", None, &[k]),
        24 => step("child", Some(to), &[k]),
        25 => step("leave", None, &[]),
        26 => step("add", None, &[k]),
        27 | 28 => step("row", None, &[k, v]),
        29 => step("new_row", None, &[k, v]),
        30 => step("rows", None, &[k]),
        31 => step("no_row", None, &[k]),
        32 => step("size", None, &[]),
        33 => step("all_rows", None, &[]),
        _ => step("send", Some(to), &[k]),
    }
}

/// Programs about time: what waits, what is sent later, and what ends either; for `rich/1`.
pub fn timed(seed: i64) -> Made {
    let mut s = random(random(seed + 41));
    let mut next = |below: i64| {
        s = random(s);
        (s >> 9) % below
    };
    let mut made = Vec::new();
    for known in 1..=2 + next(2) as usize {
        let mut one = Vec::new();
        for _ in 0..1 + next(2) {
            let to = next(known as i64) as usize;
            let k = 1 + next(2);
            one.push(match next(10) {
                0..4 => step("wait", None, &[10]),
                4..6 => step("later", None, &[0, k]),
                6 => step("kill", Some(to), &[]),
                7 => step("any", None, &[]),
                _ => step("send", Some(to), &[k]),
            });
        }
        made.push(one);
    }
    made
}

fn word_of(heap: &mut Heap, step: &Step) -> Result<Word, HeapFull> {
    let mut words = vec![Word::atom(Atom::new(step.name).expect("a short name"))];
    words.extend(step.to.map(|to| Word::small(to as i64)));
    words.extend(step.numbers.iter().map(|&n| Word::small(n)));
    heap.new_tuple(&words)
}

/// The argument list of `written/1`.
pub fn arguments(made: &Made) -> Parcel {
    let build = |heap: &mut Heap| {
        let mut processes = Vec::new();
        for steps in made {
            let words: Result<Vec<Word>, HeapFull> = steps.iter().map(|s| word_of(heap, s)).collect();
            processes.push(heap.new_list(&words?, Word::NIL)?);
        }
        let program = heap.new_list(&processes, Word::NIL)?;
        heap.new_list(&[program], Word::NIL)
    };
    Parcel::build(build).expect("a short list")
}

/// As text, a process a line.
pub fn text(made: &Made) -> String {
    let mut text = String::new();
    for (i, steps) in made.iter().enumerate() {
        text += &format!("  {}:", i + 1);
        for s in steps {
            let to = s.to.map_or(String::new(), |to| format!(" to {to}"));
            let numbers: String = s.numbers.iter().map(|n| format!(" {n}")).collect();
            text += &format!(" {}{to}{numbers};", s.name);
        }
        text += "\n";
    }
    text
}

/// What is left without process `at`.
fn without(made: &Made, at: usize) -> Made {
    let mut smaller = made.clone();
    smaller.remove(at);
    for steps in &mut smaller {
        steps.retain(|s| s.to != Some(at + 1));
        for to in steps.iter_mut().filter_map(|s| s.to.as_mut()) {
            *to -= usize::from(*to > at + 1);
        }
    }
    smaller
}

/// The smallest program, by deletion, of which `shows` still holds.
pub fn shrink(mut made: Made, shows: &mut dyn FnMut(&Made) -> bool) -> Made {
    loop {
        let whole = (0..made.len()).map(|at| without(&made, at));
        let single = made.iter().enumerate().flat_map(|(p, steps)| {
            let made = &made;
            (0..steps.len()).map(move |s| {
                let mut smaller = made.clone();
                smaller[p].remove(s);
                smaller
            })
        });
        let candidates: Vec<Made> = whole.chain(single).collect();
        match candidates.into_iter().find(|smaller| shows(smaller)) {
            Some(smaller) => made = smaller,
            None => return made,
        }
    }
}
