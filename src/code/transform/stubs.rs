//! Functions of OTP's modules that stand for functions in C: their code only says that the library is not loaded. Where the
//! native-function table has the function, that one is called in its place, by the module's own code too.
//!
//! Invariant: a stub is a body that comes to `erlang:nif_error` without a branch, itself or in a function that it ends with. A module with such functions has
//! no library to load, so its `on_load` function does not run. Source: the documentation of `erlang:load_nif/2`.

use super::Builder;
use crate::bif::{self, NativeIx};
use crate::code::AtomIx;
use crate::code::export::ExportId;
use crate::code::generic::{Arg, Function};
use crate::code::instr::Instr;
use crate::code::op::Opcode;
use crate::term::Atom;

/// A stub's body, by index of its operations: from the first to the call that raises.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stub {
    pub first: usize,
    pub last: usize,
    native: NativeIx,
    arity: u8,
}

impl Builder<'_> {
    /// The stubs that the table has a function for, in order.
    pub(super) fn stubs(&self) -> Vec<Stub> {
        self.generic.functions.iter().filter_map(|function| self.stub(function)).collect()
    }

    fn stub(&self, function: &Function) -> Option<Stub> {
        let module = self.atom(AtomIx::MODULE);
        let export = ExportId::new(module, self.atom(function.name), u32::from(function.arity));
        let native = bif::lookup(export)?;
        let (first, last) = self.raising(function, true)?;
        Some(Stub { first, last, native, arity: function.arity })
    }

    /// The operations of a function that does nothing but raise that it is not there: the first and the last. Those of a function
    /// that `passes_on` may call another one of the module that does.
    fn raising(&self, function: &Function, passes_on: bool) -> Option<(usize, usize)> {
        // After `func_info` and the label to which calls go.
        let first = function.func_info as usize + 2;
        for (at, op) in self.generic.ops.iter().enumerate().skip(first) {
            match op.op {
                Opcode::Move | Opcode::Line | Opcode::NifStart | Opcode::TestHeap | Opcode::PutTuple2 => {}
                Opcode::CallExt | Opcode::CallExtOnly | Opcode::CallExtLast => {
                    let &Arg::Literal(import) = self.args(op.args).get(1)? else { return None };
                    let import = self.file.imports[import as usize];
                    let raises = self.atom(import.module) == Atom::ERLANG
                        && self.atom(import.function).text() == "nif_error";
                    return raises.then_some((first, at));
                }
                Opcode::CallOnly if passes_on => {
                    let &Arg::Label(label) = self.args(op.args).get(1)? else { return None };
                    let called = self.generic.function_at(label)?;
                    return self.raising(called, false).map(|_| (first, at));
                }
                _ => return None,
            }
        }
        None
    }

    pub(super) fn emit_stub(&mut self, stub: Stub) {
        self.on_load_is_moot = true;
        self.emit(Instr::CallNativeOnly { native: stub.native, live: stub.arity });
    }
}
