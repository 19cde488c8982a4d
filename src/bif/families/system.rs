//! The runtime as programs see it. Source: `erlang:system_info/1`.
//!
//! What OTP 25 would say wherever a program may depend on it; the emulator calls itself `warpbeam`. What OTP's own
//! allocators, poll sets and compiler are asked for is what it documents for one that is not there.

use super::arguments::option;
use super::spawn_options::{MIN_HEAP_WORDS, heap_sizes};
use crate::bif::{Ctx, EffectResult, PureResult, Raise};
use crate::heap::mutator::{Mutator, Term};
use crate::heap::policy::MaxHeap;
use crate::process::MIN_BIN_VHEAP_WORDS;
use crate::process::info::max_heap_term;
use crate::term::Atom;
use crate::term::atom::ATOM_LIMIT;
use crate::term::show::show;
use crate::world::World;

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
    /// A pair of `undefined`.
    Unknown,
}

/// THE table of constant answers.
const CONSTANTS: &[(&str, Constant)] = &[
    ("alloc_util_allocators", Constant::Nil),
    ("allocated_areas", Constant::Nil),
    ("beam_jump_table", Constant::Atom("false")),
    ("build_type", Constant::Atom("opt")),
    ("c_compiler_used", Constant::Unknown),
    ("check_io", Constant::Nil),
    ("compat_rel", Constant::Number(25)),
    ("constant_pool_support", Constant::Atom("true")),
    ("context_reductions", Constant::Number(4000)),
    ("cpu_topology", Constant::Atom("undefined")),
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
    ("eager_check_io", Constant::Atom("true")),
    ("emu_flavor", Constant::Atom("emu")),
    ("emu_type", Constant::Atom("opt")),
    ("endian", Constant::Atom("little")),
    ("ets_always_compress", Constant::Atom("false")),
    ("ets_limit", Constant::Number(8192)),
    ("heap_type", Constant::Atom("private")),
    ("hipe_architecture", Constant::Atom("undefined")),
    ("kernel_poll", Constant::Atom("true")),
    ("machine", Constant::Text("BEAM")),
    ("message_queue_data", Constant::Atom("on_heap")),
    ("modified_timing_level", Constant::Atom("undefined")),
    ("multi_scheduling", Constant::Atom("enabled")),
    ("multi_scheduling_blockers", Constant::Nil),
    ("nif_version", Constant::Text("2.16")),
    ("normal_multi_scheduling_blockers", Constant::Nil),
    ("outstanding_system_requests_limit", Constant::Number(4)),
    ("port_limit", Constant::Number(65536)),
    ("port_parallelism", Constant::Atom("false")),
    ("process_limit", Constant::Number(262_144)),
    ("scheduler_bind_type", Constant::Atom("unbound")),
    ("scheduler_id", Constant::Number(1)),
    ("smp_support", Constant::Atom("true")),
    ("start_time", Constant::Number(0)),
    ("system_architecture", Constant::Text("x86_64-pc-linux-gnu")),
    ("system_version", Constant::Text("warpbeam [Erlang/OTP 25] [64-bit]\n")),
    ("taints", Constant::Nil),
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
        Constant::Unknown => m.tuple(&[Term::atom(Atom::UNDEFINED); 2])?,
    })
}

fn named<'h>(m: &mut Mutator<'h>, name: &'static str, value: Term<'h>) -> PureResult<'h> {
    Ok(m.tuple(&[Term::atom(Atom::known(name)), value])?)
}

fn pair<'h>(m: &mut Mutator<'h>, name: &'static str, number: i64) -> PureResult<'h> {
    named(m, name, Term::small(number))
}

fn system_info<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    if let Some((item, kind)) = option(&ctx.m, args[0]) {
        return Ok(of_kind(item, kind).ok_or(Raise::BADARG)?.into());
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
        | "schedulers_total"
        | "dirty_cpu_schedulers"
        | "dirty_cpu_schedulers_online"
        | "logical_processors"
        | "logical_processors_available"
        | "logical_processors_online" => Term::small(schedulers),
        "schedulers_state" => m.tuple(&[Term::small(schedulers); 3])?,
        "scheduler_bindings" => m.tuple(&vec![Term::atom(Atom::known("unbound")); schedulers as usize])?,
        "otp_release" => {
            // The release of the libraries that run here.
            let release = ctx.world.code().source().release().unwrap_or(25);
            m.text_list(&release.to_string())?
        }
        "process_count" => count(ctx.world, false),
        "port_count" => count(ctx.world, true),
        "ets_count" => Term::small(ctx.world.tables().all().len() as i64),
        "system_logger" => {
            let logger = ctx.world.whereis(Atom::known("logger"));
            logger.map_or(Term::atom(Atom::UNDEFINED), |pid| Term::of(pid.word()))
        }
        "procs" | "info" | "loaded" | "dist" => {
            let text = text(m, ctx.world, item);
            m.binary(text.as_bytes())?
        }
        "allocator" => {
            let [allocator, nil] = [Term::atom(Atom::UNDEFINED), Term::nil()];
            m.tuple(&[allocator, nil, nil, nil])?
        }
        "os_monotonic_time_source" => time_source(m, "CLOCK_MONOTONIC", true)?,
        "os_system_time_source" => time_source(m, "CLOCK_REALTIME", false)?,
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

/// Allocators that OTP 25 has.
const ALLOCATORS: [&str; 13] = [
    "sys_alloc",
    "temp_alloc",
    "sl_alloc",
    "std_alloc",
    "ll_alloc",
    "eheap_alloc",
    "ets_alloc",
    "fix_alloc",
    "literal_alloc",
    "exec_alloc",
    "binary_alloc",
    "driver_alloc",
    "mseg_alloc",
];

/// What is asked for with a kind. None of OTP's allocators is in use.
fn of_kind<'h>(item: Atom, kind: Term<'h>) -> Option<Term<'h>> {
    let kind = kind.as_atom()?;
    match (item.text(), kind.text()) {
        ("wordsize", "internal" | "external") => Some(Term::small(8)),
        ("cpu_topology", "defined" | "detected" | "used") => Some(Term::atom(Atom::UNDEFINED)),
        ("allocator" | "allocator_sizes", name) if ALLOCATORS.contains(&name) => Some(Term::boolean(false)),
        _ => None,
    }
}

/// How many processes there are, or ports.
fn count<'h>(world: &mut dyn World, ports: bool) -> Term<'h> {
    Term::small(world.processes().into_iter().filter(|pid| pid.is_port() == ports).count() as i64)
}

/// What OTP writes into a crash dump: processes, the code, other nodes, or all of it.
fn text(m: &Mutator<'_>, world: &mut dyn World, item: &str) -> String {
    let mut text = String::new();
    let code_bytes = world.code_view().bytes();
    if item == "info" {
        text += &format!("=memory\ncode: {code_bytes}\natom_count: {}\n", world.atoms());
    }
    if matches!(item, "info" | "procs") {
        for pid in world.processes().into_iter().filter(|pid| !pid.is_port()) {
            text += &format!("=proc:{}\n", show(m.heap(), pid.word()));
        }
    }
    if matches!(item, "info" | "loaded") {
        let begin = if item == "info" { "=loaded_modules\n" } else { "" };
        text += &format!("{begin}Current code: {code_bytes}\nOld code: 0\n");
    }
    if matches!(item, "info" | "dist") {
        text += "=node:'nonode@nohost'\n=no_distribution\n";
    }
    text
}

/// Which clock is asked for time. That is not given here: it is read where it is a visible operation.
fn time_source<'h>(m: &mut Mutator<'h>, clock: &'static str, is_monotonic: bool) -> PureResult<'h> {
    let atom = |text| Term::atom(Atom::known(text));
    let mut pairs = vec![
        named(m, "function", atom("clock_gettime"))?,
        named(m, "clock_id", atom(clock))?,
        pair(m, "resolution", 1_000_000_000)?,
    ];
    if is_monotonic {
        pairs.push(named(m, "extended", atom("no"))?);
    }
    pairs.push(named(m, "parallel", atom("yes"))?);
    Ok(m.list(&pairs)?)
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
