//! Requests: signals that ask another process for something, and what becomes of the reply.
//!
//! The caller waits ([`super::Waiting::Reply`]) and handles signals meanwhile, or it goes on and the reply
//! becomes a message later. Invariant: each request is replied to once, by the process or, where there is
//! none, by [`super::monitors::bounce`]; `noproc` as a reply says that there was nobody.

use super::few::FewMap;
use super::pid::Pid;
use super::signal::Signal;
use super::{Control, Process, Waiting};
use crate::heap::HeapFull;
use crate::heap::parcel::{Parcel, Part};
use crate::heap::read::RefId;
use crate::term::{Atom, Word};
use crate::world::World;

/// What a native function that waits makes of the reply.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The reply is the value.
    Value,
    /// The reply is the value; if it is `noproc`, the call fails with `badarg`.
    ValueOrBadarg,
    /// The reply says whether the module that the process is about to call let it in.
    Loaded,
}

/// What a waiting process goes on with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answered {
    Value(Word),
    Badarg,
}

/// How a reply becomes a message.
#[derive(Clone, Debug)]
pub(crate) enum MessageReply {
    /// `{garbage_collect, Id, Reply}`.
    Collected(Parcel),
    /// `{check_process_code, Id, Reply}`.
    Checked(Parcel),
    /// `{Tag, suspended}`, or `{Tag, badarg}` where there was nobody.
    Suspended(Parcel),
}

impl MessageReply {
    pub(crate) fn message(&self, value: &Parcel) -> Parcel {
        match self {
            MessageReply::Collected(id) => {
                let name = Part::Word(Word::atom(Atom::GARBAGE_COLLECT));
                Parcel::tuple(&[name, Part::Parcel(id), Part::Parcel(value)])
            }
            MessageReply::Checked(id) => {
                let name = Part::Word(Word::atom(Atom::CHECK_PROCESS_CODE));
                Parcel::tuple(&[name, Part::Parcel(id), Part::Parcel(value)])
            }
            MessageReply::Suspended(tag) => {
                let nobody = value.as_immediate() == Some(Word::atom(Atom::NOPROC));
                let state = if nobody { Atom::BADARG } else { Atom::SUSPENDED };
                Parcel::tuple(&[Part::Parcel(tag), Part::Word(Word::atom(state))])
            }
        }
    }
}

impl Control {
    /// A request whose reply will be a message: sends it, and replies `noproc` itself if there is nobody.
    pub(crate) fn request_message(
        &mut self,
        to: Pid,
        reply: MessageReply,
        signal: impl FnOnce(RefId) -> Signal,
        otherwise: Word,
        world: &mut dyn World,
    ) {
        let request = self.next_reference();
        self.message_replies.insert(request.count, reply);
        if world.send(self.pid, to, signal(request)).is_err() {
            self.send_self(Signal::Reply { request, value: Parcel::immediate(otherwise) }, world);
        }
    }

    /// A reply has come.
    pub(crate) fn replied(&mut self, request: RefId, value: Parcel) {
        if let Some(reply) = take(&mut self.message_replies, request) {
            self.mailbox.push(reply.message(&value));
        } else if matches!(self.waiting, Waiting::Reply(awaited, _) if awaited == request) {
            self.reply = Some(value);
        }
    }
}

fn take(replies: &mut FewMap<u64, MessageReply>, request: RefId) -> Option<MessageReply> {
    if replies.is_empty() { None } else { replies.remove(request.count) }
}

impl Process {
    /// What the process that waits for a reply goes on with, once the reply is there; it waits no longer
    /// then. An error leaves the reply where it was.
    pub(crate) fn answered(&mut self) -> Result<Option<Answered>, HeapFull> {
        let Waiting::Reply(_, answer) = self.control.waiting else { return Ok(None) };
        let Some(value) = &self.control.reply else { return Ok(None) };
        let nobody = value.as_immediate() == Some(Word::atom(Atom::NOPROC));
        let answered = match answer {
            Answer::ValueOrBadarg if nobody => Answered::Badarg,
            Answer::Value | Answer::ValueOrBadarg | Answer::Loaded => {
                Answered::Value(self.heap.absorb(value)?)
            }
        };
        self.control.reply = None;
        self.control.waiting = Waiting::No;
        Ok(Some(answered))
    }
}
