//! What programs say about themselves, in simulation: noted, judged when it is said or at the end of the run.
//!
//! A run that the step limit cuts while it owes something goes on for as many steps again (at least [`FAIR_STEPS_MIN`]), fairly: without faults and early
//! timers, everybody in turn, so that what does not happen then is kept from happening by the program and by nobody else.
//! Invariant: what is said changes the run's digest and nothing else of the run; the fair part is a function of the
//! world at its beginning, and no choice of it is recorded.

use super::door::Door;
use super::{End, SimWorld};
use crate::choice::{Chooser, Class, Opt, Point};
use crate::digest::{Digest, fold};
use crate::linear::models::Call;
use crate::name::ENTRY;
use crate::oracle::{Oracle, Violation, call_text, shape};
use crate::trace::names::Namer;
use warpbeam::heap::parcel::Parcel;
use warpbeam::process::pid::Pid;
use warpbeam::term::Word;
use warpbeam::world::oracles::{Claim, Oracles, Returned};

/// Characters of a name.
const NAME_CHARS: usize = 200;
/// Characters of an operation or its result.
const OPERATION_CHARS: usize = 10_000;
/// Answers up to which a choice is one question.
const ARITY_MAX: u32 = 256;
/// Events that the fair part may have at least.
const FAIR_STEPS_MIN: u64 = 10_000;
/// Events of the fair part after which a timer fires although others can act.
const FAIR_EVENTS: u64 = 1_000;

/// Decides the fair part of a run: dull, and data in turn.
struct Fair;

impl Chooser for Fair {
    fn choose(&mut self, _at: &Point<'_>, _options: &[Opt]) -> usize {
        0
    }
}

impl Oracles for Door<'_> {
    fn judges(&self) -> bool {
        true
    }

    fn claim(&mut self, _me: Pid, claim: Claim, name: Parcel) {
        let world = &mut *self.world;
        let hash = Digest::START.parcel(&name, &world.births).0;
        let held = !claim.is_broken() && !matches!(claim, Claim::Sometimes(false) | Claim::Eventually(false));
        world.mix_running(fold(hash, u64::from(held)));
        if claim.is_broken() {
            let violation = world.broken(claim, &name);
            world.end(End::Violation(Box::new(violation)));
        }
        if world.keep.is_some() {
            let text = Namer::new(world).term(&name, NAME_CHARS);
            let value = match claim {
                Claim::Eventually(false) => ": not yet".to_string(),
                Claim::Always(_) | Claim::Sometimes(_) | Claim::Eventually(_) => format!(": {held}"),
                Claim::Unreachable | Claim::Reachable => String::new(),
            };
            world.said("claim", format!("claims {} {text}{value}", claim.name()));
        }
        let mut claims = std::mem::take(&mut world.claims);
        claims.take(claim, hash, || Namer::new(world).term(&name, NAME_CHARS));
        world.claims = claims;
    }

    fn choose(&mut self, _me: Pid, arity: u32) -> u32 {
        let picked = self.world.choose_data(arity, self.chooser);
        self.world.mix_running(u64::from(picked));
        if self.world.keep.is_some() {
            self.world.said("choose", format!("chooses number {} of {arity}", picked + 1));
        }
        picked
    }

    fn note(&mut self, _me: Pid, term: Parcel) {
        let world = &mut *self.world;
        let hash = Digest::START.parcel(&term, &world.births).0;
        world.mix_running(hash);
        if world.keep.is_some() {
            let text = Namer::new(world).term(&term, NAME_CHARS);
            world.said("note", format!("notes {text}"));
        }
    }

    fn invoked(&mut self, _me: Pid, object: Parcel, operation: Parcel) -> u64 {
        let world = &mut *self.world;
        let process = world.slots.at(world.running).serial;
        let namer = Namer::new(world);
        let (on, shown) = (namer.term(&object, NAME_CHARS), namer.term(&operation, OPERATION_CHARS));
        let call = call_of(process, &operation, &shown, world);
        let hash = Digest::START.parcel(&object, &world.births).parcel(&operation, &world.births).0;
        let number = world.claims.history.invoked(&on, call, &shown);
        world.mix_running(fold(hash, number));
        world.said("invoke", format!("begins {shown} on {on}"));
        number
    }

    fn returned(&mut self, _me: Pid, operation: u64, how: Returned) {
        let world = &mut *self.world;
        let answer = match &how {
            Returned::Ok(result) => Some(Namer::new(world).term(result, OPERATION_CHARS)),
            Returned::Failed => None,
        };
        let hash = answer.as_deref().map_or(0, |text| Digest::START.text(text).0);
        world.mix_running(fold(hash, operation));
        world.claims.history.returned(operation, answer.as_deref());
        let how = answer.map_or("without an effect".to_string(), |answer| format!("with {answer}"));
        world.said("claim", format!("ends operation {operation} {how}"));
    }
}

/// An atom, or a tuple that begins with one.
fn call_of(process: u32, operation: &Parcel, shown: &str, world: &SimWorld) -> Call {
    let (heap, word) = operation.unpack(&world.code_view().literals);
    let namer = Namer::new(world);
    let shown_part = |part: &u64| namer.word(&heap, Word(*part), OPERATION_CHARS).into();
    match heap.tuple(word) {
        Some([name, arguments @ ..]) if Word(*name).is_atom() => {
            Call { process, name: shown_part(name), arguments: arguments.iter().map(shown_part).collect() }
        }
        _ => Call { process, name: shown.into(), arguments: Vec::new() },
    }
}

impl SimWorld {
    fn said(&mut self, verb: &'static str, text: String) {
        let who = self.slots.at(self.running).serial;
        if let Some(keep) = &mut self.keep {
            keep.said(who, verb, text);
        }
    }

    fn broken(&self, claim: Claim, name: &Parcel) -> Violation {
        let slot = self.slots.at(self.running);
        let text = Namer::new(self).term(name, NAME_CHARS);
        let (path, call) = (self.births.path(slot.serial), call_text(slot.initial_call));
        let (oracle, what) = match claim {
            Claim::Always(_) => (Oracle::Always, format!("always {text} is false")),
            _ => (Oracle::Unreachable, format!("unreachable {text} was reached")),
        };
        let shape = shape::named(name, &text, self);
        Violation::new(oracle, format!("{what} in process {path} ({call})"), &shape)
    }

    /// One of `arity` values; many of them by their digits.
    fn choose_data(&mut self, arity: u32, chooser: &mut dyn Chooser) -> u32 {
        if self.tail {
            let slot = self.slots.at_mut(self.running);
            slot.asked[Class::Data as usize] += 1;
            return slot.asked[Class::Data as usize] % arity;
        }
        let mut digits = Vec::new();
        let mut rest = arity;
        while rest > ARITY_MAX {
            digits.push(rest);
            rest = rest.div_ceil(ARITY_MAX);
        }
        let mut picked = self.ask_own(Class::Data, rest, chooser);
        while let Some(all) = digits.pop() {
            let here = (all - picked * ARITY_MAX).min(ARITY_MAX);
            picked = picked * ARITY_MAX + self.ask_own(Class::Data, here, chooser);
        }
        picked
    }

    /// The step limit is reached.
    pub(crate) fn limit_reached(&mut self) {
        let steps_max = self.settings.steps_max;
        let owes = self.claims.owed().is_some() || (self.settings.must_end && self.settled.is_none());
        let over = self.steps() >= steps_max.saturating_add(steps_max.max(FAIR_STEPS_MIN));
        if !owes || self.watch.is_some() || over {
            let end = if self.tail && owes { self.unpaid() } else { End::StepLimit };
            return self.end(end);
        }
        if !self.tail {
            self.tail = true;
            // Everybody stops before the next operation from now on, and nobody is slow.
            self.pause_at = 0;
            (0..self.runnable.len()).for_each(|option| self.runnable.hurry(option));
        }
    }

    /// One event of the fair part: whoever has waited longest acts.
    pub(crate) fn fair_turn(&mut self, regs: &mut warpbeam::interp::Regs) -> bool {
        let mut fair = Fair;
        let fires = self.steps().is_multiple_of(FAIR_EVENTS);
        if self.advance.is_empty() && self.next.is_none() && !self.runnable.is_empty() {
            if fires && let Some((_, _, timer)) = self.timers.first() {
                self.fire(timer, &mut fair);
                return true;
            }
            let oldest = self.runnable.oldest().expect("somebody can run");
            self.runnable.to_back(oldest);
            self.next = Some(self.runnable.option(oldest).actor);
        }
        self.turn(regs, &mut fair)
    }

    /// What is still owed at the end of a run.
    fn unpaid(&self) -> End {
        let violation = match self.claims.owed() {
            Some(name) => {
                let when = if self.tail { "although nothing hindered it any more" } else { "in this run" };
                Violation::new(Oracle::Eventually, format!("eventually {name} did not happen {when}"), name)
            }
            None => {
                let message = "the entry process has not ended although nothing hindered it any more";
                let call = self.slots.of_serial(ENTRY).map(|at| call_text(self.slots.at(at).initial_call));
                Violation::new(Oracle::Eventually, message.to_string(), &call.unwrap_or_default())
            }
        };
        End::Violation(Box::new(violation))
    }

    /// Judges the claims of a run that has come to its end.
    pub(crate) fn judge_claims(&self) -> Option<End> {
        if self.claims.owed().is_some() {
            return Some(self.unpaid());
        }
        let path = |serial| self.births.path(serial).to_string();
        let (message, object) = self.claims.history.problem(&path)?;
        Some(End::Violation(Box::new(Violation::new(Oracle::Linearizability, message, &object))))
    }
}
