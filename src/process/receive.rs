//! What a process does with the signals that arrive: messages into the mailbox, the others at once.
//!
//! Invariant: signals are handled in order of arrival, at a safepoint, before the program's next step; a
//! process that waits or is suspended handles them without running its code. One that is ending is gone for
//! those who ask.
//! Source: the Erlang Reference Manual on signals; `erlang:exit/2` for the rules of exit signals.

use super::Process;
use super::monitors::{bounce, down_message};
use super::signal::{ExitCause, Signal};
use crate::heap::HeapFull;
use crate::heap::parcel::{Parcel, Part};
use crate::planted;
use crate::process::pid::Pid;
use crate::term::{Atom, Word};
use crate::world::{NoProcess, World};

/// What another process asked for, to be done by the slice: a collection, or a look at the stack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CollectRequest {
    pub from: Pid,
    pub request: crate::heap::read::RefId,
    /// Does it use this version of a module? Then nothing is collected.
    pub uses: Option<super::on_load::Version>,
}

impl Process {
    /// Handles one signal.
    pub(crate) fn handle(&mut self, signal: Signal, world: &mut dyn World) -> Result<(), HeapFull> {
        let me = self.control.pid;
        self.control.mailbox.count_signal();
        if signal.is_request() && self.is_ending() {
            bounce(NoProcess(signal), world, me);
            return Ok(());
        }
        match signal {
            Signal::Message(parcel) => {
                self.control.mailbox.push(parcel);
            }
            Signal::AliasMessage { alias, message } => {
                if self.control.alias_accepts(alias, world) {
                    self.control.mailbox.push(message);
                }
            }
            Signal::Link { from } => self.control.linked_by(from),
            Signal::Unlink { from, id } => self.control.unlinked_by(from, id, world),
            Signal::UnlinkAck { from, id } => self.control.unlink_acknowledged(from, id),
            Signal::Monitor { reference, watched } => {
                if planted!(TwoDowns) && !self.runs() {
                    super::monitors::bounce(NoProcess(Signal::Monitor { reference, watched }), world, me);
                }
                self.control.watchers.insert(reference, super::monitors::Watcher { watched });
            }
            Signal::Demonitor { reference } => {
                self.control.watchers.remove(reference);
            }
            Signal::Down { reference, watched, reason } => {
                if let Some(monitoring) = self.control.monitor_fired(reference) {
                    let tag = match monitoring.tag {
                        Some(tag) => Some(self.heap.parcel(tag)?),
                        None => None,
                    };
                    let tag = tag.as_ref().map_or(Part::Word(Word::atom(Atom::DOWN)), Part::Parcel);
                    self.control.mailbox.push(down_message(tag, reference, watched, &reason));
                    if planted!(DownOvertakes) {
                        self.control.mailbox.unread.rotate_right(1);
                    }
                } else if planted!(DownAfterDemonitor) {
                    let tag = Part::Word(Word::atom(Atom::DOWN));
                    self.control.mailbox.push(down_message(tag, reference, watched, &reason));
                }
            }
            Signal::Exit { from, cause, reason } => self.handle_exit(from, cause, reason),
            Signal::GroupLeader { leader, from, request } => {
                self.control.group_leader = leader;
                reply(world, me, from, request, Word::TRUE);
            }
            Signal::IsAlive { from, request } => reply(world, me, from, request, Word::TRUE),
            Signal::Info { from, request, items } => {
                let value = self.info_reply(&items, from, world)?;
                let _ = world.send(me, from, Signal::Reply { request, value });
            }
            Signal::Suspend { from, request } => self.control.held_by(from, request, world),
            Signal::Resume { from } => {
                if planted!(LetGoForAll) && self.control.suspended_by.len() > 4 {
                    self.control.suspended_by = super::few::FewMap::Empty;
                }
                self.control.suspended_by.remove(from);
            }
            Signal::Collect { from, request, uses } => {
                self.control.collect_requests.push(CollectRequest { from, request, uses });
            }
            Signal::AwaitLoad { from, request } => self.control.awaited_by(from, request, world),
            Signal::Reply { request, value } => self.control.replied(request, value),
        }
        Ok(())
    }

    /// Handles a message while the process waits: what [`Process::handle`] would do.
    #[inline]
    pub(crate) fn deliver(&mut self, message: Parcel) {
        self.control.mailbox.count_signal();
        self.control.mailbox.push(message);
    }

    /// The rules of exit signals.
    fn handle_exit(&mut self, from: Pid, cause: ExitCause, reason: Parcel) {
        if cause == ExitCause::Link && !self.control.link_broken(from) {
            return;
        }
        let atom = reason.as_immediate();
        if cause == ExitCause::Sent && atom == Some(Word::atom(Atom::KILL)) {
            self.begin_exit(Parcel::immediate(Word::atom(Atom::KILLED)));
            return;
        }
        if self.control.trap_exit {
            self.control.mailbox.push(exit_message(from, &reason));
            return;
        }
        let is_normal = atom == Some(Word::atom(Atom::NORMAL));
        if is_normal && !(cause == ExitCause::Sent && from == self.control.pid) {
            return;
        }
        self.begin_exit(reason);
    }
}

/// `{'EXIT', From, Reason}`.
pub(crate) fn exit_message(from: Pid, reason: &Parcel) -> Parcel {
    let exit = Part::Word(Word::atom(Atom::EXIT));
    Parcel::tuple(&[exit, Part::Word(from.word()), Part::Parcel(reason)])
}

pub(crate) fn reply(world: &mut dyn World, me: Pid, to: Pid, request: crate::heap::read::RefId, value: Word) {
    // The one who asked may be gone by now; nobody misses the reply then.
    let _ = world.send(me, to, Signal::Reply { request, value: Parcel::immediate(value) });
}
