//! The machine stops, and starts again.
//!
//! All processes end without a word, everything but the disk is forgotten, and of what was not synced the disk keeps as much as
//! the choices say: pick 0 is nothing of it. Then services start as they did, and the entry function is called
//! again, or the one that `--after-crash` names. Time goes on. Invariant: processes after a crash have names of their own
//! (`main~1`), so a place in a schedule is before it or after.

use super::io::SimRing;
use super::setup::STEPS_MAX;
use super::{End, Entry, Last, SimWorld};
use crate::choice::{Actor, Chooser, Class};
use crate::kernel::disk::Inode;
use crate::kernel::fault::Fault;
use std::sync::Arc;
use warpbeam::heap::parcel::Parcel;
use warpbeam::interp::Regs;
use warpbeam::term::{Atom, Word};

/// What a run is of.
#[derive(Debug)]
pub struct Program {
    entry: Entry,
    services: Option<Entry>,
}

/// Changes of one file between which a crash can fall; of more, not between any two.
const POINTS_MAX: usize = 50;

impl SimWorld {
    /// Remembers what is to be begun again.
    pub(crate) fn note_program(&mut self, entry: &Entry, services: Option<&Entry>) {
        if !self.settings.faults.has(Fault::Crash) {
            return;
        }
        let mut entry = entry.clone();
        let named = self.settings.after_crash.as_deref().map(Atom::new);
        // No function has a name that is no atom.
        if let Some(Ok(function)) = named {
            entry.function = function;
            entry.arguments = Parcel::immediate(Word::NIL);
            entry.arity = 0;
        }
        self.program = Some(Arc::new(Program { entry, services: services.cloned() }));
    }

    pub(crate) fn restart(&mut self, regs: &mut Regs, chooser: &mut dyn Chooser) {
        self.crashing = false;
        self.mix_running(Fault::Crash as u64);
        self.lose_unsynced(chooser);
        let after = self.ring.books.after_crash(&self.ring.desk.ring);
        self.lose_memory();
        regs.restart();
        if let Some(violation) = after {
            return self.end(End::Violation(Box::new(violation)));
        }
        let program = Arc::clone(self.program.as_ref().expect("a program that can crash is known"));
        let serial = self.births.root_again();
        self.admit_entry(serial, &program.entry);
        if let Some(services) = &program.services {
            self.start_services_again(services, regs);
        }
    }

    /// Decides how much of each file is on the disk.
    fn lose_unsynced(&mut self, chooser: &mut dyn Chooser) {
        let files = self.ring.desk.ring.disk.unsynced();
        self.next_crash_choice();
        for (inode, changes) in files {
            let points = changes.min(POINTS_MAX);
            let picked = self.ask_last(Class::Fault, 2 * points as u32 + 1, chooser) as usize;
            let kept = picked / 2 * changes / points;
            self.ring.desk.ring.crash_file(inode, kept, picked % 2 == 1);
            self.next_crash_choice();
        }
    }

    /// A place of its own for each question about the crash, and for the first after it.
    fn next_crash_choice(&mut self) {
        self.crash_choices += 1;
        self.last = Last { actor: Actor::Fault(Fault::Crash), count: self.crash_choices };
    }

    fn lose_memory(&mut self) {
        let live: Vec<u32> = self.slots.live().collect();
        for at in live {
            self.weigh(at, 0);
            self.slots.release(at);
        }
        self.forget_all();
        let SimRing { desk, .. } = std::mem::take(&mut self.ring);
        self.ring.used = true;
        self.ring.desk.ring.take_disk(desk.ring);
    }

    fn start_services_again(&mut self, services: &Entry, regs: &mut Regs) {
        self.hold_entry();
        self.begin_services(services);
        // They start as they did at first: nothing of it counts.
        let (steps, choices, digest) = (self.steps, self.choices, self.digest);
        let (picks, keep, last) = (std::mem::take(&mut self.picks), self.keep.take(), self.last);
        let listens = self.listens;
        let steps_max = std::mem::replace(&mut self.settings.steps_max, self.steps + STEPS_MAX);
        let end = self.run_services(regs);
        self.settings.steps_max = steps_max;
        (self.steps, self.choices, self.digest) = (steps, choices, digest);
        (self.picks, self.keep, self.last) = (picks, keep, last);
        self.listens = listens;
        match end {
            Some(end) => self.end(end),
            None => self.release_entry(),
        }
    }
}

impl crate::kernel::Kernel {
    /// The machine has stopped: a file keeps the first `kept` changes since it was synced, and, `torn`, half of the next.
    pub fn crash_file(&mut self, inode: Inode, kept: usize, torn: bool) {
        Arc::make_mut(&mut self.disk).crash(inode, kept, torn);
    }

    /// Takes over the disk of a machine that has stopped.
    pub fn take_disk(&mut self, stopped: crate::kernel::Kernel) {
        // Where addresses are stays, names of passages are not used again, and what was cut is whole again.
        let mut hosts = stopped.network.hosts.clone();
        hosts.heal_all();
        self.network_mut().hosts = hosts;
        self.disk = stopped.disk;
        let disk = Arc::make_mut(&mut self.disk);
        disk.working_dir = b"/".to_vec();
        disk.forget_unnamed();
    }
}
