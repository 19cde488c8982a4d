//! Asking a compiled receive what it accepts.
//!
//! A [`Glance`] is a process as it stood before the first look of a receive. To know whether its patterns and
//! guards let a message in, a copy of it is given that message alone and run in a world where nothing has an
//! effect, until it takes the message or does anything else. Answers are kept with the glance.

use super::super::dull::Dull;
use crate::world::SimWorld;
use crate::world::door::Door;
use crate::world::watch::Look;
use std::cell::RefCell;
use std::sync::Arc;
use warpbeam::code::CodeServer;
use warpbeam::interp::{Regs, run_slice};
use warpbeam::process::Process;
use warpbeam::process::signal::Signal;
use warpbeam::sched::{Reductions, SliceEnd};

pub struct Glance {
    look: Look,
    /// By the digest of a message's content.
    accepts: RefCell<Vec<(u64, bool)>>,
    patience: RefCell<Option<Patience>>,
}

/// What a receive does when it finds nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Patience {
    /// It goes on at once.
    None,
    /// It waits for so long.
    Until { wait_ns: u64 },
    /// It waits for ever, or something else happens to it.
    Endless,
}

impl Glance {
    pub fn new(look: Look) -> Glance {
        Glance { look, accepts: RefCell::default(), patience: RefCell::default() }
    }
}

impl std::fmt::Debug for Glance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a receive at {:?}", self.look.position())
    }
}

pub struct Prober {
    world: SimWorld,
    regs: Regs,
}

/// Calls that a guard may make.
const CALLS: Reductions = Reductions(10_000_000);

impl Prober {
    pub fn new(code: Arc<CodeServer>, settings: crate::world::settings::Settings) -> Prober {
        let mut world = SimWorld::new(code, settings);
        world.reset();
        world.scratch = true;
        world.watch = Some(Box::default());
        Prober { world, regs: Regs::default() }
    }

    /// Whether the receive takes the message with this digest.
    pub fn accepts(&mut self, glance: &Glance, signal: Option<&Signal>, digest: u64) -> bool {
        // A message that is not known yet may be any.
        let Some(signal) = signal else { return true };
        if let Some(&(_, known)) = glance.accepts.borrow().iter().find(|(d, _)| *d == digest) {
            return known;
        }
        let accepts = self.run(&glance.look, Some(signal.clone())).0 == Some(true);
        glance.accepts.borrow_mut().push((digest, accepts));
        accepts
    }

    /// Whether a receive at which this process stands waits for ever if it finds nothing.
    pub fn is_endless(&mut self, process: &Process) -> bool {
        self.patience(&Glance::new(Arc::new(process.clone()))) == Patience::Endless
    }

    /// What the receive does when it finds nothing.
    pub fn patience(&mut self, glance: &Glance) -> Patience {
        let known = *glance.patience.borrow();
        known.unwrap_or_else(|| {
            let (took, end) = self.run(&glance.look, None);
            let patience = match (took, end) {
                (Some(false), _) => Patience::None,
                (None, SliceEnd::Receive(Some(deadline))) => {
                    Patience::Until { wait_ns: deadline.0.ns.saturating_sub(self.world.now().ns) }
                }
                _ => Patience::Endless,
            };
            *glance.patience.borrow_mut() = Some(patience);
            patience
        })
    }

    /// Whether a copy took its message or gave up, `None` if it did neither; and how its slice ended.
    fn run(&mut self, look: &Look, signal: Option<Signal>) -> (Option<bool>, SliceEnd) {
        let mut process = (**look).clone();
        let mut door = Door { world: &mut self.world, chooser: &mut Dull };
        process.prepare_probe(signal, &mut door);
        let end = run_slice(&mut process, &mut self.regs, &mut door, CALLS);
        (self.world.watch.as_mut().and_then(|watch| watch.probed.take()), end)
    }
}
