//! Floating-point registers. A result that is not finite raises `badarith`.

use super::machine::{Fault, Machine};
use crate::code::instr::FloatOp;
use crate::term::{Atom, Word, number};

impl Machine<'_> {
    pub fn float_convert(&mut self, from: Word, to: u16) -> Result<(), Fault> {
        let value = number::to_f64(&self.p.heap, from).ok_or(Fault::error(Atom::BADARITH))?;
        self.float[to as usize & 1023] = value;
        Ok(())
    }

    pub fn float_op(&mut self, op: FloatOp, a: u16, b: u16, to: u16) -> Result<(), Fault> {
        let (a, b) = (self.float[a as usize & 1023], self.float[b as usize & 1023]);
        let value = match op {
            FloatOp::Add => a + b,
            FloatOp::Sub => a - b,
            FloatOp::Mul => a * b,
            FloatOp::Div => a / b,
            // As OTP does it: what was 0.0 stays 0.0.
            FloatOp::Negate => 0.0 - a,
        };
        if !value.is_finite() {
            return Err(Fault::error(Atom::BADARITH));
        }
        self.float[to as usize & 1023] = value;
        Ok(())
    }
}
