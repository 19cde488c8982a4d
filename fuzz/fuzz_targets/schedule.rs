//! Any bytes as a schedule file: an error with its place, or a schedule that survives being written and read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use warpbeam_sim::schedule::{read, write};

fuzz_target!(|bytes: &[u8]| {
    let Ok(schedule) = read::parse(bytes) else { return };
    let text = write::text(&schedule, &[]);
    let again = read::parse(text.as_bytes()).expect("what was written can be read");
    assert_eq!(schedule, again, "the round trip changed the schedule");
});
