//! Tables on real threads: what four threads do to a few keys at once could have been done one by one.
//!
//! Each thread notes when an operation began and ended by a common count. A search then looks for an order of
//! all operations that keeps these times and explains every answer. Source: Wing and Gong's check of
//! linearizability, remembering what it has tried.

#![cfg(not(loom))]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test of threads starts threads")]

use std::collections::HashSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use warpbeam::ets::counter::count;
use warpbeam::ets::row::Row;
use warpbeam::ets::table::{NewTable, Protection, Table, TableAt, TableId, TableKind, Tuning};
use warpbeam::heap::Heap;
use warpbeam::heap::policy::Policy;
use warpbeam::heap::read::RefId;
use warpbeam::process::pid::{Pid, Serial};
use warpbeam::term::{Atom, Word};
use warpbeam::world::Tables;
use warpbeam::world::concurrent::tables::{LocalTables, SharedTables};

const THREADS: usize = 4;
const OPERATIONS: usize = 6;
const ROUNDS: u64 = 1500;
const KEYS: usize = 2;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Call {
    Insert(usize, i64),
    /// Both keys, in one operation.
    InsertBoth(i64),
    /// Both keys, if neither is there.
    InsertNewBoth(i64),
    Lookup(usize),
    Count(usize),
    Take(usize),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Answer {
    Done,
    Found(Option<i64>),
    Inserted(bool),
}

/// An operation with the times around it.
#[derive(Clone, Copy, Debug)]
struct Event {
    call: Call,
    answer: Answer,
    began: u64,
    ended: u64,
}

type State = [Option<i64>; KEYS];

/// What the call answers in this state, and the state after it.
fn specified(call: Call, mut state: State) -> (Answer, State) {
    let answer = match call {
        Call::Insert(key, value) => {
            state[key] = Some(value);
            Answer::Done
        }
        Call::InsertBoth(value) => {
            state = [Some(value); KEYS];
            Answer::Done
        }
        Call::InsertNewBoth(value) => {
            let free = state == [None; KEYS];
            if free {
                state = [Some(value); KEYS];
            }
            Answer::Inserted(free)
        }
        Call::Lookup(key) => Answer::Found(state[key]),
        Call::Count(key) => {
            state[key] = state[key].map(|n| n + 1);
            Answer::Found(state[key])
        }
        Call::Take(key) => Answer::Found(state[key].take()),
    };
    (answer, state)
}

/// Whether some order of the events that keeps their times gives these answers.
fn is_linearizable(events: &[Event]) -> bool {
    let mut tried: HashSet<(u64, State)> = HashSet::new();
    let mut stack: Vec<(u64, State)> = vec![(0, [None; KEYS])];
    let all = (1u64 << events.len()) - 1;
    while let Some((done, state)) = stack.pop() {
        if done == all {
            return true;
        }
        if !tried.insert((done, state)) {
            continue;
        }
        let open = || events.iter().enumerate().filter(|(i, _)| done & 1 << i == 0);
        let first_end = open().map(|(_, e)| e.ended).min().expect("some are open");
        for (i, event) in open().filter(|(_, e)| e.began <= first_end) {
            let (answer, next) = specified(event.call, state);
            if answer == event.answer {
                stack.push((done | 1 << i, next));
            }
        }
    }
    false
}

fn table_id(round: u64) -> TableId {
    TableId::new(RefId { creator: 1, count: round })
}

fn new_table(round: u64) -> Table {
    Table::new(NewTable {
        id: table_id(round),
        name: Atom::OK,
        named: false,
        kind: TableKind::Set,
        key_position: 1,
        protection: Protection::Public,
        owner: Pid::numbered(Serial(1)),
        heir: None,
        tuning: Tuning {
            read_concurrency: false,
            write_concurrency: Atom::FALSE,
            decentralized_counters: false,
            compressed: false,
        },
    })
}

/// An object whose value stands in it three times, so that a torn one shows.
fn object(heap: &mut Heap, key: usize, value: i64) -> (Word, Row) {
    let value = Word::small(value);
    let object = heap.new_tuple(&[Word::small(key as i64), value, value, value]).expect("there is room");
    (object, Row::of(heap, object).expect("there is room"))
}

fn value(row: &Row) -> i64 {
    let elements = row.elements().expect("a row is a tuple");
    assert!(elements[1] == elements[2] && elements[2] == elements[3], "a row is torn");
    Word(elements[1]).small_value()
}

fn perform(tables: &mut LocalTables<'_>, at: TableAt, call: Call) -> Answer {
    let mut heap = Heap::new(Default::default(), Policy::default());
    let key_word = |key: usize| Word::small(key as i64);
    let mut answer = Answer::Done;
    match call {
        Call::Insert(key, value) => {
            let (object, row) = object(&mut heap, key, value);
            tables.write(at, &mut |table| table.insert(&heap, object, row.clone()));
        }
        Call::InsertBoth(value) | Call::InsertNewBoth(value) => {
            let objects: Vec<_> = (0..KEYS).map(|key| object(&mut heap, key, value)).collect();
            let only_new = matches!(call, Call::InsertNewBoth(_));
            tables.write(at, &mut |table| {
                let free = (0..KEYS).all(|key| table.lookup(&heap, key_word(key)).is_empty());
                if free || !only_new {
                    objects.iter().for_each(|(object, row)| table.insert(&heap, *object, row.clone()));
                }
                answer = if only_new { Answer::Inserted(free) } else { Answer::Done };
            });
        }
        Call::Lookup(key) => {
            tables.read(at, &mut |table| {
                answer = Answer::Found(table.lookup(&heap, key_word(key)).first().map(value));
            });
        }
        Call::Count(key) => {
            let update = |heap: &mut Heap, position: i64| {
                heap.new_tuple(&[Word::small(position), Word::small(1)]).expect("there is room")
            };
            let updates = [2, 3, 4].map(|position| update(&mut heap, position));
            tables.write(at, &mut |table| {
                let counted = count(table, &mut heap, key_word(key), Some(&updates), None);
                let counted = counted.expect("the elements are integers");
                answer = Answer::Found(counted.map(|values| values[0].small_value()));
            });
        }
        Call::Take(key) => {
            tables.write(at, &mut |table| {
                answer = Answer::Found(table.take(&heap, key_word(key)).first().map(value));
            });
        }
    }
    answer
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

fn some_call(random: &mut Random) -> Call {
    let (key, value) = (random.below(KEYS as u64) as usize, random.below(1000) as i64 * 10);
    match random.below(8) {
        0 => Call::InsertBoth(value),
        1 => Call::InsertNewBoth(value),
        2 | 3 => Call::Count(key),
        4 => Call::Take(key),
        5 => Call::Insert(key, value),
        _ => Call::Lookup(key),
    }
}

/// Runs all rounds, checks that their answers have an order, and says how many operations were under way at once.
fn overlaps_in_order() -> usize {
    let shared = SharedTables::default();
    let clock = AtomicU64::new(1);
    let barrier = Barrier::new(THREADS);
    let worker = |number: usize| {
        let mut tables = LocalTables::new(&shared);
        let mut random = Random(number as u64 + 1);
        let mut histories = Vec::new();
        for round in 1..=ROUNDS {
            let calls: Vec<Call> = (0..OPERATIONS).map(|_| some_call(&mut random)).collect();
            if number == 0 {
                assert!(tables.add(new_table(round)));
            }
            barrier.wait();
            let mut history = Vec::new();
            for call in calls {
                let began = clock.fetch_add(1, Ordering::SeqCst);
                let answer = perform(&mut tables, TableAt::Id(table_id(round)), call);
                let ended = clock.fetch_add(1, Ordering::SeqCst);
                history.push(Event { call, answer, began, ended });
            }
            histories.push(history);
            barrier.wait();
            if number == 0 {
                assert!(tables.remove(TableAt::Id(table_id(round)), &mut |_| true).is_some());
            }
        }
        histories
    };
    let histories: Vec<Vec<Vec<Event>>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|number| scope.spawn(move || worker(number))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a worker does not panic")).collect()
    });
    let mut overlaps = 0;
    for round in 0..ROUNDS as usize {
        let events: Vec<Event> = histories.iter().flat_map(|thread| thread[round].iter().copied()).collect();
        assert!(is_linearizable(&events), "round {round} has no order: {events:#?}");
        overlaps +=
            events.iter().filter(|a| events.iter().any(|b| a.began < b.began && b.began < a.ended)).count();
    }
    overlaps
}

#[test]
fn answers_of_threads_are_those_of_some_order() {
    // A machine that is busy may run one thread after another.
    assert!((0..100).any(|_| overlaps_in_order() > 0), "no two operations were under way at once");
}

#[test]
fn the_check_finds_what_no_order_explains() {
    let event = |call, answer, began, ended| Event { call, answer, began, ended };
    let lost = [
        event(Call::Insert(0, 0), Answer::Done, 1, 2),
        event(Call::Count(0), Answer::Found(Some(1)), 3, 6),
        event(Call::Count(0), Answer::Found(Some(1)), 4, 5),
    ];
    assert!(!is_linearizable(&lost));
    let half = [
        event(Call::InsertBoth(5), Answer::Done, 1, 8),
        event(Call::Lookup(0), Answer::Found(Some(5)), 2, 3),
        event(Call::Lookup(1), Answer::Found(None), 4, 5),
    ];
    assert!(!is_linearizable(&half));
    let overlapping = [
        event(Call::Insert(0, 7), Answer::Done, 1, 4),
        event(Call::Lookup(0), Answer::Found(None), 2, 3),
        event(Call::Lookup(0), Answer::Found(Some(7)), 5, 6),
    ];
    assert!(is_linearizable(&overlapping));
}

/// Rows and nodes are given back: what a table takes is a function of what is in it.
#[test]
fn memory_returns_after_deletion() {
    let mut heap = Heap::new(Default::default(), Policy::default());
    let mut table = new_table(1);
    let empty = table.words();
    let rows: Vec<Row> = (0..2000)
        .map(|key| {
            let (object, row) = object(&mut heap, key, 1);
            table.insert(&heap, object, row.clone());
            row
        })
        .collect();
    assert!(rows.iter().all(|row| row.holders() > 1));
    for key in (0..2000).step_by(2) {
        table.take(&heap, Word::small(key));
    }
    let gone = rows.iter().step_by(2).filter(|row| row.holders() > 1).count();
    assert_eq!(gone, 0, "rows that were deleted are kept");
    assert_eq!(table.objects(), 1000);
    assert_eq!(table.delete_all(), 1000);
    assert_eq!(table.words(), empty);
    assert!(rows.iter().all(|row| row.holders() == 1));
}
