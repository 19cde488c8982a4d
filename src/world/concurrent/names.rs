//! The registry of names, directories by key, and the table of persistent terms: shared, and read far more than
//! written.
//!
//! Invariant: a shard's guard is held only while the named process's slot is locked, never while the world is
//! asked anything else. The hasher is fixed, and no order of the map is ever observed. The one file that
//! names `DashMap`.

use crate::heap::parcel::Parcel;
use crate::process::pid::Pid;
use crate::sched::atomics::Lock;
use crate::term::Atom;
use crate::term::atom::FixedState;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use std::hash::Hash;
use std::sync::Arc;

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

type Pair = (Arc<Parcel>, Arc<Parcel>);

/// Persistent terms: a list that is replaced as a whole, so that readers compare keys without a lock.
#[derive(Default)]
pub struct PersistentTerms(Lock<Arc<Vec<Pair>>>);

impl PersistentTerms {
    pub fn all(&self) -> Arc<Vec<Pair>> {
        Arc::clone(&self.0.lock())
    }

    pub fn get(&self, same_key: &mut dyn FnMut(&Parcel) -> bool) -> Option<Arc<Parcel>> {
        self.all().iter().find(|(key, _)| same_key(key)).map(|(_, value)| Arc::clone(value))
    }

    /// Puts a pair behind the others, in place of an older one with the same key.
    pub fn put(&self, key: Parcel, value: Parcel) {
        let pair = (Arc::new(key), Arc::new(value));
        loop {
            let seen = self.all();
            let at = seen.iter().position(|(other, _)| other.same_term(&pair.0));
            let mut list = self.0.lock();
            if Arc::ptr_eq(&list, &seen) {
                drop(seen);
                let list = Arc::make_mut(&mut list);
                match at {
                    Some(at) => list[at] = pair,
                    None => list.push(pair),
                }
                return;
            }
        }
    }

    pub fn erase(&self, same_key: &mut dyn FnMut(&Parcel) -> bool) -> bool {
        loop {
            let seen = self.all();
            let Some(at) = seen.iter().position(|(key, _)| same_key(key)) else { return false };
            let mut list = self.0.lock();
            if Arc::ptr_eq(&list, &seen) {
                drop(seen);
                Arc::make_mut(&mut list).remove(at);
                return true;
            }
        }
    }
}
