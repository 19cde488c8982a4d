//! A process's memory under random operations: terms stay as they were made, under every plan.
//!
//! The drill and what it checks are in `src/process/drill.rs`; the fuzzer drives it too.

#![cfg(not(loom))]

use proptest::collection::vec;
use proptest::prelude::*;
use warpbeam::process::drill;

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_term_changes(bytes in vec(any::<u8>(), 0..1500)) {
        drill::run(&bytes);
    }
}
