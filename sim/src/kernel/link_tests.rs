//! Links between hosts, one operation after the other.

use super::fault::Fault;
use super::host::{Passage, parse};
use super::{Fate, Kernel};
use std::net::IpAddr;
use warpbeam::fd::RawFd;
use warpbeam::ring::net::{Address, Domain, Name, Shut, SocketKind};
use warpbeam::ring::request::{OpId, Request, Submission, Value};
use warpbeam::ring::{Errno, Ring};

struct Rig {
    kernel: Kernel,
    last: u64,
}

fn at(host: u8, port: u16) -> Address {
    Address::Ip { ip: IpAddr::from([10, 0, 0, host]), port }
}

impl Rig {
    fn new() -> Rig {
        Rig { kernel: Kernel::new(None, parse("3").expect("a number")), last: 0 }
    }

    fn submit(&mut self, fd: Option<RawFd>, request: Request) -> OpId {
        self.last += 1;
        self.kernel.submit(Submission { id: OpId(self.last), fd, request });
        OpId(self.last)
    }

    fn done(&mut self, id: OpId) -> Result<Value, Errno> {
        assert!(self.kernel.is_ready(id), "it can complete");
        self.kernel.complete(id, Fate::Done).result
    }

    fn on(&mut self, fd: RawFd, request: Request) -> Result<Value, Errno> {
        let id = self.submit(Some(fd), request);
        self.done(id)
    }

    /// The same, and this strikes.
    fn struck(&mut self, fd: RawFd, request: Request, fault: Fault) -> Result<Value, Errno> {
        let id = self.submit(Some(fd), request);
        assert!(self.kernel.crosses(id).is_some(), "it goes over a link");
        if fault.cuts() {
            assert!(self.kernel.can_cut(id, fault));
            self.kernel.cut(id, fault);
            return self.done(id);
        }
        self.kernel.complete(id, Fate::Strikes(fault)).result
    }

    fn socket(&mut self, kind: SocketKind, bound: Option<Address>) -> RawFd {
        let id = self.submit(None, Request::Socket { domain: Domain::Inet, kind });
        let Ok(Value::Opened(fd, None)) = self.done(id) else { panic!("a socket") };
        if let Some(address) = bound {
            self.on(fd, Request::Bind { address }).expect("it is free");
        }
        fd
    }

    /// A stream from the first host to the second.
    fn stream(&mut self) -> (RawFd, RawFd) {
        self.stream_from(None)
    }

    fn stream_from(&mut self, own: Option<Address>) -> (RawFd, RawFd) {
        let listener = self.socket(SocketKind::Stream, Some(at(2, 80)));
        self.on(listener, Request::Listen { backlog: 5 }).expect("it listens");
        let near = self.socket(SocketKind::Stream, own);
        self.on(near, Request::Connect { address: at(2, 80) }).expect("somebody listens");
        let Ok(Value::Opened(far, _)) = self.on(listener, Request::Accept) else { panic!("it waits") };
        (near, far)
    }

    fn send(&mut self, fd: RawFd, text: &str) {
        let sent = self.on(fd, send(text));
        assert_eq!(sent, Ok(Value::Count(text.len())));
    }

    /// What has come: nothing where a reader would wait.
    fn comes(&mut self, fd: RawFd) -> Result<Option<String>, Errno> {
        let id = self.submit(Some(fd), Request::Receive { buffer: vec![0; 9] });
        let fate = if self.kernel.is_ready(id) { Fate::Done } else { Fate::GivenUp };
        let completion = self.kernel.complete(id, fate);
        match (completion.result, completion.request) {
            (Ok(Value::Count(count)), Request::Receive { buffer }) => {
                Ok(Some(String::from_utf8_lossy(&buffer[..count]).into_owned()))
            }
            (Err(Errno::CANCELED), _) => Ok(None),
            (result, _) => Err(result.expect_err("a receive tells of bytes")),
        }
    }

    fn departed(&mut self) -> Passage {
        let [(passage, _)] = self.kernel.take_departed()[..] else { panic!("one thing has left") };
        passage
    }
}

fn send(text: &str) -> Request {
    Request::Send { bytes: text.as_bytes().to_vec(), from: 0 }
}

fn some(text: &str) -> Result<Option<String>, Errno> {
    Ok(Some(text.to_string()))
}

#[test]
fn what_is_late_holds_up_its_own_stream_and_no_other() {
    for fault in [Fault::Delay, Fault::Drop] {
        let mut rig = Rig::new();
        let (near, far) = rig.stream();
        assert_eq!(rig.struck(near, send("a"), fault), Ok(Value::Count(1)));
        let passage = rig.departed();
        rig.send(near, "b");
        rig.on(near, Request::Shutdown { how: Shut::Write }).expect("it is connected");
        assert_eq!(rig.comes(far), Ok(None));
        rig.send(far, "c");
        assert_eq!(rig.comes(near), some("c"));
        rig.kernel.arrive(passage);
        assert_eq!([rig.comes(far), rig.comes(far)], [some("ab"), some("")]);
    }
}

#[test]
fn a_cut_link_takes_all_that_is_sent_and_gives_it_when_it_heals() {
    for fault in [Fault::Cut, Fault::Partition] {
        let mut rig = Rig::new();
        let (near, far) = rig.stream();
        rig.struck(near, send("a"), fault).expect("it is sent");
        let heals = rig.departed();
        rig.send(far, "b");
        rig.on(far, Request::Close).expect("it is open");
        assert_eq!(rig.comes(near), Ok(None), "nobody knows that it was closed");
        rig.kernel.arrive(heals);
        // What was sent to a socket that is gone is answered by a reset.
        assert_eq!(rig.comes(near), some("b"));
        assert_eq!(rig.comes(near), Err(Errno::CONNRESET));
        let again = rig.socket(SocketKind::Stream, None);
        rig.on(again, Request::Connect { address: at(2, 80) }).expect("it is whole again");
    }
}

#[test]
fn a_cut_of_one_way_leaves_the_other() {
    for fault in [Fault::CutOut, Fault::CutIn] {
        let mut rig = Rig::new();
        let (near, far) = rig.stream();
        rig.struck(near, send("a"), fault).expect("it is sent");
        let heals = rig.departed();
        rig.send(far, "b");
        let (out, back) = (fault == Fault::CutOut, fault == Fault::CutIn);
        assert_eq!(rig.comes(far), if out { Ok(None) } else { some("a") });
        assert_eq!(rig.comes(near), if back { Ok(None) } else { some("b") });
        let fresh = rig.socket(SocketKind::Stream, None);
        let connects = rig.submit(Some(fresh), Request::Connect { address: at(2, 80) });
        assert!(rig.kernel.waits_for_link(connects).is_some(), "it takes both ways");
        rig.kernel.hold(connects);
        rig.kernel.arrive(heals);
        assert_eq!(rig.comes(far), if out { some("a") } else { Ok(None) });
        assert_eq!(rig.comes(near), if back { some("b") } else { Ok(None) });
        assert_eq!(rig.done(connects), Ok(Value::Done));
    }
}

/// What was sent to a socket that is gone is answered when it comes, and not before.
#[test]
fn what_nobody_heard_is_not_answered() {
    for before in [true, false] {
        let mut rig = Rig::new();
        let (near, far) = rig.stream();
        if before {
            rig.struck(near, send("a"), Fault::CutOut).expect("it is sent");
            rig.on(far, Request::Close).expect("it is open");
        } else {
            rig.on(far, Request::Close).expect("it is open");
            rig.struck(near, send("a"), Fault::CutOut).expect("it is sent");
        }
        let heals = rig.departed();
        assert_eq!(rig.comes(near), some(""));
        rig.send(near, "b");
        rig.kernel.arrive(heals);
        assert_eq!(rig.on(near, send("c")), Err(Errno::PIPE));
    }
}

#[test]
fn a_datagram_goes_the_way_that_is_whole() {
    for fault in [Fault::CutOut, Fault::CutIn] {
        let mut rig = Rig::new();
        let far = rig.socket(SocketKind::Datagram, Some(at(2, 53)));
        let near = rig.socket(SocketKind::Datagram, Some(at(1, 9)));
        let to = |host, port| Request::SendTo { bytes: b"a".to_vec(), address: at(host, port) };
        rig.struck(near, to(2, 53), fault).expect("it is sent");
        rig.on(far, to(1, 9)).expect("it is sent");
        let came = [rig.comes(far), rig.comes(near)];
        assert_eq!(came, if fault == Fault::CutOut { [Ok(None), some("a")] } else { [some("a"), Ok(None)] });
        // That nobody has the port is told over the link, too.
        let talker = rig.socket(SocketKind::Datagram, None);
        rig.on(talker, Request::Connect { address: at(2, 99) }).expect("it sends nothing");
        for _ in 0..2 {
            assert_eq!(rig.on(talker, send("x")), Ok(Value::Count(1)));
        }
        let heals = rig.departed();
        rig.kernel.arrive(heals);
        rig.on(talker, send("x")).expect("it is sent");
        assert_eq!(rig.on(talker, send("x")), Err(Errno::CONNREFUSED));
    }
}

#[test]
fn an_end_comes_when_a_cut_heals_unless_a_reset_does() {
    for sends in [true, false] {
        let mut rig = Rig::new();
        let (near, far) = rig.stream();
        rig.struck(far, send("b"), Fault::Cut).expect("it is sent");
        let heals = rig.departed();
        rig.on(far, Request::Close).expect("it is open");
        if sends {
            rig.send(near, "x");
        }
        assert_eq!(rig.comes(near), Ok(None));
        rig.kernel.arrive(heals);
        assert_eq!(rig.comes(near), some("b"));
        assert_eq!(rig.comes(near), if sends { Err(Errno::CONNRESET) } else { some("") });
    }
}

#[test]
fn a_late_part_that_meets_a_cut_waits_for_both() {
    let mut rig = Rig::new();
    let (near, far) = rig.stream();
    rig.struck(near, send("a"), Fault::Delay).expect("it is sent");
    let late = rig.departed();
    rig.struck(near, send("b"), Fault::Cut).expect("it is sent");
    let heals = rig.departed();
    rig.kernel.arrive(late);
    assert_eq!(rig.comes(far), Ok(None));
    rig.kernel.arrive(heals);
    assert_eq!(rig.comes(far), some("ab"));
}

#[test]
fn a_window_is_full_though_nothing_has_come() {
    let mut rig = Rig::new();
    let (near, far) = rig.stream();
    rig.struck(near, send("a"), Fault::Cut).expect("it is sent");
    let bytes = vec![7; 100_000];
    let Ok(Value::Count(first)) = rig.on(near, Request::Send { bytes, from: 0 }) else { panic!("in part") };
    let next = rig.submit(Some(near), send("b"));
    assert!(first < 100_000 && !rig.kernel.is_ready(next), "its window is full");
    let heals = rig.departed();
    rig.kernel.arrive(heals);
    rig.comes(far).expect("it has come");
    assert!(rig.kernel.is_ready(next));
}

#[test]
fn a_connect_over_a_cut_link_waits_until_it_heals_or_its_time_is_over() {
    for heals in [true, false] {
        let mut rig = Rig::new();
        let (near, _) = rig.stream();
        let fresh = rig.socket(SocketKind::Stream, None);
        rig.struck(near, send("a"), Fault::Partition).expect("it is sent");
        let passage = rig.departed();
        let id = rig.submit(Some(fresh), Request::Connect { address: at(2, 80) });
        assert!(rig.kernel.waits_for_link(id).is_some());
        rig.kernel.hold(id);
        assert!(!rig.kernel.is_ready(id));
        if heals {
            rig.kernel.arrive(passage);
        } else {
            rig.kernel.let_go(id);
        }
        assert_eq!(rig.kernel.waits_for_link(id), None);
        assert_eq!(rig.done(id), if heals { Ok(Value::Done) } else { Err(Errno::HOSTUNREACH) });
    }
}

#[test]
fn datagrams_are_late_or_lost_and_say_where_they_are_from() {
    let mut rig = Rig::new();
    let far = rig.socket(SocketKind::Datagram, Some(at(2, 53)));
    let near = rig.socket(SocketKind::Datagram, Some(at(3, 9)));
    let sent = |text: &str| Request::SendTo { bytes: text.as_bytes().to_vec(), address: at(2, 53) };
    rig.struck(near, sent("late"), Fault::Delay).expect("it is sent");
    let late = rig.departed();
    rig.struck(near, sent("lost"), Fault::Drop).expect("it is sent");
    rig.on(near, sent("first")).expect("it is sent");
    assert_eq!(rig.comes(far), some("first"));
    rig.kernel.arrive(late);
    let from = rig.on(far, Request::ReceiveFrom { buffer: vec![0; 9] });
    assert_eq!(from, Ok(Value::Datagram(4, at(3, 9))));
    rig.struck(near, sent("lost"), Fault::Cut).expect("it is sent");
    let heals = rig.departed();
    rig.kernel.arrive(heals);
    assert_eq!(rig.comes(far), Ok(None), "nobody sends a datagram again");
}

#[test]
fn whose_client_talks_from_a_loopback_is_answered_over_the_link() {
    let mut rig = Rig::new();
    let own = Address::Ip { ip: IpAddr::from([127, 0, 0, 1]), port: 4000 };
    let (near, far) = rig.stream_from(Some(own));
    rig.struck(far, send("on its way"), Fault::Cut).expect("it is sent");
    assert_eq!(rig.comes(near), Ok(None));
    let heals = rig.departed();
    rig.kernel.arrive(heals);
    assert_eq!(rig.comes(near), some("on its wa"));
}

#[test]
fn a_socket_is_where_it_is_bound_and_talks_from_there() {
    let mut rig = Rig::new();
    let (near, far) = rig.stream();
    let name = |rig: &mut Rig, fd, name| match rig.on(fd, Request::GetName { name }) {
        Ok(Value::Address(Address::Ip { ip, .. })) => ip.to_string(),
        other => panic!("{other:?} is no address"),
    };
    let names = [(near, Name::Own), (near, Name::Peer), (far, Name::Own), (far, Name::Peer)];
    let names = names.map(|(fd, which)| name(&mut rig, fd, which));
    assert_eq!(names, ["10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.1"]);
    // The loopback is each host's own, and so are ports.
    let second = rig.socket(SocketKind::Stream, Some(at(3, 80)));
    rig.on(second, Request::Listen { backlog: 1 }).expect("another host's port");
    let local = rig.socket(SocketKind::Stream, Some(at(3, 0)));
    let address = Address::Ip { ip: IpAddr::from([127, 0, 0, 1]), port: 80 };
    assert_eq!(rig.on(local, Request::Connect { address }), Err(Errno::CONNREFUSED), "bound to one address");
    let nobody = rig.socket(SocketKind::Stream, None);
    assert_eq!(rig.on(nobody, Request::Connect { address: at(9, 80) }), Err(Errno::NETUNREACH));
}
