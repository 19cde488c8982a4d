//! Pids and references: identities that are never used twice.
//!
//! A pid is 60 bits. In production they are a serial number that only rises. In simulation they are
//!
//! ```text
//! 1 [path key:31] [serial:28]
//! ```
//! where the path key is a function of the spawn path (parents before children, siblings in order of
//! creation), so that order, hash and text of a pid stay the same when another process's choices change.
//! Paths too long for 31 bits share a key and are told apart by the serial.
//! A port is an actor like a process: one bit of its identity says so, the highest of the serial number, so whatever shows
//! an identity as a term shows a port.
//! A reference is its creator's pid and that process's count, so making one touches nothing shared.

use crate::heap::read::RefId;
use crate::term::Word;
use std::fmt;

/// Identity of a process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pid(u64);

/// Number of a process in order of creation; its low bits name its slot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Serial(pub u64);

/// The place of a process in the tree of spawns, encoded so that numeric order is tree order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PathKey {
    bits: u32,
    used: u8,
}

const PATH_BITS: u32 = 31;
const SERIAL_BITS: u32 = 28;
const NAMED: u64 = 1 << 59;
/// Marks a port, in a number and in a name.
const NUMBERED_PORT: u64 = 1 << 58;
const NAMED_PORT: u64 = 1 << (SERIAL_BITS - 1);

impl PathKey {
    pub const ROOT: PathKey = PathKey { bits: 0, used: 0 };
    /// Of processes that the program did not spawn: after all others, told apart by their serials.
    pub const BESIDE: PathKey = PathKey { bits: (1 << PATH_BITS) - 1, used: PATH_BITS as u8 + 1 };

    /// The key of the `nth` child, from 0. Numbers are written in an order-preserving prefix code: larger
    /// numbers get longer, larger codes, and no code is a run of zeros, so that parents come first.
    pub fn child(self, nth: u32) -> PathKey {
        // `nth + 1` in binary needs `length` bits; write `length` ones, a zero, then all but the top bit.
        let value = nth.saturating_add(1);
        let length = 32 - value.leading_zeros();
        let mut key = self;
        for _ in 0..length {
            key.push(1);
        }
        key.push(0);
        for i in (0..length - 1).rev() {
            key.push((value >> i) & 1);
        }
        key
    }

    fn push(&mut self, bit: u32) {
        if u32::from(self.used) < PATH_BITS {
            self.bits |= bit << (PATH_BITS - 1 - u32::from(self.used));
            self.used += 1;
        } else {
            self.used = PATH_BITS as u8 + 1;
        }
    }

    /// Whether the whole path is in the key, so that no other process has it.
    pub fn is_exact(self) -> bool {
        u32::from(self.used) <= PATH_BITS
    }
}

impl Pid {
    /// The pid of a production process.
    pub fn numbered(serial: Serial) -> Pid {
        assert!(serial.0 < NUMBERED_PORT, "a serial fits in 58 bits");
        Pid(serial.0)
    }

    /// The pid of a simulated process.
    pub fn named(key: PathKey, serial: Serial) -> Pid {
        assert!(serial.0 < NAMED_PORT, "a run spawns fewer than 2^27 processes");
        Pid(NAMED | (u64::from(key.bits) << SERIAL_BITS) | serial.0)
    }

    #[inline]
    pub fn serial(self) -> Serial {
        if self.0 & NAMED != 0 { Serial(self.0 & (NAMED_PORT - 1)) } else { Serial(self.0 & !NUMBERED_PORT) }
    }

    const fn port_bit(self) -> u64 {
        if self.0 & NAMED != 0 { NAMED_PORT } else { NUMBERED_PORT }
    }

    /// The same identity, of a port.
    pub const fn port(self) -> Pid {
        Pid(self.0 | self.port_bit())
    }

    pub const fn is_port(self) -> bool {
        self.0 & self.port_bit() != 0
    }

    /// The number that a port's text shows.
    pub const fn port_number(self) -> u64 {
        self.0 & !self.port_bit()
    }

    pub const fn payload(self) -> u64 {
        self.0
    }

    pub const fn from_payload(payload: u64) -> Pid {
        Pid(payload & ((1 << 60) - 1))
    }

    pub const fn word(self) -> Word {
        Word((self.0 << 4) | if self.is_port() { 7 } else { 3 })
    }

    pub fn of_word(word: Word) -> Option<Pid> {
        word.is_pid().then_some(Pid(word.0 >> 4))
    }

    /// A process or a port.
    pub fn of_actor(word: Word) -> Option<Pid> {
        if word.is_port() { Some(Pid(word.0 >> 4).port()) } else { Pid::of_word(word) }
    }

    /// What a program may observe of the pid: the number that text and hashes show.
    pub fn observable(self) -> u64 {
        self.0 & (NAMED - 1)
    }
}

impl fmt::Debug for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<0.{}.0>", self.serial().0)
    }
}

impl RefId {
    pub fn creator_pid(self) -> Pid {
        Pid::from_payload(self.creator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_keys_are_in_tree_order() {
        let root = PathKey::ROOT;
        let mut keys = vec![root];
        for a in 0..6 {
            let child = root.child(a);
            keys.push(child);
            for b in 0..4 {
                keys.push(child.child(b));
            }
        }
        assert!(keys.iter().all(|k| k.is_exact()));
        for pair in keys.windows(2) {
            assert!(pair[0].bits < pair[1].bits || pair[0] == root, "{pair:?}");
        }
        let mut deep = root;
        for _ in 0..40 {
            deep = deep.child(0);
        }
        assert!(!deep.is_exact());
    }
}
