//! The external term format: terms as bytes for storage and for other programs.
//!
//! [`encode`] gives the bytes of OTP 25's `term_to_binary/2` (its default is minor version 1; compressed bytes come
//! from another deflate and so differ), [`decode`] takes what OTP 25 to 28 write for terms of a node that is not
//! alive: pids, ports and references of other nodes are refused, as there is no word for them.
//! Invariant: decoding never panics, looks at no byte outside its input, keeps its own stack and allocates only
//! in proportion to the input, since every length is checked against what remains first.
//! Source: the External Term Format chapter of the ERTS user's guide; where it is silent, what OTP 25 answers.

mod compress;
mod cursor;
pub mod decode;
pub mod encode;
mod identity;

pub use decode::{DecodeOptions, Decoded, decode};
pub use encode::{EncodeFault, EncodeOptions, encode};

use super::Atom;
use super::fun::ExportKey;

/// First byte of every external term.
pub const VERSION: u8 = 131;

/// The tags, by the names of the format's description.
mod tag {
    pub const NEW_FLOAT: u8 = 70;
    pub const BIT_BINARY: u8 = 77;
    pub const COMPRESSED: u8 = 80;
    pub const NEW_PID: u8 = 88;
    pub const NEW_PORT: u8 = 89;
    pub const NEWER_REFERENCE: u8 = 90;
    pub const SMALL_INTEGER: u8 = 97;
    pub const INTEGER: u8 = 98;
    pub const FLOAT: u8 = 99;
    pub const ATOM: u8 = 100;
    pub const REFERENCE: u8 = 101;
    pub const PORT: u8 = 102;
    pub const PID: u8 = 103;
    pub const SMALL_TUPLE: u8 = 104;
    pub const LARGE_TUPLE: u8 = 105;
    pub const NIL: u8 = 106;
    pub const STRING: u8 = 107;
    pub const LIST: u8 = 108;
    pub const BINARY: u8 = 109;
    pub const SMALL_BIG: u8 = 110;
    pub const LARGE_BIG: u8 = 111;
    pub const NEW_FUN: u8 = 112;
    pub const EXPORT: u8 = 113;
    pub const NEW_REFERENCE: u8 = 114;
    pub const SMALL_ATOM: u8 = 115;
    pub const MAP: u8 = 116;
    pub const ATOM_UTF8: u8 = 118;
    pub const SMALL_ATOM_UTF8: u8 = 119;
    pub const V4_PORT: u8 = 120;
}

/// What the format says of a local fun beside its environment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FunIdentity {
    pub module: Atom,
    pub arity: u32,
    /// The fun's number in its module's fun table.
    pub index: u32,
    /// The module's fingerprint.
    pub uniq: [u8; 16],
    pub old_index: u32,
    pub old_uniq: u32,
}

/// The code area, as the format needs it.
pub trait FunTable {
    /// What local fun `id` is; `None` where the number is unknown.
    fn fun_identity(&self, id: u32) -> Option<FunIdentity>;

    /// What external fun `export` is.
    fn export_identity(&self, export: u32) -> Option<ExportKey>;

    /// The number of a local fun with `free` variables, `None` to refuse it.
    fn resolve_fun(&mut self, fun: &FunIdentity, free: usize) -> Option<u32>;

    /// The number of an external fun, made if it is new and `create` allows; `None` to refuse it.
    fn resolve_export(&mut self, export: ExportKey, create: bool) -> Option<u32>;
}

/// Why bytes are no term, or none that this node takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EtfFault {
    Truncated,
    BadVersion,
    UnknownTag(u8),
    /// A tag that the format has, where another is needed.
    UnexpectedTag(u8),
    BadLength,
    /// Not UTF-8, or more than 255 characters.
    BadAtom,
    /// `safe` forbids new atoms.
    NewAtom,
    AtomTableFull,
    BadFloat,
    DuplicateKey,
    /// A pid, port or reference of another node, or one that this node cannot have made.
    ForeignIdentity,
    UnknownFun,
    /// `safe` forbids new external funs.
    UnknownExport,
    BadCompression,
    /// An integer or a tuple above the size limit, or more inflated bytes than allowed.
    TooLarge,
    HeapFull,
}

/// A fault and where it is: bytes from the start of the input, or of the inflated bytes in a compressed term.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EtfError {
    pub offset: usize,
    pub fault: EtfFault,
}
