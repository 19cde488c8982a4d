//! Funs as the external term format names them, resolved through the tables of names.

use super::export::{ExportId, FunId};
use crate::term::etf::{FunIdentity, FunTable};
use crate::term::fun::ExportKey;

/// The table of all funs and exports that this operating-system process knows.
#[derive(Clone, Copy, Debug, Default)]
pub struct KnownFuns;

impl FunTable for KnownFuns {
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
        FunId::find(fun.module, fun.index, &fun.uniq)
            .filter(|id| id.key().arity == fun.arity && id.key().free as usize == free)
            .map(|id| id.0)
    }

    fn resolve_export(&mut self, export: ExportKey, create: bool) -> Option<u32> {
        if create {
            Some(ExportId::new(export.module, export.function, export.arity).0)
        } else {
            ExportId::existing(export.module, export.function, export.arity).map(|id| id.0)
        }
    }
}
