//! Schedules as text.
//!
//! ```text
//! warpbeam schedule 1
//! program examples/lost_update.beam
//! module lost_update 00112233445566778899aabbccddeeff
//! entry lost_update:main
//! gc normal
//! time budget 200000000
//! digest a6ab8582b843afee
//! choices
//! main.2#7 run main.1 send
//! ```
//! `#` after a blank begins a comment. Invariant: what is written reads back equal.

use super::{Deviation, Schedule, ServicesRan, VERSION};
use crate::kernel::host;
use crate::op_name::{op_name, verb};
use crate::world::settings::{Delivery, Scope, Settings, TimeMode};
use std::fmt::{self, Write};
use warpbeam::heap::policy::GcPlan;

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Deviation { class, actor, count, option, op } = self;
        write!(f, "{actor}#{count} {} {option} {}", verb(*class), op_name(*op))
    }
}

/// The file's text. `comments` has one for each deviation, or is empty.
pub fn text(schedule: &Schedule, comments: &[String]) -> String {
    let mut out = String::new();
    write_all(schedule, comments, &mut out).expect("writing to a string does not fail");
    out
}

fn write_all(schedule: &Schedule, comments: &[String], out: &mut String) -> fmt::Result {
    writeln!(out, "warpbeam schedule {VERSION}")?;
    for path in &schedule.program {
        writeln!(out, "program {}", escaped(path))?;
    }
    for module in &schedule.modules {
        writeln!(out, "module {} {}", escaped(&module.name), hex(&module.md5))?;
    }
    let entry = &schedule.entry;
    writeln!(out, "entry {}:{}", escaped(&entry.module), escaped(&entry.function))?;
    if let Some(arguments) = &entry.arguments {
        writeln!(out, "arguments {}", arguments.len())?;
        arguments.iter().try_for_each(|argument| writeln!(out, "argument {}", escaped(argument)))?;
    }
    match schedule.services {
        ServicesRan::Off => {}
        ServicesRan::Needed => writeln!(out, "services needed")?,
        ServicesRan::On => writeln!(out, "services on")?,
    }
    write_settings(&schedule.settings, out)?;
    if let Some(origin) = &schedule.origin {
        writeln!(out, "origin {}", escaped(origin))?;
    }
    if let Some(verdict) = &schedule.verdict {
        writeln!(out, "violation {}", escaped(&verdict.oracle))?;
        writeln!(out, "message {}", escaped(&verdict.message))?;
        writeln!(out, "fingerprint {}", escaped(&verdict.fingerprint))?;
    }
    writeln!(out, "digest {}", schedule.digest)?;
    writeln!(out, "choices")?;
    for (i, deviation) in schedule.deviations.iter().enumerate() {
        match comments.get(i) {
            Some(comment) => writeln!(out, "{deviation:<40} # {}", escaped(comment))?,
            None => writeln!(out, "{deviation}")?,
        }
    }
    Ok(())
}

fn write_settings(settings: &Settings, out: &mut String) -> fmt::Result {
    let Settings {
        seed,
        gc,
        delivery,
        time,
        time_budget_ns,
        settle_ns,
        steps_max,
        livelock_calls,
        memory_words,
        must_end,
        deadlock,
        crash,
        files,
        hosts,
        faults,
        fault_rate,
        after_crash,
    } = settings;
    writeln!(out, "seed {seed}")?;
    writeln!(out, "gc {}", gc_text(*gc))?;
    writeln!(out, "delivery {}", delivery_text(*delivery))?;
    writeln!(out, "time {} {time_budget_ns}", time_text(*time))?;
    writeln!(out, "settle {settle_ns}")?;
    writeln!(out, "steps {steps_max}")?;
    writeln!(out, "livelock {livelock_calls}")?;
    if let Some(words) = memory_words {
        writeln!(out, "memory {words}")?;
    }
    if *must_end {
        writeln!(out, "must-end yes")?;
    }
    writeln!(out, "deadlock {}", scope_text(*deadlock))?;
    writeln!(out, "crash {}", scope_text(*crash))?;
    if let Some(files) = files {
        writeln!(out, "files {} {}", files.hash, escaped(&files.directory))?;
    }
    if !hosts.is_empty() {
        writeln!(out, "hosts {}", host::text(hosts))?;
    }
    if !faults.is_none() {
        writeln!(out, "faults {}", faults.text())?;
    }
    if let Some(rate) = fault_rate {
        writeln!(out, "fault-rate {rate}")?;
    }
    match after_crash {
        Some(function) => writeln!(out, "after-crash {}", escaped(function)),
        None => Ok(()),
    }
}

pub fn gc_text(plan: GcPlan) -> String {
    match plan {
        GcPlan::Normal => "normal".to_string(),
        GcPlan::Every(n) => format!("every-{n}"),
        GcPlan::EverySafepoint => "every-safepoint".to_string(),
    }
}

pub fn delivery_text(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Causal => "causal",
        Delivery::Pairwise => "pairwise",
    }
}

pub fn time_text(time: TimeMode) -> &'static str {
    match time {
        TimeMode::Budget => "budget",
        TimeMode::Idle => "idle",
        TimeMode::Free => "free",
    }
}

pub fn scope_text(scope: Scope) -> &'static str {
    match scope {
        Scope::Entry => "entry",
        Scope::Any => "any",
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The text on one line.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out
}
