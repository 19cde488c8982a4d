//! Funs by what they are called.
//!
//! Hashes are those that OTP 25 gives for funs so called.

use std::cmp::Ordering;
use warpbeam::code::{ExportId, FunId, FunKey};
use warpbeam::heap::Heap;
use warpbeam::heap::policy::Policy;
use warpbeam::term::hash::{internal_hash, phash2_full};
use warpbeam::term::order::{compare, equal_exact};
use warpbeam::term::show::show;
use warpbeam::term::{Atom, Word};

/// Number of a fun of module `u` as a version of it defines it.
fn local(version: u8, index: u32, free: u32) -> u32 {
    FunId::new(FunKey {
        module: Atom::known("u"),
        index,
        uniq: 127_218_789,
        md5: [version; 16],
        arity: 1,
        free,
        function: Atom::known("-f/0-fun-0-"),
    })
    .0
}

#[test]
fn funs_go_by_their_names() {
    let mut heap = Heap::new(Default::default(), Policy::default());
    let plain = heap.new_fun(local(1, 0, 0), 1, &[]).unwrap();
    let again = heap.new_fun(local(2, 0, 0), 1, &[]).unwrap();
    let closure = heap.new_fun(local(1, 1, 1), 0, &[Word::small(7)]).unwrap();
    let export = heap.new_external_fun(ExportId::new(Atom::known("lists"), Atom::known("map"), 2).0).unwrap();
    let table = [
        (plain, 2_106_186_857, "#Fun<u.0.127218789>"),
        (closure, 1_835_860_284, "#Fun<u.1.127218789>"),
        (export, 840_287_883, "fun lists:map/2"),
    ];
    for (i, (a, hash, text)) in table.iter().enumerate() {
        assert_eq!(show(&heap, *a), *text);
        assert_eq!(phash2_full(&heap, *a), *hash);
        for (j, (b, ..)) in table.iter().enumerate() {
            assert_eq!(compare(&heap, *a, *b), i.cmp(&j));
        }
    }
    assert!(equal_exact(&heap, plain, again));
    assert_eq!(compare(&heap, plain, again), Ordering::Equal);
    assert_eq!(internal_hash(&heap, plain), internal_hash(&heap, again));
}
