//! What a fun is called, for order, hash and print: looked up by the number that its heap object holds.
//!
//! Invariant: this file alone asks. Terms know nothing of loaded code, so the code area hands its look-up
//! in once ([`install`]); a number that it does not know counts by its value alone.

use super::Atom;
use std::sync::OnceLock;

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

/// The code area's look-ups, by fun number and by export number.
#[derive(Clone, Copy, Debug)]
pub struct FunNames {
    pub local: fn(u32) -> Option<FunKey>,
    pub external: fn(u32) -> Option<ExportKey>,
}

static NAMES: OnceLock<FunNames> = OnceLock::new();

/// Hands the look-ups in. False if some were there before; those stay.
pub fn install(names: FunNames) -> bool {
    NAMES.set(names).is_ok()
}

pub(crate) fn fun_key(id: u32) -> Option<FunKey> {
    (NAMES.get()?.local)(id)
}

pub(crate) fn export_key(export: u32) -> Option<ExportKey> {
    (NAMES.get()?.external)(export)
}
