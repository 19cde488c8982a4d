//! The families of native functions, one file each.

mod access;
mod accounts;
mod arguments;
mod atoms;
mod binaries;
mod binary_module;
mod binary_search;
mod calendar;
mod checksums;
mod clock;
mod control;
mod counters;
mod crypto;
mod dictionary;
mod environment;
mod ets_access;
mod ets_counters;
mod ets_info;
mod ets_rows;
mod ets_select;
mod ets_spec;
mod ets_tables;
mod ets_walk;
mod exits;
mod flags;
mod funs;
mod http_lines;
mod identities;
mod identity;
mod info;
mod iolists;
mod links;
mod lists;
mod loaded;
mod machinery;
mod maps;
mod match_specs;
mod math;
mod monitors;
mod names;
mod native;
mod number_text;
mod operators;
mod oracles;
mod packets;
mod persistent;
mod ports;
mod prim_buffer;
mod prim_file;
mod re;
mod re_options;
mod ring_calls;
mod send;
mod services;
mod sockets;
mod spawn;
mod spawn_options;
mod suspend;
mod system;
mod terms;
mod time_units;
mod timers;
mod tracing;
mod tuples;
mod type_tests;
mod unicode;
mod versions;
mod zlib;

use super::Native;

/// Every family's rows.
pub(crate) const ALL: &[&[Native]] = &[
    access::ROWS,
    accounts::ROWS,
    atoms::ROWS,
    binaries::ROWS,
    binary_module::ROWS,
    binary_search::ROWS,
    checksums::ROWS,
    crypto::ROWS,
    clock::ROWS,
    control::ROWS,
    counters::ROWS,
    dictionary::ROWS,
    ets_counters::ROWS,
    ets_info::ROWS,
    ets_rows::ROWS,
    ets_select::ROWS,
    ets_tables::ROWS,
    ets_walk::ROWS,
    environment::ROWS,
    exits::ROWS,
    flags::ROWS,
    funs::ROWS,
    identities::ROWS,
    identity::ROWS,
    info::ROWS,
    iolists::ROWS,
    links::ROWS,
    lists::ROWS,
    loaded::ROWS,
    versions::ROWS,
    zlib::ROWS,
    machinery::ROWS,
    maps::ROWS,
    match_specs::ROWS,
    math::ROWS,
    monitors::ROWS,
    names::ROWS,
    native::ROWS,
    number_text::ROWS,
    operators::ROWS,
    oracles::ROWS,
    packets::ROWS,
    persistent::ROWS,
    ports::ROWS,
    prim_buffer::ROWS,
    prim_file::ROWS,
    re::ROWS,
    send::ROWS,
    services::ROWS,
    sockets::ROWS,
    spawn::ROWS,
    suspend::ROWS,
    system::ROWS,
    terms::ROWS,
    timers::ROWS,
    tracing::ROWS,
    tuples::ROWS,
    type_tests::ROWS,
    unicode::ROWS,
];
