//! The slots of a set or bag in the order in which they came, close together, and linked into chains.
//!
//! A chain is what one bucket has; which chain a slot is in is for the bucket to know. Who looks keys up in the order in
//! which they were put in goes through memory in one direction. Invariants: there is no gap, so that what is taken out
//! gives its memory back, and the last slot moves to its place; a copy shares the chunks that neither has changed since.

use super::tree::Slot;
use triomphe::Arc;

/// Slots that are copied together when one of them is written while another copy has them.
const CHUNK: usize = 32;

/// Where a slot is, or that there is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Link(u32);

impl Link {
    pub const NONE: Link = Link(0);

    fn to(index: usize) -> Link {
        Link(u32::try_from(index + 1).expect("a table has fewer keys than fill the memory of this machine"))
    }

    #[inline(always)]
    fn index(self) -> usize {
        (self.0 as usize).wrapping_sub(1)
    }
}

/// The slot of a key, with its hash.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub short: u64,
    pub slot: Slot,
    /// The one behind it in its chain.
    pub next: Link,
}

type Chunk = [Option<Item>; CHUNK];

#[derive(Clone, Debug, Default)]
pub(super) struct Stock {
    chunks: Arc<Vec<Arc<Chunk>>>,
    len: usize,
}

impl Stock {
    pub fn len(&self) -> usize {
        self.len
    }

    #[inline(always)]
    pub fn get(&self, link: Link) -> Option<&Item> {
        let index = link.index();
        self.chunks.get(index / CHUNK)?[index % CHUNK].as_ref()
    }

    #[inline(always)]
    pub fn get_mut(&mut self, link: Link) -> &mut Item {
        self.place(link.index()).as_mut().expect("a link leads to a slot")
    }

    #[inline(always)]
    fn place(&mut self, index: usize) -> &mut Option<Item> {
        let chunks = Arc::make_mut(&mut self.chunks);
        &mut Arc::make_mut(&mut chunks[index / CHUNK])[index % CHUNK]
    }

    pub fn push(&mut self, item: Item) -> Link {
        let index = self.len;
        if index.is_multiple_of(CHUNK) {
            Arc::make_mut(&mut self.chunks).push(Arc::new(Chunk::default()));
        }
        *self.place(index) = Some(item);
        self.len += 1;
        Link::to(index)
    }

    /// The last one, which moves when another is taken out.
    pub fn last(&self) -> Link {
        Link::to(self.len - 1)
    }

    /// Takes a slot out, to which nothing is linked any more; the last one moves to its place.
    pub fn take(&mut self, link: Link) -> Item {
        self.len -= 1;
        let last = self.place(self.len).take().expect("there is no gap");
        if self.len.is_multiple_of(CHUNK) {
            Arc::make_mut(&mut self.chunks).pop();
        }
        if link.index() == self.len {
            return last;
        }
        self.place(link.index()).replace(last).expect("a link leads to a slot")
    }

    pub fn each_mut(&mut self, change: &mut dyn FnMut(&mut Slot)) {
        for chunk in Arc::make_mut(&mut self.chunks) {
            Arc::make_mut(chunk).iter_mut().flatten().for_each(|item| change(&mut item.slot));
        }
    }
}

#[cfg(test)]
impl Stock {
    /// There are as many chunks as the slots need, and no gap among these.
    pub fn check(&self) {
        assert_eq!(self.chunks.len(), self.len.div_ceil(CHUNK));
        let places = self.chunks.iter().flat_map(|chunk| chunk.iter());
        assert!(places.enumerate().all(|(index, place)| place.is_some() == (index < self.len)));
    }
}
