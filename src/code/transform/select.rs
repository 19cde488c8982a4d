//! `select_val` as a jump table or a sorted list, by what its constants are.

use super::Builder;
use crate::code::LoadError;
use crate::code::generic::Arg;
use crate::code::instr::{Instr, Pc, Src, Test};
use crate::term::Word;

/// A dense table may have this many places per constant.
const SPREAD_MAX: i64 = 4;

impl Builder<'_> {
    pub(super) fn select_val(&mut self, from: Src, fail: Pc, choices: &[Arg]) -> Result<(), LoadError> {
        let mut immediates: Vec<(Word, Pc)> = Vec::new();
        let mut others = Vec::new();
        for pair in choices.chunks_exact(2) {
            let Arg::Label(label) = pair[1] else { panic!("the operand check lets a label pass alone") };
            let constant = self.src(pair[0])?;
            let word = self.constants.word(constant.as_constant().expect("choices are constants"));
            if word.is_immediate() {
                immediates.push((word, label));
            } else {
                others.push((constant, label));
            }
        }
        // Floats and big integers: compare one by one, falling through to the next.
        for (constant, label) in others {
            self.emit(Instr::IsNeExact { a: from, b: constant, fail: label });
            self.fence = self.code.len();
        }
        if let [(word, label)] = immediates[..] {
            let constant = self.constants.of_word(word);
            self.emit(Instr::IsNeWord { a: from, constant, fail: label });
            self.fence = self.code.len();
            self.emit(Instr::Jump { to: fail });
            return Ok(());
        }
        if immediates.is_empty() {
            self.emit(Instr::Jump { to: fail });
            return Ok(());
        }
        if !self.dense(from, fail, &immediates) {
            self.sorted(from, fail, immediates);
        }
        Ok(())
    }

    fn dense(&mut self, from: Src, fail: Pc, choices: &[(Word, Pc)]) -> bool {
        let Some(values) = choices.iter().map(|(w, _)| w.as_small()).collect::<Option<Vec<i64>>>() else {
            return false;
        };
        let first = *values.iter().min().expect("there are choices");
        let last = *values.iter().max().expect("there are choices");
        let places = last - first + 1;
        if places > SPREAD_MAX * values.len() as i64 + 8 || i32::try_from(first).is_err() {
            return false;
        }
        let mut table = vec![fail; places as usize];
        for (value, &(_, label)) in values.iter().zip(choices) {
            table[(value - first) as usize] = label;
        }
        let list = self.list(&[places as u32, first as i32 as u32]);
        for label in table {
            self.extra_labels.push(self.extra.len() as u32);
            self.extra.push(label);
        }
        self.emit(Instr::SelectDense { from, list, fail });
        true
    }

    /// Sorted by word: atoms by number, so the order differs between machines but not what is chosen.
    fn sorted(&mut self, from: Src, fail: Pc, mut choices: Vec<(Word, Pc)>) {
        choices.sort_by_key(|(word, _)| word.0);
        let list = self.list(&[choices.len() as u32]);
        for (word, label) in choices {
            self.extra.push(word.0 as u32);
            self.extra.push((word.0 >> 32) as u32);
            self.extra_labels.push(self.extra.len() as u32);
            self.extra.push(label);
        }
        self.emit(Instr::SelectVal { from, list, fail });
    }

    pub(super) fn select_arity(&mut self, from: Src, fail: Pc, choices: &[Arg]) {
        let list = self.list(&[choices.len() as u32 / 2]);
        for pair in choices.chunks_exact(2) {
            let (Arg::Literal(size), Arg::Label(label)) = (pair[0], pair[1]) else {
                panic!("the operand check lets sizes and labels pass alone")
            };
            self.extra.push(size);
            self.extra_labels.push(self.extra.len() as u32);
            self.extra.push(label);
        }
        self.emit(Instr::SelectArity { from, list, fail });
    }

    pub(super) fn type_test(&mut self, test: Test, fail: Pc, from: Src) {
        self.emit(match (test, from.as_x()) {
            (Test::NonemptyList, Some(from)) => Instr::IsNonemptyListX { from, fail },
            (Test::Nil, Some(from)) => Instr::IsNilX { from, fail },
            (Test::Tuple, Some(from)) => Instr::IsTupleX { from, fail },
            _ => Instr::Is { test, from, fail },
        });
    }
}
