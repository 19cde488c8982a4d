//! Tracing, as far as it is there: nothing is traced, no sequential trace token is ever set, and dynamic tracing is
//! not built in, which is what OTP says of itself unless somebody asks for more. Source: `erlang:trace_info/2`,
//! `seq_trace/2` and its kin, the `dt_` functions of `erlang`.
//!
//! `erlang:trace/3` and `trace_pattern/3` have no row: whoever asks for a trace that cannot be had is told.
//! A sequential trace token is accepted and not kept (OTP: kept, and sent with messages).

use super::arguments::{atom, boolean, pid};
use crate::bif::{Ctx, EffectResult, PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::heap::parcel::{Parcel, Part};
use crate::process::signal::Signal;
use crate::term::{Atom, Word};

crate::bif::table::natives! { ROWS:
    pure "erlang" "seq_trace" 2 = seq_trace;
    pure "erlang" "seq_trace_info" 1 = seq_trace_info;
    pure "erlang" "seq_trace_print" 1 = seq_trace_print;
    pure "erlang" "seq_trace_print" 2 = seq_trace_print;
    effect "erlang" "trace_info" 2 = trace_info, Request 0;
    effect "erlang" "trace_delivered" 1 = trace_delivered, Send 0;
    pure "erlang" "dt_get_tag" 0 = no_tag;
    pure "erlang" "dt_get_tag_data" 0 = no_tag;
    pure "erlang" "dt_put_tag" 1 = no_tag;
    pure "erlang" "dt_prepend_vm_tag_data" 1 = same;
    pure "erlang" "dt_append_vm_tag_data" 1 = same;
    pure "erlang" "dt_spread_tag" 1 = dt_spread_tag;
    pure "erlang" "dt_restore_tag" 1 = dt_restore_tag;
}

/// Flags of a token.
const FLAGS: &[&str] =
    &["send", "receive", "print", "timestamp", "monotonic_timestamp", "strict_monotonic_timestamp"];

/// What there was before: never anything.
fn seq_trace<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    match atom(args[0])?.text() {
        "sequential_trace_token" if args[1].is_nil() => Ok(Term::nil()),
        "sequential_trace_token" if m.tuple_size(args[1]) == Some(5) => Ok(Term::nil()),
        "label" => Ok(Term::small(0)),
        "serial" => {
            let [previous, current] = m.tuple_elements(args[1]).unwrap_or_default()[..] else {
                return Err(Raise::BADARG);
            };
            if previous.as_small().is_none() || current.as_small().is_none() {
                return Err(Raise::BADARG);
            }
            Ok(m.tuple(&[Term::small(0); 2])?)
        }
        flag if FLAGS.contains(&flag) && boolean(args[1]).is_some() => Ok(Term::boolean(false)),
        _ => Err(Raise::BADARG),
    }
}

fn seq_trace_info<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    let name = atom(args[0])?;
    let value = match name.text() {
        "label" | "serial" => return Ok(Term::nil()),
        flag if flag == "spawn" || FLAGS.contains(&flag) => Term::boolean(false),
        _ => return Err(Raise::BADARG),
    };
    Ok(m.tuple(&[Term::atom(name), value])?)
}

fn seq_trace_print<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(false))
}

fn trace_info<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let item = atom(args[1])?;
    if let Some(elements) = ctx.m.tuple_elements(args[0]) {
        let [module, function, arity] = elements[..] else { return Err(Raise::BADARG) };
        let named = module.as_atom().is_some() && function.as_atom().is_some();
        if !named || arity.as_small().is_none() {
            return Err(Raise::BADARG);
        }
        return about_functions(&mut ctx.m, item);
    }
    match args[0].as_atom().map(Atom::text) {
        Some("on_load") => return about_functions(&mut ctx.m, item),
        Some("new" | "new_processes" | "new_ports" | "send" | "receive") => {}
        Some(_) => return Err(Raise::BADARG),
        None => {
            let of = pid(args[0])?;
            if of != ctx.control.pid && !ctx.world.exists(of) {
                return Ok(Term::atom(Atom::UNDEFINED).into());
            }
        }
    }
    match item.text() {
        "flags" | "tracer" => Ok(ctx.m.tuple(&[Term::atom(item), Term::nil()])?.into()),
        _ => Err(Raise::BADARG),
    }
}

/// What is traced of a function: nothing.
fn about_functions<'h>(m: &mut Mutator<'h>, item: Atom) -> EffectResult<'h> {
    let items =
        ["traced", "match_spec", "meta", "meta_match_spec", "call_count", "call_time", "call_memory", "all"];
    if !items.contains(&item.text()) {
        return Err(Raise::BADARG);
    }
    Ok(m.tuple(&[Term::atom(item), Term::boolean(false)])?.into())
}

/// `{trace_delivered, Pid, Ref}` comes at once, as no trace message is ever under way.
fn trace_delivered<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    if !args[0].is_atom(Atom::ALL) {
        pid(args[0])?;
    }
    let reference = ctx.control.next_reference();
    let name = Part::Word(Word::atom(Atom::known("trace_delivered")));
    let message = Parcel::tuple(&[name, Part::Word(args[0].word()), Part::Reference(reference)]);
    ctx.control.send_self(Signal::Message(message), ctx.world);
    Ok(ctx.m.reference(reference)?.into())
}

fn no_tag<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::atom(Atom::UNDEFINED))
}

fn same<'h>(_: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    Ok(args[0])
}

fn dt_spread_tag<'h>(_: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    boolean(args[0]).map(|_| Term::boolean(true)).ok_or(Raise::BADARG)
}

/// What `dt_spread_tag/1` gave: `true`, or a flag and a tag.
fn dt_restore_tag<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    let given = args[0].is_atom(Atom::TRUE) || m.uncons(args[0]).is_some();
    if given { Ok(Term::boolean(true)) } else { Err(Raise::BADARG) }
}
