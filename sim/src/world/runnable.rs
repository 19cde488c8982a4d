//! Who can act now: an array that choosers see as it is, and the order in which its members came.
//!
//! A running process keeps its seat, with the operation that it asks for written into it, so asking a
//! chooser copies nothing. Invariant: a node knows its index in `options`, and the age list
//! of the slow and that of the others hold each taken seat once, oldest first. Everything is constant time.

use crate::choice::Opt;
use warpbeam::world::Op;

/// A place among the runnable, kept until it is given up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seat(u32);

const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Node {
    position: u32,
    older: u32,
    newer: u32,
    /// In the second list.
    slow: bool,
}

/// A list by age.
#[derive(Clone, Copy, Debug)]
struct Ages {
    oldest: u32,
    newest: u32,
}

const EMPTY: Ages = Ages { oldest: NONE, newest: NONE };

#[derive(Clone, Debug)]
pub struct Runnable {
    options: Vec<Opt>,
    /// The seat of each option.
    seats: Vec<u32>,
    nodes: Vec<Node>,
    free: Vec<u32>,
    /// Those that are not slow, and those that are.
    ages: [Ages; 2],
}

impl Default for Runnable {
    fn default() -> Self {
        Runnable {
            options: Vec::new(),
            seats: Vec::new(),
            nodes: Vec::new(),
            free: Vec::new(),
            ages: [EMPTY; 2],
        }
    }
}

impl Runnable {
    pub fn clear(&mut self) {
        self.options.clear();
        self.seats.clear();
        self.nodes.clear();
        self.free.clear();
        self.ages = [EMPTY; 2];
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.options.len()
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.options.is_empty()
    }

    #[inline]
    pub fn options(&self) -> &[Opt] {
        &self.options
    }

    #[inline]
    pub fn add(&mut self, option: Opt) -> Seat {
        let position = self.options.len() as u32;
        let node = Node { position, older: NONE, newer: NONE, slow: false };
        let seat = match self.free.pop() {
            Some(seat) => {
                self.nodes[seat as usize] = node;
                seat
            }
            None => {
                self.nodes.push(node);
                (self.nodes.len() - 1) as u32
            }
        };
        self.options.push(option);
        self.seats.push(seat);
        self.append(seat);
        Seat(seat)
    }

    fn append(&mut self, seat: u32) {
        let node = &mut self.nodes[seat as usize];
        let ages = &mut self.ages[usize::from(node.slow)];
        let before = ages.newest;
        node.older = before;
        node.newer = NONE;
        ages.newest = seat;
        if before == NONE {
            ages.oldest = seat;
        } else {
            self.nodes[before as usize].newer = seat;
        }
    }

    fn unchain(&mut self, seat: u32) {
        let Node { older, newer, slow, .. } = self.nodes[seat as usize];
        let ages = &mut self.ages[usize::from(slow)];
        if older == NONE {
            ages.oldest = newer;
        } else {
            self.nodes[older as usize].newer = newer;
        }
        if newer == NONE {
            ages.newest = older;
        } else {
            self.nodes[newer as usize].older = older;
        }
    }

    #[inline]
    pub fn remove(&mut self, seat: Seat) {
        let position = self.nodes[seat.0 as usize].position as usize;
        assert!(self.seats[position] == seat.0, "a removed seat was taken");
        self.options.swap_remove(position);
        self.seats.swap_remove(position);
        if let Some(&moved) = self.seats.get(position) {
            self.nodes[moved as usize].position = position as u32;
        }
        self.unchain(seat.0);
        self.free.push(seat.0);
    }

    /// Lets the seat count as the newest.
    pub fn to_back(&mut self, seat: Seat) {
        self.unchain(seat.0);
        self.append(seat.0);
    }

    /// The option's actor is slow: it is not the oldest while there is one that is not slow.
    pub fn slow_down(&mut self, option: usize) {
        self.set_slow(option, true);
    }

    /// The option's actor is not slow any more.
    #[inline]
    pub fn hurry(&mut self, option: usize) {
        self.set_slow(option, false);
    }

    #[inline]
    fn set_slow(&mut self, option: usize, slow: bool) {
        let seat = self.seats[option];
        if self.nodes[seat as usize].slow != slow {
            self.unchain(seat);
            self.nodes[seat as usize].slow = slow;
            self.append(seat);
        }
    }

    #[inline]
    pub fn set_op(&mut self, seat: Seat, op: &Op) {
        self.options[self.nodes[seat.0 as usize].position as usize].op.set(op);
    }

    #[inline]
    pub fn option(&self, seat: Seat) -> &Opt {
        &self.options[self.nodes[seat.0 as usize].position as usize]
    }

    /// The seat that has been taken longest, of those that are not slow if there are any.
    #[inline]
    pub fn oldest(&self) -> Option<Seat> {
        let [quick, slow] = self.ages;
        let oldest = if quick.oldest == NONE { slow.oldest } else { quick.oldest };
        (oldest != NONE).then_some(Seat(oldest))
    }

    /// Makes the seat's option the first of [`Runnable::options`].
    #[inline]
    pub fn bring_first(&mut self, seat: Seat) {
        let position = self.nodes[seat.0 as usize].position as usize;
        if position != 0 {
            self.options.swap(0, position);
            self.seats.swap(0, position);
            self.nodes[self.seats[position] as usize].position = position as u32;
            self.nodes[seat.0 as usize].position = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::Actor;
    use warpbeam::world::OpKind;

    #[test]
    fn agrees_with_a_list_in_order_of_arrival() {
        let mut runnable = Runnable::default();
        let mut model: Vec<(Seat, u32)> = Vec::new();
        let mut slow: Vec<Seat> = Vec::new();
        let mut state = 1u64;
        for step in 0..3_000u32 {
            state = crate::digest::fold(state, u64::from(step));
            let at = |n: usize| (state >> 8) as usize % n;
            match state % 6 {
                0 | 1 => {
                    let option = Opt { actor: Actor::Process(step), op: Op::of(OpKind::Send) };
                    model.push((runnable.add(option), step));
                }
                2 if !model.is_empty() => {
                    let (seat, _) = model.remove(at(model.len()));
                    runnable.remove(seat);
                }
                3 if !model.is_empty() => {
                    let entry = model.remove(at(model.len()));
                    runnable.to_back(entry.0);
                    model.push(entry);
                }
                4 if !model.is_empty() => {
                    let (seat, number) = model[at(model.len())];
                    runnable.bring_first(seat);
                    assert_eq!(runnable.options()[0].actor, Actor::Process(number));
                }
                5 if !model.is_empty() => {
                    let (seat, _) = model[at(model.len())];
                    runnable.bring_first(seat);
                    if slow.contains(&seat) {
                        runnable.hurry(0);
                        slow.retain(|&s| s != seat);
                    } else {
                        runnable.slow_down(0);
                        slow.push(seat);
                    }
                    let entry = model.remove(model.iter().position(|m| m.0 == seat).expect("it is there"));
                    model.push(entry);
                }
                _ => {}
            }
            slow.retain(|&s| model.iter().any(|m| m.0 == s));
            let quick = model.iter().find(|m| !slow.contains(&m.0));
            assert_eq!(runnable.oldest(), quick.or(model.first()).map(|m| m.0));
            assert_eq!(runnable.len(), model.len());
            assert!(model.iter().all(|&(seat, n)| runnable.option(seat).actor == Actor::Process(n)));
        }
    }
}
