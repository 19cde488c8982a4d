//! A process's off-heap things: large binaries, and handles of rows in tables of the world.
//!
//! The heap word holds a ticket (index, generation); the collector marks what it meets and releases the
//! rest. Invariant: what an entry holds is immutable, or owned by this process alone (`Growing`), or an
//! identity in a table of the world. Nothing shared can change, so a copied process is independent.
//!
//! The world hears of a handle that was let go after the collection, or at the end of the process ([`Resources::take_released`]), never
//! inside the collector. Handles go with semantic major collections and with their process alone: those happen
//! at points that no collection plan changes, and see all that is reachable, so when the world hears is a
//! function of the program. Of a descriptor that was ever sent, or stored elsewhere, it does not hear: that one stays until it
//! is closed, or its owner ends. Counting who has it would need a count that copied worlds share.

use super::read::RefId;
use crate::ets::matchspec::MatchSpec;
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

/// Which of the world's tables a handle is of, or what it carries itself.
#[derive(Clone, Debug)]
pub enum HandleKind {
    /// `atomics` and `counters`.
    Counters,
    /// A buffer or a stream ([`crate::world::cells`]).
    Cell,
    /// A descriptor ([`crate::fd`]), which only its owner can use.
    Descriptor,
    /// A compiled match specification. It is immutable, so no table has it.
    MatchSpec(Arc<MatchSpec>),
}

/// A row of a table of the world, by the reference that programs know it by. Where all are gone (the `Arc` is
/// the count), no process can reach the row.
#[derive(Debug)]
pub struct Handle {
    pub kind: HandleKind,
    pub id: RefId,
}

/// A reference says which handle it is.
impl PartialEq for Handle {
    fn eq(&self, other: &Handle) -> bool {
        self.id == other.id
    }
}

impl Eq for Handle {}

/// What travels with a parcel or lies with a literal.
#[derive(Clone, Debug)]
pub enum Attached {
    Bytes(Arc<Vec<u8>>),
    Handle(Arc<Handle>),
}

impl Attached {
    /// Bytes that it keeps in memory.
    pub fn size(&self) -> usize {
        match self {
            Attached::Bytes(bytes) => bytes.len(),
            Attached::Handle(_) => 0,
        }
    }
}

#[derive(Debug)]
pub enum Resource {
    /// Immutable bytes.
    Bytes(Arc<Vec<u8>>),
    Handle(Arc<Handle>),
    /// Bits that only this process sees and that appending may extend in place, by whoever holds all of them.
    Growing(BitBuilder),
}

impl Clone for Resource {
    fn clone(&self) -> Self {
        match self {
            Resource::Bytes(bytes) => Resource::Bytes(Arc::clone(bytes)),
            Resource::Handle(handle) => Resource::Handle(Arc::clone(handle)),
            Resource::Growing(bytes) => Resource::Growing(bytes.clone()),
        }
    }
}

impl From<Attached> for Resource {
    fn from(attached: Attached) -> Resource {
        match attached {
            Attached::Bytes(bytes) => Resource::Bytes(bytes),
            Attached::Handle(handle) => Resource::Handle(handle),
        }
    }
}

/// What a collection lets go of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sweep {
    /// Young bytes.
    Young,
    /// Bytes.
    All,
    /// Bytes and handles.
    AllAndHandles,
}

#[derive(Clone, Debug)]
struct Entry {
    generation: u32,
    marked: bool,
    old: bool,
    /// A handle that has been in a parcel: it may be elsewhere too, or come back.
    lent: bool,
    resource: Option<Resource>,
}

/// The table; allocates nothing until the first entry.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    entries: Vec<Entry>,
    free: Vec<u32>,
    /// Handles let go that the world has not heard of.
    released: Vec<Arc<Handle>>,
}

impl Resources {
    pub fn is_empty(&self) -> bool {
        self.entries.len() == self.free.len()
    }

    /// Adds what came in a parcel.
    pub fn add_attached(&mut self, attached: Attached) -> Ticket {
        let ticket = self.add(attached.into());
        self.entries[ticket.index()].lent = true;
        ticket
    }

    pub fn add(&mut self, resource: Resource) -> Ticket {
        if let Some(index) = self.free.pop() {
            let entry = &mut self.entries[index as usize];
            entry.resource = Some(resource);
            entry.old = false;
            entry.marked = false;
            entry.lent = false;
            return Ticket::new(index as usize, entry.generation);
        }
        let entry = Entry { generation: 0, marked: false, old: false, lent: false, resource: Some(resource) };
        self.entries.push(entry);
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
            _ => panic!("a shared binary's bytes are in its table"),
        }
    }

    pub fn handle(&self, ticket: Ticket) -> &Arc<Handle> {
        match &self.entry(ticket).resource {
            Some(Resource::Handle(handle)) => handle,
            _ => panic!("a handle's entry is in its table"),
        }
    }

    /// Whether it has been in a parcel.
    pub fn is_lent(&self, ticket: Ticket) -> bool {
        self.entry(ticket).lent
    }

    /// The resource as one that others may share; a growing binary is frozen by this.
    pub fn shared(&mut self, ticket: Ticket) -> Attached {
        assert!(
            self.entries[ticket.index()].generation == ticket.generation(),
            "a live term's ticket is current"
        );
        self.entries[ticket.index()].lent = true;
        let slot = &mut self.entries[ticket.index()].resource;
        let shared = match slot.take() {
            Some(Resource::Bytes(bytes)) => Attached::Bytes(bytes),
            Some(Resource::Growing(built)) => Attached::Bytes(Arc::new(built.into_bytes().0)),
            Some(Resource::Handle(handle)) => Attached::Handle(handle),
            None => panic!("a live term's resource is in its table"),
        };
        *slot = Some(shared.clone().into());
        shared
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

    /// Releases what was not marked and may go.
    pub(crate) fn sweep(&mut self, sweep: Sweep) {
        for (index, entry) in self.entries.iter_mut().enumerate() {
            let examined = match &entry.resource {
                None => false,
                Some(Resource::Handle(_)) => sweep == Sweep::AllAndHandles,
                Some(_) => sweep != Sweep::Young || !entry.old,
            };
            if examined && !entry.marked {
                if let Some(Resource::Handle(handle)) = entry.resource.take()
                    && !(entry.lent && matches!(handle.kind, HandleKind::Descriptor))
                {
                    self.released.push(handle);
                }
                entry.generation = entry.generation.wrapping_add(1);
                self.free.push(index as u32);
            }
            entry.marked = false;
        }
    }

    /// Whether the world is to hear of handles.
    #[inline]
    pub(crate) fn has_released(&self) -> bool {
        !self.released.is_empty()
    }

    /// Handles let go since the last call.
    pub(crate) fn take_released(&mut self) -> Vec<Arc<Handle>> {
        std::mem::take(&mut self.released)
    }

    /// The process is gone: every handle goes. A descriptor is closed with its owner, who need not be this process.
    pub(crate) fn release_all(&mut self) {
        for entry in &mut self.entries {
            if let Some(Resource::Handle(handle)) = &entry.resource
                && !matches!(handle.kind, HandleKind::Descriptor)
            {
                self.released.push(Arc::clone(handle));
            }
        }
        self.entries.clear();
        self.free.clear();
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.free.clear();
        self.released.clear();
    }

    /// Bytes held.
    pub fn bytes_held(&self) -> usize {
        let held = |e: &Entry| match &e.resource {
            Some(Resource::Bytes(b)) => b.len(),
            Some(Resource::Growing(b)) => b.bits().bytes.len(),
            Some(Resource::Handle(_)) | None => 0,
        };
        self.entries.iter().map(held).sum()
    }
}
