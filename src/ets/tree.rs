//! A table's keys in order, as a tree whose copies share what has not changed since.
//!
//! A B+ tree of shared nodes that are copied when they are written while somebody else has them. A node has
//! the abbreviations of its keys side by side, so that a search touches few lines of memory; a branch has for
//! each child that child's first key.
//!
//! Invariants: abbreviations and keys rise from left to right; a branch's keys are its children's first ones
//! (so no row stays alive that is in no leaf); no node but the root is empty. Recursion is as deep as the
//! tree. Source: B+ trees; the copying is that of purely functional data structures.

use super::key::Sought;
use super::row::Row;
use super::shorts::Shorts;
use std::cmp::Ordering;
use std::sync::Arc;

/// Keys of the largest node.
pub(super) const NODE_MAX: usize = 48;
/// Below it a node is joined with its neighbour where both fit into one.
const NODE_FEW: usize = NODE_MAX / 4;

/// The rows of one key.
#[derive(Clone, Debug)]
pub enum Slot {
    One(Row),
    /// Two or more, in order of insertion.
    Many(Arc<Vec<Row>>),
    /// None: the key was deleted while the table was fixed. The row had it.
    Ghost(Row),
}

impl Slot {
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
            Slot::One(row) | Slot::Ghost(row) => row,
            Slot::Many(rows) => &rows[0],
        }
    }

    #[inline]
    pub fn is_ghost(&self) -> bool {
        matches!(self, Slot::Ghost(_))
    }
}

#[derive(Clone, Debug, Default)]
struct Node {
    shorts: Shorts,
    /// Of a leaf, the slots of the keys; of a branch, first keys of its children.
    slots: Vec<Slot>,
    /// Empty in a leaf.
    children: Vec<Arc<Node>>,
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
    #[inline]
    pub fn find(&self, key: &Sought<'_>) -> Option<&Slot> {
        let mut node = &*self.root;
        loop {
            match node.seek(key) {
                Ok(at) if node.is_leaf() => return Some(&node.slots[at]),
                Err(_) if node.is_leaf() => return None,
                Ok(at) => node = &node.children[at],
                Err(at) => node = &node.children[at.saturating_sub(1)],
            }
        }
    }

    /// Changes the slot of a key with `present`, or puts what `absent` makes where there is none.
    pub fn upsert<R>(
        &mut self,
        key: &Sought<'_>,
        present: impl FnOnce(&mut Slot) -> R,
        absent: impl FnOnce() -> (Slot, R),
    ) -> R {
        let root = Arc::make_mut(&mut self.root);
        let (result, split) = root.upsert(key, present, absent);
        if let Some(right) = split {
            let left = std::mem::take(root);
            for child in [left, right] {
                root.shorts.push(child.shorts[0]);
                root.slots.push(child.first());
                root.children.push(Arc::new(child));
            }
        }
        result
    }

    /// Changes the slot of a key that is there.
    pub fn change<R>(&mut self, key: &Sought<'_>, change: impl FnOnce(&mut Slot) -> R) -> Option<R> {
        self.find(key)?;
        let absent = || panic!("the key was just found");
        Some(self.upsert(key, change, absent))
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &Sought<'_>) -> Option<Slot> {
        self.find(key)?;
        let root = Arc::make_mut(&mut self.root);
        let removed = root.remove(key);
        if root.children.len() == 1 {
            let only = root.children.pop().expect("it has one child");
            self.root = only;
        }
        Some(removed)
    }

    /// Walks over the slots, ghosts among them, from the first or the last one.
    pub fn walk(&self, way: Way) -> Walk<'_> {
        let mut walk = Walk { stack: Vec::new(), way };
        walk.enter(&self.root);
        walk
    }

    /// Walks over the slots that come after `key` on the way.
    pub fn walk_after(&self, key: &Sought<'_>, way: Way) -> Walk<'_> {
        self.walk_past(way, &|short, slot| match key.short.cmp(&short) {
            Ordering::Equal => key.compare_whole(slot.key_row()),
            unequal => unequal,
        })
    }

    /// Walks over the slots whose abbreviations come after `short` on the way.
    pub fn walk_after_short(&self, short: u64, way: Way) -> Walk<'_> {
        self.walk_past(way, &|other, _| short.cmp(&other))
    }

    fn walk_past(&self, way: Way, compare: &dyn Fn(u64, &Slot) -> Ordering) -> Walk<'_> {
        let mut walk = Walk { stack: Vec::new(), way };
        let mut node = &*self.root;
        loop {
            let passed = |bound: Ordering| {
                partition(node.shorts.len(), |i| {
                    let ordering = compare(node.shorts[i], &node.slots[i]);
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

    /// Gives each slot to `change`, which leaves it its key.
    pub fn each_mut(&mut self, change: &mut dyn FnMut(&mut Slot)) {
        Arc::make_mut(&mut self.root).each_mut(change);
    }

    pub fn clear(&mut self) {
        self.root = Arc::default();
    }
}

/// The first index for which `before` does not hold.
#[inline]
fn partition(length: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = usize::midpoint(low, high);
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

impl Node {
    #[inline]
    fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }

    /// The slot of the first key, as a branch has it.
    fn first(&self) -> Slot {
        Slot::Ghost(self.slots[0].key_row().clone())
    }

    /// The index of a key, or the one that it would have.
    #[inline]
    fn seek(&self, key: &Sought<'_>) -> Result<usize, usize> {
        let low = self.shorts.smaller(key.short);
        if self.shorts.get(low) != Some(&key.short) {
            return Err(low);
        }
        let equal = self.shorts[low..].iter().take_while(|&&short| short == key.short).count();
        let slots = &self.slots[low..low + equal];
        let found = slots.binary_search_by(|slot| key.compare_whole(slot.key_row()).reverse());
        found.map(|at| low + at).map_err(|at| low + at)
    }

    /// The index of the child that has the key, or would have it.
    fn child_of(&self, key: &Sought<'_>) -> usize {
        match self.seek(key) {
            Ok(at) => at,
            Err(at) => at.saturating_sub(1),
        }
    }

    /// What is split off to the right is the second answer.
    fn upsert<R>(
        &mut self,
        key: &Sought<'_>,
        present: impl FnOnce(&mut Slot) -> R,
        absent: impl FnOnce() -> (Slot, R),
    ) -> (R, Option<Node>) {
        if self.is_leaf() {
            return match self.seek(key) {
                Ok(at) => (present(&mut self.slots[at]), None),
                Err(at) => {
                    let (slot, result) = absent();
                    self.shorts.insert(at, key.short);
                    self.slots.insert(at, slot);
                    (result, self.split_full(at))
                }
            };
        }
        let at = self.child_of(key);
        let child = Arc::make_mut(&mut self.children[at]);
        let (result, right) = child.upsert(key, present, absent);
        self.renew_first(at);
        let Some(right) = right else { return (result, None) };
        self.shorts.insert(at + 1, right.shorts[0]);
        self.slots.insert(at + 1, right.first());
        self.children.insert(at + 1, Arc::new(right));
        (result, self.split_full(at + 1))
    }

    /// Makes the first key of a child in this branch what it is.
    fn renew_first(&mut self, at: usize) {
        let child = &self.children[at];
        if !child.slots[0].key_row().same(self.slots[at].key_row()) {
            self.shorts.set(at, child.shorts[0]);
            self.slots[at] = child.first();
        }
    }

    /// Splits a node that is too large. One that grew at its end is split there: keys that come in order fill
    /// their nodes.
    fn split_full(&mut self, grown_at: usize) -> Option<Node> {
        let length = self.shorts.len();
        if length <= NODE_MAX {
            return None;
        }
        let at = if grown_at + 1 == length { length - 1 } else { length / 2 };
        let children = if self.is_leaf() { Vec::new() } else { self.children.split_off(at) };
        Some(Node { shorts: self.shorts.split_off(at), slots: self.slots.split_off(at), children })
    }

    fn each_mut(&mut self, change: &mut dyn FnMut(&mut Slot)) {
        if self.is_leaf() {
            self.slots.iter_mut().for_each(change);
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
            let at = self.seek(key).expect("the key is there");
            self.shorts.remove(at);
            return self.slots.remove(at);
        }
        let at = self.child_of(key);
        let child = Arc::make_mut(&mut self.children[at]);
        let removed = child.remove(key);
        let left = child.shorts.len();
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
        self.shorts.remove(at);
        self.slots.remove(at);
        self.children.remove(at)
    }

    /// Joins a child with its right neighbour, or the last one with its left, where one node has room.
    fn join(&mut self, at: usize) {
        let at = if at + 1 < self.children.len() { at } else { at.saturating_sub(1) };
        let Some(right) = self.children.get(at + 1) else { return };
        if self.children[at].shorts.len() + right.shorts.len() > NODE_MAX {
            return;
        }
        let right = Arc::unwrap_or_clone(self.take_child(at + 1));
        let left = Arc::make_mut(&mut self.children[at]);
        left.shorts.extend(&right.shorts);
        left.slots.extend(right.slots);
        left.children.extend(right.children);
    }
}

/// Iterates over slots with their abbreviations.
pub struct Walk<'a> {
    /// Nodes from the root down. Backward, an index stands behind what comes next.
    stack: Vec<(&'a Node, usize)>,
    way: Way,
}

impl<'a> Walk<'a> {
    fn enter(&mut self, node: &'a Node) {
        self.stack.push((node, if self.way == Way::Forward { 0 } else { node.shorts.len() }));
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = (u64, &'a Slot);

    #[inline]
    fn next(&mut self) -> Option<(u64, &'a Slot)> {
        loop {
            let (node, at) = self.stack.last_mut()?;
            let node = *node;
            let end = if self.way == Way::Forward { node.shorts.len() } else { 0 };
            if *at == end {
                self.stack.pop();
                continue;
            }
            let this = if self.way == Way::Forward { *at } else { *at - 1 };
            *at = if self.way == Way::Forward { this + 1 } else { this };
            if node.is_leaf() {
                return Some((node.shorts[this], &node.slots[this]));
            }
            self.enter(&node.children[this]);
        }
    }
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
