//! Flags of the own process. Source: `erlang:process_flag/2,3`.
//!
//! `save_calls` and `min_bin_vheap_size` are kept and change nothing; of another process no flag can be set
//! (OTP: `save_calls`).

use super::arguments::{boolean, option, pid};
use super::spawn_options::{fullsweep_after, heap_words, max_heap, off_heap, priority, vheap_words};
use crate::bif::{Ctx, EffectResult, Raise};
use crate::heap::mutator::Term;
use crate::process::Control;
use crate::process::info::{max_heap_term, priority_atom};
use crate::term::{Atom, Word};

crate::bif::table::natives! { ROWS:
    effect "erlang" "process_flag" 2 = process_flag2, TrapExit;
    effect "erlang" "process_flag" 3 = process_flag3, Request 0;
}

/// Calls that `save_calls` may ask for.
const SAVED_CALLS_MAX: u32 = 10_000;

/// Sets a flag, and gives its old value.
fn process_flag2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let value = args[1];
    let old = match args[0].as_atom() {
        Some(Atom::TRAP_EXIT) => set_boolean(&mut ctx.control.trap_exit, value),
        Some(Atom::SENSITIVE) => set_boolean(&mut ctx.control.sensitive, value),
        Some(Atom::ASYNC_DIST) => set_boolean(&mut ctx.control.async_dist, value),
        Some(Atom::ERROR_HANDLER) => {
            let handler = value.as_atom();
            handler.map(|h| Word::atom(std::mem::replace(&mut ctx.control.error_handler, h)))
        }
        Some(Atom::PRIORITY) => {
            let new = priority(value);
            new.map(|p| Word::atom(priority_atom(std::mem::replace(&mut ctx.control.priority, p))))
        }
        Some(Atom::MESSAGE_QUEUE_DATA) => off_heap(value).map(|off| {
            let was_off = std::mem::replace(&mut ctx.control.message_queue_off_heap, off);
            Word::atom(if was_off { Atom::OFF_HEAP } else { Atom::ON_HEAP })
        }),
        Some(Atom::SAVE_CALLS) => {
            let old = save_calls(ctx.control, value);
            Some(old.ok_or(Raise::Caused(Atom::BADARG, Atom::NONE))?)
        }
        Some(Atom::FULLSWEEP_AFTER | Atom::MIN_HEAP_SIZE | Atom::MIN_BIN_VHEAP_SIZE) => set_size(ctx, args),
        Some(Atom::MAX_HEAP_SIZE) => return set_max_heap(ctx, value),
        // There are no other nodes: nothing will be told, and nobody counts how often it was asked for.
        Some(Atom::MONITOR_NODES) => boolean(value).map(|_| Word::small(0)),
        None if is_monitor_nodes(ctx, args[0]) => boolean(value).map(|_| Word::small(0)),
        _ => return Err(Raise::BADOPT),
    };
    Ok(Term::of(old.ok_or(Raise::BADARG)?).into())
}

/// `{monitor_nodes, Options}`.
fn is_monitor_nodes(ctx: &Ctx<'_, '_>, flag: Term<'_>) -> bool {
    option(&ctx.m, flag).is_some_and(|(name, _)| name == Atom::MONITOR_NODES)
}

fn set_boolean(flag: &mut bool, value: Term<'_>) -> Option<Word> {
    boolean(value).map(|new| Word::boolean(std::mem::replace(flag, new)))
}

fn save_calls(control: &mut Control, value: Term<'_>) -> Option<Word> {
    let count = u32::try_from(value.as_small()?).ok().filter(|&n| n <= SAVED_CALLS_MAX)?;
    let old = std::mem::replace(&mut control.save_calls, count);
    Some(Word::small(i64::from(old)))
}

/// The flags that are numbers of words or of collections; the old value.
fn set_size(ctx: &mut Ctx<'_, '_>, args: &[Term<'_>]) -> Option<Word> {
    let policy = &mut ctx.m.heap_mut().policy;
    let old = match args[0].as_atom()? {
        Atom::FULLSWEEP_AFTER => {
            let new = fullsweep_after(args[1])?;
            u64::from(std::mem::replace(&mut policy.fullsweep_after, new))
        }
        Atom::MIN_HEAP_SIZE => {
            let new = heap_words(args[1])?;
            if policy.max.size != 0 && new > policy.max.size {
                return None;
            }
            std::mem::replace(&mut policy.min_words, new) as u64
        }
        _ => std::mem::replace(&mut ctx.control.min_bin_vheap_words, vheap_words(args[1])?),
    };
    Word::checked_small(i64::try_from(old).ok()?)
}

fn set_max_heap<'h>(ctx: &mut Ctx<'h, '_>, value: Term<'h>) -> EffectResult<'h> {
    let max = max_heap(&ctx.m, value).ok_or(Raise::BADARG)?;
    let heap = ctx.m.heap_mut();
    if max.size != 0 && max.size < heap.policy.min_words {
        return Err(Raise::BADARG);
    }
    let old = std::mem::replace(&mut heap.policy.max, max);
    heap.open_limit();
    Ok(Term::of(max_heap_term(heap, old)?).into())
}

fn process_flag3<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let of = pid(args[0]).ok().filter(|&of| ctx.world.exists(of));
    let of = of.ok_or(Raise::Caused(Atom::BADARG, Atom::BADTYPE))?;
    if of != ctx.control.pid || !args[1].is_atom(Atom::SAVE_CALLS) {
        return Err(Raise::BADARG);
    }
    Ok(Term::of(save_calls(ctx.control, args[2]).ok_or(Raise::BADARG)?).into())
}
