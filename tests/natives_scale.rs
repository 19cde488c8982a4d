//! The native functions on data at scale: deep and long terms, limits on memory, and properties against models.

mod erlang_text;

use erlang_text::{Raised, call, evaluate, parse};
use proptest::prelude::*;
use warpbeam::bif::Local;
use warpbeam::heap::Heap;
use warpbeam::heap::mutator::{Mutator, Term};
use warpbeam::heap::policy::Policy;
use warpbeam::process::Process;
use warpbeam::process::pid::{PathKey, Pid, Serial};

/// Runs `body` with a heap of at most so many words.
fn with_heap<R>(ceiling_words: usize, body: impl FnOnce(&mut Local<'_, '_>) -> R) -> R {
    let mut policy = Policy::default();
    policy.ceiling_words = ceiling_words;
    let mut process =
        Process::new(Heap::new(Default::default(), policy), Pid::numbered(Serial(1)), PathKey::ROOT);
    let mut heap = Heap::new(Default::default(), policy);
    let mut local = Local { m: Mutator::new(&mut heap), control: &mut process.control };
    body(&mut local)
}

const ROOMY_WORDS: usize = 1 << 26;
/// Deep enough to overflow a native stack by recursion.
const DEPTH: usize = 300_000;

fn answer(local: &mut Local<'_, '_>, text: &str) -> String {
    match evaluate(local, &parse(text)) {
        Ok(term) => local.m.show(term),
        Err(Raised(text)) => text,
    }
}

fn value<'h>(result: Result<Term<'h>, Raised>) -> Term<'h> {
    result.unwrap_or_else(|Raised(text)| panic!("raised {text}"))
}

/// `inner` in so many lists, each with another element behind it.
fn nested<'h>(m: &mut Mutator<'h>, inner: Term<'h>, depth: usize, behind: Term<'h>) -> Term<'h> {
    (0..depth).fold(inner, |term, _| m.list(&[term, behind]).expect("there is room"))
}

#[test]
fn depth_costs_no_native_stack() {
    with_heap(ROOMY_WORDS, |local| {
        let byte = Term::small(65);
        let deep = nested(&mut local.m, byte, DEPTH, byte);
        let same = nested(&mut local.m, byte, DEPTH, byte);
        let size = value(call(local, ("erlang", "iolist_size"), &[deep]));
        assert_eq!(size.as_small(), Some(DEPTH as i64 + 1));
        for one in ["iolist_to_binary", "md5", "crc32", "term_to_binary", "external_size", "phash2"] {
            value(call(local, ("erlang", one), &[deep]));
        }
        value(call(local, ("erlang", "phash"), &[deep, Term::small(1000)]));
        let words = value(call(local, ("erts_debug", "flat_size"), &[deep]));
        assert_eq!(words.as_small(), Some(4 * DEPTH as i64));
        let bytes = value(call(local, ("erlang", "term_to_binary"), &[deep]));
        let back = value(call(local, ("erlang", "binary_to_term"), &[bytes]));
        for equal in [same, back] {
            let verdict = value(call(local, ("erlang", "=:="), &[deep, equal]));
            assert!(verdict.is_atom(warpbeam::term::Atom::TRUE));
        }
        let text = value(call(
            local,
            ("unicode", "characters_to_binary"),
            &[deep, Term::atom(warpbeam::term::Atom::UTF8)],
        ));
        assert_eq!(local.m.bits(text).expect("a binary").byte_size(), DEPTH + 1);
    });
}

#[test]
fn what_does_not_fit_is_refused() {
    for call in [
        "binary:copy(<<1>>,100000000)",
        "binary:copy(<<1,2,3,4,5,6,7,8>>,(1 bsl 40))",
        "erlang:make_tuple(16777215,a)",
        "erlang:make_tuple(16777215,a,[])",
        "erlang:iolist_to_binary(dup(20000,binary:copy(<<1>>,1000)))",
        "erlang:iolist_to_iovec(dup(20000,binary:copy(<<1>>,200)))",
        "erlang:list_to_bitstring(dup(20000,binary:copy(<<1>>,1000)))",
        "erlang:binary_to_list(binary:copy(<<1>>,100000))",
        "unicode:characters_to_binary(dup(20000,binary:copy(<<65>>,1000)),utf8)",
    ] {
        let answer = with_heap(1 << 16, |local| answer(local, call));
        assert_eq!(answer, "heap full", "{call}");
    }
    let tangle = "erlang:term_to_binary(dup(20000,binary:copy(<<1>>,1000)))";
    assert_eq!(with_heap(1 << 16, |local| answer(local, tangle)), "error:system_limit");
}

#[test]
fn a_copied_count_that_overflows_is_a_system_limit() {
    with_heap(ROOMY_WORDS, |local| {
        assert_eq!(answer(local, "binary:copy(<<1,2,3,4>>,(1 bsl 63))"), "error:system_limit");
        assert_eq!(answer(local, "binary:copy(<<>>,(1 bsl 63))"), "<<>>");
    });
}

#[test]
fn split_and_iterated_maps_lose_nothing() {
    with_heap(ROOMY_WORDS, |local| {
        let map = value(evaluate(local, &parse("squares(5000)")));
        let mut path = Term::small(0);
        let mut seen = Vec::new();
        loop {
            let step = value(call(local, ("erts_internal", "map_next"), &[path, map, Term::nil()]));
            let mut list = local.m.list_elements(step).expect("a step is a list");
            let more = list.first().is_some_and(|first| local.m.tuple_size(*first).is_none());
            if more {
                path = list[0];
                list.drain(..2);
            }
            seen.extend(list.iter().map(|&pair| {
                let key = local.m.tuple_element(pair, 0).and_then(Term::as_small);
                key.expect("keys are small integers")
            }));
            if !more {
                break;
            }
        }
        seen.sort_unstable();
        assert!(seen.into_iter().eq(1..=5000));
    });
}

/// Non-overlapping matches of the first pattern that starts, and of those the longest.
fn model_matches(subject: &[u8], patterns: &[Vec<u8>]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < subject.len() {
        let fits = patterns.iter().filter(|p| subject[at..].starts_with(p)).map(Vec::len).max();
        if let Some(length) = fits {
            found.push((at, length));
        }
        at += fits.unwrap_or(1);
    }
    found
}

fn shown_bytes(bytes: &[u8]) -> String {
    let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
    format!("<<{}>>", numbers.join(","))
}

fn shown_list(elements: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", elements.into_iter().collect::<Vec<_>>().join(","))
}

proptest! {
    #[test]
    fn subtracting_removes_first_occurrences(
        left in prop::collection::vec(0i32..12, 0..80),
        right in prop::collection::vec(0i32..12, 0..60),
    ) {
        let mut expected = left.clone();
        for element in &right {
            if let Some(at) = expected.iter().position(|e| e == element) {
                expected.remove(at);
            }
        }
        let shown = |list: &[i32]| shown_list(list.iter().map(i32::to_string));
        let text = format!("erlang:'--'({},{})", shown(&left), shown(&right));
        prop_assert_eq!(with_heap(ROOMY_WORDS, |local| answer(local, &text)), shown(&expected));
    }

    #[test]
    fn searching_agrees_with_the_model(
        subject in prop::collection::vec(0u8..3, 0..60),
        patterns in prop::collection::vec(prop::collection::vec(0u8..3, 1..5), 1..6),
    ) {
        let found = model_matches(&subject, &patterns);
        let given = shown_list(patterns.iter().map(|p| shown_bytes(p)));
        let subject_text = shown_bytes(&subject);
        let matches = format!("binary:matches({subject_text},binary:compile_pattern({given}))");
        let places = shown_list(found.iter().map(|(at, length)| format!("{{{at},{length}}}")));
        let split = format!("binary:split({subject_text},{given},[global])");
        let mut parts = Vec::new();
        let mut from = 0;
        for (at, length) in found {
            parts.push(shown_bytes(&subject[from..at]));
            from = at + length;
        }
        parts.push(shown_bytes(&subject[from..]));
        with_heap(ROOMY_WORDS, |local| {
            prop_assert_eq!(answer(local, &matches), places);
            prop_assert_eq!(answer(local, &split), shown_list(parts));
            Ok(())
        })?;
    }

    #[test]
    fn checksums_do_not_depend_on_pieces(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        cut in any::<prop::sample::Index>(),
    ) {
        let cut = cut.index(bytes.len() + 1);
        let (first, second) = (shown_bytes(&bytes[..cut]), shown_bytes(&bytes[cut..]));
        let length = bytes.len() - cut;
        with_heap(ROOMY_WORDS, |local| {
            let whole = format!("[{first},{second}]");
            let updated = format!("erlang:md5_update(erlang:md5_update(erlang:md5_init(),{first}),{second})");
            prop_assert_eq!(
                answer(local, &format!("erlang:md5_final({updated})")),
                answer(local, &format!("erlang:md5({whole})"))
            );
            for sum in ["crc32", "adler32"] {
                let expected = answer(local, &format!("erlang:{sum}({whole})"));
                let continued = format!("erlang:{sum}(erlang:{sum}({first}),{second})");
                prop_assert_eq!(&answer(local, &continued), &expected);
                let combined =
                    format!("erlang:{sum}_combine(erlang:{sum}({first}),erlang:{sum}({second}),{length})");
                prop_assert_eq!(&answer(local, &combined), &expected);
            }
            Ok(())
        })?;
    }
}
