//! A process: heap, stack, mailbox and everything that ends with it.
//!
//! Invariant: a process is touched by one scheduler at a time; other processes reach it by signals only.
//! [`Process::roots`] names every field, so a new field that can hold a term does not compile until it
//! is made a root.

pub mod birth;
pub mod dictionary;
pub mod drill;
pub mod exit;
pub mod few;
pub mod frames;
pub mod info;
pub mod lent;
pub mod links;
pub mod mailbox;
pub mod monitors;
pub mod on_load;
pub mod pid;
pub mod probe;
pub mod receive;
pub mod request;
pub mod signal;
pub mod suspend;
#[cfg(test)]
mod tests;

use crate::code::{CodePtr, ExportId};
use crate::heap::collect::{Scratch, collect};
use crate::heap::literal::Literals;
use crate::heap::parcel::Parcel;
use crate::heap::policy::{GcPlan, Policy};
use crate::heap::read::RefId;
use crate::heap::resource::Sweep;
use crate::heap::{Heap, HeapFull};
use crate::planted;
use crate::term::{Atom, Word};
use crate::time::Deadline;
use dictionary::Dictionary;
use few::FewMap;
use links::LinkState;
use mailbox::Mailbox;
use monitors::{Monitoring, Watcher};
use pid::{PathKey, Pid};
use request::{Answer, MessageReply};
use std::sync::Arc;

/// Scheduling priority.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Priority {
    Low,
    #[default]
    Normal,
    High,
    Max,
}

/// Where a process is in its life.
#[derive(Clone, Debug, Default)]
pub enum Phase {
    #[default]
    Running,
    /// Ending: the steps that remain are in [`exit::Exiting`].
    Exiting(Box<exit::Exiting>),
    Gone,
}

/// What a process that does not run is waiting for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Waiting {
    /// Nothing: it can run.
    #[default]
    No,
    /// A message, or this deadline.
    Receive(Option<Deadline>),
    /// The reply to a request signal, and what the caller makes of it.
    Reply(RefId, Answer),
    /// A time, whatever messages come.
    Sleep(Deadline),
}

/// The parts of a process that native functions may reach, apart from its heap.
#[derive(Clone, Debug)]
pub struct Control {
    pub pid: Pid,
    pub path: PathKey,
    pub parent: Option<Pid>,
    pub group_leader: Pid,
    pub initial_call: (Atom, Atom, u32),
    /// What to call at the first slice.
    pub(crate) start: Option<ExportId>,
    pub phase: Phase,
    pub waiting: Waiting,
    pub priority: Priority,
    pub trap_exit: bool,
    pub sensitive: bool,
    /// Kept, and changes nothing: there are no other nodes.
    pub async_dist: bool,
    pub message_queue_off_heap: bool,
    pub error_handler: Atom,
    /// The `save_calls` flag. Calls are not in fact saved.
    pub save_calls: u32,
    /// The `min_bin_vheap_size` flag, which changes nothing here.
    pub min_bin_vheap_words: u64,
    pub mailbox: Mailbox,
    pub links: FewMap<Pid, LinkState>,
    /// Monitors that this process made, by its own reference count.
    pub monitoring: FewMap<u64, Monitoring>,
    /// Monitors on this process.
    pub watchers: FewMap<RefId, Watcher>,
    /// Aliases without a monitor.
    pub aliases: FewMap<u64, AliasMode>,
    pub(crate) dictionary: Dictionary,
    /// The reply to the request that [`Waiting::Reply`] names.
    pub(crate) reply: Option<Parcel>,
    /// Requests whose replies become messages, by this process's reference count.
    pub(crate) message_replies: FewMap<u64, MessageReply>,
    /// Who suspended this process.
    pub suspended_by: FewMap<Pid, ()>,
    /// Whom this process suspended, and how often.
    pub suspending: FewMap<Pid, u32>,
    pub(crate) collect_requests: Vec<receive::CollectRequest>,
    /// Of a port.
    pub(crate) lent: Option<Box<lent::Lent>>,
    /// Of a process that runs an `on_load` function.
    pub(crate) on_load: Option<Box<on_load::OnLoad>>,
    /// The function in Rust that this process runs.
    pub(crate) native: Option<Box<crate::native::Suspended>>,
    /// The module that this process waited to call is refused.
    pub(crate) load_refused: bool,
    /// The time limit of the receive that is under way has passed.
    pub(crate) expired: bool,
    /// Where the receive goes on then.
    pub(crate) timeout_pc: u32,
    /// Deadline of the receive that is under way.
    pub(crate) receive_deadline: Option<Deadline>,
    pub(crate) references_made: u64,
    pub(crate) integers_made: u64,
    /// Words that the world has counted as this process's.
    pub(crate) known_words: usize,
    pub(crate) unlinks_made: u64,
    /// How often its own code ended an alias.
    pub unaliased: u64,
    pub reductions: u64,
    /// Timers that send to this process when it ends are cancelled with it.
    pub(crate) timers_started: u64,
    /// Whether somebody outside wants to know what the process came to.
    pub keep_result: bool,
    /// What its first function returned, where `keep_result` asks for it.
    pub result: Option<Box<Parcel>>,
    /// With the exit reason of a process that is gone, in simulation and where `keep_result` asks for it.
    pub(crate) ended_with: Option<Box<exit::Exiting>>,
}

/// OTP's default of the `min_bin_vheap_size` flag.
pub const MIN_BIN_VHEAP_WORDS: u64 = 46422;

/// When an alias ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AliasMode {
    Explicit,
    /// With the first reply.
    OnReply,
    /// With its monitor.
    WithMonitor,
}

/// What is on a process's machine registers while it does not run.
#[derive(Clone, Debug, Default)]
pub struct Parked {
    /// Live X registers.
    pub(crate) x: Vec<u64>,
    pub(crate) at: CodePtr,
    /// Continuation pointer of the current call.
    pub(crate) continuation: u64,
    /// Catches and tries on the stack.
    pub(crate) catches: u32,
    pub(crate) resume: Resume,
}

/// How a parked process goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Resume {
    /// At the parked instruction.
    #[default]
    Code,
    /// The parked instruction is a native call, and this comes in place of its value.
    NativeValue,
    /// Return to the continuation with the value.
    ReturnValue,
}

pub struct Process {
    pub(crate) heap: Heap,
    /// Y registers and continuation pointers; the end is the top. `y(i)` is `stack[len - 1 - i]`.
    pub(crate) stack: Vec<u64>,
    pub(crate) parked: Parked,
    pub control: Control,
}

/// A copy of a process into the memory of another allocates nothing but for what is seldom there.
impl Clone for Process {
    fn clone(&self) -> Process {
        let Process { heap, stack, parked, control } = self;
        Process { heap: heap.clone(), stack: stack.clone(), parked: parked.clone(), control: control.clone() }
    }

    fn clone_from(&mut self, from: &Process) {
        let Process { heap, stack, parked, control } = from;
        self.heap.clone_from(heap);
        self.stack.clone_from(stack);
        let Parked { x, at, continuation, catches, resume } = parked;
        self.parked.x.clone_from(x);
        self.parked = Parked {
            x: std::mem::take(&mut self.parked.x),
            at: *at,
            continuation: *continuation,
            catches: *catches,
            resume: *resume,
        };
        self.control = control.clone();
    }
}

/// Dead registers above the live ones that a stress collection poisons.
const POISONED_REGISTERS: usize = 24;
/// Words of a stack that are not given back.
const STACK_KEPT_WORDS: usize = 1 << 13;
/// Words that a stack which is larger than that gets for its next calls, if there is memory for them.
const STACK_LOOK_WORDS: usize = 1 << 16;

impl Process {
    pub fn new(heap: Heap, pid: Pid, path: PathKey) -> Process {
        Process { heap, stack: Vec::new(), parked: Parked::default(), control: Control::new(pid, path) }
    }

    /// Makes the process new again, keeping its blocks of memory.
    pub fn reset(&mut self, pid: Pid, path: PathKey) {
        self.stack.clear();
        self.parked.x.clear();
        self.parked = Parked { x: std::mem::take(&mut self.parked.x), ..Parked::default() };
        let mailbox = std::mem::take(&mut self.control.mailbox);
        self.control = Control::new(pid, path);
        self.control.mailbox = mailbox;
        self.control.mailbox.clear();
    }

    /// Makes process and heap new again, keeping their blocks of memory.
    pub fn renew(&mut self, literals: &Arc<Literals>, policy: Policy, pid: Pid, path: PathKey) {
        self.reset(pid, path);
        self.heap.reset(literals, policy);
    }

    /// Sets the words beyond which its heap is refused more.
    pub fn set_ceiling(&mut self, words: usize) {
        self.heap.policy.ceiling_words = words;
    }

    /// Where a process that does not run will go on, as far as that is in code.
    pub fn position(&self) -> CodePtr {
        self.parked.at
    }

    /// The time limit of its receive has passed; it goes on there when it next runs.
    pub fn expire(&mut self) {
        self.control.expired = true;
    }

    pub fn heap(&self) -> &Heap {
        &self.heap
    }

    /// Collects with `x[..live]` and the rest of the process as roots. Whether the process passed its
    /// `max_heap_size`. Where there is no memory to collect with, nothing has changed.
    pub(crate) fn collect(
        &mut self,
        x: &mut [u64],
        need: usize,
        force_major: bool,
        scratch: &mut Scratch,
    ) -> Result<bool, HeapFull> {
        if planted!(ThirdSweepForgets) && force_major && self.heap.policy.collections > 1 {
            self.control.mailbox.scanned.clear();
            self.control.mailbox.restart();
        }
        let major = force_major || self.heap.wants_major();
        let sweep = if major { Sweep::AllAndHandles } else { Sweep::Young };
        let survivors = self.move_all(x, sweep, scratch)?;
        if self.stack.capacity() > self.stack.len().saturating_mul(4).max(STACK_KEPT_WORDS) {
            self.stack.shrink_to(self.stack.len() * 2);
        }
        self.heap.settle_semantic(survivors, self.stack.len(), major, need);
        Ok(self.is_over_limit(need))
    }

    /// Whether the stack, what the last semantic collection left, and `need` words are more than `max_heap_size`.
    fn is_over_limit(&self, need: usize) -> bool {
        let Policy { max, live, .. } = self.heap.policy;
        max.size != 0 && self.stack.len() + live + need > max.size
    }

    /// The next safepoint collects, since the process is over its limit.
    pub(crate) fn collect_soon(&mut self) {
        self.heap.policy.semantic_limit = 0;
        self.heap.open_limit();
    }

    /// Looks at the stack, which grows without safepoints: whether the process is now over its limit.
    pub(crate) fn look_at_stack(&mut self) -> Result<bool, HeapFull> {
        let words = self.stack.len();
        if words > STACK_KEPT_WORDS {
            if words + self.heap.policy.live > self.heap.policy.ceiling_words {
                return Err(HeapFull);
            }
            self.stack.try_reserve(STACK_LOOK_WORDS).map_err(|_| HeapFull)?;
        }
        Ok(self.is_over_limit(0))
    }

    /// A collection of the plan: moves, poisons, verifies, and changes nothing that anybody can see.
    pub(crate) fn collect_stress(&mut self, x: &mut [u64], live: usize, scratch: &mut Scratch) {
        let dead = (live + POISONED_REGISTERS).min(x.len());
        x[live..dead].fill(Word::POISON.0);
        let sweep = if scratch.toss() { Sweep::Young } else { Sweep::All };
        // Nothing may depend on whether it happens.
        if self.move_all(&mut x[..live], sweep, scratch).is_err() {
            return;
        }
        self.heap.settle_stress();
        let mut roots = x[..live].to_vec();
        roots.extend_from_slice(&self.stack);
        self.each_control_root(&mut |w: &mut Word| roots.push(w.0));
        if let Err(damage) = self.heap.verify(&roots) {
            panic!("heap verification failed at word {}: {}", damage.at, damage.what);
        }
    }

    pub(crate) fn stress_due(&mut self) -> bool {
        self.heap.policy.plan != GcPlan::Normal && self.heap.stress_due(self.stack.len())
    }

    fn move_all(&mut self, x: &mut [u64], sweep: Sweep, scratch: &mut Scratch) -> Result<usize, HeapFull> {
        let Process { heap, stack, parked, control } = self;
        let Parked { x: parked_x, at: _, continuation: _, catches: _, resume: _ } = parked;
        collect(heap, sweep, scratch, |mover| {
            mover.words(x);
            mover.words(parked_x);
            mover.words(stack);
            control.roots(&mut |w: &mut Word| mover.word(w));
        })
    }

    fn each_control_root(&mut self, f: &mut dyn FnMut(&mut Word)) {
        self.control.roots(f);
    }
}

impl Control {
    fn new(pid: Pid, path: PathKey) -> Control {
        Control {
            pid,
            path,
            parent: None,
            group_leader: pid,
            initial_call: (Atom::UNDEFINED, Atom::UNDEFINED, 0),
            start: None,
            phase: Phase::Running,
            waiting: Waiting::No,
            priority: Priority::Normal,
            trap_exit: false,
            sensitive: false,
            async_dist: false,
            message_queue_off_heap: false,
            error_handler: Atom::ERROR_HANDLER,
            save_calls: 0,
            min_bin_vheap_words: MIN_BIN_VHEAP_WORDS,
            mailbox: Mailbox::default(),
            links: FewMap::Empty,
            monitoring: FewMap::Empty,
            watchers: FewMap::Empty,
            aliases: FewMap::Empty,
            dictionary: Dictionary::default(),
            reply: None,
            message_replies: FewMap::Empty,
            suspended_by: FewMap::Empty,
            suspending: FewMap::Empty,
            collect_requests: Vec::new(),
            lent: None,
            on_load: None,
            native: None,
            load_refused: false,
            expired: false,
            timeout_pc: 0,
            receive_deadline: None,
            references_made: 0,
            integers_made: 0,
            known_words: 0,
            unlinks_made: 0,
            unaliased: 0,
            reductions: 0,
            timers_started: 0,
            keep_result: false,
            result: None,
            ended_with: None,
        }
    }

    /// A reference that nobody has had before.
    pub fn next_reference(&mut self) -> RefId {
        self.references_made += 1;
        RefId { creator: self.pid.payload(), count: self.references_made }
    }

    /// What [`Control::next_reference`] will give.
    pub fn coming_reference(&self) -> RefId {
        RefId { creator: self.pid.payload(), count: self.references_made + 1 }
    }

    /// Every term that the process holds outside of heap, stack and registers. All fields are named, so
    /// that none is forgotten.
    pub(crate) fn roots(&mut self, f: &mut dyn FnMut(&mut Word)) {
        let Control {
            pid: _,
            path: _,
            parent: _,
            group_leader: _,
            initial_call: _,
            start: _,
            phase: _,
            waiting: _,
            priority: _,
            trap_exit: _,
            sensitive: _,
            async_dist: _,
            message_queue_off_heap: _,
            error_handler: _,
            save_calls: _,
            min_bin_vheap_words: _,
            mailbox,
            links: _,
            monitoring,
            watchers: _,
            aliases: _,
            dictionary,
            reply: _,
            message_replies: _,
            suspended_by: _,
            suspending: _,
            collect_requests: _,
            lent: _,
            on_load: _,
            load_refused: _,
            expired: _,
            timeout_pc: _,
            receive_deadline: _,
            references_made: _,
            integers_made: _,
            known_words: _,
            unlinks_made: _,
            unaliased: _,
            reductions: _,
            timers_started: _,
            keep_result: _,
            result: _,
            ended_with: _,
            native: _,
        } = self;
        mailbox.roots().for_each(&mut *f);
        if !planted!(TagNotRooted) {
            monitoring.each_value_mut(|m| m.tag.iter_mut().for_each(&mut *f));
        }
        if !planted!(ValueNotRooted) {
            dictionary.roots(f);
        }
    }
}
