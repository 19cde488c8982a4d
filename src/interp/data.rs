//! Data instructions out of line: type tests, comparisons, arithmetic beyond small integers, tuples, funs.

use super::except::{Raised, TraceFrom};
use super::fast::is_tuple_of;
use super::machine::{Fault, Machine};
use crate::bif::Class;
use crate::code::ExportId;
use crate::code::Module;
use crate::code::instr::{Arith, At, Comparison, Dst, Pc, Src, Test};
use crate::heap::HeapFull;
use crate::heap::read::View;
use crate::term::number::{self, ArithFault};
use crate::term::order;
use crate::term::word::{Header, Kind};
use crate::term::{Atom, Word};
use std::cmp::Ordering;

/// The label of a word in a sorted select list.
pub(super) fn select(extra: &[u32], list: At, word: u64) -> Option<Pc> {
    let list = list as usize;
    let entries = &extra[list + 1..][..3 * extra[list] as usize];
    let key = |i: usize| (u64::from(entries[3 * i + 1]) << 32) | u64::from(entries[3 * i]);
    let (mut low, mut high) = (0, entries.len() / 3);
    while low < high {
        let middle = (low + high) / 2;
        match key(middle).cmp(&word) {
            Ordering::Equal => return Some(entries[3 * middle + 2]),
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
        }
    }
    None
}

/// Arithmetic on small integers where the result is small too.
#[inline(always)]
pub(super) fn arith_small(op: Arith, a: Word, b: Word) -> Option<Word> {
    if a.0 & b.0 & 15 != 15 {
        return None;
    }
    let (x, y) = (a.small_value(), b.small_value());
    match op {
        Arith::Mul => x.checked_mul(y).and_then(Word::checked_small),
        Arith::IntDiv if y != 0 => Word::checked_small(x / y),
        Arith::Rem if y != 0 => Some(Word::small(x % y)),
        Arith::Band => Some(Word(a.0 & b.0)),
        Arith::Bor => Some(Word(a.0 | b.0)),
        Arith::Bxor => Some(Word((a.0 ^ b.0) | 15)),
        Arith::Bsr if (0..64).contains(&y) => Some(Word::small(x >> y)),
        Arith::Bsl if (0..60).contains(&y) => {
            let shifted = x << y;
            (shifted >> y == x).then(|| Word::checked_small(shifted)).flatten()
        }
        _ => None,
    }
}

/// A comparison of small integers, or of terms that their words tell apart.
#[inline(always)]
pub(super) fn compare_small(op: Comparison, a: Word, b: Word) -> Option<bool> {
    let small = a.0 & b.0 & 15 == 15;
    let (x, y) = (a.0 as i64, b.0 as i64);
    match op {
        Comparison::EqExact if a == b || a.is_immediate() || b.is_immediate() => Some(a == b),
        Comparison::NeExact if a == b || a.is_immediate() || b.is_immediate() => Some(a != b),
        Comparison::Eq if small => Some(x == y),
        Comparison::Ne if small => Some(x != y),
        Comparison::Lt if small => Some(x < y),
        Comparison::Ge if small => Some(x >= y),
        Comparison::Gt if small => Some(x > y),
        Comparison::Le if small => Some(x <= y),
        _ => None,
    }
}

impl From<ArithFault> for Fault {
    fn from(fault: ArithFault) -> Fault {
        match fault {
            ArithFault::Badarith => Fault::error(Atom::BADARITH),
            ArithFault::Badarg => Fault::error(Atom::BADARG),
            ArithFault::SystemLimit => Fault::error(Atom::SYSTEM_LIMIT),
            ArithFault::HeapFull => Fault::HeapFull,
        }
    }
}

impl Machine<'_> {
    pub fn is(&self, test: Test, word: Word) -> bool {
        let heap = &self.p.heap;
        match test {
            Test::Integer => word.is_small() || heap.is_integer(word),
            Test::Float => heap.kind(word) == Some(Kind::Float),
            Test::Number => {
                word.is_small()
                    || matches!(heap.kind(word), Some(Kind::Float | Kind::PositiveBig | Kind::NegativeBig))
            }
            Test::Atom => word.is_atom(),
            Test::Pid => word.is_pid(),
            Test::Reference => heap.kind(word) == Some(Kind::Reference),
            Test::Port => word.is_port(),
            Test::Nil => word.is_nil(),
            Test::Binary => heap.is_bits(word) && heap.bit_place(word).size.is_multiple_of(8),
            Test::Bitstring => heap.is_bits(word),
            Test::List => word.is_list() || word.is_nil(),
            Test::NonemptyList => word.is_list(),
            Test::Tuple => heap.kind(word) == Some(Kind::Tuple),
            Test::Function => heap.is_fun(word),
            Test::Boolean => word == Word::TRUE || word == Word::FALSE,
            Test::Map => heap.is_map(word),
        }
    }

    #[inline(always)]
    pub fn equal_exact(&self, a: Word, b: Word) -> bool {
        a == b || (!a.is_immediate() && !b.is_immediate() && order::equal_exact(&self.p.heap, a, b))
    }

    #[inline(always)]
    pub fn equal_loose(&self, a: Word, b: Word) -> bool {
        if a.0 & b.0 & 3 == 3 { a == b } else { order::equal_loose(&self.p.heap, a, b) }
    }

    #[inline(always)]
    pub fn less(&self, a: Word, b: Word) -> bool {
        if a.0 & b.0 & 15 == 15 {
            (a.0 as i64) < (b.0 as i64)
        } else {
            order::compare(&self.p.heap, a, b) == Ordering::Less
        }
    }

    pub fn compare(&self, op: Comparison, a: Word, b: Word) -> bool {
        match op {
            Comparison::EqExact => self.equal_exact(a, b),
            Comparison::NeExact => !self.equal_exact(a, b),
            Comparison::Eq => self.equal_loose(a, b),
            Comparison::Ne => !self.equal_loose(a, b),
            Comparison::Lt => self.less(a, b),
            Comparison::Ge => !self.less(a, b),
            Comparison::Gt => self.less(b, a),
            Comparison::Le => !self.less(b, a),
        }
    }

    pub fn is_function_of(&self, word: Word, arity: Word) -> bool {
        let Some(arity) = arity.as_small() else { return false };
        if !self.p.heap.is_fun(word) {
            return false;
        }
        match self.p.heap.view(word) {
            View::Fun { arity: own, .. } => i64::from(own) == arity,
            View::ExternalFun { export } => i64::from(ExportId(export).mfa().arity) == arity,
            _ => false,
        }
    }

    /// An arithmetic exception names the operator in the trace.
    fn arith_fault(&mut self, operator: Atom, a: Word, b: Word, fault: ArithFault) -> Fault {
        let reason = match fault {
            ArithFault::HeapFull => return Fault::HeapFull,
            ArithFault::Badarith => Atom::BADARITH,
            ArithFault::Badarg => Atom::BADARG,
            ArithFault::SystemLimit => Atom::SYSTEM_LIMIT,
        };
        self.operator_fault(operator, a, b, reason)
    }

    /// An error whose trace starts with a native function of two arguments.
    fn operator_fault(&mut self, operator: Atom, a: Word, b: Word, reason: Atom) -> Fault {
        match self.operator_head(operator, a, b) {
            Ok(head) => Fault::Raise(Raised {
                class: Class::Error,
                reason: Word::atom(reason),
                trace: TraceFrom::Native(head),
            }),
            Err(full) => Fault::from(full),
        }
    }

    fn operator_head(&mut self, operator: Atom, a: Word, b: Word) -> Result<Word, HeapFull> {
        let location = self.native_location("erlang", None)?;
        let list = self.p.heap.new_list(&[a, b], Word::NIL)?;
        self.p.heap.new_tuple(&[Word::atom(Atom::ERLANG), Word::atom(operator), list, location])
    }

    #[cold]
    #[inline(never)]
    pub fn add_slow(&mut self, a: Word, b: Word) -> Result<Word, Fault> {
        number::add(&mut self.p.heap, a, b).map_err(|f| self.arith_fault(Atom::PLUS, a, b, f))
    }

    #[cold]
    #[inline(never)]
    pub fn sub_slow(&mut self, a: Word, b: Word) -> Result<Word, Fault> {
        number::subtract(&mut self.p.heap, a, b).map_err(|f| self.arith_fault(Atom::MINUS, a, b, f))
    }

    /// `a + constant`, or a subtraction of its opposite. OTP's trace has no entry for one that fails.
    #[cold]
    #[inline(never)]
    pub fn add_const_slow(&mut self, a: Word, constant: i32) -> Result<Word, Fault> {
        Ok(number::add(&mut self.p.heap, a, Word::small(i64::from(constant)))?)
    }

    #[inline(never)]
    pub fn arith_slow(&mut self, op: Arith, a: Word, b: Word) -> Result<Word, Fault> {
        let heap = &mut self.p.heap;
        let (result, name) = match op {
            Arith::Mul => (number::multiply(heap, a, b), Atom::STAR),
            Arith::IntDiv => (number::div(heap, a, b), Atom::DIV),
            Arith::Rem => (number::rem(heap, a, b), Atom::REM),
            Arith::Band => (number::band(heap, a, b), Atom::BAND),
            Arith::Bor => (number::bor(heap, a, b), Atom::BOR),
            Arith::Bxor => (number::bxor(heap, a, b), Atom::BXOR),
            Arith::Bsl => (number::bsl(heap, a, b), Atom::BSL),
            Arith::Bsr => (number::bsr(heap, a, b), Atom::BSR),
        };
        result.map_err(|f| self.arith_fault(name, a, b, f))
    }

    pub fn element(&mut self, position: Word, from: Word) -> Result<Word, Fault> {
        if let (Some(n), Some(elements)) = (position.as_small(), self.p.heap.tuple(from))
            && n >= 1
            && (n as usize) <= elements.len()
        {
            return Ok(Word(elements[n as usize - 1]));
        }
        Err(self.operator_fault(Atom::ELEMENT, position, from, Atom::BADARG))
    }

    /// Copies a tuple with elements replaced; room was reserved. What is no tuple of that size is refused, although no
    /// compiler lets that come here.
    pub fn update_record(
        &mut self,
        module: &Module,
        size: usize,
        from: Src,
        to: Dst,
        list: At,
    ) -> Result<(), Fault> {
        let from = Word(self.get(from, &module.constants));
        if !is_tuple_of(&self.p.heap, from.0, size) {
            return Err(self.error_with(Atom::BADRECORD, from));
        }
        let (words, start) = self.p.heap.place(from);
        let copy: Vec<u64> = words[start..start + 1 + size].to_vec();
        let at = self.p.heap.words.len();
        self.p.heap.words.extend_from_slice(&copy);
        let list = list as usize;
        let pairs = &module.extra[list + 1..][..2 * module.extra[list] as usize];
        for pair in pairs.chunks_exact(2) {
            let word = self.get(Src(pair[1]), &module.constants);
            self.p.heap.words[at + pair[0] as usize] = word;
        }
        self.set(to, Word::boxed(at).0);
        Ok(())
    }

    /// `make_fun3`; room was reserved.
    pub fn make_fun(&mut self, module: &Module, lambda: u32, to: Dst, list: At) {
        let lambda = &module.lambdas[lambda as usize];
        let list = list as usize;
        let free = &module.extra[list + 1..][..module.extra[list] as usize];
        let at = self.p.heap.words.len();
        let header = Header { kind: Kind::Fun, size: 1 + free.len(), extra: lambda.arity };
        self.p.heap.words.push(header.word());
        self.p.heap.words.push(Word::small(i64::from(lambda.id.0)).0);
        for &src in free {
            let word = self.get(Src(src), &module.constants);
            self.p.heap.words.push(word);
        }
        self.set(to, Word::boxed(at).0);
    }

    /// `make_fun2`: the free variables are in x0 and up, the fun goes to x0.
    pub fn make_fun2(&mut self, module: &Module, lambda: u32) -> Result<(), Fault> {
        let lambda = &module.lambdas[lambda as usize];
        let free = lambda.free as usize;
        self.test_heap(2 + free, free)?;
        let words: Vec<Word> = self.x[..free].iter().map(|&w| Word(w)).collect();
        let fun = self.p.heap.new_fun(lambda.id.0, lambda.arity, &words)?;
        self.set_x(0, fun.0);
        Ok(())
    }
}
