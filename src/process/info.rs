//! `process_info`: what a process tells about itself, asked by signal.
//!
//! Invariant: the reply is built on a heap of its own, so that being asked changes nothing here; and sizes
//! come from allocation counts that no collection plan changes, so that none can be told from them.
//! Source: `erlang:process_info/1,2` of OTP 25, in items, their order and shapes. On purpose otherwise:
//! `binary` is always `[]`, a `backtrace` is text of our own, and in `garbage_collection_info` old heap,
//! fragments and virtual binary heaps are 0.

use super::frames::{Repeats, TRACE_DEPTH};
use super::links::LinkState;
use super::pid::Pid;
use super::signal::Watched;
use super::{Priority, Process, Waiting};
use crate::heap::parcel::Parcel;
use crate::heap::policy::{MaxHeap, Policy};
use crate::heap::{Heap, HeapFull};
use crate::term::order::equal_exact;
use crate::term::{Atom, Word, map};
use crate::world::World;

type Value = Result<Word, HeapFull>;
type Item = fn(&mut Asked<'_>) -> Value;

/// THE table of items.
const ITEMS: &[(Atom, Item)] = &[
    (Atom::BACKTRACE, backtrace),
    (Atom::BINARY, |_| Ok(Word::NIL)),
    (Atom::CATCHLEVEL, |a| Ok(Word::small(i64::from(a.process.parked.catches)))),
    (Atom::CURRENT_FUNCTION, current_function),
    (Atom::CURRENT_LOCATION, current_location),
    (Atom::CURRENT_STACKTRACE, current_stacktrace),
    (Atom::DICTIONARY, dictionary),
    (Atom::ERROR_HANDLER, |a| Ok(Word::atom(a.process.control.error_handler))),
    (Atom::FULLSWEEP_AFTER, |a| a.number(a.process.heap.policy.fullsweep_after.into())),
    (Atom::GARBAGE_COLLECTION, garbage_collection),
    (Atom::GARBAGE_COLLECTION_INFO, garbage_collection_info),
    (Atom::GROUP_LEADER, |a| Ok(a.process.control.group_leader.word())),
    (Atom::HEAP_SIZE, |a| a.number(a.process.heap.apparent_words() as u64)),
    (Atom::INITIAL_CALL, initial_call),
    (Atom::LABEL, label),
    (Atom::LAST_CALLS, |a| Ok(if a.process.control.save_calls == 0 { Word::FALSE } else { Word::NIL })),
    (Atom::LINKS, links),
    (Atom::MAGIC_REF, |_| Ok(Word::NIL)),
    (Atom::MAX_HEAP_SIZE, |a| max_heap_term(&mut a.out, a.process.heap.policy.max)),
    (Atom::MEMORY, memory),
    (Atom::MESSAGE_QUEUE_DATA, message_queue_data),
    (Atom::MESSAGE_QUEUE_LEN, message_queue_len),
    (Atom::MESSAGES, messages),
    (Atom::MIN_BIN_VHEAP_SIZE, |a| a.number(a.process.control.min_bin_vheap_words)),
    (Atom::MIN_HEAP_SIZE, |a| a.number(a.process.heap.policy.min_words as u64)),
    (Atom::MONITORED_BY, monitored_by),
    (Atom::MONITORS, monitors),
    (Atom::PARENT, |a| Ok(a.process.control.parent.map_or(Word::atom(Atom::UNDEFINED), Pid::word))),
    (Atom::PRIORITY, |a| Ok(Word::atom(priority_atom(a.process.control.priority)))),
    (Atom::REDUCTIONS, |a| a.number(a.process.control.reductions)),
    (Atom::REGISTERED_NAME, |a| Ok(a.world.name_of(a.process.control.pid).map_or(Word::NIL, Word::atom))),
    (Atom::SEQUENTIAL_TRACE_TOKEN, |_| Ok(Word::NIL)),
    (Atom::STACK_SIZE, |a| a.number(a.process.stack.len() as u64)),
    (Atom::STATUS, |a| Ok(Word::atom(a.status()))),
    (Atom::SUSPENDING, suspending),
    (Atom::TOTAL_HEAP_SIZE, |a| a.number(a.process.heap.apparent_words() as u64)),
    (Atom::TRACE, |_| Ok(Word::small(0))),
    (Atom::TRAP_EXIT, |a| Ok(Word::boolean(a.process.control.trap_exit))),
];

/// What `process_info/1` gives, in order; a registered name comes first where there is one.
const DEFAULT: &[Atom] = &[
    Atom::CURRENT_FUNCTION,
    Atom::INITIAL_CALL,
    Atom::STATUS,
    Atom::MESSAGE_QUEUE_LEN,
    Atom::LINKS,
    Atom::DICTIONARY,
    Atom::TRAP_EXIT,
    Atom::ERROR_HANDLER,
    Atom::PRIORITY,
    Atom::GROUP_LEADER,
    Atom::TOTAL_HEAP_SIZE,
    Atom::HEAP_SIZE,
    Atom::STACK_SIZE,
    Atom::REDUCTIONS,
    Atom::GARBAGE_COLLECTION,
    Atom::SUSPENDING,
];

fn item(name: Atom) -> Option<Item> {
    ITEMS.iter().find(|(n, _)| *n == name).map(|&(_, item)| item)
}

/// Whether `process_info/2` knows this item.
pub fn is_item(name: Atom) -> bool {
    item(name).is_some()
}

/// A process that is asked.
struct Asked<'a> {
    process: &'a mut Process,
    from: Pid,
    world: &'a mut dyn World,
    /// Where the reply is built.
    out: Heap,
}

impl Process {
    /// The reply to a request for these items: a pair for one item, a list of pairs for several.
    pub(crate) fn info_reply(
        &mut self,
        items: &Parcel,
        from: Pid,
        world: &mut dyn World,
    ) -> Result<Parcel, HeapFull> {
        let out = Heap::new(std::sync::Arc::default(), Policy::default());
        let mut asked = Asked { process: self, from, world, out };
        let reply = match items.as_immediate().and_then(Word::as_atom) {
            Some(Atom::ALL) => asked.all()?,
            Some(name) => asked.one(name)?,
            None => asked.several(items)?,
        };
        asked.out.parcel(reply)
    }
}

impl Asked<'_> {
    fn pair(&mut self, name: Atom) -> Value {
        let item = item(name).expect("the caller has checked the items");
        let value = item(self)?;
        self.out.new_tuple(&[Word::atom(name), value])
    }

    fn one(&mut self, name: Atom) -> Value {
        if name == Atom::REGISTERED_NAME && self.world.name_of(self.process.control.pid).is_none() {
            return Ok(Word::NIL);
        }
        self.pair(name)
    }

    fn several(&mut self, items: &Parcel) -> Value {
        let asked = self.out.absorb(items)?;
        if self.out.tuple(asked).is_some() {
            return self.value_of(asked);
        }
        let items: Vec<Word> = self.out.list(asked).collect();
        let mut pairs = Vec::with_capacity(items.len());
        for item in items {
            pairs.push(match item.as_atom() {
                Some(name) => self.pair(name)?,
                None => self.value_of(item)?,
            });
        }
        self.out.new_list(&pairs, Word::NIL)
    }

    /// `{dictionary, Key}`, which OTP 26.2 brought, with the value of that key.
    fn value_of(&mut self, item: Word) -> Value {
        let key = Word(self.out.tuple(item).expect("the caller has checked the items")[1]);
        let mut value = Word::atom(Atom::UNDEFINED);
        let dictionary = &self.process.control.dictionary;
        // An immediate means the same to both processes; any other key is compared where both are.
        let entries: Vec<(Word, Word)> = match key.is_immediate() {
            _ if self.process.control.sensitive => Vec::new(),
            true => dictionary.get(&self.process.heap, key).map(|value| (key, value)).into_iter().collect(),
            false => dictionary.iter().collect(),
        };
        for (other, of_other) in entries {
            let other = self.copy(other)?;
            if equal_exact(&self.out, key, other) {
                value = self.copy(of_other)?;
                break;
            }
        }
        self.out.new_tuple(&[item, value])
    }

    fn all(&mut self) -> Value {
        let mut pairs = Vec::with_capacity(DEFAULT.len() + 1);
        if self.world.name_of(self.process.control.pid).is_some() {
            pairs.push(self.pair(Atom::REGISTERED_NAME)?);
        }
        for &name in DEFAULT {
            pairs.push(self.pair(name)?);
        }
        self.out.new_list(&pairs, Word::NIL)
    }

    fn number(&mut self, value: u64) -> Value {
        self.out.new_unsigned(value)
    }

    /// Copies a term of the process.
    fn copy(&mut self, word: Word) -> Value {
        let parcel = self.process.heap.parcel(word)?;
        self.out.absorb(&parcel)
    }

    fn status(&self) -> Atom {
        let control = &self.process.control;
        if self.from == control.pid {
            Atom::RUNNING
        } else if !control.suspended_by.is_empty() {
            Atom::SUSPENDED
        } else if control.waiting != Waiting::No {
            Atom::WAITING
        } else {
            Atom::RUNNABLE
        }
    }

    fn pairs(&mut self, pairs: &[(Atom, u64)]) -> Value {
        let mut list = Vec::with_capacity(pairs.len());
        for &(name, value) in pairs {
            let value = self.number(value)?;
            list.push(self.out.new_tuple(&[Word::atom(name), value])?);
        }
        self.out.new_list(&list, Word::NIL)
    }
}

pub(crate) fn priority_atom(priority: Priority) -> Atom {
    match priority {
        Priority::Low => Atom::LOW,
        Priority::Normal => Atom::NORMAL,
        Priority::High => Atom::HIGH,
        Priority::Max => Atom::MAX,
    }
}

/// The `max_heap_size` flag as a map.
pub(crate) fn max_heap_term(heap: &mut Heap, max: MaxHeap) -> Value {
    let size = heap.new_unsigned(max.size as u64)?;
    let pairs = [
        (Word::atom(Atom::ERROR_LOGGER), Word::boolean(max.error_logger)),
        (Word::atom(Atom::KILL), Word::boolean(max.kill)),
        (Word::atom(Atom::SIZE), size),
    ];
    map::from_pairs(heap, &pairs)
}

fn backtrace(asked: &mut Asked<'_>) -> Value {
    if asked.process.control.sensitive {
        return asked.out.binary(&[]);
    }
    let view = asked.world.code_view();
    let frames = asked.process.frames(&view, usize::MAX, Repeats::Kept);
    let mut text = String::new();
    for (i, frame) in frames.iter().enumerate() {
        let what = if i == 0 { "Program counter" } else { "Return address" };
        text += &format!("{what}: {}\n", frame.text());
    }
    asked.out.binary(text.as_bytes())
}

fn current_function(asked: &mut Asked<'_>) -> Value {
    let view = asked.world.code_view();
    match asked.process.frames(&view, 1, Repeats::Once).first() {
        Some(frame) => frame.mfa_term(&mut asked.out),
        None => Ok(Word::atom(Atom::UNDEFINED)),
    }
}

fn current_location(asked: &mut Asked<'_>) -> Value {
    let view = asked.world.code_view();
    match asked.process.frames(&view, 1, Repeats::Once).first() {
        Some(frame) => frame.trace_term(&mut asked.out),
        None => Ok(Word::atom(Atom::UNDEFINED)),
    }
}

fn current_stacktrace(asked: &mut Asked<'_>) -> Value {
    let view = asked.world.code_view();
    let frames = asked.process.frames(&view, TRACE_DEPTH, Repeats::Once);
    let entries: Result<Vec<Word>, HeapFull> =
        frames.iter().map(|frame| frame.trace_term(&mut asked.out)).collect();
    asked.out.new_list(&entries?, Word::NIL)
}

fn initial_call(asked: &mut Asked<'_>) -> Value {
    let (module, function, arity) = asked.process.control.initial_call;
    asked.out.new_tuple(&[Word::atom(module), Word::atom(function), Word::small(i64::from(arity))])
}

/// What `proc_lib:set_label/1` of OTP 27 has put into the dictionary.
fn label(asked: &mut Asked<'_>) -> Value {
    let key = Word::atom(Atom::known("$process_label"));
    match asked.process.control.dictionary.get(&asked.process.heap, key) {
        Some(label) => asked.copy(label),
        None => Ok(Word::atom(Atom::UNDEFINED)),
    }
}

fn dictionary(asked: &mut Asked<'_>) -> Value {
    if asked.process.control.sensitive {
        return Ok(Word::NIL);
    }
    let entries: Vec<(Word, Word)> = asked.process.control.dictionary.iter().collect();
    let mut pairs = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let (key, value) = (asked.copy(key)?, asked.copy(value)?);
        pairs.push(asked.out.new_tuple(&[key, value])?);
    }
    asked.out.new_list(&pairs, Word::NIL)
}

fn message_queue_data(asked: &mut Asked<'_>) -> Value {
    let off = asked.process.control.message_queue_off_heap;
    Ok(Word::atom(if off { Atom::OFF_HEAP } else { Atom::ON_HEAP }))
}

fn message_queue_len(asked: &mut Asked<'_>) -> Value {
    let control = &asked.process.control;
    let len = if control.sensitive { 0 } else { control.mailbox.len() };
    asked.number(len as u64)
}

fn messages(asked: &mut Asked<'_>) -> Value {
    if asked.process.control.sensitive {
        return Ok(Word::NIL);
    }
    let scanned: Vec<Word> = asked.process.control.mailbox.scanned.iter().map(|m| m.term).collect();
    let mut terms = Vec::with_capacity(asked.process.control.mailbox.len());
    for word in scanned {
        terms.push(asked.copy(word)?);
    }
    for message in &asked.process.control.mailbox.unread {
        terms.push(asked.out.absorb(&message.parcel)?);
    }
    asked.out.new_list(&terms, Word::NIL)
}

fn links(asked: &mut Asked<'_>) -> Value {
    let links = asked.process.control.links.iter();
    let linked: Vec<Word> =
        links.filter(|(_, state)| **state == LinkState::Linked).map(|(pid, _)| pid.word()).collect();
    asked.out.new_list(&linked, Word::NIL)
}

fn monitors(asked: &mut Asked<'_>) -> Value {
    let watched: Vec<Watched> = asked.process.control.monitoring.iter().map(|(_, m)| m.watched).collect();
    let mut items = Vec::with_capacity(watched.len());
    for what in watched {
        let (kind, item) = match what {
            Watched::Pid(pid) => (what.kind(), pid.word()),
            Watched::Name(name) | Watched::PortName(name) => {
                let place = [Word::atom(name), Word::atom(Atom::NONODE_NOHOST)];
                (what.kind(), asked.out.new_tuple(&place)?)
            }
            Watched::ClockService => (Atom::TIME_OFFSET, Word::atom(Atom::CLOCK_SERVICE)),
        };
        items.push(asked.out.new_tuple(&[Word::atom(kind), item])?);
    }
    asked.out.new_list(&items, Word::NIL)
}

fn monitored_by(asked: &mut Asked<'_>) -> Value {
    let watchers = asked.process.control.watchers.iter();
    let pids: Vec<Word> = watchers.map(|(reference, _)| reference.creator_pid().word()).collect();
    asked.out.new_list(&pids, Word::NIL)
}

/// `{Pid, Active, Outstanding}` each; a suspension that was asked for counts as active.
fn suspending(asked: &mut Asked<'_>) -> Value {
    asked.process.control.forget_the_dead(asked.world);
    let held: Vec<(Pid, u32)> = asked.process.control.suspending.iter().map(|(p, &n)| (p, n)).collect();
    let mut items = Vec::with_capacity(held.len());
    for (pid, count) in held {
        let counts = [pid.word(), Word::small(i64::from(count)), Word::small(0)];
        items.push(asked.out.new_tuple(&counts)?);
    }
    asked.out.new_list(&items, Word::NIL)
}

/// What a process is reckoned to cost beside its heap, stack and mailbox, in bytes.
const PROCESS_BYTES: u64 = 1024;

fn memory(asked: &mut Asked<'_>) -> Value {
    let process = &asked.process;
    let unread = process.control.mailbox.unread.iter().map(|m| m.parcel.words().len()).sum::<usize>();
    let words = process.heap.apparent_words() + process.stack.len() + unread;
    asked.number(PROCESS_BYTES + 8 * words as u64)
}

fn garbage_collection(asked: &mut Asked<'_>) -> Value {
    let policy = asked.process.heap.policy;
    let max = max_heap_term(&mut asked.out, policy.max)?;
    let max = asked.out.new_tuple(&[Word::atom(Atom::MAX_HEAP_SIZE), max])?;
    let rest = asked.pairs(&[
        (Atom::MIN_BIN_VHEAP_SIZE, asked.process.control.min_bin_vheap_words),
        (Atom::MIN_HEAP_SIZE, policy.min_words as u64),
        (Atom::FULLSWEEP_AFTER, policy.fullsweep_after.into()),
        (Atom::MINOR_GCS, policy.minors.into()),
    ])?;
    asked.out.cons(max, rest)
}

fn garbage_collection_info(asked: &mut Asked<'_>) -> Value {
    let heap = &asked.process.heap;
    let vheap = asked.process.control.min_bin_vheap_words;
    asked.pairs(&[
        (Atom::OLD_HEAP_BLOCK_SIZE, 0),
        (Atom::HEAP_BLOCK_SIZE, heap.apparent_words() as u64),
        (Atom::MBUF_SIZE, 0),
        (Atom::RECENT_SIZE, heap.policy.live as u64),
        (Atom::STACK_SIZE, asked.process.stack.len() as u64),
        (Atom::OLD_HEAP_SIZE, 0),
        (Atom::HEAP_SIZE, heap.apparent_used_words() as u64),
        (Atom::BIN_VHEAP_SIZE, 0),
        (Atom::BIN_VHEAP_BLOCK_SIZE, vheap),
        (Atom::BIN_OLD_VHEAP_SIZE, 0),
        (Atom::BIN_OLD_VHEAP_BLOCK_SIZE, vheap),
    ])
}
