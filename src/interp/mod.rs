//! The interpreter: runs one process for a slice.

use crate::code::CodeView;
use crate::heap::collect::Scratch;
use crate::process::Process;
use crate::process::signal::Signal;
use crate::sched::{Reductions, SliceEnd};
use crate::world::World;
use std::sync::Arc;

/// The machine registers and buffers of one scheduler; a parked process keeps only its live registers.
pub struct Regs {
    pub(crate) x: Box<[u64; 1024]>,
    pub(crate) float: Box<[f64; 1024]>,
    pub(crate) scratch: Scratch,
    pub(crate) signals: Vec<Signal>,
    pub(crate) view: Arc<CodeView>,
}

impl Default for Regs {
    fn default() -> Self {
        Regs {
            x: Box::new([crate::term::Word::NIL.0; 1024]),
            float: Box::new([0.0; 1024]),
            scratch: Scratch::default(),
            signals: Vec::new(),
            view: Arc::default(),
        }
    }
}

/// Runs a process until it waits, ends, uses up its reductions, or meets a visible operation that the world
/// does not permit yet.
pub fn run_slice(
    process: &mut Process,
    regs: &mut Regs,
    world: &mut dyn World,
    reductions: Reductions,
) -> SliceEnd {
    let _ = (process, regs, world, reductions);
    SliceEnd::Yield
}
