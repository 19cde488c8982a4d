//! The stack and the X registers in the shapes that are compared.
//!
//! Invariant: a frame is its Y registers and, below them, the continuation word, whose low bits (00) are no
//! pointer's. `allocate` clears nothing in the filled shapes: compiled code initialises before a safepoint.

use crate::heap::NIL;

pub trait Stack: Default {
    fn allocate(&mut self, size: usize, continuation: usize);
    fn deallocate(&mut self, size: usize) -> usize;
    fn y(&self, i: usize) -> u64;
    fn set_y(&mut self, i: usize, word: u64);
    fn live(&mut self) -> &mut [u64];
}

/// A vector that is pushed and popped; Y(i) counts back from its length.
#[derive(Default)]
pub struct Pushed(Vec<u64>);

impl Stack for Pushed {
    #[inline(always)]
    fn allocate(&mut self, size: usize, continuation: usize) {
        self.0.push((continuation as u64) << 4);
        for _ in 0..size {
            self.0.push(NIL);
        }
    }
    #[inline(always)]
    fn deallocate(&mut self, size: usize) -> usize {
        let base = self.0.len() - 1 - size;
        let continuation = self.0[base] >> 4;
        self.0.truncate(base);
        continuation as usize
    }
    #[inline(always)]
    fn y(&self, i: usize) -> u64 {
        self.0[self.0.len() - 1 - i]
    }
    #[inline(always)]
    fn set_y(&mut self, i: usize, word: u64) {
        let at = self.0.len() - 1 - i;
        self.0[at] = word;
    }
    fn live(&mut self) -> &mut [u64] {
        &mut self.0
    }
}

/// A filled block whose top goes down: Y(i) is `words[top + i]`.
#[derive(Default)]
pub struct Down {
    pub words: Box<[u64]>,
    pub top: usize,
}

impl Down {
    #[inline(always)]
    pub fn reserve(&mut self, words: usize) {
        while self.top < words {
            *self = grow_down(std::mem::take(self));
        }
    }
}

#[cold]
#[inline(never)]
fn grow_down(stack: Down) -> Down {
    let old = stack.words.len();
    let new = (2 * old).max(1024);
    let mut words = vec![0; new].into_boxed_slice();
    words[new - old..].copy_from_slice(&stack.words);
    Down { words, top: stack.top + new - old }
}

impl Stack for Down {
    #[inline(always)]
    fn allocate(&mut self, size: usize, continuation: usize) {
        self.reserve(size + 1);
        self.words[self.top - 1] = (continuation as u64) << 4;
        self.top -= size + 1;
    }
    #[inline(always)]
    fn deallocate(&mut self, size: usize) -> usize {
        let at = self.top + size;
        let continuation = self.words[at] >> 4;
        self.top = at + 1;
        continuation as usize
    }
    #[inline(always)]
    fn y(&self, i: usize) -> u64 {
        self.words[self.top + i]
    }
    #[inline(always)]
    fn set_y(&mut self, i: usize, word: u64) {
        self.words[self.top + i] = word;
    }
    fn live(&mut self) -> &mut [u64] {
        &mut self.words[self.top..]
    }
}

/// A filled block whose top goes up: Y(i) is `words[top - 1 - i]`.
#[derive(Default)]
pub struct Up {
    words: Box<[u64]>,
    top: usize,
}

#[cold]
#[inline(never)]
fn grow_up(stack: Up) -> Up {
    let mut words = stack.words.into_vec();
    words.resize((2 * words.len()).max(1024), 0);
    Up { words: words.into_boxed_slice(), top: stack.top }
}

impl Stack for Up {
    #[inline(always)]
    fn allocate(&mut self, size: usize, continuation: usize) {
        while self.words.len() - self.top < size + 1 {
            *self = grow_up(std::mem::take(self));
        }
        self.words[self.top] = (continuation as u64) << 4;
        self.top += size + 1;
    }
    #[inline(always)]
    fn deallocate(&mut self, size: usize) -> usize {
        self.top -= size + 1;
        (self.words[self.top] >> 4) as usize
    }
    #[inline(always)]
    fn y(&self, i: usize) -> u64 {
        self.words[self.top - 1 - i]
    }
    #[inline(always)]
    fn set_y(&mut self, i: usize, word: u64) {
        self.words[self.top - 1 - i] = word;
    }
    fn live(&mut self) -> &mut [u64] {
        &mut self.words[..self.top]
    }
}

pub trait Xs: Default {
    fn get(&self, i: usize) -> u64;
    fn set(&mut self, i: usize, word: u64);
    fn live(&mut self, count: usize) -> &mut [u64];
}

macro_rules! registers {
    ($(#[$note:meta])* $name:ident, $size:expr, $i:ident => $index:expr) => {
        $(#[$note])*
        pub struct $name([u64; $size]);
        impl Default for $name {
            fn default() -> Self {
                $name([NIL; $size])
            }
        }
        impl Xs for $name {
            #[inline(always)]
            fn get(&self, $i: usize) -> u64 {
                self.0[$index]
            }
            #[inline(always)]
            fn set(&mut self, $i: usize, word: u64) {
                self.0[$index] = word;
            }
            fn live(&mut self, count: usize) -> &mut [u64] {
                &mut self.0[..count]
            }
        }
    };
}
registers!(/** Any index, checked. */ Checked, 1024, i => i);
registers!(/** Any index, masked. */ Masked, 1024, i => i & 1023);
registers!(/** One-byte indices: no check is left. */ Bytes, 256, i => i & 255);
