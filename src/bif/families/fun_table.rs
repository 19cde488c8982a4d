//! Funs in the external format: their identities from and to the numbers that heap objects hold.
//!
//! Invariant: a decoded fun of a module version that is or was loaded gets that version's number. A fun whose code
//! was never seen gets a number of its own, and calling it fails as calling a fun of a missing module does.

use crate::code::{ExportId, FunId, FunKey};
use crate::term::Atom;
use crate::term::etf::{FunIdentity, FunTable};
use crate::term::fun::ExportKey;

pub(super) struct Funs;

impl FunTable for Funs {
    fn fun_identity(&self, id: u32) -> Option<FunIdentity> {
        let key = FunId(id).key();
        Some(FunIdentity {
            module: key.module,
            arity: key.arity,
            index: key.index,
            uniq: key.md5,
            old_index: key.index,
            old_uniq: key.uniq,
        })
    }

    fn export_identity(&self, export: u32) -> Option<ExportKey> {
        let mfa = ExportId(export).mfa();
        Some(ExportKey { module: mfa.module, function: mfa.function, arity: mfa.arity })
    }

    fn resolve_fun(&mut self, fun: &FunIdentity, free: usize) -> Option<u32> {
        let free = u32::try_from(free).ok()?;
        let same = |key: &FunKey| {
            key.module == fun.module
                && key.index == fun.index
                && key.uniq == fun.old_uniq
                && key.md5 == fun.uniq
                && key.arity == fun.arity
                && key.free == free
        };
        let id = FunId::find(same).unwrap_or_else(|| {
            FunId::new(FunKey {
                module: fun.module,
                index: fun.index,
                uniq: fun.old_uniq,
                md5: fun.uniq,
                arity: fun.arity,
                free,
                function: Atom::EMPTY,
            })
        });
        Some(id.0)
    }

    fn resolve_export(&mut self, export: ExportKey, create: bool) -> Option<u32> {
        let ExportKey { module, function, arity } = export;
        if create {
            Some(ExportId::new(module, function, arity).0)
        } else {
            ExportId::existing(module, function, arity).map(|id| id.0)
        }
    }
}
