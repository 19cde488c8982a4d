//! Suspension: `suspend_process/2` and `resume_process/1`.
//!
//! The suspender counts its own suspensions of a process; the suspended process knows only who holds it, and
//! runs no code while anybody does, though it handles signals. Invariant: whoever holds a process lets go
//! with its last `resume_process`, or when it ends. Source: `erlang:suspend_process/2`.

use super::Control;
use super::pid::Pid;
use super::signal::Signal;
use crate::heap::read::RefId;
use crate::term::Word;
use crate::world::World;

/// The process is gone, or was not suspended by this one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotSuspended;

impl Control {
    /// Holds `target` once more. With a request, the reply `true` comes when it is held; the error says that
    /// there is no such process.
    pub fn suspend(
        &mut self,
        target: Pid,
        request: Option<RefId>,
        world: &mut dyn World,
    ) -> Result<(), NotSuspended> {
        self.forget_the_dead(world);
        let count = self.suspending.get(target).copied().unwrap_or(0);
        if count == 0 || request.is_some() {
            let signal = Signal::Suspend { from: self.pid, request };
            if world.send(self.pid, target, signal).is_err() {
                self.suspending.remove(target);
                return Err(NotSuspended);
            }
        }
        self.suspending.insert(target, count + 1);
        Ok(())
    }

    /// Takes one suspension back.
    pub fn resume(&mut self, target: Pid, world: &mut dyn World) -> Result<(), NotSuspended> {
        let count = self.suspending.get(target).copied().ok_or(NotSuspended)?;
        if !world.exists(target) {
            self.suspending.remove(target);
            return Err(NotSuspended);
        }
        if count > 1 {
            self.suspending.insert(target, count - 1);
        } else {
            self.suspending.remove(target);
            let _ = world.send(self.pid, target, Signal::Resume { from: self.pid });
        }
        Ok(())
    }

    /// Drops what is held of processes that have ended since, so that it does not add up.
    pub(crate) fn forget_the_dead(&mut self, world: &mut dyn World) {
        if self.suspending.is_empty() {
            return;
        }
        let held: Vec<Pid> = self.suspending.iter().map(|(pid, _)| pid).collect();
        for pid in held {
            if !world.exists(pid) {
                self.suspending.remove(pid);
            }
        }
    }

    /// Held by `from`, which is told so if it asks.
    pub(crate) fn held_by(&mut self, from: Pid, request: Option<RefId>, world: &mut dyn World) {
        self.suspended_by.insert(from, ());
        if let Some(request) = request {
            super::receive::reply(world, self.pid, from, request, Word::TRUE);
        }
    }
}
