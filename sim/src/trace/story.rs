//! A kept run as a list of sentences: what each event did, and what each one follows from.
//!
//! Both the text and the JSON form are made from it. Invariant: a sentence belongs to one actor and one event
//! (or to the stretch after an event), and sentences are in the order of the run.

use super::library::Library;
use super::names::{Namer, call};
use super::ports::{Ports, Word};
use super::{Entry, Keep};
use crate::choice::{Actor, Class};
use crate::kernel::fault::Fault;
use crate::name::ENTRY;
use crate::op_name::op_name;
use std::collections::BTreeSet;
use warpbeam::ets::row::Row;
use warpbeam::ets::table::TableAt;
use warpbeam::heap::parcel::Parcel;
use warpbeam::process::signal::{ExitCause, Signal};
use warpbeam::term::Atom;
use warpbeam::term::atom::FixedMap;
use warpbeam::world::{Object, Op, OpKind, TimerTarget};

/// Characters of a term in a sentence.
pub const TERM_CHARS: usize = 100;
/// Rows of a table in a sentence.
const ROWS_SHOWN: usize = 4;

/// A decision that was not dull.
#[derive(Clone, Debug)]
pub struct Decision {
    pub class: Class,
    pub picked: String,
    pub instead_of: String,
}

/// One sentence.
#[derive(Clone, Debug)]
pub struct Line {
    /// Number of the event in the run, from 1; 0 for what is no event of its own.
    pub step: u64,
    pub actor: String,
    /// Number of the event among its actor's.
    pub number: u32,
    pub op: &'static str,
    pub text: String,
    /// The event that this one follows from, beside its actor's previous one.
    pub cause: Option<u64>,
    pub now_ns: u64,
    /// The decision that let it happen here.
    pub decision: Option<Decision>,
    /// Nobody asks for it at first: services' steps, and those that only make something ready.
    pub is_minor: bool,
}

struct Teller<'a> {
    namer: &'a Namer<'a>,
    lines: Vec<Line>,
    /// Actor and own number of each event, from 1.
    events: Vec<(String, u32)>,
    /// Messages by the event that sent them and the receiver.
    sent: FixedMap<(u64, u32), String>,
    names: FixedMap<u32, Atom>,
    /// Why those processes ended that did.
    reasons: FixedMap<u32, String>,
    decision: Option<Decision>,
    ports: Ports,
    library: Library<'a>,
    of_libraries: BTreeSet<String>,
    now_ns: u64,
    /// Whether the last line still waits for what its event did.
    open: bool,
}

/// The story of a kept run. `entry` is how it began.
pub fn tell(keep: &Keep, entry: &str, namer: &Namer<'_>) -> Vec<Line> {
    let mut teller = Teller {
        namer,
        lines: Vec::new(),
        events: Vec::new(),
        sent: FixedMap::default(),
        names: FixedMap::default(),
        reasons: reasons(keep, namer),
        decision: None,
        ports: Ports::default(),
        library: Library::new(namer.code()),
        of_libraries: BTreeSet::new(),
        now_ns: 0,
        open: false,
    };
    teller.aside(ENTRY, "start", format!("begins with {entry}"), None);
    for entry in &keep.entries {
        teller.entry(entry);
    }
    teller.lines
}

fn reasons(keep: &Keep, namer: &Namer<'_>) -> FixedMap<u32, String> {
    let ends = keep.entries.iter().filter_map(|entry| match entry {
        Entry::Gone { who, reason } => Some((*who, namer.reason(reason, 3 * TERM_CHARS))),
        _ => None,
    });
    ends.collect()
}

impl Teller<'_> {
    fn step(&self) -> u64 {
        self.events.len() as u64
    }

    fn who(&self, serial: u32) -> String {
        let path = self.namer.serial(serial);
        match self.names.get(&serial) {
            Some(name) => format!("{path} ({})", name.text()),
            None if self.ports.has(serial) => format!("{path} (port)"),
            None => path,
        }
    }

    /// A sentence that is no event of its own.
    fn aside(&mut self, serial: u32, op: &'static str, text: String, cause: Option<u64>) {
        self.open = false;
        let actor = self.who(serial);
        let now_ns = self.now_ns;
        let is_minor = self.is_background(&actor) || self.ports.has(serial);
        self.lines.push(Line {
            step: 0,
            actor,
            number: 0,
            op,
            text,
            cause,
            now_ns,
            decision: None,
            is_minor,
        });
    }

    /// What the event under way did, or an aside if none is.
    fn did(&mut self, serial: u32, op: &'static str, text: String) {
        if self.open {
            self.open = false;
            self.lines.last_mut().expect("an open event has a line").text = text;
        } else {
            self.aside(serial, op, text, None);
        }
    }

    fn entry(&mut self, entry: &Entry) {
        match entry {
            Entry::Event { actor, number, op, cause, now } => {
                self.now_ns = now.ns;
                self.event(*actor, *number, *op, *cause);
            }
            Entry::Chose { class, asked, picked, dull } => self.chose(*class, *asked, *picked, *dull),
            Entry::Sent { from, to, signal } => {
                self.sent(from.serial().0 as u32, to.serial().0 as u32, signal)
            }
            Entry::Bounced { name, .. } => {
                if let Some(line) = self.lines.last_mut() {
                    line.text.push_str(&format!(" -- it is gone, the {name} comes back"));
                }
            }
            Entry::Spawned { parent, child, call: mfa } => {
                self.ports.spawned(*child, *mfa);
                if self.library.begins(mfa.0) {
                    self.of_libraries.insert(self.namer.serial(*child));
                }
                let text = format!("spawns {} to run {}", self.who(*child), call(*mfa));
                self.did(*parent, "spawn", text);
            }
            Entry::Registered { name, pid, done } => {
                let (who, serial) = (self.namer.pid(*pid), pid.serial().0 as u32);
                let text = if *done {
                    format!("registers {who} as {}", name.text())
                } else {
                    format!(
                        "cannot register {who} as {}: the name is taken or the process is gone",
                        name.text()
                    )
                };
                self.did(serial, "register", text);
                if *done {
                    self.names.insert(serial, *name);
                }
            }
            Entry::Table { who, verb, at, name, key, rows } => {
                let text = self.table_text(verb, *at, *name, key.as_ref(), rows);
                self.did(*who, "ets", text);
                if Ports::is_library_table(*at, *name) || self.library.has_table(*at, *name) {
                    self.mark(true);
                }
            }
            Entry::Found { who, question, name, pid } => self.found(*who, question, *name, *pid),
            Entry::Took { who, from } => self.took(*who, *from),
            Entry::TimerStarted { who, timer, deadline, target, message } => {
                let to = match target {
                    TimerTarget::Pid(pid) => self.namer.pid(*pid),
                    TimerTarget::Name(name) => name.text().to_string(),
                };
                let message = self.namer.term(message, TERM_CHARS);
                let at = milliseconds(deadline.ns);
                let timer = self.namer.actor(*timer);
                self.did(*who, "start-timer", format!("starts {timer}: {message} to {to} at {at}"));
            }
            Entry::Said { who, verb, text } => self.said(*who, verb, text),
            Entry::Output { who, text } => {
                let text = format!("prints {:?}", text.trim_end());
                self.did(*who, "output", text);
            }
            Entry::Io { who, text } => {
                self.did(*who, "io", text.clone().unwrap_or_else(|| "makes a descriptor".to_string()));
                self.mark(text.is_none());
            }
            Entry::Completed { text } => self.completed(text),
            Entry::Network { text } => self.network(text),
            // Told with the step in which its mailbox was closed.
            Entry::Gone { .. } => {}
        }
    }

    fn chose(&mut self, class: Class, asked: Actor, picked: Actor, dull: Actor) {
        let (text, instead_of) = (self.namer.actor(picked), self.namer.actor(dull));
        self.decision = Some(Decision { class, picked: text, instead_of });
        match (class, asked, picked) {
            (Class::Collect, Actor::Process(who), _) => {
                self.aside(who, "collect", "collects its memory".to_string(), None);
            }
            (Class::Fault, _, Actor::Fault(Fault::Crash)) => {
                self.machine("crashes, and starts again: what was not synced may be lost");
            }
            (Class::Fault, Actor::Fault(_), _) => self.machine("keeps some of what was not synced"),
            // What goes wrong with an operation is asked when it completes, and told with it.
            (Class::Fault, ..) => {}
            _ => return,
        }
        if let Some(line) = self.lines.last_mut() {
            line.decision = line.decision.take().or(self.decision.take());
        }
    }

    /// What happens to all processes at once.
    fn machine(&mut self, text: &str) {
        self.aside(ENTRY, "fault", text.to_string(), None);
        self.lines.last_mut().expect("it was just put in").actor = "the machine".to_string();
    }

    /// What happens between hosts. It is chosen with an operation that it strikes.
    fn network(&mut self, text: &str) {
        let mut struck = self.lines.pop().expect("an operation that is struck has a line");
        self.machine(text);
        let line = self.lines.last_mut().expect("it was just put in");
        line.actor = "the network".to_string();
        if struck.decision.as_ref().is_some_and(|decision| decision.class == Class::Fault) {
            line.decision = struck.decision.take();
        }
        self.lines.push(struck);
    }

    /// What an operation came to is what its event did.
    fn completed(&mut self, text: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.text = text.to_string();
        }
    }

    fn said(&mut self, who: u32, verb: &'static str, text: &str) {
        // A choice of data comes after the event that asks it, and is told with it.
        let decision = if verb == "choose" { self.decision.take() } else { None };
        self.did(who, verb, text.to_string());
        let line = self.lines.last_mut().expect("it was just told");
        line.decision = line.decision.take().or(decision);
    }

    fn found(
        &mut self,
        who: u32,
        question: &'static str,
        name: Atom,
        pid: Option<warpbeam::process::pid::Pid>,
    ) {
        let answer = pid.map_or("nobody".to_string(), |pid| self.namer.pid(pid));
        let text = if question == "unregister" {
            format!("gives up the name {}", name.text())
        } else {
            format!("looks up {}: {answer}", name.text())
        };
        self.did(who, question, text);
        if let Some(pid) = pid.filter(|_| question == "unregister") {
            self.names.remove(&(pid.serial().0 as u32));
        }
    }

    fn took(&mut self, who: u32, from: Option<u64>) {
        let message = from.and_then(|step| self.sent.get(&(step, who)).cloned());
        let sender = from.and_then(|step| self.events.get((step as usize).checked_sub(1)?));
        let text = match (message, sender) {
            (Some(message), Some((actor, number))) => format!("receives {message} (from {actor}#{number})"),
            (Some(message), None) => format!("receives {message}"),
            (None, _) => "receives a message".to_string(),
        };
        self.aside(who, "receive", text, from);
        if from.is_some_and(|step| self.ports.is_answer(step, who)) {
            self.mark(true);
        }
    }

    /// Services, and processes that a library begins for itself.
    fn is_background(&self, actor: &str) -> bool {
        let path = actor.split(' ').next().expect("a text has a beginning");
        is_service(actor) || self.of_libraries.contains(path)
    }

    /// Says of the last line whether it is minor; what services do always is.
    fn mark(&mut self, is_minor: bool) {
        let is_minor = is_minor || self.lines.last().is_some_and(|line| self.is_background(&line.actor));
        if let Some(line) = self.lines.last_mut() {
            line.is_minor = is_minor;
        }
    }

    /// Steps of which nobody wants to hear but where they decide.
    fn is_on_the_way(&self, actor: Actor, op: Op) -> bool {
        let Actor::Process(serial) = actor else { return false };
        match op.kind() {
            OpKind::MakeCounters | OpKind::Io | OpKind::PersistentTerm => true,
            OpKind::Receive => self.ports.waits(serial) || self.ports.has(serial),
            OpKind::Demonitor => {
                matches!(op.object(), Object::Process(pid) if self.ports.has(pid.serial().0 as u32))
            }
            _ => self.ports.has(serial),
        }
    }

    fn sent(&mut self, from: u32, to: u32, signal: &Signal) {
        let word = match signal {
            Signal::Message(parcel) | Signal::AliasMessage { message: parcel, .. } => {
                self.ports.word(self.step(), (from, to), parcel, self.namer)
            }
            _ => Word::Message,
        };
        let (text, is_minor) = match word {
            Word::Asks(request) => {
                let text = format!("asks {}: {request}", self.who(to));
                (text, request == "listener" || request == "flush")
            }
            Word::Answers(answer) => {
                (format!("answers {}: {answer}", self.who(to)), Ports::is_plain(&answer))
            }
            Word::Message => {
                let text = self.signal(signal, to);
                (text, !signal.is_message() && (self.ports.has(from) || self.ports.has(to)))
            }
        };
        self.did(from, "send", text);
        self.mark(is_minor);
    }

    fn event(&mut self, actor: Actor, number: u32, op: Op, cause: Option<u64>) {
        self.events.push((self.namer.actor(actor), number));
        // Of these nobody else can tell, and they say nothing.
        if matches!(op.kind(), OpKind::Code | OpKind::MakeCounters) {
            return;
        }
        let name = match actor {
            Actor::Process(serial) => self.who(serial),
            Actor::Timer { .. } | Actor::After { .. } => "clock".to_string(),
            Actor::Link { .. } => "the network".to_string(),
            other => self.namer.actor(other),
        };
        let text = match actor {
            Actor::Channel { from, to } => {
                let (from, to) = (self.namer.serial(from), self.namer.serial(to));
                format!("what {from} sent reaches {to}")
            }
            Actor::Completion { owner, .. } => {
                format!("an operation of {} completes", self.namer.serial(owner))
            }
            Actor::Timer { .. } => {
                format!("{} fires, at {}", self.namer.actor(actor), milliseconds(self.now_ns))
            }
            Actor::After { owner, .. } => {
                format!(
                    "{} has waited long enough, at {}",
                    self.namer.serial(owner),
                    milliseconds(self.now_ns)
                )
            }
            Actor::Process(serial) if is_end(op) => match self.reasons.get(&serial) {
                Some(reason) => format!("ends: {reason}"),
                None => "is ending".to_string(),
            },
            _ => self.plain(op),
        };
        let step = self.step();
        let decision = self.decision.take();
        let is_minor = self.is_background(&name) || self.is_on_the_way(actor, op);
        let (op, now_ns) = (op_name(op.kind()), self.now_ns);
        self.lines.push(Line { step, actor: name, number, op, text, cause, now_ns, decision, is_minor });
        self.open = matches!(actor, Actor::Process(_));
    }

    /// `writes key {a,1} of table counters: {{a,1},7}`
    fn table_text(
        &self,
        verb: &str,
        at: TableAt,
        name: Option<Atom>,
        key: Option<&Parcel>,
        rows: &[Row],
    ) -> String {
        let table = self.table(at, name);
        let mut text = match key {
            Some(key) => format!("{verb} key {} of {table}", self.namer.term(key, TERM_CHARS)),
            None => format!("{verb} {table}"),
        };
        let shown = rows.iter().take(ROWS_SHOWN).map(|row| self.namer.term(&row.to_parcel(), TERM_CHARS));
        let shown: Vec<String> = shown.collect();
        if !shown.is_empty() {
            let more = if rows.len() > ROWS_SHOWN { ", ..." } else { "" };
            text.push_str(&format!(": {}{more}", shown.join(", ")));
        } else if key.is_some() && verb == "reads" {
            text.push_str(": nothing");
        }
        text
    }

    /// A table by its name, and by who made it where it has no name of its own.
    fn table(&self, at: TableAt, name: Option<Atom>) -> String {
        match (at, name) {
            (TableAt::Name(name), _) => format!("table {}", name.text()),
            (TableAt::Id(id), Some(name)) => {
                format!("table {} of {}/{}", name.text(), self.namer.pid(id.creator()), id.count())
            }
            (TableAt::Id(id), None) => format!("table {}/{}", self.namer.pid(id.creator()), id.count()),
        }
    }

    /// An operation that nothing more is known of.
    fn plain(&self, op: Op) -> String {
        let object = match op.object() {
            Object::Process(pid) => format!(" {}", self.namer.pid(pid)),
            Object::Name(name) => format!(" {}", name.text()),
            Object::Table(at) | Object::TableKey(at, _) => format!(" {}", self.table(at, None)),
            Object::Counter { index, .. } => format!(" number {index}"),
            Object::Nothing | Object::Timer(_) | Object::Everything => String::new(),
        };
        match op.kind() {
            OpKind::Receive => "looks into its mailbox".to_string(),
            OpKind::ExitStep => "is ending: stops its timers".to_string(),
            OpKind::Demonitor => format!("stops watching{object}"),
            OpKind::EtsAdmin => format!("is ending: gives up{object}"),
            OpKind::YieldNow => "lets others run".to_string(),
            OpKind::TrapExit => "changes whether it traps exits".to_string(),
            OpKind::ReadClock => format!("reads the clock: {}", milliseconds(self.now_ns)),
            kind => format!("{}{object}", op_name(kind)),
        }
    }

    fn signal(&mut self, signal: &Signal, to: u32) -> String {
        let step = self.step();
        let who = self.who(to);
        let term = |parcel| self.namer.term(parcel, TERM_CHARS);
        match signal {
            Signal::Message(parcel) | Signal::AliasMessage { message: parcel, .. } => {
                let message = term(parcel);
                let text = format!("sends {message} to {who}");
                self.sent.insert((step, to), message);
                text
            }
            Signal::Down { reason, .. } => {
                let reason = self.namer.reason(reason, TERM_CHARS);
                self.sent.insert((step, to), format!("'DOWN' ({reason})"));
                format!("tells {who}, which watches it: DOWN, {reason}")
            }
            Signal::Exit { cause, reason, .. } => {
                let reason = self.namer.reason(reason, TERM_CHARS);
                self.sent.insert((step, to), format!("'EXIT' ({reason})"));
                match cause {
                    ExitCause::Link => format!("tells {who}, which is linked to it: EXIT, {reason}"),
                    ExitCause::Sent => format!("sends {who} an exit signal: {reason}"),
                }
            }
            Signal::Link { .. } => format!("links to {who}"),
            Signal::Unlink { .. } => format!("unlinks from {who}"),
            Signal::Monitor { .. } => format!("begins to watch {who}"),
            Signal::Demonitor { .. } => format!("stops watching {who}"),
            other => format!("sends {who} a signal: {}", other.name()),
        }
    }
}

/// Services that run beside the program, and their input and output.
pub(crate) fn is_service(actor: &str) -> bool {
    actor.strip_prefix("io:").unwrap_or(actor).starts_with("boot")
}

/// The exit step in which a process closes its mailbox.
fn is_end(op: Op) -> bool {
    op.kind() == OpKind::ExitStep && op.object() != Object::Nothing
}

fn milliseconds(ns: u64) -> String {
    let (whole, rest) = (ns / 1_000_000, ns % 1_000_000);
    if rest == 0 { format!("{whole} ms") } else { format!("{whole}.{rest:06} ms") }
}
