//! The world at each node of the run under way: kept, or come to again from an earlier one that is.
//!
//! Invariant: the first node keeps its world, and a world that is kept is not stepped.

use super::Dpor;
use crate::world::SimWorld;

/// Events that are done again to come to a node before it gets a copy of the world.
const AGAIN: usize = 4;

impl Dpor {
    /// Brings the world to the last node.
    pub(super) fn restore(&mut self) {
        let last = self.nodes.len() - 1;
        let mut world = self.world_at(last);
        std::mem::swap(&mut self.world, &mut world);
        self.spare.push(world);
        if self.nodes[last].world.is_none() && self.nodes[last].tree.len() > 1 {
            self.world.take_picture();
            self.nodes[last].world = Some(copy(&self.world, &mut self.spare));
        }
    }

    /// The world as it was at a node of the run under way: a copy of an earlier one that did the events since.
    pub(super) fn world_at(&mut self, node: usize) -> Box<SimWorld> {
        let from = (0..=node).rev().find(|&at| self.nodes[at].world.is_some());
        let from = from.expect("the first node keeps its world");
        let earlier = self.nodes[from].world.as_ref().expect("it was found there");
        let mut world = copy(earlier, &mut self.spare);
        for at in from..node {
            world.step_again(self.run.event(at).id.actor, &mut self.regs);
        }
        if node - from >= AGAIN {
            world.take_picture();
            self.nodes[node].world = Some(copy(&world, &mut self.spare));
        }
        world
    }
}

/// A copy of a world, in the memory of one that is of no use any more if there is one.
#[allow(clippy::vec_box, reason = "boxes move between here and the nodes, their contents stay")]
fn copy(world: &SimWorld, spare: &mut Vec<Box<SimWorld>>) -> Box<SimWorld> {
    let Some(mut copy) = spare.pop() else { return Box::new(world.clone()) };
    (*copy).clone_from(world);
    copy
}
