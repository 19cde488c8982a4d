//! Descriptors in whole programs over the simulated kernel: closed by several, in use, with their owner; what was written and
//! synced. The bytes decide schedules, completions and faults.

#![no_main]

mod scene;

use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target};
use warpbeam_sim::records::scenes::{DESCRIPTORS, SCENES};

fuzz_mutator!(|bytes: &mut [u8], size: usize, max_size: usize, seed: u32| {
    scene::change(SCENES, &mut bytes[..max_size], size, seed, DESCRIPTORS)
});

fuzz_target!(|bytes: &[u8]| -> Corpus { scene::play(SCENES, bytes, DESCRIPTORS) });
