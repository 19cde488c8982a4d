//! The calls of the operating system one by one, on one thread, as far as Miri knows them: what they are told of the lengths
//! and lives of buffers, texts and addresses is true.
//!
//! The rings' own suite (`tests/ring`) does all requests, also those that Miri does not know: datagrams, `poll`, `access`,
//! times of files, most options, io_uring.

#![cfg(not(loom))]
#![allow(clippy::disallowed_methods, reason = "a test makes a file")]

use std::net::Ipv4Addr;
use warpbeam::fd::RawFd;
use warpbeam::ring::Errno;
use warpbeam::ring::net::{Address, Domain, Name, Shut, SocketKind, SocketOption};
use warpbeam::ring::pool::sys::{Blocking, perform};
use warpbeam::ring::request::{Mode, Request, Value};

fn on(fd: RawFd, request: &mut Request) -> Result<Value, Errno> {
    perform(Some(fd), request, Blocking::Allowed)
}

fn opened(result: Result<Value, Errno>) -> RawFd {
    match result {
        Ok(Value::Opened(fd, _)) => fd,
        other => panic!("it opens: {other:?}"),
    }
}

/// Goes on with what was done in part, which Miri does on purpose: the buffer.
fn whole(fd: RawFd, request: &mut Request) -> Vec<u8> {
    loop {
        let Ok(Value::Count(count)) = on(fd, request) else { panic!("{request:?} moves bytes") };
        match request {
            Request::Read { at, buffer, filled } | Request::Write { at, bytes: buffer, from: filled } => {
                *filled += count;
                *at = at.map(|at| at + count as u64);
                if *filled == buffer.len() {
                    return std::mem::take(buffer);
                }
            }
            Request::Send { bytes, from } => {
                *from += count;
                if *from == bytes.len() {
                    return std::mem::take(bytes);
                }
            }
            other => panic!("{other:?} moves no bytes"),
        }
    }
}

#[test]
fn files() {
    let path = std::env::temp_dir().join(format!("warpbeam-calls-{}", std::process::id()));
    let path = path.as_os_str().as_encoded_bytes().to_vec();
    let mode = Mode { read: true, write: true, truncate: true, create: true, ..Mode::default() };
    let fd = opened(perform(None, &mut Request::Open { path: path.clone(), mode }, Blocking::Never));
    whole(fd, &mut Request::Write { at: None, bytes: b"__abcdefgh".to_vec(), from: 2 });
    assert_eq!(whole(fd, &mut Request::Read { at: Some(1), buffer: vec![0; 6], filled: 2 }), b"\0\0bcde");
    assert_eq!(on(fd, &mut Request::Sync { data_only: false }), Ok(Value::Done));
    let stat = on(fd, &mut Request::StatOpen);
    assert!(matches!(stat, Ok(Value::Stat(stat)) if stat.size == 8));
    assert_eq!(on(fd, &mut Request::Close), Ok(Value::Done));
    assert_eq!(perform(None, &mut Request::RemoveFile { path }, Blocking::Never), Ok(Value::Done));
}

fn localhost(port: u16) -> Address {
    Address::Ip { ip: Ipv4Addr::LOCALHOST.into(), port }
}

fn socket() -> RawFd {
    let mut request = Request::Socket { domain: Domain::Inet, kind: SocketKind::Stream };
    opened(perform(None, &mut request, Blocking::Allowed))
}

#[test]
fn streams() {
    let listener = socket();
    let option = SocketOption::ReuseAddress;
    assert_eq!(on(listener, &mut Request::SetOption { option, value: 1 }), Ok(Value::Done));
    assert_eq!(on(listener, &mut Request::Bind { address: localhost(0) }), Ok(Value::Done));
    assert_eq!(on(listener, &mut Request::Listen { backlog: 5 }), Ok(Value::Done));
    let Ok(Value::Address(address)) = on(listener, &mut Request::GetName { name: Name::Own }) else {
        panic!("a bound socket has a name")
    };
    let one = socket();
    assert_eq!(on(one, &mut Request::Connect { address: address.clone() }), Ok(Value::Done));
    let other = opened(on(listener, &mut Request::Accept));
    assert_eq!(on(one, &mut Request::GetName { name: Name::Peer }), Ok(Value::Address(address)));
    let error = SocketOption::Error;
    assert_eq!(on(one, &mut Request::GetOption { option: error }), Ok(Value::Option(0)));
    whole(one, &mut Request::Send { bytes: b"xxhello".to_vec(), from: 2 });
    let mut came: Vec<u8> = Vec::new();
    while came.len() < 5 {
        let mut receive = Request::Receive { buffer: vec![0; 8] };
        let result = on(other, &mut receive);
        let (Ok(Value::Count(count)), Request::Receive { buffer }) = (result, receive) else {
            panic!("bytes come")
        };
        came.extend(&buffer[..count]);
    }
    assert_eq!(came, b"hello");
    assert_eq!(on(one, &mut Request::Shutdown { how: Shut::Write }), Ok(Value::Done));
    assert_eq!(on(other, &mut Request::Receive { buffer: vec![0; 8] }), Ok(Value::Count(0)));
    for fd in [listener, one, other] {
        assert_eq!(on(fd, &mut Request::Close), Ok(Value::Done));
    }
}
