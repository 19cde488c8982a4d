//! What an exploring run notes of its events beside the digest: accesses, deliveries, receives.
//!
//! Off in ordinary runs: everything here hangs on one `Option`. Invariant: a watched run goes as an unwatched
//! one does with the same choices, but for two things: it stops after each event, and it goes on after a
//! violation that a processes' end is, so that it covers its class to the end.

use super::SimWorld;
use super::slots::State;
use crate::choice::Actor;
use crate::dependence::{self, Access, Hashes, Kind, Mode};
use crate::digest::{Digest, fold};
use crate::name::Births;
use crate::oracle::Violation;
use std::collections::BTreeMap;
use std::sync::Arc;
use warpbeam::ets::table::TableAt;
use warpbeam::process::Process;
use warpbeam::process::pid::Pid;
use warpbeam::process::signal::Signal;
use warpbeam::term::{Atom, Word};
use warpbeam::time::{Deadline, TimerId};
use warpbeam::world::{Op, OpKind};

/// A process as it was before the first look of a receive.
pub type Look = Arc<Process>;

/// Something that an event brought about.
#[derive(Clone)]
pub enum Effect {
    /// It may become a message of `to`, as its `nth` signal. `digest`: of its content.
    Sent {
        to: u32,
        nth: u64,
        signal: Signal,
        digest: u64,
    },
    /// A receive took the message that came as the `nth` signal.
    Took {
        by: u32,
        nth: u64,
    },
    /// A receive's time limit passed.
    GaveUp {
        by: u32,
    },
    /// A receive is about to look.
    Looks {
        by: u32,
        look: Look,
    },
    Spawned {
        serial: u32,
    },
    /// An operation of the ring can complete.
    Began {
        actor: u64,
    },
    /// One that could complete, as its event with this number, cannot any more.
    Unseated {
        actor: u64,
        number: u32,
    },
    /// A process that waited looks whether it can go on.
    Woke {
        serial: u32,
    },
    /// A process was stopped or held by a signal; before which operation, if it stood before one.
    Stopped {
        serial: u32,
        before: Option<Op>,
        ends: bool,
    },
    /// A signal asks after a process's state.
    Asked {
        serial: u32,
    },
    /// What a process did after its event, or after what it received, touches this.
    TouchedBy {
        serial: u32,
        access: Access,
    },
    Touched(Access),
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    signals: u64,
    traps_exits: bool,
    /// It has no more code to run.
    over: bool,
    ending: bool,
    /// It is suspended.
    held: bool,
    aliases: u64,
    /// What it did and was told, as a digest.
    history: u64,
    /// An exit signal came in the event under way.
    exit_came: bool,
}

/// What may become a message of `to` and was not taken yet.
#[derive(Clone, Copy)]
struct Told {
    to: u32,
    /// The number of the signal.
    nth: u64,
    digest: u64,
}

#[derive(Default)]
pub struct Watch {
    seen: Vec<Seen>,
    told: Vec<Told>,
    /// Who could act when the event under way began, and what they stood before.
    pending: Vec<(u32, Op)>,
    pub effects: Vec<Effect>,
    /// Empty but while effects are noted.
    accesses: Vec<Access>,
    /// The first violation that did not end the run.
    pub violation: Option<Box<Violation>>,
    /// The slot whose look is permitted.
    look_granted: Option<u32>,
    /// The announcement of a look has just ended a slice.
    look_refused: bool,
    /// The process probed by this world took its message, or gave up; whichever was first.
    pub probed: Option<bool>,
}

impl Clone for Watch {
    fn clone(&self) -> Watch {
        let mut watch = Watch::default();
        watch.clone_from(self);
        watch
    }

    /// In the memory that there is: worlds are copied all the time.
    fn clone_from(&mut self, from: &Watch) {
        let Watch { seen, told, pending, effects, accesses, violation, look_granted, look_refused, probed } =
            from;
        self.seen.clone_from(seen);
        self.told.clone_from(told);
        self.pending.clone_from(pending);
        self.effects.clone_from(effects);
        self.accesses.clone_from(accesses);
        self.violation.clone_from(violation);
        self.look_granted = *look_granted;
        self.look_refused = *look_refused;
        self.probed = *probed;
    }
}

impl Watch {
    pub fn clear(&mut self) {
        *self = Watch::default();
    }

    /// The set-up phase is over: of what came of it, only what later events can meet is left.
    pub(crate) fn forget_set_up(&mut self) {
        let mut looks = BTreeMap::new();
        let mut waiting = BTreeMap::new();
        let mut others = Vec::new();
        for effect in self.effects.drain(..) {
            match effect {
                Effect::Looks { by, .. } => drop(looks.insert(by, effect)),
                Effect::GaveUp { by } => drop(looks.remove(&by)),
                Effect::Took { by, nth } => {
                    looks.remove(&by);
                    waiting.remove(&(by, nth));
                }
                Effect::Sent { to, nth, .. } => drop(waiting.insert((to, nth), effect)),
                Effect::Spawned { .. } | Effect::Began { .. } => others.push(effect),
                _ => {}
            }
        }
        self.effects.extend(others.into_iter().chain(waiting.into_values()).chain(looks.into_values()));
    }

    fn seen(&mut self, serial: u32) -> &mut Seen {
        let at = serial as usize;
        if self.seen.len() <= at {
            self.seen.resize_with(at + 1, Seen::default);
        }
        &mut self.seen[at]
    }

    fn touch(&mut self, kind: Kind, hash: u64, mode: Mode) {
        self.effects.push(Effect::Touched(Access::new(kind, hash, mode)));
    }

    fn touch_by(&mut self, serial: u32, kind: Kind, hash: u64, mode: Mode) {
        self.effects.push(Effect::TouchedBy { serial, access: Access::new(kind, hash, mode) });
    }

    /// The operation that the process stood before when the event under way began.
    fn stood_before(&self, serial: u32) -> Option<Op> {
        self.pending.iter().find(|(pending, _)| *pending == serial).map(|(_, op)| *op)
    }

    /// A process did or was told something more.
    pub(crate) fn remembers(&mut self, serial: u32, what: u64) {
        let seen = self.seen(serial);
        seen.history = fold(seen.history, what);
    }

    /// What a process did and was told up to its last event.
    pub(crate) fn history(&self, serial: u32) -> u64 {
        self.seen.get(serial as usize).map_or(0, |seen| seen.history)
    }

    pub(crate) fn took(&mut self, serial: u32, nth: u64) {
        // Not by its number: signals that are no messages count, too, and commute with it.
        let at = self.told.iter().rposition(|told| told.to == serial && told.nth == nth);
        let digest = at.map_or(nth, |at| self.told.swap_remove(at).digest);
        self.remembers(serial, digest);
        self.effects.push(Effect::Took { by: serial, nth });
    }

    pub(crate) fn gave_up(&mut self, serial: u32) {
        self.remembers(serial, u64::MAX);
        self.effects.push(Effect::GaveUp { by: serial });
    }

    pub(crate) fn performs(&mut self, me: u64, op: Op, births: &Births) {
        dependence::of_op(me, op, births, &mut self.accesses);
        self.effects.extend(self.accesses.drain(..).map(Effect::Touched));
    }

    /// A signal has come to `to`; as what it will lie in its mailbox, if that is not the signal itself.
    pub(crate) fn arrives(
        &mut self,
        to: Pid,
        signal: &Signal,
        message: Option<Signal>,
        bounced: bool,
        births: &Births,
    ) {
        let hash = births.pid_hash(to);
        if bounced && !signal.is_message() {
            self.touch(Kind::Closed, hash, Mode::Read);
        } else {
            // Whether a message finds an open mailbox is no matter of dependence, so it must not show here.
            dependence::of_signal(hash, signal, births, &mut self.accesses);
            self.effects.extend(self.accesses.drain(..).map(Effect::Touched));
        }
        if bounced {
            // Had it come before, a receive might have taken it.
            return self.sent(to, u64::MAX, signal, None, births);
        }
        let serial = to.serial().0 as u32;
        let seen = self.seen(serial);
        let nth = seen.signals;
        seen.signals += 1;
        seen.exit_came |= match signal {
            Signal::Exit { reason, .. } => {
                !seen.traps_exits || reason.as_immediate() == Some(Word::atom(Atom::KILL))
            }
            _ => matches!(signal, Signal::Suspend { .. }),
        };
        // Whether it is alive is an access of its own.
        if signal.is_request() && !matches!(signal, Signal::IsAlive { .. }) {
            self.effects.push(Effect::Asked { serial });
        }
        self.sent(to, nth, signal, message, births);
    }

    fn sent(&mut self, to: Pid, nth: u64, signal: &Signal, message: Option<Signal>, births: &Births) {
        let becomes_message = signal.is_message()
            || matches!(signal, Signal::Down { .. } | Signal::Exit { .. } | Signal::Reply { .. });
        if !becomes_message {
            return;
        }
        let digest = super::post::signal_digest(births.pid_hash(to), signal, births);
        let digest = match signal {
            Signal::Exit { from, .. } => Digest(digest).mix(births.pid_hash(*from)).0,
            _ => digest,
        };
        let to = to.serial().0 as u32;
        if nth != u64::MAX {
            self.told.push(Told { to, nth, digest });
        }
        let signal = message.unwrap_or_else(|| signal.clone());
        self.effects.push(Effect::Sent { to, nth, signal, digest });
    }
}

impl Hashes for Births {
    fn everybody(&self) -> Box<dyn Iterator<Item = u64> + '_> {
        Box::new(self.path_hashes())
    }

    fn of_pid(&self, pid: Pid) -> u64 {
        self.pid_hash(pid)
    }

    fn of_table(&self, at: TableAt) -> u64 {
        match at {
            TableAt::Name(name) => name.digest(),
            TableAt::Id(id) => fold(self.pid_hash(id.creator()), id.count()),
        }
    }
}

impl SimWorld {
    /// Whether the announcement of a receive's first look is answered already.
    pub(crate) fn permit_look(&mut self) -> bool {
        let running = self.running;
        let Some(watch) = &mut self.watch else { return true };
        if self.scratch || watch.look_granted == Some(running) {
            watch.look_granted = None;
            return true;
        }
        watch.look_refused = true;
        false
    }

    /// Whether it was the announcement of a look that ended the slice.
    pub(crate) fn look_was_refused(&mut self) -> bool {
        self.watch.as_mut().is_some_and(|watch| std::mem::take(&mut watch.look_refused))
    }

    /// A process stands before the first look of a receive.
    pub(crate) fn note_look(&mut self, at: u32) {
        let slot = self.slots.at(at);
        let (serial, process) = (slot.serial, slot.process.as_deref());
        let look = Arc::new(process.expect("a process that does not run is in its slot").clone());
        if let Some(watch) = &mut self.watch {
            watch.effects.push(Effect::Looks { by: serial, look });
        }
    }

    /// The look was announced outside of an event: the process goes on with it.
    pub(crate) fn look_on(&mut self, at: u32) {
        self.note_look(at);
        if let Some(watch) = &mut self.watch {
            watch.look_granted = Some(at);
        }
        self.slots.at_mut(at).state = State::Advance;
        self.advance.push_front(at);
    }

    /// A slice of the process has ended: what signals and its own code changed of what signals depend on.
    pub(crate) fn note_changes(&mut self, at: u32) {
        let slot = self.slots.at(at);
        let (serial, hash) = (slot.serial, slot.hash);
        let Some(process) = slot.process.as_deref() else { return };
        let control = &process.control;
        let (traps_exits, ending, aliases) = (control.trap_exit, process.is_ending(), control.unaliased);
        let (held, over) = (!control.suspended_by.is_empty(), !process.runs());
        let actor = self.last.actor;
        let Some(watch) = &mut self.watch else { return };
        let seen = watch.seen(serial);
        let before = *seen;
        (seen.traps_exits, seen.ending, seen.aliases) = (traps_exits, ending, aliases);
        (seen.held, seen.over) = (held, over);
        seen.exit_came = false;
        if before.traps_exits != traps_exits {
            watch.touch_by(serial, Kind::TrapsExits, hash, Mode::Write);
        }
        if before.aliases != aliases {
            watch.touch_by(serial, Kind::Monitors, hash, Mode::Write);
        }
        let others = actor != Actor::Process(serial);
        if ending && !before.ending {
            watch.touch_by(serial, Kind::Ending, hash, Mode::Write);
        }
        // Which exit step comes first depends on whether it has a name.
        if over && !before.over || ending && !before.ending {
            watch.touch_by(serial, Kind::NameOf, hash, Mode::Read);
        }
        // A signal that changes neither commutes with what holds the process, and with what lets it go on.
        let ends = ending && !before.ending;
        if others && before.exit_came && (ends || held && !before.held) {
            watch.touch(Kind::Steps, hash, Mode::Write);
            watch.effects.push(Effect::Stopped { serial, before: watch.stood_before(serial), ends });
        }
    }

    /// An event is about to happen: what everybody would do next.
    pub(crate) fn note_pending(&mut self) {
        let Some(watch) = &mut self.watch else { return };
        watch.pending.clear();
        for option in self.runnable.options() {
            let Actor::Process(serial) = option.actor else { continue };
            let Some(at) = self.slots.of_serial(serial) else { continue };
            if self.slots.at(at).state == State::Ready {
                watch.pending.push((serial, option.op));
            }
        }
    }

    /// The event under way touches something of a process.
    pub(crate) fn touch(&mut self, kind: Kind, pid: Pid, mode: Mode) {
        self.touch_object(kind, self.births.pid_hash(pid), mode);
    }

    pub(crate) fn touch_object(&mut self, kind: Kind, hash: u64, mode: Mode) {
        if let Some(watch) = &mut self.watch {
            watch.touch(kind, hash, mode);
        }
    }

    /// A timer with this deadline was stopped. Whether it was due.
    pub(crate) fn note_stopped(&mut self, deadline: Deadline) -> bool {
        let due = self.watch.is_some() && deadline.0 <= self.now;
        if due {
            self.touch_object(Kind::Due, 0, Mode::Write);
        }
        due
    }

    pub(crate) fn touch_timer(&mut self, id: TimerId, mode: Mode) {
        let owner = self.births.pid_hash(Pid::from_payload(id.creator));
        let access = Access { mode, ..Access::timer(owner, id.count) };
        if let Some(watch) = &mut self.watch {
            watch.effects.push(Effect::Touched(access));
        }
    }

    /// The process that is probed took its message, or gave up.
    pub(crate) fn probe_says(&mut self, took: bool) {
        if let Some(watch) = &mut self.watch {
            watch.probed.get_or_insert(took);
        }
    }

    /// Whether an operation is only the announcement of a receive.
    pub(crate) fn is_announcement(op: Op) -> bool {
        op == Op::of(OpKind::Receive)
    }
}
