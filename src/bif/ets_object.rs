//! Which table, and which of its keys, a call of a function of `ets` touches.
//!
//! Invariant: two calls whose order a program can notice name the same table and, where both name a key, the
//! same hash of a key. A table that has a name is named by it, however the program names it.

use crate::ets::table::{TableAt, TableId};
use crate::heap::Heap;
use crate::term::{Atom, Word};
use crate::world::{Object, OpKind, World};

/// The object of an operation on a table.
#[inline(never)]
pub(super) fn table_object(kind: OpKind, heap: &Heap, world: &mut dyn World, arguments: &[u64]) -> Object {
    let Some(at) = arguments.first().and_then(|&word| table_of(heap, Word(word))) else {
        return Object::Nothing;
    };
    let second = arguments.get(1).map(|&word| Word(word));
    match (kind, second) {
        (OpKind::EtsNew, Some(options)) if is_nameless(heap, options) => Object::Nothing,
        // Another name: it touches what has either.
        (OpKind::EtsNew, Some(name)) if name.is_atom() => Object::Everything,
        (OpKind::EtsRead | OpKind::EtsWrite | OpKind::EtsInsert, Some(word)) => {
            key_object(kind, heap, world, at, word)
        }
        _ => Object::Table(known_at(world, at)),
    }
}

/// A table by name or reference, or the table of a continuation.
fn table_of(heap: &Heap, word: Word) -> Option<TableAt> {
    let word = match heap.tuple(word) {
        Some(&[table, ..]) => Word(table),
        _ => word,
    };
    match word.as_atom() {
        Some(name) => Some(TableAt::Name(name)),
        None => heap.reference(word).and_then(TableId::of).map(TableAt::Id),
    }
}

/// Whether these are options of a new table that gets no name.
fn is_nameless(heap: &Heap, options: Word) -> bool {
    let mut list = heap.list(options);
    options.is_nil() || options.is_list() && list.all(|option| option.as_atom() != Some(Atom::NAMED_TABLE))
}

fn known_at(world: &mut dyn World, at: TableAt) -> TableAt {
    let mut known = at;
    world.tables().read(at, &mut |table| known = table.at());
    known
}

fn key_object(kind: OpKind, heap: &Heap, world: &mut dyn World, at: TableAt, word: Word) -> Object {
    let mut object = Object::Table(at);
    world.tables().read(at, &mut |table| {
        let key = match kind {
            OpKind::EtsInsert => {
                let only = word.is_list().then(|| heap.cell(word)).filter(|(_, rest)| rest.is_nil());
                table.key_of(heap, only.map_or(word, |(only, _)| only))
            }
            _ => Some(word),
        };
        object = match key {
            Some(key) => {
                let short = table.sought(heap, key).short;
                Object::TableKey(table.at(), (short ^ short >> 32) as u32)
            }
            None => Object::Table(table.at()),
        };
    });
    object
}
