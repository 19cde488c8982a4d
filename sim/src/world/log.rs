//! Reports of crashed processes reach the logger, where the services have started one.
//!
//! Invariant: a report comes from the logger itself, as from nowhere: it is ordered with nothing that the program sends.

use super::SimWorld;
use super::door::SYSTEM_OFFSET_NS;
use warpbeam::heap::parcel::Parcel;
use warpbeam::process::pid::Pid;
use warpbeam::process::signal::Signal;
use warpbeam::term::Atom;
use warpbeam::world::Report;
use warpbeam::world::accounts::Setting;
use warpbeam::world::services::log_message;

impl SimWorld {
    pub(crate) fn log(&mut self, report: &Report) {
        if self.leader.is_none() {
            return;
        }
        let setting = self.ledger.setting(Setting::SystemLogger).map(Parcel::root);
        let to = match setting.map(|word| (Pid::of_word(word), word.as_atom().map(Atom::text))) {
            None | Some((None, Some("logger"))) => self.names.get(Atom::known("logger")),
            Some((pid, _)) => pid,
        };
        let time_us = (self.now.ns as i64 + SYSTEM_OFFSET_NS) / 1000;
        if let (Some(to), Some(message)) = (to, log_message(report, time_us)) {
            // A logger that has ended is told nothing.
            let _ = self.post(to, to, Signal::Message(message));
        }
    }
}
