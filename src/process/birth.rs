//! How a process begins: its arguments on its own heap, and the function that it will call.

use super::monitors::Watcher;
use super::on_load::OnLoad;
use super::signal::{Signal, Watched};
use super::{MIN_BIN_VHEAP_WORDS, Process};
use crate::code::{CodePtr, ExportId};
use crate::heap::HeapFull;
use crate::process::links::LinkState;
use crate::process::pid::Pid;
use crate::term::Word;
use crate::world::NewProcess;

/// What goes with a birth.
#[must_use = "the parent is told before the child runs"]
#[derive(Debug)]
pub struct Birth {
    /// A signal for the parent from itself, to be sent before the child runs: `spawn_request` promises that
    /// its reply comes before any other signal from the child.
    pub for_parent: Option<Signal>,
}

impl Process {
    /// Fills in a fresh process. The links and monitors that `new` asks for are set on this side; the
    /// parent's side is the caller's.
    pub fn begin(&mut self, parent: Option<Pid>, new: &NewProcess) -> Result<Birth, HeapFull> {
        let control = &mut self.control;
        control.parent = parent;
        control.group_leader = new.group_leader;
        control.initial_call = new.initial_call;
        control.priority = new.priority;
        control.message_queue_off_heap = new.message_queue_off_heap;
        match new.on_load {
            Some(start) => {
                control.on_load = Some(Box::new(OnLoad::new(start)));
                self.parked.at = start;
            }
            None => control.start = Some(ExportId::new(new.module, new.function, new.arity)),
        }
        if let Some(parent) = parent.filter(|_| new.link) {
            control.links.insert(parent, LinkState::Linked);
        }
        control.min_bin_vheap_words = new.min_bin_vheap_words.unwrap_or(MIN_BIN_VHEAP_WORDS);
        if let Some(reference) = new.monitor {
            control.watchers.insert(reference, Watcher { watched: Watched::Pid(control.pid) });
        }
        if let Some(max) = new.max_heap {
            self.heap.policy.max = max;
            self.heap.open_limit();
        }
        if let Some(words) = new.min_heap_words {
            self.heap.policy.min_words = words;
        }
        if let Some(after) = new.fullsweep_after {
            self.heap.policy.fullsweep_after = after;
        }
        let mut list = self.heap.absorb(&new.arguments)?;
        self.parked.x.clear();
        self.parked.continuation = CodePtr::OUTERMOST.word();
        while list.is_list() {
            let (head, tail) = self.heap.cell(list);
            self.parked.x.push(head.0);
            list = tail;
        }
        assert!(
            list == Word::NIL && self.parked.x.len() == new.arity as usize,
            "arguments are a proper list"
        );
        let for_parent = new.reply.as_ref().map(|reply| Signal::Message(reply.spawned(self.control.pid)));
        Ok(Birth { for_parent })
    }
}
