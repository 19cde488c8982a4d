//! What the simulator knows of I/O beside the runtime, so that it sees when the runtime errs.
//!
//! The runtime's books are the desk's (`warpbeam::ring::desk`). These are kept from outside: what programs asked for, what
//! the simulated kernel did, and what programs were told. Invariant: they change nothing that a program can see.

use super::io::SimDesk;
use crate::kernel::disk::Inode;
use crate::kernel::numbers::{Open, Opening};
use crate::kernel::{Breach, Kernel};
use crate::oracle::{Oracle, Violation};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use warpbeam::fd::FdId;
use warpbeam::fd::life::State;
use warpbeam::heap::read::RefId;
use warpbeam::process::pid::Pid;
use warpbeam::ring::pending::{Pending, Role};
use warpbeam::ring::request::{OpId, Value};
use warpbeam::ring::short::ShortMap;
use warpbeam::ring::{Call, Completion, Outcome, Request};

/// What a program asked for and has not been told of.
#[derive(Clone, Debug)]
pub struct Asked {
    name: &'static str,
    syncs: bool,
    /// Bytes to be written or sent.
    bytes: usize,
    /// Those of them that the kernel has.
    moved: usize,
}

impl Asked {
    pub fn of(call: &Call) -> Option<(RefId, Asked)> {
        match call {
            Call::Begin(order) => {
                let bytes = match &order.request {
                    Request::Write { bytes, from, .. } | Request::Send { bytes, from } => bytes.len() - from,
                    _ => 0,
                };
                let syncs = matches!(order.request, Request::Sync { .. });
                Some((order.name, Asked { name: order.request.name(), syncs, bytes, moved: 0 }))
            }
            Call::Close { name, .. } => {
                Some((*name, Asked { name: "close", syncs: false, bytes: 0, moved: 0 }))
            }
            _ => None,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Books {
    asked: ShortMap<RefId, Asked>,
    /// Operations that have been slow: they are not again.
    slow: BTreeSet<OpId>,
    openings: ShortMap<FdId, Opening>,
    /// Files that were said to be synced and are not, as they should be.
    unkept: BTreeMap<Inode, Arc<Vec<u8>>>,
    problem: Option<(Oracle, String)>,
}

impl Books {
    pub fn clear(&mut self) {
        *self = Books::default();
    }

    pub fn add(&mut self, name: RefId, asked: Asked) {
        self.asked.insert(name, asked);
    }

    pub fn slows(&mut self, id: OpId) {
        self.slow.insert(id);
    }

    pub fn was_slow(&self, id: OpId) -> bool {
        self.slow.contains(&id)
    }

    fn found(&mut self, oracle: Oracle, message: String) {
        self.problem.get_or_insert((oracle, message));
    }

    /// The kernel has an operation that the desk has not registered.
    pub fn unregistered(&mut self) {
        let message =
            "an operation was handed over before it was registered: its completion would find nobody";
        self.found(Oracle::IoCompletion, message.to_string());
    }

    /// The runtime uses a descriptor, by a number that stands for `opening`.
    pub fn used(&mut self, fd: FdId, opening: Option<Opening>) {
        if let (Some(known), Some(opening)) = (self.openings.get(&fd), opening)
            && *known != opening
        {
            let message = "a descriptor was used whose number stands for something else by now";
            self.found(Oracle::FdReused, message.to_string());
        }
    }

    /// Whether nothing is wrong.
    #[inline]
    pub fn is_good(&self, kernel: &Kernel) -> bool {
        self.problem.is_none() && kernel.breach().is_none()
    }

    /// What is wrong.
    pub fn problem(&self, kernel: &Kernel) -> Option<Violation> {
        if let Some((oracle, message)) = &self.problem {
            return Some(violation(*oracle, message.clone()));
        }
        Some(match kernel.breach()? {
            Breach::NotOpen { fd, closing: true } => violation(
                Oracle::FdClosedTwice,
                format!("descriptor {} was closed, and it is not open", fd.0),
            ),
            Breach::NotOpen { fd, closing: false } => {
                violation(Oracle::FdReused, format!("descriptor {} was used, and it is not open", fd.0))
            }
            Breach::Reused { fd } => violation(
                Oracle::FdReused,
                format!("an operation on descriptor {} took effect when that had been closed", fd.0),
            ),
            Breach::InUse { fd } => violation(
                Oracle::FdReused,
                format!(
                    "descriptor {} was closed under an operation in flight: its number can be used again",
                    fd.0
                ),
            ),
        })
    }

    /// The kernel has completed an operation.
    pub fn completed(&mut self, pending: Option<&Pending>, completion: &Completion) {
        self.slow.remove(&completion.id);
        let Some(pending) = pending else { return self.unregistered() };
        if let (Ok(Value::Count(count)), Some(asked)) =
            (&completion.result, self.asked.get_mut(&pending.name))
            && matches!(completion.request, Request::Write { .. } | Request::Send { .. })
        {
            asked.moved += count;
        }
    }

    /// The desk has dealt with a completion; `good`: the kernel said that it went well.
    pub fn told(&mut self, before: &Pending, good: bool, outcome: &Outcome, desk: &SimDesk) {
        if let Role::Opens { opened, .. } = before.role
            && let Some(State::Open(raw)) = desk.fds.get(opened).map(|row| row.life.state())
            && let Some(opening) = desk.ring.numbers.opening(raw)
        {
            self.openings.insert(opened, opening);
        }
        let goes_on = desk.register.named(before.name).is_some();
        if goes_on || before.waiter.is_none() {
            return;
        }
        let asked = self.asked.remove(&before.name);
        let Some(asked) = asked.filter(|_| outcome.reply.is_some()) else {
            return self
                .found(Oracle::IoCompletion, "a program was told of an operation twice, or not".to_string());
        };
        if !good || before.cancelled {
            return;
        }
        if asked.moved < asked.bytes {
            let Asked { name, bytes, moved, .. } = asked;
            self.found(
                Oracle::IoLost,
                format!("a program was told that all {bytes} bytes of a {name} went, and {moved} did"),
            );
        }
        if asked.syncs {
            self.synced(before, desk);
        }
    }

    /// A program was told that a file is on the disk.
    fn synced(&mut self, before: &Pending, desk: &SimDesk) {
        let Role::Uses(fd) = before.role else { return };
        let Some(State::Open(raw)) = desk.fds.get(fd).map(|row| row.life.state()) else { return };
        let Some(Open::File(file)) = desk.ring.numbers.get(raw) else { return };
        if desk.ring.disk.is_durable(file.inode) {
            self.unkept.remove(&file.inode);
        } else if let Ok(contents) = desk.ring.disk.contents(file.inode) {
            self.unkept.insert(file.inode, Arc::clone(contents));
        }
    }

    /// What a crash has lost of what was said to be on the disk.
    pub fn after_crash(&self, kernel: &Kernel) -> Option<Violation> {
        let lost = |(&inode, promised): (&Inode, &Arc<Vec<u8>>)| {
            kernel.disk.is_there(inode)
                && kernel.disk.contents(inode).is_ok_and(|contents| contents != promised)
        };
        self.unkept.iter().any(lost).then(|| {
            let message = "a file does not have after the crash what a program was told had been synced";
            violation(Oracle::SyncLost, message.to_string())
        })
    }

    /// What is wrong when nothing can happen any more.
    pub fn at_rest(&self, desk: &SimDesk, alive: impl Fn(Pid) -> bool) -> Option<Violation> {
        let lost = desk.register.ids().into_iter().find(|&id| !desk.ring.has(id));
        if lost.is_some() || self.asked.iter().any(|(&name, _)| desk.register.named(name).is_none()) {
            let message = "an operation never completed: the kernel does not have it any more";
            return Some(violation(Oracle::IoCompletion, message.to_string()));
        }
        let mut owned = BTreeSet::new();
        for (_, row) in desk.fds.iter() {
            if let State::Open(raw) = row.life.state()
                && alive(row.owner)
            {
                owned.insert(raw);
            }
        }
        let (raw, _) = desk.ring.numbers.all().find(|(raw, _)| !owned.contains(raw))?;
        let message = format!("descriptor {} is open, and nobody has it any more", raw.0);
        Some(violation(Oracle::FdLeaked, message))
    }
}

fn violation(oracle: Oracle, message: String) -> Violation {
    // The number says nothing of the bug.
    let shape: String = message.chars().filter(|c| !c.is_ascii_digit()).collect();
    Violation::new(oracle, message, &shape)
}
