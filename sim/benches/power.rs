//! Finding power: how many runs each strategy needs to its first violation, over many seeds.
//!
//!     cargo bench -p warpbeam-sim --bench power [-- [--seeds N] [--strategies A,B] [ROW...]]
//!
//! Prints the table of `benches/POWER.md`: medians over the seeds 1 to N (100), censored at 10,000 runs. What an
//! exhaustive strategy needs does not depend on a seed. One thread; the numbers are the same on every machine.
//!
//!     cargo bench -p warpbeam-sim --bench power -- --shrinking [--seeds N] [ROW...]
//!
//! Prints how many decisions are left of what `auto` found, beside the fewest that there are, which `bounded` says.

#![allow(clippy::disallowed_methods, reason = "a bench reads its arguments and the CPU clock")]

#[path = "../tests/power/natives.rs"]
mod natives;
#[path = "../tests/power/rows.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod rows;
#[path = "../tests/support/mod.rs"]
mod support;

use rows::{EXAMPLES, PORTS, Row};
use std::io::Write;
use support::{IO_BUGS, Program, flags, plan};
use warpbeam_sim::campaign::Plan;
use warpbeam_sim::explore::replay::Repeat;
use warpbeam_sim::explore::strategy::StrategyKind;
use warpbeam_sim::shrink::shrink;
use warpbeam_sim::world::settings::Settings;

/// Runs after which a search counts as in vain.
const CENSOR: u64 = 10_000;
const STRATEGIES: &str = "random,pct:3,pctcp,pos,surw,coverage,bounded,dpor,mix,auto";
/// The programs in Rust.
const IN_RUST: [&str; 2] = ["table_bank", "hasty"];
/// The strategy that the last column compares with the best of the others.
const JUDGED: &str = "auto";

struct Asked {
    seeds: u64,
    strategies: Vec<StrategyKind>,
    shrinking: bool,
    rows: Vec<String>,
}

fn asked() -> Asked {
    let mut asked = Asked { seeds: 100, strategies: Vec::new(), shrinking: false, rows: Vec::new() };
    let mut strategies = STRATEGIES.to_string();
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seeds" => asked.seeds = words.next().and_then(|n| n.parse().ok()).expect("--seeds N"),
            "--strategies" => strategies = words.next().expect("--strategies A,B"),
            "--shrinking" => asked.shrinking = true,
            _ => asked.rows.push(word),
        }
    }
    let parse = |name| StrategyKind::parse(name).unwrap_or_else(|| panic!("no strategy {name}"));
    asked.strategies = strategies.split(',').map(parse).collect();
    asked
}

/// Runs to the first violation; `CENSOR + 1` if that many were not enough.
fn runs_to_find(program: &Program, strategy: StrategyKind, seed: u64) -> u64 {
    let mut settings = Settings { seed, ..Settings::default() };
    if strategy == StrategyKind::Dpor {
        settings.time = warpbeam_sim::world::settings::TimeMode::Idle;
    }
    let plan = Plan { strategy, ..plan(seed, CENSOR) };
    let report = program.campaign(&plan, &settings);
    report.found.first().map_or(CENSOR + 1, |found| found.run + 1)
}

fn median(mut numbers: Vec<u64>) -> u64 {
    numbers.sort_unstable();
    numbers[(numbers.len() - 1) / 2]
}

/// The medians of a row, one for each strategy.
fn medians(row: &Row, asked: &Asked) -> Vec<u64> {
    let program = row.program(row.function);
    let of = |&strategy: &StrategyKind| {
        let seeds = if strategy.is_exhaustive() { 1 } else { asked.seeds };
        median((1..=seeds).map(|seed| runs_to_find(&program, strategy, seed)).collect())
    };
    asked.strategies.iter().map(of).collect()
}

/// The judged strategy's runs, in proportion to those of the best other one that samples or is exhaustive.
fn ratio(medians: &[u64], strategies: &[StrategyKind]) -> Option<f64> {
    let judged = strategies.iter().position(|s| s.to_string() == JUDGED)?;
    let others = medians.iter().enumerate().filter(|&(i, _)| i != judged).map(|(_, &runs)| runs);
    let best = others.min().filter(|&best| best <= CENSOR)?;
    Some(medians[judged] as f64 / best as f64)
}

/// CPU time of this thread, in nanoseconds.
fn cpu_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// Decisions left and milliseconds of CPU time taken, for one seed; `None` if another violation was found.
fn shrunk((program, settings): (&Program, &Settings), seed: u64, fingerprint: &str) -> Option<(u64, f64)> {
    let settings = Settings { seed, ..settings.clone() };
    let found = program.campaign(&plan(seed, CENSOR), &settings).found.into_iter().next()?;
    if found.violation.fingerprint != fingerprint {
        return None;
    }
    let mut runner = program.runner(&settings);
    let (_, keep) = runner.keep(&mut Repeat::new(&found.picks));
    let began = cpu_ns();
    let left = shrink(&mut runner, keep.deviations, fingerprint).deviations.len();
    Some((left as u64, (cpu_ns() - began) as f64 / 1e6))
}

fn shrinking(asked: &Asked) {
    println!(
        "| program | fewest | left: median | worst | CPU ms: median | worst |\n|---|---|---|---|---|---|"
    );
    let (mut ratios, mut slowest) = (Vec::new(), 0.0_f64);
    for (name, program, settings) in subjects(asked) {
        let bounded = Plan { strategy: StrategyKind::Bounded, ..plan(1, CENSOR) };
        let report = program.campaign(&bounded, &settings);
        let Some(best) = report.found.first() else { continue };
        let one = |seed| shrunk((&program, &settings), seed, &best.violation.fingerprint);
        let all: Vec<(u64, f64)> = (1..=asked.seeds).filter_map(one).collect();
        if all.is_empty() {
            continue;
        }
        let fewest = best.picks.len() as u64;
        let mut left: Vec<u64> = all.iter().map(|&(left, _)| left).collect();
        left.sort_unstable();
        let mut ms: Vec<f64> = all.iter().map(|&(_, ms)| ms).collect();
        ms.sort_by(f64::total_cmp);
        let (middle, last) = ((all.len() - 1) / 2, all.len() - 1);
        println!(
            "| `{}` | {fewest} | {} | {} | {:.1} | {:.1} |",
            name, left[middle], left[last], ms[middle], ms[last]
        );
        ratios.extend(left.iter().map(|&left| left as f64 / fewest.max(1) as f64));
        slowest = slowest.max(ms[last]);
    }
    ratios.sort_by(f64::total_cmp);
    let at = |part: usize| ratios[(ratios.len() - 1) * part / 100];
    println!(
        "\nleft against the fewest, all rows and seeds: median {:.2}, 9 in 10 at most {:.2}, worst {:.2}; slowest {slowest:.0} ms of CPU time",
        at(50),
        at(90),
        at(100)
    );
}

fn wanted(asked: &Asked, row: &str) -> bool {
    asked.rows.is_empty() || asked.rows.iter().any(|name| row.starts_with(name.as_str()))
}

/// The rows that were asked for.
fn chosen(asked: &Asked) -> impl Iterator<Item = &'static Row> {
    PORTS.iter().chain(EXAMPLES).filter(|row| wanted(asked, &row.name()))
}

/// The same for shrinking, beside programs over files and sockets and those in Rust.
fn subjects(asked: &Asked) -> impl Iterator<Item = (String, Program, Settings)> {
    let rows = chosen(asked).map(|row| (row.name(), row.program(row.function), Settings::default()));
    let over_files = IO_BUGS.iter().filter(|name| wanted(asked, name)).filter_map(|name| {
        let mut settings = Settings::default();
        let libraries = flags(name, &mut settings);
        let program = if libraries { Program::over_libraries(name)? } else { Program::example(name) };
        Some((name.to_string(), program, settings))
    });
    let in_rust = IN_RUST.iter().filter(|name| wanted(asked, name));
    let in_rust = in_rust.map(|name| {
        (name.to_string(), Program::of_natives(natives::natives(), "natives", name), Settings::default())
    });
    rows.chain(over_files).chain(in_rust)
}

fn main() {
    let asked = asked();
    if asked.shrinking {
        return shrinking(&asked);
    }
    let names: Vec<String> = asked.strategies.iter().map(ToString::to_string).collect();
    println!("| program | {} | ratio |", names.join(" | "));
    println!("|---|{}---|", "---|".repeat(names.len()));
    let mut ratios = Vec::new();
    for row in chosen(&asked) {
        let medians = medians(row, &asked);
        let cells: Vec<String> = medians
            .iter()
            .map(|&runs| if runs > CENSOR { "-".to_string() } else { runs.to_string() })
            .collect();
        let ratio = ratio(&medians, &asked.strategies);
        let text = ratio.map_or("-".to_string(), |ratio| format!("{ratio:.1}"));
        println!("| `{}` | {} | {text} |", row.name(), cells.join(" | "));
        std::io::stdout().flush().expect("standard output is there");
        ratios.extend(ratio);
    }
    if !ratios.is_empty() {
        ratios.sort_by(f64::total_cmp);
        let middle = ratios[(ratios.len() - 1) / 2];
        println!("\n`{JUDGED}` against the best: median {middle:.1}, worst {:.1}", ratios[ratios.len() - 1]);
    }
}
