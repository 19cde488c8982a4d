//! The reference model: links, monitors, exit signals and mailboxes of a few processes, as plainly as the manual
//! puts them. It knows nothing of the real code, of terms or of heaps.
//!
//! A step of a process handles every signal that has arrived, or does one operation, or, when it is ending, closes
//! its inbox or tells one other process of its end. Source: the Erlang Reference Manual on processes; for unlinking, the distribution protocol.

use std::collections::{BTreeMap, BTreeSet};

pub type Number = usize;
pub type Reason = &'static str;

/// What a program may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    TrapExit,
    Link(Number),
    Unlink(Number),
    Monitor(Number),
    /// Takes back the monitor that the process made last, and flushes.
    Demonitor,
    /// `exit(Number, Reason)`, perhaps of the process itself.
    Exit(Number, Reason),
    /// `exit(Reason)`.
    End(Reason),
    Send(Number),
}

/// A monitor: who made it, and that process's count of monitors.
pub type MonitorId = (Number, u64);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Signal {
    Message(String),
    Link(Number),
    Unlink(Number, u64),
    Unlinked(Number, u64),
    Monitor(MonitorId),
    Demonitor(MonitorId),
    Down(MonitorId, Number, Reason),
    Exit { from: Number, by_link: bool, reason: Reason },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link {
    Active,
    /// Cut here; the other side has not said yet that it knows.
    Cut(u64),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Life {
    Running,
    /// Tells the others, after it has closed its inbox.
    Ending {
        reason: Reason,
        closed: bool,
    },
    Gone,
}

#[derive(Clone, Debug)]
pub struct Process {
    pub life: Life,
    pub links: BTreeMap<Number, Link>,
    /// Whom it watches, by its own count.
    pub watching: BTreeMap<u64, Number>,
    pub watched_by: BTreeSet<MonitorId>,
    pub mailbox: Vec<String>,
    traps: bool,
    inbox: Vec<Signal>,
    pub monitors_made: u64,
    cuts: u64,
    sent: usize,
}

#[derive(Clone, Debug)]
pub struct Model {
    pub processes: Vec<Process>,
}

pub fn pid(number: Number) -> String {
    format!("<0.{}.0>", number + 1)
}

fn down(id: MonitorId, of: Number, reason: Reason) -> String {
    format!("{{'DOWN',#Ref<0.{}.0.{}>,process,{},{reason}}}", id.0 + 1, id.1, pid(of))
}

fn exit(from: Number, reason: Reason) -> String {
    format!("{{'EXIT',{},{reason}}}", pid(from))
}

impl Model {
    pub fn new(count: usize) -> Model {
        let process = Process {
            life: Life::Running,
            links: BTreeMap::new(),
            watching: BTreeMap::new(),
            watched_by: BTreeSet::new(),
            mailbox: Vec::new(),
            traps: false,
            inbox: Vec::new(),
            monitors_made: 0,
            cuts: 0,
            sent: 0,
        };
        Model { processes: vec![process; count] }
    }

    pub fn has_signals(&self, me: Number) -> bool {
        !self.processes[me].inbox.is_empty()
    }

    /// Whether it reached somebody.
    fn send(&mut self, to: Number, signal: Signal) -> bool {
        let process = &mut self.processes[to];
        let open = !matches!(process.life, Life::Ending { closed: true, .. } | Life::Gone);
        if open {
            process.inbox.push(signal);
        }
        open
    }

    pub fn handle_signals(&mut self, me: Number) {
        for signal in std::mem::take(&mut self.processes[me].inbox) {
            self.handle(me, signal);
        }
    }

    fn handle(&mut self, me: Number, signal: Signal) {
        let process = &mut self.processes[me];
        match signal {
            Signal::Message(text) => process.mailbox.push(text),
            Signal::Link(from) => {
                process.links.entry(from).or_insert(Link::Active);
            }
            Signal::Unlink(from, id) => {
                if process.links.get(&from) == Some(&Link::Active) {
                    process.links.remove(&from);
                }
                self.send(from, Signal::Unlinked(me, id));
            }
            Signal::Unlinked(from, id) => {
                if process.links.get(&from) == Some(&Link::Cut(id)) {
                    process.links.remove(&from);
                }
            }
            Signal::Monitor(id) => {
                process.watched_by.insert(id);
            }
            Signal::Demonitor(id) => {
                process.watched_by.remove(&id);
            }
            Signal::Down(id, of, reason) => {
                if process.watching.remove(&id.1).is_some() {
                    process.mailbox.push(down(id, of, reason));
                }
            }
            Signal::Exit { from, by_link: true, .. } if process.links.remove(&from) != Some(Link::Active) => {
            }
            Signal::Exit { by_link: false, reason: "kill", .. } => process.end("killed"),
            Signal::Exit { from, reason, .. } if process.traps => process.mailbox.push(exit(from, reason)),
            Signal::Exit { reason: "normal", .. } => {}
            Signal::Exit { reason, .. } => process.end(reason),
        }
    }

    pub fn operate(&mut self, me: Number, op: Op) {
        let process = &mut self.processes[me];
        match op {
            Op::TrapExit => process.traps = true,
            Op::Send(to) => {
                process.sent += 1;
                let text = format!("{}", 100 * (me + 1) + process.sent);
                self.send(to, Signal::Message(text));
            }
            Op::Link(peer) => {
                let before = process.links.insert(peer, Link::Active);
                if before == Some(Link::Active) || self.send(peer, Signal::Link(me)) {
                    return;
                }
                let process = &mut self.processes[me];
                match before {
                    Some(cut) => process.links.insert(peer, cut),
                    None => process.links.remove(&peer),
                };
                if process.traps {
                    self.send(me, Signal::Message(exit(peer, "noproc")));
                }
            }
            Op::Unlink(peer) => {
                if process.links.get(&peer) == Some(&Link::Active) {
                    process.cuts += 1;
                    let id = process.cuts;
                    process.links.insert(peer, Link::Cut(id));
                    if !self.send(peer, Signal::Unlink(me, id)) {
                        self.processes[me].links.remove(&peer);
                    }
                }
            }
            Op::Monitor(target) => {
                process.monitors_made += 1;
                let id = (me, process.monitors_made);
                process.watching.insert(id.1, target);
                if !self.send(target, Signal::Monitor(id)) {
                    self.send(me, Signal::Down(id, target, "noproc"));
                }
            }
            Op::Demonitor => {
                let id = (me, process.monitors_made);
                match process.watching.remove(&id.1) {
                    Some(target) => {
                        self.send(target, Signal::Demonitor(id));
                    }
                    None => process
                        .mailbox
                        .retain(|text| !text.contains(&format!("#Ref<0.{}.0.{}>", me + 1, id.1))),
                }
            }
            Op::End(reason) => process.end(reason),
            Op::Exit(to, "kill") if to == me => process.end("killed"),
            Op::Exit(to, reason) if to == me && !process.traps => process.end(reason),
            Op::Exit(to, reason) => {
                self.send(to, Signal::Exit { from: me, by_link: false, reason });
            }
        }
    }

    /// One step of an end.
    pub fn end_step(&mut self, me: Number) {
        let Life::Ending { reason, closed } = self.processes[me].life else { panic!("it is not ending") };
        let process = &mut self.processes[me];
        if !closed {
            process.life = Life::Ending { reason, closed: true };
            for signal in std::mem::take(&mut process.inbox) {
                self.leave(me, signal);
            }
        } else if let Some((peer, link)) = process.links.pop_first() {
            if link == Link::Active {
                self.send(peer, Signal::Exit { from: me, by_link: true, reason });
            }
        } else if let Some(id) = process.watched_by.pop_first() {
            self.send(id.0, Signal::Down(id, me, reason));
        } else if let Some((count, target)) = process.watching.pop_first() {
            self.send(target, Signal::Demonitor((me, count)));
        }
        let process = &mut self.processes[me];
        if process.links.is_empty() && process.watched_by.is_empty() && process.watching.is_empty() {
            process.life = Life::Gone;
        }
    }

    /// A signal that had arrived and comes too late.
    fn leave(&mut self, me: Number, signal: Signal) {
        match signal {
            Signal::Link(from) if self.processes[me].links.get(&from) != Some(&Link::Active) => {
                self.send(from, Signal::Exit { from: me, by_link: true, reason: "noproc" });
            }
            Signal::Monitor(id) => {
                self.send(id.0, Signal::Down(id, me, "noproc"));
            }
            Signal::Exit { from, by_link: true, .. } => {
                self.processes[me].links.remove(&from);
            }
            Signal::Down(id, ..) => {
                self.processes[me].watching.remove(&id.1);
            }
            Signal::Unlink(..) | Signal::Unlinked(..) | Signal::Demonitor(_) => self.handle(me, signal),
            Signal::Link(_) | Signal::Message(_) | Signal::Exit { .. } => {}
        }
    }
}

impl Process {
    fn end(&mut self, reason: Reason) {
        if self.life == Life::Running {
            self.life = Life::Ending { reason, closed: false };
        }
    }
}
