//! Visible operations: what a process is about to do that another could notice.
//!
//! An operation names its kind and the object that it touches, so that an explorer can tell which commute.
//! Between two visible operations a process is alone.

use crate::ets::table::{TableAt, TableId};
use crate::heap::read::RefId;
use crate::process::pid::Pid;
use crate::term::Atom;
use std::fmt;

/// The kinds, written once for the type and for the list of all.
/// The numbers go into digests: a new kind comes last.
macro_rules! kinds {
    ($($(#[$about:meta])* $kind:ident,)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum OpKind {
            $($(#[$about])* $kind,)*
        }

        impl OpKind {
            /// In order of their numbers.
            pub const ALL: &[OpKind] = &[$(OpKind::$kind),*];
        }
    };
}

kinds! {
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
    /// Files, sockets, descriptors: begins an operation, or ends one.
    Io,
    /// Replaces, deletes or purges a module: any call that another process makes may lead elsewhere after it.
    ChangeCode,
    /// What a program says about itself, or a value that it leaves open: commutes with everything.
    Claim,
    /// An operation of a recorded history begins.
    Invoke,
    /// Reads or changes a buffer or a stream that others may have too.
    Cell,
    /// `process_flag(trap_exit, _)`: what an exit signal does from now on.
    TrapExit,
}

impl OpKind {
    /// Whether it is an operation on a table of ETS.
    #[inline]
    pub const fn is_ets(self) -> bool {
        use OpKind::{EtsAdmin, EtsInsert, EtsNew, EtsRead, EtsScan, EtsSweep, EtsWrite};
        matches!(self, EtsRead | EtsWrite | EtsInsert | EtsScan | EtsSweep | EtsNew | EtsAdmin)
    }
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
    /// An integer of a shared array. Arrays that share a key are taken for one.
    Counter {
        array: u64,
        index: u32,
    },
    /// All processes, all names or all tables.
    Everything,
}

/// An operation, packed into words: it is made, asked about and put into its seat at every scheduling point, and
/// the processor waits where a value is copied in other pieces than those in which it was just written.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Op {
    /// A pid, an atom, a count, an array, the creator of a table.
    key: u64,
    /// The count of a table without a name; 0 for all other objects.
    more: u64,
    /// The kind in the lowest byte, then what the object is; the upper half is a hash or an index.
    head: u64,
}

const NOTHING: u64 = 0;
const PROCESS: u64 = 1;
const NAME: u64 = 2;
const TIMER: u64 = 3;
const TABLE_NAME: u64 = 4;
const TABLE_ID: u64 = 5;
const KEY_OF_NAME: u64 = 6;
const KEY_OF_ID: u64 = 7;
const COUNTER: u64 = 8;
const EVERYTHING: u64 = 9;

impl Op {
    #[inline(always)]
    pub const fn new(kind: OpKind, object: Object) -> Op {
        let (what, key, more, upper) = match object {
            Object::Nothing => (NOTHING, 0, 0, 0),
            Object::Process(pid) => (PROCESS, pid.payload(), 0, 0),
            Object::Name(name) => (NAME, name.0 as u64, 0, 0),
            Object::Timer(count) => (TIMER, count, 0, 0),
            Object::Table(TableAt::Name(name)) => (TABLE_NAME, name.0 as u64, 0, 0),
            Object::Table(TableAt::Id(id)) => (TABLE_ID, id.reference().creator, id.reference().count, 0),
            Object::TableKey(TableAt::Name(name), key) => (KEY_OF_NAME, name.0 as u64, 0, key),
            Object::TableKey(TableAt::Id(id), key) => {
                (KEY_OF_ID, id.reference().creator, id.reference().count, key)
            }
            Object::Counter { array, index } => (COUNTER, array, 0, index),
            Object::Everything => (EVERYTHING, 0, 0, 0),
        };
        Op { key, more, head: kind as u64 | what << 8 | (upper as u64) << 32 }
    }

    pub const fn of(kind: OpKind) -> Op {
        Op::new(kind, Object::Nothing)
    }

    #[inline]
    pub const fn on(kind: OpKind, pid: Pid) -> Op {
        Op::new(kind, Object::Process(pid))
    }

    #[inline]
    pub fn kind(&self) -> OpKind {
        OpKind::ALL[self.kind_number() as usize]
    }

    #[inline]
    pub fn kind_number(&self) -> u64 {
        self.head & 0xff
    }

    #[inline]
    pub fn is(&self, kind: OpKind) -> bool {
        self.head as u8 == kind as u8
    }

    #[inline]
    pub fn object(&self) -> Object {
        let upper = (self.head >> 32) as u32;
        match self.head >> 8 & 0xff {
            PROCESS => Object::Process(Pid::from_payload(self.key)),
            NAME => Object::Name(Atom(self.key as u32)),
            TIMER => Object::Timer(self.key),
            TABLE_NAME | KEY_OF_NAME | TABLE_ID | KEY_OF_ID => self.table_object(),
            COUNTER => Object::Counter { array: self.key, index: upper },
            EVERYTHING => Object::Everything,
            _ => Object::Nothing,
        }
    }

    #[inline(never)]
    fn table_object(&self) -> Object {
        let (name, upper) = (Atom(self.key as u32), (self.head >> 32) as u32);
        let id = || {
            let id = TableId::of(RefId { creator: self.key, count: self.more });
            TableAt::Id(id.expect("it was packed from a table's reference"))
        };
        match self.head >> 8 & 0xff {
            TABLE_NAME => Object::Table(TableAt::Name(name)),
            KEY_OF_NAME => Object::TableKey(TableAt::Name(name), upper),
            TABLE_ID => Object::Table(id()),
            _ => Object::TableKey(id(), upper),
        }
    }

    /// Writes the operation over this one, word by word and in such an order that no two are moved as one.
    #[inline]
    pub fn set(&mut self, op: &Op) {
        self.key = op.key;
        self.more = if matches!(op.head >> 8 & 0xff, TABLE_ID | KEY_OF_ID) { op.more } else { 0 };
        self.head = op.head;
    }
}

impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Op").field("kind", &self.kind()).field("object", &self.object()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        for (i, kind) in OpKind::ALL.iter().enumerate() {
            assert_eq!(*kind as usize, i, "{kind:?} is out of order");
        }
        let pid = Pid::from_payload(0x0123_4567_89ab_cdef);
        let id = TableAt::Id(TableId::new(RefId { creator: pid.payload(), count: 77 }));
        let name = TableAt::Name(Atom::BADARG);
        let objects = [
            Object::Nothing,
            Object::Process(pid),
            Object::Name(Atom::ERLANG),
            Object::Timer(u64::MAX),
            Object::Table(name),
            Object::Table(id),
            Object::TableKey(name, u32::MAX),
            Object::TableKey(id, 9),
            Object::Counter { array: u64::MAX - 1, index: u32::MAX },
            Object::Everything,
        ];
        for object in objects {
            for &kind in OpKind::ALL {
                let op = Op::new(kind, object);
                assert_eq!((op.kind(), op.object(), op.is(kind)), (kind, object, true));
                let mut copy = Op::new(OpKind::Halt, Object::TableKey(id, 1));
                copy.set(&op);
                assert_eq!(copy, op);
            }
        }
    }
}
