//! A process's heap: one contiguous block of words, old generation below, young above.
//!
//! ```text
//! 0        old_top   young_base        mature            words.len()
//! [ old    | slack   | survived once   | fresh           ) ... capacity
//! ```
//! Pointers are indices, so growing the block moves nothing; only `collect` does. Objects never change
//! after they are made (the compiler's `set_tuple_element` aside, which touches fresh tuples only), so no
//! old object points to a young one and there is no write barrier.
//!
//! Invariant: a collection runs only at a safepoint of the interpreter, never while a Rust frame holds a
//! term; [`mutator::Term`] makes the compiler check that. Source: OTP's internal document on garbage
//! collection for the generations and the mature mark; one block with indices is ours.

pub mod binary;
pub mod build;
pub mod collect;
pub mod literal;
pub mod mutator;
pub mod parcel;
pub mod policy;
pub mod read;
pub mod resource;
pub mod space;
pub mod verify;

use crate::term::Word;
use literal::Literals;
use policy::Policy;
use resource::Resources;
use std::sync::Arc;

/// No room: the process's ceiling, the world's budget or the machine's memory is reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeapFull;

/// The heap of one process.
pub struct Heap {
    /// Everything allocated; `len` is the top.
    pub(crate) words: Vec<u64>,
    pub(crate) old_top: usize,
    pub(crate) young_base: usize,
    /// Below it, young objects have survived a collection and are promoted by the next one.
    pub(crate) mature: usize,
    /// A collection is due once `words.len()` would pass this.
    pub(crate) limit: usize,
    pub(crate) literals: Arc<Literals>,
    pub(crate) resources: Resources,
    pub(crate) policy: Policy,
}

impl Clone for Heap {
    fn clone(&self) -> Heap {
        let mut heap = Heap::new(Arc::clone(&self.literals), self.policy);
        heap.clone_from(self);
        heap
    }

    /// In the block that there is.
    fn clone_from(&mut self, from: &Heap) {
        let Heap { words, old_top, young_base, mature, limit: _, literals, resources, policy } = from;
        self.words.clone_from(words);
        self.old_top = *old_top;
        self.young_base = *young_base;
        self.mature = *mature;
        self.set_literals(literals);
        self.resources.clone_from(resources);
        self.policy = *policy;
        self.open_limit();
    }
}

impl Heap {
    pub fn new(literals: Arc<Literals>, policy: Policy) -> Heap {
        Heap {
            words: Vec::new(),
            old_top: 0,
            young_base: 0,
            mature: 0,
            limit: policy.first_limit(),
            literals,
            resources: Resources::default(),
            policy,
        }
    }

    /// Empties the heap for another process, keeping the block.
    pub fn reset(&mut self, literals: &Arc<Literals>, policy: Policy) {
        if !Arc::ptr_eq(&self.literals, literals) {
            self.literals = Arc::clone(literals);
        }
        self.renew(policy);
    }

    /// The same, keeping the literals too.
    pub(crate) fn renew(&mut self, policy: Policy) {
        self.words.clear();
        self.old_top = 0;
        self.young_base = 0;
        self.mature = 0;
        self.limit = policy.first_limit();
        self.resources.clear();
        self.policy = policy;
    }

    /// Words in use, slack included.
    #[inline]
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Words of memory that the block takes.
    pub(crate) fn capacity(&self) -> usize {
        self.words.capacity()
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether allocating `need` more words asks for a collection first.
    #[inline(always)]
    pub fn wants_collection(&self, need: usize) -> bool {
        self.words.len() + need > self.limit
    }

    /// Room for `need` words without moving anything, or an error that leaves the heap as it was.
    #[inline]
    pub fn reserve(&mut self, need: usize) -> Result<(), HeapFull> {
        if self.words.capacity() - self.words.len() >= need { Ok(()) } else { self.grow(need) }
    }

    #[cold]
    fn grow(&mut self, need: usize) -> Result<(), HeapFull> {
        let wanted = self.words.len().checked_add(need).ok_or(HeapFull)?;
        if wanted > self.policy.ceiling_words {
            return Err(HeapFull);
        }
        let roomy = wanted.max(self.words.capacity() * 2).min(self.policy.ceiling_words);
        let extra = roomy - self.words.len();
        self.words
            .try_reserve_exact(extra)
            .or_else(|_| self.words.try_reserve_exact(need))
            .map_err(|_| HeapFull)?;
        self.open_limit();
        Ok(())
    }

    pub(crate) fn set_literals(&mut self, literals: &Arc<Literals>) {
        if !Arc::ptr_eq(&self.literals, literals) {
            self.literals = Arc::clone(literals);
        }
    }

    /// The block that a pointer points into, and the index of its object there.
    #[inline(always)]
    pub fn place(&self, pointer: Word) -> (&[u64], usize) {
        if pointer.is_literal() {
            let (segment, offset) = pointer.literal_place();
            (self.literals.words(segment), offset)
        } else {
            (&self.words, pointer.index())
        }
    }
}
