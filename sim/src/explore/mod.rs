//! Strategies: choosers that look for bugs, and those that repeat a run.

pub mod bounded;
pub mod dpor;
pub mod dull;
pub mod pct;
pub mod pctcp;
pub mod pos;
pub mod random;
pub mod replay;
pub mod strategy;
pub mod stream;
