//! What a fun is called, for order, hash and print: looked up by the number that its heap object holds.
//!
//! Invariant: this file alone asks the tables of names.

use super::Atom;
use crate::code::{ExportId, FunId};

/// A local fun as the module that made it numbers it (the old index and old uniq of the fun table).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FunKey {
    pub module: Atom,
    pub index: u32,
    pub uniq: u32,
}

/// An external fun: `fun module:function/arity`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExportKey {
    pub module: Atom,
    pub function: Atom,
    pub arity: u32,
}

pub(crate) fn fun_key(id: u32) -> Option<FunKey> {
    let key = FunId(id).known()?;
    Some(FunKey { module: key.module, index: key.index, uniq: key.uniq })
}

pub(crate) fn export_key(export: u32) -> Option<ExportKey> {
    let mfa = ExportId(export).known()?;
    Some(ExportKey { module: mfa.module, function: mfa.function, arity: mfa.arity })
}
