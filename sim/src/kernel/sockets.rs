//! Operations on sockets.
//!
//! Invariant: each takes effect as a whole when it completes, and completes only when it would not wait
//! ([`Kernel::would_wait`]). Answers are those of Linux, by whose calls `tests/ring` compares them.

use super::Kernel;
use super::fault::Fault;
use super::link::taken;
use super::net::{Network, destination};
use super::numbers::Open;
use super::socket::{Ending, Socket, SocketId, State};
use std::sync::Arc;
use warpbeam::fd::RawFd;
use warpbeam::ring::Errno;
use warpbeam::ring::net::{Domain, Name, Shut, SocketKind, SocketOption};
use warpbeam::ring::request::{Interest, Request, Value};

type Done = Result<Value, Errno>;

/// Bytes of the largest datagram.
const DATAGRAM_MAX: usize = 65_507;

impl Kernel {
    pub(crate) fn network_mut(&mut self) -> &mut Network {
        Arc::make_mut(&mut self.network)
    }

    pub(super) fn make_socket(&mut self, domain: Domain, kind: SocketKind) -> Done {
        let id = self.network_mut().add(Socket::new(super::host::Host::FIRST, domain, kind));
        match self.numbers_mut().open(Open::Socket(id)) {
            Ok(fd) => Ok(Value::Opened(fd, None)),
            Err(errno) => {
                self.network_mut().close(id);
                Err(errno)
            }
        }
    }

    /// Whether an operation would have to wait for somebody else.
    pub(super) fn would_wait(&self, id: SocketId, request: &Request) -> bool {
        let socket = self.network.get(id);
        match request {
            Request::Accept => socket.listens() && !socket.is_readable(),
            Request::Receive { .. } => match socket.state {
                State::Stream(_) | State::Datagrams(_) => !socket.is_readable(),
                _ => false,
            },
            Request::ReceiveFrom { .. } => {
                socket.stream().is_ok() && !socket.is_readable() || self.no_datagram(id)
            }
            Request::Send { bytes, from } => bytes.len() > *from && !self.is_writable(id),
            Request::Connect { address } => {
                self.connects_to(id, address).is_some_and(|to| !self.network.has_room(to))
            }
            Request::Poll { interest } => {
                !(interest.readable && socket.is_readable() || interest.writable && self.is_writable(id))
            }
            _ => false,
        }
    }

    fn no_datagram(&self, id: SocketId) -> bool {
        let socket = self.network.get(id);
        matches!(socket.state, State::Datagrams(_)) && !socket.is_readable()
    }

    /// The listener with which a connect would meet.
    pub(super) fn connects_to(
        &self,
        id: SocketId,
        address: &warpbeam::ring::net::Address,
    ) -> Option<SocketId> {
        let socket = self.network.find(id)?;
        let fresh = matches!(socket.state, State::Fresh) && address.domain() == socket.domain;
        let to = destination(address);
        if fresh { self.network.receiver(socket.host, SocketKind::Stream, &to) } else { None }
    }

    /// Whether writing would not wait.
    fn is_writable(&self, id: SocketId) -> bool {
        let Ok(stream) = self.network.get(id).stream() else { return true };
        stream.write_shut || stream.reset || self.room(id) > 0
    }

    /// Bytes that the other end has room for.
    fn room(&self, id: SocketId) -> usize {
        let other = self.network.get(id).stream().ok().and_then(|stream| stream.other);
        let Some(other) = other else { return usize::MAX };
        let other = self.network.get(other);
        let taken = other.stream().map_or(0, |stream| taken(&stream.way, &stream.incoming));
        other.window().saturating_sub(taken)
    }

    pub(super) fn on_socket(&mut self, id: SocketId, request: &mut Request, fault: Option<Fault>) -> Done {
        match request {
            Request::Bind { address } => self.network_mut().bind(id, address).map(|()| Value::Done),
            Request::Listen { backlog } => {
                self.network_mut().listen(id, *backlog)?;
                self.look_at_connects();
                Ok(Value::Done)
            }
            Request::Accept => self.accept(id),
            Request::Connect { address } => self.connect(id, address),
            Request::Receive { buffer } | Request::ReceiveFrom { buffer }
                if self.network.get(id).kind == SocketKind::Stream =>
            {
                self.receive(id, buffer, fault)
            }
            Request::Receive { buffer } => self.receive_datagram(id, buffer).map(|value| match value {
                Value::Datagram(count, _) => Value::Count(count),
                other => other,
            }),
            Request::ReceiveFrom { buffer } => self.receive_datagram(id, buffer),
            Request::Read { at: None, buffer, filled } => {
                let mut part = buffer.split_off(*filled);
                let done = self.receive(id, &mut part, fault);
                buffer.append(&mut part);
                done
            }
            Request::Write { at: None, bytes, from } | Request::Send { bytes, from } => {
                self.send_connected(id, &bytes[*from..], fault)
            }
            Request::TrySend { .. } if !self.is_writable(id) => Err(Errno::AGAIN),
            Request::TrySend { bytes } => self.send_connected(id, bytes, fault),
            Request::SendTo { bytes, address } => match self.network.get(id).kind {
                SocketKind::Stream => self.send(id, bytes, fault),
                SocketKind::Datagram => {
                    self.send_datagram(id, bytes.clone(), Some(destination(address)), fault)
                }
            },
            Request::Shutdown { how } => self.shutdown(id, *how),
            Request::SetOption { option, value } => {
                self.network_mut().get_mut(id).options.insert(*option, (*value).max(-1));
                self.network_mut().changes(id);
                Ok(Value::Done)
            }
            Request::GetOption { option: SocketOption::Error } => {
                let error = self.network_mut().get_mut(id).error.take();
                Ok(Value::Option(error.map_or(0, |errno| i64::from(errno.0))))
            }
            Request::GetOption { option } => Ok(Value::Option(self.network.get(id).option(*option))),
            Request::GetName { name } => self.name(id, *name),
            Request::Poll { interest } => {
                let socket = self.network.get(id);
                Ok(Value::Ready(Interest {
                    readable: interest.readable && socket.is_readable(),
                    writable: interest.writable && self.is_writable(id),
                }))
            }
            Request::Read { .. } | Request::Write { .. } | Request::Seek { .. } => Err(Errno::SPIPE),
            _ => Err(Errno::INVAL),
        }
    }

    fn accept(&mut self, id: SocketId) -> Done {
        let State::Listening { queue, .. } = &self.network.get(id).state else { return Err(Errno::INVAL) };
        let &accepted = queue.front().ok_or(Errno::AGAIN)?;
        let fd = self.numbers_mut().open(Open::Socket(accepted))?;
        if let State::Listening { queue, .. } = &mut self.network_mut().get_mut(id).state {
            queue.pop_front();
        }
        self.network_mut().changes(id);
        let peer = self.network.get(accepted).peer.clone();
        Ok(Value::Opened(fd, peer))
    }

    fn connect(&mut self, id: SocketId, address: &warpbeam::ring::net::Address) -> Done {
        let socket = self.network.get(id);
        if address.domain() != socket.domain {
            return Err(Errno::AFNOSUPPORT);
        }
        let to = destination(address);
        let host = self.network.host_of(socket.host, &to)?;
        match socket.state {
            State::Fresh if !self.network.hosts.reach(socket.host, host) => return Err(Errno::HOSTUNREACH),
            State::Fresh => {}
            State::Datagrams(_) => {
                self.network_mut().bind_somewhere(id, Some(&to))?;
                self.network_mut().get_mut(id).peer = Some(to);
                return Ok(Value::Done);
            }
            State::Listening { .. } | State::Stream(_) => return Err(Errno::ISCONN),
        }
        let refusal = if socket.domain == Domain::Local { Errno::NOENT } else { Errno::CONNREFUSED };
        let listener = self.connects_to(id, address).ok_or(refusal)?;
        self.network_mut().connect(id, to, listener)?;
        Ok(Value::Done)
    }

    fn receive(&mut self, id: SocketId, buffer: &mut [u8], fault: Option<Fault>) -> Done {
        let network = Arc::make_mut(&mut self.network);
        let socket = network.get_mut(id);
        let stream = socket.stream_mut()?;
        let most = stream.incoming.len().min(buffer.len());
        let count = if fault == Some(Fault::Short) { most.div_ceil(2) } else { most };
        if count == 0 {
            // The end of the stream is told before what broke it, if the end came first.
            let told = buffer.is_empty() || stream.ended || stream.read_shut;
            return match socket.error.take() {
                Some(error) if !told => Err(error),
                kept => {
                    socket.error = kept;
                    Ok(Value::Count(0))
                }
            };
        }
        let (front, back) = stream.incoming.as_slices();
        let first = front.len().min(count);
        buffer[..first].copy_from_slice(&front[..first]);
        buffer[first..count].copy_from_slice(&back[..count - first]);
        stream.incoming.drain(..count);
        let other = stream.other;
        network.changes(id);
        if let Some(other) = other {
            network.changes(other);
        }
        network.take_changed(&mut self.moved);
        Ok(Value::Count(count))
    }

    /// To whom the socket is connected.
    fn send_connected(&mut self, id: SocketId, bytes: &[u8], fault: Option<Fault>) -> Done {
        match self.network.get(id).kind {
            SocketKind::Stream => self.send(id, bytes, fault),
            SocketKind::Datagram => self.send_datagram(id, bytes.to_vec(), None, fault),
        }
    }

    fn send(&mut self, id: SocketId, bytes: &[u8], fault: Option<Fault>) -> Done {
        let room = self.room(id);
        let network = Arc::make_mut(&mut self.network);
        let socket = network.get_mut(id);
        let stream = socket.stream_mut()?;
        if stream.write_shut || stream.reset {
            return Err(socket.error.take().unwrap_or(Errno::PIPE));
        }
        let Some(other) = stream.other else {
            network.answer_by_reset(id);
            return Ok(Value::Count(bytes.len()));
        };
        let most = room.min(bytes.len());
        let count = if fault == Some(Fault::Short) { most.div_ceil(2) } else { most };
        let receiver = network.get_mut(other).stream_mut().expect("the other end is a stream");
        if receiver.read_shut {
            return Ok(Value::Count(count));
        }
        let from = network.get(id).host;
        network.carry(from, other, &bytes[..count], fault);
        network.changes(id);
        network.take_changed(&mut self.moved);
        Ok(Value::Count(count))
    }

    /// Sends what a socket takes without waiting. `None`: the number is not a socket's.
    pub(crate) fn send_at_once(&mut self, fd: RawFd, bytes: &[u8]) -> Option<Done> {
        let &(_, Open::Socket(socket)) = self.numbers.entry(fd)? else { return None };
        let done = if self.is_writable(socket) {
            self.send_connected(socket, bytes, None)
        } else {
            Err(Errno::AGAIN)
        };
        self.look_at_changed();
        Some(done)
    }

    fn receive_datagram(&mut self, id: SocketId, buffer: &mut [u8]) -> Done {
        let network = self.network_mut();
        let socket = network.get_mut(id);
        if let Some(error) = socket.error.take() {
            return Err(error);
        }
        let State::Datagrams(datagrams) = &mut socket.state else { return Err(Errno::NOTCONN) };
        let (from, bytes) = datagrams.queue.pop_front().ok_or(Errno::AGAIN)?;
        datagrams.bytes -= bytes.len();
        let count = bytes.len().min(buffer.len());
        buffer[..count].copy_from_slice(&bytes[..count]);
        network.changes(id);
        Ok(Value::Datagram(count, from))
    }

    fn send_datagram(
        &mut self,
        id: SocketId,
        bytes: Vec<u8>,
        to: Option<warpbeam::ring::net::Address>,
        fault: Option<Fault>,
    ) -> Done {
        let network = self.network_mut();
        if let Some(error) = network.get_mut(id).error.take() {
            return Err(error);
        }
        let socket = network.get(id);
        let connected = to.is_none();
        let to = to.or_else(|| socket.peer.clone()).ok_or(Errno::DESTADDRREQ)?;
        if to.domain() != socket.domain {
            return Err(Errno::AFNOSUPPORT);
        }
        if bytes.len() > DATAGRAM_MAX {
            return Err(Errno::MSGSIZE);
        }
        let count = bytes.len();
        if !self.send_away(id, to, bytes, fault)? && connected {
            let network = self.network_mut();
            network.get_mut(id).error = Some(Errno::CONNREFUSED);
            network.changes(id);
        }
        Ok(Value::Count(count))
    }

    fn shutdown(&mut self, id: SocketId, how: Shut) -> Done {
        let network = self.network_mut();
        let stream = network.get_mut(id).stream_mut()?;
        if stream.reset {
            return Err(Errno::NOTCONN);
        }
        let other = stream.other;
        stream.read_shut |= how != Shut::Write;
        stream.write_shut |= how != Shut::Read;
        if let Some(other) = other.filter(|_| how != Shut::Read) {
            let from = network.get(id).host;
            network.carry_ending(from, other, Ending::End);
        }
        network.changes(id);
        Ok(Value::Done)
    }

    fn name(&self, id: SocketId, name: Name) -> Done {
        let socket = self.network.get(id);
        let address = match name {
            Name::Own => Some(socket.own.clone().unwrap_or_else(|| Network::nowhere(socket.domain))),
            Name::Peer => socket.peer.clone().filter(|_| match &socket.state {
                State::Stream(stream) => !stream.reset,
                _ => true,
            }),
        };
        address.map(Value::Address).ok_or(Errno::NOTCONN)
    }
}
