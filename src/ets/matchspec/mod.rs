//! Match specifications: compiled once to a compact program, run on rows where they lie.
//!
//! A head is matched on a row's own words; guards and bodies take what they read from there, and a term is copied to
//! the caller's heap only where a function or the result needs it. Invariant: a row that does not match leaves the
//! caller's heap as it was; a compiled specification is immutable and holds no word of any heap.
//! Source: "Match Specifications in Erlang" in the ERTS User's Guide, for ETS; texts of errors, and what an
//! expression that fails is worth in a body (`'EXIT'`), from a live `erl` of OTP 25.
//! On purpose: the number of a variable goes up to 2^31 - 1.

mod expression;
mod functions;
mod head;
mod run;

use crate::heap::parcel::Parcel;
use crate::heap::read::View;
use crate::heap::{Heap, HeapFull};
use crate::term::{Atom, Word};
use expression::{Expression, expressions};
pub use head::Key;
use head::Pattern;
pub use run::Runner;

/// What is wrong with a specification, as texts for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadSpec(pub Vec<String>);

impl BadSpec {
    fn one(text: &str) -> BadSpec {
        BadSpec(vec![text.to_string()])
    }
}

/// A compiled specification.
#[derive(Clone, Debug)]
pub struct MatchSpec {
    clauses: Box<[Clause]>,
    /// A tuple of all constants that are no immediates.
    constants: Parcel,
}

#[derive(Clone, Debug)]
struct Clause {
    head: Box<[Pattern]>,
    /// The head itself.
    source: Constant,
    /// Places of the variables, by their numbers.
    by_number: Box<[u32]>,
    guards: Box<[Expression]>,
    body: Box<[Expression]>,
}

/// A term that the specification has.
#[derive(Clone, Copy, Debug)]
enum Constant {
    Immediate(Word),
    /// By its index.
    At(u32),
}

/// The number of the variable that an atom is: `'$0'`, `'$1'` and so on.
fn variable(atom: Atom) -> Option<u32> {
    let digits = atom.text().strip_prefix('$')?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    if plain { digits.parse().ok().filter(|&n| n <= i32::MAX as u32) } else { None }
}

/// Gathers what all clauses share.
struct Compiler<'a> {
    heap: &'a Heap,
    constants: Vec<Word>,
    errors: Vec<String>,
    /// Numbers of the clause's variables, by their places.
    variables: Vec<u32>,
}

impl Compiler<'_> {
    fn constant(&mut self, word: Word) -> Constant {
        if word.is_immediate() {
            return Constant::Immediate(word);
        }
        self.constants.push(word);
        Constant::At(self.constants.len() as u32 - 1)
    }

    fn place(&self, number: u32) -> Option<u32> {
        self.variables.iter().position(|&n| n == number).map(|i| i as u32)
    }

    fn clause(&mut self, [head, guards, body]: [Word; 3]) -> Option<Clause> {
        self.variables.clear();
        let patterns = match self.head(head) {
            Ok(patterns) => patterns,
            Err(text) => {
                self.errors.push(text.to_string());
                return None;
            }
        };
        let guards = if guards.is_nil() { Box::default() } else { expressions(self, guards) };
        let body = if body.is_list() {
            expressions(self, body)
        } else {
            self.errors.push("Body clause does not return anything.".to_string());
            Box::default()
        };
        let mut by_number: Vec<u32> = (0..self.variables.len() as u32).collect();
        by_number.sort_by_key(|&place| self.variables[place as usize]);
        let source = self.constant(head);
        Some(Clause { head: patterns, source, by_number: by_number.into(), guards, body })
    }
}

/// Head, guards and body of each clause.
fn parts(heap: &Heap, spec: Word) -> Result<Vec<[Word; 3]>, BadSpec> {
    if !spec.is_list() {
        return Err(BadSpec::one("Match programs are not in a list."));
    }
    let mut cells = heap.list(spec);
    let mut parts = Vec::new();
    for clause in cells.by_ref() {
        match heap.tuple(clause) {
            Some(&[head, guards, body]) => parts.push([Word(head), Word(guards), Word(body)]),
            _ => return Err(BadSpec::one("Match program part is not a tuple of arity 3.")),
        }
    }
    if cells.tail().is_nil() {
        Ok(parts)
    } else {
        Err(BadSpec::one("Match programs are not in a proper list."))
    }
}

impl MatchSpec {
    /// Compiles a term on a heap: a list of clauses that is not empty.
    pub fn compile(heap: &mut Heap, spec: Word) -> Result<Result<MatchSpec, BadSpec>, HeapFull> {
        let parts = match parts(heap, spec) {
            Ok(parts) => parts,
            Err(bad) => return Ok(Err(bad)),
        };
        let mut compiler =
            Compiler { heap, constants: Vec::new(), errors: Vec::new(), variables: Vec::new() };
        let mut clauses = Vec::with_capacity(parts.len());
        for part in parts {
            let clause = compiler.clause(part);
            // As in OTP, clauses behind a bad one are not looked at.
            if !compiler.errors.is_empty() {
                return Ok(Err(BadSpec(compiler.errors)));
            }
            clauses.extend(clause);
        }
        let constants = compiler.constants;
        let mark = heap.len();
        let tuple = heap.new_tuple(&constants)?;
        let constants = heap.parcel(tuple);
        heap.words.truncate(mark);
        Ok(Ok(MatchSpec { clauses: clauses.into(), constants: constants? }))
    }

    /// The specification of `ets:match/2`: for each object that matches a list of the variables' values. `None`
    /// where a key of a map in the pattern is a variable.
    pub fn of_pattern(heap: &mut Heap, pattern: Word) -> Result<Option<MatchSpec>, HeapFull> {
        MatchSpec::with_body(heap, pattern, Atom::known("$$"))
    }

    /// The specification of `ets:match_object/2`: each object that matches.
    pub fn of_object_pattern(heap: &mut Heap, pattern: Word) -> Result<Option<MatchSpec>, HeapFull> {
        MatchSpec::with_body(heap, pattern, Atom::known("$_"))
    }

    fn with_body(heap: &mut Heap, pattern: Word, body: Atom) -> Result<Option<MatchSpec>, HeapFull> {
        let mark = heap.len();
        let body = heap.new_list(&[Word::atom(body)], Word::NIL)?;
        let clause = heap.new_tuple(&[pattern, Word::NIL, body])?;
        let spec = heap.new_list(&[clause], Word::NIL)?;
        let compiled = MatchSpec::compile(heap, spec)?;
        heap.words.truncate(mark);
        Ok(compiled.ok())
    }
}

/// Whether a term, its parts included, has a variable or `'_'`, or a map, which may match larger ones.
fn is_open(heap: &Heap, term: Word) -> bool {
    let mut stack = vec![term];
    while let Some(word) = stack.pop() {
        match heap.view(word) {
            View::Atom(atom) if atom.text() == "_" || variable(atom).is_some() => return true,
            View::FlatMap { .. } | View::HashMap { .. } => return true,
            View::Cons(head, tail) => stack.extend([tail, head]),
            View::Tuple(elements) => stack.extend(elements.iter().map(|&w| Word(w))),
            _ => {}
        }
    }
    false
}
