//! Arithmetic, integer text and the bit syntax against models and against Erlang.

#![allow(clippy::disallowed_methods, reason = "a power of two is exact")]

#[allow(dead_code)]
mod erlang;

use erlang::{ask, bytes_of, term_of};
use num_bigint::{BigInt, Sign};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use warpbeam::heap::Heap;
use warpbeam::heap::binary::{BitPlace, Bits};
use warpbeam::heap::policy::Policy;
use warpbeam::heap::read::View;
use warpbeam::term::bitsyntax::number::{half_from_f64, half_to_f64, read_float, read_integer};
use warpbeam::term::bitsyntax::{BitBuilder, Endian, load, run, unicode};
use warpbeam::term::integer_text::{integer_from_text, integer_to_text};
use warpbeam::term::number::{self, ArithFault};
use warpbeam::term::word::{SMALL_MAX, SMALL_MIN};
use warpbeam::term::{Atom, Word};

fn heap() -> Heap {
    Heap::new(Default::default(), Policy::default())
}

type Binary = fn(&mut Heap, Word, Word) -> Result<Word, ArithFault>;
type Unary = fn(&mut Heap, Word) -> Result<Word, ArithFault>;

const BINARY: &[(&str, Binary)] = &[
    ("+", number::add),
    ("-", number::subtract),
    ("*", number::multiply),
    ("/", number::divide),
    ("div", number::div),
    ("rem", number::rem),
    ("band", number::band),
    ("bor", number::bor),
    ("bxor", number::bxor),
    ("bsl", number::bsl),
    ("bsr", number::bsr),
];

const UNARY: &[(&str, Unary)] = &[
    ("-", number::negate),
    ("abs", number::abs),
    ("bnot", number::bnot),
    ("round", number::round),
    ("trunc", number::trunc),
    ("floor", number::floor),
    ("ceil", number::ceil),
    ("float", number::float),
];

/// The same operations where operands and result are small.
type Small = fn(Word, Word) -> Option<Word>;
const SMALL: &[(Small, Binary)] = &[
    (number::add_small, number::add),
    (number::subtract_small, number::subtract),
    (number::multiply_small, number::multiply),
    (number::div_small, number::div),
    (number::rem_small, number::rem),
    (number::band_small, number::band),
    (number::bor_small, number::bor),
    (number::bxor_small, number::bxor),
    (number::bsl_small, number::bsl),
    (number::bsr_small, number::bsr),
];

#[derive(Clone, Debug)]
enum Operand {
    Integer(BigInt),
    Float(f64),
    Atom,
}

impl Operand {
    fn build(&self, heap: &mut Heap) -> Word {
        match self {
            Operand::Integer(n) => integer(heap, n),
            Operand::Float(f) => heap.new_float(*f).expect("room"),
            Operand::Atom => Word::TRUE,
        }
    }
}

fn integer(heap: &mut Heap, n: &BigInt) -> Word {
    let limbs: Vec<u64> = n.iter_u64_digits().collect();
    heap.new_integer_from_limbs(n.sign() == Sign::Minus, &limbs).expect("room")
}

fn value(heap: &Heap, word: Word) -> BigInt {
    match heap.view(word) {
        View::Small(n) => BigInt::from(n),
        View::Big { negative, limbs } => {
            assert_ne!(limbs.last(), Some(&0), "no zero at the top");
            let bytes: Vec<u8> = limbs.iter().flat_map(|l| l.to_le_bytes()).collect();
            let n = BigInt::from_bytes_le(if negative { Sign::Minus } else { Sign::Plus }, &bytes);
            let small = BigInt::from(SMALL_MIN)..=BigInt::from(SMALL_MAX);
            assert!(!small.contains(&n), "a small integer is never a big one");
            n
        }
        other => panic!("no integer: {other:?}"),
    }
}

/// Integers of every length, thick around the borders between the representations.
fn integers() -> BoxedStrategy<BigInt> {
    let border = (prop_oneof![Just(31u32), Just(59), Just(63), Just(64), Just(127), Just(128), 0u32..700])
        .prop_flat_map(|e| (Just(e), -3i64..4, any::<bool>()))
        .prop_map(|(e, d, n)| {
            let magnitude = (BigInt::from(1) << e) + d;
            if n { -magnitude } else { magnitude }
        });
    let any_length = (any::<bool>(), vec(any::<u64>(), 0..60)).prop_map(|(n, limbs)| {
        let bytes: Vec<u8> = limbs.iter().flat_map(|l| l.to_le_bytes()).collect();
        BigInt::from_bytes_le(if n { Sign::Minus } else { Sign::Plus }, &bytes)
    });
    let sparse =
        (any::<bool>(), vec(prop_oneof![Just(0), Just(u64::MAX), Just(1)], 0..6)).prop_map(|(n, limbs)| {
            let bytes: Vec<u8> = limbs.iter().flat_map(|l: &u64| l.to_le_bytes()).collect();
            BigInt::from_bytes_le(if n { Sign::Minus } else { Sign::Plus }, &bytes)
        });
    prop_oneof![
        3 => (-200i64..200).prop_map(BigInt::from),
        2 => any::<i64>().prop_map(BigInt::from),
        4 => border,
        2 => any_length,
        2 => sparse,
    ]
    .boxed()
}

fn floats() -> BoxedStrategy<f64> {
    let halves = (-2000i64..2000).prop_map(|n| n as f64 / 2.0);
    let near = (0i32..1024, -2i64..3, any::<bool>()).prop_map(|(e, d, n)| {
        let f = f64::from_bits((2f64.powi(e).to_bits() as i64 + d) as u64);
        if n { -f } else { f }
    });
    let any = any::<u64>().prop_map(f64::from_bits);
    prop_oneof![Just(0.0), Just(-0.0), Just(0.49999999999999994), halves, near, any]
        .prop_filter("finite", |f| f.is_finite())
        .boxed()
}

fn operands() -> BoxedStrategy<Operand> {
    prop_oneof![
        8 => integers().prop_map(Operand::Integer),
        4 => floats().prop_map(Operand::Float),
        1 => Just(Operand::Atom),
    ]
    .boxed()
}

fn random<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, count: usize) -> Vec<T> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).expect("the strategy gives values").current()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn integers_do_as_their_model(a in integers(), b in integers(), by in 0u64..200) {
        let mut heap = heap();
        let (x, y) = (integer(&mut heap, &a), integer(&mut heap, &b));
        let h = &mut heap;
        let check = |result: Result<Word, ArithFault>, h: &Heap, model: BigInt| {
            prop_assert_eq!(value(h, result.expect("it fits")), model);
            Ok(())
        };
        check(number::add(h, x, y), h, &a + &b)?;
        check(number::subtract(h, x, y), h, &a - &b)?;
        check(number::multiply(h, x, y), h, &a * &b)?;
        check(number::band(h, x, y), h, &a & &b)?;
        check(number::bor(h, x, y), h, &a | &b)?;
        check(number::bxor(h, x, y), h, &a ^ &b)?;
        check(number::bnot(h, x), h, !&a)?;
        check(number::negate(h, x), h, -&a)?;
        let by_word = Word::small(by as i64);
        check(number::bsl(h, x, by_word), h, &a << by)?;
        check(number::bsr(h, x, by_word), h, &a >> by)?;
        if b == BigInt::from(0) {
            prop_assert_eq!(number::div(h, x, y), Err(ArithFault::Badarith));
            prop_assert_eq!(number::rem(h, x, y), Err(ArithFault::Badarith));
        } else {
            check(number::div(h, x, y), h, &a / &b)?;
            check(number::rem(h, x, y), h, &a % &b)?;
        }
    }

    #[test]
    fn small_operations_agree_with_the_general_ones(a in integers(), b in integers()) {
        let mut heap = heap();
        let (x, y) = (integer(&mut heap, &a), integer(&mut heap, &b));
        for (fast, general) in SMALL {
            let whole = general(&mut heap, x, y);
            match fast(x, y) {
                Some(word) => prop_assert_eq!(Ok(word), whole),
                // What the fast one leaves alone is no small result, or a shift the other way or far.
                None => {
                    let shift_by = b >= BigInt::from(0) && b < BigInt::from(60);
                    let small = matches!(whole, Ok(w) if w.is_small());
                    prop_assert!(!(x.is_small() && y.is_small() && small && shift_by));
                }
            }
        }
    }

    #[test]
    fn text_goes_both_ways(a in integers(), base in 2u32..=36) {
        let mut heap = heap();
        let word = integer(&mut heap, &a);
        let text = integer_to_text(&heap, word, base);
        prop_assert_eq!(&text, &a.to_str_radix(base).to_uppercase());
        let back = integer_from_text(&mut heap, text.as_bytes(), base).expect("it is an integer's text");
        prop_assert_eq!(value(&heap, back), a.clone());
        let lower = format!("{}000{}", if text.starts_with('-') { "-" } else { "+" }, text.trim_start_matches('-').to_lowercase());
        let back = integer_from_text(&mut heap, lower.as_bytes(), base).expect("zeros and case do not matter");
        prop_assert_eq!(value(&heap, back), a);
    }

    #[test]
    fn runs_of_bits_do_as_lists_of_bits(
        pieces in vec((vec(any::<u8>(), 0..20), 0usize..16, 0usize..160), 0..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut builder = BitBuilder::new();
        let mut model: Vec<bool> = Vec::new();
        for (bytes, from, size) in &pieces {
            let bits = bytes.len() * 8;
            let from = (*from).min(bits);
            let piece = Bits { bytes, offset: from, size: (*size).min(bits - from) };
            builder.push_run(piece);
            model.extend((0..piece.size).map(|i| bytes[(from + i) / 8] >> (7 - (from + i) % 8) & 1 == 1));
        }
        let built = builder.bits();
        prop_assert_eq!(built.size, model.len());
        let read: Vec<bool> = (0..built.size).map(|i| load::load_big(built.bytes, i, 1) == 1).collect();
        prop_assert_eq!(&read, &model);
        let at = cut.index(model.len() + 1);
        let (left, right) = (built.slice(0, at), built.slice(at, model.len() - at));
        prop_assert_eq!(run::compare(left, right), model[..at].cmp(&model[at..]));
        prop_assert_eq!(run::equal(left, right), model[..at] == model[at..]);
        let mut bytes = Vec::new();
        run::append_bytes(right, &mut bytes);
        prop_assert_eq!(bytes, right.to_vec());
    }

    #[test]
    fn appending_never_changes_what_was_there(steps in vec((any::<prop::sample::Index>(), vec(any::<u8>(), 0..40), 0usize..9), 1..30)) {
        let mut heap = heap();
        let first = heap.binary(&[]).expect("room");
        let mut all: Vec<(Word, Vec<u8>, usize)> = vec![(first, Vec::new(), 0)];
        for (which, bytes, extra) in steps {
            let (word, _, _) = all[which.index(all.len())].clone();
            let mut suffix = BitBuilder::new();
            suffix.push_bytes(&bytes);
            suffix.push_fill(true, extra);
            let mut model = BitBuilder::new();
            model.push_run(heap.bits(word).expect("bits"));
            model.push_run(suffix.bits());
            let grown = suffix.append_to(&mut heap, word).expect("room");
            let (bytes, size) = model.into_bytes();
            all.push((grown, bytes, size));
        }
        for (word, bytes, size) in all {
            let bits = heap.bits(word).expect("bits");
            prop_assert_eq!(bits.size, size);
            prop_assert_eq!(bits.to_vec(), bytes);
        }
        prop_assert_eq!(heap.verify(&[]), Ok(()));
    }
}

#[test]
fn limits_are_those_of_otp() {
    let mut heap = heap();
    let h = &mut heap;
    let one = Word::small(1);
    let largest = number::bsl(h, one, Word::small(33_554_367)).expect("the largest power of two");
    let over = Err(ArithFault::SystemLimit);
    assert_eq!(number::bsl(h, one, Word::small(33_554_368)), over);
    assert_eq!(number::bsl(h, one, Word::small(100_000_000_000)), over);
    assert_eq!(number::bsl(h, one, largest), over);
    assert_eq!(number::add(h, largest, largest), over);
    assert_eq!(number::multiply(h, largest, largest), over);
    assert!(number::add(h, largest, one).is_ok());
    assert_eq!(number::bsl(h, Word::small(0), largest), Ok(Word::small(0)));
    assert_eq!(number::bsr(h, Word::small(-7), largest), Ok(Word::small(-1)));
    assert_eq!(number::bsr(h, largest, largest), Ok(Word::small(0)));
    let negative = number::negate(h, largest).expect("a negative one");
    assert_eq!(number::bsr(h, negative, largest), Ok(Word::small(-1)));
    assert_eq!(number::bsr(h, Word::small(-7), negative), over);
    assert_eq!(number::bsl(h, Word::small(-7), negative), Ok(Word::small(-1)));
    let text = vec![b'1'; 12_000_000];
    assert_eq!(integer_from_text(h, &text, 10), over);
    assert_eq!(integer_from_text(h, &vec![b'0'; 12_000_000], 10), Ok(Word::small(0)));
}

#[test]
fn text_that_is_no_integer() {
    let mut heap = heap();
    let long = "1".repeat(40);
    for (text, base) in [
        ("", 10),
        ("+", 10),
        ("-", 10),
        ("1_0", 10),
        (" 1", 10),
        ("1 ", 10),
        ("0x1", 10),
        ("2", 2),
        ("10", 37),
        ("10", 1),
        ("+-1", 10),
    ] {
        assert_eq!(integer_from_text(&mut heap, text.as_bytes(), base), Err(ArithFault::Badarg), "{text:?}");
        let longer = format!("{text}{long}!");
        assert_eq!(
            integer_from_text(&mut heap, longer.as_bytes(), base),
            Err(ArithFault::Badarg),
            "{longer:?}"
        );
    }
}

#[test]
fn halves_round_to_the_nearest() {
    for half in 0..0x7c00u16 {
        let value = half_to_f64(half);
        assert_eq!(half_from_f64(value), half);
        assert_eq!(half_from_f64(-value), half | 0x8000);
        let next = half_to_f64(half + 1);
        if next.is_finite() {
            let middle = (value + next) / 2.0;
            assert_eq!(half_from_f64(middle), half + (half & 1), "a tie goes to the even one");
            assert_eq!(half_from_f64(f64::from_bits(middle.to_bits() + 1)), half + 1);
            assert_eq!(half_from_f64(f64::from_bits(middle.to_bits() - 1)), half);
        }
    }
    assert_eq!(half_from_f64(65519.0), 0x7bff);
    assert_eq!(half_from_f64(65520.0), 0x7c00);
}

/// The fault as the term that [`ask`] gives for an exception.
fn outcome(heap: &mut Heap, result: Result<Word, ArithFault>) -> Vec<u8> {
    let word = result.unwrap_or_else(|fault| {
        let reason = match fault {
            ArithFault::Badarith => Atom::BADARITH,
            ArithFault::Badarg => Atom::BADARG,
            ArithFault::SystemLimit => Atom::SYSTEM_LIMIT,
            ArithFault::HeapFull => panic!("room for a test"),
        };
        heap.new_tuple(&[Word::atom(Atom::ERROR), Word::atom(reason)]).expect("room")
    });
    bytes_of(heap, word)
}

#[test]
fn arithmetic_as_erlang_does() {
    let mut inputs = Vec::new();
    let mut ours = Vec::new();
    let pairs = random((operands(), operands()), 1500);
    for (a, b) in &pairs {
        let mut heap = heap();
        let (x, y) = (a.build(&mut heap), b.build(&mut heap));
        for (name, operation) in BINARY {
            if name.starts_with("bs") && matches!(b, Operand::Integer(n) if n.bits() > 12 && n.bits() < 30) {
                continue;
            }
            let call = heap.new_tuple(&[Word::atom(Atom::known(name)), x, y]).expect("room");
            inputs.push(bytes_of(&heap, call));
            let result = operation(&mut heap, x, y);
            ours.push(outcome(&mut heap, result));
        }
        for (name, operation) in UNARY {
            let call = heap.new_tuple(&[Word::atom(Atom::known(name)), x]).expect("room");
            inputs.push(bytes_of(&heap, call));
            let result = operation(&mut heap, x);
            ours.push(outcome(&mut heap, result));
        }
    }
    let fun = "fun(T) -> [Op | Args] = tuple_to_list(T), apply(erlang, Op, Args) end";
    let Some(theirs) = ask("arithmetic", fun, &inputs) else { return };
    for ((input, our), their) in inputs.iter().zip(&ours).zip(&theirs) {
        assert_eq!(our, their, "of {}", shown(input));
    }
}

fn shown(bytes: &[u8]) -> String {
    let mut heap = heap();
    let term = term_of(&mut heap, bytes);
    warpbeam::term::show::show(&heap, term)
}

#[test]
fn integer_segments_as_erlang_does() {
    let sizes = prop_oneof![4 => 0usize..70, 1 => 60usize..300];
    let cases = random((integers(), sizes, 0usize..9), 1500);
    let mut inputs = Vec::new();
    let mut ours = Vec::new();
    for (n, size, offset) in &cases {
        let mut heap = heap();
        let word = integer(&mut heap, n);
        let case = [word, Word::small(*size as i64), Word::small(*offset as i64)];
        let case = heap.new_tuple(&case).expect("room");
        inputs.push(bytes_of(&heap, case));
        let mut parts = Vec::new();
        for endian in [Endian::Big, Endian::Little] {
            let mut builder = BitBuilder::new();
            builder.push_fill(true, *offset);
            builder.push_integer(&heap, word, *size, endian).expect("an integer");
            let base = builder.take(&mut heap).expect("room");
            let from = BitPlace { base, offset: *offset, size: *size };
            parts.push(base);
            for signed in [false, true] {
                let read = read_integer(&mut heap, from, signed, endian).expect("room");
                parts.push(read.expect("below the limit"));
            }
        }
        let all = heap.new_tuple(&parts).expect("room");
        ours.push(bytes_of(&heap, all));
    }
    let fun = "fun({V, S, O}) -> B = <<(-1):O, V:S/big>>, L = <<(-1):O, V:S/little>>, \
        <<_:O, A:S/big-unsigned>> = B, <<_:O, C:S/big-signed>> = B, \
        <<_:O, D:S/little-unsigned>> = L, <<_:O, E:S/little-signed>> = L, {B, A, C, L, D, E} end";
    let Some(theirs) = ask("integer_segments", fun, &inputs) else { return };
    for ((case, our), their) in cases.iter().zip(&ours).zip(&theirs) {
        assert_eq!(our, their, "of {case:?}: {} and {}", shown(our), shown(their));
    }
}

#[test]
fn float_segments_as_erlang_does() {
    let magnitudes = (-150i32..150, any::<u64>())
        .prop_map(|(e, bits)| f64::from_bits(((1023 + e) as u64) << 52 | bits >> 12 | bits << 63));
    let value = prop_oneof![
        floats(),
        magnitudes,
        (any::<f32>()).prop_map(f64::from),
        (0u16..0x7c00).prop_map(half_to_f64)
    ];
    let cases = random((value, any::<u64>(), 0usize..9), 1500);
    let mut inputs = Vec::new();
    let mut ours = Vec::new();
    for (value, raw, offset) in cases.iter().filter(|c| c.0.is_finite()) {
        let mut heap = heap();
        let word = heap.new_float(*value).expect("room");
        let raw_word = heap.new_unsigned(*raw).expect("room");
        let case = heap.new_tuple(&[word, raw_word, Word::small(*offset as i64)]).expect("room");
        inputs.push(bytes_of(&heap, case));
        let mut parts = Vec::new();
        for endian in [Endian::Big, Endian::Little] {
            for size in [16, 32, 64] {
                let mut builder = BitBuilder::new();
                builder.push_fill(true, *offset);
                builder.push_float(&heap, word, size, endian).expect("a number");
                parts.push(builder.take(&mut heap).expect("room"));
                builder.push_fill(true, *offset);
                builder.push_big(*raw, size);
                parts.push(match read_float(builder.bits().slice(*offset, size), endian) {
                    Some(f) => heap.new_float(f).expect("room"),
                    None => Word::atom(Atom::NONE),
                });
            }
        }
        let all = heap.new_tuple(&parts).expect("room");
        ours.push(bytes_of(&heap, all));
    }
    let clause = |size: u32, endian: &str| {
        format!(
            "<<(-1):O, V:{size}/float-{endian}>>, \
             case <<(-1):O, R:{size}>> of <<_:O, X{size}{endian}:{size}/float-{endian}>> -> X{size}{endian}; _ -> none end"
        )
    };
    let clauses: Vec<String> =
        ["big", "little"].iter().flat_map(|e| [16, 32, 64].map(|s| clause(s, e))).collect();
    let fun = format!("fun({{V, R, O}}) -> {{{}}} end", clauses.join(", "));
    let Some(theirs) = ask("float_segments", &fun, &inputs) else { return };
    for ((input, our), their) in inputs.iter().zip(&ours).zip(&theirs) {
        assert_eq!(our, their, "of {}: {} and {}", shown(input), shown(our), shown(their));
    }
}

/// The code point and bits left, or `none`, for each encoding.
fn read_points(heap: &mut Heap, run: Bits<'_>) -> Vec<Word> {
    let points = [
        unicode::utf8(run),
        unicode::utf16(run, Endian::Big),
        unicode::utf16(run, Endian::Little),
        unicode::utf32(run, Endian::Big),
        unicode::utf32(run, Endian::Little),
    ];
    let mut pair = |p: unicode::CodePoint| {
        let left = (run.size - p.size_bits) as i64;
        heap.new_tuple(&[Word::small(i64::from(p.value)), Word::small(left)]).expect("room")
    };
    points.map(|p| p.map_or(Word::atom(Atom::NONE), &mut pair)).to_vec()
}

/// The code point behind `offset` one bits, or `none`, in each encoding.
fn write_points(heap: &mut Heap, point: i64, offset: usize) -> Vec<Word> {
    type Push = fn(&mut BitBuilder, Word) -> bool;
    let pushes: [Push; 5] = [
        |b, w| b.push_utf8(w).is_ok(),
        |b, w| b.push_utf16(w, Endian::Big).is_ok(),
        |b, w| b.push_utf16(w, Endian::Little).is_ok(),
        |b, w| b.push_utf32(w, Endian::Big).is_ok(),
        |b, w| b.push_utf32(w, Endian::Little).is_ok(),
    ];
    let mut write = |push: Push| {
        let mut builder = BitBuilder::new();
        builder.push_fill(true, offset);
        let done = push(&mut builder, Word::small(point));
        if done { builder.finish(heap).expect("room") } else { Word::atom(Atom::NONE) }
    };
    pushes.map(&mut write).to_vec()
}

#[test]
fn code_points_as_erlang_does() {
    let byte = prop_oneof![
        any::<u8>(),
        0x80u8..0xc0,
        Just(0xd8u8),
        Just(0xdc),
        Just(0xed),
        Just(0xe0),
        Just(0xf0),
        Just(0xf4),
        Just(0),
        0x10u8..0x12
    ];
    let points = prop_oneof![0i64..0x11_0010, 0xd7f0i64..0xe010, 0i64..0x100, -3i64..3, 0xfff0i64..0x1_0010];
    let cases = random((vec(byte, 0..6), points, 0usize..9), 3000);
    let mut inputs = Vec::new();
    let mut ours = Vec::new();
    for (bytes, point, offset) in &cases {
        let mut heap = heap();
        let binary = heap.binary(bytes).expect("room");
        let case = [binary, Word::small(*point), Word::small(*offset as i64)];
        let case = heap.new_tuple(&case).expect("room");
        inputs.push(bytes_of(&heap, case));
        let mut builder = BitBuilder::new();
        builder.push_fill(true, *offset);
        builder.push_bytes(bytes);
        let run = builder.bits().slice(*offset, bytes.len() * 8);
        let mut parts = read_points(&mut heap, run);
        parts.extend(write_points(&mut heap, *point, *offset));
        let all = heap.new_tuple(&parts).expect("room");
        ours.push(bytes_of(&heap, all));
    }
    let types = ["utf8", "utf16-big", "utf16-little", "utf32-big", "utf32-little"];
    let read = types.iter().enumerate().map(|(i, t)| {
        format!("case <<(-1):O, B/binary>> of <<_:O, C{i}/{t}, R{i}/bits>> -> {{C{i}, bit_size(R{i})}}; _ -> none end")
    });
    let write = types.iter().map(|t| format!("try <<(-1):O, P/{t}>> catch error:badarg -> none end"));
    let all: Vec<String> = read.chain(write).collect();
    let fun = format!("fun({{B, P, O}}) -> {{{}}} end", all.join(", "));
    let Some(theirs) = ask("code_points", &fun, &inputs) else { return };
    for ((case, our), their) in cases.iter().zip(&ours).zip(&theirs) {
        assert_eq!(our, their, "of {case:?}: {} and {}", shown(our), shown(their));
    }
}
