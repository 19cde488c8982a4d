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
use super::front::Source;
use super::probe::{Glance, Prober};
use super::tried::Ticket;
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
    /// Where it comes from, if that is kept.
    pub source: Option<Source>,
}

/// An event that needs not be explored from here: all that begins with it has been.
#[derive(Clone, Debug)]
pub struct Sleeper {
    pub event: Rc<Event>,
    /// Events before it was explored.
    pub since: usize,
    /// Processes of which something has happened since that may make it bring about another thing.
    pub changed: Vec<u64>,
}

impl Sleeper {
    /// Whether what its event brings about, coming after all these, may be something that does not commute with them.
    pub fn is_entangled<'a>(&self, others: impl Iterator<Item = &'a Event> + Clone) -> bool {
        let minds = |by: u64| others.clone().any(|other| other.minds(by));
        self.changed.iter().any(|&by| minds(by)) || self.event.is_entangled(others.clone())
    }

    /// An event has come before it.
    pub fn meets(&mut self, event: &Event) {
        for by in self.event.parties() {
            if event.deals_with(by) && !self.changed.contains(&by) {
                self.changed.push(by);
            }
        }
    }
}

#[derive(Clone, Debug)]
pub struct Branch {
    pub event: Rc<Event>,
    pub commits: Vec<Commit>,
    pub children: Vec<Branch>,
    /// The sequence that it is of, if that is kept, and which of its steps it is.
    pub source: Option<(Source, u32)>,
    /// How it goes on from here along the first children, if that was tried.
    pub tried: Option<Ticket>,
}

impl Branch {
    /// An event that is under way.
    pub fn of(event: Rc<Event>) -> Branch {
        Branch { event, commits: Vec::new(), children: Vec::new(), source: None, tried: None }
    }
}

impl Sequence {
    /// Who acts in it.
    pub fn actors(&self) -> impl Iterator<Item = u64> + '_ {
        self.steps.iter().map(|step| step.event.id.actor)
    }

    /// Whether the sleeper's event is part of it.
    pub fn has(&self, sleeper: &Sleeper) -> bool {
        position(&self.steps, sleeper.event.id).is_some()
    }

    /// Whether something that begins with the sleeper's event can begin with this sequence too.
    pub fn may_begin_with(&self, sleeper: &Sleeper, prober: &mut Prober) -> bool {
        may_begin_with(&self.steps, sleeper, prober)
    }

    /// The last event, and all others.
    fn split(&self) -> (&Event, &[Step]) {
        let (last, kept) = self.steps.split_last().expect("a reversed race has a second event");
        (&last.event, kept)
    }

    /// The same as [`Sequence::may_begin_with`], where what the last event brings about is not known. `false` if that
    /// would have to be known.
    pub fn is_known_to_begin_with(&self, sleeper: &Sleeper, prober: &mut Prober) -> bool {
        let (last, kept) = self.split();
        // As the sleeper, the last event is known.
        let known = if self.has(sleeper) { kept } else { &self.steps };
        let enough = self.has(sleeper) || surely_commutes(last, &sleeper.event, prober);
        let apart = position(kept, sleeper.event.id).is_some()
            || !sleeper.is_entangled(known.iter().map(|step| &*step.event));
        enough && apart && may_begin_with(known, sleeper, prober)
    }

    /// Whether a tree covers it, where what the last event brings about is not known. `false` if that would have to
    /// be known. In the tree, the last event is known.
    pub fn is_known_to_be_in(&self, tree: &[Branch], skip: usize, prober: &mut Prober) -> bool {
        let (last, kept) = self.split();
        let mut met: Option<Rc<Event>> = None;
        let mut walk = Walk::new(kept);
        let (mut tree, mut skip) = (tree, skip);
        loop {
            if met.is_some() && walk.left.is_empty() {
                return true;
            }
            let fitting = tree[skip..].iter().find_map(|branch| {
                let id = branch.event.id;
                let place = walk.place(id);
                let known = met.is_some()
                    || id == last.id
                    || place.is_some()
                    || surely_commutes(last, &branch.event, prober);
                let fits = known && walk.fits(branch, place, met.as_deref(), prober) == Fit::Yes;
                fits.then_some((branch, place))
            });
            skip = 0;
            let Some((branch, place)) = fitting else { return false };
            if branch.event.id == last.id {
                met = Some(Rc::clone(&branch.event));
            }
            walk.pass(branch, place);
            if branch.children.is_empty() {
                return true;
            }
            tree = &branch.children;
        }
    }

    /// Adds the steps that are left to a tree.
    pub fn append(&self, tree: &mut Vec<Branch>, left: &Bits) {
        let mut children = Vec::new();
        for (i, step) in self.steps.iter().enumerate().rev() {
            if left.contains(i) {
                let source = self.source.clone().map(|source| (source, i as u32));
                let (event, commits) = (Rc::clone(&step.event), step.commits.clone());
                let branch = Branch { event, commits, children, source, tried: None };
                children = vec![branch];
            }
        }
        tree.append(&mut children);
    }
}

fn position(steps: &[Step], id: EventId) -> Option<usize> {
    steps.iter().position(|s| s.event.id == id)
}

/// Whether `last` commutes with an event wherever it comes: it is on memory, so what else it may bring about comes of
/// what its own process has received, with which the other one has nothing to do.
fn surely_commutes(last: &Event, other: &Event, prober: &mut Prober) -> bool {
    let by = last.id.actor;
    let apart = !other.barrier && !other.deals_with(by) && !other.minds(by);
    last.is_on_memory() && apart && !dependent(other, last, prober)
}

fn commits(steps: &[Step]) -> impl Iterator<Item = &Commit> {
    steps.iter().flat_map(|s| &s.commits)
}

fn may_begin_with(steps: &[Step], sleeper: &Sleeper, prober: &mut Prober) -> bool {
    let event = &sleeper.event;
    let at = position(steps, event.id);
    match at {
        Some(at) if !steps[at].after.is_empty() => return false,
        Some(_) => {}
        None => {
            if steps.iter().any(|s| dependent(event, &s.event, prober)) {
                return false;
            }
        }
    }
    event.sent.is_empty()
        || !commits(steps).any(|c| {
            let counts = match c.origin {
                Origin::Before(index) => index >= sleeper.since,
                Origin::Step(_) => at.is_none(),
            };
            counts && event.offers(c.by, &c.glance, Some(c.message), prober)
        })
}

/// A sequence on its way down a tree.
pub struct Walk<'a> {
    pub steps: &'a [Step],
    /// Steps that are still to come.
    pub left: Bits,
    /// Events on the way that are none of its steps.
    pub passed: Vec<Rc<Event>>,
    /// How many steps it has passed, if it passed nothing but them, in their order.
    pub in_order: Option<usize>,
}

/// Whether a sequence can go on below a branch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fit {
    No,
    Yes,
    /// If what the branch's event brings about is what it was when it was seen.
    Perhaps,
}

impl<'a> Walk<'a> {
    pub fn new(steps: &'a [Step]) -> Walk<'a> {
        Walk { steps, left: Bits::below(steps.len()), passed: Vec::new(), in_order: Some(0) }
    }

    /// Which of the steps that are left the event is.
    pub fn place(&self, id: EventId) -> Option<usize> {
        let first = self.left.first()?;
        if self.steps[first].event.id == id {
            return Some(first);
        }
        position(self.steps, id).filter(|&at| self.left.contains(at))
    }

    /// Goes below a branch. `place`: of its event.
    pub fn pass(&mut self, branch: &Branch, place: Option<usize>) {
        self.in_order = self.in_order.filter(|&passed| place == Some(passed)).map(|passed| passed + 1);
        match place {
            Some(at) => self.left.remove(at),
            None => self.passed.push(Rc::clone(&branch.event)),
        }
    }

    /// Whether what is left can go on after the branch's event, which is the step at `place`. `also`: an event that counts
    /// as one of the steps.
    pub fn fits(
        &self,
        branch: &Branch,
        place: Option<usize>,
        also: Option<&Event>,
        prober: &mut Prober,
    ) -> Fit {
        let event = &branch.event;
        let left = || self.left.iter().map(|i| &*self.steps[i].event);
        let clear = match place {
            Some(at) => !self.steps[at].after.intersects(&self.left),
            None => {
                let committed = !event.sent.is_empty()
                    && commits(self.steps).any(|c| {
                        matches!(c.origin, Origin::Step(i) if self.left.contains(i))
                            && event.offers(c.by, &c.glance, Some(c.message), prober)
                    });
                !committed && !left().any(|step| dependent(event, step, prober))
            }
        };
        // What the branch is committed to must not come from outside and before something of the sequence.
        let mut lost = || {
            branch.commits.iter().any(|c| {
                let outside = self.passed.iter().any(|p| p.id == c.message.event)
                    || (place.is_none() && c.message.event == event.id);
                let mut own = self.steps.iter().map(|s| &*s.event).chain(also);
                outside && own.any(|e| e.offers(c.by, &c.glance, Some(c.message), prober))
            })
        };
        if !clear || lost() {
            return Fit::No;
        }
        if place.is_none() && event.is_entangled(left()) { Fit::Perhaps } else { Fit::Yes }
    }
}
