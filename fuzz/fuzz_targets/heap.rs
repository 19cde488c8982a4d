//! Bytes drive a process's heap: terms are built, sent, dropped and collected, and none may change.

#![no_main]

use libfuzzer_sys::fuzz_target;
use warpbeam::process::drill;

fuzz_target!(|bytes: &[u8]| drill::run(bytes));
