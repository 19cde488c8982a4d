//! Strategies: choosers that look for bugs, and those that repeat a run.

pub mod dpor;
pub mod dull;
pub mod pct;
pub mod random;
pub mod replay;
pub mod strategy;
pub mod stream;
