//! Wakeup sequences and wakeup trees.
//!
//! A sequence is what has to happen, from a node on, for a race to go the other way: events with their order
//! among themselves, and *commits*: which message a receive takes once all this has happened. A tree holds the
//! sequences that a node still has to be explored with. Invariant: of two sequences in a tree neither is a
//! beginning of what the other leads to.
//! Source: Abdulla, Aronis, Jonsson, Sagonas, "Source Sets: A Foundation for Optimal Dynamic Partial Order
//! Reduction", 2017; commits are how observers (Aronis, Jonsson, Lång, Sagonas, 2018) are kept here.

use super::bits::Bits;
use super::event::{Event, EventId, MessageId, dependent};
use super::probe::{Glance, Prober};
use std::rc::Rc;

/// Where a committed message comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Sent before the sequence begins, by the event with this number in the run.
    Before(usize),
    /// Sent by this step of the sequence.
    Step(usize),
}

/// A receive takes this message, and so everything else that it accepts and that is not there yet comes after.
#[derive(Clone, Debug)]
pub struct Commit {
    pub by: u64,
    pub message: MessageId,
    pub glance: Rc<Glance>,
    pub origin: Origin,
}

#[derive(Clone, Debug)]
pub struct Step {
    pub event: Rc<Event>,
    /// Steps that come before it.
    pub after: Bits,
    /// What is certain once this step has happened.
    pub commits: Vec<Commit>,
}

#[derive(Clone, Debug, Default)]
pub struct Sequence {
    pub steps: Vec<Step>,
}

/// An event that needs not be explored from here: all that begins with it has been.
#[derive(Clone, Debug)]
pub struct Sleeper {
    pub event: Rc<Event>,
    /// Events before it was explored.
    pub since: usize,
}

#[derive(Clone, Debug)]
pub struct Branch {
    pub event: Rc<Event>,
    pub commits: Vec<Commit>,
    pub children: Vec<Branch>,
}

impl Sequence {
    fn position(&self, id: EventId) -> Option<usize> {
        self.steps.iter().position(|s| s.event.id == id)
    }

    fn commits(&self) -> impl Iterator<Item = &Commit> {
        self.steps.iter().flat_map(|s| &s.commits)
    }

    /// Whether the sleeper's event is part of it.
    pub fn has(&self, sleeper: &Sleeper) -> bool {
        self.position(sleeper.event.id).is_some()
    }

    /// All of it but the last event.
    pub fn without_last(&self) -> Sequence {
        Sequence { steps: self.steps[..self.steps.len().saturating_sub(1)].to_vec() }
    }

    /// Whether something that begins with the sleeper's event can begin with this sequence too.
    pub fn may_begin_with(&self, sleeper: &Sleeper, prober: &mut Prober) -> bool {
        let event = &sleeper.event;
        let at = self.position(event.id);
        match at {
            Some(at) if !self.steps[at].after.is_empty() => return false,
            Some(_) => {}
            None => {
                if self.steps.iter().any(|s| dependent(event, &s.event, prober)) {
                    return false;
                }
            }
        }
        !self.commits().any(|c| {
            let counts = match c.origin {
                Origin::Before(index) => index >= sleeper.since,
                Origin::Step(_) => at.is_none(),
            };
            counts && event.offers(c.by, &c.glance, Some(c.message), prober)
        })
    }

    /// Adds the sequence to a tree, unless the tree covers it. The first `skip` branches are under way.
    pub fn insert(&self, tree: &mut Vec<Branch>, skip: usize, prober: &mut Prober) -> bool {
        let mut left = Bits::below(self.steps.len());
        let mut passed: Vec<Rc<Event>> = Vec::new();
        let mut tree = tree;
        let mut skip = skip;
        loop {
            if left.is_empty() {
                return false;
            }
            let fitting = (skip..tree.len()).find(|&b| self.fits(&tree[b], &left, &passed, prober));
            skip = 0;
            let Some(branch) = fitting else {
                self.append(tree, &left);
                return true;
            };
            let branch = &mut tree[branch];
            match self.position(branch.event.id).filter(|&at| left.contains(at)) {
                Some(at) => left.remove(at),
                None => passed.push(Rc::clone(&branch.event)),
            }
            if branch.children.is_empty() {
                return false;
            }
            tree = &mut branch.children;
        }
    }

    /// Whether what is left can go on after the branch's event.
    fn fits(&self, branch: &Branch, left: &Bits, passed: &[Rc<Event>], prober: &mut Prober) -> bool {
        let event = &branch.event;
        let at = self.position(event.id).filter(|&at| left.contains(at));
        let clear = match at {
            Some(at) => !self.steps[at].after.intersects(left),
            None => {
                let steps = || self.steps.iter().enumerate().filter(|(i, _)| left.contains(*i));
                let committed = self.commits().any(|c| {
                    matches!(c.origin, Origin::Step(i) if left.contains(i))
                        && event.offers(c.by, &c.glance, Some(c.message), prober)
                });
                !committed && !steps().any(|(_, s)| dependent(event, &s.event, prober))
            }
        };
        // What the branch is committed to must not come from outside and before something of the sequence.
        clear
            && !branch.commits.iter().any(|c| {
                let outside = passed.iter().any(|p| p.id == c.message.event)
                    || (at.is_none() && c.message.event == event.id);
                outside && self.steps.iter().any(|s| s.event.offers(c.by, &c.glance, Some(c.message), prober))
            })
    }

    fn append(&self, tree: &mut Vec<Branch>, left: &Bits) {
        let mut children = Vec::new();
        for (i, step) in self.steps.iter().enumerate().rev() {
            if left.contains(i) {
                let branch =
                    Branch { event: Rc::clone(&step.event), commits: step.commits.clone(), children };
                children = vec![branch];
            }
        }
        tree.append(&mut children);
    }
}
