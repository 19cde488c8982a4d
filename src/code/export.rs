//! Names of functions as numbers: `module:function/arity` to an [`ExportId`], for the life of the
//! operating-system process; and the identities of funs likewise.
//!
//! Invariant: numbers are never observable; what they lead to is up to each code view. Calls between modules,
//! external funs and `apply` go through them, so code blocks can be shared by all worlds.

use crate::term::Atom;
use crate::term::atom::FixedMap;
use std::sync::{OnceLock, RwLock};

/// A function by name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Mfa {
    pub module: Atom,
    pub function: Atom,
    pub arity: u32,
}

/// Number of an [`Mfa`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ExportId(pub u32);

/// What makes a local fun the same fun: two loads of one module version give equal keys.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FunKey {
    pub module: Atom,
    pub index: u32,
    pub uniq: u32,
    pub md5: [u8; 16],
    /// Of a call, free variables not counted.
    pub arity: u32,
    pub free: u32,
    /// The function that implements it.
    pub function: Atom,
}

/// Number of a [`FunKey`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FunId(pub u32);

struct Interned<K: 'static> {
    numbers: FixedMap<&'static K, u32>,
    keys: Vec<&'static K>,
}

impl<K: Eq + std::hash::Hash> Interned<K> {
    fn new() -> RwLock<Interned<K>> {
        RwLock::new(Interned { numbers: FixedMap::default(), keys: Vec::new() })
    }

    fn intern(table: &RwLock<Interned<K>>, key: K) -> u32 {
        if let Some(&number) = table.read().expect(UNPOISONED).numbers.get(&key) {
            return number;
        }
        let mut table = table.write().expect(UNPOISONED);
        if let Some(&number) = table.numbers.get(&key) {
            return number;
        }
        let key: &'static K = Box::leak(Box::new(key));
        let number = table.keys.len() as u32;
        table.keys.push(key);
        table.numbers.insert(key, number);
        number
    }
}

const UNPOISONED: &str = "nothing panics while a name table is locked";

fn exports() -> &'static RwLock<Interned<Mfa>> {
    static TABLE: OnceLock<RwLock<Interned<Mfa>>> = OnceLock::new();
    TABLE.get_or_init(Interned::new)
}

fn funs() -> &'static RwLock<Interned<FunKey>> {
    static TABLE: OnceLock<RwLock<Interned<FunKey>>> = OnceLock::new();
    TABLE.get_or_init(Interned::new)
}

impl ExportId {
    pub fn new(module: Atom, function: Atom, arity: u32) -> ExportId {
        ExportId(Interned::intern(exports(), Mfa { module, function, arity }))
    }

    /// The number of a name that has one.
    pub fn existing(module: Atom, function: Atom, arity: u32) -> Option<ExportId> {
        let mfa = Mfa { module, function, arity };
        exports().read().expect(UNPOISONED).numbers.get(&mfa).copied().map(ExportId)
    }

    /// The name behind the number; `None` for a number that was never given.
    pub fn known(self) -> Option<Mfa> {
        exports().read().expect(UNPOISONED).keys.get(self.0 as usize).map(|mfa| **mfa)
    }

    pub fn mfa(self) -> Mfa {
        self.known().expect("an export's number comes from the table")
    }
}

impl FunId {
    pub fn new(key: FunKey) -> FunId {
        FunId(Interned::intern(funs(), key))
    }

    /// The fun of a module version with this index.
    pub fn find(module: Atom, index: u32, md5: &[u8; 16]) -> Option<FunId> {
        let table = funs().read().expect(UNPOISONED);
        let same = |key: &&FunKey| key.module == module && key.index == index && key.md5 == *md5;
        table.keys.iter().position(same).map(|number| FunId(number as u32))
    }

    /// The identity behind the number; `None` for a number that was never given.
    pub fn known(self) -> Option<&'static FunKey> {
        funs().read().expect(UNPOISONED).keys.get(self.0 as usize).copied()
    }

    pub fn key(self) -> &'static FunKey {
        self.known().expect("a fun's number comes from the table")
    }
}
