//! The options that decide how a simulated run goes.

use super::args::{Args, Usage, refuse};
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::host;
use crate::kernel::preloaded::Preloaded;
use crate::schedule::{Schedule, read};
use crate::world::settings::Settings;
use std::path::Path;
use std::sync::Arc;

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
        "--steps" => settings.steps_max = args.positive(option)?,
        "--memory" => settings.memory_words = Some(args.positive(option)?),
        "--files" => {
            let directory = args.value(option)?;
            let files = Preloaded::read(directory.clone(), Path::new(&directory)).map_err(Usage)?;
            settings.files = Some(Arc::new(files));
        }
        "--livelock" => settings.livelock_calls = args.positive(option)?,
        "--hosts" => {
            let list = args.value(option)?;
            let Some(hosts) = host::parse(&list) else {
                return refuse(format!(
                    "`{list}` is neither a number of hosts, up to 254, nor addresses of as many, each once, with commas between"
                ));
            };
            settings.hosts = hosts;
        }
        "--faults" => {
            let list = args.value(option)?;
            settings.faults = match Faults::parse(&list) {
                Ok(faults) => faults,
                Err(name) => return refuse(no_fault(name)),
            };
        }
        "--fault-rate" => {
            let per_million: u32 = args.number(option)?;
            if per_million > 1_000_000 {
                return refuse("--fault-rate is of a million operations");
            }
            settings.fault_rate = Some((u64::from(per_million) * 65_536).div_ceil(1_000_000) as u32);
        }
        "--after-crash" => settings.after_crash = Some(args.value(option)?),
        _ => return Ok(false),
    }
    Ok(true)
}

fn milliseconds(ms: u32) -> u64 {
    u64::from(ms) * 1_000_000
}

/// The settings of a schedule, with the files that it was found with. Their directory is looked for from here, then from where
/// the schedule lies.
pub fn of_schedule(schedule: &Schedule, path: &str) -> Result<Settings, Usage> {
    let mut settings = schedule.settings.clone();
    if let Some(known) = &schedule.settings.files {
        let beside = Path::new(path).parent().unwrap_or(Path::new(""));
        let files = Preloaded::find(known.directory.clone(), beside).map_err(Usage)?;
        if files != **known {
            let directory = &known.directory;
            return refuse(format!(
                "the files in {directory} are not those that the schedule was found with"
            ));
        }
        settings.files = Some(Arc::new(files));
    }
    Ok(settings)
}

/// Refuses faults of links where there are none: a campaign would find nothing and not say why.
pub fn check_links(settings: &Settings) -> Result<(), Usage> {
    let faults = settings.faults;
    match faults.iter().find(|fault| fault.is_of_links()) {
        Some(fault) if settings.hosts.len() < 2 && faults != Faults::all() => {
            refuse(format!("--faults {} is between hosts, and there are none without --hosts", fault.name()))
        }
        _ => Ok(()),
    }
}

fn no_fault(name: &str) -> String {
    let all: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
    format!("`{name}` is no fault; there are {}, and alone all or none", all.join(", "))
}
