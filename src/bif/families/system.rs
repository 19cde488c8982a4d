//! The runtime as programs see it. Source: `erlang:system_info/1`.
//!
//! What OTP 25 would say wherever a program may depend on it; the emulator calls itself `warpbeam`.

use super::arguments::option;
use super::spawn_options::{MIN_HEAP_WORDS, heap_sizes};
use crate::bif::{Ctx, EffectResult, PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::heap::policy::MaxHeap;
use crate::process::MIN_BIN_VHEAP_WORDS;
use crate::process::info::max_heap_term;
use crate::term::Atom;
use crate::term::atom::ATOM_LIMIT;

crate::bif::table::natives! { ROWS:
    effect "erlang" "system_info" 1 = system_info, ListAll;
}

/// An answer that depends on nothing.
#[derive(Clone, Copy)]
enum Constant {
    Atom(&'static str),
    Number(i64),
    Text(&'static str),
    Nil,
}

/// THE table of constant answers.
const CONSTANTS: &[(&str, Constant)] = &[
    ("build_type", Constant::Atom("opt")),
    ("compat_rel", Constant::Number(25)),
    ("constant_pool_support", Constant::Atom("true")),
    ("context_reductions", Constant::Number(4000)),
    ("cpu_quota", Constant::Atom("unknown")),
    ("creation", Constant::Number(0)),
    ("debug_compiled", Constant::Atom("false")),
    ("delayed_node_table_gc", Constant::Number(60)),
    ("dirty_io_schedulers", Constant::Number(10)),
    ("dist_buf_busy_limit", Constant::Number(1 << 20)),
    ("dist_ctrl", Constant::Nil),
    ("driver_version", Constant::Text("3.3")),
    ("dynamic_trace", Constant::Atom("none")),
    ("dynamic_trace_probes", Constant::Atom("false")),
    ("emu_flavor", Constant::Atom("emu")),
    ("emu_type", Constant::Atom("opt")),
    ("endian", Constant::Atom("little")),
    ("ets_limit", Constant::Number(8192)),
    ("heap_type", Constant::Atom("private")),
    ("kernel_poll", Constant::Atom("true")),
    ("machine", Constant::Text("BEAM")),
    ("message_queue_data", Constant::Atom("on_heap")),
    ("modified_timing_level", Constant::Atom("undefined")),
    ("multi_scheduling", Constant::Atom("enabled")),
    ("multi_scheduling_blockers", Constant::Nil),
    ("nif_version", Constant::Text("2.16")),
    ("normal_multi_scheduling_blockers", Constant::Nil),
    ("otp_release", Constant::Text("25")),
    ("outstanding_system_requests_limit", Constant::Number(4)),
    ("port_count", Constant::Number(0)),
    ("port_limit", Constant::Number(65536)),
    ("port_parallelism", Constant::Atom("false")),
    ("process_limit", Constant::Number(262_144)),
    ("scheduler_bind_type", Constant::Atom("unbound")),
    ("scheduler_id", Constant::Number(1)),
    ("smp_support", Constant::Atom("true")),
    ("start_time", Constant::Number(0)),
    ("system_architecture", Constant::Text("x86_64-pc-linux-gnu")),
    ("system_version", Constant::Text("warpbeam [Erlang/OTP 25] [64-bit]\n")),
    ("thread_pool_size", Constant::Number(1)),
    ("threads", Constant::Atom("true")),
    ("time_correction", Constant::Atom("true")),
    ("time_offset", Constant::Atom("final")),
    ("time_warp_mode", Constant::Atom("no_time_warp")),
    ("tolerant_timeofday", Constant::Atom("enabled")),
    ("trace_control_word", Constant::Number(0)),
    ("update_cpu_info", Constant::Atom("unchanged")),
    ("version", Constant::Text("13.1.5")),
    ("wordsize", Constant::Number(8)),
];

fn constant<'h>(m: &mut Mutator<'h>, constant: Constant) -> PureResult<'h> {
    Ok(match constant {
        Constant::Atom(text) => Term::atom(Atom::known(text)),
        Constant::Number(number) => Term::small(number),
        Constant::Text(text) => m.text_list(text)?,
        Constant::Nil => Term::nil(),
    })
}

fn named<'h>(m: &mut Mutator<'h>, name: &'static str, value: Term<'h>) -> PureResult<'h> {
    Ok(m.tuple(&[Term::atom(Atom::known(name)), value])?)
}

fn pair<'h>(m: &mut Mutator<'h>, name: &'static str, number: i64) -> PureResult<'h> {
    named(m, name, Term::small(number))
}

fn system_info<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    if let Some((Atom::WORDSIZE, kind)) = option(&ctx.m, args[0]) {
        let known = kind.is_atom(Atom::INTERNAL) || kind.is_atom(Atom::EXTERNAL);
        return if known { Ok(Term::small(8).into()) } else { Err(Raise::BADARG) };
    }
    let item = args[0].as_atom().ok_or(Raise::BADARG)?.text();
    if let Some(&(_, value)) = CONSTANTS.iter().find(|(name, _)| *name == item) {
        return Ok(constant(&mut ctx.m, value)?.into());
    }
    let schedulers = i64::from(ctx.world.schedulers());
    let m = &mut ctx.m;
    Ok(match item {
        "schedulers"
        | "schedulers_online"
        | "dirty_cpu_schedulers"
        | "dirty_cpu_schedulers_online"
        | "logical_processors"
        | "logical_processors_available"
        | "logical_processors_online" => Term::small(schedulers),
        "schedulers_state" => m.tuple(&[Term::small(schedulers); 3])?,
        "scheduler_bindings" => m.tuple(&vec![Term::atom(Atom::known("unbound")); schedulers as usize])?,
        "cpu_topology" => Term::atom(Atom::UNDEFINED),
        "process_count" => Term::small(ctx.world.processes().len() as i64),
        "atom_limit" => Term::small(i64::from(ATOM_LIMIT)),
        "atom_count" => Term::small(ctx.world.atoms() as i64),
        "os_type" => m.tuple(&["unix", "linux"].map(|t| Term::atom(Atom::known(t))))?,
        "os_version" => m.tuple(&[5, 0, 0].map(Term::small))?,
        "fullsweep_after" => pair(m, "fullsweep_after", 65535)?,
        "min_heap_size" => pair(m, "min_heap_size", MIN_HEAP_WORDS as i64)?,
        "min_bin_vheap_size" => pair(m, "min_bin_vheap_size", MIN_BIN_VHEAP_WORDS as i64)?,
        "max_heap_size" => Term::of(max_heap_term(m.heap_mut(), MaxHeap::NONE)?),
        "garbage_collection" => garbage_collection(m)?,
        "heap_sizes" => {
            let sizes: Vec<Term<'h>> = heap_sizes().map(|size| Term::small(size as i64)).collect();
            m.list(&sizes)?
        }
        "sequential_tracer" => named(m, "sequential_tracer", Term::boolean(false))?,
        "end_time" => Term::of(m.heap_mut().new_integer(END_NS)?),
        _ => return Err(Raise::BADARG),
    }
    .into())
}

/// The end of monotonic time: what a timer can be set for.
const END_NS: i64 = 9_223_372_035_000_000_000;

fn garbage_collection<'h>(m: &mut Mutator<'h>) -> PureResult<'h> {
    let pairs = [
        pair(m, "max_heap_size", 0)?,
        pair(m, "min_bin_vheap_size", MIN_BIN_VHEAP_WORDS as i64)?,
        pair(m, "min_heap_size", MIN_HEAP_WORDS as i64)?,
        pair(m, "fullsweep_after", 65535)?,
    ];
    Ok(m.list(&pairs)?)
}
