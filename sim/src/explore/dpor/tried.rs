//! What was tried in a copy of the world and is then explored: the events and the world are there already.
//!
//! A reversed race is tried to know what it brings about. When its turn comes, the same actors act from the same
//! node, so what happened in the try is what happens. Invariant: a try that is kept is the way along the first children of
//! the branch that has its ticket: sequences that are planned later add branches beside those, never before them.

use super::Dpor;
use super::run::Rest;
use crate::world::SimWorld;
use std::collections::BTreeMap;

/// Tries that are kept, each with a world. The oldest go: what was planned last is explored first.
const KEPT: usize = 128;

/// Events from a node on.
pub(super) struct Tried {
    pub events: Rest,
    /// The world after them.
    pub world: Box<SimWorld>,
    /// A search that does these events has nothing to find out beside them.
    pub plain: bool,
}

/// Says which try a branch begins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Ticket(u64);

#[derive(Default)]
pub(super) struct Tries {
    kept: BTreeMap<Ticket, Tried>,
    made: u64,
}

impl Tries {
    /// Keeps a try; a world that is of no use any more.
    pub fn keep(&mut self, tried: Tried) -> (Ticket, Option<Box<SimWorld>>) {
        let ticket = Ticket(self.made);
        self.made += 1;
        self.kept.insert(ticket, tried);
        let oldest = if self.kept.len() > KEPT { self.kept.pop_first() } else { None };
        (ticket, oldest.map(|(_, tried)| tried.world))
    }

    pub fn has(&self, ticket: Option<Ticket>) -> bool {
        ticket.is_some_and(|ticket| self.kept.contains_key(&ticket))
    }

    pub fn take(&mut self, ticket: Option<Ticket>) -> Option<Tried> {
        self.kept.remove(&ticket?)
    }
}

impl Dpor {
    /// Goes on from the last node as was tried there, if it was.
    pub(super) fn go_as_tried(&mut self) {
        let node = self.nodes.last().expect("there is a node after each event");
        let ticket = node.tree.first().and_then(|branch| branch.tried);
        let Some(Tried { events, mut world, .. }) = self.tries.take(ticket) else { return };
        for entry in events.into_events() {
            let sleep = self.go_on_sleeping(&entry.event);
            self.run.push_again(entry);
            self.follow_tree(sleep);
        }
        std::mem::swap(&mut self.world, &mut world);
        self.spare.push(world);
    }
}
