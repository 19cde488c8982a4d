//! Spawning. Source: `erlang:spawn/1..4` and its kin, `spawn_opt/2..5`, `spawn_request/1..5`.
//!
//! A process on another node cannot be: in its place a local one ends with `noconnection`, and a request is
//! replied to with that error.

use super::arguments::{atom, list, option, reference};
use super::monitors::MonitorOptions;
use super::spawn_options::{BadOptions, Of, SpawnOptions};
use crate::bif::{Ctx, EffectResult, Local, Raise};
use crate::code::ExportId;
use crate::heap::mutator::{Mutator, Term};
use crate::heap::read::{RefId, View};
use crate::process::links::LinkState;
use crate::process::pid::Pid;
use crate::process::signal::{Signal, Watched};
use crate::term::{Atom, Word};
use crate::world::{NewProcess, SpawnError, SpawnReply};

crate::bif::table::natives! { ROWS:
    effect "erlang" "spawn" 1 = spawn1, Spawn;
    effect "erlang" "spawn" 2 = spawn2, Spawn;
    effect "erlang" "spawn" 3 = spawn3, Spawn;
    effect "erlang" "spawn" 4 = spawn4, Spawn;
    effect "erlang" "spawn_link" 1 = spawn_link1, Spawn;
    effect "erlang" "spawn_link" 2 = spawn_link2, Spawn;
    effect "erlang" "spawn_link" 3 = spawn_link3, Spawn;
    effect "erlang" "spawn_link" 4 = spawn_link4, Spawn;
    effect "erlang" "spawn_monitor" 1 = spawn_monitor1, Spawn;
    effect "erlang" "spawn_monitor" 2 = spawn_monitor2, Spawn;
    effect "erlang" "spawn_monitor" 3 = spawn_monitor3, Spawn;
    effect "erlang" "spawn_monitor" 4 = spawn_monitor4, Spawn;
    effect "erlang" "spawn_opt" 2 = spawn_opt2, Spawn;
    effect "erlang" "spawn_opt" 3 = spawn_opt3, Spawn;
    effect "erlang" "spawn_opt" 4 = spawn_opt4, Spawn;
    effect "erlang" "spawn_opt" 5 = spawn_opt5, Spawn;
    effect "erlang" "spawn_request" 1 = spawn_request, Spawn;
    effect "erlang" "spawn_request" 2 = spawn_request, Spawn;
    effect "erlang" "spawn_request" 3 = spawn_request, Spawn;
    effect "erlang" "spawn_request" 4 = spawn_request, Spawn;
    effect "erlang" "spawn_request" 5 = spawn_request, Spawn;
    effect "warpbeam_native" "spawn_port" 3 = spawn_port, Spawn;
    local "erlang" "spawn_request_abandon" 1 = spawn_request_abandon;
}

/// What a new process is to call.
#[derive(Clone, Copy)]
struct Start<'h> {
    module: Atom,
    function: Atom,
    arguments: Term<'h>,
    arity: u32,
    initial_call: (Atom, Atom, u32),
}

/// Calls of more arguments than this go through `apply/3`.
const DIRECT_ARITY_MAX: u32 = 255;

/// Whether a fun can be called without arguments.
fn takes_nothing(m: &Mutator<'_>, fun: Term<'_>) -> bool {
    match m.heap().view(fun.word()) {
        View::Fun { arity, .. } => arity == 0,
        View::ExternalFun { export } => ExportId(export).mfa().arity == 0,
        _ => false,
    }
}

impl<'h> Start<'h> {
    /// `{Module, Function}`, which funs once were, is let in; the process finds out.
    fn fun(m: &mut Mutator<'h>, fun: Term<'h>) -> Result<Start<'h>, Raise<'h>> {
        let was_one = option(m, fun).is_some_and(|(_, function)| function.as_atom().is_some());
        if !was_one && !m.heap().is_fun(fun.word()) {
            return Err(Raise::BADARG);
        }
        let arguments = m.list(&[fun, Term::nil()])?;
        Ok(Start::apply(arguments, 2, (Atom::ERLANG, Atom::APPLY, 2)))
    }

    fn function(m: &mut Mutator<'h>, args: &[Term<'h>]) -> Result<Start<'h>, Raise<'h>> {
        let (module, function) = (atom(args[0])?, atom(args[1])?);
        let arity = m.heap().list_length(args[2].word()).ok_or(Raise::BADARG)?;
        let arity = u32::try_from(arity).map_err(|_| Raise::SYSTEM_LIMIT)?;
        let initial_call = (module, function, arity);
        if arity > DIRECT_ARITY_MAX {
            let arguments = m.list(&args[..3])?;
            return Ok(Start::apply(arguments, 3, initial_call));
        }
        Ok(Start { module, function, arguments: args[2], arity, initial_call })
    }

    fn apply(arguments: Term<'h>, arity: u32, initial_call: (Atom, Atom, u32)) -> Start<'h> {
        Start { module: Atom::ERLANG, function: Atom::APPLY, arguments, arity, initial_call }
    }

    /// The same at a node.
    fn at(self, m: &mut Mutator<'h>, node: Term<'h>) -> Result<Start<'h>, Raise<'h>> {
        if atom(node)? == Atom::NONODE_NOHOST {
            return Ok(self);
        }
        let arguments = m.list(&[Term::atom(Atom::NOCONNECTION)])?;
        let (module, function) = (Atom::ERLANG, Atom::EXIT_CLASS);
        Ok(Start { module, function, arguments, arity: 1, ..self })
    }
}

/// The child, and the monitor of it.
struct Spawned {
    child: Pid,
    monitor: Option<RefId>,
}

/// Makes the process, and this side of its link and monitor. `request` is the reference to use for both a
/// monitor and a reply.
fn spawn<'h>(
    ctx: &mut Ctx<'h, '_>,
    start: Start<'h>,
    options: &SpawnOptions<'h>,
    request: Option<(RefId, Option<SpawnReply>)>,
) -> Result<Spawned, Raise<'h>> {
    let arguments = ctx.m.heap_mut().parcel(start.arguments.word())?;
    let (reference, reply) = request.map_or((None, None), |(id, reply)| (Some(id), reply));
    let monitor = options.monitor.map(|_| reference.unwrap_or_else(|| ctx.control.next_reference()));
    let new = NewProcess {
        module: start.module,
        function: start.function,
        arguments,
        arity: start.arity,
        initial_call: start.initial_call,
        group_leader: ctx.control.group_leader,
        link: options.link,
        monitor,
        priority: options.priority,
        max_heap: options.max_heap,
        min_heap_words: options.min_heap_words,
        fullsweep_after: options.fullsweep_after,
        min_bin_vheap_words: options.min_bin_vheap_words,
        message_queue_off_heap: options.message_queue_off_heap,
        port: options.port,
        on_load: None,
        reply,
    };
    let child = match ctx.world.spawn(ctx.control, new) {
        Ok(child) => child,
        Err(SpawnError::SystemLimit) => return Err(Raise::SYSTEM_LIMIT),
    };
    if options.link {
        ctx.control.links.insert(child, LinkState::Linked);
    }
    if let (Some(reference), Some(monitor)) = (monitor, options.monitor) {
        let monitoring = monitor.monitoring(Some(child), Watched::Pid(child));
        ctx.control.monitoring.insert(reference.count, monitoring);
    }
    Ok(Spawned { child, monitor })
}

/// The pid, or `{Pid, Reference}` where there is a monitor.
fn value<'h>(ctx: &mut Ctx<'h, '_>, start: Start<'h>, options: &SpawnOptions<'h>) -> EffectResult<'h> {
    let spawned = spawn(ctx, start, options, None)?;
    let child = Term::of(spawned.child.word());
    let Some(reference) = spawned.monitor else { return Ok(child.into()) };
    let reference = ctx.m.reference(reference)?;
    Ok(ctx.m.tuple(&[child, reference])?.into())
}

fn plain<'h>() -> SpawnOptions<'h> {
    SpawnOptions::default()
}

fn linked<'h>() -> SpawnOptions<'h> {
    SpawnOptions { link: true, ..plain() }
}

fn port<'h>() -> SpawnOptions<'h> {
    SpawnOptions { port: true, ..linked() }
}

fn monitored<'h>() -> SpawnOptions<'h> {
    SpawnOptions { monitor: Some(MonitorOptions::default()), ..plain() }
}

/// `(Fun)`, `(Node, Fun)`, `(M, F, A)`, `(Node, M, F, A)`, by the number of arguments.
fn start<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> Result<Start<'h>, Raise<'h>> {
    match args {
        [fun] => Start::fun(m, *fun),
        [node, fun] => Start::fun(m, *fun)?.at(m, *node),
        [_, _, _] => Start::function(m, args),
        [node, mfa @ ..] => Start::function(m, mfa)?.at(m, *node),
        [] => Err(Raise::BADARG),
    }
}

/// The same where the fun must take no arguments: of a monitored spawn and of a request, OTP looks at once; of
/// the others the process finds out.
fn start_checked<'h>(m: &mut Mutator<'h>, args: &[Term<'h>]) -> Result<Start<'h>, Raise<'h>> {
    match args {
        [.., fun] if args.len() <= 2 && !takes_nothing(m, *fun) => Err(Raise::BADARG),
        _ => start(m, args),
    }
}

macro_rules! spawns {
    ($start:ident: $($name:ident $options:ident;)*) => {$(
        fn $name<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
            let start = $start(&mut ctx.m, args)?;
            value(ctx, start, &$options())
        }
    )*};
}

spawns! { start:
    spawn1 plain; spawn2 plain; spawn3 plain; spawn4 plain;
    spawn_port port;
    spawn_link1 linked; spawn_link2 linked; spawn_link3 linked; spawn_link4 linked;
}

spawns! { start_checked:
    spawn_monitor1 monitored; spawn_monitor2 monitored; spawn_monitor3 monitored; spawn_monitor4 monitored;
}

/// `args` are those of a plain spawn, `options` comes last.
fn spawn_opt<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>], options: Term<'h>) -> EffectResult<'h> {
    let at_node = matches!(args.len(), 2 | 4);
    let elsewhere = at_node && !args[0].is_atom(Atom::NONODE_NOHOST);
    let bad = if elsewhere { Raise::BADARG } else { Raise::BADOPT };
    // Of a module, function and arguments OTP looks at the options first.
    let begun = if args.len() == 3 { None } else { Some(start(&mut ctx.m, args)?) };
    let options = list(&ctx.m, options).map_err(|_| if args.len() == 4 { Raise::BADARG } else { bad })?;
    let schedulers = ctx.world.schedulers();
    let options = SpawnOptions::parse(&ctx.m, &options, Of::Spawn, schedulers).map_err(|_| bad)?;
    let begun = match begun {
        Some(begun) => begun,
        None => start(&mut ctx.m, args)?,
    };
    value(ctx, begun, &options)
}

fn spawn_opt2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    spawn_opt(ctx, &args[..1], args[1])
}

fn spawn_opt3<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    spawn_opt(ctx, &args[..2], args[2])
}

fn spawn_opt4<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    spawn_opt(ctx, &args[..3], args[3])
}

fn spawn_opt5<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    spawn_opt(ctx, &args[..4], args[4])
}

/// A request's arguments, told apart by where the fun or the list of arguments stands.
struct Request<'h> {
    node: Option<Term<'h>>,
    call: Vec<Term<'h>>,
    options: Option<Term<'h>>,
}

impl<'h> Request<'h> {
    fn of(m: &Mutator<'h>, args: &[Term<'h>]) -> Request<'h> {
        let is_fun = |i: usize| args.get(i).is_some_and(|t| m.heap().is_fun(t.word()));
        if let &[node, module, function] = args
            && function.as_atom().is_some()
        {
            // OTP takes it for a node, a module and a function, of no arguments.
            return Request { node: Some(node), call: vec![module, function, Term::nil()], options: None };
        }
        let (call, node) = match args.len() {
            1 => (0..1, None),
            2 if is_fun(1) && !is_fun(0) => (1..2, Some(args[0])),
            2 => (0..1, None),
            3 if is_fun(1) => (1..2, Some(args[0])),
            3 => (0..3, None),
            4 if args[2].as_atom().is_some() => (1..4, Some(args[0])),
            4 => (0..3, None),
            _ => (1..4, Some(args[0])),
        };
        Request { node, options: args.get(call.end).copied(), call: args[call].to_vec() }
    }
}

fn spawn_request<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let request = Request::of(&ctx.m, args);
    let start = start_checked(&mut ctx.m, &request.call)?;
    let elsewhere = match request.node {
        Some(node) => atom(node)? != Atom::NONODE_NOHOST,
        None => false,
    };
    let at_node_fun = request.node.is_some() && request.call.len() == 1;
    let improper = if at_node_fun { Raise::BADARG } else { Raise::BADOPT };
    let options = match request.options {
        Some(options) => list(&ctx.m, options).map_err(|_| improper)?,
        None => Vec::new(),
    };
    let schedulers = ctx.world.schedulers();
    let (options, mut failed) = match SpawnOptions::parse(&ctx.m, &options, Of::Request, schedulers) {
        Ok(options) => (options, None),
        Err(BadOptions(options)) => (options, Some(Atom::BADOPT)),
    };
    failed = failed.or(elsewhere.then_some(Atom::NOCONNECTION));
    let id = ctx.control.next_reference();
    let reference = ctx.m.reference(id)?;
    let tag = options.reply_tag.map_or(Word::atom(Atom::SPAWN_REPLY), Term::word);
    let reply = SpawnReply { tag: ctx.m.heap_mut().parcel(tag)?, request: id };
    if failed.is_none() {
        let reply = options.replies.success.then(|| reply.clone());
        match spawn(ctx, start, &options, Some((id, reply))) {
            Ok(_) => {}
            Err(Raise::Error(reason)) => failed = Some(reason),
            Err(other) => return Err(other),
        }
    }
    if let Some(reason) = failed.filter(|_| options.replies.error) {
        ctx.control.send_self(Signal::Message(reply.failed(reason)), ctx.world);
    }
    Ok(reference.into())
}

/// A request is replied to before the call that makes it returns, so there is never one to abandon.
fn spawn_request_abandon<'h>(local: &mut Local<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    reference(&local.m, args[0])?;
    Ok(Term::boolean(false).into())
}
