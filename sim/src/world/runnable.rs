//! Who can act now: an array that choosers see as it is, and the order in which its members came.
//!
//! A running process keeps its seat, with the operation that it asks for written into it, so asking a
//! chooser copies nothing. Invariant: `positions[seat]` is the seat's index in `options`, and the age list
//! holds each taken seat once, oldest first. Everything is constant time.

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
}

#[derive(Clone, Debug)]
pub struct Runnable {
    options: Vec<Opt>,
    /// The seat of each option.
    seats: Vec<u32>,
    nodes: Vec<Node>,
    free: Vec<u32>,
    oldest: u32,
    newest: u32,
}

impl Default for Runnable {
    fn default() -> Self {
        Runnable {
            options: Vec::new(),
            seats: Vec::new(),
            nodes: Vec::new(),
            free: Vec::new(),
            oldest: NONE,
            newest: NONE,
        }
    }
}

impl Runnable {
    pub fn clear(&mut self) {
        self.options.clear();
        self.seats.clear();
        self.nodes.clear();
        self.free.clear();
        self.oldest = NONE;
        self.newest = NONE;
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
        let node = Node { position, older: self.newest, newer: NONE };
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
        let before = self.newest;
        self.nodes[seat as usize].older = before;
        self.nodes[seat as usize].newer = NONE;
        if before == NONE {
            self.oldest = seat;
        } else {
            self.nodes[before as usize].newer = seat;
        }
        self.newest = seat;
    }

    fn unchain(&mut self, seat: u32) {
        let Node { older, newer, .. } = self.nodes[seat as usize];
        if older == NONE {
            self.oldest = newer;
        } else {
            self.nodes[older as usize].newer = newer;
        }
        if newer == NONE {
            self.newest = older;
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

    #[inline]
    pub fn set_op(&mut self, seat: Seat, op: Op) {
        self.options[self.nodes[seat.0 as usize].position as usize].op = op;
    }

    #[inline]
    pub fn option(&self, seat: Seat) -> &Opt {
        &self.options[self.nodes[seat.0 as usize].position as usize]
    }

    /// The seat that has been taken longest.
    #[inline]
    pub fn oldest(&self) -> Option<Seat> {
        (self.oldest != NONE).then_some(Seat(self.oldest))
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
        let mut state = 1u64;
        for step in 0..20_000u32 {
            state = crate::digest::fold(state, u64::from(step));
            let at = |n: usize| (state >> 8) as usize % n;
            match state % 5 {
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
                _ => {}
            }
            assert_eq!(runnable.oldest(), model.first().map(|m| m.0));
            assert_eq!(runnable.len(), model.len());
            assert!(model.iter().all(|&(seat, n)| runnable.option(seat).actor == Actor::Process(n)));
        }
    }
}
