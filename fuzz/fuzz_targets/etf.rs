//! Any bytes as an external term: an error, or a term that survives being written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use warpbeam::code::fun_table::KnownFuns;
use warpbeam::heap::{Heap, policy::Policy};
use warpbeam::term::etf::{DecodeOptions, EncodeOptions, decode, encode};
use warpbeam::term::{hash::digest, order::equal_exact};

fuzz_target!(|bytes: &[u8]| {
    let mut heap = Heap::new(Default::default(), Policy::default());
    let options = DecodeOptions { inflated_max_bytes: 1 << 20, ..DecodeOptions::default() };
    let Ok(first) = decode(&mut heap, bytes, options, &mut KnownFuns) else { return };
    let written = EncodeOptions { minor_version: 2, deterministic: true, ..EncodeOptions::default() };
    let plain = encode(&heap, first.term, written, &KnownFuns).expect("what was decoded has bytes");
    let again = decode(&mut heap, &plain, options, &mut KnownFuns).expect("what was encoded can be decoded");
    assert_eq!(again.used_bytes, plain.len(), "all that was written is read");
    assert!(equal_exact(&heap, first.term, again.term), "the round trip changed the term");
    assert_eq!(digest(&heap, first.term), digest(&heap, again.term), "equal terms have equal digests");
    let twice = encode(&heap, again.term, written, &KnownFuns).expect("what was decoded has bytes");
    assert_eq!(plain, twice, "equal terms have equal bytes");
});
