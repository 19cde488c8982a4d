//! `on_load`: a module's own function that runs, in a process of its own, before anybody may call the module.
//!
//! The first caller from outside makes the process and, like the others, asks to be told and waits
//! ([`super::request::Answer::Loaded`]). The process tells them when it begins to end. Invariant: the world
//! knows what became of the module before anybody is told, and before the process's inbox closes.
//! Source: the Erlang Reference Manual, "Running a Function When a Module is Loaded". As there, only `ok` lets
//! calls in, a refused call is undefined, as are those that came while the function ran, and the next one tries
//! again. Differs in when: at the first call, not when the module is loaded.

use super::Control;
use super::pid::Pid;
use super::request::Answer;
use super::signal::Signal;
use crate::code::CodePtr;
use crate::heap::parcel::Parcel;
use crate::heap::read::RefId;
use crate::term::Word;
use crate::world::World;

/// A version of a module: its index in the code view.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version(pub u32);

/// What became of a version's `on_load` function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Readiness {
    /// This process runs it.
    Loading(Pid),
    /// It gave `ok`: calls pass.
    Ready,
}

/// Who waits for the process that runs an `on_load` function.
#[derive(Clone, Copy, Debug)]
struct Caller {
    pid: Pid,
    request: RefId,
}

/// The part of a process that runs an `on_load` function.
#[derive(Clone, Debug)]
pub(crate) struct OnLoad {
    pub version: Version,
    /// Whether it returned `ok`.
    pub accepted: bool,
    told: bool,
    callers: Vec<Caller>,
}

impl OnLoad {
    pub(crate) fn new(start: CodePtr) -> OnLoad {
        OnLoad { version: Version(start.module), accepted: false, told: false, callers: Vec::new() }
    }
}

impl Control {
    /// A process wants to call the module that this one loads.
    pub(crate) fn awaited_by(&mut self, pid: Pid, request: RefId, world: &mut dyn World) {
        match &mut self.on_load {
            Some(on_load) if !on_load.told => on_load.callers.push(Caller { pid, request }),
            Some(on_load) => tell(self.pid, Caller { pid, request }, on_load.accepted, world),
            None => panic!("only a process that loads a module is asked for it"),
        }
    }

    /// The version whose outcome nobody knows yet.
    pub(crate) fn untold_load(&self) -> Option<Version> {
        self.on_load.as_ref().filter(|on_load| !on_load.told).map(|on_load| on_load.version)
    }

    /// The world gets to know what became of the module.
    pub(crate) fn tell_load(&mut self, world: &mut dyn World) {
        let on_load = self.on_load.as_mut().expect("the process loads a module");
        on_load.told = true;
        world.loaded(on_load.version, on_load.accepted);
    }

    pub(crate) fn next_load_caller(&self) -> Option<Pid> {
        self.on_load.as_ref().and_then(|on_load| on_load.callers.last()).map(|caller| caller.pid)
    }

    pub(crate) fn tell_load_caller(&mut self, world: &mut dyn World) {
        let on_load = self.on_load.as_mut().expect("the process loads a module");
        let caller = on_load.callers.pop().expect("the step has a caller");
        tell(self.pid, caller, on_load.accepted, world);
    }

    /// The process waited to call a module that was loading. Whether it can go on: it calls again then, and
    /// the call is undefined if the module is refused, and is not ready for another reason.
    pub(crate) fn load_answered(&mut self) -> bool {
        let Some(reply) = self.reply.take() else { return false };
        self.load_refused = reply.as_immediate() == Some(Word::FALSE);
        self.waiting = super::Waiting::No;
        true
    }

    /// Asks the process that loads a module to say when it has; whether it is there to be asked.
    pub(crate) fn await_load(&mut self, loader: Pid, world: &mut dyn World) -> bool {
        let request = self.next_reference();
        let asked = world.send(self.pid, loader, Signal::AwaitLoad { from: self.pid, request }).is_ok();
        if asked {
            self.reply = None;
            self.waiting = super::Waiting::Reply(request, Answer::Loaded);
        }
        asked
    }
}

fn tell(me: Pid, caller: Caller, accepted: bool, world: &mut dyn World) {
    let value = Parcel::immediate(Word::boolean(accepted));
    // The caller may have ended.
    let _ = world.send(me, caller.pid, Signal::Reply { request: caller.request, value });
}
