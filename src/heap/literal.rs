//! The literal area: constants of loaded modules, shared by every process and every world.
//!
//! Invariant: a segment never changes once it is made; a literal pointer names its segment, so a
//! collection passes over it. Messages and table rows copy literals out, so a purge can wait for the
//! processes alone.

use super::resource::Attached;
use std::sync::Arc;

/// The constants of one loaded module.
#[derive(Debug, Default)]
pub struct Segment {
    pub words: Box<[u64]>,
    /// What the words hold an index of in place of a ticket: large binaries, handles.
    pub attached: Vec<Attached>,
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

    pub fn attached(&self, segment: usize, index: usize) -> &Attached {
        &self.segments[segment].attached[index]
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
