//! Monitors and aliases.
//!
//! The watching side keeps [`Monitoring`] by its own reference count, the watched side a [`Watcher`] by the
//! whole reference. Invariant: a DOWN message is made only while the watching side's entry exists, and making
//! it removes the entry, so there is exactly one, and none after `demonitor` has returned (with `flush`, the
//! mailbox is searched too). Source: `erlang:monitor/2,3`, `erlang:demonitor/2`, `erlang:alias/1`.

use super::signal::{Signal, Watched};
use super::{AliasMode, Control};
use crate::heap::parcel::{Parcel, Part};
use crate::heap::read::RefId;
use crate::planted;
use crate::process::pid::Pid;
use crate::term::{Atom, Word};
use crate::world::{NoProcess, World};

/// A monitor that this process made.
#[derive(Clone, Debug)]
pub struct Monitoring {
    /// The watched process, `None` where a name had none.
    pub target: Option<Pid>,
    pub watched: Watched,
    pub alias: Option<AliasMode>,
    /// What the DOWN message has in place of `'DOWN'`: a term on this process's heap.
    pub(crate) tag: Option<Word>,
}

/// A monitor on this process.
#[derive(Clone, Copy, Debug)]
pub struct Watcher {
    pub watched: Watched,
}

impl Control {
    /// Sets up a monitor. If there is no such process, a DOWN with `noproc` is on its way at once. A monitor of
    /// oneself is none, and its alias none either.
    pub fn monitor(&mut self, reference: RefId, monitoring: Monitoring, world: &mut dyn World) {
        let (target, watched) = (monitoring.target, monitoring.watched);
        if target == Some(self.pid) {
            return;
        }
        self.monitoring.insert(reference.count, monitoring);
        let undelivered = match target {
            Some(pid) => world.send(self.pid, pid, Signal::Monitor { reference, watched }).is_err(),
            None => true,
        };
        if undelivered {
            let reason = Parcel::immediate(Word::atom(Atom::NOPROC));
            self.send_self(Signal::Down { reference, watched, reason }, world);
        }
    }

    /// Removes a monitor. Whether it was there.
    pub fn demonitor(&mut self, reference: RefId, world: &mut dyn World) -> bool {
        let Some(monitoring) = self.monitoring.remove(reference.count) else { return false };
        if monitoring.alias == Some(AliasMode::Explicit) {
            self.aliases.insert(reference.count, AliasMode::Explicit);
        }
        if let Some(pid) = monitoring.target {
            let _ = world.send(self.pid, pid, Signal::Demonitor { reference });
        }
        true
    }

    /// Ends an alias. Whether it was active.
    pub fn unalias(&mut self, reference: RefId) -> bool {
        if reference.creator != self.pid.payload() {
            return false;
        }
        self.unaliased += 1;
        if self.aliases.remove(reference.count).is_some() {
            return true;
        }
        self.monitoring.get_mut(reference.count).and_then(|m| m.alias.take()).is_some()
    }

    /// Whether a message to this alias is let in; the first reply may end alias and monitor.
    pub(crate) fn alias_accepts(&mut self, alias: RefId, world: &mut dyn World) -> bool {
        if let Some(&mode) = self.aliases.get(alias.count) {
            if mode == AliasMode::OnReply && !planted!(AliasStays) {
                self.aliases.remove(alias.count);
            }
            return true;
        }
        let Some(mode) = self.monitoring.get(alias.count).and_then(|m| m.alias) else {
            let alike = |count: u64| count % 4 == alias.count % 4;
            return planted!(AliasNumbersWrap) && self.monitoring.iter().any(|(count, _)| alike(count));
        };
        if mode == AliasMode::OnReply {
            if let Some(monitoring) = self.monitoring.get_mut(alias.count) {
                monitoring.alias = None;
            }
            self.demonitor(alias, world);
        }
        true
    }

    /// The entry of a monitor whose DOWN has come; `None` if it was removed before.
    pub(crate) fn monitor_fired(&mut self, reference: RefId) -> Option<Monitoring> {
        let monitoring = self.monitoring.remove(reference.count)?;
        if monitoring.alias == Some(AliasMode::Explicit) {
            self.aliases.insert(reference.count, AliasMode::Explicit);
        }
        Some(monitoring)
    }

    /// A signal to oneself: enqueued behind what others have sent.
    pub(crate) fn send_self(&mut self, signal: Signal, world: &mut dyn World) {
        let sent = world.send(self.pid, self.pid, signal);
        assert!(sent.is_ok(), "a running process's own inbox is open");
    }
}

/// `{Tag, Ref, process, PidOrName, Reason}`.
pub(crate) fn down_message(tag: Part<'_>, reference: RefId, watched: Watched, reason: &Parcel) -> Parcel {
    let name;
    let item = match watched {
        Watched::Pid(pid) => Part::Word(pid.word()),
        Watched::Name(atom) | Watched::PortName(atom) => {
            name =
                Parcel::tuple(&[Part::Word(Word::atom(atom)), Part::Word(Word::atom(Atom::NONODE_NOHOST))]);
            Part::Parcel(&name)
        }
        Watched::ClockService => Part::Word(Word::atom(Atom::CLOCK_SERVICE)),
    };
    let kind = Part::Word(Word::atom(watched.kind()));
    Parcel::tuple(&[tag, Part::Reference(reference), kind, item, Part::Parcel(reason)])
}

/// What the sender of a monitor signal gets when there is nobody to take it.
pub fn bounce(NoProcess(signal): NoProcess, world: &mut dyn World, dead: Pid) {
    let noproc = || Parcel::immediate(Word::atom(Atom::NOPROC));
    let undefined = || Parcel::immediate(Word::atom(Atom::UNDEFINED));
    let (to, answer) = match signal {
        Signal::Link { from } => {
            (from, Signal::Exit { from: dead, cause: super::signal::ExitCause::Link, reason: noproc() })
        }
        Signal::Monitor { .. } if planted!(MonitorNotAnswered) => return,
        Signal::Monitor { reference, watched } => {
            (reference.creator_pid(), Signal::Down { reference, watched, reason: noproc() })
        }
        Signal::Unlink { from, id } => (from, Signal::UnlinkAck { from: dead, id }),
        Signal::IsAlive { from, request } => {
            (from, Signal::Reply { request, value: Parcel::immediate(Word::FALSE) })
        }
        Signal::Info { from, request, .. } => (from, Signal::Reply { request, value: undefined() }),
        Signal::GroupLeader { from, request, .. } => (from, Signal::Reply { request, value: noproc() }),
        Signal::Suspend { from, request: Some(request) } => {
            (from, Signal::Reply { request, value: noproc() })
        }
        Signal::AwaitLoad { from, request } => {
            // Whoever waited looks whether the module is ready.
            (from, Signal::Reply { request, value: Parcel::immediate(Word::FALSE) })
        }
        Signal::Collect { from, request, .. } => {
            (from, Signal::Reply { request, value: Parcel::immediate(Word::FALSE) })
        }
        _ => return,
    };
    let _ = world.send(dead, to, answer);
}
