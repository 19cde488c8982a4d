//! Schedules: the choices of a run that were not dull, by name.
//!
//! A line says where (who acted last, and its how manieth event that was) and what was picked there.
//! Invariant: a line's meaning does not depend on the other lines.

use crate::choice::{Class, Opt, PlaceKey, Point};
use crate::name::ActorName;
use warpbeam::world::OpKind;

/// A pick that was not dull.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Deviation {
    pub class: Class,
    /// Who acted last, or whose question it is.
    pub actor: ActorName,
    /// Its events (or questions of the class) by then.
    pub count: u32,
    pub option: ActorName,
    /// What the picked one was about to do.
    pub op: OpKind,
}

impl Deviation {
    pub fn new(at: &Point<'_>, option: &Opt) -> Deviation {
        Deviation {
            class: at.class,
            actor: at.births.name(at.actor),
            count: at.count,
            option: at.births.name(option.actor),
            op: option.op.kind,
        }
    }

    pub fn place(&self) -> PlaceKey {
        PlaceKey::new(self.class, self.actor.hash(), self.count)
    }
}
