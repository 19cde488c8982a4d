//! Checks with a judge: Rust code that looks at the world in which each run ended, at its output and its result.
//!
//! Invariant: run `i` is a function of seed and `i`; a judge that is a function of the world leaves it so.

use super::{Check, Clean, Judge, Problem, judged};
use crate::cli::program::Program;
use crate::cli::verdict::Shown;
use crate::explore::dull::Dull;
use crate::explore::replay::Repeat;
use crate::explore::strategy::{Strategy, StrategyKind};
use crate::explore::survey::Survey;
use crate::oracle::Violation;
use crate::records::Records;
use crate::runner::Runner;
use crate::schedule::Deviation;
use crate::shrink::shrink_by;
use crate::world::settings::Settings;
use std::sync::Arc;

impl Check {
    /// Explores, and lets `judge` say of each run that ended well whether it did.
    pub fn judge(&self, judge: Judge<'_>) -> Result<Clean, Problem> {
        let program = self.load()?;
        let seed = self.seed_of_runs();
        let settings = Settings { seed, ..self.settings.clone() };
        let mut runner = program.runner(settings.clone());
        let kind = match self.strategy {
            // These learn or enumerate in ways that know no judge.
            StrategyKind::Auto | StrategyKind::Coverage | StrategyKind::Bounded | StrategyKind::Dpor => {
                StrategyKind::Mix
            }
            StrategyKind::Surw => StrategyKind::Pos,
            sampling => sampling,
        };
        let length = runner.run(&mut Dull).steps;
        let mut strategy = Strategy::new(kind, seed, &Arc::new(Survey::of_length(length)));
        let mut clean = Clean::default();
        for run in 0..self.number_of_runs() {
            strategy.start_run(run);
            let outcome = runner.run(&mut strategy);
            if let Some(violation) = judged(runner.world(), &outcome, judge) {
                let picks = runner.picks();
                let (_, keep) = runner.keep(&mut Repeat::new(&picks));
                return Err(self.smallest(&program, &mut runner, keep.deviations, &violation, run, judge));
            }
            clean.runs += 1;
        }
        Ok(clean)
    }

    /// One run, decided by records, with a judge.
    pub fn play_and_judge(&self, records: &Records, judge: Judge<'_>) -> Result<(), Problem> {
        let program = self.load()?;
        let mut runner = program.runner(Settings { seed: self.seed_of_runs(), ..self.settings.clone() });
        let outcome = runner.run(&mut records.chooser());
        let Some(violation) = judged(runner.world(), &outcome, judge) else { return Ok(()) };
        let (_, keep) = runner.keep(&mut records.chooser());
        Err(self.smallest(&program, &mut runner, keep.deviations, &violation, 0, judge))
    }

    fn smallest(
        &self,
        program: &Program,
        runner: &mut Runner,
        deviations: Vec<Deviation>,
        violation: &Violation,
        run: u64,
        judge: Judge<'_>,
    ) -> Problem {
        let shrunk = shrink_by(runner, deviations, &mut |world, outcome| {
            judged(world, outcome, judge).is_some_and(|v| v.fingerprint == violation.fingerprint)
        });
        let shown = Shown::of(runner, &shrunk.deviations, &program.call());
        let as_shown = judged(runner.world(), &shown.outcome, judge).unwrap_or_else(|| violation.clone());
        self.told(program, &runner.settings().clone(), &shown, as_shown, run)
    }
}
