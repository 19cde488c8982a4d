//! The native functions on data against recorded answers of OTP 25.
//!
//! Each line of a table in `tests/natives` is a call and what it came to: `lists:reverse([1,2],[]) ==> [2,1]`, or
//! `erlang:abs(a) ==> error:badarg`. `tests/natives/record.sh` writes the right sides anew with `erl`.
//! `math_last_bits.table` has calls of `math` where OTP's answer, from the platform's library, is a neighbour of ours.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test reads files and runs erl")]

mod erlang_text;

use erlang_text::{evaluate, parse};
use std::path::Path;
use warpbeam::bif::Local;
use warpbeam::heap::Heap;
use warpbeam::heap::mutator::Mutator;
use warpbeam::heap::policy::Policy;
use warpbeam::process::Process;
use warpbeam::process::pid::{PathKey, Pid, Serial};

fn heap() -> Heap {
    Heap::new(Default::default(), Policy::default())
}

/// What a call comes to, as text.
fn answer(call: &str) -> String {
    let mut process = Process::new(heap(), Pid::numbered(Serial(1)), PathKey::ROOT);
    let mut heap = heap();
    let mut local = Local { m: Mutator::new(&mut heap), control: &mut process.control };
    match evaluate(&mut local, &parse(call)) {
        Ok(term) => local.m.show(term),
        Err(raised) => raised.0,
    }
}

/// The tables, by name; `record.sh` has the same list.
const TABLES: [&str; 15] = [
    "access",
    "atoms",
    "binary_module",
    "checksums",
    "iolists_binaries",
    "lists",
    "maps",
    "math",
    "number_text",
    "operators",
    "packets",
    "terms",
    "tuples",
    "type_tests",
    "unicode",
];

/// Call and recorded answer of each line of a table, with the line's number.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str, &str)> {
    let filled = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let numbered = text.lines().enumerate().filter(move |(_, line)| filled(line));
    numbered.map(|(i, line)| {
        let (call, answer) = line.split_once(" ==> ").expect("a line is a call and its answer");
        (i + 1, call, answer)
    })
}

#[test]
fn natives_answer_as_recorded() {
    let mut count = 0;
    let mut wrong = Vec::new();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/natives");
    for name in TABLES {
        let table = directory.join(format!("{name}.txt"));
        let text = std::fs::read_to_string(table).expect("the tables are in the repository");
        for (number, call, expected) in lines(&text) {
            let got = answer(call);
            count += 1;
            if got != expected {
                wrong.push(format!("{name}.txt:{number}: {call}\n  recorded {expected}\n  got      {got}"));
            }
        }
    }
    assert!(count > 7000, "the tables are there: {count} lines");
    assert!(wrong.is_empty(), "{} of {count} lines:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn math_is_a_neighbour_of_the_platforms() {
    let text = include_str!("natives/math_last_bits.table");
    for (number, call, recorded) in lines(text) {
        let bits = |answer: &str| answer.parse::<f64>().expect("an answer is a float").to_bits();
        let apart = bits(&answer(call)).abs_diff(bits(recorded));
        assert!((1..=2).contains(&apart), "line {number}: {call} is {apart} units in the last place off");
    }
}

/// What `erlang:display/1` of OTP 25 writes; in UTF-8 here, and without the carriage return.
const DISPLAYED: [(&str, &str); 13] = [
    ("[97,34,98,92,99]", r#""a\"b\c""#),
    ("[9,13,10]", "\"\t\r\\n\""),
    ("[160,228]", "\"\u{a0}ä\""),
    ("[97,256]", "[97,256]"),
    ("[127]", "[127]"),
    ("[97|b]", "[97|b]"),
    ("[]", "[]"),
    ("<<97,34,98>>", r#"<<"a\"b">>"#),
    ("<<97,10>>", "<<97,10>>"),
    ("<<>>", "<<>>"),
    ("{1.5,-0.0,123456789.123}", "{1.500000e+00,-0.000000e+00,1.234568e+08}"),
    ("#{a => #{1 => [98]}}", r##"#{a=>#{1=>"b"}}"##),
    ("['A',b@c,'end','d-e']", "['A','b@c',end,'d-e']"),
];

#[test]
fn display_has_its_own_way_with_strings_floats_and_atoms() {
    for (text, displayed) in DISPLAYED {
        let mut process = Process::new(heap(), Pid::numbered(Serial(1)), PathKey::ROOT);
        let mut heap = heap();
        let mut local = Local { m: Mutator::new(&mut heap), control: &mut process.control };
        let term = evaluate(&mut local, &parse(text)).unwrap_or_else(|raised| panic!("{text}: {}", raised.0));
        assert_eq!(local.m.display(term), displayed, "{text}");
    }
}
