//! What the targets of whole programs share: a run, what libFuzzer sees of it, and how an input is mutated.
//!
//! In which order events of different processes came that race with each other are counters beside those of the code, so that
//! an input with a new order is kept. Each is 0 or more when a run begins: libFuzzer clears them.
//! With the feature `planted`, WARPBEAM_FAULT names a fault to be found, and WARPBEAM_ORDERS=off counts nothing.

use libfuzzer_sys::Corpus;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::atomic::{AtomicU8, Ordering};
use warpbeam_sim::records::scenes::{Scene, Stage};

const COUNTERS: usize = 1 << 17;

/// The section that libFuzzer takes for counters.
#[cfg_attr(target_os = "linux", unsafe(link_section = "__libfuzzer_extra_counters"))]
#[used]
static ORDERS: [AtomicU8; COUNTERS] = [const { AtomicU8::new(0) }; COUNTERS];

thread_local! {
    static STAGE: RefCell<Option<Stage>> = const { RefCell::new(None) };
}

/// The target's stage, and what it is asked to do on it.
fn on_stage<T>(list: &'static [Scene], then: impl FnOnce(&mut Stage) -> T) -> T {
    let begin = || {
        #[cfg(feature = "planted")]
        plant();
        Stage::of(list)
    };
    STAGE.with_borrow_mut(|stage| then(stage.get_or_insert_with(begin)))
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

fn counts() -> bool {
    #[cfg(feature = "planted")]
    #[expect(clippy::disallowed_methods, reason = "to be compared with and without")]
    if std::env::var_os("WARPBEAM_ORDERS").is_some_and(|value| value == "off") {
        return false;
    }
    true
}

/// Runs what the bytes say. A violation is a bug of the runtime: the programs are right.
pub fn play(list: &'static [Scene], bytes: &[u8], scenes: Range<u8>) -> Corpus {
    let mut count = |order: u32| {
        let counter = &ORDERS[order as usize % COUNTERS];
        // That it came, not how often: more would be kept of long runs than of new orders.
        counter.store(1, Ordering::Relaxed);
    };
    let count = counts().then_some(&mut count as &mut dyn FnMut(u32));
    let played = on_stage(list, |stage| stage.play(bytes, scenes, count));
    if let Some(violation) = played.violation {
        panic!("{}: {}", violation.oracle, violation.message);
    }
    if played.is_known { Corpus::Keep } else { Corpus::Reject }
}

/// Changes an input. How long it is now.
pub fn change(list: &'static [Scene], bytes: &mut [u8], size: usize, seed: u32, scenes: Range<u8>) -> usize {
    on_stage(list, |stage| stage.mutate(bytes, size, seed, scenes))
}
