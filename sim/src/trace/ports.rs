//! What a story leaves out of sockets at first, and how it tells what stays.
//!
//! A port is a process of ours (`boot/warpbeam_inet.erl`), and what OTP's modules do with it takes many steps: who calls watches
//! the port, asks, waits, and stops watching. A reader wants to see what was asked of which port, what the kernel did, and
//! answers that are not plain `ok`. Invariant: nothing here changes which lines there are, only which are minor.

use super::names::Namer;
use std::collections::BTreeSet;
use warpbeam::ets::table::TableAt;
use warpbeam::heap::parcel::Parcel;
use warpbeam::heap::read::View;
use warpbeam::term::Atom;

/// Tables in which OTP's modules look things up on the way.
const TABLES: [&str; 4] = ["warpbeam_port", "inet_db", "ac_tab", "inet_hosts_byname"];

/// What a message to or from a port is.
pub enum Word {
    /// The request in a call.
    Asks(String),
    /// The answer to one.
    Answers(String),
    /// A message as any other.
    Message,
}

#[derive(Clone, Debug, Default)]
pub struct Ports {
    ports: BTreeSet<u32>,
    /// Processes that have asked a port and wait.
    waiting: BTreeSet<u32>,
    /// Answers by the event that sent them and their receiver.
    answers: BTreeSet<(u64, u32)>,
}

impl Ports {
    pub fn spawned(&mut self, child: u32, (module, ..): (Atom, Atom, u32)) {
        if module.text() == "warpbeam_inet" {
            self.ports.insert(child);
        }
    }

    pub fn has(&self, serial: u32) -> bool {
        self.ports.contains(&serial)
    }

    /// What a message is between these two.
    pub fn word(&mut self, step: u64, (from, to): (u32, u32), message: &Parcel, namer: &Namer<'_>) -> Word {
        if !self.has(from) && !self.has(to) {
            return Word::Message;
        }
        let (heap, word) = message.unpack(namer.literals());
        let shown = |word| namer.word(&heap, warpbeam::term::Word(word), super::story::TERM_CHARS);
        match heap.tuple(word) {
            Some(&[tag, _, request])
                if self.has(to)
                    && warpbeam::term::Word(tag).as_atom().is_some_and(|t| t.text() == "warpbeam_call") =>
            {
                self.waiting.insert(from);
                Word::Asks(shown(request))
            }
            Some(&[reference, answer])
                if matches!(heap.view(warpbeam::term::Word(reference)), View::Reference(_)) =>
            {
                self.answers.insert((step, to));
                self.waiting.remove(&to);
                Word::Answers(shown(answer))
            }
            _ => Word::Message,
        }
    }

    /// An answer that says no more than that it was done, or only how a listener is set.
    pub fn is_plain(answer: &str) -> bool {
        matches!(answer, "ok" | "true") || answer.starts_with("{ok,{#Ref<")
    }

    pub fn is_answer(&self, step: u64, to: u32) -> bool {
        self.answers.contains(&(step, to))
    }

    /// Whether a process waits for a port's answer.
    pub fn waits(&self, serial: u32) -> bool {
        self.waiting.contains(&serial)
    }

    pub fn is_library_table(at: TableAt, name: Option<Atom>) -> bool {
        let name = match at {
            TableAt::Name(name) => Some(name),
            TableAt::Id(_) => name,
        };
        name.is_some_and(|name| TABLES.contains(&name.text()))
    }
}
