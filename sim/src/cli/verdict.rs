//! What is shown and written of a violation: sentence, decisions, story, schedule file.

use super::args::{Usage, refuse};
use super::program::Program;
use crate::critical::{Side, critical};
use crate::explore::replay::Divergence;
use crate::json::Object;
use crate::oracle::Violation;
use crate::runner::{Runner, violation_of};
use crate::schedule::{Deviation, Schedule, Verdict, write};
use crate::trace::names::Namer;
use crate::trace::story::{Line, tell};
use crate::trace::text;
use crate::world::Outcome;
use crate::world::settings::Settings;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A run that was replayed to be shown.
#[derive(Debug)]
pub struct Shown {
    /// The two events whose order decides, if it fails and they were found.
    pub critical: Option<[Side; 2]>,
    pub outcome: Outcome,
    pub story: Vec<Line>,
    /// The decisions in the order in which they were taken.
    pub deviations: Vec<Deviation>,
    pub divergence: Option<Divergence>,
}

impl Shown {
    /// Replays strictly and tells the story.
    pub fn of(runner: &mut Runner, deviations: &[Deviation], call: &str) -> Shown {
        let (outcome, keep, divergence) = runner.replay(deviations);
        let story = tell(&keep, call, &Namer::new(runner.world()));
        let deviations = keep.deviations;
        let critical = match violation_of(&outcome) {
            Some(violation) if divergence.is_none() => critical(runner, &deviations, &violation.fingerprint),
            _ => None,
        };
        Shown { critical, outcome, story, deviations, divergence }
    }

    /// For each decision, what would have happened without it.
    pub fn comments(&self) -> Vec<String> {
        let decided = self.story.iter().filter_map(|line| Some((line, line.decision.as_ref()?)));
        let comments: Vec<String> = decided
            .map(|(line, decision)| match decision.instead_of.as_str() {
                "no" => format!("step {}, {}", line.step, line.text),
                other => format!("step {}, instead of {other}: {}", line.step, line.text),
            })
            .collect();
        if comments.len() == self.deviations.len() { comments } else { Vec::new() }
    }

    pub fn violation(&self) -> Option<&Violation> {
        violation_of(&self.outcome)
    }

    /// The violation with this fingerprint, as the run that is shown has it: shrinking may have changed values.
    pub fn as_shown(&self, found: &Violation) -> Violation {
        self.violation().filter(|v| v.fingerprint == found.fingerprint).unwrap_or(found).clone()
    }

    pub fn text(&self) -> String {
        text::text(&self.story)
    }

    pub fn shortened(&self) -> String {
        text::shortened(&self.story)
    }

    /// The critical pair, with where each process was.
    pub fn critical_text(&self) -> String {
        let Some(pair) = &self.critical else { return String::new() };
        let mut text = "The order of these two decides; the other way round it does not fail:\n".to_string();
        for side in pair {
            let told = self.story.iter().find(|line| side.step.is_some_and(|step| line.step == step));
            let what = match told {
                Some(line) => line.text.clone(),
                None => format!("{}, which it does not come to", side.op),
            };
            text.push_str(&format!("  {}#{} {what}\n", side.process, side.event));
            for function in &side.at {
                text.push_str(&format!("      in {function}\n"));
            }
        }
        text
    }

    /// The critical pair as a member of an object.
    pub fn critical_json(&self, object: &mut Object) {
        let Some(pair) = &self.critical else {
            object.null("critical");
            return;
        };
        let sides = pair.each_ref().map(|side| {
            let mut part = Object::part();
            part.text("process", &side.process).number("event", u64::from(side.event));
            part.text("op", side.op).texts("at", &side.at);
            part
        });
        object.objects("critical", &sides);
    }
}

/// Makes the schedule of a run that was shown.
pub fn schedule(
    program: &Program,
    runner: &Runner,
    shown: &Shown,
    violation: &Violation,
    origin: String,
) -> Schedule {
    Schedule {
        program: program.given.clone(),
        modules: program.modules(),
        entry: program.entry_text.clone(),
        services: program.services_ran,
        settings: runner.settings().clone(),
        origin: Some(origin),
        verdict: Some(Verdict {
            oracle: violation.oracle.name().to_string(),
            message: violation.message.clone(),
            fingerprint: violation.fingerprint.clone(),
        }),
        digest: shown.outcome.digest.to_string(),
        deviations: shown.deviations.clone(),
    }
}

/// What a run is of, as the lines of a schedule have it.
pub fn about(program: &Program, settings: &Settings) -> Vec<String> {
    let schedule = Schedule {
        program: program.given.clone(),
        modules: program.modules(),
        entry: program.entry_text.clone(),
        services: program.services_ran,
        settings: settings.clone(),
        origin: None,
        verdict: None,
        digest: String::new(),
        deviations: Vec::new(),
    };
    let lines = write::text(&schedule, &[]);
    let beside =
        |line: &&str| !["warpbeam schedule", "digest", "choices"].iter().any(|w| line.starts_with(w));
    lines.lines().filter(beside).map(str::to_string).collect()
}

/// Where a violation's schedule goes.
pub fn file_name(program: &Program, violation: &Violation) -> String {
    let hash = crate::digest::Digest::START.text(&violation.fingerprint).0 as u32;
    let module: String =
        program.entry_text.module.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    format!("{module}-{}-{hash:08x}.schedule", violation.oracle)
}

#[allow(clippy::disallowed_methods, reason = "writes the schedule that the user asked for")]
pub fn write_file(
    directory: &Path,
    name: &str,
    schedule: &Schedule,
    comments: &[String],
) -> Result<PathBuf, Usage> {
    let path = directory.join(name);
    let text = write::text(schedule, comments);
    match std::fs::create_dir_all(directory).and_then(|()| put(&path, text.as_bytes())) {
        Ok(()) => Ok(path),
        Err(e) => refuse(format!("{} cannot be written: {e}", path.display())),
    }
}

/// Writes a file so that whoever looks finds the old one or the new one, and never a part, even if this program is
/// killed: under another name first, which then becomes its own. A pipe or a device is written as it is.
#[allow(clippy::disallowed_methods, reason = "writes the schedule that the user asked for")]
pub fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let target = match std::fs::metadata(path) {
        Ok(about) if !about.is_file() => return std::fs::write(path, bytes),
        // Where a link leads, so that it stays one.
        Ok(_) => std::fs::canonicalize(path)?,
        Err(_) => path.to_path_buf(),
    };
    // Two that write the same file, in two commands or in one, use two names.
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let nth = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let mut partial = target.clone().into_os_string();
    #[expect(clippy::disallowed_methods, reason = "the name says who writes")]
    partial.push(format!(".{}.{nth}.partial", std::process::id()));
    let partial = PathBuf::from(partial);
    let written = std::fs::write(&partial, bytes).and_then(|()| std::fs::rename(&partial, &target));
    if written.is_err() {
        // Whatever hinders this hinders nothing more.
        let _ = std::fs::remove_file(&partial);
    }
    written
}

/// The command that replays a schedule: this program as it was called, so that the line can be copied.
#[allow(clippy::disallowed_methods, reason = "a program's first argument is its own name")]
pub fn replay_command(path: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "the command line prints how it was called")]
    let program = std::env::args_os().next().unwrap_or_else(|| "warpbeam".into());
    format!("{} replay {}", quoted(&program.to_string_lossy()), quoted(path))
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// "1 decision", "3 decisions".
pub fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// "3 decisions away from the dull run".
pub fn distance(decisions: usize) -> String {
    match decisions {
        0 => "The dull run, without any decision, does this:".to_string(),
        1 => "One decision away from the dull run:".to_string(),
        n => format!("{n} decisions away from the dull run:"),
    }
}
