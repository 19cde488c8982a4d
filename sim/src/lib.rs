//! warpbeam-sim: the deterministic simulator of warpbeam, its explorers, shrinker and command line.
//!
//! A run is a value: program, [`world::settings::Settings`] and the answers of a [`choice::Chooser`] determine
//! it, on any machine. `ARCHITECTURE.md` has the map; [`world`] says how a run goes, [`schedule`] what is
//! written down of it.

pub mod campaign;
pub mod check;
pub mod choice;
pub mod cli;
pub mod corpus;
pub mod critical;
pub mod dependence;
pub mod digest;
pub mod drill;
pub mod exhaust;
pub mod explore;
pub mod guided;
pub mod journal;
pub mod json;
pub mod kernel;
pub mod linear;
pub mod name;
pub mod op_name;
pub mod oracle;
pub mod panic;
pub mod records;
pub mod runner;
pub mod schedule;
pub mod shrink;
pub mod trace;
pub mod world;

pub use check::check;
