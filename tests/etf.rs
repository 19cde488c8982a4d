//! The external term format: golden bytes of OTP 25, round trips, hostile input, and Erlang itself.

#![allow(clippy::disallowed_methods, reason = "deep terms are tried on a thread with a small stack")]

#[allow(dead_code)]
mod erlang;
#[allow(dead_code)]
mod sample;

use erlang::{Funs, ask, bytes_of, newest, sample_funs};
use md5::{Digest, Md5};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sample::{Sample, atom, every, heap, list, portable, small};
use warpbeam::heap::Heap;
use warpbeam::heap::policy::Policy;
use warpbeam::heap::read::RefId;
use warpbeam::process::pid::Pid;
use warpbeam::term::etf::{
    DecodeOptions, EncodeFault, EncodeOptions, EtfError, EtfFault, FunTable, decode, encode,
};
use warpbeam::term::fun::ExportKey;
use warpbeam::term::order::equal_exact;
use warpbeam::term::{Atom, Word};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02X}")).collect()
}

fn version(minor_version: u8) -> EncodeOptions {
    EncodeOptions { minor_version, ..EncodeOptions::default() }
}

fn bits(bytes: &[u8], missing: usize) -> Sample {
    Sample::Bits(bytes.to_vec(), missing, 0)
}

/// Terms and their bytes behind the version byte: the same in every minor version.
fn golden() -> Vec<(Sample, &'static str)> {
    vec![
        (small(0), "6100"),
        (small(255), "61FF"),
        (small(256), "6200000100"),
        (small(-1), "62FFFFFFFF"),
        (small(2147483647), "627FFFFFFF"),
        (small(-2147483648), "6280000000"),
        (small(2147483648), "6E040000000080"),
        (small(-2147483649), "6E040101000080"),
        (Sample::Big(false, vec![0, 1]), "6E0900000000000000000001"),
        (Sample::Big(true, vec![5, 1]), "6E0901050000000000000001"),
        (atom("ж"), "7702D0B6"),
        (list(vec![]), "6A"),
        (list(vec![small(97), small(98), small(99)]), "6B0003616263"),
        (list(vec![small(1), small(256)]), "6C00000002610162000001006A"),
        (list(vec![list(vec![])]), "6C000000016A6A"),
        (Sample::Tuple(vec![]), "6800"),
        (Sample::Tuple(vec![small(1), Sample::Tuple(vec![small(2)])]), "6802610168016102"),
        (bits(&[], 0), "6D00000000"),
        (bits(&[1, 2, 3], 0), "6D00000003010203"),
        (bits(&[0xa0], 5), "4D0000000103A0"),
        (bits(&[1, 16], 3), "4D00000002050110"),
        (Sample::Map(vec![]), "7400000000"),
    ]
}

/// Terms whose bytes depend on the minor version: 0, 1 and 2.
fn golden_by_version() -> Vec<(Sample, [&'static str; 3])> {
    let map = Sample::Map(vec![(atom("a"), small(1)), (small(2), list(vec![small(120)]))]);
    let keys = Sample::Map(vec![(Sample::Float(1.0), atom("b")), (small(1), atom("a"))]);
    vec![
        (
            Sample::Float(1.5),
            [
                "63312E3530303030303030303030303030303030303030652B30300000000000",
                "463FF8000000000000",
                "463FF8000000000000",
            ],
        ),
        (
            Sample::Float(-0.0),
            [
                "632D302E3030303030303030303030303030303030303030652B303000000000",
                "468000000000000000",
                "468000000000000000",
            ],
        ),
        (
            Sample::Float(1.0e300),
            [
                "63312E3030303030303030303030303030303035323530652B33303000000000",
                "467E37E43C8800759C",
                "467E37E43C8800759C",
            ],
        ),
        (
            Sample::Float(-2.5e-10),
            [
                "632D322E3530303030303030303030303030303135353730652D313000000000",
                "46BDF12E0BE826D695",
                "46BDF12E0BE826D695",
            ],
        ),
        (atom("ok"), ["6400026F6B", "6400026F6B", "77026F6B"]),
        (atom(""), ["640000", "640000", "7700"]),
        (atom("é"), ["640001E9", "640001E9", "7702C3A9"]),
        (
            Sample::List(vec![atom("a")], Some(Box::new(atom("b")))),
            ["6C000000016400016164000162", "6C000000016400016164000162", "6C00000001770161770162"],
        ),
        (
            map,
            [
                "740000000261026B000178640001616101",
                "740000000261026B000178640001616101",
                "740000000261026B0001787701616101",
            ],
        ),
        (
            keys,
            [
                "740000000261016400016163312E3030303030303030303030303030303030303030652B3030000000000064000162",
                "7400000002610164000161463FF000000000000064000162",
                "74000000026101770161463FF0000000000000770162",
            ],
        ),
        (
            Sample::Pid(9),
            [
                "5864000D6E6F6E6F6465406E6F686F7374000000090000000000000000",
                "5864000D6E6F6E6F6465406E6F686F7374000000090000000000000000",
                "58770D6E6F6E6F6465406E6F686F7374000000090000000000000000",
            ],
        ),
        (
            Sample::Port(0),
            [
                "5964000D6E6F6E6F6465406E6F686F73740000000000000000",
                "5964000D6E6F6E6F6465406E6F686F73740000000000000000",
                "59770D6E6F6E6F6465406E6F686F73740000000000000000",
            ],
        ),
        (
            Sample::Ref(0x9390_0e0b, 0xa98c_0001_0003_3d6f),
            [
                "5A000364000D6E6F6E6F6465406E6F686F73740000000000033D6FA98C000193900E0B",
                "5A000364000D6E6F6E6F6465406E6F686F73740000000000033D6FA98C000193900E0B",
                "5A0003770D6E6F6E6F6465406E6F686F73740000000000033D6FA98C000193900E0B",
            ],
        ),
    ]
}

#[test]
fn golden_bytes() {
    let same = golden().into_iter().map(|(term, bytes)| (term, [bytes; 3]));
    for (term, expected) in same.chain(golden_by_version()) {
        let mut heap = heap();
        let word = term.build(&mut heap);
        for (minor, expected) in expected.iter().enumerate() {
            let bytes = encode(&heap, word, version(minor as u8), &Funs::default()).expect("it has bytes");
            assert_eq!(hex(&bytes), format!("83{expected}"), "{term:?} in version {minor}");
            let back = read(&mut heap, &bytes).expect("our own bytes");
            assert!(equal_exact(&heap, word, back), "{term:?} in version {minor}");
        }
    }
}

/// Long terms: how many bytes, and the fingerprint of them.
#[test]
fn golden_fingerprints() {
    let repeated = |n: usize, what: Sample| list(vec![what; n]);
    let seq = Sample::Tuple((1..=256).map(small).collect());
    let mut power = vec![0; 32];
    power[31] = 1 << 56;
    let cases = [
        (repeated(65535, small(7)), 65539, "7D49E64704352A46596DCD18CD5DC4B9"),
        (repeated(65536, small(7)), 131079, "D16202CD36BCDC3CE9AAEDC8AA3C99F2"),
        (repeated(300, atom("a")), 1207, "CE9EB2FF09CCF7C298A8822FFBF8B297"),
        (Sample::Big(false, power), 263, "156F678D0967D3EE751EEE9CC4F83024"),
        (seq, 521, "7EA6A3BB28E3EF898147090C7D92A646"),
    ];
    for (term, length, fingerprint) in cases {
        let mut heap = heap();
        let word = term.build(&mut heap);
        let bytes = encode(&heap, word, version(1), &Funs::default()).expect("it has bytes");
        assert_eq!(bytes.len(), length);
        assert_eq!(hex(&Md5::digest(&bytes)), fingerprint, "of {length} bytes");
    }
}

fn read_with(heap: &mut Heap, bytes: &[u8], safe: bool, funs: &mut Funs) -> Result<Word, EtfError> {
    decode(heap, bytes, DecodeOptions { safe, ..DecodeOptions::default() }, funs).map(|d| d.term)
}

fn read(heap: &mut Heap, bytes: &[u8]) -> Result<Word, EtfError> {
    read_with(heap, bytes, false, &mut Funs::default())
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).expect("hex")).collect()
}

/// Bytes that nothing here writes, and the term or fault that OTP gives for them (its `badarg`).
#[test]
fn golden_decoding() {
    use EtfFault::*;
    let cases: &[(&str, Result<Sample, EtfFault>)] = &[
        ("4D0000000000", Ok(bits(&[], 0))),
        ("4D0000000001", Err(BadLength)),
        ("4D0000000100FF", Err(BadLength)),
        ("4D0000000109FF", Err(BadLength)),
        ("4D0000000103FF", Ok(bits(&[0xe0], 5))),
        ("6E010100", Ok(small(0))),
        ("6E0001", Ok(small(0))),
        ("6E0305010000", Ok(small(-1))),
        ("6F000000020001FF", Ok(small(0xff01))),
        ("7400000002610161026101 6103", Err(DuplicateKey)),
        ("6C000000006105", Ok(small(5))),
        ("6B0000", Ok(list(vec![]))),
        ("467FF0000000000000", Err(BadFloat)),
        ("7702FFFE", Err(BadAtom)),
        ("7301E9", Ok(atom("é"))),
        ("760002C3A9", Ok(atom("é"))),
        ("640001", Err(Truncated)),
        ("52", Err(UnknownTag(82))),
        ("69FFFFFFFF", Err(Truncated)),
        ("6CFFFFFFFF", Err(Truncated)),
        ("74FFFFFFFF", Err(Truncated)),
        ("6DFFFFFFFF00", Err(Truncated)),
        ("67770D6E6F6E6F6465406E6F686F7374000000090000000000", Ok(Sample::Pid(9))),
        ("67770D6E6F6E6F6465406E6F686F7374000000090000000001", Err(ForeignIdentity)),
        ("58770161000000090000000000000000", Err(ForeignIdentity)),
        ("586109", Err(UnexpectedTag(97))),
        ("66770D6E6F6E6F6465406E6F686F73740000000500", Ok(Sample::Port(5))),
        ("78770D6E6F6E6F6465406E6F686F7374000000010000000200000000", Ok(Sample::Port(0x1_0000_0002))),
        ("65770D6E6F6E6F6465406E6F686F73740000000500", Ok(Sample::Ref(0, 5))),
        ("720002770D6E6F6E6F6465406E6F686F7374000000000500000006", Ok(Sample::Ref(0, 0x6_0000_0005))),
        ("5A0006770D6E6F6E6F6465406E6F686F737400000000", Err(BadLength)),
    ];
    for (bytes, expected) in cases {
        let bytes = unhex(&format!("83{}", bytes.replace(' ', "")));
        let mut heap = heap();
        match (read(&mut heap, &bytes), expected) {
            (Ok(word), Ok(sample)) => {
                let expected = sample.build(&mut heap);
                assert!(equal_exact(&heap, word, expected), "{} is not {sample:?}", hex(&bytes));
            }
            (Err(error), Err(fault)) => assert_eq!(error.fault, *fault, "{}", hex(&bytes)),
            (got, _) => panic!("{}: {got:?} instead of {expected:?}", hex(&bytes)),
        }
    }
}

#[test]
fn float_texts() {
    let cases = [
        ("1.0", Some(1.0)),
        ("1.0e5", Some(1.0e5)),
        ("-1.0E+5", Some(-1.0e5)),
        ("+1.0", Some(1.0)),
        ("1,5", Some(1.5)),
        ("1", None),
        (" 1.0", None),
        ("1.0e400", None),
        ("1.5x", None),
        ("inf", None),
        ("1.0e", None),
        (".5", None),
        ("1.", None),
    ];
    for (text, expected) in cases {
        let mut bytes = vec![131, 99];
        bytes.extend_from_slice(text.as_bytes());
        bytes.resize(33, 0);
        let mut heap = heap();
        let got = read(&mut heap, &bytes).ok().and_then(|w| heap.float(w));
        assert_eq!(got, expected, "{text:?}");
    }
}

#[test]
fn safe_makes_no_atoms_and_no_exports() {
    let mut heap = heap();
    let mut funs = Funs::default();
    let unseen = b"\x83\x77\x18never_seen_anywhere_else";
    assert_eq!(Atom::existing("never_seen_anywhere_else"), None);
    let error = read_with(&mut heap, unseen, true, &mut funs).expect_err("a new atom");
    assert_eq!(error, EtfError { offset: unseen.len(), fault: EtfFault::NewAtom });
    assert_eq!(Atom::existing("never_seen_anywhere_else"), None);
    let export = b"\x83\x71\x77\x05lists\x77\x02ok\x61\x02";
    let error = read_with(&mut heap, export, true, &mut funs).expect_err("a new export");
    assert_eq!(error.fault, EtfFault::UnknownExport);
    let word = read_with(&mut heap, export, false, &mut funs).expect("exports may be made");
    assert!(read_with(&mut heap, export, true, &mut funs).is_ok());
    let key = ExportKey { module: Atom::LISTS, function: Atom::OK, arity: 2 };
    assert_eq!(funs.export_identity(0), Some(key));
    assert_eq!(encode(&heap, word, newest(), &funs).as_deref(), Ok(&export[..]));
}

#[test]
fn identities_come_back_exactly() {
    let mut heap = heap();
    let top = (1u64 << 60) - 1;
    let numbers = [0, 1, (1 << 28) - 1, 1 << 28, (1 << 32) + 5, top - 1, top];
    let identities = || numbers.iter().map(|&n| Pid::from_payload(n));
    let pids = identities().filter(|id| !id.is_port()).map(|id| id.word());
    let mut words: Vec<Word> = pids.chain(identities().map(|id| id.port().word())).collect();
    for creator in [0, 0x53, 1 << 32, u64::MAX] {
        for count in [0, 1, 1 << 32, u64::MAX] {
            words.push(heap.new_reference(RefId { creator, count }).expect("room"));
        }
    }
    for word in words {
        let bytes = bytes_of(&heap, word);
        let back = read(&mut heap, &bytes).expect("our own bytes");
        assert!(equal_exact(&heap, word, back), "{}", hex(&bytes));
    }
}

#[test]
fn compressed_terms() {
    let mut heap = heap();
    let otp = unhex("835000000196789CCB616060484961604C1CC5830767010030464E93");
    let term = list(vec![atom("a"); 100]).build(&mut heap);
    let mut longer = otp.clone();
    longer.extend_from_slice(b"rest");
    for bytes in [&otp, &longer] {
        let decoded = decode(&mut heap, bytes, DecodeOptions::default(), &mut Funs::default());
        let decoded = decoded.expect("what OTP compressed");
        assert!(equal_exact(&heap, decoded.term, term));
        assert_eq!(decoded.used_bytes, otp.len());
    }
    for level in 1..=9 {
        let options = EncodeOptions { compressed: level, ..EncodeOptions::default() };
        let bytes = encode(&heap, term, options, &Funs::default()).expect("it has bytes");
        assert_eq!(bytes[..6], otp[..6], "level {level} is compressed, with the same size inside");
        let back = read(&mut heap, &bytes).expect("our own bytes");
        assert!(equal_exact(&heap, back, term));
        let one = encode(&heap, Word::small(1), options, &Funs::default());
        assert_eq!(one, Ok(vec![131, 97, 1]), "what compression does not shorten stays");
    }
    for length in 0..otp.len() {
        assert!(read(&mut heap, &otp[..length]).is_err(), "cut at {length}");
    }
    for stated in [0u32, 0x195, 0x197, 5000, u32::MAX] {
        let mut bytes = otp.clone();
        bytes[2..6].copy_from_slice(&stated.to_be_bytes());
        let fault = read(&mut heap, &bytes).expect_err("another size").fault;
        let too_large = stated == u32::MAX;
        let expected = if too_large { EtfFault::TooLarge } else { EtfFault::BadCompression };
        assert_eq!(fault, expected, "stated {stated}");
    }
}

#[test]
fn output_stops_at_its_limit() {
    let mut heap = heap();
    let mut term = list(vec![atom("leaf"); 4]).build(&mut heap);
    for _ in 0..60 {
        term = heap.new_tuple(&[term, term]).expect("room");
    }
    let options = EncodeOptions { limit_bytes: 1 << 20, ..EncodeOptions::default() };
    assert_eq!(encode(&heap, term, options, &Funs::default()), Err(EncodeFault::TooLarge));
}

#[test]
fn deep_terms_need_no_stack() {
    let deep = 300_000;
    let nested = |open: &[u8], close: &[u8]| {
        let mut bytes = vec![131];
        bytes.extend(open.iter().copied().cycle().take(open.len() * deep));
        bytes.push(106);
        bytes.extend(close.iter().copied().cycle().take(close.len() * deep));
        bytes
    };
    let shapes = [
        nested(&[104, 1], &[]),
        nested(&[108, 0, 0, 0, 1], &[106]),
        nested(&[108, 0, 0, 0, 1, 106], &[]),
        nested(&[116, 0, 0, 0, 1, 106], &[]),
        nested(&[104, 2, 119, 1, b'a'], &[]),
    ];
    let run = move || {
        for bytes in shapes {
            let mut heap = heap();
            let term = read(&mut heap, &bytes).expect("a deep term");
            let again = bytes_of(&heap, term);
            let back = read(&mut heap, &again).expect("a deep term");
            assert!(equal_exact(&heap, term, back));
        }
    };
    let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(run).expect("a thread");
    thread.join().expect("no overflow");
}

#[test]
fn a_full_heap_is_an_error() {
    let mut policy = Policy::default();
    policy.ceiling_words = 100;
    let mut heap = Heap::new(Default::default(), policy);
    let mut bytes = vec![131, 107, 0, 200];
    bytes.resize(204, 1);
    assert_eq!(read(&mut heap, &bytes).map_err(|e| e.fault), Err(EtfFault::HeapFull));
}

/// Words of heap that bytes may cost at most.
fn assert_bounded(heap: &Heap, bytes: &[u8]) {
    assert!(heap.len() <= 8 * bytes.len() + 64, "{} words for {} bytes", heap.len(), bytes.len());
}

#[derive(Clone, Debug)]
enum Harm {
    Flip(prop::sample::Index, u8),
    Set(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Insert(prop::sample::Index, Vec<u8>),
}

fn harms() -> impl Strategy<Value = Vec<Harm>> {
    let tag = prop_oneof![Just(70u8), Just(77), Just(80), 88u8..91, 97u8..122];
    let harm = prop_oneof![
        (any::<prop::sample::Index>(), 0u8..8).prop_map(|(at, bit)| Harm::Flip(at, bit)),
        (any::<prop::sample::Index>(), tag).prop_map(|(at, tag)| Harm::Set(at, tag)),
        (any::<prop::sample::Index>(), vec(any::<u8>(), 0..4)).prop_map(|(at, b)| Harm::Insert(at, b)),
        any::<prop::sample::Index>().prop_map(Harm::Cut),
    ];
    vec(harm, 0..4)
}

fn harmed(mut bytes: Vec<u8>, harms: &[Harm]) -> Vec<u8> {
    for harm in harms {
        match harm {
            Harm::Flip(at, bit) => {
                let at = at.index(bytes.len().max(1));
                bytes.get_mut(at).into_iter().for_each(|b| *b ^= 1 << bit);
            }
            Harm::Set(at, tag) => {
                let at = at.index(bytes.len().max(1));
                bytes.get_mut(at).into_iter().for_each(|b| *b = *tag);
            }
            Harm::Cut(at) => bytes.truncate(at.index(bytes.len() + 1)),
            Harm::Insert(at, more) => {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..at, more.iter().copied());
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn every_term_comes_back(sample in every(), minor in 0u8..3, compressed in 0u8..3, deterministic in any::<bool>()) {
        let mut heap = heap();
        let mut funs = sample_funs();
        let word = sample.build(&mut heap);
        let options = EncodeOptions { minor_version: minor, compressed: compressed * 4, deterministic, ..EncodeOptions::default() };
        let bytes = encode(&heap, word, options, &funs).expect("it has bytes");
        let decoded = decode(&mut heap, &bytes, DecodeOptions { safe: true, ..DecodeOptions::default() }, &mut funs);
        let decoded = decoded.expect("our own bytes");
        prop_assert!(equal_exact(&heap, word, decoded.term));
        prop_assert_eq!(decoded.used_bytes, bytes.len());
        prop_assert_eq!(heap.verify(&[decoded.term.0]), Ok(()));
    }

    #[test]
    fn harmed_bytes_do_no_harm(sample in every(), harms in harms()) {
        let mut heap = heap();
        let word = sample.build(&mut heap);
        let bytes = encode(&heap, word, newest(), &sample_funs()).expect("it has bytes");
        let bytes = harmed(bytes, &harms);
        let mut heap = sample::heap();
        let mut funs = Funs::default();
        match read_with(&mut heap, &bytes, false, &mut funs) {
            Ok(term) => {
                assert_bounded(&heap, &bytes);
                let again = encode(&heap, term, newest(), &funs).expect("a decoded term has bytes");
                let back = read_with(&mut heap, &again, true, &mut funs).expect("our own bytes");
                prop_assert!(equal_exact(&heap, term, back));
            }
            Err(error) => {
                prop_assert!(error.offset <= bytes.len().max(1));
                assert_bounded(&heap, &bytes);
            }
        }
    }

    #[test]
    fn random_bytes_do_no_harm(mut bytes in vec(prop_oneof![any::<u8>(), Just(0), Just(1), 97u8..122], 0..80)) {
        bytes.insert(0, 131);
        let mut heap = heap();
        let _ = read(&mut heap, &bytes);
        assert_bounded(&heap, &bytes);
    }
}

fn random<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, count: usize) -> Vec<T> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).expect("the strategy gives values").current()).collect()
}

/// Erlang reads what we write and writes what we write.
#[test]
fn erlang_writes_the_same_bytes() {
    let mut inputs = Vec::new();
    let mut words = Vec::new();
    let mut heap = heap();
    for sample in random(portable(false), 2000) {
        let word = sample.build(&mut heap);
        let one_tuple = heap.new_tuple(&[word]).expect("room");
        inputs.push(encode(&heap, one_tuple, version(0), &Funs::default()).expect("it has bytes"));
        words.push(word);
    }
    let fun = "fun({T}) -> [term_to_binary(T, [{minor_version, V}]) || V <- [0, 1, 2]] end";
    let Some(results) = ask("etf_bytes", fun, &inputs) else { return };
    for (word, result) in words.iter().zip(results) {
        let theirs = read(&mut heap, &result).expect("what erl wrote");
        let theirs: Vec<Word> = heap.list(theirs).collect();
        for (minor, their) in theirs.iter().enumerate() {
            let ours = encode(&heap, *word, version(minor as u8), &Funs::default()).expect("it has bytes");
            let theirs = heap.bits(*their).expect("a binary").to_vec();
            assert_eq!(hex(&ours), hex(&theirs), "version {minor}");
        }
    }
}

/// Erlang takes and refuses the same harmed bytes, and reads the same terms and lengths from them.
#[test]
fn erlang_refuses_the_same_bytes() {
    let mut inputs = Vec::new();
    let mut cases = Vec::new();
    for (sample, harms) in random((portable(false), harms()), 4000) {
        let mut heap = heap();
        let word = sample.build(&mut heap);
        let bytes =
            encode(&heap, word, version(cases.len() as u8 % 3), &Funs::default()).expect("it has bytes");
        let bytes = harmed(bytes, &harms);
        let binary = heap.binary(&bytes).expect("room");
        inputs.push(bytes_of(&heap, binary));
        cases.push(bytes);
    }
    let fun = "fun(B) -> {T, Used} = binary_to_term(B, [used]), {ok, {T, Used}} end";
    let Some(results) = ask("etf_harmed", fun, &inputs) else { return };
    let mut accepted = 0;
    for (bytes, result) in cases.iter().zip(results) {
        let mut heap = heap();
        let mut funs = Funs::default();
        let ours = decode(&mut heap, bytes, DecodeOptions::default(), &mut funs);
        let theirs = read_with(&mut heap, &result, false, &mut funs);
        if matches!(theirs, Err(EtfError { fault: EtfFault::ForeignIdentity, .. })) {
            continue;
        }
        let theirs = theirs.expect("what erl wrote");
        let parts: Vec<Word> = heap.tuple(theirs).expect("a pair").iter().map(|&w| Word(w)).collect();
        match ours {
            Ok(ours) => {
                let used = Word::small(ours.used_bytes as i64);
                let pair = heap.new_tuple(&[ours.term, used]).expect("room");
                assert!(parts[0] == Word::atom(Atom::OK), "erl refuses {}", hex(bytes));
                assert!(equal_exact(&heap, pair, parts[1]), "another term from {}", hex(bytes));
                accepted += 1;
            }
            // Two undocumented tags name atoms by their number in OTP's own table.
            Err(EtfError { fault: EtfFault::UnknownTag(73 | 75), .. }) => {}
            Err(error) => {
                assert!(parts[0] == Word::atom(Atom::ERROR), "erl takes {}: {error:?}", hex(bytes));
            }
        }
    }
    assert!(accepted > 500, "both kinds of input are there");
}
