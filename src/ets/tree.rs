//! A table's keys in order, as a tree whose copies share what has not changed since.
//!
//! A B+ tree of shared nodes that are copied when they are written while somebody else has them. A branch has
//! for each child that child's first key. A search in a node begins where an even spread between the bounds
//! that its parent knows would have the key, beside which the slot lies: hashes are spread evenly, and so are
//! most keys that are numbers. So finding a key touches few lines of memory one after another.
//!
//! Invariants: abbreviations and keys rise from left to right; a branch's keys are its children's first ones
//! (so no row stays alive that is in no leaf); no node but the root is empty. Recursion is as deep as the
//! tree. Source: B+ trees; the copying is that of purely functional data structures.

use super::key::Sought;
use super::row::Row;
use std::cmp::Ordering;
use triomphe::Arc;

/// Keys of the largest node.
const NODE_MAX: usize = 48;
/// Entries around its guess among which a search looks first.
const NEAR: usize = 16;
/// Below it a node is joined with its neighbour where both fit into one.
const NODE_FEW: usize = NODE_MAX / 4;

/// The rows of one key.
#[derive(Clone, Debug)]
pub enum Slot {
    One(Row),
    /// Two or more, in order of insertion.
    Many(Arc<Vec<Row>>),
    /// None: the key was deleted while the table was fixed. The row had it.
    Ghost(Box<Row>),
}

impl Slot {
    /// The ghost of what is in a slot.
    pub fn ghost(&self) -> Slot {
        Slot::Ghost(Box::new(self.key_row().clone()))
    }

    pub fn rows(&self) -> &[Row] {
        match self {
            Slot::One(row) => std::slice::from_ref(row),
            Slot::Many(rows) => rows,
            Slot::Ghost(_) => &[],
        }
    }

    /// A row that has the key.
    #[inline]
    pub fn key_row(&self) -> &Row {
        match self {
            Slot::One(row) => row,
            Slot::Ghost(row) => row,
            Slot::Many(rows) => &rows[0],
        }
    }

    #[inline]
    pub fn is_ghost(&self) -> bool {
        matches!(self, Slot::Ghost(_))
    }
}

/// A key's abbreviation, and its slot in a leaf; in a branch the first key of a child.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub short: u64,
    slot: Slot,
}

/// A node, or as a root a tree by itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    entries: Vec<Entry>,
    /// Empty in a leaf.
    children: Vec<Arc<Node>>,
}

/// What putting a key into a node came to.
struct Upserted<R> {
    result: R,
    /// What was split off to the right.
    right: Option<Node>,
}

#[derive(Clone, Debug, Default)]
pub struct Tree {
    root: Arc<Node>,
}

/// Which way a walk goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    Forward,
    Backward,
}

impl Tree {
    #[inline(never)]
    pub fn find(&self, key: &Sought<'_>) -> Option<&Slot> {
        self.root.find(key)
    }

    /// Changes the slot of a key with `present`, or puts what `absent` makes where there is none.
    #[inline]
    pub fn upsert<R>(
        &mut self,
        key: &Sought<'_>,
        present: impl FnOnce(&mut Slot) -> R,
        absent: impl FnOnce() -> (Slot, R),
    ) -> R {
        Arc::make_mut(&mut self.root).put(key, present, absent)
    }

    /// The slot of a key, to be changed, but not which rows it has.
    #[inline(never)]
    pub fn slot_mut(&mut self, key: &Sought<'_>) -> Option<&mut Slot> {
        let (leaf, found) = Arc::make_mut(&mut self.root).leaf_of(key);
        Some(&mut leaf.entries[found.ok()?].slot)
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &Sought<'_>) -> Option<Slot> {
        self.find(key)?;
        Arc::make_mut(&mut self.root).take(key)
    }

    /// Walks over the slots, ghosts among them, from the first or the last one.
    pub fn walk(&self, way: Way) -> Walk<'_> {
        self.root.walk(way)
    }

    /// Walks over the slots whose keys or abbreviations come after `place` on the way.
    pub fn walk_after(&self, place: &dyn Fn(u64, &Slot) -> Ordering, way: Way) -> Walk<'_> {
        self.root.walk_after(place, way)
    }

    /// Gives each slot to `change`, which leaves it its key.
    pub fn each_mut(&mut self, change: &mut dyn FnMut(&mut Slot)) {
        Arc::make_mut(&mut self.root).each_mut(change);
    }

    pub fn clear(&mut self) {
        self.root = Arc::default();
    }
}

/// What a root does.
impl Node {
    #[inline]
    pub fn find(&self, key: &Sought<'_>) -> Option<&Slot> {
        let mut node = self;
        let mut bounds = node.bounds();
        loop {
            let found = node.seek(key, bounds);
            if node.is_leaf() {
                return found.ok().map(|at| &node.entries[at].slot);
            }
            node = node.child(found.unwrap_or_else(|at| at.saturating_sub(1)), &mut bounds);
        }
    }

    /// See [`Tree::upsert`].
    pub fn put<R>(
        &mut self,
        key: &Sought<'_>,
        present: impl FnOnce(&mut Slot) -> R,
        absent: impl FnOnce() -> (Slot, R),
    ) -> R {
        // Nearly always nothing but a leaf changes.
        let is_leaf = self.is_leaf();
        let (leaf, found) = if is_leaf {
            let found = self.seek_here(key);
            (&mut *self, found)
        } else {
            self.leaf_of(key)
        };
        match found {
            Ok(at) if at > 0 || is_leaf => return present(&mut leaf.entries[at].slot),
            Err(at) if (at > 0 || is_leaf) && leaf.entries.len() < NODE_MAX => {
                let (slot, result) = absent();
                leaf.entries.insert(at, Entry { short: key.short, slot });
                return result;
            }
            _ => {}
        }
        let Upserted { result, right } = self.upsert(key, present, absent);
        if let Some(right) = right {
            let left = std::mem::take(self);
            self.adopt([left, right]);
        }
        result
    }

    fn adopt(&mut self, children: impl IntoIterator<Item = Node>) {
        for child in children {
            self.entries.push(child.first());
            self.children.push(Arc::new(child));
        }
    }

    /// The leaf that has a key, or would have it, to be written to; and where in it. Who changes its first key has to
    /// renew those of the branches above.
    #[inline]
    fn leaf_of(&mut self, key: &Sought<'_>) -> (&mut Node, Result<usize, usize>) {
        let mut node = self;
        let mut bounds = node.bounds();
        loop {
            let found = node.seek(key, bounds);
            if node.is_leaf() {
                return (node, found);
            }
            let at = found.unwrap_or_else(|at| at.saturating_sub(1));
            node.child(at, &mut bounds);
            node = Arc::make_mut(&mut node.children[at]);
        }
    }

    pub fn take(&mut self, key: &Sought<'_>) -> Option<Slot> {
        self.find(key)?;
        let removed = self.remove(key);
        if self.children.len() == 1 {
            let only = self.children.pop().expect("it has one child");
            *self = Arc::unwrap_or_clone(only);
        }
        Some(removed)
    }

    pub fn walk(&self, way: Way) -> Walk<'_> {
        let mut walk = Walk { stack: Vec::new(), way };
        walk.enter(self);
        walk
    }

    /// Walks over the slots that come after a place on the way; `place` says how it stands to a slot.
    pub fn walk_after(&self, place: &dyn Fn(u64, &Slot) -> Ordering, way: Way) -> Walk<'_> {
        let mut walk = Walk { stack: Vec::new(), way };
        let mut node = self;
        loop {
            let passed = |bound: Ordering| {
                node.entries.partition_point(|entry| {
                    let ordering = place(entry.short, &entry.slot);
                    ordering == Ordering::Greater || ordering == bound
                })
            };
            // Entries left of `at` are smaller than the bound, or not greater.
            let at = passed(if way == Way::Forward { Ordering::Equal } else { Ordering::Greater });
            if node.is_leaf() {
                walk.stack.push((node, at));
                return walk;
            }
            let child = at.saturating_sub(1);
            walk.stack.push((node, if way == Way::Forward { child + 1 } else { child }));
            node = &node.children[child];
        }
    }
}

impl Node {
    #[inline]
    fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }

    /// The first key, as a branch has it.
    fn first(&self) -> Entry {
        let Entry { short, slot } = &self.entries[0];
        Entry { short: *short, slot: Slot::One(slot.key_row().clone()) }
    }

    /// The abbreviations of the first key and the last.
    #[inline]
    fn bounds(&self) -> (u64, u64) {
        match &self.entries[..] {
            [] => (0, 0),
            [only] => (only.short, only.short),
            [first, .., last] => (first.short, last.short),
        }
    }

    /// A child, and the bounds of its keys as far as this branch and its own bounds have them.
    #[inline]
    fn child(&self, at: usize, bounds: &mut (u64, u64)) -> &Node {
        *bounds = (self.entries[at].short, self.entries.get(at + 1).map_or(bounds.1, |next| next.short));
        &self.children[at]
    }

    /// Where an even spread between the bounds would have the abbreviation.
    #[inline]
    fn guess(&self, short: u64, (low, high): (u64, u64)) -> usize {
        // 32 bits of the distances decide.
        let (whole, part) = (high.saturating_sub(low), short.saturating_sub(low));
        let shift = 32_u32.saturating_sub(whole.leading_zeros());
        let guess = (part.min(whole) >> shift) * self.entries.len() as u64 / ((whole >> shift) + 1);
        guess as usize
    }

    /// How many abbreviations are smaller, where about all of them lie within the bounds.
    #[inline]
    fn smaller(&self, short: u64, bounds: (u64, u64)) -> usize {
        let entries = &self.entries[..];
        if entries.len() <= NEAR {
            return count_smaller(entries, short);
        }
        let guess = self.guess(short, bounds).min(entries.len() - 2);
        // Keys that are spread evenly, such as numbers in a row, lie where they are looked for.
        let (this, next) = (entries[guess].short, entries[guess + 1].short);
        if this < short {
            if next >= short {
                return guess + 1;
            }
        } else if guess == 0 || entries[guess - 1].short < short {
            return guess;
        }
        let start = guess.saturating_sub(NEAR / 2).min(entries.len() - NEAR);
        match count_smaller(&entries[start..start + NEAR], short) {
            0 => count_smaller(&entries[..start], short),
            NEAR => {
                let beyond = start + NEAR;
                beyond + count_smaller(&entries[beyond..], short)
            }
            some => start + some,
        }
    }

    /// The index of a key in a node whose bounds nobody else knows, or the one that it would have.
    #[inline(always)]
    fn seek_here(&self, key: &Sought<'_>) -> Result<usize, usize> {
        let few = self.entries.len() <= NEAR;
        self.seek_from(
            key,
            if few {
                count_smaller(&self.entries, key.short)
            } else {
                self.smaller(key.short, self.bounds())
            },
        )
    }

    /// The index of a key, or the one that it would have.
    #[inline(always)]
    fn seek(&self, key: &Sought<'_>, bounds: (u64, u64)) -> Result<usize, usize> {
        self.seek_from(key, self.smaller(key.short, bounds))
    }

    /// The same where it is known how many keys have smaller abbreviations.
    #[inline(always)]
    fn seek_from(&self, key: &Sought<'_>, low: usize) -> Result<usize, usize> {
        match self.entries.get(low) {
            Some(entry) if entry.short == key.short => {
                if key.is_word_of(entry.slot.key_row()) {
                    Ok(low)
                } else {
                    self.seek_equal(key, low)
                }
            }
            _ => Err(low),
        }
    }

    /// The same among the keys of one abbreviation, of which the first is at `low`.
    #[inline(never)]
    fn seek_equal(&self, key: &Sought<'_>, low: usize) -> Result<usize, usize> {
        let rest = &self.entries[low..];
        if rest.get(1).is_none_or(|entry| entry.short != key.short) {
            return match key.compare_whole(rest[0].slot.key_row()) {
                Ordering::Equal => Ok(low),
                Ordering::Less => Err(low),
                Ordering::Greater => Err(low + 1),
            };
        }
        let equal = rest.iter().take_while(|entry| entry.short == key.short).count();
        let found = rest[..equal].binary_search_by(|entry| key.compare_whole(entry.slot.key_row()).reverse());
        found.map(|at| low + at).map_err(|at| low + at)
    }

    /// The index of the child that has the key, or would have it.
    fn child_of(&self, key: &Sought<'_>) -> usize {
        match self.seek(key, self.bounds()) {
            Ok(at) => at,
            Err(at) => at.saturating_sub(1),
        }
    }

    fn upsert<R>(
        &mut self,
        key: &Sought<'_>,
        present: impl FnOnce(&mut Slot) -> R,
        absent: impl FnOnce() -> (Slot, R),
    ) -> Upserted<R> {
        if self.is_leaf() {
            return match self.seek(key, self.bounds()) {
                Ok(at) => Upserted { result: present(&mut self.entries[at].slot), right: None },
                Err(at) => {
                    let (slot, result) = absent();
                    self.entries.insert(at, Entry { short: key.short, slot });
                    Upserted { result, right: self.split_full(at) }
                }
            };
        }
        let at = self.child_of(key);
        let child = Arc::make_mut(&mut self.children[at]);
        let Upserted { result, right } = child.upsert(key, present, absent);
        self.renew_first(at);
        let Some(right) = right else { return Upserted { result, right: None } };
        self.entries.insert(at + 1, right.first());
        self.children.insert(at + 1, Arc::new(right));
        Upserted { result, right: self.split_full(at + 1) }
    }

    /// Makes the first key of a child in this branch what it is.
    fn renew_first(&mut self, at: usize) {
        let child = &self.children[at];
        if !child.entries[0].slot.key_row().same(self.entries[at].slot.key_row()) {
            self.entries[at] = child.first();
        }
    }

    /// Splits a node that is too large. One that grew at its end is split there: keys that come in order fill
    /// their nodes.
    fn split_full(&mut self, grown_at: usize) -> Option<Node> {
        let length = self.entries.len();
        if length <= NODE_MAX {
            return None;
        }
        let at = if grown_at + 1 == length { length - 1 } else { length / 2 };
        let children = if self.is_leaf() { Vec::new() } else { self.children.split_off(at) };
        Some(Node { entries: self.entries.drain(at..).collect(), children })
    }

    pub fn each_mut(&mut self, change: &mut dyn FnMut(&mut Slot)) {
        if self.is_leaf() {
            self.entries.iter_mut().for_each(|entry| change(&mut entry.slot));
            return;
        }
        for at in 0..self.children.len() {
            Arc::make_mut(&mut self.children[at]).each_mut(change);
            self.renew_first(at);
        }
    }

    /// Takes out a key that is there.
    fn remove(&mut self, key: &Sought<'_>) -> Slot {
        if self.is_leaf() {
            let at = self.seek(key, self.bounds()).expect("the key is there");
            return self.entries.remove(at).slot;
        }
        let at = self.child_of(key);
        let child = Arc::make_mut(&mut self.children[at]);
        let removed = child.remove(key);
        let left = child.entries.len();
        if left == 0 {
            self.take_child(at);
        } else {
            self.renew_first(at);
            if left < NODE_FEW {
                self.join(at);
            }
        }
        removed
    }

    fn take_child(&mut self, at: usize) -> Arc<Node> {
        self.entries.remove(at);
        self.children.remove(at)
    }

    /// Joins a child with its right neighbour, or the last one with its left, where one node has room.
    fn join(&mut self, at: usize) {
        let at = if at + 1 < self.children.len() { at } else { at.saturating_sub(1) };
        let Some(right) = self.children.get(at + 1) else { return };
        if self.children[at].entries.len() + right.entries.len() > NODE_MAX {
            return;
        }
        let right = Arc::unwrap_or_clone(self.take_child(at + 1));
        let left = Arc::make_mut(&mut self.children[at]);
        left.entries.extend(right.entries);
        left.children.extend(right.children);
    }
}

/// How many of some entries have smaller abbreviations, which come first.
#[inline]
fn count_smaller(entries: &[Entry], short: u64) -> usize {
    entries.partition_point(|entry| entry.short < short)
}

/// Iterates over slots with their abbreviations.
#[derive(Debug)]
pub struct Walk<'a> {
    /// Nodes from the root down. Backward, an index stands behind what comes next.
    stack: Vec<(&'a Node, usize)>,
    way: Way,
}

impl<'a> Walk<'a> {
    fn enter(&mut self, node: &'a Node) {
        self.stack.push((node, if self.way == Way::Forward { 0 } else { node.entries.len() }));
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = (u64, &'a Slot);

    #[inline]
    fn next(&mut self) -> Option<(u64, &'a Slot)> {
        loop {
            let (node, at) = self.stack.last_mut()?;
            let node = *node;
            let end = if self.way == Way::Forward { node.entries.len() } else { 0 };
            if *at == end {
                self.stack.pop();
                continue;
            }
            let this = if self.way == Way::Forward { *at } else { *at - 1 };
            *at = if self.way == Way::Forward { this + 1 } else { this };
            if node.is_leaf() {
                let entry = &node.entries[this];
                return Some((entry.short, &entry.slot));
            }
            self.enter(&node.children[this]);
        }
    }
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
