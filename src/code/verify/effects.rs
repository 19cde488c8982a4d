//! What each instruction needs of the state, and what it leaves. The match is exhaustive, as the loader's is.
//!
//! Invariant: at least what the interpreter does is required; where it collects, registers beyond the live ones are
//! forgotten, and what an instruction may have done before it jumped on failure is so at its label too.

use super::state::Value;
use super::{Search, Why};
use crate::code::Opcode;
use crate::code::generic::Arg;
use crate::code::instr::ShortField;

fn number(arg: Arg) -> u32 {
    match arg {
        Arg::Literal(n) => n,
        other => panic!("the operand check lets a number pass alone: {other:?}"),
    }
}

fn y(arg: Arg) -> u16 {
    match arg {
        Arg::Y(n) => n,
        other => panic!("the operand check lets a Y register pass alone: {other:?}"),
    }
}

/// Words of a heap need, as the loader counts them.
fn need(arg: Arg) -> u32 {
    match arg {
        Arg::AllocList { words, floats, funs } => {
            words.saturating_add(floats.saturating_mul(2)).saturating_add(funs.saturating_mul(2))
        }
        other => number(other),
    }
}

/// Native functions of `erlang` that never return.
pub(super) const RAISING: [(&str, u32); 7] =
    [("error", 1), ("error", 2), ("error", 3), ("exit", 1), ("throw", 1), ("nif_error", 1), ("nif_error", 2)];

/// What an instruction was followed to.
type Done = Result<(), Why>;

impl<'a> Search<'a> {
    /// Follows an instruction; whether the one behind it comes next.
    pub(super) fn step(&mut self, op: Opcode, a: &[Arg]) -> Result<bool, Why> {
        use Opcode::*;
        match op {
            Label => panic!("a label ends a block"),
            Line | ExecutableLine | DebugLine | NifStart | Fclearerror | Fcheckerror | RecvMark | RecvSet => {
            }
            IntCodeEnd => return Err("the function has no end there"),
            FuncInfo => {
                self.state.need_x(u32::from(self.arity))?;
                return Ok(false);
            }
            // The function that is run when the module is loaded begins here.
            OnLoad => {
                if self.arity != 0 || !self.state.x.is_empty() {
                    return Err("on_load is not at the start of a function without arguments");
                }
                self.state.need_no_frame()?;
                self.on_load = Some(self.at as u32);
            }
            Call | CallLast | CallOnly | CallExt | CallExtLast | CallExtOnly | Apply | ApplyLast
            | CallFun | CallFun2 | Return => return self.call(op, a),
            Bif0 => self.set(a[1], Value::Any)?,
            Bif1 | Bif2 | Bif3 => {
                let (to, operands) = a[2..].split_last().expect("a target is the last operand");
                self.reads(operands)?;
                self.fail(a[0])?;
                self.set(*to, Value::Any)?;
            }
            GcBif1 | GcBif2 | GcBif3 => {
                let (to, operands) = a[3..].split_last().expect("a target is the last operand");
                self.reads(operands)?;
                self.fail(a[0])?;
                self.collect_few(number(a[1]))?;
                self.set(*to, Value::Any)?;
            }
            Allocate | AllocateZero | AllocateHeap | AllocateHeapZero | TestHeap | Init | InitYregs
            | Deallocate | Trim => self.frame(op, a)?,
            Send | RemoveMessage | Timeout | LoopRec | LoopRecEnd | Wait | WaitTimeout | RecvMarkerBind
            | RecvMarkerClear | RecvMarkerReserve | RecvMarkerUse => return self.message(op, a),
            IsLt | IsGe | IsEq | IsNe | IsEqExact | IsNeExact | IsInteger | IsFloat | IsNumber | IsAtom
            | IsPid | IsReference | IsPort | IsNil | IsBinary | IsBitstr | IsList | IsFunction
            | IsFunction2 | IsBoolean | IsMap => {
                self.reads(&a[1..])?;
                self.fail(a[0])?;
            }
            IsNonemptyList | IsTuple | IsTaggedTuple | TestArity => self.learn(op, a)?,
            SelectVal | SelectTupleArity => {
                self.select(op, a)?;
                return Ok(false);
            }
            Jump => {
                self.fail(a[0])?;
                return Ok(false);
            }
            Move | Swap | GetList | GetHd | GetTl | GetTupleElement | SetTupleElement | PutList
            | PutTuple2 | UpdateRecord | MakeFun2 | MakeFun3 => self.data(op, a)?,
            // It comes back where its class is none, which no compiler expects at the end of a function.
            RawRaise if self.at + 1 == self.end => {
                self.state.need_x(3)?;
                self.look_first();
                return Ok(false);
            }
            TryCaseEnd | Raise | Badmatch | CaseEnd | Badrecord => {
                self.reads(a)?;
                return Ok(false);
            }
            IfEnd => return Ok(false),
            Catch | CatchEnd | Try | TryEnd | TryCase | RawRaise | BuildStacktrace => {
                self.exception(op, a)?
            }
            PutMapAssoc | PutMapExact | HasMapFields | GetMapElements => self.map(op, a)?,
            Fmove | Fconv | Fadd | Fsub | Fmul | Fdiv | Fnegate => self.float(op, a)?,
            BsStartMatch3 | BsStartMatch4 | BsGetInteger2 | BsGetFloat2 | BsGetBinary2 | BsSkipBits2
            | BsTestTail2 | BsTestUnit | BsMatchString | BsGetTail | BsGetPosition | BsSetPosition
            | BsGetUtf8 | BsSkipUtf8 | BsGetUtf16 | BsSkipUtf16 | BsGetUtf32 | BsSkipUtf32 | BsMatch => {
                self.matching(op, a)?
            }
            BsCreateBin | BsInitWritable | BsInit2 | BsInitBits | BsAdd | BsAppend | BsPrivateAppend
            | BsPutInteger | BsPutBinary | BsPutFloat | BsPutString | BsUtf8Size | BsPutUtf8
            | BsUtf16Size | BsPutUtf16 | BsPutUtf32 => self.building(op, a)?,
        }
        Ok(true)
    }

    /// What an operand holds. Constants are terms of which nothing more is said.
    fn read(&self, arg: Arg) -> Result<Value, Why> {
        match arg {
            Arg::X(n) if self.state.x(n).is_term() => Ok(self.state.x(n)),
            Arg::X(_) => Err("it reads an X register that was not set"),
            Arg::Y(n) => match self.state.y.get(usize::from(n)) {
                Some(value) if value.is_term() => Ok(*value),
                Some(_) => Err("it reads a catch as a term"),
                None => Err("a Y register is outside the frame"),
            },
            Arg::FloatReg(n) if n >= 128 || self.state.floats >> n & 1 == 1 => Ok(Value::Any),
            Arg::FloatReg(_) => Err("it reads a floating-point register that was not set"),
            _ => Ok(Value::Any),
        }
    }

    fn reads(&self, args: &[Arg]) -> Done {
        args.iter().try_for_each(|&arg| self.read(arg).map(drop))
    }

    fn set(&mut self, arg: Arg, value: Value) -> Done {
        match arg {
            Arg::X(n) => self.state.set_x(n, value),
            Arg::Y(n) => self.state.set_y(n, value)?,
            Arg::FloatReg(n) if n < 128 => self.state.floats |= 1 << n,
            _ => {}
        }
        Ok(())
    }

    /// The way on failure, if there is a label for it.
    fn fail(&mut self, label: Arg) -> Done {
        match label {
            Arg::Label(label @ 1..) => self.come_to(label, self.state.clone()),
            _ => Ok(()),
        }
    }

    /// A matching instruction that says nothing of failure is to look first.
    fn match_fail(&mut self, label: Arg) -> Done {
        if !matches!(label, Arg::Label(1..)) {
            self.look_first();
        }
        self.fail(label)
    }

    /// A collection by an instruction that has a byte for the number of live registers.
    fn collect_few(&mut self, live: u32) -> Done {
        if live > 255 {
            return Err("more than 255 registers are live");
        }
        self.state.collect(live)
    }

    fn look_first(&mut self) {
        self.unproven.push(self.at as u32);
    }

    /// The elements of a list operand.
    fn list(&self, arg: Arg) -> &'a [Arg] {
        match arg {
            Arg::List(range) => self.code.args(range),
            other => panic!("the operand check lets a list pass alone: {other:?}"),
        }
    }

    /// The value of a call is all that is in X registers behind it.
    fn called(&mut self, value: Value) {
        self.state.leave();
        self.state.x.push(value);
    }

    fn call(&mut self, op: Opcode, a: &[Arg]) -> Result<bool, Why> {
        let arity = match op {
            Opcode::Return => 1,
            Opcode::Apply | Opcode::ApplyLast => number(a[0]) + 2,
            Opcode::CallFun => number(a[0]) + 1,
            Opcode::CallFun2 => number(a[1]),
            _ => number(a[0]),
        };
        self.state.need_x(arity)?;
        if matches!(op, Opcode::CallExt | Opcode::CallExtLast | Opcode::CallExtOnly)
            && self.never_returns(number(a[1]))
        {
            return Ok(false);
        }
        match op {
            Opcode::CallFun2 => self.reads(&a[2..])?,
            Opcode::CallLast | Opcode::CallExtLast => {
                self.state.free_frame(number(a[2]))?;
                return Ok(false);
            }
            Opcode::ApplyLast => {
                self.state.free_frame(number(a[1]))?;
                return Ok(false);
            }
            Opcode::CallOnly | Opcode::CallExtOnly | Opcode::Return => {
                self.state.need_no_frame()?;
                return Ok(false);
            }
            Opcode::CallExt => return self.call_import(number(a[1])),
            _ => {}
        }
        self.state.need_frame()?;
        self.counted |= op == Opcode::Call;
        self.called(Value::Any);
        Ok(true)
    }

    /// Whether a native function always raises: how large the frame is, and what comes behind, matters to nobody.
    fn never_returns(&self, import: u32) -> bool {
        let import = self.file.imports[import as usize];
        self.file.atom(import.module) == "erlang"
            && RAISING.contains(&(self.file.atom(import.function), u32::from(import.arity)))
    }

    fn call_import(&mut self, import: u32) -> Result<bool, Why> {
        let import = self.file.imports[import as usize];
        let (module, function) = (self.file.atom(import.module), self.file.atom(import.function));
        self.state.need_frame()?;
        let copies = (module, function, import.arity) == ("erlang", "setelement", 3);
        self.called(if copies { Value::Fresh } else { Value::Any });
        Ok(true)
    }

    fn frame(&mut self, op: Opcode, a: &[Arg]) -> Done {
        match op {
            Opcode::Allocate | Opcode::AllocateZero => {
                self.state.need_x(number(a[1]))?;
                self.state.enter_frame(number(a[0]))
            }
            Opcode::AllocateHeap | Opcode::AllocateHeapZero => {
                self.state.collect(number(a[2]))?;
                self.state.heap = need(a[1]);
                self.state.enter_frame(number(a[0]))
            }
            Opcode::TestHeap => {
                self.state.collect(number(a[1]))?;
                self.state.heap = need(a[0]);
                Ok(())
            }
            Opcode::Init => self.set(a[0], Value::Any),
            Opcode::InitYregs => self.list(a[0]).iter().try_for_each(|&slot| self.set(slot, Value::Any)),
            Opcode::Deallocate => self.state.free_frame(number(a[0])),
            _ => {
                self.state.drop_slots(number(a[0]))?;
                self.may_raise()
            }
        }
    }

    fn message(&mut self, op: Opcode, a: &[Arg]) -> Result<bool, Why> {
        match op {
            Opcode::Send => {
                self.state.need_x(2)?;
                self.called(Value::Any);
            }
            Opcode::RemoveMessage | Opcode::Timeout => {}
            Opcode::LoopRec => {
                self.state.leave();
                self.fail(a[0])?;
                self.set(a[1], Value::Any)?;
            }
            Opcode::LoopRecEnd => {
                self.state.leave();
                self.counted = true;
                self.fail(a[0])?;
                return Ok(false);
            }
            Opcode::Wait => {
                self.state.leave();
                self.counted = true;
                self.fail(a[0])?;
                return Ok(false);
            }
            Opcode::WaitTimeout => {
                self.reads(&a[1..])?;
                self.state.leave();
                // The process may go on at once where the time is 0: what follows costs nothing.
                let counted = std::mem::replace(&mut self.counted, true);
                // A receive that takes nothing waits again with the time in its register, where it is kept.
                match a[1] {
                    Arg::X(n) if self.is_here(a[0]) => {
                        self.state.x = vec![Value::Any; usize::from(n) + 1];
                        self.fail(a[0])?;
                        self.state.x.clear();
                    }
                    _ => self.fail(a[0])?,
                }
                self.counted = counted;
            }
            Opcode::RecvMarkerReserve => self.set(a[0], Value::Any)?,
            _ => self.reads(a)?,
        }
        Ok(true)
    }

    /// Whether a label names this very instruction.
    fn is_here(&self, label: Arg) -> bool {
        let Arg::Label(label) = label else { return false };
        let named = self.code.label_op(label).map_or(self.at, |op| op + 1);
        let between = self.code.ops.get(named..self.at);
        between.is_some_and(|ops| ops.iter().all(|op| matches!(op.op, Opcode::Label | Opcode::Line)))
    }

    /// A test whose success says what a register holds.
    fn learn(&mut self, op: Opcode, a: &[Arg]) -> Done {
        let before = self.read(a[1])?;
        self.fail(a[0])?;
        let size = if let Value::Tuple(size) = before { size } else { 0 };
        let after = match op {
            Opcode::IsNonemptyList => Value::Cons,
            Opcode::IsTuple => Value::Tuple(size),
            Opcode::IsTaggedTuple => Value::Tuple(size.max(number(a[2]))),
            _ => {
                if !matches!(before, Value::Tuple(_) | Value::Fresh) {
                    self.look_first();
                }
                Value::Tuple(size.max(number(a[2])))
            }
        };
        if before == Value::Fresh { Ok(()) } else { self.set(a[1], after) }
    }

    fn select(&mut self, op: Opcode, a: &[Arg]) -> Done {
        let before = self.read(a[0])?;
        self.fail(a[1])?;
        let choices = self.list(a[2]);
        let by_size = op == Opcode::SelectTupleArity;
        if by_size && !matches!(before, Value::Tuple(_) | Value::Fresh) {
            self.look_first();
        }
        for choice in choices.chunks_exact(2) {
            if by_size && before != Value::Fresh {
                self.set(a[0], Value::Tuple(number(choice[0])))?;
            }
            self.fail(choice[1])?;
        }
        Ok(())
    }

    fn data(&mut self, op: Opcode, a: &[Arg]) -> Done {
        match op {
            Opcode::Move => {
                let value = self.read(a[0])?;
                self.set(a[1], value)
            }
            Opcode::Swap => {
                let (one, other) = (self.read(a[0])?, self.read(a[1])?);
                self.set(a[0], other)?;
                self.set(a[1], one)
            }
            Opcode::GetList | Opcode::GetHd | Opcode::GetTl => {
                if self.read(a[0])? != Value::Cons {
                    self.look_first();
                }
                a[1..].iter().try_for_each(|&to| self.set(to, Value::Any))
            }
            Opcode::GetTupleElement => {
                match self.read(a[0])? {
                    Value::Tuple(size) if number(a[1]) < size => {}
                    _ => self.look_first(),
                }
                self.set(a[2], Value::Any)
            }
            Opcode::SetTupleElement => {
                self.reads(&a[..1])?;
                // A tuple that others see, or that lies in the old generation, must not change.
                if self.read(a[1])? == Value::Fresh {
                    Ok(())
                } else {
                    Err("it changes a tuple that is not new")
                }
            }
            Opcode::PutList => {
                self.reads(&a[..2])?;
                self.state.take_heap(2)?;
                self.set(a[2], Value::Cons)
            }
            Opcode::PutTuple2 => {
                let elements = self.list(a[1]);
                self.reads(elements)?;
                self.state.take_heap(1 + elements.len() as u32)?;
                self.set(a[0], Value::Tuple(elements.len() as u32))
            }
            Opcode::UpdateRecord => {
                self.reads(&a[2..3])?;
                let updates = self.list(a[4]);
                self.reads(updates)?;
                self.state.take_heap(number(a[1]).saturating_add(1))?;
                self.set(a[3], Value::Tuple(number(a[1])))
            }
            Opcode::MakeFun2 => {
                self.state.collect(u32::from(self.file.lambdas[number(a[0]) as usize].num_free))?;
                self.called(Value::Any);
                Ok(())
            }
            _ => {
                let free = self.list(a[2]);
                self.reads(free)?;
                self.state.take_heap(2 + free.len() as u32)?;
                self.set(a[1], Value::Any)
            }
        }
    }

    /// Exceptions go on at the innermost handler, with the frame as it is from here on.
    fn may_raise(&mut self) -> Done {
        match self.state.handler() {
            Some((label, state)) => self.come_to(label, state),
            None => Ok(()),
        }
    }

    fn exception(&mut self, op: Opcode, a: &[Arg]) -> Done {
        match op {
            Opcode::Catch | Opcode::Try => {
                let Arg::Label(label) = a[1] else { panic!("the operand check lets a label pass alone") };
                self.state.need_frame()?;
                self.state.set_y(y(a[0]), Value::Catch(label))?;
                self.may_raise()
            }
            Opcode::TryEnd => self.state.end_catch(y(a[0])),
            Opcode::CatchEnd => {
                let value = self.state.x(0);
                if !(value.is_term() || matches!(value, Value::Raised | Value::MaybeRaised)) {
                    return Err("x0 has neither a value nor an exception");
                }
                self.state.end_catch(y(a[0]))?;
                self.called(Value::Any);
                Ok(())
            }
            Opcode::TryCase => {
                match self.state.x(0) {
                    Value::Raised => {}
                    // A call before it that never returns, as the compiler knows.
                    value if value.is_term() || value == Value::MaybeRaised => self.look_first(),
                    _ => return Err("no exception was caught"),
                }
                self.state.end_catch(y(a[0]))?;
                self.state.leave();
                self.state.x = vec![Value::Any; 3];
                Ok(())
            }
            Opcode::RawRaise => {
                self.state.need_x(3)?;
                self.called(Value::Any);
                Ok(())
            }
            _ => {
                self.state.need_x(1)?;
                self.called(Value::Any);
                Ok(())
            }
        }
    }

    fn map(&mut self, op: Opcode, a: &[Arg]) -> Done {
        match op {
            Opcode::PutMapAssoc | Opcode::PutMapExact => {
                self.reads(&a[1..2])?;
                self.reads(self.list(a[4]))?;
                self.fail(a[0])?;
                self.collect_few(number(a[3]))?;
                self.set(a[2], Value::Any)
            }
            Opcode::HasMapFields => {
                self.reads(&a[1..2])?;
                self.reads(self.list(a[2]))?;
                self.fail(a[0])
            }
            _ => {
                self.reads(&a[1..2])?;
                let gets = self.list(a[2]);
                for pair in gets.chunks_exact(2) {
                    self.reads(&pair[..1])?;
                }
                // Some of the registers may be set when a key is missing.
                let before = self.state.clone();
                for pair in gets.chunks_exact(2) {
                    self.set(pair[1], Value::Any)?;
                }
                let after = self.state.clone();
                self.state.join(&before);
                self.fail(a[0])?;
                self.state = after;
                Ok(())
            }
        }
    }

    fn float(&mut self, op: Opcode, a: &[Arg]) -> Done {
        match op {
            Opcode::Fmove | Opcode::Fconv => {
                self.reads(&a[..1])?;
                self.set(a[1], Value::Any)
            }
            _ => {
                let (to, operands) = a[1..].split_last().expect("a target is the last operand");
                self.reads(operands)?;
                self.set(*to, Value::Any)
            }
        }
    }

    fn matching(&mut self, op: Opcode, a: &[Arg]) -> Done {
        use Opcode::*;
        match op {
            BsStartMatch3 | BsStartMatch4 => {
                let (source, live) = if op == BsStartMatch3 { (a[1], a[2]) } else { (a[2], a[1]) };
                self.reads(&[source])?;
                self.state.collect(number(live))?;
                self.match_fail(a[0])?;
                self.set(a[3], Value::Any)
            }
            BsGetInteger2 | BsGetFloat2 | BsGetBinary2 => {
                self.reads(&[a[1], a[3]])?;
                self.state.collect(number(a[2]))?;
                self.match_fail(a[0])?;
                self.set(a[6], Value::Any)
            }
            BsSkipBits2 => {
                self.reads(&a[1..3])?;
                self.match_fail(a[0])
            }
            BsTestTail2 | BsTestUnit | BsMatchString | BsSkipUtf8 | BsSkipUtf16 | BsSkipUtf32 => {
                self.reads(&a[1..2])?;
                self.match_fail(a[0])
            }
            BsGetUtf8 | BsGetUtf16 | BsGetUtf32 => {
                self.reads(&a[1..2])?;
                self.match_fail(a[0])?;
                self.set(a[4], Value::Any)
            }
            BsGetTail => {
                self.reads(&a[..1])?;
                self.state.collect(number(a[2]))?;
                self.set(a[1], Value::Any)
            }
            BsGetPosition => {
                self.reads(&a[..1])?;
                self.set(a[1], Value::Any)
            }
            BsSetPosition => self.reads(a),
            _ => self.commands(a),
        }
    }

    /// `bs_match`: a command may fail with those before it done, but for one whose bits were ensured to be there.
    ///
    /// Compilers count on the latter: where the match fails, they read a register that such a command would have set.
    /// The position moves last, so what held holds again where the instruction is begun anew for want of room.
    fn commands(&mut self, a: &[Arg]) -> Done {
        self.reads(&a[1..2])?;
        if !matches!(a[0], Arg::Label(1..)) {
            self.look_first();
        }
        let list = self.list(a[2]);
        let mut rest = list;
        let mut ensured_bits = 0_u32;
        while let Some((&Arg::Atom(name), behind)) = rest.split_first() {
            let name = self.file.atom(name);
            match name {
                "ensure_exactly" | "ensure_at_least" => {
                    self.fail(a[0])?;
                    ensured_bits = number(behind[0]);
                }
                "integer" | "binary" => {
                    let bits = number(behind[2]).saturating_mul(number(behind[3]));
                    // A long integer may be more than the system's limit.
                    let is_long = name == "integer" && bits > ShortField::BITS_MAX;
                    let may_fail = is_long || bits > ensured_bits;
                    ensured_bits = ensured_bits.saturating_sub(bits);
                    self.command_sets(a[0], behind[0], behind[4], may_fail)?;
                }
                "get_tail" => self.command_sets(a[0], behind[0], behind[2], false)?,
                "skip" if number(behind[0]) <= ensured_bits => ensured_bits -= number(behind[0]),
                _ => {
                    self.fail(a[0])?;
                    ensured_bits = 0;
                }
            }
            rest = match name {
                "ensure_exactly" | "skip" => &behind[1..],
                "ensure_at_least" => &behind[2..],
                "integer" | "binary" => &behind[5..],
                _ => &behind[3..],
            };
        }
        Ok(())
    }

    /// A command that asks for room and sets a register.
    fn command_sets(&mut self, fail: Arg, live: Arg, to: Arg, may_fail: bool) -> Done {
        self.state.collect(number(live))?;
        if may_fail {
            self.fail(fail)?;
        }
        self.set(to, Value::Any)
    }

    fn building(&mut self, op: Opcode, a: &[Arg]) -> Done {
        use Opcode::*;
        match op {
            BsCreateBin => {
                for segment in self.list(a[5]).chunks_exact(6) {
                    let is_string = matches!(segment[0], Arg::Atom(name) if self.file.atom(name) == "string");
                    if !is_string {
                        self.reads(&segment[4..])?;
                    }
                }
                self.make_bits(a[0], a[1], a[2], a[4])
            }
            BsInitWritable => {
                self.state.need_x(1)?;
                self.called(Value::Any);
                Ok(())
            }
            BsInit2 | BsInitBits => {
                self.reads(&a[1..2])?;
                self.make_bits(a[0], a[2], a[3], a[5])
            }
            BsAppend => {
                self.reads(&[a[1], a[5]])?;
                self.make_bits(a[0], a[2], a[3], a[7])
            }
            BsAdd => {
                self.reads(&a[1..3])?;
                self.fail(a[0])?;
                self.set(a[4], Value::Any)
            }
            BsPrivateAppend => {
                self.reads(&[a[1], a[3]])?;
                self.fail(a[0])?;
                self.set(a[5], Value::Any)
            }
            BsPutInteger | BsPutBinary | BsPutFloat => {
                self.reads(&[a[1], a[4]])?;
                self.fail(a[0])
            }
            BsPutString => Ok(()),
            BsUtf8Size | BsUtf16Size => {
                self.reads(&a[1..2])?;
                self.fail(a[0])?;
                self.set(a[2], Value::Any)
            }
            _ => {
                self.reads(&a[2..])?;
                self.fail(a[0])
            }
        }
    }

    /// A binary is made, with heap words reserved behind it.
    fn make_bits(&mut self, fail: Arg, words: Arg, live: Arg, to: Arg) -> Done {
        self.state.collect(number(live))?;
        self.fail(fail)?;
        self.state.heap = need(words);
        self.set(to, Value::Any)
    }
}
