//! Updates of elements of objects in ETS tables. Source: the documentation of `ets`; `update_element/4` is
//! OTP 27's.

use super::ets_access::{Bad, Right, note, write};
use crate::bif::{Ctx, EffectResult, Raise};
use crate::ets::counter::{BadUpdate, count, count_small, put_elements};
use crate::heap::mutator::Term;
use crate::term::{Atom, Word};

crate::bif::table::natives! { ROWS:
    effect "ets" "update_counter" 3 = update_counter, EtsWrite;
    effect "ets" "update_counter" 4 = update_counter, EtsWrite;
    effect "ets" "update_element" 3 = update_element, EtsWrite;
    effect "ets" "update_element" 4 = update_element, EtsWrite;
}

impl From<BadUpdate> for Bad {
    fn from(bad: BadUpdate) -> Bad {
        match bad {
            BadUpdate::Argument => Bad::Argument,
            BadUpdate::Cause(cause) => Bad::Cause(cause),
            BadUpdate::Full => Bad::Full,
        }
    }
}

/// One operation, or those of a proper list.
fn operations<'h>(ctx: &Ctx<'h, '_>, term: Term<'h>) -> Option<Vec<Word>> {
    if !term.is_list() && !term.is_nil() {
        return Some(vec![term.word()]);
    }
    let mut cells = ctx.m.heap().list(term.word());
    let all = cells.by_ref().collect();
    cells.tail().is_nil().then_some(all)
}

fn update_counter<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    if let [table, key, more] = *args
        && let Some(sum) = write(ctx, table, Right::Write, |table, heap| {
            Ok(count_small(table, heap, key.word(), more.word()))
        })?
    {
        return counted(ctx, args, Term::of(sum));
    }
    update_any_counter(ctx, args)
}

#[inline(never)]
fn update_any_counter<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let operations = operations(ctx, args[2]).filter(|operations| {
        // A mere increment stands alone.
        !args[2].is_list() || operations.iter().all(|&operation| ctx.m.heap().tuple(operation).is_some())
    });
    let default = args.get(3).map(|default| default.word());
    let values = write(ctx, args[0], Right::Write, |table, heap| {
        Ok(count(table, heap, args[1].word(), operations.as_deref(), default)?)
    })?;
    let values = values.ok_or(Raise::Caused(Atom::BADARG, Atom::BADKEY))?;
    let values: Vec<Term<'h>> = values.into_iter().map(Term::of).collect();
    let result = match values[..] {
        [value] if !args[2].is_list() => value,
        _ => ctx.m.list(&values)?,
    };
    counted(ctx, args, result)
}

/// Tells the world of a count, where it wants to know; the count is the value.
#[inline(always)]
fn counted<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>], result: Term<'h>) -> EffectResult<'h> {
    if ctx.world.asks() {
        let row = crate::ets::row::Row::of(ctx.m.heap_mut(), result.word())?;
        note(ctx, args[0], "counts", Some(args[1]), &[row])?;
    }
    Ok(result.into())
}

fn update_element<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let updates = operations(ctx, args[2]);
    let default = args.get(3).map(|default| default.word());
    let done = write(ctx, args[0], Right::Write, |table, heap| {
        Ok(put_elements(table, heap, args[1].word(), updates.as_deref(), default)?)
    })?;
    if ctx.world.asks() {
        let row = crate::ets::row::Row::of(ctx.m.heap_mut(), args[2].word())?;
        let verb = if done { "updates" } else { "does not find" };
        note(ctx, args[0], verb, Some(args[1]), &[row])?;
    }
    Ok(Term::boolean(done).into())
}
