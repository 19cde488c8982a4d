//! What a kept run remembers: its events, what they did, and the choices that were not dull.
//!
//! Made only when a run is run again to be shown; campaigns keep digests and picks. Invariant: keeping
//! changes neither the run nor its digest.

pub mod io;
pub mod json;
mod library;
pub mod names;
pub mod ports;
pub mod story;
pub mod text;

use self::io::Labels;
use crate::choice::{Actor, Class, Event, Opt, Point};
use crate::schedule::Deviation;
use warpbeam::ets::row::Row;
use warpbeam::ets::table::TableAt;
use warpbeam::fd::FdId;
use warpbeam::heap::parcel::Parcel;
use warpbeam::process::mailbox::Arrival;
use warpbeam::process::pid::Pid;
use warpbeam::process::signal::Signal;
use warpbeam::ring::pending::Pending;
use warpbeam::ring::request::Value;
use warpbeam::ring::{Call, Completion, Errno, Request};
use warpbeam::term::Atom;
use warpbeam::term::atom::FixedMap;
use warpbeam::time::Instant;
use warpbeam::world::{NewTimer, Op, TableNote, TimerTarget};

/// One thing in a trace, in order.
#[derive(Clone, Debug)]
pub enum Entry {
    /// An actor did a visible operation. What belongs to it follows.
    Event {
        actor: Actor,
        number: u32,
        op: Op,
        cause: Option<u64>,
        now: Instant,
    },
    /// A choice that was not dull: who was picked, and who would have been.
    Chose {
        class: Class,
        /// Whose question it was.
        asked: Actor,
        picked: Actor,
        dull: Actor,
    },
    Sent {
        from: Pid,
        to: Pid,
        signal: Signal,
    },
    /// A signal found its receiver gone.
    Bounced {
        to: Pid,
        name: &'static str,
    },
    Spawned {
        parent: u32,
        child: u32,
        call: (Atom, Atom, u32),
    },
    Registered {
        name: Atom,
        pid: Pid,
        done: bool,
    },
    /// The answer to `whereis` or `unregister`.
    Found {
        who: u32,
        question: &'static str,
        name: Atom,
        pid: Option<Pid>,
    },
    /// A message was received; the event that sent it.
    Took {
        who: u32,
        from: Option<u64>,
    },
    TimerStarted {
        who: u32,
        timer: Actor,
        deadline: Instant,
        target: TimerTarget,
        message: Parcel,
    },
    /// What a process did to an ETS table.
    Table {
        who: u32,
        verb: &'static str,
        at: TableAt,
        name: Option<Atom>,
        key: Option<Parcel>,
        rows: Vec<Row>,
    },
    /// What a program said about itself.
    Said {
        who: u32,
        verb: &'static str,
        text: String,
    },
    Output {
        who: u32,
        text: String,
    },
    /// What a process asked of its descriptors. Nothing: what no story needs.
    Io {
        who: u32,
        text: Option<String>,
    },
    /// How the operation ended whose completion is the event under way.
    Completed {
        text: String,
    },
    /// What became of links between hosts, at the completion under way.
    Network {
        text: String,
    },
    Gone {
        who: u32,
        reason: Parcel,
    },
}

#[derive(Clone, Debug, Default)]
pub struct Keep {
    pub entries: Vec<Entry>,
    pub deviations: Vec<Deviation>,
    descriptors: Labels,
    /// For each process, the events that sent the signals in its inbox, in order of arrival.
    causes: FixedMap<u64, Vec<u64>>,
}

impl Keep {
    pub(crate) fn chose(&mut self, at: &Point<'_>, options: &[Opt], picked: usize) {
        if picked == 0 {
            return;
        }
        let (option, dull) = (options[picked], options[0].actor);
        self.deviations.push(Deviation::new(at, &option));
        self.entries.push(Entry::Chose { class: at.class, asked: at.actor, picked: option.actor, dull });
    }

    pub(crate) fn happened(&mut self, event: &Event, now: Instant) {
        let Event { actor, number, op, cause } = *event;
        self.entries.push(Entry::Event { actor, number, op, cause, now });
    }

    pub(crate) fn sent(&mut self, from: Pid, to: Pid, signal: &Signal) {
        self.entries.push(Entry::Sent { from, to, signal: signal.clone() });
    }

    pub(crate) fn bounced(&mut self, to: Pid, signal: &Signal) {
        self.entries.push(Entry::Bounced { to, name: signal.name() });
    }

    pub(crate) fn arrived(&mut self, to: Pid, cause: u64) {
        self.causes.entry(to.serial().0).or_default().push(cause);
    }

    pub(crate) fn took(&mut self, who: u32, message: Arrival) {
        let causes = self.causes.get(&u64::from(who));
        let from = causes.and_then(|causes| causes.get(message.0 as usize)).copied();
        self.entries.push(Entry::Took { who, from });
    }

    pub(crate) fn spawned(&mut self, parent: u32, child: u32, call: (Atom, Atom, u32)) {
        self.entries.push(Entry::Spawned { parent, child, call });
    }

    pub(crate) fn registered(&mut self, name: Atom, pid: Pid, done: bool) {
        self.entries.push(Entry::Registered { name, pid, done });
    }

    pub(crate) fn found(&mut self, who: u32, question: &'static str, name: Atom, pid: Option<Pid>) {
        self.entries.push(Entry::Found { who, question, name, pid });
    }

    pub(crate) fn timer_started(&mut self, who: u32, timer: Actor, new: &NewTimer) {
        let (deadline, target, message) = (new.deadline.0, new.target, new.message.clone());
        self.entries.push(Entry::TimerStarted { who, timer, deadline, target, message });
    }

    pub(crate) fn noted_table(&mut self, who: u32, note: &TableNote<'_>, name: Option<Atom>) {
        let (verb, at, key, rows) = (note.verb, note.at, note.key.clone(), note.rows.to_vec());
        self.entries.push(Entry::Table { who, verb, at, name, key, rows });
    }

    pub(crate) fn said(&mut self, who: u32, verb: &'static str, text: String) {
        self.entries.push(Entry::Said { who, verb, text });
    }

    pub(crate) fn output(&mut self, who: u32, text: &str) {
        self.entries.push(Entry::Output { who, text: text.to_string() });
    }

    pub(crate) fn asked_io(&mut self, who: u32, call: &Call) {
        let text = self.descriptors.asked(call);
        self.entries.push(Entry::Io { who, text });
    }

    pub(crate) fn sent_at_once(&mut self, who: u32, fd: FdId, bytes: &[u8], done: &Result<Value, Errno>) {
        let text = Some(self.descriptors.sent(fd, bytes, done));
        self.entries.push(Entry::Io { who, text });
    }

    pub(crate) fn completed(&mut self, pending: &Pending, completion: &Completion) {
        let text = self.descriptors.ended(pending, completion);
        self.entries.push(Entry::Completed { text });
    }

    /// An end of a pipe is being opened, and there is no other.
    pub(crate) fn waits_for_other_end(&mut self, request: &Request) {
        let text = io::waits_for_other_end(request);
        self.entries.push(Entry::Completed { text });
    }

    pub(crate) fn network(&mut self, text: String) {
        self.entries.push(Entry::Network { text });
    }

    /// What has come over a link, or that it is whole again.
    pub(crate) fn arrives(&mut self, text: String) {
        self.entries.push(Entry::Completed { text });
    }

    pub(crate) fn gone(&mut self, who: u32, reason: &Parcel) {
        self.entries.push(Entry::Gone { who, reason: reason.clone() });
    }
}
