//! Passing over messages that the head of a receive refuses.
//!
//! A receive whose first test is of the message itself, and sends every message that it refuses on to the next,
//! looks at one message after the other with nothing between. That is done here without going through the
//! instructions. Invariant: registers, reductions and the save pointer are as if each had run.

use super::fast::is_tuple_of;
use crate::code::instr::Instr;
use crate::heap::Heap;
use crate::process::mailbox::Mailbox;

/// Where a scan stopped: before this instruction, with the message in `register`.
pub(super) struct Scan {
    pub pc: usize,
    pub passed: i64,
    pub register: usize,
    pub message: Option<u64>,
}

/// Goes on from the `loop_rec_end` at `end` for at most `most` messages, at least one; `None` where the receive, at
/// `start`, does not begin so.
#[inline(never)]
pub(super) fn scan(
    code: &[Instr],
    (start, end): (usize, usize),
    most: usize,
    heap: &Heap,
    mailbox: &mut Mailbox,
) -> Option<Scan> {
    let Instr::LoopRec { to, .. } = code[start] else { return None };
    let register = usize::from(to.as_x()?);
    let test = code[start + 1];
    let (passed, message) = match test {
        Instr::IsEqWordX { from, word, fail } if (usize::from(from), fail as usize) == (register, end) => {
            mailbox.pass_while(most, |message| message.0 != word.raw())
        }
        Instr::IsTupleOf { from, size, fail } if (from.as_x(), fail as usize) == (to.as_x(), end) => {
            mailbox.pass_while(most, |message| !is_tuple_of(heap, message.0, size as usize))
        }
        _ => return None,
    };
    // A message that is looked at last for want of reductions goes through its test like any other.
    let pc = if message.is_some() { start + 1 } else { start };
    Some(Scan { pc, passed: passed as i64, register, message: message.map(|word| word.0) })
}
