//! warpbeam: a runtime with the BEAM's execution model, for the same `.beam` programs in two ways: from a
//! seed in a deterministic simulator, and on real threads.
//!
//! `ARCHITECTURE.md` has the map and the invariants. This crate is the runtime; the simulator is the
//! workspace member `warpbeam-sim`, which this crate never names.

pub mod bif;
pub mod code;
pub mod ets;
pub mod fd;
pub mod heap;
pub mod interp;
pub mod native;
pub mod otp;
pub mod planted;
pub mod process;
pub mod regex;
pub mod ring;
pub mod sched;
pub mod term;
pub mod time;
pub mod world;
