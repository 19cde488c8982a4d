//! ETS tables in simulation: what operations on them tell the digest and the trace.
//!
//! The tables themselves are the runtime's plain ones. Invariant: a note is a function of what the program
//! did and got, so that worlds that answer differently have different digests.

use super::SimWorld;
use crate::dependence::Hashes;
use crate::digest::Digest;
use warpbeam::ets::table::TableAt;
use warpbeam::world::TableNote;

impl SimWorld {
    pub(crate) fn noted_table(&mut self, note: &TableNote<'_>) {
        let mut digest = Digest(self.table_digest(note.at));
        if let Some(key) = &note.key {
            digest = digest.parcel(key, &self.births);
        }
        for row in note.rows {
            digest = digest.parcel(&row.to_parcel(), &self.births);
        }
        self.mix_running(digest.text(note.verb).0);
        let name = self.tables.get(note.at).map(|table| table.about.name);
        if let Some(keep) = &mut self.keep {
            keep.noted_table(self.slots.at(self.running).serial, note, name);
        }
    }

    /// The same for a table whatever else happens in a run.
    pub(crate) fn table_digest(&self, at: TableAt) -> u64 {
        self.births.of_table(at)
    }
}
