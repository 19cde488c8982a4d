//! Heads: patterns in the order in which a walk meets the parts of a term.
//!
//! Invariant: each pattern takes one word from the stack of what is still to be matched and puts its parts there,
//! the first on top. Numbers match exactly. Source: as for the whole; a pattern that is a map matches maps that have
//! at least its keys.

use super::{Clause, Compiler, Constant, is_open, variable};
use crate::ets::row::Beside;
use crate::heap::Heap;
use crate::heap::read::View;
use crate::heap::space::Space;
use crate::term::map::{self, Entries};
use crate::term::order::equal_exact;
use crate::term::word::Kind;
use crate::term::{Atom, Word};

#[derive(Clone, Debug)]
pub(super) enum Pattern {
    Any,
    /// The first place of a variable.
    Bind,
    /// Another place of the variable that was bound as this one.
    Same(u32),
    Constant(Constant),
    /// The bits of a float: 0.0 does not match -0.0 here, as in OTP 25.
    Float(u64),
    /// Of so many elements.
    Tuple(u32),
    Cons,
    /// With these keys at least.
    Map(Box<[Constant]>),
}

/// What a head says of an object's key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Key {
    /// Nothing.
    Any,
    /// No object of a table matches.
    Never,
    /// It compares equal to this term.
    Bound(Word),
}

impl Compiler<'_> {
    pub(super) fn head(&mut self, head: Word) -> Result<Box<[Pattern]>, &'static str> {
        let heap = self.heap;
        let mut patterns = Vec::new();
        let mut stack = vec![head];
        while let Some(word) = stack.pop() {
            let pattern = match heap.view(word) {
                View::Atom(atom) => self.atom_pattern(atom),
                View::Tuple(elements) => {
                    stack.extend(elements.iter().rev().map(|&w| Word(w)));
                    Pattern::Tuple(elements.len() as u32)
                }
                View::Cons(first, rest) => {
                    stack.extend([rest, first]);
                    Pattern::Cons
                }
                View::FlatMap { .. } | View::HashMap { .. } => {
                    let entries: Vec<(Word, Word)> = Entries::of(heap, word).collect();
                    stack.extend(entries.iter().rev().map(|e| e.1));
                    let keys: Result<_, _> = entries.iter().map(|e| self.map_key(e.0)).collect();
                    Pattern::Map(keys?)
                }
                View::Float(value) => Pattern::Float(value.to_bits()),
                _ => Pattern::Constant(self.constant(word)),
            };
            patterns.push(pattern);
        }
        Ok(patterns.into())
    }

    fn atom_pattern(&mut self, atom: Atom) -> Pattern {
        let Some(number) = variable(atom) else {
            let any = atom.text() == "_";
            return if any { Pattern::Any } else { Pattern::Constant(Constant::Immediate(Word::atom(atom))) };
        };
        match self.place(number) {
            Some(place) => Pattern::Same(place),
            None => {
                self.variables.push(number);
                Pattern::Bind
            }
        }
    }

    fn map_key(&mut self, key: Word) -> Result<Constant, &'static str> {
        match key.as_atom() {
            Some(atom) if atom.text() == "_" => Err("Underscore found in map key."),
            Some(atom) if variable(atom).is_some() => Err("Variable found in map key."),
            _ => Ok(self.constant(key)),
        }
    }
}

impl Constant {
    #[inline]
    pub(super) fn of(self, constants: &[Word]) -> Word {
        match self {
            Constant::Immediate(word) => word,
            Constant::At(index) => constants[index as usize],
        }
    }
}

impl Clause {
    /// Matches the last word of `stack`, and binds variables; empties the stack.
    pub(super) fn matches(
        &self,
        space: &Beside<'_>,
        constants: &[Word],
        stack: &mut Vec<Word>,
        bound: &mut Vec<Word>,
    ) -> bool {
        bound.clear();
        let mut matched = true;
        for pattern in &self.head {
            let word = stack.pop().expect("each pattern has its word");
            matched = match pattern {
                Pattern::Any => true,
                Pattern::Bind => {
                    bound.push(word);
                    true
                }
                Pattern::Same(place) => equal_exact(space, bound[*place as usize], word),
                Pattern::Constant(constant) => equal_exact(space, constant.of(constants), word),
                Pattern::Float(bits) => space.float(word).is_some_and(|value| value.to_bits() == *bits),
                Pattern::Tuple(arity) => match space.tuple(word) {
                    Some(elements) if elements.len() == *arity as usize => {
                        stack.extend(elements.iter().rev().map(|&w| Word(w)));
                        true
                    }
                    _ => false,
                },
                Pattern::Cons => {
                    word.is_list() && {
                        let (first, rest) = space.cell(word);
                        stack.extend([rest, first]);
                        true
                    }
                }
                Pattern::Map(keys) => has_keys(space, constants, keys, word, stack),
            };
            if !matched {
                break;
            }
        }
        stack.clear();
        matched
    }

    /// What the head says of the key at a position, from 1.
    pub(super) fn key(&self, heap: &Heap, constants: &[Word], position: usize) -> Key {
        let head = self.source.of(constants);
        match heap.view(head) {
            View::Tuple(elements) => match elements.get(position - 1) {
                None => Key::Never,
                Some(&key) if is_open(heap, Word(key)) => Key::Any,
                Some(&key) => Key::Bound(Word(key)),
            },
            View::Atom(atom) if atom.text() == "_" || variable(atom).is_some() => Key::Any,
            _ => Key::Never,
        }
    }
}

fn has_keys(
    space: &Beside<'_>,
    constants: &[Word],
    keys: &[Constant],
    word: Word,
    stack: &mut Vec<Word>,
) -> bool {
    if !matches!(space.kind(word), Some(Kind::FlatMap | Kind::HashMap)) {
        return false;
    }
    for key in keys.iter().rev() {
        match map::get_beside(space, space.heap, word, key.of(constants)) {
            Some(value) => stack.push(value),
            None => return false,
        }
    }
    true
}
