//! Persistent terms: pairs of terms that are read far more often than they change.
//!
//! A plain value, replaced as a whole when it changes, so that readers need no lock. Pairs lie in order of the hash of
//! the key's content. Source: the module `persistent_term`; a value that is got is copied (OTP shares it).

use crate::ets::row::{Beside, Row};
use crate::heap::{Heap, HeapFull};
use crate::term::Word;
use crate::term::hash::internal_hash;
use crate::term::order::equal_exact;

#[derive(Clone, Debug)]
struct Pair {
    hash: u64,
    key: Row,
    value: Row,
}

#[derive(Clone, Debug, Default)]
pub struct PersistentTerms(Vec<Pair>);

/// A pair on its way into the table.
#[derive(Clone, Debug)]
pub struct NewPair(Pair);

impl NewPair {
    pub fn of(heap: &mut Heap, key: Word, value: Word) -> Result<NewPair, HeapFull> {
        let hash = internal_hash(heap, key);
        Ok(NewPair(Pair { hash, key: Row::of(heap, key)?, value: Row::of(heap, value)? }))
    }
}

impl PersistentTerms {
    /// Where the key is, or would be.
    fn find(&self, heap: &Heap, key: Word) -> Result<usize, usize> {
        let hash = internal_hash(heap, key);
        let first = self.0.partition_point(|pair| pair.hash < hash);
        let same = self.0[first..].iter().take_while(|pair| pair.hash == hash);
        let equal = |pair: &Pair| equal_exact(&Beside { row: &pair.key, heap }, pair.key.root(), key);
        same.enumerate().find(|(_, pair)| equal(pair)).map(|(i, _)| first + i).ok_or(first)
    }

    pub fn get(&self, heap: &Heap, key: Word) -> Option<&Row> {
        self.find(heap, key).ok().map(|at| &self.0[at].value)
    }

    /// Puts a pair in the place of the one with the same `key`, which is that pair's key on a heap.
    pub fn put(&mut self, pair: &NewPair, heap: &Heap, key: Word) {
        match self.find(heap, key) {
            Ok(at) => self.0[at] = pair.0.clone(),
            Err(at) => self.0.insert(at, pair.0.clone()),
        }
    }

    /// Whether there was such a key.
    pub fn erase(&mut self, heap: &Heap, key: Word) -> bool {
        self.find(heap, key).map(|at| self.0.remove(at)).is_ok()
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Keys and values.
    pub fn all(&self) -> impl ExactSizeIterator<Item = (&Row, &Row)> {
        self.0.iter().map(|pair| (&pair.key, &pair.value))
    }
}
