//! From checked generic instructions to the internal form.
//!
//! One pass emits instructions ([`ops`], [`bits`]), fusing each with what stands before it where no label
//! comes between ([`fuse`]); a second resolves labels. Constants go to the module's literal segment.
//!
//! Invariant: every index in the result is within its table.

mod bits;
mod constants;
mod fuse;
mod labels;
mod ops;
mod select;
mod stubs;

use super::beam::{BeamFile, Limits};
use super::export::{ExportId, FunId, FunKey};
use super::generic::{Arg, ArgRange, Function, GenericCode};
use super::instr::{At, Dst, Instr, NO_LABEL, Pc, Src};
use super::module::{FunctionEntry, LambdaEntry, Line, Module};
use super::{AtomIx, LoadError, verify};
use crate::term::{Atom, Word};
use constants::Constants;
use std::sync::Arc;

/// Loads a module from the bytes of its file; its constants become literal segment `segment_number`.
pub fn load(bytes: &[u8], segment_number: u32) -> Result<Module, LoadError> {
    let file = BeamFile::parse(bytes, &Limits::default())?;
    let generic = GenericCode::decode(&file)?;
    let unproven = verify::verify(&file, &generic)?;
    let mut builder = Builder::new(&file, &generic, segment_number)?;
    // By instruction: whether it is to look first.
    let mut looks = vec![false; generic.ops.len()];
    for index in unproven {
        looks[index as usize] = true;
    }
    let stubs = builder.stubs();
    let mut index = 0;
    while index < generic.ops.len() {
        match stubs.binary_search_by_key(&index, |stub| stub.first) {
            Ok(at) => {
                builder.emit_stub(stubs[at]);
                index = stubs[at].last;
            }
            Err(_) => {
                builder.look_first = looks[index];
                builder.op(index)?;
            }
        }
        index += 1;
    }
    builder.finish()
}

struct Builder<'f> {
    file: &'f BeamFile,
    generic: &'f GenericCode,
    atoms: Vec<Atom>,
    imports: Vec<ExportId>,
    constants: Constants,
    code: Vec<Instr>,
    extra: Vec<u32>,
    /// Places in `extra` that hold labels until they are resolved.
    extra_labels: Vec<u32>,
    /// Pc by label, [`NO_LABEL`] while unknown.
    label_pc: Vec<Pc>,
    functions: Vec<FunctionEntry>,
    lines: Vec<(u32, Line)>,
    pending_line: Option<Line>,
    on_load: Option<u32>,
    /// The instruction is not known to be safe as it is: see [`verify`].
    look_first: bool,
    /// Whether some instruction goes to [`Builder::trap`].
    has_trap: bool,
    /// The functions that it would load are there.
    on_load_is_moot: bool,
    /// Instructions before it may be jumped over: nothing fuses across.
    fence: usize,
}

impl<'f> Builder<'f> {
    fn new(file: &'f BeamFile, generic: &'f GenericCode, segment_number: u32) -> Result<Self, LoadError> {
        let full = LoadError::Invalid { at: super::error::Place::in_file(0), what: "the atom table is full" };
        let atoms: Vec<Atom> = file.atoms().map(Atom::new).collect::<Result<_, _>>().map_err(|_| full)?;
        let atom = |ix: AtomIx| atoms[ix.index()];
        let imports = file
            .imports
            .iter()
            .map(|i| ExportId::new(atom(i.module), atom(i.function), u32::from(i.arity)))
            .collect();
        Ok(Builder {
            file,
            generic,
            imports,
            constants: Constants::new(segment_number),
            code: Vec::with_capacity(generic.ops.len()),
            extra: Vec::new(),
            extra_labels: Vec::new(),
            label_pc: vec![NO_LABEL; file.code.label_count as usize + 1],
            functions: Vec::new(),
            lines: Vec::new(),
            pending_line: None,
            on_load: None,
            look_first: false,
            has_trap: false,
            on_load_is_moot: false,
            fence: 0,
            atoms,
        })
    }

    /// A label behind all others: `{badmatch, badarg}`, for what no compiler lets happen and no label was given for.
    fn trap(&mut self) -> Pc {
        self.has_trap = true;
        self.file.code.label_count
    }

    fn atom(&self, ix: AtomIx) -> Atom {
        self.atoms[ix.index()]
    }

    /// Appends an instruction, fused with those before it where that is possible.
    fn emit(&mut self, instr: Instr) {
        if !self.fuse(instr) {
            self.code.push(instr);
        }
        if let Some(line) = self.pending_line.take() {
            let pc = self.code.len() as u32 - 1;
            match self.lines.last_mut() {
                Some(last) if last.0 == pc => last.1 = line,
                _ => self.lines.push((pc, line)),
            }
        }
    }

    /// Appends a list to `extra`; its place.
    fn list(&mut self, words: &[u32]) -> At {
        let at = self.extra.len() as At;
        self.extra.extend_from_slice(words);
        at
    }

    fn src(&mut self, arg: Arg) -> Result<Src, LoadError> {
        Ok(match arg {
            Arg::X(n) => Src::x(n),
            Arg::Y(n) => Src::y(n),
            other => Src::constant(self.constants.of_arg(other, self.file, &self.atoms)?),
        })
    }

    fn dst(&self, arg: Arg) -> Dst {
        match arg {
            Arg::X(n) => Dst::x(n),
            Arg::Y(n) => Dst::y(n),
            other => panic!("the operand check lets registers pass alone: {other:?}"),
        }
    }

    /// The elements of a list operand.
    fn elements(&self, arg: Arg) -> &'f [Arg] {
        match arg {
            Arg::List(range) => self.generic.args(range),
            other => panic!("the operand check lets a list pass alone: {other:?}"),
        }
    }

    /// `[count, operand...]` in `extra`.
    fn src_list(&mut self, args: &[Arg]) -> Result<At, LoadError> {
        let mut words = vec![args.len() as u32];
        for &arg in args {
            words.push(self.src(arg)?.0);
        }
        Ok(self.list(&words))
    }

    fn args(&self, range: ArgRange) -> &'f [Arg] {
        self.generic.args(range)
    }

    fn finish(mut self) -> Result<Module, LoadError> {
        if self.has_trap {
            let trap = self.trap();
            self.label_pc[trap as usize] = self.code.len() as Pc;
            let value = Src::constant(self.constants.of_word(Word::atom(Atom::BADARG)));
            self.code.push(Instr::BadMatch { value });
        }
        self.code.push(Instr::End);
        self.resolve_labels();
        let file = self.file;
        let name = self.atom(AtomIx::MODULE);
        let exports = file
            .exports
            .iter()
            .map(|e| {
                let id = ExportId::new(name, self.atom(e.function), u32::from(e.arity));
                (id, self.label_pc[e.label as usize])
            })
            .collect();
        let lambdas = file
            .lambdas
            .iter()
            .map(|l| {
                let (arity, free) = (u32::from(l.arity) - u32::from(l.num_free), u32::from(l.num_free));
                let key = FunKey {
                    module: name,
                    index: l.index,
                    uniq: l.old_uniq,
                    md5: file.md5,
                    arity,
                    free,
                    function: self.atom(l.function),
                };
                LambdaEntry { id: FunId::new(key), entry_pc: self.label_pc[l.label as usize], arity, free }
            })
            .collect();
        let (constants, segment_number, segment) = self.constants.finish();
        let files = match &file.lines {
            Some(lines) => lines.files.iter().map(|f| f.as_str().into()).collect(),
            None => Box::default(),
        };
        Ok(Module {
            name,
            md5: file.md5,
            segment_number,
            segment: Arc::new(segment),
            code: self.code.into(),
            constants,
            extra: self.extra.into(),
            strings: file.strings.of(&file.bytes).into(),
            functions: self.functions.into(),
            exports,
            lambdas,
            lines: self.lines.into(),
            files,
            on_load: self.on_load.filter(|_| !self.on_load_is_moot),
            attributes: file.chunk(b"Attr").unwrap_or_default().into(),
            compile_info: file.chunk(b"CInf").unwrap_or_default().into(),
        })
    }

    /// A function begins.
    fn function(&mut self, function: &Function) {
        let info_pc = self.code.len() as u32;
        self.functions.push(FunctionEntry {
            name: self.atom(function.name),
            arity: u32::from(function.arity),
            info_pc,
            entry_pc: info_pc + 1,
        });
    }
}
