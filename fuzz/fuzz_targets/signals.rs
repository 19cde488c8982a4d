//! Messages, links, monitors, names and timers in whole programs, under schedules that the bytes decide.

#![no_main]

mod scene;

use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target};
use warpbeam_sim::records::scenes::{SCENES, SIGNALS};

fuzz_mutator!(|bytes: &mut [u8], size: usize, max_size: usize, seed: u32| {
    scene::change(SCENES, &mut bytes[..max_size], size, seed, SIGNALS)
});

fuzz_target!(|bytes: &[u8]| -> Corpus { scene::play(SCENES, bytes, SIGNALS) });
