//! What the dull run shows: how long it is, what is asked, and who touches what.
//!
//! Sampling strategies take their estimates from it. Invariant: a function of program and settings; actors and objects
//! are named by hashes that are the same in every run.

use super::coverage::{Noted, Notes};
use super::dull::Dull;
use super::reverse::Race;
use crate::choice::{Actor, Chooser, Event, Opt, Point};
use crate::dependence::{Hashes, hash_of};
use crate::name::{Births, Path};
use crate::runner::Runner;
use std::fmt;
use std::sync::Arc;
use warpbeam::term::Atom;
use warpbeam::term::atom::FixedMap;
use warpbeam::world::{Object, Op};

/// Somebody who acts, in order of their first event.
#[derive(Clone, Copy, Debug)]
pub struct Acting {
    pub hash: u64,
    /// Its parent among them.
    pub parent: Option<usize>,
    pub events: u32,
}

/// An object that at least two touch.
#[derive(Clone, Debug)]
pub struct Contended {
    pub object: u64,
    /// Who, by place in [`Survey::actors`], and how often.
    pub by: Vec<(usize, u32)>,
}

#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// Events.
    pub length: u64,
    /// How many options each question had.
    pub arities: Vec<u32>,
    pub actors: Vec<Acting>,
    /// In order of the first touch.
    pub contended: Vec<Contended>,
    /// Its pairs and races.
    pub pairs: Vec<u32>,
    pub races: Vec<Race>,
    /// What a user's focus stands for.
    pub focus: Option<u64>,
}

/// What the user wants attention to be on: a process's mailbox by its path, or a registered name or a table by name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Focus {
    Process(Path),
    Name(Atom),
}

impl Focus {
    pub fn parse(text: &str) -> Option<Focus> {
        match Path::parse(text) {
            Some(path) => Some(Focus::Process(path)),
            None => Atom::new(text).ok().map(Focus::Name),
        }
    }
}

impl fmt::Display for Focus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Focus::Process(path) => path.fmt(f),
            Focus::Name(name) => f.write_str(name.text()),
        }
    }
}

/// What an operation touches, beside the operation's own process: the object, and the whole that it is a part of.
#[inline]
pub fn touched(op: Op, births: &Births) -> (u64, u64) {
    let object = hash_of(op.object(), births);
    match op.object() {
        Object::TableKey(at, _) => (object, births.of_table(at)),
        _ => (object, object),
    }
}

impl Survey {
    /// Of a run of which only the length is known.
    pub fn of_length(length: u64) -> Survey {
        Survey { length, ..Survey::default() }
    }

    /// Whether anything touched the object that was asked for.
    pub fn meets_focus(&self) -> bool {
        self.contended.iter().any(|contended| self.focus == Some(contended.object))
    }

    /// Makes the dull run.
    pub fn of(runner: &mut Runner, focus: Option<&Focus>) -> Arc<Survey> {
        let mut surveyor = Surveyor::default();
        let mut notes = Notes::default();
        let outcome = runner.run(&mut Noted { inner: &mut surveyor, notes: &mut notes });
        let focus = focus.map(|focus| match focus {
            Focus::Process(path) => path.hash(),
            // Messages to a registered process go to its mailbox, whoever looked its name up.
            Focus::Name(name) => {
                let world = runner.world();
                world.names.get(*name).map_or(name.digest(), |pid| world.births().pid_hash(pid))
            }
        });
        let survey = surveyor.survey(outcome.steps, focus);
        Arc::new(Survey { pairs: notes.pairs, races: notes.races, ..survey })
    }
}

#[derive(Default)]
struct Surveyor {
    arities: Vec<u32>,
    actors: Vec<Acting>,
    places: FixedMap<u64, usize>,
    objects: Vec<Contended>,
    object_places: FixedMap<u64, usize>,
    parents: Vec<Option<u64>>,
}

impl Surveyor {
    fn actor(&mut self, actor: Actor, births: &Births) -> usize {
        let hash = births.actor_hash(actor);
        if let Some(&at) = self.places.get(&hash) {
            return at;
        }
        let parent = match actor {
            Actor::Process(serial) => births.parent(serial).map(|parent| births.hash(parent)),
            _ => None,
        };
        self.places.insert(hash, self.actors.len());
        self.parents.push(parent);
        self.actors.push(Acting { hash, parent: None, events: 0 });
        self.actors.len() - 1
    }

    fn touch(&mut self, object: u64, by: usize) {
        let count = self.objects.len();
        let at = *self.object_places.entry(object).or_insert(count);
        if at == count {
            self.objects.push(Contended { object, by: Vec::new() });
        }
        let by_whom = &mut self.objects[at].by;
        match by_whom.iter_mut().find(|(who, _)| *who == by) {
            Some((_, times)) => *times += 1,
            None => by_whom.push((by, 1)),
        }
    }

    fn survey(mut self, length: u64, focus: Option<u64>) -> Survey {
        for (actor, parent) in self.actors.iter_mut().zip(&self.parents) {
            actor.parent = parent.and_then(|parent| self.places.get(&parent).copied());
        }
        let contended = self
            .objects
            .into_iter()
            .filter(|object| object.by.len() > 1 || focus == Some(object.object))
            .collect();
        let (arities, actors) = (self.arities, self.actors);
        Survey { length, arities, actors, contended, focus, ..Survey::default() }
    }
}

impl Chooser for Surveyor {
    fn choose(&mut self, at: &Point<'_>, options: &[Opt]) -> usize {
        self.arities.push(options.len() as u32);
        Dull.choose(at, options)
    }

    fn happened(&mut self, event: &Event, births: &Births) {
        let by = self.actor(event.actor, births);
        self.actors[by].events += 1;
        if event.op.object() == Object::Nothing {
            return;
        }
        let (object, whole) = touched(event.op, births);
        self.touch(object, by);
        if whole != object {
            self.touch(whole, by);
        }
    }

    fn listens(&self) -> bool {
        true
    }
}
