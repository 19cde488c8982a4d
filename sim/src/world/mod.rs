//! The simulated world: processes, signals, names, timers and time as plain data, on one thread.
//!
//! No lock and no atomic; nothing here is shared. Invariant: a world is a value. A clone of it that is asked
//! the same questions gives the same answers, whatever happens to the original; a reset world runs as a new
//! one does, in the memory of the old.
//!
//! How a run goes: processes that were started or woken are *advanced*, that is, run up to their next
//! visible operation. What lies before it commutes with everything. When all operations that could come next
//! are known, the chooser is asked who acts ([`step`]); the chosen process does its operation and goes on
//! to its next one.

mod books;
mod claims;
mod copy;
pub mod crash;
pub mod door;
pub mod drive;
pub mod io;
mod links;
mod log;
pub mod names;
pub mod post;
pub mod runnable;
pub mod settings;
pub mod setup;
pub mod slots;
pub mod step;
pub mod tables;
pub mod timers;
mod touch;
pub mod watch;

use crate::choice::{Actor, Class, Opt, Pick};
use crate::digest::Digest;
use crate::name::{Births, ENTRY};
use crate::oracle::claims::{Claims, Made};
use crate::oracle::{Shadow, Violation};
use crate::trace::Keep;
use names::Names;
use post::Channels;
use runnable::Runnable;
use settings::Settings;
use slots::{Slots, State};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use timers::Timers;
use warpbeam::code::{CodeServer, CodeView, WorldCode};
use warpbeam::ets::directory::PlainTables;
use warpbeam::heap::Heap;
use warpbeam::heap::literal::Literals;
use warpbeam::heap::parcel::Parcel;
use warpbeam::heap::policy::Policy;
use warpbeam::process::Process;
use warpbeam::process::birth::Birth;
use warpbeam::process::on_load::{Readiness, Version};
use warpbeam::process::pid::{PathKey, Pid, Serial};
use warpbeam::term::Atom;
use warpbeam::time::Instant;
use warpbeam::world::accounts::{Figures, Ledger};
use warpbeam::world::cells::PlainCells;
use warpbeam::world::counters::PlainCounters;
use warpbeam::world::environment::Variables;
use warpbeam::world::{NewProcess, Op, OpKind, PersistentTerms, Report, SpawnError};

/// How a run begins: the call that the entry process makes.
#[derive(Clone, Debug)]
pub struct Entry {
    pub module: Atom,
    pub function: Atom,
    /// A list.
    pub arguments: Parcel,
    pub arity: u32,
}

/// How a run ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// Nothing can happen any more, or the entry process has ended and the others had time to settle.
    Quiet,
    /// Cut by the step limit.
    StepLimit,
    /// The program asked for it.
    Halted(i32),
    Violation(Box<Violation>),
}

/// What a run came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    pub end: End,
    pub steps: u64,
    pub choices: u64,
    pub digest: Digest,
    /// What the program claimed of all runs together.
    pub claims: Option<Box<[Made]>>,
}

/// Who acted last: the place of the next choice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Last {
    pub actor: Actor,
    pub count: u32,
}

pub struct SimWorld {
    pub settings: Settings,
    pub(crate) code: WorldCode,
    literals: Arc<Literals>,
    policy: Policy,
    pub(crate) slots: Slots,
    pub(crate) births: Births,
    pub(crate) runnable: Runnable,
    /// Slots to be advanced, in order of waking.
    pub(crate) advance: VecDeque<u32>,
    pub(crate) channels: Channels,
    pub(crate) timers: Timers,
    pub(crate) names: Names,
    /// What became of `on_load` functions.
    pub(crate) loads: BTreeMap<Version, Readiness>,
    pub(crate) now: Instant,
    /// Virtual time that timers may still save.
    pub(crate) budget_ns: u64,
    /// When the run ends after the entry process has.
    pub(crate) settled: Option<Instant>,
    /// The slot that runs.
    pub(crate) running: u32,
    /// Whether the running slot's next operation is permitted.
    pub(crate) granted: bool,
    /// Who was picked to act next.
    pub(crate) next: Option<Actor>,
    pub(crate) last: Last,
    /// Whoever acted last lets the others go first.
    pub(crate) gives_way: bool,
    pub(crate) listens: bool,
    pub(crate) ended: Option<End>,
    /// Events after which the run is interrupted.
    pub(crate) pause_at: u64,
    steps: u64,
    choices: u64,
    digest: Digest,
    /// Picks that were not dull.
    picks: Vec<Pick>,
    monotonic: i64,
    persistent: Arc<PersistentTerms>,
    pub(crate) tables: PlainTables,
    pub(crate) counters: PlainCounters,
    pub(crate) cells: PlainCells,
    pub(crate) ring: io::SimRing,
    /// The machine has stopped, and is to start again.
    pub(crate) crashing: bool,
    /// Choices that crashes have asked for.
    pub(crate) crash_choices: u32,
    /// What begins again after a crash, where there can be one.
    pub(crate) program: Option<Arc<crash::Program>>,
    pub(crate) variables: Variables,
    /// The program has asked for its environment, and may have changed it.
    pub(crate) variables_used: bool,
    pub(crate) figures: Figures,
    pub(crate) ledger: Ledger,
    words: usize,
    /// What the entry function returned.
    pub(crate) result: Option<Parcel>,
    /// The group leader of the entry process, where services have started.
    pub(crate) leader: Option<Pid>,
    pub(crate) output: String,
    pub(crate) reports: Vec<Report>,
    pub(crate) shadow: Shadow,
    /// What the program has said about itself.
    pub(crate) claims: Claims,
    /// The run is cut, and goes on fairly for what it still owes.
    pub(crate) tail: bool,
    /// What an exploring run notes of its events.
    pub(crate) watch: Option<Box<watch::Watch>>,
    /// Serves probes: nothing that a process does here has an effect.
    pub(crate) scratch: bool,
    /// What a kept run remembers beside its picks.
    pub(crate) keep: Option<Box<Keep>>,
}

/// Words of one heap where the settings give no budget: 2^24 (128 MiB).
const CEILING_WORDS: usize = 1 << 24;

impl SimWorld {
    pub fn new(code: Arc<CodeServer>, settings: Settings) -> SimWorld {
        let mut policy = Policy::default();
        policy.exact = true;
        policy.plan = settings.gc;
        policy.ceiling_words = CEILING_WORDS.min(settings.memory_words.unwrap_or(CEILING_WORDS));
        let ring = io::SimRing::new(settings.files.clone(), Arc::clone(&settings.hosts));
        let literals = Arc::clone(&code.view().literals);
        SimWorld {
            settings,
            code: WorldCode::new(code),
            literals,
            policy,
            slots: Slots::default(),
            births: Births::default(),
            runnable: Runnable::default(),
            advance: VecDeque::new(),
            channels: Channels::default(),
            timers: Timers::default(),
            names: Names::default(),
            loads: BTreeMap::new(),
            now: Instant::default(),
            budget_ns: 0,
            settled: None,
            running: slots::NO_SLOT,
            granted: false,
            next: None,
            last: Last { actor: Actor::Process(ENTRY), count: 0 },
            gives_way: false,
            listens: false,
            ended: None,
            pause_at: u64::MAX,
            steps: 0,
            choices: 0,
            digest: Digest::START,
            picks: Vec::new(),
            monotonic: 0,
            persistent: Arc::default(),
            tables: PlainTables::default(),
            counters: PlainCounters::default(),
            cells: PlainCells::default(),
            ring,
            crashing: false,
            crash_choices: 0,
            program: None,
            variables: Variables::simulated(),
            variables_used: false,
            figures: Figures::default(),
            ledger: Ledger::default(),
            words: 0,
            result: None,
            leader: None,
            output: String::new(),
            reports: Vec::new(),
            shadow: Shadow::default(),
            claims: Claims::default(),
            tail: false,
            watch: None,
            scratch: false,
            keep: None,
        }
    }

    /// Forgets the run and keeps the memory.
    pub fn reset(&mut self) {
        self.slots.clear();
        self.births.clear();
        self.forget_all();
        self.code = WorldCode::new(Arc::clone(self.code.server()));
        self.now = Instant::default();
        self.budget_ns = self.settings.time_budget_ns;
        self.last = Last { actor: Actor::Process(ENTRY), count: 0 };
        self.ended = None;
        self.pause_at = u64::MAX;
        self.restart_counts();
        self.ring.clear();
        self.crashing = false;
        self.crash_choices = 0;
        if std::mem::take(&mut self.variables_used) {
            self.variables = Variables::simulated();
        }
        self.figures = Figures::default();
        self.ledger = Ledger::default();
        self.words = 0;
        self.output.clear();
        self.reports.clear();
        self.claims.clear();
        self.tail = false;
        if let Some(watch) = &mut self.watch {
            watch.clear();
        }
        self.keep = None;
        self.policy.plan = self.settings.gc;
    }

    /// What processes had and knew, which goes with the run and with the machine's crash alike.
    fn forget_all(&mut self) {
        self.runnable.clear();
        self.advance.clear();
        self.channels.clear();
        self.timers.clear();
        self.names.clear();
        self.loads.clear();
        self.settled = None;
        self.running = slots::NO_SLOT;
        self.granted = false;
        self.next = None;
        self.gives_way = false;
        self.monotonic = 0;
        self.persistent = Arc::default();
        self.tables.clear();
        self.counters.clear();
        self.cells.clear();
        self.result = None;
        self.leader = None;
        self.shadow.clear();
    }

    /// What a run counts begins at nothing.
    fn restart_counts(&mut self) {
        self.steps = 0;
        self.choices = 0;
        self.digest = Digest::START;
        self.picks.clear();
    }

    /// Makes the entry process. The world is fresh.
    pub fn begin(&mut self, entry: &Entry) {
        assert!(self.births.is_empty(), "a run begins in a fresh world");
        let serial = self.births.root();
        self.note_program(entry, None);
        self.admit_entry(serial, entry);
    }

    pub(crate) fn admit_entry(&mut self, serial: u32, entry: &Entry) {
        let pid = Pid::named(PathKey::ROOT, Serial(u64::from(serial)));
        let arguments = entry.arguments.clone();
        let mut new = NewProcess::calling(entry.module, entry.function, arguments, entry.arity);
        new.group_leader = pid;
        let birth = self.admit(pid, PathKey::ROOT, None, &new);
        let birth = birth.expect("the entry process has room for its arguments");
        assert!(birth.for_parent.is_none(), "the entry process has no parent");
        let at = self.slots.of_pid(pid).expect("just admitted");
        let process = self.slots.at_mut(at).process.as_mut().expect("it does not run yet");
        process.control.keep_result = true;
    }

    /// Puts a process into a slot, ready to be advanced.
    pub(crate) fn admit(
        &mut self,
        pid: Pid,
        path: PathKey,
        parent: Option<Pid>,
        new: &NewProcess,
    ) -> Result<Birth, SpawnError> {
        let serial = pid.serial().0 as u32;
        let (at, old) = self.slots.add(pid, self.births.hash(serial));
        let mut process = match old {
            Some(mut process) => {
                process.renew(&self.literals, self.policy, pid, path);
                process
            }
            None => {
                let heap = Heap::new(Arc::clone(&self.literals), self.policy);
                Box::new(Process::new(heap, pid, path))
            }
        };
        let Ok(birth) = process.begin(parent, new) else {
            self.slots.release(at);
            return Err(SpawnError::SystemLimit);
        };
        if self.watch.is_some() {
            process.control.mailbox.announce_looks();
        }
        let slot = self.slots.at_mut(at);
        slot.initial_call = new.initial_call;
        slot.words = process.heap().apparent_used_words();
        self.words += slot.words;
        slot.process = Some(process);
        slot.state = State::Advance;
        let option = Opt { actor: Actor::Process(serial), op: Op::of(OpKind::Start) };
        slot.seat = Some(self.runnable.add(option));
        self.advance.push_back(at);
        Ok(birth)
    }

    /// Whether another `words` fit in the world's memory.
    pub(crate) fn has_room(&self, words: usize) -> bool {
        self.settings.memory_words.is_none_or(|budget| self.words + words <= budget)
    }

    /// Words that the slot's heap may have while all others keep theirs.
    pub(crate) fn room_of(&self, at: u32, budget: usize) -> usize {
        budget.saturating_sub(self.words - self.slots.at(at).words)
    }

    /// Notes how much memory the slot's process holds now.
    pub(crate) fn weigh(&mut self, at: u32, words: usize) {
        let slot = self.slots.at_mut(at);
        self.words = self.words - slot.words + words;
        slot.words = words;
    }

    /// Questions that were answered in this run.
    pub fn questions(&self) -> u64 {
        self.choices
    }

    /// Picks of this run that were not dull, in order.
    pub fn picks(&self) -> &[Pick] {
        &self.picks
    }

    /// What the program wrote to standard output.
    pub fn output(&self) -> &str {
        &self.output
    }

    pub fn reports(&self) -> &[Report] {
        &self.reports
    }

    /// What the entry function returned, if it did.
    pub fn result(&self) -> Option<&Parcel> {
        self.result.as_ref()
    }

    pub fn births(&self) -> &Births {
        &self.births
    }

    /// Where modules come from.
    pub fn code(&self) -> &Arc<CodeServer> {
        self.code.server()
    }

    /// The code as this world's program sees it.
    pub fn code_view(&self) -> Arc<CodeView> {
        self.code.view()
    }

    pub fn now(&self) -> Instant {
        self.now
    }

    /// Mixes something that a process did into its next event.
    #[inline]
    pub(crate) fn mix_local(&mut self, at: u32, value: u64) {
        let slot = self.slots.at_mut(at);
        slot.local = slot.local.mix(value);
    }

    /// Ends the run, unless it has ended before.
    pub(crate) fn end(&mut self, end: End) {
        if let (Some(watch), End::Violation(violation)) = (&mut self.watch, &end)
            && !violation.oracle.stops_all()
        {
            watch.violation.get_or_insert_with(|| violation.clone());
            return;
        }
        if self.ended.is_none() {
            self.ended = Some(end);
        }
    }

    /// Whether the class's questions belong to the process that asks, not to the last event.
    pub(crate) fn belongs_to_process(class: Class) -> bool {
        !matches!(class, Class::Order | Class::Time | Class::Ring | Class::Fault)
    }
}
