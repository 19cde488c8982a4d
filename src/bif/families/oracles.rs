//! Functions of the module `warpbeam`: what a program says about itself ([`crate::world::oracles`]). `boot/warpbeam.erl`
//! says what they mean, and has them for other runtimes.

use crate::bif::{Class, Ctx, EffectResult, Raise};
use crate::heap::mutator::Term;
use crate::term::Atom;
use crate::world::oracles::{Claim, Returned};

crate::bif::table::natives! { ROWS:
    effect "warpbeam" "always" 2 = always, Claim;
    effect "warpbeam" "unreachable" 1 = unreachable, Claim;
    effect "warpbeam" "sometimes" 2 = sometimes, Claim;
    effect "warpbeam" "reachable" 1 = reachable, Claim;
    effect "warpbeam" "eventually" 1 = owed, Claim;
    effect "warpbeam" "eventually" 2 = eventually, Claim;
    effect "warpbeam" "choose" 1 = choose, Claim;
    effect "warpbeam" "note" 1 = note, Claim;
    effect "warpbeam" "invoke" 2 = invoke, Invoke;
    effect "warpbeam" "ok" 2 = ok, Claim;
    effect "warpbeam" "failed" 1 = failed, Claim;
}

fn always<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let holds = condition(args[0])?;
    claim(ctx, Claim::Always(holds), args[1])
}

fn unreachable<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    claim(ctx, Claim::Unreachable, args[0])
}

fn sometimes<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let holds = condition(args[0])?;
    claim(ctx, Claim::Sometimes(holds), args[1])
}

fn reachable<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    claim(ctx, Claim::Reachable, args[0])
}

fn owed<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    claim(ctx, Claim::Eventually(false), args[0])
}

fn eventually<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let holds = condition(args[0])?;
    claim(ctx, Claim::Eventually(holds), args[1])
}

fn condition<'h>(term: Term<'h>) -> Result<bool, Raise<'h>> {
    if term.is_atom(Atom::TRUE) {
        Ok(true)
    } else if term.is_atom(Atom::FALSE) {
        Ok(false)
    } else {
        Err(Raise::BADARG)
    }
}

fn claim<'h>(ctx: &mut Ctx<'h, '_>, claim: Claim, name: Term<'h>) -> EffectResult<'h> {
    if ctx.world.judges() {
        let name = ctx.m.heap_mut().parcel(name.word())?;
        ctx.world.claim(ctx.control.pid, claim, name);
    } else if claim.is_broken() {
        let what = [Term::atom(Atom::known("warpbeam")), Term::atom(Atom::known(claim.name())), name];
        return Err(Raise::With(Class::Error, ctx.m.tuple(&what)?));
    }
    Ok(Term::atom(Atom::OK).into())
}

/// An element of a list, or a number from 1.
fn choose<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    if let Some(count) = args[0].as_small() {
        let arity = u32::try_from(count).ok().filter(|&arity| arity > 0).ok_or(Raise::BADARG)?;
        let picked = ctx.world.choose(ctx.control.pid, arity);
        return Ok(Term::small(i64::from(picked) + 1).into());
    }
    let elements = ctx.m.list_elements(args[0]).ok_or(Raise::BADARG)?;
    let arity = u32::try_from(elements.len()).ok().filter(|&arity| arity > 0).ok_or(Raise::BADARG)?;
    Ok(elements[ctx.world.choose(ctx.control.pid, arity) as usize].into())
}

fn note<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    if ctx.world.judges() {
        let term = ctx.m.heap_mut().parcel(args[0].word())?;
        ctx.world.note(ctx.control.pid, term);
    }
    Ok(Term::atom(Atom::OK).into())
}

fn invoke<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let mut number = 0;
    if ctx.world.judges() {
        let object = ctx.m.heap_mut().parcel(args[0].word())?;
        let operation = ctx.m.heap_mut().parcel(args[1].word())?;
        number = ctx.world.invoked(ctx.control.pid, object, operation);
    }
    Ok(ctx.m.integer(number as i64)?.into())
}

fn ok<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let number = number(args[0])?;
    if ctx.world.judges() {
        let result = ctx.m.heap_mut().parcel(args[1].word())?;
        ctx.world.returned(ctx.control.pid, number, Returned::Ok(result));
    }
    Ok(Term::atom(Atom::OK).into())
}

fn failed<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let number = number(args[0])?;
    ctx.world.returned(ctx.control.pid, number, Returned::Failed);
    Ok(Term::atom(Atom::OK).into())
}

fn number<'h>(term: Term<'h>) -> Result<u64, Raise<'h>> {
    term.as_small().and_then(|n| u64::try_from(n).ok()).ok_or(Raise::BADARG)
}
