//! The families of native functions, one file each.

mod access;
mod arguments;
mod atoms;
mod binaries;
mod binary_module;
mod binary_search;
mod checksums;
mod control;
mod dictionary;
mod exits;
mod flags;
mod funs;
mod identities;
mod identity;
mod info;
mod iolists;
mod links;
mod lists;
mod maps;
mod math;
mod monitors;
mod names;
mod number_text;
mod operators;
mod send;
mod spawn;
mod spawn_options;
mod suspend;
mod terms;
mod tuples;
mod type_tests;
mod unicode;

use super::Native;

/// Every family's rows.
pub(crate) const ALL: &[&[Native]] = &[
    access::ROWS,
    atoms::ROWS,
    binaries::ROWS,
    binary_module::ROWS,
    binary_search::ROWS,
    checksums::ROWS,
    control::ROWS,
    dictionary::ROWS,
    exits::ROWS,
    flags::ROWS,
    funs::ROWS,
    identities::ROWS,
    identity::ROWS,
    info::ROWS,
    iolists::ROWS,
    links::ROWS,
    lists::ROWS,
    maps::ROWS,
    math::ROWS,
    monitors::ROWS,
    names::ROWS,
    number_text::ROWS,
    operators::ROWS,
    send::ROWS,
    spawn::ROWS,
    suspend::ROWS,
    terms::ROWS,
    tuples::ROWS,
    type_tests::ROWS,
    unicode::ROWS,
];
