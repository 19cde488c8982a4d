//! Native calls of a few processes, and what became of them, against what OTP 25 answered.
//!
//! `tests/process_natives/*.txt` has sections, each begun by a line `== title`, each with fresh waiting
//! processes A, B and C and a process D that has ended. A line `B: call -> answer` has B make the call, after
//! which everything settles; A makes those that name nobody. `R = call` keeps the value. In answers a pid or a
//! reference is the name of the variable that holds it, or `PID`, `REF`; `gone` says that the caller ended,
//! `waits` that the call did not return. `tests/process_natives/otp.escript` asks OTP the same.

use super::expression::{Expression, parse};
use super::tiny_world::{Village, pid_of};
use crate::bif::{Class, Outcome, Raise};
use crate::code::ExportId;
use crate::heap::parcel::Parcel;
use crate::heap::read::View;
use crate::heap::{Heap, HeapFull};
use crate::process::Waiting;
use crate::process::request::Answered;
use crate::term::show::show;
use crate::term::{Atom, Word, integer_text, map};
use std::collections::BTreeMap;

/// Why a call gave no value.
enum Stopped {
    /// An exception, as text.
    Raised(String),
    Gone,
    Waits,
}

/// A section under way.
struct Stage {
    village: Village,
    bindings: BTreeMap<String, Parcel>,
}

/// What a native function came to, free of the heap's borrow.
enum Came {
    Value(Word),
    Enter(ExportId, Vec<Word>),
    Fun(Word, Vec<Word>),
    Await(Waiting),
    Exit(Parcel),
    Waits,
}

const ROOM: &str = "test terms fit on the heap";

impl Stage {
    fn new() -> Stage {
        let mut village = Village::new(4);
        let normal = Parcel::immediate(Word::atom(Atom::NORMAL));
        village.processes[3].begin_exit(normal);
        village.settle();
        let names = ["A", "B", "C", "D"].iter().enumerate();
        let bindings =
            names.map(|(i, name)| (name.to_string(), Parcel::immediate(pid_of(i).word()))).collect();
        Stage { village, bindings }
    }

    /// The answer to a line's call.
    fn line(&mut self, number: usize, text: &str) -> String {
        let (pattern, call) = match text.split_once(" = ") {
            Some((pattern, call)) => (Some(parse(pattern)), call),
            None => (None, text),
        };
        let answer = match self.evaluate(number, &parse(call)) {
            Ok(value) => {
                if let Some(pattern) = pattern {
                    self.bind(&pattern, &value);
                }
                self.shown(&value)
            }
            Err(Stopped::Raised(text)) => self.named(text),
            Err(Stopped::Gone) => "gone".into(),
            Err(Stopped::Waits) => "waits".into(),
        };
        self.village.settle();
        answer
    }

    fn bind(&mut self, pattern: &Expression, value: &Parcel) {
        match pattern {
            Expression::Atom(name) => {
                self.bindings.insert(name.clone(), value.clone());
            }
            Expression::Tuple(parts) => {
                let (mut heap, tuple) = value.unpack(&Default::default());
                let elements: Vec<u64> = heap.tuple(tuple).expect("a tuple is matched").to_vec();
                for (part, &element) in parts.iter().zip(&elements) {
                    let element = heap.parcel(Word(element)).expect(ROOM);
                    self.bind(part, &element);
                }
            }
            other => panic!("no pattern: {other:?}"),
        }
    }

    fn evaluate(&mut self, number: usize, expression: &Expression) -> Result<Parcel, Stopped> {
        let made = match expression {
            Expression::Integer(text) => {
                Parcel::build(|heap| match integer_text::integer_from_text(heap, text.as_bytes(), 10) {
                    Ok(word) => Ok(word),
                    Err(_) => Err(HeapFull),
                })
            }
            Expression::Float(value) => Parcel::build(|heap| heap.new_float(*value)),
            Expression::Atom(text) => match self.bindings.get(text) {
                Some(bound) => Ok(bound.clone()),
                None => Ok(Parcel::immediate(Word::atom(Atom::new(text).expect("atoms are short")))),
            },
            Expression::Text(text) => Parcel::build(|heap| {
                let characters: Vec<Word> =
                    text.chars().map(|c| Word::small(i64::from(u32::from(c)))).collect();
                heap.new_list(&characters, Word::NIL)
            }),
            Expression::Bits(bytes, size) => Parcel::build(|heap| heap.bitstring(bytes, *size)),
            Expression::ExternalFun(module, function, arity) => {
                let [module, function] = [module, function].map(|t| Atom::new(t).expect("atoms are short"));
                let export = ExportId::new(module, function, *arity);
                Parcel::build(|heap| heap.new_external_fun(export.0))
            }
            Expression::List(elements, tail) => {
                let elements = self.all(number, elements)?;
                let tail = match tail {
                    Some(tail) => self.evaluate(number, tail)?,
                    None => Parcel::immediate(Word::NIL),
                };
                Parcel::build(|heap| {
                    let words = absorb_all(heap, &elements)?;
                    let tail = heap.absorb(&tail)?;
                    heap.new_list(&words, tail)
                })
            }
            Expression::Tuple(elements) => {
                let elements = self.all(number, elements)?;
                Parcel::build(|heap| {
                    let words = absorb_all(heap, &elements)?;
                    heap.new_tuple(&words)
                })
            }
            Expression::Map(pairs) => {
                let (keys, values): (Vec<_>, Vec<_>) = pairs.iter().cloned().unzip();
                let (keys, values) = (self.all(number, &keys)?, self.all(number, &values)?);
                Parcel::build(|heap| {
                    let (keys, values) = (absorb_all(heap, &keys)?, absorb_all(heap, &values)?);
                    let pairs: Vec<(Word, Word)> = keys.into_iter().zip(values).collect();
                    map::from_pairs(heap, &pairs)
                })
            }
            Expression::Call(module, function, arguments) => {
                return self.call(number, module, function, arguments);
            }
            Expression::Generator(function, arguments) => {
                return self.call(number, "erlang", function, arguments);
            }
        };
        Ok(made.expect(ROOM))
    }

    fn all(&mut self, number: usize, of: &[Expression]) -> Result<Vec<Parcel>, Stopped> {
        of.iter().map(|e| self.evaluate(number, e)).collect()
    }

    fn call(
        &mut self,
        number: usize,
        module: &str,
        function: &str,
        arguments: &[Expression],
    ) -> Result<Parcel, Stopped> {
        let arguments = self.all(number, arguments)?;
        if !self.village.is_running(number) {
            return Err(Stopped::Gone);
        }
        let words = absorb_all(&mut self.village.processes[number].heap, &arguments).expect(ROOM);
        let [module, function] = [module, function].map(|t| Atom::new(t).expect("atoms are short"));
        self.village.processes[number].control.waiting = Waiting::No;
        let value = self.native(number, module, function, &words);
        let process = &mut self.village.processes[number];
        if self.village.world.slots[number].closed {
            return Err(Stopped::Gone);
        }
        process.control.waiting = Waiting::Receive(None);
        Ok(process.heap.parcel(value?).expect(ROOM))
    }

    fn native(
        &mut self,
        number: usize,
        module: Atom,
        function: Atom,
        words: &[Word],
    ) -> Result<Word, Stopped> {
        let came = match self.village.call(number, module, function, words) {
            Ok(outcome) => came(outcome),
            Err(raise) => {
                let raised = Thrown::of(raise);
                return Err(Stopped::Raised(raised.text(&self.village.processes[number].heap)));
            }
        };
        match came {
            Came::Value(word) => Ok(word),
            Came::Waits => Err(Stopped::Waits),
            Came::Enter(export, words) => {
                let mfa = export.mfa();
                self.native(number, mfa.module, mfa.function, &words)
            }
            Came::Fun(fun, words) => {
                let heap = &self.village.processes[number].heap;
                match heap.is_fun(fun).then(|| heap.view(fun)) {
                    Some(View::ExternalFun { export }) => {
                        let mfa = ExportId(export).mfa();
                        self.native(number, mfa.module, mfa.function, &words)
                    }
                    _ => Err(Stopped::Raised(format!("error:{{badfun,{}}}", show(heap, fun)))),
                }
            }
            Came::Exit(reason) => {
                self.village.processes[number].begin_exit(reason);
                self.village.settle();
                Err(Stopped::Gone)
            }
            Came::Await(waiting) => {
                self.village.processes[number].control.waiting = waiting;
                self.village.settle();
                match self.village.processes[number].answered().expect(ROOM) {
                    Some(Answered::Value(word)) => Ok(word),
                    Some(Answered::Badarg) => Err(Stopped::Raised("error:badarg".into())),
                    None => Err(Stopped::Waits),
                }
            }
        }
    }

    fn shown(&self, value: &Parcel) -> String {
        let (heap, word) = value.unpack(&Default::default());
        self.named(show(&heap, word))
    }

    /// The text with variables in place of the pids and references that they hold.
    fn named(&self, mut text: String) -> String {
        for (name, value) in &self.bindings {
            let (heap, word) = value.unpack(&Default::default());
            if word.is_pid() || heap.reference(word).is_some() {
                text = text.replace(&show(&heap, word), name);
            }
        }
        for (start, name) in [("#Ref<", "REF"), ("<0.", "PID")] {
            while let Some(at) = text.find(start) {
                let end = at + text[at..].find('>').expect("an identity's text ends");
                text.replace_range(at..=end, name);
            }
        }
        text
    }
}

fn absorb_all(heap: &mut Heap, parcels: &[Parcel]) -> Result<Vec<Word>, HeapFull> {
    parcels.iter().map(|parcel| heap.absorb(parcel)).collect()
}

fn came(outcome: Outcome<'_>) -> Came {
    let words = |terms: Vec<crate::heap::mutator::Term<'_>>| terms.iter().map(|t| t.word()).collect();
    match outcome {
        Outcome::Value(term) => Came::Value(term.word()),
        Outcome::Call(export, terms) => Came::Enter(export, words(terms)),
        Outcome::CallFun(fun, terms) => Came::Fun(fun.word(), words(terms)),
        Outcome::Hibernate(..) | Outcome::SleepUntil(_) => Came::Waits,
        Outcome::Await(request, answer) => Came::Await(Waiting::Reply(request, answer)),
        Outcome::YieldNow | Outcome::Collect => Came::Value(Word::TRUE),
        Outcome::ExitSelf(reason) => Came::Exit(reason),
    }
}

/// An exception, free of the heap's borrow.
struct Thrown {
    class: Class,
    reason: Word,
    cause: Option<Atom>,
    error_info: Option<Word>,
}

impl Thrown {
    fn of(raise: Raise<'_>) -> Thrown {
        let plain = |class: Class, reason: Word| Thrown { class, reason, cause: None, error_info: None };
        match raise {
            Raise::Error(atom) => plain(Class::Error, Word::atom(atom)),
            Raise::Caused(atom, cause) => {
                // OTP says `none` where it has nothing to say.
                let cause = Some(cause).filter(|&cause| cause != Atom::NONE);
                Thrown { cause, ..plain(Class::Error, Word::atom(atom)) }
            }
            Raise::With(class, reason) | Raise::Traced(class, reason, _) => plain(class, reason.word()),
            Raise::WithArguments { reason, error_info, .. } => {
                let error_info = error_info.map(|t| t.word());
                Thrown { error_info, ..plain(Class::Error, reason.word()) }
            }
            Raise::HeapFull => panic!("{ROOM}"),
        }
    }

    fn text(&self, heap: &Heap) -> String {
        let named = self.error_info.and_then(|info| map::get(heap, info, Word::atom(Atom::CAUSE)));
        let cause = self.cause.or(named.and_then(Word::as_atom));
        let text = format!("{:?}:{}", self.class.atom(), show(heap, self.reason));
        cause.map_or(text.clone(), |cause| format!("{text} ({})", cause.text()))
    }
}

const TABLES: &[(&str, &str)] = &[
    ("control", include_str!("../../../tests/process_natives/control.txt")),
    ("flags", include_str!("../../../tests/process_natives/flags.txt")),
    ("links", include_str!("../../../tests/process_natives/links.txt")),
    ("names", include_str!("../../../tests/process_natives/names.txt")),
    // Of OTP 27, where the others are of OTP 25.
    ("newer", include_str!("../../../tests/process_natives/newer.txt")),
    ("spawn", include_str!("../../../tests/process_natives/spawn.txt")),
    ("system", include_str!("../../../tests/process_natives/system.txt")),
    ("time", include_str!("../../../tests/process_natives/time.txt")),
];

/// How many lines a table has, and those that came to something else.
fn wrong_lines(name: &str, table: &str) -> (usize, Vec<String>) {
    let mut stage = Stage::new();
    let (mut count, mut wrong) = (0, Vec::new());
    for (number, line) in table.lines().enumerate() {
        if line.starts_with("== ") {
            stage = Stage::new();
        }
        let Some((call, expected)) = line.split_once(" -> ") else { continue };
        let (actor, call) = match call.split_once(": ") {
            Some((actor @ ("A" | "B" | "C"), rest)) => (actor.as_bytes()[0] - b'A', rest),
            _ => (0, call),
        };
        count += 1;
        let got = stage.line(usize::from(actor), call);
        if got != expected {
            wrong.push(format!("{name}.txt:{}: {line}\n    got {got}", number + 1));
        }
    }
    (count, wrong)
}

#[test]
fn natives_on_processes_answer_as_otp() {
    let (mut count, mut wrong) = (0, Vec::new());
    for (name, table) in TABLES {
        let (lines, bad) = wrong_lines(name, table);
        count += lines;
        wrong.extend(bad);
    }
    assert!(count > 700, "the tables are there: {count} lines");
    assert!(wrong.is_empty(), "{} of {count} lines:\n{}", wrong.len(), wrong.join("\n"));
}
