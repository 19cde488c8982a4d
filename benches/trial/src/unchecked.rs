//! Variant E: the same loop without bounds checks, to know what they cost. Measurement only.
//!
//! Invariant: sound only for the trial's own programs, whose every index is in range.
#![allow(unsafe_code)]

use crate::fused::Code;
use crate::heap::{Filled, Space};
use crate::regs::{Down, Stack};

#[derive(Default)]
pub struct Heap(Filled);

impl Space for Heap {
    #[inline(always)]
    fn has_room(&self, words: usize) -> bool {
        self.0.has_room(words)
    }
    #[inline(always)]
    fn cons(&mut self, head: u64, tail: u64) -> u64 {
        let at = self.0.top;
        // SAFETY: `has_room(2)` held at the safepoint before.
        unsafe {
            *self.0.words.get_unchecked_mut(at) = head;
            *self.0.words.get_unchecked_mut(at + 1) = tail;
        }
        self.0.top = at + 2;
        (at as u64) << 3 | 1
    }
    #[inline(always)]
    fn pair(&self, pointer: u64) -> (u64, u64) {
        let at = (pointer >> 3) as usize;
        // SAFETY: a live pointer is below the top.
        unsafe { (*self.0.words.get_unchecked(at), *self.0.words.get_unchecked(at + 1)) }
    }
    fn collect(&mut self, roots: [&mut [u64]; 2]) {
        self.0.collect(roots);
    }
    fn collections(&self) -> u64 {
        self.0.collections()
    }
}

#[derive(Default)]
pub struct Frames(Down);

impl Stack for Frames {
    #[inline(always)]
    fn allocate(&mut self, size: usize, continuation: usize) {
        self.0.reserve(size + 1);
        self.0.top -= size + 1;
        // SAFETY: `reserve` left that much below the old top.
        unsafe { *self.0.words.get_unchecked_mut(self.0.top + size) = (continuation as u64) << 4 };
    }
    #[inline(always)]
    fn deallocate(&mut self, size: usize) -> usize {
        let at = self.0.top + size;
        self.0.top = at + 1;
        // SAFETY: the frame has `size` registers and its continuation.
        unsafe { (*self.0.words.get_unchecked(at) >> 4) as usize }
    }
    #[inline(always)]
    fn y(&self, i: usize) -> u64 {
        // SAFETY: `i` is within the frame.
        unsafe { *self.0.words.get_unchecked(self.0.top + i) }
    }
    #[inline(always)]
    fn set_y(&mut self, i: usize, word: u64) {
        // SAFETY: `i` is within the frame.
        unsafe { *self.0.words.get_unchecked_mut(self.0.top + i) = word };
    }
    fn live(&mut self) -> &mut [u64] {
        self.0.live()
    }
}

#[repr(transparent)]
pub struct Trusted<O>([O]);

pub fn code<O>(code: &[O]) -> &Trusted<O> {
    // SAFETY: `Trusted` is a transparent wrapper of the slice.
    unsafe { &*(std::ptr::from_ref(code) as *const Trusted<O>) }
}

impl<O: Copy> Code<O> for Trusted<O> {
    #[inline(always)]
    fn at(&self, pc: usize) -> O {
        // SAFETY: the programs jump to their own instructions only.
        unsafe { *self.0.get_unchecked(pc) }
    }
}
