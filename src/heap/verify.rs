//! Walks a whole heap and says what is wrong with it.
//!
//! Checked after every stressed collection: each pointer of a root or object meets an object of its own
//! kind inside the block, no old object points into the young generation, no live word is poison, and
//! every shared binary's ticket is current.

use super::Heap;
use super::resource::Ticket;
use crate::term::Word;
use crate::term::word::{Header, Kind, Tag};

/// What is wrong, and at which word.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Damage {
    pub at: usize,
    pub what: &'static str,
}

impl Heap {
    /// Checks the whole heap and the given roots.
    pub fn verify(&self, roots: &[u64]) -> Result<(), Damage> {
        let starts = self.object_starts()?;
        for (at, &root) in roots.iter().enumerate() {
            self.verify_word(Word(root), usize::MAX, &starts).map_err(|what| Damage { at, what })?;
        }
        let mut at = 0;
        while at < self.words.len() {
            let word = Word(self.words[at]);
            if word.is_header() {
                let header = Header::decode(word.0);
                if header.is_handle() {
                    let handle = self.resources.handle(Ticket(self.words[at + 3]));
                    if [handle.id.creator, handle.id.count] != self.words[at + 1..at + 3] {
                        return Err(Damage { at, what: "a handle is another's" });
                    }
                }
                if header.kind == Kind::SharedBinary {
                    let size = self.words[at + 2] as usize;
                    if size > self.resources.bytes(Ticket(self.words[at + 1])).len() * 8 {
                        return Err(Damage { at, what: "a shared binary is longer than its bytes" });
                    }
                }
                at += 1 + if header.kind.is_raw() { header.size } else { 0 };
                continue;
            }
            self.verify_word(word, at, &starts).map_err(|what| Damage { at, what })?;
            at += 1;
        }
        Ok(())
    }

    /// A bit per word: whether an object or cell may start there. Inside a tuple every word looks like the
    /// start of a cell, so only boxed objects are told exactly.
    fn object_starts(&self) -> Result<Vec<bool>, Damage> {
        let mut starts = vec![false; self.words.len()];
        let mut at = 0;
        while at < self.words.len() {
            let word = Word(self.words[at]);
            if word.is_header() {
                starts[at] = true;
                let header = Header::decode(word.0);
                if at + 1 + header.size > self.words.len() {
                    return Err(Damage { at, what: "an object passes the end of the heap" });
                }
                at += 1 + if header.kind.is_raw() { header.size } else { 0 };
            } else {
                at += 1;
            }
        }
        Ok(starts)
    }

    fn verify_word(&self, word: Word, holder: usize, starts: &[bool]) -> Result<(), &'static str> {
        match word.tag() {
            Tag::Poison => Err("a live word is poison"),
            Tag::List | Tag::Boxed if word.is_literal() => {
                let (segment, offset) = word.literal_place();
                if segment >= self.literals.len() || offset >= self.literals.words(segment).len() {
                    return Err("a literal pointer leaves the literal area");
                }
                Ok(())
            }
            Tag::List | Tag::Boxed => {
                let at = word.index();
                let last = if word.is_list() { at + 1 } else { at };
                if last >= self.words.len() {
                    return Err("a pointer leaves the heap");
                }
                if holder < self.old_top && at >= self.young_base {
                    return Err("an old object points to a young one");
                }
                if word.is_boxed() && (!starts[at] || Header::decode(self.words[at]).kind == Kind::Filler) {
                    return Err("a boxed pointer meets no object");
                }
                if word.is_list() && Word(self.words[at]).is_header() {
                    return Err("a list pointer meets a header");
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
