//! Mutations of records, for fuzzers: each changes one decision, or brings one, or takes one away.
//!
//! Invariant: a mutation is a function of bytes and seed; what comes out is whole records, within the room there is.

use super::UNIT;
use crate::digest::fold;

/// Processes and events that new records name, mostly.
const LOW: u64 = 16;
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

/// Changes the first `size` of `bytes`, which may become as many as there are; how many they are now. `scenes` are those
/// that the header may name.
pub fn mutate(bytes: &mut [u8], size: usize, seed: u32, scenes: std::ops::Range<u8>) -> usize {
    let mut draw = Draw(u64::from(seed) + 1);
    let mut data = bytes[..size.min(bytes.len())].to_vec();
    data.resize(data.len().next_multiple_of(UNIT).max(UNIT), 0);
    // Often another program: a corpus has more inputs of the larger ones.
    if !scenes.contains(&data[0]) || draw.below(2) == 0 {
        data[0] = scenes.start + draw.below(u64::from(scenes.end - scenes.start)) as u8;
    }
    for _ in 0..=draw.below(3) {
        step(&mut data, &mut draw, &scenes);
    }
    data.truncate(bytes.len() / UNIT * UNIT);
    bytes[..data.len()].copy_from_slice(&data);
    data.len()
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
