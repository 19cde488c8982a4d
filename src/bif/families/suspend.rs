//! Suspension. Source: `erlang:suspend_process/1,2`, `resume_process/1`.

use super::arguments::{list, option, pid};
use crate::bif::{Answer, Ctx, EffectResult, Outcome, Raise};
use crate::heap::mutator::Term;
use crate::process::pid::Pid;
use crate::process::request::MessageReply;
use crate::process::signal::Signal;
use crate::process::suspend::NotSuspended;
use crate::term::{Atom, Word};

crate::bif::table::natives! { ROWS:
    effect "erlang" "suspend_process" 1 = suspend1, Request 0;
    effect "erlang" "suspend_process" 2 = suspend2, Request 0;
    effect "erlang" "resume_process" 1 = resume, Request 0;
}

#[derive(Clone, Copy, Default)]
struct Options<'h> {
    unless_suspending: bool,
    asynchronous: bool,
    /// Of the message that says what became of an asynchronous suspension.
    tag: Option<Term<'h>>,
}

fn suspend1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    suspend(ctx, other(ctx, args[0])?, Options::default())
}

fn suspend2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let target = other(ctx, args[0])?;
    let mut options = Options::default();
    for term in list(&ctx.m, args[1]).map_err(|_| Raise::BADOPT)? {
        match term.as_atom() {
            Some(Atom::UNLESS_SUSPENDING) => options.unless_suspending = true,
            Some(Atom::ASYNCHRONOUS) => options.asynchronous = true,
            _ => match option(&ctx.m, term) {
                Some((Atom::ASYNCHRONOUS, tag)) => {
                    options = Options { asynchronous: true, tag: Some(tag), ..options };
                }
                _ => return Err(Raise::BADOPT),
            },
        }
    }
    suspend(ctx, target, options)
}

/// A pid that is not the own one.
fn other<'h>(ctx: &Ctx<'h, '_>, term: Term<'h>) -> Result<Pid, Raise<'h>> {
    pid(term).and_then(|p| if p == ctx.control.pid { Err(Raise::BADARG) } else { Ok(p) })
}

fn suspend<'h>(ctx: &mut Ctx<'h, '_>, target: Pid, options: Options<'h>) -> EffectResult<'h> {
    let held = ctx.control.suspending.get(target).is_some();
    let again = !(options.unless_suspending && held);
    if let Some(tag) = options.tag {
        let tag = ctx.m.heap_mut().parcel(tag.word())?;
        if again {
            // The signal with the request follows, so this one asks for no reply.
            let _ = ctx.control.suspend(target, None, ctx.world);
        }
        let from = ctx.control.pid;
        let signal = |request| Signal::Suspend { from, request: Some(request) };
        let nobody = Word::atom(Atom::NOPROC);
        ctx.control.request_message(target, MessageReply::Suspended(tag), signal, nobody, ctx.world);
        return Ok(Term::boolean(again).into());
    }
    if !again {
        return Ok(Term::boolean(false).into());
    }
    if options.asynchronous {
        let _ = ctx.control.suspend(target, None, ctx.world);
        return Ok(Term::boolean(true).into());
    }
    let request = ctx.control.next_reference();
    match ctx.control.suspend(target, Some(request), ctx.world) {
        Ok(()) => Ok(Outcome::Await(request, Answer::ValueOrBadarg)),
        Err(NotSuspended) => Err(Raise::BADARG),
    }
}

fn resume<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    match ctx.control.resume(pid(args[0])?, ctx.world) {
        Ok(()) => Ok(Term::boolean(true).into()),
        Err(NotSuspended) => Err(Raise::BADARG),
    }
}
