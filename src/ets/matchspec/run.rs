//! Running a specification on rows, and on terms of a heap.
//!
//! Invariant: words of the row and of the heap lie side by side on the stack ([`Beside`] reads both); what goes into
//! a new object or to a native function is copied to the heap first.

use super::expression::Step;
use super::functions::{Function, truth};
use super::{Clause, Key, MatchSpec};
use crate::bif::{Body, Raise, native};
use crate::ets::row::{Beside, Row};
use crate::heap::mutator::{Mutator, Term};
use crate::heap::parcel::Parcel;
use crate::heap::{Heap, HeapFull};
use crate::term::{Atom, Word, map};

/// A specification with its constants on a heap. It must not outlive the native call that made it.
#[derive(Debug)]
pub struct Runner<'s> {
    spec: &'s MatchSpec,
    constants: Vec<Word>,
    /// The caller's pid.
    own: Word,
    bound: Vec<Word>,
    stack: Vec<Word>,
    /// Stands beside the heap where a term of the heap itself is matched.
    no_row: Row,
}

/// What stops the evaluation of an expression.
enum Stop {
    /// A guard has failed.
    Failed,
    Full,
}

impl From<HeapFull> for Stop {
    fn from(_: HeapFull) -> Stop {
        Stop::Full
    }
}

impl MatchSpec {
    /// Makes it ready to run for a process.
    pub fn on(&self, heap: &mut Heap, own: Word) -> Result<Runner<'_>, HeapFull> {
        let tuple = heap.absorb(&self.constants)?;
        let constants =
            heap.tuple(tuple).expect("the constants are a tuple").iter().map(|&w| Word(w)).collect();
        let no_row = Row::from_parcel(Parcel::immediate(Word::NIL));
        Ok(Runner { spec: self, constants, own, bound: Vec::new(), stack: Vec::new(), no_row })
    }
}

impl Runner<'_> {
    /// The result for a row, on the heap; `None` where no clause matches.
    pub fn row(&mut self, heap: &mut Heap, row: &Row) -> Result<Option<Word>, HeapFull> {
        self.run(heap, row, row.root())
    }

    /// The result for a term of the heap.
    pub fn term(&mut self, heap: &mut Heap, term: Word) -> Result<Option<Word>, HeapFull> {
        let row = self.no_row.clone();
        self.run(heap, &row, term)
    }

    /// Whether the result for a row is `true`. Leaves the heap as it was.
    pub fn is_true(&mut self, heap: &mut Heap, row: &Row) -> Result<bool, HeapFull> {
        let mark = heap.len();
        let result = self.run(heap, row, row.root())?;
        heap.words.truncate(mark);
        Ok(result == Some(Word::TRUE))
    }

    /// What the clauses say of an object's key, which tables have at this position, from 1.
    pub fn keys(&self, heap: &Heap, position: usize) -> impl Iterator<Item = Key> {
        self.spec.clauses.iter().map(move |clause| clause.key(heap, &self.constants, position))
    }

    fn run(&mut self, heap: &mut Heap, row: &Row, subject: Word) -> Result<Option<Word>, HeapFull> {
        let spec = self.spec;
        let mark = heap.len();
        for clause in &spec.clauses {
            self.stack.clear();
            self.stack.push(subject);
            let space = Beside { row, heap };
            if !clause.matches(&space, &self.constants, &mut self.stack, &mut self.bound) {
                continue;
            }
            let mut evaluation = Evaluation { runner: self, clause, row, subject, heap };
            match evaluation.clause() {
                Ok(result) => return Ok(Some(result)),
                Err(Stop::Failed) => heap.words.truncate(mark),
                Err(Stop::Full) => {
                    heap.words.truncate(mark);
                    return Err(HeapFull);
                }
            }
        }
        Ok(None)
    }
}

/// A clause at work on one row.
struct Evaluation<'a, 's> {
    runner: &'a mut Runner<'s>,
    clause: &'a Clause,
    row: &'a Row,
    subject: Word,
    heap: &'a mut Heap,
}

impl Evaluation<'_, '_> {
    /// Guards, and the value of the body's last expression.
    fn clause(&mut self) -> Result<Word, Stop> {
        let clause = self.clause;
        for guard in &clause.guards {
            if self.value(guard, false)? != Word::TRUE {
                return Err(Stop::Failed);
            }
        }
        // Expressions before the last have no effects.
        let last = clause.body.last().expect("a body has an expression");
        let value = self.value(last, true)?;
        Ok(self.home(value)?)
    }

    /// The word on the heap.
    fn home(&mut self, word: Word) -> Result<Word, HeapFull> {
        if !word.is_pointer() || word.row_index().is_none() {
            return Ok(word);
        }
        if word == self.row.root() { self.row.copy(self.heap) } else { self.row.copy_part(word, self.heap) }
    }

    /// Takes `count` words from the stack, the last one first, to the heap.
    fn take(&mut self, count: usize) -> Result<Vec<Word>, HeapFull> {
        let from = self.runner.stack.len() - count;
        let mut words: Vec<Word> = self.runner.stack.drain(from..).rev().collect();
        for word in &mut words {
            *word = self.home(*word)?;
        }
        Ok(words)
    }

    /// In a body what fails is worth `'EXIT'`.
    fn value(&mut self, steps: &[Step], in_body: bool) -> Result<Word, Stop> {
        self.runner.stack.clear();
        let mut at = 0;
        while let Some(&step) = steps.get(at) {
            at += 1;
            let value = match step {
                Step::AndAlso(target) | Step::OrElse(target) => {
                    let stays = matches!(step, Step::OrElse(_));
                    let top = *self.runner.stack.last().expect("a step finds its operands");
                    match truth(top) {
                        Some(value) if value != stays => {
                            self.runner.stack.pop();
                            continue;
                        }
                        Some(_) => {
                            at = target as usize;
                            continue;
                        }
                        None => {
                            self.runner.stack.pop();
                            at = target as usize;
                            None
                        }
                    }
                }
                _ => self.step(step)?,
            };
            match value {
                Some(value) => self.runner.stack.push(value),
                None if in_body => self.runner.stack.push(Word::atom(Atom::EXIT)),
                None => return Err(Stop::Failed),
            }
        }
        Ok(self.runner.stack.pop().expect("an expression leaves a value"))
    }

    /// The value of a step; `None` where it fails.
    fn step(&mut self, step: Step) -> Result<Option<Word>, HeapFull> {
        Ok(Some(match step {
            Step::Constant(constant) => constant.of(&self.runner.constants),
            Step::Variable(place) => self.runner.bound[place as usize],
            Step::Object => self.subject,
            Step::Own => self.runner.own,
            Step::Variables => {
                let mut list = Word::NIL;
                for &place in self.clause.by_number.iter().rev() {
                    let value = self.home(self.runner.bound[place as usize])?;
                    list = self.heap.cons(value, list)?;
                }
                list
            }
            Step::Call(function) => return self.call(function),
            Step::Tuple(size) => {
                let elements = self.take(size as usize)?;
                self.heap.new_tuple(&elements)?
            }
            Step::Cons => {
                let cell = self.take(2)?;
                self.heap.cons(cell[1], cell[0])?
            }
            Step::Map(size) => {
                let words = self.take(2 * size as usize)?;
                let (keys, values) = words.split_at(size as usize);
                let pairs: Vec<(Word, Word)> = keys.iter().copied().zip(values.iter().copied()).collect();
                map::from_pairs(self.heap, &pairs)?
            }
            Step::And(count) => return Ok(self.all(count, true)),
            Step::Or(count) => return Ok(self.all(count, false)),
            Step::AndAlso(_) | Step::OrElse(_) => panic!("a step that jumps gives no value"),
        }))
    }

    /// `and` of the last values where `unit` is true, `or` where it is false.
    fn all(&mut self, count: u32, unit: bool) -> Option<Word> {
        let from = self.runner.stack.len() - count as usize;
        let values: Option<Vec<bool>> = self.runner.stack.drain(from..).map(truth).collect();
        let same = values?.into_iter().all(|value| value == unit);
        Some(Word::boolean(same == unit))
    }

    fn call(&mut self, function: Function) -> Result<Option<Word>, HeapFull> {
        match function {
            Function::Look(look, arity) => {
                let from = self.runner.stack.len() - usize::from(arity);
                let mut args = [Word::NIL; 3];
                for (slot, word) in args.iter_mut().zip(self.runner.stack.drain(from..).rev()) {
                    *slot = word;
                }
                let space = Beside { row: self.row, heap: self.heap };
                Ok(look.at(&space, &args[..usize::from(arity)]))
            }
            Function::Native(ix, arity) => {
                let args: Vec<Term<'_>> = self.take(usize::from(arity))?.into_iter().map(Term::of).collect();
                let Body::Guard(function) = native(ix).body else { panic!("a guard's function is pure") };
                match function(&mut Mutator::new(self.heap), &args) {
                    Ok(value) => Ok(Some(value.word())),
                    Err(Raise::HeapFull) => Err(HeapFull),
                    Err(_) => Ok(None),
                }
            }
        }
    }
}
