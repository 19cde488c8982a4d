//! The first classes of runs that [`super::dpor`] would explore, for `auto` to try among the others.
//!
//! `dpor` reverses one race after the other, the last ones first, so a small program's bug is often in the first few of
//! them, where draws need hundreds. Invariant: what is found is a function of program and settings. It is no promise: the
//! decisions are followed at their places in a run in which timers may fire early, and programs that `dpor` refuses, or that
//! are not small, are not looked at.

use super::coverage::{Noted, Notes, Trail};
use super::dpor::beginning::Subject;
use super::dpor::{self, Dpor};
use super::replay::Repeat;
use super::survey::Survey;
use crate::choice::Pick;
use crate::runner::Runner;
use crate::world::settings::{Settings, TimeMode};
use std::sync::Arc;

/// Classes that are looked at; none after one with a violation.
const CLASSES_MAX: usize = 16;
/// Events of the dull run of a small program.
const EVENTS_MAX: u64 = 400;
/// Calls without a visible operation that are enough to give a run up.
const CALLS_MAX: u32 = 100_000;

/// The decisions of a run in each of the first classes.
pub fn scout(runner: &Runner, survey: &Survey) -> Vec<Trail> {
    let own = runner.settings();
    let settings = Settings {
        time: TimeMode::Idle,
        steps_max: own.steps_max.min(4 * EVENTS_MAX),
        livelock_calls: own.livelock_calls.min(CALLS_MAX),
        ..own.clone()
    };
    if survey.length > EVENTS_MAX || runner.services().is_some() || dpor::refusal(&settings).is_some() {
        return Vec::new();
    }
    let code = runner.world().code();
    let subject =
        Subject { code: Arc::clone(code), entry: runner.entry(), services: None, settings: &settings };
    let Ok(search) = Dpor::new(&subject) else { return Vec::new() };
    let mut classes: Vec<Vec<Pick>> = Vec::new();
    search.explore(&mut |explored| {
        classes.push(explored.picks.to_vec());
        explored.violation.is_none() && classes.len() < CLASSES_MAX
    });
    let mut runner = Runner::new(Arc::clone(code), runner.entry().clone(), settings);
    let mut trail_of = |picks: &Vec<Pick>| {
        let mut notes = Notes::default();
        runner.run(&mut Noted { inner: &mut Repeat::new(picks), notes: &mut notes });
        notes.trail
    };
    classes.iter().map(&mut trail_of).filter(|trail| !trail.is_empty()).collect()
}
