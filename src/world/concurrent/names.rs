//! The registry of names, and directories by key: shared, and read far more than written.
//!
//! Invariant: a shard's guard is held only while the named process's slot is locked, never while the world is
//! asked anything else. The hasher is fixed, and no order of the map is ever observed. The one file that
//! names `DashMap`.

use crate::process::pid::Pid;
use crate::term::Atom;
use crate::term::atom::FixedState;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use std::hash::Hash;

const SHARDS: usize = 16;

pub struct Names(DashMap<Atom, Pid, FixedState>);

impl Default for Names {
    fn default() -> Self {
        Names(DashMap::with_capacity_and_hasher_and_shard_amount(0, FixedState::default(), SHARDS))
    }
}

impl Names {
    /// Gives the name to the pid if it is free and `note`, told of it, agrees.
    pub fn register(&self, name: Atom, pid: Pid, note: impl FnOnce() -> bool) -> bool {
        match self.0.entry(name) {
            Entry::Occupied(_) => false,
            Entry::Vacant(free) => {
                let agreed = note();
                if agreed {
                    free.insert(pid);
                }
                agreed
            }
        }
    }

    /// Frees the name where `may` agrees to its holder, and says whose it was.
    pub fn unregister(&self, name: Atom, may: impl FnOnce(Pid) -> bool) -> Option<Pid> {
        self.0.remove_if(&name, |_, &pid| may(pid)).map(|(_, pid)| pid)
    }

    #[inline]
    pub fn find(&self, name: Atom) -> Option<Pid> {
        self.0.get(&name).map(|pid| *pid)
    }

    /// All names, sorted by text.
    pub fn all(&self) -> Vec<Atom> {
        let mut names: Vec<Atom> = self.0.iter().map(|entry| *entry.key()).collect();
        names.sort_by_key(|name| name.text());
        names
    }
}

/// What threads find by key and seldom change.
pub struct Directory<K, V>(DashMap<K, V, FixedState>);

impl<K: Eq + Hash, V: Clone> Default for Directory<K, V> {
    fn default() -> Self {
        Directory(DashMap::with_capacity_and_hasher_and_shard_amount(0, FixedState::default(), SHARDS))
    }
}

impl<K: Eq + Hash + Copy, V: Clone> Directory<K, V> {
    pub fn get(&self, key: K) -> Option<V> {
        self.0.get(&key).map(|value| value.clone())
    }

    /// `false` if the key has a value.
    pub fn insert(&self, key: K, value: V) -> bool {
        match self.0.entry(key) {
            Entry::Occupied(_) => false,
            Entry::Vacant(free) => {
                free.insert(value);
                true
            }
        }
    }

    pub fn remove(&self, key: K) {
        self.0.remove(&key);
    }

    /// All values, in no order.
    pub fn values(&self) -> Vec<V> {
        self.0.iter().map(|entry| entry.value().clone()).collect()
    }
}
