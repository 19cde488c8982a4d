//! Exceptions: raising, unwinding to the nearest catch, ending the process where there is none.
//!
//! At the handler x1 is the class, x2 the reason, x3 the raw trace (see [`super::trace`]), and x0 is no value.
//! Invariant: between raising and landing nothing collects, so the words of a fault stay good.
//! Source: the Erlang Reference Manual on errors and error handling.

use super::machine::{Fault, Machine};
use crate::bif::Class;
use crate::code::module::FunctionEntry;
use crate::code::{CodePtr, CodeView};
use crate::heap::HeapFull;
use crate::heap::parcel::Parcel;
use crate::term::word::Kind;
use crate::term::{Atom, Word};
use crate::world::Report;

/// Where a trace starts.
#[derive(Clone, Copy, Debug)]
pub(super) enum TraceFrom {
    /// The function that runs.
    Here,
    /// The function that runs, shown with these arguments.
    Arguments(Word),
    /// `{M, F, Arguments}` called from the function that runs.
    Native(Word),
    /// The continuation: the function that runs has left.
    Continuation,
    /// `{M, F, Arguments}` called in place of the function that ran.
    Entered(Word),
    /// This trace: raw, or a list.
    Given(Word),
}

/// An exception on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raised {
    pub class: Class,
    pub reason: Word,
    pub trace: TraceFrom,
}

impl Fault {
    pub fn error(reason: Atom) -> Fault {
        Fault::Raise(Raised { class: Class::Error, reason: Word::atom(reason), trace: TraceFrom::Here })
    }

    /// The same fault; unless `named`, its trace does not show the operator.
    pub fn named_if(self, named: bool) -> Fault {
        match self {
            Fault::Raise(raised) if !named => Fault::Raise(Raised { trace: TraceFrom::Here, ..raised }),
            other => other,
        }
    }

    /// The same fault, met on the way into a function.
    pub fn entered(self) -> Fault {
        match self {
            Fault::Raise(raised) => {
                let trace = match raised.trace {
                    TraceFrom::Here | TraceFrom::Arguments(_) => TraceFrom::Continuation,
                    TraceFrom::Native(head) => TraceFrom::Entered(head),
                    other => other,
                };
                Fault::Raise(Raised { trace, ..raised })
            }
            other => other,
        }
    }
}

impl Machine<'_> {
    /// `error({Tag, Value})`.
    pub fn error_with(&mut self, tag: Atom, value: Word) -> Fault {
        match self.p.heap.new_tuple(&[Word::atom(tag), value]) {
            Ok(reason) => Fault::Raise(Raised { class: Class::Error, reason, trace: TraceFrom::Here }),
            Err(HeapFull) => Fault::HeapFull,
        }
    }

    /// `error({badarity, {Fun, Arguments}})`.
    pub fn bad_arity(&mut self, fun: Word, count: usize) -> Fault {
        let args: Vec<Word> = self.x[..count].iter().map(|&w| Word(w)).collect();
        let made =
            self.p.heap.new_list(&args, Word::NIL).and_then(|list| self.p.heap.new_tuple(&[fun, list]));
        match made {
            Ok(pair) => self.error_with(Atom::BADARITY, pair),
            Err(HeapFull) => Fault::HeapFull,
        }
    }

    /// `function_clause`: the trace shows the arguments.
    pub fn function_clause(&mut self, _module: Atom, function: &FunctionEntry) -> Fault {
        let args: Vec<Word> = self.x[..function.arity as usize].iter().map(|&w| Word(w)).collect();
        match self.p.heap.new_list(&args, Word::NIL) {
            Ok(list) => Fault::Raise(Raised {
                class: Class::Error,
                reason: Word::atom(Atom::FUNCTION_CLAUSE),
                trace: TraceFrom::Arguments(list),
            }),
            Err(HeapFull) => Fault::HeapFull,
        }
    }

    /// The `raise` instruction: an exception that no clause took goes on.
    pub fn raise_again(&mut self, trace: Word, reason: Word) -> Fault {
        let class = self.raw_class(trace).unwrap_or(Class::Error);
        Fault::Raise(Raised { class, reason, trace: TraceFrom::Given(trace) })
    }

    /// `raw_raise`: class, reason and trace in x0 to x2; `None` where x0 is no class.
    pub fn raw_raise(&mut self) -> Option<Fault> {
        let class = class_of(Word(self.xr(0)))?;
        let (reason, trace) = (Word(self.xr(1)), Word(self.xr(2)));
        Some(Fault::Raise(Raised { class, reason, trace: TraceFrom::Given(trace) }))
    }

    /// Finds the handler of a fault: where to go on, or `None` when the process ends of it.
    #[cold]
    #[inline(never)]
    pub fn unwind(&mut self, fault: Fault, here: CodePtr, cp: u64, view: &CodeView) -> Option<CodePtr> {
        let raised = match fault {
            Fault::Raise(raised) => raised,
            Fault::Dead => return None,
            Fault::HeapFull => {
                self.p.leave(Parcel::immediate(Word::atom(Atom::SYSTEM_LIMIT)));
                return None;
            }
        };
        let Ok(trace) = self.raw_trace(&raised, here, cp) else {
            self.p.leave(Parcel::immediate(Word::atom(Atom::SYSTEM_LIMIT)));
            return None;
        };
        if self.p.parked.catches == 0 {
            self.uncaught(raised.class, raised.reason, trace, view);
            return None;
        }
        let target = self.pop_to_handler();
        self.set_x(0, Word::NONE.0);
        self.set_x(1, Word::atom(raised.class.atom()).0);
        self.set_x(2, raised.reason.0);
        self.set_x(3, trace.0);
        Some(target)
    }

    /// Cuts the stack down to the frame of the innermost catch.
    fn pop_to_handler(&mut self) -> CodePtr {
        let stack = &mut self.p.stack;
        let mut frame_top = stack.len();
        let mut at = stack.len();
        loop {
            at = at.checked_sub(1).expect("a counted catch is on the stack");
            let word = Word(stack[at]);
            if word.is_header() {
                frame_top = at;
            } else if word.is_catch() {
                let (module, pc) = word.catch_target();
                stack.truncate(frame_top);
                return CodePtr { module, pc };
            }
        }
    }

    /// Nobody catches: the process ends.
    fn uncaught(&mut self, class: Class, reason: Word, trace: Word, view: &CodeView) {
        let made = self.exit_reason_of(class, reason, trace, view);
        let parcel = made.and_then(|reason| self.p.heap.parcel(reason).map_err(Fault::from));
        let parcel = parcel.unwrap_or_else(|_| Parcel::immediate(Word::atom(Atom::SYSTEM_LIMIT)));
        if class != Class::Exit {
            let name = self.world.name_of(self.p.control.pid);
            let control = &self.p.control;
            self.world.report(Report::Crash {
                pid: control.pid,
                name,
                initial_call: control.initial_call,
                reason: parcel.clone(),
            });
        }
        self.p.leave(parcel);
    }

    fn exit_reason_of(
        &mut self,
        class: Class,
        reason: Word,
        trace: Word,
        view: &CodeView,
    ) -> Result<Word, Fault> {
        if class == Class::Exit {
            return Ok(reason);
        }
        let list = self.trace_list(trace, view)?;
        let reason = match class {
            Class::Throw => self.p.heap.new_tuple(&[Word::atom(Atom::NOCATCH), reason])?,
            _ => reason,
        };
        Ok(self.p.heap.new_tuple(&[reason, list])?)
    }

    /// The value of a `catch` whose expression raised.
    pub fn catch_end(&mut self, view: &CodeView) -> Result<(), Fault> {
        if self.xr(0) != Word::NONE.0 {
            return Ok(());
        }
        let (class, reason, trace) = (Word(self.xr(1)), Word(self.xr(2)), Word(self.xr(3)));
        let value = match class_of(class) {
            Some(Class::Throw) => reason,
            Some(Class::Exit) => self.p.heap.new_tuple(&[Word::atom(Atom::EXIT), reason])?,
            _ => {
                let list = self.trace_list(trace, view)?;
                let pair = self.p.heap.new_tuple(&[reason, list])?;
                self.p.heap.new_tuple(&[Word::atom(Atom::EXIT), pair])?
            }
        };
        let value = self.settle(value, 0)?;
        self.set_x(0, value.0);
        Ok(())
    }

    /// `build_stacktrace`: the raw trace in x0 becomes a list.
    pub fn build_stacktrace(&mut self, view: &CodeView) -> Result<(), Fault> {
        let trace = Word(self.xr(0));
        let list = self.trace_list(trace, view)?;
        let list = self.settle(list, 0)?;
        self.set_x(0, list.0);
        Ok(())
    }

    fn raw_class(&self, trace: Word) -> Option<Class> {
        if self.p.heap.kind(trace) != Some(Kind::Tuple) {
            return None;
        }
        self.p.heap.tuple(trace).and_then(|t| t.first()).and_then(|&w| class_of(Word(w)))
    }
}

fn class_of(word: Word) -> Option<Class> {
    match word.as_atom()? {
        Atom::ERROR => Some(Class::Error),
        Atom::EXIT_CLASS => Some(Class::Exit),
        Atom::THROW => Some(Class::Throw),
        _ => None,
    }
}
