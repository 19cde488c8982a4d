//! A map in no order that mostly holds few entries, which come and go: the operations in flight, the descriptors.
//!
//! Invariant: entries are in a list until there are more than [`LIST_MAX`], and in a table from then until there are none;
//! one of the two is empty. A short list is sooner gone through, from the newest on, than a key is hashed.

use crate::term::atom::FixedMap;
use std::fmt;
use std::hash::Hash;

/// Entries that are kept in a list.
const LIST_MAX: usize = 16;

#[derive(Clone)]
pub struct ShortMap<K, V> {
    list: Vec<(K, V)>,
    table: FixedMap<K, V>,
}

impl<K, V> Default for ShortMap<K, V> {
    fn default() -> Self {
        ShortMap { list: Vec::new(), table: FixedMap::default() }
    }
}

/// In order of keys, whatever the history.
impl<K: Ord + fmt::Debug, V: fmt::Debug> fmt::Debug for ShortMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut entries: Vec<(&K, &V)> = self.list.iter().map(|(key, value)| (key, value)).collect();
        entries.extend(&self.table);
        entries.sort_unstable_by_key(|&(key, _)| key);
        f.debug_map().entries(entries).finish()
    }
}

impl<K: Copy + Eq + Hash, V> ShortMap<K, V> {
    #[inline]
    fn place(&self, key: &K) -> Option<usize> {
        self.list.iter().rposition(|(k, _)| k == key)
    }

    /// What was there before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        if !self.table.is_empty() {
            return self.table.insert(key, value);
        }
        if let Some(at) = self.place(&key) {
            return Some(std::mem::replace(&mut self.list[at].1, value));
        }
        self.list.push((key, value));
        if self.list.len() > LIST_MAX {
            self.table.extend(self.list.drain(..));
        }
        None
    }

    pub fn remove(&mut self, key: &K) -> Option<V> {
        if self.table.is_empty() {
            let at = self.place(key)?;
            return Some(self.list.swap_remove(at).1);
        }
        self.table.remove(key)
    }

    #[inline]
    pub fn get(&self, key: &K) -> Option<&V> {
        if self.table.is_empty() {
            let at = self.place(key)?;
            return Some(&self.list[at].1);
        }
        self.table.get(key)
    }

    #[inline]
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        if self.table.is_empty() {
            let at = self.place(key)?;
            return Some(&mut self.list[at].1);
        }
        self.table.get_mut(key)
    }

    /// In no order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.list.iter().map(|(key, value)| (key, value)).chain(&self.table)
    }

    /// In no order.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    pub fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    pub fn len(&self) -> usize {
        self.list.len() + self.table.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty() && self.table.is_empty()
    }

    pub fn clear(&mut self) {
        self.list.clear();
        self.table.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn it_is_a_map_of_whatever_size() {
        let (mut short, mut tree) = (ShortMap::default(), BTreeMap::new());
        let (mut state, mut tables) = (7u32, 0);
        for n in 0..20_000u32 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // It fills and empties by turns.
            let fills = n / 300 % 2 == 0;
            let key = state >> 27;
            if fills && (state >> 8) % 8 < 6 {
                assert_eq!(short.insert(key, n), tree.insert(key, n));
            } else {
                assert_eq!(short.remove(&key), tree.remove(&key));
            }
            assert_eq!(short.get(&key), tree.get(&key));
            assert_eq!(short.get_mut(&key), tree.get_mut(&key));
            let mut all: Vec<(u32, u32)> = short.iter().map(|(&key, &value)| (key, value)).collect();
            all.sort_unstable();
            assert!(all.into_iter().eq(tree.iter().map(|(&key, &value)| (key, value))));
            assert_eq!(format!("{short:?}"), format!("{tree:?}"));
            assert_eq!((short.len(), short.is_empty()), (tree.len(), tree.is_empty()));
            tables += u32::from(!short.table.is_empty());
        }
        assert!(tables > 1000 && tables < 19_000, "both forms are met: {tables}");
    }
}
