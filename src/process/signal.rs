//! Signals: everything that one process does to another.
//!
//! Order is kept from one sender to one receiver and promised nowhere else. Source: the Erlang
//! Reference Manual, "Processes", on signals and their delivery. The link protocol is the one with
//! acknowledged unlinks of the distribution protocol, used for local links too.

use super::on_load::Version;
use super::pid::Pid;
use crate::heap::parcel::Parcel;
use crate::heap::read::RefId;
use crate::term::Atom;

/// What a monitor watches, as the DOWN message shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Watched {
    Pid(Pid),
    Name(Atom),
    /// The name of a port.
    PortName(Atom),
    /// The time offset, which never changes here.
    ClockService,
}

impl Watched {
    /// What it is called in DOWN messages and by `process_info`.
    pub fn kind(self) -> Atom {
        match self {
            Watched::Pid(pid) if pid.is_port() => Atom::PORT,
            Watched::PortName(_) => Atom::PORT,
            _ => Atom::PROCESS,
        }
    }
}

/// Why an exit signal came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExitCause {
    /// The sender ended and was linked.
    Link,
    /// `exit/2`.
    Sent,
}

#[derive(Clone, Debug)]
pub enum Signal {
    Message(Parcel),
    /// A message to an alias: dropped where the alias is no longer active.
    AliasMessage {
        alias: RefId,
        message: Parcel,
    },
    Link {
        from: Pid,
    },
    Unlink {
        from: Pid,
        id: u64,
    },
    UnlinkAck {
        from: Pid,
        id: u64,
    },
    /// `reference.creator` watches the receiver.
    Monitor {
        reference: RefId,
        watched: Watched,
    },
    Demonitor {
        reference: RefId,
    },
    Down {
        reference: RefId,
        watched: Watched,
        reason: Parcel,
    },
    Exit {
        from: Pid,
        cause: ExitCause,
        reason: Parcel,
    },
    GroupLeader {
        leader: Pid,
        from: Pid,
        request: RefId,
    },
    IsAlive {
        from: Pid,
        request: RefId,
    },
    /// `items` is one item of `process_info/2`, a list of them, or the atom `all` for those of
    /// `process_info/1`.
    Info {
        from: Pid,
        request: RefId,
        items: Parcel,
    },
    /// Sent again by a suspender, it changes nothing, but its request is replied to.
    Suspend {
        from: Pid,
        request: Option<RefId>,
    },
    /// The suspender lets go.
    Resume {
        from: Pid,
    },
    /// The sender waits to call the module whose `on_load` function the receiver runs.
    AwaitLoad {
        from: Pid,
        request: RefId,
    },
    /// Asks the receiver to collect, or whether its stack leads to a version of a module.
    Collect {
        from: Pid,
        request: RefId,
        uses: Option<Version>,
    },
    /// The answer to a request signal.
    Reply {
        request: RefId,
        value: Parcel,
    },
}

impl Signal {
    /// Whether it ends in the mailbox, where the program's receives see it.
    pub fn is_message(&self) -> bool {
        matches!(self, Signal::Message(_) | Signal::AliasMessage { .. })
    }

    /// Whether it asks something of a live process.
    pub fn is_request(&self) -> bool {
        matches!(
            self,
            Signal::GroupLeader { .. }
                | Signal::IsAlive { .. }
                | Signal::Info { .. }
                | Signal::Suspend { .. }
                | Signal::Collect { .. }
        )
    }

    /// The signal's name as traces show it.
    pub fn name(&self) -> &'static str {
        match self {
            Signal::Message(_) => "message",
            Signal::AliasMessage { .. } => "alias message",
            Signal::Link { .. } => "link",
            Signal::Unlink { .. } => "unlink",
            Signal::UnlinkAck { .. } => "unlink ack",
            Signal::Monitor { .. } => "monitor",
            Signal::Demonitor { .. } => "demonitor",
            Signal::Down { .. } => "DOWN",
            Signal::Exit { .. } => "EXIT",
            Signal::GroupLeader { .. } => "group leader",
            Signal::IsAlive { .. } => "alive?",
            Signal::Info { .. } => "info?",
            Signal::Suspend { .. } => "suspend",
            Signal::Resume { .. } => "resume",
            Signal::AwaitLoad { .. } => "loaded?",
            Signal::Collect { .. } => "collect",
            Signal::Reply { .. } => "reply",
        }
    }
}
