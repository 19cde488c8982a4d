//! `warpbeam replay`: runs a schedule again, to the letter.

use super::args::{Arg, Args, Usage, refuse, unknown};
use super::program::{Given, Program, ServicesWanted};
use super::verdict::{self, Shown, distance};
use super::warn;
use super::{print, settings};
use crate::explore::replay::{Divergence, Replay};
use crate::json::Object;
use crate::oracle::{Oracle, Violation};
use crate::records::Records;
use crate::records::scenes::{SCENES, Scene, records_of};
use crate::runner::Runner;
use crate::schedule::{ModuleHash, Schedule, ServicesRan, read, write};
use crate::trace::json;
use std::path::Path;
use warpbeam::code::file;
use warpbeam::native::Natives;
use warpbeam::otp::find::Wanted;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Trace {
    No,
    Text,
    Json,
}

/// Reads a schedule file.
pub fn open(path: &str) -> Result<Schedule, Usage> {
    let bytes = file::read(Path::new(path), read::BYTES_MAX as u64)
        .map_err(|e| Usage(format!("{path} cannot be read: {e}")))?;
    match read::parse(&bytes) {
        Ok(schedule) => Ok(schedule),
        Err(_) if Records::is_input(&bytes) => of_records(&Records::from_bytes(&bytes), path),
        Err(e) => refuse(format!("{path}: {e}")),
    }
}

/// The schedule of an input of a fuzz target.
fn of_records(records: &Records, path: &str) -> Result<Schedule, Usage> {
    let scene = &SCENES[usize::from(records.scene)];
    let module = Some(scene.module.to_string());
    let given = Given { program: vec![scene.path()], module, otp: Wanted::parse("none"), ..Given::default() };
    let program = given.load("replay").map_err(|usage| {
        Usage(format!("{path} is an input of a fuzz target, to be replayed where that is: {}", usage.0))
    })?;
    let mut runner = program.runner(scene.settings());
    let (outcome, keep) = runner.keep(&mut records.chooser());
    let shown = Shown::of(&mut runner, &keep.deviations, &program.call());
    if shown.divergence.is_some() || shown.outcome.digest != outcome.digest {
        return refuse(format!("{path}: no schedule says what its run does"));
    }
    let quiet = Violation { oracle: Oracle::Judge, message: String::new(), fingerprint: String::new() };
    let violation = shown.violation().cloned();
    let found = violation.as_ref().unwrap_or(&quiet);
    let schedule = verdict::schedule(&program, &runner, &shown, found, "a fuzz target".to_string());
    Ok(Schedule { verdict: schedule.verdict.filter(|_| violation.is_some()), ..schedule })
}

/// Writes a schedule as an input of a fuzz target.
fn write_records(schedule: &Schedule, runner: &mut Runner, file: &str) -> Result<(), Usage> {
    let scene = Scene::number(&schedule.entry.module, &schedule.settings).unwrap_or_default();
    let Some(records) = records_of(runner, scene, &mut Replay::strict(&schedule.deviations)) else {
        return refuse("the schedule has a decision that no record of a fuzz target has room for");
    };
    verdict::put(Path::new(file), &records.to_bytes())
        .map_err(|e| Usage(format!("{file} cannot be written: {e}")))
}

/// The program of a schedule. Its paths are looked for from here, then from where the schedule lies.
#[allow(clippy::disallowed_methods, reason = "looks for the program that the user named")]
pub fn program_of(
    schedule: &Schedule,
    path: &str,
    command: &str,
    otp: Wanted,
    natives: Natives,
) -> Result<Program, Usage> {
    let beside = Path::new(path).parent().unwrap_or(Path::new(""));
    let find = |given: &String| {
        let other = beside.join(given);
        if !Path::new(given).exists() && other.exists() { other.display().to_string() } else { given.clone() }
    };
    let entry = &schedule.entry;
    let given = Given {
        program: schedule.program.iter().map(find).collect(),
        module: Some(entry.module.clone()),
        function: Some(entry.function.clone()),
        arguments: entry.arguments.clone().unwrap_or_default(),
        otp,
        services: match schedule.services {
            ServicesRan::Off => ServicesWanted::Off,
            ServicesRan::Needed => ServicesWanted::Auto,
            ServicesRan::On => ServicesWanted::On,
        },
        missing: false,
        natives,
    };
    let mut program = given.load(command)?;
    program.given.clone_from(&schedule.program);
    Ok(program)
}

/// A module whose code is not that of the schedule.
pub fn changed_module(schedule: &Schedule, now: &[ModuleHash]) -> Option<String> {
    let known = |module: &&ModuleHash| now.iter().any(|n| n.name == module.name && n.md5 != module.md5);
    schedule.modules.iter().find(known).map(|module| module.name.clone())
}

pub fn replay(mut args: Args) -> Result<u8, Usage> {
    let (mut path, mut trace, mut as_json, mut otp) = (None, Trace::No, false, Wanted::default());
    let (mut text_file, mut records_file) = (None, None);
    while let Some(arg) = args.next_arg()? {
        match arg {
            Arg::Plain(word) if path.is_none() => path = Some(word),
            Arg::Option(name) if name == "--trace" => {
                trace = args.parsed(&name, |text| match text {
                    "text" => Some(Trace::Text),
                    "json" => Some(Trace::Json),
                    _ => None,
                })?;
            }
            Arg::Option(name) if name == "--json" => as_json = true,
            Arg::Option(name) if name == "--schedule" => text_file = Some(args.value(&name)?),
            Arg::Option(name) if name == "--records" => records_file = Some(args.value(&name)?),
            Arg::Option(name) if name == "--otp" => otp = Wanted::parse(&args.value(&name)?),
            Arg::Option(name) => return unknown("replay", &name),
            Arg::Plain(word) => return refuse(format!("one schedule is replayed, and `{word}` is one more")),
            Arg::Rest => {}
        }
    }
    let Some(path) = path else { return refuse("`warpbeam replay` needs a schedule file") };
    let schedule = open(&path)?;
    let program = program_of(&schedule, &path, "replay", otp, args.natives)?;
    let settings = settings::of_schedule(&schedule, &path)?;
    let mut runner = program.runner(settings.clone());
    let mut shown = Shown::of(&mut runner, &schedule.deviations, &program.call());
    let found = shown.outcome.digest.to_string();
    if shown.divergence.is_none() && found != schedule.digest {
        shown.divergence = Some(Divergence::Digest { expected: schedule.digest.clone(), found });
    }
    if let Some(file) = &records_file {
        write_records(&schedule, &mut program.runner(settings), file)?;
    }
    if let Some(file) = &text_file {
        let text = write::text(&schedule, &shown.comments());
        let written = verdict::put(Path::new(file), text.as_bytes());
        written.map_err(|e| Usage(format!("{file} cannot be written: {e}")))?;
    }
    match trace {
        Trace::No => {}
        Trace::Text => print(&format!("{}\n{}\n", distance(shown.deviations.len()), shown.text()))?,
        Trace::Json => print(&json::lines(&shown.story))?,
    }
    if let Some(divergence) = &shown.divergence {
        return diverged(divergence, changed_module(&schedule, &program.modules()), as_json);
    }
    if let Some(module) = changed_module(&schedule, &program.modules()) {
        warn(&format!("module {module} has changed since the schedule was written; its run is the same"));
    }
    if as_json {
        print(&json_lines(&shown, &path))?
    } else {
        print_outcome(&shown)?
    }
    Ok(u8::from(shown.violation().is_some()))
}

fn diverged(divergence: &Divergence, changed: Option<String>, as_json: bool) -> Result<u8, Usage> {
    let mut message = divergence.to_string();
    if let Some(module) = &changed {
        message.push_str(&format!(" (module {module} has changed since the schedule was written)"));
    }
    if !as_json {
        return refuse(format!("diverged: {message}"));
    }
    let mut object = Object::new("diverged");
    object.text("message", &message);
    match divergence {
        Divergence::Option { line, deviation, .. } | Divergence::Unused { line, deviation } => {
            object.number("decision", *line as u64 + 1).text("place", &deviation.to_string());
        }
        Divergence::Digest { .. } => {}
    }
    match changed {
        Some(module) => object.text("changed_module", &module),
        None => object.null("changed_module"),
    };
    print(&object.line())?;
    Ok(2)
}

fn print_outcome(shown: &Shown) -> Result<(), Usage> {
    let outcome = &shown.outcome;
    let what = match shown.violation() {
        Some(violation) => format!("{}: {}", violation.oracle, violation.message),
        None => "no violation".to_string(),
    };
    let decisions = verdict::counted(shown.deviations.len() as u64, "decision");
    let critical = shown.critical_text();
    print(&format!("{what}\n{critical}{} steps, {decisions}, digest {}\n", outcome.steps, outcome.digest))
}

fn json_lines(shown: &Shown, path: &str) -> String {
    let outcome = &shown.outcome;
    let digest = outcome.digest.to_string();
    let mut text = String::new();
    if let Some(violation) = shown.violation() {
        let mut object = Object::new("violation");
        object.text("oracle", violation.oracle.name()).text("message", &violation.message);
        object.text("fingerprint", &violation.fingerprint).number("count", 1);
        object.number("steps", outcome.steps).number("choices", outcome.choices);
        object.number("deviations", shown.deviations.len() as u64);
        shown.critical_json(&mut object);
        text.push_str(&object.text("schedule", path).text("digest", &digest).line());
    }
    let mut totals = Object::new("totals");
    totals.text("strategy", "replay").number("runs", 1);
    totals.number("violations", u64::from(shown.violation().is_some()));
    totals.number("steps", outcome.steps).number("choices", outcome.choices);
    totals.null("classes").truth("complete", false);
    text + &totals.text("digest", &digest).line()
}
