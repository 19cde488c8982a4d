//! Random match specifications over random rows: on a row as on a heap, and as `erl` answers where there is one.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test reads files and runs erl")]

#[allow(dead_code)]
mod erlang;
#[allow(dead_code)]
mod sample;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sample::{Sample, atom, heap, list, small};
use warpbeam::ets::matchspec::{Key, MatchSpec};
use warpbeam::ets::row::Row;
use warpbeam::heap::Heap;
use warpbeam::term::Word;
use warpbeam::term::order::equal_exact;
use warpbeam::term::show::show;

fn leaf() -> impl Strategy<Value = Sample> {
    let atoms = prop::sample::select(vec!["a", "b", "true", "false", "", "error"]).prop_map(atom);
    let floats = prop::sample::select(vec![0.0, 1.0, -2.5, 1.0e300]).prop_map(Sample::Float);
    let bytes = (0usize..80).prop_map(|n| Sample::Bits(vec![7; n], 0, 0));
    let bits = Just(Sample::Bits(vec![0x80, 0x80], 7, 0));
    let big = Just(Sample::Big(false, vec![0, 1]));
    prop_oneof![4 => atoms, 4 => (-1i64..4).prop_map(small), 1 => floats, 1 => bytes, 1 => bits, 1 => big]
}

fn map_of(entries: Vec<(Sample, Sample)>) -> Sample {
    Sample::Map(entries)
}

fn value() -> impl Strategy<Value = Sample> {
    leaf().prop_recursive(3, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(list),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Sample::List(vec![a], Some(Box::new(b)))),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Sample::Tuple),
            prop::collection::vec((leaf(), inner), 0..3).prop_map(map_of),
        ]
    })
}

fn variable(pick: u8) -> Sample {
    atom(["$1", "$2", "$3", "_"][usize::from(pick % 4)])
}

/// A pattern near the term: `picks` say where a variable, a part left out or another number stands.
fn pattern(term: &Sample, picks: &mut impl Iterator<Item = u8>) -> Sample {
    let pick = picks.next().unwrap_or(0);
    match (pick / 4 % 6, term) {
        (0, _) => variable(pick),
        (1, Sample::Map(entries)) => Sample::Map(entries.iter().skip(1).cloned().collect()),
        (2, Sample::Small(n)) => Sample::Float(*n as f64),
        (_, Sample::Tuple(elements)) => Sample::Tuple(elements.iter().map(|e| pattern(e, picks)).collect()),
        (_, Sample::List(elements, tail)) => {
            let elements = elements.iter().map(|e| pattern(e, picks)).collect();
            Sample::List(elements, tail.as_ref().map(|t| Box::new(pattern(t, picks))))
        }
        (_, Sample::Map(entries)) => {
            Sample::Map(entries.iter().map(|(k, v)| (k.clone(), pattern(v, picks))).collect())
        }
        _ => term.clone(),
    }
}

/// Functions of one and more arguments, some that there are none of.
const FUNCTIONS: [(&str, usize); 48] = [
    ("is_atom", 1),
    ("is_binary", 1),
    ("is_float", 1),
    ("is_integer", 1),
    ("is_list", 1),
    ("is_map", 1),
    ("is_number", 1),
    ("is_tuple", 1),
    ("is_reference", 1),
    ("is_function", 1),
    ("not", 1),
    ("abs", 1),
    ("hd", 1),
    ("tl", 1),
    ("length", 1),
    ("size", 1),
    ("map_size", 1),
    ("byte_size", 1),
    ("bit_size", 1),
    ("round", 1),
    ("trunc", 1),
    ("float", 1),
    ("-", 1),
    ("bnot", 1),
    ("node", 1),
    ("no_function", 1),
    ("+", 2),
    ("-", 2),
    ("*", 2),
    ("/", 2),
    ("div", 2),
    ("rem", 2),
    ("band", 2),
    ("element", 2),
    ("element", 2),
    ("map_get", 2),
    ("is_map_key", 2),
    ("binary_part", 3),
    ("==", 2),
    ("=:=", 2),
    ("/=", 2),
    ("=/=", 2),
    ("<", 2),
    (">", 2),
    ("=<", 2),
    (">=", 2),
    ("xor", 2),
    ("is_record", 3),
];

fn expression() -> impl Strategy<Value = Sample> {
    let names = vec!["$1", "$1", "$1", "$2", "$2", "$2", "$_", "$$", "true", "false", "a", "$_", "$1", "$3"];
    let constant = value().prop_map(|v| Sample::Tuple(vec![atom("const"), v]));
    let numbers = (0i64..3).prop_map(small);
    let leaf = prop_oneof![8 => prop::sample::select(names).prop_map(atom), 1 => constant, 2 => numbers];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let call = (prop::sample::select(FUNCTIONS.to_vec()), prop::collection::vec(inner.clone(), 3));
        let form = prop::sample::select(vec!["and", "or", "andalso", "orelse"]);
        let of_form = (form, prop::collection::vec(inner.clone(), 0..4));
        let tuple = |name: &str, arguments: &[Sample]| {
            Sample::Tuple(std::iter::once(atom(name)).chain(arguments.iter().cloned()).collect())
        };
        prop_oneof![
            6 => call.prop_map(move |((name, arity), arguments)| tuple(name, &arguments[..arity])),
            2 => of_form.prop_map(move |(name, arguments)| tuple(name, &arguments)),
            1 => prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|elements| Sample::Tuple(vec![Sample::Tuple(elements)])),
            1 => prop::collection::vec(inner.clone(), 0..3).prop_map(list),
            1 => prop::collection::vec((self::leaf(), inner), 0..3).prop_map(map_of),
        ]
    })
}

/// A row and a specification. The first clauses' heads are near the row.
fn case() -> impl Strategy<Value = (Sample, Sample)> {
    let row = prop::collection::vec(value(), 0..4);
    let clause =
        (prop::collection::vec(any::<u8>(), 12), prop::collection::vec(expression(), 0..2), expression());
    (row, prop::collection::vec(clause, 1..3)).prop_map(|(row, clauses)| {
        // Two elements are variables wherever the head is a tuple.
        let row = Sample::Tuple([small(1), list(vec![small(2)])].into_iter().chain(row).collect());
        let clause = |(picks, guards, body): (Vec<u8>, Vec<Sample>, Sample)| {
            let mut head = pattern(&row, &mut std::iter::once(12).chain(picks));
            if let Sample::Tuple(elements) = &mut head {
                (elements[0], elements[1]) = (atom("$1"), atom("$2"));
            }
            Sample::Tuple(vec![head, list(guards), list(vec![body])])
        };
        let clauses = clauses.into_iter().map(clause).collect();
        (row, list(clauses))
    })
}

/// As `erlang:match_spec_test(Row, Spec, table)` answers; the result for a row that lies in a table is the same.
fn answer(heap: &mut Heap, term: Word, spec: Word) -> Word {
    let room = "test terms fit on the heap";
    let compiled = match MatchSpec::compile(heap, spec).expect(room) {
        Ok(compiled) => compiled,
        Err(_) => return Word::atom(warpbeam::term::Atom::known("error")),
    };
    let row = Row::of(heap, term).expect(room);
    let mut runner = compiled.on(heap, Word::NIL).expect(room);
    let before = heap.len();
    let from_row = runner.row(heap, &row).expect(room);
    assert!(
        from_row.is_some() || heap.len() == before,
        "a row that does not match leaves the heap as it was"
    );
    let from_heap = runner.term(heap, term).expect(room);
    match (from_row, from_heap) {
        (Some(a), Some(b)) => assert!(equal_exact(heap, a, b), "{} and {}", show(heap, a), show(heap, b)),
        (a, b) => assert!(a.is_none() && b.is_none(), "a row matches as a term does"),
    }
    assert_eq!(runner.is_true(heap, &row).expect(room), from_row == Some(Word::TRUE));
    from_row.unwrap_or(Word::FALSE)
}

#[test]
fn rows_match_as_terms_do_and_as_erl_says() {
    let mut runner = TestRunner::deterministic();
    let mut heap = heap();
    let (mut ours, mut inputs) = (Vec::new(), Vec::new());
    for _ in 0..6000 {
        let (row, spec) = case().new_tree(&mut runner).expect("nothing is filtered out").current();
        let (row, spec) = (row.build(&mut heap), spec.build(&mut heap));
        let result = answer(&mut heap, row, spec);
        let asked = heap.new_tuple(&[row, spec]).expect("it fits");
        inputs.push(erlang::bytes_of(&heap, asked));
        ours.push((asked, result));
    }
    let results = ours.iter().filter(|o| o.1 != Word::FALSE && !o.1.is_atom()).count();
    assert!(results > 500, "{results} cases have a result worth a look");
    let fun = "fun({R, S}) -> case erlang:match_spec_test(R, S, table) of {ok, V, [], []} -> V; {error, _} -> error end end";
    let Some(theirs) = erlang::ask("match_specs", fun, &inputs) else { return };
    for ((asked, result), bytes) in ours.into_iter().zip(theirs) {
        let expected = erlang::term_of(&mut heap, &bytes);
        let (case, ours, theirs) = (show(&heap, asked), show(&heap, result), show(&heap, expected));
        assert!(equal_exact(&heap, result, expected), "{case}:\nerl      {theirs}\nwarpbeam {ours}");
    }
}

#[test]
fn a_head_says_what_it_binds_of_the_key() {
    let pair = |a, b| Sample::Tuple(vec![a, b]);
    let table = [
        (pair(small(1), atom("$1")), Some("1")),
        (pair(pair(atom("a"), list(vec![small(1)])), atom("_")), Some("{a,[1]}")),
        (pair(pair(atom("a"), atom("_")), small(1)), None),
        (pair(list(vec![atom("$7")]), small(1)), None),
        (pair(Sample::Map(vec![]), small(1)), None),
        (pair(atom("$01"), small(1)), Some("'$01'")),
        (atom("_"), None),
        (atom("$1"), None),
        (Sample::Tuple(vec![]), Some("never")),
        (list(vec![small(1)]), Some("never")),
        (atom("a"), Some("never")),
    ];
    let mut heap = heap();
    for (head, expected) in table {
        let clause = Sample::Tuple(vec![head, list(vec![]), list(vec![atom("$_")])]);
        let spec = list(vec![clause]).build(&mut heap);
        let compiled = MatchSpec::compile(&mut heap, spec).expect("it fits").expect("it is right");
        let runner = compiled.on(&mut heap, Word::NIL).expect("it fits");
        let found: Vec<Option<String>> = runner
            .keys(&heap, 1)
            .map(|key| match key {
                Key::Any => None,
                Key::Never => Some("never".to_string()),
                Key::Bound(word) => Some(show(&heap, word)),
            })
            .collect();
        assert_eq!(found, [expected.map(str::to_string)], "{}", show(&heap, spec));
    }
}
