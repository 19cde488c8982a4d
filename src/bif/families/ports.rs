//! Ports: natives of `erlang` and `erts_internal` whose code is Erlang, in `boot/warpbeam_port.erl`.
//!
//! Invariant: a port is an actor with a process of its own, whose identity says that it is a port
//! ([`crate::process::pid::Pid::port`]); whatever is asked of it is asked by messages.

use crate::bif::{EffectResult, Local, Outcome};
use crate::code::ExportId;
use crate::heap::mutator::Term;
use crate::process::links::LinkState;
use crate::term::Atom;
use std::sync::OnceLock;

crate::bif::table::natives! { ROWS:
    local "erlang" "open_port" 2 = open_port;
    local "erlang" "port_info" 1 = port_info;
    local "erlang" "port_info" 2 = port_info;
    local "erlang" "port_connect" 2 = port_connect;
    local "erlang" "port_close" 1 = port_close;
    local "erlang" "port_command" 2 = port_command;
    local "erlang" "port_command" 3 = port_command;
    local "erlang" "port_control" 3 = port_control;
    local "erlang" "port_call" 2 = port_call;
    local "erlang" "port_call" 3 = port_call;
    local "erlang" "port_set_data" 2 = port_set_data;
    local "erlang" "port_get_data" 1 = port_get_data;
    local "warpbeam_native" "links" 0 = links;
}

/// Arguments of these functions at most.
const ARITY_MAX: usize = 3;

macro_rules! elsewhere {
    ($($name:ident)*) => {$(
        fn $name<'h>(_: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
            // Found once: programs ask for a port's data whenever they send.
            static FOUND: [OnceLock<ExportId>; ARITY_MAX + 1] = [const { OnceLock::new() }; ARITY_MAX + 1];
            let find = || {
                let (module, function) = (Atom::known("warpbeam_port"), Atom::known(stringify!($name)));
                ExportId::new(module, function, args.len() as u32)
            };
            let found = FOUND[args.len()].get_or_init(find);
            Ok(Outcome::Call(*found, args.to_vec()))
        }
    )*};
}

elsewhere! {
    open_port port_info port_connect port_close port_command port_control port_call port_set_data port_get_data
}

/// What the running actor is linked to.
fn links<'h>(local: &mut Local<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let linked = local.control.links.iter().filter(|(_, state)| **state == LinkState::Linked);
    let terms: Vec<Term<'h>> = linked.map(|(peer, _)| Term::of(peer.word())).collect();
    Ok(local.m.list(&terms)?.into())
}
