//! The dull run: option 0 everywhere.

use crate::choice::{Chooser, Opt, Point};

#[derive(Clone, Copy, Debug, Default)]
pub struct Dull;

impl Chooser for Dull {
    fn choose(&mut self, _at: &Point<'_>, _options: &[Opt]) -> usize {
        0
    }
}
