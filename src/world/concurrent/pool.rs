//! Ended processes whose memory the next ones use.
//!
//! Each scheduler keeps some, and passes batches to the others by way of a shared shelf, so that a program
//! whose processes are made on one thread and end on another does not make and free memory all the time.
//! Invariant: what lies here has been emptied of everything that its process held.

use crate::heap::Heap;
use crate::heap::policy::Policy;
use crate::process::Process;
use crate::process::pid::{PathKey, Pid};
use crate::sched::atomics::Lock;
use std::sync::Arc;

/// Processes that go to and fro at once.
const BATCH: usize = 64;
/// Most that one scheduler keeps, and most that lie on the shelf.
const KEPT_MAX: usize = 4 * BATCH;
const SHELVED_MAX: usize = 64 * BATCH;
/// Words of heap, and of stack, that one keeps at most.
const WORDS_MAX: usize = 1024;

type Bodies = Vec<Box<Process>>;

#[derive(Default)]
pub struct Shelf(Lock<Bodies>);

/// One scheduler's own.
#[derive(Default)]
pub struct Pool(Bodies);

impl Pool {
    /// A fresh process, which has yet to begin.
    pub fn take(&mut self, shelf: &Shelf, policy: Policy, pid: Pid) -> Box<Process> {
        if self.0.is_empty() {
            self.refill(shelf);
        }
        match self.0.pop() {
            Some(mut process) => {
                process.reset(pid, PathKey::ROOT);
                process.heap.renew(policy);
                process
            }
            None => Box::new(Process::new(Heap::new(Arc::default(), policy), pid, PathKey::ROOT)),
        }
    }

    /// Puts away a process that is gone.
    pub fn put(&mut self, shelf: &Shelf, policy: Policy, mut process: Box<Process>) {
        if process.heap.capacity() > WORDS_MAX || process.stack.capacity() > WORDS_MAX {
            return;
        }
        process.heap.renew(policy);
        self.0.push(process);
        if self.0.len() > KEPT_MAX {
            let surplus: Bodies = self.0.drain(..BATCH).collect();
            let mut shelf = shelf.0.lock();
            if shelf.len() < SHELVED_MAX {
                shelf.extend(surplus);
            }
        }
    }

    #[cold]
    fn refill(&mut self, shelf: &Shelf) {
        let mut shelf = shelf.0.lock();
        let from = shelf.len().saturating_sub(BATCH);
        self.0.extend(shelf.drain(from..));
    }
}
