//! Objects with other elements: counters, and elements put in place of others.
//!
//! Invariant: an operation that fails leaves the table as it was, whichever of a list of operations it was.
//! Source: the documentation of `ets:update_counter/3,4` and `update_element/3`; which cause an error has
//! comes from a live `erl` of OTP 25.

use super::row::Row;
use super::table::Table;
use crate::heap::{Heap, HeapFull};
use crate::term::number::{self, ArithFault};
use crate::term::order::compare;
use crate::term::{Atom, Word};
use std::cmp::Ordering;

/// What is wrong with an update.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadUpdate {
    Argument,
    /// `badarg`, and why.
    Cause(Atom),
    Full,
}

impl From<HeapFull> for BadUpdate {
    fn from(_: HeapFull) -> BadUpdate {
        BadUpdate::Full
    }
}

/// The object that is updated: in the table, or a default that is on its way there.
enum Base {
    Row(Row),
    /// Elements on the heap.
    New(Vec<Word>),
}

/// An object and what its elements become.
struct Draft {
    base: Base,
    key_position: usize,
    /// Positions, from 1, and values on the heap.
    changes: Vec<(usize, Word)>,
}

impl Draft {
    /// The object of a key, or `default` with that key in it. `None` where there is neither.
    fn of(table: &Table, heap: &Heap, key: Word, default: Option<Word>) -> Result<Option<Draft>, BadUpdate> {
        let key_position = table.about.key_position;
        let default = match default {
            None => None,
            Some(default) => {
                let elements = heap.tuple(default).filter(|elements| elements.len() >= key_position);
                Some(elements.ok_or(BadUpdate::Argument)?)
            }
        };
        let base = match (table.lookup(heap, key).first(), default) {
            (Some(row), _) => Base::Row(row.clone()),
            (None, Some(elements)) => {
                let mut elements: Vec<Word> = elements.iter().map(|&w| Word(w)).collect();
                elements[key_position - 1] = key;
                Base::New(elements)
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(Draft { base, key_position, changes: Vec::new() }))
    }

    fn arity(&self) -> usize {
        match &self.base {
            Base::Row(row) => row.elements().map_or(0, <[u64]>::len),
            Base::New(elements) => elements.len(),
        }
    }

    /// A position that an update may name.
    fn position(&self, word: Word) -> Result<usize, BadUpdate> {
        let position = word.as_small().ok_or(BadUpdate::Argument)?;
        let inside = usize::try_from(position).ok().filter(|&n| n >= 1 && n <= self.arity());
        match inside {
            None => Err(BadUpdate::Cause(Atom::POSITION)),
            Some(position) if position == self.key_position => Err(BadUpdate::Cause(Atom::KEYPOS)),
            Some(position) => Ok(position),
        }
    }

    /// The element as it is by now.
    fn element(&self, heap: &mut Heap, position: usize) -> Result<Word, HeapFull> {
        if let Some(&(_, value)) = self.changes.iter().rev().find(|(at, _)| *at == position) {
            return Ok(value);
        }
        match &self.base {
            Base::Row(row) => row.copy_part(row.element(position).expect("it is inside"), heap),
            Base::New(elements) => Ok(elements[position - 1]),
        }
    }

    /// Puts the object into the table.
    fn store(self, table: &mut Table, heap: &mut Heap, key: Word) -> Result<(), HeapFull> {
        match &self.base {
            Base::Row(_) if self.changes.is_empty() => Ok(()),
            Base::Row(row) => {
                let row = match row.with_immediates(&self.changes) {
                    Some(row) => row,
                    None => {
                        let whole = row.copy(heap)?;
                        let elements = heap.tuple(whole).expect("a row is a tuple");
                        let elements = elements.iter().map(|&w| Word(w)).collect();
                        let object = changed(heap, elements, &self.changes)?;
                        Row::of(heap, object)?
                    }
                };
                table.replace(heap, key, row);
                Ok(())
            }
            Base::New(elements) => {
                let object = changed(heap, elements.clone(), &self.changes)?;
                let row = Row::of(heap, object)?;
                table.insert(heap, object, row);
                Ok(())
            }
        }
    }
}

fn changed(heap: &mut Heap, mut elements: Vec<Word>, changes: &[(usize, Word)]) -> Result<Word, HeapFull> {
    for &(position, value) in changes {
        elements[position - 1] = value;
    }
    heap.new_tuple(&elements)
}

/// Adds to a small integer in place, where that is all that there is to do: `None` where it is not.
#[inline(always)]
pub fn count_small(table: &mut Table, heap: &Heap, key: Word, operation: Word) -> Option<Word> {
    let (position, more) = simple(table, heap, operation).filter(|_| table.is_set())?;
    table.add_small(heap, key, position, more)
}

/// Adds to elements; gives what they become, an entry for each operation. `None` where the key has no object
/// and there is no default.
pub fn count(
    table: &mut Table,
    heap: &mut Heap,
    key: Word,
    operations: Option<&[Word]>,
    default: Option<Word>,
) -> Result<Option<Vec<Word>>, BadUpdate> {
    if !table.is_set() {
        return Err(BadUpdate::Cause(Atom::TABLE_TYPE));
    }
    let Some(mut draft) = Draft::of(table, heap, key, default)? else { return Ok(None) };
    let operations = operations.ok_or(BadUpdate::Argument)?;
    let mut values = Vec::with_capacity(operations.len());
    for &operation in operations {
        let (position, value) = count_one(&draft, heap, operation)?;
        draft.changes.push((position, value));
        values.push(value);
    }
    draft.store(table, heap, key)?;
    Ok(Some(values))
}

/// A small increment, and its position if that is not the key's.
fn simple(table: &Table, heap: &Heap, operation: Word) -> Option<(usize, Word)> {
    let behind_key = table.about.key_position + 1;
    let (position, more) = match heap.tuple(operation) {
        None => (behind_key, operation),
        Some(&[position, more]) => (usize::try_from(Word(position).as_small()?).ok()?, Word(more)),
        Some(_) => return None,
    };
    (more.is_small() && position + 1 != behind_key).then_some((position, more))
}

/// `Increment`, `{Position, Increment}` or `{Position, Increment, Threshold, SetValue}`.
fn count_one(draft: &Draft, heap: &mut Heap, operation: Word) -> Result<(usize, Word), BadUpdate> {
    let behind_key = Word::small(draft.key_position as i64 + 1);
    let (position, increment, limit) = match heap.tuple(operation) {
        None => (behind_key, operation, None),
        Some(&[position, increment]) => (Word(position), Word(increment), None),
        Some(&[position, increment, threshold, set]) => {
            (Word(position), Word(increment), Some((Word(threshold), Word(set))))
        }
        Some(_) => return Err(BadUpdate::Argument),
    };
    let limits_are_integers = limit.is_none_or(|(a, b)| heap.is_integer(a) && heap.is_integer(b));
    if !heap.is_integer(increment) || !limits_are_integers {
        return Err(BadUpdate::Argument);
    }
    let position = draft.position(position)?;
    let old = draft.element(heap, position)?;
    if !heap.is_integer(old) {
        return Err(BadUpdate::Argument);
    }
    let mut value = number::add(heap, old, increment).map_err(|fault| match fault {
        ArithFault::HeapFull => BadUpdate::Full,
        ArithFault::Badarith | ArithFault::Badarg | ArithFault::SystemLimit => BadUpdate::Argument,
    })?;
    if let Some((threshold, set)) = limit {
        let sinks = compare(heap, increment, Word::small(0)) == Ordering::Less;
        let beyond = if sinks { Ordering::Less } else { Ordering::Greater };
        if compare(heap, value, threshold) == beyond {
            value = set;
        }
    }
    Ok((position, value))
}

/// Puts elements in place of others: `{Position, Value}` each. `false` where the key has no object and there
/// is no default.
pub fn put_elements(
    table: &mut Table,
    heap: &mut Heap,
    key: Word,
    updates: Option<&[Word]>,
    default: Option<Word>,
) -> Result<bool, BadUpdate> {
    if !table.is_set() {
        return Err(BadUpdate::Argument);
    }
    let Some(mut draft) = Draft::of(table, heap, key, default)? else { return Ok(false) };
    for &update in updates.ok_or(BadUpdate::Argument)? {
        let Some(&[position, value]) = heap.tuple(update) else { return Err(BadUpdate::Argument) };
        let position = draft.position(Word(position)).map_err(|bad| match bad {
            BadUpdate::Cause(Atom::POSITION) => BadUpdate::Argument,
            other => other,
        })?;
        draft.changes.push((position, Word(value)));
    }
    draft.store(table, heap, key)?;
    Ok(true)
}
