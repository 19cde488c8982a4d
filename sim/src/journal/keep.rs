//! A campaign's report as its journal gets it, and as it comes back.
//!
//! Invariant: a group is written when everything before it is in the report, in order of the runs.

use super::asked::{Asked, write_asked};
use super::front::write_front;
use super::line::{AtLine, FoundLine, Stand, write_at, write_found, write_run};
use super::{Journal, Past};
use crate::campaign::{Found, Progress, Report};
use crate::explore::dpor::front::Front;
use crate::explore::learner::Brought;
use crate::explore::replay::Repeat;
use crate::runner::{Runner, violation_of};

/// Steps after which a group is written: what a kill costs is a fraction of a second.
const STEPS: u64 = 1_000_000;

/// A journal that a campaign is written to, and its report so far.
#[derive(Debug)]
pub struct Keeping<'a> {
    pub journal: &'a Journal,
    pub report: Report,
}

impl<'a> Keeping<'a> {
    /// Has the violations of a journal again, by their picks. The fingerprint of one that does not come up again is the error.
    pub fn of(journal: &'a Journal, runner: &mut Runner) -> Result<Keeping<'a>, String> {
        let Past { found, at, .. } = journal.past();
        let mut report = Report::default();
        if let Some(at) = at {
            report.sums = at.sums.clone();
            report.classes = at.classes.map(|(classes, _)| classes);
            report.once = at.classes.map(|(_, once)| once);
            for (line, &count) in found.iter().zip(&at.counts) {
                let found = again(runner, line, count);
                report.found.push(found.ok_or_else(|| line.fingerprint.clone())?);
            }
        }
        Ok(Keeping { journal, report })
    }

    /// Units of work that are done.
    pub fn units(&self) -> u64 {
        self.journal.past().at.as_ref().map_or(0, |at| at.units)
    }

    /// Where a proof stands.
    pub fn front(&self) -> Option<&Front> {
        self.journal.past().front.as_ref()
    }

    /// What runs of `bounded` were asked.
    pub fn asked(&self) -> &'a [Asked] {
        &self.journal.past().asked
    }

    fn stands(&self, stand: Stand) -> bool {
        self.journal.past().at.as_ref().is_some_and(|at| at.stand == stand)
    }

    /// Whether a violation stopped the campaign.
    pub fn over(&self) -> bool {
        self.stands(Stand::Over)
    }

    /// Whether everything was run.
    pub fn done(&self) -> bool {
        self.stands(Stand::Done)
    }
}

fn again(runner: &mut Runner, line: &FoundLine, count: u64) -> Option<Found> {
    let outcome = runner.run(&mut Repeat::new(&line.picks));
    let own = violation_of(&outcome).cloned().filter(|v| v.fingerprint == line.fingerprint);
    let violation = own.or_else(|| runner.check(&line.picks, outcome.digest))?;
    let same = violation.fingerprint == line.fingerprint;
    same.then(|| Found { run: line.run, violation, outcome, picks: line.picks.clone(), count })
}

/// The end of a journal, while the campaign goes on.
#[derive(Debug, Default)]
pub struct Pen<'a> {
    journal: Option<&'a Journal>,
    /// Violations and steps that are written down.
    found: usize,
    steps: u64,
    /// Units of work in the report.
    units: u64,
    /// What the runs of the next group were asked.
    asked: Option<String>,
    group: String,
}

impl<'a> Pen<'a> {
    pub fn new(keeping: Option<&Keeping<'a>>) -> Pen<'a> {
        let Some(keeping) = keeping else { return Pen::default() };
        let Keeping { journal, report } = keeping;
        let (found, steps) = (report.found.len(), report.sums.steps);
        Pen { journal: Some(journal), found, steps, units: keeping.units(), ..Pen::default() }
    }

    /// Whether there is a journal.
    pub fn keeps(&self) -> bool {
        self.journal.is_some()
    }

    /// A run of a learning strategy, for the next group.
    pub fn ran(&mut self, brought: &Brought) {
        if self.journal.is_some() {
            write_run(&mut self.group, brought);
        }
    }

    /// What a run of `bounded` was asked, for the next group.
    pub fn asked(&mut self, arities: &[u32]) {
        if self.journal.is_some() {
            let first = self.asked.is_none();
            write_asked(self.asked.get_or_insert_default(), first, arities);
        }
    }

    /// Where a proof stands, for the next group. How many bytes that takes.
    pub fn stands(&mut self, front: &Front) -> usize {
        if self.journal.is_some() {
            write_front(&mut self.group, front);
        }
        self.group.len()
    }

    /// Whether the report has what has to be written before anything else happens, or enough new runs.
    pub fn is_due(&self, report: &Report, steps: u64) -> bool {
        report.found.len() > self.found || report.sums.steps >= self.steps + steps
    }

    /// The report has grown by so many units. Writes a group if it is time, or has to be.
    pub fn grown(&mut self, units: u64, report: &Report, stand: Stand, progress: &Progress) {
        self.units += units;
        if self.is_due(report, STEPS) || stand != Stand::Whole {
            self.write(report, stand, progress);
        }
    }

    /// Writes what is not written yet.
    pub fn write(&mut self, report: &Report, stand: Stand, progress: &Progress) {
        let Some(journal) = self.journal else { return };
        if let Some(asked) = self.asked.take() {
            self.group.push_str("asked ");
            self.group.push_str(&asked);
            self.group.push('\n');
        }
        let ends = matches!(stand, Stand::Over | Stand::Done);
        if self.steps == report.sums.steps && self.group.is_empty() && !ends {
            return;
        }
        for found in &report.found[self.found..] {
            let (run, picks) = (found.run, found.picks.clone());
            let fingerprint = found.violation.fingerprint.clone();
            write_found(&mut self.group, &FoundLine { run, picks, fingerprint });
        }
        let counts = report.found.iter().map(|found| found.count).collect();
        let (units, sums, classes) = (self.units, report.sums.clone(), report.classes.zip(report.once));
        write_at(&mut self.group, &AtLine { units, sums, counts, classes, stand });
        self.found = report.found.len();
        self.steps = report.sums.steps;
        if !journal.add(&self.group) {
            progress.stop();
        }
        self.group.clear();
    }
}
