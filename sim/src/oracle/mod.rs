//! Oracles: what counts as a bug, said of a run.
//!
//! A violation names its oracle, says in a sentence which rule was broken, and has a fingerprint (oracle,
//! function and place, shape of the reason) that is the same for the same bug found by other choices.
//! Invariant: what oracles find changes neither the run nor its digest.

pub mod claims;
pub mod shadow;
pub mod shape;

use crate::digest::Digest;
use crate::trace::names::Namer;
use crate::world::SimWorld;
use crate::world::settings::Scope;
use crate::world::slots::{NO_SLOT, Slot, State};
pub use shadow::Shadow;
use std::fmt;
use warpbeam::heap::parcel::Parcel;
use warpbeam::native::LOOP_MODULE;
use warpbeam::process::Process;
use warpbeam::term::{Atom, Word};

/// The rule that was broken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Oracle {
    /// The entry process ended abnormally, or somebody ended the program with a status other than 0.
    EntryCrash,
    /// Some process crashed (`--crash any`).
    Crash,
    /// The entry process waits when nothing can wake it.
    EntryDeadlock,
    /// Some process waits when nothing can wake it (`--deadlock any`).
    Deadlock,
    /// Some process waits for the reply to a call of its own when nothing can wake it.
    CallDeadlock,
    /// Too many calls without a visible operation.
    Livelock,
    /// A DOWN was lost, doubled, or came after its monitor had ended.
    Down,
    /// The same of an EXIT and its link.
    Exit,
    /// A message left the mailbox without being received.
    Mailbox,
    /// The runtime panicked: its own invariants or the heap's verification failed.
    Panic,
    /// A descriptor that is not open was closed.
    FdClosedTwice,
    /// A descriptor was used after its close, perhaps as somebody else's.
    FdReused,
    /// A descriptor is open that nobody has any more.
    FdLeaked,
    /// An operation completed that nobody waits for, or nobody was told of a completion.
    IoCompletion,
    /// Bytes were said to be written or sent that were not.
    IoLost,
    /// What a file had when it was synced is missing after a crash.
    SyncLost,
    /// The same choices gave another digest.
    Determinism,
    /// The same choices gave another digest under another plan of collections.
    GcTransparency,
    /// The program says that this always holds, and it does not.
    Always,
    /// The program says that this place is never reached.
    Unreachable,
    /// The program says that this happens in each run, and it does not.
    Eventually,
    /// No order of the operations of a recorded history gives their results.
    Linearizability,
    /// A test that looked at the run says so ([`crate::check`]).
    Judge,
}

impl Oracle {
    /// Whether a run cannot sensibly go on after it.
    pub(crate) fn stops_all(self) -> bool {
        matches!(
            self,
            Oracle::Livelock
                | Oracle::Panic
                | Oracle::FdClosedTwice
                | Oracle::FdReused
                | Oracle::IoCompletion
                | Oracle::IoLost
        )
    }

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Oracle::EntryCrash => "entry-crash",
            Oracle::Crash => "crash",
            Oracle::EntryDeadlock => "entry-deadlock",
            Oracle::Deadlock => "deadlock",
            Oracle::CallDeadlock => "call-deadlock",
            Oracle::Livelock => "livelock",
            Oracle::Down => "down",
            Oracle::Exit => "exit",
            Oracle::Mailbox => "mailbox",
            Oracle::Panic => "panic",
            Oracle::FdClosedTwice => "fd-closed-twice",
            Oracle::FdReused => "fd-reused",
            Oracle::FdLeaked => "fd-leaked",
            Oracle::IoCompletion => "io-completion",
            Oracle::IoLost => "io-lost",
            Oracle::SyncLost => "sync-lost",
            Oracle::Determinism => "determinism",
            Oracle::GcTransparency => "gc-transparency",
            Oracle::Always => "always",
            Oracle::Unreachable => "unreachable",
            Oracle::Eventually => "eventually",
            Oracle::Linearizability => "linearizability",
            Oracle::Judge => "judge",
        }
    }
}

impl fmt::Display for Oracle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A broken rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    pub oracle: Oracle,
    /// A sentence.
    pub message: String,
    /// Equal for the same bug.
    pub fingerprint: String,
}

impl Violation {
    pub(crate) fn new(oracle: Oracle, message: String, detail: &str) -> Violation {
        Violation { oracle, message, fingerprint: format!("{oracle} {detail}") }
    }
}

/// Messages up to which the order of a mailbox is looked at after each slice.
const ORDERED_MAX: usize = 32;
/// Characters of a reason in a violation's sentence.
const REASON_CHARS: usize = 300;

/// Whether a process may end like this without anybody minding.
pub fn is_peaceful(reason: &Parcel) -> bool {
    let peaceful = |word: Word| word == Word::atom(Atom::NORMAL) || word == Word::atom(Atom::SHUTDOWN);
    if let Some(word) = reason.as_immediate() {
        return peaceful(word);
    }
    // {shutdown, _}
    let words = reason.words();
    reason.root().is_boxed()
        && words.len() >= 3
        && words[0] == warpbeam::term::word::Header::new(warpbeam::term::word::Kind::Tuple, 2).word()
        && words[1] == Word::atom(Atom::SHUTDOWN).0
}

/// A process is gone; its slot still holds it.
pub(crate) fn on_gone(world: &mut SimWorld, at: u32) -> Option<Violation> {
    let slot = world.slots.at(at);
    let process = slot.process.as_deref().expect("the slot still holds the process");
    let (serial, pid) = (slot.serial, slot.pid);
    let reason = process.exit_reason().expect("a process that is gone has a reason").clone();
    world.mix_local(at, Digest::START.parcel(&reason, &world.births).0);
    if let Some(keep) = &mut world.keep {
        keep.gone(serial, &reason);
    }
    if let Some(violation) = world.shadow.gone(pid, &reason, &world.births) {
        return Some(violation);
    }
    let entry = serial == world.births.entry();
    if is_peaceful(&reason) || (!entry && world.settings.crash == Scope::Entry) {
        return None;
    }
    let (oracle, who) = if entry {
        (Oracle::EntryCrash, "the entry process".to_string())
    } else {
        (Oracle::Crash, format!("process {}", world.births.path(serial)))
    };
    let text = Namer::new(world).reason(&reason, REASON_CHARS);
    let call = call_text(world.slots.at(at).initial_call);
    Some(Violation::new(
        oracle,
        format!("{who} ({call}) ended with {text}"),
        &format!("{call} {}", shape::shape(&reason, world)),
    ))
}

/// The running process ends the program. By OTP's convention a status other than 0 says that it failed.
pub(crate) fn on_halt(world: &SimWorld, status: i32) -> Option<Violation> {
    if status == 0 || world.running == NO_SLOT {
        return None;
    }
    let slot = world.slots.at(world.running);
    let who = if slot.serial == world.births.entry() {
        "the entry process".to_string()
    } else {
        format!("process {}", world.births.path(slot.serial))
    };
    let call = call_text(slot.initial_call);
    let message = format!("{who} ({call}) halted the program with status {status}");
    Some(Violation::new(Oracle::EntryCrash, message, &format!("{call} halt {status}")))
}

/// Nothing can happen any more.
pub(crate) fn at_rest(world: &SimWorld) -> Option<Violation> {
    if let Some(violation) = world.ring_at_rest() {
        return Some(violation);
    }
    let any = world.settings.deadlock == Scope::Any;
    let stuck = world.slots.live().find_map(|at| {
        let slot = world.slots.at(at);
        let oracle = match slot.serial {
            serial if serial == world.births.entry() => Oracle::EntryDeadlock,
            _ if any && !world.births.is_beside(slot.serial) => Oracle::Deadlock,
            // What is slow may take longer than the others are given when the entry process has ended.
            _ if waits_for_reply(slot) && !world.ring_is_slow() => Oracle::CallDeadlock,
            _ => return None,
        };
        Some((slot, oracle))
    });
    let (slot, oracle) = stuck?;
    let place = place_text(world, slot.process.as_deref()?);
    let path = world.births.path(slot.serial);
    let who = if slot.serial == world.births.entry() {
        "the entry process".to_string()
    } else {
        format!("process {path}")
    };
    let what = match slot.state {
        State::Reply => "for the reply to a request",
        State::Suspended => "to be resumed",
        _ if oracle == Oracle::CallDeadlock => "for the reply to a call",
        _ => "for a message",
    };
    let message = format!("{who} waits {what} in {place}, and nothing can wake it");
    Some(Violation::new(oracle, message, &place))
}

/// Whether the process waits for a message with a reference in it that it made for a call: not for the DOWN of
/// a monitor alone, which may well never come.
fn waits_for_reply(slot: &Slot) -> bool {
    let Some(process) = slot.process.as_deref().filter(|_| slot.state == State::Receive) else {
        return false;
    };
    let control = &process.control;
    control.mailbox.awaited().is_some_and(|reference| {
        let monitoring = control.monitoring.get(reference.count);
        reference.creator_pid() == slot.pid && monitoring.is_none_or(|m| m.alias.is_some())
    })
}

pub(crate) fn livelock(world: &SimWorld, at: u32) -> Violation {
    let slot = world.slots.at(at);
    let place = slot.process.as_deref().map(|p| place_text(world, p)).unwrap_or_default();
    let calls = world.settings.livelock_calls;
    let path = world.births.path(slot.serial);
    let message =
        format!("process {path} made {calls} calls without a visible operation, at last in {place}");
    Violation::new(Oracle::Livelock, message, &call_text(slot.initial_call))
}

pub(crate) fn panicked(world: &SimWorld, at: u32) -> Violation {
    let panic = crate::panic::take();
    let path = world.births.path(world.slots.at(at).serial);
    let message = format!("the runtime panicked while process {path} ran: {}", panic.message);
    Violation::new(Oracle::Panic, message, &panic.place)
}

pub(crate) fn call_text((module, function, arity): (Atom, Atom, u32)) -> String {
    format!("{}:{}/{arity}", module.text(), function.text())
}

/// Where a process is: `module:function/arity`, and the file and line if they are known.
fn place_text(world: &SimWorld, process: &Process) -> String {
    let (view, at) = (world.code_view(), process.position());
    let Some(module) = view.modules.get(at.module as usize) else { return "native code".to_string() };
    let Some(function) = module.function_at(at.pc) else { return module.name.text().to_string() };
    // The loop of a function in Rust is nobody's place.
    let in_rust = process.place_in_rust().filter(|_| module.name.text() == LOOP_MODULE);
    let (name, line) = match in_rust {
        Some((name, line)) => (call_text(name), line),
        None => (call_text((module.name, function.name, function.arity)), module.line_at(at.pc)),
    };
    match line {
        Some((file, line)) => format!("{name} ({file}:{line})"),
        None => name,
    }
}

impl SimWorld {
    /// Looks for messages that a process has lost. Called when a slice has ended.
    pub(crate) fn shadow_check(&mut self, at: u32) -> Option<Violation> {
        if let Some(violation) = self.shadow.take_problem() {
            return Some(violation);
        }
        let slot = self.slots.at(at);
        if slot.messages == 0 || slot.closed {
            return None;
        }
        let process = slot.process.as_deref()?;
        if process.exit_reason().is_some() {
            return None;
        }
        let mailbox = &process.control.mailbox;
        let known = slot.taken + mailbox.len() as u64;
        // The name is made only where it is told: this runs at the end of every slice.
        let path = || self.births.path(slot.serial);
        let lost = known < slot.messages || (slot.others == 0 && known != slot.messages);
        let message = if lost {
            format!(
                "of {} messages that reached process {}, {known} were received or wait",
                slot.messages,
                path()
            )
        } else if mailbox.len() <= ORDERED_MAX && !mailbox.is_in_order() {
            format!("the messages of process {} are not in the order in which they came", path())
        } else {
            return None;
        };
        Some(Violation::new(Oracle::Mailbox, message, &call_text(slot.initial_call)))
    }
}
