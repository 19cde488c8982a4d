//! Erlang/OTP's own libraries: found where OTP is installed, read as they are, and the few modules of ours that
//! stand in for those of OTP's that only work with OTP's emulator below them.
//!
//! Invariant: nothing here runs anything, and nothing of OTP is copied: its modules are read from the
//! installation when they are called.

pub mod find;
pub mod own;
pub mod project;
pub mod reach;
pub mod services;
