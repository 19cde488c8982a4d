//! The production scheduler: N threads that steal work from each other.
//!
//! Each thread runs the processes of its own queue, a slice each; without any it steals, and without anything
//! to steal it sleeps (`park.rs`). A process lies in its slot while it waits, in one run queue while it can
//! run, and on one thread's stack while it runs: it is owned, so it is in one of these places only.
//! A run ends with its entry process, with `halt`, or with a signal of the operating system; threads stop
//! between slices, and what other processes were doing is dropped.
//!
//! The one file that starts threads.

#![expect(clippy::disallowed_methods, reason = "the real scheduler starts threads")]

use super::atomics::Lock;
use super::park::{Limit, WorkerIx};
use super::run_queue::Thief;
use super::signals::{Listener, SignalNumber};
use super::{Reductions, SliceEnd};
use crate::code::CodeServer;
use crate::heap::parcel::Parcel;
use crate::heap::policy::Policy;
use crate::heap::read::View;
use crate::interp::{Regs, run_slice};
use crate::ring::start::Choice as RingChoice;
use crate::term::{Atom, Word};
use crate::time::{Clock, Deadline};
use crate::world::NewProcess;
use crate::world::concurrent::entropy::Seed;
use crate::world::concurrent::sink::{Output, Sink, shown};
use crate::world::concurrent::slot::Park;
use crate::world::concurrent::{Local, Settings, Shared, Task};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

pub use crate::world::concurrent::End;

/// How to run.
pub struct Options {
    /// Scheduler threads; by default one for each processor.
    pub threads: NonZeroUsize,
    /// Seed of what programs draw; by default from the operating system.
    pub seed: Option<u64>,
    pub policy: Policy,
    /// Processes that may live at once.
    pub processes_max: u32,
    /// Whether SIGINT and SIGTERM end the run. They stay caught afterwards.
    pub signals: bool,
    /// What the first process of the services calls. The entry process begins when they have started.
    pub services: Option<Entry>,
    /// Who does input and output.
    pub ring: RingChoice,
    pub output: Output,
    pub reports: Output,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            seed: None,
            policy: Policy::default(),
            processes_max: PROCESSES_MAX,
            signals: true,
            services: None,
            ring: RingChoice::Auto,
            output: Box::new(std::io::stdout()),
            reports: Box::new(std::io::stderr()),
        }
    }
}

/// Processes that may live at once by default.
pub const PROCESSES_MAX: u32 = 1 << 21;

/// What the first process calls. `arguments` is a proper list of `arity` terms.
pub struct Entry {
    pub module: Atom,
    pub function: Atom,
    pub arguments: Parcel,
    pub arity: u32,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    pub end: End,
    /// What the entry function returned, if it did.
    pub result: Option<Parcel>,
    /// Why output of the program was lost, if it was.
    pub output_lost: Option<String>,
}

impl Ended {
    /// The exit status: 0 where the entry process ended with `normal`, `shutdown` or `{shutdown, _}`, 1 where
    /// it ended otherwise; what `halt` was given; 128 and the number of a signal.
    pub fn status(&self) -> i32 {
        match &self.end {
            End::Exited(reason) => i32::from(!is_orderly(reason)),
            End::Halted(status) => *status,
            End::Signalled(signal) => signal.status(),
        }
    }
}

/// Whether a process that ends so did nothing wrong.
pub fn is_orderly(reason: &Parcel) -> bool {
    let (heap, word) = reason.unpack(&Arc::default());
    let orderly = [Word::atom(Atom::NORMAL), Word::atom(Atom::SHUTDOWN)];
    match heap.view(word) {
        View::Tuple(elements) => elements.len() == 2 && elements[0] == orderly[1].0,
        _ => orderly.contains(&word),
    }
}

/// Why a run did not begin.
#[derive(Debug)]
pub enum RunError {
    Thread(std::io::Error),
    Signals(std::io::Error),
    /// The ring that was asked for cannot be had.
    Ring(std::io::Error),
    /// The arguments are too large.
    Arguments,
}

impl std::fmt::Display for RunError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RunError::Thread(error) => write!(f, "a scheduler thread cannot be started: {error}"),
            RunError::Signals(error) => write!(f, "signals cannot be handled: {error}"),
            RunError::Ring(error) => write!(f, "the ring that was asked for cannot be had: {error}"),
            RunError::Arguments => f.write_str("the arguments are too large"),
        }
    }
}

impl std::error::Error for RunError {}

/// Runs `entry` in a process of its own until the run ends.
pub fn run(code: Arc<CodeServer>, entry: Entry, options: Options) -> Result<Ended, RunError> {
    let listener = if options.signals { Some(Listener::new().map_err(RunError::Signals)?) } else { None };
    let threads = options.threads.get();
    let shared = Shared::new(Settings {
        code,
        policy: options.policy,
        sink: Sink::new(options.output, options.reports),
        seed: options.seed.map_or_else(Seed::from_os, Seed::given),
        processes_max: options.processes_max,
        threads,
        ring: options.ring,
    });
    let outcome = Outcome::default();
    let mut locals: Vec<Local<'_>> = (0..threads).map(|number| Local::new(&shared, number)).collect();
    let thieves = shared.thieves.get_or_init(|| locals.iter().map(Local::thief).collect());
    start(&mut locals[0], entry, options.services)?;
    let run = Run { shared: &shared, thieves, outcome: &outcome };
    shared.io.start_chosen().map_err(RunError::Ring)?;
    let ran = run_threads(&run, locals, listener);
    shared.io.end();
    ran?;
    shared.sink.flush();
    let end = shared.take_end().expect("threads stop because the run ended");
    let result = outcome.result.lock().take();
    let ended = Ended { end, result, output_lost: shared.sink.lost() };
    if let End::Exited(reason) = &ended.end
        && ended.status() != 0
    {
        shared.sink.entry_failed(&shown(reason, &shared.code_view().literals));
    }
    Ok(ended)
}

/// What the entry process leaves.
#[derive(Default)]
struct Outcome {
    result: Lock<Option<Parcel>>,
}

/// What the threads of a run share beside the world.
#[derive(Clone, Copy)]
struct Run<'a> {
    shared: &'a Shared,
    thieves: &'a [Thief<Task>],
    outcome: &'a Outcome,
}

/// Makes the first process: the entry process, or that of the services.
fn start(local: &mut Local<'_>, entry: Entry, services: Option<Entry>) -> Result<(), RunError> {
    let entry = new_process(entry);
    let Some(services) = services else {
        return if local.make_entry(&entry, None) { Ok(()) } else { Err(RunError::Arguments) };
    };
    let (mut task, _) = local.make(None, &new_process(services)).map_err(|_| RunError::Arguments)?;
    let control = &mut task.process.control;
    control.group_leader = control.pid;
    control.keep_result = true;
    local.shared.services.set_init(control.pid, entry);
    local.wake(task);
    Ok(())
}

fn new_process(entry: Entry) -> NewProcess {
    let Entry { module, function, arguments, arity } = entry;
    NewProcess::calling(module, function, arguments, arity)
}

fn run_threads(run: &Run<'_>, locals: Vec<Local<'_>>, listener: Option<Listener>) -> Result<(), RunError> {
    let handle = listener.as_ref().map(Listener::handle);
    let outcome = std::thread::scope(|scope| {
        let mut started = Ok(());
        let mut workers = Vec::new();
        if let Some(listener) = listener {
            let shared = run.shared;
            let stop = move |signal: SignalNumber| {
                if !(signal.is_polite() && shared.ask_to_stop()) {
                    shared.finish(End::Signalled(signal));
                }
            };
            let listen = move || listener.listen(stop);
            started =
                std::thread::Builder::new().name("signals".into()).spawn_scoped(scope, listen).map(drop);
        }
        for (number, local) in locals.into_iter().enumerate() {
            if started.is_err() {
                break;
            }
            let run = *run;
            let work = move || Worker::new(run, WorkerIx(number), local).work();
            let name = format!("scheduler {}", number + 1);
            match std::thread::Builder::new().name(name).spawn_scoped(scope, work) {
                Ok(worker) => workers.push(worker),
                Err(error) => started = Err(error),
            }
        }
        if started.is_err() {
            run.shared.finish(End::Halted(1));
        }
        // A panic is our own bug: the other threads have stopped, and it goes on here.
        let panics: Vec<_> = workers.into_iter().filter_map(|worker| worker.join().err()).collect();
        if let Some(handle) = handle {
            handle.close();
        }
        (started, panics)
    });
    if let Some(panic) = outcome.1.into_iter().next() {
        std::panic::resume_unwind(panic);
    }
    outcome.0.map_err(RunError::Thread)
}

/// Stops the other threads if this one panics.
struct StopOnPanic<'a>(&'a Shared);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.finish(End::Halted(1));
        }
    }
}

/// One scheduler thread.
struct Worker<'a> {
    run: Run<'a>,
    me: WorkerIx,
    local: Local<'a>,
    regs: Regs,
    /// A process that was preempted while nothing else could run.
    kept: Option<Task>,
    /// Work done since the clock was looked at.
    since_look: u32,
    /// A process has used up its slice since then.
    computes: bool,
    /// Where the next search begins.
    victim: usize,
    /// Slices since there was nothing to steal here.
    waiting: u32,
    /// How many slices each thread had ended when this one went to sleep.
    slices_seen: Vec<u64>,
}

/// Short slices between two looks at the clock, and how many a full slice counts for.
const LOOK_EVERY: u32 = 64;
const FULL_SLICE: u32 = 16;
/// Slices for which what completions brought may lie here before a thread is woken for it, some one or two milliseconds.
/// Woken at once, it would take half of each batch, and both would sleep again; io_uring then wakes each of them for what it let begin.
const SHARE_AFTER: u32 = 256;

/// Rounds of stealing before a thread sleeps, some 20 microseconds: waking it again would cost as much.
const SEARCH_ROUNDS: u32 = 100;
/// Pauses between two rounds.
const PAUSES: u32 = 10;

impl<'a> Worker<'a> {
    fn new(run: Run<'a>, me: WorkerIx, local: Local<'a>) -> Worker<'a> {
        let regs = Regs { view: run.shared.code_view(), ..Regs::default() };
        Worker {
            run,
            me,
            local,
            regs,
            kept: None,
            since_look: 0,
            computes: false,
            victim: me.0,
            waiting: 0,
            slices_seen: Vec::new(),
        }
    }

    fn work(mut self) {
        let _guard = StopOnPanic(self.run.shared);
        while let Some(task) = self.next() {
            self.slice(task);
        }
    }

    /// What to run now; `None` at the end of the run.
    #[inline]
    fn next(&mut self) -> Option<Task> {
        let shared = self.run.shared;
        if shared.stopping() {
            return None;
        }
        self.since_look += 1;
        if self.since_look >= LOOK_EVERY || self.local.hurries > 0 {
            self.local.hurries = self.local.hurries.saturating_sub(1);
            self.look();
        }
        if let Some(kept) = self.kept.take() {
            if self.local.queue.is_empty() {
                return Some(kept);
            }
            self.put_behind(kept);
        }
        match self.local.queue.pop() {
            Some(task) => {
                self.share();
                Some(task)
            }
            None => self.search(),
        }
    }

    /// Has another thread help where work has lain here for some slices.
    #[inline]
    fn share(&mut self) {
        if self.local.queue.nothing_to_steal() {
            self.waiting = 0;
            return;
        }
        self.waiting += 1;
        if self.waiting >= SHARE_AFTER {
            self.waiting = 0;
            self.local.offer();
        }
    }

    /// What is done now and then: timers, and output that waits.
    #[cold]
    fn look(&mut self) {
        self.since_look = 0;
        let shared = self.run.shared;
        shared.io.look();
        self.take_in();
        shared.io.flush();
        if std::mem::take(&mut self.computes) && shared.io.watch().is_some() {
            shared.parking.have_watched();
        }
    }

    /// What has come from outside, and what is to go there.
    fn take_in(&mut self) {
        let shared = self.run.shared;
        self.local.fire_timers();
        if shared.input.any() {
            self.local.deliver_input();
        }
        if shared.io.any() {
            self.local.deliver_completions();
        }
        shared.sink.flush();
    }

    #[cold]
    fn search(&mut self) -> Option<Task> {
        let shared = self.run.shared;
        // Alone, it looks where it sleeps; where it never gets to sleep, for timers that are due, now and then.
        if !shared.parking.is_last_awake() {
            self.since_look = 0;
            shared.io.look();
        }
        self.take_in();
        if let Some(task) = self.local.queue.pop() {
            shared.io.flush();
            return Some(task);
        }
        shared.parking.begin_search();
        let found = self.find();
        shared.parking.end_search(|| {
            shared.input.any() || shared.io.is_told() || self.run.thieves.iter().any(Thief::offers)
        });
        shared.io.flush();
        found
    }

    /// Searches and sleeps until there is something to run. What was submitted begins where a thread watches, or at the next look
    /// of one that is awake; if those are busy with something long, where this one has looked out.
    fn find(&mut self) -> Option<Task> {
        let shared = self.run.shared;
        let mut has_slept = false;
        loop {
            if shared.stopping() {
                return None;
            }
            let watch = shared.io.watch();
            // Nobody else makes work, and who will watch would keep back what was submitted.
            let rounds = if watch.is_some() && shared.parking.is_last_awake() { 1 } else { SEARCH_ROUNDS };
            if has_slept && rounds > 1 {
                shared.io.flush();
            }
            has_slept = true;
            if let Some(task) = self.steal_rounds(rounds) {
                return Some(task);
            }
            if has_slept && let Some(task) = self.relieve() {
                return Some(task);
            }
            self.slices_seen.clear();
            self.slices_seen.extend(shared.slices());
            let limit = shared.timers.earliest().map(|deadline| self.limit(deadline));
            if limit.is_none_or(|limit| !limit.from_now.is_zero()) {
                let work =
                    || shared.input.any() || shared.io.any() || self.run.thieves.iter().any(Thief::offers);
                let look = |is_watched: bool| {
                    if is_watched {
                        shared.io.flush();
                    }
                    shared.stopping() || work()
                };
                shared.parking.sleep(self.me, limit, watch, look);
            }
            self.take_in();
            if let Some(task) = self.local.queue.pop() {
                return Some(task);
            }
        }
    }

    /// Takes from those who have not ended a slice while this thread slept.
    fn relieve(&mut self) -> Option<Task> {
        let (shared, thieves) = (self.run.shared, self.run.thieves);
        let stuck = |&(victim, (seen, now)): &(usize, (u64, u64))| {
            victim != self.me.0 && seen == now && !thieves[victim].is_empty()
        };
        let slices = self.slices_seen.iter().copied().zip(shared.slices());
        let (victim, _) = slices.enumerate().find(stuck)?;
        self.local.queue.steal(&thieves[victim])
    }

    fn limit(&self, deadline: Deadline) -> Limit {
        let mut clock = self.run.shared.clock;
        let from_now = deadline.0.ns.saturating_sub(clock.now().ns);
        Limit { at_ns: deadline.0.ns, from_now: Duration::from_nanos(from_now) }
    }

    fn steal_rounds(&mut self, rounds: u32) -> Option<Task> {
        let thieves = self.run.thieves;
        for _ in 0..if thieves.len() == 1 { 0 } else { rounds } {
            for _ in 0..thieves.len() {
                self.victim = (self.victim + 1) % thieves.len();
                if self.victim == self.me.0 || !thieves[self.victim].offers() {
                    continue;
                }
                if let Some(task) = self.local.queue.steal(&thieves[self.victim]) {
                    return Some(task);
                }
            }
            for _ in 0..if rounds > 1 { PAUSES } else { 0 } {
                std::hint::spin_loop();
            }
        }
        None
    }

    /// Runs a process for a slice.
    fn slice(&mut self, task: Task) {
        let Task { mut process, slot } = task;
        self.local.current = slot;
        let end = run_slice(&mut process, &mut self.regs, &mut self.local, Reductions::SLICE);
        let task = Task { process, slot };
        match end {
            SliceEnd::Receive(until) => self.park(task, until),
            SliceEnd::AwaitReply | SliceEnd::Suspended => self.park(task, None),
            SliceEnd::Yield => self.preempted(task),
            SliceEnd::Aside => self.ports_first(task),
            SliceEnd::Gone => self.gone(task),
            SliceEnd::Refused => panic!("production permits everything"),
        }
    }

    fn park(&mut self, task: Task, until: Option<Deadline>) {
        let shared = self.run.shared;
        let Task { mut process, slot } = task;
        let (pid, place) = (process.control.pid, shared.table.slot(slot));
        loop {
            match place.park(process, until) {
                Park::Parked => return,
                Park::Signals(process) => return self.local.wake(Task { process, slot }),
                Park::Arm(waiting) => {
                    process = waiting;
                    if let Some(deadline) = until {
                        shared.timers.set_wake(pid, deadline);
                    }
                }
            }
        }
    }

    /// Runs the port that an ending process has told, at once; the process goes behind the others. It is not offered: another
    /// thread would let it go on beside its ports.
    fn ports_first(&mut self, ending: Task) {
        let port = self.local.queue.take_next();
        self.local.queue.push(ending.process.control.priority, ending);
        if let Some(port) = port {
            self.slice(port);
        }
    }

    /// Used up its reductions: goes behind what else can run here. Alone it stays, so that no other thread
    /// is woken to take it.
    fn preempted(&mut self, task: Task) {
        self.since_look += FULL_SLICE;
        self.computes = true;
        if self.local.queue.is_empty() {
            self.kept = Some(task);
        } else {
            self.put_behind(task);
        }
    }

    fn put_behind(&mut self, task: Task) {
        let priority = task.process.control.priority;
        self.local.queue.push(priority, task);
        self.local.offer();
    }

    fn gone(&mut self, mut task: Task) {
        if task.process.control.keep_result {
            self.kept_gone(&mut task);
        }
        self.local.retire(task);
    }

    /// The entry process has ended, or that of the services.
    #[cold]
    fn kept_gone(&mut self, task: &mut Task) {
        let is_entry = self.local.is_entry(task);
        let control = &mut task.process.control;
        let ended = control.ended_with.take().expect("a kept process keeps its exit reason");
        if is_entry {
            *self.run.outcome.result.lock() = control.result.take().map(|result| *result);
            self.local.entry_ended(End::Exited(ended.reason));
        } else {
            let shared = self.run.shared;
            let reason = shown(&ended.reason, &shared.code_view().literals);
            shared.sink.error_output(&format!("The services ended with: {reason}\n"));
            shared.finish(End::Halted(1));
        }
    }
}
