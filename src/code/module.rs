//! A loaded module: immutable internal code and its tables, shared by all worlds.

use super::export::{ExportId, FunId};
use super::instr::Instr;
use crate::heap::literal::Segment;
use crate::term::Atom;
use std::sync::Arc;

/// A place in loaded code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct CodePtr {
    /// Index into the code view's modules.
    pub module: u32,
    pub pc: u32,
}

impl CodePtr {
    /// The continuation of a process's outermost function: returning there ends the process.
    pub const OUTERMOST: CodePtr = CodePtr { module: (1 << 30) - 1, pc: 0 };

    /// As a word for the stack: header tag, so the collector passes over it.
    #[inline]
    pub const fn word(self) -> u64 {
        ((self.module as u64) << 34) | ((self.pc as u64) << 2)
    }

    #[inline]
    pub const fn of_word(word: u64) -> CodePtr {
        CodePtr { module: (word >> 34) as u32, pc: (word >> 2) as u32 }
    }
}

/// Where a function starts in its module's code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FunctionEntry {
    pub name: Atom,
    pub arity: u32,
    /// The `func_info` instruction; the function's code follows it up to the next entry.
    pub info_pc: u32,
    pub entry_pc: u32,
}

/// A source position.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line {
    pub file: u32,
    pub line: u32,
}

/// A lambda of the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LambdaEntry {
    pub id: FunId,
    pub entry_pc: u32,
    pub arity: u32,
    pub free: u32,
}

#[derive(Debug)]
pub struct Module {
    pub name: Atom,
    pub md5: [u8; 16],
    /// Its constants' segment number, the same in every view of its code server.
    pub segment_number: u32,
    pub segment: Arc<Segment>,
    pub code: Box<[Instr]>,
    /// Constants that operands refer to: immediates and literal pointers.
    pub constants: Box<[u64]>,
    /// Operand lists: encoded operands, labels, counts, as each instruction says.
    pub extra: Box<[u32]>,
    /// The string table of bit syntax.
    pub strings: Box<[u8]>,
    /// By `info_pc`.
    pub functions: Box<[FunctionEntry]>,
    pub exports: Box<[(ExportId, u32)]>,
    pub lambdas: Box<[LambdaEntry]>,
    /// `(first pc, line)`, ascending: the position of calls and failing instructions.
    pub lines: Box<[(u32, Line)]>,
    pub files: Box<[Box<str>]>,
    /// Where the `on_load` function starts.
    pub on_load: Option<u32>,
    /// External term format of the `Attr` and `CInf` chunks.
    pub attributes: Box<[u8]>,
    pub compile_info: Box<[u8]>,
}

impl Module {
    /// The function that an instruction belongs to.
    pub fn function_at(&self, pc: u32) -> Option<&FunctionEntry> {
        let next = self.functions.partition_point(|f| f.info_pc <= pc);
        next.checked_sub(1).map(|i| &self.functions[i])
    }

    /// The source position of an instruction.
    pub fn line_at(&self, pc: u32) -> Option<(&str, u32)> {
        let function = self.function_at(pc)?;
        let next = self.lines.partition_point(|(first, _)| *first <= pc);
        let (first, line) = self.lines[..next].last()?;
        (*first >= function.info_pc && line.line != 0).then(|| (&*self.files[line.file as usize], line.line))
    }

    /// The entry of an exported or local function.
    pub fn function(&self, name: Atom, arity: u32) -> Option<&FunctionEntry> {
        self.functions.iter().find(|f| f.name == name && f.arity == arity)
    }
}
