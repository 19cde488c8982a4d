//! Bit syntax instructions.

use super::machine::{Fault, Machine};
use crate::code::Module;
use crate::code::instr::{At, BitOp};

impl Machine<'_> {
    /// Runs a bit syntax instruction; `false` goes to its label.
    pub fn bits(&mut self, module: &Module, op: BitOp, list: At) -> Result<bool, Fault> {
        let _ = (module, list);
        panic!("{op:?}")
    }
}
