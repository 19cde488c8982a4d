//! How a trace calls things: processes by path, terms short, calls as `module:function/arity`.

use crate::choice::Actor;
use crate::name::Births;
use crate::world::SimWorld;
use std::sync::Arc;
use warpbeam::code::CodeServer;
use warpbeam::heap::Heap;
use warpbeam::heap::literal::Literals;
use warpbeam::heap::parcel::Parcel;
use warpbeam::heap::read::View;
use warpbeam::process::pid::Pid;
use warpbeam::term::show::{show_named, show_string};
use warpbeam::term::{Atom, Word};

/// What names are made from.
#[derive(Clone)]
pub struct Namer<'a> {
    pub births: &'a Births,
    code: &'a CodeServer,
    literals: Arc<Literals>,
}

impl<'a> Namer<'a> {
    pub fn new(world: &'a SimWorld) -> Namer<'a> {
        let literals = Arc::clone(&world.code_view().literals);
        Namer { births: world.births(), code: world.code(), literals }
    }

    pub fn code(&self) -> &'a CodeServer {
        self.code
    }

    pub fn literals(&self) -> &Arc<Literals> {
        &self.literals
    }

    pub fn serial(&self, serial: u32) -> String {
        self.births.path(serial).to_string()
    }

    pub fn pid(&self, pid: Pid) -> String {
        self.known(pid).unwrap_or_else(|| format!("{pid:?}"))
    }

    fn known(&self, pid: Pid) -> Option<String> {
        let serial = pid.serial().0 as u32;
        ((serial as usize) < self.births.len()).then(|| self.serial(serial))
    }

    pub fn actor(&self, actor: Actor) -> String {
        self.births.name(actor).to_string()
    }

    /// A term in at most about `max_chars` characters.
    pub fn term(&self, parcel: &Parcel, max_chars: usize) -> String {
        let (heap, word) = parcel.unpack(&self.literals);
        self.word(&heap, word, max_chars)
    }

    /// The same of an exit reason; of a stack trace, only where it began.
    pub fn reason(&self, parcel: &Parcel, max_chars: usize) -> String {
        let (heap, word) = parcel.unpack(&self.literals);
        if let Some(&[reason, trace]) = heap.tuple(word)
            && let Some(origin) = origin(&heap, Word(trace))
        {
            return format!("{} in {origin}", self.word(&heap, Word(reason), max_chars));
        }
        self.word(&heap, word, max_chars)
    }

    pub fn word(&self, heap: &Heap, word: Word, max_chars: usize) -> String {
        show_named(heap, word, max_chars, &|view| match view {
            View::Pid(word) => Pid::of_word(word).and_then(|pid| self.known(pid)).map(|n| format!("<{n}>")),
            View::Reference(id) => {
                self.known(Pid::from_payload(id.creator)).map(|n| format!("#Ref<{n}/{}>", id.count))
            }
            _ => None,
        })
    }
}

/// Where an exception came from: `module:function/arity`, and file and line if they are known. The first entry
/// of a trace that has a line, or its first.
fn origin(heap: &Heap, mut trace: Word) -> Option<String> {
    let mut first = None;
    while trace.is_list() {
        let (entry, rest) = heap.cell(trace);
        let &[module, function, arity, place] = heap.tuple(entry)? else { return None };
        let (module, function) = (Word(module).as_atom()?, Word(function).as_atom()?);
        let arity = match Word(arity).as_small() {
            Some(arity) => arity as u32,
            None => list_length(heap, Word(arity))?,
        };
        let name = call((module, function, arity));
        if let Some(place) = source_place(heap, Word(place)) {
            return Some(match &first {
                Some(inner) => format!("{inner}, called in {name} ({place})"),
                None => format!("{name} ({place})"),
            });
        }
        first.get_or_insert(name);
        trace = rest;
    }
    first
}

fn list_length(heap: &Heap, mut list: Word) -> Option<u32> {
    let mut length = 0;
    while list.is_list() {
        length += 1;
        list = heap.cell(list).1;
    }
    list.is_nil().then_some(length)
}

/// `[{file, File}, {line, Line}]`
fn source_place(heap: &Heap, mut place: Word) -> Option<String> {
    let (mut file, mut line) = (None, None);
    while place.is_list() {
        let (item, rest) = heap.cell(place);
        match *heap.tuple(item)? {
            [key, value] if Word(key).as_atom()? == Atom::FILE => file = show_string(heap, Word(value)),
            [key, value] if Word(key).as_atom()? == Atom::LINE => line = Word(value).as_small(),
            _ => {}
        }
        place = rest;
    }
    Some(format!("{}:{}", file?, line?))
}

pub fn call((module, function, arity): (Atom, Atom, u32)) -> String {
    format!("{}:{}/{arity}", module.text(), function.text())
}
