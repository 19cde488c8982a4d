//! The interpreter: runs one process for a slice.
//!
//! [`run_slice`] handles the signals that have arrived, then [`execute`] runs code until the process waits,
//! ends, uses up its reductions, or meets a visible operation that the world does not permit yet. Both
//! schedulers call it; they differ only in who they call it for next.
//!
//! Invariant: collections happen at safepoints alone (heap tests, after native calls, before a message is
//! absorbed), where the roots are the fields of the process and the live X registers. What they let go of in
//! tables of the world, the world hears at the slice's end.

mod bits;
mod call;
mod data;
mod except;
mod execute;
mod fast;
mod float;
mod load;
mod machine;
mod map;
mod message;
mod scan;
mod trace;

use crate::code::CodeView;
use crate::heap::collect::Scratch;
use crate::heap::parcel::Parcel;
use crate::planted;
use crate::process::exit::ExitStep;
use crate::process::request::Answer;
use crate::process::signal::Signal;
use crate::process::{Phase, Process, Resume, Waiting};
use crate::sched::{Reductions, SliceEnd};
use crate::term::bitsyntax::BitBuilder;
use crate::term::{Atom, Word};
use crate::world::World;
use crate::world::accounts::Spent;
use bits::Construction;
use machine::{Machine, Stop};
use std::sync::Arc;

/// Calls between two looks at the stack. They are counted from the process's first, so that they come at the same
/// places under every schedule.
const STACK_LOOK_CALLS: u64 = 4096;

/// The machine registers and buffers of one scheduler; a parked process keeps only its live registers.
pub struct Regs {
    pub(crate) x: Box<[u64; 1024]>,
    pub(crate) float: Box<[f64; 1024]>,
    pub(crate) scratch: Scratch,
    pub(crate) signals: Vec<Signal>,
    /// The segments of the binary that an instruction builds.
    pub(crate) builder: BitBuilder,
    pub(crate) view: Arc<CodeView>,
}

impl Default for Regs {
    fn default() -> Self {
        Regs {
            x: Box::new([Word::NIL.0; 1024]),
            float: Box::new([0.0; 1024]),
            scratch: Scratch::default(),
            signals: Vec::new(),
            builder: BitBuilder::new(),
            view: Arc::default(),
        }
    }
}

impl Regs {
    /// Lets collections begin as with new registers: a term that is not rooted then reads the same in the same
    /// run, so that even a damaged run can be replayed.
    pub fn restart(&mut self) {
        self.scratch.restart();
    }
}

/// Runs a process until it waits, ends, uses up its reductions, or meets a visible operation that the world
/// does not permit yet.
pub fn run_slice(
    process: &mut Process,
    regs: &mut Regs,
    world: &mut dyn World,
    reductions: Reductions,
) -> SliceEnd {
    let before = Before::of(process);
    let end = run_on(process, regs, world, reductions);
    world.spent(before.spent(process, end));
    if end == SliceEnd::Gone {
        process.heap.resources.release_all();
    }
    release(process, world);
    end
}

/// The world hears of the handles that a collection has let go: right after it, which is before the next visible operation,
/// so that when it hears does not depend on where a slice ends.
fn release(process: &mut Process, world: &mut dyn World) {
    let resources = &mut process.heap.resources;
    if resources.has_released() {
        resources.take_released().into_iter().for_each(|handle| world.let_go(handle));
    }
}

/// A process's own totals as a slice begins.
struct Before {
    reductions: u64,
    collections: u64,
    reclaimed_words: u64,
}

impl Before {
    fn of(process: &Process) -> Before {
        let policy = &process.heap.policy;
        Before {
            reductions: process.control.reductions,
            collections: policy.collections,
            reclaimed_words: policy.reclaimed_words,
        }
    }

    fn spent(self, process: &mut Process, end: SliceEnd) -> Spent {
        let policy = &process.heap.policy;
        let words =
            if end == SliceEnd::Gone { 0 } else { process.heap.apparent_words() + process.stack.len() };
        let known = std::mem::replace(&mut process.control.known_words, words);
        Spent {
            reductions: process.control.reductions - self.reductions,
            collections: policy.collections - self.collections,
            reclaimed_words: policy.reclaimed_words - self.reclaimed_words,
            grown_words: words as i64 - known as i64,
        }
    }
}

fn run_on(process: &mut Process, regs: &mut Regs, world: &mut dyn World, reductions: Reductions) -> SliceEnd {
    take_signals(process, regs, world);
    let mut left = i64::from(reductions.0);
    loop {
        match process.control.phase {
            Phase::Running => {}
            Phase::Exiting(_) => {
                if process.is_leaving() {
                    serve_collections(process, regs, world);
                    if !process.control.suspended_by.is_empty() {
                        return SliceEnd::Suspended;
                    }
                }
                return match process.exit_steps(world) {
                    ExitStep::Refused => SliceEnd::Refused,
                    ExitStep::Aside => SliceEnd::Aside,
                    ExitStep::Gone => SliceEnd::Gone,
                };
            }
            Phase::Gone => return SliceEnd::Gone,
        }
        serve_collections(process, regs, world);
        if !process.control.suspended_by.is_empty() {
            return SliceEnd::Suspended;
        }
        if let Some(end) = still_waiting(process) {
            return end;
        }
        let version = world.code_version();
        if regs.view.version != version {
            regs.view = world.code_view();
        }
        process.heap.set_literals(&regs.view.literals);
        let looked = process.control.reductions % STACK_LOOK_CALLS;
        let calls = left.min((STACK_LOOK_CALLS - looked) as i64);
        let stop = {
            // The view is borrowed, not cloned: its count would be written by all threads at every slice.
            let Regs { x, float, scratch, signals, builder, view } = &mut *regs;
            let asks = world.asks();
            let construction = Construction::default();
            let mut machine = Machine {
                p: process,
                x,
                float,
                scratch,
                signals,
                builder,
                construction,
                world,
                asks,
                left: calls,
            };
            let stop = execute::execute(&mut machine, view);
            let made = (calls - machine.left).max(0);
            left -= made;
            machine.p.control.reductions += made as u64;
            if stop == Stop::Yield {
                machine.look_at_stack();
            }
            stop
        };
        match stop {
            Stop::Yield if left > 0 || !matches!(process.control.phase, Phase::Running) => {}
            Stop::Yield | Stop::GaveWay => return SliceEnd::Yield,
            Stop::Refused => return SliceEnd::Refused,
            // The loop above says what the process waits for, or finds that it need not.
            Stop::Wait | Stop::Exit | Stop::Reload => {}
        }
    }
}

/// Handles every signal that has arrived.
fn take_signals(process: &mut Process, regs: &mut Regs, world: &mut dyn World) {
    debug_assert!(regs.signals.is_empty(), "signals are handled as soon as they are fetched");
    world.fetch(process.control.pid, &mut regs.signals);
    // Mostly there is none, or one.
    if regs.signals.len() < 2 {
        if let Some(signal) = regs.signals.pop() {
            take_signal(process, signal, world);
        }
        return;
    }
    if planted!(LostWhileRunning) && process.control.waiting == Waiting::No {
        regs.signals.truncate(1);
    }
    if planted!(ExitOvertakes) {
        regs.signals.sort_by_key(|signal| !matches!(signal, Signal::Exit { .. }));
    }
    for signal in regs.signals.drain(..) {
        take_signal(process, signal, world);
    }
}

#[inline]
fn take_signal(process: &mut Process, signal: Signal, world: &mut dyn World) {
    if process.handle(signal, world).is_err() {
        process.begin_exit(Parcel::immediate(Word::atom(Atom::SYSTEM_LIMIT)));
    }
}

/// Collections that other processes asked for, and what else is asked between slices.
fn serve_collections(process: &mut Process, regs: &mut Regs, world: &mut dyn World) {
    while let Some(request) = process.control.collect_requests.pop() {
        let answer = match request.uses {
            Some(version) => process.uses(version),
            None => {
                if process.collect(&mut [], 0, true, &mut regs.scratch) == Ok(true) {
                    process.collect_soon();
                }
                release(process, world);
                true
            }
        };
        let value = Parcel::immediate(Word::boolean(answer));
        // The one who asked may be gone by now.
        let _ =
            world.send(process.control.pid, request.from, Signal::Reply { request: request.request, value });
    }
}

/// Whether a waiting process has to go on waiting; if not, it is made ready to run.
fn still_waiting(process: &mut Process) -> Option<SliceEnd> {
    let control = &mut process.control;
    match control.waiting {
        Waiting::No => None,
        Waiting::Receive(deadline) => {
            if control.expired {
                control.expired = false;
                process.parked.at.pc = control.timeout_pc;
            } else if !control.mailbox.has_news() || planted!(WakeLost) && control.mailbox.is_scanning() {
                return Some(SliceEnd::Receive(deadline));
            }
            control.waiting = Waiting::No;
            None
        }
        Waiting::Reply(_, Answer::Loaded) => (!control.load_answered()).then_some(SliceEnd::AwaitReply),
        Waiting::Reply(..) => {
            if control.reply.is_none() {
                return Some(SliceEnd::AwaitReply);
            }
            assert!(process.parked.resume != Resume::Code, "a reply is the value of a native call");
            None
        }
        Waiting::Sleep(deadline) => {
            if !control.expired {
                return Some(SliceEnd::Receive(Some(deadline)));
            }
            control.expired = false;
            control.waiting = Waiting::No;
            None
        }
    }
}
