//! THE table of native functions: one row each, classed by what it may do.
//!
//! - `guard`: a function of its arguments, legal in guards. Sees the heap.
//! - `pure`: a function of its arguments. Sees the heap.
//! - `local`: may also read and change its own process.
//! - `effect`: may reach the world; its row names the visible operation that it is, so that the scheduler is
//!   asked before it happens.
//!
//! A pure function's type has no way to a door: determinism shows in the table. Rows live in one file per
//! family; this file has their types.

mod ets_object;
pub mod families;
pub mod outcome;
pub mod table;

pub use outcome::{Answer, Class, Ctx, EffectResult, Local, Outcome, PureResult, Raise};
pub use table::{Body, Native, NativeIx, Visible, exports, lookup, native};
