//! What was tried in a copy of the world and is then explored: the events and the world are there already.
//!
//! A reversed race is tried to know what it brings about. When its turn comes, the same actors act from the same
//! node, so what happened in the try is what happens. Invariant: a try that is kept is the way along the first children of
//! the branch that has it: sequences that are planned later add branches beside those, never before them.

use super::Dpor;
use super::run::Rest;
use crate::world::SimWorld;

/// Events from a node on.
pub(super) struct Tried {
    pub events: Rest,
    /// The world after them.
    pub world: Box<SimWorld>,
    /// A search that does these events has nothing to find out beside them.
    pub plain: bool,
}

impl Tried {
    /// What is left after the first `done` events.
    pub fn after(mut self, done: usize) -> Tried {
        self.events.drop_first(done);
        self
    }

    /// Its world, which is of no use any more.
    pub fn into_world(self) -> Box<SimWorld> {
        self.world
    }
}

impl Dpor {
    /// Goes on from the last node as was tried there.
    pub(super) fn go_as_tried(&mut self, tried: Tried) {
        let Tried { events, mut world, plain: _ } = tried;
        for entry in events.into_events() {
            let sleep = self.go_on_sleeping(&entry.event);
            self.run.push_again(entry);
            self.follow_tree(sleep);
        }
        std::mem::swap(&mut self.world, &mut world);
        self.spare.push(world);
    }
}
