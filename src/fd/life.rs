//! The life of one descriptor: `Opening -> Open -> Closing -> Closed`.
//!
//! It is asked to close by the program, by its owner's end, by a collection that found no reference, and by the
//! runtime's end, in any order and any number; it may be asked before it is open. Invariants: the first who asks wins;
//! [`Step::Close`] comes exactly once for a descriptor that was opened, when nothing is in flight, and again
//! only where the ring refused it; after it was asked, no operation begins.

use super::RawFd;
use crate::planted;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// The operation that opens it is in flight.
    Opening,
    Open(RawFd),
    /// Somebody has asked to close it. `None`: before it was open.
    Closing(Option<RawFd>),
    Closed,
}

/// What is to be done next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    Nothing,
    /// Hand the close to the ring.
    Close(RawFd),
    /// There is no descriptor any more.
    Gone,
}

/// What asking to close came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    /// The first to ask. What is in flight is to be cancelled.
    Won(Step),
    Lost,
}

#[derive(Clone, Debug)]
pub struct Life {
    state: State,
    /// Operations that use the number.
    in_flight: u32,
}

impl Life {
    pub fn opening() -> Life {
        Life { state: State::Opening, in_flight: 0 }
    }

    pub fn state(&self) -> State {
        self.state
    }

    /// The operation that opens it has ended: with a number, or without.
    pub fn opened(&mut self, raw: Option<RawFd>) -> Step {
        match (self.state, raw) {
            (State::Opening, Some(raw)) => {
                self.state = State::Open(raw);
                Step::Nothing
            }
            (State::Closing(None), Some(raw)) => {
                self.state = State::Closing(Some(raw));
                Step::Close(raw)
            }
            (State::Opening | State::Closing(None), None) => {
                self.state = State::Closed;
                Step::Gone
            }
            (state, _) => panic!("a descriptor that is {state:?} is not being opened"),
        }
    }

    /// An operation begins; `None` where it may not.
    pub fn begin(&mut self) -> Option<RawFd> {
        let State::Open(raw) = self.state else { return None };
        self.in_flight += 1;
        Some(raw)
    }

    /// An operation has ended.
    pub fn ended(&mut self) -> Step {
        self.in_flight = self.in_flight.checked_sub(1).expect("an operation that ends has begun");
        match self.state {
            State::Closing(Some(raw)) if self.in_flight <= u32::from(planted!(LastButOneCloses)) => {
                Step::Close(raw)
            }
            State::Closing(Some(_)) | State::Open(_) => Step::Nothing,
            state => panic!("no operation is in flight on a descriptor that is {state:?}"),
        }
    }

    /// Asks to close it.
    pub fn close(&mut self) -> Asked {
        match self.state {
            State::Opening => {
                self.state = State::Closing(None);
                Asked::Won(Step::Nothing)
            }
            State::Open(raw) => {
                self.state = State::Closing(Some(raw));
                let idle = self.in_flight == 0 || planted!(ClosedInUse);
                Asked::Won(if idle { Step::Close(raw) } else { Step::Nothing })
            }
            State::Closing(Some(raw)) if planted!(ClosedTwice) => Asked::Won(Step::Close(raw)),
            State::Closing(_) | State::Closed => Asked::Lost,
        }
    }

    /// The kernel has closed it, or has said why it is closed all the same.
    pub fn closed(&mut self) {
        assert!(
            matches!(self.state, State::Closing(Some(_))) && self.in_flight == 0,
            "only what was asked to close, and is not used, has been closed"
        );
        self.state = State::Closed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A descriptor, those who will ask to close it, operations, and the kernel under it.
    #[derive(Clone)]
    struct Scene {
        life: Life,
        opening: bool,
        closers_left: u32,
        begins_left: u32,
        in_flight: u32,
        asked: bool,
        wins: u32,
        /// The number is open in the kernel.
        in_kernel: bool,
        close_submitted: bool,
        refusals_left: u32,
        closes_done: u32,
    }

    const RAW: RawFd = RawFd(7);

    impl Scene {
        fn step(&mut self, step: Step) {
            if let Step::Close(raw) = step {
                assert!(raw == RAW && self.in_kernel && self.in_flight == 0, "nothing uses what is closed");
                assert!(!self.close_submitted, "closed once");
                self.close_submitted = true;
            }
        }

        fn open(&mut self, succeeds: bool) {
            self.opening = false;
            self.in_kernel = succeeds;
            let step = self.life.opened(succeeds.then_some(RAW));
            assert_eq!(step == Step::Gone, !succeeds);
            self.step(step);
        }

        fn ask(&mut self) {
            self.closers_left -= 1;
            match self.life.close() {
                Asked::Won(step) => {
                    self.wins += 1;
                    self.step(step);
                }
                Asked::Lost => {}
            }
            self.asked = true;
        }

        fn begin(&mut self) {
            self.begins_left -= 1;
            let begun = self.life.begin();
            assert_eq!(begun.is_some(), !self.opening && self.in_kernel && !self.asked);
            self.in_flight += u32::from(begun.is_some());
        }

        fn end(&mut self) {
            self.in_flight -= 1;
            let step = self.life.ended();
            self.step(step);
        }

        fn close_ends(&mut self) {
            self.close_submitted = false;
            self.in_kernel = false;
            self.closes_done += 1;
            self.life.closed();
        }

        /// The scenes that can come next.
        fn next(&self) -> Vec<Scene> {
            let mut found = Vec::new();
            let mut go = |can: bool, act: &dyn Fn(&mut Scene)| {
                if can {
                    let mut next = self.clone();
                    act(&mut next);
                    found.push(next);
                }
            };
            go(self.opening, &|s| s.open(true));
            go(self.opening, &|s| s.open(false));
            go(self.closers_left > 0, &Scene::ask);
            go(self.begins_left > 0, &Scene::begin);
            go(self.in_flight > 0, &Scene::end);
            go(self.close_submitted, &Scene::close_ends);
            // The ring refuses a close: whoever handed it over does so again.
            go(self.close_submitted && self.refusals_left > 0, &|s| s.refusals_left -= 1);
            found
        }
    }

    #[test]
    fn one_winner_and_one_close_in_every_order() {
        let start = Scene {
            life: Life::opening(),
            opening: true,
            closers_left: 3,
            begins_left: 3,
            in_flight: 0,
            asked: false,
            wins: 0,
            in_kernel: false,
            close_submitted: false,
            refusals_left: 1,
            closes_done: 0,
        };
        let (mut pending, mut ends) = (vec![start], 0);
        while let Some(scene) = pending.pop() {
            let next = scene.next();
            if next.is_empty() {
                ends += 1;
                assert!(!scene.in_kernel, "not leaked");
                assert!(scene.wins <= 1 && scene.closes_done <= 1, "one winner, one close");
                assert_eq!(scene.life.state(), State::Closed);
            }
            pending.extend(next);
        }
        assert!(ends > 1000, "the orders were looked at: {ends}");
    }
}
