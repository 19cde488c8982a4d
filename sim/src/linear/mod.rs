//! Linearizability: whether a history of operations that overlap could have come from doing one after the other.
//!
//! [`check`] looks for an order in which each operation has its effect between its beginning and its end, and in which
//! a sequential [`Model`] gives the recorded results. An operation without an end may have had its effect, at any time
//! after its beginning, or not. Invariant: the answer is exact, or it is [`Verdict::TooHard`].
//! Source: Wing and Gong, "Testing and Verifying Concurrent Objects", 1993, with the cache of configurations of Lowe,
//! "Testing for Linearizability", 2017. [`models`] has the usual objects; histories of programs are in [`history`].

pub mod history;
pub mod models;

use std::hash::Hash;
use warpbeam::term::atom::FixedMap;

/// An object as it is when one operation comes after the other.
pub trait Model {
    type State: Clone + Eq + Hash;
    type Call;
    type Answer;

    fn start(&self) -> Self::State;

    /// The state after the call; `None` if the call could not give this answer. Without an answer any will do.
    fn apply(
        &self,
        state: &Self::State,
        call: &Self::Call,
        answer: Option<&Self::Answer>,
    ) -> Option<Self::State>;
}

/// An operation of a history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Operation<C, A> {
    pub call: C,
    pub answer: Option<A>,
    /// When it began and ended. No two of all these times are equal.
    pub began: u64,
    pub ended: Option<u64>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// An order that explains the history, by index. Operations without an end may be left out.
    Ordered(Vec<usize>),
    /// There is none. The longest beginning of an order that was found.
    Impossible(Vec<usize>),
    /// More configurations than [`CONFIGURATIONS_MAX`].
    TooHard,
}

/// Configurations that are looked at before giving up.
pub const CONFIGURATIONS_MAX: usize = 1_000_000;

type Seen<S> = FixedMap<(Box<[u64]>, S), ()>;

/// The beginnings and ends that are not yet explained, as a list in order of time.
struct Events {
    /// Index of the operation, and whether it is the end.
    events: Vec<(usize, bool)>,
    /// Places of an operation's beginning and end.
    places: Vec<(usize, Option<usize>)>,
    next: Vec<usize>,
    before: Vec<usize>,
}

impl Events {
    /// The list's own place; the others are one higher than their index in `events`.
    const HEAD: usize = 0;

    fn new<C, A>(operations: &[Operation<C, A>]) -> Events {
        let mut timed: Vec<(u64, usize, bool)> = Vec::new();
        for (i, operation) in operations.iter().enumerate() {
            timed.push((operation.began, i, false));
            timed.extend(operation.ended.map(|ended| (ended, i, true)));
        }
        timed.sort_unstable();
        let events: Vec<(usize, bool)> = timed.iter().map(|&(_, i, end)| (i, end)).collect();
        let mut places = vec![(0, None); operations.len()];
        for (at, &(i, end)) in events.iter().enumerate() {
            if end { places[i].1 = Some(at + 1) } else { places[i].0 = at + 1 }
        }
        let count = events.len() + 1;
        let next = (0..count).map(|at| (at + 1) % count).collect();
        let before = (0..count).map(|at| (at + count - 1) % count).collect();
        Events { events, places, next, before }
    }

    fn take_out(&mut self, at: usize) {
        let (before, next) = (self.before[at], self.next[at]);
        self.next[before] = next;
        self.before[next] = before;
    }

    /// Undoes the last [`Events::take_out`] that is not undone.
    fn put_back(&mut self, at: usize) {
        let (before, next) = (self.before[at], self.next[at]);
        self.next[before] = at;
        self.before[next] = at;
    }

    fn take_out_operation(&mut self, operation: usize) {
        let (began, ended) = self.places[operation];
        self.take_out(began);
        ended.into_iter().for_each(|at| self.take_out(at));
    }

    fn put_back_operation(&mut self, operation: usize) {
        let (began, ended) = self.places[operation];
        ended.into_iter().for_each(|at| self.put_back(at));
        self.put_back(began);
    }
}

/// Looks for an order of the operations.
pub fn check<M: Model>(model: &M, operations: &[Operation<M::Call, M::Answer>]) -> Verdict {
    let mut events = Events::new(operations);
    let mut done = vec![0_u64; operations.len().div_ceil(64)].into_boxed_slice();
    let mut state = model.start();
    let mut seen = Seen::default();
    let (mut order, mut longest): (Vec<(usize, M::State)>, Vec<usize>) = (Vec::new(), Vec::new());
    let mut at = events.next[Events::HEAD];
    let indices = |order: &[(usize, M::State)]| order.iter().map(|&(i, _)| i).collect::<Vec<_>>();
    loop {
        if at == Events::HEAD {
            // No end is left.
            return Verdict::Ordered(indices(&order));
        }
        let (operation, is_end) = events.events[at - 1];
        if is_end {
            // It has no place before its end: what was put last has to go elsewhere.
            let Some((last, earlier)) = order.pop() else { return Verdict::Impossible(longest) };
            done[last / 64] &= !(1 << (last % 64));
            state = earlier;
            events.put_back_operation(last);
            at = events.next[events.places[last].0];
            continue;
        }
        let Operation { call, answer, .. } = &operations[operation];
        if let Some(after) = model.apply(&state, call, answer.as_ref()) {
            done[operation / 64] |= 1 << (operation % 64);
            if seen.insert((done.clone(), after.clone()), ()).is_none() {
                if seen.len() > CONFIGURATIONS_MAX {
                    return Verdict::TooHard;
                }
                order.push((operation, std::mem::replace(&mut state, after)));
                if order.len() > longest.len() {
                    longest = indices(&order);
                }
                events.take_out_operation(operation);
                at = events.next[Events::HEAD];
                continue;
            }
            done[operation / 64] &= !(1 << (operation % 64));
        }
        at = events.next[at];
    }
}
