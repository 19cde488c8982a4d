//! Control of the own process: calls by name, exceptions, hibernation, yielding, the end of the runtime.
//! Source: `erlang:apply/2,3`, `error/1,2,3`, `raise/3`, `hibernate/3`, `halt/0,1,2`, `yield/0`.

use super::arguments::{atom, boolean, list, option};
use crate::bif::{Answer, Class, Ctx, EffectResult, Local, Outcome, Raise};
use crate::code::ExportId;
use crate::heap::mutator::{Mutator, Term};
use crate::process::frames::TRACE_DEPTH;
use crate::term::{Atom, Word};

crate::bif::table::natives! { ROWS:
    local "erlang" "apply" 2 = apply2;
    local "erlang" "apply" 3 = apply3;
    local "erlang" "exit" 1 = exit1;
    local "erlang" "throw" 1 = throw;
    local "erlang" "error" 1 = error1;
    local "erlang" "error" 2 = error2;
    local "erlang" "error" 3 = error3;
    local "erlang" "nif_error" 1 = nif_error;
    local "erlang" "nif_error" 2 = nif_error;
    local "erlang" "raise" 3 = raise;
    local "erlang" "hibernate" 3 = hibernate;
    local "erlang" "bump_reductions" 1 = bump_reductions;
    effect "erlang" "yield" 0 = yield0, YieldNow;
    effect "erlang" "halt" 0 = halt0, Halt;
    effect "erlang" "halt" 1 = halt1, Halt;
    effect "erlang" "halt" 2 = halt2, Halt;
}

/// Arguments of one call: what fits in the X registers with the fun.
const ARGUMENTS_MAX: usize = 1023;

fn apply2<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let arguments = list(&local.m, args[1])?;
    if arguments.len() > ARGUMENTS_MAX {
        return Err(Raise::SYSTEM_LIMIT);
    }
    Ok(Outcome::CallFun(args[0], arguments))
}

fn apply3<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let (export, arguments) = call(&local.m, args)?;
    Ok(Outcome::Call(export, arguments))
}

/// Module, function and arguments as a call.
fn call<'h>(m: &Mutator<'h>, args: &[Term<'h>]) -> Result<(ExportId, Vec<Term<'h>>), Raise<'h>> {
    let (module, function) = (atom(args[0])?, atom(args[1])?);
    let arguments = list(m, args[2])?;
    if arguments.len() > ARGUMENTS_MAX {
        return Err(Raise::SYSTEM_LIMIT);
    }
    Ok((ExportId::new(module, function, arguments.len() as u32), arguments))
}

fn exit1<'h>(_: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    Err(Raise::With(Class::Exit, args[0]))
}

fn throw<'h>(_: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    Err(Raise::With(Class::Throw, args[0]))
}

fn error1<'h>(_: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    Err(Raise::With(Class::Error, args[0]))
}

/// Unlike `error`, not in its caller's name.
fn nif_error<'h>(_: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    Err(Raise::With(Class::Error, args[0]))
}

/// Anything but a list stands for no arguments; the documented one is `none`.
fn arguments_of(term: Term<'_>) -> Option<Term<'_>> {
    (term.is_list() || term.is_nil()).then_some(term)
}

fn error2<'h>(_: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let arguments = arguments_of(args[1]);
    Err(Raise::WithArguments { reason: args[0], arguments, error_info: None })
}

/// Options that are not right are passed over, all of them.
fn error3<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let error_info = error_info(&local.m, args[2]);
    Err(Raise::WithArguments { reason: args[0], arguments: arguments_of(args[1]), error_info })
}

/// The last `{error_info, Map}` of a list of nothing else.
fn error_info<'h>(m: &Mutator<'h>, options: Term<'h>) -> Option<Term<'h>> {
    let mut found = None;
    for term in m.list_elements(options)? {
        match option(m, term)? {
            (Atom::ERROR_INFO, info) if m.heap().is_map(info.word()) => found = Some(info),
            _ => return None,
        }
    }
    found
}

/// Raises with the given trace. Arguments that are not right make it return `badarg`, not raise it.
fn raise<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let class = match args[0].as_atom() {
        Some(Atom::ERROR) => Class::Error,
        Some(Atom::EXIT_CLASS) => Class::Exit,
        Some(Atom::THROW) => Class::Throw,
        _ => return Ok(Term::atom(Atom::BADARG).into()),
    };
    let Some(entries) = local.m.list_elements(args[2]) else { return Ok(Term::atom(Atom::BADARG).into()) };
    let mut trace = Vec::with_capacity(entries.len().min(TRACE_DEPTH));
    let mut changed = entries.len() > TRACE_DEPTH;
    for entry in entries {
        let Some(shape) = entry_shape(&local.m, entry) else { return Ok(Term::atom(Atom::BADARG).into()) };
        if trace.len() == TRACE_DEPTH {
            continue;
        }
        if shape == EntryShape::WithoutLocation {
            let mut elements = local.m.tuple_elements(entry).expect("an entry is a tuple");
            elements.push(Term::nil());
            trace.push(local.m.tuple(&elements)?);
            changed = true;
        } else {
            trace.push(entry);
        }
    }
    let trace = if changed { local.m.list(&trace)? } else { args[2] };
    Err(Raise::Traced(class, args[1], trace))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum EntryShape {
    Whole,
    WithoutLocation,
}

/// `{M, F, A}`, `{M, F, A, Location}`, `{Fun, A}`, `{Fun, A, Location}`; `A` may be anything and a location
/// any list.
fn entry_shape(m: &Mutator<'_>, entry: Term<'_>) -> Option<EntryShape> {
    let elements = m.heap().tuple(entry.word())?;
    let is_list = |w: u64| Word(w).is_list() || Word(w).is_nil();
    let is_atom = |w: u64| Word(w).is_atom();
    let is_fun = |w: u64| m.heap().is_fun(Word(w));
    match *elements {
        [module, function, _] if is_atom(module) && is_atom(function) => Some(EntryShape::WithoutLocation),
        [module, function, _, location] if is_atom(module) && is_atom(function) && is_list(location) => {
            Some(EntryShape::Whole)
        }
        [fun, _] if is_fun(fun) => Some(EntryShape::WithoutLocation),
        [fun, _, location] if is_fun(fun) && is_list(location) => Some(EntryShape::Whole),
        _ => None,
    }
}

fn hibernate<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let (export, arguments) = call(&local.m, args)?;
    Ok(Outcome::Hibernate(export, arguments))
}

/// Counts the reductions; a slice does not end sooner for it.
fn bump_reductions<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let count = args[0].as_small().and_then(|n| u64::try_from(n).ok()).ok_or(Raise::BADARG)?;
    local.control.reductions = local.control.reductions.saturating_add(count);
    Ok(Term::boolean(true).into())
}

fn yield0<'h>(_: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    Ok(Outcome::YieldNow)
}

fn halt0<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    Ok(halt(ctx, 0))
}

fn halt1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let status = status(ctx, args[0])?;
    Ok(halt(ctx, status))
}

fn halt2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    for term in list(&ctx.m, args[1]).map_err(|_| Raise::BADOPT)? {
        match option(&ctx.m, term) {
            Some((Atom::FLUSH, value)) if boolean(value).is_some() => {}
            _ => return Err(Raise::BADOPT),
        }
    }
    let status = status(ctx, args[0])?;
    Ok(halt(ctx, status))
}

/// Status of a `halt(abort)`: what a shell shows of a process that aborted.
const ABORTED: i32 = 134;

/// A status; a text is a slogan, printed, with status 1.
fn status<'h>(ctx: &mut Ctx<'h, '_>, term: Term<'h>) -> Result<i32, Raise<'h>> {
    if let Some(status) = term.as_small() {
        let status = u64::try_from(status).map_err(|_| Raise::BADARG)?;
        return Ok((status & 0xff) as i32);
    }
    if term.is_atom(Atom::ABORT) {
        return Ok(ABORTED);
    }
    let character = |t: Term<'_>| t.as_small().and_then(|n| u32::try_from(n).ok()).and_then(char::from_u32);
    let slogan: Option<String> = list(&ctx.m, term)?.into_iter().map(character).collect();
    ctx.world.output(ctx.control.pid, &(slogan.ok_or(Raise::BADARG)? + "\n"));
    Ok(1)
}

/// The process waits for a reply that never comes: none of its code runs after a halt.
fn halt<'h>(ctx: &mut Ctx<'h, '_>, status: i32) -> Outcome<'h> {
    ctx.world.halt(status);
    Outcome::Await(ctx.control.next_reference(), Answer::Value)
}
