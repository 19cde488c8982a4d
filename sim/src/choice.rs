//! Choices: the one idea of the simulator.
//!
//! Everything that a run does not determine by itself is asked of a [`Chooser`]: seeded random, priorities,
//! replay, the shrinker's candidates and fuzzer bytes are all choosers. Invariant: option 0 is always the dull
//! one (go on with the same process, else with the one that has been able to run longest; deliver in order of
//! sending; fire no timer early; no fault), and a question with one option is not asked. So a schedule is
//! the short list of picks that are not 0.

use crate::kernel::fault::Fault;
use crate::name::Births;
use warpbeam::world::Op;

/// What kind of question a choice answers. Each class has its own random stream, so that switching one on
/// does not reshuffle another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Class {
    /// Who acts next.
    Order,
    /// How a message travels.
    Delivery,
    /// Whether a timer fires before everything else had to wait for it.
    Time,
    /// Which completion of the ring comes.
    Ring,
    /// Whether something goes wrong.
    Fault,
    /// Whether memory is collected here.
    Collect,
    /// A value that the program itself asks for.
    Data,
}

/// Classes in all.
pub const CLASSES: usize = 7;

/// Who can act, or what can be picked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Actor {
    /// A process, by its serial number in this run.
    Process(u32),
    /// The signals on their way from one process to another (pairwise delivery).
    Channel { from: u32, to: u32 },
    /// A timer, by its maker and the maker's reference count.
    Timer { owner: u32, count: u32 },
    /// The time limit of a receive, by its process and that process's event count.
    After { owner: u32, count: u32 },
    /// The completion of an operation of the ring, by its process and that one's reference count.
    Completion { owner: u32, count: u32 },
    /// What is on its way from one simulated host to another, by how many were on that link before; of a host to itself, the end
    /// of its being cut off.
    Link { from: u16, to: u16, count: u32 },
    /// Nobody: the answer "no".
    Nobody,
    /// A value.
    Value(u32),
    /// Something that goes wrong; or, of the machine as a whole, what it did last.
    Fault(Fault),
}

/// An option: who would act, and what the visible operation is that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opt {
    pub actor: Actor,
    pub op: Op,
}

/// The place of a choice in its run.
#[derive(Clone, Copy, Debug)]
pub struct Point<'a> {
    pub class: Class,
    /// Choices made before in this run.
    pub index: u64,
    /// Events before in this run.
    pub steps: u64,
    /// Who acted last, or (classes that belong to a process) whose question it is.
    pub actor: Actor,
    /// How many events that actor had done by then, or how many questions of this class it had asked.
    pub count: u32,
    /// Virtual time that the first option other than "no" costs, for [`Class::Time`].
    pub cost_ns: u64,
    /// Of 65,536 operations, how many something is to go wrong with, for [`Class::Fault`]; where that is given.
    pub rate: Option<u32>,
    /// Spawn paths by serial number.
    pub births: &'a Births,
}

impl Point<'_> {
    /// The place as a key: the same in every run in which the same process comes to the same event.
    #[inline]
    pub fn place(&self) -> PlaceKey {
        PlaceKey::new(self.class, self.births.actor_hash(self.actor), self.count)
    }

    /// The option as a key.
    #[inline]
    pub fn option(&self, actor: Actor) -> u64 {
        self.births.actor_hash(actor)
    }
}

/// A place as 64 bits; see [`Point::place`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PlaceKey(pub u64);

impl PlaceKey {
    pub fn new(class: Class, actor: u64, count: u32) -> PlaceKey {
        PlaceKey(crate::digest::fold(actor ^ ((class as u64) << 32), u64::from(count) | 1 << 40))
    }
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    pub actor: Actor,
    /// Its number among the actor's events, from 1.
    pub number: u32,
    pub op: Op,
    /// Number of the event in the run that this one follows from beside the actor's previous one: the send of
    /// a delivered signal, the start of a timer, the spawn of a process.
    pub cause: Option<u64>,
}

/// Answers the questions of a run.
pub trait Chooser {
    /// The index of the picked option. `options` has at least two.
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize;

    /// Told of each event, if [`Chooser::listens`].
    fn happened(&mut self, _event: &Event, _births: &Births) {}

    /// Whether [`Chooser::happened`] is to be called. Asked once, when a run begins.
    fn listens(&self) -> bool {
        false
    }
}

/// A choice as it is recorded: which question of the run, how many options, which one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pick {
    pub index: u64,
    pub arity: u32,
    pub pick: u32,
}
