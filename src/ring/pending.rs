//! The operations in flight: who waits for each, and what it is about.
//!
//! Invariant: an operation is here from before it is submitted until its completion has been dealt with; its
//! number is never used again.

use super::desk::{Shape, Waiter};
use super::request::OpId;
use super::short::ShortMap;
use crate::fd::FdId;
use crate::heap::read::RefId;

/// An operation in flight.
#[derive(Clone, Debug)]
pub struct Pending {
    /// The reference by which the program knows it; of a close that nobody waits for, the descriptor's. No two
    /// operations in flight share one.
    pub name: RefId,
    pub waiter: Option<Waiter>,
    /// Makes the reply.
    pub shape: Shape,
    pub role: Role,
    /// Bytes that earlier parts of the same operation have moved.
    pub moved: usize,
    /// Parts that have ended before.
    pub parts: u32,
    pub cancelled: bool,
}

/// What an operation has to do with a descriptor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Nothing.
    Free,
    /// Uses it.
    Uses(FdId),
    /// Opens it, using another or none.
    Opens {
        opened: FdId,
        with: Option<FdId>,
    },
    Closes(FdId),
}

impl Role {
    /// The descriptor that it keeps alive.
    #[inline]
    pub fn used(self) -> Option<FdId> {
        match self {
            Role::Uses(fd) => Some(fd),
            Role::Opens { with, .. } => with,
            Role::Free | Role::Closes(_) => None,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Register {
    ops: ShortMap<OpId, Pending>,
    by_name: ShortMap<RefId, OpId>,
    last: u64,
}

impl Register {
    /// A number for it, before it is submitted.
    pub fn add(&mut self, pending: Pending) -> OpId {
        self.last += 1;
        let id = OpId(self.last);
        let old = self.by_name.insert(pending.name, id);
        assert!(old.is_none(), "a reference names one operation in flight");
        self.ops.insert(id, pending);
        id
    }

    /// A completion has come. `None`: there is no such operation any more, or there never was.
    pub fn remove(&mut self, id: OpId) -> Option<Pending> {
        let pending = self.ops.remove(&id)?;
        self.by_name.remove(&pending.name);
        Some(pending)
    }

    #[inline]
    pub fn get(&self, id: OpId) -> Option<&Pending> {
        self.ops.get(&id)
    }

    #[inline]
    pub fn get_mut(&mut self, id: OpId) -> Option<&mut Pending> {
        self.ops.get_mut(&id)
    }

    pub fn named(&self, name: RefId) -> Option<OpId> {
        self.by_name.get(&name).copied()
    }

    /// In order of submission.
    pub fn ids(&self) -> Vec<OpId> {
        let mut ids: Vec<OpId> = self.ops.iter().map(|(&id, _)| id).collect();
        ids.sort_unstable();
        ids
    }

    pub fn len(&self) -> usize {
        self.ops.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    pub fn clear(&mut self) {
        self.ops.clear();
        self.by_name.clear();
        self.last = 0;
    }
}
