//! What a program says about itself, for whoever explores it: claims, notes, histories, and values that it leaves open.
//! The functions of the module `warpbeam` (`boot/warpbeam.erl`).
//!
//! Invariant: nothing here changes what the program does, but for the values that it asks for and a broken claim in a
//! world without a judge, which raises an exception in the process that made it.

use crate::heap::parcel::Parcel;
use crate::process::pid::Pid;

/// A claim, with what its condition was.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Claim {
    /// Holds each time.
    Always(bool),
    /// This place is never reached.
    Unreachable,
    /// Holds at least once in all runs together.
    Sometimes(bool),
    /// This place is reached at least once in all runs together.
    Reachable,
    /// `false`: it must still hold once in this run. `true`: it does.
    Eventually(bool),
}

impl Claim {
    pub fn name(self) -> &'static str {
        match self {
            Claim::Always(_) => "always",
            Claim::Unreachable => "unreachable",
            Claim::Sometimes(_) => "sometimes",
            Claim::Reachable => "reachable",
            Claim::Eventually(_) => "eventually",
        }
    }

    /// Whether it is false already, whatever else happens.
    pub fn is_broken(self) -> bool {
        matches!(self, Claim::Always(false) | Claim::Unreachable)
    }
}

/// How an operation of a recorded history ended.
#[derive(Clone, Debug)]
pub enum Returned {
    /// With this result.
    Ok(Parcel),
    /// It had no effect.
    Failed,
}

pub trait Oracles {
    /// Whether claims are judged here.
    fn judges(&self) -> bool {
        false
    }

    fn claim(&mut self, _me: Pid, _claim: Claim, _name: Parcel) {}

    /// One of `arity` values, from 0. `arity` is not 0.
    fn choose(&mut self, me: Pid, arity: u32) -> u32;

    fn note(&mut self, _me: Pid, _term: Parcel) {}

    /// An operation on an object begins; its number among those of the run.
    fn invoked(&mut self, _me: Pid, _object: Parcel, _operation: Parcel) -> u64 {
        0
    }

    /// It has ended.
    fn returned(&mut self, _me: Pid, _operation: u64, _how: Returned) {}
}
