//! Seeded random choices.
//!
//! Order: every actor that can act is equally likely. Time: timers fire early at a rate that is drawn for
//! each run, so that some runs are nearly idle-timed and others are not (swarm testing).

use super::stream::Streams;
use crate::choice::{Chooser, Class, Opt, Point};

#[derive(Clone, Debug)]
pub struct Random {
    streams: Streams,
    rates: Rates,
}

/// Chances in 65,536 of what is not dull, drawn once a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rates {
    early: u32,
    collect: u32,
    /// Drawn when it is first needed.
    fault: Option<u32>,
}

/// Chances of firing a timer early, one of which each run has.
const EARLY: [u32; 4] = [16_384, 4_096, 1_024, 256];
/// Chances of a collection that the program did not need.
const COLLECT: [u32; 4] = [0, 512, 4_096, 16_384];
/// Chances that something goes wrong with an operation.
const FAULT: [u32; 4] = [0, 655, 3_277, 13_107];
/// The chance of a timer that is due already.
const DUE: u32 = 32_768;

impl Rates {
    pub(super) const NONE: Rates = Rates { early: 0, collect: 0, fault: None };

    pub(super) fn draw(streams: &mut Streams) -> Rates {
        let stream = streams.of_run();
        let (early, collect) = (EARLY[stream.below(4) as usize], COLLECT[stream.below(4) as usize]);
        Rates { early, collect, fault: None }
    }

    /// An answer to a question that is not about order.
    pub(super) fn answer(&mut self, streams: &mut Streams, at: &Point<'_>, options: u32) -> usize {
        let stream = streams.of(at.class);
        let chance = match at.class {
            Class::Time if at.cost_ns == 0 => DUE,
            Class::Time => self.early,
            Class::Collect => self.collect,
            Class::Fault => match at.rate {
                Some(rate) => rate,
                None => *self.fault.get_or_insert_with(|| FAULT[stream.below(4) as usize]),
            },
            Class::Order | Class::Delivery | Class::Ring | Class::Data => {
                return stream.below(options) as usize;
            }
        };
        if !stream.chance(chance) {
            return 0;
        }
        if options == 2 { 1 } else { 1 + stream.below(options - 1) as usize }
    }
}

impl Random {
    pub fn new(seed: u64) -> Random {
        Random { streams: Streams::new(seed), rates: Rates::NONE }
    }

    pub fn start_run(&mut self, index: u64) {
        self.streams.start_run(index);
        self.rates = Rates::draw(&mut self.streams);
    }
}

impl Chooser for Random {
    #[inline]
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        let options = options.len() as u32;
        match at.class {
            Class::Order => self.streams.of(Class::Order).below(options) as usize,
            _ => self.rates.answer(&mut self.streams, at, options),
        }
    }
}
