//! Time as processes see it. The door is [`Clock`]: real in production, virtual in simulation.
//!
//! Invariant: nothing else in the runtime asks what time it is.

pub mod os;
pub mod timer_heap;

/// Monotonic time in nanoseconds since the runtime's own beginning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Instant {
    pub ns: u64,
}

/// When something should happen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Deadline(pub Instant);

impl Instant {
    pub fn after_ms(self, ms: u64) -> Deadline {
        Deadline(Instant { ns: self.ns.saturating_add(ms.saturating_mul(1_000_000)) })
    }
}

/// What a clock reads.
pub trait Clock {
    /// Never less than it was.
    fn now(&mut self) -> Instant;
    /// Nanoseconds since 1970 when [`Instant`] was 0.
    fn system_offset_ns(&self) -> i64;
}

/// Identity of a timer: the reference that `start_timer` gave.
pub use crate::heap::read::RefId as TimerId;
