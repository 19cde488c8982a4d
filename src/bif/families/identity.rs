//! What names things: pids, references, unique integers, nodes. There is one node, `nonode@nohost`, and it
//! is never alive. Source: `erlang:self/0`, `make_ref/0`, `unique_integer/0,1`, `node/0,1`, `nodes/0,1,2`.
//!
//! A unique integer that need not be monotonic is a function of its process and of how many it has made.

use super::arguments::{atom, boolean, list};
use crate::bif::{Ctx, EffectResult, Local, PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::heap::read::View;
use crate::process::Control;
use crate::term::{Atom, Word, map};

crate::bif::table::natives! { ROWS:
    local "erlang" "self" 0 = self0;
    local "erlang" "make_ref" 0 = make_ref;
    local "erlang" "unique_integer" 0 = unique_integer0;
    effect "erlang" "unique_integer" 1 = unique_integer1, MonotonicInteger;
    guard "erlang" "node" 0 = node0;
    guard "erlang" "node" 1 = node1;
    pure "erlang" "is_alive" 0 = is_alive;
    pure "erlang" "nodes" 0 = nodes0;
    pure "erlang" "nodes" 1 = nodes1;
    pure "erlang" "nodes" 2 = nodes2;
    pure "erlang" "monitor_node" 2 = monitor_node;
    pure "erlang" "monitor_node" 3 = monitor_node_with;
    pure "erlang" "disconnect_node" 1 = disconnect_node;
    pure "erlang" "get_cookie" 0 = get_cookie;
    pure "erlang" "get_cookie" 1 = get_cookie_of;
}

fn self0<'h>(local: &mut Local<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    Ok(Term::of(local.control.pid.word()).into())
}

fn make_ref<'h>(local: &mut Local<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let id = local.control.next_reference();
    Ok(local.m.reference(id)?.into())
}

fn unique_integer0<'h>(local: &mut Local<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    Ok(unique(&mut local.m, local.control)?.into())
}

/// Szudzik's pairing of the process's number and its count: one to one, and small while both are.
fn unique<'h>(m: &mut Mutator<'h>, control: &mut Control) -> Result<Term<'h>, Raise<'h>> {
    control.integers_made += 1;
    let (x, y) = (i128::from(control.pid.observable()), i128::from(control.integers_made));
    let paired = if x >= y { x * x + x + y } else { x + y * y };
    Ok(Term::of(m.heap_mut().new_integer_wide(paired)?))
}

fn unique_integer1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let mut monotonic = false;
    for option in list(&ctx.m, args[0])? {
        match option.as_atom() {
            Some(Atom::POSITIVE) => {}
            Some(Atom::MONOTONIC) => monotonic = true,
            _ => return Err(Raise::BADARG),
        }
    }
    if !monotonic {
        return Ok(unique(&mut ctx.m, ctx.control)?.into());
    }
    let number = ctx.world.next_monotonic_integer();
    assert!(number > 0, "a world's monotonic integers are above 0");
    Ok(ctx.m.integer(number)?.into())
}

fn node0<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::atom(Atom::NONODE_NOHOST))
}

fn node1<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    match m.view(args[0]) {
        View::Pid(_) | View::Port(_) | View::Reference(_) => Ok(Term::atom(Atom::NONODE_NOHOST)),
        _ => Err(Raise::BADARG),
    }
}

fn is_alive<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::boolean(false))
}

fn nodes0<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::nil())
}

/// Whether a kind of nodes, or a list of kinds, takes in this node itself.
fn takes_in_this<'h>(m: &Mutator<'h>, kinds: Term<'h>) -> Result<bool, Raise<'h>> {
    let kinds = if kinds.as_atom().is_some() { vec![kinds] } else { list(m, kinds)? };
    let mut this = false;
    for kind in kinds {
        this |= match kind.as_atom() {
            Some(Atom::THIS | Atom::KNOWN) => true,
            Some(Atom::VISIBLE | Atom::HIDDEN | Atom::CONNECTED) => false,
            _ => return Err(Raise::BADARG),
        };
    }
    Ok(this)
}

fn nodes1<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    let this = takes_in_this(m, args[0])?;
    Ok(m.list(&[Term::atom(Atom::NONODE_NOHOST)][usize::from(!this)..])?)
}

/// `{Node, Info}` each, with what the map of the second argument asks for.
fn nodes2<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    let this = takes_in_this(m, args[0])?;
    if !m.heap().is_map(args[1].word()) {
        return Err(Raise::BADARG);
    }
    let asked: Vec<(Word, Word)> = map::Entries::of(m.heap(), args[1].word()).collect();
    let mut info = Vec::new();
    for (key, wanted) in asked {
        let value = match key.as_atom() {
            Some(Atom::CONNECTION_ID) => Atom::UNDEFINED,
            Some(Atom::NODE_TYPE) => Atom::THIS,
            _ => return Err(Raise::BADARG),
        };
        if boolean(Term::of(wanted)).ok_or(Raise::BADARG)? {
            info.push((key, Word::atom(value)));
        }
    }
    if !this {
        return Ok(Term::nil());
    }
    let info = Term::of(map::from_pairs(m.heap_mut(), &info)?);
    let pair = m.tuple(&[Term::atom(Atom::NONODE_NOHOST), info])?;
    Ok(m.list(&[pair])?)
}

fn monitor_node<'h>(_: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    if atom(args[0])? == Atom::NONODE_NOHOST && boolean(args[1]).is_some() {
        return Ok(Term::boolean(true));
    }
    Err(Raise::Error(Atom::NOTALIVE))
}

fn monitor_node_with<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    let options = m.list_elements(args[2]).ok_or(Raise::BADOPT)?;
    if options.iter().any(|option| !option.is_atom(Atom::ALLOW_PASSIVE_CONNECT)) {
        return Err(Raise::BADOPT);
    }
    monitor_node(m, args)
}

fn disconnect_node<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::atom(Atom::IGNORED))
}

fn get_cookie<'h>(_: &mut Mutator<'h>, _: &[Term<'h>]) -> PureResult<'h> {
    Ok(Term::atom(Atom::NOCOOKIE))
}

fn get_cookie_of<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    atom(args[0])?;
    get_cookie(m, args)
}
