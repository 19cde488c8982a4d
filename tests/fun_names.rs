//! Funs by what they are called, once the code area's look-up is installed.
//!
//! A file of its own: the look-up holds for the whole operating-system process. Hashes are those that OTP 25
//! gives for funs so called.

use std::cmp::Ordering;
use warpbeam::heap::Heap;
use warpbeam::heap::policy::Policy;
use warpbeam::term::fun::{ExportKey, FunKey, FunNames, install};
use warpbeam::term::hash::{internal_hash, phash2_full};
use warpbeam::term::order::{compare, equal_exact};
use warpbeam::term::show::show;
use warpbeam::term::{Atom, Word};

fn local(id: u32) -> Option<FunKey> {
    // Number 10 is what number 0 was before its module was loaded again.
    (id <= 10).then(|| FunKey { module: Atom::known("u"), index: id % 10, uniq: 127_218_789 })
}

fn external(export: u32) -> Option<ExportKey> {
    (export == 0).then(|| ExportKey { module: Atom::known("lists"), function: Atom::known("map"), arity: 2 })
}

#[test]
fn funs_go_by_their_names() {
    assert!(install(FunNames { local, external }));
    assert!(!install(FunNames { local, external }));
    let mut heap = Heap::new(Default::default(), Policy::default());
    let plain = heap.new_fun(0, 1, &[]).unwrap();
    let again = heap.new_fun(10, 1, &[]).unwrap();
    let closure = heap.new_fun(1, 0, &[Word::small(7)]).unwrap();
    let export = heap.new_external_fun(0).unwrap();
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
