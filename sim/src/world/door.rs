//! The world as a slice sees it: [`warpbeam::world::World`] over plain data.
//!
//! A door is the world and the chooser of the run, for as long as somebody runs. Invariant: everything here
//! is constant time and allocates nothing in the steady state, but for what the program itself makes.

use super::slots::NO_SLOT;
use super::timers::Due;
use super::watch::Effect;
use super::{End, SimWorld};
use crate::choice::{Actor, Chooser, Class};
use crate::dependence::{Kind, Mode};
use crate::digest::fold;
use std::sync::Arc;
use warpbeam::code::{CodeError, CodeServer, CodeView, WorldCode};
use warpbeam::heap::policy::Policy;
use warpbeam::heap::read::RefId;
use warpbeam::heap::resource::Handle;
use warpbeam::process::mailbox::Arrival;
use warpbeam::process::on_load::{Readiness, Version};
use warpbeam::process::pid::{Pid, Serial};
use warpbeam::process::signal::Signal;
use warpbeam::process::{Control, Phase};
use warpbeam::term::Atom;
use warpbeam::time::{Deadline, Instant, TimerId};
use warpbeam::world::accounts::{Accounts, Figures, Ledger, Spent};
use warpbeam::world::cells::{Cell, Cells};
use warpbeam::world::code::Code;
use warpbeam::world::counters::{Change, Counters, Shape};
use warpbeam::world::environment::{Environment, Variables};
use warpbeam::world::services::{Input, Services};
use warpbeam::world::{
    NewProcess, NewTimer, NoProcess, Op, PersistentTerms, Report, SpawnError, TableNote, Tables, TimerTarget,
    World,
};

pub(crate) struct Door<'a> {
    pub world: &'a mut SimWorld,
    pub chooser: &'a mut dyn Chooser,
}

/// Virtual time 0 is 2024-01-01T00:00:00Z.
pub(super) const SYSTEM_OFFSET_NS: i64 = 1_704_067_200_000_000_000;

/// Words of world memory that a new process must at least find free.
const SPAWN_WORDS: usize = 48;

impl Services for Door<'_> {
    /// Nobody types in a simulation.
    fn read_input(&mut self, _me: Pid) -> Input {
        Input::Ended
    }

    fn error_output(&mut self, me: Pid, text: &str) {
        self.output(me, text);
    }

    fn ready(&mut self, leader: Pid) {
        self.world.leader = Some(leader);
    }

    fn finish(&mut self) {}
}

impl World for Door<'_> {
    fn asks(&self) -> bool {
        true
    }

    fn permit(&mut self, _me: Pid, op: Op) -> bool {
        self.world.permit(op, self.chooser)
    }

    fn took(&mut self, _me: Pid, message: Arrival) {
        let world = &mut *self.world;
        if world.scratch {
            return world.probe_says(true);
        }
        if let Some(watch) = &mut world.watch {
            watch.took(world.slots.at(world.running).serial, message.0);
        }
        let slot = world.slots.at_mut(world.running);
        slot.taken += 1;
        let serial = slot.serial;
        if let Some(keep) = &mut world.keep {
            keep.took(serial, message);
        }
    }

    fn gave_up(&mut self, _me: Pid) {
        let world = &mut *self.world;
        if world.scratch {
            return world.probe_says(false);
        }
        if let Some(watch) = &mut world.watch {
            watch.gave_up(world.slots.at(world.running).serial);
        }
    }

    fn now(&mut self) -> Instant {
        self.world.now
    }

    fn system_offset_ns(&self) -> i64 {
        SYSTEM_OFFSET_NS
    }

    fn spawn(&mut self, parent: &mut Control, child: NewProcess) -> Result<Pid, SpawnError> {
        let world = &mut *self.world;
        if !world.has_room(SPAWN_WORDS) {
            return Err(SpawnError::SystemLimit);
        }
        let slot = world.slots.at_mut(world.running);
        slot.children += 1;
        let (nth, parent_serial) = (slot.children, slot.serial);
        let serial = world.births.child(parent_serial, nth);
        let path = parent.path.child(nth - 1);
        let pid = Pid::named(path, Serial(u64::from(serial)));
        let pid = if child.port { pid.port() } else { pid };
        let birth = world.admit(pid, path, Some(parent.pid), &child)?;
        if let Some(watch) = &mut world.watch {
            watch.effects.push(Effect::Spawned { serial });
        }
        if let Some(signal) = birth.for_parent {
            let sent = world.post(parent.pid, parent.pid, signal);
            assert!(sent.is_ok(), "a running process's own inbox is open");
        }
        let mfa = fold(child.module.digest(), child.function.digest());
        world.mix_local(world.running, fold(mfa, world.births.hash(serial)));
        if let Some(keep) = &mut world.keep {
            keep.spawned(parent_serial, serial, child.initial_call);
        }
        world.shadow.spawned(parent.pid, pid, child.link, child.monitor);
        Ok(pid)
    }

    fn send(&mut self, from: Pid, to: Pid, signal: Signal) -> Result<(), NoProcess> {
        if self.world.scratch {
            return Ok(());
        }
        self.world.post(from, to, signal)
    }

    fn fetch(&mut self, _me: Pid, into: &mut Vec<Signal>) {
        let world = &mut *self.world;
        if world.scratch {
            return;
        }
        let slot = world.slots.at_mut(world.running);
        if slot.inbox.is_empty() {
            return;
        }
        // Mostly there is one.
        if slot.inbox.len() == 1
            && let Some(signal) = slot.inbox.pop()
        {
            let count =
                if matches!(signal, Signal::Message(_)) { &mut slot.messages } else { &mut slot.others };
            *count += 1;
            into.push(signal);
            return;
        }
        let messages = slot.inbox.iter().filter(|s| matches!(s, Signal::Message(_))).count() as u64;
        slot.messages += messages;
        slot.others += slot.inbox.len() as u64 - messages;
        into.append(&mut slot.inbox);
    }

    fn register(&mut self, name: Atom, pid: Pid) -> bool {
        let world = &mut *self.world;
        world.touch(Kind::NameOf, pid, Mode::Write);
        world.touch(Kind::Closed, pid, Mode::Read);
        let Some(at) = world.slots.of_pid(pid) else { return world.answered(u64::from(false)) };
        let slot = world.slots.at_mut(at);
        let free = !slot.closed && slot.name.is_none() && world.names.get(name).is_none();
        if free {
            slot.name = Some(name);
            world.names.insert(name, pid);
        }
        if let Some(keep) = &mut world.keep {
            keep.registered(name, pid, free);
        }
        world.answered(u64::from(free))
    }

    fn unregister(&mut self, name: Atom) -> Option<Pid> {
        let pid = self.world.names.remove(name);
        if let Some(pid) = pid {
            self.world.touch(Kind::NameOf, pid, Mode::Write);
        }
        if let Some(at) = pid.and_then(|pid| self.world.slots.of_pid(pid)) {
            self.world.slots.at_mut(at).name = None;
        }
        self.world.found(name, pid, "unregister")
    }

    fn whereis(&mut self, name: Atom) -> Option<Pid> {
        let pid = self.world.names.get(name);
        self.world.found(name, pid, "whereis")
    }

    fn registered(&mut self) -> Vec<Atom> {
        let names = self.world.names.sorted();
        names.iter().for_each(|name| self.world.mix_running(name.digest()));
        names
    }

    fn name_of(&mut self, pid: Pid) -> Option<Atom> {
        self.world.slots.of_pid(pid).and_then(|at| self.world.slots.at(at).name)
    }

    fn start_timer(&mut self, _me: Pid, timer: NewTimer) {
        let world = &mut *self.world;
        let owner = world.slots.at(world.running).serial;
        let actor = Actor::Timer { owner, count: timer.id.count as u32 };
        let digest = crate::digest::Digest(timer.deadline.0.ns).parcel(&timer.message, &world.births);
        world.mix_running(digest.0);
        if let Some(keep) = &mut world.keep {
            keep.timer_started(owner, actor, &timer);
        }
        let NewTimer { id, deadline, target, message } = timer;
        world.touch_object(Kind::Deadline, deadline.0.ns, Mode::Write);
        if let TimerTarget::Pid(pid) = target {
            world.touch(Kind::Closed, pid, Mode::Read);
        }
        world.touch_timer(id, Mode::Write);
        if let TimerTarget::Pid(pid) = target
            && world.slots.of_pid(pid).is_none_or(|at| world.slots.at(at).closed)
        {
            return;
        }
        let cause = world.steps();
        world.timers.start(deadline, actor, Due::Send { id, target, message }, cause);
    }

    fn cancel_timer(&mut self, id: TimerId) -> Option<Deadline> {
        self.world.touch_timer(id, Mode::Write);
        let deadline = self.world.timers.stop_id(id);
        if let Some(deadline) = deadline {
            self.world.note_stopped(deadline);
        }
        self.world.mix_running(deadline.map_or(0, |d| d.0.ns));
        deadline
    }

    fn read_timer(&mut self, id: TimerId) -> Option<Deadline> {
        self.world.touch_timer(id, Mode::Read);
        let deadline = self.world.timers.deadline_of(id);
        self.world.mix_running(deadline.map_or(0, |d| d.0.ns));
        deadline
    }

    fn drop_timers(&mut self, me: Pid) {
        self.world.stop_timers_to(me);
    }

    fn processes(&mut self) -> Vec<Pid> {
        let world = &mut *self.world;
        let running = world.running;
        let slots = &world.slots;
        let alive = |at: &u32| {
            let process = slots.at(*at).process.as_deref();
            *at == running || process.is_some_and(|p| matches!(p.control.phase, Phase::Running))
        };
        let pids: Vec<Pid> = slots.live().filter(alive).map(|at| slots.at(at).pid).collect();
        for pid in &pids {
            let hash = world.births.pid_hash(*pid);
            world.mix_running(hash);
        }
        pids
    }

    fn exists(&mut self, pid: Pid) -> bool {
        self.world.touch(Kind::Closed, pid, Mode::Read);
        let exists = self.world.slots.of_pid(pid).is_some_and(|at| !self.world.slots.at(at).closed);
        self.world.answered(u64::from(exists)) && exists
    }

    fn close_inbox(&mut self, me: Pid, into: &mut Vec<Signal>) {
        let world = &mut *self.world;
        let slot = world.slots.at_mut(world.running);
        slot.closed = true;
        into.append(&mut slot.inbox);
        // Somebody may have named it since it gave its name up.
        if let Some(name) = slot.name.take() {
            world.names.remove(name);
        }
        if !world.timers.is_empty() {
            world.stop_timers_to(me);
        }
        world.shadow.closed(me);
    }

    fn next_monotonic_integer(&mut self) -> i64 {
        self.world.next_integer()
    }

    fn entropy(&mut self, _me: Pid) -> u64 {
        let world = &mut *self.world;
        if world.scratch {
            return 0;
        }
        let slot = world.slots.at_mut(world.running);
        slot.entropy_asked += 1;
        fold(fold(world.settings.seed, slot.hash), u64::from(slot.entropy_asked))
    }

    fn collect_now(&mut self, _me: Pid) -> bool {
        let now = !self.world.scratch && self.world.ask_own(Class::Collect, 2, self.chooser) == 1;
        self.world.mix_running(u64::from(now));
        now
    }

    fn code(&self) -> &Arc<CodeServer> {
        self.world.code.server()
    }

    fn policy(&self) -> Policy {
        self.world.policy
    }

    fn readiness(&mut self, version: Version) -> Option<Readiness> {
        self.world.loads.get(&version).copied()
    }

    fn begin_load(
        &mut self,
        parent: &mut Control,
        version: Version,
        new: NewProcess,
    ) -> Result<Readiness, SpawnError> {
        let known = self.world.loads.get(&version).copied();
        self.world.mix_running(u64::from(known.is_some()) + u64::from(known == Some(Readiness::Ready)));
        if let Some(known) = known {
            return Ok(known);
        }
        let loading = Readiness::Loading(self.spawn(parent, new)?);
        self.world.loads.insert(version, loading);
        Ok(loading)
    }

    fn loaded(&mut self, version: Version, accepted: bool) {
        self.world.mix_running(u64::from(accepted));
        if accepted {
            self.world.loads.insert(version, Readiness::Ready);
        } else {
            self.world.loads.remove(&version);
        }
    }

    fn output(&mut self, _me: Pid, text: &str) {
        let world = &mut *self.world;
        world.output.push_str(text);
        world.figures.output_bytes += text.len() as u64;
        let at = world.running;
        let local = world.slots.at(at).local.text(text);
        world.slots.at_mut(at).local = local;
        let serial = world.slots.at(at).serial;
        if let Some(keep) = &mut world.keep {
            keep.output(serial, text);
        }
    }

    fn report(&mut self, report: Report) {
        if !self.world.scratch {
            self.world.log(&report);
            self.world.reports.push(report);
        }
    }

    fn halt(&mut self, status: i32) {
        self.world.mix_running(status as u64);
        if let Some(violation) = crate::oracle::on_halt(self.world, status) {
            self.world.end(End::Violation(Box::new(violation)));
        }
        // A world that is watched goes on after a violation.
        self.world.end(End::Halted(status));
    }

    fn tables(&mut self) -> &mut dyn Tables {
        &mut self.world.tables
    }

    fn note_table(&mut self, note: TableNote<'_>) {
        self.world.noted_table(&note);
    }

    fn persistent_terms(&mut self) -> Arc<PersistentTerms> {
        Arc::clone(&self.world.persistent)
    }

    fn change_persistent_terms(&mut self, change: &mut dyn FnMut(&mut PersistentTerms)) {
        change(Arc::make_mut(&mut self.world.persistent));
    }
}

impl Cells for Door<'_> {
    fn make_cell(&mut self, id: RefId, cell: Cell) -> Arc<Handle> {
        self.world.cells.make_cell(id, cell)
    }

    fn with_cell(&mut self, id: RefId, act: &mut dyn FnMut(&mut Cell)) {
        self.world.cells.with_cell(id, act);
    }

    fn let_go_cell(&mut self, handle: Arc<Handle>) {
        self.world.cells.let_go_cell(handle);
    }
}

impl Counters for Door<'_> {
    fn make_counters(&mut self, id: RefId, shape: Shape) -> Arc<Handle> {
        self.world.counters.make_counters(id, shape)
    }

    fn counters_shape(&mut self, id: RefId) -> Shape {
        self.world.counters.counters_shape(id)
    }

    fn change_counter(&mut self, id: RefId, index: usize, change: Change) -> Option<u64> {
        let old = self.world.counters.change_counter(id, index, change);
        let both = old.map_or(0, |old| fold(old, change.of(old)));
        match change {
            // Who only adds is not told what it was: additions commute.
            Change::Add(_) => self.world.mix_sent(both),
            _ => self.world.mix_running(both),
        }
        old
    }

    fn let_go_counters(&mut self, handle: Arc<Handle>) {
        self.world.counters.let_go_counters(handle);
    }
}

impl Code for Door<'_> {
    fn code_version(&self) -> u64 {
        self.world.code.version()
    }

    fn code_view(&self) -> Arc<CodeView> {
        self.world.code.view()
    }

    fn ensure_loaded(&mut self, module: Atom) -> Result<(), CodeError> {
        self.world.code.ensure_loaded(module)
    }

    fn change_code(&mut self, f: &mut dyn FnMut(&mut WorldCode)) {
        f(&mut self.world.code);
    }
}

impl Environment for Door<'_> {
    fn variables(&mut self, f: &mut dyn FnMut(&mut Variables)) {
        self.world.variables_used = true;
        f(&mut self.world.variables);
    }

    fn os_process(&self) -> u32 {
        OS_PROCESS
    }
}

impl Accounts for Door<'_> {
    fn spent(&mut self, spent: Spent) {
        self.world.figures.add(spent);
    }

    /// Processor time is virtual time, and each event is a switch: how often a slice ends is no matter of the program.
    fn figures(&mut self) -> Figures {
        let (runtime_ms, context_switches) = (self.world.now.ns / 1_000_000, self.world.steps());
        Figures { runtime_ms, context_switches, ..self.world.figures }
    }

    fn run_queues(&mut self) -> Vec<usize> {
        vec![self.world.runnable.len().saturating_sub(1)]
    }

    fn ledger(&mut self, f: &mut dyn FnMut(&mut Ledger)) {
        f(&mut self.world.ledger);
    }

    fn atoms(&self) -> u64 {
        ATOMS
    }
}

/// What a simulated world says of how many atoms there are: the true number depends on other runs.
const ATOMS: u64 = 10_000;

/// The number of the operating system's process that a simulated world says it is.
const OS_PROCESS: u32 = 1;

impl SimWorld {
    /// Mixes in something that happens in the running process's step, or after the last event if nobody runs.
    #[inline]
    pub(crate) fn mix_running(&mut self, value: u64) {
        self.mix_sent(value);
        if let Some(watch) = &mut self.watch
            && self.running != NO_SLOT
        {
            watch.remembers(self.slots.at(self.running).serial, value);
        }
    }

    /// The same of something that it does and is not told of.
    #[inline]
    pub(crate) fn mix_sent(&mut self, value: u64) {
        if self.running == NO_SLOT {
            self.digest = self.digest.mix(value);
        } else {
            self.mix_local(self.running, value);
        }
    }

    /// Mixes a yes or no that the program was told, and passes it on.
    fn answered(&mut self, value: u64) -> bool {
        self.mix_running(value);
        value != 0
    }

    fn found(&mut self, name: Atom, pid: Option<Pid>, question: &'static str) -> Option<Pid> {
        let hash = pid.map_or(0, |pid| self.births.pid_hash(pid));
        self.mix_running(fold(name.digest(), hash));
        if let Some(keep) = &mut self.keep {
            keep.found(self.slots.at(self.running).serial, question, name, pid);
        }
        pid
    }

    fn next_integer(&mut self) -> i64 {
        self.monotonic += 1;
        self.mix_running(self.monotonic as u64);
        self.monotonic
    }
}
