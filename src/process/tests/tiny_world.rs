//! A world of a few processes in one vector, one step at a time.
//!
//! Invariant: a signal is in its receiver's inbox when its sender's step ends; nothing happens but what a test
//! asks for.

use crate::bif::{Body, Ctx, EffectResult, Local, lookup, native};
use crate::code::server::NoSource;
use crate::code::{CodeError, CodeServer, CodeView, ExportId, WorldCode};
use crate::ets::directory::PlainTables;
use crate::heap::Heap;
use crate::heap::mutator::{Mutator, Term};
use crate::heap::parcel::Parcel;
use crate::heap::policy::Policy;
use crate::heap::read::RefId;
use crate::heap::resource::Handle;
use crate::process::exit::ExitStep;
use crate::process::on_load::{Readiness, Version};
use crate::process::pid::{PathKey, Pid, Serial};
use crate::process::signal::Signal;
use crate::process::{Control, Phase, Process, Waiting};
use crate::ring::{Call, Refused};
use crate::term::{Atom, Word};
use crate::time::{Deadline, Instant, TimerId};
use crate::world::accounts::{Accounts, Figures, Ledger, Spent};
use crate::world::cells::{Cell, Cells, PlainCells};
use crate::world::code::Code;
use crate::world::counters::{Change, Counters, PlainCounters, Shape};
use crate::world::environment::{Environment, Variables};
use crate::world::io::Io;
use crate::world::oracles::Oracles;
use crate::world::services::{Input, Services};
use crate::world::{
    NewProcess, NewTimer, NoProcess, Op, PersistentTerms, Report, SpawnError, Tables, TimerTarget, World,
};
use std::sync::Arc;

#[derive(Clone)]
pub struct Slot {
    pub inbox: Vec<Signal>,
    pub closed: bool,
    name: Option<Atom>,
}

#[derive(Clone)]
pub struct TinyWorld {
    pub slots: Vec<Slot>,
    /// Processes made by a step, not yet with the others.
    born: Vec<Process>,
    timers: Vec<(TimerId, Deadline, TimerTarget, Parcel)>,
    persistent: Arc<PersistentTerms>,
    tables: PlainTables,
    integers: i64,
    pub counters: PlainCounters,
    pub cells: PlainCells,
    variables: Variables,
    figures: Figures,
    ledger: Ledger,
    code: Arc<CodeServer>,
    /// Visible operations that an ending process may still do.
    permits: u32,
    pub halted: Option<i32>,
}

/// The world and its processes; number `i` has the pid `i + 1`.
#[derive(Clone)]
pub struct Village {
    pub world: TinyWorld,
    pub processes: Vec<Process>,
}

pub fn pid_of(number: usize) -> Pid {
    Pid::numbered(Serial(number as u64 + 1))
}

fn number_of(pid: Pid) -> usize {
    pid.serial().0 as usize - 1
}

impl Village {
    /// Processes that wait for messages, whose group leader is somebody else.
    pub fn new(count: usize) -> Village {
        let world = TinyWorld {
            slots: Vec::new(),
            born: Vec::new(),
            timers: Vec::new(),
            persistent: Arc::default(),
            tables: PlainTables::default(),
            integers: 0,
            counters: PlainCounters::default(),
            cells: PlainCells::default(),
            variables: Variables::simulated(),
            figures: Figures::default(),
            ledger: Ledger::default(),
            code: Arc::new(CodeServer::new(Box::new(NoSource))),
            permits: 0,
            halted: None,
        };
        let mut village = Village { world, processes: Vec::new() };
        for _ in 0..count {
            let mut process = village.world.open();
            process.control.group_leader = pid_of(998);
            process.control.initial_call = (Atom::ERLANG, Atom::APPLY, 2);
            process.control.waiting = Waiting::Receive(None);
            village.processes.push(process);
        }
        village
    }

    /// The process handles what has arrived.
    pub fn handle_signals(&mut self, number: usize) {
        for signal in std::mem::take(&mut self.world.slots[number].inbox) {
            self.processes[number].handle(signal, &mut self.world).expect("the heaps have room");
        }
        let process = &mut self.processes[number];
        for request in std::mem::take(&mut process.control.collect_requests) {
            let value = Parcel::immediate(Word::TRUE);
            let reply = Signal::Reply { request: request.request, value };
            let _ = self.world.send(process.control.pid, request.from, reply);
        }
    }

    /// One visible step of a process that is ending.
    pub fn exit_step(&mut self, number: usize) {
        self.world.permits = 1;
        if self.processes[number].exit_steps(&mut self.world) == ExitStep::Gone {
            assert!(matches!(self.processes[number].control.phase, Phase::Gone), "it says so");
        }
        self.world.permits = 0;
    }

    pub fn is_running(&self, number: usize) -> bool {
        matches!(self.processes[number].control.phase, Phase::Running)
    }

    pub fn is_exiting(&self, number: usize) -> bool {
        matches!(self.processes[number].control.phase, Phase::Exiting(_))
    }

    /// Calls a native function with arguments that lie on the process's heap.
    pub fn call<'a>(
        &'a mut self,
        number: usize,
        module: Atom,
        function: Atom,
        arguments: &[Word],
    ) -> EffectResult<'a> {
        let export = ExportId::new(module, function, arguments.len() as u32);
        let row = lookup(export);
        let row = row.unwrap_or_else(|| panic!("{module:?}:{function:?}/{} has no row", arguments.len()));
        let arguments: Vec<Term<'a>> = arguments.iter().map(|&w| Term::of(w)).collect();
        let process = &mut self.processes[number];
        let mut m = Mutator::new(&mut process.heap);
        let control = &mut process.control;
        match native(row).body {
            Body::Guard(f) | Body::Pure(f) => f(&mut m, &arguments).map(Into::into),
            Body::Local(f) => f(&mut Local { m, control }, &arguments),
            Body::Effect(f, visible) => {
                let words: Vec<u64> = arguments.iter().map(|t| t.word().0).collect();
                let _ = visible.op(m.heap(), control, &mut self.world, &words);
                f(&mut Ctx { m, control, world: &mut self.world }, &arguments)
            }
        }
    }

    /// Takes in processes that a step made; they wait.
    pub fn adopt(&mut self) {
        for mut process in std::mem::take(&mut self.world.born) {
            process.control.waiting = Waiting::Receive(None);
            self.processes.push(process);
        }
    }

    /// Everything that is on its way happens, in order of the processes' numbers.
    pub fn settle(&mut self) {
        loop {
            self.adopt();
            self.world.fire_timers();
            let busy = |i: &usize| !self.world.slots[*i].inbox.is_empty() || self.is_exiting(*i);
            let Some(number) = (0..self.processes.len()).find(busy) else { return };
            if self.is_exiting(number) {
                self.exit_step(number);
            } else {
                self.handle_signals(number);
            }
        }
    }
}

impl TinyWorld {
    fn open(&mut self) -> Process {
        let pid = pid_of(self.slots.len());
        self.slots.push(Slot { inbox: Vec::new(), closed: false, name: None });
        Process::new(Heap::new(Arc::default(), Policy::default()), pid, PathKey::ROOT)
    }

    fn slot(&mut self, pid: Pid) -> Option<&mut Slot> {
        self.slots.get_mut(number_of(pid)).filter(|slot| !slot.closed)
    }

    fn fire_timers(&mut self) {
        let now = Deadline(self.now());
        let due: Vec<_> = self.timers.extract_if(.., |timer| timer.1 <= now).collect();
        for (_, _, target, message) in due {
            let to = match target {
                TimerTarget::Pid(pid) => Some(pid),
                TimerTarget::Name(name) => self.whereis(name),
            };
            if let Some(to) = to {
                let _ = self.send(to, to, Signal::Message(message));
            }
        }
    }
}

impl Io for TinyWorld {
    fn io(&mut self, _me: Pid, _call: Call) -> Result<(), Refused> {
        Err(Refused::NotFound)
    }

    fn owns_descriptors(&mut self, _me: Pid) -> bool {
        false
    }
}

impl Services for TinyWorld {
    fn read_input(&mut self, _me: Pid) -> Input {
        Input::Ended
    }

    fn error_output(&mut self, _me: Pid, _text: &str) {}

    fn ready(&mut self, _leader: Pid) {}

    fn finish(&mut self) {}
}

impl World for TinyWorld {
    fn asks(&self) -> bool {
        true
    }

    fn permit(&mut self, _me: Pid, _op: Op) -> bool {
        let may = self.permits > 0;
        self.permits = self.permits.saturating_sub(1);
        may
    }

    fn now(&mut self) -> Instant {
        Instant { ns: 1_000_000_000 }
    }

    fn system_offset_ns(&self) -> i64 {
        1_700_000_000_000_000_000
    }

    fn spawn(&mut self, parent: &mut Control, child: NewProcess) -> Result<Pid, SpawnError> {
        let mut process = self.open();
        let birth = process.begin(Some(parent.pid), &child).expect("the heaps have room");
        let pid = process.control.pid;
        self.born.push(process);
        if let Some(signal) = birth.for_parent {
            self.send(parent.pid, parent.pid, signal).expect("a parent's inbox is open");
        }
        Ok(pid)
    }

    fn send(&mut self, _from: Pid, to: Pid, signal: Signal) -> Result<(), NoProcess> {
        match self.slot(to) {
            Some(slot) => {
                slot.inbox.push(signal);
                Ok(())
            }
            None => Err(NoProcess(signal)),
        }
    }

    fn fetch(&mut self, me: Pid, into: &mut Vec<Signal>) {
        into.append(&mut self.slots[number_of(me)].inbox);
    }

    fn register(&mut self, name: Atom, pid: Pid) -> bool {
        let taken = self.whereis(name).is_some();
        match self.slot(pid) {
            Some(slot) if !taken && slot.name.is_none() => {
                slot.name = Some(name);
                true
            }
            _ => false,
        }
    }

    fn unregister(&mut self, name: Atom) -> Option<Pid> {
        let pid = self.whereis(name)?;
        self.slots[number_of(pid)].name = None;
        Some(pid)
    }

    fn whereis(&mut self, name: Atom) -> Option<Pid> {
        self.slots.iter().position(|slot| slot.name == Some(name)).map(pid_of)
    }

    fn registered(&mut self) -> Vec<Atom> {
        let mut names: Vec<Atom> = self.slots.iter().filter_map(|slot| slot.name).collect();
        names.sort_by_key(|name| name.text());
        names
    }

    fn name_of(&mut self, pid: Pid) -> Option<Atom> {
        self.slots.get(number_of(pid))?.name
    }

    fn start_timer(&mut self, _me: Pid, timer: NewTimer) {
        self.timers.push((timer.id, timer.deadline, timer.target, timer.message));
    }

    fn cancel_timer(&mut self, id: TimerId) -> Option<Deadline> {
        let deadline = self.read_timer(id)?;
        self.timers.retain(|timer| timer.0 != id);
        Some(deadline)
    }

    fn read_timer(&mut self, id: TimerId) -> Option<Deadline> {
        let timer = self.timers.iter().find(|timer| timer.0 == id)?;
        let (deadline, target) = (timer.1, timer.2);
        match target {
            TimerTarget::Pid(pid) if self.slot(pid).is_none() => None,
            _ => Some(deadline),
        }
    }

    fn drop_timers(&mut self, me: Pid) {
        self.timers.retain(|timer| timer.2 != TimerTarget::Pid(me));
    }

    fn processes(&mut self) -> Vec<Pid> {
        (0..self.slots.len()).filter(|&i| !self.slots[i].closed).map(pid_of).collect()
    }

    fn exists(&mut self, pid: Pid) -> bool {
        self.slot(pid).is_some()
    }

    fn close_inbox(&mut self, me: Pid, into: &mut Vec<Signal>) {
        let slot = &mut self.slots[number_of(me)];
        slot.closed = true;
        slot.name = None;
        into.append(&mut slot.inbox);
        self.drop_timers(me);
    }

    fn next_monotonic_integer(&mut self) -> i64 {
        self.integers += 1;
        self.integers
    }

    fn entropy(&mut self, _me: Pid) -> u64 {
        4
    }

    fn code(&self) -> &Arc<CodeServer> {
        &self.code
    }

    fn policy(&self) -> Policy {
        Policy::default()
    }

    fn readiness(&mut self, _version: Version) -> Option<Readiness> {
        panic!("no code is loaded in this world")
    }

    fn begin_load(
        &mut self,
        _parent: &mut Control,
        _version: Version,
        _new: NewProcess,
    ) -> Result<Readiness, SpawnError> {
        panic!("no code is loaded in this world")
    }

    fn loaded(&mut self, _version: Version, _accepted: bool) {
        panic!("no code is loaded in this world")
    }

    fn schedulers(&self) -> u32 {
        2
    }

    fn output(&mut self, _me: Pid, _text: &str) {}

    fn report(&mut self, _report: Report) {}

    fn halt(&mut self, status: i32) {
        self.halted = Some(status);
    }

    fn tables(&mut self) -> &mut dyn Tables {
        &mut self.tables
    }

    fn persistent_terms(&mut self) -> Arc<PersistentTerms> {
        Arc::clone(&self.persistent)
    }

    fn change_persistent_terms(&mut self, change: &mut dyn FnMut(&mut PersistentTerms)) {
        change(Arc::make_mut(&mut self.persistent));
    }
}

impl Cells for TinyWorld {
    fn make_cell(&mut self, id: RefId, cell: Cell) -> Arc<Handle> {
        self.cells.make_cell(id, cell)
    }

    fn with_cell(&mut self, id: RefId, act: &mut dyn FnMut(&mut Cell)) {
        self.cells.with_cell(id, act);
    }

    fn let_go_cell(&mut self, handle: Arc<Handle>) {
        self.cells.let_go_cell(handle);
    }
}

impl Oracles for TinyWorld {
    fn choose(&mut self, _me: Pid, _arity: u32) -> u32 {
        0
    }
}

impl Counters for TinyWorld {
    fn make_counters(&mut self, id: RefId, shape: Shape) -> Arc<Handle> {
        self.counters.make_counters(id, shape)
    }

    fn counters_shape(&mut self, id: RefId) -> Shape {
        self.counters.counters_shape(id)
    }

    fn change_counter(&mut self, id: RefId, index: usize, change: Change) -> Option<u64> {
        self.counters.change_counter(id, index, change)
    }

    fn let_go_counters(&mut self, handle: Arc<Handle>) {
        self.counters.let_go_counters(handle);
    }
}

impl Code for TinyWorld {
    fn code_version(&self) -> u64 {
        self.code.version()
    }

    fn code_view(&self) -> Arc<CodeView> {
        self.code.view()
    }

    fn ensure_loaded(&mut self, module: Atom) -> Result<(), CodeError> {
        self.code.ensure_loaded(module)
    }

    fn change_code(&mut self, _: &mut dyn FnMut(&mut WorldCode)) {
        panic!("no code is replaced in this world")
    }
}

impl Environment for TinyWorld {
    fn variables(&mut self, f: &mut dyn FnMut(&mut Variables)) {
        f(&mut self.variables);
    }

    fn os_process(&self) -> u32 {
        1
    }
}

impl Accounts for TinyWorld {
    fn spent(&mut self, spent: Spent) {
        self.figures.add(spent);
    }

    fn figures(&mut self) -> Figures {
        self.figures
    }

    fn run_queues(&mut self) -> Vec<usize> {
        vec![0]
    }

    fn ledger(&mut self, f: &mut dyn FnMut(&mut Ledger)) {
        f(&mut self.ledger);
    }

    fn atoms(&self) -> u64 {
        0
    }
}
