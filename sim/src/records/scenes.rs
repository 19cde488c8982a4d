//! Whole programs for fuzz targets: what the runtime promises of signals and monitors, of memory under pressure, of
//! tables, of descriptors and what is in flight on them.
//!
//! A target knows a range of the scenes; its input names one and the decisions of a run ([`super::Records`]). Any violation is
//! a bug of the runtime, since the programs are right. Invariant: a scene's run is a function of its bytes.
//! Which program it was and with which settings goes into the schedule that a crash file becomes.

use super::{Records, Writer};
use crate::choice::Chooser;
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
    beam: &'static [u8],
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
            beam: include_bytes!(concat!("../../../tests/planted/", $module, ".beam")),
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
    "full_heap" Defaults,
    "killed_by_limit" Defaults,
    "tagged_monitor" Stress,
    "out_of_order" Stress,
    "kept_value" Stress,
    "burst" Stress,
    "all_or_none" Defaults,
    "heir_writes" Defaults,
    "shared_read" Defaults,
    "closed_by_two" Defaults,
    "closed_with_owner" Defaults,
    "two_writers" Defaults,
    "killed_opening" Defaults,
    "long_write" Short,
    "long_write" Interrupted,
    "synced_log" Crash,
}

/// Messages, links, monitors, names, timers.
pub const SIGNALS: Range<u8> = 0..15;
/// Heap limits, and a collection at every chance.
pub const PRESSURE: Range<u8> = 15..21;
/// Descriptors that are closed while operations are in flight, by several, by the end of their owner; writes and syncs.
pub const DESCRIPTORS: Range<u8> = 23..31;

impl Scene {
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
        let module = code.load(self.beam).expect("a program of ours loads");
        let (function, arguments) = (Atom::known("main"), Parcel::immediate(Word::NIL));
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
#[derive(Default)]
pub struct Stage {
    runners: Vec<Option<Runner>>,
    notes: Notes,
}

/// What a run came to.
pub struct Played {
    /// `None`: the input names no scene of the target.
    pub violation: Option<Violation>,
    pub is_known: bool,
}

impl Stage {
    /// Runs what the bytes say, and counts which operations came one after the other.
    pub fn play(&mut self, bytes: &[u8], scenes: Range<u8>, count: &mut dyn FnMut(u32)) -> Played {
        let records = Records::from_bytes(bytes);
        if !scenes.contains(&records.scene) {
            return Played { violation: None, is_known: false };
        }
        let scene = usize::from(records.scene);
        if self.runners.len() <= scene {
            self.runners.resize_with(scene + 1, || None);
        }
        let runner = self.runners[scene].get_or_insert_with(|| SCENES[scene].runner());
        self.notes.clear();
        let mut player = records.chooser();
        let outcome = runner.run(&mut Noted { inner: &mut player, notes: &mut self.notes });
        let scene = u32::from(records.scene);
        self.notes.kinds.iter().for_each(|&kinds| count(kinds << 5 | scene & 31));
        Played { violation: violation_of(&outcome).cloned(), is_known: true }
    }
}

/// The records of a run that the chooser decides, if they can hold it.
pub fn records_of(runner: &mut Runner, scene: u8, chooser: &mut dyn Chooser) -> Option<Records> {
    let mut writer = Writer::new(chooser);
    runner.run(&mut writer);
    Records::of_run(scene, writer)
}
