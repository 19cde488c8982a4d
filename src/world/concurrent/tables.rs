//! ETS tables that threads share: a directory of cells, each a table behind a lock for many readers or one
//! writer; and one thread's way to them, which remembers the table that it used last.
//!
//! Invariants: whoever changes what the directory says of a table holds its lock for writing, so that a cell
//! that is locked and has the name is the one that the name leads to. A deleted table leaves an empty cell,
//! which tells whoever still has it. No lock is held while rows are freed. A lock of a table is held over the
//! directory's, never the other way round.

use super::names::Directory;
use crate::ets::holdings::Holdings;
use crate::ets::table::{Table, TableAt, TableId};
use crate::process::pid::Pid;
use crate::sched::atomics::{AtomicBool, Lock, Ordering, SharedLock};
use crate::term::Atom;
use crate::world::tables::{Renamed, Tables};
use std::sync::Arc;

struct Cell {
    id: TableId,
    table: SharedLock<Option<Table>>,
}

#[derive(Default)]
pub struct SharedTables {
    ids: Directory<TableId, Arc<Cell>>,
    names: Directory<Atom, Arc<Cell>>,
    holdings: Lock<Holdings>,
    /// Whether there has been a holding: processes of programs without tables end without the lock.
    used: AtomicBool,
}

pub struct LocalTables<'a> {
    shared: &'a SharedTables,
    last: Option<(TableAt, Arc<Cell>)>,
}

fn has(table: &Option<Table>, at: TableAt) -> bool {
    match (table, at) {
        (None, _) => false,
        (Some(_), TableAt::Id(_)) => true,
        (Some(table), TableAt::Name(name)) => table.about.named && table.about.name == name,
    }
}

impl SharedTables {
    fn cell(&self, at: TableAt) -> Option<Arc<Cell>> {
        match at {
            TableAt::Name(name) => self.names.get(name),
            TableAt::Id(id) => self.ids.get(id),
        }
    }
}

impl<'a> LocalTables<'a> {
    pub fn new(shared: &'a SharedTables) -> LocalTables<'a> {
        LocalTables { shared, last: None }
    }

    /// The cell to which the directory leads, or led last.
    #[inline]
    fn cell(&mut self, at: TableAt, fresh: bool) -> Option<&Cell> {
        if fresh || self.last.as_ref().is_none_or(|(last, _)| *last != at) {
            self.last = Some((at, self.shared.cell(at)?));
        }
        self.last.as_ref().map(|(_, cell)| &**cell)
    }

    /// Locks a table for writing, and asks `what` what to do with it.
    fn with_written<R>(
        &mut self,
        at: TableAt,
        what: impl FnOnce(&SharedTables, &mut Option<Table>) -> R,
    ) -> Option<R> {
        let shared = self.shared;
        let mut fresh = false;
        loop {
            let mut guard = self.cell(at, fresh)?.table.write();
            if has(&guard, at) {
                return Some(what(shared, &mut guard));
            }
            fresh = true;
        }
    }
}

impl Tables for LocalTables<'_> {
    fn read(&mut self, at: TableAt, look: &mut dyn FnMut(&Table)) -> bool {
        let mut fresh = false;
        loop {
            let Some(cell) = self.cell(at, fresh) else { return false };
            let guard = cell.table.read();
            if let Some(table) = guard.as_ref()
                && has(&guard, at)
            {
                look(table);
                return true;
            }
            fresh = true;
        }
    }

    fn write(&mut self, at: TableAt, change: &mut dyn FnMut(&mut Table)) -> bool {
        self.with_written(at, |_, table| change(table.as_mut().expect("the table is there"))).is_some()
    }

    fn add(&mut self, table: Table) -> bool {
        let (id, name) = (table.about.id, table.about.name);
        let named = table.about.named;
        let cell = Arc::new(Cell { id, table: SharedLock::new(Some(table)) });
        // Until both ways lead to it, nobody sees it.
        let _guard = cell.table.write();
        if named && !self.shared.names.insert(name, Arc::clone(&cell)) {
            return false;
        }
        let added = self.shared.ids.insert(id, Arc::clone(&cell));
        assert!(added, "an identity is given once");
        true
    }

    fn remove(&mut self, at: TableAt, may: &mut dyn FnMut(&Table) -> bool) -> Option<Table> {
        let removed = self.with_written(at, |shared, cell| {
            let table = cell.take_if(|table| may(table))?;
            shared.ids.remove(table.about.id);
            if table.about.named {
                shared.names.remove(table.about.name);
            }
            Some(table)
        });
        self.last = None;
        removed.flatten()
    }

    fn rename(&mut self, at: TableAt, to: Atom, may: &mut dyn FnMut(&Table) -> bool) -> Renamed {
        let Some(cell) = self.shared.cell(at) else { return Renamed::NoTable };
        let renamed = self.with_written(at, |shared, table| {
            let about = match table {
                Some(table) if may(table) => &mut table.about,
                _ => return Renamed::Refused,
            };
            if about.id != cell.id {
                // It was deleted, and another has its name now.
                return Renamed::NoTable;
            }
            if about.named {
                if !shared.names.insert(to, cell) {
                    return Renamed::Taken;
                }
                shared.names.remove(about.name);
            }
            about.name = to;
            Renamed::Done
        });
        renamed.unwrap_or(Renamed::NoTable)
    }

    fn find(&mut self, name: Atom) -> Option<TableId> {
        let mut id = None;
        self.read(TableAt::Name(name), &mut |table| id = Some(table.about.id));
        id
    }

    fn all(&mut self) -> Vec<TableAt> {
        let mut cells = self.shared.ids.values();
        cells.sort_by_key(|cell| cell.id);
        cells.iter().filter_map(|cell| cell.table.read().as_ref().map(Table::at)).collect()
    }

    fn hold(&mut self, pid: Pid, table: TableId) {
        self.shared.used.store(true, Ordering::SeqCst);
        self.shared.holdings.lock().hold(pid, table);
    }

    fn let_go(&mut self, pid: Pid, table: TableId) {
        self.shared.holdings.lock().let_go(pid, table);
    }

    fn held(&mut self, pid: Pid) -> Option<TableId> {
        if !self.shared.used.load(Ordering::SeqCst) {
            return None;
        }
        self.shared.holdings.lock().first(pid)
    }
}
