//! The abbreviations of a node's keys: in the node itself, so that reaching them costs no step through memory.
//!
//! A search begins where an even spread would have the key: hashes are spread evenly, and so are most keys that
//! are numbers. Invariant: sorted; at most `NODE_MAX`, and one more while a node is about to be split.

use super::tree::NODE_MAX;
use std::ops::Deref;

#[derive(Clone, Debug)]
pub(super) struct Shorts {
    length: usize,
    items: [u64; NODE_MAX + 1],
}

impl Default for Shorts {
    fn default() -> Self {
        Shorts { length: 0, items: [0; NODE_MAX + 1] }
    }
}

impl Deref for Shorts {
    type Target = [u64];

    #[inline]
    fn deref(&self) -> &[u64] {
        &self.items[..self.length]
    }
}

/// Items that a search looks at near its guess before it halves what is left.
const NEAR: usize = 8;

impl Shorts {
    pub fn set(&mut self, at: usize, short: u64) {
        self.items[..self.length][at] = short;
    }

    pub fn push(&mut self, short: u64) {
        self.insert(self.length, short);
    }

    pub fn insert(&mut self, at: usize, short: u64) {
        self.items.copy_within(at..self.length, at + 1);
        self.items[at] = short;
        self.length += 1;
    }

    pub fn remove(&mut self, at: usize) {
        self.items.copy_within(at + 1..self.length, at);
        self.length -= 1;
    }

    pub fn split_off(&mut self, at: usize) -> Shorts {
        let mut right = Shorts::default();
        right.extend(&self[at..]);
        self.length = at;
        right
    }

    pub fn extend(&mut self, more: &[u64]) {
        self.items[self.length..self.length + more.len()].copy_from_slice(more);
        self.length += more.len();
    }

    /// How many are smaller.
    #[inline]
    pub fn smaller(&self, short: u64) -> usize {
        let (Some(&first), Some(&last)) = (self.first(), self.last()) else { return 0 };
        if short <= first {
            return 0;
        }
        if short > last {
            return self.length;
        }
        let share = (short - first) as f64 / (last - first) as f64;
        let guess = ((share * (self.length - 1) as f64) as usize).min(self.length - 1);
        if self[guess] < short {
            let end = self.length.min(guess + 1 + NEAR);
            for at in guess + 1..end {
                if self[at] >= short {
                    return at;
                }
            }
            end + self[end..].partition_point(|&other| other < short)
        } else {
            let start = guess.saturating_sub(NEAR);
            for at in (start..guess).rev() {
                if self[at] < short {
                    return at + 1;
                }
            }
            self[..start].partition_point(|&other| other < short)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_the_smaller_however_they_are_spread() {
        let spreads: [fn(u64) -> u64; 5] =
            [|n| n * 3, |n| n * n * n, |n| u64::MAX - (60 - n) * (60 - n), |_| 7, |n| 1 << (n + 8)];
        for spread in spreads {
            for length in 0..=NODE_MAX as u64 {
                let mut shorts = Shorts::default();
                (0..length).for_each(|n| shorts.push(spread(n)));
                let near = |n: u64| [n, n.wrapping_add(1), n.wrapping_sub(1)];
                for sought in (0..length).flat_map(|n| near(spread(n))).chain([0, u64::MAX]) {
                    assert_eq!(shorts.smaller(sought), shorts.iter().filter(|&&n| n < sought).count());
                }
            }
        }
    }
}
