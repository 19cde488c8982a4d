//! The real clock: the one place that asks the operating system for the time.
//!
//! Invariant: readings count from one beginning, so that all schedulers' agree; the offset to wall time is
//! taken once, as in OTP's default time warp mode.

#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "the real clock")]

use super::{Clock, Instant};
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Clone, Copy, Debug)]
pub struct OsClock {
    beginning: std::time::Instant,
    system_offset_ns: i64,
}

impl OsClock {
    /// A clock that reads 0 now.
    pub fn start() -> OsClock {
        let beginning = std::time::Instant::now();
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as i64);
        OsClock { beginning, system_offset_ns: since_1970 }
    }
}

/// Processor time that this process of the machine has used, without that of the kernel, as OTP counts it.
pub fn cpu_time_ms() -> u64 {
    crate::ring::pool::sys::user_cpu_us() / 1000
}

impl Clock for OsClock {
    #[inline]
    fn now(&mut self) -> Instant {
        Instant { ns: self.beginning.elapsed().as_nanos() as u64 }
    }

    fn system_offset_ns(&self) -> i64 {
        self.system_offset_ns
    }
}
