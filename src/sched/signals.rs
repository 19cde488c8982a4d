//! SIGINT and SIGTERM: the runtime stops in good order, and at once when asked a second time.
//!
//! In good order means: where services run, SIGTERM stops applications and then the run, as `init:stop/0` does (status 0).
//! Otherwise running slices end, output is flushed, and the exit status is what a shell expects of a program that the signal
//! ended: 128 and the signal's number (130, 143). OTP differs: there SIGINT opens a menu.
//! The handlers are those of the `signal-hook` crate; this file only listens.

use signal_hook::consts::{SIGABRT, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The number of a signal of the operating system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignalNumber(pub i32);

impl SignalNumber {
    /// Whether it asks for an end that programs are told of.
    pub fn is_polite(self) -> bool {
        self.0 == SIGTERM
    }

    /// The exit status of a program that the signal ended.
    pub fn status(self) -> i32 {
        128 + self.0
    }
}

/// Lets the operating-system process end with `status` where it would be aborted: the machine refuses it memory that it
/// cannot do without. The Rust runtime has said so on standard error by then.
pub fn end_aborts_with(status: i32) -> std::io::Result<()> {
    signal_hook::flag::register_conditional_shutdown(SIGABRT, status, Arc::new(AtomicBool::new(true)))?;
    Ok(())
}

pub struct Listener {
    signals: Signals,
}

impl Listener {
    pub fn new() -> std::io::Result<Listener> {
        Ok(Listener { signals: Signals::new([SIGINT, SIGTERM])? })
    }

    /// Ends [`Listener::listen`] from another thread.
    pub fn handle(&self) -> Handle {
        self.signals.handle()
    }

    /// Calls `stop` at the first signal; a second one ends the operating-system process.
    pub fn listen(mut self, stop: impl Fn(SignalNumber)) {
        let mut asked = false;
        for number in self.signals.forever() {
            let signal = SignalNumber(number);
            if asked {
                signal_hook::low_level::exit(signal.status());
            }
            asked = true;
            stop(signal);
        }
    }
}
