//! Links: symmetric, one per pair, with acknowledged unlinking.
//!
//! An unlinked process keeps its entry as `Unlinking` until the peer's acknowledgement, so that an exit
//! signal which was already on its way is ignored, and a link made again meanwhile is not confused with the
//! old one. Source: the distribution protocol's link protocol, which OTP uses locally too.

use super::Control;
use super::pid::Pid;
use super::signal::Signal;
use crate::planted;
use crate::world::{NoProcess, World};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkState {
    Linked,
    /// Unlinked here; waits for the acknowledgement with this id.
    Unlinking(u64),
}

/// The other process of a link does not exist.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoPeer;

impl Control {
    /// `link/1`.
    pub fn link(&mut self, peer: Pid, world: &mut dyn World) -> Result<(), NoPeer> {
        if peer == self.pid || self.links.get(peer) == Some(&LinkState::Linked) {
            return Ok(());
        }
        let before = self.links.insert(peer, LinkState::Linked);
        if let Err(NoProcess(_)) = world.send(self.pid, peer, Signal::Link { from: self.pid }) {
            if planted!(LinkToDead) {
                return Ok(());
            }
            // Where an unlink is under way it stays so: a link signal that the peer sent before its end must
            // still find it.
            match before {
                Some(state) => self.links.insert(peer, state),
                None => self.links.remove(peer),
            };
            return Err(NoPeer);
        }
        Ok(())
    }

    /// `unlink/1`.
    pub fn unlink(&mut self, peer: Pid, world: &mut dyn World) {
        if self.links.get(peer) != Some(&LinkState::Linked) {
            return;
        }
        self.unlinks_made += 1;
        let id = self.unlinks_made;
        self.links.insert(peer, LinkState::Unlinking(id));
        if let Err(NoProcess(_)) = world.send(self.pid, peer, Signal::Unlink { from: self.pid, id }) {
            self.links.remove(peer);
        }
    }

    pub(crate) fn linked_by(&mut self, peer: Pid) {
        if self.links.get(peer).is_none() {
            self.links.insert(peer, LinkState::Linked);
        }
    }

    pub(crate) fn unlinked_by(&mut self, peer: Pid, id: u64, world: &mut dyn World) {
        if self.links.get(peer) == Some(&LinkState::Linked) {
            self.links.remove(peer);
        }
        // A peer that is gone needs no acknowledgement.
        let _ = world.send(self.pid, peer, Signal::UnlinkAck { from: self.pid, id });
    }

    pub(crate) fn unlink_acknowledged(&mut self, peer: Pid, id: u64) {
        if self.links.get(peer) == Some(&LinkState::Unlinking(id)) || planted!(OldUnlinkCounts) {
            self.links.remove(peer);
        }
    }

    /// A linked process ended. Whether the link was active, so that the exit signal counts.
    pub(crate) fn link_broken(&mut self, peer: Pid) -> bool {
        self.links.remove(peer) == Some(LinkState::Linked) || planted!(UnlinkIgnored)
    }
}
