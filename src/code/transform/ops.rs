//! Each generic instruction as internal ones. The match is exhaustive: a new row of the opcode table does
//! not compile until it is loaded.

use super::Builder;
use crate::bif::{self, Body};
use crate::code::error::Place;
use crate::code::export::ExportId;
use crate::code::generic::{Arg, in_code};
use crate::code::instr::{Arith, BitOp, Comparison, Dst, FloatOp, Instr, NO_LABEL, Pc, Src, Test, Word2};
use crate::code::module::Line;
use crate::code::{LoadError, Opcode};
use crate::term::{Atom, Word};

/// How a call leaves its caller.
#[derive(Clone, Copy)]
enum CallForm {
    Plain,
    Only,
    Last(u16),
}

fn number(arg: Arg) -> u32 {
    match arg {
        Arg::Literal(n) => n,
        other => panic!("the operand check lets a number pass alone: {other:?}"),
    }
}

fn label(arg: Arg) -> Pc {
    match arg {
        Arg::Label(0) => NO_LABEL,
        Arg::Label(n) => n,
        Arg::Atom(_) => NO_LABEL,
        other => panic!("the operand check lets a label pass alone: {other:?}"),
    }
}

fn heap_need(arg: Arg) -> u32 {
    match arg {
        Arg::AllocList { words, floats, funs } => {
            words.saturating_add(floats.saturating_mul(2)).saturating_add(funs.saturating_mul(2))
        }
        other => number(other),
    }
}

fn y(arg: Arg) -> u16 {
    match arg {
        Arg::Y(n) => n,
        other => panic!("the operand check lets a Y register pass alone: {other:?}"),
    }
}

fn float_reg(arg: Arg) -> u16 {
    match arg {
        Arg::FloatReg(n) => n,
        other => panic!("the operand check lets a float register pass alone: {other:?}"),
    }
}

impl Builder<'_> {
    pub(super) fn op(&mut self, index: usize) -> Result<(), LoadError> {
        let op = self.generic.ops[index];
        let a = self.args(op.args);
        let at = in_code(op.at);
        match op.op {
            Opcode::Label => {
                self.label_pc[number(a[0]) as usize] = self.code.len() as u32;
                self.fence = self.code.len();
            }
            Opcode::FuncInfo => self.func_info(index),
            Opcode::IntCodeEnd
            | Opcode::Fclearerror
            | Opcode::Fcheckerror
            | Opcode::RecvMark
            | Opcode::RecvSet => {}
            Opcode::ExecutableLine => self.line(a[0]),
            Opcode::DebugLine => self.line(a[1]),
            Opcode::Line => self.line(a[0]),
            Opcode::OnLoad => self.on_load = Some(self.code.len() as u32),
            Opcode::NifStart => {}
            Opcode::Call
            | Opcode::CallLast
            | Opcode::CallOnly
            | Opcode::CallExt
            | Opcode::CallExtLast
            | Opcode::CallExtOnly
            | Opcode::Apply
            | Opcode::ApplyLast
            | Opcode::CallFun
            | Opcode::CallFun2
            | Opcode::Return => self.call_op(op.op, a)?,
            Opcode::Bif0 => self.guard(at, a[0], Arg::Label(0), 255, &[], a[1])?,
            Opcode::Bif1 => self.guard(at, a[1], a[0], 255, &a[2..3], a[3])?,
            Opcode::Bif2 => self.guard(at, a[1], a[0], 255, &a[2..4], a[4])?,
            Opcode::Bif3 => self.guard(at, a[1], a[0], 255, &a[2..5], a[5])?,
            Opcode::GcBif1 => self.guard(at, a[2], a[0], number(a[1]), &a[3..4], a[4])?,
            Opcode::GcBif2 => self.guard(at, a[2], a[0], number(a[1]), &a[3..5], a[5])?,
            Opcode::GcBif3 => self.guard(at, a[2], a[0], number(a[1]), &a[3..6], a[6])?,
            Opcode::Allocate
            | Opcode::AllocateZero
            | Opcode::AllocateHeap
            | Opcode::AllocateHeapZero
            | Opcode::TestHeap
            | Opcode::Init
            | Opcode::InitYregs
            | Opcode::Deallocate
            | Opcode::Trim => self.frame_op(op.op, a),
            Opcode::Send
            | Opcode::RemoveMessage
            | Opcode::Timeout
            | Opcode::LoopRec
            | Opcode::LoopRecEnd
            | Opcode::Wait
            | Opcode::WaitTimeout
            | Opcode::RecvMarkerBind
            | Opcode::RecvMarkerClear
            | Opcode::RecvMarkerReserve
            | Opcode::RecvMarkerUse => self.message_op(op.op, a)?,
            Opcode::IsLt
            | Opcode::IsGe
            | Opcode::IsEq
            | Opcode::IsNe
            | Opcode::IsEqExact
            | Opcode::IsNeExact
            | Opcode::IsFunction2 => self.compare_op(op.op, a)?,
            Opcode::IsInteger => self.test(Test::Integer, a)?,
            Opcode::IsFloat => self.test(Test::Float, a)?,
            Opcode::IsNumber => self.test(Test::Number, a)?,
            Opcode::IsAtom => self.test(Test::Atom, a)?,
            Opcode::IsPid => self.test(Test::Pid, a)?,
            Opcode::IsReference => self.test(Test::Reference, a)?,
            Opcode::IsPort => self.test(Test::Port, a)?,
            Opcode::IsNil => self.test(Test::Nil, a)?,
            Opcode::IsBinary => self.test(Test::Binary, a)?,
            Opcode::IsBitstr => self.test(Test::Bitstring, a)?,
            Opcode::IsList => self.test(Test::List, a)?,
            Opcode::IsNonemptyList => self.test(Test::NonemptyList, a)?,
            Opcode::IsTuple => self.test(Test::Tuple, a)?,
            Opcode::IsFunction => self.test(Test::Function, a)?,
            Opcode::IsBoolean => self.test(Test::Boolean, a)?,
            Opcode::IsMap => self.test(Test::Map, a)?,
            Opcode::TestArity
            | Opcode::IsTaggedTuple
            | Opcode::SelectVal
            | Opcode::SelectTupleArity
            | Opcode::Jump => self.branch_op(op.op, a)?,
            Opcode::Move
            | Opcode::Swap
            | Opcode::GetList
            | Opcode::GetHd
            | Opcode::GetTl
            | Opcode::GetTupleElement
            | Opcode::SetTupleElement
            | Opcode::PutList
            | Opcode::PutTuple2
            | Opcode::UpdateRecord
            | Opcode::MakeFun2
            | Opcode::MakeFun3 => self.data_op(op.op, a)?,
            Opcode::Catch
            | Opcode::CatchEnd
            | Opcode::Try
            | Opcode::TryEnd
            | Opcode::TryCase
            | Opcode::TryCaseEnd
            | Opcode::Raise
            | Opcode::RawRaise
            | Opcode::BuildStacktrace
            | Opcode::Badmatch
            | Opcode::IfEnd
            | Opcode::CaseEnd
            | Opcode::Badrecord => self.exception_op(op.op, a)?,
            Opcode::PutMapAssoc | Opcode::PutMapExact | Opcode::HasMapFields | Opcode::GetMapElements => {
                self.map_op(op.op, a)?
            }
            Opcode::Fmove
            | Opcode::Fconv
            | Opcode::Fadd
            | Opcode::Fsub
            | Opcode::Fmul
            | Opcode::Fdiv
            | Opcode::Fnegate => self.float_op(op.op, a)?,
            Opcode::BsCreateBin
            | Opcode::BsMatch
            | Opcode::BsStartMatch3
            | Opcode::BsStartMatch4
            | Opcode::BsGetInteger2
            | Opcode::BsGetFloat2
            | Opcode::BsGetBinary2
            | Opcode::BsSkipBits2
            | Opcode::BsTestTail2
            | Opcode::BsTestUnit
            | Opcode::BsMatchString
            | Opcode::BsGetTail
            | Opcode::BsGetPosition
            | Opcode::BsSetPosition
            | Opcode::BsGetUtf8
            | Opcode::BsSkipUtf8
            | Opcode::BsGetUtf16
            | Opcode::BsSkipUtf16
            | Opcode::BsGetUtf32
            | Opcode::BsSkipUtf32
            | Opcode::BsInitWritable
            | Opcode::BsInit2
            | Opcode::BsInitBits
            | Opcode::BsAdd
            | Opcode::BsAppend
            | Opcode::BsPrivateAppend
            | Opcode::BsPutInteger
            | Opcode::BsPutBinary
            | Opcode::BsPutFloat
            | Opcode::BsPutString
            | Opcode::BsUtf8Size
            | Opcode::BsPutUtf8
            | Opcode::BsUtf16Size
            | Opcode::BsPutUtf16
            | Opcode::BsPutUtf32 => self.bit_op(op.op, a)?,
        }
        Ok(())
    }

    fn func_info(&mut self, index: usize) {
        let function = self.generic.functions.iter().find(|f| f.func_info as usize == index);
        let function = *function.expect("the loader lists every func_info");
        self.function(&function);
        let number = self.functions.len() as u32 - 1;
        self.fence = self.code.len();
        self.emit(Instr::FunctionClause { function: number });
        self.fence = self.code.len();
    }

    fn line(&mut self, arg: Arg) {
        let item = self.file.lines.as_ref().and_then(|l| l.items.get(number(arg) as usize));
        let item = item.copied().unwrap_or_default();
        self.pending_line = Some(Line { file: item.file, line: item.line });
    }

    fn call_op(&mut self, op: Opcode, a: &[Arg]) -> Result<(), LoadError> {
        match op {
            Opcode::Call => {
                let live = number(a[0]) as u8;
                self.emit(Instr::Call { to: label(a[1]), live });
            }
            Opcode::CallOnly => {
                let live = number(a[0]) as u8;
                self.emit(Instr::CallOnly { to: label(a[1]), live });
            }
            Opcode::CallLast => {
                let (live, slots) = (number(a[0]) as u8, number(a[2]) as u16);
                self.emit(Instr::CallLast { to: label(a[1]), live, slots });
            }
            Opcode::CallExt => self.call_import(a, CallForm::Plain),
            Opcode::CallExtOnly => self.call_import(a, CallForm::Only),
            Opcode::CallExtLast => self.call_import(a, CallForm::Last(number(a[2]) as u16)),
            Opcode::Apply => self.emit(Instr::Apply { live: number(a[0]) as u8 }),
            Opcode::ApplyLast => {
                self.emit(Instr::ApplyLast { live: number(a[0]) as u8, slots: number(a[1]) as u16 });
            }
            Opcode::CallFun => {
                let live = number(a[0]) as u8;
                self.emit(Instr::CallFun { live, fun: Src::x(u16::from(live)) });
            }
            Opcode::CallFun2 => {
                let fun = self.src(a[2])?;
                self.emit(Instr::CallFun { live: number(a[1]) as u8, fun });
            }
            Opcode::Return => self.emit(Instr::Return),
            _ => panic!("not a call: {}", op.name()),
        }
        Ok(())
    }

    fn call_import(&mut self, a: &[Arg], form: CallForm) {
        let live = number(a[0]) as u8;
        let export = self.imports[number(a[1]) as usize];
        let instr = match (bif::lookup(export), form) {
            (Some(native), CallForm::Plain) => Instr::CallNative { native, live },
            (Some(native), CallForm::Only) => Instr::CallNativeOnly { native, live },
            (Some(native), CallForm::Last(slots)) => Instr::CallNativeLast { native, live, slots },
            (None, CallForm::Plain) => Instr::CallExport { export, live },
            (None, CallForm::Only) => Instr::CallExportOnly { export, live },
            (None, CallForm::Last(slots)) => Instr::CallExportLast { export, live, slots },
        };
        self.emit(instr);
    }

    /// A guard function: its own instruction where it has one, the native function otherwise.
    fn guard(
        &mut self,
        at: Place,
        import: Arg,
        fail: Arg,
        live: u32,
        operands: &[Arg],
        to: Arg,
    ) -> Result<(), LoadError> {
        let export = self.imports[number(import) as usize];
        let (fail, to, live) = (label(fail), self.dst(to), live as u8);
        let src: Vec<Src> = operands.iter().map(|&a| self.src(a)).collect::<Result<_, _>>()?;
        if let Some(instr) = self.own_guard(export, fail, live, &src, to) {
            self.emit(instr);
            return Ok(());
        }
        let native = bif::lookup(export)
            .filter(|&n| matches!(bif::native(n).body, Body::Guard(_) | Body::Pure(_) | Body::Local(_)));
        let missing = LoadError::Invalid { at, what: "the guard function is unknown to this runtime" };
        let native = native.ok_or(missing)?;
        let mut words = vec![src.len() as u32];
        words.extend(src.iter().map(|s| s.0));
        let list = self.list(&words);
        self.emit(Instr::Guard { native, to, live, list, fail });
        Ok(())
    }

    fn own_guard(&mut self, export: ExportId, fail: Pc, live: u8, src: &[Src], to: Dst) -> Option<Instr> {
        let mfa = export.mfa();
        if mfa.module != Atom::ERLANG {
            return None;
        }
        match (mfa.function.text(), src) {
            ("self", []) => Some(Instr::SelfPid { to }),
            // As OTP has it, the same as adding 0: of -0.0 that makes 0.0.
            ("+", &[a]) => {
                let zero = Src::constant(self.constants.of_word(Word::small(0)));
                Some(Instr::Add { a, b: zero, to, live, fail })
            }
            ("element", &[position, from]) => Some(Instr::Element { position, from, to, fail }),
            ("+", &[a, b]) => {
                Some(self.add_const(a, b, 1, fail, live, to).unwrap_or(Instr::Add { a, b, to, live, fail }))
            }
            ("-", &[a, b]) => {
                Some(self.add_const(a, b, -1, fail, live, to).unwrap_or(Instr::Sub { a, b, to, live, fail }))
            }
            (name, &[a, b]) => {
                if let Some(op) = comparison(name) {
                    let list = self.list(&[a.0, b.0]);
                    return Some(Instr::Compare { op, to, list });
                }
                let op = match name {
                    "*" => Arith::Mul,
                    "div" => Arith::IntDiv,
                    "rem" => Arith::Rem,
                    "band" => Arith::Band,
                    "bor" => Arith::Bor,
                    "bxor" => Arith::Bxor,
                    "bsl" => Arith::Bsl,
                    "bsr" => Arith::Bsr,
                    _ => return None,
                };
                let list = self.list(&[a.0, b.0]);
                Some(Instr::Arith { op, to, live, list, fail })
            }
            _ => None,
        }
    }

    fn add_const(&self, a: Src, b: Src, sign: i64, fail: Pc, live: u8, to: Dst) -> Option<Instr> {
        let constant = self.constants.word(b.as_constant()?).as_small()?;
        let constant = i32::try_from(constant * sign).ok()?;
        match (a.as_x(), a.as_y()) {
            (Some(from), _) => Some(Instr::AddConstX { from, to, live, constant, fail }),
            (_, Some(from)) => Some(Instr::AddConstY { from, to, live, constant, fail }),
            _ => None,
        }
    }

    fn frame_op(&mut self, op: Opcode, a: &[Arg]) {
        match op {
            Opcode::Allocate | Opcode::AllocateZero => {
                self.emit(Instr::Allocate { slots: number(a[0]) as u16, live: number(a[1]) as u16 });
            }
            Opcode::AllocateHeap | Opcode::AllocateHeapZero => self.emit(Instr::AllocateHeap {
                slots: number(a[0]) as u16,
                need: heap_need(a[1]),
                live: number(a[2]) as u16,
            }),
            Opcode::TestHeap => {
                self.emit(Instr::TestHeap { need: heap_need(a[0]), live: number(a[1]) as u16 })
            }
            Opcode::Init => {
                let list = self.list(&[1, u32::from(y(a[0]))]);
                self.emit(Instr::InitY { list });
            }
            Opcode::InitYregs => {
                let slots = self.elements(a[0]);
                let mut words = vec![slots.len() as u32];
                words.extend(slots.iter().map(|&s| u32::from(y(s))));
                let list = self.list(&words);
                self.emit(Instr::InitY { list });
            }
            Opcode::Deallocate => self.emit(Instr::Deallocate { slots: number(a[0]) as u16 }),
            Opcode::Trim => self.emit(Instr::Trim { slots: number(a[0]) as u16 }),
            _ => panic!("not a frame instruction: {}", op.name()),
        }
    }

    fn message_op(&mut self, op: Opcode, a: &[Arg]) -> Result<(), LoadError> {
        let instr = match op {
            Opcode::Send => Instr::Send,
            Opcode::RemoveMessage => Instr::RemoveMessage,
            Opcode::Timeout => Instr::Timeout,
            Opcode::LoopRec => {
                let timed = self.is_timed(a[0]);
                Instr::LoopRec { to: self.dst(a[1]), empty: label(a[0]), timed }
            }
            Opcode::LoopRecEnd => Instr::LoopRecEnd { to: label(a[0]) },
            Opcode::Wait => Instr::Wait { to: label(a[0]) },
            Opcode::WaitTimeout => Instr::WaitTimeout { to: label(a[0]), time: self.src(a[1])? },
            Opcode::RecvMarkerBind => {
                Instr::MarkerBind { marker: self.src(a[0])?, reference: self.src(a[1])? }
            }
            Opcode::RecvMarkerClear => Instr::MarkerClear { reference: self.src(a[0])? },
            Opcode::RecvMarkerReserve => Instr::MarkerReserve { to: self.dst(a[0]) },
            Opcode::RecvMarkerUse => Instr::MarkerUse { reference: self.src(a[0])? },
            _ => panic!("not a message instruction: {}", op.name()),
        };
        self.emit(instr);
        Ok(())
    }

    /// Whether a receive whose mailbox is exhausted waits for a limited time. A limit of 0 has no instruction to
    /// wait, only the one for afterwards.
    fn is_timed(&self, empty: Arg) -> bool {
        let Arg::Label(label) = empty else { return false };
        let Some(index) = self.generic.label_op(label) else { return false };
        self.generic.ops[index..]
            .iter()
            .find(|op| !matches!(op.op, Opcode::Label | Opcode::Line))
            .is_some_and(|op| matches!(op.op, Opcode::WaitTimeout | Opcode::Timeout))
    }

    fn compare_op(&mut self, op: Opcode, args: &[Arg]) -> Result<(), LoadError> {
        let fail = label(args[0]);
        let (mut a, mut b) = (self.src(args[1])?, self.src(args[2])?);
        let immediate =
            |this: &Self, s: Src| s.as_constant().filter(|&c| this.constants.word(c).is_immediate());
        if matches!(op, Opcode::IsEqExact | Opcode::IsNeExact) {
            if immediate(self, a).is_some() {
                std::mem::swap(&mut a, &mut b);
            }
            if let Some(constant) = immediate(self, b) {
                self.emit(match (op, a.as_x()) {
                    (Opcode::IsEqExact, Some(from)) => {
                        Instr::IsEqWordX { from, word: Word2::new(self.constants.word(constant)), fail }
                    }
                    (Opcode::IsEqExact, None) => Instr::IsEqWord { a, constant, fail },
                    _ => Instr::IsNeWord { a, constant, fail },
                });
                return Ok(());
            }
        }
        self.emit(match op {
            Opcode::IsLt => Instr::IsLt { a, b, fail },
            Opcode::IsGe => Instr::IsGe { a, b, fail },
            Opcode::IsEq => Instr::IsEq { a, b, fail },
            Opcode::IsNe => Instr::IsNe { a, b, fail },
            Opcode::IsEqExact => Instr::IsEqExact { a, b, fail },
            Opcode::IsNeExact => Instr::IsNeExact { a, b, fail },
            _ => Instr::IsFunctionOf { from: a, arity: b, fail },
        });
        Ok(())
    }

    fn test(&mut self, test: Test, a: &[Arg]) -> Result<(), LoadError> {
        let from = self.src(a[1])?;
        self.type_test(test, label(a[0]), from);
        Ok(())
    }

    fn branch_op(&mut self, op: Opcode, a: &[Arg]) -> Result<(), LoadError> {
        match op {
            Opcode::TestArity => {
                let from = self.src(a[1])?;
                let (size, fail) = (number(a[2]), label(a[0]));
                self.emit(match self.look_first {
                    true => Instr::IsTupleOf { from, size, fail },
                    false => Instr::TestArity { from, size, fail },
                });
            }
            Opcode::IsTaggedTuple => {
                let from = self.src(a[1])?;
                let tag = self.src(a[3])?.as_constant().expect("an atom is a constant");
                let (size, fail) = (number(a[2]), label(a[0]));
                match u16::try_from(size) {
                    Ok(size) => self.emit(Instr::IsTagged { from, size, tag, fail }),
                    // No tuple is that large.
                    Err(_) => self.emit(Instr::Jump { to: fail }),
                }
            }
            Opcode::SelectVal => {
                let from = self.src(a[0])?;
                let choices = self.elements(a[2]);
                self.select_val(from, label(a[1]), choices)?;
            }
            Opcode::SelectTupleArity => {
                let from = self.src(a[0])?;
                let choices = self.elements(a[2]);
                if self.look_first {
                    self.type_test(Test::Tuple, label(a[1]), from);
                }
                self.select_arity(from, label(a[1]), choices);
            }
            _ => self.emit(Instr::Jump { to: label(a[0]) }),
        }
        Ok(())
    }

    fn data_op(&mut self, op: Opcode, a: &[Arg]) -> Result<(), LoadError> {
        if self.look_first && matches!(op, Opcode::GetList | Opcode::GetHd | Opcode::GetTl) {
            let (from, trap) = (self.src(a[0])?, self.trap());
            self.type_test(Test::NonemptyList, trap, from);
        }
        let instr = match op {
            Opcode::Move => {
                let (from, to) = (self.src(a[0])?, self.dst(a[1]));
                self.move_instr(from, to)
            }
            Opcode::Swap => {
                let (a, b) = (self.dst(a[0]), self.dst(a[1]));
                match (a.as_x(), b.as_x()) {
                    (Some(a), Some(b)) => Instr::SwapXX { a, b },
                    (Some(x), None) => Instr::SwapXY { x, y: b.index() as u16 },
                    (None, Some(x)) => Instr::SwapXY { x, y: a.index() as u16 },
                    _ => Instr::Swap { a, b },
                }
            }
            Opcode::GetTupleElement if self.look_first => {
                let (from, to) = (self.src(a[0])?, self.dst(a[2]));
                let position = Word::small(i64::from(number(a[1])) + 1);
                let position = Src::constant(self.constants.of_word(position));
                Instr::Element { position, from, to, fail: NO_LABEL }
            }
            Opcode::GetList => {
                Instr::GetList { from: self.src(a[0])?, head: self.dst(a[1]), tail: self.dst(a[2]) }
            }
            Opcode::GetHd => Instr::GetHead { from: self.src(a[0])?, to: self.dst(a[1]) },
            Opcode::GetTl => Instr::GetTail { from: self.src(a[0])?, to: self.dst(a[1]) },
            Opcode::GetTupleElement => {
                let (from, to, index) = (self.src(a[0])?, self.dst(a[2]), number(a[1]));
                match (from.as_x(), to.as_x()) {
                    (Some(from), Some(to)) => Instr::GetElementXX { from, to, index },
                    _ => Instr::GetElement { from, to, index },
                }
            }
            Opcode::SetTupleElement => {
                Instr::SetElement { value: self.src(a[0])?, tuple: self.src(a[1])?, index: number(a[2]) }
            }
            Opcode::PutList => {
                Instr::Cons { head: self.src(a[0])?, tail: self.src(a[1])?, to: self.dst(a[2]) }
            }
            Opcode::PutTuple2 => {
                let elements = self.elements(a[1]);
                Instr::PutTuple { to: self.dst(a[0]), list: self.src_list(elements)? }
            }
            Opcode::UpdateRecord => {
                let updates = self.elements(a[4]);
                let mut words = vec![updates.len() as u32 / 2];
                for pair in updates.chunks_exact(2) {
                    words.push(number(pair[0]));
                    words.push(self.src(pair[1])?.0);
                }
                let list = self.list(&words);
                Instr::UpdateRecord { size: number(a[1]), from: self.src(a[2])?, to: self.dst(a[3]), list }
            }
            Opcode::MakeFun2 => Instr::MakeFun2 { lambda: number(a[0]) },
            Opcode::MakeFun3 => {
                let free = self.elements(a[2]);
                Instr::MakeFun { lambda: number(a[0]), to: self.dst(a[1]), list: self.src_list(free)? }
            }
            _ => panic!("not a data instruction: {}", op.name()),
        };
        self.emit(instr);
        Ok(())
    }

    pub(super) fn move_instr(&self, from: Src, to: Dst) -> Instr {
        use crate::code::instr::Word2;
        match (from.as_x(), from.as_y(), to.as_x(), to.as_y()) {
            (Some(from), _, Some(to), _) => Instr::MoveXX { from, to },
            (Some(from), _, _, Some(to)) => Instr::MoveXY { from, to },
            (_, Some(from), Some(to), _) => Instr::MoveYX { from, to },
            (None, None, Some(to), _) => {
                let constant = from.as_constant().expect("neither X nor Y");
                Instr::MoveKX { word: Word2::new(self.constants.word(constant)), to }
            }
            _ => Instr::Move { from, to },
        }
    }

    fn exception_op(&mut self, op: Opcode, a: &[Arg]) -> Result<(), LoadError> {
        let instr = match op {
            Opcode::Catch => Instr::Catch { y: y(a[0]), to: label(a[1]) },
            Opcode::CatchEnd => Instr::CatchEnd { y: y(a[0]) },
            Opcode::Try => Instr::Try { y: y(a[0]), to: label(a[1]) },
            Opcode::TryEnd => Instr::TryEnd { y: y(a[0]) },
            Opcode::TryCase => {
                if self.look_first {
                    let (word, fail) = (Word2::new(Word::NONE), self.trap());
                    self.emit(Instr::IsEqWordX { from: 0, word, fail });
                }
                Instr::TryCase { y: y(a[0]) }
            }
            Opcode::TryCaseEnd => Instr::TryCaseEnd { value: self.src(a[0])? },
            Opcode::Raise => Instr::Raise { trace: self.src(a[0])?, reason: self.src(a[1])? },
            Opcode::RawRaise if self.look_first => {
                self.emit(Instr::RawRaise);
                Instr::IfEnd
            }
            Opcode::RawRaise => Instr::RawRaise,
            Opcode::BuildStacktrace => Instr::BuildStacktrace,
            Opcode::Badmatch => Instr::BadMatch { value: self.src(a[0])? },
            Opcode::IfEnd => Instr::IfEnd,
            Opcode::CaseEnd => Instr::CaseEnd { value: self.src(a[0])? },
            Opcode::Badrecord => Instr::BadRecord { value: self.src(a[0])? },
            _ => panic!("not an exception instruction: {}", op.name()),
        };
        self.emit(instr);
        Ok(())
    }

    fn map_op(&mut self, op: Opcode, a: &[Arg]) -> Result<(), LoadError> {
        match op {
            Opcode::PutMapAssoc | Opcode::PutMapExact => {
                let pairs = self.elements(a[4]);
                let mut words = vec![self.src(a[1])?.0, pairs.len() as u32 / 2];
                for &arg in pairs {
                    words.push(self.src(arg)?.0);
                }
                let list = self.list(&words);
                self.emit(Instr::PutMap {
                    exact: op == Opcode::PutMapExact,
                    live: number(a[3]) as u8,
                    to: self.dst(a[2]),
                    list,
                    fail: label(a[0]),
                });
            }
            Opcode::HasMapFields => {
                let from = self.src(a[1])?;
                let keys = self.elements(a[2]);
                let list = self.src_list(keys)?;
                self.emit(Instr::HasMapFields { from, list, fail: label(a[0]) });
            }
            _ => {
                let from = self.src(a[1])?;
                let gets = self.elements(a[2]);
                let mut words = vec![gets.len() as u32 / 2];
                for pair in gets.chunks_exact(2) {
                    words.push(self.src(pair[0])?.0);
                    words.push(u32::from(self.dst(pair[1]).0));
                }
                let list = self.list(&words);
                self.emit(Instr::GetMapElements { from, list, fail: label(a[0]) });
            }
        }
        Ok(())
    }

    fn float_op(&mut self, op: Opcode, a: &[Arg]) -> Result<(), LoadError> {
        let three = |op: FloatOp| Instr::Float {
            op,
            a: float_reg(a[1]),
            b: float_reg(a[2]),
            to: float_reg(*a.get(3).unwrap_or(&a[2])),
        };
        let instr = match op {
            Opcode::Fmove => match (a[0], a[1]) {
                (Arg::FloatReg(from), Arg::FloatReg(to)) => Instr::FloatCopy { from, to },
                (Arg::FloatReg(from), to) => Instr::FloatStore { from, to: self.dst(to) },
                (from, to) => Instr::FloatMove { from: self.src(from)?, to: float_reg(to) },
            },
            Opcode::Fconv => Instr::FloatConvert { from: self.src(a[0])?, to: float_reg(a[1]) },
            Opcode::Fadd => three(FloatOp::Add),
            Opcode::Fsub => three(FloatOp::Sub),
            Opcode::Fmul => three(FloatOp::Mul),
            Opcode::Fdiv => three(FloatOp::Div),
            _ => three(FloatOp::Negate),
        };
        self.emit(instr);
        Ok(())
    }

    /// A word that stands for a label or an operand of a bit instruction.
    pub(super) fn bits_instr(&mut self, op: BitOp, fail: Pc, words: &[u32]) {
        let list = self.list(words);
        self.emit(Instr::Bits { op, list, fail });
    }

    pub(super) fn number_of(arg: Arg) -> u32 {
        number(arg)
    }

    pub(super) fn label_of(arg: Arg) -> Pc {
        label(arg)
    }

    pub(super) fn atom_word(&self, arg: Arg) -> Word {
        match arg {
            Arg::Atom(ix) => Word::atom(self.atom(ix)),
            other => panic!("the operand check lets an atom pass alone: {other:?}"),
        }
    }
}

fn comparison(name: &str) -> Option<Comparison> {
    Some(match name {
        "=:=" => Comparison::EqExact,
        "=/=" => Comparison::NeExact,
        "==" => Comparison::Eq,
        "/=" => Comparison::Ne,
        "<" => Comparison::Lt,
        ">=" => Comparison::Ge,
        ">" => Comparison::Gt,
        "=<" => Comparison::Le,
        _ => return None,
    })
}
