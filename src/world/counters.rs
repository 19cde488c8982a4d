//! Arrays of 64-bit integers that processes share: `atomics` and `counters`.
//!
//! A program holds a reference that is a handle ([`crate::heap::resource::Handle`]); the integers lie in a table
//! of the world. Invariant: a row stays while a handle of it exists anywhere, and goes after the last one; no
//! reference is used twice, so when exactly it goes cannot be told. What is signed is the reader's matter:
//! integers wrap at 64 bits either way. Source: the modules `atomics` and `counters`.

use crate::heap::read::RefId;
use crate::heap::resource::{Handle, HandleKind};
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

/// What an array was made as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    pub kind: Kind,
    pub size: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Atomics {
        signed: bool,
    },
    /// `counters:new(_, [write_concurrency])`. One integer each serves all threads.
    Counters,
}

/// What is done to one integer, in one step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    Get,
    Put(u64),
    Add(u64),
    CompareExchange { expected: u64, desired: u64 },
}

impl Change {
    /// What an integer becomes.
    pub fn of(self, old: u64) -> u64 {
        match self {
            Change::Get => old,
            Change::Put(new) => new,
            Change::Add(more) => old.wrapping_add(more),
            Change::CompareExchange { expected, desired } => {
                if old == expected {
                    desired
                } else {
                    old
                }
            }
        }
    }
}

pub trait Counters {
    /// Makes an array of zeros that the reference names.
    fn make_counters(&mut self, id: RefId, shape: Shape) -> Arc<Handle>;
    /// What the array of a live handle was made as.
    fn counters_shape(&mut self, id: RefId) -> Shape;
    /// Changes an integer of the array of a live handle, and gives what it was; `None` if the index, from 0, is
    /// out of its range.
    fn change_counter(&mut self, id: RefId, index: usize, change: Change) -> Option<u64>;
    /// One handle less.
    fn let_go_counters(&mut self, handle: Arc<Handle>);
}

/// Which arrays there are, and when they may go.
#[derive(Clone, Debug)]
pub struct Rows<T> {
    rows: BTreeMap<RefId, (Weak<Handle>, T)>,
    /// Rows at which those without a handle are looked for: parcels go without a word to the world.
    full: usize,
}

/// Rows at which a table is looked through for the first time.
const FIRST_FULL: usize = 64;

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Rows { rows: BTreeMap::new(), full: FIRST_FULL }
    }
}

impl<T> Rows<T> {
    pub fn add(&mut self, kind: HandleKind, id: RefId, row: T) -> Arc<Handle> {
        if self.rows.len() >= self.full {
            self.rows.retain(|_, (handle, _)| handle.strong_count() > 0);
            self.full = FIRST_FULL.max(2 * self.rows.len());
        }
        let handle = Arc::new(Handle { kind, id });
        let old = self.rows.insert(id, (Arc::downgrade(&handle), row));
        assert!(old.is_none_or(|(handle, _)| handle.strong_count() == 0), "a reference names one row");
        handle
    }

    pub fn get(&self, id: RefId) -> &T {
        &self.rows.get(&id).expect("a live handle has a row").1
    }

    pub fn get_mut(&mut self, id: RefId) -> &mut T {
        &mut self.rows.get_mut(&id).expect("a live handle has a row").1
    }

    /// One handle less; the row goes with the last.
    pub fn let_go(&mut self, id: RefId) {
        if self.rows.get(&id).is_some_and(|(handle, _)| handle.strong_count() == 0) {
            self.rows.remove(&id);
        }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn clear(&mut self) {
        *self = Rows::default();
    }
}

/// The arrays of a world of one thread: a value.
#[derive(Clone, Debug, Default)]
pub struct PlainCounters(Rows<(Shape, Vec<u64>)>);

impl PlainCounters {
    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Counters for PlainCounters {
    fn make_counters(&mut self, id: RefId, shape: Shape) -> Arc<Handle> {
        self.0.add(HandleKind::Counters, id, (shape, vec![0; shape.size]))
    }

    fn counters_shape(&mut self, id: RefId) -> Shape {
        self.0.get(id).0
    }

    fn change_counter(&mut self, id: RefId, index: usize, change: Change) -> Option<u64> {
        let cell = self.0.get_mut(id).1.get_mut(index)?;
        let old = *cell;
        *cell = change.of(old);
        Some(old)
    }

    fn let_go_counters(&mut self, handle: Arc<Handle>) {
        let id = handle.id;
        drop(handle);
        self.0.let_go(id);
    }
}
