//! `process_info`: what a process tells about itself, asked by signal.

use super::Process;
use crate::heap::HeapFull;
use crate::heap::parcel::Parcel;
use crate::world::World;

impl Process {
    /// The reply to a request for these items.
    pub(crate) fn info_reply(&mut self, items: &Parcel, _world: &mut dyn World) -> Result<Parcel, HeapFull> {
        Ok(items.clone())
    }
}
