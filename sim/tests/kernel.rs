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
use std::collections::BTreeMap;
use warpbeam::ring::request::{OpId, Submission};
use warpbeam::ring::{Completion, Ring};
use warpbeam_sim::kernel::Kernel;

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
