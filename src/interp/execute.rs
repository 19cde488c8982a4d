//! The outer loop: runs the fast loop, and the instructions that it leaves.
//!
//! `pc`, the module and the continuation pointer are locals and are written
//! back when a process is parked.

use super::call::{CameTo, Entered, NativeStep, Natives};
use super::fast::Fast;
use super::machine::{Fault, Machine, OUTERMOST, Stop};
use crate::bif::{Body, native};
use crate::code::instr::{BitOp, Instr, NO_LABEL, NO_REGISTER};
use crate::code::{CodePtr, CodeView, Module, Target};
use crate::process::Resume;
use crate::term::Word;

/// How a call of a native function leaves its caller.
#[derive(Clone, Copy)]
enum Leave {
    /// Go on behind the call.
    Next,
    /// Return to the continuation.
    Return,
    /// Free the frame and return.
    FreeReturn(u16),
}

/// Whether the fast loop would hand this instruction straight back. A receive's first look at the mailbox
/// mostly meets a message that is not a term yet.
#[inline(always)]
fn is_for_this_loop(instruction: &Instr) -> bool {
    matches!(
        instruction,
        Instr::Send | Instr::LoopRec { .. } | Instr::Wait { .. } | Instr::WaitTimeout { .. } | Instr::Timeout
    )
}

/// Runs code until the process stops. The parked registers are taken from and put back into the process.
pub(super) fn execute(m: &mut Machine<'_>, view: &CodeView) -> Stop {
    let resume = m.p.parked.resume;
    let mut resume_value = resume == Resume::NativeValue;
    m.p.parked.resume = Resume::Code;
    let count = m.p.parked.x.len();
    match *m.p.parked.x {
        [] => {}
        [a] => m.x[0] = a,
        [a, b] => (m.x[0], m.x[1]) = (a, b),
        ref all => m.x[..count].copy_from_slice(all),
    }
    m.p.parked.x.clear();
    let mut cp: u64 = m.p.parked.continuation;
    let mut number: u32 = m.p.parked.at.module;
    let mut pc: usize = m.p.parked.at.pc as usize;
    let mut module: &Module;
    let mut code: &[Instr];
    let mut constants: &[u64];

    macro_rules! here {
        () => {
            CodePtr { module: number, pc: pc as u32 }
        };
    }
    macro_rules! behind {
        () => {
            CodePtr { module: number, pc: pc as u32 + 1 }.word()
        };
    }
    macro_rules! goto {
        ($target:expr) => {{
            let target: CodePtr = $target;
            if target.module != number {
                number = target.module;
                module = &view.modules[number as usize];
                code = &module.code;
                constants = &module.constants;
            }
            pc = target.pc as usize;
        }};
    }
    // Returns to the continuation; x0 is the value.
    macro_rules! give_back {
        () => {{
            let target = CodePtr::of_word(cp);
            cp = 0;
            if target.module != number {
                if target == OUTERMOST {
                    m.finish();
                    return Stop::Exit;
                }
                goto!(target);
            } else {
                pc = target.pc as usize;
            }
            continue;
        }};
    }
    macro_rules! fault {
        ($fault:expr) => {{
            let fault = $fault;
            match m.unwind(fault, here!(), cp, view) {
                Some(target) => {
                    cp = 0;
                    goto!(target);
                    continue;
                }
                None => return Stop::Exit,
            }
        }};
    }
    macro_rules! check {
        ($result:expr) => {
            match $result {
                Ok(value) => value,
                Err(fault) => fault!(Fault::from(fault)),
            }
        };
    }
    // Enters a function by its export: code, native, or one that must be loaded first.
    macro_rules! enter {
        ($export:expr, $live:expr) => {{
            match m.enter($export, $live as usize, cp, view) {
                Ok(Entered::Code(target)) => {
                    goto!(target);
                    continue;
                }
                Ok(Entered::Value) => give_back!(),
                Ok(Entered::Stop(stop)) => return stop,
                Err(fault) => fault!(fault),
            }
        }};
    }
    macro_rules! enter_fun {
        ($fun:expr, $live:expr) => {{
            match m.enter_fun(Word($fun), $live as usize, view) {
                Ok(Ok(target)) => {
                    goto!(target);
                    continue;
                }
                Ok(Err((export, live))) => enter!(export, live),
                Err(fault) => fault!(fault),
            }
        }};
    }
    // After a native call: its value is in x0.
    macro_rules! leave {
        ($how:expr) => {
            match $how {
                Leave::Next => pc += 1,
                Leave::Return => give_back!(),
                Leave::FreeReturn(slots) => {
                    cp = m.pop_frame(slots as usize);
                    give_back!()
                }
            }
        };
    }
    macro_rules! set_continuation {
        ($how:expr) => {
            match $how {
                Leave::Next => cp = behind!(),
                Leave::Return => {}
                Leave::FreeReturn(slots) => cp = m.pop_frame(slots as usize),
            }
        };
    }
    // What a native function came to; `live` is how many arguments it had.
    macro_rules! after_native {
        ($step:expr, $live:expr, $how:expr) => {
            match $step {
                NativeStep::Value(value) => {
                    let value = check!(m.settle(value, 0));
                    m.set_x(0, value.0);
                    leave!($how);
                }
                NativeStep::Enter(export, live) => {
                    if let Some(raising) = m.applied_here(export, view) {
                        check!(m.native(raising, live));
                    }
                    set_continuation!($how);
                    enter!(export, live)
                }
                NativeStep::EnterFun(fun, live) => {
                    set_continuation!($how);
                    enter_fun!(fun.0, live)
                }
                NativeStep::Refused => {
                    m.park(here!(), cp, $live);
                    return Stop::Refused;
                }
                NativeStep::Suspend(stop) => {
                    m.park(here!(), cp, 0);
                    m.p.parked.resume = Resume::NativeValue;
                    return stop;
                }
                NativeStep::Hibernate(export, live) => {
                    m.hibernate(export, live);
                    return Stop::Wait;
                }
            }
        };
    }
    macro_rules! call_native {
        ($native:expr, $live:expr, $how:expr) => {{
            let live = $live as usize;
            match native($native).body {
                Body::Guard(f) | Body::Pure(f) => {
                    let value = check!(m.pure(f, $native, live));
                    let value = check!(m.settle(value, 0));
                    m.set_x(0, value.0);
                    leave!($how);
                }
                Body::Local(_) | Body::Effect(..) => {
                    let step = check!(m.native($native, live));
                    after_native!(step, live, $how)
                }
            }
        }};
    }
    // A call within the module costs a reduction; at none the process yields at the callee's entry.
    macro_rules! reduce {
        ($live:expr) => {
            m.left -= 1;
            if m.left <= 0 {
                m.park(here!(), cp, $live as usize);
                return Stop::Yield;
            }
        };
    }
    macro_rules! test {
        ($holds:expr, $fail:expr) => {
            if $holds { pc += 1 } else { pc = $fail as usize }
        };
    }
    macro_rules! get {
        ($src:expr) => {
            m.get($src, constants)
        };
    }
    // A guard function's failure: the label, or the exception in a body.
    macro_rules! guarded {
        ($result:expr, $fail:expr) => {
            match $result {
                Ok(value) => value,
                Err(fault) => {
                    if $fail != NO_LABEL && matches!(fault, Fault::Raise(_)) {
                        pc = $fail as usize;
                        continue;
                    }
                    fault!(fault)
                }
            }
        };
    }

    macro_rules! add_const {
        ($a:expr, $to:expr, $live:expr, $constant:expr, $fail:expr) => {{
            let value = guarded!(m.add_const_slow(Word($a), $constant), $fail);
            let value = check!(m.settle(value, $live as usize));
            m.set($to, value.0);
            pc += 1;
        }};
    }
    macro_rules! bits {
        ($done:expr, $fail:expr) => {
            match $done {
                Ok(true) => pc += 1,
                Ok(false) => pc = $fail as usize,
                Err(fault) => {
                    if $fail != NO_LABEL && matches!(fault, Fault::Raise(_)) {
                        pc = $fail as usize;
                    } else {
                        fault!(fault)
                    }
                }
            }
        };
    }

    if let Some(export) = m.p.control.start {
        // A new process, or one that stopped on its way into a function.
        match m.enter(export, count, cp, view) {
            Ok(Entered::Code(target)) => {
                m.p.control.start = None;
                m.p.control.load_refused = false;
                number = target.module;
                pc = target.pc as usize;
            }
            Ok(Entered::Value) => {
                m.p.control.start = None;
                let target = CodePtr::of_word(cp);
                if target == OUTERMOST {
                    m.finish();
                    return Stop::Exit;
                }
                number = target.module;
                pc = target.pc as usize;
                cp = 0;
            }
            Ok(Entered::Stop(stop)) => return stop,
            Err(fault) => {
                m.p.control.start = None;
                match m.unwind(fault, OUTERMOST, cp, view) {
                    Some(target) => {
                        number = target.module;
                        pc = target.pc as usize;
                        cp = 0;
                    }
                    None => return Stop::Exit,
                }
            }
        }
    }
    if resume == Resume::ReturnValue {
        match m.reply_value() {
            Ok(value) => {
                m.set_x(0, value.0);
                let target = CodePtr::of_word(cp);
                if target == OUTERMOST {
                    m.finish();
                    return Stop::Exit;
                }
                number = target.module;
                pc = target.pc as usize;
                cp = 0;
            }
            Err(fault) => match m.unwind(fault, OUTERMOST, cp, view) {
                Some(target) => {
                    number = target.module;
                    pc = target.pc as usize;
                    cp = 0;
                }
                None => return Stop::Exit,
            },
        }
    }
    module = &view.modules[number as usize];
    code = &module.code;
    constants = &module.constants;
    // A native call that waited has its value now. One turn of a loop, so that `continue` leads to the code.
    while resume_value {
        resume_value = false;
        let value = check!(m.reply_value());
        m.set_x(0, value.0);
        match code[pc] {
            Instr::CallNativeOnly { .. } => leave!(Leave::Return),
            Instr::CallNativeLast { slots, .. } => leave!(Leave::FreeReturn(slots)),
            _ => leave!(Leave::Next),
        }
    }

    // Whether code of another module has been entered by now.
    let mut crossed = false;
    loop {
        // Entering the fast loop costs as much as a score of its instructions.
        if !is_for_this_loop(&code[pc]) {
            let mut fast = Fast {
                x: m.x,
                heap: &mut m.p.heap,
                stack: &mut m.p.stack,
                builder: m.builder,
                catches: &mut m.p.parked.catches,
                natives: Natives { control: &mut m.p.control, world: m.world, asks: m.asks, came_to: None },
                module,
                view,
                number,
                pc,
                cp,
                left: m.left,
                taken: None,
                crosses: crossed,
            };
            fast.run_on();
            let (taken, came_to) = (fast.taken, fast.natives.came_to);
            (pc, cp, m.left, crossed) = (fast.pc, fast.cp, fast.left, fast.crosses);
            if fast.number != number {
                number = fast.number;
                module = &view.modules[number as usize];
                code = &module.code;
                constants = &module.constants;
            }
            if let Some(arrival) = taken {
                m.removed(arrival);
            }
            if let Some(came_to) = came_to {
                let (native, live, how) = match code[pc] {
                    Instr::CallNative { native, live } => (native, live, Leave::Next),
                    Instr::CallNativeOnly { native, live } => (native, live, Leave::Return),
                    Instr::CallNativeLast { native, live, slots } => (native, live, Leave::FreeReturn(slots)),
                    other => panic!("the fast loop called a native function in {other:?}"),
                };
                let step = match came_to {
                    CameTo::Ended(result) => check!(m.called(result, native, live as usize)),
                    CameTo::Refused => NativeStep::Refused,
                };
                after_native!(step, live as usize, how);
                continue;
            }
        }
        match code[pc] {
            Instr::AllocateHeap { slots, live, need } => {
                check!(m.test_heap(need as usize, live as usize));
                m.push_frame(cp, slots as usize);
                cp = 0;
                pc += 1;
            }
            Instr::DeallocateReturn { slots } => {
                cp = m.pop_frame(slots as usize);
                give_back!();
            }
            Instr::MoveDeallocateReturn { from, slots } => {
                let word = get!(from);
                m.set_x(0, word);
                cp = m.pop_frame(slots as usize);
                give_back!();
            }
            Instr::MoveReturn { from } => {
                let word = get!(from);
                m.set_x(0, word);
                give_back!();
            }
            Instr::Return => give_back!(),
            Instr::TestHeap { need, live } => {
                check!(m.test_heap(need as usize, live as usize));
                pc += 1;
            }
            Instr::TestCons { head, tail, to, live } => {
                check!(m.test_heap(2, live as usize));
                let (head, tail) = (get!(head), get!(tail));
                let cell = m.cons(head, tail);
                m.set(to, cell);
                pc += 1;
            }
            Instr::ConsReturn { head, tail, live, slots } => {
                check!(m.test_heap(2, live as usize));
                let (head, tail) = (get!(head), get!(tail));
                let cell = m.cons(head, tail);
                m.set_x(0, cell);
                cp = m.pop_frame(slots as usize);
                give_back!();
            }

            // The fast loop does it where the tuple has such an element.
            Instr::SetElement { .. } => fault!(Fault::error(crate::term::Atom::BADARG)),
            Instr::UpdateRecord { size, from, to, list } => {
                check!(m.update_record(module, size as usize, from, to, list));
                pc += 1;
            }

            Instr::Is { test, from, fail } => {
                let word = Word(get!(from));
                test!(m.is(test, word), fail);
            }
            Instr::IsEqExact { a, b, fail } => {
                let (a, b) = (Word(get!(a)), Word(get!(b)));
                test!(m.equal_exact(a, b), fail);
            }
            Instr::IsNeExact { a, b, fail } => {
                let (a, b) = (Word(get!(a)), Word(get!(b)));
                test!(!m.equal_exact(a, b), fail);
            }
            Instr::IsEq { a, b, fail } => {
                let (a, b) = (Word(get!(a)), Word(get!(b)));
                test!(m.equal_loose(a, b), fail);
            }
            Instr::IsNe { a, b, fail } => {
                let (a, b) = (Word(get!(a)), Word(get!(b)));
                test!(!m.equal_loose(a, b), fail);
            }
            Instr::IsLt { a, b, fail } => {
                let (a, b) = (Word(get!(a)), Word(get!(b)));
                test!(m.less(a, b), fail);
            }
            Instr::IsGe { a, b, fail } => {
                let (a, b) = (Word(get!(a)), Word(get!(b)));
                test!(!m.less(a, b), fail);
            }
            Instr::IsFunctionOf { from, arity, fail } => {
                let (word, arity) = (Word(get!(from)), Word(get!(arity)));
                test!(m.is_function_of(word, arity), fail);
            }
            Instr::HasMapFields { from, list, fail } => {
                let map = Word(get!(from));
                test!(m.p.heap.is_map(map) && m.has_map_fields(module, map, list), fail);
            }
            Instr::GetMapElements { from, list, fail } => {
                let map = Word(get!(from));
                test!(m.p.heap.is_map(map) && m.get_map_elements(module, map, list), fail);
            }

            Instr::SelectArity { from, list, fail } => {
                let header = m.p.heap.header(Word(get!(from)));
                let list = list as usize;
                let pairs = &module.extra[list + 1..][..2 * module.extra[list] as usize];
                let found = pairs.chunks_exact(2).find(|p| p[0] as usize == header.size);
                pc = found.map_or(fail, |p| p[1]) as usize;
            }

            Instr::Call { to, live } => {
                cp = behind!();
                pc = to as usize;
                reduce!(live);
            }
            Instr::CallOnly { to, live } => {
                pc = to as usize;
                reduce!(live);
            }
            Instr::CallLast { to, live, slots } => {
                cp = m.pop_frame(slots as usize);
                pc = to as usize;
                reduce!(live);
            }
            Instr::MoveCall { from, x, live, to } => {
                let word = get!(from);
                m.set_x(x as usize, word);
                cp = behind!();
                pc = to as usize;
                reduce!(live);
            }
            Instr::MoveCallOnly { from, x, live, to } => {
                let word = get!(from);
                m.set_x(x as usize, word);
                pc = to as usize;
                reduce!(live);
            }
            Instr::MoveCallLast { from, x, live, slots, to } => {
                let word = get!(from);
                m.set_x(x as usize, word);
                cp = m.pop_frame(slots as usize);
                pc = to as usize;
                reduce!(live);
            }
            Instr::MoveYX2CallLast { from, to, from2, to2, live, slots, callee } => {
                let (word, word2) = (m.y(from as usize), m.y(from2 as usize));
                m.set_x(to as usize, word);
                m.set_x(to2 as usize, word2);
                cp = m.pop_frame(slots as usize);
                pc = callee as usize;
                reduce!(live);
            }
            Instr::TrimCall { trimmed, live, to } => {
                m.trim(trimmed as usize);
                cp = behind!();
                pc = to as usize;
                reduce!(live);
            }
            Instr::MoveTrimCall { from, x, trimmed, live, to } => {
                let word = m.y(from as usize);
                m.set_x(x as usize, word);
                m.trim(trimmed as usize);
                cp = behind!();
                pc = to as usize;
                reduce!(live);
            }
            Instr::CallExport { export, live } => match view.target(export) {
                Target::Code(target) => {
                    cp = behind!();
                    goto!(target);
                    reduce!(live);
                }
                _ => {
                    cp = behind!();
                    enter!(export, live)
                }
            },
            Instr::CallExportOnly { export, live } => match view.target(export) {
                Target::Code(target) => {
                    goto!(target);
                    reduce!(live);
                }
                _ => enter!(export, live),
            },
            Instr::CallExportLast { export, live, slots } => {
                cp = m.pop_frame(slots as usize);
                match view.target(export) {
                    Target::Code(target) => {
                        goto!(target);
                        reduce!(live);
                    }
                    _ => enter!(export, live),
                }
            }
            Instr::CallNative { native, live } => call_native!(native, live, Leave::Next),
            Instr::CallNativeOnly { native, live } => call_native!(native, live, Leave::Return),
            Instr::CallNativeLast { native, live, slots } => {
                call_native!(native, live, Leave::FreeReturn(slots))
            }
            Instr::Apply { live } => {
                let export = check!(m.apply_target(live as usize));
                cp = behind!();
                enter!(export, live);
            }
            Instr::ApplyLast { live, slots } => {
                let export = check!(m.apply_target(live as usize));
                if let Some(native) = m.applied_here(export, view) {
                    call_native!(native, live, Leave::FreeReturn(slots));
                    continue;
                }
                cp = m.pop_frame(slots as usize);
                enter!(export, live);
            }
            Instr::CallFun { live, fun } => {
                let fun = get!(fun);
                if let Some(target) = m.local_fun(fun, live as usize, view) {
                    cp = behind!();
                    goto!(target);
                    reduce!(m.fun_live(fun, live));
                } else {
                    // As in OTP, a trace shows the call and the place that it would return to.
                    cp = behind!();
                    check!(m.check_fun(Word(fun), live as usize, view));
                    enter_fun!(fun, live)
                }
            }
            Instr::CallFunLast { live, slots, fun } => {
                let fun = get!(fun);
                if let Some(target) = m.local_fun(fun, live as usize, view) {
                    cp = m.pop_frame(slots as usize);
                    goto!(target);
                    reduce!(m.fun_live(fun, live));
                } else {
                    check!(m.check_fun(Word(fun), live as usize, view));
                    cp = m.pop_frame(slots as usize);
                    enter_fun!(fun, live)
                }
            }

            Instr::Guard { native, to, live, list, fail } => {
                let value = guarded!(m.guard(module, native, list), fail);
                let value = if live == 255 { value } else { check!(m.settle(value, live as usize)) };
                m.set(to, value.0);
                pc += 1;
            }
            Instr::Add { a: from, b: by, to, live, fail } => {
                let (a, b) = (get!(from), get!(by));
                // With both tags 1111, subtracting one of them leaves a tagged sum.
                let sum = if a & b & 15 == 15 { (a as i64).checked_add((b & !15) as i64) } else { None };
                let value = match sum {
                    Some(sum) => sum as u64,
                    None => {
                        let named = !(by.is_small_constant(constants) || from.is_small_constant(constants));
                        let sum = m.add_slow(Word(a), Word(b));
                        let value = guarded!(sum.map_err(|fault| fault.named_if(named)), fail);
                        check!(m.settle(value, live as usize)).0
                    }
                };
                m.set(to, value);
                pc += 1;
            }
            Instr::Sub { a, b: by, to, live, fail } => {
                let (a, b) = (get!(a), get!(by));
                let difference =
                    if a & b & 15 == 15 { (a as i64).checked_sub((b & !15) as i64) } else { None };
                let value = match difference {
                    Some(difference) => difference as u64,
                    None => {
                        let named = !by.is_small_constant(constants);
                        let difference = m.sub_slow(Word(a), Word(b));
                        let value = guarded!(difference.map_err(|fault| fault.named_if(named)), fail);
                        check!(m.settle(value, live as usize)).0
                    }
                };
                m.set(to, value);
                pc += 1;
            }
            Instr::AddConstX { from, to, live, constant, fail } => {
                add_const!(m.xr(from as usize), to, live, constant, fail);
            }
            Instr::AddConstY { from, to, live, constant, fail } => {
                add_const!(m.y(from as usize), to, live, constant, fail);
            }
            Instr::Arith { op, to, live, list, fail } => {
                let (a, b) = (module.extra[list as usize], module.extra[list as usize + 1]);
                let (a, b) = (get!(crate::code::instr::Src(a)), get!(crate::code::instr::Src(b)));
                let value = match super::data::arith_small(op, Word(a), Word(b)) {
                    Some(value) => value,
                    None => {
                        let value = guarded!(m.arith_slow(op, Word(a), Word(b)), fail);
                        check!(m.settle(value, live as usize))
                    }
                };
                m.set(to, value.0);
                pc += 1;
            }
            Instr::Compare { op, to, list } => {
                let (a, b) = (module.extra[list as usize], module.extra[list as usize + 1]);
                let (a, b) = (get!(crate::code::instr::Src(a)), get!(crate::code::instr::Src(b)));
                m.set(to, Word::boolean(m.compare(op, Word(a), Word(b))).0);
                pc += 1;
            }
            Instr::Element { position, from, to, fail } => {
                let (position, from) = (Word(get!(position)), Word(get!(from)));
                let value = guarded!(m.element(position, from), fail);
                m.set(to, value.0);
                pc += 1;
            }
            Instr::SelfPid { to } => {
                let pid = m.p.control.pid.word();
                m.set(to, pid.0);
                pc += 1;
            }

            Instr::MakeFun { lambda, to, list } => {
                m.make_fun(module, lambda, to, list);
                pc += 1;
            }
            Instr::MakeFun2 { lambda } => {
                check!(m.make_fun2(module, lambda));
                pc += 1;
            }

            Instr::CatchEnd { y } => {
                m.p.parked.catches -= 1;
                m.set_y(y as usize, Word::NIL.0);
                check!(m.catch_end(view));
                pc += 1;
            }
            Instr::Raise { trace, reason } => {
                let (trace, reason) = (Word(get!(trace)), Word(get!(reason)));
                let fault = m.raise_again(trace, reason);
                fault!(fault)
            }
            Instr::RawRaise => match m.raw_raise() {
                Some(fault) => fault!(fault),
                None => {
                    m.set_x(0, Word::atom(crate::term::Atom::BADARG).0);
                    pc += 1;
                }
            },
            Instr::BuildStacktrace => {
                check!(m.build_stacktrace(view));
                pc += 1;
            }
            Instr::BadMatch { value } => {
                let value = Word(get!(value));
                fault!(m.error_with(crate::term::Atom::BADMATCH, value))
            }
            Instr::CaseEnd { value } => {
                let value = Word(get!(value));
                fault!(m.error_with(crate::term::Atom::CASE_CLAUSE, value))
            }
            Instr::TryCaseEnd { value } => {
                let value = Word(get!(value));
                fault!(m.error_with(crate::term::Atom::TRY_CLAUSE, value))
            }
            Instr::BadRecord { value } => {
                let value = Word(get!(value));
                fault!(m.error_with(crate::term::Atom::BADRECORD, value))
            }
            Instr::IfEnd => fault!(Fault::error(crate::term::Atom::IF_CLAUSE)),
            Instr::FunctionClause { function } => {
                let function = &module.functions[function as usize];
                fault!(m.function_clause(module.name, function))
            }

            Instr::Send => match m.send() {
                Ok(true) => pc += 1,
                Ok(false) => {
                    m.park(here!(), cp, 2);
                    return Stop::Refused;
                }
                Err(fault) => fault!(fault),
            },
            Instr::LoopRec { to, empty, timed } => match m.next_message(timed, here!(), cp) {
                Ok(super::message::Next::Message(word)) => {
                    m.set(to, word.0);
                    pc += 1;
                }
                Ok(super::message::Next::Empty) => pc = empty as usize,
                Ok(super::message::Next::Refused) => {
                    m.park(here!(), cp, 0);
                    return Stop::Refused;
                }
                // The slice ends before any other instruction.
                Ok(super::message::Next::Suspended) => {
                    m.park(here!(), cp, 0);
                    return Stop::Reload;
                }
                Err(fault) => fault!(fault),
            },
            Instr::LoopRecEnd { to } => {
                m.p.control.mailbox.pass();
                pc = to as usize;
                reduce!(0);
            }
            Instr::RemoveMessage => {
                m.remove_message();
                pc += 1;
            }
            Instr::Wait { to } => {
                m.park(CodePtr { module: number, pc: to }, cp, 0);
                m.wait(None);
                return Stop::Wait;
            }
            Instr::WaitTimeout { to, time } => {
                let (time_register, time) = (time.as_x().map(usize::from), Word(get!(time)));
                match check!(m.receive_deadline(time)) {
                    super::message::Limit::Passed => pc += 1,
                    super::message::Limit::At(deadline) => {
                        // A receive that takes nothing comes back here for each message, and reads the time again.
                        let kept = match time_register.filter(|_| to as usize == pc) {
                            Some(n) => {
                                m.x[..n].fill(Word::NIL.0);
                                n + 1
                            }
                            None => 0,
                        };
                        m.park(CodePtr { module: number, pc: to }, cp, kept);
                        m.p.control.timeout_pc = pc as u32 + 1;
                        m.wait(deadline);
                        return Stop::Wait;
                    }
                }
            }
            Instr::Timeout => {
                m.timeout();
                pc += 1;
            }
            Instr::MarkerReserve { to } => {
                m.p.control.mailbox.reserve_marker();
                m.set(to, Word::NIL.0);
                pc += 1;
            }
            Instr::MarkerBind { marker: _, reference } => {
                let word = Word(get!(reference));
                if let Some(id) = m.p.heap.reference(word) {
                    m.p.control.mailbox.bind_marker(id);
                }
                pc += 1;
            }
            Instr::MarkerClear { reference } => {
                let word = Word(get!(reference));
                let id = m.p.heap.reference(word);
                m.p.control.mailbox.clear_marker(id);
                pc += 1;
            }
            Instr::MarkerUse { reference } => {
                let word = Word(get!(reference));
                if let Some(id) = m.p.heap.reference(word) {
                    m.p.control.mailbox.use_marker(id);
                }
                pc += 1;
            }

            Instr::PutMap { exact, live, to, list, fail } => {
                let value = guarded!(m.put_map(module, exact, list), fail);
                let value = check!(m.settle(value, live as usize));
                m.set(to, value.0);
                pc += 1;
            }

            Instr::FloatMove { from, to } => {
                let word = Word(get!(from));
                let value = m.p.heap.float(word).ok_or(Fault::error(crate::term::Atom::BADARITH));
                m.float[to as usize & 1023] = check!(value);
                pc += 1;
            }
            Instr::FloatStore { from, to } => {
                let value = m.float[from as usize & 1023];
                let word = check!(m.p.heap.new_float(value));
                m.set(to, word.0);
                pc += 1;
            }
            Instr::FloatCopy { from, to } => {
                m.float[to as usize & 1023] = m.float[from as usize & 1023];
                pc += 1;
            }
            Instr::FloatConvert { from, to } => {
                let word = Word(get!(from));
                check!(m.float_convert(word, to));
                pc += 1;
            }
            Instr::Float { op, a, b, to } => {
                check!(m.float_op(op, a, b, to));
                pc += 1;
            }

            Instr::Bits { op, list, fail } => {
                let done = m.bits(module, op, list);
                let explains = op == BitOp::Create && fail == NO_LABEL;
                let done = done.map_err(|f| if explains { m.explained(module, list, f) } else { f });
                bits!(done, fail)
            }
            Instr::StartMatchX { position, list, fail, .. } => {
                bits!(m.start_match(module, list, position != NO_REGISTER), fail);
            }
            Instr::End => panic!("execution ran past the end of a module"),
            other => panic!("the fast loop runs {other:?}"),
        }
    }
}
