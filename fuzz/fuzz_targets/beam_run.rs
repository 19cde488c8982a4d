//! Compiled programs with bytes of their instructions changed: what loads runs without a panic.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use warpbeam_sim::drill;

fuzz_target!(|bytes: &[u8]| -> Corpus {
    // What does not load teaches nothing about running.
    if drill::run(bytes) { Corpus::Keep } else { Corpus::Reject }
});
