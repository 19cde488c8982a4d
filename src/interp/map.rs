//! Map instructions.

use super::machine::{Fault, Machine};
use crate::code::Module;
use crate::code::instr::{At, Dst, Src};
use crate::term::{Atom, Word, map};

impl Machine<'_> {
    pub fn has_map_fields(&self, module: &Module, from: Word, list: At) -> bool {
        let list = list as usize;
        let keys = &module.extra[list + 1..][..module.extra[list] as usize];
        keys.iter().all(|&key| {
            let key = Word(self.get(Src(key), &module.constants));
            map::contains_key(&self.p.heap, from, key)
        })
    }

    /// Puts the values of all keys into their registers, or says that one is missing. The source may be one
    /// of the targets, so nothing is written before all are found.
    pub fn get_map_elements(&mut self, module: &Module, from: Word, list: At) -> bool {
        let list = list as usize;
        let pairs = &module.extra[list + 1..][..2 * module.extra[list] as usize];
        for pair in pairs.chunks_exact(2) {
            let key = Word(self.get(Src(pair[0]), &module.constants));
            match map::get(&self.p.heap, from, key) {
                Some(value) => self.set(Dst(pair[1] as u16), value.0),
                None => return false,
            }
        }
        true
    }

    /// `put_map_assoc` and `put_map_exact`.
    pub fn put_map(&mut self, module: &Module, exact: bool, list: At) -> Result<Word, Fault> {
        let list = list as usize;
        let mut map = Word(self.get(Src(module.extra[list]), &module.constants));
        if !self.p.heap.is_map(map) {
            return Err(self.error_with(Atom::BADMAP, map));
        }
        let pairs = &module.extra[list + 2..][..2 * module.extra[list + 1] as usize];
        for pair in pairs.chunks_exact(2) {
            let key = Word(self.get(Src(pair[0]), &module.constants));
            let value = Word(self.get(Src(pair[1]), &module.constants));
            map = if exact {
                match map::update(&mut self.p.heap, map, key, value)? {
                    Some(map) => map,
                    None => return Err(self.error_with(Atom::BADKEY, key)),
                }
            } else {
                map::put(&mut self.p.heap, map, key, value)?
            };
        }
        Ok(map)
    }
}
