//! The collector: minor and major copying collection, in place by way of two scratch buffers.
//!
//! A minor collection copies live young objects: those below the mature mark are promoted behind the old
//! generation, the others stay young. A major one copies everything live and calls it old. Pointers are
//! indices, so objects are given their final indices while they are still in scratch.
//!
//! Room for everything that can be moved is reserved first: where there is none, nothing has happened.
//!
//! Invariant: afterwards no word of the roots or of a live object refers to a place that was left.
//! Source: Cheney's algorithm; OTP's internal document on garbage collection for promotion.

use super::policy::GcPlan;
use super::resource::{Resources, Sweep, Ticket};
use super::{Heap, HeapFull};
use crate::planted;
use crate::term::Word;
use crate::term::word::{Header, Kind};

/// Buffers that collections reuse; one per scheduler.
#[derive(Default, Debug)]
pub struct Scratch {
    promoted: Vec<u64>,
    survivors: Vec<u64>,
    /// Varies the padding of stress collections.
    turn: usize,
    minor_next: bool,
}

impl Scratch {
    /// Lets the pattern of stress collections begin anew.
    pub(crate) fn restart(&mut self) {
        self.turn = 0;
        self.minor_next = false;
    }

    /// Every other time yes: stress collections alternate between minor and major.
    pub(crate) fn toss(&mut self) -> bool {
        self.minor_next = !self.minor_next;
        self.minor_next
    }
}

/// Moves what it is shown to its new place.
pub struct Mover<'a> {
    from: &'a mut [u64],
    resources: &'a mut Resources,
    promoted: &'a mut Vec<u64>,
    survivors: &'a mut Vec<u64>,
    /// Pointers below it stay.
    moving_from: usize,
    /// Objects below it are promoted.
    mature: usize,
    promoted_base: usize,
    survivors_base: usize,
    major: bool,
}

impl Mover<'_> {
    /// Moves what a root word refers to and updates the word.
    #[inline]
    pub fn word(&mut self, slot: &mut Word) {
        slot.0 = self.moved(slot.0);
    }

    /// The same for a run of root words; words with a header tag (continuation pointers) pass.
    pub fn words(&mut self, slots: &mut [u64]) {
        for slot in slots {
            *slot = self.moved(*slot);
        }
    }

    #[inline]
    fn moved(&mut self, raw: u64) -> u64 {
        let word = Word(raw);
        if !word.is_pointer() || word.is_literal() || word.index() < self.moving_from {
            debug_assert!(word != Word::POISON, "a root or live object holds poison");
            return raw;
        }
        let at = word.index();
        let first = self.from[at];
        if word.is_list() {
            if first == Word::NONE.0 {
                return self.from[at + 1];
            }
            let second = self.from[at + 1];
            let index = self.place(at, &[first, second]);
            let moved = Word::list(index).0;
            self.from[at] = Word::NONE.0;
            self.from[at + 1] = moved;
            return moved;
        }
        if first & 3 != 0 {
            return first;
        }
        self.move_boxed(at, first)
    }

    fn move_boxed(&mut self, at: usize, header: u64) -> u64 {
        let decoded = Header::decode(header);
        let end = at + 1 + decoded.size;
        let old = self.major || at < self.mature;
        if decoded.kind == Kind::SharedBinary && !planted!(BinaryReleased) {
            self.resources.mark(Ticket(self.from[at + 1]), old);
        } else if decoded.is_handle() {
            self.resources.mark(Ticket(self.from[at + 3]), old);
        }
        let (buffer, base) = if at < self.mature {
            (&mut *self.promoted, self.promoted_base)
        } else {
            (&mut *self.survivors, self.survivors_base)
        };
        let index = base + buffer.len();
        buffer.extend_from_slice(&self.from[at..end]);
        let moved = Word::boxed(index).0;
        self.from[at] = moved;
        moved
    }

    #[inline]
    fn place(&mut self, at: usize, words: &[u64; 2]) -> usize {
        let (buffer, base) = if at < self.mature {
            (&mut *self.promoted, self.promoted_base)
        } else {
            (&mut *self.survivors, self.survivors_base)
        };
        let index = base + buffer.len();
        buffer.extend_from_slice(words);
        index
    }

    /// Scans what was copied until everything reachable has been.
    fn drain(&mut self) {
        let (mut p, mut s) = (0, 0);
        while p < self.promoted.len() || s < self.survivors.len() {
            while p < self.promoted.len() {
                p = self.scan(p, true);
            }
            while s < self.survivors.len() {
                s = self.scan(s, false);
            }
        }
    }

    #[inline]
    fn scan(&mut self, at: usize, promoted: bool) -> usize {
        let raw = if promoted { self.promoted[at] } else { self.survivors[at] };
        if raw & 3 == 0 {
            let header = Header::decode(raw);
            return at + 1 + if header.kind.is_raw() { header.size } else { 0 };
        }
        let moved = self.moved(raw);
        if promoted {
            self.promoted[at] = moved;
        } else {
            self.survivors[at] = moved;
        }
        at + 1
    }
}

/// Collects the young generation, or everything, as `sweep` says. `roots` shows every root word.
///
/// This only moves. The caller settles limits ([`Heap::settle_semantic`], [`Heap::settle_stress`]).
/// Gives the number of words that stayed young.
pub(crate) fn collect(
    heap: &mut Heap,
    sweep: Sweep,
    scratch: &mut Scratch,
    roots: impl FnOnce(&mut Mover<'_>),
) -> Result<usize, HeapFull> {
    let major = sweep != Sweep::Young;
    let stressed = heap.policy.plan != GcPlan::Normal;
    let (old_top, young_base) = (heap.old_top, heap.young_base);
    let promotable = heap.mature - young_base;
    let new_young_base = if major || old_top + promotable <= young_base {
        young_base
    } else {
        old_top + promotable + promotable / 2 + 16
    };
    let pad = if major && stressed { scratch.turn % 7 + 1 } else { 0 };
    let Scratch { promoted, survivors, turn, .. } = scratch;
    promoted.clear();
    survivors.clear();
    let first_survivor = if major { 0 } else { heap.mature };
    let added = if major { pad } else { new_young_base.saturating_sub(heap.mature) };
    let reserved = survivors
        .try_reserve_exact(heap.words.len() - first_survivor)
        .and_then(|()| promoted.try_reserve_exact(if major { 0 } else { promotable }))
        .and_then(|()| heap.words.try_reserve(added));
    reserved.map_err(|_| HeapFull)?;
    if pad != 0 {
        *turn = pad;
    }
    heap.policy.counted = heap.allocated();
    let mut mover = Mover {
        from: &mut heap.words,
        resources: &mut heap.resources,
        moving_from: if major { 0 } else { young_base },
        mature: first_survivor,
        promoted_base: old_top,
        survivors_base: if major { pad } else { new_young_base },
        promoted,
        survivors,
        major,
    };
    roots(&mut mover);
    mover.drain();
    let _ = mover;
    heap.resources.sweep(sweep);
    if major {
        heap.words.clear();
        fill(&mut heap.words, pad);
        heap.words.extend_from_slice(survivors);
        heap.old_top = heap.words.len();
        heap.young_base = heap.old_top;
    } else {
        heap.words.truncate(old_top);
        heap.words.extend_from_slice(promoted);
        heap.old_top = heap.words.len();
        let slack = new_young_base - heap.old_top;
        fill(&mut heap.words, slack);
        heap.words.extend_from_slice(survivors);
        heap.young_base = new_young_base;
    }
    heap.mature = heap.words.len();
    if promoted.capacity() + survivors.capacity() > SCRATCH_KEPT_WORDS {
        promoted.shrink_to(SCRATCH_KEPT_WORDS);
        survivors.shrink_to(SCRATCH_KEPT_WORDS);
    }
    Ok(if major { 0 } else { heap.mature - heap.young_base })
}

/// Scratch that a scheduler keeps between collections, in words (8 MiB).
const SCRATCH_KEPT_WORDS: usize = 1 << 20;

/// Fills `count` words with a filler object of poison.
fn fill(words: &mut Vec<u64>, count: usize) {
    if count > 0 {
        let end = words.len() + count;
        words.push(Header::new(Kind::Filler, count - 1).word());
        words.resize(end, Word::POISON.0);
    }
}
