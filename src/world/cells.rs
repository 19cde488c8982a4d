//! State that programs reach by a reference and change: buffers of `prim_buffer`, streams of `zlib`.
//!
//! A program holds a handle; what it names lies in a table of the world. Invariant: a cell is a value, so that a copied world
//! has its own, and changes in one step. What was never sent is its maker's alone, and invisible to others.

use super::buffer::Buffer;
use super::counters::Rows;
use super::zlib::Stream;
use crate::heap::read::RefId;
use crate::heap::resource::{Handle, HandleKind};
use std::sync::Arc;

#[derive(Clone, Debug)]
pub enum Cell {
    Buffer(Buffer),
    Stream(Box<Stream>),
}

pub trait Cells {
    /// Makes a cell that the reference names.
    fn make_cell(&mut self, id: RefId, cell: Cell) -> Arc<Handle>;
    /// Reads or changes the cell of a live handle.
    fn with_cell(&mut self, id: RefId, act: &mut dyn FnMut(&mut Cell));
    /// One handle less.
    fn let_go_cell(&mut self, handle: Arc<Handle>);
}

/// The cells of a world of one thread: a value.
#[derive(Clone, Debug, Default)]
pub struct PlainCells(Rows<Cell>);

impl PlainCells {
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl Cells for PlainCells {
    fn make_cell(&mut self, id: RefId, cell: Cell) -> Arc<Handle> {
        self.0.add(HandleKind::Cell, id, cell)
    }

    fn with_cell(&mut self, id: RefId, act: &mut dyn FnMut(&mut Cell)) {
        act(self.0.get_mut(id));
    }

    fn let_go_cell(&mut self, handle: Arc<Handle>) {
        let id = handle.id;
        drop(handle);
        self.0.let_go(id);
    }
}
