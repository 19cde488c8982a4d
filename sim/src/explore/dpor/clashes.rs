//! Which events of the run touch what the next one touches.
//!
//! Objects are told apart by some bits of their hashes, so that what is found may clash and what is not found does not.
//! Invariant: the sets hold the events of the run and no others.

use super::bits::Bits;
use super::event::Event;
use crate::dependence::{Access, Mode};

/// Bits of an object's hash that choose its row.
const BITS: u32 = 7;

/// Events that touch objects of a row, in each mode.
#[derive(Clone, Default)]
struct Row {
    all: Bits,
    writes: Bits,
    parts: Bits,
    wholes: Bits,
}

pub(super) struct Clashes {
    rows: Box<[Row]>,
}

impl Default for Clashes {
    fn default() -> Clashes {
        Clashes { rows: vec![Row::default(); 1 << BITS].into_boxed_slice() }
    }
}

fn row(access: &Access) -> usize {
    (access.object >> (64 - BITS)) as usize
}

impl Row {
    /// Those in the mode of the access, if it is not [`Mode::Read`], which is in `all` only.
    fn of_mode(&mut self, mode: Mode) -> Option<&mut Bits> {
        match mode {
            Mode::Read => None,
            Mode::Write => Some(&mut self.writes),
            Mode::Part => Some(&mut self.parts),
            Mode::Whole => Some(&mut self.wholes),
        }
    }
}

impl Clashes {
    /// Event `at` has come.
    pub fn add(&mut self, at: usize, event: &Event) {
        for access in event.accesses.iter().chain(event.after.iter().map(|after| &after.access)) {
            let row = &mut self.rows[row(access)];
            row.all.insert(at);
            row.of_mode(access.mode).into_iter().for_each(|bits| bits.insert(at));
        }
    }

    /// Event `at` is taken off.
    pub fn remove(&mut self, at: usize, event: &Event) {
        for access in event.accesses.iter().chain(event.after.iter().map(|after| &after.access)) {
            let row = &mut self.rows[row(access)];
            row.all.remove(at);
            row.of_mode(access.mode).into_iter().for_each(|bits| bits.remove(at));
        }
    }

    /// Adds those that may clash with the access.
    #[inline]
    pub fn with(&self, access: &Access, near: &mut Bits) {
        let row = &self.rows[row(access)];
        match access.mode {
            Mode::Read => near.join(&row.writes),
            Mode::Write => near.join(&row.all),
            Mode::Part => {
                near.join(&row.writes);
                near.join(&row.wholes);
            }
            Mode::Whole => {
                near.join(&row.writes);
                near.join(&row.parts);
            }
        }
    }
}
