//! Addresses, kinds and options of sockets, as every ring takes them.
//!
//! Invariant: nothing here depends on an operating system's layout; each ring translates.

use std::net::IpAddr;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Domain {
    Inet,
    Inet6,
    Local,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SocketKind {
    Stream,
    Datagram,
}

/// Where a socket is, or shall be.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Address {
    Ip {
        ip: IpAddr,
        port: u16,
    },
    /// A path, or nothing for a socket without a name.
    Local(Vec<u8>),
}

impl Address {
    pub fn domain(&self) -> Domain {
        match self {
            Address::Ip { ip: IpAddr::V4(_), .. } => Domain::Inet,
            Address::Ip { ip: IpAddr::V6(_), .. } => Domain::Inet6,
            Address::Local(_) => Domain::Local,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shut {
    Read,
    Write,
    Both,
}

/// Which address of a socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Name {
    Own,
    Peer,
}

/// Options whose value is a number; of those that are on or off, 1 or 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SocketOption {
    ReuseAddress,
    ReusePort,
    KeepAlive,
    NoDelay,
    SendBuffer,
    ReceiveBuffer,
    Broadcast,
    /// Seconds to linger at close; negative: off.
    Linger,
    /// IPv6 alone.
    V6Only,
    TypeOfService,
    Priority,
    TimeToLive,
    MulticastTimeToLive,
    MulticastLoop,
    /// The IPv4 address of an interface, as a number.
    MulticastInterface,
    /// The IPv4 addresses of a group and of an interface, in the upper and the lower half.
    AddMembership,
    DropMembership,
    /// The pending error, which reading clears.
    Error,
}
