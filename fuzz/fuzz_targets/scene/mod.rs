//! What the targets of whole programs share: a run, and what libFuzzer sees of it.
//!
//! Which operations of different processes came one after the other on one object are counters beside those of the code, so that
//! an input with a new order of events is kept. Each is 0 or more when a run begins: libFuzzer clears them.
//! With the feature `planted`, WARPBEAM_FAULT names a fault to be found, and WARPBEAM_PAIRS=off counts nothing.

use libfuzzer_sys::Corpus;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::atomic::{AtomicU8, Ordering};
use warpbeam_sim::records::scenes::Stage;

const COUNTERS: usize = 1 << 17;

/// The section that libFuzzer takes for counters.
#[cfg_attr(target_os = "linux", unsafe(link_section = "__libfuzzer_extra_counters"))]
#[used]
static PAIRS: [AtomicU8; COUNTERS] = [const { AtomicU8::new(0) }; COUNTERS];

thread_local! {
    static STAGE: RefCell<Stage> = RefCell::new(begin());
}

fn begin() -> Stage {
    #[cfg(feature = "planted")]
    plant();
    Stage::default()
}

#[cfg(feature = "planted")]
#[expect(clippy::disallowed_methods, reason = "which fault is to be found is said from outside")]
fn plant() {
    use warpbeam::planted::{Fault, switch};
    if let Ok(name) = std::env::var("WARPBEAM_FAULT") {
        let fault = Fault::ALL.iter().find(|fault| format!("{fault:?}") == name);
        switch(Some(*fault.expect("WARPBEAM_FAULT names a fault")));
    }
}

fn counts_pairs() -> bool {
    #[cfg(feature = "planted")]
    #[expect(clippy::disallowed_methods, reason = "to be compared with and without")]
    if std::env::var_os("WARPBEAM_PAIRS").is_some_and(|value| value == "off") {
        return false;
    }
    true
}

/// Runs what the bytes say. A violation is a bug of the runtime: the programs are right.
pub fn play(bytes: &[u8], scenes: Range<u8>) -> Corpus {
    let mut count = |pair: u32| {
        let counter = &PAIRS[pair as usize % COUNTERS];
        // That it came, not how often: more would be kept of long runs than of new orders.
        counter.store(1, Ordering::Relaxed);
    };
    let mut ignore = |_| ();
    let count: &mut dyn FnMut(u32) = if counts_pairs() { &mut count } else { &mut ignore };
    let played = STAGE.with_borrow_mut(|stage| stage.play(bytes, scenes, count));
    if let Some(violation) = played.violation {
        panic!("{}: {}", violation.oracle, violation.message);
    }
    if played.is_known { Corpus::Keep } else { Corpus::Reject }
}
