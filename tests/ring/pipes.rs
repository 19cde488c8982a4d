//! What every ring does with named pipes: both ends, what they wait for, and their errors.

use super::rig::Rig;
use warpbeam::fd::RawFd;
use warpbeam::ring::request::{Advice, FileKind, Interest, Mode, OpId, Whence};
use warpbeam::ring::{Errno, Request, Value};

/// More than the threads that a ring has for files.
const STUCK: usize = 20;
/// Bytes that a pipe holds, and those of the longest write that is not mixed with others.
const CAPACITY: usize = 65_536;
const ATOMIC_MAX: usize = 4096;

pub fn all(rig: &mut Rig) {
    made(rig);
    flows(rig);
    ends_meet(rig);
    ends_at_the_last_writer(rig);
    places(rig);
    not_done_with_pipes(rig);
    full(rig);
    whole(rig);
    long(rig);
    ready(rig);
    reads_are_cancelled(rig);
    writes_are_cancelled(rig);
    openings_are_cancelled(rig);
    without_a_name(rig);
    files_do_not_wait_for_pipes(rig);
}

fn mode(read: bool, write: bool) -> Mode {
    Mode { read, write, ..Mode::default() }
}

fn pipe(rig: &mut Rig, name: &str) -> Vec<u8> {
    let path = rig.path(name);
    assert_eq!(rig.free(Request::MakePipe { path: path.clone() }), Ok(Value::Done));
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

fn kind(value: Result<Value, Errno>) -> Result<FileKind, Errno> {
    match value {
        Ok(Value::Stat(stat)) => Ok(stat.kind),
        Ok(other) => panic!("a stat is one, not {other:?}"),
        Err(errno) => Err(errno),
    }
}

fn begin_write(rig: &mut Rig, fd: RawFd, bytes: &[u8]) -> OpId {
    rig.begin(Some(fd), write(bytes, None))
}

/// A pipe with so many bytes in it.
fn filled(rig: &mut Rig, name: &str, count: usize) -> (RawFd, RawFd) {
    let (from, to) = ends(rig, name);
    assert_eq!(rig.on(to, write(&vec![b'x'; count], None)), Ok(Value::Count(count)));
    (from, to)
}

fn made(rig: &mut Rig) {
    let path = pipe(rig, "made");
    assert_eq!(rig.free(Request::MakePipe { path: path.clone() }), Err(Errno::EXIST));
    let nowhere = rig.path("nowhere/made");
    assert_eq!(rig.free(Request::MakePipe { path: nowhere }), Err(Errno::NOENT));
    assert_eq!(kind(rig.free(Request::Stat { path: path.clone(), follow: true })), Ok(FileKind::Other));
    let exclusive = Mode { exclusive: true, create: true, ..mode(false, true) };
    assert_eq!(rig.open(&path, exclusive), Err(Errno::EXIST));
    assert_eq!(rig.names(&path), Err(Errno::NOTDIR));
    // Who opens both ends waits for nobody, and nothing is cut off.
    let both = rig.open(&path, Mode { create: true, truncate: true, ..mode(true, true) });
    let both = both.expect("it has its own other end");
    assert_eq!(kind(rig.on(both, Request::StatOpen)), Ok(FileKind::Other));
    assert_eq!(rig.on(both, write(b"to me", None)), Ok(Value::Count(5)));
    assert_eq!(rig.read(both, None, 9), Ok(b"to me".to_vec()));
    assert_eq!(rig.on(both, write(b"to nobody", None)), Ok(Value::Count(9)));
    close(rig, &[both]);
    let both = rig.open(&path, mode(true, true)).expect("it has its own other end");
    let reading = rig.begin(Some(both), Request::Read { at: None, buffer: vec![0; 9], filled: 0 });
    assert!(!rig.has_come(reading), "what was in it went with the last end");
    assert_eq!(rig.on(both, write(b"x", None)), Ok(Value::Count(1)));
    assert_eq!(rig.end(reading).result, Ok(Value::Count(1)));
    close(rig, &[both]);
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

/// It makes no difference who comes first.
fn ends_meet(rig: &mut Rig) {
    let path = pipe(rig, "meet");
    let writing = begin_open(rig, &path, mode(false, true));
    assert!(!rig.has_come(writing));
    let from = rig.open(&path, mode(true, false)).expect("somebody is about to write");
    let to = end_open(rig, writing);
    let second = rig.open(&path, mode(false, true)).expect("somebody reads");
    assert_eq!(rig.on(second, write(b"one", None)), Ok(Value::Count(3)));
    assert_eq!(rig.on(to, write(b"other", None)), Ok(Value::Count(5)));
    assert_eq!(rig.read(from, None, 99), Ok(b"oneother".to_vec()));
    close(rig, &[second, from, to]);
}

fn ends_at_the_last_writer(rig: &mut Rig) {
    let (from, to) = ends(rig, "last");
    let path = rig.path("last");
    let other = rig.open(&path, mode(false, true)).expect("somebody reads");
    assert_eq!(rig.on(to, write(b"rest", None)), Ok(Value::Count(4)));
    close(rig, &[to]);
    assert_eq!(rig.read(from, None, 9), Ok(b"rest".to_vec()));
    let reading = rig.begin(Some(from), Request::Read { at: None, buffer: vec![0; 9], filled: 0 });
    assert!(!rig.has_come(reading), "one may still write");
    close(rig, &[other]);
    assert_eq!(rig.end(reading).result, Ok(Value::Count(0)));
    // It goes on when somebody opens it again.
    let to = rig.open(&path, mode(false, true)).expect("somebody reads");
    assert_eq!(rig.on(to, write(b"more", None)), Ok(Value::Count(4)));
    close(rig, &[to]);
    assert_eq!(rig.read(from, None, 9), Ok(b"more".to_vec()));
    assert_eq!(rig.read(from, None, 9), Ok(Vec::new()));
    close(rig, &[from]);
}

fn places(rig: &mut Rig) {
    let (from, to) = ends(rig, "places");
    assert_eq!(rig.on(to, write(b"some", Some(0))), Err(Errno::SPIPE));
    assert_eq!(rig.on(to, write(b"x", None)), Ok(Value::Count(1)));
    assert_eq!(rig.read(from, Some(0), 9), Err(Errno::SPIPE));
    assert_eq!(rig.read(from, None, 9), Ok(b"x".to_vec()));
    close(rig, &[from, to]);
}

fn not_done_with_pipes(rig: &mut Rig) {
    let (from, to) = ends(rig, "errors");
    assert_eq!(rig.on(from, write(b"x", None)), Err(Errno::BADF));
    assert_eq!(rig.read(to, None, 9), Err(Errno::BADF));
    for fd in [from, to] {
        assert_eq!(rig.on(fd, Request::Seek { offset: 0, whence: Whence::Start }), Err(Errno::SPIPE));
        let advise = Request::Advise { offset: 0, length: 5, advice: Advice::Sequential };
        assert_eq!(rig.on(fd, advise), Err(Errno::SPIPE));
        assert_eq!(rig.on(fd, Request::Sync { data_only: false }), Err(Errno::INVAL));
        assert_eq!(rig.on(fd, Request::Truncate), Err(Errno::SPIPE));
        assert_eq!(rig.on(fd, Request::Listen { backlog: 1 }), Err(Errno::NOTSOCK));
    }
    assert_eq!(rig.on(from, Request::Allocate { offset: 0, length: 5 }), Err(Errno::BADF));
    assert_eq!(rig.on(to, Request::Allocate { offset: 0, length: 5 }), Err(Errno::SPIPE));
    close(rig, &[from, to]);
}

/// A pipe that is full takes no more until somebody reads.
fn full(rig: &mut Rig) {
    let (from, to) = filled(rig, "full", CAPACITY);
    let writing = begin_write(rig, to, b"y");
    assert!(!rig.has_come(writing));
    assert_eq!(rig.read(from, None, ATOMIC_MAX), Ok(vec![b'x'; ATOMIC_MAX]));
    assert_eq!(rig.end(writing).result, Ok(Value::Count(1)));
    let rest = rig.read(from, None, CAPACITY).expect("there is some");
    assert_eq!((rest.len(), rest.last()), (CAPACITY - ATOMIC_MAX + 1, Some(&b'y')));
    // Nobody will read: who waits is told so.
    assert_eq!(rig.on(to, write(&vec![b'x'; CAPACITY], None)), Ok(Value::Count(CAPACITY)));
    let writing = begin_write(rig, to, b"y");
    assert!(!rig.has_come(writing));
    close(rig, &[from]);
    assert_eq!(rig.end(writing).result, Err(Errno::PIPE));
    close(rig, &[to]);
}

/// A short write goes in whole, though there is room for a part of it.
fn whole(rig: &mut Rig) {
    let (from, to) = filled(rig, "whole", CAPACITY - 100);
    let writing = begin_write(rig, to, &[b'y'; ATOMIC_MAX]);
    assert!(!rig.has_come(writing));
    let got = rig.read(from, None, ATOMIC_MAX).expect("there is some");
    assert_eq!((got.len(), rig.end(writing).result), (ATOMIC_MAX, Ok(Value::Count(ATOMIC_MAX))));
    let rest = rig.read(from, None, CAPACITY).expect("there is some");
    assert_eq!(rest.len(), CAPACITY - 100);
    assert!(rest.ends_with(&[b'y'; ATOMIC_MAX]));
    close(rig, &[from, to]);
}

/// A long one goes in part by part.
fn long(rig: &mut Rig) {
    let (from, to) = ends(rig, "long");
    let bytes: Vec<u8> = (0..200_000u32).map(|n| n as u8 ^ (n >> 8) as u8).collect();
    let (mut sent, mut got) = (0, Vec::new());
    let mut writing = begin_write(rig, to, &bytes);
    while got.len() < bytes.len() {
        got.extend(rig.read(from, None, 10_000).expect("there is some"));
        if sent < bytes.len() && rig.has_come(writing) {
            match rig.end(writing).result {
                Ok(Value::Count(count)) => sent += count,
                other => panic!("it is written: {other:?}"),
            }
            if sent < bytes.len() {
                writing = begin_write(rig, to, &bytes[sent..]);
            }
        }
    }
    assert!(got == bytes, "they come in order");
    if sent < bytes.len() {
        assert_eq!(rig.end(writing).result, Ok(Value::Count(bytes.len() - sent)));
    }
    close(rig, &[from, to]);
}

fn ready(rig: &mut Rig) {
    let readable = Interest { readable: true, writable: false };
    let writable = Interest { readable: false, writable: true };
    let (from, to) = ends(rig, "ready");
    assert_eq!(rig.on(to, Request::Poll { interest: writable }), Ok(Value::Ready(writable)));
    let polling = rig.begin(Some(from), Request::Poll { interest: readable });
    assert!(!rig.has_come(polling));
    assert_eq!(rig.on(to, write(&[b'x'; CAPACITY], None)), Ok(Value::Count(CAPACITY)));
    assert_eq!(rig.end(polling).result, Ok(Value::Ready(readable)));
    let polling = rig.begin(Some(to), Request::Poll { interest: writable });
    assert!(!rig.has_come(polling));
    assert_eq!(rig.read(from, None, CAPACITY).map(|bytes| bytes.len()), Ok(CAPACITY));
    assert_eq!(rig.end(polling).result, Ok(Value::Ready(writable)));
    let polling = rig.begin(Some(from), Request::Poll { interest: readable });
    assert!(!rig.has_come(polling));
    close(rig, &[to]);
    assert_eq!(rig.end(polling).result, Ok(Value::Ready(readable)), "the end can be read");
    close(rig, &[from]);
}

fn cancel(rig: &mut Rig, id: OpId) {
    rig.ring.cancel(id);
    rig.ring.flush();
}

fn reads_are_cancelled(rig: &mut Rig) {
    let (from, to) = ends(rig, "cancelled");
    let reading = rig.begin(Some(from), Request::Read { at: None, buffer: vec![0; 9], filled: 0 });
    assert!(!rig.has_come(reading));
    cancel(rig, reading);
    assert_eq!(rig.end(reading).result, Err(Errno::CANCELED));
    assert_eq!(rig.on(to, write(b"kept", None)), Ok(Value::Count(4)));
    assert_eq!(rig.read(from, None, 9), Ok(b"kept".to_vec()));
    close(rig, &[from, to]);
}

fn writes_are_cancelled(rig: &mut Rig) {
    let (from, to) = filled(rig, "unwritten", CAPACITY);
    let writing = begin_write(rig, to, &[b'y'; 9]);
    assert!(!rig.has_come(writing));
    cancel(rig, writing);
    assert_eq!(rig.end(writing).result, Err(Errno::CANCELED));
    assert_eq!(rig.read(from, None, CAPACITY), Ok(vec![b'x'; CAPACITY]));
    assert_eq!(rig.on(to, write(b"z", None)), Ok(Value::Count(1)));
    assert_eq!(rig.read(from, None, 9), Ok(b"z".to_vec()));
    close(rig, &[from, to]);
}

/// One that is cancelled is over at the latest when somebody opens the other end.
fn openings_are_cancelled(rig: &mut Rig) {
    let path = pipe(rig, "unopened");
    let cancelled = begin_open(rig, &path, mode(true, false));
    assert!(!rig.has_come(cancelled));
    cancel(rig, cancelled);
    let writing = begin_open(rig, &path, mode(false, true));
    let from = rig.open(&path, mode(true, false)).expect("somebody is about to write");
    let to = end_open(rig, writing);
    match Rig::opened(rig.end(cancelled).result) {
        Ok(fd) => close(rig, &[fd]),
        Err(errno) => assert_eq!(errno, Errno::CANCELED),
    }
    assert_eq!(rig.on(to, write(b"x", None)), Ok(Value::Count(1)));
    assert_eq!(rig.read(from, None, 9), Ok(b"x".to_vec()));
    close(rig, &[from, to]);
}

/// Ends stay when the name goes, and another pipe may get it.
fn without_a_name(rig: &mut Rig) {
    let (from, to) = ends(rig, "nameless");
    let path = rig.path("nameless");
    assert_eq!(rig.free(Request::RemoveFile { path: path.clone() }), Ok(Value::Done));
    assert_eq!(rig.open(&path, mode(true, false)), Err(Errno::NOENT));
    let (other_from, other_to) = ends(rig, "nameless");
    assert_eq!(rig.on(to, write(b"here", None)), Ok(Value::Count(4)));
    assert_eq!(rig.on(other_to, write(b"there", None)), Ok(Value::Count(5)));
    assert_eq!(rig.read(from, None, 9), Ok(b"here".to_vec()));
    assert_eq!(rig.read(other_from, None, 9), Ok(b"there".to_vec()));
    close(rig, &[from, to, other_from, other_to]);
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
