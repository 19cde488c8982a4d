//! warpbeam: a runtime with the BEAM execution model.

pub mod code;
