//! The arrays of `atomics` and `counters` that threads share: real atomics.
//!
//! The table is locked to find an array, and each thread remembers some that it found, so that the integers
//! themselves are reached without a lock. Invariant: what a thread remembers may outlive its row, which nobody
//! can tell, as references are not used twice.

use crate::heap::read::RefId;
use crate::heap::resource::{Handle, HandleKind};
use crate::sched::atomics::{AtomicU64, Lock, Ordering};
use crate::world::counters::{Change, Rows, Shape};
use std::sync::Arc;

pub struct Array {
    shape: Shape,
    cells: Box<[AtomicU64]>,
}

impl Array {
    fn change(&self, index: usize, change: Change) -> Option<u64> {
        let cell = self.cells.get(index)?;
        Some(match change {
            Change::Get => cell.load(Ordering::SeqCst),
            Change::Put(new) => cell.swap(new, Ordering::SeqCst),
            Change::Add(more) => cell.fetch_add(more, Ordering::SeqCst),
            Change::CompareExchange { expected, desired } => {
                let exchanged = cell.compare_exchange(expected, desired, Ordering::SeqCst, Ordering::SeqCst);
                exchanged.unwrap_or_else(|actual| actual)
            }
        })
    }
}

/// All arrays.
#[derive(Default)]
pub struct Arrays(Lock<Rows<Arc<Array>>>);

/// Arrays that a thread remembers.
const KEPT: usize = 16;

/// The arrays that one thread used last.
#[derive(Default)]
pub struct Kept([Option<(RefId, Arc<Array>)>; KEPT]);

impl Arrays {
    pub fn make(&self, id: RefId, shape: Shape) -> Arc<Handle> {
        let cells = (0..shape.size).map(|_| AtomicU64::new(0)).collect();
        self.0.lock().add(HandleKind::Counters, id, Arc::new(Array { shape, cells }))
    }

    pub fn shape(&self, kept: &mut Kept, id: RefId) -> Shape {
        self.find(kept, id).shape
    }

    pub fn change(&self, kept: &mut Kept, id: RefId, index: usize, change: Change) -> Option<u64> {
        self.find(kept, id).change(index, change)
    }

    fn find<'k>(&self, kept: &'k mut Kept, id: RefId) -> &'k Array {
        let place = &mut kept.0[(id.creator ^ id.count) as usize % KEPT];
        if place.as_ref().is_none_or(|(known, _)| *known != id) {
            *place = None;
        }
        &place.get_or_insert_with(|| (id, Arc::clone(self.0.lock().get(id)))).1
    }

    pub fn let_go(&self, handle: Arc<Handle>) {
        let id = handle.id;
        // Gone before the lock is taken: of two threads that let go at once, the later one sees none left.
        drop(handle);
        self.0.lock().let_go(id);
    }
}
