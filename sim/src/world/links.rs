//! Links between simulated hosts, as far as they are the world's: what strikes there, and when what is late comes.
//!
//! Invariant: a passage is a timer that nobody stops, named by its link and how many were there before.

use super::SimWorld;
use super::timers::Due;
use crate::choice::Actor;
use crate::kernel::Fate;
use crate::kernel::fault::Fault;
use crate::kernel::host::Passage;
use crate::kernel::link::late_ns;
use warpbeam::ring::Request;
use warpbeam::ring::request::OpId;
use warpbeam::time::{Deadline, Instant};

/// How much longer something slow takes than the others: more than the five seconds that calls wait.
const SLOW_NS: u64 = 6_000_000_000;

impl SimWorld {
    pub(super) fn start_passages(&mut self) {
        for (passage, after_ns) in self.ring.desk.ring.take_departed() {
            let Passage { from, to, count } = passage;
            let actor = Actor::Link { from: from.0, to: to.0, count };
            let deadline = Deadline(Instant { ns: self.now.ns.saturating_add(after_ns) });
            self.timers.start(deadline, actor, Due::Passage(passage), self.steps());
        }
    }

    /// What was on its way between hosts comes, or a cut between them heals.
    pub(super) fn passage_ends(&mut self, passage: Passage) {
        let text = self.ring.desk.ring.arrive(passage);
        if let Some(keep) = &mut self.keep {
            keep.arrives(text);
        }
        self.seat_ready();
    }

    /// Whether a fault of links can strike an operation: the first part of what goes over a link that is whole.
    pub(super) fn strikes_link(&self, id: OpId, fault: Fault) -> bool {
        let kernel = &self.ring.desk.ring;
        match fault {
            fault if fault.cuts() => kernel.can_cut(id, fault),
            _ => kernel.crosses(id).is_some() && !self.ring.books.was_slow(id),
        }
    }

    /// How much longer an operation takes than to here.
    pub(super) fn takes_longer(&mut self, id: OpId, fate: Fate) -> Option<u64> {
        let fault = match fate {
            Fate::Strikes(fault) => Some(fault),
            Fate::Done => None,
            Fate::GivenUp => return None,
        };
        match fault {
            Some(Fault::Slow) => return Some(SLOW_NS),
            Some(fault @ (Fault::Delay | Fault::Drop)) => {
                if !matches!(self.ring.desk.ring.request(id), Some((Request::Connect { .. }, _))) {
                    return None;
                }
                self.ring.books.slows(id);
                return late_ns(fault);
            }
            Some(fault) if fault.cuts() => {
                let text = self.ring.desk.ring.cut(id, fault);
                if let Some(keep) = &mut self.keep {
                    keep.network(text);
                }
            }
            Some(_) => return None,
            None => {}
        }
        self.ring.desk.ring.waits_for_link(id)
    }
}
