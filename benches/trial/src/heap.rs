//! Terms, the process heap in its two shapes, and a generational copying collection over word offsets.
//!
//! Invariant: a list pointer is `index << 3 | literal << 2 | 01`; every pointer in live words below `top`
//! is in range. Only cons cells are made here, so the collector knows no boxed term.
//! Tags follow OTP's term layout (primary 2 bits; small = low 4 bits 1111); addresses are offsets.

pub const NIL: u64 = 0x3b;
pub const LITERAL: u64 = 4;
const LIST: u64 = 1;
const SMALL: u64 = 15;

pub const fn small(value: i64) -> u64 {
    ((value << 4) as u64) | SMALL
}

#[inline(always)]
pub fn is_list(word: u64) -> bool {
    word & 3 == LIST
}

#[inline(always)]
pub fn add(a: u64, b: u64) -> Option<u64> {
    if a & b & SMALL != SMALL {
        return None;
    }
    (a as i64).checked_add(b as i64 - SMALL as i64).map(|sum| sum as u64)
}

/// `a - k`, where `k` is the constant already shifted past the tag.
#[inline(always)]
pub fn sub_shifted(a: u64, k: i64) -> Option<u64> {
    if a & SMALL != SMALL {
        return None;
    }
    (a as i64).checked_sub(k).map(|difference| difference as u64)
}

/// Where the generations begin: old below `boundary`, survivors of one collection below `mark`.
#[derive(Default)]
pub struct Generations {
    boundary: usize,
    mark: usize,
    major_at: usize,
    promoted: Vec<u64>,
    survived: Vec<u64>,
    pub collections: u64,
}

impl Generations {
    /// Copies what `roots` reach above the boundary to scratch, then back; gives the new top.
    fn collect(&mut self, space: &mut [u64], roots: [&mut [u64]; 2]) -> usize {
        if self.boundary > self.major_at {
            (self.boundary, self.mark) = (0, 0);
        }
        self.collections += 1;
        let [stack, x] = roots;
        for word in stack.iter_mut().chain(x.iter_mut()) {
            *word = self.forward(space, *word);
        }
        self.scan(space);
        // Young survivors were given addresses as if everything below the mark had been promoted.
        let gap = self.mark - self.boundary - self.promoted.len();
        let (mark, shift) = (self.mark, (gap as u64) << 3);
        let settle = |word: &mut u64| {
            if is_list(*word) && *word & LITERAL == 0 && (*word >> 3) as usize >= mark {
                *word -= shift;
            }
        };
        for words in [stack, x, &mut self.promoted, &mut self.survived] {
            words.iter_mut().for_each(settle);
        }
        let young = self.boundary + self.promoted.len();
        space[self.boundary..young].copy_from_slice(&self.promoted);
        let top = young + self.survived.len();
        space[young..top].copy_from_slice(&self.survived);
        if self.boundary == 0 {
            self.major_at = 2 * top + 4096;
        }
        (self.boundary, self.mark) = (young, top);
        self.promoted.clear();
        self.survived.clear();
        top
    }

    fn scan(&mut self, space: &mut [u64]) {
        let (mut old, mut young) = (0, 0);
        while old < self.promoted.len() || young < self.survived.len() {
            while old < self.promoted.len() {
                self.promoted[old] = self.forward(space, self.promoted[old]);
                old += 1;
            }
            while young < self.survived.len() {
                self.survived[young] = self.forward(space, self.survived[young]);
                young += 1;
            }
        }
    }

    /// A moved cell holds a zero word (no term) and its new address.
    #[inline(always)]
    fn forward(&mut self, space: &mut [u64], word: u64) -> u64 {
        let at = (word >> 3) as usize;
        if !is_list(word) || word & LITERAL != 0 || at < self.boundary {
            return word;
        }
        let cell = &mut space[at..at + 2];
        if cell[0] != 0 {
            let (to, base) = if at < self.mark {
                (&mut self.promoted, self.boundary)
            } else {
                (&mut self.survived, self.mark)
            };
            let new = ((base + to.len()) as u64) << 3 | LIST;
            to.extend_from_slice(cell);
            (cell[0], cell[1]) = (0, new);
        }
        cell[1]
    }
}

const YOUNG_WORDS: usize = 8192;

/// A process heap as the loop sees it.
pub trait Space: Default {
    fn has_room(&self, words: usize) -> bool;
    fn cons(&mut self, head: u64, tail: u64) -> u64;
    fn pair(&self, pointer: u64) -> (u64, u64);
    fn collect(&mut self, roots: [&mut [u64]; 2]);
    fn collections(&self) -> u64;
}

#[inline(always)]
pub fn pair_in(words: &[u64], pointer: u64) -> (u64, u64) {
    let at = (pointer >> 3) as usize;
    let cell = &words[at..at + 2];
    (cell[0], cell[1])
}

/// The vector's length is the top and its capacity the limit.
#[derive(Default)]
pub struct Grown {
    words: Vec<u64>,
    generations: Option<Box<Generations>>,
}

impl Space for Grown {
    #[inline(always)]
    fn has_room(&self, words: usize) -> bool {
        self.words.capacity() - self.words.len() >= words
    }
    #[inline(always)]
    fn cons(&mut self, head: u64, tail: u64) -> u64 {
        let at = self.words.len() as u64;
        self.words.extend_from_slice(&[head, tail]);
        at << 3 | LIST
    }
    #[inline(always)]
    fn pair(&self, pointer: u64) -> (u64, u64) {
        pair_in(&self.words, pointer)
    }
    fn collect(&mut self, roots: [&mut [u64]; 2]) {
        let top = self.generations.get_or_insert_default().collect(&mut self.words, roots);
        self.words.truncate(top);
        if !self.has_room(YOUNG_WORDS / 2) {
            self.words.reserve_exact(YOUNG_WORDS);
        }
    }
    fn collections(&self) -> u64 {
        self.generations.as_ref().map_or(0, |g| g.collections)
    }
}

/// A zero-filled vector with the top beside it; the vector's length is the limit.
#[derive(Default)]
pub struct Filled {
    pub words: Box<[u64]>,
    pub top: usize,
    generations: Option<Box<Generations>>,
}

impl Space for Filled {
    #[inline(always)]
    fn has_room(&self, words: usize) -> bool {
        self.words.len() - self.top >= words
    }
    #[inline(always)]
    fn cons(&mut self, head: u64, tail: u64) -> u64 {
        let at = self.top;
        let cell = &mut self.words[at..at + 2];
        (cell[0], cell[1]) = (head, tail);
        self.top = at + 2;
        (at as u64) << 3 | LIST
    }
    #[inline(always)]
    fn pair(&self, pointer: u64) -> (u64, u64) {
        pair_in(&self.words, pointer)
    }
    fn collect(&mut self, roots: [&mut [u64]; 2]) {
        self.top = self.generations.get_or_insert_default().collect(&mut self.words[..self.top], roots);
        if !self.has_room(YOUNG_WORDS / 2) {
            let mut words = std::mem::take(&mut self.words).into_vec();
            words.resize(self.top + YOUNG_WORDS, 0);
            self.words = words.into_boxed_slice();
        }
    }
    fn collections(&self) -> u64 {
        self.generations.as_ref().map_or(0, |g| g.collections)
    }
}

/// Where literal cells are read.
pub trait Literals: Copy {
    fn pair(self, pointer: u64) -> (u64, u64);
}

/// One slice for all literals.
#[derive(Clone, Copy)]
pub struct Flat<'a>(pub &'a [u64]);

impl Literals for Flat<'_> {
    #[inline(always)]
    fn pair(self, pointer: u64) -> (u64, u64) {
        pair_in(self.0, pointer & 0x7_ffff_ffff)
    }
}

/// A slice for each module: the segment in bits 35 and up, the offset below.
#[derive(Clone, Copy)]
pub struct Segmented<'a>(pub &'a [Vec<u64>]);

impl Literals for Segmented<'_> {
    #[inline(always)]
    fn pair(self, pointer: u64) -> (u64, u64) {
        pair_in(&self.0[(pointer >> 35) as usize], pointer & 0x7_ffff_ffff)
    }
}

/// A list of `length` smalls, cells in order from `base`.
pub fn list_words(length: usize, pointer_bits: u64) -> Vec<u64> {
    let mut words = Vec::with_capacity(2 * length);
    for i in 1..=length {
        let next = if i == length { NIL } else { (2 * i as u64) << 3 | LIST | pointer_bits };
        words.extend([small(i as i64), next]);
    }
    words
}
