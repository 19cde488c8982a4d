//! Tables change hands: given away, or at the end of their owner to the heir or to nobody.
//!
//! Invariant: a table whose owner has ended is gone or has a new owner. The receiver may end meanwhile; so it
//! is looked at once more after it holds the table, and either its own end or this finds the table.
//! Source: the documentation of `ets:give_away/3` and of the option `heir`.

use super::table::{Heir, Table, TableAt, TableId};
use crate::heap::parcel::{Parcel, Part};
use crate::planted;
use crate::process::pid::Pid;
use crate::process::signal::Signal;
use crate::term::{Atom, Word};
use crate::world::World;

/// What becomes of a table that somebody who ends has held.
enum Fate {
    /// It has another owner, or is gone.
    Stays,
    Goes,
    Inherited(Heir),
}

/// `pid`, which ends, lets go of a table.
pub fn release(world: &mut dyn World, pid: Pid, id: TableId) {
    let mut leaving = pid;
    loop {
        match end_hold(world, leaving, id) {
            Fate::Stays => return,
            Fate::Inherited(heir) if world.exists(heir.pid) => {
                if hand_over(world, id, leaving, heir.pid, &heir.data) {
                    return;
                }
                leaving = heir.pid;
            }
            Fate::Goes | Fate::Inherited(_) => {
                if let Some(table) = world.tables().remove(TableAt::Id(id), &mut |t| t.about.owner == leaving)
                {
                    forget_holders(world, &table);
                }
                return;
            }
        }
    }
}

/// Tells the heir of a table that is still the process's own: the fault `HeirToldEarly`.
pub(crate) fn tell_early(world: &mut dyn World, pid: Pid, id: TableId) {
    let mut heir = None;
    let mut named = None;
    world.tables().read(TableAt::Id(id), &mut |table| {
        heir.clone_from(&table.about.heir);
        named = table.about.named.then_some(table.about.name);
    });
    if let Some(heir) = heir {
        tell(world, id, named, pid, heir.pid, &heir.data);
    }
}

fn end_hold(world: &mut dyn World, pid: Pid, id: TableId) -> Fate {
    let mut fate = Fate::Stays;
    world.tables().write(TableAt::Id(id), &mut |table| {
        table.fixation.unfix_all(pid);
        if !table.fixation.is_fixed() {
            table.drop_ghosts();
        }
        if table.about.owner == pid {
            let heir = table.about.heir.clone().filter(|heir| heir.pid != pid);
            fate = heir.map_or(Fate::Goes, Fate::Inherited);
        }
    });
    world.tables().let_go(pid, id);
    fate
}

/// Makes `to` the owner and tells it. `false` if it has ended meanwhile and its end has missed the table.
pub fn hand_over(world: &mut dyn World, id: TableId, from: Pid, to: Pid, data: &Parcel) -> bool {
    let mut named = None;
    let mut done = false;
    world.tables().write(TableAt::Id(id), &mut |table| {
        done = table.about.owner == from;
        if done {
            table.about.owner = to;
            named = table.about.named.then_some(table.about.name);
        }
    });
    if !done {
        return true;
    }
    world.tables().hold(to, id);
    if !planted!(HeirToldEarly) {
        tell(world, id, named, from, to, data);
    }
    world.exists(to)
}

/// `{'ETS-TRANSFER', Table, From, Data}`
fn tell(world: &mut dyn World, id: TableId, named: Option<Atom>, from: Pid, to: Pid, data: &Parcel) {
    let table = match named {
        Some(name) => Part::Word(Word::atom(name)),
        None => Part::Reference(id.reference()),
    };
    let tag = Part::Word(Word::atom(Atom::ETS_TRANSFER));
    let message = Parcel::tuple(&[tag, table, Part::Word(from.word()), Part::Parcel(data)]);
    let _ = world.send(from, to, Signal::Message(message));
}

/// Whoever held a table that is gone holds it no more.
pub fn forget_holders(world: &mut dyn World, table: &Table) {
    let id = table.about.id;
    let fixers = table.fixation.holders().map(|(_, holders)| holders).unwrap_or_default();
    for &(pid, _) in fixers {
        world.tables().let_go(pid, id);
    }
    world.tables().let_go(table.about.owner, id);
}
