//! Fusing an instruction with the ones before it.
//!
//! Which pairs are worth it is measured (`benches/README.md`). Invariant: nothing fuses across a label, and
//! an instruction that can fail or that a stack trace may name keeps its place relative to its line.

use super::Builder;
use crate::code::instr::{BitOp, Dst, Instr, NO_REGISTER, Src};

impl Builder<'_> {
    /// Tries to fuse `next` into the instructions before it. Whether it did.
    pub(super) fn fuse(&mut self, next: Instr) -> bool {
        let free = self.code.len() - self.fence;
        if free == 0 {
            return false;
        }
        let end = self.code.len() - 1;
        let last = self.code[end];
        if let Some((kept, fused)) = parted(last, next) {
            self.code[end] = kept;
            self.code.push(fused);
            return true;
        }
        let before = (free >= 2).then(|| self.code[self.code.len() - 2]);
        let Some((fused, used)) = fused(before, last, next, &self.extra) else { return false };
        self.code.truncate(self.code.len() - used);
        let pc = self.code.len() as u32;
        // Lines of instructions that are gone belong to the fused one.
        while self.lines.last().is_some_and(|&(first, _)| first > pc) {
            let (_, line) = self.lines.pop().expect("just seen");
            match self.lines.last_mut() {
                Some(l) if l.0 == pc => l.1 = line,
                _ => self.lines.push((pc, line)),
            }
        }
        self.code.push(fused);
        true
    }
}

/// The instruction that stands for `(before,) last, next`, and how many of the former it takes the place of.
fn fused(before: Option<Instr>, last: Instr, next: Instr, extra: &[u32]) -> Option<(Instr, usize)> {
    use Instr::*;
    let pair = |instr| Some((instr, 1));
    match (last, next) {
        (MoveXX { from, to }, MoveXX { from: from2, to: to2 }) => pair(MoveXX2 { from, to, from2, to2 }),
        (MoveYX { from, to }, MoveYX { from: from2, to: to2 }) => pair(MoveYX2 { from, to, from2, to2 }),
        (MoveXY { from, to }, MoveXY { from: from2, to: to2 }) => pair(MoveXY2 { from, to, from2, to2 }),
        (Allocate { slots, .. }, MoveXY { from, to }) => {
            pair(AllocateXY2 { slots, from, to, from2: from, to2: to })
        }
        (AllocateXY2 { slots, from, to, from2, to2 }, MoveXY { from: from3, to: to3 })
            if (from, to) == (from2, to2) =>
        {
            pair(AllocateXY2 { slots, from, to, from2: from3, to2: to3 })
        }
        (MoveXX { .. } | MoveYX { .. }, Call { to, live }) => {
            let (from, x) = move_to_x(last)?;
            pair(MoveCall { from, x, live, to })
        }
        (MoveXX { .. } | MoveYX { .. }, CallOnly { to, live }) => {
            let (from, x) = move_to_x(last)?;
            pair(MoveCallOnly { from, x, live, to })
        }
        (MoveXX { .. } | MoveYX { .. }, CallLast { to, live, slots }) => {
            let (from, x) = move_to_x(last)?;
            pair(MoveCallLast { from, x, live, slots, to })
        }
        (Deallocate { slots }, Return) => match before {
            Some(CallFun { live, fun }) => Some((CallFunLast { live, slots, fun }, 2)),
            Some(TestCons { head, tail, to, live }) if to == Dst::x(0) => {
                Some((ConsReturn { head, tail, live, slots }, 2))
            }
            Some(moved) => match move_to_x(moved) {
                Some((from, 0)) => Some((MoveDeallocateReturn { from, slots }, 2)),
                _ => pair(DeallocateReturn { slots }),
            },
            None => pair(DeallocateReturn { slots }),
        },
        (TestHeap { need: 2, live }, Cons { head, tail, to }) => {
            pair(TestCons { head, tail, to, live: u8::try_from(live).ok()? })
        }
        (MoveXX { .. } | MoveYX { .. }, Return) => match move_to_x(last)? {
            (from, 0) => pair(MoveReturn { from }),
            _ => None,
        },
        (IsNonemptyListX { from, fail }, GetList { from: list, head, tail }) if list.as_x() == Some(from) => {
            match (head.as_x(), tail.as_x()) {
                (Some(head), Some(tail)) => pair(UnconsX { from, head, tail, fail }),
                _ => None,
            }
        }
        (Allocate { slots, live }, GetList { from, head, tail }) => match before {
            Some(IsNonemptyListX { from: list, fail }) if from.as_x() == Some(list) => {
                let (slots, live) = (u8::try_from(slots).ok()?, u8::try_from(live).ok()?);
                Some((UnconsAllocate { from: list, head, tail, slots, live, fail }, 2))
            }
            _ => None,
        },
        (AllocateXY2 { slots, from, to, from2, to2 }, GetList { from: source, head, tail }) => match before {
            Some(IsNonemptyListX { from: list, fail }) if source.as_x() == Some(list) => {
                let byte = |n: u16| u8::try_from(n).ok();
                let (list, slots) = (byte(list)?, byte(slots)?);
                let (from, to, from2, to2) = (byte(from)?, byte(to)?, byte(from2)?, byte(to2)?);
                Some((UnconsAllocateXY2 { list, head, tail, slots, from, to, from2, to2, fail }, 2))
            }
            _ => None,
        },
        (MoveXX { .. } | MoveYX { .. }, CallFun { live, fun }) => {
            pair(CallFun { live, fun: moved_fun(last, live, fun)? })
        }
        (MoveYX2 { from, to, from2, to2 }, CallLast { to: callee, live, slots }) => {
            let byte = |n: u16| u8::try_from(n).ok();
            let (from, to, from2, to2) = (byte(from)?, byte(to)?, byte(from2)?, byte(to2)?);
            pair(MoveYX2CallLast { from, to, from2, to2, live, slots, callee })
        }
        (Trim { slots: trimmed }, Call { to, live }) => match before {
            Some(MoveYX { from, to: x }) => Some((MoveTrimCall { from, x, trimmed, live, to }, 2)),
            _ => pair(TrimCall { trimmed, live, to }),
        },
        (IsTupleX { from, fail }, TestArity { from: tuple, size, fail: fail2 })
            if tuple.as_x() == Some(from) && fail == fail2 =>
        {
            pair(IsTupleOf { from: tuple, size, fail })
        }
        (
            StartMatchX { from, to, position: NO_REGISTER, list, fail },
            Bits { op: BitOp::GetPosition, list: at, .. },
        ) if at == list + 3 && extra[at as usize] == Src::x(to).0 => {
            let position = Dst(extra[at as usize + 1] as u16).as_x()?;
            pair(StartMatchX { from, to, position, list, fail })
        }
        (
            GetFields { count, unit: 0, context, list, fail },
            GetFields { count: 1, unit: 0, context: context2, list: list2, fail: fail2 },
        ) if (context, fail, list + u32::from(count)) == (context2, fail2, list2) => {
            pair(GetFields { count: count.checked_add(1)?, unit: 0, context, list, fail })
        }
        (
            GetFields { count, unit: 0, context, list, fail },
            Bits { op: BitOp::TestUnit, list: at, fail: fail2 },
        ) if fail == fail2 && extra[at as usize] == Src::x(context).0 => {
            let unit = u8::try_from(extra[at as usize + 1]).ok()?;
            pair(GetFields { count, unit, context, list, fail })
        }
        // A new frame's slots are nil already.
        (Allocate { slots, .. } | AllocateHeap { slots, .. }, InitY { list }) => {
            let count = extra[list as usize] as usize;
            let inits = &extra[list as usize + 1..][..count];
            inits.iter().all(|&y| y < u32::from(slots)).then_some((last, 1))
        }
        _ => None,
    }
}

/// Where a call finds its fun that is moved just for it, to a register which is no argument: nobody reads that again.
fn moved_fun(moved: Instr, live: u8, fun: Src) -> Option<Src> {
    let (from, x) = move_to_x(moved)?;
    (fun.as_x() == Some(x) && x >= u16::from(live)).then_some(from)
}

/// The instructions that stand for two, where the first fuses in part.
fn parted(last: Instr, next: Instr) -> Option<(Instr, Instr)> {
    use Instr::*;
    match (last, next) {
        (MoveYX2 { from, to, from2, to2 }, CallFun { live, fun }) => {
            let fun = moved_fun(MoveYX { from: from2, to: to2 }, live, fun)?;
            Some((MoveYX { from, to }, CallFun { live, fun }))
        }
        _ => None,
    }
}

fn move_to_x(instr: Instr) -> Option<(Src, u16)> {
    match instr {
        Instr::MoveXX { from, to } => Some((Src::x(from), to)),
        Instr::MoveYX { from, to } => Some((Src::y(from), to)),
        _ => None,
    }
}
