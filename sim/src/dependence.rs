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
use warpbeam::ets::table::TableAt;
use warpbeam::process::pid::Pid;
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
    /// Timers that send to one process, which its end stops.
    TimersTo,
    /// Timers with one deadline fire in the order in which they were started.
    Deadline,
    /// The line of timers whose time has come. One of them that is stopped would have fired once those before it had
    /// fired or been stopped.
    Due,
    Integers,
    /// An integer of a shared array.
    Counter,
    Environment,
    Accounts,
    /// What is in an ETS table, and the table itself; by key; what there is in it.
    Table,
    TableKey,
    TableRows,
    AllTables,
    Persistent,
    Loads,
    /// All that the kernel has; what touches only some of it, which is named then, touches it in part.
    Kernel,
    KernelFile,
    KernelSocket,
    /// Where an opening of a file reads and writes.
    KernelPosition,
    /// The tree of directories.
    KernelPaths,
    /// Which numbers of descriptors are free, and the numbers of sockets.
    KernelNumbers,
    /// Who has which address, and the next free port.
    KernelAddresses,
    /// A descriptor as programs have it: whether it is open. What is begun on it reads that.
    Descriptor,
    /// Which descriptors a process owns.
    Owned,
    /// An operation in flight, by its name: it ends, or somebody cancels it.
    Operation,
    /// What is in a named pipe, and who has its ends.
    KernelPipe,
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
    let same = match (a.object(), b.object()) {
        (Object::Nothing, Object::Nothing) => a.kind() == b.kind() && a.kind() != OpKind::Spawn,
        (Object::Everything, other) | (other, Object::Everything) => other != Object::Nothing,
        (one, other) => one == other,
    };
    same && !(looks(a.kind()) && looks(b.kind()))
}

/// Hashes of processes and tables that are the same in every run.
pub trait Hashes {
    fn of_pid(&self, pid: Pid) -> u64;
    fn of_table(&self, at: TableAt) -> u64;
    /// Of all processes that have ever been.
    fn everybody(&self) -> Box<dyn Iterator<Item = u64> + '_>;
}

/// An object as 64 bits; 0 for nothing.
#[inline]
pub fn hash_of(object: Object, hashes: &impl Hashes) -> u64 {
    match object {
        Object::Nothing => 0,
        Object::Process(pid) => hashes.of_pid(pid),
        Object::Name(name) => name.digest(),
        Object::Timer(count) => count,
        Object::Table(at) => hashes.of_table(at),
        Object::TableKey(at, key) => fold(hashes.of_table(at), u64::from(key)),
        Object::Counter { array, index } => fold(array, u64::from(index)),
        Object::Everything => u64::MAX,
    }
}

/// What an operation of the process with hash `me` touches by itself.
pub fn of_op(me: u64, op: Op, hashes: &dyn Hashes, into: &mut Vec<Access>) {
    use Mode::{Part, Read, Whole, Write};
    into.push(Access::new(Kind::Steps, me, Part));
    let mut add = |access| into.push(access);
    match op.kind() {
        OpKind::Link | OpKind::Unlink => {
            if let Object::Process(pid) = op.object() {
                add(Access::link(me, hashes.of_pid(pid)));
            }
        }
        OpKind::Demonitor => add(Access::new(Kind::Monitors, me, Write)),
        OpKind::Register | OpKind::Unregister => {
            add(name(op.object(), Write));
            add(Access::on(Kind::AllNames, Part));
        }
        OpKind::Whereis => add(name(op.object(), Read)),
        OpKind::Send | OpKind::Monitor | OpKind::StartTimer if matches!(op.object(), Object::Name(_)) => {
            add(name(op.object(), Read));
            if op.kind() == OpKind::StartTimer {
                add(Access::on(Kind::AllTimers, Part));
            }
        }
        OpKind::ListAll => {
            add(Access::on(Kind::AllNames, Whole));
            add(Access::on(Kind::AllProcesses, Whole));
            add(Access::on(Kind::AllTables, Whole));
        }
        OpKind::Spawn => add(Access::on(Kind::AllProcesses, Part)),
        OpKind::ExitStep => {
            add(Access::on(Kind::AllTimers, Whole));
            add(Access::new(Kind::TimersTo, me, Whole));
            if matches!(op.object(), Object::Process(_)) {
                add(Access::new(Kind::Closed, me, Write));
                add(Access::new(Kind::NameOf, me, Write));
                add(Access::on(Kind::AllProcesses, Part));
            }
        }
        OpKind::StartTimer | OpKind::CancelTimer | OpKind::ReadTimer => {
            add(Access::on(Kind::AllTimers, Part));
        }
        OpKind::MonotonicInteger => add(Access::on(Kind::Integers, Write)),
        OpKind::CounterRead => add(counter(op.object(), Whole)),
        OpKind::CounterAdd => add(counter(op.object(), Part)),
        OpKind::CounterWrite | OpKind::Cell => add(counter(op.object(), Write)),
        OpKind::Environment => add(Access::on(Kind::Environment, Write)),
        // What is asked for is known when it is done: `crate::world::touch`.
        OpKind::Io => add(Access::on(Kind::Kernel, Part)),
        OpKind::PersistentTerm => add(Access::on(Kind::Persistent, Write)),
        OpKind::ChangeCode => {
            // No call asks: the change comes before or after each step of every process.
            for process in hashes.everybody().filter(|&process| process != me) {
                add(Access::new(Kind::Steps, process, Whole));
            }
            add(Access::on(Kind::Loads, Write));
            add(Access::on(Kind::AllProcesses, Whole));
        }
        OpKind::Invoke | OpKind::Accounts => {
            // Whether another operation has ended before this one begins, and what has been done or is kept by now, is a
            // matter of that process's steps.
            for process in hashes.everybody().filter(|&process| process != me) {
                add(Access::new(Kind::Steps, process, Whole));
            }
            add(Access::on(Kind::AllProcesses, Whole));
        }
        OpKind::Load => add(Access::on(Kind::Loads, Write)),
        OpKind::EtsRead
        | OpKind::EtsWrite
        | OpKind::EtsInsert
        | OpKind::EtsScan
        | OpKind::EtsSweep
        | OpKind::EtsNew
        | OpKind::EtsAdmin => of_table(op, hashes, into),
        // The signals that these hand over have accesses of their own, or they have none.
        OpKind::Send
        | OpKind::Monitor
        | OpKind::ExitSignal
        | OpKind::Request
        | OpKind::Receive
        | OpKind::Start
        | OpKind::ReadClock
        | OpKind::Timeout
        | OpKind::YieldNow
        | OpKind::Halt
        | OpKind::Output
        | OpKind::Code
        | OpKind::MakeCounters
        | OpKind::Claim => {}
        OpKind::TrapExit => add(Access::new(Kind::TrapsExits, me, Write)),
    }
}

fn name(object: Object, mode: Mode) -> Access {
    match object {
        Object::Name(name) => Access::new(Kind::Name, name.digest(), mode),
        _ => Access::on(Kind::AllNames, Mode::Write),
    }
}

/// Tables of ETS: by key where one is known. Making and removing named tables touches all of them.
fn of_table(op: Op, hashes: &dyn Hashes, into: &mut Vec<Access>) {
    use Mode::{Part, Read, Whole, Write};
    let mut add = |kind, hash, mode| into.push(Access::new(kind, hash, mode));
    let (table, key) = match op.object() {
        // A new table without a name.
        Object::Nothing if op.kind() == OpKind::EtsNew => return add(Kind::AllTables, 0, Part),
        Object::Table(at) => (hashes.of_table(at), None),
        Object::TableKey(at, key) => (hashes.of_table(at), Some(key)),
        _ => return add(Kind::AllTables, 0, Write),
    };
    let changes_all = matches!(op.kind(), OpKind::EtsNew | OpKind::EtsAdmin);
    add(Kind::AllTables, 0, if changes_all { Write } else { Read });
    match (op.kind(), key) {
        (OpKind::EtsRead, Some(key)) => {
            add(Kind::TableKey, fold(table, u64::from(key)), Read);
            add(Kind::Table, table, Part);
        }
        (OpKind::EtsWrite | OpKind::EtsInsert, Some(key)) => {
            add(Kind::TableKey, fold(table, u64::from(key)), Write);
            add(Kind::Table, table, Part);
            add(Kind::TableRows, table, Part);
        }
        (OpKind::EtsScan | OpKind::EtsRead, _) => {
            add(Kind::Table, table, Part);
            add(Kind::TableRows, table, Whole);
        }
        _ => add(Kind::Table, table, Write),
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
pub fn of_signal(to: u64, signal: &Signal, hashes: &dyn Hashes, into: &mut Vec<Access>) {
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
            into.push(Access::link(to, hashes.of_pid(*from)));
        }
        Signal::Exit { from, cause, .. } => {
            add(Kind::TrapsExits, Read);
            add(Kind::Ending, Read);
            if *cause == ExitCause::Link {
                into.push(Access::link(to, hashes.of_pid(*from)));
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
