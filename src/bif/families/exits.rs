//! Exit signals and the group leader. Source: `erlang:exit/2`, `exit_signal/2`, `group_leader/0,2`.

use super::arguments::{actor, pid};
use crate::bif::{Answer, Ctx, EffectResult, Local, Outcome, Raise};
use crate::heap::mutator::Term;
use crate::heap::parcel::Parcel;
use crate::process::signal::{ExitCause, Signal};
use crate::term::{Atom, Word};

crate::bif::table::natives! { ROWS:
    effect "erlang" "exit" 2 = exit2, ExitSignal 0;
    effect "erlang" "exit_signal" 2 = exit2, ExitSignal 0;
    local "erlang" "group_leader" 0 = group_leader0;
    effect "erlang" "group_leader" 2 = group_leader2, Request 1;
}

/// To oneself it acts before it returns, so that no code of this process runs after its end.
fn exit2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let to = actor(args[0])?;
    let kill = args[1].is_atom(Atom::KILL);
    // A port is told, and closes what it has.
    let reason = if kill && to.is_port() { Word::atom(Atom::KILLED) } else { args[1].word() };
    let reason = ctx.m.heap_mut().parcel(reason)?;
    let from = ctx.control.pid;
    if to == from && kill {
        return Ok(Outcome::ExitSelf(Parcel::immediate(Word::atom(Atom::KILLED))));
    }
    if to == from && !ctx.control.trap_exit {
        return Ok(Outcome::ExitSelf(reason));
    }
    let _ = ctx.world.send(from, to, Signal::Exit { from, cause: ExitCause::Sent, reason });
    Ok(Term::boolean(true).into())
}

fn group_leader0<'h>(local: &mut Local<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    Ok(Term::of(local.control.group_leader.word()).into())
}

fn group_leader2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let (leader, to) = (pid(args[0])?, pid(args[1])?);
    let from = ctx.control.pid;
    if to == from {
        ctx.control.group_leader = leader;
        return Ok(Term::boolean(true).into());
    }
    let request = ctx.control.next_reference();
    match ctx.world.send(from, to, Signal::GroupLeader { leader, from, request }) {
        Ok(()) => Ok(Outcome::Await(request, Answer::ValueOrBadarg)),
        Err(_) => Err(Raise::BADARG),
    }
}
