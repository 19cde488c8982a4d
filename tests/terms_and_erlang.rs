//! Terms against Erlang: hash, text and order as OTP 25 gives them.
//!
//! Golden values are here in the source. Where an `erl` is installed it is also asked about thousands of
//! random terms, all in one run of it; elsewhere those tests say that they were skipped.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test reads files and runs erl")]

#[allow(dead_code)]
mod sample;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use sample::{Sample, atom, heap, list, portable, small};
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::process::Command;
use warpbeam::heap::Heap;
use warpbeam::term::float_text::{self, FloatFormat};
use warpbeam::term::hash::{phash2, phash2_full, phash2_range};
use warpbeam::term::order::{compare, compare_keys, equal_exact, equal_loose};
use warpbeam::term::show::show;
use warpbeam::term::{Word, map};

fn float(f: f64) -> Sample {
    Sample::Float(f)
}

fn bits(bytes: &[u8], missing: usize) -> Sample {
    Sample::Bits(bytes.to_vec(), missing, 0)
}

/// Terms with `erlang:phash2(T, 1 bsl 32)` and what `~tw` prints.
fn golden() -> Vec<(Sample, u32, &'static str)> {
    let flat = vec![(small(1), small(3)), (atom("a"), small(1)), (float(1.0), list(vec![]))];
    let large = (1..=100).map(|i| (small(i), small(i * i))).collect();
    vec![
        (small(0), 3175731469, "0"),
        (small(-1), 1117813597, "-1"),
        (small(134217727), 4273352567, "134217727"),
        (small(-134217729), 1418916782, "-134217729"),
        (small(1 << 40), 282329375, "1099511627776"),
        (Sample::Big(false, vec![1 << 59]), 2442888721, "576460752303423488"),
        (Sample::Big(true, vec![5, 7, 9]), 1788941730, "-3062541302288446171299498675401880764421"),
        (float(0.0), 423528920, "0.0"),
        (float(1.0), 3029937084, "1.0"),
        (float(-1.5e-300), 1964994683, "-1.5e-300"),
        (atom(""), 0, "''"),
        (atom("a"), 97, "a"),
        (atom("hello world"), 18131988, "'hello world'"),
        (atom("é"), 233, "é"),
        (atom("ёж"), 896694, "'ёж'"),
        (atom("\u{1}it's\\"), 8416908, "'\\001it\\'s\\\\'"),
        (atom("when"), 515774, "'when'"),
        (bits(&[], 0), 147926629, "<<>>"),
        (bits(&[1, 2, 3 << 4], 4), 2292987389, "<<1,2,3:4>>"),
        (bits(b"thirteen bytes", 0), 136562881, "<<116,104,105,114,116,101,101,110,32,98,121,116,101,115>>"),
        (Sample::Bits(vec![1, 2, 0xf8], 3, 5), 3690224485, "<<1,2,31:5>>"),
        (list(vec![]), 3468870702, "[]"),
        (list(b"abcde".iter().map(|&b| small(i64::from(b))).collect()), 2487089008, "[97,98,99,100,101]"),
        (list(vec![small(1), small(256), list(vec![]), atom("x")]), 59542773, "[1,256,[],x]"),
        (Sample::List(vec![small(1), atom("b")], Some(Box::new(small(2)))), 145153965, "[1,b|2]"),
        (Sample::Tuple(vec![]), 221703996, "{}"),
        (Sample::Tuple(vec![atom("ok"), list(vec![atom("a"), float(0.1)])]), 1184162277, "{ok,[a,0.1]}"),
        (Sample::Map(vec![]), 844985373, "#{}"),
        (Sample::Map(flat), 1656536177, "#{1 => 3,1.0 => [],a => 1}"),
        (Sample::Map(large), 3388796832, ""),
    ]
}

#[test]
fn golden_hashes_and_texts() {
    let mut heap = heap();
    for (sample, hash, text) in golden() {
        let word = sample.build(&mut heap);
        if !text.is_empty() {
            assert_eq!(show(&heap, word), text);
        }
        assert_eq!(phash2_full(&heap, word), hash, "{sample:?}");
        assert_eq!(phash2(&heap, word), hash & 0x7ff_ffff);
        assert_eq!(phash2_range(&heap, word, 1000), hash % 1000);
    }
}

/// Terms in ascending order, all different.
fn ascending() -> Vec<Sample> {
    let pair = |a, b| Sample::Tuple(vec![a, b]);
    let map = |k, v| Sample::Map(vec![(k, v)]);
    vec![
        Sample::Big(true, vec![0, 1]),
        float(-1e18),
        small(-5),
        float(-4.5),
        small(0),
        float(0.5),
        small(9_007_199_254_740_992),
        small(9_007_199_254_740_993),
        float(9_007_199_254_740_994.0),
        small((1 << 59) - 1),
        float((1u64 << 59) as f64),
        Sample::Big(false, vec![(1 << 59) + 1]),
        Sample::Big(false, vec![u64::MAX]),
        float(2f64.powi(64)),
        Sample::Big(false, vec![1, 1]),
        float(f64::MAX),
        Sample::Big(false, vec![0; 16].into_iter().chain([1]).collect()),
        atom(""),
        atom("B"),
        atom("a"),
        atom("aa"),
        atom("é"),
        atom("\u{1f600}"),
        Sample::Ref(0, 5),
        Sample::Ref(1, 0),
        Sample::Fun(0, vec![]),
        Sample::Port(1),
        Sample::Pid(1),
        Sample::Pid(2),
        Sample::Tuple(vec![]),
        Sample::Tuple(vec![list(vec![])]),
        pair(small(1), small(2)),
        pair(float(1.0), small(3)),
        Sample::Map(vec![]),
        map(small(2), small(0)),
        map(float(1.0), atom("a")),
        map(float(1.0), atom("b")),
        Sample::Map(vec![(small(1), small(9)), (small(2), small(0))]),
        Sample::Map(vec![(small(1), small(0)), (atom("z"), small(0))]),
        list(vec![]),
        Sample::List(vec![small(1)], Some(Box::new(small(2)))),
        list(vec![small(1)]),
        list(vec![small(1), small(0)]),
        list(vec![small(2)]),
        bits(&[], 0),
        bits(&[0x80], 7),
        bits(&[0x80], 0),
        bits(&[0x80, 1], 0),
        bits(&[0x81], 0),
    ]
}

#[test]
fn golden_order() {
    let mut heap = heap();
    let words: Vec<Word> = ascending().iter().map(|s| s.build(&mut heap)).collect();
    for (i, &a) in words.iter().enumerate() {
        for (j, &b) in words.iter().enumerate() {
            assert_eq!(compare(&heap, a, b), i.cmp(&j), "{} and {}", show(&heap, a), show(&heap, b));
        }
    }
    let (one, same) = (Word::small(1), heap.new_float(1.0).unwrap());
    assert!(equal_loose(&heap, one, same) && !equal_exact(&heap, one, same));
    assert_eq!(compare_keys(&heap, one, same), Ordering::Less);
    let (zero, minus) = (heap.new_float(0.0).unwrap(), heap.new_float(-0.0).unwrap());
    assert!(equal_exact(&heap, zero, minus));
}

/// What `erl` prints when it evaluates `body` with `Terms` bound to these terms; `None` without an `erl`.
fn ask_erlang(name: &str, terms: &str, body: &str) -> Option<Vec<String>> {
    let file = std::env::temp_dir().join(format!("warpbeam-{name}-{}.terms", std::process::id()));
    std::fs::write(&file, format!("%% -*- coding: utf-8 -*-\n{terms}"))
        .expect("the temporary directory is writable");
    let code = format!(
        "io:setopts([{{encoding, unicode}}]), {{ok, Terms}} = file:consult({:?}), {body}, halt().",
        file.to_str().expect("the temporary directory has a plain name")
    );
    let output = Command::new("erl").args(["-noshell", "-noinput", "-eval", &code]).output();
    std::fs::remove_file(&file).expect("the file was just written");
    let Ok(output) = output else {
        eprintln!("SKIPPED: no `erl` to compare with");
        return None;
    };
    assert!(output.status.success(), "erl failed: {}", String::from_utf8_lossy(&output.stdout));
    let text = String::from_utf8(output.stdout).expect("erl prints UTF-8");
    Some(text.lines().map(str::to_string).collect())
}

/// The same random terms in every run.
fn random(strategy: impl Strategy<Value = Sample>, count: usize) -> Vec<Sample> {
    let mut runner = TestRunner::deterministic();
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).expect("nothing is filtered out for long").current())
        .collect()
}

/// A term's text with the entries of maps in key order, so that a reader makes the same term.
fn line(heap: &Heap, word: Word) -> String {
    format!("{}.\n", show(heap, word))
}

#[test]
fn random_hashes_and_texts() {
    let mut heap = heap();
    let mut words: Vec<Word> = golden().iter().map(|g| g.0.build(&mut heap)).collect();
    words.extend(random(portable(false), 3000).iter().map(|s| s.build(&mut heap)));
    let flat = words.len();
    words.extend(random(portable(true), 600).iter().map(|s| s.build(&mut heap)));
    let terms: String = words.iter().map(|&w| line(&heap, w)).collect();
    let body = "[io:format(\"~w ~tw~n\", [erlang:phash2(T, 1 bsl 32), T]) || T <- Terms]";
    let Some(lines) = ask_erlang("hashes", &terms, body) else { return };
    assert_eq!(lines.len(), words.len());
    for (i, (&word, line)) in words.iter().zip(&lines).enumerate() {
        let (hash, text) = line.split_once(' ').expect("a hash and a text");
        let ours = show(&heap, word);
        assert_eq!(phash2_full(&heap, word).to_string(), hash, "{ours}");
        // The order in which a large map is written is Erlang's own.
        if i < flat && !has_large_map(&heap, word) {
            assert_eq!(ours, text);
        }
    }
}

fn has_large_map(heap: &Heap, word: Word) -> bool {
    let mut stack = vec![word];
    while let Some(word) = stack.pop() {
        if heap.is_map(word) {
            if map::size(heap, word) > map::FLAT_MAX {
                return true;
            }
            stack.extend(map::Entries::of(heap, word).flat_map(|(k, v)| [k, v]));
        } else if let Some(elements) = heap.tuple(word) {
            stack.extend(elements.iter().map(|&w| Word(w)));
        } else if word.is_list() {
            let (head, tail) = heap.cell(word);
            stack.extend([head, tail]);
        }
    }
    false
}

#[test]
fn random_order() {
    let mut heap = heap();
    let mut words: Vec<Word> = random(portable(true), 2000).iter().map(|s| s.build(&mut heap)).collect();
    // Each twice, and its neighbour in our own order: those are the pairs that are hard to tell apart.
    let mut sorted = words.clone();
    sorted.sort_by(|&a, &b| compare(&heap, a, b));
    words.extend(sorted);
    let integers = (0..400).map(|i: i64| Sample::Small((1 << (i % 60)) + i % 3 - 1));
    let floats = (0..400).map(|i: i32| Sample::Float(2f64.powi(i % 70) + f64::from(i % 5 - 2)));
    words.extend(integers.zip(floats).flat_map(|(i, f)| [i, f]).map(|s| s.build(&mut heap)));
    let terms: String = words.iter().map(|&w| line(&heap, w)).collect();
    let body = "F = fun F([A, B | T]) -> \
        io:format(\"~w ~w ~w ~w~n\", [A < B, A == B, A =:= B, lists:sort([#{A => x}, #{B => x}]) =:= [#{A => x}, #{B => x}]]), \
        F([B | T]); F(_) -> ok end, F(Terms)";
    let Some(lines) = ask_erlang("order", &terms, body) else { return };
    assert_eq!(lines.len() + 1, words.len());
    for (pair, line) in words.windows(2).zip(&lines) {
        let (a, b) = (pair[0], pair[1]);
        let order = compare(&heap, a, b);
        let ours = format!(
            "{} {} {} {}",
            order == Ordering::Less,
            equal_loose(&heap, a, b),
            equal_exact(&heap, a, b),
            compare_keys(&heap, a, b) != Ordering::Greater,
        );
        assert_eq!(&ours, line, "{} and {}", show(&heap, a), show(&heap, b));
        assert_eq!(order == Ordering::Equal, equal_loose(&heap, a, b));
    }
}

#[test]
fn golden_float_texts() {
    let decimals = |d| FloatFormat::Decimals { decimals: d, compact: false };
    let compact = |d| FloatFormat::Decimals { decimals: d, compact: true };
    let scientific = |d| FloatFormat::Scientific { decimals: d };
    let table = [
        (1.0, FloatFormat::Short, Some("1.0")),
        (1e22, FloatFormat::Short, Some("1.0e22")),
        (1e-5, FloatFormat::Short, Some("1.0e-5")),
        (0.0001, FloatFormat::Short, Some("0.0001")),
        (123456789.0, FloatFormat::Short, Some("123456789.0")),
        (9007199254740991.0, FloatFormat::Short, Some("9007199254740991.0")),
        (9007199254740992.0, FloatFormat::Short, Some("9.007199254740992e15")),
        (-0.0, FloatFormat::Short, Some("-0.0")),
        (2.5, decimals(0), Some("3")),
        (1.005, decimals(2), Some("1.00")),
        (0.15, decimals(1), Some("0.2")),
        (0.3, decimals(17), Some("0.30000000000000000")),
        (0.3, decimals(19), Some("0.2999999999999999889")),
        (-0.0, compact(4), Some("-0.0")),
        (123.456, compact(6), Some("123.456")),
        (1e300, decimals(0), None),
        (1.0, decimals(254), None),
        (1.0, decimals(-1), None),
        (1.0, scientific(20), Some("1.00000000000000000000e+00")),
        (2.5, scientific(0), Some("2e+00")),
        (1e300, scientific(3), Some("1.000e+300")),
        (1.0, scientific(-1), Some("1.000000e+00")),
        (1.0, scientific(250), None),
    ];
    for (f, how, text) in table {
        assert_eq!(float_text::format(f, how).as_deref(), text, "{f:e} as {how:?}");
    }
    let read = ["1.0", "+1.0", "1.0e5", "1.0E+5", "00001.5", "1.0e0000005", "1.0e-400"];
    let refused =
        ["1.", "1", ".5", "1e5", "1.0e", " 1.0", "1.0 ", "1_0.0", "--1.0", "1.0e400", "inf", "1.5e1.0", ""];
    assert!(read.iter().all(|t| float_text::parse(t).is_some()));
    assert!(refused.iter().all(|t| float_text::parse(t).is_none()));
}

#[test]
fn random_float_texts() {
    let mut runner = TestRunner::deterministic();
    let any = proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::ZERO;
    let plain = (-2_000_000i64..2_000_000, 0i32..8).prop_map(|(n, d)| n as f64 / 10f64.powi(d));
    let wide = (proptest::num::i64::ANY, 0i32..12).prop_map(|(n, d)| (n >> 8) as f64 / 10f64.powi(d));
    let mut floats: Vec<f64> = Vec::new();
    for _ in 0..700 {
        floats.push(any.new_tree(&mut runner).expect("a float").current());
        floats.push(plain.new_tree(&mut runner).expect("a float").current());
        floats.push(wide.new_tree(&mut runner).expect("a float").current());
    }
    let mut terms = String::new();
    let mut asked = Vec::new();
    for (i, &f) in floats.iter().enumerate() {
        let d = i as i64 % 23;
        for (how, option) in [
            (FloatFormat::Short, "[short]".to_string()),
            (FloatFormat::Scientific { decimals: d }, format!("[{{scientific,{d}}}]")),
            (FloatFormat::Decimals { decimals: d, compact: false }, format!("[{{decimals,{d}}}]")),
            (FloatFormat::Decimals { decimals: d, compact: true }, format!("[{{decimals,{d}}},compact]")),
        ] {
            writeln!(terms, "{{{},{option}}}.", float_text::short(f)).expect("a string takes any text");
            asked.push((f, how));
        }
    }
    let body = "[io:format(\"~s~n\", [try float_to_list(F, O) catch error:badarg -> \"badarg\" end]) || {F, O} <- Terms]";
    let Some(lines) = ask_erlang("floats", &terms, body) else { return };
    assert_eq!(lines.len(), asked.len());
    for (&(f, how), line) in asked.iter().zip(&lines) {
        assert_eq!(float_text::format(f, how).as_deref().unwrap_or("badarg"), line, "{f:e} as {how:?}");
    }
}
