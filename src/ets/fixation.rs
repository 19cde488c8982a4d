//! Who has fixed a table, and how often. Source: `ets:safe_fixtable/2`.
//!
//! Invariant: no count is 0, and the table knows since when it is fixed exactly while somebody fixes it.

use crate::process::pid::Pid;
use crate::time::Instant;

#[derive(Clone, Debug, Default)]
pub struct Fixation {
    holders: Vec<(Pid, u32)>,
    since: Option<Instant>,
}

impl Fixation {
    #[inline]
    pub fn is_fixed(&self) -> bool {
        self.since.is_some()
    }

    /// Since when, and by whom how often, in order of pid.
    pub fn holders(&self) -> Option<(Instant, &[(Pid, u32)])> {
        self.since.map(|since| (since, &self.holders[..]))
    }

    pub fn fix(&mut self, pid: Pid, now: Instant) {
        self.since.get_or_insert(now);
        match self.holders.binary_search_by_key(&pid, |&(holder, _)| holder) {
            Ok(at) => self.holders[at].1 += 1,
            Err(at) => self.holders.insert(at, (pid, 1)),
        }
    }

    /// Lets go once.
    pub fn unfix(&mut self, pid: Pid) {
        if let Ok(at) = self.holders.binary_search_by_key(&pid, |&(holder, _)| holder) {
            self.holders[at].1 -= 1;
            if self.holders[at].1 == 0 {
                self.unfix_all(pid);
            }
        }
    }

    /// Lets go altogether.
    pub fn unfix_all(&mut self, pid: Pid) {
        self.holders.retain(|&(holder, _)| holder != pid);
        if self.holders.is_empty() {
            self.since = None;
        }
    }

    pub fn is_fixed_by(&self, pid: Pid) -> bool {
        self.holders.binary_search_by_key(&pid, |&(holder, _)| holder).is_ok()
    }
}
