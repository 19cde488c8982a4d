//! Shapes of reasons: what stays the same when the same bug comes up again.
//!
//! A shape keeps atoms and the form of tuples and lists, and leaves out numbers, identities and contents.
//! Of a stack trace it keeps the first function. Invariant: depth and width are bounded, so a hostile reason
//! costs little.

use crate::world::SimWorld;
use warpbeam::heap::Heap;
use warpbeam::heap::parcel::Parcel;
use warpbeam::heap::read::View;
use warpbeam::term::Word;

const DEPTH_MAX: usize = 5;
const WIDTH_MAX: usize = 8;

/// The reason's shape.
pub fn shape(reason: &Parcel, world: &SimWorld) -> String {
    let (heap, word) = reason.unpack(&world.code_view().literals);
    let mut out = String::new();
    match traced(&heap, word) {
        Some((reason, frame)) => {
            write_term(&heap, reason, 0, &mut out);
            out.push_str(" in ");
            write_frame(&heap, frame, &mut out);
        }
        None => write_term(&heap, word, 0, &mut out),
    }
    out
}

/// The shape of a name that a program gives: in whole where it is an atom or a text.
pub fn named(name: &Parcel, text: &str, world: &SimWorld) -> String {
    let (heap, word) = name.unpack(&world.code_view().literals);
    match heap.view(word) {
        View::Tuple(_) | View::FlatMap { .. } | View::HashMap { .. } | View::Small(_) | View::Big { .. } => {
            shape(name, world)
        }
        _ => text.to_string(),
    }
}

/// `{Reason, [{Module, Function, Arity, Place} | _]}` taken apart.
fn traced(heap: &Heap, word: Word) -> Option<(Word, Word)> {
    let &[reason, trace] = heap.tuple(word)? else { return None };
    let trace = Word(trace);
    if !trace.is_list() {
        return None;
    }
    let (frame, _) = heap.cell(trace);
    let frame_parts = heap.tuple(frame)?;
    let named = frame_parts.len() == 4 && Word(frame_parts[0]).is_atom() && Word(frame_parts[1]).is_atom();
    named.then_some((Word(reason), frame))
}

fn write_frame(heap: &Heap, frame: Word, out: &mut String) {
    let parts = heap.tuple(frame).expect("a frame is a tuple");
    let name = |word: u64| Word(word).as_atom().map_or("?", |a| a.text());
    out.push_str(&format!("{}:{}", name(parts[0]), name(parts[1])));
    if let Some(arity) = Word(parts[2]).as_small() {
        out.push_str(&format!("/{arity}"));
    }
}

fn write_term(heap: &Heap, word: Word, depth: usize, out: &mut String) {
    if depth > DEPTH_MAX {
        out.push_str("...");
        return;
    }
    match heap.view(word) {
        View::Small(_) | View::Big { .. } | View::Float(_) => out.push('#'),
        View::Atom(atom) => out.push_str(atom.text()),
        View::Pid(_) => out.push_str("<pid>"),
        View::Port(_) => out.push_str("<port>"),
        View::Reference(_) => out.push_str("<ref>"),
        View::Fun { .. } | View::ExternalFun { .. } => out.push_str("<fun>"),
        View::Nil => out.push_str("[]"),
        View::Cons(..) => write_list(heap, word, depth, out),
        View::Tuple(elements) => {
            out.push('{');
            write_all(heap, elements, depth, out);
            out.push('}');
        }
        View::FlatMap { .. } | View::HashMap { .. } => out.push_str("#{}"),
        View::Bits(_) => out.push_str("<<>>"),
    }
}

fn write_all(heap: &Heap, elements: &[u64], depth: usize, out: &mut String) {
    for (i, &element) in elements.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        if i == WIDTH_MAX {
            out.push_str("...");
            return;
        }
        write_term(heap, Word(element), depth + 1, out);
    }
}

/// Of a list, the first element.
fn write_list(heap: &Heap, word: Word, depth: usize, out: &mut String) {
    let (head, tail) = heap.cell(word);
    out.push('[');
    write_term(heap, head, depth + 1, out);
    out.push_str(if tail.is_nil() { "]" } else { ",...]" });
}
