//! Histories that programs record (`warpbeam:invoke/2`, `ok/2`, `failed/1`), and their judgement at the end of a run.
//!
//! Invariant: an operation ends as early as its process says so, and begins as late as the scheduler lets it, so that
//! what came before what in a run is known as well as it can be.

use super::models::{ALL, Builtin, Call, Text};
use super::{Operation, Verdict, check};
use std::collections::BTreeMap;

/// An operation as it was recorded.
#[derive(Clone, Debug)]
struct Record {
    object: Text,
    call: Call,
    shown: Text,
    began: u64,
    ended: Option<u64>,
    answer: Option<Text>,
    failed: bool,
}

#[derive(Clone, Debug, Default)]
pub struct History {
    records: Vec<Record>,
    time: u64,
}

/// Operations that a sentence shows.
const SHOWN_MAX: usize = 12;

impl History {
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub fn clear(&mut self) {
        self.records.clear();
        self.time = 0;
    }

    /// An operation begins; its number.
    pub fn invoked(&mut self, object: &str, call: Call, shown: &str) -> u64 {
        self.time += 1;
        let (object, shown, began) = (Text::from(object), Text::from(shown), self.time);
        let record = Record { object, call, shown, began, ended: None, answer: None, failed: false };
        self.records.push(record);
        self.records.len() as u64
    }

    /// An operation ends, the first time that this is said. `None`: without an effect.
    pub fn returned(&mut self, number: u64, answer: Option<&str>) {
        self.time += 1;
        let index = usize::try_from(number).unwrap_or(usize::MAX).checked_sub(1);
        let Some(record) = index.and_then(|index| self.records.get_mut(index)) else { return };
        if record.ended.is_none() {
            record.ended = Some(self.time);
            record.answer = answer.map(Text::from);
            record.failed = answer.is_none();
        }
    }

    /// What is wrong with the history: a sentence, and the object that it is about.
    pub fn problem(&self, path: &dyn Fn(u32) -> String) -> Option<(String, Text)> {
        let mut parts: BTreeMap<(&Text, Option<&Text>), Vec<&Record>> = BTreeMap::new();
        for record in self.records.iter().filter(|record| !record.failed) {
            let Some(model) = model_of(&record.object) else {
                let names = ALL.map(|(_, name)| name).join(", ");
                let message = format!("{} names none of the models {names}", record.object);
                return Some((message, record.object.clone()));
            };
            if !model.knows(&record.call) {
                let message = format!("{} is no operation of a {}", record.shown, model.name());
                return Some((message, record.object.clone()));
            }
            parts.entry((&record.object, model.part(&record.call))).or_default().push(record);
        }
        let problem = |((object, _), records): ((&Text, Option<&Text>), Vec<&Record>)| {
            Some((unordered(object, &records, path)?, object.clone()))
        };
        parts.into_iter().find_map(problem)
    }
}

/// `Model` or `{Model, _}`.
fn model_of(object: &str) -> Option<Builtin> {
    let name = match object.strip_prefix('{') {
        Some(rest) => rest.split_once(',')?.0,
        None => object,
    };
    Builtin::named(name)
}

/// The sentence, if no order explains these operations.
fn unordered(object: &Text, records: &[&Record], path: &dyn Fn(u32) -> String) -> Option<String> {
    let model = model_of(object).expect("it was looked at before");
    let operation = |record: &&Record| Operation {
        call: record.call.clone(),
        answer: record.answer.clone(),
        began: record.began,
        ended: record.ended,
    };
    let operations: Vec<_> = records.iter().map(operation).collect();
    let Verdict::Impossible(longest) = check(&model, &operations) else { return None };
    let shown = |record: &&Record| {
        let answer = match (&record.answer, record.ended) {
            (Some(answer), _) => format!(" -> {answer}"),
            (None, None) => ", no end".to_string(),
            (None, Some(_)) => String::new(),
        };
        format!("{} {}{answer}", path(record.call.process), record.shown)
    };
    let mut text: Vec<String> = records.iter().take(SHOWN_MAX).map(shown).collect();
    if records.len() > SHOWN_MAX {
        text.push(format!("and {} more", records.len() - SHOWN_MAX));
    }
    Some(format!(
        "no order of the {} operations on {object} gives their results ({} of them at most have one): {}",
        records.len(),
        longest.len(),
        text.join("; ")
    ))
}
