//! The families of native functions, one file each.

mod access;
mod arguments;
mod atoms;
mod binaries;
mod binary_module;
mod binary_search;
mod checksums;
mod iolists;
mod lists;
mod maps;
mod math;
mod number_text;
mod operators;
mod tuples;
mod type_tests;

use super::Native;

/// Every family's rows.
pub(crate) const ALL: &[&[Native]] = &[
    access::ROWS,
    atoms::ROWS,
    binaries::ROWS,
    binary_module::ROWS,
    binary_search::ROWS,
    checksums::ROWS,
    iolists::ROWS,
    lists::ROWS,
    maps::ROWS,
    math::ROWS,
    number_text::ROWS,
    operators::ROWS,
    tuples::ROWS,
    type_tests::ROWS,
];
