//! The simulated kernel goes through the same conformance suite as the rings of a machine.

#[path = "../../tests/ring/files.rs"]
mod files;
#[path = "../../tests/ring/pipes.rs"]
mod pipes;
#[path = "../../tests/ring/rig.rs"]
mod rig;
#[path = "../../tests/ring/sockets.rs"]
mod sockets;
#[path = "../../tests/ring/waiting.rs"]
mod waiting;

use rig::Rig;
use sockets::{connection, listener, socket};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use warpbeam::fd::RawFd;
use warpbeam::ring::net::{Address, Domain, Name, Shut, SocketKind};
use warpbeam::ring::request::{Mode, OpId, Submission, Value, Whence};
use warpbeam::ring::{Completion, Errno, Request, Ring};
use warpbeam_sim::dependence::Mode as Way;
use warpbeam_sim::kernel::touch::Touched;
use warpbeam_sim::kernel::{Fate, Kernel};

/// A kernel whose clock goes on by a millisecond with each look at its completions.
#[derive(Default)]
struct Ticking {
    kernel: Kernel,
    now_ns: u64,
    /// Deadlines.
    timeouts: BTreeMap<(u64, OpId), ()>,
}

impl Ring for Ticking {
    fn submit(&mut self, submission: Submission) {
        self.kernel.submit(submission);
        for (id, after_ns) in self.kernel.take_timeouts() {
            self.timeouts.insert((self.now_ns + after_ns, id), ());
        }
    }

    fn cancel(&mut self, id: OpId) {
        self.kernel.cancel(id);
    }

    fn reap(&mut self, into: &mut Vec<Completion>) {
        self.now_ns += 1_000_000;
        while let Some(due) = self.timeouts.first_entry().filter(|due| due.key().0 <= self.now_ns) {
            let ((_, id), ()) = due.remove_entry();
            self.kernel.let_go(id);
        }
        self.kernel.reap(into);
    }
}

fn rig() -> Rig {
    Rig::new(Box::new(Ticking::default()), || {}, b"/tmp", true)
}

#[test]
fn files() {
    files::all(&mut rig());
}

#[test]
fn sockets() {
    sockets::all(&mut rig());
}

#[test]
fn waiting() {
    waiting::all(&mut rig());
}

#[test]
fn pipes() {
    pipes::all(&mut rig());
}

/// Who waits for the other end of a pipe is an end of it until that is over, cancelled or not.
#[test]
fn an_opening_that_is_cancelled_leaves_nothing() {
    let mut rig = rig();
    let path = rig.path("pipe");
    rig.free(Request::MakePipe { path: path.clone() }).expect("there is room");
    let open =
        |read| Request::Open { path: path.clone(), mode: Mode { read, write: !read, ..Mode::default() } };
    let cancelled = rig.begin(None, open(true));
    assert!(!rig.has_come(cancelled));
    rig.ring.cancel(cancelled);
    assert_eq!(rig.end(cancelled).result, Err(Errno::CANCELED));
    let writing = rig.begin(None, open(false));
    assert!(!rig.has_come(writing), "nobody reads");
    rig.free(Request::RemoveFile { path: path.clone() }).expect("it has a name");
    rig.ring.cancel(writing);
    assert_eq!(rig.end(writing).result, Err(Errno::CANCELED));
    // Another that has the name has nothing to do with them.
    rig.free(Request::MakePipe { path: path.clone() }).expect("there is room");
    let reading = rig.begin(None, open(true));
    assert!(!rig.has_come(reading));
    let writing = rig.begin(None, open(false));
    let [Ok(Value::Opened(from, _)), Ok(Value::Opened(to, _))] =
        [reading, writing].map(|id| rig.end(id).result)
    else {
        panic!("they meet");
    };
    // Numbers are those that are free: what was cancelled has none.
    assert_eq!([from.0 + to.0, from.0.min(to.0)], [7, 3]);
}

/// Files, streams and sockets that operations are drawn on.
struct Drawn {
    files: Vec<RawFd>,
    streams: [RawFd; 4],
    listeners: [(RawFd, Address); 2],
    fresh: Vec<RawFd>,
    /// The end of a pipe that reads, and two that write.
    pipe: [RawFd; 3],
    /// That of another, into which nobody writes.
    ended: RawFd,
}

fn furnished(kernel: &Rc<RefCell<Kernel>>) -> Drawn {
    let mut rig = Rig::new(Box::new(Shared(Rc::clone(kernel))), || {}, b"/tmp", true);
    let mode = Mode { read: true, write: true, create: true, ..Mode::default() };
    let mut files: Vec<RawFd> = Vec::new();
    for name in ["a", "b", "a", "c"] {
        let path = rig.path(name);
        files.push(rig.open(&path, mode).expect("there is room"));
    }
    let ends = [connection(&mut rig), connection(&mut rig)];
    let streams = [ends[0].0, ends[0].1, ends[1].0, ends[1].1];
    for &fd in &streams {
        rig.on(fd, Request::Send { bytes: vec![7; 3], from: 0 }).expect("there is room");
    }
    let listeners = [listener(&mut rig), listener(&mut rig)];
    for (_, address) in &listeners {
        let fd = socket(&mut rig, SocketKind::Stream);
        rig.on(fd, Request::Connect { address: address.clone() }).expect("somebody listens");
    }
    let fresh = (0..3).map(|_| socket(&mut rig, SocketKind::Stream)).collect();
    let both = Mode { read: true, write: true, ..Mode::default() };
    for name in ["p", "q", "r"] {
        let path = rig.path(name);
        rig.free(Request::MakePipe { path }).expect("there is room");
    }
    let path = rig.path("p");
    let first = rig.open(&path, both).expect("it has its own other end");
    let writes = Mode { read: false, ..both };
    let pipe = [Mode { write: false, ..both }, writes, writes];
    let pipe = pipe.map(|mode| rig.open(&path, mode).expect("there is the other end"));
    rig.on(first, Request::Write { at: None, bytes: vec![7; 3], from: 0 }).expect("there is room");
    rig.on(first, Request::Close).expect("it closes");
    let path = rig.path("r");
    let last = rig.open(&path, both).expect("it has its own other end");
    let ended = rig.open(&path, Mode { write: false, ..both }).expect("there is the other end");
    rig.on(last, Request::Close).expect("it closes");
    Drawn { files, streams, listeners, fresh, pipe, ended }
}

/// An operation, drawn from `draw`.
fn operation(on: &Drawn, draw: &mut impl FnMut(u64) -> u64) -> (Option<RawFd>, Request) {
    let bytes = vec![draw(9) as u8; 2];
    let path = [b"/tmp/a".as_slice(), b"/tmp/b", b"/tmp/c", b"/tmp/d"][draw(4) as usize].to_vec();
    let file = Some(on.files[draw(4) as usize]);
    let stream = Some(on.streams[draw(4) as usize]);
    let (listening, address) = on.listeners[draw(2) as usize].clone();
    let (fresh, yes) = (Some(on.fresh[draw(3) as usize]), draw(2) == 0);
    let place = [b"/tmp/p".as_slice(), b"/tmp/q", b"/tmp/r"][draw(3) as usize].to_vec();
    let (reads, writes) =
        (Some([on.pipe[0], on.ended][draw(2) as usize]), Some(on.pipe[1 + draw(2) as usize]));
    match draw(32) {
        0 => (file, Request::Write { at: None, bytes, from: 0 }),
        1 => (file, Request::Write { at: Some(draw(4)), bytes, from: 0 }),
        2 | 3 => (file, Request::Read { at: Some(draw(3)), buffer: vec![0; 2], filled: 0 }),
        4 => (file, Request::Read { at: None, buffer: vec![0; 2], filled: 0 }),
        5 => (file, Request::Sync { data_only: true }),
        6 => (file, Request::Seek { offset: draw(5) as i64, whence: Whence::End }),
        7 => (file, [Request::Truncate, Request::StatOpen, Request::Close][draw(3) as usize].clone()),
        8 | 9 => (stream, Request::Send { bytes, from: 0 }),
        10 | 11 => (stream, Request::Receive { buffer: vec![0; 2] }),
        12 => (stream, if yes { Request::Close } else { Request::Shutdown { how: Shut::Write } }),
        13 => (stream, Request::GetName { name: Name::Own }),
        14 => (None, Request::Open { path, mode: Mode { write: true, create: yes, ..Mode::default() } }),
        15 => (None, Request::Open { path, mode: Mode { write: true, truncate: yes, ..Mode::default() } }),
        16 => (None, Request::Stat { path, follow: true }),
        17 => (None, if yes { Request::RemoveFile { path } } else { Request::MakeDir { path } }),
        18 => (None, Request::Rename { from: path, to: b"/tmp/b".to_vec() }),
        19 => (None, Request::ListDir { path: b"/tmp".to_vec() }),
        20 => (Some(listening), if yes { Request::Close } else { Request::Accept }),
        21 => (fresh, Request::Connect { address }),
        22 => (fresh, if yes { Request::Listen { backlog: 3 } } else { Request::Close }),
        24 | 25 => (writes, Request::Write { at: None, bytes, from: 0 }),
        26 => (reads, Request::Read { at: None, buffer: vec![0; 2], filled: 0 }),
        27 => {
            (if yes { reads } else { writes }, if draw(2) == 0 { Request::Close } else { Request::StatOpen })
        }
        28 | 29 => {
            (None, Request::Open { path: place, mode: Mode { read: yes, write: !yes, ..Mode::default() } })
        }
        30 => (None, if yes { Request::RemoveFile { path: place } } else { Request::MakePipe { path } }),
        _ => (None, Request::Socket { domain: Domain::Inet, kind: SocketKind::Stream }),
    }
}

/// A kernel with operations in flight, drawn from `state`.
fn drawn(state: &mut u64) -> (Kernel, Vec<OpId>) {
    let mut draw = |n: u64| {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) % n
    };
    let kernel = Rc::new(RefCell::new(Kernel::default()));
    let on = furnished(&kernel);
    let mut kernel = kernel.borrow().clone();
    let ids: Vec<OpId> = (1000..1010).map(OpId).collect();
    for &id in &ids {
        let (fd, request) = operation(&on, &mut draw);
        kernel.submit(Submission { id, fd, request });
        // One that opens a pipe may wait for the other end already.
        if draw(2) == 0 {
            kernel.waits_for_other_end(id);
        }
    }
    (kernel, ids)
}

/// A kernel that a rig fills.
struct Shared(Rc<RefCell<Kernel>>);

impl Ring for Shared {
    fn submit(&mut self, submission: Submission) {
        self.0.borrow_mut().submit(submission);
    }

    fn cancel(&mut self, id: OpId) {
        self.0.borrow_mut().cancel(id);
    }

    fn reap(&mut self, into: &mut Vec<Completion>) {
        self.0.borrow_mut().reap(into);
    }
}

fn kind(part: &Touched) -> &'static str {
    match part {
        Touched::File(_) => "file",
        Touched::Position(_) => "position",
        Touched::Descriptor(_) => "descriptor",
        Touched::Paths => "paths",
        Touched::Numbers => "numbers",
        Touched::Socket(_) => "socket",
        Touched::Pipe(_) => "pipe",
        Touched::Addresses => "addresses",
    }
}

/// Everything that can be seen after two completions, in the order of the operations' numbers.
fn after(kernel: &Kernel, ids: &[OpId], first: OpId, second: OpId) -> impl PartialEq + std::fmt::Debug {
    let mut kernel = kernel.clone();
    let mut step = |id| {
        // What could be done before can still be done.
        let is_ready = kernel.is_ready(id);
        (id, is_ready, (!kernel.waits_for_other_end(id)).then(|| kernel.complete(id, Fate::Done)))
    };
    let mut done = [step(first), step(second)];
    done.sort_by_key(|&(id, ..)| id);
    let mut moved = kernel.take_moved();
    moved.sort_unstable();
    moved.dedup();
    let ready: Vec<bool> = ids.iter().map(|&id| kernel.is_ready(id)).collect();
    (done, moved, ready, format!("{kernel:?}"))
}

/// What touches nothing in common commutes; and there is no kind of thing that could be left out of what is touched.
#[test]
fn what_touches_nothing_in_common_commutes() {
    let (mut state, mut pairs, mut needed) = (1, 0, BTreeSet::new());
    for _ in 0..200 {
        let (kernel, ids) = drawn(&mut state);
        for (i, &one) in ids.iter().enumerate() {
            for &other in &ids[i + 1..] {
                let (Some(a), Some(b)) = (kernel.touches(one), kernel.touches(other)) else { continue };
                if !(kernel.is_ready(one) && kernel.is_ready(other)) {
                    continue;
                }
                let clashing = |(part, mode): &&(Touched, Way)| {
                    b.iter().any(|(other, way)| part == other && mode.clashes(*way))
                };
                let clashes: BTreeSet<_> = a.iter().filter(clashing).map(|(part, _)| kind(part)).collect();
                let there = after(&kernel, &ids, one, other);
                let and_back = after(&kernel, &ids, other, one);
                match clashes.len() {
                    0 => {
                        pairs += 1;
                        let (one, other) = (kernel.request(one), kernel.request(other));
                        assert_eq!(there, and_back, "{one:?} and {other:?}");
                    }
                    1 if there != and_back => needed.extend(clashes),
                    _ => {}
                }
            }
        }
    }
    assert!(pairs > 1000, "{pairs} pairs were looked at");
    assert_eq!(needed.len(), 8, "only these make a difference: {needed:?}");
}
