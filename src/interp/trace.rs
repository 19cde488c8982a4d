//! Stack traces: raw while an exception is on its way, a list when the program looks.
//!
//! A raw trace is a tuple `{Class, Head, Place, ...}`: the head is `[]`, or a list of arguments for the first
//! place, or `{Arguments, ErrorInfo}` for it with `none` for what there is not, or `{M, F, Arguments}` or
//! `{M, F, Arguments, Location}`, a function that is no place; places are code pointers as small integers,
//! innermost first. `{Class, true, Trace}` is one whose list the program gave.
//! Source: `erlang:raise/3` and the "stacktrace" type; eight entries, as OTP keeps by default.

use super::except::{Raised, TraceFrom};
use super::machine::{Fault, Machine, OUTERMOST};
use crate::bif::Class;
use crate::code::{CodePtr, CodeView};
use crate::heap::HeapFull;
use crate::term::{Atom, Word, map};

/// Entries that a trace keeps.
const DEPTH: usize = 8;

fn place(ptr: CodePtr) -> Word {
    Word::small(((ptr.module as i64) << 28) | i64::from(ptr.pc))
}

fn code_ptr(place: Word) -> CodePtr {
    let value = place.small_value();
    CodePtr { module: (value >> 28) as u32, pc: (value & ((1 << 28) - 1)) as u32 }
}

/// The call before a continuation.
fn caller(continuation: u64) -> Option<CodePtr> {
    let ptr = CodePtr::of_word(continuation);
    (continuation != 0 && ptr != OUTERMOST).then(|| CodePtr { pc: ptr.pc - 1, ..ptr })
}

/// What the first entry of a trace shows beside its place.
#[derive(Clone, Copy, Default)]
struct First {
    arguments: Option<Word>,
    error_info: Option<Word>,
}

/// The module that explains the errors of a native function to those who ask; of some there is none.
fn explainer(module: &str) -> Option<Atom> {
    Some(match module {
        "crypto" | "net_kernel" | "prim_file" | "zlib" => return None,
        "erlang" | "erts_internal" | "persistent_term" | "atomics" | "counters" => Atom::ERL_ERTS_ERRORS,
        "os" => Atom::ERL_KERNEL_ERRORS,
        _ => Atom::ERL_STDLIB_ERRORS,
    })
}

impl Machine<'_> {
    /// The trace of an exception raised in the caller's name, with what is to be shown of the call.
    pub(super) fn called_with(
        &mut self,
        arguments: Option<Word>,
        error_info: Option<Word>,
    ) -> Result<TraceFrom, HeapFull> {
        if arguments.is_none() && error_info.is_none() {
            return Ok(TraceFrom::Here);
        }
        let shown = [arguments, error_info].map(|w| w.unwrap_or(Word::atom(Atom::NONE)));
        Ok(TraceFrom::Arguments(self.p.heap.new_tuple(&shown)?))
    }

    /// `[{error_info, #{module => Explainer, cause => Cause}}]`: the location of a native function that
    /// raised.
    pub(super) fn native_location(&mut self, module: &str, cause: Option<Atom>) -> Result<Word, HeapFull> {
        let Some(explainer) = explainer(module) else { return Ok(Word::NIL) };
        let heap = &mut self.p.heap;
        let mut info = vec![(Word::atom(Atom::MODULE), Word::atom(explainer))];
        info.extend(cause.map(|cause| (Word::atom(Atom::CAUSE), Word::atom(cause))));
        let info = map::from_pairs(heap, &info)?;
        let info = heap.new_tuple(&[Word::atom(Atom::ERROR_INFO), info])?;
        heap.cons(info, Word::NIL)
    }

    /// The raw trace of an exception raised at `here`.
    pub fn raw_trace(&mut self, raised: &Raised, here: CodePtr, cp: u64) -> Result<Word, HeapFull> {
        let (head, with_here) = match raised.trace {
            TraceFrom::Given(trace) => return self.given_trace(raised.class, trace),
            TraceFrom::Here => (Word::NIL, true),
            TraceFrom::Arguments(list) => (list, true),
            TraceFrom::Native(head) => (head, true),
            TraceFrom::Continuation => (Word::NIL, false),
            TraceFrom::Entered(head) => (head, false),
        };
        let mut elements = [Word::NIL; DEPTH + 2];
        elements[0] = Word::atom(raised.class.atom());
        elements[1] = head;
        let mut count = 2;
        let mut add = |ptr: Option<CodePtr>| {
            if let Some(ptr) = ptr.filter(|&p| p != OUTERMOST) {
                elements[count] = place(ptr);
                count += 1;
            }
            count < elements.len()
        };
        let mut room = add(with_here.then_some(here));
        room = room && add(caller(cp));
        // The frames of a recursion return to one place, and count once.
        let mut last = cp;
        for &word in self.p.stack.iter().rev() {
            if !room {
                break;
            }
            if Word(word).is_header() && word != last {
                last = word;
                room = add(caller(word));
            }
        }
        self.p.heap.new_tuple(&elements[..count])
    }

    /// The raw trace of an exception that is raised with a trace: a list of the program's, or a raw one.
    fn given_trace(&mut self, class: Class, trace: Word) -> Result<Word, HeapFull> {
        let class = Word::atom(class.atom());
        match self.p.heap.tuple(trace) {
            None => self.p.heap.new_tuple(&[class, Word::atom(Atom::TRUE), trace]),
            Some([first, ..]) if *first == class.0 => Ok(trace),
            Some([_, rest @ ..]) => {
                let changed: Vec<Word> = [class].into_iter().chain(rest.iter().map(|&w| Word(w))).collect();
                self.p.heap.new_tuple(&changed)
            }
            Some([]) => Ok(trace),
        }
    }

    /// A trace as the list that programs see.
    pub fn trace_list(&mut self, trace: Word, view: &CodeView) -> Result<Word, Fault> {
        let Some(raw) = self.p.heap.tuple(trace) else { return Ok(trace) };
        let raw: Vec<Word> = raw.iter().map(|&w| Word(w)).collect();
        // What is no raw trace, as code of no compiler may have it, stays what it is.
        let [_, head, ref places @ ..] = raw[..] else { return Ok(trace) };
        if head == Word::atom(Atom::TRUE) {
            return Ok(places.first().copied().unwrap_or(Word::NIL));
        }
        let mut entries = Vec::with_capacity(DEPTH);
        let mut first = First::default();
        let called: Vec<Word> =
            self.p.heap.tuple(head).unwrap_or_default().iter().map(|&w| Word(w)).collect();
        match called[..] {
            [m, f, a] => entries.push(self.p.heap.new_tuple(&[m, f, a, Word::NIL])?),
            [m, f, a, location] => entries.push(self.p.heap.new_tuple(&[m, f, a, location])?),
            [arguments, error_info] => {
                let given = |w: Word| (w != Word::atom(Atom::NONE)).then_some(w);
                first = First { arguments: given(arguments), error_info: given(error_info) };
            }
            _ if head.is_list() || places.is_empty() => first.arguments = Some(head),
            _ => {}
        }
        // A native function that is called in a stub's place stands for the stub too.
        let of_stub = |&place: &Word| match called[..] {
            [m, f, a] | [m, f, a, _] => self.is_at(code_ptr(place), m, f, a, view),
            _ => false,
        };
        let places = &places[usize::from(places.first().is_some_and(of_stub))..];
        for &place in places {
            let first = if entries.is_empty() { std::mem::take(&mut first) } else { First::default() };
            if let Some(entry) = self.trace_entry(code_ptr(place), first, view)? {
                entries.push(entry);
            }
        }
        entries.truncate(DEPTH);
        Ok(self.p.heap.new_list(&entries, Word::NIL)?)
    }

    /// Whether a place is in this function, which was called with a list of arguments.
    fn is_at(&self, at: CodePtr, module: Word, function: Word, arguments: Word, view: &CodeView) -> bool {
        let Some(code) = view.modules.get(at.module as usize) else { return false };
        let arity = || self.p.heap.list_length(arguments).map(|length| length as u32);
        Word::atom(code.name) == module
            && code
                .function_at(at.pc)
                .is_some_and(|f| Word::atom(f.name) == function && Some(f.arity) == arity())
    }

    /// `{M, F, ArityOrArguments, Location}`.
    fn trace_entry(&mut self, at: CodePtr, shown: First, view: &CodeView) -> Result<Option<Word>, HeapFull> {
        let Some(module) = view.modules.get(at.module as usize) else { return Ok(None) };
        let Some(function) = module.function_at(at.pc) else { return Ok(None) };
        let heap = &mut self.p.heap;
        let mut location = match shown.error_info {
            None => Word::NIL,
            Some(info) => {
                let info = heap.new_tuple(&[Word::atom(Atom::ERROR_INFO), info])?;
                heap.cons(info, Word::NIL)?
            }
        };
        match module.line_at(at.pc) {
            None => {}
            Some((file, line)) => {
                let characters: Vec<Word> =
                    file.chars().map(|c| Word::small(i64::from(u32::from(c)))).collect();
                let file = heap.new_list(&characters, Word::NIL)?;
                let file = heap.new_tuple(&[Word::atom(Atom::FILE), file])?;
                let line = heap.new_tuple(&[Word::atom(Atom::LINE), Word::small(i64::from(line))])?;
                location = heap.new_list(&[file, line], location)?;
            }
        }
        let arity = shown.arguments.unwrap_or(Word::small(i64::from(function.arity)));
        let entry = [Word::atom(module.name), Word::atom(function.name), arity, location];
        heap.new_tuple(&entry).map(Some)
    }
}
