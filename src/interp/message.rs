//! Sending and receiving.

use super::call::NativeStep;
use super::machine::{Fault, Machine};
use crate::bif;
use crate::code::{CodePtr, ExportId};
use crate::planted;
use crate::process::mailbox::Arrival;
use crate::process::pid::Pid;
use crate::process::signal::Signal;
use crate::process::{Phase, Waiting};
use crate::term::{Atom, Word};
use crate::time::Deadline;
use crate::world::{Op, OpKind};
use std::sync::OnceLock;

/// What the scan of the mailbox came to.
pub(super) enum Next {
    Message(Word),
    Empty,
    /// The world does not permit the look yet.
    Refused,
    /// Another process holds this one now.
    Suspended,
}

/// The time limit of a receive.
pub(super) enum Limit {
    Passed,
    /// `None` is `infinity`.
    At(Option<Deadline>),
}

/// The largest time limit, in milliseconds.
const LIMIT_MAX_MS: i64 = 0xffff_ffff;

impl Machine<'_> {
    /// `x0 ! x1`; x0 becomes the message. Whether it was permitted.
    #[inline]
    pub fn send(&mut self) -> Result<bool, Fault> {
        let (to, message) = (Word(self.xr(0)), Word(self.xr(1)));
        let Some(pid) = Pid::of_actor(to) else { return self.send_elsewhere() };
        let me = self.p.control.pid;
        if self.asks && !self.world.permit(me, Op::on(OpKind::Send, pid)) {
            return Ok(false);
        }
        let signal = match self.p.heap.small_parcel(message) {
            Some(parcel) => Signal::Message(parcel),
            None => Signal::Message(self.p.heap.parcel(message)?),
        };
        // A message to a process that is gone vanishes.
        let _ = self.world.send(me, pid, signal);
        self.set_x(0, message.0);
        Ok(true)
    }

    /// To a name, an alias: as the native function does it.
    fn send_elsewhere(&mut self) -> Result<bool, Fault> {
        static SEND: OnceLock<ExportId> = OnceLock::new();
        let export = SEND.get_or_init(|| ExportId::new(Atom::ERLANG, Atom::known("send"), 2));
        let native = bif::lookup(*export).expect("`send` is in the table");
        match self.native(native, 2)? {
            NativeStep::Value(value) => {
                self.set_x(0, value.0);
                Ok(true)
            }
            NativeStep::Refused => Ok(false),
            _ => panic!("`send` gives its message"),
        }
    }

    /// The message at the save pointer, absorbed if it was not. The receive is at `here`, with the
    /// continuation `cp`.
    #[inline]
    pub fn next_message(&mut self, timed: bool, here: CodePtr, cp: u64) -> Result<Next, Fault> {
        if self.asks && self.p.control.mailbox.asks_to_look(timed) {
            let visible = timed && !self.p.control.mailbox.is_scanning();
            let op = match visible {
                true => Op::on(OpKind::Receive, self.p.control.pid),
                false => Op::of(OpKind::Receive),
            };
            if !self.world.permit(self.p.control.pid, op) {
                return Ok(Next::Refused);
            }
            self.p.control.mailbox.may_look();
        }
        loop {
            if let Some(term) = self.p.control.mailbox.at_save() {
                return Ok(Next::Message(term));
            }
            if let Some(parcel) = self.p.control.mailbox.next_unread() {
                let need = parcel.words().len();
                if planted!(LostAtFullHeap) && self.p.heap.semantic_due(need) {
                    self.p.control.mailbox.unread.pop_front();
                    continue;
                }
                self.test_heap(need, 0)?;
                let parcel = self.p.control.mailbox.next_unread().expect("a collection takes no message");
                let term = self.p.heap.absorb(parcel)?;
                self.p.control.mailbox.absorbed(term);
                return Ok(Next::Message(term));
            }
            if !self.fetch(here, cp)? {
                return Ok(Next::Empty);
            }
            if !self.p.control.suspended_by.is_empty() {
                return Ok(Next::Suspended);
            }
        }
    }

    /// Handles signals that have arrived since the slice began. Whether there were any.
    fn fetch(&mut self, here: CodePtr, cp: u64) -> Result<bool, Fault> {
        self.world.fetch(self.p.control.pid, self.signals);
        if self.signals.is_empty() {
            return Ok(false);
        }
        // Who asks for the current function is to be told this one.
        (self.p.parked.at, self.p.parked.continuation) = (here, cp);
        // Mostly there is one. The list keeps its memory.
        if self.signals.len() == 1
            && let Some(signal) = self.signals.pop()
        {
            self.p.handle(signal, self.world)?;
        } else {
            let mut signals = std::mem::take(self.signals);
            for signal in signals.drain(..) {
                self.p.handle(signal, self.world)?;
            }
            *self.signals = signals;
        }
        match self.p.control.phase {
            Phase::Running => Ok(true),
            _ => Err(Fault::Dead),
        }
    }

    pub fn remove_message(&mut self) {
        if let Some(arrival) = self.p.control.mailbox.take() {
            self.removed(arrival);
        }
    }

    /// A message was taken out.
    #[inline]
    pub fn removed(&mut self, arrival: Arrival) {
        self.p.control.receive_deadline = None;
        if self.asks {
            self.world.took(self.p.control.pid, arrival);
        }
    }

    /// The process waits for a message.
    pub fn wait(&mut self, deadline: Option<Deadline>) {
        self.p.control.mailbox.begin_wait();
        self.p.control.waiting = Waiting::Receive(deadline);
    }

    /// The time limit of the receive: set when it is first reached, kept while messages that do not match
    /// come in.
    pub fn receive_deadline(&mut self, time: Word) -> Result<Limit, Fault> {
        if time == Word::atom(Atom::INFINITY) {
            return Ok(Limit::At(None));
        }
        let ms = match time.as_small() {
            Some(ms) if (0..=LIMIT_MAX_MS).contains(&ms) => ms as u64,
            _ => return Err(Fault::error(Atom::TIMEOUT_VALUE)),
        };
        if ms == 0 {
            return Ok(Limit::Passed);
        }
        let now = self.world.now();
        if planted!(LimitRestarts) {
            self.p.control.receive_deadline = None;
        }
        let deadline = *self.p.control.receive_deadline.get_or_insert(now.after_ms(ms));
        Ok(if deadline.0 <= now { Limit::Passed } else { Limit::At(Some(deadline)) })
    }

    /// The receive ran out of time.
    pub fn timeout(&mut self) {
        self.p.control.receive_deadline = None;
        self.p.control.mailbox.restart();
        if self.asks {
            self.world.gave_up(self.p.control.pid);
        }
    }
}
