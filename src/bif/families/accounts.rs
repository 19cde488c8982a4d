//! What the runtime counts, and settings of all of it. Source: `erlang:statistics/1`, `memory/0,1`,
//! `system_flag/2`, `system_monitor/0,1,2`, `system_profile/0,2`.
//!
//! Figures are of the whole runtime and stand as they were at the end of each process's last slice. Settings are
//! checked, kept and given back, and change nothing: nobody is sent monitor or profile messages. Scheduler wall time
//! and microstates are not measured, which is what OTP says unless somebody switches that on; of memory, binaries
//! and tables are not counted.

use super::arguments::{list, option, pid};
use super::spawn_options::{MIN_HEAP_WORDS, fullsweep_after, heap_words, max_heap, vheap_words};
use crate::bif::{Ctx, EffectResult, PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::heap::parcel::Parcel;
use crate::heap::policy::MaxHeap;
use crate::process::MIN_BIN_VHEAP_WORDS;
use crate::process::info::max_heap_term;
use crate::term::Atom;
use crate::world::World;
use crate::world::accounts::{Setting, Total};

crate::bif::table::natives! { ROWS:
    effect "erlang" "statistics" 1 = statistics, Accounts;
    effect "erlang" "memory" 0 = memory0, Accounts;
    effect "erlang" "memory" 1 = memory1, Accounts;
    effect "erlang" "system_flag" 2 = system_flag, Accounts;
    effect "erlang" "system_monitor" 0 = system_monitor0, Accounts;
    effect "erlang" "system_monitor" 1 = system_monitor1, Accounts;
    effect "erlang" "system_monitor" 2 = system_monitor2, Accounts;
    effect "erlang" "system_profile" 0 = system_profile0, Accounts;
    effect "erlang" "system_profile" 2 = system_profile2, Accounts;
    pure "erts_internal" "scheduler_wall_time" 1 = scheduler_wall_time;
}

/// Bytes that the world reckons for a process beside its words, and for an atom.
const PROCESS_BYTES: u64 = 1024;
const ATOM_BYTES: u64 = 40;

fn numbers<'h>(m: &mut Mutator<'h>, values: &[u64]) -> PureResult<'h> {
    let words: Result<Vec<Term<'h>>, _> =
        values.iter().map(|&value| m.heap_mut().new_unsigned(value).map(Term::of)).collect();
    Ok(m.tuple(&words?)?)
}

/// `{Total, SinceLastCall}`; notes the total.
fn since<'h>(ctx: &mut Ctx<'h, '_>, what: Total, total: u64) -> EffectResult<'h> {
    let mut before = 0;
    ctx.world.ledger(&mut |ledger| before = ledger.tell(what, total));
    Ok(numbers(&mut ctx.m, &[total, total.saturating_sub(before)])?.into())
}

/// The lengths of the run queues, and empty ones for schedulers that are not there.
fn lengths<'h>(m: &mut Mutator<'h>, queues: &[usize], others: usize) -> PureResult<'h> {
    let numbers = queues.iter().map(|&n| Term::small(n as i64));
    let all: Vec<Term<'h>> = numbers.chain(std::iter::repeat_n(Term::small(0), others)).collect();
    Ok(m.list(&all)?)
}

fn statistics<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let item = args[0].as_atom().ok_or(Raise::BADARG)?.text();
    let figures = ctx.world.figures();
    let now_ms = ctx.world.now().ns / 1_000_000;
    match item {
        "wall_clock" => return since(ctx, Total::WallClock, now_ms),
        "runtime" => return since(ctx, Total::Runtime, figures.runtime_ms),
        "reductions" => return since(ctx, Total::Reductions, figures.reductions),
        "exact_reductions" => return since(ctx, Total::ExactReductions, figures.reductions),
        _ => {}
    }
    let mut queues = ctx.world.run_queues();
    let waiting = Term::small(queues.iter().sum::<usize>() as i64);
    let m = &mut ctx.m;
    // The one who asks is active.
    let active = |queues: &mut Vec<usize>| {
        if let Some(first) = queues.first_mut() {
            *first += 1;
        }
    };
    Ok(match item {
        "context_switches" => numbers(m, &[figures.context_switches, 0])?,
        "garbage_collection" => numbers(m, &[figures.collections, figures.reclaimed_words, 0])?,
        "io" => {
            let mut pairs = [Term::nil(); 2];
            for (pair, (name, bytes)) in
                pairs.iter_mut().zip([("input", 0), ("output", figures.output_bytes as i64)])
            {
                *pair = m.tuple(&[Term::atom(Atom::known(name)), Term::small(bytes)])?;
            }
            m.tuple(&pairs)?
        }
        "run_queue" | "total_run_queue_lengths" | "total_run_queue_lengths_all" => waiting,
        "total_active_tasks" | "total_active_tasks_all" => Term::small(waiting.as_small().unwrap_or(0) + 1),
        "run_queue_lengths" => lengths(m, &queues, 1)?,
        "run_queue_lengths_all" => lengths(m, &queues, 2)?,
        "active_tasks" => {
            active(&mut queues);
            lengths(m, &queues, 1)?
        }
        "active_tasks_all" => {
            active(&mut queues);
            lengths(m, &queues, 2)?
        }
        "scheduler_wall_time" | "scheduler_wall_time_all" | "microstate_accounting" => {
            Term::atom(Atom::UNDEFINED)
        }
        _ => return Err(Raise::BADARG),
    }
    .into())
}

/// Measuring stays off.
fn scheduler_wall_time<'h>(_: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    super::arguments::boolean(args[0]).map(|_| Term::boolean(false)).ok_or(Raise::BADARG)
}

/// What `memory/0` gives, in order, in bytes.
fn memory(ctx: &mut Ctx<'_, '_>) -> [(&'static str, u64); 9] {
    let processes = ctx.world.processes().len() as u64 * PROCESS_BYTES;
    let processes = processes + 8 * ctx.world.figures().process_words.max(0) as u64;
    let atom = ATOM_BYTES * ctx.world.atoms();
    let code = ctx.world.code_view().bytes() as u64;
    let ets = 8 * table_words(ctx.world);
    let system = atom + code + ets;
    [
        ("total", processes + system),
        ("processes", processes),
        ("processes_used", processes),
        ("system", system),
        ("atom", atom),
        ("atom_used", atom),
        ("binary", 0),
        ("code", code),
        ("ets", ets),
    ]
}

fn table_words(world: &mut dyn World) -> u64 {
    let all = world.tables().all();
    let mut words = 0;
    for at in all {
        world.tables().read(at, &mut |table| words += table.words() as u64);
    }
    words
}

fn memory_pair<'h>(m: &mut Mutator<'h>, (name, bytes): (&'static str, u64)) -> PureResult<'h> {
    let bytes = Term::of(m.heap_mut().new_unsigned(bytes)?);
    Ok(m.tuple(&[Term::atom(Atom::known(name)), bytes])?)
}

fn memory0<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let kinds = memory(ctx);
    let pairs: Result<Vec<Term<'h>>, Raise<'h>> =
        kinds.map(|kind| memory_pair(&mut ctx.m, kind)).into_iter().collect();
    Ok(ctx.m.list(&pairs?)?.into())
}

/// Of one kind the number, of a list of kinds a list of pairs.
fn memory1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let kinds = memory(ctx);
    let find = |term: Term<'h>| {
        let name = term.as_atom().ok_or(Raise::BADARG)?.text();
        kinds.into_iter().find(|(kind, _)| *kind == name).ok_or(Raise::BADARG)
    };
    if args[0].as_atom().is_some() {
        return Ok(Term::of(ctx.m.heap_mut().new_unsigned(find(args[0])?.1)?).into());
    }
    let mut pairs = Vec::new();
    for term in list(&ctx.m, args[0])? {
        pairs.push(memory_pair(&mut ctx.m, find(term)?)?);
    }
    Ok(ctx.m.list(&pairs)?.into())
}

/// Keeps a setting, and gives the one before.
fn keep<'h>(
    ctx: &mut Ctx<'h, '_>,
    which: Setting,
    value: Option<Term<'h>>,
    first: Term<'h>,
) -> EffectResult<'h> {
    let mut value = match value {
        Some(value) => Some(ctx.m.heap_mut().parcel(value.word())?),
        None => None,
    };
    let mut before = None;
    ctx.world.ledger(&mut |ledger| before = ledger.set(which, value.take()));
    given(ctx, before, first)
}

fn given<'h>(ctx: &mut Ctx<'h, '_>, kept: Option<Parcel>, first: Term<'h>) -> EffectResult<'h> {
    Ok(match kept {
        Some(kept) => Term::of(ctx.m.heap_mut().absorb(&kept)?),
        None => first,
    }
    .into())
}

fn setting<'h>(ctx: &mut Ctx<'h, '_>, which: Setting) -> EffectResult<'h> {
    let mut kept = None;
    ctx.world.ledger(&mut |ledger| kept = ledger.setting(which).cloned());
    given(ctx, kept, Term::atom(Atom::UNDEFINED))
}

/// Frames of a trace that OTP keeps at first.
const BACKTRACE_DEPTH: i64 = 8;
const FULLSWEEP_AFTER: i64 = 65535;

fn system_flag<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let (flag, value) = (args[0].as_atom().ok_or(Raise::BADARG)?.text(), args[1]);
    let natural = value.as_small().is_some_and(|n| n >= 0);
    let is = |names: &[&str]| value.as_atom().is_some_and(|name| names.contains(&name.text()));
    let schedulers = i64::from(ctx.world.schedulers());
    let (which, good, first) = match flag {
        "backtrace_depth" => (Setting::BacktraceDepth, natural, Term::small(BACKTRACE_DEPTH)),
        "trace_control_word" => (Setting::TraceControlWord, natural, Term::small(0)),
        "fullsweep_after" => {
            (Setting::FullsweepAfter, fullsweep_after(value).is_some(), Term::small(FULLSWEEP_AFTER))
        }
        "min_heap_size" => {
            (Setting::MinHeapSize, heap_words(value).is_some(), Term::small(MIN_HEAP_WORDS as i64))
        }
        "min_bin_vheap_size" => {
            let first = Term::small(MIN_BIN_VHEAP_WORDS as i64);
            (Setting::MinBinVheapSize, vheap_words(value).is_some(), first)
        }
        "max_heap_size" => {
            let max = max_heap(&ctx.m, value).ok_or(Raise::BADARG)?;
            let first = Term::of(max_heap_term(ctx.m.heap_mut(), MaxHeap::NONE)?);
            let value = Term::of(max_heap_term(ctx.m.heap_mut(), max)?);
            return keep(ctx, Setting::MaxHeapSize, Some(value), first);
        }
        "system_logger" => {
            let good = is(&["logger", "undefined"]) || pid(value).is_ok();
            (Setting::SystemLogger, good, Term::atom(Atom::known("logger")))
        }
        // What follows cannot be changed; saying what is so is allowed.
        "schedulers_online" | "dirty_cpu_schedulers_online" if value.as_small() == Some(schedulers) => {
            return Ok(value.into());
        }
        "multi_scheduling" if is(&["unblock", "unblock_normal"]) => {
            return Ok(Term::atom(Atom::known("enabled")).into());
        }
        "scheduler_bind_type" if is(&["unbound", "no_spread", "default_bind"]) => {
            return Ok(Term::atom(Atom::known("unbound")).into());
        }
        "time_offset" if is(&["finalize"]) => return Ok(Term::atom(Atom::known("final")).into()),
        "scheduler_wall_time" | "microstate_accounting" if is(&["true", "false", "reset"]) => {
            return Ok(Term::boolean(false).into());
        }
        "sequential_tracer" if is(&["false"]) => return Ok(Term::boolean(false).into()),
        _ => return Err(Raise::BADARG),
    };
    if good { keep(ctx, which, Some(value), first) } else { Err(Raise::BADARG) }
}

fn system_monitor0<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    setting(ctx, Setting::SystemMonitor)
}

fn system_monitor1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    if args[0].is_atom(Atom::UNDEFINED) {
        return keep(ctx, Setting::SystemMonitor, None, Term::atom(Atom::UNDEFINED));
    }
    match ctx.m.tuple_elements(args[0]).unwrap_or_default()[..] {
        [who, options] => system_monitor2(ctx, &[who, options]),
        _ => Err(Raise::BADARG),
    }
}

/// Words under which no heap counts as large.
const LARGE_HEAP_MIN: i64 = 16 * 1024;

/// Options in OTP's order, each once.
fn system_monitor2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    const FLAGS: [&str; 2] = ["busy_dist_port", "busy_port"];
    const LIMITS: [&str; 3] = ["large_heap", "long_schedule", "long_gc"];
    let who = pid(args[0])?;
    let (mut flags, mut limits) = ([false; 2], [None; 3]);
    for term in list(&ctx.m, args[1])? {
        if let Some(name) = term.as_atom() {
            let at = FLAGS.iter().position(|flag| *flag == name.text()).ok_or(Raise::BADARG)?;
            flags[at] = true;
            continue;
        }
        let (name, value) = option(&ctx.m, term).ok_or(Raise::BADARG)?;
        let at = LIMITS.iter().position(|limit| *limit == name.text()).ok_or(Raise::BADARG)?;
        let value = value.as_small().filter(|&n| n >= 0).ok_or(Raise::BADARG)?;
        limits[at] = Some(if at == 0 { value.max(LARGE_HEAP_MIN) } else { value });
    }
    if !ctx.world.exists(who) {
        return Err(Raise::BADARG);
    }
    let mut options = Vec::new();
    for (flag, _) in FLAGS.iter().zip(flags).filter(|(_, set)| *set) {
        options.push(Term::atom(Atom::known(flag)));
    }
    for (limit, value) in LIMITS.iter().zip(limits) {
        if let Some(value) = value {
            options.push(ctx.m.tuple(&[Term::atom(Atom::known(limit)), Term::small(value)])?);
        }
    }
    let options = ctx.m.list(&options)?;
    let value = if options.is_nil() { None } else { Some(ctx.m.tuple(&[args[0], options])?) };
    keep(ctx, Setting::SystemMonitor, value, Term::atom(Atom::UNDEFINED))
}

fn system_profile0<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    setting(ctx, Setting::SystemProfile)
}

fn system_profile2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    const KNOWN: [&str; 4] = ["exclusive", "runnable_ports", "runnable_procs", "scheduler"];
    let options = list(&ctx.m, args[1])?;
    if !options.iter().all(|term| term.as_atom().is_some_and(|name| KNOWN.contains(&name.text()))) {
        return Err(Raise::BADARG);
    }
    let undefined = Term::atom(Atom::UNDEFINED);
    if args[0].is_atom(Atom::UNDEFINED) || options.is_empty() {
        return keep(ctx, Setting::SystemProfile, None, undefined);
    }
    pid(args[0])?;
    let value = ctx.m.tuple(&[args[0], args[1]])?;
    keep(ctx, Setting::SystemProfile, Some(value), undefined)
}
