//! What processes tell of each other, and collections on request. Source: `erlang:process_info/1,2`,
//! `is_process_alive/1`, `garbage_collect/0,1,2`.
//!
//! A process asks itself by signal too, since what it tells lies partly on its stack, and every signal that
//! came before must count.

use super::arguments::{list, option, pid};
use crate::bif::{Answer, Ctx, EffectResult, Local, Outcome, Raise};
use crate::heap::mutator::Term;
use crate::heap::parcel::Parcel;
use crate::process::info::is_item;
use crate::process::pid::Pid;
use crate::process::request::MessageReply;
use crate::process::signal::Signal;
use crate::term::{Atom, Word};

crate::bif::table::natives! { ROWS:
    effect "erlang" "process_info" 1 = process_info1, Request 0;
    effect "erlang" "process_info" 2 = process_info2, Request 0;
    effect "erlang" "is_process_alive" 1 = is_process_alive, Request 0;
    local "erlang" "garbage_collect" 0 = garbage_collect0;
    effect "erlang" "garbage_collect" 1 = garbage_collect1, Request 0;
    effect "erlang" "garbage_collect" 2 = garbage_collect2, Request 0;
}

fn process_info1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    ask(ctx, pid(args[0])?, Parcel::immediate(Word::atom(Atom::ALL)))
}

fn process_info2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let of = pid(args[0])?;
    let items = match args[1].as_atom() {
        Some(_) => vec![args[1]],
        None if is_value_of_key(ctx, args[1]) => vec![args[1]],
        None => list(&ctx.m, args[1])?,
    };
    if !items.iter().all(|&t| t.as_atom().is_some_and(is_item) || is_value_of_key(ctx, t)) {
        return Err(Raise::BADARG);
    }
    let items = ctx.m.heap_mut().parcel(args[1].word())?;
    ask(ctx, of, items)
}

/// `{dictionary, Key}`. Source: OTP 26.2.
fn is_value_of_key(ctx: &Ctx<'_, '_>, item: Term<'_>) -> bool {
    option(&ctx.m, item).is_some_and(|(name, _)| name == Atom::DICTIONARY)
}

fn ask<'h>(ctx: &mut Ctx<'h, '_>, of: Pid, items: Parcel) -> EffectResult<'h> {
    let from = ctx.control.pid;
    let request = ctx.control.next_reference();
    match ctx.world.send(from, of, Signal::Info { from, request, items }) {
        Ok(()) => Ok(Outcome::Await(request, Answer::Value)),
        Err(_) => Ok(Term::atom(Atom::UNDEFINED).into()),
    }
}

fn is_process_alive<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let (of, from) = (pid(args[0])?, ctx.control.pid);
    if of == from {
        return Ok(Term::boolean(true).into());
    }
    let request = ctx.control.next_reference();
    match ctx.world.send(from, of, Signal::IsAlive { from, request }) {
        Ok(()) => Ok(Outcome::Await(request, Answer::Value)),
        Err(_) => Ok(Term::boolean(false).into()),
    }
}

fn garbage_collect0<'h>(_: &mut Local<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    Ok(Outcome::Collect)
}

fn garbage_collect1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    collect(ctx, pid(args[0])?)
}

fn collect<'h>(ctx: &mut Ctx<'h, '_>, of: Pid) -> EffectResult<'h> {
    let from = ctx.control.pid;
    if of == from {
        return Ok(Outcome::Collect);
    }
    let request = ctx.control.next_reference();
    match ctx.world.send(from, of, Signal::Collect { from, request, uses: None }) {
        Ok(()) => Ok(Outcome::Await(request, Answer::Value)),
        Err(_) => Ok(Term::boolean(false).into()),
    }
}

/// `{type, minor}` is taken for `major`.
fn garbage_collect2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let bad_option = Raise::Caused(Atom::BADARG, Atom::BAD_OPTION);
    let mut id = None;
    for term in list(&ctx.m, args[1]).map_err(|_| bad_option)? {
        match option(&ctx.m, term).ok_or(bad_option)? {
            (Atom::ASYNC, term) => id = Some(term),
            (Atom::TYPE, kind) if kind.is_atom(Atom::MAJOR) || kind.is_atom(Atom::MINOR) => {}
            (Atom::TYPE, _) => return Err(Raise::BADARG),
            _ => return Err(bad_option),
        }
    }
    let of = pid(args[0])?;
    let Some(id) = id else { return collect(ctx, of) };
    let id = ctx.m.heap_mut().parcel(id.word())?;
    let from = ctx.control.pid;
    let signal = |request| Signal::Collect { from, request, uses: None };
    ctx.control.request_message(of, MessageReply::Collected(id), signal, Word::FALSE, ctx.world);
    Ok(Term::atom(Atom::ASYNC).into())
}
