//! The simulated network: who has which address, and connections between sockets.
//!
//! Invariants: every socket with an own address is listed under its port, in the order in which they came; whatever
//! changes what a socket is ready for puts it on `changed`. What is sent on one host is with its receiver when the send
//! completes: later is when the receiver's operation completes. Between hosts there are links ([`super::link`]).

use super::host::{Host, Hosts, Passage};
use super::link::Load;
use super::socket::{Datagrams, Ending, Socket, SocketId, Sockets, State, Stream};
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use warpbeam::ring::Errno;
use warpbeam::ring::net::{Address, Domain, SocketKind, SocketOption};
use warpbeam::ring::request::OpId;

/// Where sockets meet whose addresses could be taken for each other.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Port {
    Ip { host: Host, stream: bool, v6: bool, port: u16 },
    Local(Vec<u8>),
}

#[derive(Clone, Debug)]
pub struct Network {
    sockets: Sockets,
    ports: BTreeMap<Port, Vec<SocketId>>,
    next_port: u16,
    pub hosts: Hosts,
    pub changed: Vec<SocketId>,
    /// What is on its way between hosts.
    pub loads: BTreeMap<Passage, Load>,
    /// Passages that have begun, and how long they take; the world takes them.
    pub departed: Vec<(Passage, u64)>,
}

/// Ports that a socket gets that asks for none.
const EPHEMERAL: std::ops::RangeInclusive<u16> = 49_152..=65_535;

impl Default for Network {
    fn default() -> Self {
        Network {
            sockets: Sockets::default(),
            ports: BTreeMap::new(),
            next_port: *EPHEMERAL.start(),
            hosts: Hosts::default(),
            changed: Vec::new(),
            loads: BTreeMap::new(),
            departed: Vec::new(),
        }
    }
}

impl Network {
    pub fn between(hosts: Hosts) -> Network {
        Network { hosts, ..Network::default() }
    }

    pub fn add(&mut self, socket: Socket) -> SocketId {
        self.sockets.add(socket)
    }

    #[inline]
    pub fn get(&self, id: SocketId) -> &Socket {
        self.sockets.get(id).expect("a descriptor or a stream leads to a socket that is there")
    }

    #[inline]
    pub fn get_mut(&mut self, id: SocketId) -> &mut Socket {
        self.sockets.get_mut(id).expect("a descriptor or a stream leads to a socket that is there")
    }

    /// A socket that an operation began on: a runtime that errs may have closed it since.
    pub fn find(&self, id: SocketId) -> Option<&Socket> {
        self.sockets.get(id)
    }

    pub fn find_mut(&mut self, id: SocketId) -> Option<&mut Socket> {
        self.sockets.get_mut(id)
    }

    /// What the socket is ready for may be different now.
    #[inline]
    pub fn changes(&mut self, id: SocketId) {
        if !self.get(id).waiting.is_empty() {
            self.changed.push(id);
        }
    }

    /// Adds the operations whose turn may be different now.
    pub fn take_changed(&mut self, moved: &mut Vec<OpId>) {
        let Network { changed, sockets, .. } = self;
        for id in changed.drain(..) {
            let socket = sockets.get(id).expect("a socket that goes has changed for nobody");
            moved.extend_from_slice(&socket.waiting);
        }
    }

    fn port_of(host: Host, kind: SocketKind, address: &Address) -> Port {
        match address {
            Address::Ip { ip, port } => {
                Port::Ip { host, stream: kind == SocketKind::Stream, v6: ip.is_ipv6(), port: *port }
            }
            Address::Local(path) => Port::Local(path.clone()),
        }
    }

    /// Gives a socket an address of its own.
    pub fn bind(&mut self, id: SocketId, address: &Address) -> Result<(), Errno> {
        let socket = self.get(id);
        if address.domain() != socket.domain {
            return Err(Errno::AFNOSUPPORT);
        }
        if socket.own.is_some() {
            return Err(Errno::INVAL);
        }
        let (mut host, kind) = (socket.host, socket.kind);
        let mut address = address.clone();
        if let Address::Ip { ip, port } = &mut address {
            // The address says on which host the socket is.
            host = self.hosts.of(host, *ip).ok_or(Errno::ADDRNOTAVAIL)?;
            if *port == 0 {
                *port = self.free_port(host, kind, *ip)?;
            }
        }
        let at = Network::port_of(host, kind, &address);
        let socket = self.get(id);
        for other in self.ports.get(&at).into_iter().flatten().map(|&other| self.get(other)) {
            let both = |option| socket.is_on(option) && other.is_on(option);
            let shares = both(SocketOption::ReusePort)
                || (both(SocketOption::ReuseAddress) && !other.listens() && socket.domain != Domain::Local);
            if overlap(&address, other.own.as_ref()) && !shares {
                return Err(Errno::ADDRINUSE);
            }
        }
        self.ports.entry(at).or_default().push(id);
        let socket = self.get_mut(id);
        (socket.host, socket.own) = (host, Some(address));
        Ok(())
    }

    fn free_port(&mut self, host: Host, kind: SocketKind, ip: IpAddr) -> Result<u16, Errno> {
        for _ in EPHEMERAL {
            let port = self.next_port;
            self.next_port = if port == *EPHEMERAL.end() { *EPHEMERAL.start() } else { port + 1 };
            let at = Network::port_of(host, kind, &Address::Ip { ip, port });
            if !self.ports.contains_key(&at) {
                return Ok(port);
            }
        }
        Err(Errno::ADDRINUSE)
    }

    /// An address of the network's choice, for a socket that has none and talks to `ip`.
    pub fn bind_somewhere(&mut self, id: SocketId, to: Option<&Address>) -> Result<(), Errno> {
        let socket = self.get(id);
        if socket.own.is_some() || socket.domain == Domain::Local {
            return Ok(());
        }
        let ip = match to {
            Some(Address::Ip { ip, .. }) => self.own_address(socket.host, *ip),
            _ => unspecified(socket.domain),
        };
        self.bind(id, &Address::Ip { ip, port: 0 })
    }

    /// The own address of who talks to `ip`.
    fn own_address(&self, host: Host, ip: IpAddr) -> IpAddr {
        self.hosts.source(host, ip).unwrap_or_else(|| loopback_like(ip))
    }

    /// Who takes what is sent to an address.
    pub fn receiver(&self, from: Host, kind: SocketKind, to: &Address) -> Option<SocketId> {
        let host = self.host_of(from, to).ok()?;
        let takes = |id: &&SocketId| kind == SocketKind::Datagram || self.get(**id).listens();
        let here = self.ports.get(&Network::port_of(host, kind, to))?;
        let exact = here.iter().filter(takes).find(|&&id| self.get(id).own.as_ref() == Some(to));
        let any = |id: &&SocketId| matches!(&self.get(**id).own, Some(Address::Ip { ip, .. }) if ip.is_unspecified());
        exact.or_else(|| here.iter().filter(takes).find(any)).copied()
    }

    /// Where an address is.
    pub fn host_of(&self, from: Host, address: &Address) -> Result<Host, Errno> {
        match address {
            Address::Ip { ip, .. } => self.hosts.of(from, *ip).ok_or(Errno::NETUNREACH),
            Address::Local(_) => Ok(from),
        }
    }

    /// Makes a connection that waits to be accepted.
    pub fn connect(&mut self, id: SocketId, to: Address, listener: SocketId) -> Result<(), Errno> {
        self.bind_somewhere(id, Some(&to))?;
        let socket = self.get(id);
        let own = socket.own.clone().unwrap_or(Address::Local(Vec::new()));
        let at = self.get(listener);
        let mut other = Socket::new(at.host, at.domain, SocketKind::Stream);
        other.options.clone_from(&at.options);
        other.own = Some(to.clone());
        other.peer = Some(own);
        other.state = State::Stream(Stream::to(id, socket.host));
        let far = other.host;
        if let Address::Ip { .. } = &to {
            let port = Network::port_of(other.host, SocketKind::Stream, &to);
            self.ports.entry(port).or_default().push(self.sockets.next());
        }
        let other = self.add(other);
        let socket = self.get_mut(id);
        socket.peer = Some(to);
        socket.state = State::Stream(Stream::to(other, far));
        if let State::Listening { queue, .. } = &mut self.get_mut(listener).state {
            queue.push_back(other);
        }
        self.changes(id);
        self.changes(listener);
        Ok(())
    }

    pub fn listen(&mut self, id: SocketId, backlog: u32) -> Result<(), Errno> {
        self.bind_somewhere(id, None)?;
        let socket = self.get(id);
        let at = Network::port_of(socket.host, socket.kind, socket.own.as_ref().ok_or(Errno::INVAL)?);
        for &other in self.ports.get(&at).into_iter().flatten() {
            let other = self.get(other);
            let shares = socket.is_on(SocketOption::ReusePort) && other.is_on(SocketOption::ReusePort);
            if other.listens() && !shares && !std::ptr::eq(other, socket) && overlap_own(socket, other) {
                return Err(Errno::ADDRINUSE);
            }
        }
        let most = backlog as usize;
        match &mut self.get_mut(id).state {
            State::Listening { backlog, .. } => *backlog = most,
            State::Stream(_) => return Err(Errno::INVAL),
            State::Datagrams(_) => return Err(Errno::OPNOTSUPP),
            fresh @ State::Fresh => *fresh = State::Listening { backlog: most, queue: VecDeque::new() },
        }
        Ok(())
    }

    /// Whether a listener takes one more connection.
    pub fn has_room(&self, listener: SocketId) -> bool {
        match &self.get(listener).state {
            // Linux lets one more wait than it was told.
            State::Listening { backlog, queue } => queue.len() <= *backlog,
            _ => true,
        }
    }

    /// The descriptor is closed. Operations that wait for the socket all the same are returned.
    pub fn close(&mut self, id: SocketId) -> Vec<OpId> {
        let socket = self.get(id);
        let hard = socket.option(SocketOption::Linger) == 0;
        match std::mem::replace(&mut self.get_mut(id).state, State::Fresh) {
            State::Stream(stream) => {
                if let Some(other) = stream.other {
                    // What has not come because its way is cut is answered when it comes.
                    let unheard = !stream.way.is_empty() && !self.hosts.hears(self.get(id).host, stream.far);
                    let breaks = hard || !stream.incoming.is_empty() || !stream.way.is_empty() && !unheard;
                    self.leaves(id, other, if breaks { Ending::Reset } else { Ending::End });
                    if unheard && !breaks {
                        self.answer_by_reset(other);
                    }
                }
            }
            State::Listening { queue, .. } => {
                for waiting in queue {
                    if let Some(other) = self.get(waiting).stream().ok().and_then(|stream| stream.other) {
                        self.leaves(waiting, other, Ending::Reset);
                    }
                    self.remove(waiting);
                }
            }
            State::Fresh | State::Datagrams(Datagrams { .. }) => {}
        }
        self.remove(id)
    }

    /// One end of a stream goes, and the other is told.
    fn leaves(&mut self, id: SocketId, other: SocketId, ending: Ending) {
        let from = self.get(id).host;
        if let Ok(stream) = self.get_mut(other).stream_mut() {
            stream.other = None;
        }
        self.carry_ending(from, other, ending);
    }

    fn remove(&mut self, id: SocketId) -> Vec<OpId> {
        let socket = self.sockets.remove(id).expect("what is removed was there");
        if let Some(own) = &socket.own {
            let at = Network::port_of(socket.host, socket.kind, own);
            if let Some(here) = self.ports.get_mut(&at) {
                here.retain(|&other| other != id);
                if here.is_empty() {
                    self.ports.remove(&at);
                }
            }
        }
        self.changed.retain(|&changed| changed != id);
        socket.waiting
    }

    /// Breaks a connection, for both its ends.
    pub fn reset(&mut self, id: SocketId) {
        let other = self.get(id).stream().ok().and_then(|stream| stream.other);
        for end in [Some(id), other].into_iter().flatten() {
            self.get_mut(end).break_off();
            self.changes(end);
        }
    }

    /// The address of a socket without one.
    pub fn nowhere(domain: Domain) -> Address {
        match domain {
            Domain::Local => Address::Local(Vec::new()),
            domain => Address::Ip { ip: unspecified(domain), port: 0 },
        }
    }

    /// From where a datagram to `to` comes.
    pub fn source(&self, id: SocketId, to: &Address) -> Address {
        let socket = self.get(id);
        match (&socket.own, to) {
            (Some(Address::Ip { ip, port }), Address::Ip { ip: to, .. }) if ip.is_unspecified() => {
                Address::Ip { ip: self.own_address(socket.host, *to), port: *port }
            }
            (Some(own), _) => own.clone(),
            (None, _) => Network::nowhere(socket.domain),
        }
    }

    pub fn ids(&self) -> impl Iterator<Item = SocketId> + '_ {
        self.sockets.ids()
    }
}

fn overlap_own(a: &Socket, b: &Socket) -> bool {
    a.own.as_ref().is_some_and(|own| overlap(own, b.own.as_ref()))
}

/// Whether two addresses with one port could be taken for each other.
fn overlap(a: &Address, b: Option<&Address>) -> bool {
    match (a, b) {
        (Address::Ip { ip: one, .. }, Some(Address::Ip { ip: other, .. })) => {
            one == other || one.is_unspecified() || other.is_unspecified()
        }
        (one, Some(other)) => one == other,
        (_, None) => false,
    }
}

fn unspecified(domain: Domain) -> IpAddr {
    match domain {
        Domain::Inet6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        Domain::Inet | Domain::Local => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    }
}

/// The loopback's address of the same kind.
fn loopback_like(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    }
}

/// Where what is sent to an address goes: to nowhere in particular is to this host.
pub fn destination(to: &Address) -> Address {
    match to {
        Address::Ip { ip, port } if ip.is_unspecified() => {
            Address::Ip { ip: loopback_like(*ip), port: *port }
        }
        other => other.clone(),
    }
}
