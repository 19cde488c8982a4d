//! What kinds of arguments functions are given: a strategy for each word that `tests/suite/live.txt` uses.
//!
//! One argument in ten is of any kind at all, so that errors are compared too.

use super::sample::{Sample, atom, list, portable, small};
use proptest::collection::vec;
use proptest::prelude::*;

type Arguments = BoxedStrategy<Sample>;

fn atoms(of: &'static [&'static str]) -> Arguments {
    proptest::sample::select(of).prop_map(atom).boxed()
}

/// Few terms, so that equal ones meet, and equal numbers of different types.
fn few() -> Arguments {
    prop_oneof![
        4 => (-3i64..8).prop_map(small),
        1 => (-2i32..4).prop_map(|n| Sample::Float(f64::from(n))),
        2 => atoms(&["a", "b", "c"]),
        1 => (0i64..3).prop_map(|n| Sample::Tuple(vec![small(n), atom("a")])),
        1 => (0i64..3).prop_map(|n| list(vec![small(n)])),
    ]
    .boxed()
}

fn integer() -> Arguments {
    prop_oneof![
        4 => (-40i64..300).prop_map(small),
        1 => any::<i64>().prop_map(|n| small(n >> 5)),
        1 => (0u32..59, -2i64..3, any::<bool>()).prop_map(|(e, d, n)| small(if n { -(1 << e) + d } else { (1 << e) + d })),
        2 => (any::<bool>(), vec(any::<u64>(), 1..4)).prop_map(|(n, limbs)| Sample::Big(n, limbs)),
        1 => (any::<bool>(), 0u64..4).prop_map(|(n, d)| Sample::Big(n, vec![u64::MAX - 1 + d.min(1), d])),
    ]
    .boxed()
}

fn number() -> Arguments {
    let near = (-3i32..4, -60i32..70).prop_map(|(d, e)| Sample::Float(2f64.powi(e) + f64::from(d)));
    let short = (-9999i32..9999, -9i32..9).prop_map(|(n, e)| Sample::Float(f64::from(n) * 10f64.powi(e)));
    let wild = any::<u64>()
        .prop_map(f64::from_bits)
        .prop_filter("finite", |f| f.is_finite())
        .prop_map(Sample::Float);
    prop_oneof![3 => integer(), 2 => near, 3 => short, 1 => wild].boxed()
}

fn lists_of(of: Arguments) -> Arguments {
    vec(of, 0..8).prop_map(list).boxed()
}

fn character() -> BoxedStrategy<char> {
    prop_oneof![
        6 => proptest::char::range('a', 'e'),
        2 => proptest::sample::select(&[' ', ',', '\n', '\r', '\t', '/', '%', '~', '"', '\'', '\\', '.', ':', '?', '#'][..]),
        1 => proptest::char::range('A', 'Z'),
        1 => proptest::char::range('0', '9'),
        1 => proptest::char::range('\u{c0}', '\u{17f}'),
        1 => proptest::sample::select(&['\u{301}', '\u{df}', '\u{1e9e}', '\u{1f600}', '\u{200d}', '\u{3a3}', '\u{130}', '\u{ac00}', '\u{e4}'][..]),
        1 => any::<char>(),
    ]
    .boxed()
}

fn text() -> BoxedStrategy<String> {
    vec(character(), 0..10).prop_map(|c| c.into_iter().collect()).boxed()
}

fn characters(text: &str) -> Sample {
    list(text.chars().map(|c| small(i64::from(u32::from(c)))).collect())
}

fn bytes_of(text: &str) -> Sample {
    Sample::Bits(text.as_bytes().to_vec(), 0, 0)
}

/// Lists of characters, UTF-8, and nested mixtures of both.
fn chardata() -> Arguments {
    let leaf = prop_oneof![text().prop_map(|t| characters(&t)), text().prop_map(|t| bytes_of(&t))];
    leaf.prop_recursive(2, 8, 3, |inner| vec(inner, 0..3).prop_map(list)).boxed()
}

fn binary() -> Arguments {
    prop_oneof![
        2 => vec(97u8..100, 0..10).prop_map(|b| Sample::Bits(b, 0, 0)),
        1 => (vec(any::<u8>(), 0..12), 0usize..8).prop_map(|(b, offset)| Sample::Bits(b, 0, offset)),
        1 => text().prop_map(|t| bytes_of(&t)),
        1 => vec(any::<u8>(), 60..80).prop_map(|b| Sample::Bits(b, 0, 0)),
    ]
    .boxed()
}

fn iodata() -> Arguments {
    let leaf = prop_oneof![3 => binary(), 3 => (0i64..256).prop_map(small), 1 => Just(list(vec![]))];
    let nested = leaf.prop_recursive(3, 16, 5, |inner| {
        prop_oneof![
            4 => vec(inner.clone(), 0..5).prop_map(list),
            1 => (vec(inner, 1..3), binary()).prop_map(|(v, t)| Sample::List(v, Some(t.into()))),
        ]
    });
    nested.boxed()
}

fn fun(module: &str, function: &str, arity: i64) -> Sample {
    Sample::Tuple(vec![atom("$fun"), atom(module), atom(function), small(arity)])
}

fn funs(of: &'static [(&'static str, &'static str, i64)]) -> Arguments {
    proptest::sample::select(of).prop_map(|(m, f, a)| fun(m, f, a)).boxed()
}

fn options(of: Vec<Sample>) -> Arguments {
    vec(proptest::sample::select(of), 0..3).prop_map(list).boxed()
}

fn pair(name: &str, value: Sample) -> Sample {
    Sample::Tuple(vec![atom(name), value])
}

/// Text of numbers, right and nearly right.
fn digits() -> BoxedStrategy<String> {
    prop_oneof![
        4 => "[+-]?[0-9]{1,25}",
        3 => "[+-]?[0-9]{1,18}\\.[0-9]{1,18}(e[+-]?[0-9]{1,3})?",
        1 => "[0-9a-zA-Z+-]{0,6}",
        1 => "[+-]?[0-9.eE+-]{0,7}",
    ]
    .boxed()
}

/// Terms as bytes, some of them damaged.
fn encoded() -> Arguments {
    let damaged = (portable(false), any::<prop::sample::Index>(), any::<u8>(), any::<bool>());
    damaged
        .prop_map(|(term, at, byte, damage)| {
            let mut heap = super::sample::heap();
            let word = term.build(&mut heap);
            let mut bytes = super::erlang::bytes_of(&heap, word);
            let at = at.index(bytes.len());
            if damage {
                bytes[at] = byte;
            }
            Sample::Bits(bytes, 0, 0)
        })
        .boxed()
}

fn format() -> Arguments {
    let directive = "~(-?[0-9]{1,2})?(\\.[0-9]{1,2})?(\\.[*x ])?[tl]{0,2}[cfegswpWPBX#bx+in~]";
    vec(prop_oneof![3 => directive.prop_map(|d| d), 1 => "[a-z ]{0,3}".prop_map(|d| d)], 0..4)
        .prop_map(|parts| characters(&parts.concat()))
        .boxed()
}

fn of_kind(kind: &str) -> Arguments {
    match kind {
        "any" => portable(false),
        "small" => few(),
        "nat" => (0i64..13).prop_map(small).boxed(),
        "int" => integer(),
        "num" => number(),
        "list" => prop_oneof![4 => lists_of(few()), 1 => lists_of(portable(false))].boxed(),
        "lists" => lists_of(lists_of(few())),
        "ints" => {
            prop_oneof![3 => lists_of((-9i64..30).prop_map(small).boxed()), 1 => lists_of(number())].boxed()
        }
        "pairs" => lists_of((few(), few()).prop_map(|(a, b)| Sample::Tuple(vec![a, b])).boxed()),
        "tuples" => lists_of(vec(few(), 1..4).prop_map(Sample::Tuple).boxed()),
        "tuple" => vec(few(), 0..5).prop_map(Sample::Tuple).boxed(),
        "map" => vec((few(), few()), 0..8).prop_map(Sample::Map).boxed(),
        "atom" => {
            prop_oneof![atoms(&["a", "b", "true", "undefined"]), "\\PC{0,5}".prop_map(|t| atom(&t))].boxed()
        }
        "atomics" => lists_of(prop_oneof![few(), text().prop_map(|t| characters(&t))].boxed()),
        "string" => text().prop_map(|t| characters(&t)).boxed(),
        "strings" => lists_of(of_kind("string")),
        "chars" => chardata(),
        "bin" => binary(),
        "bins" => vec(vec(97u8..100, 1..4), 0..4)
            .prop_map(|bins| list(bins.into_iter().map(|b| Sample::Bits(b, 0, 0)).collect()))
            .boxed(),
        "bits" => (vec(any::<u8>(), 0..10), 0usize..8, 0usize..8)
            .prop_map(|(b, m, o)| Sample::Bits(b, m, o))
            .boxed(),
        "iodata" => iodata(),
        "text" => digits().prop_map(|t| bytes_of(&t)).boxed(),
        "text_list" => digits().prop_map(|t| characters(&t)).boxed(),
        "etf" => encoded(),
        "format" => format(),
        _ => of_option(kind),
    }
}

fn of_option(kind: &str) -> Arguments {
    match kind {
        "pred" => funs(&[("erlang", "is_integer", 1), ("erlang", "is_atom", 1), ("erlang", "not", 1)]),
        "fun1" => funs(&[("erlang", "abs", 1), ("erlang", "is_atom", 1), ("erlang", "hd", 1), ("erlang", "list_to_tuple", 1), ("erlang", "throw", 1)]),
        "fun2" => funs(&[("erlang", "+", 2), ("erlang", "max", 2), ("erlang", "=<", 2), ("lists", "append", 2), ("erlang", "-", 2)]),
        "where" => atoms(&["leading", "trailing", "all"]),
        "endian" => atoms(&["big", "little"]),
        "class" => atoms(&["error", "exit", "throw"]),
        "unit" => atoms(&["second", "millisecond", "microsecond", "nanosecond", "native", "perf_counter"]),
        "encoding" => prop_oneof![
            3 => atoms(&["utf8", "unicode", "latin1", "utf16", "utf32"]),
            1 => atoms(&["utf16", "utf32"]).prop_flat_map(|e| atoms(&["big", "little"]).prop_map(move |o| Sample::Tuple(vec![e.clone(), o]))),
        ]
        .boxed(),
        "date" => (1i64..3000, 1i64..13, 1i64..32).prop_map(|(y, m, d)| Sample::Tuple([y, m, d].map(small).to_vec())).boxed(),
        "scope" => (-3i64..12, -6i64..9).prop_map(|(a, b)| list(vec![pair("scope", Sample::Tuple(vec![small(a), small(b)]))])).boxed(),
        "splits" => options(vec![atom("global"), atom("trim"), atom("trim_all"), pair("scope", Sample::Tuple(vec![small(1), small(3)]))]),
        "floats" => (0i64..40, any::<bool>(), 0u8..4)
            .prop_map(|(n, compact, how)| match how {
                0 => list(vec![atom("short")]),
                1 => list(vec![pair("scientific", small(n))]),
                _ if compact => list(vec![pair("decimals", small(n)), atom("compact")]),
                _ => list(vec![pair("decimals", small(n))]),
            })
            .boxed(),
        "decoding" => options(vec![atom("used")]),
        "encoding_of_terms" => options(vec![pair("minor_version", small(1)), pair("minor_version", small(2)), pair("minor_version", small(0)), atom("deterministic")]),
        _ => panic!("no arguments of the kind {kind}"),
    }
}

/// Arguments of these kinds, mostly.
pub fn arguments(kinds: &[String]) -> BoxedStrategy<Vec<Sample>> {
    let one = |kind: &String| prop_oneof![9 => of_kind(kind), 1 => portable(false)].boxed();
    kinds.iter().map(one).collect::<Vec<_>>().boxed()
}
