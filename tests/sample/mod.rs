//! Random terms: plain values that can be built on any heap, and written for Erlang to read.

#![allow(clippy::disallowed_methods, reason = "a power of two is exact")]

use proptest::collection::vec;
use proptest::prelude::*;
use warpbeam::heap::binary::BitPlace;
use warpbeam::heap::policy::Policy;
use warpbeam::heap::read::RefId;
use warpbeam::heap::{Heap, HeapFull};
use warpbeam::process::pid::Pid;
use warpbeam::term::{Atom, Word, map};

#[derive(Clone, Debug)]
pub enum Sample {
    Small(i64),
    /// Sign and limbs, least significant first.
    Big(bool, Vec<u64>),
    Float(f64),
    Atom(String),
    Pid(u64),
    Port(u64),
    Ref(u64, u64),
    /// Bytes, bits left out of the last one, and the bit at which the run starts in its binary.
    Bits(Vec<u8>, usize, usize),
    List(Vec<Sample>, Option<Box<Sample>>),
    Tuple(Vec<Sample>),
    Map(Vec<(Sample, Sample)>),
    Fun(u32, Vec<Sample>),
}

pub fn heap() -> Heap {
    Heap::new(Default::default(), Policy::default())
}

pub fn small(n: i64) -> Sample {
    Sample::Small(n)
}

pub fn atom(text: &str) -> Sample {
    Sample::Atom(text.into())
}

pub fn list(elements: Vec<Sample>) -> Sample {
    Sample::List(elements, None)
}

impl Sample {
    pub fn build(&self, heap: &mut Heap) -> Word {
        self.try_build(heap).expect("samples are small")
    }

    fn try_build(&self, heap: &mut Heap) -> Result<Word, HeapFull> {
        let all = |heap: &mut Heap, of: &[Sample]| of.iter().map(|s| s.build(heap)).collect::<Vec<_>>();
        match self {
            Sample::Small(n) => heap.new_integer(*n),
            Sample::Big(negative, limbs) => heap.new_integer_from_limbs(*negative, limbs),
            Sample::Float(f) => heap.new_float(*f),
            Sample::Atom(text) => Ok(Word::atom(Atom::new(text).expect("samples are few and short"))),
            Sample::Pid(n) => Ok(Word(n << 4 | 3)),
            Sample::Port(n) => Ok(Pid::from_payload(*n).port().word()),
            Sample::Ref(creator, count) => heap.new_reference(RefId { creator: *creator, count: *count }),
            Sample::Bits(bytes, missing, offset) => build_bits(heap, bytes, *missing, *offset),
            Sample::List(elements, tail) => {
                let tail = tail.as_ref().map_or(Word::NIL, |t| t.build(heap));
                let elements = all(heap, elements);
                heap.new_list(&elements, tail)
            }
            Sample::Tuple(elements) => {
                let elements = all(heap, elements);
                heap.new_tuple(&elements)
            }
            Sample::Map(pairs) => {
                let pairs: Vec<_> = pairs.iter().map(|(k, v)| (k.build(heap), v.build(heap))).collect();
                map::from_pairs(heap, &pairs)
            }
            Sample::Fun(id, free) => {
                let free = all(heap, free);
                heap.new_fun(*id, 1, &free)
            }
        }
    }
}

fn build_bits(heap: &mut Heap, bytes: &[u8], missing: usize, offset: usize) -> Result<Word, HeapFull> {
    let size = (bytes.len() * 8).saturating_sub(missing);
    if offset == 0 {
        let mut bytes = bytes.to_vec();
        if let Some(last) = bytes.last_mut() {
            *last &= !0u8 << missing;
        }
        return heap.bitstring(&bytes, size);
    }
    let mut shifted = vec![!0u8; bytes.len() + 1];
    for i in 0..size {
        let to = i + offset;
        shifted[to / 8] &= !(0x80 >> (to % 8));
        shifted[to / 8] |= ((bytes[i / 8] >> (7 - i % 8)) & 1) << (7 - to % 8);
    }
    let base = heap.binary(&shifted)?;
    heap.sub_binary(BitPlace { base, offset, size })
}

fn floats() -> impl Strategy<Value = Sample> {
    let any = any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |f| f.is_finite());
    let near = (-4i64..4, 0u32..80).prop_map(|(d, e)| 2f64.powi(e as i32) + d as f64);
    let short = (-100_000i64..100_000, -12i32..12).prop_map(|(n, e)| n as f64 * 10f64.powi(e));
    prop_oneof![Just(0.0), Just(-0.0), any, near, short].prop_map(Sample::Float)
}

fn integers() -> impl Strategy<Value = Sample> {
    prop_oneof![
        4 => (-300i64..300).prop_map(Sample::Small),
        1 => any::<i64>().prop_map(Sample::Small),
        1 => (-3i64..3, 0u32..62, any::<bool>()).prop_map(|(d, e, n)| {
            Sample::Small(if n { -(1 << e) + d } else { (1 << e) + d })
        }),
        1 => (any::<bool>(), vec(any::<u64>(), 1..5)).prop_map(|(n, limbs)| Sample::Big(n, limbs)),
        1 => (any::<bool>(), 0u32..20).prop_map(|(n, d)| Sample::Big(n, vec![0, 0, u64::from(d)])),
    ]
}

fn atoms() -> impl Strategy<Value = Sample> {
    prop_oneof![
        "[a-c]{1,3}",
        "[a-z][a-zA-Z0-9_@]{0,12}",
        "[ -~\u{a0}-\u{ff}]{0,6}",
        "[a-z\u{df}-\u{ff}\u{400}-\u{42f}\u{1f600}]{0,5}",
        Just("é".repeat(200)),
        Just("end".to_string()),
    ]
    .prop_map(Sample::Atom)
}

fn bits() -> impl Strategy<Value = Sample> {
    (
        prop_oneof![4 => vec(any::<u8>(), 0..16), 1 => vec(any::<u8>(), 60..80)],
        0usize..8,
        0usize..8,
        any::<bool>(),
    )
        .prop_map(|(bytes, missing, offset, whole)| {
            Sample::Bits(bytes, if whole { 0 } else { missing }, offset)
        })
}

fn compound(leaf: impl Strategy<Value = Sample> + 'static, large: bool) -> BoxedStrategy<Sample> {
    let large = if large { 1 } else { 0 };
    leaf.prop_recursive(4, 48, 6, move |inner| {
        let pairs = || vec((inner.clone(), inner.clone()), 0..6);
        let many = vec((0i64..90, inner.clone()), 30..60);
        prop_oneof![
            3 => vec(inner.clone(), 0..6).prop_map(Sample::Tuple),
            3 => vec(inner.clone(), 0..6).prop_map(list),
            1 => vec(0i64..300, 0..12).prop_map(|v| list(v.into_iter().map(small).collect())),
            1 => (vec(inner.clone(), 1..4), inner.clone()).prop_map(|(v, t)| Sample::List(v, Some(t.into()))),
            2 => pairs().prop_map(Sample::Map),
            large => many.prop_map(|v| Sample::Map(v.into_iter().map(|(k, v)| (small(k), v)).collect())),
        ]
    })
    .boxed()
}

/// Terms that can be written down and read elsewhere.
pub fn portable(large_maps: bool) -> BoxedStrategy<Sample> {
    compound(prop_oneof![3 => integers(), 2 => floats(), 3 => atoms(), 2 => bits()], large_maps)
}

/// Terms of every type.
pub fn every() -> BoxedStrategy<Sample> {
    let identities = prop_oneof![
        (0u64..9).prop_map(Sample::Pid),
        (0u64..9).prop_map(Sample::Port),
        (0u64..4, 0u64..4).prop_map(|(a, b)| Sample::Ref(a, b)),
        (0u32..3, vec((0i64..3).prop_map(small), 0..3)).prop_map(|(id, free)| Sample::Fun(id, free)),
    ];
    compound(prop_oneof![3 => integers(), 2 => floats(), 2 => atoms(), 2 => bits(), 2 => identities], true)
}
