//! A process's memory under random operations: terms stay as they were made, under every plan.
//!
//! The drill and what it checks are in `src/process/drill.rs`; the fuzzer drives it too.

#![cfg(not(loom))]

use proptest::collection::vec;
use proptest::prelude::*;
use warpbeam::process::drill;

/// Cases, and bytes of each at most. Miri takes a millisecond for a byte.
const CASES: u32 = if cfg!(miri) { 200 } else { 2000 };
const BYTES_MAX: usize = if cfg!(miri) { 60 } else { 1500 };

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_term_changes(bytes in vec(any::<u8>(), 0..BYTES_MAX)) {
        drill::run(&bytes);
    }
}
