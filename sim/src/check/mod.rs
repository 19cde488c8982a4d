//! Exploration inside any `#[test]`: a program under many schedules, and what it finds, shrunk, with the command that
//! replays it.
//!
//! ```no_run
//! // Panics with the story of the smallest failing run, and writes its schedule.
//! warpbeam_sim::check("ebin/shop.beam");
//!
//! // A check can be made to measure, and returns what it finds.
//! use warpbeam_sim::check::Check;
//! let report = Check::of("ebin/shop.beam").function("race_test").runs(20_000).find().expect("no bug");
//! assert!(report.never_met.is_empty(), "{:?}", report.never_met);
//! ```
//!
//! Invariant: a check is a function of the program and of what it was told; it can be repeated. `WARPBEAM_RUNS` gives another
//! number of runs, `WARPBEAM_SEED` another seed, for every check that does not set its own.

mod judged;

use crate::campaign::{self, Found, Plan, Progress};
use crate::cli::program::{Given, Program};
use crate::cli::verdict::{self, Shown};
use crate::explore::replay::Repeat;
use crate::explore::strategy::StrategyKind;
use crate::oracle::Violation;
use crate::records::Records;
use crate::runner::violation_of;
use crate::shrink::shrink;
use crate::world::settings::{Settings, TimeMode};
use crate::world::{Outcome, SimWorld};
use std::fmt;
use std::path::{Path, PathBuf};
use warpbeam::native::Natives;
use warpbeam::otp::find::Wanted;

/// Runs of a check that does not say how many.
const RUNS: u64 = 1_000;

/// What is to be checked, and how.
#[derive(Clone, Debug)]
pub struct Check {
    given: Given,
    settings: Settings,
    strategy: StrategyKind,
    runs: Option<u64>,
    seed: Option<u64>,
    out: PathBuf,
}

/// A failing run: the smallest that was found.
#[derive(Clone, Debug)]
pub struct Failure {
    pub violation: Violation,
    /// What happened in the run, as `warpbeam explore` prints it.
    pub story: String,
    pub decisions: usize,
    /// The run in which it was found.
    pub run: u64,
    /// Where its schedule was written.
    pub schedule: PathBuf,
}

/// Nothing was found.
#[derive(Clone, Debug, Default)]
pub struct Clean {
    pub runs: u64,
    /// Whether an exhaustive strategy has covered everything.
    pub is_complete: bool,
    /// Claims of `sometimes` and `reachable` that no run met.
    pub never_met: Vec<String>,
    pub digest: String,
}

/// Why there is no result.
#[derive(Clone, Debug)]
pub enum Problem {
    Found(Box<Failure>),
    /// The program, or the way it is to be run, is not one.
    Bad(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Bad(message) => f.write_str(message),
            Problem::Found(failure) => {
                let Failure { violation, story, decisions, run, schedule } = &**failure;
                let Violation { oracle, message, .. } = violation;
                writeln!(f, "{oracle}: {message}\n\n{}\n{story}", verdict::distance(*decisions))?;
                write!(
                    f,
                    "found in run {run}; replay it with: warpbeam replay {} --trace text",
                    schedule.display()
                )
            }
        }
    }
}

impl std::error::Error for Problem {}

/// Explores `main/0` of a compiled program, or a directory of them, with default settings.
///
/// # Panics
/// Where something is found, with its story.
#[track_caller]
pub fn check(program: impl AsRef<Path>) {
    Check::of(program).assert();
}

fn from_environment(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "whoever runs a test says how much of it")]
    let value = std::env::var(name).ok()?;
    value.parse().ok()
}

impl Check {
    /// A `.beam` file, or a directory of them.
    pub fn of(program: impl AsRef<Path>) -> Check {
        let program = vec![program.as_ref().display().to_string()];
        Check {
            given: Given { program, ..Given::default() },
            settings: Settings::default(),
            strategy: StrategyKind::Auto,
            runs: None,
            seed: None,
            out: PathBuf::from("target/warpbeam"),
        }
    }

    /// A program in Rust, which begins in the first module by name.
    pub fn of_natives(natives: Natives) -> Check {
        Check { given: Given { natives, ..Given::default() }, ..Check::of("") }
    }

    /// Functions in Rust that the program calls.
    pub fn natives(mut self, natives: Natives) -> Check {
        self.given.natives = natives;
        self
    }

    /// More code that the program needs.
    pub fn and(mut self, program: impl AsRef<Path>) -> Check {
        self.given.program.push(program.as_ref().display().to_string());
        self
    }

    pub fn module(mut self, name: &str) -> Check {
        self.given.module = Some(name.to_string());
        self
    }

    /// `main` unless this says another.
    pub fn function(mut self, name: &str) -> Check {
        self.given.function = Some(name.to_string());
        self
    }

    /// Does without an installed Erlang/OTP.
    pub fn without_otp(mut self) -> Check {
        self.given.otp = Wanted::parse("none");
        self
    }

    pub fn settings(mut self, settings: Settings) -> Check {
        self.settings = settings;
        self
    }

    pub fn strategy(mut self, strategy: StrategyKind) -> Check {
        self.strategy = strategy;
        if strategy == StrategyKind::Dpor {
            self.settings.time = TimeMode::Idle;
        }
        self
    }

    pub fn runs(mut self, runs: u64) -> Check {
        self.runs = Some(runs);
        self
    }

    pub fn seed(mut self, seed: u64) -> Check {
        self.seed = Some(seed);
        self
    }

    /// Where schedules of failing runs are written (`target/warpbeam`).
    pub fn out(mut self, directory: impl AsRef<Path>) -> Check {
        self.out = directory.as_ref().to_path_buf();
        self
    }

    fn seed_of_runs(&self) -> u64 {
        self.seed.or_else(|| from_environment("WARPBEAM_SEED")).unwrap_or(1)
    }

    fn number_of_runs(&self) -> u64 {
        self.runs.or_else(|| from_environment("WARPBEAM_RUNS")).unwrap_or(RUNS)
    }

    fn load(&self) -> Result<Program, Problem> {
        self.given.clone().load("check").map_err(|usage| Problem::Bad(usage.0))
    }

    /// Explores, and panics where something is found.
    ///
    /// # Panics
    /// With the story of what was found.
    #[track_caller]
    pub fn assert(&self) {
        if let Err(problem) = self.find() {
            panic!("{problem}");
        }
    }

    /// Explores, up to the first violation.
    pub fn find(&self) -> Result<Clean, Problem> {
        let program = self.load()?;
        let seed = self.seed_of_runs();
        let settings = Settings { seed, ..self.settings.clone() };
        let runs = (!self.strategy.is_exhaustive()).then(|| self.number_of_runs()).or(self.runs);
        let (strategy, shard) = (self.strategy, (0, 1));
        let plan = Plan {
            strategy,
            seed,
            runs,
            threads: 1,
            shard,
            keep_going: false,
            focus: None,
            corpus: Vec::new(),
        };
        let mut report = campaign::run(&plan, &Progress::default(), &|| program.runner(settings.clone()));
        match report.found.first() {
            Some(found) => Err(self.failure(&program, &settings, found)),
            None => {
                program.expect_claims(&mut report.sums.claims);
                let never = report.sums.claims.never();
                Ok(Clean {
                    runs: report.sums.runs,
                    is_complete: report.complete == Some(true),
                    never_met: never.map(|(kind, name)| format!("{} {name}", kind.name())).collect(),
                    digest: report.sums.digest().to_string(),
                })
            }
        }
    }

    /// One run, decided by records: for property tests and fuzz targets.
    pub fn play(&self, records: &Records) -> Result<(), Problem> {
        self.play_and_judge(records, &mut |_, _| Ok(()))
    }

    fn failure(&self, program: &Program, settings: &Settings, found: &Found) -> Problem {
        let mut runner = program.runner(settings.clone());
        let (_, keep) = runner.keep(&mut Repeat::new(&found.picks));
        let deviations = shrink(&mut runner, keep.deviations, &found.violation.fingerprint).deviations;
        let shown = Shown::of(&mut runner, &deviations, &program.call());
        let violation = shown.as_shown(&found.violation);
        self.told(program, settings, &shown, violation, found.run)
    }

    /// Writes the schedule of a run that is shown.
    fn told(
        &self,
        program: &Program,
        settings: &Settings,
        shown: &Shown,
        violation: Violation,
        run: u64,
    ) -> Problem {
        let runner = program.runner(settings.clone());
        let origin = format!("a check by {}, seed {}, run {run}", self.strategy, self.seed_of_runs());
        let schedule = verdict::schedule(program, &runner, shown, &violation, origin);
        let name = verdict::file_name(program, &violation);
        match verdict::write_file(&self.out, &name, &schedule, &shown.comments()) {
            Err(usage) => Problem::Bad(format!("{}: {}; {}", violation.oracle, violation.message, usage.0)),
            Ok(schedule) => {
                let (story, decisions) = (shown.shortened(), shown.deviations.len());
                Problem::Found(Box::new(Failure { violation, story, decisions, run, schedule }))
            }
        }
    }
}

/// What a test says of a run that has ended, from the world that it left: an error is a violation.
pub type Judge<'a> = &'a mut dyn FnMut(&SimWorld, &Outcome) -> Result<(), String>;

/// The violation of a run, the judge's word included.
fn judged(world: &SimWorld, outcome: &Outcome, judge: Judge<'_>) -> Option<Violation> {
    if let Some(violation) = violation_of(outcome) {
        return Some(violation.clone());
    }
    let message = judge(world, outcome).err()?;
    Some(Violation::new(crate::oracle::Oracle::Judge, message, "of the test"))
}
