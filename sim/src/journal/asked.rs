//! The line of a journal that says what runs of `bounded` were asked.
//!
//! ```text
//! asked 2232,,3~1f~2
//! ```
//! For each run, in order, how many options each question after its last deviation had: a digit in base sixteen, or more
//! of them between marks. The schedules that are left follow from it without a run. Invariant: what is written reads
//! back equal, and nothing else is read.

use super::line::{number, read_small};

/// What some runs were asked, as it is written; it is read one run at a time since a journal has many.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked(Box<str>);

/// Adds a run to those of the line.
pub fn write_asked(line: &mut String, first: bool, arities: &[u32]) {
    if !first {
        line.push(',');
    }
    for &arity in arities {
        let few = arity < 16;
        if !few {
            line.push('~');
        }
        number(line, arity.into());
        if !few {
            line.push('~');
        }
    }
}

pub fn read_asked(rest: &str) -> Option<Asked> {
    rest.split(',').all(|run| read_one(run).is_some()).then(|| Asked(rest.into()))
}

fn read_one(mut run: &str) -> Option<Vec<u32>> {
    let mut arities = Vec::new();
    while !run.is_empty() {
        let (digits, rest) = match run.strip_prefix('~') {
            Some(many) => many.split_once('~')?,
            None => run.split_at_checked(1)?,
        };
        let arity = read_small(digits)?;
        (arity >= 2).then(|| arities.push(arity))?;
        run = rest;
    }
    Some(arities)
}

impl Asked {
    /// Run by run.
    pub fn runs(&self) -> impl Iterator<Item = Vec<u32>> {
        self.0.split(',').map(|run| read_one(run).expect("it was looked at when it was read"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for runs in [vec![vec![]], vec![vec![], vec![]], vec![vec![2, 15, 16, 3], vec![], vec![u32::MAX]]] {
            let mut line = String::new();
            runs.iter().enumerate().for_each(|(at, run)| write_asked(&mut line, at == 0, run));
            let asked = read_asked(&line).expect("it was written");
            assert_eq!(asked.runs().collect::<Vec<_>>(), runs, "{line}");
        }
        for damaged in ["1", "2~10", "2 2", "g", "~~", "~1~", "~100000000~", "é"] {
            assert_eq!(read_asked(damaged), None, "{damaged}");
        }
    }
}
