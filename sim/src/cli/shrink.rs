//! `warpbeam shrink`: makes a schedule's decisions fewer.

use super::args::{Arg, Args, Usage, refuse, unknown};
use super::replay::{open, program_of};
use super::verdict::{self, Shown};
use super::{print, settings, warn};
use crate::explore::replay::{Divergence, Replay};
use crate::runner::violation_of;
use crate::shrink;
use std::path::Path;
use warpbeam::otp::find::Wanted;

pub fn shrink(mut args: Args) -> Result<u8, Usage> {
    let (mut path, mut out, mut otp) = (None, None, Wanted::default());
    while let Some(arg) = args.next_arg()? {
        match arg {
            Arg::Plain(word) if path.is_none() => path = Some(word),
            Arg::Option(name) if name == "--out" => out = Some(args.value(&name)?),
            Arg::Option(name) if name == "--otp" => otp = Wanted::parse(&args.value(&name)?),
            Arg::Option(name) => return unknown("shrink", &name),
            Arg::Plain(word) => return refuse(format!("one schedule is shrunk, and `{word}` is one more")),
            Arg::Rest => {}
        }
    }
    let Some(path) = path else { return refuse("`warpbeam shrink` needs a schedule file") };
    let schedule = open(&path)?;
    let program = program_of(&schedule, &path, "shrink", otp, args.natives)?;
    let mut runner = program.runner(settings::of_schedule(&schedule, &path)?);
    let (outcome, _, divergence) = runner.replay(&schedule.deviations);
    let digest = outcome.digest.to_string();
    let other = (digest != schedule.digest)
        .then(|| Divergence::Digest { expected: schedule.digest.clone(), found: digest });
    if let Some(divergence) = divergence.or(other) {
        warn(&format!("{path}: diverged: {divergence}; shrunk is the run that it leads to now"));
    }
    let outcome = runner.run(&mut Replay::lenient(&schedule.deviations));
    let Some(violation) = violation_of(&outcome).cloned() else {
        return refuse(format!("{path}: its run violates nothing, so there is nothing to shrink"));
    };
    let shrunk = shrink::shrink(&mut runner, schedule.deviations.clone(), &violation.fingerprint);
    let shown = Shown::of(&mut runner, &shrunk.deviations, &program.call());
    if let Some(divergence) = &shown.divergence {
        return refuse(format!("{path}: what shrinking came to cannot be replayed: {divergence}"));
    }
    let violation = shown.as_shown(&violation);
    let origin = schedule.origin.clone().unwrap_or_default();
    let smaller = verdict::schedule(&program, &runner, &shown, &violation, origin);
    let target = out.unwrap_or_else(|| path.clone());
    let target = Path::new(&target);
    let directory = target.parent().unwrap_or(Path::new(""));
    let Some(name) = target.file_name().and_then(|n| n.to_str()) else {
        return refuse(format!("{} is no file name", target.display()));
    };
    let written = verdict::write_file(directory, name, &smaller, &shown.comments())?;
    print(&format!(
        "{}: {}\n{} before, {} now ({})\nreplay it with: {}\n",
        violation.oracle,
        violation.message,
        verdict::counted(schedule.deviations.len() as u64, "decision"),
        shown.deviations.len(),
        verdict::counted(shrunk.tried, "run"),
        verdict::replay_command(&written.display().to_string())
    ))?;
    Ok(1)
}
