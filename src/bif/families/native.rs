//! The functions of `warpbeam_native`, whose loop runs a function in Rust ([`crate::native`]).

use crate::bif::{Ctx, EffectResult, Local, Raise};
use crate::code::Mfa;
use crate::heap::mutator::Term;
use crate::native::{Asked, Suspended, Value};
use crate::term::Atom;

crate::bif::table::natives! { ROWS:
    // Of these nobody else can tell.
    effect "warpbeam_native" "start" 3 = start, Code;
    local "warpbeam_native" "resume" 0 = resume0;
    local "warpbeam_native" "resume" 1 = resume1;
    local "erlang" "warpbeam wants" 1 = wants;
}

/// Calls a function in Rust, which stands at its beginning then. `ok`, or `undefined` if there is none.
fn start<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let (Some(module), Some(function)) = (args[0].as_atom(), args[1].as_atom()) else {
        return Err(Raise::BADARG);
    };
    let heap = ctx.m.heap_mut();
    let Value::List(arguments) = Value::of(heap, args[2].word())? else { return Err(Raise::BADARG) };
    let mut found = None;
    let arity = arguments.len();
    ctx.world.change_code(&mut |code| {
        found = code.server().source().native(module.text(), function.text(), arity);
    });
    let Some(found) = found else { return Ok(Term::atom(Atom::UNDEFINED).into()) };
    let name = Mfa { module, function, arity: arity as u32 };
    let keeps_answers = ctx.world.judges();
    let mut suspended = Suspended::new(name, found, ctx.control.pid, arguments, keeps_answers);
    suspended.caller = ctx.control.native.take();
    ctx.control.native = Some(Box::new(suspended));
    Ok(Term::atom(Atom::OK).into())
}

fn resume0<'h>(local: &mut Local<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    resume(local, None)
}

fn resume1<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let answer = Value::of(local.m.heap_mut(), args[0].word())?;
    resume(local, Some(answer))
}

/// What the function awaits next, or `{return, Value}`; what it raises is raised here.
fn resume<'h>(local: &mut Local<'h, '_>, answer: Option<Value>) -> EffectResult<'h> {
    let Some(mut suspended) = local.control.native.take() else { return Err(Raise::BADARG) };
    let asked = suspended.resume(answer);
    let heap = local.m.heap_mut();
    if let Asked::Do(what) = asked {
        local.control.native = Some(suspended);
        return Ok(Term::of(what.build(heap)?).into());
    }
    local.control.native = suspended.caller;
    match asked {
        Asked::Raise(exception) => {
            let reason = Term::of(exception.reason.build(heap)?);
            Err(Raise::With(exception.class, reason))
        }
        Asked::Return(value) | Asked::Do(value) => {
            let value = Term::of(value.build(heap)?);
            Ok(local.m.tuple(&[Term::atom(Atom::known("return")), value])?.into())
        }
    }
}

/// Whether the receive that the function awaits takes this message: `wanted` or `not_wanted`.
fn wants<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let message = Value::of(local.m.heap_mut(), args[0].word())?;
    let wants = local.control.native.as_mut().is_some_and(|suspended| suspended.wants(&message));
    Ok(Term::atom(Atom::known(if wants { "wanted" } else { "not_wanted" })).into())
}
