//! The timer heap against a sorted list: what fires, in which order, and what cancelling finds.
#![cfg(not(loom))]

use proptest::prelude::*;
use warpbeam::process::pid::{Pid, Serial};
use warpbeam::time::timer_heap::TimerHeap;
use warpbeam::time::{Deadline, Instant, TimerId};

#[derive(Clone, Debug)]
enum Step {
    Set {
        id: u64,
        owner: Option<u64>,
        in_ns: u64,
    },
    Cancel {
        id: u64,
    },
    DropOwned {
        owner: u64,
    },
    /// The clock jumps.
    Pass {
        ns: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let set = (0..40_u64, prop::option::of(0..4_u64), 0..50_u64);
    prop_oneof![
        5 => set.prop_map(|(id, owner, in_ns)| Step::Set { id, owner, in_ns }),
        2 => (0..40_u64).prop_map(|id| Step::Cancel { id }),
        1 => (0..4_u64).prop_map(|owner| Step::DropOwned { owner }),
        2 => (0..30_u64).prop_map(|ns| Step::Pass { ns }),
    ]
}

fn timer(id: u64) -> TimerId {
    TimerId { creator: id % 3, count: id }
}

fn pid(owner: u64) -> Pid {
    Pid::numbered(Serial(owner))
}

/// A running timer of the model, in order of firing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Running {
    deadline_ns: u64,
    order: usize,
    id: u64,
    owner: Option<u64>,
}

#[derive(Default)]
struct Model {
    now_ns: u64,
    running: Vec<Running>,
}

impl Model {
    fn take(&mut self, id: u64) -> Option<Running> {
        let at = self.running.iter().position(|r| r.id == id)?;
        Some(self.running.remove(at))
    }
}

fn apply(step: &Step, order: usize, heap: &mut TimerHeap<usize>, model: &mut Model) {
    match *step {
        Step::Set { id, owner, in_ns } => {
            let deadline_ns = model.now_ns + in_ns;
            heap.set(timer(id), Deadline(Instant { ns: deadline_ns }), owner.map(pid), order);
            model.take(id);
            model.running.push(Running { deadline_ns, order, id, owner });
            model.running.sort();
        }
        Step::Cancel { id } => {
            let found = heap.cancel(timer(id)).map(|(deadline, order)| (deadline.0.ns, order));
            assert_eq!(found, model.take(id).map(|r| (r.deadline_ns, r.order)));
        }
        Step::DropOwned { owner } => {
            heap.drop_owned(pid(owner));
            model.running.retain(|r| r.owner != Some(owner));
        }
        Step::Pass { ns } => {
            model.now_ns += ns;
            let now = Instant { ns: model.now_ns };
            let due = model.running.partition_point(|r| r.deadline_ns <= model.now_ns);
            for expected in model.running.drain(..due) {
                let fired = heap.pop_due(now).expect("a timer is due");
                assert_eq!(
                    (fired.deadline.0.ns, fired.id, fired.payload),
                    (expected.deadline_ns, timer(expected.id), expected.order)
                );
            }
            assert_eq!(heap.pop_due(now), None);
        }
    }
}

proptest! {
    #[test]
    fn timers_fire_in_order_and_never_early(steps in prop::collection::vec(step(), 1..400)) {
        let mut heap = TimerHeap::default();
        let mut model = Model::default();
        for (order, step) in steps.iter().enumerate() {
            apply(step, order, &mut heap, &mut model);
            prop_assert_eq!(heap.len(), model.running.len());
            prop_assert_eq!(heap.next_deadline().map(|d| d.0.ns), model.running.first().map(|r| r.deadline_ns));
            for id in 0..40 {
                let read = heap.read(timer(id)).map(|(deadline, &order)| (deadline.0.ns, order));
                let known = model.running.iter().find(|r| r.id == id).map(|r| (r.deadline_ns, r.order));
                prop_assert_eq!(read, known);
            }
        }
    }
}

#[test]
fn cancelled_timers_leave_nothing_that_grows() {
    let mut heap = TimerHeap::default();
    heap.set(timer(7), Deadline(Instant { ns: u64::MAX - 1 }), None, 0);
    for round in 0..1_000_000 {
        heap.set(timer(1), Deadline(Instant { ns: 1_000_000 + round }), Some(pid(1)), 1);
        heap.cancel(timer(1));
    }
    assert_eq!(heap.len(), 1);
    assert!(heap.memory_entries() < 1000, "{}", heap.memory_entries());
}
