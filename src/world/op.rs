//! Visible operations: what a process is about to do that another could notice.
//!
//! An operation names its kind and the object that it touches, so that an explorer can tell which commute.
//! Between two visible operations a process is alone.

use crate::ets::table::TableAt;
use crate::process::pid::Pid;
use crate::term::Atom;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum OpKind {
    /// A process's first step.
    Start,
    Send,
    Spawn,
    Link,
    Unlink,
    Monitor,
    Demonitor,
    /// `exit/2`, or an EXIT or DOWN signal of an ending process.
    ExitSignal,
    Register,
    Unregister,
    Whereis,
    /// `registered/0`, `processes/0`.
    ListAll,
    StartTimer,
    CancelTimer,
    ReadTimer,
    /// Reads the clock.
    ReadClock,
    /// A receive with a time limit looks into the mailbox.
    Receive,
    /// The time limit of a receive has passed.
    Timeout,
    /// A request signal: `is_process_alive`, `process_info`, suspension, ...
    Request,
    /// An ending process gives up its timers, its name, its inbox.
    ExitStep,
    MonotonicInteger,
    PersistentTerm,
    /// `erlang:yield/0`.
    YieldNow,
    Halt,
    Output,
    Code,
    /// Replaces, deletes or purges a module: any call that another process makes may lead elsewhere after it.
    ChangeCode,
    /// A call of a module whose `on_load` function has not given `ok`, or the end of that function.
    Load,
    /// Reads the objects of one key of an ETS table.
    EtsRead,
    /// Changes the objects of one key.
    EtsWrite,
    /// Puts objects in, or takes one out.
    EtsInsert,
    /// Reads a table as a whole: walks, selects, counts, asks about it.
    EtsScan,
    /// Changes objects of any keys.
    EtsSweep,
    /// Makes a table, or renames one.
    EtsNew,
    /// Deletes, fixes or gives away a table, or the end of its owner does.
    EtsAdmin,
    /// Makes a shared array, or asks what it was made as: commutes with everything.
    MakeCounters,
    /// Reads an integer of a shared array. Commutes with other reads.
    CounterRead,
    /// Adds to one, and does not look. Commutes with other additions.
    CounterAdd,
    CounterWrite,
    /// Environment variables.
    Environment,
    /// What the runtime counts, and settings of all of it.
    Accounts,
}

/// What an operation touches.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Object {
    /// Nothing that another process can tell.
    Nothing,
    /// A process's mailbox and state.
    Process(Pid),
    Name(Atom),
    /// A timer, by its creator's count.
    Timer(u64),
    /// An ETS table as a whole.
    Table(TableAt),
    /// The objects of one key of an ETS table, by the key's hash.
    TableKey(TableAt, u32),
    /// All processes, all names or all tables.
    /// An integer of a shared array. Arrays that share a key are taken for one.
    Counter {
        array: u64,
        index: u32,
    },
    /// All processes, or all names.
    Everything,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Op {
    pub kind: OpKind,
    pub object: Object,
}

impl Op {
    pub const fn new(kind: OpKind, object: Object) -> Op {
        Op { kind, object }
    }

    pub const fn of(kind: OpKind) -> Op {
        Op { kind, object: Object::Nothing }
    }

    pub const fn on(kind: OpKind, pid: Pid) -> Op {
        Op { kind, object: Object::Process(pid) }
    }
}
