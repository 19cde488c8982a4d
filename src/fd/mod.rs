//! Descriptor resources: what a program holds in place of a number of the operating system.
//!
//! A number is used again by the kernel as soon as it is closed, so no operation may be on its way when it is, and
//! nobody but this module decides when that happens. Invariant: whoever asks first wins, and each descriptor
//! is closed exactly once, after the last operation on it has ended ([`life`]).
//! Everything here is a value: a copied world has its own.

pub mod life;
pub mod table;

use crate::heap::read::RefId;

/// A descriptor by the reference that its maker gave it; never used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FdId(pub RefId);

/// The kernel's number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RawFd(pub i32);
