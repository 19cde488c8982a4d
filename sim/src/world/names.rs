//! Registered names.
//!
//! Invariant: a name leads to a process that has not closed its inbox, and that process has no other name.

use warpbeam::process::pid::Pid;
use warpbeam::term::Atom;
use warpbeam::term::atom::FixedMap;

#[derive(Clone, Debug, Default)]
pub struct Names {
    map: FixedMap<Atom, Pid>,
}

impl Names {
    pub fn clear(&mut self) {
        self.map.clear();
    }

    #[inline]
    pub fn get(&self, name: Atom) -> Option<Pid> {
        self.map.get(&name).copied()
    }

    pub fn insert(&mut self, name: Atom, pid: Pid) {
        let before = self.map.insert(name, pid);
        assert!(before.is_none(), "a name is taken once");
    }

    pub fn remove(&mut self, name: Atom) -> Option<Pid> {
        self.map.remove(&name)
    }

    /// Sorted by text.
    pub fn sorted(&self) -> Vec<Atom> {
        let mut names: Vec<Atom> = self.map.keys().copied().collect();
        names.sort_unstable_by_key(|name| name.text());
        names
    }
}
