//! Random numbers: one ChaCha8 stream for each class of each run, keyed from the campaign's seed.
//!
//! The values are part of what a seed means, so the stream (`rand_chacha`, value-stable) and the draw
//! below are pinned by a test. Invariant: run `i` draws the same numbers whatever runs came before it and
//! whatever other classes draw.

use crate::choice::{CLASSES, Class};
use crate::digest::fold;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// One stream.
#[derive(Clone, Debug)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// A number below `bound`, all equally likely: Lemire's multiplication with rejection.
    #[inline]
    pub fn below(&mut self, bound: u32) -> u32 {
        assert!(bound > 0, "a draw has a bound above 0");
        let mut product = u64::from(self.0.next_u32()) * u64::from(bound);
        if (product as u32) < bound {
            let threshold = bound.wrapping_neg() % bound;
            while (product as u32) < threshold {
                product = u64::from(self.0.next_u32()) * u64::from(bound);
            }
        }
        (product >> 32) as u32
    }

    #[inline]
    pub fn bits32(&mut self) -> u32 {
        self.0.next_u32()
    }

    pub fn bits64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Yes in `n` of 65,536 cases.
    #[inline]
    pub fn chance(&mut self, n: u32) -> bool {
        self.0.next_u32() >> 16 < n
    }
}

/// The streams of a run; each begins when it is first drawn from.
#[derive(Clone, Debug)]
pub struct Streams {
    base: ChaCha8Rng,
    run: u64,
    streams: [Option<Stream>; CLASSES + 1],
}

/// The stream for what is decided once a run.
const RUN: usize = CLASSES;

impl Streams {
    pub fn new(seed: u64) -> Streams {
        let mut key = [0; 32];
        for (i, part) in key.chunks_exact_mut(8).enumerate() {
            part.copy_from_slice(&fold(seed, i as u64 + 1).to_le_bytes());
        }
        Streams { base: ChaCha8Rng::from_seed(key), run: 0, streams: [const { None }; CLASSES + 1] }
    }

    /// The streams of run `index`, from their beginnings.
    pub fn start_run(&mut self, index: u64) {
        self.run = index;
        self.streams = [const { None }; CLASSES + 1];
    }

    #[inline]
    pub fn of(&mut self, class: Class) -> &mut Stream {
        self.at(class as usize)
    }

    /// For what is decided once a run.
    pub fn of_run(&mut self) -> &mut Stream {
        self.at(RUN)
    }

    #[inline]
    fn at(&mut self, number: usize) -> &mut Stream {
        let (base, run) = (&self.base, self.run);
        self.streams[number].get_or_insert_with(|| {
            let mut rng = base.clone();
            rng.set_stream(run * 16 + number as u64);
            Stream(rng)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_pinned() {
        let mut streams = Streams::new(1);
        streams.start_run(7);
        let drawn: Vec<u32> = (2..12).map(|bound| streams.of(Class::Order).below(bound)).collect();
        assert_eq!(drawn, [0, 2, 3, 1, 0, 6, 5, 0, 8, 7]);
        assert_eq!(streams.of(Class::Time).bits64(), 7_129_048_722_275_622_281);
    }

    #[test]
    fn classes_and_runs_do_not_disturb_each_other() {
        let mut streams = Streams::new(9);
        streams.start_run(3);
        let alone: Vec<u32> = (0..50).map(|_| streams.of(Class::Order).bits32()).collect();
        streams.start_run(2);
        streams.of(Class::Order).bits32();
        streams.start_run(3);
        let mixed: Vec<u32> = (0..50)
            .map(|_| {
                streams.of(Class::Fault).bits32();
                streams.of(Class::Order).bits32()
            })
            .collect();
        assert_eq!(alone, mixed);
    }

    #[test]
    fn draws_are_even() {
        let mut streams = Streams::new(5);
        let mut counts = [0u32; 7];
        for _ in 0..70_000 {
            counts[streams.of_run().below(7) as usize] += 1;
        }
        assert!(counts.iter().all(|&n| (9_500..10_500).contains(&n)), "{counts:?}");
    }
}
