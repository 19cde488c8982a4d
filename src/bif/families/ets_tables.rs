//! ETS tables as wholes: made, named, fixed, given away, deleted. Source: the documentation of `ets`; errors
//! and their causes, and which of two options counts, from a live `erl` of OTP 25.

use super::arguments::{boolean, option};
use super::ets_access::{Bad, Right, note, table_at, write};
use crate::bif::{Ctx, EffectResult, Raise};
use crate::ets::release::{forget_holders, hand_over, release};
use crate::ets::table::{Heir, NewTable, Protection, Table, TableAt, TableId, TableKind, Tuning};
use crate::heap::mutator::Term;
use crate::heap::parcel::Parcel;
use crate::heap::read::RefId;
use crate::process::pid::Pid;
use crate::process::signal::Signal;
use crate::term::{Atom, Word};
use crate::world::tables::Renamed;
use std::sync::Arc;

crate::bif::table::natives! { ROWS:
    effect "ets" "new" 2 = new, EtsNew;
    effect "ets" "delete" 1 = delete, EtsAdmin;
    effect "ets" "rename" 2 = rename, EtsNew;
    effect "ets" "whereis" 1 = whereis, EtsScan;
    effect "ets" "setopts" 2 = setopts, EtsAdmin;
    effect "ets" "give_away" 3 = give_away, EtsAdmin;
    effect "ets" "safe_fixtable" 2 = safe_fixtable, EtsAdmin;
    effect "ets" "internal_request_all" 0 = request_all, ListAll;
}

/// What a program calls a table: its name or its reference.
pub(super) fn table_term<'h>(ctx: &mut Ctx<'h, '_>, at: TableAt) -> Result<Term<'h>, Raise<'h>> {
    Ok(match at {
        TableAt::Name(name) => Term::atom(name),
        TableAt::Id(id) => ctx.m.reference(id.reference())?,
    })
}

fn new<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let name = args[0].as_atom().ok_or(Raise::BADARG)?;
    let options = ctx.m.list_elements(args[1]).ok_or(Raise::BADARG)?;
    let owner = ctx.control.pid;
    let mut about = NewTable {
        id: TableId::new(RefId { creator: 0, count: 0 }),
        name,
        named: false,
        kind: TableKind::Set,
        key_position: 1,
        protection: Protection::Protected,
        owner,
        heir: None,
        tuning: Tuning {
            read_concurrency: false,
            write_concurrency: Atom::FALSE,
            decentralized_counters: false,
            compressed: false,
        },
    };
    let mut decentralized = None;
    for option in options {
        new_option(ctx, option, &mut about, &mut decentralized)?.ok_or(Raise::BADARG)?;
    }
    settle_tuning(&mut about, decentralized);
    about.heir = about.heir.filter(|heir| ctx.world.exists(heir.pid));
    about.id = TableId::new(ctx.control.next_reference());
    let (id, named) = (about.id, about.named);
    ctx.world.tables().hold(owner, id);
    if !ctx.world.tables().add(Table::new(about)) {
        ctx.world.tables().let_go(owner, id);
        return Err(Raise::Caused(Atom::BADARG, Atom::ALREADY_EXISTS));
    }
    let at = if named { TableAt::Name(name) } else { TableAt::Id(id) };
    let table = table_term(ctx, at)?;
    note(ctx, table, "makes", None, &[])?;
    Ok(table.into())
}

/// `None` for an option that is none.
fn new_option<'h>(
    ctx: &mut Ctx<'h, '_>,
    term: Term<'h>,
    about: &mut NewTable,
    decentralized: &mut Option<bool>,
) -> Result<Option<()>, Raise<'h>> {
    if let Some(atom) = term.as_atom() {
        match atom {
            // The default does not undo what came before it.
            Atom::SET => {}
            Atom::ORDERED_SET => about.kind = TableKind::OrderedSet,
            Atom::BAG => about.kind = TableKind::Bag,
            Atom::DUPLICATE_BAG => about.kind = TableKind::DuplicateBag,
            Atom::NAMED_TABLE => about.named = true,
            Atom::COMPRESSED => about.tuning.compressed = true,
            other => match protection(other) {
                Some(protection) => about.protection = protection,
                None => return Ok(None),
            },
        }
        return Ok(Some(()));
    }
    if let Some(heir) = heir_option(ctx, term)? {
        about.heir = heir;
        return Ok(Some(()));
    }
    let Some((name, value)) = option(&ctx.m, term) else { return Ok(None) };
    let set = match name {
        Atom::KEYPOS => {
            let position = value.as_small().and_then(|n| usize::try_from(n).ok()).filter(|&n| n > 0);
            position.map(|position| about.key_position = position)
        }
        Atom::READ_CONCURRENCY => boolean(value).map(|yes| about.tuning.read_concurrency = yes),
        Atom::DECENTRALIZED_COUNTERS => boolean(value).map(|yes| *decentralized = Some(yes)),
        Atom::WRITE_CONCURRENCY => {
            let known = value.as_atom().filter(|&a| [Atom::TRUE, Atom::FALSE, Atom::AUTO].contains(&a));
            known.map(|how| about.tuning.write_concurrency = how)
        }
        _ => None,
    };
    Ok(set)
}

/// What the options for concurrency come to together, as OTP shows it.
fn settle_tuning(about: &mut NewTable, decentralized: Option<bool>) {
    let tuning = &mut about.tuning;
    if about.protection == Protection::Private {
        tuning.write_concurrency = Atom::FALSE;
    }
    let by_default = match tuning.write_concurrency {
        Atom::AUTO => true,
        Atom::TRUE => about.kind == TableKind::OrderedSet,
        _ => false,
    };
    let concurrent = tuning.write_concurrency != Atom::FALSE;
    tuning.decentralized_counters = concurrent && decentralized.unwrap_or(by_default);
}

fn protection(atom: Atom) -> Option<Protection> {
    match atom {
        Atom::PUBLIC => Some(Protection::Public),
        Atom::PROTECTED => Some(Protection::Protected),
        Atom::PRIVATE => Some(Protection::Private),
        _ => None,
    }
}

/// `{heir, none}` or `{heir, Pid, Data}`; `None` for anything else.
fn heir_option<'h>(ctx: &mut Ctx<'h, '_>, term: Term<'h>) -> Result<Option<Option<Heir>>, Raise<'h>> {
    let words = ctx.m.heap().tuple(term.word()).unwrap_or_default();
    let is_heir = words.first().is_some_and(|&w| Word(w) == Word::atom(Atom::HEIR));
    match *words {
        [_, none] if is_heir && Word(none) == Word::atom(Atom::NONE) => Ok(Some(None)),
        [_, pid, data] if is_heir => {
            let Some(pid) = Pid::of_word(Word(pid)) else { return Ok(None) };
            let data = Arc::new(ctx.m.heap_mut().parcel(Word(data))?);
            Ok(Some(Some(Heir { pid, data })))
        }
        _ => Ok(None),
    }
}

fn delete<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let at = table_at(&ctx.m, args[0])?;
    let me = ctx.control.pid;
    note(ctx, args[0], "deletes", None, &[])?;
    let mut allowed = Err(Bad::Cause(Atom::ID));
    let removed = ctx.world.tables().remove(at, &mut |table| {
        allowed = super::ets_access::may(table, me, Right::Write);
        allowed.is_ok()
    });
    let Some(table) = removed else { return Err(allowed.err().unwrap_or(Bad::Cause(Atom::ID)).into()) };
    forget_holders(ctx.world, &table);
    Ok(Term::boolean(true).into())
}

fn rename<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let at = table_at(&ctx.m, args[0])?;
    let me = ctx.control.pid;
    let to = args[1].as_atom();
    let (mut allowed, mut named) = (Ok(()), false);
    // A new name that is none is an error of a table that is there and may be renamed.
    let renamed = ctx.world.tables().rename(at, to.unwrap_or(Atom::UNDEFINED), &mut |table| {
        allowed = super::ets_access::may(table, me, Right::Write);
        named = table.about.named;
        allowed.is_ok() && to.is_some()
    });
    match (renamed, to) {
        (Renamed::Done, Some(to)) => {
            let table = if named { Term::atom(to) } else { args[0] };
            note(ctx, table, "renames", None, &[])?;
            Ok(table.into())
        }
        (Renamed::NoTable, _) => Err(Bad::Cause(Atom::ID).into()),
        (Renamed::Refused, _) => Err(allowed.err().unwrap_or(Bad::Argument).into()),
        (Renamed::Taken | Renamed::Done, _) => Err(Raise::BADARG),
    }
}

fn whereis<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let name = args[0].as_atom().ok_or(Raise::BADARG)?;
    match ctx.world.tables().find(name) {
        Some(id) => Ok(table_term(ctx, TableAt::Id(id))?.into()),
        None => Ok(Term::atom(Atom::UNDEFINED).into()),
    }
}

/// What `setopts/2` sets.
#[derive(Default)]
struct Changes {
    heir: Option<Option<Heir>>,
    protection: Option<Protection>,
}

/// An option, or a list of options that are given once each.
fn changes<'h>(ctx: &mut Ctx<'h, '_>, term: Term<'h>) -> Result<Result<Changes, Bad>, Raise<'h>> {
    let options = if term.is_list() || term.is_nil() { ctx.m.list_elements(term) } else { Some(vec![term]) };
    let Some(options) = options else { return Ok(Err(Bad::Argument)) };
    let mut changes = Changes::default();
    for term in options {
        let twice = if let Some(heir) = heir_option(ctx, term)? {
            changes.heir.replace(heir).is_some()
        } else {
            let set = option(&ctx.m, term).filter(|&(name, _)| name == Atom::PROTECTION);
            let Some(set) = set.and_then(|(_, value)| protection(value.as_atom()?)) else {
                return Ok(Err(Bad::Argument));
            };
            changes.protection.replace(set).is_some()
        };
        if twice {
            return Ok(Err(Bad::Argument));
        }
    }
    if let Some(heir) = &mut changes.heir {
        *heir = heir.take().filter(|heir| ctx.world.exists(heir.pid));
    }
    Ok(Ok(changes))
}

fn setopts<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let changes = changes(ctx, args[1])?;
    let me = ctx.control.pid;
    write(ctx, args[0], Right::Write, |table, _| {
        let changes = changes?;
        if table.about.owner != me {
            return Err(Bad::Argument);
        }
        if let Some(heir) = changes.heir {
            table.about.heir = heir;
        }
        if let Some(protection) = changes.protection {
            table.about.protection = protection;
        }
        Ok(())
    })?;
    note(ctx, args[0], "sets options of", None, &[])?;
    Ok(Term::boolean(true).into())
}

fn give_away<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let me = ctx.control.pid;
    let to = Pid::of_word(args[1].word());
    let alive = to.is_some_and(|to| ctx.world.exists(to));
    let (id, to) = write(ctx, args[0], Right::Write, |table, _| {
        let to = to.filter(|_| alive).ok_or(Bad::Argument)?;
        if table.about.owner != me {
            return Err(Bad::Cause(Atom::NOT_OWNER));
        }
        if to == me {
            return Err(Bad::Cause(Atom::OWNER));
        }
        Ok((table.about.id, to))
    })?;
    let gift: Parcel = ctx.m.heap_mut().parcel(args[2].word())?;
    note(ctx, args[0], "gives away", None, &[])?;
    if !hand_over(ctx.world, id, me, to, &gift) {
        release(ctx.world, to, id);
    }
    let mut fixes = false;
    ctx.world.tables().read(TableAt::Id(id), &mut |table| fixes = table.fixation.is_fixed_by(me));
    if !fixes {
        ctx.world.tables().let_go(me, id);
    }
    Ok(Term::boolean(true).into())
}

fn safe_fixtable<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let me = ctx.control.pid;
    let now = ctx.world.now();
    let fix = boolean(args[1]);
    let (id, holds) = super::ets_access::write(ctx, args[0], Right::Read, |table, _| {
        match fix.ok_or(Bad::Argument)? {
            true => table.fixation.fix(me, now),
            false => {
                table.fixation.unfix(me);
                if !table.fixation.is_fixed() {
                    table.drop_ghosts();
                }
            }
        }
        Ok((table.about.id, table.fixation.is_fixed_by(me) || table.about.owner == me))
    })?;
    if holds {
        ctx.world.tables().hold(me, id);
    } else {
        ctx.world.tables().let_go(me, id);
    }
    note(ctx, args[0], if fix == Some(true) { "fixes" } else { "lets go of" }, None, &[])?;
    Ok(Term::boolean(true).into())
}

/// Sends the caller `{Request, [Table]}` as often as there are schedulers, as `ets:all/0` expects it; all
/// tables are in the first.
fn request_all<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let request = ctx.control.next_reference();
    let mut tables = Vec::new();
    for at in ctx.world.tables().all() {
        tables.push(table_term(ctx, at)?);
    }
    let schedulers = ctx.world.schedulers();
    for n in 0..schedulers {
        let list = if n == 0 { ctx.m.list(&tables)? } else { Term::nil() };
        let reference = ctx.m.reference(request)?;
        let message = ctx.m.tuple(&[reference, list])?;
        let message = ctx.m.heap_mut().parcel(message.word())?;
        ctx.control.send_self(Signal::Message(message), ctx.world);
    }
    Ok(ctx.m.reference(request)?.into())
}
