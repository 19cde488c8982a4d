//! What can go wrong in the simulated kernel, one by one.
//!
//! Invariant: a fault has one name, used by `--faults` and in schedules, and one number; new ones come last. A request
//! is only asked about faults that it can have. Which happen is a choice ([`crate::choice::Class::Fault`]).

use super::numbers::Open;
use super::pipe::ATOMIC_MAX;
use warpbeam::ring::request::Request;
use warpbeam::ring::{Errno, net::SocketKind};

macro_rules! faults {
    ($($(#[doc = $said:literal])+ $fault:ident $name:literal,)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum Fault {
            $($(#[doc = $said])+ $fault,)*
        }

        impl Fault {
            pub const ALL: &[Fault] = &[$(Fault::$fault),*];

            pub fn name(self) -> &'static str {
                match self {
                    $(Fault::$fault => $name,)*
                }
            }
        }
    };
}

faults! {
    /// An operation is interrupted before it has done anything.
    Interrupted "eintr",
    /// Half of the bytes are moved, at least one.
    Short "short",
    /// A device fails.
    Io "eio",
    /// No room is left on the disk.
    NoSpace "enospc",
    /// The program has no descriptor left.
    NoDescriptors "emfile",
    /// The other end resets the connection.
    Reset "econnreset",
    /// A connection is refused, as if nobody listened.
    Refused "econnrefused",
    /// It takes longer than anybody waits.
    Slow "slow",
    /// The machine stops, and starts again: what was not synced may be lost.
    Crash "crash",
    /// A datagram is lost.
    Loss "loss",
    /// A datagram comes before the one that was sent before it.
    Reorder "reorder",
    /// What goes over a link between hosts comes late.
    Delay "delay",
    /// What goes over a link between hosts is lost: a datagram for good, what belongs to a stream until it is sent again.
    Drop "drop",
    /// The host that sends is cut off from all others, for a time.
    Partition "partition",
    /// The link over which something is sent is cut, for a time.
    Cut "cut",
    /// What goes out over a link does not arrive, for a time, while what comes in does.
    CutOut "cut-out",
    /// What comes in over a link over which something is sent does not, for a time, while what goes out arrives.
    CutIn "cut-in",
}

impl Fault {
    pub fn parse(name: &str) -> Option<Fault> {
        Fault::ALL.iter().copied().find(|fault| fault.name() == name)
    }

    pub fn from_number(number: u32) -> Option<Fault> {
        Fault::ALL.get(number as usize).copied()
    }

    /// It strikes what goes over a link between hosts.
    pub fn is_of_links(self) -> bool {
        self.cuts() || matches!(self, Fault::Delay | Fault::Drop)
    }

    /// It cuts hosts off from each other.
    pub fn cuts(self) -> bool {
        matches!(self, Fault::Partition | Fault::Cut | Fault::CutOut | Fault::CutIn)
    }

    /// Whether a request on a descriptor, or on none, can meet it; of faults of links, where it goes over one.
    pub fn strikes(self, request: &Request, open: Option<Target>) -> bool {
        use Request as R;
        let stream = open == Some(Target::Stream);
        match self {
            Fault::Interrupted => matches!(
                request,
                R::Open { .. }
                    | R::Close
                    | R::Read { .. }
                    | R::Write { .. }
                    | R::Accept
                    | R::Receive { .. }
                    | R::Send { .. }
                    | R::TrySend { .. }
            ),
            Fault::Short => match request {
                R::Read { buffer, filled, .. } => buffer.len() > filled + 1,
                // A short write to a pipe goes in whole.
                R::Write { bytes, from, .. } if open == Some(Target::Pipe) => bytes.len() > from + ATOMIC_MAX,
                R::Write { bytes, from, .. } => bytes.len() > from + 1,
                R::TrySend { bytes } => stream && bytes.len() > 1,
                R::Send { bytes, from } => stream && bytes.len() > from + 1,
                R::Receive { buffer } => stream && buffer.len() > 1,
                _ => false,
            },
            Fault::Io => {
                open == Some(Target::File)
                    && matches!(request, R::Read { .. } | R::Write { .. } | R::Sync { .. } | R::Truncate)
            }
            Fault::NoSpace => match request {
                R::Write { .. } | R::Allocate { .. } => open == Some(Target::File),
                R::Open { mode, .. } => mode.create,
                R::MakeDir { .. } | R::MakePipe { .. } => true,
                _ => false,
            },
            Fault::NoDescriptors => request.opens(),
            Fault::Reset => {
                stream && matches!(request, R::Receive { .. } | R::Send { .. } | R::TrySend { .. })
            }
            Fault::Refused => matches!(request, R::Connect { .. }),
            Fault::Slow => !matches!(request, R::Close | R::Timeout { .. }),
            Fault::Crash => !matches!(request, R::Close),
            Fault::Loss | Fault::Reorder => {
                open == Some(Target::Datagram) && matches!(request, R::SendTo { .. } | R::Send { .. })
            }
            Fault::Delay | Fault::Drop | Fault::Partition | Fault::Cut | Fault::CutOut | Fault::CutIn => {
                matches!(request, R::Connect { .. } | R::SendTo { .. } | R::Send { .. } | R::TrySend { .. })
            }
        }
    }

    /// With what an operation fails that it strikes.
    pub fn errno(self) -> Option<Errno> {
        match self {
            Fault::Interrupted => Some(Errno::INTR),
            Fault::Io => Some(Errno::IO),
            Fault::NoSpace => Some(Errno::NOSPC),
            Fault::NoDescriptors => Some(Errno::MFILE),
            Fault::Refused => Some(Errno::CONNREFUSED),
            Fault::Short
            | Fault::Reset
            | Fault::Slow
            | Fault::Crash
            | Fault::Loss
            | Fault::Reorder
            | Fault::Delay
            | Fault::Drop
            | Fault::Partition
            | Fault::Cut
            | Fault::CutOut
            | Fault::CutIn => None,
        }
    }
}

/// What a descriptor leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    File,
    Pipe,
    Stream,
    Datagram,
}

impl Target {
    pub fn of(open: &Open, kind: impl FnOnce(super::socket::SocketId) -> SocketKind) -> Target {
        match open {
            Open::File(_) => Target::File,
            Open::Pipe(_) => Target::Pipe,
            Open::Socket(id) => match kind(*id) {
                SocketKind::Stream => Target::Stream,
                SocketKind::Datagram => Target::Datagram,
            },
        }
    }
}

/// Faults that a run may meet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Faults(u32);

impl Faults {
    pub const NONE: Faults = Faults(0);

    pub fn all() -> Faults {
        Fault::ALL.iter().fold(Faults::NONE, |faults, &fault| faults.with(fault))
    }

    #[must_use]
    pub fn with(self, fault: Fault) -> Faults {
        Faults(self.0 | 1 << fault as u32)
    }

    pub fn has(self, fault: Fault) -> bool {
        self.0 & 1 << fault as u32 != 0
    }

    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Fault> {
        Fault::ALL.iter().copied().filter(move |&fault| self.has(fault))
    }

    /// Reads the value of `--faults`: names with commas between, `all` or `none`. The name that there is not.
    pub fn parse(text: &str) -> Result<Faults, &str> {
        match text {
            "all" => Ok(Faults::all()),
            "none" => Ok(Faults::NONE),
            list => list.split(',').try_fold(Faults::NONE, |faults, name| {
                Fault::parse(name).map(|fault| faults.with(fault)).ok_or(name)
            }),
        }
    }

    pub fn text(self) -> String {
        if self.is_none() {
            return "none".to_string();
        }
        self.iter().map(Fault::name).collect::<Vec<_>>().join(",")
    }
}
