//! The `Code` chunk as generic instructions with decoded and checked operands, in flat arrays.
//!
//! Invariant of a [`GenericCode`], so that later stages index without checks: operands are of the kinds that the
//! opcode's signature says; registers are below 1024; atoms, imports, lambdas, literals, lines and string offsets
//! are within their tables; the code ends with `int_code_end`; every label is defined at most once, and every label
//! that an operand or a table of the file names is defined; calls name functions of the right arity; every
//! exported, local and lambda entry is that function's. What depends on the flow of control (is this register
//! live?) is not known here.
//!
//! Source: the operand forms as OTP's assembler writes them. Differs from OTP's loader in checking more.

use super::beam::{AtomIx, BeamFile};
use super::check;
use super::compact::{ByteRange, Number, Reader, Tag};
use super::error::{ChunkId, LoadError, Place};
use super::op::{Kind, NoOpcode, Opcode};

/// Registers of each sort are numbered below this.
pub const MAX_REGISTERS: u32 = 1024;

/// A stretch of [`GenericCode::args`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArgRange {
    pub start: u32,
    pub len: u32,
}

/// A decoded operand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arg {
    /// A number without a tag: counts, sizes and indices. (Beyond 32 bits, as only the value of a matching command
    /// is, it reads as an integer.)
    Literal(u32),
    Integer(i64),
    /// An integer beyond 64 bits: big-endian two's complement, a range of [`BeamFile::bytes`].
    BigInteger(ByteRange),
    Atom(AtomIx),
    Nil,
    X(u16),
    Y(u16),
    /// 0 is no label: raise instead of jumping.
    Label(u32),
    Character(u32),
    /// Finite.
    Float(f64),
    FloatReg(u16),
    /// The elements; never lists themselves.
    List(ArgRange),
    AllocList {
        words: u32,
        floats: u32,
        funs: u32,
    },
    /// Index into the literal table.
    Lit(u32),
}

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GenericOp {
    pub op: Opcode,
    /// As many as the opcode's arity.
    pub args: ArgRange,
    /// Its byte offset in the chunk.
    pub at: u32,
}

/// One function of the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    pub name: AtomIx,
    pub arity: u8,
    /// The label that follows `func_info`: where calls go.
    pub entry: u32,
    /// Index of the `func_info` instruction.
    pub func_info: u32,
}

const UNDEFINED: u32 = u32::MAX;

/// The decoded code of one module.
#[derive(Clone, Debug)]
pub struct GenericCode {
    pub ops: Vec<GenericOp>,
    /// The operands of each instruction, then the elements of its list, instruction by instruction.
    pub args: Vec<Arg>,
    /// In the order of the code.
    pub functions: Vec<Function>,
    /// By label: index of the `label` instruction.
    labels: Vec<u32>,
    /// By label: index of the function whose entry it is.
    entries: Vec<u32>,
    /// Type-table indices of the operands that have one, by index into `args`, ascending.
    arg_types: Vec<(u32, u32)>,
}

impl GenericCode {
    /// Decodes and checks the code of a file.
    pub fn decode(file: &BeamFile) -> Result<GenericCode, LoadError> {
        let mut reader = Reader::new(&file.bytes, file.code.chunk, ChunkId(*b"Code"));
        reader.take(file.code.first_op as usize, "the code header")?;
        let label_count = file.code.label_count as usize;
        let code = GenericCode {
            ops: Vec::new(),
            args: Vec::new(),
            functions: Vec::new(),
            labels: vec![UNDEFINED; label_count],
            entries: vec![UNDEFINED; label_count],
            arg_types: Vec::new(),
        };
        let mut decoder = Decoder { file, reader, code };
        while decoder.op()? != Opcode::IntCodeEnd {}
        let Decoder { reader, mut code, .. } = decoder;
        if reader.remaining() > 0 {
            return Err(LoadError::Invalid { at: reader.place(), what: "code follows int_code_end" });
        }
        code.find_functions(file)?;
        check::relations(file, &code)?;
        Ok(code)
    }

    /// The operands of an instruction or the elements of a list.
    pub fn args(&self, range: ArgRange) -> &[Arg] {
        &self.args[range.start as usize..][..range.len as usize]
    }

    /// Index of the `label` instruction of a label; `None` for 0 and for labels that nothing names.
    pub fn label_op(&self, label: u32) -> Option<usize> {
        self.labels.get(label as usize).filter(|&&op| op != UNDEFINED).map(|&op| op as usize)
    }

    /// The function whose entry a label is.
    pub fn function_at(&self, label: u32) -> Option<&Function> {
        let function = self.entries.get(label as usize).filter(|&&function| function != UNDEFINED);
        function.map(|&function| &self.functions[function as usize])
    }

    /// The index into the `Type` chunk that the compiler attached to an operand, by index into `args`. Not checked
    /// against that chunk.
    pub fn arg_type(&self, arg: u32) -> Option<u32> {
        let found = self.arg_types.binary_search_by_key(&arg, |&(arg, _)| arg);
        found.ok().map(|at| self.arg_types[at].1)
    }

    /// Everything that an instruction refers to: its operands and the elements of its list.
    pub fn all_args(&self, op: usize) -> &[Arg] {
        let end = self.ops.get(op + 1).map_or(self.args.len(), |next| next.args.start as usize);
        &self.args[self.ops[op].args.start as usize..end]
    }

    /// Fills in the functions: `func_info`, directly followed by the entry label.
    fn find_functions(&mut self, file: &BeamFile) -> Result<(), LoadError> {
        for (index, op) in self.ops.iter().enumerate() {
            let at = in_code(op.at);
            if op.op != Opcode::FuncInfo {
                let outside = self.functions.is_empty()
                    && !matches!(op.op, Opcode::Label | Opcode::Line | Opcode::IntCodeEnd);
                if outside {
                    return Err(LoadError::Invalid {
                        at,
                        what: "an instruction precedes the first func_info",
                    });
                }
                continue;
            }
            let next = self.ops.get(index + 1).filter(|next| next.op == Opcode::Label);
            let label = next.and_then(|next| self.args(next.args).first());
            let (&[_, Arg::Atom(name), Arg::Literal(arity)], Some(&Arg::Literal(entry))) =
                (self.args(op.args), label)
            else {
                return Err(LoadError::Invalid {
                    at,
                    what: "func_info must be followed by the function's entry label",
                });
            };
            self.entries[entry as usize] = self.functions.len() as u32;
            self.functions.push(Function { name, arity: arity as u8, entry, func_info: index as u32 });
        }
        let (declared, actual) = (u64::from(file.code.function_count), self.functions.len() as u64);
        if declared != actual {
            return Err(LoadError::WrongSize {
                at: in_code(0),
                what: "the number of functions",
                declared,
                actual,
            });
        }
        Ok(())
    }
}

/// A byte of the `Code` chunk.
pub(crate) fn in_code(offset: u32) -> Place {
    Place { chunk: Some(ChunkId(*b"Code")), offset }
}

struct Decoder<'f> {
    file: &'f BeamFile,
    reader: Reader<'f>,
    code: GenericCode,
}

impl Decoder<'_> {
    fn op(&mut self) -> Result<Opcode, LoadError> {
        let at = self.reader.place();
        if self.reader.remaining() == 0 {
            return Err(LoadError::Invalid { at, what: "the code must end with int_code_end" });
        }
        let number = self.reader.u8("an opcode")?;
        let op = Opcode::from_number(number).map_err(|problem| match problem {
            NoOpcode::Unknown => LoadError::UnknownOpcode { at, number },
            NoOpcode::Removed { name, .. } => LoadError::RemovedOpcode { at, number, name },
        })?;
        let start = self.code.args.len() as u32;
        let args = ArgRange { start, len: op.arity() as u32 };
        self.code.args.resize(start as usize + op.arity(), Arg::Nil);
        for (slot, (&kind, position)) in (start..).zip(op.signature().iter().zip(1..)) {
            let at = self.reader.place();
            let mut arg = self.operand(slot, true)?;
            let fault = check::operand(self.file, &self.code, kind, arg);
            fault.map_err(|fault| fault.at(at, op.name(), position, kind))?;
            if kind == Kind::Line && self.file.lines.is_none() {
                // Without a table that we can read, every location is the undefined one.
                arg = Arg::Literal(0);
            }
            self.code.args[slot as usize] = arg;
        }
        let index = self.code.ops.len() as u32;
        self.code.ops.push(GenericOp { op, args, at: at.offset });
        if let (Opcode::Label, &[Arg::Literal(label)]) = (op, self.code.args(args)) {
            let defined = &mut self.code.labels[label as usize];
            if *defined != UNDEFINED {
                return Err(LoadError::Label { at, label, problem: "is defined twice" });
            }
            *defined = index;
        }
        Ok(op)
    }

    /// One operand, to be stored at `slot` of the arguments.
    fn operand(&mut self, slot: u32, list_allowed: bool) -> Result<Arg, LoadError> {
        let at = self.reader.place();
        let (tag, number) = self.reader.tagged()?;
        let value = match number {
            Number::Small(value) => value,
            Number::Big(range) => return Ok(Arg::BigInteger(range)),
        };
        // Only integers are ever negative.
        let wide = value as u64;
        Ok(match tag {
            Tag::Literal => u32::try_from(value).map_or(Arg::Integer(value), Arg::Literal),
            Tag::Integer => Arg::Integer(value),
            Tag::Atom if value == 0 => Arg::Nil,
            Tag::Atom => {
                let atom = u32::try_from(wide).ok().and_then(|number| self.file.atom_ix(number));
                let count = self.file.atoms().len() as u64;
                Arg::Atom(atom.ok_or(LoadError::OutOfRange { at, what: "atom", index: wide, count })?)
            }
            Tag::X => Arg::X(bounded(at, "register x", wide, MAX_REGISTERS)? as u16),
            Tag::Y => Arg::Y(bounded(at, "register y", wide, MAX_REGISTERS)? as u16),
            Tag::Label => Arg::Label(bounded(at, "label", wide, self.file.code.label_count.max(1))?),
            Tag::Character => Arg::Character(bounded(at, "character", wide, 0x11_0000)?),
            Tag::Extended if value == 1 && list_allowed => self.list()?,
            Tag::Extended => self.extended(at, wide, slot)?,
        })
    }

    fn list(&mut self) -> Result<Arg, LoadError> {
        let count = self.reader.unsigned("a list's length")?;
        self.reader.check_count(u64::from(count), 1, "a list")?;
        let start = self.code.args.len() as u32;
        for slot in (start..).take(count as usize) {
            let element = self.operand(slot, false)?;
            self.code.args.push(element);
        }
        Ok(Arg::List(ArgRange { start, len: count }))
    }

    fn extended(&mut self, at: Place, kind: u64, slot: u32) -> Result<Arg, LoadError> {
        Ok(match kind {
            0 => Arg::Float(self.float(at)?),
            1 => return Err(LoadError::Invalid { at, what: "a list must not contain a list" }),
            2 => {
                let register = u64::from(self.reader.unsigned("a floating-point register")?);
                Arg::FloatReg(bounded(at, "register fr", register, MAX_REGISTERS)? as u16)
            }
            3 => self.alloc_list()?,
            4 => {
                let index = u64::from(self.reader.unsigned("a literal")?);
                Arg::Lit(bounded(at, "literal", index, self.file.literal_count() as u32)?)
            }
            5 => self.typed_register(at, slot)?,
            _ => return Err(LoadError::Invalid { at, what: "an extended term of unknown kind" }),
        })
    }

    /// The form of floats from before they went to the literal table.
    fn float(&mut self, at: Place) -> Result<f64, LoadError> {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(self.reader.take(8, "a float")?);
        let value = f64::from_be_bytes(bytes);
        if value.is_finite() {
            Ok(value)
        } else {
            Err(LoadError::Invalid { at, what: "a float must be finite" })
        }
    }

    fn alloc_list(&mut self) -> Result<Arg, LoadError> {
        let count = self.reader.unsigned("an allocation list's length")?;
        self.reader.check_count(u64::from(count), 2, "an allocation list")?;
        let mut needs = [0u32; 3];
        for _ in 0..count {
            let at = self.reader.place();
            let kind = self.reader.unsigned("a kind of allocation")?;
            let amount = self.reader.unsigned("an amount to allocate")?;
            let invalid = LoadError::Invalid { at, what: "an allocation must be of words, floats or funs" };
            let need = needs.get_mut(kind as usize).ok_or(invalid)?;
            *need = need.saturating_add(amount);
        }
        let [words, floats, funs] = needs;
        Ok(Arg::AllocList { words, floats, funs })
    }

    fn typed_register(&mut self, at: Place, slot: u32) -> Result<Arg, LoadError> {
        let register = match self.reader.tagged()? {
            (Tag::X, Number::Small(x)) => Arg::X(bounded(at, "register x", x as u64, MAX_REGISTERS)? as u16),
            (Tag::Y, Number::Small(y)) => Arg::Y(bounded(at, "register y", y as u64, MAX_REGISTERS)? as u16),
            _ => return Err(LoadError::Invalid { at, what: "a typed register must be an X or Y register" }),
        };
        let index = self.reader.unsigned("a type's index")?;
        self.code.arg_types.push((slot, index));
        Ok(register)
    }
}

fn bounded(at: Place, what: &'static str, index: u64, count: u32) -> Result<u32, LoadError> {
    if index < u64::from(count) {
        return Ok(index as u32);
    }
    Err(LoadError::OutOfRange { at, what, index, count: u64::from(count) })
}
