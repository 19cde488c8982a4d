//! Digests: 64 bits that equal choices make equal, on any machine.
//!
//! Canonical: atoms count by text, pids and references by spawn path, funs by module and code hash, so that no
//! slot, no intern order, no address and no collection shows. Invariant: the mixing function never changes;
//! golden digests depend on it.

use crate::name::Births;
use warpbeam::code::FunId;
use warpbeam::code::export::ExportId;
use warpbeam::heap::parcel::Parcel;
use warpbeam::heap::read::RefId;
use warpbeam::process::pid::Pid;
use warpbeam::term::Word;
use warpbeam::term::word::{Header, Kind, Tag};

const A: u64 = 0x9e37_79b9_7f4a_7c15;
const B: u64 = 0xd6e8_feb8_6659_fd93;

/// Multiplies into 128 bits and folds the halves.
#[inline]
pub const fn fold(a: u64, b: u64) -> u64 {
    let product = (a ^ A) as u128 * (b ^ B) as u128;
    (product as u64) ^ ((product >> 64) as u64)
}

/// A running digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Digest(pub u64);

impl Digest {
    pub const START: Digest = Digest(0x5741_5250_4245_414d);

    #[inline]
    pub const fn mix(self, value: u64) -> Digest {
        Digest(fold(self.0 ^ value, A))
    }

    pub fn text(self, text: &str) -> Digest {
        self.bytes(text.as_bytes())
    }

    pub fn bytes(mut self, bytes: &[u8]) -> Digest {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self = self.mix(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(last)).mix(bytes.len() as u64)
    }

    /// Mixes in a self-contained term.
    pub fn parcel(mut self, parcel: &Parcel, births: &Births) -> Digest {
        let words = parcel.words();
        self = self.term(parcel.root(), births);
        let mut at = 0;
        while at < words.len() {
            let word = Word(words[at]);
            at += 1;
            if !word.is_header() {
                self = self.term(word, births);
                continue;
            }
            let header = Header::decode(word.0);
            self = self.mix(word.0);
            match header.kind {
                Kind::Reference => {
                    self = self.mix(births.pid_hash(Pid::from_payload(words[at]))).mix(words[at + 1]);
                    at += header.size;
                }
                Kind::SharedBinary => {
                    let bits = words[at + 1] as usize;
                    self = self.bytes(&parcel.shared_bytes(words[at])[..bits.div_ceil(8)]);
                    at += header.size;
                }
                Kind::Fun => {
                    self = self.fun(Word(words[at]));
                    at += 1;
                }
                Kind::ExternalFun => {
                    self = self.export(Word(words[at]));
                    at += 1;
                }
                kind if kind.is_raw() => {
                    for &raw in &words[at..at + header.size] {
                        self = self.mix(raw);
                    }
                    at += header.size;
                }
                _ => {}
            }
        }
        self
    }

    /// Mixes in one word: an immediate canonically, a pointer as its place in the parcel.
    #[inline]
    pub fn term(self, word: Word, births: &Births) -> Digest {
        match word.tag() {
            Tag::Atom => self.mix(word.as_atom().expect("the tag says atom").digest()),
            Tag::Pid | Tag::Port => {
                self.mix(births.pid_hash(Pid::of_actor(word).expect("the tag says that it is one")))
            }
            _ => self.mix(word.0),
        }
    }

    #[inline]
    pub fn reference(self, id: RefId, births: &Births) -> Digest {
        self.mix(births.pid_hash(Pid::from_payload(id.creator))).mix(id.count)
    }

    fn fun(self, id: Word) -> Digest {
        let key = FunId(id.small_value() as u32).key();
        let indices = (u64::from(key.index) << 32) | u64::from(key.uniq);
        self.mix(key.module.digest()).mix(indices).bytes(&key.md5)
    }

    fn export(self, id: Word) -> Digest {
        let mfa = ExportId(id.small_value() as u32).mfa();
        self.mix(mfa.module.digest()).mix(mfa.function.digest()).mix(u64::from(mfa.arity))
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_pinned() {
        assert_eq!(Digest::START.mix(1).mix(2), Digest(fold(fold(Digest::START.0 ^ 1, A) ^ 2, A)));
        assert_eq!(Digest::START.text("warpbeam").to_string(), "a6ab8582b843afee");
    }
}
