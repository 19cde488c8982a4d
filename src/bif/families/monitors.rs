//! Monitors and aliases. Source: `erlang:monitor/2,3`, `demonitor/1,2`, `alias/0,1`, `unalias/1`.
//!
//! There are no other nodes, so a monitor of one is `badarg`.

use super::arguments::{Name, list, name, option, reference};
use crate::bif::{Ctx, EffectResult, Local, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::process::AliasMode;
use crate::process::monitors::Monitoring;
use crate::process::pid::Pid;
use crate::process::signal::Watched;
use crate::term::Atom;
use crate::world::World;

crate::bif::table::natives! { ROWS:
    effect "erlang" "monitor" 2 = monitor2, Monitor 1;
    effect "erlang" "monitor" 3 = monitor3, Monitor 1;
    effect "erlang" "demonitor" 1 = demonitor1, Demonitor 0;
    effect "erlang" "demonitor" 2 = demonitor2, Demonitor 0;
    local "erlang" "alias" 0 = alias0;
    local "erlang" "alias" 1 = alias1;
    local "erlang" "unalias" 1 = unalias;
}

fn monitor2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    monitor(ctx, args[0], args[1], MonitorOptions::default())
}

fn monitor3<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let options = MonitorOptions::parse(&ctx.m, args[2]).ok_or(Raise::BADOPT)?;
    monitor(ctx, args[0], args[1], options)
}

/// The options of a monitor, which those of a spawn may hold too.
#[derive(Clone, Copy, Default)]
pub(super) struct MonitorOptions<'h> {
    pub alias: Option<AliasMode>,
    pub tag: Option<Term<'h>>,
}

impl<'h> MonitorOptions<'h> {
    /// The last one of each kind counts.
    pub(super) fn parse(m: &Mutator<'h>, list: Term<'h>) -> Option<MonitorOptions<'h>> {
        let mut options = MonitorOptions::default();
        for term in m.list_elements(list)? {
            match option(m, term)? {
                (Atom::TAG, tag) => options.tag = Some(tag),
                (Atom::ALIAS, mode) => {
                    options.alias = Some(match mode.as_atom()? {
                        Atom::EXPLICIT_UNALIAS => AliasMode::Explicit,
                        Atom::DEMONITOR => AliasMode::WithMonitor,
                        Atom::REPLY_DEMONITOR => AliasMode::OnReply,
                        _ => return None,
                    });
                }
                _ => return None,
            }
        }
        Some(options)
    }

    pub(super) fn monitoring(&self, target: Option<Pid>, watched: Watched) -> Monitoring {
        Monitoring { target, watched, alias: self.alias, tag: self.tag.map(Term::word) }
    }
}

fn monitor<'h>(
    ctx: &mut Ctx<'h, '_>,
    kind: Term<'h>,
    item: Term<'h>,
    options: MonitorOptions<'h>,
) -> EffectResult<'h> {
    match kind.as_atom() {
        Some(Atom::PROCESS) => {}
        Some(Atom::TIME_OFFSET) if item.is_atom(Atom::CLOCK_SERVICE) => return time_offset(ctx, options),
        Some(Atom::PORT) => return monitor_port(ctx, item, options),
        Some(Atom::TIME_OFFSET) => return Err(Raise::BADARG),
        _ => return Err(Raise::Caused(Atom::BADARG, Atom::BADTYPE)),
    }
    let (target, watched) = target(&ctx.m, item, ctx.world)?;
    let id = ctx.control.next_reference();
    let reference = ctx.m.reference(id)?;
    ctx.control.monitor(id, options.monitoring(target, watched), ctx.world);
    Ok(reference.into())
}

/// A port, or its name: one that nobody has is `noproc` at once.
fn monitor_port<'h>(ctx: &mut Ctx<'h, '_>, item: Term<'h>, options: MonitorOptions<'h>) -> EffectResult<'h> {
    let port = match (item.as_atom(), Pid::of_actor(item.word())) {
        (Some(name), _) => ctx.world.whereis(name).filter(|named| named.is_port()),
        (None, Some(port)) if port.is_port() => Some(port),
        _ => return Err(Raise::BADARG),
    };
    let watched = match (item.as_atom(), port) {
        (None, Some(port)) => Watched::Pid(port),
        (name, _) => Watched::PortName(name.expect("without a port there is a name")),
    };
    let id = ctx.control.next_reference();
    let reference = ctx.m.reference(id)?;
    ctx.control.monitor(id, options.monitoring(port, watched), ctx.world);
    Ok(reference.into())
}

/// A monitor that never fires.
fn time_offset<'h>(ctx: &mut Ctx<'h, '_>, options: MonitorOptions<'h>) -> EffectResult<'h> {
    let id = ctx.control.next_reference();
    let reference = ctx.m.reference(id)?;
    ctx.control.monitoring.insert(id.count, options.monitoring(None, Watched::ClockService));
    Ok(reference.into())
}

fn target<'h>(
    m: &Mutator<'h>,
    item: Term<'h>,
    world: &mut dyn World,
) -> Result<(Option<Pid>, Watched), Raise<'h>> {
    if let Some(pid) = Pid::of_word(item.word()) {
        return Ok((Some(pid), Watched::Pid(pid)));
    }
    match name(m, item) {
        Some(Name::Here(name) | Name::AtHere(name)) => Ok((world.whereis(name), Watched::Name(name))),
        Some(Name::AtOther(_)) | None => Err(Raise::BADARG),
    }
}

fn demonitor1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let reference = reference(&ctx.m, args[0])?;
    ctx.control.demonitor(reference, ctx.world);
    Ok(Term::boolean(true).into())
}

fn demonitor2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let reference = reference(&ctx.m, args[0])?;
    let (mut flush, mut info) = (false, false);
    for option in list(&ctx.m, args[1])? {
        match option.as_atom() {
            Some(Atom::FLUSH) => flush = true,
            Some(Atom::INFO) => info = true,
            _ => return Err(Raise::BADARG),
        }
    }
    let removed = ctx.control.demonitor(reference, ctx.world);
    if flush && !removed {
        ctx.control.mailbox.flush(ctx.m.heap(), reference);
    }
    Ok(Term::boolean(removed || !info).into())
}

fn alias0<'h>(local: &mut Local<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    alias(local, AliasMode::Explicit)
}

fn alias1<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let mut mode = AliasMode::Explicit;
    for option in list(&local.m, args[0])? {
        mode = match option.as_atom() {
            Some(Atom::EXPLICIT_UNALIAS) => AliasMode::Explicit,
            Some(Atom::REPLY) => AliasMode::OnReply,
            _ => return Err(Raise::BADARG),
        };
    }
    alias(local, mode)
}

fn alias<'h>(local: &mut Local<'h, '_>, mode: AliasMode) -> EffectResult<'h> {
    let id = local.control.next_reference();
    let reference = local.m.reference(id)?;
    local.control.aliases.insert(id.count, mode);
    Ok(reference.into())
}

fn unalias<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let reference = reference(&local.m, args[0])?;
    Ok(Term::boolean(local.control.unalias(reference)).into())
}
