//! Sending. Source: `erlang:send/2,3`, `!`, `send_nosuspend/2,3`.
//!
//! A message to another node is dropped, as OTP does where there is no connection. The `!` of the language
//! is [`send`] too.

use super::arguments::{Name, list, name};
use crate::bif::{Ctx, EffectResult, Raise};
use crate::heap::mutator::Term;
use crate::process::pid::Pid;
use crate::process::signal::Signal;
use crate::term::Atom;

crate::bif::table::natives! { ROWS:
    effect "erlang" "!" 2 = send2, Send 0;
    effect "erlang" "send" 2 = send2, Send 0;
    effect "erlang" "send" 3 = send3, Send 0;
    effect "erlang" "send_nosuspend" 2 = send_nosuspend2, Send 0;
    effect "erlang" "send_nosuspend" 3 = send_nosuspend3, Send 0;
}

/// Where a message went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sent {
    Here,
    /// To another node, so nowhere.
    Elsewhere,
}

/// Sends a message to what may stand left of a `!`: a pid, an alias, a name, `{Name, Node}`.
pub(crate) fn send<'h>(ctx: &mut Ctx<'h, '_>, to: Term<'h>, message: Term<'h>) -> Result<Sent, Raise<'h>> {
    let target = if let Some(pid) = Pid::of_actor(to.word()) {
        Some(pid)
    } else if let Some(alias) = ctx.m.heap().reference(to.word()) {
        let message = ctx.m.heap_mut().parcel(message.word())?;
        let signal = Signal::AliasMessage { alias, message };
        let _ = ctx.world.send(ctx.control.pid, alias.creator_pid(), signal);
        return Ok(Sent::Here);
    } else {
        match name(&ctx.m, to).ok_or(Raise::BADARG)? {
            Name::Here(name) => Some(ctx.world.whereis(name).ok_or(Raise::BADARG)?),
            Name::AtHere(name) => ctx.world.whereis(name),
            Name::AtOther(_) => return Ok(Sent::Elsewhere),
        }
    };
    if let Some(pid) = target {
        let message = ctx.m.heap_mut().parcel(message.word())?;
        // A message to a process that is gone is lost, by definition.
        let _ = ctx.world.send(ctx.control.pid, pid, Signal::Message(message));
    }
    Ok(Sent::Here)
}

fn send2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    send(ctx, args[0], args[1])?;
    Ok(args[1].into())
}

/// Whether `noconnect` is among the options.
fn noconnect<'h>(ctx: &Ctx<'h, '_>, options: Term<'h>) -> Result<bool, Raise<'h>> {
    let options = list(&ctx.m, options).map_err(|_| Raise::BADOPT)?;
    let known = |t: &Term<'h>| t.is_atom(Atom::NOCONNECT) || t.is_atom(Atom::NOSUSPEND);
    if !options.iter().all(known) {
        return Err(Raise::BADOPT);
    }
    Ok(options.iter().any(|t| t.is_atom(Atom::NOCONNECT)))
}

fn send3<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let noconnect = noconnect(ctx, args[2])?;
    let dropped = send(ctx, args[0], args[1])? == Sent::Elsewhere && noconnect;
    Ok(Term::atom(if dropped { Atom::NOCONNECT } else { Atom::OK }).into())
}

fn send_nosuspend2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    send(ctx, args[0], args[1])?;
    Ok(Term::boolean(true).into())
}

fn send_nosuspend3<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let noconnect = noconnect(ctx, args[2])?;
    let dropped = send(ctx, args[0], args[1])? == Sent::Elsewhere && noconnect;
    Ok(Term::boolean(!dropped).into())
}
