//! From checked generic instructions to the internal form.

use super::{LoadError, Module};

/// Loads a module from the bytes of its file; its constants become literal segment `segment_number`.
pub fn load(_bytes: &[u8], _segment_number: u32) -> Result<Module, LoadError> {
    Err(LoadError::NotBeam { at: super::error::Place::in_file(0), expected: "code" })
}
