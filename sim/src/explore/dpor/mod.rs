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

pub mod beginning;
pub mod bits;
pub mod brute;
mod clashes;
pub mod event;
pub mod front;
mod order;
mod plan;
pub mod probe;
mod reverse;
pub mod run;
pub mod sequence;
pub mod state;
pub mod stepping;
mod tried;
mod worlds;

use crate::choice::Pick;
use crate::oracle::Violation;
use crate::world::settings::{Delivery, Settings, TimeMode};
use crate::world::{End, Outcome, SimWorld};
use beginning::{Beginning, Subject};
use event::{Event, EventId, event_of};
use front::Source;
use order::Found;
use probe::Prober;
use run::Run;
use sequence::{Branch, Sleeper};
use std::rc::Rc;
use stepping::Stepped;
use tried::Tries;
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

/// Who looks at the runs.
pub trait Visitor {
    /// A run of a class of its own. Whether to go on.
    fn ran(&mut self, explored: &Explored<'_>) -> bool;

    /// The search rests between two runs.
    fn rests(&mut self, _search: &Dpor, _rest: Rest) {}
}

/// How a search rests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rest {
    GoesOn,
    /// Something is left, and it was told to stop.
    Stopped,
    /// Nothing is left.
    Over,
}

struct Visit<'a>(&'a mut dyn FnMut(&Explored<'_>) -> bool);

impl Visitor for Visit<'_> {
    fn ran(&mut self, explored: &Explored<'_>) -> bool {
        self.0(explored)
    }
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

pub struct Dpor {
    world: SimWorld,
    regs: Regs,
    prober: Prober,
    run: Run,
    /// What was found in the run that ended last.
    found: Found,
    /// One more than events.
    nodes: Vec<Node>,
    /// Worlds that are of no use any more, to be copied over.
    #[allow(clippy::vec_box, reason = "boxes move between here and the nodes, their contents stay")]
    spare: Vec<Box<SimWorld>>,
    /// What is to be explored and was tried.
    tries: Tries,
    totals: Totals,
    /// Events of the run under way that happened although they slept, because a receive was to observe it.
    woken: Vec<usize>,
    /// Something happened that the search does not branch on.
    blind: bool,
    /// It is noted where sequences come from, so that there can be a [`front::Front`].
    pub keeps: bool,
}

/// How one run ended.
enum Ended {
    Maximal(Outcome),
    /// Everything that could act was asleep.
    Blocked,
}

impl Dpor {
    /// A search of the program. The settings are not refused. How it ended already, if its services do not start.
    pub fn new(subject: &Subject<'_>) -> Result<Dpor, Box<Outcome>> {
        assert!(refusal(subject.settings).is_none(), "refused settings are not explored");
        let Beginning { mut world, prober, run, regs } = subject.begin()?;
        world.take_picture();
        let first = Node { world: Some(Box::new(world.clone())), ..Node::default() };
        Ok(Dpor {
            world,
            regs,
            prober,
            run,
            found: Found::default(),
            nodes: vec![Node::default(), first],
            spare: Vec::new(),
            tries: Tries::default(),
            totals: Totals::default(),
            woken: Vec::new(),
            blind: false,
            keeps: false,
        })
    }

    /// Explores until everything is covered or `visit` says no.
    pub fn explore(self, visit: &mut dyn FnMut(&Explored<'_>) -> bool) -> Totals {
        self.explore_with(&mut Visit(visit))
    }

    /// Explores until everything is covered or the visitor says no.
    pub fn explore_with(mut self, visitor: &mut dyn Visitor) -> Totals {
        loop {
            let goes_on = match self.extend() {
                Ended::Blocked => {
                    self.totals.blocked += 1;
                    true
                }
                Ended::Maximal(outcome) => self.maximal(&outcome, visitor),
            };
            let rest = match self.backtrack() {
                false => Rest::Over,
                true if goes_on => Rest::GoesOn,
                true => Rest::Stopped,
            };
            self.totals.complete = rest == Rest::Over && !self.blind;
            visitor.rests(&self, rest);
            if rest != Rest::GoesOn {
                return self.totals;
            }
        }
    }

    /// Runs on to the end.
    fn extend(&mut self) -> Ended {
        self.go_as_tried();
        loop {
            let Some(actor) = self.next_actor() else {
                let nobody = self.world.actors().is_empty();
                if !nobody {
                    return Ended::Blocked;
                }
                let stepped = self.world.step(None, &mut self.regs);
                return Ended::Maximal(stepped.outcome.expect("a run in which nobody can act ends"));
            };
            if let Some(outcome) = self.step(actor) {
                self.blind |= !matches!(outcome.end, End::Quiet);
                return Ended::Maximal(outcome);
            }
        }
    }

    /// Lets the actor do its event, which comes next in the run under way. How the run ended, if it did.
    fn step(&mut self, actor: u64) -> Option<Outcome> {
        let stepped = self.world.step(Some(actor), &mut self.regs);
        self.append(&stepped);
        stepped.outcome
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

    /// The event that a step of the world was. The last node is the one before it.
    fn happened(&mut self, stepped: &Stepped) -> Event {
        let mut event = event_of(stepped, &mut self.world, &self.run, &mut self.prober);
        if !event.stopped.is_empty() {
            event.instead_of = self.would_have_been(&event.stopped);
        }
        event
    }

    /// Adds the event that happened, and the node after it.
    fn append(&mut self, stepped: &Stepped) {
        self.blind |= stepped.asked_more;
        let event = self.happened(stepped);
        let sleep = self.go_on_sleeping(&event);
        self.run.push(event, &mut self.prober);
        self.follow_tree(sleep);
    }

    /// Adds the node after the last event. `sleep`: who sleeps there.
    fn follow_tree(&mut self, sleep: Vec<Sleeper>) {
        let at = self.run.events() - 1;
        let event = Rc::clone(self.run.event(at));
        let node = self.nodes.last_mut().expect("there is a node before each event");
        if node.sleep.iter().any(|sleeper| sleeper.event.id == event.id) {
            self.woken.push(at);
        }
        let children = match node.tree.first_mut() {
            Some(branch) => {
                branch.event = Rc::clone(&event);
                std::mem::take(&mut branch.children)
            }
            None => {
                let event = Rc::clone(&event);
                node.tree.push(Branch::of(event));
                Vec::new()
            }
        };
        self.nodes.push(Node { tree: children, sleep, ..Node::default() });
    }

    /// Those at the last node whom the event that happened there does not wake.
    fn go_on_sleeping(&mut self, event: &Event) -> Vec<Sleeper> {
        let last = self.nodes.len() - 1;
        let before = std::mem::take(&mut self.nodes[last].sleep);
        let mut sleep = Vec::new();
        for sleeper in &before {
            if self.wakes(sleeper, event) {
                continue;
            }
            let mut sleeper = sleeper.clone();
            if sleeper.is_entangled(std::iter::once(event)) {
                match self.as_it_would_be(sleeper.event.id.actor) {
                    Some(now) if !event::dependent(&now, event, &mut self.prober) => sleeper.event = now,
                    _ => continue,
                }
                sleeper.changed.clear();
            }
            sleeper.meets(event);
            sleep.push(sleeper);
        }
        self.nodes[last].sleep = before;
        sleep
    }

    /// The actor's event if it came next at the last node, found out in a copy of the world.
    fn as_it_would_be(&mut self, actor: u64) -> Option<Rc<Event>> {
        let mut world = self.world_at(self.nodes.len() - 1);
        let event = world.has_actor(actor).then(|| {
            let stepped = world.step(Some(actor), &mut self.regs);
            event_of(&stepped, &mut world, &self.run, &mut self.prober)
        });
        self.spare.push(world);
        event.map(Rc::new)
    }

    /// Events that could have come next at the last node, found out by letting each of them happen in a copy.
    fn would_have_been(&mut self, events: &[EventId]) -> Vec<Rc<Event>> {
        let would = events.iter().map(|id| {
            let event = self.as_it_would_be(id.actor).filter(|event| event.id == *id);
            event.expect("a stopped process stood before this event")
        });
        would.collect()
    }

    /// Whether the sleeper's event would be another one, or lead elsewhere, after this event.
    fn wakes(&mut self, sleeper: &Sleeper, event: &Event) -> bool {
        if event::dependent(&sleeper.event, event, &mut self.prober) {
            return true;
        }
        event.taken.iter().any(|taken| {
            let since = self.run.sent_since(taken.message.event, sleeper.since);
            (since || taken.message.event == event.id)
                && sleeper.event.offers(taken.by, &taken.glance, Some(taken.message), &mut self.prober)
        })
    }

    /// A run came to its end: counts it and plans the reversals of its races. Whether to go on.
    fn maximal(&mut self, outcome: &Outcome, visitor: &mut dyn Visitor) -> bool {
        self.totals.classes += 1;
        let mut found = std::mem::take(&mut self.found);
        self.run.find(&mut found, &mut self.prober);
        debug_assert_eq!(
            found.class(),
            self.run.class_of(&mut self.prober),
            "what is kept is what is found anew"
        );
        let watch = self.world.watch.as_ref().expect("the world is watched");
        let violation = match &outcome.end {
            End::Violation(violation) => Some(&**violation),
            _ => watch.violation.as_deref(),
        };
        let picks = self.world.picks();
        let goes_on =
            visitor.ran(&Explored { outcome, violation, picks, class: found.class(), world: &self.world });
        let run: Option<Rc<[u64]>> = self.keeps.then(|| self.actors_so_far().into());
        for (number, race) in (0..).zip(found.races(&self.run)) {
            let mut slept = self.nodes[race.first()].sleep.iter();
            if slept.any(|sleeper| found.begins_with(&self.run, &race, sleeper, &mut self.prober)) {
                continue;
            }
            let mut reversal = found.reverse(&self.run, &race, &mut self.prober);
            reversal.sequence.source = run.clone().map(|run| Source { run, reversal: number });
            self.plan(reversal);
        }
        self.found = found;
        goes_on
    }

    /// Goes back to the last node that has something left. Whether there is one.
    fn backtrack(&mut self) -> bool {
        while self.run.events() > 1 {
            let left = self.nodes.pop().expect("there is a node after each event");
            self.spare.extend(left.world);
            let at = self.run.events() - 1;
            let event = Rc::clone(self.run.event(at));
            self.run.truncate(at);
            self.woken.pop_if(|woken| *woken == at);
            let node = self.nodes.last_mut().expect("there is a node before each event");
            node.tree.remove(0);
            node.sleep.push(Sleeper { event, since: at, changed: Vec::new() });
            if let Some(branch) = node.tree.first() {
                // What was tried has its own world.
                if !self.tries.has(branch.tried) {
                    self.restore();
                }
                return true;
            }
        }
        false
    }
}
