//! Schedules and settings for proptest: they shrink towards the dull run under default settings.

use super::{BASES, CLASS, KINDS, Record, Records};
use crate::world::settings::{Delivery, Settings, TimeMode};
use proptest::prelude::*;
use warpbeam::heap::policy::GcPlan;

/// A decision of one of `processes` processes, at one of its first `events` events.
pub fn record(processes: u16, events: u16) -> impl Strategy<Value = Record> {
    let class = prop_oneof![8 => Just(0_usize), 1 => 1..CLASS.len()];
    (class, 0..KINDS, 0..processes, 0..events, 0..=processes).prop_map(|(class, kind, who, event, pick)| {
        Record {
            class: CLASS[class],
            // Mostly processes decide.
            kind: if event % 4 == 0 { kind } else { 0 },
            who,
            event,
            pick,
        }
    })
}

/// Schedules of up to `decisions` decisions beside those of a base.
pub fn records(decisions: usize, processes: u16, events: u16) -> impl Strategy<Value = Records> {
    let list = prop::collection::vec(record(processes, events), 0..=decisions);
    let base = prop::sample::select(BASES.to_vec());
    (base, any::<u32>(), list).prop_map(|(base, seed, list)| Records { scene: 0, base, seed, list })
}

/// Settings that no right program minds.
pub fn settings() -> impl Strategy<Value = Settings> {
    let plans = vec![GcPlan::Normal, GcPlan::Every(5), GcPlan::EverySafepoint];
    let deliveries = vec![Delivery::Causal, Delivery::Pairwise];
    let times = vec![TimeMode::Budget, TimeMode::Idle, TimeMode::Free];
    let select = (prop::sample::select(plans), prop::sample::select(deliveries), prop::sample::select(times));
    select.prop_map(|(gc, delivery, time)| Settings { gc, delivery, time, ..Settings::default() })
}
