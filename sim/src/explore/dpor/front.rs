//! Where a search stands, as names and numbers: what it takes to go on from there in another process.
//!
//! Events hold processes and messages, which are not written down: they come up again when the same actors act
//! in the same order. So a front has the run under way as a list of actors, for each node on its way who was explored
//! there, and the sequences that are still to be explored as races of earlier runs, from which they are planned anew.
//! Invariant: a search that goes on from its front explores what it would have explored, in the same order.

use super::order::Found;
use super::sequence::{Branch, Sequence, Sleeper};
use super::{Dpor, Node, Totals};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A race of a run that was explored: its number among those of the run, and who acted in the run.
#[derive(Clone, Debug)]
pub struct Source {
    pub run: Rc<[u64]>,
    pub reversal: u32,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Front {
    pub totals: Totals,
    /// What cannot be covered was met.
    pub blind: bool,
    /// There is nothing left.
    pub over: bool,
    /// Runs that sequences come from.
    pub runs: Vec<Vec<u64>>,
    /// The run under way.
    pub path: Vec<u64>,
    /// The nodes on its way: the one before each of its events, and the last.
    pub nodes: Vec<Standing>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    /// Who acted here in runs that are explored, in order.
    pub explored: Vec<u64>,
    /// The branches that are left, each followed by its children, which are one deeper.
    pub left: Vec<Twig>,
}

/// A branch: a step of a sequence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Twig {
    pub depth: u32,
    pub run: u32,
    pub reversal: u32,
    pub step: u32,
}

/// How it stands with a run after an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stands {
    GoesOn,
    Ended,
}

/// Sequences by run and reversal.
type Planned = BTreeMap<(u32, u32), Sequence>;

/// Collects branches and numbers the runs that they come from.
#[derive(Default)]
struct Gatherer {
    numbers: BTreeMap<Rc<[u64]>, u32>,
    runs: Vec<Vec<u64>>,
}

impl Gatherer {
    fn number(&mut self, run: &Rc<[u64]>) -> u32 {
        *self.numbers.entry(Rc::clone(run)).or_insert_with(|| {
            self.runs.push(run.to_vec());
            self.runs.len() as u32 - 1
        })
    }

    fn gather(&mut self, branches: &[Branch]) -> Vec<Twig> {
        let mut twigs = Vec::new();
        let mut rest: Vec<(u32, &Branch)> = branches.iter().rev().map(|b| (0, b)).collect();
        while let Some((depth, branch)) = rest.pop() {
            let (source, step) = branch.source.as_ref().expect("what is left of a kept search was planned");
            let run = self.number(&source.run);
            twigs.push(Twig { depth, run, reversal: source.reversal, step: *step });
            rest.extend(branch.children.iter().rev().map(|b| (depth + 1, b)));
        }
        twigs
    }
}

impl Dpor {
    /// Where it stands between two runs. `over`: there is nothing left.
    pub fn front(&self, over: bool) -> Front {
        let events = self.run.events();
        let mut gatherer = Gatherer::default();
        let nodes = (1..=events).map(|at| {
            let node = &self.nodes[at];
            let explored = node.sleep.iter().filter(|s| s.since == at).map(|s| s.event.id.actor).collect();
            // The first branch of a node on the way is under way.
            let left = node.tree.get(usize::from(at < events)..).unwrap_or_default();
            Standing { explored, left: gatherer.gather(left) }
        });
        let nodes = nodes.collect();
        Front {
            totals: self.totals,
            blind: self.blind,
            over,
            runs: gatherer.runs,
            path: self.actors_so_far(),
            nodes,
        }
    }

    /// Who acted in the run under way.
    pub(super) fn actors_so_far(&self) -> Vec<u64> {
        (1..self.run.events()).map(|at| self.run.event(at).id.actor).collect()
    }

    /// Brings a search that has not begun to where another one of the same program stood. `None` if the front is none
    /// of this program.
    pub fn go_on_from(&mut self, front: &Front) -> Option<()> {
        let planned = self.plan_again(front)?;
        if front.nodes.len() != front.path.len() + 1 {
            return None;
        }
        for (at, standing) in front.nodes.iter().enumerate() {
            for &actor in &standing.explored {
                self.explored_before(actor)?;
            }
            let left = self.branches(&standing.left, front, &planned)?;
            if let Some(&actor) = front.path.get(at)
                && self.advance(actor)? == Stands::Ended
            {
                return None;
            }
            self.nodes[at + 1].tree.extend(left);
        }
        (self.totals, self.blind) = (front.totals, front.blind);
        Some(())
    }

    /// The sequences that branches come from.
    fn plan_again(&mut self, front: &Front) -> Option<Planned> {
        let mut planned = Planned::new();
        for twig in front.nodes.iter().flat_map(|standing| &standing.left) {
            planned.insert((twig.run, twig.reversal), Sequence::default());
        }
        for (number, run) in front.runs.iter().enumerate() {
            let mut stands = Stands::GoesOn;
            for &actor in run {
                (stands == Stands::GoesOn).then_some(())?;
                stands = self.advance(actor)?;
            }
            let mut found = Found::default();
            self.run.settled = 0;
            self.run.find(&mut found, &mut self.prober);
            for (which, race) in (0..).zip(found.races(&self.run)) {
                if let Some(sequence) = planned.get_mut(&(number as u32, which)) {
                    let reversal = found.reverse(&self.run, &race, &mut self.prober);
                    let known =
                        if reversal.guessed { self.done(reversal.at, &reversal.sequence) } else { None };
                    *sequence = known.unwrap_or(reversal.sequence);
                }
            }
            self.rewind();
        }
        Some(planned)
    }

    /// Back to the first node, of which only the world is kept.
    fn rewind(&mut self) {
        self.run.truncate(1);
        self.woken.clear();
        let spare = self.nodes.drain(2..).filter_map(|node| node.world);
        self.spare.extend(spare);
        let world = self.nodes[1].world.take();
        self.world.clone_from(world.as_ref().expect("the first node keeps its world"));
        self.nodes[1] = Node { world, ..Node::default() };
    }

    fn can_act(&mut self, actor: u64) -> Option<()> {
        self.world.has_actor(actor).then_some(())
    }

    fn advance(&mut self, actor: u64) -> Option<Stands> {
        self.can_act(actor)?;
        Some(if self.step(actor).is_some() { Stands::Ended } else { Stands::GoesOn })
    }

    /// Everything that begins with the actor's event at the last node has been explored.
    fn explored_before(&mut self, actor: u64) -> Option<()> {
        self.can_act(actor)?;
        let before = self.world.clone();
        let stepped = self.world.step(Some(actor), &mut self.regs);
        let event = Rc::new(self.happened(&stepped));
        self.world = before;
        let since = self.run.events();
        self.nodes[since].sleep.push(Sleeper { event, since, changed: Vec::new() });
        Some(())
    }

    fn branches(&self, twigs: &[Twig], front: &Front, planned: &Planned) -> Option<Vec<Branch>> {
        let runs: Vec<Rc<[u64]>> = front.runs.iter().map(|run| run.as_slice().into()).collect();
        let mut twigs = twigs.to_vec();
        // The children of what comes next before a twig, by depth; from the last twig on.
        let mut children: Vec<Vec<Branch>> = vec![Vec::new()];
        while let Some(twig) = twigs.pop() {
            let depth = twig.depth as usize;
            if depth + 1 > twigs.len() + 1 {
                return None;
            }
            children.resize_with(children.len().max(depth + 2), Vec::new);
            let mut own = std::mem::take(&mut children[depth + 1]);
            own.reverse();
            let step = planned.get(&(twig.run, twig.reversal))?.steps.get(twig.step as usize)?;
            let source = Source { run: Rc::clone(runs.get(twig.run as usize)?), reversal: twig.reversal };
            children[depth].push(Branch {
                event: Rc::clone(&step.event),
                commits: step.commits.clone(),
                children: own,
                source: Some((source, twig.step)),
                tried: None,
            });
        }
        let mut first = children.swap_remove(0);
        first.reverse();
        let whole = children.iter().all(Vec::is_empty);
        whole.then_some(first)
    }
}
