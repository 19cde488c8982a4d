//! Functions that OTP's own modules and tools call: of `erts_internal`, `erts_debug` and a few of `erlang`. What they
//! answer is what a live `erl` of OTP 25 answers; they are not documented.

use super::arguments::{atom, list, pid};
use crate::bif::{Ctx, EffectResult, Local, Outcome, PureResult, Raise};
use crate::heap::Heap;
use crate::heap::mutator::{Mutator, Term};
use crate::heap::read::View;
use crate::term::{Atom, Word};
use std::collections::BTreeSet;

crate::bif::table::natives! { ROWS:
    local "erts_internal" "garbage_collect" 1 = garbage_collect;
    pure "erts_internal" "is_system_process" 1 = is_system_process;
    pure "erts_internal" "is_process_executing_dirty" 1 = is_system_process;
    pure "erts_internal" "map_to_tuple_keys" 1 = map_to_tuple_keys;
    pure "erts_internal" "system_check" 1 = system_check;
    pure "erts_internal" "get_creation" 0 = get_creation;
    pure "erts_internal" "no_aux_work_threads" 0 = no_aux_work_threads;
    effect "erts_internal" "erase_persistent_terms" 0 = erase_persistent_terms, PersistentTerm;
    pure "erts_debug" "size_shared" 1 = size_shared;
    pure "erts_debug" "copy_shared" 2 = same;
    pure "erts_debug" "interpreter_size" 0 = zero;
    pure "erts_debug" "disassemble" 1 = no;
    pure "erts_debug" "breakpoint" 2 = no_breakpoint;
    effect "erlang" "display_nl" 0 = display_nl, Output;
    effect "erlang" "display_string" 1 = display_string1, Output;
    effect "erlang" "display_string" 2 = display_string2, Output;
    pure "erlang" "pre_loaded" 0 = pre_loaded;
    pure "erlang" "setnode" 2 = setnode;
}

fn garbage_collect<'h>(_: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    match args[0].as_atom() {
        Some(Atom::MAJOR | Atom::MINOR) => Ok(Outcome::Collect),
        _ => Err(Raise::BADARG),
    }
}

fn is_system_process<'h>(_: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    pid(args[0]).map(|_| Term::boolean(false))
}

/// The keys of a map that keeps them in a tuple.
fn map_to_tuple_keys<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    match m.view(args[0]) {
        View::FlatMap { keys, .. } => {
            let keys: Vec<Term<'h>> = keys.iter().map(|&key| Term::of(Word(key))).collect();
            Ok(m.tuple(&keys)?)
        }
        View::HashMap { .. } => Err(Raise::BADARG),
        _ => {
            let reason = m.tuple(&[Term::atom(Atom::BADMAP), args[0]])?;
            Err(Raise::With(crate::bif::Class::Error, reason))
        }
    }
}

fn system_check<'h>(_: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    if atom(args[0])?.text() == "schedulers" { Ok(Term::atom(Atom::OK)) } else { Err(Raise::BADARG) }
}

fn get_creation<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::atom(Atom::UNDEFINED))
}

fn no_aux_work_threads<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::small(1))
}

fn erase_persistent_terms<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    ctx.world.change_persistent_terms(&mut |terms| terms.clear());
    Ok(Term::atom(Atom::OK).into())
}

/// Words that a term takes on the heap: what is shared counts once, literals not at all.
fn size_shared<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    let words = shared_words(m.heap(), args[0].word());
    Ok(m.integer(words as i64)?)
}

fn shared_words(heap: &Heap, root: Word) -> usize {
    let mut seen = BTreeSet::new();
    let mut open = vec![root];
    let mut words = 0;
    while let Some(word) = open.pop() {
        if !word.is_pointer() || word.is_literal() || !seen.insert(word.0) {
            continue;
        }
        if word.is_list() {
            let (head, tail) = heap.cell(word);
            open.extend([head, tail]);
            words += 2;
            continue;
        }
        let header = heap.header(word);
        words += 1 + header.size;
        if !header.kind.is_raw() {
            open.extend(heap.body(word).iter().map(|&w| Word(w)));
        }
    }
    words
}

fn same<'h>(_: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    Ok(args[0])
}

fn zero<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::small(0))
}

fn no<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(false))
}

/// Instructions that a breakpoint was set at.
fn no_breakpoint<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::small(0))
}

fn display_nl<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    ctx.world.output(ctx.control.pid, "\n");
    Ok(Term::boolean(true).into())
}

fn display_string1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let character =
        |term: Term<'_>| term.as_small().and_then(|n| u32::try_from(n).ok()).and_then(char::from_u32);
    let text: Option<String> = list(&ctx.m, args[0])?.into_iter().map(character).collect();
    ctx.world.output(ctx.control.pid, &text.ok_or(Raise::BADARG)?);
    Ok(Term::boolean(true).into())
}

/// OTP 26's: a device, and text that may be a binary. The devices are one here.
fn display_string2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    if !["stdin", "stdout", "stderr"].contains(&atom(args[0])?.text()) {
        return Err(Raise::BADARG);
    }
    let Some(bits) = ctx.m.bits(args[1]) else { return display_string1(ctx, &args[1..]) };
    if !bits.is_binary() {
        return Err(Raise::BADARG);
    }
    let text = String::from_utf8_lossy(&bits.to_vec()).into_owned();
    ctx.world.output(ctx.control.pid, &text);
    Ok(Term::boolean(true).into())
}

/// Modules that OTP 25 has before it reads any file.
const PRE_LOADED: &[&str] = &[
    "persistent_term",
    "counters",
    "atomics",
    "erts_dirty_process_signal_handler",
    "erts_literal_area_collector",
    "erl_tracer",
    "erts_internal",
    "erlang",
    "erl_prim_loader",
    "prim_zip",
    "prim_net",
    "prim_socket",
    "socket_registry",
    "zlib",
    "prim_file",
    "prim_inet",
    "prim_eval",
    "prim_buffer",
    "init",
    "erl_init",
    "erts_code_purger",
];

fn pre_loaded<'h>(m: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    let names: Vec<Term<'h>> = PRE_LOADED.iter().map(|name| Term::atom(Atom::known(name))).collect();
    Ok(m.list(&names)?)
}

/// The node stays as it is: there is no distribution.
fn setnode<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Err(Raise::BADARG)
}
