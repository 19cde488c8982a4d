//! Where a parked process is in its code: the current place, then what each call will return to.
//!
//! Invariant: only a parked process is looked at, so that `parked.at` and `parked.continuation` are current;
//! whoever handles signals in the middle of a slice parks the place first. Source: the `current_stacktrace`
//! item of `erlang:process_info/2`.

use super::on_load::Version;
use super::{Process, Resume, Waiting};
use crate::code::{CodePtr, CodeView, Mfa};
use crate::heap::{Heap, HeapFull};
use crate::native::{LOOP_MODULE, Suspended};
use crate::term::{Atom, Word};

/// Entries of a trace, as OTP's `backtrace_depth` has them by default.
pub const TRACE_DEPTH: usize = 8;

/// Whether frames that return to the same place, one after the other, are one or many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Repeats {
    Kept,
    Once,
}

/// A function that a process is in.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub mfa: Mfa,
    /// File and line, where the code has them.
    pub location: Option<(String, u32)>,
}

impl Process {
    /// The innermost frames, at most `depth`; those of a recursion, which return to one place, as `repeats`
    /// says.
    pub(crate) fn frames(&self, view: &CodeView, depth: usize, repeats: Repeats) -> Vec<Frame> {
        if let Some(start) = self.control.start {
            let hibernate = Mfa { module: Atom::ERLANG, function: Atom::HIBERNATE, arity: 3 };
            let mfa =
                if matches!(self.control.waiting, Waiting::Receive(_)) { hibernate } else { start.mfa() };
            return vec![Frame { mfa, location: None }];
        }
        // A function that ended in a native call has left already.
        let here = (self.parked.resume != Resume::ReturnValue).then_some(self.parked.at);
        // A return address is behind its call, which may be a function's last instruction.
        let call = |word: u64| {
            let ptr = CodePtr::of_word(word);
            let is_one = Word(word).is_header() && word != 0 && ptr != CodePtr::OUTERMOST;
            is_one.then(|| CodePtr { pc: ptr.pc.saturating_sub(1), ..ptr })
        };
        let returns = std::iter::once(self.parked.continuation).chain(self.stack.iter().rev().copied());
        let mut last = None;
        let frames = here
            .into_iter()
            .chain(returns.filter_map(call))
            .filter(|&ptr| repeats == Repeats::Kept || last.replace(ptr) != Some(ptr))
            .filter_map(|ptr| frame(view, ptr));
        match &self.control.native {
            None => frames.take(depth).collect(),
            Some(innermost) => in_rust(frames, innermost).into_iter().take(depth).collect(),
        }
    }
}

/// Module, function and arity, and the file and line where it awaits.
type Awaiting<'a> = ((Atom, Atom, u32), Option<(&'a str, u32)>);

impl Process {
    /// The innermost function in Rust that it runs.
    pub fn place_in_rust(&self) -> Option<Awaiting<'_>> {
        let suspended = self.control.native.as_deref()?;
        let Mfa { module, function, arity } = suspended.name;
        Some(((module, function, arity), suspended.at.map(|at| (at.file(), at.line()))))
    }

    /// The innermost functions that it is in, as a backtrace has them.
    pub fn stack_text(&self, view: &CodeView, depth: usize) -> Vec<String> {
        self.frames(view, depth, Repeats::Once).iter().map(Frame::text).collect()
    }

    /// Whether it would go on in this version of a module, or returns to it. Funs do not count, as in OTP.
    pub(crate) fn uses(&self, version: Version) -> bool {
        let leads =
            |ptr: CodePtr| ptr.module == version.0 && ptr != CodePtr::OUTERMOST && ptr != CodePtr::default();
        let returns = |word: u64| word != 0 && Word(word).is_header() && leads(CodePtr::of_word(word));
        let here = self.control.start.is_none() && self.parked.resume != Resume::ReturnValue;
        (here && leads(self.parked.at))
            || returns(self.parked.continuation)
            || self.stack.iter().any(|&word| returns(word))
    }
}

/// Functions in Rust in place of the loops that run them.
fn in_rust(frames: impl Iterator<Item = Frame>, innermost: &Suspended) -> Vec<Frame> {
    let (mut shown, mut next) = (Vec::new(), Some(innermost));
    let mut in_loop = false;
    for frame in frames {
        let is_loop = frame.mfa.module.text() == LOOP_MODULE;
        if !is_loop {
            shown.push(frame);
        } else if let (false, Some(suspended)) = (in_loop, next) {
            let location = suspended.at.map(|at| (at.file().to_owned(), at.line()));
            shown.push(Frame { mfa: suspended.name, location });
            next = suspended.caller.as_deref();
        }
        in_loop = is_loop;
    }
    shown
}

fn frame(view: &CodeView, ptr: CodePtr) -> Option<Frame> {
    let pc = ptr.pc;
    let module = view.modules.get(ptr.module as usize)?;
    let function = module.function_at(pc)?;
    let mfa = Mfa { module: module.name, function: function.name, arity: function.arity };
    Some(Frame { mfa, location: module.line_at(pc).map(|(file, line)| (file.to_owned(), line)) })
}

impl Frame {
    /// `{Module, Function, Arity}`.
    pub(crate) fn mfa_term(&self, heap: &mut Heap) -> Result<Word, HeapFull> {
        let Mfa { module, function, arity } = self.mfa;
        heap.new_tuple(&[Word::atom(module), Word::atom(function), Word::small(i64::from(arity))])
    }

    /// `{Module, Function, Arity, [{file, File}, {line, Line}]}`.
    pub(crate) fn trace_term(&self, heap: &mut Heap) -> Result<Word, HeapFull> {
        let mut location = Word::NIL;
        if let Some((file, line)) = &self.location {
            let line = heap.new_tuple(&[Word::atom(Atom::LINE), Word::small(i64::from(*line))])?;
            let characters: Vec<Word> = file.chars().map(|c| Word::small(i64::from(u32::from(c)))).collect();
            let file = heap.new_list(&characters, Word::NIL)?;
            let file = heap.new_tuple(&[Word::atom(Atom::FILE), file])?;
            location = heap.new_list(&[file, line], Word::NIL)?;
        }
        let Mfa { module, function, arity } = self.mfa;
        let arity = Word::small(i64::from(arity));
        heap.new_tuple(&[Word::atom(module), Word::atom(function), arity, location])
    }

    /// The frame as a line of a backtrace shows it.
    pub(crate) fn text(&self) -> String {
        let Mfa { module, function, arity } = self.mfa;
        let mut text = format!("{}:{}/{arity}", module.text(), function.text());
        if let Some((file, line)) = &self.location {
            text += &format!(" ({file}, line {line})");
        }
        text
    }
}
