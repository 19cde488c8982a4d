//! Registered names, and the list of all processes. Source: `erlang:register/2` and its kin, `processes/0`.

use super::arguments::{actor, atom};
use crate::bif::{Ctx, EffectResult, Raise};
use crate::heap::mutator::Term;
use crate::term::Atom;

crate::bif::table::natives! { ROWS:
    effect "erlang" "register" 2 = register, Register 0;
    effect "erlang" "unregister" 1 = unregister, Unregister 0;
    effect "erlang" "whereis" 1 = whereis, Whereis 0;
    effect "erlang" "registered" 0 = registered, ListAll;
    effect "erlang" "processes" 0 = processes, ListAll;
    effect "erlang" "ports" 0 = ports, ListAll;
}

fn register<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let unsaid = Raise::Caused(Atom::BADARG, Atom::NONE);
    let name = args[0].as_atom().filter(|&name| name != Atom::UNDEFINED).ok_or(unsaid)?;
    let pid = actor(args[1]).map_err(|_| unsaid)?;
    if ctx.world.register(name, pid) {
        return Ok(Term::boolean(true).into());
    }
    Err(if !ctx.world.exists(pid) {
        Raise::Caused(Atom::BADARG, Atom::NOTALIVE)
    } else if ctx.world.name_of(pid).is_some() {
        Raise::Caused(Atom::BADARG, Atom::REGISTERED_NAME)
    } else {
        unsaid
    })
}

fn unregister<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    ctx.world.unregister(atom(args[0])?).ok_or(Raise::BADARG)?;
    Ok(Term::boolean(true).into())
}

fn whereis<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let pid = ctx.world.whereis(atom(args[0])?);
    Ok(pid.map_or(Term::atom(Atom::UNDEFINED), |p| Term::of(p.word())).into())
}

fn registered<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let names: Vec<Term<'h>> = ctx.world.registered().into_iter().map(Term::atom).collect();
    Ok(ctx.m.list(&names)?.into())
}

fn processes<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    actors(ctx, false)
}

fn ports<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    actors(ctx, true)
}

fn actors<'h>(ctx: &mut Ctx<'h, '_>, ports: bool) -> EffectResult<'h> {
    let all = ctx.world.processes().into_iter().filter(|pid| pid.is_port() == ports);
    let terms: Vec<Term<'h>> = all.map(|pid| Term::of(pid.word())).collect();
    Ok(ctx.m.list(&terms)?.into())
}
