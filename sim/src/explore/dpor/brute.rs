//! All schedules of a small program, one by one: what [`super::Dpor`] is checked against.
//!
//! The same events and the same happens-before order, and none of the search: no sleep, no races, no trees.

use super::beginning::{Beginning, Subject};
use super::event::event_of;
use super::{Explored, Totals};
use crate::world::{End, Outcome, SimWorld};
use std::collections::{BTreeMap, BTreeSet};
use warpbeam::interp::Regs;

/// States that were come to in more than one order of events that are said to commute.
#[derive(Default)]
pub struct Orders {
    states: BTreeMap<u64, (u64, u64)>,
    /// Times that a state was come to again.
    pub again: u64,
    /// Of those, times that it was another one.
    pub differ: u64,
}

impl Orders {
    /// Notes a state; `key` is equal for orders that make no difference.
    fn add(&mut self, key: u64, world: &SimWorld, regs: &mut Regs) {
        let state = (world.state(), world.clone().fate(regs));
        match self.states.get(&key) {
            Some(known) => {
                self.again += 1;
                self.differ += u64::from(*known != state);
            }
            None => {
                self.states.insert(key, state);
            }
        }
    }
}

/// Runs every schedule, up to `limit` of them; the classes that were seen, and whether that was all. How it ended
/// already, if the services do not start.
pub fn all_schedules(
    subject: &Subject<'_>,
    limit: u64,
    mut orders: Option<&mut Orders>,
    visit: &mut dyn FnMut(&Explored<'_>),
) -> Result<Totals, Box<Outcome>> {
    let Beginning { mut world, mut prober, mut run, mut regs } = subject.begin()?;
    let mut classes = BTreeSet::new();
    let mut runs = 0;
    // A state is a class of beginnings and the order of messages in each mailbox.
    let mut states = BTreeSet::new();
    // States on the way, with who has not acted there yet.
    let mut nodes = vec![(world.clone(), world.actors())];
    while let Some((before, left)) = nodes.last_mut() {
        if runs >= limit {
            return Ok(Totals { classes: classes.len() as u64, blocked: runs, complete: false });
        }
        let Some((actor, _)) = left.pop() else {
            nodes.pop();
            continue;
        };
        let mut world = before.clone();
        run.truncate(nodes.len());
        let stepped = world.step(Some(actor), &mut regs);
        run.push(event_of(&stepped, &mut world, &run, &mut prober), &mut prober);
        let actors = world.actors();
        if stepped.outcome.is_none() && !actors.is_empty() {
            let key = run.state_of(&mut prober);
            if let Some(orders) = &mut orders {
                orders.add(key, &world, &mut regs);
            }
            if states.insert(key) {
                nodes.push((world, actors));
            }
            continue;
        }
        let outcome = match stepped.outcome {
            Some(outcome) => outcome,
            None => world.step(None, &mut regs).outcome.expect("a run in which nobody can act ends"),
        };
        let class = run.class_of(&mut prober);
        classes.insert(class);
        runs += 1;
        let watch = world.watch.as_ref().expect("the world is watched");
        let violation = match &outcome.end {
            End::Violation(violation) => Some(&**violation),
            _ => watch.violation.as_deref(),
        };
        visit(&Explored { outcome: &outcome, violation, picks: world.picks(), class, world: &world });
    }
    Ok(Totals { classes: classes.len() as u64, blocked: runs, complete: true })
}
