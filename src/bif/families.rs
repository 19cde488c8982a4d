//! The families of native functions.

use super::Native;

/// Every family's rows.
pub(crate) const ALL: &[&[Native]] = &[];
