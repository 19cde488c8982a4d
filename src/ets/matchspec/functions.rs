//! The functions that guards and bodies may call.
//!
//! Those that only look, work on words where they lie; the others are the native functions of the same names, which
//! need their arguments on a heap. Source: "Match Specifications in Erlang"; which names OTP 25 knows comes from
//! asking a live `erl` for each.

use crate::bif::{NativeIx, lookup};
use crate::code::ExportId;
use crate::ets::row::Beside;
use crate::heap::space::Space;
use crate::term::order::{compare, equal_exact, equal_loose};
use crate::term::word::Kind;
use crate::term::{Atom, Word};

#[derive(Clone, Copy, Debug)]
pub(super) enum Function {
    Look(Look, u8),
    Native(NativeIx, u8),
}

/// A function that looks at its arguments where they lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Look {
    Equal,
    NotEqual,
    ExactlyEqual,
    NotExactlyEqual,
    Less,
    Greater,
    NotGreater,
    NotLess,
    Not,
    Xor,
    IsAtom,
    IsBinary,
    IsFloat,
    IsFunction,
    IsInteger,
    IsList,
    IsMap,
    IsNumber,
    IsPid,
    IsPort,
    IsRecord,
    IsReference,
    IsTuple,
    Element,
    Hd,
    Tl,
}

const LOOKS: [(&str, u8, Look); 26] = [
    ("==", 2, Look::Equal),
    ("/=", 2, Look::NotEqual),
    ("=:=", 2, Look::ExactlyEqual),
    ("=/=", 2, Look::NotExactlyEqual),
    ("<", 2, Look::Less),
    (">", 2, Look::Greater),
    ("=<", 2, Look::NotGreater),
    (">=", 2, Look::NotLess),
    ("not", 1, Look::Not),
    ("xor", 2, Look::Xor),
    ("is_atom", 1, Look::IsAtom),
    ("is_binary", 1, Look::IsBinary),
    ("is_float", 1, Look::IsFloat),
    ("is_function", 1, Look::IsFunction),
    ("is_integer", 1, Look::IsInteger),
    ("is_list", 1, Look::IsList),
    ("is_map", 1, Look::IsMap),
    ("is_number", 1, Look::IsNumber),
    ("is_pid", 1, Look::IsPid),
    ("is_port", 1, Look::IsPort),
    ("is_record", 3, Look::IsRecord),
    ("is_reference", 1, Look::IsReference),
    ("is_tuple", 1, Look::IsTuple),
    ("element", 2, Look::Element),
    ("hd", 1, Look::Hd),
    ("tl", 1, Look::Tl),
];

const NATIVES: [(&str, u8); 29] = [
    ("*", 2),
    ("+", 1),
    ("+", 2),
    ("-", 1),
    ("-", 2),
    ("/", 2),
    ("abs", 1),
    ("band", 2),
    ("binary_part", 2),
    ("binary_part", 3),
    ("bit_size", 1),
    ("bnot", 1),
    ("bor", 2),
    ("bsl", 2),
    ("bsr", 2),
    ("bxor", 2),
    ("byte_size", 1),
    ("div", 2),
    ("float", 1),
    ("is_map_key", 2),
    ("length", 1),
    ("map_get", 2),
    ("map_size", 1),
    ("node", 0),
    ("node", 1),
    ("rem", 2),
    ("round", 1),
    ("size", 1),
    ("trunc", 1),
];

impl Function {
    pub(super) fn find(name: Atom, arity: usize) -> Option<Function> {
        let (text, arity) = (name.text(), u8::try_from(arity).ok()?);
        if let Some(&(_, _, look)) = LOOKS.iter().find(|row| (row.0, row.1) == (text, arity)) {
            return Some(Function::Look(look, arity));
        }
        NATIVES.iter().find(|&&row| row == (text, arity))?;
        let native = lookup(ExportId::new(Atom::known("erlang"), name, u32::from(arity)));
        Some(Function::Native(native.expect("each of these is a native function"), arity))
    }
}

impl Look {
    /// The value; `None` where the function fails.
    pub(super) fn at(self, space: &Beside<'_>, args: &[Word]) -> Option<Word> {
        let first = args[0];
        Some(match self {
            Look::Element => {
                let index = usize::try_from(first.as_small()?).ok()?.checked_sub(1)?;
                return space.tuple(args[1])?.get(index).map(|&w| Word(w));
            }
            Look::Hd => return first.is_list().then(|| space.cell(first).0),
            Look::Tl => return first.is_list().then(|| space.cell(first).1),
            Look::Not => Word::boolean(!truth(first)?),
            Look::Xor => Word::boolean(truth(first)? ^ truth(args[1])?),
            Look::IsRecord => Word::boolean(is_record(space, args)?),
            Look::Equal => Word::boolean(equal_loose(space, first, args[1])),
            Look::NotEqual => Word::boolean(!equal_loose(space, first, args[1])),
            Look::ExactlyEqual => Word::boolean(equal_exact(space, first, args[1])),
            Look::NotExactlyEqual => Word::boolean(!equal_exact(space, first, args[1])),
            Look::Less => Word::boolean(compare(space, first, args[1]).is_lt()),
            Look::Greater => Word::boolean(compare(space, first, args[1]).is_gt()),
            Look::NotGreater => Word::boolean(compare(space, first, args[1]).is_le()),
            Look::NotLess => Word::boolean(compare(space, first, args[1]).is_ge()),
            _ => Word::boolean(self.is_type(space, first)),
        })
    }

    fn is_type(self, space: &Beside<'_>, word: Word) -> bool {
        let kind = || space.kind(word);
        match self {
            Look::IsAtom => word.is_atom(),
            Look::IsBinary => {
                matches!(kind(), Some(Kind::SharedBinary | Kind::HeapBinary | Kind::SubBinary))
                    && space.bit_place(word).size.is_multiple_of(8)
            }
            Look::IsFloat => kind() == Some(Kind::Float),
            Look::IsFunction => matches!(kind(), Some(Kind::Fun | Kind::ExternalFun)),
            Look::IsInteger => space.is_integer(word),
            Look::IsList => word.is_list() || word.is_nil(),
            Look::IsMap => matches!(kind(), Some(Kind::FlatMap | Kind::HashMap)),
            Look::IsNumber => space.is_integer(word) || kind() == Some(Kind::Float),
            Look::IsPid => word.is_pid(),
            Look::IsPort => word.is_port(),
            Look::IsReference => kind() == Some(Kind::Reference),
            Look::IsTuple => kind() == Some(Kind::Tuple),
            _ => panic!("no test of a type: {self:?}"),
        }
    }
}

pub(super) fn truth(word: Word) -> Option<bool> {
    match word {
        Word::TRUE => Some(true),
        Word::FALSE => Some(false),
        _ => None,
    }
}

/// Tag and size are looked at first.
fn is_record(space: &Beside<'_>, args: &[Word]) -> Option<bool> {
    let size = args[2].as_small()?;
    args[1].as_atom()?;
    let elements = space.tuple(args[0]);
    Some(elements.is_some_and(|e| e.len() as i64 == size && e.first() == Some(&args[1].0)))
}
