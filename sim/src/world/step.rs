//! Visible operations: asking who acts next, and noting what happened.
//!
//! [`SimWorld::permit`] is where a run spends its choices. It is called from inside a slice; when the running
//! process is picked it goes on without leaving the slice, which is what makes scheduling points cheap.
//! Invariant: an order question is asked only when the next operation of everybody who can run is known.

use super::runnable::Seat;
use super::settings::TimeMode;
use super::{End, Last, SimWorld};
use crate::choice::{Actor, Chooser, Class, Event, Opt, Pick, Point};
use crate::dependence::hash_of;
use crate::digest::fold;
use warpbeam::world::{Op, OpKind};

const NOT_YET: Opt = Opt { actor: Actor::Nobody, op: Op::of(OpKind::Timeout) };

/// Operations that commute with everything that others do: no scheduling point.
const PRIVATE: u64 = {
    assert!(OpKind::ALL.len() <= 64, "a word has a bit for each kind");
    let kinds = [OpKind::Start, OpKind::Output, OpKind::Code, OpKind::MakeCounters, OpKind::Claim];
    let (mut set, mut at) = (0, 0);
    while at < kinds.len() {
        set |= 1 << kinds[at] as u64;
        at += 1;
    }
    set
};

#[inline]
fn is_private(op: &Op) -> bool {
    PRIVATE >> op.kind_number() & 1 == 1
}

impl SimWorld {
    /// Whether the running process may do `op` now. If not, the slice ends.
    #[inline]
    pub(crate) fn permit(&mut self, op: Op, chooser: &mut dyn Chooser) -> bool {
        if self.ended.is_some() {
            return false;
        }
        if self.watch.is_some() && SimWorld::is_announcement(op) {
            return self.permit_look();
        }
        if self.scratch {
            return op.is(OpKind::Receive);
        }
        if self.granted || is_private(&op) {
            self.granted = false;
            self.perform(op, chooser);
            return true;
        }
        let at = self.running;
        let (seat, serial) = (self.slots.at(at).seat, self.slots.at(at).serial);
        let (seat, me) = (seat.expect("a running process has a seat"), Actor::Process(serial));
        if !self.advance.is_empty() || self.steps >= self.pause_at {
            self.runnable.set_op(seat, &op);
            return false;
        }
        if !self.timers.is_empty() {
            self.runnable.set_op(seat, &op);
            if self.ask_time(chooser) {
                return false;
            }
        }
        let picked = self.pick(Some((seat, &op)), chooser);
        // A watched process lies in its slot when it begins to look, to be copied: `act`.
        if picked == me && !(self.watch.is_some() && op.is(OpKind::Receive)) {
            self.perform(op, chooser);
            return true;
        }
        self.next = Some(picked);
        false
    }

    /// Asks who acts next. Somebody can.
    ///
    /// Who was oldest and is passed over is slow from then on: dullness comes back to it when nobody else can
    /// act. So one decision is enough for "this process was slow". Who could have gone on keeps its turn.
    ///
    /// `asking`: the seat of the process that runs, and what it would do.
    pub(crate) fn pick(&mut self, asking: Option<(Seat, &Op)>, chooser: &mut dyn Chooser) -> Actor {
        let last = match self.last.actor {
            Actor::Process(serial) if !self.gives_way => {
                self.slots.of_serial(serial).and_then(|at| self.slots.at(at).seat)
            }
            _ => None,
        };
        let dull = last.or_else(|| self.runnable.oldest()).expect("somebody can run");
        self.runnable.bring_first(dull);
        if let Some((seat, op)) = asking {
            // Now that nothing moves any more: the processor would wait for what was just written.
            self.runnable.set_op(seat, op);
        }
        if self.runnable.len() == 1 {
            self.runnable.hurry(0);
            return self.runnable.options()[0].actor;
        }
        let picked = self.ask(Class::Order, 0, None, chooser);
        if picked != 0 && last.is_none() {
            self.runnable.slow_down(0);
        }
        self.runnable.hurry(picked);
        self.runnable.options()[picked].actor
    }

    /// Asks a question about the order (options: who can run) or one with `options` of its own.
    fn ask(
        &mut self,
        class: Class,
        cost_ns: u64,
        options: Option<&[Opt]>,
        chooser: &mut dyn Chooser,
    ) -> usize {
        let (actor, count) = if SimWorld::belongs_to_process(class) {
            let slot = self.slots.at_mut(self.running);
            slot.asked[class as usize] += 1;
            (Actor::Process(slot.serial), slot.asked[class as usize])
        } else {
            (self.last.actor, self.last.count)
        };
        let options = options.unwrap_or_else(|| self.runnable.options());
        let at = Point {
            class,
            index: self.choices,
            steps: self.steps,
            actor,
            count,
            cost_ns,
            rate: self.settings.fault_rate,
            births: &self.births,
        };
        let picked = chooser.choose(&at, options);
        assert!(picked < options.len(), "a chooser picks one of the options");
        if let Some(keep) = &mut self.keep {
            keep.chose(&at, options, picked);
        }
        if picked != 0 {
            let arity = options.len() as u32;
            self.picks.push(Pick { index: self.choices, arity, pick: picked as u32 });
        }
        self.choices += 1;
        picked
    }

    /// Asks whether a timer fires although others could still act. Whether one did.
    pub(crate) fn ask_time(&mut self, chooser: &mut dyn Chooser) -> bool {
        if self.settings.time == TimeMode::Free {
            return self.ask_free(chooser);
        }
        let Some((deadline, actor, timer)) = self.timers.first() else { return false };
        let cost_ns = deadline.0.ns.saturating_sub(self.now.ns);
        let allowed = if self.settings.time == TimeMode::Budget { self.budget_ns } else { 0 };
        if cost_ns > allowed {
            return false;
        }
        let options = [NOT_YET, Opt { actor, op: Op::of(OpKind::Timeout) }];
        if self.ask(Class::Time, cost_ns, Some(&options), chooser) == 0 {
            return false;
        }
        self.budget_ns -= if self.settings.time == TimeMode::Budget { cost_ns } else { 0 };
        self.fire(timer, chooser);
        true
    }

    fn ask_free(&mut self, chooser: &mut dyn Chooser) -> bool {
        let timers = self.timers.in_order();
        let mut options = vec![NOT_YET];
        options.extend(timers.iter().map(|&(_, actor, _)| Opt { actor, op: Op::of(OpKind::Timeout) }));
        let picked = self.ask(Class::Time, 0, Some(&options), chooser);
        if picked > 0 {
            self.fire(timers[picked - 1].2, chooser);
        }
        picked > 0
    }

    /// Asks the running process's own question with `arity` answers.
    pub(crate) fn ask_own(&mut self, class: Class, arity: u32, chooser: &mut dyn Chooser) -> u32 {
        if arity < 2 {
            return 0;
        }
        let op = Op::of(OpKind::Start);
        let options: Vec<Opt> = (0..arity).map(|n| Opt { actor: Actor::Value(n), op }).collect();
        self.ask(class, 0, Some(&options), chooser) as u32
    }

    /// Asks a question with `arity` answers that belongs to the last event.
    pub(crate) fn ask_last(&mut self, class: Class, arity: u32, chooser: &mut dyn Chooser) -> u32 {
        let op = Op::of(OpKind::Io);
        let options: Vec<Opt> = (0..arity).map(|n| Opt { actor: Actor::Value(n), op }).collect();
        self.ask(class, 0, Some(&options), chooser) as u32
    }

    /// Asks what goes wrong with the operation that is about to take effect.
    pub(crate) fn ask_fault(&mut self, options: &[Opt], chooser: &mut dyn Chooser) -> usize {
        self.ask(Class::Fault, 0, Some(options), chooser)
    }

    /// The running process does `op`.
    #[inline]
    fn perform(&mut self, op: Op, chooser: &mut dyn Chooser) {
        let object = hash_of(op.object(), &self.births);
        let slot = self.slots.at_mut(self.running);
        slot.events += 1;
        let (serial, number, hash, local) = (slot.serial, slot.events, slot.hash, slot.local);
        slot.local = crate::digest::Digest::START;
        let actor = Actor::Process(serial);
        self.last = Last { actor, count: number };
        self.gives_way = false;
        let what = fold(local.0 ^ (op.kind_number() << 56), object);
        if self.watch.is_some() {
            self.watch_perform(serial, hash, op, fold(op.kind_number(), object));
        }
        self.digest = self.digest.mix(hash ^ what.rotate_left(17));
        self.count_step();
        if self.listens || self.keep.is_some() {
            self.note_performed(actor, number, op, chooser);
        }
        if op.is(OpKind::YieldNow) {
            self.yielded();
        }
    }

    #[inline(never)]
    fn watch_perform(&mut self, serial: u32, hash: u64, op: Op, what: u64) {
        let Some(watch) = &mut self.watch else { return };
        watch.remembers(serial, what);
        if !is_private(&op) {
            watch.performs(hash, op, &self.births);
        }
    }

    #[inline(never)]
    fn note_performed(&mut self, actor: Actor, number: u32, op: Op, chooser: &mut dyn Chooser) {
        self.note(&Event { actor, number, op, cause: None }, chooser);
    }

    /// Somebody other than a running process acted.
    pub(crate) fn happened(&mut self, event: &Event, chooser: &mut dyn Chooser) {
        let hash = self.births.actor_hash(event.actor);
        self.digest = self.digest.mix(fold(hash, u64::from(event.number)));
        self.last = Last { actor: event.actor, count: event.number };
        self.gives_way = false;
        self.count_step();
        self.note(event, chooser);
    }

    #[inline]
    fn count_step(&mut self) {
        self.steps += 1;
        if self.steps >= self.settings.steps_max {
            self.limit_reached();
        }
    }

    /// Tells of an event whoever wants to hear.
    fn note(&mut self, event: &Event, chooser: &mut dyn Chooser) {
        if let Some(keep) = &mut self.keep {
            keep.happened(event, self.now);
        }
        if self.listens {
            chooser.happened(event, &self.births);
        }
    }

    /// It lets others go first: dullness goes on with whoever has been able to run longest.
    #[inline(never)]
    fn yielded(&mut self) {
        self.gives_way = true;
        let slot = self.slots.at(self.running);
        self.runnable.to_back(slot.seat.expect("a running process has a seat"));
    }

    /// The operation that a process with a seat stands before.
    pub(crate) fn next_op(&self, at: u32) -> Op {
        self.runnable.option(self.slots.at(at).seat.expect("who can act has a seat")).op
    }

    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }

    /// Mixes what a slot's process did since its last event into the run's digest.
    pub(crate) fn settle_digest(&mut self, at: u32) {
        let slot = self.slots.at(at);
        self.digest = self.digest.mix(fold(slot.hash, slot.local.0));
    }

    pub(crate) fn outcome(&mut self, end: End) -> super::Outcome {
        for serial in 0..self.births.len() as u32 {
            if let Some(at) = self.slots.of_serial(serial) {
                self.settle_digest(at);
            }
        }
        let claims = self.claims.of_campaign();
        super::Outcome { end, steps: self.steps, choices: self.choices, digest: self.digest, claims }
    }
}
