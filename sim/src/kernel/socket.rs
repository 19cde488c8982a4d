//! What a simulated socket is.
//!
//! Invariants: the two ends of a stream know each other until one is gone; what was sent and not read is in the
//! receiver's `incoming`, in order, or, from another host, still on its `way` there. Source: RFC 9293, and Linux where that leaves a choice.

use super::host::Host;
use std::collections::{BTreeMap, VecDeque};
use warpbeam::ring::Errno;
use warpbeam::ring::net::{Address, Domain, SocketKind, SocketOption};
use warpbeam::ring::request::OpId;

/// A socket's number, which no descriptor shares.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SocketId(pub u64);

#[derive(Clone, Debug)]
pub struct Socket {
    pub host: Host,
    pub domain: Domain,
    pub kind: SocketKind,
    pub own: Option<Address>,
    pub peer: Option<Address>,
    pub options: BTreeMap<SocketOption, i64>,
    /// To be told by the next operation that fails.
    pub error: Option<Errno>,
    pub state: State,
    /// Operations in flight whose turn depends on this socket.
    pub waiting: Vec<OpId>,
}

#[derive(Clone, Debug)]
pub enum State {
    /// A stream socket that is neither connected nor listening.
    Fresh,
    Listening {
        backlog: usize,
        /// Connections that nobody has accepted.
        queue: VecDeque<SocketId>,
    },
    Stream(Stream),
    Datagrams(Datagrams),
}

/// One end of a stream.
#[derive(Clone, Debug)]
pub struct Stream {
    /// The other end; `None` when it is closed or reset.
    pub other: Option<SocketId>,
    /// The host where the other end is, or was: no address tells it, since each host has a loopback of its own.
    pub far: Host,
    pub incoming: VecDeque<u8>,
    /// What was sent from another host and has not come.
    pub way: Way,
    /// The other end will send no more.
    pub ended: bool,
    /// This end reads, or writes, no more.
    pub read_shut: bool,
    pub write_shut: bool,
    /// Nothing can be sent any more.
    pub reset: bool,
}

impl Stream {
    /// An end of a new stream.
    pub fn to(other: SocketId, far: Host) -> Stream {
        let (incoming, way) = (VecDeque::new(), Way::default());
        let (ended, read_shut, write_shut, reset) = (false, false, false, false);
        Stream { other: Some(other), far, incoming, way, ended, read_shut, write_shut, reset }
    }
}

/// What is on its way to an end of a stream.
#[derive(Clone, Debug, Default)]
pub struct Way {
    pub bytes: VecDeque<u8>,
    /// What comes after these.
    pub then: Option<Ending>,
    /// A passage brings it; else it waits for a link to heal.
    pub late: bool,
    /// It is the answer to what the other end has not heard: that has to arrive first.
    pub unheard: bool,
}

/// How what comes to an end of a stream ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Ending {
    End,
    Reset,
}

#[derive(Clone, Debug, Default)]
pub struct Datagrams {
    pub queue: VecDeque<(Address, Vec<u8>)>,
    pub bytes: usize,
}

/// Bytes that an end of a stream takes in before its sender has to wait, unless options say otherwise.
const BUFFER: i64 = 65_536;

impl Socket {
    pub fn new(host: Host, domain: Domain, kind: SocketKind) -> Socket {
        let state = match kind {
            SocketKind::Stream => State::Fresh,
            SocketKind::Datagram => State::Datagrams(Datagrams::default()),
        };
        Socket {
            host,
            domain,
            kind,
            own: None,
            peer: None,
            options: BTreeMap::new(),
            error: None,
            state,
            waiting: Vec::new(),
        }
    }

    pub fn option(&self, option: SocketOption) -> i64 {
        let default = match option {
            SocketOption::Linger => -1,
            SocketOption::SendBuffer | SocketOption::ReceiveBuffer => BUFFER,
            SocketOption::TimeToLive => 64,
            SocketOption::MulticastTimeToLive | SocketOption::MulticastLoop => 1,
            _ => 0,
        };
        self.options.get(&option).copied().unwrap_or(default)
    }

    pub fn is_on(&self, option: SocketOption) -> bool {
        self.option(option) != 0
    }

    /// Bytes that it takes in before its sender has to wait.
    pub fn window(&self) -> usize {
        usize::try_from(self.option(SocketOption::ReceiveBuffer)).unwrap_or(0).max(1)
    }

    pub fn stream(&self) -> Result<&Stream, Errno> {
        match &self.state {
            State::Stream(stream) => Ok(stream),
            _ => Err(Errno::NOTCONN),
        }
    }

    pub fn stream_mut(&mut self) -> Result<&mut Stream, Errno> {
        match &mut self.state {
            State::Stream(stream) => Ok(stream),
            _ => Err(Errno::NOTCONN),
        }
    }

    pub fn listens(&self) -> bool {
        matches!(self.state, State::Listening { .. })
    }

    /// Whether reading would not wait.
    pub fn is_readable(&self) -> bool {
        let quiet = match &self.state {
            State::Fresh => false,
            State::Listening { queue, .. } => queue.is_empty(),
            State::Stream(stream) => {
                stream.incoming.is_empty() && !stream.ended && !stream.read_shut && !stream.reset
            }
            State::Datagrams(datagrams) => datagrams.queue.is_empty(),
        };
        !quiet || self.error.is_some()
    }

    /// The connection is broken: what was received can still be read.
    pub fn break_off(&mut self) {
        let Ok(stream) = self.stream_mut() else { return };
        if stream.reset {
            return;
        }
        stream.reset = true;
        stream.other = None;
        let error = if stream.ended { Errno::PIPE } else { Errno::CONNRESET };
        self.error = Some(error);
    }
}

/// Sockets by their numbers, which rise and are never used again: a socket's place says which it is. Places before the
/// oldest that is there are given up.
#[derive(Clone, Debug, Default)]
pub struct Sockets {
    given_up: u64,
    places: VecDeque<Option<Box<Socket>>>,
}

impl Sockets {
    /// The number of the next one.
    pub fn next(&self) -> SocketId {
        SocketId(self.given_up + self.places.len() as u64 + 1)
    }

    pub fn add(&mut self, socket: Socket) -> SocketId {
        let id = self.next();
        self.places.push_back(Some(Box::new(socket)));
        id
    }

    #[inline]
    fn place(&self, id: SocketId) -> Option<usize> {
        Some(id.0.checked_sub(self.given_up + 1)? as usize)
    }

    #[inline]
    pub fn get(&self, id: SocketId) -> Option<&Socket> {
        self.places.get(self.place(id)?)?.as_deref()
    }

    #[inline]
    pub fn get_mut(&mut self, id: SocketId) -> Option<&mut Socket> {
        let place = self.place(id)?;
        self.places.get_mut(place)?.as_deref_mut()
    }

    pub fn remove(&mut self, id: SocketId) -> Option<Box<Socket>> {
        let place = self.place(id)?;
        let socket = self.places.get_mut(place)?.take();
        while let Some(None) = self.places.front() {
            self.places.pop_front();
            self.given_up += 1;
        }
        socket
    }

    pub fn ids(&self) -> impl Iterator<Item = SocketId> + '_ {
        let first = self.given_up + 1;
        let there = self.places.iter().enumerate().filter(|(_, place)| place.is_some());
        there.map(move |(at, _)| SocketId(first + at as u64))
    }
}
