//! What code may do depends on the way that led there: each function is followed along all ways, and refused where an
//! instruction would read a register that was not set, a slot outside its frame, or a word as what it may not be.
//!
//! The interpreter trusts code that has passed. Invariant: on every way to an instruction the registers that it reads
//! hold terms, and so do those that a collection there takes for live; the frame has the size that it says; a catch is
//! ended once; words on the heap were reserved; no way goes round without a call or a receive; and none leads out of
//! its function but by a call, a return or an exception. Where an instruction takes something apart and nothing
//! here shows what it is (a compiler knows more of what calls return), it is listed as unproven and loaded in a form
//! that looks first.
//!
//! Source: what OTP's compiler checks of its own output (`beam_validator`). Differs in following no types across
//! calls. Work and memory are bounded by what is sensible for the function's size; code beyond that is refused.

mod effects;
mod state;
#[cfg(test)]
mod tests;

use super::beam::BeamFile;
use super::error::LoadError;
use super::generic::{Arg, Function, GenericCode, GenericOp, in_code};
use super::op::Opcode;
use state::State;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

/// What is wrong, in words. Completes "instruction 7 (move): ...".
type Why = &'static str;

/// Times that a label may be come to anew, on average: code of compilers needs less than two.
const VISITS_PER_LABEL: usize = 16;
/// Registers remembered for all labels of a function together.
const REMEMBERED_MAX: usize = 1 << 22;

const NO_ORDINAL: u32 = u32::MAX;

/// Follows all functions. The instructions that are to look before they take something apart, ascending.
pub(super) fn verify(file: &BeamFile, code: &GenericCode) -> Result<Vec<u32>, LoadError> {
    let mut unproven = Vec::new();
    let mut starts = Vec::new();
    let mut ordinals = vec![NO_ORDINAL; file.code.label_count as usize];
    for (number, function) in code.functions.iter().enumerate() {
        let is_last = number + 1 == code.functions.len();
        let end = if is_last { code.ops.len() } else { start(code, number + 1) };
        let first = start(code, number);
        let mut search = Search::new(file, code, function, &mut ordinals, first..end);
        search.run().map_err(|why| search.refusal(function, first, why))?;
        let Search { unproven: mut found, labels, on_load, .. } = search;
        starts.extend(on_load);
        // A block that was followed again lists its instructions again.
        found.sort_unstable();
        found.dedup();
        unproven.append(&mut found);
        for op in labels {
            ordinals[label_of(code, op as usize) as usize] = NO_ORDINAL;
        }
    }
    // Whoever runs the function begins there, whether a way leads there or not.
    let unseen =
        |&(index, op): &(usize, &GenericOp)| op.op == Opcode::OnLoad && !starts.contains(&(index as u32));
    match code.ops.iter().enumerate().find(unseen) {
        Some((_, op)) => Err(LoadError::Invalid { at: in_code(op.at), what: "no way leads to on_load" }),
        None => Ok(unproven),
    }
}

/// The first instruction of a function: labels that stand before its `func_info` belong to it, but not the entry of
/// the function before.
fn start(code: &GenericCode, number: usize) -> usize {
    let first_of = |function: &Function| function.func_info as usize;
    let least = number.checked_sub(1).map_or(0, |before| first_of(&code.functions[before]) + 2);
    let mut first = first_of(&code.functions[number]);
    while first > least && matches!(code.ops[first - 1].op, Opcode::Label | Opcode::Line) {
        first -= 1;
    }
    first
}

/// The number of a `label` instruction.
fn label_of(code: &GenericCode, op: usize) -> u32 {
    match code.args(code.ops[op].args) {
        &[Arg::Literal(label)] => label,
        other => panic!("a label has a number: {other:?}"),
    }
}

/// The search through one function.
struct Search<'a> {
    file: &'a BeamFile,
    code: &'a GenericCode,
    arity: u8,
    /// By label: its place among those of this function.
    ordinals: &'a [u32],
    /// The `label` instructions, in order.
    labels: Vec<u32>,
    end: usize,
    /// What is known at each label; `None` while no way there is known.
    known: Vec<Option<State>>,
    /// Labels to follow on from, the first one first: code goes forward but for its receives.
    pending: BinaryHeap<Reverse<u32>>,
    waits: Vec<bool>,
    remembered: usize,
    /// Jumps from label to label, without those that cost a reduction or wait.
    jumps: Vec<(u32, u32)>,
    goes_back: bool,
    unproven: Vec<u32>,
    /// Where functions that are to run at loading begin.
    on_load: Option<u32>,
    /// Where the search is: label, instruction, and whether a reduction was counted since the label.
    from: u32,
    at: usize,
    counted: bool,
    state: State,
}

impl<'a> Search<'a> {
    fn new(
        file: &'a BeamFile,
        code: &'a GenericCode,
        function: &Function,
        ordinals: &'a mut [u32],
        body: Range<usize>,
    ) -> Search<'a> {
        let is_label = |op: &usize| code.ops[*op].op == Opcode::Label;
        let labels: Vec<u32> = body.clone().filter(is_label).map(|op| op as u32).collect();
        for (ordinal, &op) in (0..).zip(&labels) {
            ordinals[label_of(code, op as usize) as usize] = ordinal;
        }
        Search {
            file,
            code,
            arity: function.arity,
            ordinals,
            end: body.end,
            known: vec![None; labels.len()],
            waits: vec![false; labels.len()],
            labels,
            pending: BinaryHeap::new(),
            remembered: 0,
            jumps: Vec::new(),
            goes_back: false,
            unproven: Vec::new(),
            on_load: None,
            from: ordinals_of(ordinals, function.entry),
            at: function.func_info as usize,
            counted: true,
            state: State::entry(function.arity),
        }
    }

    fn run(&mut self) -> Result<(), Why> {
        let entry = self.from;
        self.known[entry as usize] = Some(self.state.clone());
        self.pending.push(Reverse(entry));
        let mut visits = 0;
        while let Some(Reverse(ordinal)) = self.pending.pop() {
            self.waits[ordinal as usize] = false;
            visits += 1;
            if visits > VISITS_PER_LABEL * (self.labels.len() + 4) {
                return Err("the ways through the function are too many to follow");
            }
            self.block(ordinal)?;
        }
        if self.goes_back && self.has_circle() {
            return Err("it goes round without a call or a receive");
        }
        Ok(())
    }

    /// Follows the code from a label up to where it ends or comes to the next.
    fn block(&mut self, ordinal: u32) -> Result<(), Why> {
        self.from = ordinal;
        self.counted = false;
        self.state = self.known[ordinal as usize].clone().expect("a label that is pending was come to");
        self.at = self.labels[ordinal as usize] as usize + 1;
        while self.at < self.end {
            let op = self.code.ops[self.at];
            if op.op == Opcode::Label {
                let label = label_of(self.code, self.at);
                let state = std::mem::replace(&mut self.state, State::entry(0));
                return self.come_to(label, state);
            }
            if !self.step(op.op, self.code.args(op.args))? {
                return Ok(());
            }
            self.at += 1;
        }
        self.at -= 1;
        Err("the function has no end there")
    }

    /// One more way to a label.
    fn come_to(&mut self, label: u32, state: State) -> Result<(), Why> {
        let ordinal = ordinals_of(self.ordinals, label);
        if ordinal == NO_ORDINAL {
            return Err("a jump leads into another function");
        }
        if !self.counted {
            self.jumps.push((self.from, ordinal));
            self.goes_back |= ordinal <= self.from;
        }
        let is_new = match &mut self.known[ordinal as usize] {
            Some(known) => known.join(&state),
            unknown => {
                self.remembered += state.words();
                *unknown = Some(state);
                true
            }
        };
        if self.remembered > REMEMBERED_MAX {
            return Err("there is too much to remember of the function's labels");
        }
        if is_new && !std::mem::replace(&mut self.waits[ordinal as usize], true) {
            self.pending.push(Reverse(ordinal));
        }
        Ok(())
    }

    /// Whether the jumps lead from some label back to itself.
    fn has_circle(&mut self) -> bool {
        self.jumps.sort_unstable();
        self.jumps.dedup();
        let jumps = &self.jumps;
        let mut next: Vec<usize> = (0..self.labels.len() as u32)
            .map(|from| jumps.partition_point(|&(other, _)| other < from))
            .collect();
        #[derive(Clone, Copy, PartialEq)]
        enum Seen {
            Not,
            Above,
            Done,
        }
        let mut seen = vec![Seen::Not; self.labels.len()];
        for root in 0..self.labels.len() {
            let mut path = vec![root];
            while let Some(&here) = path.last() {
                seen[here] = if seen[here] == Seen::Done { Seen::Done } else { Seen::Above };
                match jumps.get(next[here]).filter(|&&(from, _)| from as usize == here) {
                    Some(&(_, to)) if seen[here] == Seen::Above => {
                        next[here] += 1;
                        match seen[to as usize] {
                            Seen::Above => return true,
                            Seen::Not => path.push(to as usize),
                            Seen::Done => {}
                        }
                    }
                    _ => {
                        seen[here] = Seen::Done;
                        path.pop();
                    }
                }
            }
        }
        false
    }

    fn refusal(&self, function: &Function, first: usize, why: Why) -> LoadError {
        let at = self.at.min(self.code.ops.len() - 1);
        let op = self.code.ops[at];
        LoadError::Unsafe {
            at: in_code(op.at),
            function: format!("{}/{}", self.file.atom(function.name), function.arity).into(),
            instruction: (at - first) as u32,
            op: op.op.name(),
            why,
        }
    }
}

fn ordinals_of(ordinals: &[u32], label: u32) -> u32 {
    ordinals[label as usize]
}
