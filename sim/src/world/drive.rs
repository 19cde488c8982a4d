//! The loop of a run: advance whoever was woken, ask who acts, let time pass when nobody can.
//!
//! Invariant: a panic inside a slice is our bug, not the program's; it ends the run as a violation with the
//! choices that lead there, and the world can be reset and used again.

use super::door::Door;
use super::slots::{NO_SLOT, State, Waited};
use super::timers::Due;
use super::{End, Outcome, SimWorld};
use crate::choice::{Actor, Chooser};
use crate::dependence::{Kind, Mode};
use crate::{oracle, panic};
use warpbeam::interp::{Regs, run_slice};
use warpbeam::process::monitors::bounce;
use warpbeam::sched::{Reductions, SliceEnd};
use warpbeam::time::{Deadline, Instant};
use warpbeam::world::OpKind;

impl SimWorld {
    /// Runs until the run ends.
    pub fn run(&mut self, regs: &mut Regs, chooser: &mut dyn Chooser) -> Outcome {
        self.run_to(u64::MAX, regs, chooser).expect("a run without a pause ends")
    }

    /// Runs until the run ends or `steps` events have happened; `None` then. The world can be cloned there,
    /// and either copy goes on as the run would have.
    pub fn run_to(&mut self, steps: u64, regs: &mut Regs, chooser: &mut dyn Chooser) -> Option<Outcome> {
        self.listens = chooser.listens();
        self.pause_at = if self.tail { 0 } else { steps };
        let end = loop {
            if let Some(end) = self.ended.take() {
                break end;
            }
            if self.crashing {
                self.restart(regs, chooser);
                continue;
            }
            let goes_on = if self.steps() < self.pause_at {
                self.turn(regs, chooser)
            } else if self.tail {
                self.fair_turn(regs)
            } else if self.is_between() {
                return None;
            } else {
                self.turn(regs, chooser)
            };
            if !goes_on {
                break oracle::at_rest(self).map_or(End::Quiet, |v| End::Violation(Box::new(v)));
            }
        };
        let end = match end {
            End::Quiet | End::Halted(_) if !self.claims.is_empty() => self.judge_claims().unwrap_or(end),
            _ => end,
        };
        Some(self.outcome(end))
    }

    /// Whether the next visible operation of everybody who can run is known, and nobody is picked.
    pub(crate) fn is_between(&self) -> bool {
        self.advance.is_empty() && self.next.is_none()
    }

    /// One turn of the loop; whether there was anything to do.
    #[inline]
    pub(crate) fn turn(&mut self, regs: &mut Regs, chooser: &mut dyn Chooser) -> bool {
        if let Some(at) = self.advance.pop_front() {
            self.slice(at, regs, chooser);
        } else if let Some(actor) = self.next.take() {
            self.act(actor, regs, chooser);
        } else if self.runnable.is_empty() {
            return self.pass_time(chooser);
        } else if self.timers.is_empty() || !self.ask_time(chooser) {
            let actor = self.pick(None, chooser);
            self.act(actor, regs, chooser);
        }
        true
    }

    fn act(&mut self, actor: Actor, regs: &mut Regs, chooser: &mut dyn Chooser) {
        match actor {
            Actor::Process(serial) => {
                let at = self.slots.of_serial(serial).expect("a picked process is alive");
                self.note_pending();
                if self.watch.is_some()
                    && self.slots.at(at).state == State::Ready
                    && self.next_op(at).is(OpKind::Receive)
                {
                    self.note_look(at);
                }
                self.granted = true;
                self.slice(at, regs, chooser);
                self.granted = false;
            }
            Actor::Channel { from, to } => {
                if let Some((dead, back)) = self.deliver(from, to, chooser) {
                    self.running = NO_SLOT;
                    bounce(back, &mut Door { world: self, chooser }, dead);
                }
            }
            Actor::Completion { .. } => self.complete(actor, chooser),
            other => panic!("{other:?} does not run"),
        }
    }

    /// Nobody can act. Moves virtual time to the next timer; whether there was one to wait for.
    fn pass_time(&mut self, chooser: &mut dyn Chooser) -> bool {
        let Some((deadline, _, timer)) = self.timers.first() else { return false };
        if self.settled.is_some_and(|settled| deadline.0 > settled) {
            return false;
        }
        self.fire(timer, chooser);
        true
    }

    fn slice(&mut self, at: u32, regs: &mut Regs, chooser: &mut dyn Chooser) {
        let slot = self.slots.at_mut(at);
        if slot.state == State::Free {
            return;
        }
        let mut process = slot.process.take().expect("a process that does not run is in its slot");
        slot.state = State::Running;
        if let Some(budget) = self.settings.memory_words {
            process.set_ceiling(self.room_of(at, budget));
        }
        self.running = at;
        let calls = Reductions(self.settings.livelock_calls);
        let mut door = Door { world: self, chooser };
        let end = panic::caught(|| run_slice(&mut process, regs, &mut door, calls));
        let words = process.heap().apparent_used_words();
        self.slots.at_mut(at).process = Some(process);
        self.weigh(at, words);
        match end {
            Some(end) => self.stopped(at, end),
            None => {
                // Whatever the slice left in the registers goes.
                *regs = Regs::default();
                let violation = oracle::panicked(self, at);
                self.end(End::Violation(Box::new(violation)));
            }
        }
        self.running = NO_SLOT;
    }

    /// A slice ended.
    fn stopped(&mut self, at: u32, end: SliceEnd) {
        if let Some(violation) = self.shadow_check(at) {
            self.end(End::Violation(Box::new(violation)));
        }
        if self.watch.is_some() {
            if end == SliceEnd::Refused && self.look_was_refused() {
                return self.look_on(at);
            }
            self.note_changes(at);
        }
        let slot = self.slots.at_mut(at);
        match end {
            SliceEnd::Refused => slot.state = State::Ready,
            SliceEnd::Yield if self.gives_way => {
                slot.state = State::Advance;
                self.advance.push_back(at);
            }
            SliceEnd::Yield => {
                slot.state = State::Advance;
                let violation = oracle::livelock(self, at);
                self.end(End::Violation(Box::new(violation)));
            }
            SliceEnd::Receive(deadline) => self.waits(at, State::Receive, deadline),
            SliceEnd::AwaitReply => self.waits(at, State::Reply, None),
            SliceEnd::Suspended => self.waits(at, State::Suspended, None),
            SliceEnd::Aside => panic!("in simulation choices say who goes first"),
            SliceEnd::Gone => self.gone(at),
        }
    }

    fn waits(&mut self, at: u32, state: State, deadline: Option<Deadline>) {
        let slot = self.slots.at_mut(at);
        slot.state = state;
        let seat = slot.seat.take().expect("a running process has a seat");
        self.runnable.remove(seat);
        let (serial, count) = (slot.serial, slot.events);
        if !slot.inbox.is_empty() {
            // It sent to itself after it looked.
            self.make_runnable(at);
            return;
        }
        if let Some(deadline) = deadline {
            let actor = Actor::After { owner: serial, count };
            let (cause, due) = (self.steps(), Due::After { slot: at });
            // A receive that goes on waiting keeps its turn among timers with the same deadline.
            let waited = self.slots.at(at).waited.filter(|w| (w.deadline, w.count) == (deadline, count));
            let timer = match waited {
                Some(waited) => self.timers.start_again(waited.turn, deadline, actor, due, cause),
                None => {
                    self.touch_object(Kind::Deadline, deadline.0.ns, Mode::Write);
                    self.timers.start(deadline, actor, due, cause)
                }
            };
            let turn = self.timers.turn_of(timer);
            let slot = self.slots.at_mut(at);
            slot.after = Some(timer);
            slot.waited = Some(Waited { deadline, count, turn });
        }
    }

    fn keep_result(&mut self, at: u32) {
        let slot = self.slots.at_mut(at);
        let process = slot.process.as_mut().expect("a process that is gone lies in its slot");
        self.result = process.control.result.take().map(|result| *result);
    }

    fn gone(&mut self, at: u32) {
        let slot = self.slots.at_mut(at);
        let seat = slot.seat.take().expect("a running process has a seat");
        let serial = slot.serial;
        self.runnable.remove(seat);
        self.weigh(at, 0);
        if let Some(violation) = oracle::on_gone(self, at) {
            self.end(End::Violation(Box::new(violation)));
        }
        if serial == self.births.entry() {
            self.keep_result(at);
        }
        self.settle_digest(at);
        self.slots.release(at);
        if serial == self.births.entry() {
            let settle = self.settings.settle_ns;
            self.settled = Some(Instant { ns: self.now.ns.saturating_add(settle) });
        }
    }
}
