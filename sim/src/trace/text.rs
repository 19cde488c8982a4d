//! A story as text: one line a sentence, actors in a column, decisions marked.
//!
//! ```text
//!          main        begins with lost_update:main/0
//!       1  main        spawns main.1 to run lost_update:client/2
//!       4  main.1      sends {read,<main.1>} to main.3 (account)
//!   >   5  main.2      sends {read,<main.2>} to main.3 (account)      (decision: instead of main.1)
//! ```

use super::story::Line;
use crate::choice::Class;
use std::fmt::Write;

/// Columns that names of actors may take before they push their sentence aside.
const NAME_COLUMNS_MAX: usize = 32;

/// Lines up to which a story is printed in whole where nobody asked for it.
const SHORT_LINES: usize = 1_000;
/// Lines at the beginning and at the end of a longer one.
const KEPT_LINES: usize = 100;

pub fn text(lines: &[Line]) -> String {
    some(&lines.iter().collect::<Vec<_>>(), |_| true)
}

/// What a reader asks for first: of a long story the beginning, the end and the decisions; nothing that is minor.
pub fn shortened(lines: &[Line]) -> String {
    let wanted: Vec<&Line> = lines.iter().filter(|line| !line.is_minor || line.decision.is_some()).collect();
    let long = wanted.len() > SHORT_LINES;
    let mut out = some(&wanted, |at| {
        !long || at < KEPT_LINES || at + KEPT_LINES >= wanted.len() || wanted[at].decision.is_some()
    });
    if wanted.len() < lines.len() {
        out.push_str("         (`replay --trace text` has the steps that are left out: those of services, and what only makes ready)\n");
    }
    out
}

fn some(lines: &[&Line], shows: impl Fn(usize) -> bool) -> String {
    let width = lines.iter().map(|line| line.actor.chars().count()).max().unwrap_or(0).min(NAME_COLUMNS_MAX);
    let mut out = String::new();
    let mut left_out = 0;
    for (at, line) in lines.iter().enumerate() {
        if !shows(at) {
            left_out += 1;
            continue;
        }
        if std::mem::take(&mut left_out) > 0 {
            out.push_str("          ... (`replay --trace text` has what is left out here)\n");
        }
        let step = if line.step > 0 { line.step.to_string() } else { String::new() };
        let mark = if line.decision.is_some() { '>' } else { ' ' };
        let Line { actor, text, .. } = line;
        write!(out, "{mark} {step:>5}  {actor:<width$}  {text}").expect("a string takes any text");
        if let Some(decision) = &line.decision {
            let why = match decision.class {
                Class::Time => "decision: before others had to wait for it".to_string(),
                Class::Order | Class::Delivery => format!("decision: instead of {}", decision.instead_of),
                Class::Fault => format!("decision: {}", decision.picked),
                _ => "decision".to_string(),
            };
            write!(out, "   <- {why}").expect("a string takes any text");
        }
        out.push('\n');
    }
    out
}
