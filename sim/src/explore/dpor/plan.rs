//! Planning: which reversed races are explored, and where in a node's tree.
//!
//! Whether one is covered is told from the events as they were seen, if that is certain. Otherwise it is found out
//! by letting all of it happen in a copy of the world: what an event brings about may be another thing in another
//! order. Invariant: what is left out begins with something that is explored, or is going to be.

use super::Dpor;
use super::bits::Bits;
use super::event::{Event, event_of};
use super::order::Reversal;
use super::sequence::{Branch, Fit, Sequence, Sleeper, Walk};
use super::tried::Tried;
use std::rc::Rc;

impl Dpor {
    /// Adds a reversal to what is to be explored, unless everything that begins so has been.
    pub(super) fn plan(&mut self, reversal: Reversal) {
        let Reversal { at, mut sequence, guessed } = reversal;
        let skip = usize::from(at < self.run.events());
        let sleep = std::mem::take(&mut self.nodes[at].sleep);
        let mut tree = std::mem::take(&mut self.nodes[at].tree);
        let mut covered = guessed
            && (sleep.iter().any(|s| sequence.is_known_to_begin_with(s, &mut self.prober))
                || sequence.is_known_to_be_in(&tree, skip, &mut self.prober));
        let mut tried = None;
        if !covered && guessed {
            match self.follow(at, sequence.actors()) {
                Some((done, how)) => {
                    sequence = Sequence { source: sequence.source, ..done };
                    tried = Some(how);
                }
                // What is explored in its place may be another class.
                None => self.blind = true,
            }
        }
        covered = covered
            || sleep.iter().any(|s| self.begins_with(at, &sequence, s))
            || self.observes_in_vain(at, &sequence);
        if !covered
            && let Some((branch, done)) = self.insert(at, &sequence, &mut tree, skip)
            && let Some(mut tried) = tried.take_if(|tried| tried.plain)
        {
            tried.events.drop_first(done);
            let (ticket, unused) = self.tries.keep(tried);
            branch.tried = Some(ticket);
            self.spare.extend(unused);
        }
        self.spare.extend(tried.map(|tried| tried.world));
        self.nodes[at].sleep = sleep;
        self.nodes[at].tree = tree;
    }

    /// Whether the way to a node let something happen that slept, for a receive to observe it, and the sequence ends the
    /// receiver before it can: what began with the sleeper had all that comes then.
    fn observes_in_vain(&mut self, at: usize, sequence: &Sequence) -> bool {
        let before = self.woken.iter().copied().filter(|&woken| woken < at).collect::<Vec<_>>();
        before.into_iter().any(|woken| {
            let way = (woken..at).map(|event| self.run.event(event).id.actor);
            let actors: Vec<u64> = way.chain(sequence.steps.iter().map(|step| step.event.id.actor)).collect();
            let Some((whole, tried)) = self.follow(woken, actors.into_iter()) else { return false };
            let world = tried.world;
            let id = self.run.event(woken).id;
            let sleeper = self.nodes[woken].sleep.iter().find(|sleeper| sleeper.event.id == id).cloned();
            let sleeper = sleeper.expect("it slept when it happened");
            let sent = &sleeper.event.sent;
            let ended = !sent.is_empty() && sent.iter().all(|sent| world.is_ending(sent.to));
            self.spare.push(world);
            ended && self.begins_with(woken, &whole, &sleeper)
        })
    }

    /// Whether something that begins with the sleeper's event can begin with the sequence too.
    fn begins_with(&mut self, at: usize, sequence: &Sequence, sleeper: &Sleeper) -> bool {
        if !sequence.may_begin_with(sleeper, &mut self.prober) {
            return false;
        }
        let steps = || sequence.steps.iter().map(|step| &*step.event);
        if sequence.has(sleeper) || !sleeper.is_entangled(steps()) {
            return true;
        }
        let actors = steps().chain([&*sleeper.event]).map(|event| event.id.actor);
        self.last_follows(at, &actors.collect::<Vec<_>>()).is_some_and(|steps| steps.is_empty())
    }

    /// Adds the sequence to the tree of a node, unless the tree covers it. The first `skip` branches are under way.
    /// A branch that was added, with the number of steps that come before it, if those before it are the first ones.
    fn insert<'t>(
        &mut self,
        at: usize,
        sequence: &Sequence,
        tree: &'t mut Vec<Branch>,
        skip: usize,
    ) -> Option<(&'t mut Branch, usize)> {
        let mut walk = Walk::new(&sequence.steps);
        let (mut tree, mut skip) = (tree, skip);
        while !walk.left.is_empty() {
            let fitting = (skip..tree.len()).find_map(|b| {
                let place = walk.place(tree[b].event.id);
                let fits = match walk.fits(&tree[b], place, None, &mut self.prober) {
                    Fit::Yes => true,
                    Fit::No => false,
                    Fit::Perhaps => self.comes_before_rest(at, &walk, &tree[b].event),
                };
                fits.then_some((b, place))
            });
            skip = 0;
            let Some((branch, place)) = fitting else {
                sequence.append(tree, &walk.left);
                return walk.in_order.zip(tree.last_mut()).map(|(done, branch)| (branch, done));
            };
            let branch = &mut tree[branch];
            walk.pass(branch, place);
            if branch.children.is_empty() {
                return None;
            }
            tree = &mut branch.children;
        }
        None
    }

    /// Whether an event that is none of the steps commutes with those that are left.
    fn comes_before_rest(&mut self, at: usize, walk: &Walk<'_>, event: &Event) -> bool {
        let steps = walk.steps.iter().map(|step| &*step.event);
        let events = steps.chain(walk.passed.iter().map(Rc::as_ref)).chain([event]);
        let actors: Vec<u64> = events.map(|event| event.id.actor).collect();
        self.last_follows(at, &actors).is_some_and(|steps| !steps.intersects(&walk.left))
    }

    /// Which events the last one follows if these actors act from a node on. `None` if they cannot.
    fn last_follows(&mut self, at: usize, actors: &[u64]) -> Option<Bits> {
        let (mut done, tried) = self.follow(at, actors.iter().copied())?;
        self.spare.push(tried.world);
        done.steps.pop().map(|step| step.after)
    }

    /// The sequence as it goes from a node. `None` if it cannot go so.
    pub(super) fn done(&mut self, at: usize, sequence: &Sequence) -> Option<Sequence> {
        let (done, tried) = self.follow(at, sequence.actors())?;
        self.spare.push(tried.world);
        Some(done)
    }

    /// What happens if these actors act from a node on, found out in a copy of the world.
    fn follow(&mut self, at: usize, mut actors: impl Iterator<Item = u64>) -> Option<(Sequence, Tried)> {
        let mut world = self.world_at(at);
        let rest = self.run.split_off(at);
        let mut plain = true;
        let followed = actors.all(|actor| {
            let can = world.has_actor(actor);
            if can {
                let stepped = world.step(Some(actor), &mut self.regs);
                plain &= stepped.outcome.is_none() && !stepped.asked_more;
                let event = event_of(&stepped, &mut world, &self.run, &mut self.prober);
                plain &= event.stopped.is_empty();
                self.run.push(event, &mut self.prober);
            }
            can
        });
        let done = followed.then(|| self.run.sequence_from(at, &mut self.prober));
        let events = self.run.put_back(at, rest);
        match done {
            Some(done) => Some((done, Tried { events, world, plain })),
            None => {
                self.spare.push(world);
                None
            }
        }
    }
}
