//! Events of a watched run, and when two of them are dependent.
//!
//! An event is an operation with all that followed at once: signals handled, receives that took what came.
//! Invariant: names (actor hash, number) are the same in every run in which the event occurs.

use super::probe::{Glance, Patience, Prober};
use super::stepping::{CLOCK, Stepped};
use crate::choice::Actor;
use crate::dependence::{Access, Kind, Mode};
use crate::world::SimWorld;
use crate::world::watch::Effect;
use std::rc::Rc;
use warpbeam::process::signal::Signal;
use warpbeam::world::{Op, OpKind};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EventId {
    pub actor: u64,
    pub number: u32,
}

/// A message by the event that sent it, and which of that event's it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MessageId {
    pub event: EventId,
    pub which: u32,
}

#[derive(Clone, Debug)]
pub struct Sent {
    pub to: u64,
    /// Its number among the receiver's signals in this run.
    pub nth: u64,
    pub digest: u64,
    /// `None` while it is not known.
    pub signal: Option<Signal>,
}

/// A receive took a message.
#[derive(Clone, Debug)]
pub struct Taken {
    pub by: u64,
    pub message: MessageId,
    pub glance: Rc<Glance>,
}

/// Something that came of what a process had received.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct After {
    pub by: u64,
    pub access: Access,
}

/// What a timer that fires comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// The event that touched this object first.
    Touch(Access),
    /// The last event of this process.
    Last(u64),
}

/// A bit for each object that is touched, by its hash, for each mode: whether two events touch the same in a way
/// that does not commute can mostly be told from these, without looking at any access.
#[derive(Clone, Copy, Debug, Default)]
pub struct Touches {
    all: u64,
    writes: u64,
    parts: u64,
    wholes: u64,
}

impl Touches {
    fn add(&mut self, access: &Access) {
        let bit = 1 << (access.object >> 58);
        self.all |= bit;
        match access.mode {
            Mode::Read => {}
            Mode::Write => self.writes |= bit,
            Mode::Part => self.parts |= bit,
            Mode::Whole => self.wholes |= bit,
        }
    }

    /// Two that clash may clash; others mostly may not.
    #[inline]
    pub fn may_clash(&self, other: &Touches) -> bool {
        let writes = self.writes & other.all | self.all & other.writes;
        writes | self.parts & other.wholes | self.wholes & other.parts != 0
    }

    #[inline]
    fn may_clash_with(&self, access: &Access) -> bool {
        let bit = 1u64 << (access.object >> 58);
        let clashing = match access.mode {
            Mode::Read => self.writes,
            Mode::Write => self.all,
            Mode::Part => self.writes | self.wholes,
            Mode::Whole => self.writes | self.parts,
        };
        clashing & bit != 0
    }
}

#[derive(Clone, Debug)]
pub struct Event {
    pub id: EventId,
    pub op: Op,
    pub accesses: Vec<Access>,
    /// What `accesses` touch, and `after` too; see [`Event::seal`].
    pub touches: (Touches, Touches),
    pub sent: Vec<Sent>,
    /// In order.
    pub taken: Vec<Taken>,
    /// Receives that found nothing and did not wait: by whom.
    pub missed: Vec<(u64, Rc<Glance>)>,
    /// The receive that this event is took this message, and would have given up without one.
    pub instead: Option<(MessageId, Rc<Glance>)>,
    /// Everything that can happen before it has happened.
    pub barrier: bool,
    /// What processes did at once after receiving, with what they had received since their last events.
    pub after: Vec<After>,
    /// Processes whose state it sees or stops.
    pub sees: Vec<u64>,
    /// What the clock's events need: the start of the timer, or its process's last event.
    pub needs: Option<Need>,
    pub spawned: Vec<u64>,
    /// Who was waiting and is not any more.
    pub enabled: Vec<u64>,
    /// What stood before its next event, which this event stopped: it will never be, or not be next.
    pub stopped: Vec<EventId>,
    /// Those events, as they would have been. Found out by the search.
    pub instead_of: Vec<Rc<Event>>,
    /// The receive that each process mentioned is in after the event.
    pub looking: Vec<(u64, Option<Rc<Glance>>)>,
}

/// Accesses that most events have at most.
const ACCESSES: usize = 8;

impl Event {
    fn new(id: EventId, op: Op) -> Event {
        Event {
            id,
            op,
            accesses: Vec::with_capacity(ACCESSES),
            touches: Default::default(),
            sent: Vec::new(),
            taken: Vec::new(),
            missed: Vec::new(),
            instead: None,
            barrier: false,
            after: Vec::new(),
            sees: Vec::new(),
            needs: None,
            spawned: Vec::new(),
            enabled: Vec::new(),
            stopped: Vec::new(),
            instead_of: Vec::new(),
            looking: Vec::new(),
        }
    }

    /// Whether it hands over a message that the receive of `by` accepts. `but` one of them.
    pub fn offers(&self, by: u64, glance: &Glance, but: Option<MessageId>, prober: &mut Prober) -> bool {
        self.sent.iter().enumerate().any(|(which, sent)| {
            sent.to == by
                && but != Some(MessageId { event: self.id, which: which as u32 })
                && prober.accepts(glance, sent.signal.as_ref(), sent.digest)
        })
    }

    /// It may come before an event because of what that sends.
    pub fn may_precede_sends(&self) -> bool {
        !self.missed.is_empty() || self.taken.iter().any(|taken| taken.message.event == self.id)
    }

    /// A receive that was waiting took a message of this very event, and would have taken one of `other` too.
    fn feeds_before(&self, other: &Event, prober: &mut Prober) -> bool {
        self.taken.iter().any(|t| t.message.event == self.id && other.offers(t.by, &t.glance, None, prober))
    }

    /// Processes whose receives it may have to do with.
    pub fn parties(&self) -> impl Iterator<Item = u64> + '_ {
        let others = self.sent.iter().map(|sent| sent.to).chain(self.taken.iter().map(|taken| taken.by));
        std::iter::once(self.id.actor).chain(others)
    }

    /// What a receive of this process does next may be another thing after it.
    pub fn deals_with(&self, by: u64) -> bool {
        self.parties().any(|party| party == by)
    }

    /// It does not commute with everything that this process can do at once after a receive.
    pub fn minds(&self, by: u64) -> bool {
        let kinds = [Kind::Ending, Kind::TrapsExits, Kind::Monitors, Kind::NameOf];
        kinds.iter().any(|&kind| self.clashes(&Access::new(kind, by, Mode::Write)))
    }

    /// Whether what comes of it after all these, which it commutes with as it is, may not commute with them: it and
    /// they have to do with a receive, what comes of a receive comes with the last of the events that it needs, and
    /// one of them minds.
    pub fn is_entangled<'a>(&self, others: impl Iterator<Item = &'a Event> + Clone) -> bool {
        self.parties().any(|by| {
            others.clone().any(|other| other.deals_with(by)) && others.clone().any(|other| other.minds(by))
        })
    }

    /// An operation on a table or a counter: what it touches is a function of the operation, and beside that it can
    /// bring about something only with what its own process has received.
    pub fn is_on_memory(&self) -> bool {
        use OpKind::{Cell, CounterAdd, CounterRead, CounterWrite, EtsInsert, EtsRead, EtsScan, EtsWrite};
        let memory = matches!(
            self.op.kind(),
            CounterRead | CounterAdd | CounterWrite | Cell | EtsRead | EtsWrite | EtsInsert | EtsScan
        );
        memory && !self.barrier
    }

    /// Nothing came of it that would not have come of it in another order.
    pub fn is_plain(&self) -> bool {
        self.taken.is_empty()
            && self.stopped.is_empty()
            && self.instead_of.is_empty()
            && self.instead.is_none()
    }

    /// Nothing is added to what it touches from now on.
    fn seal(&mut self) {
        let mut touches = Touches::default();
        self.accesses.iter().for_each(|access| touches.add(access));
        self.touches.0 = touches;
        self.after.iter().for_each(|after| touches.add(&after.access));
        self.touches.1 = touches;
    }

    /// Whether it touches the same in a way that does not commute.
    #[inline]
    pub fn clashes(&self, access: &Access) -> bool {
        self.touches.1.may_clash_with(access) && self.clashes_with(access)
    }

    /// Whether an access of `other`'s own clashes.
    #[inline]
    fn clashes_any(&self, other: &Event) -> bool {
        self.touches.1.may_clash(&other.touches.0) && other.accesses.iter().any(|access| self.clashes(access))
    }

    fn clashes_with(&self, access: &Access) -> bool {
        self.accesses.iter().chain(self.after.iter().map(|a| &a.access)).any(|own| own.clashes(access))
    }

    fn misses(&self, other: &Event, prober: &mut Prober) -> bool {
        self.missed.iter().any(|(by, glance)| other.offers(*by, glance, None, prober))
    }
}

/// Whether two events that can both come next do not commute, whatever is observed later.
#[inline]
pub fn dependent(a: &Event, b: &Event, prober: &mut Prober) -> bool {
    // Most pairs have nothing to do with each other.
    let deaf = |event: &Event| event.missed.is_empty() && event.taken.is_empty();
    if a.id.actor != b.id.actor
        && !a.touches.1.may_clash(&b.touches.1)
        && !(a.barrier || b.barrier)
        && deaf(a)
        && deaf(b)
    {
        return false;
    }
    let plain = b.after.is_empty() && b.missed.is_empty() && b.taken.is_empty();
    follows(a, b, prober) || !plain && precedes_by_contents(a, b, prober)
}

fn precedes_by_contents(a: &Event, b: &Event, prober: &mut Prober) -> bool {
    b.after.iter().any(|after| a.clashes(&after.access)) || b.misses(a, prober) || b.feeds_before(a, prober)
}

/// Whether `b` comes after `a` by more than chance, in a run that has them in this order; without what came of
/// messages that `b` let a process receive ([`Event::after`]).
#[inline]
pub fn follows(a: &Event, b: &Event, prober: &mut Prober) -> bool {
    // Most pairs have nothing to do with each other.
    let apart = !a.touches.1.may_clash(&b.touches.0) && a.missed.is_empty() && a.taken.is_empty();
    a.id.actor == b.id.actor || a.barrier || b.barrier || !apart && follows_by_contents(a, b, prober)
}

fn follows_by_contents(a: &Event, b: &Event, prober: &mut Prober) -> bool {
    a.clashes_any(b) || a.misses(b, prober) || a.feeds_before(b, prober)
}

/// What the events before an event say about who looks, and who sent what.
pub trait Past {
    /// The receive that a process is in.
    fn glance(&self, actor: u64) -> Option<Rc<Glance>>;
    fn sender(&self, to: u64, nth: u64) -> Option<MessageId>;
    fn clock_events(&self) -> u32;
}

/// Makes an event of what a step did, and of its effects, which are taken from the world. That is as it is after the step.
pub fn event_of(stepped: &Stepped, world: &mut SimWorld, past: &dyn Past, prober: &mut Prober) -> Event {
    let watch = world.watch.as_mut().expect("the world is watched");
    let mut effects = std::mem::take(&mut watch.effects);
    let event = made_of(stepped, effects.drain(..), world, past, prober);
    world.watch.as_mut().expect("it was above").effects = effects;
    event
}

fn made_of(
    stepped: &Stepped,
    effects: impl Iterator<Item = Effect>,
    world: &SimWorld,
    past: &dyn Past,
    prober: &mut Prober,
) -> Event {
    let (id, op) = match &stepped.event {
        Some(event) => match event.actor {
            Actor::Process(serial) => {
                (EventId { actor: world.hash_of(serial), number: event.number }, event.op)
            }
            completion @ Actor::Completion { .. } => {
                let actor = world.births().actor_hash(completion);
                (EventId { actor, number: event.number }, event.op)
            }
            _ => (EventId { actor: CLOCK, number: past.clock_events() + 1 }, event.op),
        },
        // What happened before the first event.
        None => (EventId { actor: 0, number: 0 }, Op::of(OpKind::Start)),
    };
    let mut event = Event::new(id, op);
    event.needs = stepped.event.as_ref().and_then(|happened| match happened.actor {
        Actor::Timer { owner, count } => {
            Some(Need::Touch(Access::timer(world.hash_of(owner), u64::from(count))))
        }
        Actor::After { owner, .. } => Some(Need::Last(world.hash_of(owner))),
        _ => None,
    });
    match event.needs {
        Some(Need::Touch(access)) => event.accesses.push(access),
        Some(Need::Last(owner)) => event.accesses.push(Access::new(Kind::Steps, owner, Mode::Part)),
        None => {}
    }
    event.barrier = stepped.time_passed || op.kind() == OpKind::Halt;
    for effect in effects {
        apply(&mut event, effect, world, past, prober);
    }
    if stepped.clock_stopped {
        event.stopped.push(EventId { actor: CLOCK, number: past.clock_events() + 1 });
    }
    event.accesses.sort_unstable();
    event.accesses.dedup();
    event.seal();
    event.enabled.retain(|&actor| world.can_act(actor));
    event
}

fn apply(event: &mut Event, effect: Effect, world: &SimWorld, past: &dyn Past, prober: &mut Prober) {
    match effect {
        Effect::Touched(access) => event.accesses.push(access),
        Effect::Sent { to, nth, signal, digest } => {
            let (to, signal) = (world.hash_of(to), Some(signal));
            event.sent.push(Sent { to, nth, digest, signal });
        }
        Effect::Spawned { serial } => event.spawned.push(world.hash_of(serial)),
        Effect::Began { actor } => event.spawned.push(actor),
        Effect::Unseated { actor, number } => event.stopped.push(EventId { actor, number }),
        Effect::Woke { serial } => event.enabled.push(world.hash_of(serial)),
        Effect::Looks { by, look } => {
            set(&mut event.looking, world.hash_of(by), Some(Rc::new(Glance::new(look))));
        }
        Effect::Took { by, nth } => take(event, world.hash_of(by), nth, world, past, prober),
        Effect::GaveUp { by } => {
            let by = world.hash_of(by);
            if let Some(glance) = glance_of(event, by, past) {
                event.missed.push((by, glance));
            }
            set(&mut event.looking, by, None);
        }
        Effect::Asked { serial } => event.sees.push(world.hash_of(serial)),
        Effect::TouchedBy { serial, access } => {
            event.after.push(After { by: world.hash_of(serial), access });
        }
        Effect::Stopped { serial, before: None, ends } => {
            let actor = world.hash_of(serial);
            event.sees.push(actor);
            // What it was waiting for comes too late.
            if ends && let Some(glance) = glance_of(event, actor, past) {
                event.missed.push((actor, glance));
            }
        }
        Effect::Stopped { serial, before: Some(_), .. } => {
            let actor = world.hash_of(serial);
            event.sees.push(actor);
            event.stopped.push(EventId { actor, number: world.events_of(serial) + 1 });
        }
    }
}

/// The receive that a process is in by now.
fn glance_of(event: &Event, actor: u64, past: &dyn Past) -> Option<Rc<Glance>> {
    match event.looking.iter().find(|(a, _)| *a == actor) {
        Some((_, glance)) => glance.clone(),
        None => past.glance(actor),
    }
}

/// `by` took its `nth` signal.
fn take(event: &mut Event, by: u64, nth: u64, world: &SimWorld, past: &dyn Past, prober: &mut Prober) {
    let own = event.sent.iter().position(|s| s.to == by && s.nth == nth);
    let message = match own {
        Some(which) => Some(MessageId { event: event.id, which: which as u32 }),
        None => past.sender(by, nth),
    };
    let glance = glance_of(event, by, past).expect("a receive is announced before it takes");
    let message = message.expect("a message that is taken was sent");
    if event.op.kind() == OpKind::Receive && by == event.id.actor && event.taken.is_empty() {
        match prober.patience(&glance) {
            Patience::None => event.instead = Some((message, glance.clone())),
            // Had it come first it would have started its time limit.
            Patience::Until { wait_ns } => {
                let deadline = world.now().ns.saturating_add(wait_ns);
                event.accesses.push(Access::new(Kind::Deadline, deadline, Mode::Write));
            }
            Patience::Endless => {}
        }
    }
    if by != event.id.actor {
        event.accesses.push(Access::new(Kind::Steps, by, Mode::Part));
    }
    event.taken.push(Taken { by, message, glance });
    set(&mut event.looking, by, None);
}

fn set(looking: &mut Vec<(u64, Option<Rc<Glance>>)>, actor: u64, glance: Option<Rc<Glance>>) {
    looking.retain(|(a, _)| *a != actor);
    looking.push((actor, glance));
}

impl SimWorld {
    fn can_act(&self, actor: u64) -> bool {
        self.runnable.options().iter().any(|o| self.births.actor_hash(o.actor) == actor)
    }

    /// Events that the process has done.
    fn events_of(&self, serial: u32) -> u32 {
        self.slots.of_serial(serial).map_or(0, |at| self.slots.at(at).events)
    }
}
