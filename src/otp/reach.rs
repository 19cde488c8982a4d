//! Which functions a program could come to call, found by reading its code and not by running it.
//!
//! A function leads to those that it calls, to funs that it makes, and to exported functions of its own module whose
//! names it mentions, since that is how processes and callbacks are named. What is only named by data is not seen.
//! Invariant: each function is looked at once, in an order that the program alone decides.

use crate::bif;
use crate::code::beam::{AtomIx, Limits};
use crate::code::fun_table::KnownFuns;
use crate::code::generic::Function;
use crate::code::op::{Kind, Opcode};
use crate::code::{Arg, BeamFile, ExportId, GenericCode, Source};
use crate::heap::HeapFull;
use crate::heap::parcel::Parcel;
use crate::term::{Atom, Word, etf, show};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Module, function and arity, as text.
pub type Name = (String, String, u32);

/// Names for all nodes. Behaviours reach it by `{global, Name}` alone.
pub(super) const GLOBAL: &str = "global";

/// Characters of a claim's name.
const NAME_CHARS: usize = 200;

/// Native functions that the program that begins in this module could reach and that there are none of, each with
/// who calls it, by name. Of the program's own modules all exported functions count: behaviours call them by data.
pub fn missing_natives(source: &dyn Source, entry: Atom) -> BTreeMap<Name, Name> {
    let mut missing = BTreeMap::new();
    let mut whole = BTreeSet::new();
    let mut walk = Walk::new(source);
    walk.enter_module(entry.text());
    while let Some((name, caller)) = walk.next() {
        if source.is_program(&name.0) && whole.insert(name.0.clone()) {
            walk.enter_module(&name.0);
        }
        let native = !is_native(&name) && walk.enter(&name) == Entered::Native;
        if native || is_undefined_builtin(&mut walk, &name) {
            missing.entry(name).or_insert(caller);
        }
    }
    missing
}

/// Calls of `warpbeam:sometimes/2` and `reachable/1` that the program could reach, with the names that they give where
/// these are written there, as a story shows them. Whether a place is never reached can only be said of such a one.
/// The module that it begins in may have more than one beginning, so all of its functions count only if it is a behaviour's.
pub fn claims(source: &dyn Source, entry: &Name) -> BTreeSet<(&'static str, String)> {
    let mut found = BTreeSet::new();
    let mut whole = BTreeSet::from([entry.0.clone()]);
    let mut walk = Walk::new(source);
    let init = (entry.0.clone(), "init".to_string(), 1);
    if walk.code_of(&entry.0).is_some_and(|parsed| parsed.function(&init).is_some()) {
        walk.enter_module(&entry.0);
    }
    walk.lead_to(entry.clone(), entry);
    while let Some((name, _)) = walk.next() {
        if source.is_program(&name.0) && whole.insert(name.0.clone()) {
            walk.enter_module(&name.0);
        }
        if source.is_program(&name.0) && walk.enter(&name) == Entered::Code {
            let parsed = walk.code_of(&name.0).expect("it was entered");
            found.extend(parsed.function(&name).into_iter().flat_map(|at| parsed.claims(at)));
        }
    }
    found
}

fn is_native((module, function, arity): &Name) -> bool {
    // The table gives the names of its rows their numbers: before it is made, `existing` finds none of them.
    let _table = bif::exports();
    let (Some(module), Some(function)) = (Atom::existing(module), Atom::existing(function)) else {
        return false;
    };
    ExportId::existing(module, function, *arity).and_then(bif::lookup).is_some()
}

/// A function of a module of OTP's emulator that there is no code of.
fn is_undefined_builtin(walk: &mut Walk<'_>, name: &Name) -> bool {
    let emulator = matches!(&*name.0, "erlang" | "erts_internal" | "erts_debug" | "prim_file");
    emulator && !is_native(name) && walk.code_of(&name.0).is_none()
}

/// What looking at a function came to.
#[derive(PartialEq, Eq)]
pub(super) enum Entered {
    Code,
    /// It is written in the emulator: its code only says that it is not there.
    Native,
    Nothing,
}

pub(super) struct Parsed {
    file: BeamFile,
    code: GenericCode,
}

pub(super) struct Walk<'s> {
    source: &'s dyn Source,
    modules: BTreeMap<String, Option<Parsed>>,
    seen: BTreeSet<Name>,
    pending: Vec<(Name, Name)>,
}

impl Walk<'_> {
    pub(super) fn new(source: &dyn Source) -> Walk<'_> {
        Walk { source, modules: BTreeMap::new(), seen: BTreeSet::new(), pending: Vec::new() }
    }

    /// The next function to look at, and who led to it.
    pub(super) fn next(&mut self) -> Option<(Name, Name)> {
        self.pending.pop()
    }

    fn lead_to(&mut self, name: Name, from: &Name) {
        if self.seen.insert(name.clone()) {
            self.pending.push((name, from.clone()));
        }
    }

    pub(super) fn code_of(&mut self, module: &str) -> Option<&Parsed> {
        let source = self.source;
        let parsed = self.modules.entry(module.to_string()).or_insert_with(|| {
            let bytes = source.find(module)?.ok()?;
            let file = BeamFile::parse(&bytes, &Limits::default()).ok()?;
            let code = GenericCode::decode(&file).ok()?;
            Some(Parsed { file, code })
        });
        parsed.as_ref()
    }

    /// Looks at all exported functions of a module.
    pub(super) fn enter_module(&mut self, module: &str) {
        let Some(parsed) = self.code_of(module) else { return };
        let own = |entry: &crate::code::beam::Entry| {
            (module.to_string(), parsed.file.atom(entry.function).to_string(), u32::from(entry.arity))
        };
        let names: Vec<Name> = parsed.file.exports.iter().map(own).collect();
        for name in names {
            self.lead_to(name.clone(), &name);
        }
    }

    /// Looks at a function: what it leads to is to be looked at too.
    pub(super) fn enter(&mut self, name: &Name) -> Entered {
        let Some(parsed) = self.code_of(&name.0) else { return Entered::Nothing };
        let Some(at) = parsed.function(name) else { return Entered::Nothing };
        let led = parsed.leads(at);
        let native = led.iter().any(|(module, function, _)| module == "erlang" && function == "nif_error");
        for next in led {
            self.lead_to(next, name);
        }
        if native { Entered::Native } else { Entered::Code }
    }
}

impl Parsed {
    fn function(&self, (_, function, arity): &Name) -> Option<usize> {
        let is = |f: &Function| u32::from(f.arity) == *arity && self.file.atom(f.name) == function;
        self.code.functions.iter().position(is)
    }

    /// Whether a function makes `{global, Name}`, or has it as a literal.
    pub(super) fn names_globally(&self, name: &Name) -> bool {
        let is_global = |arg: &Arg| matches!(arg, &Arg::Atom(atom) if self.file.atom(atom) == GLOBAL);
        self.function(name).is_some_and(|function| {
            self.stretch(function).any(|at| {
                let args = self.code.all_args(at);
                // A register, and a list, whose elements come behind.
                let is_made = self.code.ops[at].op == Opcode::PutTuple2
                    && matches!(args, [_, _, first, _] if is_global(first));
                let is_literal = |arg: &Arg| matches!(arg, &Arg::Lit(literal) if has_global_pair(self.file.literal(literal)));
                is_made || args.iter().any(is_literal)
            })
        })
    }

    fn name(&self, module: AtomIx, function: AtomIx, arity: u8) -> Name {
        (self.file.atom(module).to_string(), self.file.atom(function).to_string(), u32::from(arity))
    }

    /// The claims of campaigns that a function makes under a name that is written there.
    fn claims(&self, function: usize) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        for at in self.stretch(function) {
            let op = &self.code.ops[at];
            if !matches!(op.op, Opcode::CallExt | Opcode::CallExtOnly | Opcode::CallExtLast) {
                continue;
            }
            let Some(&Arg::Literal(import)) = self.code.args(op.args).get(1) else { continue };
            let import = self.file.imports[import as usize];
            let (module, function, arity) = self.name(import.module, import.function, import.arity);
            let claim = match (&*module, &*function, arity) {
                ("warpbeam", "sometimes", 2) => "sometimes",
                ("warpbeam", "reachable", 1) => "reachable",
                _ => continue,
            };
            let name = self.loaded(at, arity as u16 - 1);
            found.extend(name.and_then(|arg| self.shown(arg)).map(|name| (claim, name)));
        }
        found
    }

    /// What is put into an X register before an operation, if that is a move without a branch between.
    fn loaded(&self, at: usize, register: u16) -> Option<Arg> {
        for op in self.code.ops[..at].iter().rev() {
            let args = self.code.args(op.args);
            match (op.op, args) {
                (Opcode::Move, &[value, Arg::X(to)]) if to == register => return Some(value),
                (Opcode::Move | Opcode::Line, _) => {}
                (Opcode::Allocate | Opcode::TestHeap | Opcode::Trim | Opcode::Deallocate, _) => {}
                // A condition of the claim.
                (Opcode::Bif1 | Opcode::Bif2 | Opcode::GcBif1 | Opcode::GcBif2, _)
                    if !args.contains(&Arg::X(register)) => {}
                _ => return None,
            }
        }
        None
    }

    /// An operand that is a value, as text.
    fn shown(&self, arg: Arg) -> Option<String> {
        let parcel = match arg {
            Arg::Atom(atom) => Parcel::immediate(Word::atom(Atom::new(self.file.atom(atom)).ok()?)),
            Arg::Integer(value) => return Some(value.to_string()),
            Arg::Lit(literal) => {
                let (bytes, options) = (self.file.literal(literal), etf::DecodeOptions::default());
                let decode = |heap: &mut _| etf::decode(heap, bytes, options, &mut KnownFuns);
                Parcel::build(|heap| decode(heap).map(|decoded| decoded.term).map_err(|_| HeapFull)).ok()?
            }
            _ => return None,
        };
        let (heap, word) = parcel.unpack(&Arc::default());
        Some(show::show_named(&heap, word, NAME_CHARS, &|_| None))
    }

    /// The operations of a function.
    fn stretch(&self, function: usize) -> std::ops::Range<usize> {
        let first = self.code.functions[function].func_info as usize + 1;
        let end = self.code.functions.get(function + 1).map_or(self.code.ops.len(), |f| f.func_info as usize);
        first..end
    }

    /// What a function leads to.
    fn leads(&self, function: usize) -> Vec<Name> {
        let mut found = Vec::new();
        for at in self.stretch(function) {
            let op = &self.code.ops[at];
            for (kind, arg) in op.op.signature().iter().zip(self.code.args(op.args)) {
                match (kind, *arg) {
                    (Kind::Import, Arg::Literal(index)) => {
                        let import = self.file.imports[index as usize];
                        found.push(self.name(import.module, import.function, import.arity));
                    }
                    (Kind::Lambda, Arg::Literal(index)) => {
                        let lambda = self.file.lambdas[index as usize];
                        found.push(self.name(AtomIx::MODULE, lambda.function, lambda.arity));
                    }
                    (_, Arg::Label(label)) => {
                        let called = self.code.function_at(label);
                        found.extend(called.map(|f| self.name(AtomIx::MODULE, f.name, f.arity)));
                    }
                    _ => {}
                }
            }
            for arg in self.code.all_args(at) {
                match *arg {
                    Arg::Atom(atom) => {
                        let named = self.file.exports.iter().filter(|e| e.function == atom);
                        found.extend(named.map(|e| self.name(AtomIx::MODULE, e.function, e.arity)));
                    }
                    Arg::Lit(literal) => found.extend(external_fun(self.file.literal(literal))),
                    _ => {}
                }
            }
        }
        found
    }
}

/// Whether the bytes of a literal have a pair of `global` and something.
fn has_global_pair(literal: &[u8]) -> bool {
    // SMALL_TUPLE_EXT of two, SMALL_ATOM_UTF8_EXT of six bytes.
    const PAIR: &[u8] = b"\x68\x02\x77\x06global";
    literal.windows(PAIR.len()).any(|bytes| bytes == PAIR)
}

/// The function of a literal `fun Module:Function/Arity`. Source: EXPORT_EXT of the External Term Format.
fn external_fun(literal: &[u8]) -> Option<Name> {
    const VERSION: u8 = 131;
    const EXPORT: u8 = 113;
    const SMALL_ATOM_UTF8: u8 = 119;
    const SMALL_INTEGER: u8 = 97;
    let atom = |bytes: &'_ [u8]| -> Option<(String, usize)> {
        let &[SMALL_ATOM_UTF8, length, ref rest @ ..] = bytes else { return None };
        let text = std::str::from_utf8(rest.get(..usize::from(length))?).ok()?;
        Some((text.to_string(), 2 + usize::from(length)))
    };
    let rest = literal.strip_prefix(&[VERSION, EXPORT])?;
    let (module, used) = atom(rest)?;
    let (function, more) = atom(&rest[used..])?;
    match rest[used + more..] {
        [SMALL_INTEGER, arity] => Some((module, function, u32::from(arity))),
        _ => None,
    }
}
