//! Priorities with few changes: PCT.
//!
//! Each actor gets a random priority when it is first seen, and the one with the highest acts; at `depth - 1`
//! events drawn beforehand, whoever is about to act falls below everybody. Finds a bug of depth `d` among `n`
//! actors and `k` events with a chance of at least 1/(n k^(d-1)) in each run.
//! Source: Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees
//! of Finding Bugs", 2010; here the actors are processes and channels, and `k` counts visible operations of
//! the dull run, times two for runs that go on longer. Questions that are not about order are answered at
//! random, as in [`super::random`].

use super::random::Rates;
use super::stream::Streams;
use crate::choice::{Actor, Chooser, Class, Opt, Point};
use warpbeam::term::atom::FixedMap;

#[derive(Clone, Debug)]
pub struct Pct {
    streams: Streams,
    rates: Rates,
    /// Events that a run is expected to have.
    length: u64,
    /// Steps at which a priority falls, rising.
    changes: Vec<u64>,
    /// Changes that were made.
    made: usize,
    /// By serial number of the process; 0 where none was given.
    processes: Vec<u64>,
    channels: FixedMap<Actor, u64>,
}

/// Priorities given at first sight lie above those that changes leave.
const FIRST: u64 = 1 << 32;

impl Pct {
    /// `length`: events of a typical run.
    pub fn new(seed: u64, length: u64) -> Pct {
        Pct {
            streams: Streams::new(seed),
            rates: Rates::NONE,
            length: length.saturating_mul(2).max(2),
            changes: Vec::new(),
            made: 0,
            processes: Vec::new(),
            channels: FixedMap::default(),
        }
    }

    pub fn start_run(&mut self, index: u64, depth: u32) {
        self.streams.start_run(index);
        self.rates = Rates::draw(&mut self.streams);
        self.changes.clear();
        self.made = 0;
        self.processes.clear();
        self.channels.clear();
        let bound = u32::try_from(self.length).unwrap_or(u32::MAX);
        for _ in 1..depth {
            let step = u64::from(self.streams.of_run().below(bound));
            self.changes.push(step);
        }
        self.changes.sort_unstable();
    }

    fn priority(&mut self, actor: Actor) -> &mut u64 {
        let slot = match actor {
            Actor::Process(serial) => {
                let at = serial as usize;
                if self.processes.len() <= at {
                    self.processes.resize(at + 1, 0);
                }
                &mut self.processes[at]
            }
            other => self.channels.entry(other).or_insert(0),
        };
        if *slot == 0 {
            *slot = FIRST + u64::from(self.streams.of(Class::Order).bits32());
        }
        slot
    }

    fn highest(&mut self, options: &[Opt]) -> usize {
        let mut best = (0, 0);
        for (i, option) in options.iter().enumerate() {
            let priority = *self.priority(option.actor);
            if priority > best.0 {
                best = (priority, i);
            }
        }
        best.1
    }
}

impl Chooser for Pct {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        if at.class != Class::Order {
            return self.rates.answer(&mut self.streams, at, options.len() as u32);
        }
        loop {
            let picked = self.highest(options);
            match self.changes.get(self.made) {
                Some(&step) if step <= at.steps => {
                    self.made += 1;
                    // Each change leaves a lower priority than the one before.
                    *self.priority(options[picked].actor) = FIRST - self.made as u64;
                }
                _ => return picked,
            }
        }
    }
}
