//! Sets of small numbers: events of a run, steps of a sequence.
//!
//! Runs that can be explored to the end are short, so the first words are in place and nothing is allocated for
//! them. Invariant: two sets of the same numbers answer alike, whatever numbers they held before.

/// Words that are in place.
const FEW: usize = 2;

#[derive(Clone, Debug, Default)]
pub struct Bits {
    few: [u64; FEW],
    rest: Vec<u64>,
}

impl Bits {
    /// All numbers below `count`.
    pub fn below(count: usize) -> Bits {
        let mut bits = Bits::default();
        for at in 0..count.div_ceil(64) {
            let rest = count - at * 64;
            bits.add_word(at, if rest < 64 { (1 << rest) - 1 } else { u64::MAX });
        }
        bits
    }

    #[inline]
    pub fn insert(&mut self, n: usize) {
        let (at, bit) = (n / 64, 1 << (n % 64));
        match self.few.get_mut(at) {
            Some(word) => *word |= bit,
            None => {
                let at = at - FEW;
                if self.rest.len() <= at {
                    self.rest.resize(at + 1, 0);
                }
                self.rest[at] |= bit;
            }
        }
    }

    #[inline]
    pub fn remove(&mut self, n: usize) {
        let (at, bit) = (n / 64, 1 << (n % 64));
        if let Some(word) = self.few.get_mut(at).or_else(|| self.rest.get_mut(at.wrapping_sub(FEW))) {
            *word &= !bit;
        }
    }

    #[inline]
    pub fn contains(&self, n: usize) -> bool {
        self.word(n / 64) >> (n % 64) & 1 == 1
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.few == [0; FEW] && self.rest.iter().all(|&word| word == 0)
    }

    #[inline]
    pub fn first(&self) -> Option<usize> {
        let at = (0..self.words()).find(|&at| self.word(at) != 0)?;
        Some(at * 64 + self.word(at).trailing_zeros() as usize)
    }

    /// The numbers from `64 * at` on.
    #[inline]
    pub fn word(&self, at: usize) -> u64 {
        match self.few.get(at) {
            Some(&word) => word,
            None => self.rest.get(at - FEW).copied().unwrap_or(0),
        }
    }

    /// Words beyond which there is no number.
    #[inline]
    pub fn words(&self) -> usize {
        FEW + self.rest.len()
    }

    #[inline]
    pub fn intersects(&self, other: &Bits) -> bool {
        (0..self.words().min(other.words())).any(|at| self.word(at) & other.word(at) != 0)
    }

    /// Takes all numbers of the other one in.
    #[inline]
    pub fn join(&mut self, other: &Bits) {
        for at in 0..other.words() {
            self.add_word(at, other.word(at));
        }
    }

    /// Takes numbers from `64 * at` on in.
    #[inline]
    pub fn add_word(&mut self, at: usize, word: u64) {
        match self.few.get_mut(at) {
            Some(few) => *few |= word,
            None if word != 0 => {
                let at = at - FEW;
                if self.rest.len() <= at {
                    self.rest.resize(at + 1, 0);
                }
                self.rest[at] |= word;
            }
            None => {}
        }
    }

    /// Leaves the numbers below `end`.
    #[inline]
    pub fn truncate(&mut self, end: usize) {
        self.rest.truncate((end.div_ceil(64)).saturating_sub(FEW));
        for at in end / 64..self.words() {
            let below = if at == end / 64 { (1 << (end % 64)) - 1 } else { 0 };
            match self.few.get_mut(at) {
                Some(few) => *few &= below,
                None => self.rest[at - FEW] &= below,
            }
        }
    }

    /// From the last one on.
    pub fn iter_down(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.words()).rev().flat_map(|at| {
            let mut word = self.word(at);
            std::iter::from_fn(move || {
                let high = word.checked_ilog2()?;
                word ^= 1 << high;
                Some(at * 64 + high as usize)
            })
        })
    }

    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + Clone + '_ {
        (0..self.words()).flat_map(|at| ones(self.word(at)).map(move |bit| at * 64 + bit))
    }
}

/// The places of a word's ones, lowest first.
#[inline]
pub fn ones(word: u64) -> Ones {
    Ones(word)
}

#[derive(Clone)]
pub struct Ones(u64);

impl Iterator for Ones {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let low = self.0.trailing_zeros() as usize;
        (self.0 != 0).then(|| {
            self.0 &= self.0 - 1;
            low
        })
    }
}

impl FromIterator<usize> for Bits {
    fn from_iter<T: IntoIterator<Item = usize>>(numbers: T) -> Bits {
        let mut bits = Bits::default();
        numbers.into_iter().for_each(|n| bits.insert(n));
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn agrees_with_a_set() {
        let (mut bits, mut model) = (Bits::default(), BTreeSet::new());
        let mut state = 7u64;
        for round in 0..4_000 {
            state = crate::digest::fold(state, round);
            let n = (state >> 8) as usize % if round < 2_000 { 120 } else { 400 };
            if state.is_multiple_of(3) {
                bits.insert(n);
                model.insert(n);
            } else {
                bits.remove(n);
                model.remove(&n);
            }
            assert_eq!(bits.contains(n), model.contains(&n));
            assert_eq!(bits.is_empty(), model.is_empty());
            assert!(bits.iter().eq(model.iter().copied()));
            assert_eq!(bits.first(), model.first().copied());
            assert!(bits.iter_down().eq(model.iter().rev().copied()));
            let (mut below, mut both) = (bits.clone(), Bits::below(n / 3));
            below.truncate(n);
            assert!(below.iter().eq(model.range(..n).copied()));
            both.join(&bits);
            assert!((0..400).all(|i| both.contains(i) == (i < n / 3 || model.contains(&i))));
            let other = Bits::below(n / 2);
            assert_eq!(bits.intersects(&other), model.iter().any(|&m| m < n / 2));
        }
    }
}
