//! ETS tables as a slice reaches them: by name or identity, one at a time.
//!
//! A table is read or written inside a call, for which a world of threads holds the table's lock: such calls
//! ask no other table and no other part of the world. Invariant: a call sees the table whole, before or after
//! any other call, and under a name only while it has that name.

use crate::ets::row::Row;
use crate::ets::table::{Table, TableAt, TableId};
use crate::heap::parcel::Parcel;
use crate::process::pid::Pid;
use crate::term::Atom;

/// What came of giving a table another name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Renamed {
    Done,
    NoTable,
    /// The caller said no.
    Refused,
    /// Another table has the name.
    Taken,
}

pub trait Tables {
    /// Shows a table to `look`; `false` if there is none.
    fn read(&mut self, at: TableAt, look: &mut dyn FnMut(&Table)) -> bool;
    /// Lets `change` change a table; `false` if there is none.
    fn write(&mut self, at: TableAt, change: &mut dyn FnMut(&mut Table)) -> bool;
    /// `false` if the table would have a name that another has.
    fn add(&mut self, table: Table) -> bool;
    /// Takes out a table where `may` agrees.
    fn remove(&mut self, at: TableAt, may: &mut dyn FnMut(&Table) -> bool) -> Option<Table>;
    fn rename(&mut self, at: TableAt, to: Atom, may: &mut dyn FnMut(&Table) -> bool) -> Renamed;
    fn find(&mut self, name: Atom) -> Option<TableId>;
    /// All tables, by name where they have one, in order of identity.
    fn all(&mut self) -> Vec<TableAt>;

    /// The process owns or fixes the table: it has something to release when it ends.
    fn hold(&mut self, pid: Pid, table: TableId);
    fn let_go(&mut self, pid: Pid, table: TableId);
    /// The first table that the process holds.
    fn held(&mut self, pid: Pid) -> Option<TableId>;
}

/// What a process did to a table.
#[derive(Debug)]
pub struct TableNote<'a> {
    pub at: TableAt,
    /// As a sentence of a trace has it: `writes`, `reads`, ...
    pub verb: &'static str,
    pub key: Option<Parcel>,
    /// What it got or put there.
    pub rows: &'a [Row],
}
