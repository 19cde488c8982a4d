//! The production world: what scheduler threads share, and one thread's way to it.
//!
//! [`Shared`] holds the tables; [`Local`] is the [`World`] of one scheduler thread: the tables, its run queue,
//! and pools of its own, so that spawning, sending and ending touch little that is shared.
//! Invariants: a signal is put into its receiver's slot within the sender's step; no lock of one table is
//! held while another table is asked, but for names over slots and slots over timers, in this order, what
//! is known of `on_load` functions over the making of a process, and an ETS table over the directory of tables.

pub mod accounts;
pub mod code;
pub mod counters;
pub mod entropy;
pub mod environment;
pub mod input;
pub mod io;
pub mod names;
pub mod pool;
pub mod process_table;
pub mod services;
pub mod sink;
pub mod slot;
pub mod tables;
pub mod timers;

use crate::code::{CodeServer, CodeView};
use crate::heap::parcel::Parcel;
use crate::heap::policy::Policy;
use crate::heap::read::RefId;
use crate::heap::resource::{Handle, HandleKind};
use crate::process::birth::Birth;
use crate::process::on_load::{Readiness, Version};
use crate::process::pid::Pid;
use crate::process::signal::Signal;
use crate::process::{Control, Process};
use crate::ring::start::Choice as RingChoice;
use crate::sched::atomics::{AtomicBool, AtomicI64, Lock, Ordering};
use crate::sched::park::Parking;
use crate::sched::run_queue::{RunQueue, Thief};
use crate::term::Atom;
use crate::time::os::OsClock;
use crate::time::{Clock, Deadline, Instant, TimerId};
use crate::world::accounts::{Accounts, Figures, Ledger, Spent};
use crate::world::cells::{Cell, Cells};
use crate::world::counters::{Change, Counters, Rows, Shape};
use crate::world::environment::{Environment, Variables};
use crate::world::oracles::Oracles;
use crate::world::{
    NewProcess, NewTimer, NoProcess, Op, PersistentTerms, Report, SpawnError, Tables, TimerTarget, World,
};
use accounts::Tally;
use code::SharedCode;
use counters::{Arrays, Kept};
use entropy::Seed;
use input::StandardInput;
use io::SharedIo;
use names::Names;
use pool::{Pool, Shelf};
use process_table::{ProcessTable, SlotIx, VacantSlots};
use services::ServiceState;
use sink::Sink;
use slot::{Expired, Sent};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use tables::{LocalTables, SharedTables};
use timers::{Alarm, Timers};

/// Why a run ended.
#[derive(Clone, Debug)]
pub enum End {
    /// The entry process ended with this reason.
    Exited(Parcel),
    /// `halt` with this status.
    Halted(i32),
    /// A signal of the operating system.
    Signalled(crate::sched::signals::SignalNumber),
}

/// What all scheduler threads share.
pub struct Shared {
    pub code: Arc<CodeServer>,
    pub policy: Policy,
    pub table: ProcessTable<Box<Process>, Signal>,
    pub names: Names,
    pub timers: Timers,
    pub persistent: Lock<Arc<PersistentTerms>>,
    pub tables: SharedTables,
    arrays: Arrays,
    cells: Lock<Rows<Arc<Lock<Cell>>>>,
    variables: Lock<Variables>,
    tallies: Vec<Tally>,
    ledger: Lock<Ledger>,
    /// What threads steal from each other with, once there are threads.
    pub thieves: OnceLock<Vec<Thief<Task>>>,
    /// What became of `on_load` functions.
    loads: Lock<BTreeMap<Version, Readiness>>,
    own_code: SharedCode,
    pub sink: Sink,
    pub parking: Arc<Parking>,
    pub input: StandardInput,
    pub io: SharedIo,
    pub services: ServiceState,
    pub clock: OsClock,
    threads: usize,
    seed: Seed,
    last_integer: AtomicI64,
    shelf: Shelf,
    stopping: AtomicBool,
    end: Lock<Option<End>>,
}

/// What a world is made with.
pub struct Settings {
    pub code: Arc<CodeServer>,
    pub policy: Policy,
    pub sink: Sink,
    pub seed: Seed,
    pub processes_max: u32,
    pub threads: usize,
    pub ring: RingChoice,
}

impl Shared {
    /// How many slices each thread has ended.
    pub fn slices(&self) -> impl Iterator<Item = u64> {
        self.tallies.iter().map(Tally::slices)
    }

    /// The code as the program sees it.
    pub fn code_view(&self) -> Arc<CodeView> {
        self.own_code.view()
    }

    pub fn new(settings: Settings) -> Shared {
        let parking = Arc::new(Parking::new(settings.threads));
        Shared {
            own_code: SharedCode::new(Arc::clone(&settings.code)),
            code: settings.code,
            policy: settings.policy,
            table: ProcessTable::new(settings.processes_max, settings.threads),
            names: Names::default(),
            timers: Timers::new(settings.threads),
            persistent: Lock::default(),
            tables: SharedTables::default(),
            arrays: Arrays::default(),
            cells: Lock::default(),
            variables: Lock::new(environment::of_machine()),
            tallies: (0..settings.threads).map(|_| Tally::default()).collect(),
            ledger: Lock::default(),
            thieves: OnceLock::new(),
            loads: Lock::new(BTreeMap::new()),
            sink: settings.sink,
            input: StandardInput::default(),
            io: SharedIo::new(settings.ring, &parking),
            parking,
            services: ServiceState::default(),
            clock: OsClock::start(),
            threads: settings.threads,
            seed: settings.seed,
            last_integer: AtomicI64::new(0),
            shelf: Shelf::default(),
            stopping: AtomicBool::new(false),
            end: Lock::new(None),
        }
    }

    /// Ends the run; the first reason counts. Threads stop at the end of their slices.
    pub fn finish(&self, end: End) {
        self.end.lock().get_or_insert(end);
        self.stopping.store(true, Ordering::SeqCst);
        self.parking.wake_all();
    }

    #[inline]
    pub fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub fn take_end(&self) -> Option<End> {
        self.end.lock().take()
    }
}

/// A process that can run, and its slot.
pub struct Task {
    pub process: Box<Process>,
    pub slot: SlotIx,
}

/// One scheduler thread's world.
pub struct Local<'a> {
    pub shared: &'a Shared,
    pub queue: RunQueue<Task>,
    /// Slot of the running process.
    pub current: SlotIx,
    clock: OsClock,
    vacant: VacantSlots,
    pool: Pool,
    tables: LocalTables<'a>,
    arrays: Kept,
    tally: &'a Tally,
    /// Completions are being told: whom they wake is not offered to other threads yet.
    brings: bool,
    /// For so many slices the thread looks after each what has completed: a descriptor is to be closed then, and others may
    /// wait for its address.
    pub hurries: u32,
}

impl<'a> Local<'a> {
    /// The world of thread `number`.
    pub fn new(shared: &'a Shared, number: usize) -> Local<'a> {
        Local {
            shared,
            queue: RunQueue::default(),
            current: SlotIx(0),
            clock: shared.clock,
            vacant: VacantSlots::default(),
            pool: Pool::default(),
            tables: LocalTables::new(&shared.tables),
            arrays: Kept::default(),
            tally: &shared.tallies[number],
            brings: false,
            hurries: 0,
        }
    }

    pub fn thief(&self) -> Thief<Task> {
        self.queue.thief()
    }

    /// A process can run again.
    #[inline]
    pub fn wake(&mut self, task: Task) {
        if self.queue.push_next(task.process.control.priority, task) && !self.brings {
            self.offer();
        }
    }

    /// What is in this thread's queue is for others too.
    pub fn offer(&mut self) {
        self.queue.offer();
        self.shared.parking.work_added();
    }

    /// Makes a process that is not yet in a queue.
    pub fn make(&mut self, parent: Option<Pid>, new: &NewProcess) -> Result<(Task, Birth), SpawnError> {
        let shared = self.shared;
        let (pid, slot) =
            shared.table.claim(&mut self.vacant, new.port).map_err(|_| SpawnError::SystemLimit)?;
        let mut process = self.pool.take(&shared.shelf, shared.policy, pid);
        let Ok(birth) = process.begin(parent, new) else {
            shared.table.slot(slot).close(&mut Vec::new()).expect("a new process has no name");
            shared.table.vacate(pid, slot, &mut self.vacant);
            return Err(SpawnError::SystemLimit);
        };
        Ok((Task { process, slot }, birth))
    }

    /// Puts away a process that is gone.
    pub fn retire(&mut self, task: Task) {
        let Task { process, slot } = task;
        let shared = self.shared;
        shared.table.vacate(process.control.pid, slot, &mut self.vacant);
        self.pool.put(&shared.shelf, shared.policy, process);
    }

    /// Delivers the alarms that are due.
    pub fn fire_timers(&mut self) {
        let shared = self.shared;
        if shared.timers.earliest().is_none() {
            return;
        }
        let now = self.clock.now();
        let Some(mut firing) = shared.timers.fire(now) else { return };
        for fired in firing.drain() {
            match fired.payload {
                Alarm::Wake(pid) => self.end_wait(pid, fired.deadline, Deadline(now)),
                Alarm::Message(target, message) => {
                    let to = match target {
                        TimerTarget::Pid(pid) => Some(pid),
                        TimerTarget::Name(name) => shared.names.find(name),
                    };
                    if let Some(to) = to {
                        // A target that is gone misses its message.
                        let _ = self.send(to, to, Signal::Message(message));
                    }
                }
            }
        }
    }

    fn end_wait(&mut self, pid: Pid, deadline: Deadline, now: Deadline) {
        let shared = self.shared;
        let Some((slot, place)) = shared.table.find(pid) else { return };
        let expired = place.expire(pid, deadline, now, |later| shared.timers.set_wake(pid, later));
        if let Expired::Woke(mut process) = expired {
            process.expire();
            self.wake(Task { process, slot });
        }
    }

    fn unregister_holder(&self, name: Atom, pid: Option<Pid>) -> Option<Pid> {
        let table = &self.shared.table;
        self.shared.names.unregister(name, |holder| {
            let frees = pid.is_none_or(|pid| pid == holder);
            if frees && let Some((_, slot)) = table.find(holder) {
                slot.drop_name(holder, name);
            }
            frees
        })
    }
}

impl World for Local<'_> {
    #[inline]
    fn asks(&self) -> bool {
        false
    }

    #[inline]
    fn permit(&mut self, _me: Pid, _op: Op) -> bool {
        true
    }

    fn now(&mut self) -> Instant {
        self.clock.now()
    }

    fn system_offset_ns(&self) -> i64 {
        self.clock.system_offset_ns()
    }

    fn spawn(&mut self, parent: &mut Control, child: NewProcess) -> Result<Pid, SpawnError> {
        let (task, birth) = self.make(Some(parent.pid), &child)?;
        let pid = task.process.control.pid;
        if let Some(signal) = birth.for_parent {
            parent.send_self(signal, self);
        }
        self.wake(task);
        Ok(pid)
    }

    #[inline]
    fn send(&mut self, _from: Pid, to: Pid, signal: Signal) -> Result<(), NoProcess> {
        let Some((slot, place)) = self.shared.table.find(to) else { return Err(NoProcess(signal)) };
        match place.send(to, signal) {
            Sent::Queued => Ok(()),
            Sent::Woke(mut process, signal) => {
                match signal {
                    Signal::Message(message) => process.deliver(message),
                    other => place.put_first(other),
                }
                self.wake(Task { process, slot });
                Ok(())
            }
            Sent::Gone(signal) => Err(NoProcess(signal)),
        }
    }

    #[inline]
    fn fetch(&mut self, _me: Pid, into: &mut Vec<Signal>) {
        self.shared.table.slot(self.current).fetch(into);
    }

    fn register(&mut self, name: Atom, pid: Pid) -> bool {
        let Some((_, slot)) = self.shared.table.find(pid) else { return false };
        self.shared.names.register(name, pid, || slot.take_name(pid, name))
    }

    fn unregister(&mut self, name: Atom) -> Option<Pid> {
        self.unregister_holder(name, None)
    }

    fn whereis(&mut self, name: Atom) -> Option<Pid> {
        self.shared.names.find(name)
    }

    fn registered(&mut self) -> Vec<Atom> {
        self.shared.names.all()
    }

    fn name_of(&mut self, pid: Pid) -> Option<Atom> {
        self.shared.table.find(pid).and_then(|(_, slot)| slot.name(pid))
    }

    fn drop_name(&mut self, me: Pid) {
        if let Some(name) = self.shared.table.slot(self.current).name(me) {
            self.unregister_holder(name, Some(me));
        }
    }

    fn start_timer(&mut self, me: Pid, timer: NewTimer) {
        let NewTimer { id, deadline, target, message } = timer;
        self.shared.timers.start(id, deadline, target, message);
        if let TimerTarget::Pid(pid) = target
            && pid != me
        {
            // Noted after the start: a target that closes its slot in between does not see the timer.
            let noted = self.shared.table.find(pid).is_some_and(|(_, slot)| slot.timed_by_another(pid));
            if !noted {
                self.shared.timers.cancel(id);
            }
        }
    }

    fn cancel_timer(&mut self, id: TimerId) -> Option<Deadline> {
        self.shared.timers.cancel(id)
    }

    fn read_timer(&mut self, id: TimerId) -> Option<Deadline> {
        self.shared.timers.read(id)
    }

    fn drop_timers(&mut self, me: Pid) {
        self.shared.timers.drop_own(me);
    }

    fn processes(&mut self) -> Vec<Pid> {
        self.shared.table.pids()
    }

    fn exists(&mut self, pid: Pid) -> bool {
        self.shared.table.find(pid).is_some_and(|(_, slot)| slot.holder() == Some(pid))
    }

    fn close_inbox(&mut self, me: Pid, into: &mut Vec<Signal>) {
        let shared = self.shared;
        let slot = shared.table.slot(self.current);
        let left = loop {
            match slot.close(into) {
                Ok(left) => break left,
                // A name that another process gave it.
                Err(name) => {
                    self.unregister_holder(name, Some(me));
                    slot.drop_name(me, name);
                }
            }
        };
        if left.armed {
            shared.timers.cancel_wake(me);
        }
        if left.timed_by_others {
            shared.timers.drop_all_to(me);
        }
    }

    fn next_monotonic_integer(&mut self) -> i64 {
        self.shared.last_integer.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn entropy(&mut self, me: Pid) -> u64 {
        let count = self.shared.table.slot(self.current).count_entropy();
        self.shared.seed.draw(me.payload(), count)
    }

    fn strong_random(&mut self, me: Pid, into: &mut [u8]) {
        if !self.shared.seed.fill(into) {
            super::fill_drawn(into, || self.entropy(me));
        }
    }

    fn code(&self) -> &Arc<CodeServer> {
        &self.shared.code
    }

    fn policy(&self) -> Policy {
        self.shared.policy
    }

    fn schedulers(&self) -> u32 {
        self.shared.threads as u32
    }

    fn readiness(&mut self, version: Version) -> Option<Readiness> {
        self.shared.loads.lock().get(&version).copied()
    }

    fn begin_load(
        &mut self,
        parent: &mut Control,
        version: Version,
        new: NewProcess,
    ) -> Result<Readiness, SpawnError> {
        let mut loads = self.shared.loads.lock();
        if let Some(&known) = loads.get(&version) {
            return Ok(known);
        }
        let loading = Readiness::Loading(self.spawn(parent, new)?);
        loads.insert(version, loading);
        Ok(loading)
    }

    fn loaded(&mut self, version: Version, accepted: bool) {
        let mut loads = self.shared.loads.lock();
        if accepted {
            loads.insert(version, Readiness::Ready);
        } else {
            loads.remove(&version);
        }
    }

    fn output(&mut self, _me: Pid, text: &str) {
        self.tally.wrote(text.len());
        self.shared.sink.output(text);
    }

    fn report(&mut self, report: Report) {
        if !self.log(&report) {
            let entry = self.shared.services.entry();
            self.shared.sink.report(&report, entry, &self.shared.own_code.view().literals);
        }
    }

    fn halt(&mut self, status: i32) {
        self.shared.finish(End::Halted(status));
    }

    #[inline]
    fn tables(&mut self) -> &mut dyn Tables {
        &mut self.tables
    }

    fn persistent_terms(&mut self) -> Arc<PersistentTerms> {
        Arc::clone(&self.shared.persistent.lock())
    }

    fn change_persistent_terms(&mut self, change: &mut dyn FnMut(&mut PersistentTerms)) {
        change(Arc::make_mut(&mut self.shared.persistent.lock()));
    }
}

impl Cells for Local<'_> {
    fn make_cell(&mut self, id: RefId, cell: Cell) -> Arc<Handle> {
        self.shared.cells.lock().add(HandleKind::Cell, id, Arc::new(Lock::new(cell)))
    }

    fn with_cell(&mut self, id: RefId, act: &mut dyn FnMut(&mut Cell)) {
        let cell = Arc::clone(self.shared.cells.lock().get(id));
        act(&mut cell.lock());
    }

    fn let_go_cell(&mut self, handle: Arc<Handle>) {
        let id = handle.id;
        // Gone before the lock is taken: of two threads that let go at once, the later one sees none left.
        drop(handle);
        self.shared.cells.lock().let_go(id);
    }
}

impl Oracles for Local<'_> {
    fn choose(&mut self, me: Pid, arity: u32) -> u32 {
        (self.entropy(me) % u64::from(arity)) as u32
    }
}

impl Counters for Local<'_> {
    fn make_counters(&mut self, id: RefId, shape: Shape) -> Arc<Handle> {
        self.shared.arrays.make(id, shape)
    }

    fn counters_shape(&mut self, id: RefId) -> Shape {
        self.shared.arrays.shape(&mut self.arrays, id)
    }

    fn change_counter(&mut self, id: RefId, index: usize, change: Change) -> Option<u64> {
        self.shared.arrays.change(&mut self.arrays, id, index, change)
    }

    fn let_go_counters(&mut self, handle: Arc<Handle>) {
        self.shared.arrays.let_go(handle);
    }
}

impl Environment for Local<'_> {
    fn variables(&mut self, f: &mut dyn FnMut(&mut Variables)) {
        f(&mut self.shared.variables.lock());
    }

    fn os_process(&self) -> u32 {
        environment::os_process()
    }
}

impl Accounts for Local<'_> {
    #[inline]
    fn spent(&mut self, spent: Spent) {
        self.tally.spent(spent);
    }

    fn figures(&mut self) -> Figures {
        let mut figures = Figures { runtime_ms: crate::time::os::cpu_time_ms(), ..Figures::default() };
        self.shared.tallies.iter().for_each(|tally| tally.add_to(&mut figures));
        figures
    }

    fn run_queues(&mut self) -> Vec<usize> {
        let mut lengths: Vec<usize> =
            self.shared.thieves.get().into_iter().flatten().map(Thief::len).collect();
        if let Some(first) = lengths.first_mut() {
            *first += self.queue.ahead_of_thieves();
        }
        lengths
    }

    fn ledger(&mut self, f: &mut dyn FnMut(&mut Ledger)) {
        f(&mut self.shared.ledger.lock());
    }

    fn atoms(&self) -> u64 {
        Atom::count() as u64
    }
}
