//! Mutations of records, for fuzzers: each changes one decision, or brings one, or takes one away.
//!
//! Where it is known what the run of the input was asked, one of those answers is changed, to one that no run gave after the
//! same answers if there is such: all before it stay as they were, and what follows is the old base's, or a new one's. Blindly drawn
//! records are mostly for places that no run comes to.
//! Invariant: a mutation is a function of bytes, seed and what is known; what comes out is whole records, within the room
//! there is.

use super::UNIT;
use super::asked::{Asked, Tried};
use crate::digest::fold;

/// Processes and events that new records name, mostly.
const LOW: u64 = 16;
/// One mutation of so many changes the program.
const HOPS: u64 = 8;
/// Classes that a new record may be of: mostly order.
const ORDERED: u64 = 12;

struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = fold(self.0, 0x9e37_79b9_7f4a_7c15);
        (self.0 >> 11) % bound.max(1)
    }

    /// Small numbers are likely.
    fn small(&mut self) -> u16 {
        let bound = match self.below(8) {
            0..=4 => LOW / 2,
            5 | 6 => 4 * LOW,
            _ => 64 * LOW,
        };
        self.below(bound) as u16
    }

    fn record(&mut self) -> [u8; UNIT] {
        let class = self.below(ORDERED).saturating_sub(ORDERED - 7) as u8;
        let (who, event, pick) =
            (self.small().to_le_bytes(), self.small().to_le_bytes(), self.small().to_le_bytes());
        [class, 0, who[0], who[1], event[0], event[1], pick[0], pick[1]]
    }
}

/// What a fuzzer may try, beside the scenes that its target knows.
pub struct Mind<'a> {
    pub scenes: std::ops::Range<u8>,
    /// One of them that has not been run.
    pub unseen: Option<u8>,
    /// What the run of the input was asked, if that is known.
    pub asked: Option<&'a Asked>,
    pub tried: &'a Tried,
}

/// Changes the first `size` of `bytes`, which may become as many as there are; how many they are now.
pub fn mutate(bytes: &mut [u8], size: usize, seed: u32, mind: &Mind<'_>) -> usize {
    let mut draw = Draw(u64::from(seed) + 1);
    let mut data = bytes[..size.min(bytes.len())].to_vec();
    data.resize(data.len().next_multiple_of(UNIT).max(UNIT), 0);
    let room = bytes.len() / UNIT * UNIT;
    let scenes = &mind.scenes;
    let hops = mind.unseen.is_some() || !scenes.contains(&data[0]) || draw.below(HOPS) == 0;
    if let Some(scene) = mind.unseen {
        data[0] = scene;
    } else if hops {
        data[0] = scenes.start + draw.below(u64::from(scenes.end - scenes.start)) as u8;
    }
    match mind.asked.filter(|asked| !asked.is_empty() && !hops) {
        Some(asked) => aim(&mut data, room, &mut draw, asked, mind.tried),
        None => {
            for _ in 0..=draw.below(3) {
                step(&mut data, &mut draw, scenes);
            }
        }
    }
    data.truncate(room);
    bytes[..data.len()].copy_from_slice(&data);
    data.len()
}

/// Changes an answer that the run was given.
fn aim(data: &mut Vec<u8>, room: usize, draw: &mut Draw, asked: &Asked, tried: &Tried) {
    let untried = asked.untried(tried);
    let (at, other) = if untried.is_empty() {
        let at = draw.below(asked.len() as u64) as usize;
        (at, asked.other(at, draw.below(1 << 16) as usize))
    } else {
        let (at, record) = untried[draw.below(untried.len() as u64) as usize];
        (at, Some(record))
    };
    match draw.below(16) {
        // This answer, and what follows from it.
        0..=5 => {
            if let Some(record) = other {
                put(data, record.to_bytes());
            }
        }
        // All before it as they were, and what follows anew.
        6..=11 if UNIT * (at + 2) <= room => {
            data.truncate(UNIT);
            (0..at).for_each(|before| data.extend(asked.answer(before).to_bytes()));
            if let Some(record) = other {
                data.extend(record.to_bytes());
            }
            reseed(data, draw);
        }
        12 => reseed(data, draw),
        13 => data[1] = draw.below(4) as u8,
        14 if data.len() > UNIT => {
            let at = UNIT * (1 + draw.below((data.len() / UNIT - 1) as u64) as usize);
            drop(data.drain(at..at + UNIT));
        }
        _ => data.extend(draw.record()),
    }
}

/// Another base, which answers by chance.
fn reseed(data: &mut [u8], draw: &mut Draw) {
    data[1] = 1 + draw.below(3) as u8;
    data[4..UNIT].copy_from_slice(&(draw.below(1 << 32) as u32).to_le_bytes());
}

/// A record in place of the one for the same question, if there is one.
fn put(data: &mut Vec<u8>, record: [u8; UNIT]) {
    const PLACE: usize = 6;
    match data[UNIT..].chunks_mut(UNIT).find(|old| old[..PLACE] == record[..PLACE]) {
        Some(old) => old.copy_from_slice(&record),
        None => data.extend(record),
    }
}

fn step(data: &mut Vec<u8>, draw: &mut Draw, scenes: &std::ops::Range<u8>) {
    let count = data.len() / UNIT - 1;
    let at = UNIT * (1 + draw.below(count as u64) as usize);
    match draw.below(16) {
        0 => data[0] = scenes.start + draw.below(u64::from(scenes.end - scenes.start)) as u8,
        1 => data[1] = draw.below(4) as u8,
        2 => data[4..UNIT].copy_from_slice(&(draw.below(1 << 32) as u32).to_le_bytes()),
        3..=6 => data.extend(draw.record()),
        7 if count > 0 => drop(data.drain(at..at + UNIT)),
        // The same decision at a later event.
        8 | 9 if count > 0 => {
            let copy = data[at..at + UNIT].to_vec();
            data.extend(copy);
            let last = data.len() - UNIT;
            shift(&mut data[last + 4..last + 6], draw);
        }
        10 | 11 if count > 0 => shift(&mut data[at + 4..at + 6], draw),
        12 | 13 if count > 0 => data[at + 6..at + 8].copy_from_slice(&draw.small().to_le_bytes()),
        14 if count > 0 => data[at + 2..at + 4].copy_from_slice(&draw.small().to_le_bytes()),
        _ if count > 0 => data[at..at + UNIT].copy_from_slice(&draw.record()),
        _ => data.extend(draw.record()),
    }
}

/// A few more or less.
fn shift(number: &mut [u8], draw: &mut Draw) {
    let moved = (draw.below(9) as i32 - 4).rem_euclid(1 << 16) as u16;
    let now = u16::from_le_bytes([number[0], number[1]]).wrapping_add(moved);
    number.copy_from_slice(&now.to_le_bytes());
}
