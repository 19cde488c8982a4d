//! Links. Source: `erlang:link/1`, `unlink/1`.

use super::arguments::actor;
use crate::bif::{Ctx, EffectResult, Raise};
use crate::heap::mutator::Term;
use crate::heap::parcel::Parcel;
use crate::process::links::NoPeer;
use crate::process::receive::exit_message;
use crate::process::signal::Signal;
use crate::term::{Atom, Word};

crate::bif::table::natives! { ROWS:
    effect "erlang" "link" 1 = link, Link 0;
    effect "erlang" "unlink" 1 = unlink, Unlink 0;
}

/// A link to nobody is an EXIT message to one who traps exits, and an error to others.
fn link<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let peer = actor(args[0])?;
    if let Err(NoPeer) = ctx.control.link(peer, ctx.world) {
        if !ctx.control.trap_exit {
            return Err(Raise::Error(Atom::NOPROC));
        }
        let message = exit_message(peer, &Parcel::immediate(Word::atom(Atom::NOPROC)));
        ctx.control.send_self(Signal::Message(message), ctx.world);
    }
    Ok(Term::boolean(true).into())
}

fn unlink<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    ctx.control.unlink(actor(args[0])?, ctx.world);
    Ok(Term::boolean(true).into())
}
