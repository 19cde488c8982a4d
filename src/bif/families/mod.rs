//! The families of native functions, one file each.

mod access;
mod arguments;
mod atoms;
mod binaries;
mod binary_module;
mod binary_search;
mod checksums;
mod funs;
mod identities;
mod iolists;
mod lists;
mod maps;
mod math;
mod number_text;
mod operators;
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
    funs::ROWS,
    identities::ROWS,
    iolists::ROWS,
    lists::ROWS,
    maps::ROWS,
    math::ROWS,
    number_text::ROWS,
    operators::ROWS,
    terms::ROWS,
    tuples::ROWS,
    type_tests::ROWS,
    unicode::ROWS,
];
