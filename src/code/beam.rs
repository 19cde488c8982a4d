//! A `.beam` file as its tables: atoms, imports, exports, lambdas, literals, lines, and where the code is.
//!
//! Invariant of a [`BeamFile`]: every atom number is within the atom table, every label below the label count,
//! every arity at most 255, every byte range within its buffer. Labels are checked against the code by
//! [`GenericCode::decode`](super::generic::GenericCode::decode). Literals stay encoded (external term format).
//!
//! Source: the chunks as OTP 25 to 28 write them, the Latin-1 atom table of before OTP 20 included. Differs from
//! OTP in that a chunk that occurs twice is refused.

use super::compact::{ByteRange, Reader};
use super::error::{ChunkId, LoadError, Place};
use super::fingerprint;
use super::iff::{self, Chunk};
use super::line::LineTable;

/// Bounds on what a file may make the loader allocate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The file, inflated if it is compressed as a whole.
    pub file_bytes: u32,
    /// The literal table, inflated.
    pub literal_bytes: u32,
    /// The `Code` chunk. A decoded instruction takes about 30 times what a byte of code does.
    pub code_bytes: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { file_bytes: 64 << 20, literal_bytes: 64 << 20, code_bytes: 16 << 20 }
    }
}

/// An atom of one file, numbered from 1 as the file does. 1 is the module's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AtomIx(u32);

impl AtomIx {
    /// The name of the module.
    pub const MODULE: AtomIx = AtomIx(1);

    /// The position in a table without a hole for 0.
    pub fn index(self) -> usize {
        self.0 as usize - 1
    }
}

/// The atoms' texts, one after another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct AtomTable {
    text: String,
    /// Where each atom ends in `text`.
    ends: Vec<u32>,
}

/// An atom has at most this many characters.
const MAX_ATOM_CHARS: usize = 255;
const MAX_ARITY: u32 = 255;

/// A function of some module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Import {
    pub module: AtomIx,
    pub function: AtomIx,
    pub arity: u8,
}

/// A function of this module, exported or local.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub function: AtomIx,
    pub arity: u8,
    pub label: u32,
}

/// An entry of the lambda table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lambda {
    pub function: AtomIx,
    /// Of the function that implements it: arguments, then free variables.
    pub arity: u8,
    pub label: u32,
    pub index: u32,
    pub num_free: u8,
    pub old_uniq: u32,
}

/// The header of the `Code` chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeHeader {
    pub opcode_max: u32,
    /// Labels are below this; 0 is none.
    pub label_count: u32,
    pub function_count: u32,
    /// The whole chunk.
    pub chunk: ByteRange,
    /// Where the instructions start within the chunk.
    pub first_op: u32,
}

/// A parsed file.
#[derive(Clone, Debug)]
pub struct BeamFile {
    /// The inflated file: what ranges refer to, unless said otherwise.
    pub bytes: Vec<u8>,
    pub chunks: Vec<Chunk>,
    atoms: AtomTable,
    pub code: CodeHeader,
    /// The string table.
    pub strings: ByteRange,
    pub imports: Vec<Import>,
    pub exports: Vec<Entry>,
    pub locals: Vec<Entry>,
    pub lambdas: Vec<Lambda>,
    /// The inflated literal table.
    literal_bytes: Vec<u8>,
    literals: Vec<ByteRange>,
    pub lines: Option<LineTable>,
    /// As `beam_lib:md5/1` gives it.
    pub md5: [u8; 16],
}

impl BeamFile {
    /// Parses a file, compressed or not.
    pub fn parse(file: &[u8], limits: &Limits) -> Result<BeamFile, LoadError> {
        let bytes = iff::inflated_file(file, limits.file_bytes)?;
        let chunks = iff::chunks(&bytes)?;
        let tables = Tables { bytes: &bytes, chunks: &chunks };
        let atoms = tables.atoms()?;
        let code = tables.code(limits)?;
        let counts = Counts { atoms: atoms.ends.len() as u32, labels: code.label_count };
        let imports = tables.imports(counts)?;
        let exports = tables.entries(b"ExpT", true, counts)?;
        let locals = tables.entries(b"LocT", false, counts)?;
        let lambdas = tables.lambdas(counts)?;
        let (literal_bytes, literals) = tables.literals(limits)?;
        let strings = tables.required(b"StrT")?;
        let lines = match tables.optional(b"Line") {
            Some(data) => LineTable::parse(&bytes, data, atoms.text(AtomIx::MODULE))?,
            None => None,
        };
        let md5 = fingerprint::md5(&bytes, &chunks);
        Ok(BeamFile {
            atoms,
            code,
            strings,
            imports,
            exports,
            locals,
            lambdas,
            literal_bytes,
            literals,
            lines,
            md5,
            chunks,
            bytes,
        })
    }

    /// The name of the module.
    pub fn module(&self) -> &str {
        self.atom(AtomIx::MODULE)
    }

    /// The text of an atom.
    pub fn atom(&self, atom: AtomIx) -> &str {
        self.atoms.text(atom)
    }

    /// The texts of all atoms, in the order of [`AtomIx::index`].
    pub fn atoms(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.atoms.ends.len()).map(|index| self.atoms.text(AtomIx(index as u32 + 1)))
    }

    /// The atom with this number in the file, if there is one.
    pub fn atom_ix(&self, number: u32) -> Option<AtomIx> {
        (1..=self.atoms.ends.len() as u32).contains(&number).then_some(AtomIx(number))
    }

    /// How many literals there are.
    pub fn literal_count(&self) -> usize {
        self.literals.len()
    }

    /// One literal in external term format, its version byte included.
    pub fn literal(&self, index: u32) -> &[u8] {
        self.literals[index as usize].of(&self.literal_bytes)
    }

    /// The data of a chunk, for those that are not decoded here (`Attr`, `CInf`, `Type`, `Meta`, `Dbgi`, `Docs`...).
    pub fn chunk(&self, id: &[u8; 4]) -> Option<&[u8]> {
        let tables = Tables { bytes: &self.bytes, chunks: &self.chunks };
        tables.optional(id).map(|data| data.of(&self.bytes))
    }
}

impl AtomTable {
    fn text(&self, atom: AtomIx) -> &str {
        let start = if atom.index() == 0 { 0 } else { self.ends[atom.index() - 1] };
        &self.text[start as usize..self.ends[atom.index()] as usize]
    }
}

#[derive(Clone, Copy)]
struct Counts {
    atoms: u32,
    labels: u32,
}

/// The chunks while they are being decoded.
struct Tables<'a> {
    bytes: &'a [u8],
    chunks: &'a [Chunk],
}

impl<'a> Tables<'a> {
    fn optional(&self, id: &[u8; 4]) -> Option<ByteRange> {
        self.chunks.iter().find(|chunk| chunk.id.0 == *id).map(|chunk| chunk.data)
    }

    fn required(&self, id: &[u8; 4]) -> Result<ByteRange, LoadError> {
        self.optional(id).ok_or(LoadError::MissingChunk { chunk: ChunkId(*id) })
    }

    fn reader(&self, id: &[u8; 4], data: ByteRange) -> Reader<'a> {
        Reader::new(self.bytes, data, ChunkId(*id))
    }

    fn atoms(&self) -> Result<AtomTable, LoadError> {
        match self.optional(b"AtU8") {
            Some(data) => utf8_atoms(self.reader(b"AtU8", data)),
            None => match self.optional(b"Atom") {
                Some(data) => latin1_atoms(self.reader(b"Atom", data)),
                None => Err(LoadError::MissingChunk { chunk: ChunkId(*b"AtU8") }),
            },
        }
    }

    fn code(&self, limits: &Limits) -> Result<CodeHeader, LoadError> {
        let chunk = self.required(b"Code")?;
        let mut reader = self.reader(b"Code", chunk);
        let at = reader.place();
        if chunk.len > limits.code_bytes {
            let (size, limit) = (u64::from(chunk.len), u64::from(limits.code_bytes));
            return Err(LoadError::TooLarge { at, what: "the code", size, limit });
        }
        let header_bytes = reader.count(1, "the code header")?;
        if header_bytes < 16 {
            let (needed, left) = (16, header_bytes as u64);
            return Err(LoadError::Truncated { at, what: "the code header", needed, left });
        }
        let first_op = reader.offset() + header_bytes as u32;
        if reader.u32("the instruction set")? != 0 {
            return Err(LoadError::Invalid { at, what: "the instruction set must be 0" });
        }
        let opcode_max = reader.u32("the highest opcode")?;
        let label_place = reader.place();
        let label_count = reader.u32("the label count")?;
        let function_count = reader.u32("the function count")?;
        // Labels number from 1 without large holes; each takes two bytes of code or more. The second bound
        // leaves hand-written assembly room and is small enough to allocate.
        let limit = chunk.len.max(1 << 16);
        if label_count > limit {
            let (size, limit) = (u64::from(label_count), u64::from(limit));
            return Err(LoadError::TooLarge { at: label_place, what: "the label count", size, limit });
        }
        Ok(CodeHeader { opcode_max, label_count, function_count, chunk, first_op })
    }

    fn imports(&self, counts: Counts) -> Result<Vec<Import>, LoadError> {
        let mut reader = self.reader(b"ImpT", self.required(b"ImpT")?);
        let count = reader.count(12, "the imports")?;
        let import = |_| {
            let module = counts.atom(&mut reader, "a module's atom")?;
            let function = counts.atom(&mut reader, "a function's atom")?;
            Ok(Import { module, function, arity: arity(&mut reader)? })
        };
        (0..count).map(import).collect()
    }

    fn entries(&self, id: &[u8; 4], required: bool, counts: Counts) -> Result<Vec<Entry>, LoadError> {
        let Some(data) = self.optional(id) else {
            let missing = LoadError::MissingChunk { chunk: ChunkId(*id) };
            return if required { Err(missing) } else { Ok(Vec::new()) };
        };
        let mut reader = self.reader(id, data);
        let count = reader.count(12, "the functions")?;
        let entry = |_| {
            let function = counts.atom(&mut reader, "a function's atom")?;
            let arity = arity(&mut reader)?;
            Ok(Entry { function, arity, label: counts.label(&mut reader)? })
        };
        (0..count).map(entry).collect()
    }

    fn lambdas(&self, counts: Counts) -> Result<Vec<Lambda>, LoadError> {
        let Some(data) = self.optional(b"FunT") else { return Ok(Vec::new()) };
        let mut reader = self.reader(b"FunT", data);
        let count = reader.count(24, "the lambdas")?;
        let lambda = |_| {
            let function = counts.atom(&mut reader, "a function's atom")?;
            let arity = arity(&mut reader)?;
            let label = counts.label(&mut reader)?;
            let index = reader.u32("a lambda's index")?;
            let at = reader.place();
            let num_free = reader.u32("the number of free variables")?;
            let old_uniq = reader.u32("a lambda's old uniq")?;
            if num_free > u32::from(arity) {
                return Err(LoadError::Invalid {
                    at,
                    what: "a lambda has more free variables than its function arguments",
                });
            }
            Ok(Lambda { function, arity, label, index, num_free: num_free as u8, old_uniq })
        };
        (0..count).map(lambda).collect()
    }

    /// The literal table: a size, then a zlib stream of that size inflated, or the table itself where the size is 0.
    fn literals(&self, limits: &Limits) -> Result<(Vec<u8>, Vec<ByteRange>), LoadError> {
        let Some(data) = self.optional(b"LitT") else { return Ok((Vec::new(), Vec::new())) };
        let mut reader = self.reader(b"LitT", data);
        let declared = reader.u32("the size of the literals")?;
        let at = reader.place();
        let stream = reader.take(reader.remaining(), "the literals")?;
        let bytes = match declared {
            0 => stream.to_vec(),
            _ => iff::inflated_zlib(stream, at, "the literal table", limits.literal_bytes)?,
        };
        if declared != 0 && bytes.len() as u64 != u64::from(declared) {
            let (declared, actual) = (u64::from(declared), bytes.len() as u64);
            return Err(LoadError::WrongSize { at, what: "the literal table's size", declared, actual });
        }
        let literals = literal_ranges(&bytes)?;
        Ok((bytes, literals))
    }
}

/// Offsets in errors are those of the inflated table.
fn literal_ranges(bytes: &[u8]) -> Result<Vec<ByteRange>, LoadError> {
    let whole = ByteRange { start: 0, len: bytes.len() as u32 };
    let mut reader = Reader::new(bytes, whole, ChunkId(*b"LitT"));
    let count = reader.count(5, "the literals")?;
    let literal = |_| {
        let len = reader.u32("a literal's size")? as usize;
        let at = reader.place();
        let range = reader.take_range(len, "a literal")?;
        match range.of(bytes).first() {
            Some(131) => Ok(range),
            _ => Err(LoadError::Invalid {
                at,
                what: "a literal must start with the external format's version, 131",
            }),
        }
    };
    (0..count).map(literal).collect()
}

impl Counts {
    fn atom(self, reader: &mut Reader<'_>, what: &'static str) -> Result<AtomIx, LoadError> {
        let at = reader.place();
        let number = reader.u32(what)?;
        if number == 0 || number > self.atoms {
            let (index, count) = (u64::from(number), u64::from(self.atoms));
            return Err(LoadError::OutOfRange { at, what: "atom", index, count });
        }
        Ok(AtomIx(number))
    }

    fn label(self, reader: &mut Reader<'_>) -> Result<u32, LoadError> {
        let at = reader.place();
        let label = reader.u32("a function's label")?;
        if label == 0 || label >= self.labels {
            let (index, count) = (u64::from(label), u64::from(self.labels));
            return Err(LoadError::OutOfRange { at, what: "label", index, count });
        }
        Ok(label)
    }
}

fn arity(reader: &mut Reader<'_>) -> Result<u8, LoadError> {
    let at = reader.place();
    let arity = reader.u32("an arity")?;
    if arity > MAX_ARITY {
        let (size, limit) = (u64::from(arity), u64::from(MAX_ARITY));
        return Err(LoadError::TooLarge { at, what: "the arity", size, limit });
    }
    Ok(arity as u8)
}

/// The `AtU8` chunk. A negative count (OTP 28 and later) means that lengths are compact numbers, not bytes.
fn utf8_atoms(mut reader: Reader<'_>) -> Result<AtomTable, LoadError> {
    let at = reader.place();
    let signed = reader.u32("the atom count")? as i32;
    let count = reader.check_count(u64::from(signed.unsigned_abs()), 1, "the atoms")?;
    let mut table = AtomTable::default();
    table.text.reserve(reader.remaining());
    table.ends.reserve(count);
    for _ in 0..count {
        let at = reader.place();
        let len = match signed {
            0.. => u32::from(reader.u8("an atom's length")?),
            _ => reader.unsigned("an atom's length")?,
        };
        let text = std::str::from_utf8(reader.take(len as usize, "an atom")?)
            .map_err(|_| LoadError::Invalid { at, what: "an atom's text is not UTF-8" })?;
        let chars = text.chars().count();
        if chars > MAX_ATOM_CHARS {
            let (size, limit) = (chars as u64, MAX_ATOM_CHARS as u64);
            return Err(LoadError::TooLarge { at, what: "an atom's length", size, limit });
        }
        table.text.push_str(text);
        table.ends.push(table.text.len() as u32);
    }
    named(table, at)
}

/// The `Atom` chunk: lengths are bytes, texts Latin-1.
fn latin1_atoms(mut reader: Reader<'_>) -> Result<AtomTable, LoadError> {
    let at = reader.place();
    let count = reader.count(1, "the atoms")?;
    let mut table = AtomTable::default();
    for _ in 0..count {
        let len = usize::from(reader.u8("an atom's length")?);
        let text = reader.take(len, "an atom")?;
        table.text.extend(text.iter().map(|&byte| char::from(byte)));
        table.ends.push(table.text.len() as u32);
    }
    named(table, at)
}

fn named(table: AtomTable, at: Place) -> Result<AtomTable, LoadError> {
    if table.ends.is_empty() {
        return Err(LoadError::Invalid { at, what: "the atom table is empty: the module has no name" });
    }
    Ok(table)
}
