//! How a process ends: visible steps in OTP's order.
//!
//! If it ran an `on_load` function, it tells what came of it. Its timers stop, its ETS tables go to their heirs
//! or away, it gives up its name, its inbox closes (what had arrived bounces), its descriptors begin to close, and then it tells
//! who was linked, who watched, whom it watched and whom it suspended. Who came to the end by itself is alive until the first of
//! these steps: a signal may still give it another reason. Invariant: each link and each watcher is told exactly
//! once, with the true reason, after every message that the process sent before.
//! Source: the Erlang Reference Manual on process termination.

use super::few::FewMap;
use super::lent::gone_message;
use super::links::LinkState;
use super::monitors::bounce;
use super::signal::{ExitCause, Signal};
use super::{Phase, Process, Waiting};
use crate::ets::release::{release, tell_early};
use crate::ets::table::TableAt;
use crate::heap::parcel::Parcel;
use crate::planted;
use crate::process::pid::Pid;
use crate::ring::Call;
use crate::world::{NoProcess, Object, Op, OpKind, World};

/// The step that comes next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Load,
    LoadCallers,
    Timers,
    Tables,
    Name,
    Inbox,
    /// Tables that were given to it since.
    LateTables,
    Descriptors,
    Links,
    Watchers,
    Monitors,
    Suspensions,
    Done,
}

#[derive(Clone, Debug)]
pub struct Exiting {
    pub reason: Parcel,
    stage: Stage,
    /// It came to its end by itself and has not taken a step: signals act on it still.
    leaving: bool,
}

impl Exiting {
    fn new(reason: Parcel, leaving: bool) -> Exiting {
        Exiting { reason, stage: if planted!(ToldEarly) { Stage::Links } else { Stage::Load }, leaving }
    }
}

/// Whether an exiting process has something left to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ExitStep {
    Refused,
    /// Its ports have been told and go first.
    Aside,
    Gone,
}

impl Process {
    /// The process will run no more of its code, as a signal says; its exit steps begin.
    pub(crate) fn begin_exit(&mut self, reason: Parcel) {
        if !self.is_ending() {
            self.control.phase = Phase::Exiting(Box::new(Exiting::new(reason, false)));
            self.control.waiting = Waiting::No;
        } else if let Phase::Exiting(exiting) = &mut self.control.phase
            && planted!(ReasonReplaced)
        {
            exiting.reason = reason;
        }
    }

    /// The process has no more code to run. Until its first exit step others find it alive, and a signal can end it first.
    pub(crate) fn leave(&mut self, reason: Parcel) {
        if matches!(self.control.phase, Phase::Running) {
            // Nothing of what it had in hand is used any more, and a collection must not find it.
            self.parked.x.clear();
            self.stack.clear();
            self.control.phase = Phase::Exiting(Box::new(Exiting::new(reason, true)));
            self.control.waiting = Waiting::No;
        }
    }

    /// Whether it has no more code to run and has not taken an exit step.
    pub fn is_leaving(&self) -> bool {
        matches!(&self.control.phase, Phase::Exiting(exiting) if exiting.leaving)
    }

    /// The reason of a process that is ending.
    pub fn exit_reason(&self) -> Option<&Parcel> {
        match &self.control.phase {
            Phase::Exiting(exiting) => Some(&exiting.reason),
            Phase::Gone => self.control.ended_with.as_ref().map(|exiting| &exiting.reason),
            Phase::Running => None,
        }
    }

    /// Does exit steps until one is not permitted, or none is left.
    pub(crate) fn exit_steps(&mut self, world: &mut dyn World) -> ExitStep {
        let asks = world.asks();
        while let Some(op) = self.next_exit_op(world) {
            if asks && !world.permit(self.control.pid, op) {
                return ExitStep::Refused;
            }
            if let Phase::Exiting(exiting) = &mut self.control.phase {
                exiting.leaving = false;
            }
            if !asks && self.tell_ports(world) {
                return ExitStep::Aside;
            }
            self.exit_step(world);
        }
        if planted!(ToldEarly) {
            world.close_inbox(self.control.pid, &mut Vec::new());
        }
        if let Phase::Exiting(exiting) = std::mem::replace(&mut self.control.phase, Phase::Gone)
            && (asks || self.control.keep_result)
        {
            self.control.ended_with = Some(exiting);
        }
        ExitStep::Gone
    }

    /// Tells linked ports before all others, in production. Where they end first, whoever starts anew for this process
    /// finds their addresses free, as after OTP's ports, which close in the process that ends. Whether there were any.
    fn tell_ports(&mut self, world: &mut dyn World) -> bool {
        let control = &mut self.control;
        let Phase::Exiting(exiting) = &control.phase else { return false };
        if exiting.stage != Stage::Links {
            return false;
        }
        let linked = |(port, state): (Pid, &LinkState)| {
            (port.is_port() && *state == LinkState::Linked).then_some(port)
        };
        let ports: Vec<Pid> = control.links.iter().filter_map(linked).collect();
        for &port in &ports {
            control.links.remove(port);
            let signal =
                Signal::Exit { from: control.pid, cause: ExitCause::Link, reason: exiting.reason.clone() };
            let _ = world.send(control.pid, port, signal);
        }
        !ports.is_empty()
    }

    /// The visible operation of the next step; steps with nothing to do are passed over.
    fn next_exit_op(&mut self, world: &mut dyn World) -> Option<Op> {
        loop {
            let control = &mut self.control;
            let Phase::Exiting(exiting) = &control.phase else { return None };
            let (op, next) = match exiting.stage {
                Stage::Load => {
                    let name = |version| world.code_view().module(version).name;
                    let untold = control.untold_load().map(|version| name(version.0));
                    (untold.map(|name| Op::new(OpKind::Load, Object::Name(name))), Stage::LoadCallers)
                }
                Stage::LoadCallers => {
                    let caller = control.next_load_caller();
                    (caller.map(|pid| Op::on(OpKind::Request, pid)), Stage::Timers)
                }
                Stage::Timers => {
                    let started = control.timers_started > 0;
                    (started.then_some(Op::of(OpKind::ExitStep)), Stage::Tables)
                }
                Stage::Tables => (next_table_op(control.pid, world), Stage::Name),
                Stage::LateTables => (next_table_op(control.pid, world), Stage::Descriptors),
                Stage::Descriptors => {
                    let owes = control.lent.as_ref().is_some_and(|lent| lent.owed.is_some());
                    let owns = owes || world.owns_descriptors(control.pid);
                    (owns.then_some(Op::of(OpKind::Io)), Stage::Links)
                }
                Stage::Name => {
                    let name = world.name_of(control.pid);
                    (name.map(|n| Op::new(OpKind::Unregister, Object::Name(n))), Stage::Inbox)
                }
                Stage::Inbox => (Some(Op::on(OpKind::ExitStep, control.pid)), Stage::LateTables),
                Stage::Links => {
                    let first = control.links.iter().next().map(|(p, _)| p);
                    (first.map(|p| Op::on(OpKind::ExitSignal, p)), Stage::Watchers)
                }
                Stage::Watchers => {
                    let first = control.watchers.iter().next().map(|(r, _)| r.creator_pid());
                    (first.map(|p| Op::on(OpKind::ExitSignal, p)), Stage::Monitors)
                }
                Stage::Monitors => {
                    let first = control.monitoring.iter().next().map(|(_, m)| m.target);
                    let op =
                        first.map(|t| t.map_or(Op::of(OpKind::ExitStep), |p| Op::on(OpKind::Demonitor, p)));
                    (op, Stage::Suspensions)
                }
                Stage::Suspensions => {
                    let first = control.suspending.iter().next().map(|(p, _)| p);
                    (first.map(|p| Op::on(OpKind::Request, p)), Stage::Done)
                }
                Stage::Done => return None,
            };
            if op.is_some() {
                return op;
            }
            if let Phase::Exiting(exiting) = &mut control.phase {
                exiting.stage = next;
            }
        }
    }

    fn exit_step(&mut self, world: &mut dyn World) {
        let control = &mut self.control;
        let me = control.pid;
        let Phase::Exiting(exiting) = &mut control.phase else {
            panic!("only an exiting process takes exit steps")
        };
        match exiting.stage {
            Stage::Load => control.tell_load(world),
            Stage::LoadCallers => control.tell_load_caller(world),
            Stage::Timers => {
                world.drop_timers(me);
                control.timers_started = 0;
            }
            Stage::Tables | Stage::LateTables => {
                let table = world.tables().held(me).expect("the step has a table");
                if planted!(HeirToldEarly) && exiting.stage == Stage::Tables {
                    exiting.stage = Stage::Name;
                    return tell_early(world, me, table);
                }
                release(world, me, table);
            }
            Stage::Name => world.drop_name(me),
            Stage::Inbox => {
                exiting.stage = Stage::LateTables;
                let mut left = Vec::new();
                world.close_inbox(me, &mut left);
                // Somebody may have given it a name since; with its inbox closed nobody can any more.
                world.drop_name(me);
                self.bounce_all(left, world);
            }
            Stage::Descriptors => {
                exiting.stage = Stage::Links;
                let asked = world.io(me, Call::OwnerEnds);
                assert!(asked.is_ok(), "the end of an owner is not refused");
                if let Some((reader, request)) = control.lent.take().and_then(|lent| lent.owed) {
                    let _ = world.send(me, reader, Signal::Message(gone_message(request)));
                }
            }
            Stage::Links => {
                let (peer, state) = control.links.pop_first().expect("the step has a link");
                if state == LinkState::Linked {
                    let signal =
                        Signal::Exit { from: me, cause: ExitCause::Link, reason: exiting.reason.clone() };
                    let _ = world.send(me, peer, signal);
                }
            }
            Stage::Watchers => {
                let (reference, watcher) = control.watchers.pop_first().expect("the step has a watcher");
                let signal =
                    Signal::Down { reference, watched: watcher.watched, reason: exiting.reason.clone() };
                let _ = world.send(me, reference.creator_pid(), signal);
            }
            Stage::Monitors => {
                let (count, monitoring) = control.monitoring.pop_first().expect("the step has a monitor");
                let reference = crate::heap::read::RefId { creator: me.payload(), count };
                if let Some(target) = monitoring.target {
                    let _ = world.send(me, target, Signal::Demonitor { reference });
                }
            }
            Stage::Suspensions => {
                if planted!(SuspensionOutlives) {
                    control.suspending = FewMap::Empty;
                    return;
                }
                let (target, _) = control.suspending.pop_first().expect("the step has a suspension");
                let _ = world.send(me, target, Signal::Resume { from: me });
            }
            Stage::Done => panic!("a finished exit has no step"),
        }
    }

    /// Signals that arrived before the inbox closed and will not be handled.
    fn bounce_all(&mut self, left: Vec<Signal>, world: &mut dyn World) {
        let me = self.control.pid;
        for signal in left {
            match signal {
                // A link or monitor that reached a process on its way out ends with `noproc`, but an unlink
                // or demonitor that did must still take effect.
                Signal::Unlink { from, id } => self.control.unlinked_by(from, id, world),
                Signal::UnlinkAck { from, id } => self.control.unlink_acknowledged(from, id),
                Signal::Demonitor { reference } => {
                    self.control.watchers.remove(reference);
                }
                Signal::Exit { from, cause: ExitCause::Link, .. } => {
                    self.control.links.remove(from);
                }
                Signal::Down { reference, .. } => {
                    self.control.monitoring.remove(reference.count);
                }
                // Linked from this side too: the other is told with the links, and the true reason.
                Signal::Link { from } if self.control.links.get(from) == Some(&LinkState::Linked) => {}
                other => bounce(NoProcess(other), world, me),
            }
        }
    }
}

/// The step in which an ending process releases the next table that it holds.
fn next_table_op(me: Pid, world: &mut dyn World) -> Option<Op> {
    let id = world.tables().held(me)?;
    let mut at = TableAt::Id(id);
    world.tables().read(at, &mut |table| at = table.at());
    Some(Op::new(OpKind::EtsAdmin, Object::Table(at)))
}
