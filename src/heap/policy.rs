//! When to collect, how much room to leave, and when to refuse.
//!
//! Two kinds of collection. A *semantic* one happens at allocation counts that no plan changes; it alone
//! applies `max_heap_size` and lets resources go. A *stress* one, on top, only moves, poisons and verifies,
//! and nothing that the program or the trace shows may depend on it. In an `exact` heap (simulation) semantic
//! collections are always major, so that the live size after them is a function of the program alone.

use super::Heap;

/// How often stress collections happen, beside the semantic ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum GcPlan {
    #[default]
    Normal,
    /// At every n-th safepoint.
    Every(u32),
    EverySafepoint,
}

/// The `max_heap_size` process flag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MaxHeap {
    /// Words; 0 is no limit.
    pub size: usize,
    pub kill: bool,
    pub error_logger: bool,
    pub include_shared_binaries: bool,
}

impl MaxHeap {
    pub const NONE: MaxHeap =
        MaxHeap { size: 0, kill: true, error_logger: true, include_shared_binaries: false };
}

/// Words that a process's heap is given at first: small, since most processes stay small.
const FIRST_WORDS: usize = 48;
/// Words allocated between collections at least, once a process has collected.
const YOUNG_WORDS_MIN: usize = 233;
/// Words that a heap near its limit may allocate between collections.
const LIMITED_WORDS_MIN: usize = 256;
/// Words that a heap with a limit allocates, in simulation, between two questions whether to collect now.
const QUESTION_WORDS: usize = 64;
/// Words up to which a block grows where it is written. A larger one grows by [`Heap::reserve`] alone, which can fail.
const UNRESERVED_WORDS: usize = 1 << 13;
/// Words up to which a heap is collected as often as a stress plan says.
const STRESSED_WORDS: usize = 1 << 13;
/// Of a larger heap, so many words are moved for each safepoint.
const STRESSED_SHARE: usize = 1 << 6;
/// Words of old generation under which nobody asks for a major collection.
const OLD_WORDS_MIN: usize = 4096;
/// Default ceiling of one heap: 2^28 words (2 GiB).
pub const CEILING_WORDS: usize = 1 << 28;

#[derive(Clone, Copy, Debug)]
pub struct Policy {
    pub plan: GcPlan,
    /// Simulation: semantic collections are major and counted by allocation alone.
    pub exact: bool,
    /// Allocation beyond this is refused.
    pub ceiling_words: usize,
    pub min_words: usize,
    pub max: MaxHeap,
    pub fullsweep_after: u32,
    /// Words allocated before the last stress collection since the last semantic one.
    pub(crate) counted: usize,
    /// Length of the block when counting began anew.
    pub(crate) mark: usize,
    /// Words that may be allocated between two semantic collections.
    pub(crate) budget: usize,
    /// Words in use after the last semantic collection, padding not counted.
    pub(crate) live: usize,
    pub(crate) old_limit: usize,
    pub(crate) minors: u32,
    /// Safepoints left until the plan's next stress collection.
    pub(crate) stress_in: u32,
    /// Words of shared binaries attached since the last collection, as if they were on the heap.
    pub(crate) off_heap: usize,
    pub collections: u64,
    /// Words that semantic collections found dead.
    pub reclaimed_words: u64,
    /// A collection of the whole heap left hardly any room under the ceiling.
    pub(crate) exhausted: bool,
    /// The next semantic collection takes the old generation too.
    pub(crate) major_next: bool,
    /// Length of the block at which the next semantic collection is due.
    pub(crate) semantic_limit: usize,
    /// Words allocated since the last semantic collection at which the world is asked for another one.
    pub(crate) question_at: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            plan: GcPlan::Normal,
            exact: false,
            ceiling_words: CEILING_WORDS,
            min_words: YOUNG_WORDS_MIN,
            max: MaxHeap::NONE,
            fullsweep_after: 65535,
            counted: 0,
            mark: 0,
            budget: FIRST_WORDS,
            live: 0,
            old_limit: OLD_WORDS_MIN,
            minors: 0,
            stress_in: 0,
            off_heap: 0,
            collections: 0,
            reclaimed_words: 0,
            exhausted: false,
            major_next: false,
            semantic_limit: FIRST_WORDS,
            question_at: QUESTION_WORDS,
        }
    }
}

impl Policy {
    /// The first limit of a new heap. Under a stress plan every safepoint is looked at.
    pub(crate) fn first_limit(&self) -> usize {
        if self.plan == GcPlan::Normal { self.semantic_limit } else { 0 }
    }
}

impl Heap {
    /// Whether the plan asks for a stress collection at this safepoint, of a process with so many words of stack.
    #[inline]
    pub(crate) fn stress_due(&mut self, stack_words: usize) -> bool {
        let plan = match self.policy.plan {
            GcPlan::Normal => return false,
            GcPlan::EverySafepoint => 1,
            GcPlan::Every(n) => n,
        };
        if self.policy.stress_in == 0 {
            self.policy.stress_in = plan.max(self.stress_pace(stack_words));
        }
        self.policy.stress_in -= 1;
        self.policy.stress_in == 0
    }

    /// Safepoints from one stress collection to the next, at least: a large heap or stack, each of whose collections moves and
    /// verifies all of it, would take time that grows with its square.
    fn stress_pace(&self, stack_words: usize) -> u32 {
        let words = self.words.len() + stack_words;
        if words < STRESSED_WORDS { 1 } else { u32::try_from(words / STRESSED_SHARE).unwrap_or(u32::MAX) }
    }

    /// Whether a semantic collection should sweep the old generation too.
    pub(crate) fn wants_major(&self) -> bool {
        self.policy.exact
            || self.policy.major_next
            || self.old_top > self.policy.old_limit
            || self.policy.minors >= self.policy.fullsweep_after
            || self.resources.wants_sweep()
    }

    /// Sets the next limit after a semantic collection that left `survivors` young words with `stack` words of
    /// stack, for `need` more.
    pub(crate) fn settle_semantic(&mut self, survivors: usize, stack: usize, major: bool, need: usize) {
        let live = self.words.len();
        if major {
            self.policy.major_next = false;
            self.policy.old_limit = OLD_WORDS_MIN.max(live.saturating_mul(2));
            self.policy.minors = 0;
        } else {
            self.policy.minors += 1;
        }
        let base = if self.policy.exact { live - self.young_pad() } else { survivors.max(self.old_top / 8) };
        // A collection costs what survives and what the stack holds; spread it over four times as much.
        let cost = base.max(self.policy.min_words) + stack;
        self.policy.budget = cost.saturating_mul(4).max(need.saturating_mul(2));
        if self.policy.max.size != 0 {
            // A limited heap is looked at before what is live could pass the limit.
            let room = self.policy.max.size.saturating_sub(live - self.young_pad());
            self.policy.budget = self.policy.budget.min(room.max(need).max(LIMITED_WORDS_MIN));
        }
        // Near the ceiling a production heap is collected whole, and then refused room, before collections
        // take all its time.
        let ceiling = self.policy.ceiling_words;
        let room = ceiling.saturating_sub(live - self.young_pad());
        if self.policy.budget > room {
            self.policy.budget = room.max(need);
            self.policy.major_next = true;
        }
        self.policy.exhausted = !self.policy.exact && major && room < ceiling / 32;
        let used = self.policy.live + self.policy.counted;
        self.policy.reclaimed_words += used.saturating_sub(live - self.young_pad()) as u64;
        self.policy.counted = 0;
        self.policy.question_at = QUESTION_WORDS;
        self.policy.mark = live;
        self.policy.live = live - self.young_pad();
        self.policy.off_heap = 0;
        self.policy.collections += 1;
        self.set_limit();
        let wanted = self.policy.semantic_limit;
        if self.words.capacity() > wanted.saturating_mul(4) {
            self.words.shrink_to(wanted);
            self.open_limit();
        }
    }

    /// After a stress collection: what was allocated stays counted.
    pub(crate) fn settle_stress(&mut self) {
        self.policy.mark = self.words.len();
        self.set_limit();
    }

    /// Allocation since the last semantic collection, in words, whatever stress collections did.
    pub(crate) fn allocated(&self) -> usize {
        self.policy.counted + self.words.len().saturating_sub(self.policy.mark)
    }

    /// The size of the heap as a program may see it, in words: what the last semantic collection left and what
    /// may be allocated until the next.
    pub(crate) fn apparent_words(&self) -> usize {
        self.policy.live + self.policy.budget
    }

    /// Words in use as a program may see them.
    pub fn apparent_used_words(&self) -> usize {
        self.policy.live + self.allocated()
    }

    fn set_limit(&mut self) {
        let Policy { mark, budget, counted, off_heap, .. } = self.policy;
        self.policy.semantic_limit = (mark + budget).saturating_sub(counted + off_heap);
        self.open_limit();
    }

    /// How far the program may allocate without looking: until something is due, or the block is to grow.
    pub(crate) fn open_limit(&mut self) {
        let mut limit = self.policy.first_limit();
        if self.has_questions() {
            let question = (self.policy.mark + self.policy.question_at).saturating_sub(self.policy.counted);
            limit = limit.min(question.saturating_sub(1));
        }
        self.limit = limit.min(self.words.capacity().max(UNRESERVED_WORDS));
    }

    /// Whether it may matter to the program when this heap is collected, and the simulator decides.
    fn has_questions(&self) -> bool {
        self.policy.exact && self.policy.max.size != 0
    }

    /// Whether the world is to be asked for a collection. Depends on allocation alone, not on the plan.
    pub(crate) fn question_due(&mut self) -> bool {
        if !self.has_questions() || self.allocated() < self.policy.question_at {
            return false;
        }
        self.policy.question_at = self.allocated() + QUESTION_WORDS;
        self.set_limit();
        true
    }

    /// Whether allocating `need` more words passes the semantic budget, whatever the plan.
    pub(crate) fn semantic_due(&self, need: usize) -> bool {
        self.words.len() + need > self.policy.semantic_limit
    }

    /// Counts a shared binary of `bytes` towards the next collection.
    pub(crate) fn charge_off_heap(&mut self, bytes: usize) {
        // A large binary must not force a collection per creation in a heap that holds little else.
        let words = bytes / 64;
        self.policy.off_heap += words;
        self.policy.semantic_limit = self.policy.semantic_limit.saturating_sub(words);
        self.open_limit();
    }

    /// Words at the bottom that are only padding of stress collections.
    pub(crate) fn young_pad(&self) -> usize {
        collect_pad(&self.words)
    }
}

fn collect_pad(words: &[u64]) -> usize {
    use crate::term::word::{Header, Kind};
    match words.first() {
        Some(&w) if w & 3 == 0 => {
            let header = Header::decode(w);
            if header.kind == Kind::Filler { header.size + 1 } else { 0 }
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::Word;

    /// A stress plan takes time that grows with what is allocated, not with its square.
    #[test]
    fn stress_is_paced_where_a_heap_or_a_stack_is_large() {
        for (plan, small, large) in [(GcPlan::EverySafepoint, 1_000, 4), (GcPlan::Every(5), 200, 4)] {
            let mut heap = Heap::new(Default::default(), Policy { plan, ..Policy::default() });
            let due = |heap: &mut Heap, stack| (0..1_000).filter(|_| heap.stress_due(stack)).count();
            assert_eq!(due(&mut heap, 0), small);
            assert!(due(&mut heap, 40_000) <= large);
            heap.new_list(&vec![Word::NIL; 20_000], Word::NIL).expect("it fits");
            assert!(due(&mut heap, 0) <= large);
        }
    }
}
