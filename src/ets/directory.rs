//! All tables of a world that one thread has to itself: plain data, copied with the world.
//!
//! Invariant: each named table is in `names`, under its name and no other.

use super::holdings::Holdings;
use super::table::{Table, TableAt, TableId};
use crate::process::pid::Pid;
use crate::term::Atom;
use crate::term::atom::FixedMap;
use crate::world::tables::{Renamed, Tables};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub struct PlainTables {
    tables: BTreeMap<TableId, Table>,
    names: FixedMap<Atom, TableId>,
    holdings: Holdings,
}

impl PlainTables {
    pub fn clear(&mut self) {
        self.tables.clear();
        self.names.clear();
        self.holdings.clear();
    }

    pub fn get(&self, at: TableAt) -> Option<&Table> {
        self.tables.get(&self.id(at)?)
    }

    fn id(&self, at: TableAt) -> Option<TableId> {
        match at {
            TableAt::Name(name) => self.names.get(&name).copied(),
            TableAt::Id(id) => Some(id),
        }
    }
}

impl Tables for PlainTables {
    fn read(&mut self, at: TableAt, look: &mut dyn FnMut(&Table)) -> bool {
        self.get(at).map(look).is_some()
    }

    fn write(&mut self, at: TableAt, change: &mut dyn FnMut(&mut Table)) -> bool {
        self.id(at).and_then(|id| self.tables.get_mut(&id)).map(change).is_some()
    }

    fn add(&mut self, table: Table) -> bool {
        let (id, name) = (table.about.id, table.about.name);
        if table.about.named {
            if self.names.contains_key(&name) {
                return false;
            }
            self.names.insert(name, id);
        }
        let before = self.tables.insert(id, table);
        assert!(before.is_none(), "an identity is given once");
        true
    }

    fn remove(&mut self, at: TableAt, may: &mut dyn FnMut(&Table) -> bool) -> Option<Table> {
        let id = self.id(at)?;
        if !may(self.tables.get(&id)?) {
            return None;
        }
        let table = self.tables.remove(&id)?;
        if table.about.named {
            self.names.remove(&table.about.name);
        }
        Some(table)
    }

    fn rename(&mut self, at: TableAt, to: Atom, may: &mut dyn FnMut(&Table) -> bool) -> Renamed {
        let table = self.id(at).and_then(|id| self.tables.get_mut(&id));
        let Some(table) = table else { return Renamed::NoTable };
        if !may(table) {
            return Renamed::Refused;
        }
        if table.about.named {
            if self.names.contains_key(&to) {
                return Renamed::Taken;
            }
            self.names.remove(&table.about.name);
            self.names.insert(to, table.about.id);
        }
        table.about.name = to;
        Renamed::Done
    }

    fn find(&mut self, name: Atom) -> Option<TableId> {
        self.names.get(&name).copied()
    }

    fn all(&mut self) -> Vec<TableAt> {
        self.tables.values().map(Table::at).collect()
    }

    fn hold(&mut self, pid: Pid, table: TableId) {
        self.holdings.hold(pid, table);
    }

    fn let_go(&mut self, pid: Pid, table: TableId) {
        self.holdings.let_go(pid, table);
    }

    fn held(&mut self, pid: Pid) -> Option<TableId> {
        self.holdings.first(pid)
    }
}
