//! What a running process can reach outside of itself: other processes, names, timers, code, output.
//!
//! Everything a slice does beyond its own process goes through [`World`]. The production world is shared
//! by threads ([`concurrent`]); the simulator's is plain vectors. Each method is a visible operation, asked
//! for first by [`World::permit`] where the world says that it wants to be asked.
//!
//! Invariant: a world is the only way to affect another process, and it hands over signals, never heaps.

pub mod accounts;
pub mod buffer;
pub mod cells;
pub mod code;
pub mod concurrent;
pub mod counters;
pub mod environment;
pub mod io;
pub mod op;
pub mod oracles;
pub mod persistent;
pub mod report;
pub mod services;
pub mod tables;
pub mod zlib;

use crate::code::{CodePtr, CodeServer};
use crate::fd::FdId;
use crate::heap::parcel::{Parcel, Part};
use crate::heap::policy::{MaxHeap, Policy};
use crate::heap::read::RefId;
use crate::heap::resource::{Handle, HandleKind};
use crate::process::mailbox::Arrival;
use crate::process::on_load::{Readiness, Version};
use crate::process::pid::Pid;
use crate::process::signal::Signal;
use crate::process::{Control, Priority};
use crate::ring::Call;
use crate::term::{Atom, Word};
use crate::time::{Deadline, Instant, TimerId};
use accounts::Accounts;
use cells::Cells;
use code::Code;
use counters::Counters;
use environment::Environment;
pub use op::{Object, Op, OpKind};
use oracles::Oracles;
pub use persistent::PersistentTerms;
pub use report::Report;
use std::sync::Arc;
pub use tables::{TableNote, Tables};

/// A process to be made.
#[derive(Debug)]
pub struct NewProcess {
    pub module: Atom,
    pub function: Atom,
    /// Arguments: a parcel of a proper list.
    pub arguments: Parcel,
    pub arity: u32,
    /// What `initial_call` shows, when it is not what is called.
    pub initial_call: (Atom, Atom, u32),
    pub group_leader: Pid,
    pub link: bool,
    /// A monitor of the parent, made with the process.
    pub monitor: Option<RefId>,
    pub priority: Priority,
    pub max_heap: Option<MaxHeap>,
    pub min_heap_words: Option<usize>,
    pub fullsweep_after: Option<u32>,
    pub min_bin_vheap_words: Option<u64>,
    pub message_queue_off_heap: bool,
    /// It is a port.
    pub port: bool,
    /// Where the `on_load` function that it runs starts, instead of the call.
    pub on_load: Option<CodePtr>,
    /// The message that tells the parent of its request's success.
    pub reply: Option<SpawnReply>,
}

impl NewProcess {
    /// A process without ties that calls `module:function` with a parcel of `arity` arguments.
    pub fn calling(module: Atom, function: Atom, arguments: Parcel, arity: u32) -> NewProcess {
        NewProcess {
            module,
            function,
            arguments,
            arity,
            initial_call: (module, function, arity),
            group_leader: Pid::from_payload(0),
            link: false,
            monitor: None,
            priority: Priority::Normal,
            max_heap: None,
            min_heap_words: None,
            fullsweep_after: None,
            min_bin_vheap_words: None,
            message_queue_off_heap: false,
            port: false,
            on_load: None,
            reply: None,
        }
    }
}

/// The message with which `spawn_request` is answered: `{Tag, Request, ok, Pid}` or
/// `{Tag, Request, error, Reason}`.
#[derive(Clone, Debug)]
pub struct SpawnReply {
    pub tag: Parcel,
    pub request: RefId,
}

impl SpawnReply {
    pub fn spawned(&self, child: Pid) -> Parcel {
        self.message(Atom::OK, child.word())
    }

    pub fn failed(&self, reason: Atom) -> Parcel {
        self.message(Atom::ERROR, Word::atom(reason))
    }

    fn message(&self, outcome: Atom, value: Word) -> Parcel {
        let outcome = Part::Word(Word::atom(outcome));
        Parcel::tuple(&[Part::Parcel(&self.tag), Part::Reference(self.request), outcome, Part::Word(value)])
    }
}

/// Why a process was not made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpawnError {
    /// The process table or the world's memory is full.
    SystemLimit,
}

/// Where a started timer sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimerTarget {
    Pid(Pid),
    Name(Atom),
}

/// A timer to be started.
#[derive(Debug)]
pub struct NewTimer {
    pub id: TimerId,
    pub deadline: Deadline,
    pub target: TimerTarget,
    pub message: Parcel,
}

/// The signal's target is gone; what was not delivered comes back.
#[derive(Debug)]
pub struct NoProcess(pub Signal);

/// Fills bytes with numbers that are drawn.
fn fill_drawn(into: &mut [u8], mut draw: impl FnMut() -> u64) {
    for some in into.chunks_mut(size_of::<u64>()) {
        some.copy_from_slice(&draw().to_le_bytes()[..some.len()]);
    }
}

pub trait World:
    Accounts + Cells + Code + Counters + Environment + io::Io + Oracles + services::Services
{
    /// Whether visible operations ask [`World::permit`] first. Constant for a world.
    fn asks(&self) -> bool;

    /// Asks to do `op` now. `false` ends the slice before the operation; it is asked for again when the
    /// process next runs.
    fn permit(&mut self, me: Pid, op: Op) -> bool;

    /// The process took this message out of its mailbox.
    fn took(&mut self, _me: Pid, _message: Arrival) {}

    /// The time limit of the process's receive passed.
    fn gave_up(&mut self, _me: Pid) {}

    fn now(&mut self) -> Instant;
    fn system_offset_ns(&self) -> i64;

    /// Makes a process and lets it run some time. `parent` numbers its children. What
    /// [`crate::process::birth::Birth`] has for the parent is sent before the child can run.
    fn spawn(&mut self, parent: &mut Control, child: NewProcess) -> Result<Pid, SpawnError>;

    /// Hands a signal over. To oneself it is handled at the next safepoint.
    fn send(&mut self, from: Pid, to: Pid, signal: Signal) -> Result<(), NoProcess>;

    /// Signals that have arrived for the running process, in order; moves them to `into`.
    fn fetch(&mut self, me: Pid, into: &mut Vec<Signal>);

    /// Takes the name for a process; `false` if the name is taken, or the process has a name, is gone or has
    /// closed its inbox.
    fn register(&mut self, name: Atom, pid: Pid) -> bool;
    /// Frees the name, and says who had it.
    fn unregister(&mut self, name: Atom) -> Option<Pid>;
    fn whereis(&mut self, name: Atom) -> Option<Pid>;
    /// All names, sorted by text.
    fn registered(&mut self) -> Vec<Atom>;
    /// The registered name of a process, which need not be the running one.
    fn name_of(&mut self, pid: Pid) -> Option<Atom>;
    /// The process ends: the name that it has is free. A world of threads does both in one.
    fn drop_name(&mut self, me: Pid) {
        if let Some(name) = self.name_of(me) {
            self.unregister(name);
        }
    }

    fn start_timer(&mut self, me: Pid, timer: NewTimer);
    /// Stops a timer, and gives its deadline if it was still running. A timer that would send to a process
    /// by pid counts as stopped once that process is gone.
    fn cancel_timer(&mut self, id: TimerId) -> Option<Deadline>;
    /// The deadline of a timer that still runs, as [`World::cancel_timer`] gives it.
    fn read_timer(&mut self, id: TimerId) -> Option<Deadline>;
    /// The process ends: timers that would send to it by pid are stopped.
    fn drop_timers(&mut self, me: Pid);

    /// Live processes, exiting ones not, in order of creation.
    fn processes(&mut self) -> Vec<Pid>;
    /// Whether the pid names a process that has not ended. No order with signals is promised.
    fn exists(&mut self, pid: Pid) -> bool;

    /// The process's inbox closes: from now on signals to it come back, nobody can register it, and timers
    /// that would send to it are stopped. A name that it was given since [`World::drop_name`] is free. What
    /// had arrived is in `into`.
    fn close_inbox(&mut self, me: Pid, into: &mut Vec<Signal>);

    /// A number above 0 that rises with every call.
    fn next_monotonic_integer(&mut self) -> i64;
    /// Seed bytes for the program; a function of who asks and how often.
    fn entropy(&mut self, me: Pid) -> u64;
    /// Bytes that nobody can foresee, in production; elsewhere, and with a given seed, those of [`World::entropy`].
    fn strong_random(&mut self, me: Pid, into: &mut [u8]) {
        fill_drawn(into, || self.entropy(me));
    }

    /// Whether a process whose heap has a limit collects now although it need not. Asked at allocation counts
    /// that no plan of collections changes, by processes whose visible operations ask.
    fn collect_now(&mut self, _me: Pid) -> bool {
        false
    }

    /// Where modules come from.
    fn code(&self) -> &Arc<CodeServer>;
    fn policy(&self) -> Policy;

    /// Processes that can run at once.
    fn schedulers(&self) -> u32 {
        1
    }

    /// A process has one handle less of a row of a table.
    fn let_go(&mut self, handle: Arc<Handle>) {
        match handle.kind {
            HandleKind::Counters => self.let_go_counters(handle),
            HandleKind::Cell => self.let_go_cell(handle),
            HandleKind::Descriptor => {
                // It may have been closed by its name.
                let _ = self.io(Pid::from_payload(handle.id.creator), Call::LetGo(FdId(handle.id)));
            }
            HandleKind::MatchSpec(_) => {}
        }
    }

    /// What became of a module's `on_load` function in this world; `None` before it runs, and after it was
    /// refused.
    fn readiness(&mut self, version: Version) -> Option<Readiness>;
    /// Makes the process that runs the function, unless there is one or none is needed.
    fn begin_load(
        &mut self,
        parent: &mut Control,
        version: Version,
        new: NewProcess,
    ) -> Result<Readiness, SpawnError>;
    /// The function has ended.
    fn loaded(&mut self, version: Version, accepted: bool);

    /// Text for standard output.
    fn output(&mut self, me: Pid, text: &str);
    /// Something an operator should know.
    fn report(&mut self, report: Report);
    /// The program asks the runtime to end with this status.
    fn halt(&mut self, status: i32);
    /// The world's ETS tables.
    fn tables(&mut self) -> &mut dyn Tables;
    /// What the running process did to a table, for traces: told where visible operations ask.
    fn note_table(&mut self, _note: TableNote<'_>) {}

    /// `persistent_term`, as it is now.
    fn persistent_terms(&mut self) -> Arc<PersistentTerms>;
    /// Changes them as one step.
    fn change_persistent_terms(&mut self, change: &mut dyn FnMut(&mut PersistentTerms));
}
