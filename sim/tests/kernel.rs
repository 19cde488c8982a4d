//! The simulated kernel goes through the same conformance suite as the rings of a machine.

#[path = "../../tests/ring/files.rs"]
mod files;
#[path = "../../tests/ring/rig.rs"]
mod rig;
#[path = "../../tests/ring/sockets.rs"]
mod sockets;
#[path = "../../tests/ring/waiting.rs"]
mod waiting;

use rig::Rig;
use sockets::connection;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use warpbeam::fd::RawFd;
use warpbeam::ring::request::{Mode, OpId, Submission, Whence};
use warpbeam::ring::{Completion, Request, Ring};
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

/// A kernel with files and streams, and operations on them in flight, drawn from `state`.
fn drawn(state: &mut u64) -> (Kernel, Vec<OpId>) {
    let mut draw = |n: u64| {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) % n
    };
    let kernel = Rc::new(RefCell::new(Kernel::default()));
    let mut rig = Rig::new(Box::new(Shared(Rc::clone(&kernel))), || {}, b"/tmp", true);
    let mode = Mode { read: true, write: true, create: true, ..Mode::default() };
    let mut files: Vec<RawFd> = Vec::new();
    for name in ["a", "b", "a"] {
        let path = rig.path(name);
        files.push(rig.open(&path, mode).expect("there is room"));
    }
    let ends = [connection(&mut rig), connection(&mut rig)];
    let streams = [ends[0].0, ends[0].1, ends[1].0, ends[1].1];
    for &fd in &streams {
        rig.on(fd, Request::Send { bytes: vec![7; 3], from: 0 }).expect("there is room");
    }
    drop(rig);
    let mut kernel = kernel.borrow().clone();
    let ids: Vec<OpId> = (1000..1008).map(OpId).collect();
    for &id in &ids {
        let bytes = vec![draw(9) as u8; 2];
        let (fd, request) = match draw(6) {
            0 => (files[draw(3) as usize], Request::Write { at: None, bytes, from: 0 }),
            1 => {
                (files[draw(3) as usize], Request::Read { at: Some(draw(3)), buffer: vec![0; 2], filled: 0 })
            }
            2 => (files[draw(3) as usize], Request::Sync { data_only: true }),
            3 => (streams[draw(4) as usize], Request::Send { bytes, from: 0 }),
            4 => (files[draw(3) as usize], Request::Seek { offset: draw(5) as i64, whence: Whence::Start }),
            _ => (streams[draw(4) as usize], Request::Receive { buffer: vec![0; 2] }),
        };
        kernel.submit(Submission { id, fd: Some(fd), request });
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

#[test]
fn what_touches_nothing_in_common_commutes() {
    let mut state = 1;
    let mut pairs = 0;
    for _ in 0..300 {
        let (kernel, ids) = drawn(&mut state);
        for (i, &one) in ids.iter().enumerate() {
            for &other in &ids[i + 1..] {
                let (Some(a), Some(b)) = (kernel.touches(one), kernel.touches(other)) else { continue };
                if a.iter().any(|part| b.contains(part)) || !(kernel.is_ready(one) && kernel.is_ready(other))
                {
                    continue;
                }
                pairs += 1;
                let both = |first, second| {
                    let mut kernel = kernel.clone();
                    let mut done = [kernel.complete(first, Fate::Done), kernel.complete(second, Fate::Done)];
                    done.sort_by_key(|completion| completion.id);
                    let mut moved = kernel.take_moved();
                    moved.sort_unstable();
                    moved.dedup();
                    let ready: Vec<bool> = ids.iter().map(|&id| kernel.is_ready(id)).collect();
                    (done, moved, ready, format!("{kernel:?}"))
                };
                assert_eq!(both(one, other), both(other, one), "{one:?} and {other:?}");
            }
        }
    }
    assert!(pairs > 1000, "{pairs} pairs were looked at");
}
