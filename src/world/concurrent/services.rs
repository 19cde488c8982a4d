//! The services of a production run: when the program begins and how the run ends.
//!
//! ```text
//! services start -> ready: the entry process is made -> it ends -> init is told, writes what is left -> finish
//! ```
//! Invariant: without services the entry process is there from the start and its end is the run's.

use super::{End, Local, Shared, Task};
use crate::heap::parcel::{Parcel, Part};
use crate::process::pid::Pid;
use crate::process::signal::Signal;
use crate::sched::atomics::Lock;
use crate::term::{Atom, Word};
use crate::world::accounts::Setting;
use crate::world::services::{Input, Services, log_message};
use crate::world::{NewProcess, Report, World};

#[derive(Default)]
struct State {
    /// The process that started the services and goes on as `init`.
    init: Option<Pid>,
    /// The entry process before it is made, and then its pid.
    entry: Option<NewProcess>,
    entry_pid: Option<Pid>,
    /// How the run ends once what is left has been written.
    end: Option<End>,
}

#[derive(Default)]
pub struct ServiceState(Lock<State>);

impl ServiceState {
    /// The run begins with the services; the entry process waits for them.
    pub fn set_init(&self, init: Pid, entry: NewProcess) {
        let mut state = self.0.lock();
        state.init = Some(init);
        state.entry = Some(entry);
    }

    pub fn set_entry(&self, pid: Pid) {
        self.0.lock().entry_pid = Some(pid);
    }

    pub fn entry(&self) -> Option<Pid> {
        self.0.lock().entry_pid
    }

    pub fn init(&self) -> Option<Pid> {
        self.0.lock().init
    }
}

impl Shared {
    /// Tells `init` to stop applications and the run. Whether there is one.
    pub fn ask_to_stop(&self) -> bool {
        let Some(init) = self.services.init() else { return false };
        let stop = Parcel::tuple(&[Part::Word(Word::atom(Atom::known("stop"))), Part::Word(Word::small(0))]);
        self.input.put(init, stop, &self.parking);
        true
    }
}

impl Local<'_> {
    /// Makes the entry process.
    pub fn make_entry(&mut self, new: &NewProcess, leader: Option<Pid>) -> bool {
        let Ok((mut task, _)) = self.make(None, new) else { return false };
        let control = &mut task.process.control;
        control.group_leader = leader.unwrap_or(control.pid);
        control.keep_result = true;
        self.shared.services.set_entry(control.pid);
        self.wake(task);
        true
    }

    /// The entry process has ended: the run ends, once `init` has written what is left where there is one.
    pub fn entry_ended(&mut self, end: End) {
        let init = {
            let mut state = self.shared.services.0.lock();
            state.end = Some(end);
            state.init
        };
        let message = Signal::Message(Parcel::immediate(Word::atom(Atom::known("warpbeam_ended"))));
        if init.is_none_or(|init| self.send(init, init, message).is_err()) {
            self.finish();
        }
    }

    /// Tells the logger. Whether there is one that takes such reports.
    pub(super) fn log(&mut self, report: &Report) -> bool {
        let setting = self.shared.ledger.lock().setting(Setting::SystemLogger).map(Parcel::root);
        let to = match setting.map(|word| (Pid::of_word(word), word.as_atom().map(Atom::text))) {
            None | Some((None, Some("logger"))) => self.shared.names.find(Atom::known("logger")),
            Some((pid, _)) => pid,
        };
        let time_us = (self.now().ns as i64 + self.system_offset_ns()) / 1000;
        let Some(to) = to.filter(|_| self.shared.services.init().is_some()) else { return false };
        let Some(message) = log_message(report, time_us) else { return false };
        self.send(to, to, Signal::Message(message)).is_ok()
    }

    /// Delivers what has come from standard input.
    pub fn deliver_input(&mut self) {
        for (pid, message) in self.shared.input.take() {
            // Who asked may be gone; the input is lost with it.
            let _ = self.send(pid, pid, Signal::Message(message));
        }
    }

    /// A process of the run's own has ended, whose outcome somebody outside wants to know.
    pub fn is_entry(&self, task: &Task) -> bool {
        self.shared.services.entry() == Some(task.process.control.pid)
    }
}

impl Services for Local<'_> {
    fn read_input(&mut self, me: Pid) -> Input {
        let shared = self.shared;
        if shared.input.request(me, &shared.parking) { Input::Later } else { Input::Ended }
    }

    fn error_output(&mut self, _me: Pid, text: &str) {
        self.shared.sink.error_output(text);
    }

    fn ready(&mut self, leader: Pid) {
        let entry = self.shared.services.0.lock().entry.take();
        if let Some(entry) = entry
            && !self.make_entry(&entry, Some(leader))
        {
            self.shared.finish(End::Halted(1));
        }
    }

    fn finish(&mut self) {
        let end = self.shared.services.0.lock().end.take();
        if let Some(end) = end {
            self.shared.finish(end);
        }
    }
}
