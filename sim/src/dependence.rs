//! Which visible operations commute.
//!
//! Each event of a watched run has *accesses*: objects (a name, a link, a process's life, ...), each with a mode.
//! Two events of different processes commute unless they share an object in modes that clash. This file is the
//! one table of them: [`of_op`] for what an operation is by itself, [`of_signal`] for the signal that it hands
//! over. Messages have no access: two of them to one process commute unless a receive tells them apart, which
//! the explorer finds out by running the compiled receive (see [`crate::explore::dpor`]).
//!
//! Invariant: accesses are a function of the operation, not of what came of it, so that an event has the same
//! ones wherever it stands among events that it commutes with. Coarser than it need be where that is rare:
//! persistent terms, timers and `on_load` are one object each.
//! Output and reports are sinks: their order is no part of a run's class.

use crate::digest::fold;
use warpbeam::process::signal::{ExitCause, Signal};
use warpbeam::world::{Object, Op, OpKind};

/// How an object is touched.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Mode {
    Read,
    Write,
    /// Touches one part of a whole; parts commute.
    Part,
    /// Sees the whole.
    Whole,
}

impl Mode {
    #[inline]
    pub fn clashes(self, other: Mode) -> bool {
        use Mode::{Part, Read, Whole, Write};
        matches!((self, other), (Write, _) | (_, Write) | (Part, Whole) | (Whole, Part))
            && !matches!((self, other), (Read, Read))
    }
}

/// What kind of thing an object is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    /// A process's own steps, against signals that stop, hold or question it.
    Steps = 1,
    /// Whether its inbox is closed.
    Closed,
    /// Whether it is ending.
    Ending,
    TrapsExits,
    /// One process's entry for one peer.
    Link,
    /// A process's monitors and aliases.
    Monitors,
    /// What waits in a process's mailbox, and who is tied to it.
    Contents,
    /// The name that a process has.
    NameOf,
    Name,
    AllNames,
    AllProcesses,
    Timer,
    AllTimers,
    /// Timers with one deadline fire in the order in which they were started.
    Deadline,
    Integers,
    /// An integer of a shared array.
    Counter,
    Environment,
    Persistent,
    Loads,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Access {
    pub object: u64,
    pub mode: Mode,
}

impl Access {
    pub fn new(kind: Kind, hash: u64, mode: Mode) -> Access {
        Access { object: fold(hash ^ ((kind as u64) << 56), kind as u64), mode }
    }

    pub fn timer(owner: u64, count: u64) -> Access {
        Access::new(Kind::Timer, fold(owner, count), Mode::Write)
    }

    /// On something of which there is one.
    pub fn on(kind: Kind, mode: Mode) -> Access {
        Access::new(kind, 0, mode)
    }

    pub fn link(of: u64, peer: u64) -> Access {
        Access::new(Kind::Link, fold(of, peer), Mode::Write)
    }

    #[inline]
    pub fn clashes(&self, other: &Access) -> bool {
        self.object == other.object && self.mode.clashes(other.mode)
    }
}

/// Whether two sets of accesses clash.
#[inline]
pub fn clash(a: &[Access], b: &[Access]) -> bool {
    a.iter().any(|x| b.iter().any(|y| x.clashes(y)))
}

/// Whether two pending operations of different processes could race, as far as kinds and objects say: a quick
/// guess for sampling, which a wrong answer makes no less sound.
pub fn may_race(a: Op, b: Op) -> bool {
    let looks = |kind| {
        matches!(
            kind,
            OpKind::Whereis | OpKind::ReadTimer | OpKind::ReadClock | OpKind::CounterRead | OpKind::YieldNow
        )
    };
    let same = match (a.object, b.object) {
        (Object::Nothing, Object::Nothing) => a.kind == b.kind && a.kind != OpKind::Spawn,
        (Object::Everything, other) | (other, Object::Everything) => other != Object::Nothing,
        (one, other) => one == other,
    };
    same && !(looks(a.kind) && looks(b.kind))
}

/// What an operation of the process with hash `me` touches by itself. `hash_of` gives a process's hash.
pub fn of_op(me: u64, op: Op, hash_of: impl Fn(warpbeam::process::pid::Pid) -> u64, into: &mut Vec<Access>) {
    use Mode::{Part, Read, Whole, Write};
    into.push(Access::new(Kind::Steps, me, Part));
    let mut add = |access| into.push(access);
    match (op.kind, op.object) {
        (OpKind::Link | OpKind::Unlink, Object::Process(pid)) => add(Access::link(me, hash_of(pid))),
        (OpKind::Demonitor, _) => add(Access::new(Kind::Monitors, me, Write)),
        (OpKind::Register | OpKind::Unregister, Object::Name(name)) => {
            add(Access::new(Kind::Name, name.digest(), Write));
            add(Access::on(Kind::AllNames, Part));
        }
        (OpKind::Whereis | OpKind::Send | OpKind::Monitor, Object::Name(name)) => {
            add(Access::new(Kind::Name, name.digest(), Read));
        }
        (OpKind::ListAll, _) => {
            add(Access::on(Kind::AllNames, Whole));
            add(Access::on(Kind::AllProcesses, Whole));
        }
        (OpKind::Spawn, _) => add(Access::on(Kind::AllProcesses, Part)),
        (OpKind::ExitStep, object) => {
            add(Access::on(Kind::AllTimers, Whole));
            if matches!(object, Object::Process(_)) {
                add(Access::new(Kind::Closed, me, Write));
                add(Access::new(Kind::NameOf, me, Write));
                add(Access::on(Kind::AllProcesses, Part));
            }
        }
        (OpKind::StartTimer | OpKind::CancelTimer | OpKind::ReadTimer, _) => {
            add(Access::on(Kind::AllTimers, Part));
        }
        (OpKind::MonotonicInteger, _) => add(Access::on(Kind::Integers, Write)),
        (OpKind::CounterRead, object) => add(counter(object, Whole)),
        (OpKind::CounterAdd, object) => add(counter(object, Part)),
        (OpKind::CounterWrite, object) => add(counter(object, Write)),
        (OpKind::Environment, _) => add(Access::on(Kind::Environment, Write)),
        (OpKind::PersistentTerm, _) => add(Access::on(Kind::Persistent, Write)),
        (OpKind::Load, _) => add(Access::on(Kind::Loads, Write)),
        _ => {}
    }
}

/// Bits of an array's key that depend on the order of spawns in the run.
const SERIAL_BITS: u32 = 28;

/// Additions commute with each other, and so do reads.
fn counter(object: Object, mode: Mode) -> Access {
    match object {
        Object::Counter { array, index } => {
            Access::new(Kind::Counter, fold(array >> SERIAL_BITS, u64::from(index)), mode)
        }
        _ => Access::on(Kind::Counter, Mode::Write),
    }
}

/// What a signal to the process with hash `to` touches there.
pub fn of_signal(
    to: u64,
    signal: &Signal,
    hash_of: impl Fn(warpbeam::process::pid::Pid) -> u64,
    into: &mut Vec<Access>,
) {
    use Mode::{Part, Read, Whole, Write};
    let mut add = |kind, mode| into.push(Access::new(kind, to, mode));
    if !matches!(signal, Signal::Message(_) | Signal::AliasMessage { .. } | Signal::Reply { .. }) {
        add(Kind::Closed, Read);
    }
    if !matches!(signal, Signal::Info { .. } | Signal::IsAlive { .. }) {
        add(Kind::Contents, Part);
    }
    match signal {
        Signal::Message(_) | Signal::Reply { .. } | Signal::Monitor { .. } | Signal::Demonitor { .. } => {}
        Signal::AliasMessage { .. } => add(Kind::Monitors, Write),
        Signal::Down { .. } => add(Kind::Monitors, Read),
        Signal::Link { from } | Signal::Unlink { from, .. } | Signal::UnlinkAck { from, .. } => {
            into.push(Access::link(to, hash_of(*from)));
        }
        Signal::Exit { from, cause, .. } => {
            add(Kind::TrapsExits, Read);
            add(Kind::Ending, Read);
            if *cause == ExitCause::Link {
                into.push(Access::link(to, hash_of(*from)));
            }
        }
        Signal::IsAlive { .. } => add(Kind::Ending, Read),
        Signal::Info { .. } => {
            add(Kind::Steps, Whole);
            add(Kind::Contents, Whole);
            add(Kind::Ending, Read);
        }
        Signal::GroupLeader { .. }
        | Signal::Suspend { .. }
        | Signal::Resume { .. }
        | Signal::AwaitLoad { .. }
        | Signal::Collect { .. } => {
            add(Kind::Steps, Write);
            add(Kind::Ending, Read);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_clash_both_ways_and_as_documented() {
        let all = [Mode::Read, Mode::Write, Mode::Part, Mode::Whole];
        for a in all {
            for b in all {
                assert_eq!(a.clashes(b), b.clashes(a), "{a:?} {b:?}");
            }
        }
        let clashing: Vec<bool> = all.iter().map(|&m| Mode::Part.clashes(m)).collect();
        assert_eq!(clashing, [false, true, false, true]);
        assert!(!Mode::Read.clashes(Mode::Read) && !Mode::Whole.clashes(Mode::Whole));
    }
}
