//! The checks of operands against the opcode table's kinds, and of what operands say about each other.
//!
//! Invariant: after [`operand`] and [`relations`], a [`GenericCode`] is what its own documentation promises.
//! Stricter than OTP's loader, which leaves part of this to its compiler's validator.

use super::beam::{BeamFile, Entry, Import, Lambda};
use super::bits;
use super::error::{ChunkId, LoadError, Place};
use super::generic::{Arg, ArgRange, GenericCode, MAX_REGISTERS, in_code};
use super::op::{Kind, Opcode};

/// What is wrong with an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is of another kind.
    Kind,
    /// It points out of a table.
    Range { what: &'static str, index: u32, count: usize },
}

impl Fault {
    pub(super) fn at(self, at: Place, op: &'static str, position: u8, kind: Kind) -> LoadError {
        match self {
            Fault::Kind => LoadError::Operand { at, op, position, expected: kind.expected() },
            Fault::Range { what, index, count } => {
                LoadError::OutOfRange { at, what, index: u64::from(index), count: count as u64 }
            }
        }
    }
}

impl Kind {
    /// Completes "operand 1 of move must be ...".
    pub(super) fn expected(self) -> &'static str {
        match self {
            Kind::Count | Kind::Flags => "an untagged number",
            Kind::Live => "a number of live registers, at most 1024",
            Kind::Slots => "a number of stack slots, at most 1024",
            Kind::Arity => "a number of arguments, at most 255",
            Kind::HeapNeed => "a number of words or an allocation list",
            Kind::Unit => "a unit, at most 256",
            Kind::NewLabel => "the number of a label, from 1",
            Kind::Label => "a label other than 0",
            Kind::Fail => "a label or 0",
            Kind::MatchFail => "a label, 0, no_fail or resume",
            Kind::Atom => "an atom",
            Kind::Constant => "a constant",
            Kind::Source => "a register or a constant",
            Kind::Size => "a register, a constant or an untagged number",
            Kind::Register => "an X or Y register",
            Kind::YRegister => "a Y register",
            Kind::FloatRegister => "a floating-point register",
            Kind::FloatSource => "a register of any sort or a constant",
            Kind::FloatTarget => "a register of any sort",
            Kind::Import => "the index of an import",
            Kind::Lambda => "the index of a lambda",
            Kind::FunTag => "the index of a lambda, safe or unsafe",
            Kind::Line => "the index of a line",
            Kind::Sources => "a list of registers and constants",
            Kind::YRegisters => "a list of Y registers",
            Kind::Select => "a list of constants with their labels",
            Kind::SelectArity => "a list of arities with their labels",
            Kind::MapPairs => "a list of keys with their values",
            Kind::MapGets => "a list of keys with their registers",
            Kind::Updates => "a list of positions from 1 with their values",
            Kind::Segments => "a list of binary segments, six operands each",
            Kind::Commands => "a list of binary matching commands",
        }
    }
}

/// Checks one operand by itself.
pub(super) fn operand(file: &BeamFile, code: &GenericCode, kind: Kind, arg: Arg) -> Result<(), Fault> {
    let fits = match (kind, arg) {
        (Kind::Count | Kind::Flags | Kind::HeapNeed, Arg::Literal(_)) => true,
        (Kind::HeapNeed, Arg::AllocList { .. }) => true,
        (Kind::Live | Kind::Slots, Arg::Literal(number)) => number <= MAX_REGISTERS,
        (Kind::Arity, Arg::Literal(number)) => number <= 255,
        (Kind::Unit, Arg::Literal(number)) => number <= 256,
        (Kind::NewLabel, Arg::Literal(0)) => false,
        (Kind::NewLabel, Arg::Literal(number)) => {
            return within("label", number, file.code.label_count as usize);
        }
        (Kind::Label, Arg::Label(label)) => label != 0,
        (Kind::Fail | Kind::MatchFail, Arg::Label(_)) => true,
        (Kind::MatchFail, Arg::Atom(atom)) => matches!(file.atom(atom), "no_fail" | "resume"),
        (Kind::Atom, Arg::Atom(_)) => true,
        (Kind::Constant, arg) => is_constant(arg),
        (Kind::Size, Arg::Literal(_)) => true,
        (Kind::Source | Kind::Size, arg) => is_register(arg) || is_constant(arg),
        (Kind::Register, arg) => is_register(arg),
        (Kind::YRegister, arg) => matches!(arg, Arg::Y(_)),
        (Kind::FloatRegister | Kind::FloatSource | Kind::FloatTarget, Arg::FloatReg(_)) => true,
        (Kind::FloatSource, arg) => is_register(arg) || is_constant(arg),
        (Kind::FloatTarget, arg) => is_register(arg),
        (Kind::Import, Arg::Literal(index)) => return within("import", index, file.imports.len()),
        (Kind::Lambda | Kind::FunTag, Arg::Literal(index)) => {
            return within("lambda", index, file.lambdas.len());
        }
        (Kind::FunTag, Arg::Atom(atom)) => matches!(file.atom(atom), "safe" | "unsafe"),
        (Kind::Line, Arg::Literal(index)) => {
            return file.lines.as_ref().map_or(Ok(()), |lines| within("line", index, lines.items.len()));
        }
        (_, Arg::List(range)) => return list(file, code, kind, range),
        _ => false,
    };
    if fits { Ok(()) } else { Err(Fault::Kind) }
}

fn list(file: &BeamFile, code: &GenericCode, kind: Kind, range: ArgRange) -> Result<(), Fault> {
    let elements = code.args(range);
    let group: &[Kind] = match kind {
        Kind::Sources => &[Kind::Source],
        Kind::YRegisters => &[Kind::YRegister],
        Kind::Select => &[Kind::Constant, Kind::Label],
        Kind::SelectArity => &[Kind::Count, Kind::Label],
        Kind::MapPairs => &[Kind::Source, Kind::Source],
        Kind::MapGets => &[Kind::Source, Kind::Register],
        Kind::Updates if elements.iter().step_by(2).any(|&position| position == Arg::Literal(0)) => {
            return Err(Fault::Kind);
        }
        Kind::Updates => &[Kind::Count, Kind::Source],
        Kind::Segments => return bits::segments(file, code, elements),
        Kind::Commands => return bits::commands(file, code, elements),
        _ => return Err(Fault::Kind),
    };
    let whole = elements.chunks_exact(group.len());
    if !whole.remainder().is_empty() {
        return Err(Fault::Kind);
    }
    for element in whole {
        for (&kind, &arg) in group.iter().zip(element) {
            operand(file, code, kind, arg)?;
        }
    }
    Ok(())
}

fn is_register(arg: Arg) -> bool {
    matches!(arg, Arg::X(_) | Arg::Y(_))
}

fn is_constant(arg: Arg) -> bool {
    matches!(
        arg,
        Arg::Integer(_)
            | Arg::BigInteger(_)
            | Arg::Atom(_)
            | Arg::Nil
            | Arg::Character(_)
            | Arg::Float(_)
            | Arg::Lit(_)
    )
}

pub(super) fn within(what: &'static str, index: u32, count: usize) -> Result<(), Fault> {
    if (index as usize) < count { Ok(()) } else { Err(Fault::Range { what, index, count }) }
}

/// Whether `len` bytes from `offset` lie within the string table.
pub(super) fn within_strings(file: &BeamFile, offset: u32, len: u64) -> Result<(), Fault> {
    let count = file.strings.len as usize;
    if u64::from(offset) + len <= count as u64 {
        return Ok(());
    }
    Err(Fault::Range { what: "string offset", index: offset, count })
}

/// Checks what operands and tables say about each other, once all labels and functions are known.
pub(super) fn relations(file: &BeamFile, code: &GenericCode) -> Result<(), LoadError> {
    for (index, op) in code.ops.iter().enumerate() {
        let at = in_code(op.at);
        for &arg in code.all_args(index) {
            if let Arg::Label(label @ 1..) = arg
                && code.label_op(label).is_none()
            {
                return Err(LoadError::Label { at, label, problem: "is not defined" });
            }
        }
        instruction(file, code, op.op, code.args(op.args), at)?;
    }
    for (id, entries) in [(b"ExpT", &file.exports), (b"LocT", &file.locals)] {
        for entry in entries {
            check_entry(code, entry, ChunkId(*id))?;
        }
    }
    for lambda in &file.lambdas {
        let Lambda { function, arity, label, .. } = *lambda;
        check_entry(code, &Entry { function, arity, label }, ChunkId(*b"FunT"))?;
    }
    Ok(())
}

fn check_entry(code: &GenericCode, entry: &Entry, chunk: ChunkId) -> Result<(), LoadError> {
    let function = code.function_at(entry.label);
    if function.is_some_and(|function| function.name == entry.function && function.arity == entry.arity) {
        return Ok(());
    }
    let problem = "is not the entry of the function that the table names";
    Err(LoadError::Label { at: Place::start_of(chunk), label: entry.label, problem })
}

fn instruction(
    file: &BeamFile,
    code: &GenericCode,
    op: Opcode,
    args: &[Arg],
    at: Place,
) -> Result<(), LoadError> {
    let invalid = |what| Err(LoadError::Invalid { at, what });
    let range = |found: Result<(), Fault>| found.map_err(|fault| fault.at(at, op.name(), 1, Kind::Count));
    match (op, args) {
        (
            Opcode::Call | Opcode::CallLast | Opcode::CallOnly,
            &[Arg::Literal(arity), Arg::Label(label), ..],
        ) => {
            let function = code.function_at(label);
            if function.is_none_or(|function| u32::from(function.arity) != arity) {
                return Err(LoadError::Label {
                    at,
                    label,
                    problem: "is not the entry of a function of that arity",
                });
            }
        }
        (
            Opcode::CallExt | Opcode::CallExtLast | Opcode::CallExtOnly,
            &[Arg::Literal(arity), Arg::Literal(import), ..],
        ) => {
            if u32::from(file.imports[import as usize].arity) != arity {
                return invalid("the import that is called has another arity");
            }
        }
        (Opcode::BsPutString, &[Arg::Literal(len), Arg::Literal(offset)]) => {
            range(within_strings(file, offset, u64::from(len)))?;
        }
        (Opcode::BsMatchString, &[_, _, Arg::Literal(bits), Arg::Literal(offset)]) => {
            range(within_strings(file, offset, u64::from(bits.div_ceil(8))))?;
        }
        (Opcode::MakeFun3, &[Arg::Literal(lambda), _, Arg::List(free)]) => {
            if u32::from(file.lambdas[lambda as usize].num_free) != free.len {
                return invalid("the lambda has another number of free variables");
            }
        }
        (Opcode::CallFun2, &[Arg::Literal(lambda), Arg::Literal(arity), _]) => {
            let lambda = &file.lambdas[lambda as usize];
            if u32::from(lambda.arity - lambda.num_free) != arity {
                return invalid("the lambda that is called has another arity");
            }
        }
        (Opcode::Fmove, &[from, to]) => {
            if ![from, to].iter().any(|arg| matches!(arg, Arg::FloatReg(_))) {
                return invalid("fmove names no floating-point register");
            }
        }
        (Opcode::UpdateRecord, &[_, Arg::Literal(size), _, _, Arg::List(updates)]) => {
            let beyond = |&arg: &Arg| matches!(arg, Arg::Literal(position) if position > size);
            if code.args(updates).iter().step_by(2).any(beyond) {
                return invalid("update_record updates a position beyond the tuple's size");
            }
        }
        _ => {
            let wrong = guard_import(file, op, args).is_some_and(|(import, arity)| import.arity != arity);
            if wrong {
                return invalid("the guard function has another arity");
            }
        }
    }
    Ok(())
}

/// The function that a guard instruction calls, and with how many arguments.
fn guard_import<'f>(file: &'f BeamFile, op: Opcode, args: &[Arg]) -> Option<(&'f Import, u8)> {
    let (position, arity) = match op {
        Opcode::Bif0 => (0, 0),
        Opcode::Bif1 => (1, 1),
        Opcode::Bif2 => (1, 2),
        Opcode::Bif3 => (1, 3),
        Opcode::GcBif1 => (2, 1),
        Opcode::GcBif2 => (2, 2),
        Opcode::GcBif3 => (2, 3),
        _ => return None,
    };
    let Some(&Arg::Literal(import)) = args.get(position) else { return None };
    Some((&file.imports[import as usize], arity))
}
