//! What the rings of a machine do with named pipes, which a program opens as files. The simulated kernel has none.

#![allow(clippy::disallowed_types, reason = "a test makes a named pipe with a command")]

use super::rig::Rig;
use std::process::Command;
use warpbeam::fd::RawFd;
use warpbeam::ring::request::{Mode, OpId};
use warpbeam::ring::{Errno, Request, Value};

/// More than the threads that a ring has for files.
const STUCK: usize = 20;

pub fn all(rig: &mut Rig) {
    flows(rig);
    places(rig);
    reads_are_cancelled(rig);
    files_do_not_wait_for_pipes(rig);
}

fn mode(read: bool, write: bool) -> Mode {
    Mode { read, write, ..Mode::default() }
}

fn pipe(rig: &mut Rig, name: &str) -> Vec<u8> {
    let path = rig.path(name);
    let text = String::from_utf8(path.clone()).expect("it was made of text");
    assert!(Command::new("mkfifo").arg(text).status().expect("mkfifo is there").success());
    path
}

fn begin_open(rig: &mut Rig, path: &[u8], mode: Mode) -> OpId {
    rig.begin(None, Request::Open { path: path.to_vec(), mode })
}

fn end_open(rig: &mut Rig, id: OpId) -> RawFd {
    Rig::opened(rig.end(id).result).expect("the other end is open")
}

/// Both ends: each waits for the other.
fn ends(rig: &mut Rig, name: &str) -> (RawFd, RawFd) {
    let path = pipe(rig, name);
    let reading = begin_open(rig, &path, mode(true, false));
    assert!(!rig.has_come(reading));
    let writing = begin_open(rig, &path, mode(false, true));
    (end_open(rig, reading), end_open(rig, writing))
}

fn close(rig: &mut Rig, fds: &[RawFd]) {
    for &fd in fds {
        rig.on(fd, Request::Close).expect("it closes");
    }
}

fn write(bytes: &[u8], at: Option<u64>) -> Request {
    Request::Write { at, bytes: bytes.to_vec(), from: 0 }
}

fn flows(rig: &mut Rig) {
    let (from, to) = ends(rig, "flows");
    let reading = rig.begin(Some(from), Request::Read { at: None, buffer: vec![0; 9], filled: 0 });
    assert!(!rig.has_come(reading));
    assert_eq!(rig.on(to, write(b"some", None)), Ok(Value::Count(4)));
    assert_eq!(rig.end(reading).result, Ok(Value::Count(4)));
    close(rig, &[to]);
    assert_eq!(rig.read(from, None, 9), Ok(Vec::new()), "the end");
    close(rig, &[from]);
    let (from, to) = ends(rig, "broken");
    close(rig, &[from]);
    assert_eq!(rig.on(to, write(b"some", None)), Err(Errno::PIPE));
    close(rig, &[to]);
}

fn places(rig: &mut Rig) {
    let (from, to) = ends(rig, "places");
    assert_eq!(rig.on(to, write(b"some", Some(0))), Err(Errno::SPIPE));
    assert_eq!(rig.on(to, write(b"x", None)), Ok(Value::Count(1)));
    assert_eq!(rig.read(from, Some(0), 9), Err(Errno::SPIPE));
    assert_eq!(rig.read(from, None, 9), Ok(b"x".to_vec()));
    close(rig, &[from, to]);
}

fn reads_are_cancelled(rig: &mut Rig) {
    let (from, to) = ends(rig, "cancelled");
    let reading = rig.begin(Some(from), Request::Read { at: None, buffer: vec![0; 9], filled: 0 });
    assert!(!rig.has_come(reading));
    rig.ring.cancel(reading);
    rig.ring.flush();
    assert_eq!(rig.end(reading).result, Err(Errno::CANCELED));
    assert_eq!(rig.on(to, write(b"kept", None)), Ok(Value::Count(4)));
    assert_eq!(rig.read(from, None, 9), Ok(b"kept".to_vec()));
    close(rig, &[from, to]);
}

fn files_do_not_wait_for_pipes(rig: &mut Rig) {
    let path = pipe(rig, "stuck");
    let stuck: Vec<OpId> = (0..STUCK).map(|_| begin_open(rig, &path, mode(true, false))).collect();
    let directory = rig.directory.clone();
    let names = rig.names(&directory).expect("the directory can be read");
    assert!(names.contains(&b"stuck".to_vec()));
    assert!(stuck.iter().all(|&id| !rig.has_come(id)), "nobody has opened the other end");
    let writing = begin_open(rig, &path, mode(false, true));
    let opened: Vec<RawFd> = stuck.into_iter().chain([writing]).map(|id| end_open(rig, id)).collect();
    close(rig, &opened);
    // What workers there are go on.
    rig.names(&directory).expect("the directory can be read");
}
