//! The code as a world sees it: its view, and what the program changes of it.
//!
//! Invariant: whoever changed the code sees the change in its next call, and every other process from its next slice on.

use crate::code::{CodeError, CodeView, WorldCode};
use crate::term::Atom;
use std::sync::Arc;

pub trait Code {
    /// The number of the view: another one when the view is another.
    fn code_version(&self) -> u64;
    fn code_view(&self) -> Arc<CodeView>;
    /// Loads a module from the source unless it is loaded.
    fn ensure_loaded(&mut self, module: Atom) -> Result<(), CodeError>;
    /// Shows the world's code to `f`, which may change it.
    fn change_code(&mut self, f: &mut dyn FnMut(&mut WorldCode));
}
