//! Proof by exploration: optimal dynamic partial order reduction with observers.
//!
//! Two runs are of one class if they have the same events in the same happens-before order. Each class is run
//! once: the search runs one schedule to its end, finds the races in it ([`run`]), and for each race plans a
//! sequence of events in which it goes the other way ([`sequence`]), unless everything that begins so has been
//! explored. A send is dependent on another send to the same process only where a receive took one of them and
//! would have taken the other ([`probe`]).
//! Sources: Abdulla, Aronis, Jonsson, Sagonas, "Source Sets", 2017; Aronis, Jonsson, Lång, Sagonas, "Optimal Dynamic
//! Partial Order Reduction with Observers", 2018. On purpose otherwise: an observation is part of the event that
//! lets the receive take its message, because here a process that can receive does so at once. What an event brings
//! about is another thing in another state, so a reversed race is planned as it goes when it is tried in a copy of the world.
//!
//! Invariant: every class of runs with causal delivery and idle time is explored; what it rests on
//! is [`crate::dependence`]. Settings under which a run is no function of its order are refused ([`refusal`]).

pub mod bits;
pub mod brute;
pub mod event;
pub mod probe;
mod reverse;
pub mod run;
pub mod sequence;
pub mod state;
pub mod stepping;

use crate::choice::Pick;
use crate::oracle::Violation;
use crate::world::settings::{Delivery, Settings, TimeMode};
use crate::world::{End, Entry, Outcome, SimWorld};
use event::{Event, EventId, event_of};
use probe::Prober;
use run::{Reversal, Run};
use sequence::{Branch, Sequence, Sleeper};
use std::rc::Rc;
use std::sync::Arc;
use stepping::Stepped;
use warpbeam::code::CodeServer;
use warpbeam::interp::Regs;

/// Why these settings allow no proof.
pub fn refusal(settings: &Settings) -> Option<&'static str> {
    if settings.memory_words.is_some() {
        Some("a memory budget makes what is refused depend on how heaps lie (leave out --memory)")
    } else if settings.delivery != Delivery::Causal {
        Some("it covers causal delivery only (leave out --delivery pairwise)")
    } else if settings.time != TimeMode::Idle {
        Some("it covers timers that fire when nothing else can happen (use --time idle)")
    } else if !settings.faults.is_none() {
        Some("what goes wrong is no matter of order (leave out --faults)")
    } else {
        None
    }
}

/// A maximal run.
pub struct Explored<'a> {
    pub outcome: &'a Outcome,
    pub violation: Option<&'a Violation>,
    pub picks: &'a [Pick],
    /// Equal for runs of one class only.
    pub class: u64,
    pub world: &'a SimWorld,
}

/// What the search came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    pub classes: u64,
    /// Runs that turned out to lead only where others had been.
    pub blocked: u64,
    /// Whether every class was explored.
    pub complete: bool,
}

/// A state on the way of the run under way.
#[derive(Default)]
struct Node {
    /// What is to be explored from here; the first branch is under way.
    tree: Vec<Branch>,
    sleep: Vec<Sleeper>,
    /// A copy of the world here.
    world: Option<Box<SimWorld>>,
}

/// Events that are done again to come to a node before it gets a copy of the world.
const AGAIN: usize = 4;

pub struct Dpor {
    world: SimWorld,
    regs: Regs,
    prober: Prober,
    run: Run,
    /// One more than events.
    nodes: Vec<Node>,
    /// Worlds that are of no use any more, to be copied over.
    #[allow(clippy::vec_box, reason = "boxes move between here and the nodes, their contents stay")]
    spare: Vec<Box<SimWorld>>,
    totals: Totals,
    /// Something happened that the search does not branch on.
    blind: bool,
}

/// How one run ended.
enum Ended {
    Maximal(Outcome),
    /// Everything that could act was asleep.
    Blocked,
}

impl Dpor {
    /// A search of the program. The settings are not refused.
    pub fn new(code: Arc<CodeServer>, entry: &Entry, settings: &Settings) -> Dpor {
        assert!(refusal(settings).is_none(), "refused settings are not explored");
        crate::panic::install();
        let prober = Prober::new(Arc::clone(&code), settings.clone());
        let mut world = SimWorld::new(code, settings.clone());
        world.reset();
        world.watch = Some(Box::default());
        world.begin(entry);
        let (regs, run) = (Regs::default(), Run::default());
        Dpor {
            world,
            regs,
            prober,
            run,
            nodes: Vec::new(),
            spare: Vec::new(),
            totals: Totals::default(),
            blind: false,
        }
    }

    /// Explores until everything is covered or `visit` says no.
    pub fn explore(mut self, visit: &mut dyn FnMut(&Explored<'_>) -> bool) -> Totals {
        let stepped = self.world.settle(&mut self.regs);
        let first = event_of(&stepped, &self.world, false, &self.run, &mut self.prober);
        self.run.push(first, &mut self.prober);
        self.nodes.push(Node::default());
        self.nodes.push(Node { world: Some(Box::new(self.world.clone())), ..Node::default() });
        loop {
            match self.extend() {
                Ended::Blocked => self.totals.blocked += 1,
                Ended::Maximal(outcome) => {
                    if !self.maximal(&outcome, visit) {
                        return self.totals;
                    }
                }
            }
            if !self.backtrack() {
                self.totals.complete = !self.blind;
                return self.totals;
            }
        }
    }

    /// Runs on to the end.
    fn extend(&mut self) -> Ended {
        loop {
            let Some(actor) = self.next_actor() else {
                let nobody = self.world.actors().is_empty();
                if !nobody {
                    return Ended::Blocked;
                }
                let stepped = self.world.step(None, &mut self.regs);
                return Ended::Maximal(stepped.outcome.expect("a run in which nobody can act ends"));
            };
            let now = self.world.now();
            let stepped = self.world.step(Some(actor), &mut self.regs);
            self.append(&stepped, self.world.now() != now);
            if let Some(outcome) = stepped.outcome {
                self.blind |= !matches!(outcome.end, End::Quiet);
                return Ended::Maximal(outcome);
            }
        }
    }

    /// Who acts next, as the tree says or as is dull; `None` if everybody sleeps or nobody can act.
    fn next_actor(&mut self) -> Option<u64> {
        let actors = self.world.actors();
        let node = self.nodes.last_mut().expect("there is a node after each event");
        if let Some(branch) = node.tree.first() {
            let actor = branch.event.id.actor;
            return actors.iter().any(|a| a.0 == actor).then_some(actor);
        }
        let awake = |a: &&(u64, _)| !node.sleep.iter().any(|s| s.event.id.actor == a.0);
        let last = self.run.last_actor();
        let same = actors.iter().filter(|a| Some(a.0) == last).find(awake);
        same.or_else(|| actors.iter().find(awake)).map(|a| a.0)
    }

    /// Adds the event that happened, and the node after it.
    fn append(&mut self, stepped: &Stepped, barrier: bool) {
        self.blind |= stepped.asked_more;
        let mut event = event_of(stepped, &self.world, barrier, &self.run, &mut self.prober);
        if !event.stopped.is_empty() {
            event.instead_of = self.would_have_been(&event.stopped);
        }
        self.run.push(event, &mut self.prober);
        let at = self.run.events() - 1;
        let event = Rc::clone(self.run.event(at));
        let node = self.nodes.last_mut().expect("there is a node before each event");
        let children = match node.tree.first_mut() {
            Some(branch) => {
                branch.event = Rc::clone(&event);
                std::mem::take(&mut branch.children)
            }
            None => {
                let branch = Branch { event: Rc::clone(&event), commits: Vec::new(), children: Vec::new() };
                node.tree.push(branch);
                Vec::new()
            }
        };
        let before = std::mem::take(&mut node.sleep);
        let sleep = before.iter().filter(|sleeper| !self.wakes(sleeper, &event)).cloned().collect();
        self.nodes.last_mut().expect("it is the same").sleep = before;
        self.nodes.push(Node { tree: children, sleep, ..Node::default() });
    }

    /// Events that could have come next at the last node, found out by letting each of them happen in a copy.
    fn would_have_been(&mut self, events: &[EventId]) -> Vec<Rc<Event>> {
        let before = self.world_at(self.nodes.len() - 1);
        let mut would = Vec::new();
        for id in events {
            let mut world = before.clone();
            let stepped = world.step(Some(id.actor), &mut self.regs);
            let event = event_of(&stepped, &world, world.now() != before.now(), &self.run, &mut self.prober);
            assert_eq!(event.id, *id, "a stopped process stood before this event");
            would.push(Rc::new(event));
        }
        would
    }

    /// Whether the sleeper's event would be another one, or lead elsewhere, after this event.
    fn wakes(&mut self, sleeper: &Sleeper, event: &Event) -> bool {
        if event::dependent(&sleeper.event, event, &mut self.prober) {
            return true;
        }
        event.taken.iter().any(|taken| {
            self.run.sent_since(taken.message.event, sleeper.since)
                && sleeper.event.offers(taken.by, &taken.glance, Some(taken.message), &mut self.prober)
        })
    }

    /// A run came to its end: counts it and plans the reversals of its races.
    fn maximal(&mut self, outcome: &Outcome, visit: &mut dyn FnMut(&Explored<'_>) -> bool) -> bool {
        self.totals.classes += 1;
        let (class, reversals) = self.run.finish(&mut self.prober);
        let watch = self.world.watch.as_ref().expect("the world is watched");
        let violation = match &outcome.end {
            End::Violation(violation) => Some(&**violation),
            _ => watch.violation.as_deref(),
        };
        let picks = self.world.picks();
        if !visit(&Explored { outcome, violation, picks, class, world: &self.world }) {
            return false;
        }
        for reversal in reversals {
            self.plan(reversal);
        }
        true
    }

    /// Adds a reversal to what is to be explored, unless everything that begins so has been.
    fn plan(&mut self, reversal: Reversal) {
        let Reversal { at, mut sequence, guessed } = reversal;
        let sleep = std::mem::take(&mut self.nodes[at].sleep);
        let kept = sequence.without_last();
        let asleep = match guessed {
            true => {
                let known = if sequence.steps.len() == 1 { &sequence } else { &kept };
                sleep.iter().any(|s| known.has(s) && known.may_begin_with(s, &mut self.prober))
            }
            false => false,
        };
        if !asleep && guessed {
            match self.done(at, &sequence) {
                Some(done) => sequence = done,
                // What is explored in its place may be another class.
                None => self.blind = true,
            }
        }
        let asleep = asleep || sleep.iter().any(|s| sequence.may_begin_with(s, &mut self.prober));
        self.nodes[at].sleep = sleep;
        if !asleep {
            let skip = usize::from(at < self.run.events());
            sequence.insert(&mut self.nodes[at].tree, skip, &mut self.prober);
        }
    }

    /// The sequence as it goes from a node: what an event brings about may be another thing there than where it was
    /// seen. Found out by letting all of it happen in a copy of the world.
    /// `None` if it cannot go so.
    fn done(&mut self, at: usize, sequence: &Sequence) -> Option<Sequence> {
        let mut world = self.world_at(at);
        let mut run = self.run.beginning(at);
        for step in &sequence.steps {
            let actor = step.event.id.actor;
            if !world.actors().iter().any(|a| a.0 == actor) {
                self.spare.push(world);
                return None;
            }
            let now = world.now();
            let stepped = world.step(Some(actor), &mut self.regs);
            let event = event_of(&stepped, &world, world.now() != now, &run, &mut self.prober);
            run.push(event, &mut self.prober);
        }
        self.spare.push(world);
        Some(run.sequence_from(at, &mut self.prober))
    }

    /// Goes back to the last node that has something left. Whether there is one.
    fn backtrack(&mut self) -> bool {
        while self.run.events() > 1 {
            let left = self.nodes.pop().expect("there is a node after each event");
            self.spare.extend(left.world);
            let at = self.run.events() - 1;
            let event = Rc::clone(self.run.event(at));
            self.run.truncate(at);
            let node = self.nodes.last_mut().expect("there is a node before each event");
            node.tree.remove(0);
            node.sleep.push(Sleeper { event, since: at });
            if !node.tree.is_empty() {
                self.restore();
                return true;
            }
        }
        false
    }

    /// Brings the world to the last node.
    fn restore(&mut self) {
        let last = self.nodes.len() - 1;
        let mut world = self.world_at(last);
        std::mem::swap(&mut self.world, &mut world);
        self.spare.push(world);
        if self.nodes[last].world.is_none() && self.nodes[last].tree.len() > 1 {
            self.nodes[last].world = Some(copy(&self.world, &mut self.spare));
        }
    }

    /// The world as it was at a node of the run under way: a copy of an earlier one that did the events since.
    fn world_at(&mut self, node: usize) -> Box<SimWorld> {
        let from = (0..=node).rev().find(|&at| self.nodes[at].world.is_some());
        let from = from.expect("the first node keeps its world");
        let earlier = self.nodes[from].world.as_ref().expect("it was found there");
        let mut world = copy(earlier, &mut self.spare);
        for at in from..node {
            world.step(Some(self.run.event(at).id.actor), &mut self.regs);
        }
        if node - from >= AGAIN {
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
