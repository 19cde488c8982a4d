//! Which tables a process owns or fixes, so that its end finds them without a search.
//!
//! Invariant: whoever owns or fixes a table is noted here; a note whose table is gone or released does no harm.

use super::table::TableId;
use crate::process::pid::Pid;
use crate::term::atom::FixedMap;
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default)]
pub struct Holdings(FixedMap<Pid, BTreeSet<TableId>>);

impl Holdings {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn hold(&mut self, pid: Pid, table: TableId) {
        self.0.entry(pid).or_default().insert(table);
    }

    pub fn let_go(&mut self, pid: Pid, table: TableId) {
        if let Some(held) = self.0.get_mut(&pid) {
            held.remove(&table);
            if held.is_empty() {
                self.0.remove(&pid);
            }
        }
    }

    pub fn first(&self, pid: Pid) -> Option<TableId> {
        self.0.get(&pid).and_then(|held| held.first().copied())
    }
}
