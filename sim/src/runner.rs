//! Running a program once: fresh, kept, or checked against itself.
//!
//! Invariant: each run begins in a reset world, so that it depends on nothing that was run before.

use crate::choice::{Chooser, Pick};
use crate::digest::Digest;
use crate::explore::replay::{Divergence, Repeat, Replay};
use crate::oracle::{Oracle, Violation};
use crate::schedule::Deviation;
use crate::trace::Keep;
use crate::world::settings::Settings;
use crate::world::{End, Entry, Outcome, SimWorld};
use std::sync::Arc;
use warpbeam::code::CodeServer;
use warpbeam::heap::policy::GcPlan;
use warpbeam::interp::Regs;

/// A program, ready to be run again and again.
pub struct Runner {
    world: SimWorld,
    regs: Regs,
    entry: Entry,
    /// The call that starts the services that runs need, if they need any.
    services: Option<Entry>,
    /// Worlds in which they have started, by plan of collections; or how it ended instead.
    prepared: Vec<(GcPlan, Result<SimWorld, Box<Outcome>>)>,
}

impl Runner {
    pub fn new(code: Arc<CodeServer>, entry: Entry, settings: Settings) -> Runner {
        Runner::with_services(code, entry, None, settings)
    }

    /// Runs that begin when the services have started.
    pub fn with_services(
        code: Arc<CodeServer>,
        entry: Entry,
        services: Option<Entry>,
        settings: Settings,
    ) -> Runner {
        crate::panic::install();
        let world = SimWorld::new(code, settings);
        Runner { world, regs: Regs::default(), entry, services, prepared: Vec::new() }
    }

    /// Makes a world in which the run can begin; how it ended already, if services do not start.
    fn begin(&mut self, keep: Option<Box<Keep>>) -> Option<Outcome> {
        self.regs.restart();
        if self.services.is_none() {
            self.world.reset();
            self.world.keep = keep;
            self.world.begin(&self.entry);
            return None;
        }
        match self.prepared() {
            Ok(at) => {
                let (_, world) = &self.prepared[at];
                let world = world.as_ref().expect("it was prepared");
                self.world.clone_from(world);
                self.world.keep = keep;
                self.world.release_entry();
                None
            }
            Err(outcome) => {
                self.world.keep = keep;
                Some(*outcome)
            }
        }
    }

    /// Which of the prepared worlds serves the plan of collections.
    fn prepared(&mut self) -> Result<usize, Box<Outcome>> {
        let plan = self.world.settings.gc;
        let known = self.prepared.iter().position(|(p, _)| *p == plan);
        let at = known.unwrap_or_else(|| {
            let services = self.services.as_ref().expect("there are services to start");
            let mut world = SimWorld::new(Arc::clone(self.world.code()), self.world.settings.clone());
            world.reset();
            let started = world.set_up(&self.entry, services, &mut self.regs);
            self.regs.restart();
            world.take_picture();
            self.prepared.push((plan, started.map(|()| world)));
            self.prepared.len() - 1
        });
        self.prepared[at].1.as_ref().map(|_| at).map_err(Clone::clone)
    }

    /// Runs once. What the run left can be looked at in [`Runner::world`] until the next one.
    pub fn run(&mut self, chooser: &mut dyn Chooser) -> Outcome {
        match self.begin(None) {
            Some(outcome) => outcome,
            None => self.world.run(&mut self.regs, chooser),
        }
    }

    /// Runs until so many events have happened, or to the end if there are fewer.
    pub fn run_to(&mut self, steps: u64, chooser: &mut dyn Chooser) -> Option<Outcome> {
        match self.begin(None) {
            Some(outcome) => Some(outcome),
            None => self.world.run_to(steps, &mut self.regs, chooser),
        }
    }

    /// Runs on to the end from a copy of a world in which a run is under way.
    pub fn run_from(&mut self, world: &SimWorld, chooser: &mut dyn Chooser) -> Outcome {
        self.regs.restart();
        self.world.clone_from(world);
        self.world.run(&mut self.regs, chooser)
    }

    /// Makes `world` one in which a run begins; how it ended already, if it did.
    pub fn begin_in(&mut self, world: &mut SimWorld) -> Option<Outcome> {
        std::mem::swap(&mut self.world, world);
        let ended = self.begin(None);
        std::mem::swap(&mut self.world, world);
        ended
    }

    /// Lets the run in `world` go on until so many events have happened in it; how it ended, if it did.
    pub fn go_on(&mut self, world: &mut SimWorld, steps: u64, chooser: &mut dyn Chooser) -> Option<Outcome> {
        world.run_to(steps, &mut self.regs, chooser)
    }

    /// Runs once and remembers what happened.
    pub fn keep(&mut self, chooser: &mut dyn Chooser) -> (Outcome, Keep) {
        let outcome = match self.begin(Some(Box::default())) {
            Some(outcome) => outcome,
            None => self.world.run(&mut self.regs, chooser),
        };
        let keep = self.world.keep.take().expect("a kept run keeps");
        (outcome, *keep)
    }

    pub fn world(&self) -> &SimWorld {
        &self.world
    }

    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Whether OTP's services start before each run.
    pub fn has_services(&self) -> bool {
        self.services.is_some()
    }

    pub fn settings(&self) -> &Settings {
        &self.world.settings
    }

    /// Lets the next runs collect by this plan.
    pub fn set_plan(&mut self, plan: GcPlan) {
        self.world.settings.gc = plan;
    }

    /// Picks of the last run, copied.
    pub fn picks(&self) -> Vec<Pick> {
        self.world.picks().to_vec()
    }

    /// Follows a schedule to the letter.
    pub fn replay(&mut self, deviations: &[Deviation]) -> (Outcome, Keep, Option<Divergence>) {
        let mut replay = Replay::strict(deviations);
        let (outcome, keep) = self.keep(&mut replay);
        (outcome, keep, replay.divergence())
    }

    /// Runs the same choices again, and under other plans of collections. What must be equal and is not.
    pub fn check(&mut self, picks: &[Pick], digest: Digest) -> Option<Violation> {
        let plan = self.world.settings.gc;
        let again = self.repeat(picks, plan);
        if again != Some(digest) {
            return Some(unequal(Oracle::Determinism, "run again", digest, again));
        }
        if self.world.settings.memory_words.is_some() {
            // What is refused depends on how heaps lie.
            return None;
        }
        let plans = [GcPlan::Normal, GcPlan::Every(5), GcPlan::EverySafepoint];
        for other in plans.into_iter().filter(|&other| other != plan) {
            let found = self.repeat(picks, other);
            if found != Some(digest) {
                let how = format!("run under the plan {}", crate::schedule::write::gc_text(other));
                return Some(unequal(Oracle::GcTransparency, &how, digest, found));
            }
        }
        None
    }

    /// The digest of the same choices under a plan; `None` if the run asked other questions.
    fn repeat(&mut self, picks: &[Pick], plan: GcPlan) -> Option<Digest> {
        let before = std::mem::replace(&mut self.world.settings.gc, plan);
        let mut repeat = Repeat::new(picks);
        let outcome = self.run(&mut repeat);
        self.world.settings.gc = before;
        repeat.followed().then_some(outcome.digest)
    }
}

fn unequal(oracle: Oracle, how: &str, expected: Digest, found: Option<Digest>) -> Violation {
    let found = found.map_or("a run that asked other questions".to_string(), |d| format!("the digest {d}"));
    let message = format!("the same choices, {how}, gave {found} instead of the digest {expected}");
    Violation { oracle, message, fingerprint: format!("{oracle} {how}") }
}

/// The violation that a run ended with.
pub fn violation_of(outcome: &Outcome) -> Option<&Violation> {
    match &outcome.end {
        End::Violation(violation) => Some(violation),
        End::Quiet | End::StepLimit | End::Halted(_) => None,
    }
}
