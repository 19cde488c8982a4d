//! What every ring does with sockets on the loopback: streams, datagrams, their ends and their errors.

use super::rig::Rig;
use std::net::{IpAddr, Ipv4Addr};
use warpbeam::fd::RawFd;
use warpbeam::ring::net::{Address, Domain, Name, Shut, SocketKind, SocketOption};
use warpbeam::ring::{Completion, Errno, Request, Value};

pub fn all(rig: &mut Rig) {
    streams(rig);
    half_close(rig);
    refused(rig);
    datagrams(rig);
    options(rig);
    full_windows(rig);
}

pub fn loopback(port: u16) -> Address {
    Address::Ip { ip: IpAddr::V4(Ipv4Addr::LOCALHOST), port }
}

pub fn socket(rig: &mut Rig, kind: SocketKind) -> RawFd {
    let made = rig.free(Request::Socket { domain: Domain::Inet, kind });
    Rig::opened(made).expect("a socket can be made")
}

/// A socket that listens, and where.
pub fn listener(rig: &mut Rig) -> (RawFd, Address) {
    let fd = socket(rig, SocketKind::Stream);
    assert_eq!(rig.on(fd, Request::Bind { address: loopback(0) }), Ok(Value::Done));
    assert_eq!(rig.on(fd, Request::Listen { backlog: 5 }), Ok(Value::Done));
    match rig.on(fd, Request::GetName { name: Name::Own }) {
        Ok(Value::Address(address)) => (fd, address),
        other => panic!("a socket that listens has an address: {other:?}"),
    }
}

/// Both ends of a connection: who connected, who accepted.
pub fn connection(rig: &mut Rig) -> (RawFd, RawFd) {
    let (listening, address) = listener(rig);
    let accepting = rig.begin(Some(listening), Request::Accept);
    let fd = socket(rig, SocketKind::Stream);
    assert_eq!(rig.on(fd, Request::Connect { address: address.clone() }), Ok(Value::Done));
    let accepted = Rig::opened(rig.end(accepting).result).expect("somebody has connected");
    assert_eq!(rig.on(fd, Request::GetName { name: Name::Peer }), Ok(Value::Address(address)));
    rig.on(listening, Request::Close).expect("it closes");
    (fd, accepted)
}

pub fn received(completion: Completion) -> Result<Vec<u8>, Errno> {
    match (completion.result?, completion.request) {
        (Value::Count(count), Request::Receive { buffer }) => Ok(buffer[..count].to_vec()),
        other => panic!("bytes, not {other:?}"),
    }
}

pub fn receive(size: usize) -> Request {
    Request::Receive { buffer: vec![0; size] }
}

fn send(bytes: &[u8]) -> Request {
    Request::Send { bytes: bytes.to_vec(), from: 0 }
}

fn streams(rig: &mut Rig) {
    let (one, other) = connection(rig);
    let waiting = rig.begin(Some(other), receive(100));
    assert_eq!(rig.on(one, send(b"hello")), Ok(Value::Count(5)));
    let completion = rig.end(waiting);
    assert_eq!(received(completion), Ok(b"hello".to_vec()));
    assert_eq!(rig.on(other, send(b"back")), Ok(Value::Count(4)));
    for expected in [b"ba".to_vec(), b"ck".to_vec()] {
        let reading = rig.begin(Some(one), receive(2));
        let completion = rig.end(reading);
        assert_eq!(received(completion), Ok(expected));
    }
    rig.on(one, Request::Close).expect("it closes");
    let reading = rig.begin(Some(other), receive(2));
    let completion = rig.end(reading);
    assert_eq!(received(completion), Ok(Vec::new()), "the other end is closed");
    rig.on(other, Request::Close).expect("it closes");
}

fn half_close(rig: &mut Rig) {
    let (one, other) = connection(rig);
    assert_eq!(rig.on(one, Request::Shutdown { how: Shut::Write }), Ok(Value::Done));
    assert_eq!(rig.on(one, send(b"x")), Err(Errno::PIPE));
    let reading = rig.begin(Some(other), receive(2));
    let completion = rig.end(reading);
    assert_eq!(received(completion), Ok(Vec::new()));
    assert_eq!(rig.on(other, send(b"still")), Ok(Value::Count(5)));
    let reading = rig.begin(Some(one), receive(9));
    let completion = rig.end(reading);
    assert_eq!(received(completion), Ok(b"still".to_vec()));
    for fd in [one, other] {
        rig.on(fd, Request::Close).expect("it closes");
    }
}

fn refused(rig: &mut Rig) {
    let (listening, address) = listener(rig);
    let again = socket(rig, SocketKind::Stream);
    assert_eq!(rig.on(again, Request::Bind { address: address.clone() }), Err(Errno::ADDRINUSE));
    rig.on(listening, Request::Close).expect("it closes");
    let fd = socket(rig, SocketKind::Stream);
    assert_eq!(rig.on(fd, Request::Connect { address }), Err(Errno::CONNREFUSED));
    assert_eq!(rig.on(fd, Request::GetName { name: Name::Peer }), Err(Errno::NOTCONN));
    for fd in [fd, again] {
        rig.on(fd, Request::Close).expect("it closes");
    }
}

fn datagrams(rig: &mut Rig) {
    let (one, other) = (socket(rig, SocketKind::Datagram), socket(rig, SocketKind::Datagram));
    let mut addresses = Vec::new();
    for fd in [one, other] {
        assert_eq!(rig.on(fd, Request::Bind { address: loopback(0) }), Ok(Value::Done));
        match rig.on(fd, Request::GetName { name: Name::Own }) {
            Ok(Value::Address(address)) => addresses.push(address),
            other => panic!("a bound socket has an address: {other:?}"),
        }
    }
    let waiting = rig.begin(Some(other), Request::ReceiveFrom { buffer: vec![0; 100] });
    let to = addresses[1].clone();
    assert_eq!(rig.on(one, Request::SendTo { bytes: b"gram".to_vec(), address: to }), Ok(Value::Count(4)));
    let completion = rig.end(waiting);
    assert_eq!(completion.result, Ok(Value::Datagram(4, addresses[0].clone())));
    assert!(matches!(completion.request, Request::ReceiveFrom { buffer } if buffer.starts_with(b"gram")));
    for fd in [one, other] {
        rig.on(fd, Request::Close).expect("it closes");
    }
}

fn options(rig: &mut Rig) {
    let fd = socket(rig, SocketKind::Stream);
    let set = |option, value| Request::SetOption { option, value };
    let switches = [SocketOption::ReuseAddress, SocketOption::KeepAlive, SocketOption::NoDelay];
    for option in switches {
        assert_eq!(rig.on(fd, set(option, 1)), Ok(Value::Done));
        assert_eq!(rig.on(fd, Request::GetOption { option }), Ok(Value::Option(1)), "{option:?}");
    }
    let option = SocketOption::Linger;
    assert_eq!(rig.on(fd, Request::GetOption { option }), Ok(Value::Option(-1)));
    assert_eq!(rig.on(fd, set(option, 7)), Ok(Value::Done));
    assert_eq!(rig.on(fd, Request::GetOption { option }), Ok(Value::Option(7)));
    rig.on(fd, Request::Close).expect("it closes");
}

/// A sender waits until there is room, and nothing is lost.
fn full_windows(rig: &mut Rig) {
    const SIZE: usize = 8 << 20;
    let (one, other) = connection(rig);
    let bytes: Vec<u8> = (0..SIZE).map(|n| (n / 7) as u8).collect();
    let mut got = Vec::new();
    let mut sent = 0;
    let mut sending = Some(rig.begin(Some(one), Request::Send { bytes: bytes.clone(), from: 0 }));
    while got.len() < SIZE {
        let reading = rig.begin(Some(other), receive(1 << 16));
        let completion = rig.end(reading);
        got.extend(received(completion).expect("the stream goes on"));
        if let Some(id) = sending
            && rig.has_come(id)
        {
            match rig.end(id).result {
                Ok(Value::Count(count)) => sent += count,
                other => panic!("some bytes went: {other:?}"),
            }
            let rest = Request::Send { bytes: bytes.clone(), from: sent };
            sending = (sent < SIZE).then(|| rig.begin(Some(one), rest));
        }
    }
    assert!(got == bytes, "in order, all of them");
    if let Some(id) = sending {
        rig.end(id);
    }
    for fd in [one, other] {
        rig.on(fd, Request::Close).expect("it closes");
    }
}
