//! Programs with a bug of their own that takes several orders to show: what the orders that libFuzzer sees are worth.
//!
//! Not a target that should stay clean: only with the feature `planted`, for `benches/fuzz_faults`. WARPBEAM_PROGRAM is the
//! number of the one that is looked at.

#![no_main]

mod scene;

use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target};
use std::ops::Range;
use warpbeam_sim::records::scenes::Scene;

const LISTS_OF: &[u8] = include_bytes!("../../tests/power/lists_of.beam");
const PHILOSOPHERS: &[&[u8]] = &[LISTS_OF, include_bytes!("../../tests/power/philosophers.beam")];

static PROGRAMS: &[Scene] = &[
    Scene::of("philosophers", "three", PHILOSOPHERS),
    Scene::of("philosophers", "four", PHILOSOPHERS),
    Scene::of("reversed", "main", &[include_bytes!("../../tests/power/reversed.beam")]),
    Scene::of("alternation", "main", &[LISTS_OF, include_bytes!("../../tests/power/alternation.beam")]),
    Scene::of("lock_cycle", "main", &[include_bytes!("../../examples/lock_cycle.beam")]),
];

#[expect(clippy::disallowed_methods, reason = "which program is to be looked at is said from outside")]
fn program() -> Range<u8> {
    let number = std::env::var("WARPBEAM_PROGRAM").ok().and_then(|number| number.parse().ok());
    let number: u8 = number.expect("WARPBEAM_PROGRAM is the number of a program");
    number..number + 1
}

fuzz_mutator!(|bytes: &mut [u8], size: usize, max_size: usize, seed: u32| {
    scene::change(PROGRAMS, &mut bytes[..max_size], size, seed, program())
});

fuzz_target!(|bytes: &[u8]| -> Corpus { scene::play(PROGRAMS, bytes, program()) });
