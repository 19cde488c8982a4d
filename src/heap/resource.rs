//! A process's off-heap things: large binaries now, handles into world tables later.
//!
//! The heap word holds a ticket (index, generation); the collector marks what it meets and releases the
//! rest. Invariant: what an entry holds is immutable, or owned by this process alone (`Growing`), or an
//! identity in a table of the world. Nothing shared can change, so a copied process is independent.

use crate::term::bitsyntax::BitBuilder;
use std::sync::Arc;

/// Names an entry. A stale ticket is our bug and is asserted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ticket(pub u64);

impl Ticket {
    fn new(index: usize, generation: u32) -> Ticket {
        Ticket(((generation as u64) << 32) | index as u64)
    }

    fn index(self) -> usize {
        (self.0 & 0xffff_ffff) as usize
    }

    fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

#[derive(Debug)]
pub enum Resource {
    /// Immutable bytes.
    Bytes(Arc<Vec<u8>>),
    /// Bits that only this process sees and that appending may extend in place, by whoever holds all of them.
    Growing(BitBuilder),
}

impl Clone for Resource {
    fn clone(&self) -> Self {
        match self {
            Resource::Bytes(bytes) => Resource::Bytes(Arc::clone(bytes)),
            Resource::Growing(bytes) => Resource::Growing(bytes.clone()),
        }
    }
}

#[derive(Clone, Debug)]
struct Entry {
    generation: u32,
    marked: bool,
    old: bool,
    resource: Option<Resource>,
}

/// The table; allocates nothing until the first entry.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    entries: Vec<Entry>,
    free: Vec<u32>,
}

impl Resources {
    pub fn is_empty(&self) -> bool {
        self.entries.len() == self.free.len()
    }

    pub fn add(&mut self, resource: Resource) -> Ticket {
        if let Some(index) = self.free.pop() {
            let entry = &mut self.entries[index as usize];
            entry.resource = Some(resource);
            entry.old = false;
            entry.marked = false;
            return Ticket::new(index as usize, entry.generation);
        }
        self.entries.push(Entry { generation: 0, marked: false, old: false, resource: Some(resource) });
        Ticket::new(self.entries.len() - 1, 0)
    }

    #[inline]
    fn entry(&self, ticket: Ticket) -> &Entry {
        let entry = &self.entries[ticket.index()];
        assert!(entry.generation == ticket.generation(), "a live term's ticket is current");
        entry
    }

    #[inline]
    pub fn bytes(&self, ticket: Ticket) -> &[u8] {
        match &self.entry(ticket).resource {
            Some(Resource::Bytes(bytes)) => bytes,
            Some(Resource::Growing(built)) => built.bits().bytes,
            None => panic!("a live term's resource is in its table"),
        }
    }

    /// The bytes as immutable ones that others may share; a growing binary is frozen by this.
    pub fn shared(&mut self, ticket: Ticket) -> Arc<Vec<u8>> {
        assert!(
            self.entries[ticket.index()].generation == ticket.generation(),
            "a live term's ticket is current"
        );
        let slot = &mut self.entries[ticket.index()].resource;
        match slot.take() {
            Some(Resource::Bytes(bytes)) => {
                *slot = Some(Resource::Bytes(Arc::clone(&bytes)));
                bytes
            }
            Some(Resource::Growing(built)) => {
                let bytes = Arc::new(built.into_bytes().0);
                *slot = Some(Resource::Bytes(Arc::clone(&bytes)));
                bytes
            }
            None => panic!("a live term's resource is in its table"),
        }
    }

    /// The bits for appending, if this process alone sees them.
    pub fn growing(&mut self, ticket: Ticket) -> Option<&mut BitBuilder> {
        let entry = &mut self.entries[ticket.index()];
        assert!(entry.generation == ticket.generation(), "a live term's ticket is current");
        match &mut entry.resource {
            Some(Resource::Growing(built)) => Some(built),
            _ => None,
        }
    }

    pub(crate) fn mark(&mut self, ticket: Ticket, old: bool) {
        let entry = &mut self.entries[ticket.index()];
        assert!(entry.generation == ticket.generation(), "a live term's ticket is current");
        entry.marked = true;
        entry.old |= old;
    }

    /// Releases what was not marked: young entries only, unless `all`.
    pub(crate) fn sweep(&mut self, all: bool) {
        for (index, entry) in self.entries.iter_mut().enumerate() {
            let examined = all || !entry.old;
            if examined && !entry.marked && entry.resource.is_some() {
                entry.resource = None;
                entry.generation = entry.generation.wrapping_add(1);
                self.free.push(index as u32);
            }
            entry.marked = false;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.free.clear();
    }

    /// Bytes held.
    pub fn bytes_held(&self) -> usize {
        let held = |e: &Entry| match &e.resource {
            Some(Resource::Bytes(b)) => b.len(),
            Some(Resource::Growing(b)) => b.bits().bytes.len(),
            None => 0,
        };
        self.entries.iter().map(held).sum()
    }
}
