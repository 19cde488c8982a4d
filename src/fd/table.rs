//! The descriptors of a world, by identity and by owner.
//!
//! Invariant: a row is there from the moment that somebody means to open the descriptor until it is closed or was
//! never opened; the index by owner has each row once.

use super::FdId;
use super::life::{Life, State};
use crate::heap::read::RefId;
use crate::process::pid::Pid;
use crate::ring::desk::{Shape, Waiter};
use crate::ring::request::OpId;
use crate::ring::short::ShortMap;
use std::collections::BTreeSet;

/// A descriptor.
#[derive(Clone, Debug)]
pub struct Row {
    pub life: Life,
    pub owner: Pid,
    /// Operations in flight on it, in order of their beginning; the one that opens it too.
    pub running: Vec<OpId>,
    /// Who waits until it is closed, and the name of that operation.
    pub close_waiter: Option<(RefId, Waiter, Shape)>,
    /// No program can reach it any more, but somebody waits for an operation on it: it is closed when that has ended.
    pub let_go: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Descriptors {
    rows: ShortMap<FdId, Row>,
    owned: BTreeSet<(Pid, FdId)>,
}

impl Descriptors {
    /// A descriptor that is to be opened.
    pub fn add(&mut self, id: FdId, owner: Pid) {
        let row =
            Row { life: Life::opening(), owner, running: Vec::new(), close_waiter: None, let_go: false };
        let old = self.rows.insert(id, row);
        assert!(old.is_none(), "a reference names one descriptor");
        self.owned.insert((owner, id));
    }

    #[inline]
    pub fn get(&self, id: FdId) -> Option<&Row> {
        self.rows.get(&id)
    }

    #[inline]
    pub fn get_mut(&mut self, id: FdId) -> Option<&mut Row> {
        self.rows.get_mut(&id)
    }

    pub fn remove(&mut self, id: FdId) {
        let row = self.rows.remove(&id).expect("a descriptor that goes was there");
        assert!(row.running.is_empty(), "no operation is in flight on a descriptor that goes");
        self.owned.remove(&(row.owner, id));
    }

    /// Gives it to another process. Whether it is there and open.
    pub fn set_owner(&mut self, id: FdId, owner: Pid) -> bool {
        let Some(row) = self.rows.get_mut(&id).filter(|row| matches!(row.life.state(), State::Open(_)))
        else {
            return false;
        };
        self.owned.remove(&(row.owner, id));
        row.owner = owner;
        self.owned.insert((owner, id));
        true
    }

    /// What a process owns, in order of making.
    pub fn owned_by(&self, owner: Pid) -> impl Iterator<Item = FdId> + '_ {
        let from = (owner, FdId(RefId { creator: 0, count: 0 }));
        self.owned.range(from..).take_while(move |(pid, _)| *pid == owner).map(|&(_, id)| id)
    }

    /// In no order.
    pub fn iter(&self) -> impl Iterator<Item = (FdId, &Row)> {
        self.rows.iter().map(|(&id, row)| (id, row))
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn clear(&mut self) {
        self.rows.clear();
        self.owned.clear();
    }
}
