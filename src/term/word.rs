//! The 64-bit word: tag bits, immediates, pointers and headers.
//!
//! Tagged as OTP tags its words (`erts/emulator/beam/erl_term.h` names the same four primary tags and
//! 60-bit small integers), with one difference on purpose: a pointer is not an address. It is the
//! index of a word in the owning process's heap, or, with the literal bit, a segment and an index in
//! the literal area. So words mean the same in every copy of a process.
//!
//! ```text
//! header   [extra:26][size:32][kind:4] 00     size = words that follow, for every kind
//! list     [index:61][literal:1]       01
//! boxed    [index:61][literal:1]       10
//! pid      [identity:60]             0011
//! port     [identity:60]             0111
//! atom     [index:58]              001011
//! catch    [module:26][pc:32]      011011
//! poison                           101011     no term ever; decoding one is our bug
//! nil                              111011
//! small    [signed:60]               1111
//! ```
//! Words with the header tag also serve on the stack as continuation pointers.

use super::atom::Atom;
use std::fmt;

/// A term at rest, a header, or a continuation pointer: 64 bits whose meaning the tag bits give.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Word(pub u64);

/// What the tag bits of a word say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tag {
    Header,
    List,
    Boxed,
    Pid,
    Port,
    Atom,
    Catch,
    Poison,
    Nil,
    Small,
}

/// The kind of a heap object, from its header's bits 2 to 5.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    Tuple = 0,
    /// `[binary][position bits: small][end bits: small]`
    MatchContext = 1,
    /// `[limb]...`, least significant first, no zero at the top.
    PositiveBig = 2,
    NegativeBig = 3,
    /// `[creator pid][count]`, raw.
    Reference = 4,
    /// `[fun id: small][free variable]...`; extra = arity.
    Fun = 5,
    /// `[bits of an f64]`, raw.
    Float = 6,
    /// `[export id: small]`
    ExternalFun = 7,
    /// `[resource ticket][bit size]`, raw.
    SharedBinary = 8,
    /// `[bit size][bytes]...`, raw.
    HeapBinary = 9,
    /// `[binary][bit offset: small][bit size: small]`; the binary is never itself a sub-binary.
    SubBinary = 10,
    /// `[keys: tuple, sorted][value]...`
    FlatMap = 11,
    /// `[size: small][child]...`; extra = bitmap of 16.
    HashMap = 12,
    /// `[child]...`; extra = bitmap of 16. Never a term of its own.
    HashNode = 13,
    /// Left in place of a moved object: `extra` unused, the new word follows.
    Forward = 14,
    /// A number of unused words, so that the heap can be walked.
    Filler = 15,
}

const KINDS: [Kind; 16] = [
    Kind::Tuple,
    Kind::MatchContext,
    Kind::PositiveBig,
    Kind::NegativeBig,
    Kind::Reference,
    Kind::Fun,
    Kind::Float,
    Kind::ExternalFun,
    Kind::SharedBinary,
    Kind::HeapBinary,
    Kind::SubBinary,
    Kind::FlatMap,
    Kind::HashMap,
    Kind::HashNode,
    Kind::Forward,
    Kind::Filler,
];

impl Kind {
    /// Whether the words after the header are bytes or numbers instead of terms.
    #[inline]
    pub const fn is_raw(self) -> bool {
        matches!(
            self,
            Kind::PositiveBig
                | Kind::NegativeBig
                | Kind::Reference
                | Kind::Float
                | Kind::SharedBinary
                | Kind::HeapBinary
                | Kind::Filler
        )
    }
}

/// A header word, decoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    pub kind: Kind,
    /// Words that follow the header.
    pub size: usize,
    pub extra: u32,
}

impl Header {
    #[inline]
    pub const fn new(kind: Kind, size: usize) -> Header {
        Header { kind, size, extra: 0 }
    }

    /// A reference that is a handle: creator, count, ticket.
    pub const HANDLE: Header = Header::new(Kind::Reference, 3);

    #[inline]
    pub const fn is_handle(self) -> bool {
        matches!(self.kind, Kind::Reference) && self.size == Header::HANDLE.size
    }

    /// Which of the words after the header is a ticket.
    #[inline]
    pub const fn ticket_place(self) -> Option<usize> {
        match self.kind {
            Kind::SharedBinary => Some(0),
            Kind::Reference if self.is_handle() => Some(2),
            _ => None,
        }
    }

    #[inline]
    pub const fn word(self) -> u64 {
        ((self.extra as u64) << 38) | ((self.size as u64) << 6) | ((self.kind as u64) << 2)
    }

    /// The bits of a header word that say its kind.
    pub const KIND_MASK: u64 = 0x3f;

    /// What follows a header word, without the rest of [`Header::decode`].
    #[inline]
    pub const fn size_of(word: u64) -> usize {
        ((word >> 6) & 0xffff_ffff) as usize
    }

    #[inline]
    pub const fn extra_of(word: u64) -> u32 {
        (word >> 38) as u32
    }

    #[inline]
    pub const fn decode(word: u64) -> Header {
        Header {
            kind: KINDS[((word >> 2) & 15) as usize],
            size: Header::size_of(word),
            extra: Header::extra_of(word),
        }
    }
}

pub const SMALL_MAX: i64 = (1 << 59) - 1;
pub const SMALL_MIN: i64 = -(1 << 59);
/// Bits below the segment number in a literal pointer's index.
const LITERAL_OFFSET_BITS: u32 = 32;
const LITERAL_BIT: u64 = 4;
/// The segment number that no module's literals have: pointers into a table's row.
const ROW_SEGMENT: u64 = (1 << 29) - 1;

impl Word {
    pub const NIL: Word = Word(0x3b);
    /// No term: fills what a stressed collection left behind and every dead register.
    pub const POISON: Word = Word(0xdead_beef_dead_be00 | 0x2b);
    /// No term: an empty place. Also the answer "no value" inside the runtime.
    pub const NONE: Word = Word(0x2b);
    pub const TRUE: Word = Word::atom(Atom::TRUE);
    pub const FALSE: Word = Word::atom(Atom::FALSE);

    #[inline]
    pub const fn small(n: i64) -> Word {
        Word(((n as u64) << 4) | 15)
    }

    /// A small integer where `n` fits in 60 bits.
    #[inline]
    pub const fn checked_small(n: i64) -> Option<Word> {
        if n >= SMALL_MIN && n <= SMALL_MAX { Some(Word::small(n)) } else { None }
    }

    #[inline]
    pub const fn atom(a: Atom) -> Word {
        Word(((a.0 as u64) << 6) | 0x0b)
    }

    #[inline]
    pub const fn boolean(b: bool) -> Word {
        if b { Word::TRUE } else { Word::FALSE }
    }

    #[inline]
    pub const fn list(index: usize) -> Word {
        Word(((index as u64) << 3) | 1)
    }

    #[inline]
    pub const fn boxed(index: usize) -> Word {
        Word(((index as u64) << 3) | 2)
    }

    /// The same pointer, into literal segment `segment` instead of the heap.
    #[inline]
    pub const fn in_literal(self, segment: u32) -> Word {
        Word(self.0 | LITERAL_BIT | ((segment as u64) << (LITERAL_OFFSET_BITS + 3)))
    }

    #[inline]
    pub const fn catch(module: u32, pc: u32) -> Word {
        Word(((module as u64) << 38) | ((pc as u64) << 6) | 0x1b)
    }

    /// The module and instruction of a catch word.
    #[inline]
    pub const fn catch_target(self) -> (u32, u32) {
        ((self.0 >> 38) as u32, (self.0 >> 6) as u32)
    }

    #[inline]
    pub fn tag(self) -> Tag {
        match self.0 & 3 {
            0 => Tag::Header,
            1 => Tag::List,
            2 => Tag::Boxed,
            _ => match self.0 & 15 {
                3 => Tag::Pid,
                7 => Tag::Port,
                15 => Tag::Small,
                _ => match self.0 & 63 {
                    0x0b => Tag::Atom,
                    0x1b => Tag::Catch,
                    0x3b => Tag::Nil,
                    _ => Tag::Poison,
                },
            },
        }
    }

    #[inline]
    pub const fn is_small(self) -> bool {
        self.0 & 15 == 15
    }

    #[inline]
    pub const fn small_value(self) -> i64 {
        (self.0 as i64) >> 4
    }

    #[inline]
    pub fn as_small(self) -> Option<i64> {
        self.is_small().then(|| self.small_value())
    }

    #[inline]
    pub const fn is_atom(self) -> bool {
        self.0 & 63 == 0x0b
    }

    #[inline]
    pub fn as_atom(self) -> Option<Atom> {
        self.is_atom().then_some(Atom((self.0 >> 6) as u32))
    }

    #[inline]
    pub const fn is_nil(self) -> bool {
        self.0 == Word::NIL.0
    }

    #[inline]
    pub const fn is_list(self) -> bool {
        self.0 & 3 == 1
    }

    #[inline]
    pub const fn is_boxed(self) -> bool {
        self.0 & 3 == 2
    }

    #[inline]
    pub const fn is_pid(self) -> bool {
        self.0 & 15 == 3
    }

    #[inline]
    pub const fn is_port(self) -> bool {
        self.0 & 15 == 7
    }

    #[inline]
    pub const fn is_catch(self) -> bool {
        self.0 & 63 == 0x1b
    }

    #[inline]
    pub const fn is_immediate(self) -> bool {
        self.0 & 3 == 3
    }

    #[inline]
    pub const fn is_header(self) -> bool {
        self.0 & 3 == 0
    }

    #[inline]
    pub const fn is_pointer(self) -> bool {
        matches!(self.0 & 3, 1 | 2)
    }

    #[inline]
    pub const fn is_literal(self) -> bool {
        self.0 & LITERAL_BIT != 0
    }

    /// The heap index of a pointer that is not a literal.
    #[inline]
    pub const fn index(self) -> usize {
        (self.0 >> 3) as usize
    }

    /// The segment and offset of a literal pointer.
    #[inline]
    pub const fn literal_place(self) -> (usize, usize) {
        let index = self.0 >> 3;
        ((index >> LITERAL_OFFSET_BITS) as usize, (index & ((1 << LITERAL_OFFSET_BITS) - 1)) as usize)
    }

    /// The same pointer, into a table's row instead of the heap.
    #[inline]
    pub const fn in_row(self) -> Word {
        Word(self.0 | LITERAL_BIT | (ROW_SEGMENT << (LITERAL_OFFSET_BITS + 3)))
    }

    /// The pointer that [`Word::in_row`] marked.
    #[inline]
    pub const fn out_of_row(self) -> Word {
        Word(self.0 & !(LITERAL_BIT | (ROW_SEGMENT << (LITERAL_OFFSET_BITS + 3))))
    }

    /// Where a pointer into a row points, in the row; `None` for other pointers.
    #[inline]
    pub const fn row_index(self) -> Option<usize> {
        let (segment, at) = self.literal_place();
        if self.is_literal() && segment as u64 == ROW_SEGMENT { Some(at) } else { None }
    }

    /// The same pointer moved by `delta` words.
    #[inline]
    pub const fn moved_by(self, delta: usize) -> Word {
        Word(self.0.wrapping_add((delta as u64) << 3))
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tag() {
            Tag::Small => write!(f, "{}", self.small_value()),
            Tag::Atom => write!(f, "{:?}", Atom((self.0 >> 6) as u32)),
            Tag::Nil => f.write_str("[]"),
            tag => write!(f, "{tag:?}({:#x})", self.0),
        }
    }
}

const _: () = {
    assert!(Word::small(-1).small_value() == -1);
    assert!(Word::small(SMALL_MIN).small_value() == SMALL_MIN);
    assert!(Word::list(7).is_list() && !Word::list(7).is_literal() && Word::list(7).index() == 7);
    assert!(Word::boxed(3).in_literal(5).is_literal());
    assert!(Word::boxed(3).in_literal(5).literal_place().0 == 5);
    assert!(Word::boxed(3).in_literal(5).literal_place().1 == 3);
    assert!(matches!(Word::list(9).in_row().row_index(), Some(9)) && Word::list(9).in_row().is_list());
    assert!(Word::boxed(3).in_literal(5).row_index().is_none() && Word::list(9).row_index().is_none());
    assert!(Word::POISON.is_immediate() && !Word::POISON.is_atom() && !Word::POISON.is_small());
};
