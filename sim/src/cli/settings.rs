//! The options that decide how a simulated run goes.

use super::args::{Args, Usage};
use crate::schedule::read;
use crate::world::settings::Settings;

/// Reads the option if it is one of these. Whether it was.
pub fn option(settings: &mut Settings, option: &str, args: &mut Args) -> Result<bool, Usage> {
    match option {
        "--gc" => settings.gc = args.parsed(option, read::gc_plan)?,
        "--delivery" => settings.delivery = args.parsed(option, read::delivery)?,
        "--time" => settings.time = args.parsed(option, read::time_mode)?,
        "--time-budget" => settings.time_budget_ns = milliseconds(args.number(option)?),
        "--settle" => settings.settle_ns = milliseconds(args.number(option)?),
        "--must-end" => settings.must_end = true,
        "--deadlock" => settings.deadlock = args.parsed(option, read::scope)?,
        "--crash" => settings.crash = args.parsed(option, read::scope)?,
        "--steps" => settings.steps_max = args.number(option)?,
        "--memory" => settings.memory_words = Some(args.number(option)?),
        "--livelock" => settings.livelock_calls = args.number(option)?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn milliseconds(ms: u32) -> u64 {
    u64::from(ms) * 1_000_000
}
