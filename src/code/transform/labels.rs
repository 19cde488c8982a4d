//! Resolving labels: every jump target of an instruction, and the labels in operand lists.

use super::Builder;
use crate::code::instr::{Instr, NO_LABEL, Pc};

impl Builder<'_> {
    pub(super) fn resolve_labels(&mut self) {
        let label_pc = &self.label_pc;
        let resolve = |label: Pc| {
            if label == NO_LABEL {
                return NO_LABEL;
            }
            let pc = label_pc[label as usize];
            assert!(pc != NO_LABEL, "the loader checks that label {label} is defined");
            pc
        };
        for instr in &mut self.code {
            if let Some(target) = target(instr) {
                *target = resolve(*target);
            }
        }
        for &at in &self.extra_labels {
            let label = &mut self.extra[at as usize];
            *label = resolve(*label);
        }
    }
}

/// The label that an instruction names, if any.
pub(super) fn target(instr: &mut Instr) -> Option<&mut Pc> {
    use Instr::*;
    match instr {
        UnconsX { fail, .. }
        | UnconsAllocate { fail, .. }
        | UnconsAllocateXY2 { fail, .. }
        | Is { fail, .. }
        | IsNonemptyListX { fail, .. }
        | IsNilX { fail, .. }
        | IsTupleX { fail, .. }
        | IsTupleOf { fail, .. }
        | TestArity { fail, .. }
        | IsTagged { fail, .. }
        | IsEqExact { fail, .. }
        | IsNeExact { fail, .. }
        | IsEqWord { fail, .. }
        | IsNeWord { fail, .. }
        | IsEqWordX { fail, .. }
        | IsEq { fail, .. }
        | IsNe { fail, .. }
        | IsLt { fail, .. }
        | IsGe { fail, .. }
        | IsFunctionOf { fail, .. }
        | HasMapFields { fail, .. }
        | GetMapElements { fail, .. }
        | SelectVal { fail, .. }
        | SelectDense { fail, .. }
        | SelectArity { fail, .. }
        | Guard { fail, .. }
        | Add { fail, .. }
        | Sub { fail, .. }
        | AddConstX { fail, .. }
        | AddConstY { fail, .. }
        | Arith { fail, .. }
        | Element { fail, .. }
        | PutMap { fail, .. }
        | Bits { fail, .. }
        | StartMatchX { fail, .. }
        | GetFields { fail, .. } => Some(fail),
        Jump { to }
        | Call { to, .. }
        | CallOnly { to, .. }
        | CallLast { to, .. }
        | MoveCall { to, .. }
        | MoveCallOnly { to, .. }
        | MoveCallLast { to, .. }
        | MoveYX2CallLast { callee: to, .. }
        | TrimCall { to, .. }
        | MoveTrimCall { to, .. }
        | Catch { to, .. }
        | Try { to, .. }
        | LoopRecEnd { to }
        | Wait { to }
        | WaitTimeout { to, .. } => Some(to),
        LoopRec { empty, .. } => Some(empty),
        _ => None,
    }
}
