//! Panics inside slices: kept, instead of printed, until the run that caught them asks.
//!
//! The panic hook belongs to the whole operating-system process, so it is put in once and passes on every
//! panic of a thread that is not inside a slice. Invariant: message and place are those of the last panic that
//! this thread's slice raised.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Panic {
    pub message: String,
    /// `file:line` of our own source.
    pub place: String,
}

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Panic> = const { RefCell::new(Panic { message: String::new(), place: String::new() }) };
}

static HOOK: Once = Once::new();

/// Puts the hook in, once for the process.
pub fn install() {
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !INSIDE.get() {
                before(info);
                return;
            }
            let text = info.payload().downcast_ref::<&str>().map(ToString::to_string);
            let text = text.or_else(|| info.payload().downcast_ref::<String>().cloned());
            let place = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
            LAST.set(Panic { message: text.unwrap_or_default(), place: place.unwrap_or_default() });
        }));
    });
}

/// Runs a slice; `None` if it panicked.
#[inline]
pub fn caught<T>(slice: impl FnOnce() -> T) -> Option<T> {
    INSIDE.set(true);
    let result = catch_unwind(AssertUnwindSafe(slice));
    INSIDE.set(false);
    result.ok()
}

/// The last panic that was caught on this thread.
pub fn take() -> Panic {
    LAST.take()
}
