//! Options of a spawn, and the flags of a process that a spawn and `process_flag/2` both set.
//! Source: `erlang:spawn_opt/4`, `spawn_request/5`, `process_flag/2`.

use super::arguments::{boolean, option};
use super::monitors::MonitorOptions;
use crate::heap::mutator::{Mutator, Term};
use crate::heap::policy::MaxHeap;
use crate::process::{MIN_BIN_VHEAP_WORDS, Priority};
use crate::term::{Atom, Word, map};

/// Words of the smallest heap that a process starts with, as OTP's default.
pub(super) const MIN_HEAP_WORDS: usize = 233;

/// Which replies to a `spawn_request` are sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Replies {
    pub success: bool,
    pub error: bool,
}

#[derive(Clone, Copy)]
pub(super) struct SpawnOptions<'h> {
    pub link: bool,
    pub monitor: Option<MonitorOptions<'h>>,
    pub priority: Priority,
    pub fullsweep_after: Option<u32>,
    pub min_heap_words: Option<usize>,
    pub min_bin_vheap_words: Option<u64>,
    pub max_heap: Option<MaxHeap>,
    pub message_queue_off_heap: bool,
    /// What is made is a port.
    pub port: bool,
    pub replies: Replies,
    pub reply_tag: Option<Term<'h>>,
}

impl Default for SpawnOptions<'_> {
    fn default() -> Self {
        SpawnOptions {
            link: false,
            monitor: None,
            priority: Priority::Normal,
            fullsweep_after: None,
            min_heap_words: None,
            min_bin_vheap_words: None,
            max_heap: None,
            message_queue_off_heap: false,
            port: false,
            replies: Replies { success: true, error: true },
            reply_tag: None,
        }
    }
}

/// A list of options in which some are not right. The others are as they were given: how a request is
/// replied to counts even then.
#[derive(Clone, Copy)]
pub(super) struct BadOptions<'h>(pub SpawnOptions<'h>);

/// Options that a spawn may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Of {
    Spawn,
    /// A request: options on the reply too.
    Request,
}

impl<'h> SpawnOptions<'h> {
    /// Reads options; the last one of each kind counts.
    pub(super) fn parse(
        m: &Mutator<'h>,
        list: &[Term<'h>],
        of: Of,
        schedulers: u32,
    ) -> Result<SpawnOptions<'h>, BadOptions<'h>> {
        let mut options = SpawnOptions::default();
        let mut good = true;
        for &term in list {
            let replies = of == Of::Request && options.reply_option(m, term).is_some();
            good &= replies || options.set(m, term, schedulers).is_some();
        }
        let min = options.min_heap_words.unwrap_or(MIN_HEAP_WORDS);
        good &= options.max_heap.is_none_or(|max| max.size == 0 || max.size >= min);
        if good { Ok(options) } else { Err(BadOptions(options)) }
    }

    fn reply_option(&mut self, m: &Mutator<'h>, term: Term<'h>) -> Option<()> {
        match option(m, term)? {
            (Atom::REPLY_TAG, tag) => self.reply_tag = Some(tag),
            (Atom::REPLY, which) => {
                let (success, error) = match which.as_atom()? {
                    Atom::YES => (true, true),
                    Atom::NO => (false, false),
                    Atom::SUCCESS_ONLY => (true, false),
                    Atom::ERROR_ONLY => (false, true),
                    _ => return None,
                };
                self.replies = Replies { success, error };
            }
            _ => return None,
        }
        Some(())
    }

    fn set(&mut self, m: &Mutator<'h>, term: Term<'h>, schedulers: u32) -> Option<()> {
        match term.as_atom() {
            Some(Atom::LINK) => self.link = true,
            Some(Atom::MONITOR) => self.monitor = Some(MonitorOptions::default()),
            Some(_) => return None,
            None => {
                let (name, value) = option(m, term)?;
                match name {
                    Atom::MONITOR => self.monitor = Some(MonitorOptions::parse(m, value)?),
                    Atom::PRIORITY => self.priority = priority(value)?,
                    Atom::FULLSWEEP_AFTER => self.fullsweep_after = Some(fullsweep_after(value)?),
                    Atom::MIN_HEAP_SIZE => self.min_heap_words = Some(heap_words(value)?),
                    Atom::MIN_BIN_VHEAP_SIZE => self.min_bin_vheap_words = Some(vheap_words(value)?),
                    Atom::MAX_HEAP_SIZE => self.max_heap = Some(max_heap(m, value)?),
                    Atom::MESSAGE_QUEUE_DATA => self.message_queue_off_heap = off_heap(value)?,
                    // Which scheduler a process starts on is not for it to say here.
                    Atom::SCHEDULER => {
                        let number = u32::try_from(value.as_small()?).ok()?;
                        return (number <= schedulers).then_some(());
                    }
                    _ => return None,
                }
            }
        }
        Some(())
    }
}

pub(super) fn priority(value: Term<'_>) -> Option<Priority> {
    Some(match value.as_atom()? {
        Atom::LOW => Priority::Low,
        Atom::NORMAL => Priority::Normal,
        Atom::HIGH => Priority::High,
        Atom::MAX => Priority::Max,
        _ => return None,
    })
}

pub(super) fn fullsweep_after(value: Term<'_>) -> Option<u32> {
    let count = u64::try_from(value.as_small()?).ok()?;
    Some(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A heap size, rounded up to one that OTP would use; the default is the least.
pub(super) fn heap_words(value: Term<'_>) -> Option<usize> {
    let words = usize::try_from(value.as_small()?).ok()?;
    heap_sizes().find(|&size| size >= words.max(MIN_HEAP_WORDS))
}

/// The same for the virtual heap of binaries.
pub(super) fn vheap_words(value: Term<'_>) -> Option<u64> {
    let words = heap_words(value)? as u64;
    Some(words.max(MIN_BIN_VHEAP_WORDS))
}

/// OTP's heap sizes in words: like Fibonacci's up to a million, then a fifth more each time.
pub(super) fn heap_sizes() -> impl Iterator<Item = usize> {
    let mut last = (12usize, 38usize);
    std::iter::from_fn(move || {
        let size = last.0;
        let next = if last.1 < 833_026 { last.0 + last.1 + 1 } else { last.1 / 5 * 6 + last.1 % 5 * 6 / 5 };
        last = (last.1, next);
        (size < HEAP_SIZE_END).then_some(size)
    })
}

/// Sizes from here on are no heap sizes.
const HEAP_SIZE_END: usize = 1_000_000_000_000_000;

/// `on_heap` or `off_heap`.
pub(super) fn off_heap(value: Term<'_>) -> Option<bool> {
    match value.as_atom()? {
        Atom::ON_HEAP => Some(false),
        Atom::OFF_HEAP => Some(true),
        _ => None,
    }
}

/// A `max_heap_size`: a size in words, or a map with one. What the map does not say is as by default, and
/// keys that mean nothing are passed over.
pub(super) fn max_heap(m: &Mutator<'_>, value: Term<'_>) -> Option<MaxHeap> {
    let size = |t: Term<'_>| usize::try_from(t.as_small()?).ok();
    if !m.heap().is_map(value.word()) {
        return Some(MaxHeap { size: size(value)?, ..MaxHeap::NONE });
    }
    let get = |key: Atom| map::get(m.heap(), value.word(), Word::atom(key)).map(Term::of);
    let flag = |key: Atom, default: bool| get(key).map_or(Some(default), boolean);
    Some(MaxHeap {
        size: size(get(Atom::SIZE)?)?,
        kill: flag(Atom::KILL, MaxHeap::NONE.kill)?,
        error_logger: flag(Atom::ERROR_LOGGER, MaxHeap::NONE.error_logger)?,
        include_shared_binaries: flag(Atom::INCLUDE_SHARED_BINARIES, false)?,
    })
}
