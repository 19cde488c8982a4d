//! The internal instructions that the interpreter runs: 16 bytes each, operands decoded, labels resolved.
//!
//! Generic instructions (the opcode table) become these at load time: common operand shapes have variants of
//! their own, frequent neighbours are fused, calls to native functions name the function. Longer operand
//! lists lie in the module's `extra` table; `At` fields index it.
//!
//! Invariant: every register, label, constant and list index was checked by the loader; safepoints carry
//! their live registers. The choice of shape is by measurement: `benches/README.md`.

use super::export::ExportId;
use crate::bif::NativeIx;
use crate::term::Word;

/// An operand to read: register or constant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Src(pub u32);

/// A register to write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Dst(pub u16);

/// A place in the module's code.
pub type Pc = u32;

/// An index into the module's `extra` table.
pub type At = u32;

/// No label: a guard function in a body raises instead of jumping.
pub const NO_LABEL: Pc = u32::MAX;

/// No register.
pub const NO_REGISTER: u16 = u16::MAX;

/// An operand, taken apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operand {
    X(usize),
    Y(usize),
    Constant(usize),
}

impl Src {
    const Y: u32 = 1 << 30;
    const K: u32 = 2 << 30;

    pub const fn x(n: u16) -> Src {
        Src(n as u32)
    }

    pub const fn y(n: u16) -> Src {
        Src(Src::Y | n as u32)
    }

    pub const fn constant(index: u32) -> Src {
        Src(Src::K | index)
    }

    #[inline(always)]
    pub const fn operand(self) -> Operand {
        let index = (self.0 & (Src::Y - 1)) as usize;
        match self.0 >> 30 {
            0 => Operand::X(index),
            1 => Operand::Y(index),
            _ => Operand::Constant(index),
        }
    }

    pub fn as_x(self) -> Option<u16> {
        match self.operand() {
            Operand::X(n) => Some(n as u16),
            _ => None,
        }
    }

    pub fn as_y(self) -> Option<u16> {
        match self.operand() {
            Operand::Y(n) => Some(n as u16),
            _ => None,
        }
    }

    /// A small integer that stands in the code.
    pub fn is_small_constant(self, constants: &[u64]) -> bool {
        self.as_constant().is_some_and(|index| Word(constants[index as usize]).is_small())
    }

    pub fn as_constant(self) -> Option<u32> {
        match self.operand() {
            Operand::Constant(n) => Some(n as u32),
            _ => None,
        }
    }
}

impl Dst {
    const Y: u16 = 1 << 15;

    pub const fn x(n: u16) -> Dst {
        Dst(n)
    }

    pub const fn y(n: u16) -> Dst {
        Dst(Dst::Y | n)
    }

    #[inline(always)]
    pub const fn is_y(self) -> bool {
        self.0 & Dst::Y != 0
    }

    #[inline(always)]
    pub const fn index(self) -> usize {
        (self.0 & !Dst::Y) as usize
    }

    pub fn as_x(self) -> Option<u16> {
        (!self.is_y()).then_some(self.0)
    }

    pub fn as_y(self) -> Option<u16> {
        self.is_y().then_some(self.0 & !Dst::Y)
    }

    /// The same register, to be read.
    pub fn src(self) -> Src {
        if self.is_y() { Src::y(self.0 & !Dst::Y) } else { Src::x(self.0) }
    }
}

impl std::fmt::Debug for Src {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.operand() {
            Operand::X(n) => write!(f, "x{n}"),
            Operand::Y(n) => write!(f, "y{n}"),
            Operand::Constant(n) => write!(f, "k{n}"),
        }
    }
}

impl std::fmt::Debug for Dst {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.src().fmt(f)
    }
}

/// A type test.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Test {
    Integer,
    Float,
    Number,
    Atom,
    Pid,
    Reference,
    Port,
    Nil,
    Binary,
    Bitstring,
    List,
    NonemptyList,
    Tuple,
    Function,
    Boolean,
    Map,
}

/// A two-operand arithmetic instruction with a fast path for small integers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Arith {
    Mul,
    IntDiv,
    Rem,
    Band,
    Bor,
    Bxor,
    Bsl,
    Bsr,
}

/// A comparison whose value is a boolean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Comparison {
    EqExact,
    NeExact,
    Eq,
    Ne,
    Lt,
    Ge,
    Gt,
    Le,
}

/// A floating-point operation on float registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum FloatOp {
    Add,
    Sub,
    Mul,
    Div,
    Negate,
}

#[derive(Clone, Copy, Debug)]
#[rustfmt::skip]
pub enum Instr {
    // Moves.
    MoveXX { from: u16, to: u16 },
    MoveXY { from: u16, to: u16 },
    MoveYX { from: u16, to: u16 },
    /// Two moves of one kind.
    MoveXX2 { from: u16, to: u16, from2: u16, to2: u16 },
    MoveYX2 { from: u16, to: u16, from2: u16, to2: u16 },
    MoveXY2 { from: u16, to: u16, from2: u16, to2: u16 },
    MoveKX { word: Word2, to: u16 },
    Move { from: Src, to: Dst },
    Swap { a: Dst, b: Dst },
    SwapXX { a: u16, b: u16 },
    SwapXY { x: u16, y: u16 },
    InitY { list: At },

    // Frames and heap.
    /// New slots are nil.
    Allocate { slots: u16, live: u16 },
    /// `allocate`, then two moves of X registers into the frame, which may be the same one twice.
    AllocateXY2 { slots: u16, from: u16, to: u16, from2: u16, to2: u16 },
    AllocateHeap { slots: u16, live: u16, need: u32 },
    Deallocate { slots: u16 },
    DeallocateReturn { slots: u16 },
    /// `move` to x0, `deallocate, return`.
    MoveDeallocateReturn { from: Src, slots: u16 },
    /// `move` to x0, `return`.
    MoveReturn { from: Src },
    Return,
    Trim { slots: u16 },
    TestHeap { need: u32, live: u16 },
    /// `test_heap, put_list`.
    TestCons { head: Src, tail: Src, to: Dst, live: u8 },
    /// `test_heap, put_list` to x0, `deallocate, return`.
    ConsReturn { head: Src, tail: Src, live: u8, slots: u16 },

    // Lists and tuples.
    GetList { from: Src, head: Dst, tail: Dst },
    /// `is_nonempty_list, get_list` of X registers.
    UnconsX { from: u16, head: u16, tail: u16, fail: Pc },
    /// `is_nonempty_list, allocate, get_list`.
    UnconsAllocate { from: u16, head: Dst, tail: Dst, slots: u8, live: u8, fail: Pc },
    /// `is_nonempty_list, allocate`, two moves of X registers into the frame, which may be the same one twice, `get_list`.
    UnconsAllocateXY2 { list: u8, head: Dst, tail: Dst, slots: u8, from: u8, to: u8, from2: u8, to2: u8, fail: Pc },
    GetHead { from: Src, to: Dst },
    GetTail { from: Src, to: Dst },
    Cons { head: Src, tail: Src, to: Dst },
    PutTuple { to: Dst, list: At },
    GetElement { from: Src, to: Dst, index: u32 },
    GetElementXX { from: u16, to: u16, index: u32 },
    SetElement { value: Src, tuple: Src, index: u32 },
    UpdateRecord { size: u32, from: Src, to: Dst, list: At },

    // Tests: fall through, or go to `fail`.
    Is { test: Test, from: Src, fail: Pc },
    IsNonemptyListX { from: u16, fail: Pc },
    IsNilX { from: u16, fail: Pc },
    IsTupleX { from: u16, fail: Pc },
    /// A tuple of this size.
    IsTupleOf { from: Src, size: u32, fail: Pc },
    TestArity { from: Src, size: u32, fail: Pc },
    /// A tuple of this size whose first element is this immediate constant.
    IsTagged { from: Src, size: u16, tag: u32, fail: Pc },
    IsEqExact { a: Src, b: Src, fail: Pc },
    IsNeExact { a: Src, b: Src, fail: Pc },
    /// Against an immediate, so words are compared.
    IsEqWord { a: Src, constant: u32, fail: Pc },
    IsNeWord { a: Src, constant: u32, fail: Pc },
    IsEqWordX { from: u16, word: Word2, fail: Pc },
    IsEq { a: Src, b: Src, fail: Pc },
    IsNe { a: Src, b: Src, fail: Pc },
    IsLt { a: Src, b: Src, fail: Pc },
    IsGe { a: Src, b: Src, fail: Pc },
    IsFunctionOf { from: Src, arity: Src, fail: Pc },
    HasMapFields { from: Src, list: At, fail: Pc },
    GetMapElements { from: Src, list: At, fail: Pc },

    // Jumps. Select lists: count, then (constant word low, high, pc) sorted by word.
    Jump { to: Pc },
    SelectVal { from: Src, list: At, fail: Pc },
    /// List: count, first value, then a pc for each.
    SelectDense { from: Src, list: At, fail: Pc },
    /// List: count, then (size, pc).
    SelectArity { from: Src, list: At, fail: Pc },

    // Calls. `live` is the number of arguments.
    Call { to: Pc, live: u8 },
    CallOnly { to: Pc, live: u8 },
    CallLast { to: Pc, live: u8, slots: u16 },
    /// `move` to an X register, then the call.
    MoveCall { from: Src, x: u16, live: u8, to: Pc },
    MoveCallOnly { from: Src, x: u16, live: u8, to: Pc },
    MoveCallLast { from: Src, x: u16, live: u8, slots: u16, to: Pc },
    /// Two moves of a frame's slots to X registers, then the call.
    MoveYX2CallLast { from: u8, to: u8, from2: u8, to2: u8, live: u8, slots: u16, callee: Pc },
    /// `trim, call`.
    TrimCall { trimmed: u16, live: u8, to: Pc },
    /// `move` from the frame to an X register, `trim, call`.
    MoveTrimCall { from: u16, x: u16, trimmed: u16, live: u8, to: Pc },
    CallExport { export: ExportId, live: u8 },
    CallExportOnly { export: ExportId, live: u8 },
    CallExportLast { export: ExportId, live: u8, slots: u16 },
    CallNative { native: NativeIx, live: u8 },
    CallNativeOnly { native: NativeIx, live: u8 },
    CallNativeLast { native: NativeIx, live: u8, slots: u16 },
    Apply { live: u8 },
    ApplyLast { live: u8, slots: u16 },
    CallFun { live: u8, fun: Src },
    CallFunLast { live: u8, slots: u16, fun: Src },

    // Guard functions: `fail` is [`NO_LABEL`] in a body.
    Guard { native: NativeIx, to: Dst, live: u8, list: At, fail: Pc },
    Add { a: Src, b: Src, to: Dst, live: u8, fail: Pc },
    Sub { a: Src, b: Src, to: Dst, live: u8, fail: Pc },
    /// `x + constant`, the constant small (subtraction is its negation).
    AddConstX { from: u16, to: Dst, live: u8, constant: i32, fail: Pc },
    AddConstY { from: u16, to: Dst, live: u8, constant: i32, fail: Pc },
    /// `list`: the two operands.
    Arith { op: Arith, to: Dst, live: u8, list: At, fail: Pc },
    /// `list`: the two operands.
    Compare { op: Comparison, to: Dst, list: At },
    Element { position: Src, from: Src, to: Dst, fail: Pc },
    SelfPid { to: Dst },

    // Funs. List: count, free variables.
    MakeFun { lambda: u32, to: Dst, list: At },
    MakeFun2 { lambda: u32 },

    // Exceptions.
    Catch { y: u16, to: Pc },
    CatchEnd { y: u16 },
    Try { y: u16, to: Pc },
    TryEnd { y: u16 },
    TryCase { y: u16 },
    Raise { trace: Src, reason: Src },
    RawRaise,
    BuildStacktrace,
    BadMatch { value: Src },
    CaseEnd { value: Src },
    TryCaseEnd { value: Src },
    BadRecord { value: Src },
    IfEnd,
    FunctionClause { function: u32 },

    // Messages.
    Send,
    /// `timed`: the receive has a time limit, so that looking is a visible operation.
    LoopRec { to: Dst, empty: Pc, timed: bool },
    LoopRecEnd { to: Pc },
    RemoveMessage,
    Wait { to: Pc },
    WaitTimeout { to: Pc, time: Src },
    Timeout,
    MarkerReserve { to: Dst },
    MarkerBind { marker: Src, reference: Src },
    MarkerClear { reference: Src },
    MarkerUse { reference: Src },

    // Maps. List: the source, count, then pairs of operands.
    PutMap { exact: bool, live: u8, to: Dst, list: At, fail: Pc },

    // Floats.
    FloatMove { from: Src, to: u16 },
    FloatStore { from: u16, to: Dst },
    FloatCopy { from: u16, to: u16 },
    FloatConvert { from: Src, to: u16 },
    Float { op: FloatOp, a: u16, b: u16, to: u16 },

    // Bit syntax: the operands of each lie in `list`, as `interp/bits` reads them.
    Bits { op: BitOp, list: At, fail: Pc },
    /// [`BitOp::StartMatch`] on X registers, then [`BitOp::GetPosition`] unless `position` is [`NO_REGISTER`]; the
    /// lists of the two lie one after the other.
    StartMatchX { from: u16, to: u16, position: u16, list: At, fail: Pc },
    /// So many integers, each of 1 to 59 bits as the program says, from a context in an X register, then
    /// [`BitOp::TestUnit`] unless `unit` is 0. List: [`ShortField`]s.
    GetFields { count: u8, unit: u8, context: u16, list: At, fail: Pc },

    // Ends the code; never run.
    End,
}

/// A constant too wide for the instruction: its two halves, so that `Instr` is aligned to 4.
#[derive(Clone, Copy, Debug)]
pub struct Word2(u32, u32);

impl Word2 {
    pub fn new(word: Word) -> Word2 {
        Word2(word.0 as u32, (word.0 >> 32) as u32)
    }

    #[inline(always)]
    pub fn raw(self) -> u64 {
        (u64::from(self.1) << 32) | u64::from(self.0)
    }
}

/// A field of [`Instr::GetFields`] in a word: size in bits, flags, and the register for the value.
#[derive(Clone, Copy, Debug)]
pub struct ShortField(pub u32);

impl ShortField {
    /// The most bits of an integer that is small whatever they are.
    pub const BITS_MAX: u32 = 59;

    pub fn new(size: u32, flags: u32, to: Dst) -> Option<ShortField> {
        let fits = (1..=ShortField::BITS_MAX).contains(&size) && flags < 256;
        fits.then_some(ShortField(size | flags << 8 | u32::from(to.0) << 16))
    }

    #[inline(always)]
    pub fn size(self) -> usize {
        (self.0 & 0xff) as usize
    }

    #[inline(always)]
    pub fn flags(self) -> u32 {
        self.0 >> 8 & 0xff
    }

    #[inline(always)]
    pub fn to(self) -> Dst {
        Dst((self.0 >> 16) as u16)
    }
}

/// A bit-syntax instruction. Operand lists, in words of `extra`:
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum BitOp {
    /// `[live, source, dst]`; fails where the source is no bitstring or match context.
    StartMatch,
    /// `[context, live, size src, unit, flags, dst]`
    GetInteger,
    GetFloat,
    GetBinary,
    /// `[context, size src, unit]`
    Skip,
    /// `[context, bits]`
    TestTail,
    /// `[context, unit]`
    TestUnit,
    /// `[context, bits, string offset]`
    MatchString,
    /// `[context, dst, live]`
    GetTail,
    /// `[context, dst, live]`
    GetPosition,
    /// `[context, position src]`
    SetPosition,
    /// `[context, live, flags, dst]`
    GetUtf8,
    GetUtf16,
    GetUtf32,
    /// `[context, live, flags]`
    SkipUtf8,
    SkipUtf16,
    SkipUtf32,
    /// `[live, unit, dst, count, (type, unit, flags, value src, size src, number) x count]`; type as [`SegmentType`].
    /// The size constant `all` takes the whole value; `undefined` has none.
    Create,
    /// `[context, count, commands...]`, each command as [`MatchCommand`] says.
    Match,
    /// Before OTP 25: `[size src, live, dst]`, in bytes.
    Init,
    /// `[size src, live, dst]`, in bits.
    InitBits,
    /// `[a src, b src, unit, dst]`
    AddSize,
    /// `[src, dst]`
    Utf8Size,
    Utf16Size,
    /// `[size src, unit, flags, value src]`
    PutInteger,
    PutFloat,
    PutBinary,
    /// `[length, string offset]`
    PutString,
    /// `[flags, value src]`
    PutUtf8,
    PutUtf16,
    PutUtf32,
    /// `[size src, live, unit, binary src, dst]`
    Append,
    /// `[size src, unit, binary src, dst]`
    PrivateAppend,
    InitWritable,
}

/// A command of `bs_match`: its number, then its operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum MatchCommand {
    /// `[bits, unit]`
    EnsureAtLeast,
    /// `[bits]`
    EnsureExactly,
    /// `[live, flags, bits, dst]`
    Integer,
    /// `[live, bits, dst]`
    Binary,
    /// `[live, dst]`
    GetTail,
    /// `[bits]`
    Skip,
    /// `[bits, value low, value high]`
    Equal,
}

impl MatchCommand {
    pub const ALL: [MatchCommand; 7] = [
        MatchCommand::EnsureAtLeast,
        MatchCommand::EnsureExactly,
        MatchCommand::Integer,
        MatchCommand::Binary,
        MatchCommand::GetTail,
        MatchCommand::Skip,
        MatchCommand::Equal,
    ];
}

/// The kind of a segment in `bs_create_bin`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum SegmentType {
    Integer,
    Float,
    Binary,
    /// `value` is the string's offset, `size` its length in bytes.
    String,
    Utf8,
    Utf16,
    Utf32,
    Append,
    PrivateAppend,
}

impl SegmentType {
    pub const ALL: [SegmentType; 9] = [
        SegmentType::Integer,
        SegmentType::Float,
        SegmentType::Binary,
        SegmentType::String,
        SegmentType::Utf8,
        SegmentType::Utf16,
        SegmentType::Utf32,
        SegmentType::Append,
        SegmentType::PrivateAppend,
    ];
}

/// Flags of a bit field, as the compiler writes them.
pub mod flags {
    pub const LITTLE: u32 = 2;
    pub const SIGNED: u32 = 4;
    pub const NATIVE: u32 = 16;
}

const _: () = assert!(std::mem::size_of::<Instr>() == 16);
