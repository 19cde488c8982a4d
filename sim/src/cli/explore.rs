//! `warpbeam explore`: looks for bugs, shrinks what it finds, writes schedules.

use super::args::{Arg, Args, Usage, refuse, unknown};
use super::corpus::Corpus;
use super::program::{Given, Program};
use super::progress::{Watch, duration, watched};
use super::verdict::{self, Shown};
use super::{print, settings, totals};
use crate::campaign::{self, Found, Plan, Progress, Report};
use crate::exhaust::NotHere;
use crate::explore::dpor;
use crate::explore::replay::Repeat;
use crate::explore::strategy::StrategyKind;
use crate::explore::survey::{Focus, Survey};
use crate::journal::keep::Keeping;
use crate::journal::{self, Journal};
use crate::json::Object;
use crate::oracle::Violation;
use crate::oracle::claims::Tally;
use crate::runner::{Runner, violation_of};
use crate::schedule::write::escaped;
use crate::shrink::shrink;
use crate::world::settings::{Settings, TimeMode};
use std::path::{Path, PathBuf};
use std::time::Duration;

struct Options {
    given: Given,
    settings: Settings,
    plan: Plan,
    limit: Option<Duration>,
    shrinks: bool,
    /// Where schedules go, if it was said.
    out: Option<PathBuf>,
    /// Where the campaign's journal is.
    campaign: Option<PathBuf>,
    /// Where the campaign's corpus is.
    corpus: Option<PathBuf>,
    json: bool,
    /// Whether `--time` was given.
    timed: bool,
    /// Whether a claim that no run met is a failure although not everything was run.
    unmet_fails: bool,
}

/// Runs of a sampling strategy unless `--runs` or `--for` says otherwise.
const RUNS: u64 = 100_000;

#[allow(clippy::disallowed_methods, reason = "how many runs go on at the same time shows nowhere")]
fn options(mut args: Args) -> Result<Options, Usage> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (strategy, shard) = (StrategyKind::Auto, (0, 1));
    let plan = Plan {
        strategy,
        seed: 1,
        runs: None,
        threads,
        shard,
        keep_going: false,
        focus: None,
        corpus: Vec::new(),
    };
    let (given, settings) = (Given::with(&args), Settings::default());
    let (limit, out, campaign, corpus) = (None, None, None, None);
    let (shrinks, json, timed, unmet_fails) = (true, false, false, false);
    let mut o =
        Options { given, settings, plan, limit, shrinks, out, campaign, corpus, json, timed, unmet_fails };
    let mut after_rest = false;
    while let Some(arg) = args.next_arg()? {
        match arg {
            Arg::Rest => after_rest = true,
            Arg::Plain(word) if after_rest => o.given.arguments.push(word),
            Arg::Plain(word) => o.given.program.push(word),
            Arg::Option(name) => option(&mut o, &name, &mut args)?,
        }
    }
    prove(&mut o)?;
    if o.plan.runs.is_none() && o.limit.is_none() && !o.plan.strategy.is_exhaustive() {
        o.plan.runs = Some(RUNS);
    }
    o.settings.seed = o.plan.seed;
    Ok(o)
}

/// What strategies, and exhaustive ones above all, need of the settings; those that were not given are chosen for them.
fn prove(o: &mut Options) -> Result<(), Usage> {
    let strategy = o.plan.strategy;
    if o.plan.focus.is_some() && !matches!(strategy, StrategyKind::Surw | StrategyKind::Auto) {
        return refuse(format!("--strategy {strategy} has no focus; surw and auto have"));
    }
    if o.corpus.is_some() && !strategy.learns() {
        return refuse(format!("--strategy {strategy} has no corpus; auto and coverage have"));
    }
    if !strategy.is_exhaustive() {
        return Ok(());
    }
    if strategy == StrategyKind::Dpor {
        if o.plan.shard != (0, 1) {
            // What a run of one shard shows can be a class that another shard has: see exhaust.rs.
            return refuse(
                "--strategy dpor does not go in shards: which classes are left is known from the runs before alone; \
                 bounded goes in shards",
            );
        }
        if !o.timed {
            o.settings.time = TimeMode::Idle;
        }
        if let Some(why) = dpor::refusal(&o.settings) {
            return refuse(format!("--strategy dpor proves nothing with these settings: {why}"));
        }
    }
    o.plan.threads = 1;
    Ok(())
}

fn option(o: &mut Options, name: &str, args: &mut Args) -> Result<(), Usage> {
    o.timed |= name == "--time";
    match name {
        "--strategy" => o.plan.strategy = args.parsed(name, StrategyKind::parse)?,
        "--runs" => o.plan.runs = Some(args.positive(name)?),
        "--seed" => o.plan.seed = args.number(name)?,
        "--for" => o.limit = Some(args.parsed(name, duration)?),
        "--threads" => o.plan.threads = args.threads(name)?.get(),
        "--shard" => o.plan.shard = args.parsed(name, shard)?,
        "--focus" => o.plan.focus = Some(args.parsed(name, Focus::parse)?),
        "--keep-going" => o.plan.keep_going = true,
        "--no-shrink" => o.shrinks = false,
        "--out" => o.out = Some(PathBuf::from(args.value(name)?)),
        "--campaign" => o.campaign = Some(PathBuf::from(args.value(name)?)),
        "--corpus" => o.corpus = Some(PathBuf::from(args.value(name)?)),
        "--json" => o.json = true,
        "--sometimes" => {
            o.unmet_fails = args.parsed(name, |text| match text {
                "fail" => Some(true),
                "report" => Some(false),
                _ => None,
            })?;
        }
        _ if o.given.option(name, args)? => {}
        _ if settings::option(&mut o.settings, name, args)? => {}
        _ => return unknown("explore", name),
    }
    Ok(())
}

fn shard(text: &str) -> Option<(u64, u64)> {
    let (number, of) = text.split_once('/')?;
    let (number, of) = (number.parse().ok()?, of.parse().ok()?);
    (number < of && of <= 1_000_000).then_some((number, of))
}

pub fn explore(args: Args) -> Result<u8, Usage> {
    let Options {
        given, settings, mut plan, limit, shrinks, out, campaign, corpus, json, unmet_fails, ..
    } = options(args)?;
    if given.missing {
        print(&given.missing_natives("explore")?)?;
        return Ok(0);
    }
    let program = given.load("explore")?;
    program.check_after_crash(&settings)?;
    settings::check_links(&settings)?;
    let make = || program.runner(settings.clone());
    if let Some(focus) = &plan.focus {
        warn_of_nothing(&mut make(), focus);
    }
    let progress = Progress::default();
    let watch = Watch::start();
    let mut runner = make();
    let call = program.call();
    let (corpus, begins) = match corpus {
        Some(at) => Corpus::open(at, &call, &plan, campaign.as_deref()).map(|(c, e)| (Some(c), Some(e)))?,
        None => (None, None),
    };
    let mut header = header(&program, &settings, &plan);
    header.extend(begins.as_deref().map(|entries| format!("corpus {}", crate::corpus::name(entries))));
    plan.corpus = begins.into_iter().flatten().map(|entry| entry.trail).collect();
    let journal = campaign.as_ref().map(|at| journal(at, &header)).transpose()?;
    let keeping = journal.as_ref().map(|journal| keeping(journal, &mut runner)).transpose()?;
    let out = out.or(campaign).unwrap_or_else(|| PathBuf::from("schedules"));
    let report =
        watched(&progress, (plan.own_runs(), limit), || campaign::go_on(&plan, &progress, &make, keeping))?;
    let mut report = report.or_else(|NotHere| refuse("the journal is none of this program"))?;
    program.expect_claims(&mut report.sums.claims);
    let searched = watch.seconds();
    let shown = Showing { program: &program, plan: &plan, out: &out, shrinks, json };
    let unwritten = shown.violations(&mut runner, &report)?;
    let unkept = corpus.and_then(|corpus| corpus.close(&mut runner, &plan, &mut report).err());
    shown.totals(&report, watch, searched)?;
    if let Some(journal) = journal {
        let path = journal.path().display().to_string();
        if let Some(error) = journal.error() {
            return refuse(format!("{path} cannot be written, so the campaign was stopped: {error}"));
        }
    }
    // What was found is told all the same.
    if let Some(error) = unwritten.or(unkept) {
        return Err(error);
    }
    Ok(u8::from(!report.found.is_empty() || report.lacks_claims(unmet_fails)))
}

/// What a campaign's report is shown with.
struct Showing<'a> {
    program: &'a Program,
    plan: &'a Plan,
    out: &'a Path,
    shrinks: bool,
    json: bool,
}

impl Showing<'_> {
    /// Shrinks violations and tells them. Why a schedule could not be written, if one could not.
    fn violations(&self, runner: &mut Runner, report: &Report) -> Result<Option<Usage>, Usage> {
        let Showing { program, plan, .. } = self;
        let mut unwritten = None;
        for found in &report.found {
            let told = tell(program, runner, found, plan, self.shrinks)?;
            let name = verdict::file_name(program, &found.violation);
            let schedule =
                verdict::schedule(program, runner, &told.shown, &told.violation, told.origin.clone());
            let written = verdict::write_file(self.out, &name, &schedule, &told.shown.comments());
            let path = written.as_ref().ok().map(|path| path.display().to_string());
            match self.json {
                true => print(&violation_line(found, plan, &told, path.as_deref()))?,
                false => print_violation(&told, path.as_deref())?,
            }
            unwritten = unwritten.or(written.err());
        }
        Ok(unwritten)
    }

    fn totals(&self, report: &Report, watch: Watch, searched: f64) -> Result<(), Usage> {
        let Plan { strategy, seed, threads, .. } = *self.plan;
        if !self.json {
            let took = format!(", {searched:.2} s");
            let found = (report, report.found.len());
            return print(&totals::text(&self.program.call(), found, strategy, seed, &took));
        }
        print(&totals::claims(report))?;
        print(&totals::line(report, strategy))?;
        let mut timing = Object::new("timing");
        timing.decimal("seconds", watch.seconds()).decimal("search_seconds", searched);
        print(&timing.number("threads", threads as u64).line())
    }
}

/// What a campaign is: it is another one if anything is that decides what it finds.
fn header(program: &Program, settings: &Settings, plan: &Plan) -> Vec<String> {
    let mut header = verdict::about(program, settings);
    header.push(format!("strategy {}", plan.strategy));
    header.extend(plan.focus.as_ref().map(|focus| format!("focus {focus}")));
    header.push(format!("keep-going {}", plan.keep_going));
    let mut claims = Tally::default();
    program.expect_claims(&mut claims);
    header.extend(claims.all().map(|(kind, name, _)| format!("claim {} {}", kind.name(), escaped(name))));
    header.push(format!("shard {}/{}", plan.shard.0, plan.shard.1));
    header
}

fn journal(at: &Path, header: &[String]) -> Result<Journal, Usage> {
    Journal::open(at, header).map_err(|e| Usage(format!("{}: {e}", at.join(journal::NAME).display())))
}

fn keeping<'a>(journal: &'a Journal, runner: &mut Runner) -> Result<Keeping<'a>, Usage> {
    let path = journal.path().display();
    Keeping::of(journal, runner)
        .map_err(|gone| Usage(format!("{path}: a violation that it has does not come up any more: {gone}")))
}

/// A misspelt focus would make surw a plain random walk, and nobody would know.
#[allow(clippy::print_stderr, reason = "the command line speaks to its user")]
fn warn_of_nothing(runner: &mut Runner, focus: &Focus) {
    if !Survey::of(runner, Some(focus)).meets_focus() {
        eprintln!("warpbeam: --focus {focus}: nothing in the dull run touches it");
    }
}

/// A violation as it is reported.
struct Told {
    shown: Shown,
    violation: Violation,
    origin: String,
    /// Decisions before shrinking.
    before: usize,
}

/// Repeats the run that was found, shrinks it and tells its story.
fn tell(
    program: &Program,
    runner: &mut Runner,
    found: &Found,
    plan: &Plan,
    shrinks: bool,
) -> Result<Told, Usage> {
    let (outcome, keep) = runner.keep(&mut Repeat::new(&found.picks));
    let before = keep.deviations.len();
    let mut deviations = keep.deviations;
    let same = violation_of(&outcome).is_some_and(|v| v.fingerprint == found.violation.fingerprint);
    if shrinks && same {
        deviations = shrink(runner, deviations, &found.violation.fingerprint).deviations;
    }
    let shown = Shown::of(runner, &deviations, &program.call());
    if let Some(divergence) = &shown.divergence {
        return refuse(format!("a run that was found cannot be replayed: {divergence}"));
    }
    let mut origin = format!("{}, seed {}, run {}", plan.strategy, plan.seed, found.run);
    if plan.strategy == StrategyKind::Bounded && plan.shard.1 > 1 {
        // It has numbers of its own: where its runs are among all nobody knows.
        origin.push_str(&format!(" of shard {}/{}", plan.shard.0, plan.shard.1));
    }
    let violation = shown.as_shown(&found.violation);
    Ok(Told { shown, violation, origin, before })
}

fn print_violation(told: &Told, path: Option<&str>) -> Result<(), Usage> {
    let Violation { oracle, message, .. } = &told.violation;
    let decisions = told.shown.deviations.len();
    let mut text = format!("{oracle}: {message}\n\n{}\n", verdict::distance(decisions));
    text.push_str(&told.shown.shortened());
    let critical = told.shown.critical_text();
    if !critical.is_empty() {
        text.push_str(&format!("\n{critical}"));
    }
    text.push_str(&format!(
        "\nfound by {}; {} before shrinking, {decisions} now\n{}\n\n",
        told.origin,
        verdict::counted(told.before as u64, "decision"),
        match path {
            Some(path) => format!("replay it with: {}", verdict::replay_command(path)),
            None => "its schedule could not be written; the same command finds it again".to_string(),
        }
    ));
    print(&text)
}

fn violation_line(found: &Found, plan: &Plan, told: &Told, path: Option<&str>) -> String {
    let Violation { oracle, message, fingerprint } = &told.violation;
    let outcome = &told.shown.outcome;
    let mut object = Object::new("violation");
    object.text("oracle", oracle.name()).text("message", message).text("fingerprint", fingerprint);
    object.number("count", found.count).number("seed", plan.seed).number("run", found.run);
    object.number("steps", outcome.steps).number("choices", outcome.choices);
    object.number("deviations", told.shown.deviations.len() as u64);
    object.number("deviations_before", told.before as u64);
    told.shown.critical_json(&mut object);
    match path {
        Some(path) => object.text("schedule", path),
        None => object.null("schedule"),
    };
    object.text("digest", &outcome.digest.to_string());
    object.line()
}
