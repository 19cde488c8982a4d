//! Whole programs for fuzz targets: what the runtime promises of signals and monitors, of memory under pressure, of
//! tables, of descriptors and what is in flight on them.
//!
//! A target knows a range of the scenes; its input names one and the decisions of a run ([`super::Records`]). Any violation is
//! a bug of the runtime, since the programs are right. Invariant: a scene's run is a function of its bytes.
//! Which program it was and with which settings goes into the schedule that a crash file becomes.

use super::asked::{Asked, Asking, Memory};
use super::mutate::{Mind, mutate};
use super::{Records, Writer};
use crate::choice::Chooser;
use crate::digest::fold;
use crate::explore::coverage::{Noted, Notes};
use crate::kernel::fault::{Fault, Faults};
use crate::oracle::Violation;
use crate::runner::{Runner, violation_of};
use crate::world::Entry;
use crate::world::settings::{Delivery, Settings, TimeMode};
use std::ops::Range;
use std::sync::Arc;
use warpbeam::code::CodeServer;
use warpbeam::code::path::CodePath;
use warpbeam::heap::parcel::Parcel;
use warpbeam::heap::policy::GcPlan;
use warpbeam::term::{Atom, Word};

/// A program and the settings of its runs.
pub struct Scene {
    pub module: &'static str,
    function: &'static str,
    /// Its modules; the one that is entered last.
    beams: &'static [&'static [u8]],
    with: With,
}

#[derive(Clone, Copy)]
enum With {
    Defaults,
    Stress,
    Pairwise,
    Idle,
    Short,
    Interrupted,
    Crash,
}

macro_rules! scenes {
    ($($module:literal $with:ident,)*) => {
        /// All of them, by the number that the first byte of an input is.
        pub const SCENES: &[Scene] = &[$(Scene {
            module: $module,
            function: "main",
            beams: &[include_bytes!(concat!("../../../tests/planted/", $module, ".beam"))],
            with: With::$with,
        }),*];
    };
}

scenes! {
    "last_words" Defaults,
    "burst" Defaults,
    "call_among_news" Defaults,
    "out_of_order" Defaults,
    "told_once" Defaults,
    "crossing_monitor" Pairwise,
    "demonitored" Pairwise,
    "linked_again" Pairwise,
    "unlinked" Defaults,
    "true_reason" Defaults,
    "name_is_free" Defaults,
    "first_reply" Defaults,
    "let_go" Defaults,
    "time_limit" Idle,
    "cancel_race" Defaults,
    "third_try" Defaults,
    "held_by_five" Defaults,
    "full_heap" Defaults,
    "killed_by_limit" Defaults,
    "tagged_monitor" Stress,
    "out_of_order" Stress,
    "kept_value" Stress,
    "burst" Stress,
    "swept_often" Defaults,
    "all_or_none" Defaults,
    "heir_writes" Defaults,
    "shared_read" Defaults,
    "closed_by_two" Defaults,
    "closed_with_owner" Defaults,
    "read_by_two" Defaults,
    "two_writers" Defaults,
    "killed_opening" Defaults,
    "long_write" Short,
    "long_write" Interrupted,
    "synced_log" Crash,
}

/// Messages, links, monitors, names, timers.
pub const SIGNALS: Range<u8> = 0..17;
/// Heap limits, and a collection at every chance.
pub const PRESSURE: Range<u8> = 17..24;
/// Descriptors that are closed while operations are in flight, by several, by the end of their owner; writes and syncs.
pub const DESCRIPTORS: Range<u8> = 26..35;

impl Scene {
    /// A program of somebody else's list, with the default settings.
    pub const fn of(module: &'static str, function: &'static str, beams: &'static [&'static [u8]]) -> Scene {
        Scene { module, function, beams, with: With::Defaults }
    }

    /// Where the program lies in the repository.
    pub fn path(&self) -> String {
        format!("tests/planted/{}.beam", self.module)
    }

    pub fn settings(&self) -> Settings {
        // A fuzzer is to see many runs, not long ones.
        let defaults = Settings { steps_max: 5_000, ..Settings::default() };
        let faults = |fault| Settings { faults: Faults::NONE.with(fault), ..defaults.clone() };
        match self.with {
            With::Short => faults(Fault::Short),
            With::Interrupted => faults(Fault::Interrupted),
            With::Crash => faults(Fault::Crash),
            With::Defaults => defaults,
            With::Stress => Settings { gc: GcPlan::EverySafepoint, ..defaults },
            With::Pairwise => Settings { delivery: Delivery::Pairwise, ..defaults },
            With::Idle => Settings { time: TimeMode::Idle, ..defaults },
        }
    }

    pub fn runner(&self) -> Runner {
        let code = Arc::new(CodeServer::new(Box::new(CodePath::default())));
        let load = |beam: &&[u8]| code.load(beam).expect("a program of ours loads");
        let module =
            self.beams.iter().fold(None, |_, beam| Some(load(beam))).expect("a program has a module");
        let (function, arguments) = (Atom::known(self.function), Parcel::immediate(Word::NIL));
        Runner::new(code, Entry { module, function, arguments, arity: 0 }, self.settings())
    }

    /// The scene of a module with these settings.
    pub fn number(module: &str, settings: &Settings) -> Option<u8> {
        let same = |scene: &Scene| {
            let own = scene.settings();
            let about = |s: &Settings| (s.gc, s.delivery, s.time, s.faults);
            scene.module == module && about(&own) == about(settings)
        };
        SCENES.iter().position(same).map(|at| at as u8)
    }
}

/// Runners of the scenes that a target has come to.
pub struct Stage {
    list: &'static [Scene],
    runners: Vec<Option<Runner>>,
    notes: Notes,
    memory: Memory,
}

impl Default for Stage {
    fn default() -> Stage {
        Stage::of(SCENES)
    }
}

/// What a run came to.
pub struct Played {
    /// `None`: the input names no scene of the target.
    pub violation: Option<Violation>,
    pub is_known: bool,
}

impl Stage {
    pub fn of(list: &'static [Scene]) -> Stage {
        let mut runners = Vec::new();
        runners.resize_with(list.len(), || None);
        Stage { list, runners, notes: Notes::default(), memory: Memory::default() }
    }

    /// Runs what the bytes say. `count` is told of each order of two events that may matter; without it none is looked at.
    pub fn play(&mut self, bytes: &[u8], scenes: Range<u8>, count: Option<&mut dyn FnMut(u32)>) -> Played {
        let records = Records::from_bytes(bytes);
        if !scenes.contains(&records.scene) {
            return Played { violation: None, is_known: false };
        }
        let scene = usize::from(records.scene);
        let runner = self.runners[scene].get_or_insert_with(|| self.list[scene].runner());
        let (mut player, mut asked) = (records.chooser(), Asked::of_scene(records.scene));
        let mut asking = Asking { inner: &mut player, asked: &mut asked };
        let outcome = match count {
            None => runner.run(&mut asking),
            Some(count) => {
                self.notes.clear();
                let outcome = runner.run(&mut Noted { inner: &mut asking, notes: &mut self.notes });
                let of_scene = |&order: &u32| fold(u64::from(order), u64::from(records.scene)) as u32;
                self.notes.orders.iter().map(of_scene).for_each(count);
                outcome
            }
        };
        self.memory.keep(bytes, asked);
        Played { violation: violation_of(&outcome).cloned(), is_known: true }
    }

    /// Mutates an input of a target; see [`mutate`].
    pub fn mutate(&mut self, bytes: &mut [u8], size: usize, seed: u32, scenes: Range<u8>) -> usize {
        let asked = self.memory.of(&bytes[..size]);
        let unseen = scenes.clone().find(|&scene| self.runners[usize::from(scene)].is_none());
        let mind = Mind { scenes, unseen, asked: asked.as_deref(), tried: &self.memory.tried };
        mutate(bytes, size, seed, &mind)
    }
}

/// The records of a run that the chooser decides, if they can hold it.
pub fn records_of(runner: &mut Runner, scene: u8, chooser: &mut dyn Chooser) -> Option<Records> {
    let mut writer = Writer::new(chooser);
    runner.run(&mut writer);
    Records::of_run(scene, writer)
}
