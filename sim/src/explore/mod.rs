//! Strategies: choosers that look for bugs, and those that repeat a run.

pub mod bounded;
pub mod coverage;
pub mod dpor;
pub mod dull;
pub mod learner;
pub mod mutate;
pub mod pct;
pub mod pctcp;
pub mod pos;
pub mod random;
pub mod replay;
pub mod reverse;
pub mod scout;
pub mod spine;
pub mod strategy;
pub mod stream;
pub mod survey;
pub mod surw;
