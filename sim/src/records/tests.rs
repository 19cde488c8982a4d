//! Records against what they stand for: bytes and back, runs and back, mutations within bounds.

use super::asked::{Asked, Asking, Memory, Tried};
use super::mutate::{Mind, mutate};
use super::scenes::{PRESSURE, SCENES, SIGNALS, Stage, records_of};
use super::strategies::{records, settings};
use super::{Records, UNIT};
use crate::digest::Digest;
use crate::explore::replay::Replay;
use crate::world::settings::Settings;
use arbitrary::{Arbitrary, Unstructured};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    /// A run that records decide is the run that the records written of it decide, and a schedule of it.
    #[test]
    fn a_run_becomes_records_and_schedule_and_stays_the_same(
        records in records(12, 5, 20),
        scene in 0..SCENES.len() as u8,
    ) {
        let records = Records { scene, ..records };
        prop_assert_eq!(&Records::from_bytes(&records.to_bytes()), &records);
        let scene_of = &SCENES[usize::from(scene)];
        let mut runner = scene_of.runner();
        let (outcome, keep) = runner.keep(&mut records.chooser());
        let (again, _, divergence) = runner.replay(&keep.deviations);
        prop_assert_eq!(divergence, None);
        prop_assert_eq!(&again, &outcome);
        let mut replay = Replay::strict(&keep.deviations);
        let written = records_of(&mut runner, scene, &mut replay);
        if let Some(written) = written {
            prop_assert_eq!(written.list.len(), keep.deviations.len());
            prop_assert_eq!(runner.run(&mut written.chooser()), outcome);
        }
    }

    /// Right programs mind no schedule and no settings.
    #[test]
    fn scenes_are_clean(records in records(6, 5, 20), settings in settings()) {
        let mut stage = Stage::default();
        let scene = (records.seed % SCENES.len() as u32) as u8;
        let played = stage.play(&Records { scene, ..records }.to_bytes(), 0..SCENES.len() as u8, Some(&mut |_| ()));
        prop_assert!(played.is_known && played.violation.is_none(), "{}: {:?}", SCENES[usize::from(scene)].module, played.violation);
        prop_assert_ne!(settings.steps_max, 0);
    }

    #[test]
    fn mutations_are_whole_records_of_the_target(
        bytes in prop::collection::vec(any::<u8>(), 0..100),
        room in 1..12_usize,
        seed in any::<u32>(),
    ) {
        let size = bytes.len().min(room * UNIT);
        let mut data = bytes[..size].to_vec();
        data.resize(room * UNIT, 0);
        let now = mutate(&mut data, size, seed, &Mind { scenes: PRESSURE, unseen: None, asked: None, tried: &Tried::default() });
        prop_assert!(now.is_multiple_of(UNIT) && now >= UNIT && now <= room * UNIT);
        prop_assert!(PRESSURE.contains(&Records::from_bytes(&data[..now]).scene));
    }

    #[test]
    fn any_bytes_are_records(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let records = Records::arbitrary(&mut Unstructured::new(&bytes)).expect("any bytes");
        prop_assert_eq!(&records, &Records::from_bytes(&bytes));
        prop_assert!(Settings::arbitrary(&mut Unstructured::new(&bytes)).is_ok());
    }
}

/// Nearly all decisions have room in a record, and a record changes one decision.
#[test]
fn most_runs_can_be_written() {
    let mut written = 0;
    for seed in 0..100 {
        let scene = (seed % SCENES.len() as u32) as u8;
        let records = Records { scene, base: super::Base::Random, seed, list: Vec::new() };
        let mut runner = SCENES[usize::from(scene)].runner();
        written += usize::from(records_of(&mut runner, scene, &mut records.chooser()).is_some());
    }
    assert!(written >= 95, "{written} of 100");
    assert!(SIGNALS.end == PRESSURE.start && usize::from(PRESSURE.end) <= SCENES.len());
}

/// Room for a mutated input.
const ROOM: usize = 200 * UNIT;

/// An input's run: its digest, and what it was asked.
fn asked_of(bytes: &[u8]) -> (Digest, Asked) {
    let records = Records::from_bytes(bytes);
    let (mut player, mut asked) = (records.chooser(), Asked::of_scene(records.scene));
    let mut runner = SCENES[usize::from(records.scene)].runner();
    let outcome = runner.run(&mut Asking { inner: &mut player, asked: &mut asked });
    (outcome.digest, asked)
}

/// What a mutation comes to where it is known what the run was asked: another run, that begins as the old one did.
#[test]
fn most_aimed_mutations_change_the_run_and_few_blind_ones_do() {
    const MUTATIONS: u32 = 200;
    let parent =
        Records { scene: SIGNALS.start, base: super::Base::Random, seed: 1, list: Vec::new() }.to_bytes();
    let (digest, asked) = asked_of(&parent);
    assert!(asked.len() > 2);
    let changed = |known: Option<&Asked>| {
        let scenes = SIGNALS.start..SIGNALS.start + 1;
        let mind = Mind { scenes, unseen: None, asked: known, tried: &Tried::default() };
        let differs = |seed: &u32| {
            let mut data = parent.clone();
            data.resize(ROOM, 0);
            let size = mutate(&mut data, parent.len(), *seed, &mind);
            asked_of(&data[..size]).0 != digest
        };
        (0..MUTATIONS).filter(differs).count()
    };
    let (aimed, blind) = (changed(Some(&asked)), changed(None));
    assert!(aimed > 130 && aimed > 2 * blind, "of {MUTATIONS} {aimed}, blindly {blind}");
}

/// With one mutation after the other of one input, each answer that its run could have been given is given.
#[test]
fn mutations_give_the_answers_that_no_run_gave() {
    let scenes = SIGNALS.start..SIGNALS.start + 1;
    let parent = Records { scene: scenes.start, ..Records::default() }.to_bytes();
    let mut memory = Memory::default();
    memory.keep(&parent, asked_of(&parent).1);
    let asked = memory.of(&parent).expect("it was kept");
    let untried = asked.untried(&memory.tried).len();
    assert!(untried > 5, "{untried}");
    // A quarter of the mutations is of other kinds.
    for seed in 0..2 * untried as u32 {
        let mind = Mind { scenes: scenes.clone(), unseen: None, asked: Some(&asked), tried: &memory.tried };
        let mut data = parent.clone();
        data.resize(ROOM, 0);
        let size = mutate(&mut data, parent.len(), seed, &mind);
        let new = asked_of(&data[..size]).1;
        memory.keep(&data[..size], new);
    }
    assert_eq!(asked.untried(&memory.tried).len(), 0);
}
