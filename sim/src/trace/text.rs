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

pub fn text(lines: &[Line]) -> String {
    let width = lines.iter().map(|line| line.actor.chars().count()).max().unwrap_or(0).min(NAME_COLUMNS_MAX);
    let mut out = String::new();
    for line in lines {
        let step = if line.step > 0 { line.step.to_string() } else { String::new() };
        let mark = if line.decision.is_some() { '>' } else { ' ' };
        let Line { actor, text, .. } = line;
        write!(out, "{mark} {step:>5}  {actor:<width$}  {text}").expect("a string takes any text");
        if let Some(decision) = &line.decision {
            let why = match decision.class {
                Class::Time => "decision: before others had to wait for it".to_string(),
                Class::Order | Class::Delivery => format!("decision: instead of {}", decision.instead_of),
                Class::Fault => format!("decision: {} before", decision.picked),
                _ => "decision".to_string(),
            };
            write!(out, "   <- {why}").expect("a string takes any text");
        }
        out.push('\n');
    }
    out
}
