//! The set-up phase: OTP's services start before the runs that need them, once.
//!
//! They run under the dull chooser below a root of their own, `boot`, until they say that they are ready and all
//! of them wait. The world is kept there as a value; each run begins with a copy of it. Invariant: the phase is
//! a function of the program and the settings, asks nothing of a run's chooser, and counts for nothing in it.

use super::slots::State;
use super::{End, Entry, Last, Outcome, SimWorld};
use crate::choice::{Actor, Chooser, Opt};
use crate::explore::dull::Dull;
use crate::name::ENTRY;
use crate::oracle::{Oracle, Violation};
use warpbeam::interp::Regs;
use warpbeam::process::pid::{PathKey, Pid, Serial};
use warpbeam::world::{NewProcess, Op, OpKind};

/// Visible operations that the services may take to start.
pub(super) const STEPS_MAX: u64 = 1_000_000;

impl SimWorld {
    /// Starts the services in a fresh world, in which the entry process is made and does not run yet. What went
    /// wrong, if they do not come up.
    pub fn set_up(&mut self, entry: &Entry, services: &Entry, regs: &mut Regs) -> Result<(), Box<Outcome>> {
        self.begin(entry);
        self.note_program(entry, Some(services));
        self.hold_entry();
        self.begin_services(services);
        let steps_max = std::mem::replace(&mut self.settings.steps_max, STEPS_MAX);
        let end = self.run_services(regs);
        self.settings.steps_max = steps_max;
        // A watched world goes on after a violation.
        let violation = self.watch.as_mut().and_then(|watch| watch.violation.take());
        if let Some(end) = end.or(violation.map(End::Violation)) {
            return Err(Box::new(self.outcome(end)));
        }
        self.forget_set_up();
        Ok(())
    }

    pub(super) fn hold_entry(&mut self) {
        let at = self.slots.of_serial(self.births.entry()).expect("the entry process was just made");
        self.advance.clear();
        let slot = self.slots.at_mut(at);
        slot.state = State::Suspended;
        let seat = slot.seat.take().expect("a new process has a seat");
        self.runnable.remove(seat);
    }

    pub(super) fn begin_services(&mut self, services: &Entry) {
        let serial = self.births.beside();
        let pid = Pid::named(PathKey::BESIDE, Serial(u64::from(serial)));
        let arguments = services.arguments.clone();
        let mut new = NewProcess::calling(services.module, services.function, arguments, services.arity);
        new.group_leader = pid;
        let birth = self.admit(pid, PathKey::BESIDE, None, &new);
        let birth = birth.expect("the services have room for their arguments");
        assert!(birth.for_parent.is_none(), "the services have no parent");
    }

    /// Runs until all services wait and have said that they are ready; otherwise how it ended.
    pub(super) fn run_services(&mut self, regs: &mut Regs) -> Option<End> {
        let chooser: &mut dyn Chooser = &mut Dull;
        self.listens = false;
        loop {
            if let Some(end) = self.ended.take() {
                return Some(end);
            }
            if self.leader.is_some() && self.is_between() && self.runnable.is_empty() {
                return None;
            }
            if !self.turn(regs, chooser) {
                let message = "OTP's services did not start: all of them wait".to_string();
                let fingerprint = "services".to_string();
                let violation = Violation { oracle: Oracle::Crash, message, fingerprint };
                return Some(End::Violation(Box::new(violation)));
            }
        }
    }

    fn forget_set_up(&mut self) {
        self.restart_counts();
        self.last = Last { actor: Actor::Process(ENTRY), count: 0 };
        self.gives_way = false;
        self.output.clear();
        self.reports.clear();
        if let Some(watch) = &mut self.watch {
            watch.forget_set_up();
        }
    }

    /// Lets the entry process begin in a copy of the world that was set up.
    pub fn release_entry(&mut self) {
        let at = self.slots.of_serial(self.births.entry()).expect("the entry process waits to begin");
        let leader = self.leader.expect("the services are ready");
        let option = Opt { actor: Actor::Process(self.births.entry()), op: Op::of(OpKind::Start) };
        let seat = self.runnable.add(option);
        let slot = self.slots.at_mut(at);
        slot.state = State::Advance;
        slot.seat = Some(seat);
        let process = slot.process.as_mut().expect("it does not run yet");
        process.control.group_leader = leader;
        self.advance.push_back(at);
    }
}
