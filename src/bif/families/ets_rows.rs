//! Objects of ETS tables: put in, looked up, taken out. Source: the documentation of `ets`; errors and their
//! causes from a live `erl` of OTP 25.

use super::ets_access::{Bad, Right, note, read, rows_list, write};
use crate::bif::{Ctx, EffectResult, Outcome, Raise};
use crate::code::ExportId;
use crate::ets::row::Row;
use crate::ets::table::Table;
use crate::heap::Heap;
use crate::heap::mutator::Term;
use crate::planted;
use crate::term::{Atom, Word};
use smallvec::SmallVec;

crate::bif::table::natives! { ROWS:
    effect "ets" "insert" 2 = insert, EtsInsert;
    effect "ets" "insert_new" 2 = insert_new, EtsInsert;
    effect "ets" "lookup" 2 = lookup, EtsRead;
    effect "ets" "lookup_element" 3 = lookup_element3, EtsRead;
    effect "ets" "lookup_element" 4 = lookup_element4, EtsRead;
    effect "ets" "member" 2 = member, EtsRead;
    effect "ets" "take" 2 = take, EtsWrite;
    effect "ets" "delete" 2 = delete, EtsWrite;
    effect "ets" "delete_object" 2 = delete_object, EtsInsert;
    effect "ets" "internal_delete_all" 2 = delete_all, EtsSweep;
}

/// Objects to be put in, and their rows: a tuple, or a list of tuples. `Err` inside for anything else.
type Objects = Result<Vec<(Word, Row)>, Bad>;

fn objects<'h>(ctx: &mut Ctx<'h, '_>, term: Term<'h>) -> Result<Objects, Raise<'h>> {
    let heap = ctx.m.heap_mut();
    let terms: Vec<Word> = if term.is_list() || term.is_nil() {
        let mut cells = heap.list(term.word());
        let terms = cells.by_ref().collect();
        if !cells.tail().is_nil() {
            return Ok(Err(Bad::Argument));
        }
        terms
    } else {
        vec![term.word()]
    };
    let mut rows = Vec::with_capacity(terms.len());
    for object in terms {
        if heap.tuple(object).is_none() {
            return Ok(Err(Bad::Argument));
        }
        rows.push((object, Row::of(heap, object)?));
    }
    Ok(Ok(rows))
}

/// All of them have keys.
fn with_keys(table: &Table, heap: &Heap, objects: Objects) -> Objects {
    let objects = objects?;
    let has_key = |(object, _): &(Word, Row)| table.key_of(heap, *object).is_some();
    if objects.iter().all(has_key) { Ok(objects) } else { Err(Bad::Argument) }
}

fn insert<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    if !args[1].is_list() && ctx.m.heap().tuple(args[1].word()).is_some() {
        return insert_one(ctx, args);
    }
    let objects = objects(ctx, args[1])?;
    let put = write(ctx, args[0], Right::Write, |table, heap| {
        let objects = with_keys(table, heap, objects)?;
        for (object, row) in &objects {
            table.insert(heap, *object, row.clone());
        }
        Ok(objects)
    })?;
    noted_objects(ctx, args, "writes into", &put)?;
    Ok(Term::boolean(true).into())
}

fn insert_one<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let object = args[1].word();
    let row = Row::of(ctx.m.heap_mut(), object)?;
    let kept = ctx.world.asks().then(|| row.clone());
    let position = write(ctx, args[0], Right::Write, |table, heap| {
        let key = table.key_of(heap, object).ok_or(Bad::Argument)?;
        table.insert_at(heap, key, object, row);
        Ok(table.about.key_position)
    })?;
    if let Some(row) = kept {
        let key = ctx.m.tuple_element(args[1], position - 1);
        note(ctx, args[0], "writes", key, &[row])?;
    }
    Ok(Term::boolean(true).into())
}

fn noted_objects<'h>(
    ctx: &mut Ctx<'h, '_>,
    args: &[Term<'h>],
    verb: &'static str,
    objects: &[(Word, Row)],
) -> Result<(), Raise<'h>> {
    if ctx.world.asks() {
        let rows: Vec<Row> = objects.iter().map(|(_, row)| row.clone()).collect();
        note(ctx, args[0], verb, None, &rows)?;
    }
    Ok(())
}

/// All objects, or none if a key of theirs is there.
fn insert_new<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let objects = objects(ctx, args[1])?;
    let looks_only = planted!(InsertNewInSteps) && args[1].is_list();
    let put = write(ctx, args[0], Right::Write, |table, heap| {
        let objects = with_keys(table, heap, objects)?;
        let taken = objects.iter().any(|(object, _)| {
            let key = table.key_of(heap, *object).expect("each has a key");
            !table.lookup(heap, key).is_empty()
        });
        if taken {
            return Ok(None);
        }
        if !looks_only {
            for (object, row) in &objects {
                table.insert(heap, *object, row.clone());
            }
        }
        Ok(Some(objects))
    })?;
    match &put {
        Some(objects) => noted_objects(ctx, args, "writes, as new, into", objects)?,
        None => note(ctx, args[0], "finds a key taken in", None, &[])?,
    }
    if looks_only && put.is_some() {
        let insert = ExportId::new(Atom::ETS, Atom::known("insert"), 2);
        return Ok(Outcome::Call(insert, args.to_vec()));
    }
    Ok(Term::boolean(put.is_some()).into())
}

fn lookup<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let asks = ctx.world.asks();
    let mut rows: SmallVec<[Row; 1]> = SmallVec::new();
    // The common cases, without sharing rows.
    let list = read(ctx, args[0], |table, heap| match table.lookup(heap, args[1].word()) {
        [] if !asks => Ok(Some(Word::NIL)),
        [one] if !asks && one.is_flat() => Ok(Some(one.copy_in_list(heap)?)),
        found => {
            rows.extend(found.iter().cloned());
            Ok(None)
        }
    })?;
    if let Some(list) = list {
        return Ok(Term::of(list).into());
    }
    note(ctx, args[0], "reads", Some(args[1]), &rows)?;
    Ok(rows_list(ctx, &rows)?.into())
}

fn lookup_element3<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    match elements(ctx, args)? {
        Some(value) => Ok(value.into()),
        None => Err(Raise::Caused(Atom::BADARG, Atom::BADKEY)),
    }
}

/// With a default for a key that is not there. Source: OTP 26.
fn lookup_element4<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    Ok(elements(ctx, args)?.unwrap_or(args[3]).into())
}

/// An element of a key's object, or a list of those of a bag's.
fn elements<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> Result<Option<Term<'h>>, Raise<'h>> {
    let position = args[2].as_small().and_then(|n| usize::try_from(n).ok()).filter(|&n| n > 0);
    let asks = ctx.world.asks();
    let mut immediate = None;
    let (rows, is_set) = read(ctx, args[0], |table, heap| {
        let position = position.ok_or(Bad::Argument)?;
        let rows = table.lookup(heap, args[1].word());
        // The common case, without sharing the row.
        if let [row] = rows
            && !asks
            && table.is_set()
        {
            immediate = row.element(position).filter(|element| element.is_immediate());
            if immediate.is_some() {
                return Ok((Vec::new(), true));
            }
        }
        if rows.iter().any(|row| row.element(position).is_none()) {
            return Err(Bad::Argument);
        }
        Ok((rows.to_vec(), table.is_set()))
    })?;
    if let Some(value) = immediate {
        return Ok(Some(Term::of(value)));
    }
    note(ctx, args[0], "reads", Some(args[1]), &rows)?;
    let position = position.expect("it was looked at");
    let heap = ctx.m.heap_mut();
    let mut list = Word::NIL;
    for row in rows.iter().rev() {
        let element = row.element(position).expect("each row has it");
        let value = row.copy_part(element, heap)?;
        if is_set {
            return Ok(Some(Term::of(value)));
        }
        list = heap.cons(value, list)?;
    }
    Ok((!rows.is_empty()).then(|| Term::of(list)))
}

fn member<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let is_member = read(ctx, args[0], |table, heap| Ok(!table.lookup(heap, args[1].word()).is_empty()))?;
    let verb = if is_member { "finds" } else { "does not find" };
    note(ctx, args[0], verb, Some(args[1]), &[])?;
    Ok(Term::boolean(is_member).into())
}

fn take<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let rows = write(ctx, args[0], Right::Write, |table, heap| Ok(table.take(heap, args[1].word())))?;
    note(ctx, args[0], "takes", Some(args[1]), &rows)?;
    Ok(rows_list(ctx, &rows)?.into())
}

fn delete<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let rows = write(ctx, args[0], Right::Write, |table, heap| Ok(table.take(heap, args[1].word())))?;
    drop(rows);
    note(ctx, args[0], "deletes", Some(args[1]), &[])?;
    Ok(Term::boolean(true).into())
}

fn delete_object<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    write(ctx, args[0], Right::Write, |table, heap| {
        if table.key_of(heap, args[1].word()).is_none() {
            return Err(Bad::Argument);
        }
        table.delete_object(heap, args[1].word());
        Ok(())
    })?;
    if ctx.world.asks() {
        let row = Row::of(ctx.m.heap_mut(), args[1].word())?;
        note(ctx, args[0], "deletes from", None, &[row])?;
    }
    Ok(Term::boolean(true).into())
}

/// How many objects there were. The rows are freed after the lock.
fn delete_all<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let (count, _freed) = write(ctx, args[0], Right::Write, |table, _| {
        let rows = table.shelf().clone();
        Ok((table.delete_all(), rows))
    })?;
    note(ctx, args[0], "empties", None, &[])?;
    Ok(ctx.m.integer(count as i64)?.into())
}
