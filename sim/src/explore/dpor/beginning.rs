//! The world in which an exploration begins: the first node.
//!
//! OTP's services start once, before it, as they do before a run of any strategy: what they did is no event, and
//! from then on they are processes like others. Invariant: the world is the one in which a run with the same
//! settings begins, so that the picks of an explored run can be followed by a replay.

use super::event::event_of;
use super::probe::Prober;
use super::run::Run;
use crate::world::settings::Settings;
use crate::world::{Entry, Outcome, SimWorld};
use std::sync::Arc;
use warpbeam::code::CodeServer;
use warpbeam::interp::Regs;

/// What is explored.
pub struct Subject<'a> {
    pub code: Arc<CodeServer>,
    pub entry: &'a Entry,
    /// The call that starts the services, if they are needed.
    pub services: Option<&'a Entry>,
    pub settings: &'a Settings,
}

/// A search that has not made a step.
pub(super) struct Beginning {
    pub world: SimWorld,
    pub prober: Prober,
    /// What happened before the first event, as an event.
    pub run: Run,
    pub regs: Regs,
}

impl Subject<'_> {
    /// How it ended already, if the services do not start.
    pub(super) fn begin(&self) -> Result<Beginning, Box<Outcome>> {
        crate::panic::install();
        let mut prober = Prober::new(Arc::clone(&self.code), self.settings.clone());
        let mut world = SimWorld::new(Arc::clone(&self.code), self.settings.clone());
        let (mut regs, mut run) = (Regs::default(), Run::default());
        world.reset();
        world.watch = Some(Box::default());
        match self.services {
            Some(services) => {
                world.set_up(self.entry, services, &mut regs)?;
                regs.restart();
                world.release_entry();
            }
            None => world.begin(self.entry),
        }
        let stepped = world.settle(&mut regs);
        let first = event_of(&stepped, &mut world, &run, &mut prober);
        run.push(first, &mut prober);
        Ok(Beginning { world, prober, run, regs })
    }
}
