//! ETS: tables of rows, outside of every process.
//!
//! Invariant: a table is plain data, the same in both worlds; what it answers, and the order in which it is
//! walked, are functions of its content. Rows are immutable and shared, so a copy of a table is cheap.
//! Source: the documentation of the module `ets`.

pub mod buckets;
pub mod counter;
pub mod directory;
pub mod fixation;
pub mod holdings;
pub mod key;
pub mod matchspec;
pub mod release;
pub mod row;
pub mod shelf;
pub mod stock;
pub mod table;
pub mod tree;
