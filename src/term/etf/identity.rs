//! Pids, ports and references of this node, laid over the format's fields.
//!
//! A pid's 60 bits are its 28-bit number and 32-bit serial. A reference's two 64-bit halves are its words of 32 bits,
//! count first, low half first; zero words at the end are left out down to three, as OTP writes three.
//! Invariant: encoding and decoding are inverse. The node is `nonode@nohost` with creation 0.

use super::cursor::Cursor;
use super::{EtfError, EtfFault, tag};
use crate::heap::read::RefId;
use crate::process::pid::Pid;
use crate::term::{Atom, Word};

/// Bits of the number field of a pid, and of a port in its short form.
const NUMBER_BITS: u32 = 28;
const IDENTITY_BITS: u32 = 60;
/// Words of a reference: more than this do not fit ours.
const REFERENCE_WORDS: usize = 4;
const REFERENCE_WORDS_MIN: usize = 3;

const fn identity(word: Word) -> u64 {
    word.0 >> 4
}

/// Number and serial of a pid.
pub(super) const fn pid_fields(pid: Word) -> (u32, u32) {
    (identity(pid) as u32 & ((1 << NUMBER_BITS) - 1), (identity(pid) >> NUMBER_BITS) as u32)
}

/// A port's number, and whether it needs the long form.
pub(super) const fn port_number(port: Word) -> (u64, bool) {
    let number = Pid::from_payload(identity(port)).port_number();
    (number, number >> NUMBER_BITS != 0)
}

/// The words of a reference.
pub(super) fn reference_words(id: RefId) -> ([u32; REFERENCE_WORDS], usize) {
    let words = [id.count as u32, (id.count >> 32) as u32, id.creator as u32, (id.creator >> 32) as u32];
    let used = if words[3] == 0 { REFERENCE_WORDS_MIN } else { REFERENCE_WORDS };
    (words, used)
}

impl Cursor<'_> {
    fn own_node(&self, node: Atom, creation: u32) -> Result<(), EtfError> {
        if node == Atom::NONODE_NOHOST && creation == 0 {
            Ok(())
        } else {
            self.fail(EtfFault::ForeignIdentity)
        }
    }

    fn creation(&mut self, short: bool) -> Result<u32, EtfError> {
        if short { self.u8().map(u32::from) } else { self.u32() }
    }

    /// A pid behind its tag.
    pub fn pid(&mut self, tag: u8) -> Result<Word, EtfError> {
        let node = self.tagged_atom()?;
        let (number, serial) = (self.u32()?, self.u32()?);
        let creation = self.creation(tag == tag::PID)?;
        self.own_node(node, creation)?;
        if number >> NUMBER_BITS != 0 {
            return self.fail(EtfFault::ForeignIdentity);
        }
        let identity = u64::from(serial) << NUMBER_BITS | u64::from(number);
        if Pid::from_payload(identity).is_port() {
            return self.fail(EtfFault::ForeignIdentity);
        }
        Ok(Word(identity << 4 | 0x3))
    }

    /// A pid with its tag.
    pub fn tagged_pid(&mut self) -> Result<Word, EtfError> {
        match self.u8()? {
            tag @ (tag::PID | tag::NEW_PID) => self.pid(tag),
            tag => self.fail(EtfFault::UnexpectedTag(tag)),
        }
    }

    /// A port behind its tag.
    pub fn port(&mut self, tag: u8) -> Result<Word, EtfError> {
        let node = self.tagged_atom()?;
        let number = if tag == tag::V4_PORT { self.u64()? } else { u64::from(self.u32()?) };
        let creation = self.creation(tag == tag::PORT)?;
        self.own_node(node, creation)?;
        if number >> IDENTITY_BITS != 0 {
            return self.fail(EtfFault::ForeignIdentity);
        }
        Ok(Pid::from_payload(number).port().word())
    }

    /// A reference behind its tag.
    pub fn reference(&mut self, tag: u8) -> Result<RefId, EtfError> {
        let (node, creation, count);
        if tag == tag::REFERENCE {
            node = self.tagged_atom()?;
            let number = self.u32()?;
            creation = self.creation(true)?;
            self.own_node(node, creation)?;
            return Ok(RefId { creator: 0, count: u64::from(number) });
        }
        count = usize::from(self.u16()?);
        node = self.tagged_atom()?;
        creation = self.creation(tag == tag::NEW_REFERENCE)?;
        self.own_node(node, creation)?;
        if count == 0 || count > REFERENCE_WORDS {
            return self.fail(EtfFault::BadLength);
        }
        let mut words = [0u64; REFERENCE_WORDS];
        for word in &mut words[..count] {
            *word = u64::from(self.u32()?);
        }
        Ok(RefId { creator: words[3] << 32 | words[2], count: words[1] << 32 | words[0] })
    }
}
