//! The line of a journal that says where a proof stands.
//!
//! ```text
//! front 2c0:0:0 1,9f3c41,77ab01 1:1:2:1,1:2:2 1,2,1 -,2/0:1:4:0.1:1:4:1
//! ```
//! Classes, runs that were blocked, and flags; actors; runs, of numbers of actors; the run under way; its nodes: who was
//! explored, and what is left. Invariant: what is written reads back equal, and nothing else is read.

use super::line::{list, number, numbers, read_list, read_number, read_numbers, read_small};
use crate::explore::dpor::Totals;
use crate::explore::dpor::front::{Front, Standing, Twig};
use std::collections::BTreeMap;

/// Numbers of actors, in order of their first mention.
#[derive(Default)]
struct Cast {
    numbers: BTreeMap<u64, u64>,
    actors: Vec<u64>,
}

impl Cast {
    fn number(&mut self, actor: u64) -> u64 {
        *self.numbers.entry(actor).or_insert_with(|| {
            self.actors.push(actor);
            self.actors.len() as u64 - 1
        })
    }

    fn all(&mut self, actors: &[u64]) -> Vec<u64> {
        actors.iter().map(|&actor| self.number(actor)).collect()
    }
}

pub fn write_front(out: &mut String, front: &Front) {
    let mut cast = Cast::default();
    let runs: Vec<Vec<u64>> = front.runs.iter().map(|run| cast.all(run)).collect();
    let path = cast.all(&front.path);
    let explored: Vec<Vec<u64>> = front.nodes.iter().map(|node| cast.all(&node.explored)).collect();
    let Totals { classes, blocked, complete } = front.totals;
    let flags =
        [front.blind, front.over, complete].iter().fold(0, |flags, &flag| flags << 1 | u64::from(flag));
    out.push_str("front ");
    numbers(out, &[classes, blocked, flags]);
    out.push(' ');
    list(out, &cast.actors, |out, &actor| number(out, actor));
    out.push(' ');
    list(out, &runs, |out, run| numbers(out, run));
    out.push(' ');
    list(out, &path, |out, &actor| number(out, actor));
    out.push(' ');
    let nodes: Vec<(&Vec<u64>, &Standing)> = explored.iter().zip(&front.nodes).collect();
    list(out, &nodes, |out, (explored, standing)| {
        numbers(out, explored);
        out.push('/');
        for (i, twig) in standing.left.iter().enumerate() {
            if i > 0 {
                out.push('.');
            }
            let Twig { depth, run, reversal, step } = *twig;
            numbers(out, &[depth, run, reversal, step].map(u64::from));
        }
    });
    out.push('\n');
}

pub fn read_front(rest: &str) -> Option<Front> {
    let fields: Vec<&str> = rest.split(' ').collect();
    let &[totals, actors, runs, path, nodes] = fields.as_slice() else { return None };
    let [classes, blocked, flags] = read_numbers(totals)?;
    (flags < 8).then_some(())?;
    let flag = |bit: u64| flags >> bit & 1 == 1;
    let actors = read_list(actors, read_number)?;
    let actor = |text: &str| actors.get(read_number(text)? as usize).copied();
    let cast = |text: &str| parts(text, ':').map(actor).collect::<Option<Vec<u64>>>();
    let node = |text: &str| {
        let (explored, left) = text.split_once('/')?;
        let left = parts(left, '.').map(read_twig).collect::<Option<_>>()?;
        Some(Standing { explored: cast(explored)?, left })
    };
    Some(Front {
        totals: Totals { classes, blocked, complete: flag(0) },
        over: flag(1),
        blind: flag(2),
        runs: read_list(runs, cast)?,
        path: read_list(path, actor)?,
        nodes: read_list(nodes, node)?,
    })
}

/// What stands between marks; nothing in no text.
fn parts(text: &str, mark: char) -> impl Iterator<Item = &str> {
    (!text.is_empty()).then(|| text.split(mark)).into_iter().flatten()
}

fn read_twig(text: &str) -> Option<Twig> {
    let parts: Vec<u32> = text.split(':').map(read_small).collect::<Option<_>>()?;
    let &[depth, run, reversal, step] = parts.as_slice() else { return None };
    Some(Twig { depth, run, reversal, step })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let twig = |depth, step| Twig { depth, run: 1, reversal: 4, step };
        let standing =
            Standing { explored: vec![9, 1 << 60], left: vec![twig(0, 0), twig(1, 3), twig(0, 2)] };
        let front = Front {
            totals: Totals { classes: 704, blocked: 1, complete: false },
            blind: true,
            over: false,
            runs: vec![vec![9, 9, 1 << 60], vec![1]],
            path: vec![1, 9],
            nodes: vec![Standing::default(), standing, Standing::default()],
        };
        let over = Front { over: true, nodes: vec![Standing::default()], ..Front::default() };
        for front in [front, over, Front::default()] {
            let mut text = String::new();
            write_front(&mut text, &front);
            let rest = text.strip_prefix("front ").and_then(|rest| rest.strip_suffix('\n'));
            assert_eq!(rest.and_then(read_front), Some(front), "{text}");
        }
        assert_eq!(read_front("0:0:0 - 1:1 - -"), None, "an actor that there is not");
        assert_eq!(read_front("0:0:0 5 0::0 - -"), None, "a number that there is not");
        assert_eq!(read_front("0:0:8 - - - -"), None, "a flag that there is not");
    }
}
