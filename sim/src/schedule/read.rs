//! Reading schedules: hostile input gives an error with its line, never a panic.
//!
//! Invariant: memory is bounded by the size of the file, which is bounded.

use super::{Deviation, EntryText, ModuleHash, Schedule, ServicesRan, VERSION, Verdict};
use crate::choice::Class;
use crate::kernel::fault::Faults;
use crate::kernel::host;
use crate::kernel::preloaded::Preloaded;
use crate::name::ActorName;
use crate::op_name::{class_of, op_of};
use crate::world::settings::{Delivery, Scope, Settings, TimeMode};
use std::fmt;
use std::sync::Arc;
use warpbeam::heap::policy::GcPlan;

/// Bytes that a schedule file may have.
pub const BYTES_MAX: usize = 64 << 20;
/// Arguments that an entry call may have.
const ARGUMENTS_MAX: usize = 1000;

/// Why a file is no schedule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScheduleError {
    /// From 1; 0 where no line is to blame.
    pub line: usize,
    pub kind: ScheduleErrorKind,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ScheduleErrorKind {
    TooLarge,
    NotText,
    NotASchedule,
    Version(String),
    /// A header line that nobody knows.
    UnknownKey(String),
    /// A header line's value.
    BadValue {
        key: String,
        value: String,
    },
    Missing(&'static str),
    /// A key of the header that stands once stands again.
    Twice(String),
    /// A line of choices.
    BadPlace(String),
    BadVerb(String),
    BadOption(String),
    BadOperation(String),
    Incomplete,
    /// Two lines for the same place.
    Doubled,
}

impl fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        match &self.kind {
            ScheduleErrorKind::TooLarge => write!(f, "a schedule has at most {BYTES_MAX} bytes"),
            ScheduleErrorKind::NotText => f.write_str("it is not UTF-8 text"),
            ScheduleErrorKind::NotASchedule => {
                f.write_str("it does not begin with `warpbeam schedule VERSION`")
            }
            ScheduleErrorKind::Version(v) => write!(f, "version {v} is not known (this is {VERSION})"),
            ScheduleErrorKind::UnknownKey(key) => write!(f, "`{key}` is no part of a schedule's header"),
            ScheduleErrorKind::BadValue { key, value } => write!(f, "`{value}` is no value of `{key}`"),
            ScheduleErrorKind::Twice(key) => write!(f, "`{key}` stands twice"),
            ScheduleErrorKind::Missing(key) => write!(f, "the header has no `{key}`"),
            ScheduleErrorKind::BadPlace(text) => {
                write!(f, "`{text}` is no place (such as `main.2#7`)")
            }
            ScheduleErrorKind::BadVerb(text) => write!(f, "`{text}` is no kind of choice"),
            ScheduleErrorKind::BadOption(text) => write!(f, "`{text}` names nobody who could be picked"),
            ScheduleErrorKind::BadOperation(text) => write!(f, "`{text}` is no operation"),
            ScheduleErrorKind::Incomplete => {
                f.write_str("a choice is a place, a verb, an option, an operation")
            }
            ScheduleErrorKind::Doubled => f.write_str("an earlier line has the same place"),
        }
    }
}

impl std::error::Error for ScheduleError {}

fn fail<T>(line: usize, kind: ScheduleErrorKind) -> Result<T, ScheduleError> {
    Err(ScheduleError { line, kind })
}

/// Reads a schedule file's bytes.
pub fn parse(bytes: &[u8]) -> Result<Schedule, ScheduleError> {
    if bytes.len() > BYTES_MAX {
        return fail(0, ScheduleErrorKind::TooLarge);
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return fail(0, ScheduleErrorKind::NotText) };
    let mut lines = text.lines().enumerate().map(|(i, line)| (i + 1, line));
    let version = lines.next().and_then(|(_, line)| line.trim_end().strip_prefix("warpbeam schedule "));
    match version {
        None => return fail(1, ScheduleErrorKind::NotASchedule),
        Some(version) if version != VERSION.to_string() => {
            return fail(1, ScheduleErrorKind::Version(shortened(version)));
        }
        Some(_) => {}
    }
    let mut header = Header::default();
    let mut ended = false;
    for (number, line) in lines.by_ref() {
        let line = line.trim();
        if line == "choices" {
            ended = true;
            break;
        }
        if !line.is_empty() && !line.starts_with('#') {
            header.line(number, line)?;
        }
    }
    if !ended {
        return fail(0, ScheduleErrorKind::Missing("choices"));
    }
    let mut deviations = Vec::new();
    for (number, line) in lines {
        let line = line.split(" #").next().unwrap_or_default().trim();
        if !line.is_empty() && !line.starts_with('#') {
            deviations.push((number, deviation(number, line)?));
        }
    }
    refuse_doubled(&deviations)?;
    header.finish(deviations.into_iter().map(|(_, d)| d).collect())
}

fn refuse_doubled(deviations: &[(usize, Deviation)]) -> Result<(), ScheduleError> {
    let mut places: Vec<_> = deviations.iter().map(|(line, d)| (d.place(), *line)).collect();
    places.sort_unstable();
    match places.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => fail(pair[1].1, ScheduleErrorKind::Doubled),
        None => Ok(()),
    }
}

fn deviation(number: usize, line: &str) -> Result<Deviation, ScheduleError> {
    let words: Vec<&str> = line.split_whitespace().take(5).collect();
    let &[place, verb, option, op] = words.as_slice() else {
        return fail(number, ScheduleErrorKind::Incomplete);
    };
    let placed = place.rsplit_once('#').and_then(|(actor, count)| {
        Some((ActorName::parse(actor)?, count.parse::<u32>().ok().filter(|_| !count.starts_with('+'))?))
    });
    let Some((actor, count)) = placed else {
        return fail(number, ScheduleErrorKind::BadPlace(shortened(place)));
    };
    let Some(class) = class_of(verb) else {
        return fail(number, ScheduleErrorKind::BadVerb(shortened(verb)));
    };
    let Some(option) = ActorName::parse(option) else {
        return fail(number, ScheduleErrorKind::BadOption(shortened(option)));
    };
    let Some(op) = op_of(op) else { return fail(number, ScheduleErrorKind::BadOperation(shortened(op))) };
    Ok(Deviation { class, actor, count, option, op })
}

/// Keys that may stand more than once.
const MANY: [&str; 3] = ["program", "module", "argument"];

/// What the header has had so far.
#[derive(Default)]
struct Header {
    /// Keys so far.
    keys: Vec<String>,
    program: Vec<String>,
    modules: Vec<ModuleHash>,
    entry: Option<EntryText>,
    services: ServicesRan,
    settings: Settings,
    origin: Option<String>,
    verdict: Option<Verdict>,
    digest: Option<String>,
}

impl Header {
    fn line(&mut self, number: usize, line: &str) -> Result<(), ScheduleError> {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        let value = value.trim();
        if self.keys.iter().any(|known| known == key) && !MANY.contains(&key) {
            return fail(number, ScheduleErrorKind::Twice(shortened(key)));
        }
        self.keys.push(key.to_string());
        match self.set(key, value) {
            Some(true) => Ok(()),
            Some(false) => fail(number, ScheduleErrorKind::UnknownKey(shortened(key))),
            None => {
                let (key, value) = (shortened(key), shortened(value));
                fail(number, ScheduleErrorKind::BadValue { key, value })
            }
        }
    }

    /// `None` for a bad value, `false` for an unknown key.
    fn set(&mut self, key: &str, value: &str) -> Option<bool> {
        let settings = &mut self.settings;
        match key {
            "program" => self.program.push(unescaped(value)?),
            "module" => {
                let (name, md5) = value.rsplit_once(' ')?;
                self.modules.push(ModuleHash { name: unescaped(name)?, md5: unhex(md5)? });
            }
            "entry" => {
                let (module, function) = value.rsplit_once(':')?;
                let entry = self.entry.get_or_insert_default();
                (entry.module, entry.function) = (unescaped(module)?, unescaped(function)?);
            }
            "arguments" => {
                value.parse::<usize>().ok().filter(|&n| n <= ARGUMENTS_MAX)?;
                self.entry.get_or_insert_default().arguments.get_or_insert_default();
            }
            "argument" => {
                let list = self.entry.get_or_insert_default().arguments.as_mut()?;
                if list.len() == ARGUMENTS_MAX {
                    return None;
                }
                list.push(unescaped(value)?);
            }
            "services" => {
                self.services = match value {
                    "on" => ServicesRan::On,
                    "needed" => ServicesRan::Needed,
                    "off" => ServicesRan::Off,
                    _ => return None,
                }
            }
            "seed" => settings.seed = value.parse().ok()?,
            "gc" => settings.gc = gc_plan(value)?,
            "delivery" => settings.delivery = delivery(value)?,
            "time" => {
                let (mode, budget) = value.split_once(' ')?;
                (settings.time, settings.time_budget_ns) = (time_mode(mode)?, budget.parse().ok()?);
            }
            "settle" => settings.settle_ns = value.parse().ok()?,
            "steps" => settings.steps_max = value.parse().ok()?,
            "livelock" => settings.livelock_calls = value.parse().ok()?,
            "memory" => settings.memory_words = Some(value.parse().ok()?),
            "must-end" => settings.must_end = matches!(value, "yes").then_some(true)?,
            "deadlock" => settings.deadlock = scope(value)?,
            "crash" => settings.crash = scope(value)?,
            "files" => {
                let (hash, directory) = value.split_once(' ').filter(|(hash, _)| is_digest(hash))?;
                let files = Preloaded::named(unescaped(directory)?, hash.to_string());
                settings.files = Some(Arc::new(files));
            }
            "hosts" => settings.hosts = host::parse(value)?,
            "faults" => settings.faults = Faults::parse(value).ok()?,
            "fault-rate" => settings.fault_rate = Some(value.parse().ok()?),
            "after-crash" => settings.after_crash = Some(unescaped(value)?),
            "origin" => self.origin = Some(unescaped(value)?),
            "violation" => self.verdict.get_or_insert_default().oracle = unescaped(value)?,
            "message" => self.verdict.get_or_insert_default().message = unescaped(value)?,
            "fingerprint" => self.verdict.get_or_insert_default().fingerprint = unescaped(value)?,
            "digest" => self.digest = Some(value.to_string()).filter(|d| is_digest(d)),
            _ => return Some(false),
        }
        (key != "digest" || self.digest.is_some()).then_some(true)
    }

    fn finish(self, deviations: Vec<Deviation>) -> Result<Schedule, ScheduleError> {
        let missing = |key| ScheduleError { line: 0, kind: ScheduleErrorKind::Missing(key) };
        let entry = self.entry.filter(|e| !e.module.is_empty()).ok_or_else(|| missing("entry"))?;
        Ok(Schedule {
            program: self.program,
            modules: self.modules,
            entry,
            services: self.services,
            settings: self.settings,
            origin: self.origin,
            verdict: self.verdict,
            digest: self.digest.ok_or_else(|| missing("digest"))?,
            deviations,
        })
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// A text as an error shows it.
fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

pub fn gc_plan(text: &str) -> Option<GcPlan> {
    match text {
        "normal" => Some(GcPlan::Normal),
        "every-safepoint" => Some(GcPlan::EverySafepoint),
        _ => text.strip_prefix("every-")?.parse().ok().filter(|&n| n > 0).map(GcPlan::Every),
    }
}

pub fn delivery(text: &str) -> Option<Delivery> {
    match text {
        "causal" => Some(Delivery::Causal),
        "pairwise" => Some(Delivery::Pairwise),
        _ => None,
    }
}

pub fn time_mode(text: &str) -> Option<TimeMode> {
    match text {
        "budget" => Some(TimeMode::Budget),
        "idle" => Some(TimeMode::Idle),
        "free" => Some(TimeMode::Free),
        _ => None,
    }
}

pub fn scope(text: &str) -> Option<Scope> {
    match text {
        "entry" => Some(Scope::Entry),
        "any" => Some(Scope::Any),
        _ => None,
    }
}

fn unhex(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    for (i, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
    }
    Some(bytes)
}

/// What [`super::write::escaped`] was given.
pub fn unescaped(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next()? {
            '\\' => out.push('\\'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            'u' => {
                let digits: String = chars.by_ref().take(4).collect();
                out.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
            }
            _ => return None,
        }
    }
    Some(out)
}

/// The classes that a line can be of, for tests.
pub const ALL_CLASSES: [Class; crate::choice::CLASSES] =
    [Class::Order, Class::Delivery, Class::Time, Class::Ring, Class::Fault, Class::Collect, Class::Data];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::write;

    fn example() -> Schedule {
        let deviation = |place: &str, verb: &str, option: &str, op: &str| {
            super::deviation(1, &format!("{place} {verb} {option} {op}")).expect("a good line")
        };
        Schedule {
            program: vec!["examples/lost update.beam".to_string(), "lib\\x".to_string()],
            modules: vec![ModuleHash { name: "lost update".to_string(), md5: [7; 16] }],
            entry: EntryText {
                module: "lost_update".to_string(),
                function: "main".to_string(),
                arguments: Some(vec!["a b".to_string(), String::new(), "\n\\".to_string()]),
            },
            services: ServicesRan::Needed,
            settings: Settings {
                gc: GcPlan::Every(3),
                delivery: Delivery::Pairwise,
                time: TimeMode::Free,
                memory_words: Some(5000),
                crash: Scope::Any,
                files: Some(Arc::new(Preloaded::named("a # b".to_string(), "0123456789abcdef".to_string()))),
                hosts: host::parse("10.0.0.1,::5").expect("addresses"),
                faults: Faults::all(),
                fault_rate: Some(655),
                after_crash: Some("look again".to_string()),
                ..Settings::default()
            },
            origin: Some("random, seed 1, run 17".to_string()),
            verdict: Some(Verdict {
                oracle: "entry-crash".to_string(),
                message: "it # ended\u{7}".to_string(),
                fingerprint: "x".to_string(),
            }),
            digest: "a6ab8582b843afee".to_string(),
            deviations: vec![
                deviation("main.2#7", "run", "main.1", "send"),
                deviation("main>main.2#1", "run", "main.1>main.2", "send"),
                deviation("after:main.1/4#1", "fire", "timer:main/2", "timeout"),
                deviation("main.2#3", "collect", "=1", "start"),
                deviation("io:main/3#1", "fail", "crash", "io"),
                deviation("crash#1", "run", "main~1.2", "send"),
            ],
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let schedule = example();
        let plain = write::text(&schedule, &[]);
        assert_eq!(parse(plain.as_bytes()), Ok(schedule.clone()));
        let comments = vec!["instead of main.2 # receive".to_string(); 6];
        assert_eq!(parse(write::text(&schedule, &comments).as_bytes()), Ok(schedule));
        for class in ALL_CLASSES {
            assert_eq!(class_of(crate::op_name::verb(class)), Some(class));
        }
    }

    #[test]
    fn bad_lines_are_named() {
        let good = write::text(&example(), &[]);
        let changes = [
            ("warpbeam schedule 1", "warpbeam schedule 2", 1),
            ("warpbeam schedule 1", "something", 1),
            ("gc every-3", "gc every-0", 12),
            ("gc every-3", "rubbish", 12),
            ("digest a6ab8582b843afee", "digest A6ab8582b843afee", 0),
            ("main.2#7 run", "main.2 run", 0),
            ("main.2#7 run", "main.2#+7 run", 0),
            ("main.2#7 run main.1", "main.2#7 run main.x", 0),
            ("main.2#7 run", "main.2#7 jump", 0),
            ("main.2#7 run main.1 send", "main.2#7 run main.1", 0),
            ("main.2#7 run main.1 send", "main.2#7 run main.1 cook", 0),
            ("main.2#3 collect", "main.2#7 run", 0),
            ("choices", "", 0),
            ("entry lost_update:main", "", 0),
        ];
        for (from, to, line) in changes {
            let bad = good.replacen(from, to, 1);
            let error = parse(bad.as_bytes()).expect_err(to);
            assert!(line == 0 || error.line == line, "{to}: {error}");
            assert!(!error.to_string().is_empty());
        }
        assert!(parse(&[0xff, 0xfe]).is_err() && parse(b"").is_err());
    }

    #[test]
    fn damaged_files_do_not_panic() {
        let good = write::text(&example(), &[]).into_bytes();
        for at in 0..good.len() {
            let _ = parse(&good[..at]);
            for flip in [1, 0x20, 0x80] {
                let mut bad = good.clone();
                bad[at] ^= flip;
                let _ = parse(&bad);
            }
        }
    }
}
