//! Entropy for programs (`rand` seeds and the like): the real door.
//!
//! Invariant: what a process gets is a function of the run's seed, the process's number and how often it
//! asked, so that `--seed` makes single-threaded programs repeatable. The seed comes from the operating
//! system unless it is given. The mixing function is SplitMix64's.

#![expect(clippy::disallowed_methods, reason = "the real source of entropy")]

/// The seed of a run.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    start: u64,
    given: bool,
}

impl Seed {
    pub fn given(seed: u64) -> Seed {
        Seed { start: mix(seed), given: true }
    }

    /// A seed that nobody can foresee.
    pub fn from_os() -> Seed {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).expect("the operating system has a source of random bytes");
        Seed { start: u64::from_ne_bytes(bytes), given: false }
    }

    /// Bytes of the operating system, where no seed was given. Whether it was so.
    pub fn fill(self, into: &mut [u8]) -> bool {
        if !self.given {
            getrandom::fill(into).expect("the operating system has a source of random bytes");
        }
        !self.given
    }

    /// Eight bytes for the `count`th question of a process.
    pub fn draw(self, process: u64, count: u32) -> u64 {
        mix(mix(self.start ^ process).wrapping_add(u64::from(count)))
    }
}

fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
