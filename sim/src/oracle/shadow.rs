//! A bookkeeping of monitors and links of the simulator's own, from the signals that pass.
//!
//! It knows nothing of how processes keep theirs, and so notices what they get wrong: each monitor ends in
//! exactly one DOWN or in a demonitor, each link in at most one EXIT from each side, with one and the true
//! reason, and neither is lost while there is somebody to hear of it.
//! Source: the Erlang Reference Manual on links and monitors.

use super::{Oracle, Violation};
use crate::digest::Digest;
use crate::name::Births;
use warpbeam::heap::parcel::Parcel;
use warpbeam::heap::read::RefId;
use warpbeam::process::pid::Pid;
use warpbeam::process::signal::{ExitCause, Signal};
use warpbeam::term::atom::FixedMap;
use warpbeam::term::{Atom, Word};

/// Whether an EXIT along an edge or the DOWN of a monitor must come, or only may.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Duty {
    Must,
    /// An unlink or a demonitor was too late to be heard.
    May,
}

#[derive(Clone, Debug, Default)]
pub struct Shadow {
    /// Watched process by active monitor, and whether its DOWN must come.
    monitors: FixedMap<RefId, (Pid, Duty)>,
    /// Active monitors by watched process.
    watched: FixedMap<Pid, u32>,
    /// Links as edges from the one who must tell to the one who must be told.
    edges: FixedMap<(Pid, Pid), Duty>,
    /// Edges that must be honoured, by the one who must tell.
    owed: FixedMap<Pid, u32>,
    /// The reason that a process gave as its own, as a digest.
    reasons: FixedMap<Pid, u64>,
    closed: FixedMap<Pid, ()>,
    problem: Option<Violation>,
}

fn down(message: String, detail: &str) -> Option<Violation> {
    Some(Violation::new(Oracle::Down, message, detail))
}

fn is_noproc(reason: &Parcel) -> bool {
    reason.as_immediate() == Some(Word::atom(Atom::NOPROC))
}

impl Shadow {
    pub fn clear(&mut self) {
        self.monitors.clear();
        self.watched.clear();
        self.edges.clear();
        self.owed.clear();
        self.reasons.clear();
        self.closed.clear();
        self.problem = None;
    }

    pub fn take_problem(&mut self) -> Option<Violation> {
        self.problem.take()
    }

    pub fn spawned(&mut self, parent: Pid, child: Pid, link: bool, monitor: Option<RefId>) {
        if link {
            self.set_edge(parent, child, Duty::Must);
            self.set_edge(child, parent, Duty::Must);
        }
        if let Some(reference) = monitor {
            self.watch(reference, child);
        }
    }

    /// A signal leaves its sender.
    #[inline]
    pub fn sent(&mut self, from: Pid, to: Pid, signal: &Signal, births: &Births) {
        match signal {
            Signal::Link { .. } => self.set_edge(from, to, Duty::Must),
            Signal::Unlink { .. } => self.drop_edge(from, to),
            Signal::Down { reference, reason, .. } => self.down_sent(from, to, *reference, reason, births),
            Signal::Exit { cause: ExitCause::Link, reason, .. } => self.exit_sent(from, to, reason, births),
            _ => {}
        }
    }

    /// A signal enters its receiver's inbox.
    #[inline]
    pub fn arrived(&mut self, to: Pid, signal: &Signal) {
        match signal {
            Signal::Link { from } => self.set_edge(to, *from, Duty::Must),
            Signal::Unlink { from, .. } => self.drop_edge(to, *from),
            Signal::Monitor { reference, .. } => self.watch(*reference, to),
            Signal::Demonitor { reference } => self.unwatch(*reference),
            _ => {}
        }
    }

    /// A signal finds nobody.
    pub fn bounced(&mut self, to: Pid, signal: &Signal) {
        match signal {
            // It is answered with an EXIT or a DOWN.
            Signal::Link { from } => {
                self.set_edge(*from, to, Duty::May);
                self.set_edge(to, *from, Duty::May);
            }
            Signal::Unlink { from, .. } if self.edges.contains_key(&(to, *from)) => {
                self.set_edge(to, *from, Duty::May);
            }
            Signal::Monitor { reference, .. } => self.watch(*reference, to),
            // The DOWN may be on its way; its receiver passes over it.
            Signal::Demonitor { reference } => {
                if let Some(&(target, Duty::Must)) = self.monitors.get(reference) {
                    self.unwatch(*reference);
                    self.monitors.insert(*reference, (target, Duty::May));
                }
            }
            _ => {}
        }
    }

    pub fn closed(&mut self, pid: Pid) {
        self.closed.insert(pid, ());
    }

    /// A process has told everybody. Looks for who was not told.
    pub fn gone(&mut self, pid: Pid, reason: &Parcel, births: &Births) -> Option<Violation> {
        if self.watched.get(&pid).is_some_and(|&n| n > 0) {
            let missed = self.monitors.iter().filter(|(reference, owed)| {
                **owed == (pid, Duty::Must) && !self.closed.contains_key(&reference.creator_pid())
            });
            if let Some(reference) = missed.map(|(reference, _)| reference).min() {
                let watcher = name(births, reference.creator_pid());
                let message = format!(
                    "process {} ended, and {watcher}, which watches it, was sent no DOWN",
                    name(births, pid)
                );
                return down(message, "lost");
            }
        }
        if self.owed.get(&pid).is_some_and(|&n| n > 0) {
            let owed = |((from, to), duty): &(&(Pid, Pid), &Duty)| {
                *from == pid && **duty == Duty::Must && !self.closed.contains_key(to)
            };
            if let Some((_, to)) = self.edges.iter().filter(owed).map(|(edge, _)| edge).min() {
                let message = format!(
                    "process {} ended, and {}, which is linked to it, was sent no EXIT",
                    name(births, pid),
                    name(births, *to)
                );
                return Some(Violation::new(Oracle::Exit, message, "lost"));
            }
        }
        let told = self.reasons.remove(&pid)?;
        if told == Digest::START.parcel(reason, births).0 {
            return None;
        }
        down(
            format!("process {} told another reason than the one that it ended with", name(births, pid)),
            "reason",
        )
    }

    fn down_sent(&mut self, from: Pid, to: Pid, reference: RefId, reason: &Parcel, births: &Births) {
        if self.monitors.contains_key(&reference) {
            self.unwatch(reference);
            self.reason_told(from, reason, births);
            return;
        }
        if from == to && is_noproc(reason) {
            // It watched a name that nobody has, and answers itself.
            return;
        }
        let message = format!(
            "process {} sent a DOWN to {} for a monitor that was not active any more",
            name(births, from),
            name(births, to)
        );
        self.note(Violation::new(Oracle::Down, message, "doubled or late"));
    }

    fn exit_sent(&mut self, from: Pid, to: Pid, reason: &Parcel, births: &Births) {
        if self.edges.contains_key(&(from, to)) {
            self.drop_edge(from, to);
            self.reason_told(from, reason, births);
            return;
        }
        let message = format!(
            "process {} sent an EXIT to {}, which is not linked to it",
            name(births, from),
            name(births, to)
        );
        self.note(Violation::new(Oracle::Exit, message, "doubled or late"));
    }

    fn reason_told(&mut self, from: Pid, reason: &Parcel, births: &Births) {
        if is_noproc(reason) {
            return;
        }
        let digest = Digest::START.parcel(reason, births).0;
        let first = *self.reasons.entry(from).or_insert(digest);
        if first != digest {
            let message = format!("process {} told two different reasons for its end", name(births, from));
            self.note(Violation::new(Oracle::Down, message, "reasons"));
        }
    }

    fn note(&mut self, violation: Violation) {
        self.problem.get_or_insert(violation);
    }

    fn watch(&mut self, reference: RefId, target: Pid) {
        if self.monitors.insert(reference, (target, Duty::Must)).is_none() {
            *self.watched.entry(target).or_insert(0) += 1;
        }
    }

    fn unwatch(&mut self, reference: RefId) {
        if let Some((target, Duty::Must)) = self.monitors.remove(&reference)
            && let Some(count) = self.watched.get_mut(&target)
        {
            *count -= 1;
        }
    }

    fn set_edge(&mut self, from: Pid, to: Pid, duty: Duty) {
        self.drop_edge(from, to);
        self.edges.insert((from, to), duty);
        if duty == Duty::Must {
            *self.owed.entry(from).or_insert(0) += 1;
        }
    }

    fn drop_edge(&mut self, from: Pid, to: Pid) {
        if self.edges.remove(&(from, to)) == Some(Duty::Must)
            && let Some(count) = self.owed.get_mut(&from)
        {
            *count -= 1;
        }
    }
}

fn name(births: &Births, pid: Pid) -> String {
    let serial = pid.serial().0 as u32;
    if (serial as usize) < births.len() { births.path(serial).to_string() } else { format!("{pid:?}") }
}
