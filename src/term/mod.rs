//! Terms: what a 64-bit word means, and everything that reads terms without changing them.
//!
//! Invariant: nothing here depends on an address or on the order in which atoms were interned.

pub mod atom;
pub mod bignum;
pub mod bitsyntax;
pub mod etf;
pub mod float_text;
pub mod fun;
pub mod hash;
pub mod integer_text;
pub mod map;
pub mod number;
pub mod order;
pub mod phash;
pub mod phash2;
pub mod show;
pub mod word;

pub use atom::{Atom, atoms};
pub use word::{Header, Tag, Word};
