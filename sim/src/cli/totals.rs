//! What a campaign comes to, as text and as JSON, with an honest word on what may be left.
//!
//! Two estimates. A strategy that counts classes of runs: the share of runs that would show a new class is about that of the
//! runs whose class came up once (Good, "The population frequencies of species", 1953; for fuzzers Boehme, "STADS:
//! Software Testing as Species Discovery", 2018). A strategy whose runs are drawn alike: what shows in one run of n/3
//! or more would have been seen in n runs, 19 times of 20. Neither says anything of bugs that the strategy cannot reach.

use super::verdict::counted;
use crate::campaign::Report;
use crate::explore::strategy::StrategyKind;
use crate::json::Object;
use crate::oracle::claims::Kind;

/// `kinds`: how many violations differ; `took` comes after the digest.
pub fn text(
    call: &str,
    (report, kinds): (&Report, usize),
    strategy: StrategyKind,
    seed: u64,
    took: &str,
) -> String {
    let sums = &report.sums;
    let unmet = sums.claims.never().count() as u64;
    let found = match sums.violations {
        0 if report.complete == Some(true) && unmet > 0 => {
            format!("proved: {} that no run meets, and nothing else to find", counted(unmet, "claim"))
        }
        0 if report.complete == Some(true) => "proved: nothing to find".to_string(),
        0 => "nothing found".to_string(),
        1 => "1 violation".to_string(),
        n => format!("{n} violations, {}", counted(kinds as u64, "kind")),
    };
    let never = sums.claims.never();
    let never: String = never.map(|(kind, name)| format!("never met: {} {name}\n", kind.name())).collect();
    let mut runs = counted(sums.runs, "run");
    if sums.cut > 0 {
        runs.push_str(&format!(", {} cut at the step limit", sums.cut));
    }
    let (steps, choices, digest) = (sums.steps, sums.choices, sums.digest());
    let mut text = format!(
        "{never}{call}: {found} in {runs} ({strategy}, seed {seed}); {steps} steps, {choices} choices, \
         digest {digest}{took}\n"
    );
    if let Some(left) = left(report, strategy) {
        text.push_str(&format!("{left}\n"));
    }
    text
}

/// What may be left to find. Nothing is said of few runs.
fn left(report: &Report, strategy: StrategyKind) -> Option<String> {
    if report.done && report.complete.is_none() {
        return Some("that is all of this shard; `merge` says what all shards come to".to_string());
    }
    let runs = report.sums.runs;
    if runs < 100 {
        return None;
    }
    if let (Some(classes), Some(once)) = (report.classes, report.once) {
        let new = match once {
            0 => "none came up only once".to_string(),
            once if runs / once < 2 => "nearly every run would show a new one".to_string(),
            once => format!("about one run in {} would show a new one", runs / once),
        };
        return Some(format!("{} of runs; {new}", classes_of(classes)));
    }
    let alike = !strategy.is_exhaustive() && !strategy.learns() && strategy != StrategyKind::Mix;
    (alike && report.sums.violations == 0).then(|| {
        let rare = runs / 3;
        format!("what {strategy} shows in one run of {rare} or more would have been found, 19 times of 20")
    })
}

fn classes_of(count: u64) -> String {
    format!("{count} {}", if count == 1 { "class" } else { "classes" })
}

/// A line for each claim that is judged over all runs.
pub fn claims(report: &Report) -> String {
    let line = |(kind, name, runs): (Kind, &str, u64)| {
        let mut object = Object::new("claim");
        object.text("claim", kind.name()).text("name", name).number("runs", runs).truth("met", runs > 0);
        object.line()
    };
    report.sums.claims.all().map(line).collect()
}

pub fn line(report: &Report, strategy: StrategyKind) -> String {
    let sums = &report.sums;
    let mut object = Object::new("totals");
    object.text("strategy", &strategy.to_string());
    object.number("runs", sums.runs).number("violations", sums.violations);
    object.number("steps", sums.steps).number("choices", sums.choices);
    object.number("cut", sums.cut).number("never_met", sums.claims.never().count() as u64);
    // A sampling strategy counts no classes and never covers everything.
    match report.classes {
        Some(classes) => object.number("classes", classes),
        None => object.null("classes"),
    };
    if let Some(once) = report.once {
        object.number("classes_once", once);
    }
    if report.done && report.complete.is_none() {
        object.truth("shard_complete", sums.cut == 0);
    }
    object.truth("complete", report.complete == Some(true)).text("digest", &sums.digest().to_string());
    object.line()
}
