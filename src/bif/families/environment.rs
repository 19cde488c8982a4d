//! The operating system's process and its environment, and names as the operating system has them. Source: the
//! modules `os` and `prim_file`.
//!
//! Names are UTF-8, as OTP's are by default on Linux; what is not UTF-8 in the machine's environment is read as
//! Latin-1. A program's variables are its world's own: other processes of the machine do not see them.
//! `os:set_signal/2` is checked and changes nothing: the runtime keeps the signals to itself.

use crate::bif::{Ctx, EffectResult, PureResult, Raise};
use crate::heap::Heap;
use crate::heap::mutator::{Mutator, Term};
use crate::term::{Atom, Word};
use crate::world::environment::Variables;

crate::bif::table::natives! { ROWS:
    effect "os" "env" 0 = env, Environment;
    effect "os" "getenv" 1 = getenv, Environment;
    effect "os" "putenv" 2 = putenv, Environment;
    effect "os" "unsetenv" 1 = unsetenv, Environment;
    effect "os" "getpid" 0 = getpid, Environment;
    pure "os" "set_signal" 2 = set_signal;
    pure "file" "native_name_encoding" 0 = native_name_encoding;
    pure "prim_file" "internal_name2native" 1 = name_to_native;
    pure "prim_file" "internal_native2name" 1 = native_to_name;
    pure "prim_file" "is_translatable" 1 = is_translatable;
    pure "io" "printable_range" 0 = printable_range;
    pure "net_kernel" "dflag_unicode_io" 1 = dflag_unicode_io;
    pure "error_logger" "warning_map" 0 = warning_map;
}

/// The characters of a list, which may hold lists, as UTF-8. `None` if it is anything else, or holds a zero.
fn list_bytes(heap: &Heap, root: Word) -> Option<Vec<u8>> {
    let mut text = String::new();
    let mut rests = Vec::new();
    let mut at = root;
    loop {
        if at.is_list() {
            let (head, tail) = heap.cell(at);
            at = tail;
            if head.is_list() || head.is_nil() {
                rests.push(tail);
                at = head;
            } else {
                let code = head.as_small().and_then(|n| u32::try_from(n).ok())?;
                text.push(char::from_u32(code).filter(|&c| c != '\0')?);
            }
            continue;
        }
        if !at.is_nil() {
            return None;
        }
        match rests.pop() {
            Some(rest) => at = rest,
            None => return Some(text.into_bytes()),
        }
    }
}

/// What a variable's name or value is given as.
fn bytes<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<Vec<u8>, Raise<'h>> {
    list_bytes(m.heap(), term.word()).ok_or(Raise::BADARG)
}

fn name<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<Vec<u8>, Raise<'h>> {
    let name = bytes(m, term)?;
    if name.contains(&b'=') { Err(Raise::BADARG) } else { Ok(name) }
}

/// Bytes of the operating system as a list of characters.
fn characters<'h>(m: &mut Mutator<'h>, bytes: &[u8]) -> PureResult<'h> {
    Ok(match std::str::from_utf8(bytes) {
        Ok(text) => m.text_list(text)?,
        Err(_) => {
            let latin1: String = bytes.iter().map(|&byte| char::from(byte)).collect();
            m.text_list(&latin1)?
        }
    })
}

fn env<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let mut all = Vec::new();
    ctx.world.variables(&mut |variables| {
        all = variables.iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
    });
    let mut pairs = Vec::with_capacity(all.len());
    for (name, value) in all {
        let pair = [characters(&mut ctx.m, &name)?, characters(&mut ctx.m, &value)?];
        pairs.push(ctx.m.tuple(&pair)?);
    }
    Ok(ctx.m.list(&pairs)?.into())
}

fn getenv<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let name = name(&ctx.m, args[0])?;
    let mut value = None;
    ctx.world.variables(&mut |variables| value = variables.get(&name).map(<[u8]>::to_vec));
    match value {
        Some(value) => Ok(characters(&mut ctx.m, &value)?.into()),
        None => Ok(Term::boolean(false).into()),
    }
}

/// A variable without a name is accepted and not kept.
fn putenv<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let (name, value) = (name(&ctx.m, args[0])?, bytes(&ctx.m, args[1])?);
    if Variables::is_name(&name) {
        ctx.world.variables(&mut |variables| variables.set(name.clone(), value.clone()));
    }
    Ok(Term::boolean(true).into())
}

fn unsetenv<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let name = name(&ctx.m, args[0])?;
    ctx.world.variables(&mut |variables| variables.unset(&name));
    Ok(Term::boolean(true).into())
}

fn getpid<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let number = ctx.world.os_process().to_string();
    Ok(ctx.m.text_list(&number)?.into())
}

/// Signals that a program may ask to handle.
const SIGNALS: &[&str] = &[
    "sigabrt", "sigalrm", "sigchld", "sighup", "sigquit", "sigstop", "sigterm", "sigtstp", "sigusr1",
    "sigusr2",
];

fn set_signal<'h>(_: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    let text = |term: Term<'h>| term.as_atom().map(Atom::text);
    let known = text(args[0]).is_some_and(|signal| SIGNALS.contains(&signal));
    let action = text(args[1]).is_some_and(|action| ["default", "handle", "ignore"].contains(&action));
    if known && action { Ok(Term::atom(Atom::OK)) } else { Err(Raise::BADARG) }
}

fn native_name_encoding<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::atom(Atom::UTF8))
}

/// A binary is a name already (of a bitstring, the whole bytes); either ends with a zero byte.
fn name_to_native<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    let mut name = match m.bits(args[0]) {
        Some(bits) => bits.slice(0, bits.size / 8 * 8).to_vec(),
        None => list_bytes(m.heap(), args[0].word()).ok_or(Raise::BADARG)?,
    };
    if name.contains(&0) {
        return Err(Raise::BADARG);
    }
    name.push(0);
    Ok(m.binary(&name)?)
}

/// `{error, warning}` for a name that is not UTF-8.
fn native_to_name<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    let name = m.bits(args[0]).filter(|bits| bits.is_binary()).ok_or(Raise::BADARG)?.to_vec();
    match std::str::from_utf8(&name) {
        Ok(text) => Ok(m.text_list(text)?),
        Err(_) => Ok(m.tuple(&[Term::atom(Atom::ERROR), Term::atom(Atom::known("warning"))])?),
    }
}

fn is_translatable<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    let name = m.bits(args[0]).filter(|bits| bits.is_binary()).ok_or(Raise::BADARG)?.to_vec();
    Ok(Term::boolean(std::str::from_utf8(&name).is_ok()))
}

fn printable_range<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::atom(Atom::LATIN1))
}

/// Whether the node of a process takes Unicode text: this one does.
fn dflag_unicode_io<'h>(_: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    super::arguments::pid(args[0]).map(|_| Term::boolean(true))
}

fn warning_map<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::atom(Atom::known("warning")))
}
