//! warpbeam: a runtime with the BEAM execution model.
