//! The families of native functions.

mod arguments;
mod clock;
mod control;
mod dictionary;
mod exits;
mod flags;
mod identity;
mod info;
mod links;
mod loaded;
mod monitors;
mod names;
mod persistent;
mod send;
mod spawn;
mod spawn_options;
mod suspend;
mod system;
#[cfg(test)]
mod tests;
mod time_units;
mod timers;

use super::Native;

/// Every family's rows.
pub(crate) const ALL: &[&[Native]] = &[
    clock::ROWS,
    control::ROWS,
    dictionary::ROWS,
    exits::ROWS,
    flags::ROWS,
    identity::ROWS,
    info::ROWS,
    links::ROWS,
    loaded::ROWS,
    monitors::ROWS,
    names::ROWS,
    persistent::ROWS,
    send::ROWS,
    spawn::ROWS,
    suspend::ROWS,
    system::ROWS,
    timers::ROWS,
];
