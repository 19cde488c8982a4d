//! Regular expressions: what the module `re` is built on.
//!
//! Invariant: what a pattern matches is a function of the pattern, its options and the subject. Compiled code is kept
//! per thread (`cache`) and can be made again from the pattern at any time, so nothing depends on what is kept.
//! Source: the documentation of `re`; PCRE2 in place of OTP's PCRE 8, whose errors (`faults`) are told in its words.

pub mod cache;
pub mod faults;
mod latin1;
pub mod pcre;
