//! A watched world's state as a number: what two orders of events that commute must have in common.
//!
//! Of each process: what it did and was told, what it would do next, what lies in its mailbox, its flags, links and
//! monitors. Of the world: names, timers, the clock and what the simulated kernel has. Tables and counters are not looked at but read, by letting the
//! program go on in one fixed order to its end. Invariant: nothing here depends on serial numbers or on the order of spawns.

use super::stepping::CLOCK;
use crate::dependence::hash_of;
use crate::digest::fold;
use crate::world::SimWorld;
use warpbeam::interp::Regs;
use warpbeam::process::Process;
use warpbeam::process::signal::Signal;
use warpbeam::world::Object;

/// A sum, for what has no order.
fn sum(values: impl Iterator<Item = u64>) -> u64 {
    values.fold(0, |sum, value| sum.wrapping_add(fold(value, 1)))
}

/// The monitor that a signal says has fired.
fn fired(signal: &Signal) -> Option<u64> {
    match signal {
        Signal::Down { reference, .. } => Some(reference.count),
        _ => None,
    }
}

impl SimWorld {
    /// Two worlds that differ in this can be told apart.
    pub fn state(&self) -> u64 {
        let mut processes = 0u64;
        for serial in 0..self.births().len() as u32 {
            processes = processes.wrapping_add(self.state_of_process(serial));
        }
        let names = self.names.sorted().into_iter().fold(0, |names, name| {
            let pid = self.names.get(name).map_or(0, |pid| self.births().pid_hash(pid));
            fold(fold(names, name.digest()), pid)
        });
        let timers = self.timers.in_order().into_iter().fold(0, |timers, (deadline, actor, _)| {
            fold(fold(timers, deadline.0.ns), self.births().actor_hash(actor))
        });
        let io = self.ring.state();
        [names, timers, io, self.now().ns].into_iter().fold(processes, fold)
    }

    fn state_of_process(&self, serial: u32) -> u64 {
        let watch = self.watch.as_ref().expect("the world is watched");
        let start = fold(self.births().hash(serial), watch.history(serial));
        let Some(at) = self.slots.of_serial(serial) else { return start };
        let slot = self.slots.at(at);
        let next = match slot.seat {
            Some(_) => {
                let op = self.next_op(at);
                // Which row is meant is known only if the table was there when the process came to it.
                let object = match op.object() {
                    Object::TableKey(table, _) => Object::Table(table),
                    object => object,
                };
                fold(op.kind_number(), hash_of(object, self.births()))
            }
            None => 1,
        };
        let process = slot.process.as_deref();
        let slots = [u64::from(slot.events), next, u64::from(slot.closed)];
        let own = slots.into_iter().fold(start, fold);
        match process {
            // Messages that it has not looked at yet are there, too, and monitors that have fired are gone: when it
            // looks shows nowhere.
            Some(process) if !process.is_ending() => {
                let fired: Vec<u64> = slot.inbox.iter().filter_map(fired).collect();
                let messages = slot.inbox.iter().filter(|signal| signal.is_message()).count();
                let messages = messages + fired.len() + process.control.mailbox.len();
                fold(fold(own, self.state_inside(process, &fired)), messages as u64)
            }
            // Of one that is ending, what it does to others is to be seen, and nothing else.
            _ => own,
        }
    }

    /// `fired`: monitors that have.
    fn state_inside(&self, process: &Process, fired: &[u64]) -> u64 {
        let control = &process.control;
        let pid_hash = |pid| self.births().pid_hash(pid);
        let flags = [control.trap_exit, control.suspended_by.is_empty()];
        let flags = flags.iter().fold(0, |flags, &flag| flags << 1 | u64::from(flag));
        let links = sum(control.links.iter().map(|(pid, _)| pid_hash(pid)));
        let monitors =
            sum(control.monitoring.iter().map(|(count, _)| count).filter(|count| !fired.contains(count)));
        let watchers = sum(control
            .watchers
            .iter()
            .map(|(reference, _)| fold(pid_hash(reference.creator_pid()), reference.count)));
        [flags, links, monitors, watchers].into_iter().fold(0, fold)
    }

    /// What comes of it if from here on always the same one of those who can acts, to the end.
    pub fn fate(mut self, regs: &mut Regs) -> u64 {
        loop {
            let next = self.actors().into_iter().map(|(actor, _)| actor).filter(|&a| a != CLOCK).min();
            let next = next.or_else(|| self.actors().first().map(|(actor, _)| *actor));
            let stepped = self.step(next, regs);
            if let Some(outcome) = stepped.outcome {
                let serials = 0..self.births().len() as u32;
                let histories = sum(serials.map(|serial| self.state_of_process(serial)));
                return fold(histories, crate::digest::Digest::START.text(&format!("{:?}", outcome.end)).0);
            }
        }
    }
}
