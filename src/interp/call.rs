//! Calls that are more than a jump: native functions, exports, funs, apply.

use super::except::{Raised, TraceFrom};
use super::machine::{Fault, Machine, OUTERMOST, Stop};
use crate::bif::table::PureFn;
use crate::bif::{Body, Class, Ctx, EffectResult, Local, NativeIx, Outcome, Raise, native};
use crate::code::instr::{At, Src};
use crate::code::{CodePtr, CodeView, ExportId, FunId, Module, Target};
use crate::heap::mutator::{Mutator, Term};
use crate::heap::read::View;
use crate::heap::{Heap, HeapFull};
use crate::process::mailbox::Arrival;
use crate::process::request::Answered;
use crate::process::{Control, Resume, Waiting};
use crate::term::{Atom, Word};
use crate::world::World;
use std::sync::atomic::{Ordering, compiler_fence};

/// Arguments that a native function may have.
const NATIVE_ARITY_MAX: usize = 8;

/// What a native function's call of another in its place costs.
const GOING_ON_REDUCTIONS: i64 = 500;

/// What a native function on the own process or the world came to.
pub(super) enum NativeStep {
    Value(Word),
    /// Call this with the arguments that are in the X registers.
    Enter(ExportId, usize),
    EnterFun(Word, usize),
    Hibernate(ExportId, usize),
    /// The world does not permit it yet.
    Refused,
    /// The value comes when the process runs again.
    Suspend(Stop),
}

/// Where a call by export led.
pub(super) enum Entered {
    Code(CodePtr),
    /// It was native, and its value is in x0.
    Value,
    Stop(Stop),
}

/// Fills the first `count` arguments, one by one: moving several at once would wait for words that were just written.
#[inline(always)]
fn arguments(terms: &mut [Term<'_>; NATIVE_ARITY_MAX], x: &[u64; 1024], count: usize) {
    for (term, &word) in terms[..count].iter_mut().zip(&x[..count]) {
        *term = Term::of(Word(word));
        // Or the compiler would make one copy of it.
        compiler_fence(Ordering::SeqCst);
    }
}

/// What the fast loop calls native functions with.
pub(super) struct Natives<'a> {
    pub control: &'a mut Control,
    pub world: &'a mut dyn World,
    /// Whether visible operations ask first, and the world hears of messages that are taken.
    pub asks: bool,
    /// What the last call came to, if its value is not in x0.
    pub came_to: Option<CameTo>,
}

/// What a native function that the fast loop called came to.
pub(super) enum CameTo {
    Ended(EffectResult<'static>),
    /// The world does not permit it yet.
    Refused,
}

impl Natives<'_> {
    /// Calls a function with its arguments in X registers: whether its value is in x0 and nothing else is to be done.
    #[inline(never)]
    pub fn call(&mut self, ix: NativeIx, arity: usize, x: &mut [u64; 1024], heap: &mut Heap) -> bool {
        let mut args = [Term::nil(); NATIVE_ARITY_MAX];
        arguments(&mut args, x, arity);
        let args = &args[..arity];
        let result = match native(ix).body {
            Body::Effect(f, visible) => {
                if self.asks {
                    let op = visible.op(heap, self.control, self.world, &x[..arity]);
                    if !self.world.permit(self.control.pid, op) {
                        self.came_to = Some(CameTo::Refused);
                        return false;
                    }
                }
                let m = Mutator::new(heap);
                f(&mut Ctx { m, control: self.control, world: self.world }, args)
            }
            Body::Local(f) => f(&mut Local { m: Mutator::new(heap), control: self.control }, args),
            Body::Guard(f) | Body::Pure(f) => f(&mut Mutator::new(heap), args).map(Outcome::Value),
        };
        let word = match &result {
            Ok(Outcome::Value(value)) => value.word(),
            _ => {
                let ended = result.map(detached_outcome).map_err(detached);
                self.came_to = Some(CameTo::Ended(ended));
                return false;
            }
        };
        if heap.wants_collection(0) {
            self.came_to = Some(CameTo::Ended(Ok(Outcome::Value(Term::of(word)))));
            return false;
        }
        x[0] = word.0;
        true
    }

    /// A message was taken out.
    #[inline]
    pub fn removed(&mut self, arrival: Arrival) {
        self.control.receive_deadline = None;
        if self.asks {
            self.world.took(self.control.pid, arrival);
        }
    }
}

impl Machine<'_> {
    /// A guard or pure function with its arguments in X registers.
    #[inline]
    pub fn pure(&mut self, f: PureFn, ix: NativeIx, arity: usize) -> Result<Word, Fault> {
        let mut args = [Term::nil(); NATIVE_ARITY_MAX];
        arguments(&mut args, self.x, arity);
        let mut mutator = Mutator::new(&mut self.p.heap);
        let raise = match f(&mut mutator, &args[..arity]) {
            Ok(term) => return Ok(term.word()),
            Err(raise) => detached(raise),
        };
        Err(self.native_fault(raise, ix, arity))
    }

    /// A guard function with its operands in a list.
    pub fn guard(&mut self, module: &Module, ix: NativeIx, list: At) -> Result<Word, Fault> {
        let list = list as usize;
        let arity = module.extra[list] as usize;
        let mut args = [Term::nil(); NATIVE_ARITY_MAX];
        for (i, &src) in module.extra[list + 1..][..arity].iter().enumerate() {
            args[i] = Term::of(Word(self.get(Src(src), &module.constants)));
        }
        let raise = match native(ix).body {
            Body::Guard(f) | Body::Pure(f) => match f(&mut Mutator::new(&mut self.p.heap), &args[..arity]) {
                Ok(term) => return Ok(term.word()),
                Err(raise) => detached(raise),
            },
            Body::Local(f) => {
                let mut local = Local { m: Mutator::new(&mut self.p.heap), control: &mut self.p.control };
                match f(&mut local, &args[..arity]) {
                    Ok(Outcome::Value(term)) => return Ok(term.word()),
                    Ok(other) => panic!("a guard function gives a value: {other:?}"),
                    Err(raise) => detached(raise),
                }
            }
            Body::Effect(..) => panic!("the loader lets no effect into a guard"),
        };
        let words: Vec<Word> = args[..arity].iter().map(|t| t.word()).collect();
        Err(self.native_fault_with(raise, ix, &words))
    }

    /// A function on the own process or the world, with its arguments in X registers.
    pub fn native(&mut self, ix: NativeIx, arity: usize) -> Result<NativeStep, Fault> {
        let mut args = [Term::nil(); NATIVE_ARITY_MAX];
        arguments(&mut args, self.x, arity);
        let p = &mut *self.p;
        let result = match native(ix).body {
            Body::Guard(f) | Body::Pure(f) => {
                f(&mut Mutator::new(&mut p.heap), &args[..arity]).map(Outcome::Value)
            }
            Body::Local(f) => {
                let mut local = Local { m: Mutator::new(&mut p.heap), control: &mut p.control };
                f(&mut local, &args[..arity])
            }
            Body::Effect(f, visible) => {
                if self.asks {
                    let op = visible.op(&p.heap, &p.control, self.world, &self.x[..arity]);
                    if !self.world.permit(p.control.pid, op) {
                        return Ok(NativeStep::Refused);
                    }
                }
                let m = Mutator::new(&mut p.heap);
                let mut ctx = Ctx { m, control: &mut p.control, world: self.world };
                f(&mut ctx, &args[..arity])
            }
        };
        let came_to = match result {
            // Nearly always.
            Ok(Outcome::Value(value)) => return Ok(NativeStep::Value(value.word())),
            other => other.map(detached_outcome).map_err(detached),
        };
        self.called(came_to, ix, arity)
    }

    /// Goes on from what a native function came to, whose arguments are in the X registers still.
    pub fn called(
        &mut self,
        came_to: EffectResult<'static>,
        ix: NativeIx,
        arity: usize,
    ) -> Result<NativeStep, Fault> {
        match came_to {
            Ok(outcome) => self.act(outcome),
            Err(raise) => Err(self.native_fault(raise, ix, arity)),
        }
    }

    fn act(&mut self, outcome: Outcome<'static>) -> Result<NativeStep, Fault> {
        Ok(match outcome {
            Outcome::Value(term) => NativeStep::Value(term.word()),
            Outcome::Call(export, args) => {
                self.put_arguments(&args);
                NativeStep::Enter(export, args.len())
            }
            Outcome::CallFun(fun, args) => {
                self.put_arguments(&args);
                NativeStep::EnterFun(fun.word(), args.len())
            }
            Outcome::Hibernate(export, args) => {
                self.put_arguments(&args);
                NativeStep::Hibernate(export, args.len())
            }
            Outcome::Await(request, answer) => {
                self.p.control.reply = None;
                self.p.control.waiting = Waiting::Reply(request, answer);
                NativeStep::Suspend(Stop::Wait)
            }
            Outcome::SleepUntil(deadline) => {
                self.p.control.waiting = Waiting::Sleep(deadline);
                NativeStep::Suspend(Stop::Wait)
            }
            Outcome::YieldNow => NativeStep::Suspend(Stop::GaveWay),
            Outcome::Collect => {
                if self.p.collect(&mut [], 0, true, self.scratch)? {
                    self.p.collect_soon();
                }
                super::release(self.p, self.world);
                NativeStep::Value(Word::TRUE)
            }
            Outcome::ExitSelf(reason) => {
                self.p.begin_exit(reason);
                return Err(Fault::Dead);
            }
        })
    }

    fn put_arguments(&mut self, args: &[Term<'static>]) {
        for (slot, term) in self.x.iter_mut().zip(args) {
            *slot = term.word().0;
        }
    }

    /// The value that a suspended native call waited for.
    pub fn reply_value(&mut self) -> Result<Word, Fault> {
        if let Some(parcel) = &self.p.control.reply {
            let need = parcel.words().len();
            self.test_heap(need, 0)?;
        }
        match self.p.answered()? {
            Some(Answered::Value(value)) => Ok(value),
            Some(Answered::Badarg) => Err(Fault::error(Atom::BADARG)),
            None => Ok(Word::TRUE),
        }
    }

    /// Starts a call by export with arguments in X registers and the continuation `cp`.
    pub fn enter(
        &mut self,
        export: ExportId,
        live: usize,
        cp: u64,
        view: &CodeView,
    ) -> Result<Entered, Fault> {
        self.enter_any(export, live, cp, view).map_err(Fault::entered)
    }

    fn enter_any(
        &mut self,
        export: ExportId,
        live: usize,
        cp: u64,
        view: &CodeView,
    ) -> Result<Entered, Fault> {
        let (mut export, mut live) = (export, live);
        loop {
            match view.target(export) {
                Target::Code(target) => {
                    self.left -= 1;
                    return Ok(Entered::Code(target));
                }
                Target::Gated(target) => {
                    return match self.enter_gated(export, target, live, cp, view)? {
                        Some(entered) => Ok(entered),
                        None => Err(self.undefined(export, live)),
                    };
                }
                Target::Native(ix) => match self.native(ix, live)? {
                    NativeStep::Value(value) => {
                        let value = self.settle(value, 0)?;
                        self.set_x(0, value.0);
                        return Ok(Entered::Value);
                    }
                    NativeStep::Enter(next, count) => {
                        (export, live) = (next, count);
                        // Natives that go on in another call have done a good part of a slice's work.
                        self.left -= GOING_ON_REDUCTIONS;
                        if self.left <= 0 && !self.asks {
                            self.park(CodePtr::default(), cp, live);
                            self.p.control.start = Some(export);
                            return Ok(Entered::Stop(Stop::Yield));
                        }
                    }
                    NativeStep::EnterFun(fun, count) => match self.enter_fun(fun, count, view)? {
                        Ok(target) => return Ok(Entered::Code(target)),
                        Err((next, count)) => (export, live) = (next, count),
                    },
                    NativeStep::Hibernate(next, count) => {
                        self.hibernate(next, count);
                        return Ok(Entered::Stop(Stop::Wait));
                    }
                    NativeStep::Refused => {
                        self.park(CodePtr::default(), cp, live);
                        self.p.control.start = Some(export);
                        return Ok(Entered::Stop(Stop::Refused));
                    }
                    NativeStep::Suspend(stop) => {
                        self.park(CodePtr::default(), cp, 0);
                        self.p.control.start = None;
                        self.p.parked.resume = Resume::ReturnValue;
                        return Ok(Entered::Stop(stop));
                    }
                },
                Target::Missing => {
                    let mfa = export.mfa();
                    let version = view.version;
                    // A module that is absent or broken leaves the function undefined, as in OTP.
                    let loaded = self.world.ensure_loaded(mfa.module);
                    let fresh = self.world.code_version() != version;
                    if loaded.is_ok() && fresh {
                        self.park(CodePtr::default(), cp, live);
                        self.p.control.start = Some(export);
                        return Ok(Entered::Stop(Stop::Reload));
                    }
                    match self.handler_of(export, live, view)? {
                        Some((next, count)) => (export, live) = (next, count),
                        None => return Err(self.undefined(export, live)),
                    }
                }
            }
        }
    }

    /// What is called in place of a function that is not there, its arguments put in their place: the process's own error handler,
    /// or what the module has for this. Source: `error_handler`, `process_flag/2`.
    fn handler_of(
        &mut self,
        export: ExportId,
        live: usize,
        view: &CodeView,
    ) -> Result<Option<(ExportId, usize)>, Fault> {
        let mfa = export.mfa();
        let own = self.p.control.error_handler;
        let (handler, count) = match own {
            Atom::ERROR_HANDLER => {
                (ExportId::new(mfa.module, Atom::known("$handle_undefined_function"), 2), 2)
            }
            own => (ExportId::new(own, Atom::known("undefined_function"), 3), 3),
        };
        // The handler of a process need not be loaded.
        if handler == export || own == Atom::ERROR_HANDLER && view.target(handler) == Target::Missing {
            return Ok(None);
        }
        self.test_heap(2 * live, live)?;
        let args: Vec<Word> = self.x[..live].iter().map(|&w| Word(w)).collect();
        let args = self.p.heap.new_list(&args, Word::NIL)?;
        let (module, function) = (Word::atom(mfa.module), Word::atom(mfa.function));
        let all: &[Word] = if count == 2 { &[function, args] } else { &[module, function, args] };
        all.iter().enumerate().for_each(|(at, word)| self.set_x(at, word.0));
        Ok(Some((handler, count)))
    }

    /// Whether a fun can be called with so many arguments; the exception if not, raised at the caller.
    pub fn check_fun(&mut self, fun: Word, count: usize, _view: &CodeView) -> Result<(), Fault> {
        let fits = match self.p.heap.is_fun(fun) {
            false => return Err(self.error_with(Atom::BADFUN, fun)),
            true => match self.p.heap.view(fun) {
                View::Fun { arity, .. } => arity as usize == count,
                View::ExternalFun { export } => ExportId(export).mfa().arity as usize == count,
                _ => false,
            },
        };
        if fits { Ok(()) } else { Err(self.bad_arity(fun, count)) }
    }

    /// Where a local fun of the right arity starts; its free variables go behind the arguments.
    #[inline]
    pub fn local_fun(&mut self, fun: u64, count: usize, view: &CodeView) -> Option<CodePtr> {
        let word = Word(fun);
        if !word.is_boxed() {
            return None;
        }
        let (words, at) = self.p.heap.place(word);
        let header = crate::term::word::Header::decode(words[at]);
        if header.kind != crate::term::word::Kind::Fun || header.extra as usize != count {
            return None;
        }
        let target = view.fun(FunId(Word(words[at + 1]).small_value() as u32))?;
        let free = &words[at + 2..at + 1 + header.size];
        self.x[count..count + free.len()].copy_from_slice(free);
        Some(target)
    }

    /// Live registers of a call of a local fun: arguments and free variables.
    #[inline]
    pub fn fun_live(&self, fun: u64, count: u8) -> usize {
        count as usize + self.p.heap.header(Word(fun)).size - 1
    }

    /// Starts a call of any fun; `Err` inside names an export to enter.
    #[allow(clippy::type_complexity)]
    pub fn enter_fun(
        &mut self,
        fun: Word,
        count: usize,
        view: &CodeView,
    ) -> Result<Result<CodePtr, (ExportId, usize)>, Fault> {
        self.check_fun(fun, count, view)?;
        if let Some(target) = self.local_fun(fun.0, count, view) {
            return Ok(Ok(target));
        }
        match self.p.heap.view(fun) {
            View::ExternalFun { export } => Ok(Err((ExportId(export), count))),
            View::Fun { id, .. } => Ok(Err(self.load_for_fun(FunId(id), fun, count)?)),
            _ => panic!("check_fun lets funs pass alone"),
        }
    }

    /// A fun whose module is not loaded: nothing to call.
    fn load_for_fun(&mut self, id: FunId, fun: Word, count: usize) -> Result<(ExportId, usize), Fault> {
        let _ = (id, count);
        Err(self.error_with(Atom::BADFUN, fun))
    }

    /// Module and function behind the arguments, as an export.
    pub fn apply_target(&mut self, live: usize) -> Result<ExportId, Fault> {
        let (module, function) = (Word(self.xr(live)), Word(self.xr(live + 1)));
        match (module.as_atom(), function.as_atom()) {
            (Some(module), Some(function)) => Ok(ExportId::new(module, function, live as u32)),
            _ => {
                let args: Vec<Word> = (0..live).map(|i| Word(self.xr(i))).collect();
                let heap = &mut self.p.heap;
                let list = heap.new_list(&args, Word::NIL)?;
                let list = heap.new_list(&[module, function, list], Word::NIL)?;
                let location = self.native_location("erlang", None)?;
                let head = [Word::atom(Atom::ERLANG), Word::atom(Atom::APPLY), list, location];
                let head = self.p.heap.new_tuple(&head)?;
                let trace = TraceFrom::Native(head);
                Err(Fault::Raise(Raised { class: Class::Error, reason: Word::atom(Atom::BADARG), trace }))
            }
        }
    }

    /// A native function that raises in the name of whoever applies it: of the function that runs, also where the
    /// application is the last thing that it does.
    pub fn applied_here(&self, export: ExportId, view: &CodeView) -> Option<NativeIx> {
        let Target::Native(ix) = view.target(export) else { return None };
        let row = native(ix);
        let raises = matches!(row.body, Body::Local(_)) && raises_for_caller(row.function);
        raises.then_some(ix)
    }

    /// `hibernate/3`: forgets the stack and waits for a message.
    pub fn hibernate(&mut self, export: ExportId, live: usize) {
        self.p.stack.clear();
        self.p.parked.catches = 0;
        self.park(CodePtr::default(), OUTERMOST.word(), live);
        self.p.control.start = Some(export);
        // It sleeps with the heap that it has where there is no memory to collect with.
        let _ = self.p.collect(&mut [], 0, true, self.scratch);
        self.p.control.mailbox.restart();
        self.p.control.mailbox.begin_wait();
        self.p.control.waiting = Waiting::Receive(None);
        if !self.p.control.mailbox.is_empty() {
            self.p.control.waiting = Waiting::No;
        }
    }

    /// The outermost function returned.
    pub fn finish(&mut self) {
        if let Some(on_load) = &mut self.p.control.on_load {
            on_load.accepted = self.x[0] == Word::atom(Atom::OK).0;
            if !on_load.accepted {
                self.load_refused();
            }
        }
        if self.p.control.keep_result {
            self.p.control.result = self.p.heap.parcel(Word(self.xr(0))).ok().map(Box::new);
        }
        let normal = crate::heap::parcel::Parcel::immediate(Word::atom(Atom::NORMAL));
        self.p.leave(normal);
    }

    fn native_fault(&mut self, raise: Raise<'static>, ix: NativeIx, arity: usize) -> Fault {
        let words: Vec<Word> = self.x[..arity].iter().map(|&w| Word(w)).collect();
        self.native_fault_with(raise, ix, &words)
    }

    fn native_fault_with(&mut self, raise: Raise<'static>, ix: NativeIx, args: &[Word]) -> Fault {
        let row = native(ix);
        let (class, reason) = match raise {
            Raise::HeapFull => return Fault::HeapFull,
            Raise::Traced(class, reason, trace) => {
                let trace = TraceFrom::Given(trace.word());
                return Fault::Raise(Raised { class, reason: reason.word(), trace });
            }
            Raise::WithArguments { reason, arguments, error_info } => {
                return match self.called_with(arguments.map(Term::word), error_info.map(Term::word)) {
                    Ok(trace) => Fault::Raise(Raised { class: Class::Error, reason: reason.word(), trace }),
                    Err(full) => full.into(),
                };
            }
            Raise::With(class, reason) if raises_for_caller(row.function) => {
                return Fault::Raise(Raised { class, reason: reason.word(), trace: TraceFrom::Here });
            }
            Raise::Error(atom) | Raise::Caused(atom, _) => (Class::Error, Word::atom(atom)),
            Raise::With(class, reason) => (class, reason.word()),
        };
        let cause = match raise {
            Raise::Caused(_, cause) => Some(cause),
            _ => None,
        };
        match self.native_head(ix, cause, args) {
            Ok(head) => Fault::Raise(Raised { class, reason, trace: TraceFrom::Native(head) }),
            Err(full) => full.into(),
        }
    }

    /// `{M, F, [Argument], Location}` of a native function that raised.
    fn native_head(&mut self, ix: NativeIx, cause: Option<Atom>, args: &[Word]) -> Result<Word, HeapFull> {
        let location = self.native_location(native(ix).module, cause)?;
        let list = self.p.heap.new_list(args, Word::NIL)?;
        let (module, function) = crate::bif::table::name(ix);
        self.p.heap.new_tuple(&[Word::atom(module), Word::atom(function), list, location])
    }

    /// `{M, F, [Argument]}`: the first entry of a trace.
    fn head(&mut self, module: Atom, function: Atom, args: &[Word]) -> Result<Word, Fault> {
        let list = self.p.heap.new_list(args, Word::NIL)?;
        Ok(self.p.heap.new_tuple(&[Word::atom(module), Word::atom(function), list])?)
    }

    /// The exception of a call that leads nowhere.
    fn undefined(&mut self, export: ExportId, live: usize) -> Fault {
        let args: Vec<Word> = self.x[..live].iter().map(|&w| Word(w)).collect();
        let mfa = export.mfa();
        match self.head(mfa.module, mfa.function, &args) {
            Ok(head) => {
                let reason = Word::atom(Atom::UNDEF);
                Fault::Raise(Raised { class: Class::Error, reason, trace: TraceFrom::Native(head) })
            }
            Err(full) => full,
        }
    }
}

/// `error/1`, `exit/1` and `throw/1` raise in their caller's name.
fn raises_for_caller(function: &str) -> bool {
    matches!(function, "error" | "exit" | "throw")
}

/// A raise whose terms are words now: no collection happens before they are rooted in a fault.
fn detached(raise: Raise<'_>) -> Raise<'static> {
    let term = |t: Term<'_>| Term::of(t.word());
    match raise {
        Raise::Error(atom) => Raise::Error(atom),
        Raise::With(class, reason) => Raise::With(class, term(reason)),
        Raise::Traced(class, reason, trace) => Raise::Traced(class, term(reason), term(trace)),
        Raise::Caused(atom, cause) => Raise::Caused(atom, cause),
        Raise::WithArguments { reason, arguments, error_info } => Raise::WithArguments {
            reason: term(reason),
            arguments: arguments.map(term),
            error_info: error_info.map(term),
        },
        Raise::HeapFull => Raise::HeapFull,
    }
}

fn detached_outcome(outcome: Outcome<'_>) -> Outcome<'static> {
    let term = |t: Term<'_>| Term::of(t.word());
    let terms = |ts: Vec<Term<'_>>| ts.into_iter().map(|t| Term::of(t.word())).collect();
    match outcome {
        Outcome::Value(value) => Outcome::Value(term(value)),
        Outcome::Call(export, args) => Outcome::Call(export, terms(args)),
        Outcome::CallFun(fun, args) => Outcome::CallFun(term(fun), terms(args)),
        Outcome::Hibernate(export, args) => Outcome::Hibernate(export, terms(args)),
        Outcome::Await(request, answer) => Outcome::Await(request, answer),
        Outcome::SleepUntil(deadline) => Outcome::SleepUntil(deadline),
        Outcome::YieldNow => Outcome::YieldNow,
        Outcome::Collect => Outcome::Collect,
        Outcome::ExitSelf(reason) => Outcome::ExitSelf(reason),
    }
}
