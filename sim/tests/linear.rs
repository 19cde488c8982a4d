//! The linearizability checker against all orders: random short histories of every model, judged by both.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::sync::Arc;
use warpbeam_sim::linear::models::{Builtin, Call, State, Text};
use warpbeam_sim::linear::{Model, Operation, Verdict, check};

type Op = Operation<Call, Text>;

/// Whether some order of some of the operations explains the history: those with an end all have to be in it.
fn brute(model: Builtin, operations: &[Op], left: &[usize], state: &State) -> bool {
    if left.iter().all(|&i| operations[i].ended.is_none()) {
        return true;
    }
    left.iter().any(|&i| {
        let began = operations[i].began;
        let is_early = left.iter().all(|&j| j == i || operations[j].ended.is_none_or(|ended| ended > began));
        let after = model.apply(state, &operations[i].call, operations[i].answer.as_ref());
        let rest: Vec<usize> = left.iter().copied().filter(|&j| j != i).collect();
        is_early && after.is_some_and(|after| brute(model, operations, &rest, &after))
    })
}

fn text(n: u8) -> Text {
    Arc::from(n.to_string().as_str())
}

/// An operation of the model, and an answer that it may give.
fn call(model: Builtin, process: u32, kind: u8, a: u8, b: u8) -> (Call, Text) {
    let truth = Text::from(if b.is_multiple_of(2) { "true" } else { "false" });
    let found = if b == 0 { Text::from("empty") } else { Text::from(format!("{{ok,{}}}", b - 1)) };
    let (name, arguments, answer): (&str, Vec<Text>, Text) = match (model, kind % 3) {
        (Builtin::Register, 0) => ("read", vec![], if b == 0 { "undefined".into() } else { text(b - 1) }),
        (Builtin::Register, 1) => ("write", vec![text(a)], "ok".into()),
        (Builtin::Register, _) => ("cas", vec![text(a), text((a + 1) % 3)], truth),
        (Builtin::Counter, 0) => ("read", vec![], text(b)),
        (Builtin::Counter, 1) => ("add", vec![text(a)], "ok".into()),
        (Builtin::Counter, _) => (if a == 0 { "add_get" } else { "get_add" }, vec![text(1)], text(b)),
        (Builtin::Queue, 0 | 1) => ("pop", vec![], found),
        (Builtin::Queue, _) => ("push", vec![text(a)], "ok".into()),
        (Builtin::Set, kind) => (["add", "remove", "member"][kind as usize], vec![text(0)], truth),
        (Builtin::Lock, kind) => (["acquire", "try_acquire", "release"][kind as usize], vec![], truth),
        (Builtin::KeyValue, 0) => {
            let got = if b == 0 { "error".into() } else { format!("{{ok,{}}}", b - 1) };
            ("get", vec![text(0)], got.into())
        }
        (Builtin::KeyValue, 1) => ("put", vec![text(0), text(a)], "ok".into()),
        (Builtin::KeyValue, _) => ("delete", vec![text(0)], truth),
    };
    (Call { process, name: name.into(), arguments }, answer)
}

/// An operation as it is drawn: kind, two values, when it begins, how long it takes; 0 is no end.
type Drawn = (u8, u8, u8, u64, u64);

fn history(model: Builtin, drawn: &[Drawn]) -> Vec<Op> {
    let operation = |(i, &(kind, a, b, start, length)): (usize, &Drawn)| {
        let (call, answer) = call(model, (i % 3) as u32, kind, a, b);
        // Times are distinct: one residue for each beginning and end.
        let (n, all) = (i as u64, 2 * drawn.len() as u64);
        let ended = (length > 0).then_some((start + length) * all + 2 * n + 1);
        Operation { call, answer: ended.map(|_| answer), began: start * all + 2 * n, ended }
    };
    drawn.iter().enumerate().map(operation).collect()
}

#[test]
fn it_finds_an_order_just_when_there_is_one() {
    let drawn = prop::collection::vec((0..3_u8, 0..3_u8, 0..4_u8, 0..6_u64, 0..5_u64), 0..7);
    for (model, name) in warpbeam_sim::linear::models::ALL {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let mut runner = TestRunner::new_with_rng(Config { cases: 3_000, ..Config::default() }, rng);
        let (mut ordered, mut impossible) = (0, 0);
        for _ in 0..3_000 {
            let tree = drawn.new_tree(&mut runner).expect("the strategy filters nothing");
            let operations = history(model, &tree.current());
            assert!(operations.iter().all(|o| model.knows(&o.call)), "{name}");
            let all: Vec<usize> = (0..operations.len()).collect();
            let expected = brute(model, &operations, &all, &model.start());
            match check(&model, &operations) {
                Verdict::Ordered(order) => {
                    ordered += 1;
                    assert!(expected, "{name}: {operations:?}");
                    explains(model, &operations, &order);
                }
                Verdict::Impossible(_) => {
                    impossible += 1;
                    assert!(!expected, "{name}: {operations:?}");
                }
                Verdict::TooHard => panic!("{name}: {operations:?}"),
            }
        }
        assert!(ordered > 300 && impossible > 300, "{name}: {ordered} to {impossible}");
    }
}

/// The order gives the answers, has all operations with an end, and puts none before one that ended earlier.
fn explains(model: Builtin, operations: &[Op], order: &[usize]) {
    let mut state = model.start();
    for (at, &i) in order.iter().enumerate() {
        let Operation { call, answer, ended, .. } = &operations[i];
        state = model.apply(&state, call, answer.as_ref()).expect("the order gives the answers");
        let late = order[..at].iter().all(|&j| ended.is_none_or(|ended| ended > operations[j].began));
        assert!(late, "{order:?}");
    }
    let done = (0..operations.len()).all(|i| operations[i].ended.is_none() || order.contains(&i));
    assert!(done, "{order:?}");
}

/// Many operations at once that do not change what comes of each other: exponential without the cache.
#[test]
fn wide_histories_are_judged_at_once() {
    let write = |i: u32| Operation {
        call: Call { process: i, name: "add".into(), arguments: vec!["1".into()] },
        answer: Some("ok".into()),
        began: u64::from(i),
        ended: Some(1000 + u64::from(i)),
    };
    let mut operations: Vec<Op> = (0..14).map(write).collect();
    let read = |answer: &str| Operation {
        call: Call { process: 99, name: "read".into(), arguments: Vec::new() },
        answer: Some(answer.into()),
        began: 3_000,
        ended: Some(3_001),
    };
    operations.push(read("14"));
    assert!(matches!(check(&Builtin::Counter, &operations), Verdict::Ordered(_)));
    *operations.last_mut().expect("it has one") = read("13");
    assert!(matches!(check(&Builtin::Counter, &operations), Verdict::Impossible(_)));
}
