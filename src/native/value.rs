//! Terms as Rust values: what functions in Rust are given and give.
//!
//! Invariant: a term that goes out as a value and comes back is the same term. What has no shape of its own here (big
//! integers, funs, ports, tables, bitstrings, improper lists, and what lies more than [`DEPTH`] levels deep) is
//! [`Value::Other`], which can be kept, compared and sent on.

use crate::heap::parcel::Parcel;
use crate::heap::policy::Policy;
use crate::heap::read::{RefId, View};
use crate::heap::{Heap, HeapFull};
use crate::process::pid::Pid;
use crate::term::{Atom, Word, map, show};
use std::fmt;
use std::sync::Arc;

/// Levels of nesting that are taken apart.
const DEPTH: usize = 200;

#[derive(Clone, Debug)]
pub enum Value {
    Int(i64),
    Float(f64),
    Atom(Atom),
    Pid(Pid),
    Reference(RefId),
    Binary(Vec<u8>),
    Tuple(Vec<Value>),
    List(Vec<Value>),
    /// In no order that says anything.
    Map(Vec<(Value, Value)>),
    Other(Parcel),
}

impl Value {
    /// The atom of this name.
    ///
    /// # Panics
    /// If the name has more than 255 characters, or there are as many atoms as there can be.
    pub fn atom(name: &str) -> Value {
        Value::Atom(Atom::new(name).expect("a name of up to 255 characters"))
    }

    pub fn text(text: &str) -> Value {
        Value::Binary(text.as_bytes().to_vec())
    }

    pub fn as_int(&self) -> Option<i64> {
        if let Value::Int(n) = self { Some(*n) } else { None }
    }

    pub fn as_pid(&self) -> Option<Pid> {
        if let Value::Pid(pid) = self { Some(*pid) } else { None }
    }

    pub fn as_reference(&self) -> Option<RefId> {
        if let Value::Reference(id) = self { Some(*id) } else { None }
    }

    pub fn as_atom(&self) -> Option<&'static str> {
        if let Value::Atom(atom) = self { Some(atom.text()) } else { None }
    }

    pub fn as_bytes(&self) -> Option<&[u8]> {
        if let Value::Binary(bytes) = self { Some(bytes) } else { None }
    }

    pub fn as_tuple(&self) -> Option<&[Value]> {
        if let Value::Tuple(elements) = self { Some(elements) } else { None }
    }

    pub fn as_list(&self) -> Option<&[Value]> {
        if let Value::List(elements) = self { Some(elements) } else { None }
    }

    pub fn is_atom(&self, name: &str) -> bool {
        self.as_atom() == Some(name)
    }

    /// Whether it is a tuple whose first element is this atom.
    pub fn is_tagged(&self, name: &str) -> bool {
        self.as_tuple().and_then(<[Value]>::first).is_some_and(|tag| tag.is_atom(name))
    }

    /// What a map has under a key.
    pub fn get(&self, key: &Value) -> Option<&Value> {
        let Value::Map(pairs) = self else { return None };
        pairs.iter().find(|(other, _)| other == key).map(|(_, value)| value)
    }

    pub(crate) fn of(heap: &mut Heap, word: Word) -> Result<Value, HeapFull> {
        Value::of_level(heap, word, 0)
    }

    fn of_level(heap: &mut Heap, word: Word, level: usize) -> Result<Value, HeapFull> {
        let all = |heap: &mut Heap, words: &[Word]| -> Result<Vec<Value>, HeapFull> {
            words.iter().map(|&word| Value::of_level(heap, word, level + 1)).collect()
        };
        if level == DEPTH || heap.handle(word).is_some() {
            return Ok(Value::Other(heap.parcel(word)?));
        }
        Ok(match heap.view(word) {
            View::Small(n) => Value::Int(n),
            // Beyond a word's 60 bits.
            View::Big { negative, limbs: &[limb] } if limb <= i64::MAX as u64 => {
                Value::Int(if negative { -(limb as i64) } else { limb as i64 })
            }
            View::Float(x) => Value::Float(x),
            View::Atom(atom) => Value::Atom(atom),
            View::Pid(word) => match Pid::of_word(word) {
                Some(pid) => Value::Pid(pid),
                None => Value::Other(heap.parcel(word)?),
            },
            View::Reference(id) => Value::Reference(id),
            View::Nil => Value::List(Vec::new()),
            View::Cons(..) => {
                let mut cells = heap.list(word);
                let words: Vec<Word> = cells.by_ref().collect();
                match cells.tail() == Word::NIL {
                    true => Value::List(all(heap, &words)?),
                    false => Value::Other(heap.parcel(word)?),
                }
            }
            View::Tuple(words) => {
                let words: Vec<Word> = words.iter().map(|&word| Word(word)).collect();
                Value::Tuple(all(heap, &words)?)
            }
            View::FlatMap { .. } | View::HashMap { .. } => {
                let pairs = map::Entries::of(heap, word).collect::<Vec<_>>();
                let (keys, values): (Vec<Word>, Vec<Word>) = pairs.into_iter().unzip();
                Value::Map(all(heap, &keys)?.into_iter().zip(all(heap, &values)?).collect())
            }
            View::Bits(bits) if bits.is_binary() => Value::Binary(bits.to_vec()),
            View::Bits(_)
            | View::Big { .. }
            | View::Port(_)
            | View::Fun { .. }
            | View::ExternalFun { .. } => Value::Other(heap.parcel(word)?),
        })
    }

    pub(crate) fn build(&self, heap: &mut Heap) -> Result<Word, HeapFull> {
        let all = |heap: &mut Heap, values: &[Value]| -> Result<Vec<Word>, HeapFull> {
            values.iter().map(|value| value.build(heap)).collect()
        };
        match self {
            Value::Int(n) => heap.new_integer(*n),
            Value::Float(x) => heap.new_float(*x),
            Value::Atom(atom) => Ok(Word::atom(*atom)),
            Value::Pid(pid) => Ok(pid.word()),
            Value::Reference(id) => heap.new_reference(*id),
            Value::Binary(bytes) => heap.binary(bytes),
            Value::Tuple(elements) => {
                let words = all(heap, elements)?;
                heap.new_tuple(&words)
            }
            Value::List(elements) => {
                let words = all(heap, elements)?;
                heap.new_list(&words, Word::NIL)
            }
            Value::Map(pairs) => {
                let mut words = Vec::with_capacity(pairs.len());
                for (key, value) in pairs {
                    words.push((key.build(heap)?, value.build(heap)?));
                }
                map::from_pairs(heap, &words)
            }
            Value::Other(parcel) => heap.absorb(parcel),
        }
    }

    /// Shows it as Erlang prints it.
    fn shown(&self) -> Result<String, HeapFull> {
        let mut heap = Heap::new(Arc::default(), Policy::default());
        let word = self.build(&mut heap)?;
        Ok(show::show(&heap, word))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown().unwrap_or_else(|HeapFull| "...".to_string()))
    }
}

/// Equal as `=:=` has it.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a == b,
            (Value::Atom(a), Value::Atom(b)) => a == b,
            (Value::Pid(a), Value::Pid(b)) => a == b,
            (Value::Reference(a), Value::Reference(b)) => a == b,
            (Value::Binary(a), Value::Binary(b)) => a == b,
            (Value::Tuple(a), Value::Tuple(b)) | (Value::List(a), Value::List(b)) => a == b,
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len() && a.iter().all(|(key, value)| other.get(key) == Some(value))
            }
            (Value::Other(a), Value::Other(b)) => a.same_term(b),
            _ => false,
        }
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Value {
        Value::Int(n)
    }
}

impl From<i32> for Value {
    fn from(n: i32) -> Value {
        Value::Int(n.into())
    }
}

impl From<u32> for Value {
    fn from(n: u32) -> Value {
        Value::Int(n.into())
    }
}

impl From<f64> for Value {
    fn from(x: f64) -> Value {
        Value::Float(x)
    }
}

impl From<bool> for Value {
    fn from(holds: bool) -> Value {
        Value::Atom(if holds { Atom::TRUE } else { Atom::FALSE })
    }
}

impl From<Pid> for Value {
    fn from(pid: Pid) -> Value {
        Value::Pid(pid)
    }
}

impl From<RefId> for Value {
    fn from(id: RefId) -> Value {
        Value::Reference(id)
    }
}

impl From<Atom> for Value {
    fn from(atom: Atom) -> Value {
        Value::Atom(atom)
    }
}

impl From<&Value> for Value {
    fn from(value: &Value) -> Value {
        value.clone()
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(elements: Vec<T>) -> Value {
        Value::List(elements.into_iter().map(Into::into).collect())
    }
}
