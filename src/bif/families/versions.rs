//! Replacing code. Source: `erlang:load_module/2`, `delete_module/1`, `check_old_code/1`, `purge_module/1`,
//! `check_process_code/2,3`, and what the module `code` of `boot/` is written over.
//!
//! Invariant: a change ends the slice, so that the next call sees it. A process uses the code that it runs and returns to.
//! Funs and literals do not count: those of a version that has been purged can be held, and not called.

use super::arguments::{atom, boolean, bytes, list, option, pid};
use crate::bif::{Answer, Ctx, EffectResult, Outcome, Raise};
use crate::code::{ExportId, Refused, WorldCode};
use crate::heap::mutator::Term;
use crate::process::on_load::Version;
use crate::process::pid::Pid;
use crate::process::request::MessageReply;
use crate::process::signal::Signal;
use crate::term::{Atom, Word};

crate::bif::table::natives! { ROWS:
    effect "erlang" "load_module" 2 = load_module, ChangeCode;
    effect "erlang" "delete_module" 1 = delete_module, ChangeCode;
    effect "erlang" "check_old_code" 1 = check_old_code, Code;
    effect "erlang" "purge_module" 1 = purge_module, Code;
    effect "erlang" "check_process_code" 2 = check_process_code2, Request 0;
    effect "erlang" "check_process_code" 3 = check_process_code3, Request 0;
    effect "warpbeam_native" "load_code" 3 = load_code, ChangeCode;
    effect "warpbeam_native" "forget_old_code" 1 = forget_old_code, ChangeCode;
    effect "warpbeam_native" "file_given" 1 = file_given, Code;
    effect "warpbeam_native" "set_code_path" 1 = set_code_path, ChangeCode;
    effect "warpbeam_native" "set_sticky" 2 = set_sticky, ChangeCode;
    effect "warpbeam_native" "is_sticky" 1 = is_sticky, Code;
}

/// `{module, Module}` or `{error, badfile | not_purged}`.
fn load_module<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let module = atom(args[0])?;
    let code = bytes(&ctx.m, args[1])?.into_owned();
    let [tag, value] = match replaced(ctx, module, &code, None) {
        Ok(()) => [Atom::MODULE, module],
        Err(why) => [Atom::ERROR, why],
    };
    let answer = ctx.m.tuple(&[Term::atom(tag), Term::atom(value)])?;
    changed(ctx, answer)
}

/// `ok`, `badfile` or `not_purged`.
fn load_code<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let module = atom(args[0])?;
    let file = String::from_utf8_lossy(&bytes(&ctx.m, args[1])?).into_owned();
    let code = bytes(&ctx.m, args[2])?.into_owned();
    let answer = replaced(ctx, module, &code, Some(&file)).err().unwrap_or(Atom::OK);
    changed(ctx, Term::atom(answer))
}

fn replaced(ctx: &mut Ctx<'_, '_>, module: Atom, code: &[u8], file: Option<&str>) -> Result<(), Atom> {
    let mut answer = Ok(());
    ctx.world.change_code(&mut |world: &mut WorldCode| answer = world.replace(module, code, file));
    answer.map_err(|refused| match refused {
        Refused::NotPurged => Atom::NOT_PURGED,
        Refused::Bad(_) => Atom::BADFILE,
    })
}

/// The value, in a new slice.
fn changed<'h>(ctx: &mut Ctx<'h, '_>, value: Term<'h>) -> EffectResult<'h> {
    let value = ctx.m.heap_mut().parcel(value.word())?;
    let request = ctx.control.next_reference();
    ctx.control.send_self(Signal::Reply { request, value }, ctx.world);
    Ok(Outcome::Await(request, Answer::Value))
}

/// `true`, or `undefined` if there is no such module.
fn delete_module<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let module = atom(args[0])?;
    let mut deleted = None;
    ctx.world.change_code(&mut |world: &mut WorldCode| deleted = world.delete(module));
    let deleted = deleted.ok_or(Raise::BADARG)?;
    changed(ctx, Term::atom(if deleted { Atom::TRUE } else { Atom::UNDEFINED }))
}

fn check_old_code<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let module = atom(args[0])?;
    Ok(Term::boolean(ctx.world.code_view().old(module).is_some()).into())
}

/// As `code:purge/1` does it.
fn purge_module<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let module = atom(args[0])?;
    if ctx.world.code_view().old(module).is_none() {
        return Err(Raise::BADARG);
    }
    Ok(Outcome::Call(ExportId::new(Atom::known("code"), Atom::PURGE_MODULE, 1), vec![args[0]]))
}

/// Whether there was an old version. Nobody may run it.
fn forget_old_code<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let module = atom(args[0])?;
    let mut was = false;
    ctx.world.change_code(&mut |world: &mut WorldCode| was = world.purge(module));
    changed(ctx, Term::boolean(was))
}

fn file_given<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let module = atom(args[0])?;
    match ctx.world.code_view().file_given(module) {
        Some(file) => Ok(ctx.m.text_list(file)?.into()),
        None => Ok(Term::atom(Atom::NONE).into()),
    }
}

/// The directories are binaries.
fn set_code_path<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let mut directories = Vec::new();
    for directory in list(&ctx.m, args[0])? {
        directories.push(String::from_utf8_lossy(&bytes(&ctx.m, directory)?).into());
    }
    ctx.world.change_code(&mut |world: &mut WorldCode| world.set_path(std::mem::take(&mut directories)));
    changed(ctx, Term::atom(Atom::TRUE))
}

fn set_sticky<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let (module, is_sticky) = (atom(args[0])?, boolean(args[1]).ok_or(Raise::BADARG)?);
    ctx.world.change_code(&mut |world: &mut WorldCode| world.set_sticky(module, is_sticky));
    changed(ctx, Term::atom(Atom::TRUE))
}

/// `true` or `false` as the program said, or `none`.
fn is_sticky<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let said = ctx.world.code_view().sticky(atom(args[0])?);
    Ok(said.map_or(Term::atom(Atom::NONE), Term::boolean).into())
}

fn check_process_code2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let of = pid(args[0])?;
    let Some(signal) = question(ctx, args[1])? else { return Ok(Term::boolean(false).into()) };
    let request = ctx.control.next_reference();
    let signal = signal(request);
    if of == ctx.control.pid {
        ctx.control.send_self(signal, ctx.world);
    } else if ctx.world.send(ctx.control.pid, of, signal).is_err() {
        return Ok(Term::boolean(false).into());
    }
    Ok(Outcome::Await(request, Answer::Value))
}

/// What asks a process about the old version of a module, if there is one.
fn question<'h>(
    ctx: &Ctx<'h, '_>,
    module: Term<'h>,
) -> Result<Option<impl FnOnce(crate::heap::read::RefId) -> Signal + use<>>, Raise<'h>> {
    let module = atom(module)?;
    let from: Pid = ctx.control.pid;
    let old = ctx.world.code_view().old(module);
    Ok(old.map(|old| move |request| Signal::Collect { from, request, uses: Some(Version(old)) }))
}

/// Whether it does, at once or as a message `{check_process_code, Id, Bool}`.
fn check_process_code3<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let bad_option = Raise::Caused(Atom::BADARG, Atom::BAD_OPTION);
    let mut id = None;
    for term in list(&ctx.m, args[2]).map_err(|_| bad_option)? {
        match option(&ctx.m, term).ok_or(bad_option)? {
            (Atom::ASYNC, value) => id = Some(value),
            (Atom::ALLOW_GC, value) if boolean(value).is_some() => {}
            _ => return Err(bad_option),
        }
    }
    let Some(id) = id else { return check_process_code2(ctx, args) };
    let of = pid(args[0])?;
    let signal = question(ctx, args[1])?;
    let id = ctx.m.heap_mut().parcel(id.word())?;
    let reply = MessageReply::Checked(id);
    match signal {
        Some(signal) => ctx.control.request_message(of, reply, signal, Word::FALSE, ctx.world),
        None => {
            let message = reply.message(&crate::heap::parcel::Parcel::immediate(Word::FALSE));
            ctx.control.send_self(Signal::Message(message), ctx.world);
        }
    }
    Ok(Term::atom(Atom::ASYNC).into())
}
