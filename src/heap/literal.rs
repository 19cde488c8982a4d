//! The literal area: constants of loaded modules, shared by every process and every world.
//!
//! Invariant: a segment never changes once it is made; a literal pointer names its segment, so a
//! collection passes over it. Messages and table rows copy literals out, so a purge can wait for the
//! processes alone.

use std::sync::Arc;

/// The constants of one loaded module.
#[derive(Debug, Default)]
pub struct Segment {
    pub words: Box<[u64]>,
    /// Large binaries; a `SharedBinary` here holds an index into this list instead of a ticket.
    pub bytes: Vec<Arc<Vec<u8>>>,
}

/// All segments that a code view knows, by number.
#[derive(Clone, Debug, Default)]
pub struct Literals {
    segments: Vec<Arc<Segment>>,
}

impl Literals {
    #[inline]
    pub fn words(&self, segment: usize) -> &[u64] {
        &self.segments[segment].words
    }

    pub fn bytes(&self, segment: usize, index: usize) -> &Arc<Vec<u8>> {
        &self.segments[segment].bytes[index]
    }

    pub fn len(&self) -> usize {
        self.segments.len()
    }

    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// The same area with one segment more, numbered by the old length.
    pub fn with(&self, segment: Arc<Segment>) -> Literals {
        let mut segments = self.segments.clone();
        segments.push(segment);
        Literals { segments }
    }
}
