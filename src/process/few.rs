//! A map that is usually empty or holds one entry: links, monitors, dictionaries of idle processes.
//!
//! Invariant: iteration is in key order, whatever the history.

use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub enum FewMap<K, V> {
    #[default]
    Empty,
    One(K, V),
    Many(Box<BTreeMap<K, V>>),
}

impl<K: Ord + Copy, V> FewMap<K, V> {
    pub fn len(&self) -> usize {
        match self {
            FewMap::Empty => 0,
            FewMap::One(..) => 1,
            FewMap::Many(map) => map.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn get(&self, key: K) -> Option<&V> {
        match self {
            FewMap::One(k, v) if *k == key => Some(v),
            FewMap::Many(map) => map.get(&key),
            _ => None,
        }
    }

    pub fn get_mut(&mut self, key: K) -> Option<&mut V> {
        match self {
            FewMap::One(k, v) if *k == key => Some(v),
            FewMap::Many(map) => map.get_mut(&key),
            _ => None,
        }
    }

    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match std::mem::take(self) {
            FewMap::Empty => {
                *self = FewMap::One(key, value);
                None
            }
            FewMap::One(k, v) if k == key => {
                *self = FewMap::One(key, value);
                Some(v)
            }
            FewMap::One(k, v) => {
                *self = FewMap::Many(Box::new(BTreeMap::from([(k, v), (key, value)])));
                None
            }
            FewMap::Many(mut map) => {
                let old = map.insert(key, value);
                *self = FewMap::Many(map);
                old
            }
        }
    }

    pub fn remove(&mut self, key: K) -> Option<V> {
        match self {
            FewMap::Many(map) => {
                let removed = map.remove(&key);
                if map.is_empty() {
                    *self = FewMap::Empty;
                }
                removed
            }
            FewMap::One(k, _) if *k == key => match std::mem::take(self) {
                FewMap::One(_, v) => Some(v),
                _ => None,
            },
            _ => None,
        }
    }

    /// Takes the entry with the least key.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        match std::mem::take(self) {
            FewMap::Empty => None,
            FewMap::One(k, v) => Some((k, v)),
            FewMap::Many(mut map) => {
                let first = map.pop_first();
                if !map.is_empty() {
                    *self = FewMap::Many(map);
                }
                first
            }
        }
    }

    pub fn iter(&self) -> Box<dyn Iterator<Item = (K, &V)> + '_> {
        match self {
            FewMap::Empty => Box::new(std::iter::empty()),
            FewMap::One(k, v) => Box::new(std::iter::once((*k, v))),
            FewMap::Many(map) => Box::new(map.iter().map(|(k, v)| (*k, v))),
        }
    }

    pub fn each_value_mut(&mut self, mut f: impl FnMut(&mut V)) {
        match self {
            FewMap::Empty => {}
            FewMap::One(_, v) => f(v),
            FewMap::Many(map) => map.values_mut().for_each(f),
        }
    }
}
