//! What is on its way between hosts: late, or waiting for a link to heal.
//!
//! What is sent on one host is with its receiver at once. Over a link, what is late is here until the world lets its
//! [`Passage`] come, and so is what meets a cut link, until that heals; a datagram that meets one is lost. Invariant: bytes of a stream, its end and its reset
//! come in the order in which they left. A connection takes both ways of a link to be made; of one that is, what goes the way that
//! is whole arrives, though nobody acknowledges it. Source: RFC 9293; where nobody answers, RFC 6298 and Linux (`ARP` gives up after three seconds).

use super::fault::Fault;
use super::host::{Cut, Host, Passage};
use super::net::{Network, destination};
use super::socket::{Ending, SocketId, State, Stream, Way};
use super::{Kernel, Subject};
use std::collections::VecDeque;
use warpbeam::ring::Errno;
use warpbeam::ring::net::{Address, SocketKind};
use warpbeam::ring::request::{OpId, Request};

/// How long what is late takes: other messages overtake it, and it comes before anybody has waited for it too long.
const LATE_NS: u64 = 50_000_000;
/// How long what was lost takes: until it is sent again.
const AGAIN_NS: u64 = 1_000_000_000;
/// How long a link stays cut: longer than the five seconds that calls wait.
const CUT_NS: u64 = 10_000_000_000;
/// After what time a host is given up that does not answer.
const UNREACHABLE_NS: u64 = 3_000_000_000;

/// What a passage brings.
#[derive(Clone, Debug)]
pub enum Load {
    /// What is on its way to an end of a stream.
    Stream(SocketId),
    Datagram {
        source: Address,
        to: Address,
        bytes: Vec<u8>,
    },
    /// A cut heals.
    Heal,
}

/// How much longer an operation takes on which this has struck.
pub fn late_ns(fault: Fault) -> Option<u64> {
    match fault {
        Fault::Delay => Some(LATE_NS),
        Fault::Drop => Some(AGAIN_NS),
        _ => None,
    }
}

impl Network {
    /// The host with which a socket's connection is.
    fn peer_host(&self, id: SocketId) -> Host {
        let socket = self.get(id);
        if let Ok(stream) = socket.stream() {
            return stream.far;
        }
        let host = socket.peer.as_ref().and_then(|peer| self.host_of(socket.host, peer).ok());
        host.unwrap_or(socket.host)
    }

    /// Whether what is sent to an end of a stream is there at once.
    fn is_direct(&self, from: Host, to: SocketId) -> bool {
        let at = self.get(to);
        at.host == from
            || self.hosts.hears(at.host, from) && at.stream().is_ok_and(|stream| stream.way.is_empty())
    }

    /// Bytes for an end of a stream.
    pub fn carry(&mut self, from: Host, to: SocketId, bytes: &[u8], fault: Option<Fault>) {
        let late_ns = fault.and_then(late_ns).filter(|_| self.get(to).host != from);
        let direct = late_ns.is_none() && self.is_direct(from, to);
        let stream = self.get_mut(to).stream_mut().expect("bytes are sent to the end of a stream");
        if direct {
            stream.incoming.extend(bytes);
            return self.changes(to);
        }
        stream.way.bytes.extend(bytes);
        if let Some(late_ns) = late_ns.filter(|_| !stream.way.late) {
            stream.way.late = true;
            let at = self.get(to).host;
            self.depart(from, at, Load::Stream(to), late_ns);
        }
    }

    /// The other end of a stream ends, or breaks, what comes to this one.
    pub fn carry_ending(&mut self, from: Host, to: SocketId, ending: Ending) {
        let direct = self.is_direct(from, to);
        let Ok(stream) = self.get_mut(to).stream_mut() else { return };
        stream.way.then = stream.way.then.max(Some(ending));
        if direct {
            self.come(to);
        }
    }

    /// All that was on its way is there.
    fn come(&mut self, to: SocketId) {
        let socket = self.get_mut(to);
        let Ok(stream) = socket.stream_mut() else { return };
        let Way { bytes, then, .. } = std::mem::take(&mut stream.way);
        if !stream.reset {
            stream.incoming.extend(bytes);
            match then {
                Some(Ending::End) => stream.ended = true,
                Some(Ending::Reset) => socket.break_off(),
                None => {}
            }
        }
        self.changes(to);
    }

    /// A datagram reaches the host to which it was sent.
    pub fn deliver(
        &mut self,
        source: Address,
        to: &Address,
        receiver: SocketId,
        bytes: Vec<u8>,
        first: bool,
    ) {
        let taker = self.get_mut(receiver);
        let (window, count) = (taker.window(), bytes.len());
        let stranger = taker.peer.as_ref().is_some_and(|peer| *peer != source);
        let State::Datagrams(datagrams) = &mut taker.state else { return };
        // What does not fit is lost, but for one of whatever size, and so is what somebody else sends to a connected socket.
        if !datagrams.queue.is_empty() && datagrams.bytes + count > window || stranger {
            return;
        }
        debug_assert!(taker.own.is_some(), "who gets what was sent to {to:?} has an address");
        datagrams.bytes += count;
        let last = datagrams.queue.len();
        let place = if first { last.saturating_sub(1) } else { last };
        datagrams.queue.insert(place, (source, bytes));
        self.changes(receiver);
    }

    pub fn depart(&mut self, from: Host, to: Host, load: Load, after_ns: u64) {
        let passage = self.hosts.passage(from, to);
        self.loads.insert(passage, load);
        self.departed.push((passage, after_ns));
    }

    /// What was on its way arrives.
    fn arrive(&mut self, passage: Passage) {
        let Passage { from, to, .. } = passage;
        match self.loads.remove(&passage) {
            Some(Load::Stream(id)) => {
                if let Some(Ok(stream)) = self.find_mut(id).map(|socket| socket.stream_mut()) {
                    stream.way.late = false;
                    if self.hosts.hears(to, from) {
                        self.come(id);
                    }
                }
            }
            Some(Load::Datagram { source, to: address, bytes }) if self.hosts.hears(to, from) => {
                if let Some(receiver) = self.receiver(from, SocketKind::Datagram, &address) {
                    self.deliver(source, &address, receiver, bytes, false);
                }
            }
            Some(Load::Heal) => {
                self.hosts.heal(passage);
                let waiting = |&id: &SocketId| {
                    let Ok(Stream { way, .. }) = self.get(id).stream() else { return false };
                    let (at, other) = (self.get(id).host, self.peer_host(id));
                    let heard = !way.unheard || self.hosts.hears(other, at);
                    !way.is_empty() && !way.late && heard && self.hosts.hears(at, other)
                };
                let healed: Vec<SocketId> = self.ids().filter(waiting).collect();
                for id in healed {
                    self.come(id);
                }
            }
            Some(Load::Datagram { .. }) | None => {}
        }
    }

    /// Nobody is at the other end of a stream any more: what is sent there is answered by a reset, over the same link, when it
    /// arrives there.
    pub fn answer_by_reset(&mut self, id: SocketId) {
        let (from, at) = (self.peer_host(id), self.get(id).host);
        if self.hosts.hears(from, at) {
            return self.carry_ending(from, id, Ending::Reset);
        }
        if let Ok(stream) = self.get_mut(id).stream_mut() {
            stream.way.then = Some(Ending::Reset);
            stream.way.unheard = true;
        }
    }
}

impl Kernel {
    /// Between which hosts an operation sends, where it is not one host with itself.
    pub fn crosses(&self, id: OpId) -> Option<(Host, Host)> {
        if self.network.hosts.addresses().len() < 2 {
            return None;
        }
        let waiting = self.waiting.get(&id)?;
        let Subject::Socket(socket) = waiting.subject else { return None };
        let at = self.network.find(socket)?;
        let of = |address| self.network.host_of(at.host, &destination(address)).ok();
        let to = match &waiting.submission.request {
            Request::Connect { address } if matches!(at.state, State::Fresh) => of(address)?,
            Request::SendTo { address, .. } if at.kind == SocketKind::Datagram => of(address)?,
            Request::Send { .. } | Request::TrySend { .. } | Request::SendTo { .. } => {
                self.network.peer_host(socket)
            }
            _ => return None,
        };
        (to != at.host).then_some((at.host, to))
    }

    /// Whether a link fault can strike where an operation sends.
    pub fn can_cut(&self, id: OpId, fault: Fault) -> bool {
        let can = |(from, to)| self.network.hosts.can_cut(what_is_cut(fault, from, to), from, to);
        self.crosses(id).is_some_and(can)
    }

    /// Cuts what an operation was about to use. What is cut, for people.
    pub fn cut(&mut self, id: OpId, fault: Fault) -> String {
        let (from, to) = self.crosses(id).expect("a link is cut that is used");
        let network = self.network_mut();
        let cut = what_is_cut(fault, from, to);
        let passage = network.hosts.cut(cut);
        network.loads.insert(passage, Load::Heal);
        network.departed.push((passage, CUT_NS));
        let name = |host| self.network.hosts.text(host);
        match cut {
            Cut::Host(host) => format!("nobody reaches {} any more, nor the other way round", name(host)),
            Cut::Link(from, to) => {
                format!("{} and {} do not reach each other any more", name(from), name(to))
            }
            Cut::Way { from, to } => {
                let (from, to) = (name(from), name(to));
                format!("what {from} sends to {to} does not arrive any more; what {to} sends to {from} does")
            }
        }
    }

    /// A connect over a link that is cut waits, once. How long.
    pub fn waits_for_link(&mut self, id: OpId) -> Option<u64> {
        let (from, to) = self.crosses(id)?;
        let connects = matches!(self.waiting.get(&id)?.submission.request, Request::Connect { .. });
        if !connects || self.network.hosts.reach(from, to) {
            return None;
        }
        let waiting = self.waiting.get_mut(&id)?;
        let first = !std::mem::replace(&mut waiting.unanswered, true);
        first.then_some(UNREACHABLE_NS)
    }

    /// What has left since the last call, and how long it takes. [`Kernel::arrive`] lets it arrive.
    pub fn take_departed(&mut self) -> Vec<(Passage, u64)> {
        if self.network.departed.is_empty() {
            return Vec::new();
        }
        std::mem::take(&mut self.network_mut().departed)
    }

    /// What it was, for people.
    pub fn arrive(&mut self, passage: Passage) -> String {
        let (from, to) = (self.network.hosts.text(passage.from), self.network.hosts.text(passage.to));
        let heals = self.network.hosts.cut_named(passage);
        self.network_mut().arrive(passage);
        if heals.is_some() {
            let reached = |id| self.crosses(id).is_none_or(|(a, b)| self.network.hosts.reach(a, b));
            let mut unanswered: Vec<OpId> = (self.waiting.iter())
                .filter(|&(&id, waiting)| waiting.unanswered && reached(id))
                .map(|(&id, _)| id)
                .collect();
            unanswered.sort_unstable();
            unanswered.into_iter().for_each(|id| self.let_go(id));
        }
        self.look_at_changed();
        match heals {
            Some(Cut::Host(_)) => format!("the others and {from} reach each other again"),
            Some(Cut::Link(..)) => format!("{from} and {to} reach each other again"),
            Some(Cut::Way { .. }) => format!("what {from} sends to {to} arrives again"),
            None => format!("what was on its way from {from} to {to} arrives"),
        }
    }

    /// A datagram leaves for another host, or for this one.
    pub(super) fn send_away(
        &mut self,
        id: SocketId,
        to: Address,
        bytes: Vec<u8>,
        fault: Option<Fault>,
    ) -> Result<bool, Errno> {
        let network = self.network_mut();
        let from = network.get(id).host;
        let target = network.host_of(from, &to)?;
        network.bind_somewhere(id, None)?;
        if matches!(fault, Some(Fault::Loss | Fault::Drop)) || !network.hosts.hears(target, from) {
            return Ok(true);
        }
        let source = network.source(id, &to);
        if fault == Some(Fault::Delay) {
            network.depart(from, target, Load::Datagram { source, to, bytes }, LATE_NS);
            return Ok(true);
        }
        let Some(receiver) = network.receiver(from, SocketKind::Datagram, &to) else {
            // Who sends is told so, if that reaches him.
            return Ok(!network.hosts.hears(from, target));
        };
        network.deliver(source, &to, receiver, bytes, fault == Some(Fault::Reorder));
        Ok(true)
    }
}

/// What is cut where something is sent.
fn what_is_cut(fault: Fault, from: Host, to: Host) -> Cut {
    match fault {
        Fault::Partition => Cut::Host(from),
        Fault::CutOut => Cut::Way { from, to },
        Fault::CutIn => Cut::Way { from: to, to: from },
        _ => Cut::Link(from, to),
    }
}

impl Way {
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.then.is_none()
    }
}

/// Bytes that wait for a link count as taken by their receiver.
pub fn taken(way: &Way, incoming: &VecDeque<u8>) -> usize {
    incoming.len() + way.bytes.len()
}
