//! How functions of `ets` reach a table: its name or reference, the caller's rights, and what is wrong.
//!
//! Invariant: a table that is not there, or that the caller may not touch, is found before anything is said
//! of other arguments, as in OTP. Terms are made into rows before a table is locked, and rows into terms
//! after it, but for small ones.

use crate::bif::{Ctx, Raise};
use crate::ets::row::Row;
use crate::ets::table::{Protection, Table, TableAt, TableId};
use crate::heap::mutator::{Mutator, Term};
use crate::heap::{Heap, HeapFull};
use crate::process::pid::Pid;
use crate::term::{Atom, Word};
use crate::world::TableNote;

/// Why a call failed; plain, so that it passes through a table's lock.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bad {
    Argument,
    /// `badarg`, and why.
    Cause(Atom),
    Full,
}

impl From<HeapFull> for Bad {
    fn from(_: HeapFull) -> Bad {
        Bad::Full
    }
}

impl From<Bad> for Raise<'_> {
    fn from(bad: Bad) -> Self {
        match bad {
            Bad::Argument => Raise::BADARG,
            Bad::Cause(cause) => Raise::Caused(Atom::BADARG, cause),
            Bad::Full => Raise::HeapFull,
        }
    }
}

/// What a caller wants to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Right {
    Read,
    Write,
}

#[inline]
pub(super) fn table_at<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<TableAt, Bad> {
    if let Some(name) = term.as_atom() {
        return Ok(TableAt::Name(name));
    }
    let id = m.heap().reference(term.word()).and_then(TableId::of);
    id.map(TableAt::Id).ok_or(Bad::Cause(Atom::TYPE))
}

pub(super) fn may(table: &Table, me: Pid, right: Right) -> Result<(), Bad> {
    let about = &table.about;
    let may = match right {
        Right::Read => about.protection != Protection::Private,
        Right::Write => about.protection == Protection::Public,
    };
    if may || about.owner == me { Ok(()) } else { Err(Bad::Cause(Atom::ACCESS)) }
}

/// Lets `look` read a table.
#[inline]
pub(super) fn read<'h, R>(
    ctx: &mut Ctx<'h, '_>,
    table: Term<'h>,
    look: impl FnOnce(&Table, &mut Heap) -> Result<R, Bad>,
) -> Result<R, Bad> {
    let at = table_at(&ctx.m, table)?;
    let (heap, me) = (ctx.m.heap_mut(), ctx.control.pid);
    let mut answer = Err(Bad::Cause(Atom::ID));
    let mut look = Some(look);
    ctx.world.tables().read(at, &mut |table| {
        let look = look.take().expect("a table is shown once");
        answer = may(table, me, Right::Read).and_then(|()| look(table, heap));
    });
    answer
}

/// Lets `change` change a table.
#[inline]
pub(super) fn write<'h, R>(
    ctx: &mut Ctx<'h, '_>,
    table: Term<'h>,
    right: Right,
    change: impl FnOnce(&mut Table, &mut Heap) -> Result<R, Bad>,
) -> Result<R, Bad> {
    let at = table_at(&ctx.m, table)?;
    let (heap, me) = (ctx.m.heap_mut(), ctx.control.pid);
    let mut answer = Err(Bad::Cause(Atom::ID));
    let mut change = Some(change);
    ctx.world.tables().write(at, &mut |table| {
        let change = change.take().expect("a table is shown once");
        answer = may(table, me, right).and_then(|()| change(table, heap));
    });
    answer
}

/// Tells the world what was done, where it wants to know.
#[inline]
pub(super) fn note<'h>(
    ctx: &mut Ctx<'h, '_>,
    table: Term<'h>,
    verb: &'static str,
    key: Option<Term<'h>>,
    rows: &[Row],
) -> Result<(), Raise<'h>> {
    if ctx.world.asks() {
        let at = table_at(&ctx.m, table)?;
        let mut known = at;
        ctx.world.tables().read(at, &mut |table| known = table.at());
        let key = key.map(|key| ctx.m.heap_mut().parcel(key.word())).transpose()?;
        ctx.world.note_table(TableNote { at: known, verb, key, rows });
    }
    Ok(())
}

/// A list of these rows' terms.
pub(super) fn rows_list<'h>(ctx: &mut Ctx<'h, '_>, rows: &[Row]) -> Result<Term<'h>, Raise<'h>> {
    let heap = ctx.m.heap_mut();
    let mut list = Word::NIL;
    for row in rows.iter().rev() {
        let term = row.copy(heap)?;
        list = heap.cons(term, list)?;
    }
    Ok(Term::of(list))
}
