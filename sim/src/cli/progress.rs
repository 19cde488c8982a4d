//! Progress of long work: a line on a terminal, nothing in a pipe. Also the clock on the wall.
//!
//! Invariant: nothing here has a part in what is found.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "shows and limits wall time only")]

use super::args::Usage;
use crate::campaign::Progress;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Wall time since the beginning.
#[derive(Clone, Copy, Debug)]
pub struct Watch(Instant);

impl Watch {
    pub fn start() -> Watch {
        Watch(Instant::now())
    }

    pub fn seconds(self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

/// How often the line is drawn anew and the time limit looked at.
const TICK: Duration = Duration::from_millis(50);

/// Does `work` while another thread shows how far it is and stops it after the limit of time. Of runs there is one at most too.
pub fn watched<T: Send>(
    progress: &Progress,
    (runs, limit): (Option<u64>, Option<Duration>),
    work: impl FnOnce() -> T + Send,
) -> Result<T, Usage> {
    let shows = std::io::stderr().is_terminal();
    if !shows && limit.is_none() {
        return Ok(work());
    }
    let started = Instant::now();
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new()
            .spawn_scoped(scope, work)
            .map_err(|e| Usage(format!("a thread cannot be started: {e}")))?;
        while !worker.is_finished() {
            if limit.is_some_and(|limit| started.elapsed() >= limit) {
                progress.stop();
            }
            std::thread::park_timeout(TICK);
            if shows {
                draw(&line(progress, runs, limit, started.elapsed()));
            }
        }
        if shows {
            erase();
        }
        Ok(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Runs, how fast they are, what they cover, how likely the next one shows something new, and the time that is left.
fn line(progress: &Progress, runs: Option<u64>, limit: Option<Duration>, elapsed: Duration) -> String {
    let done = progress.runs();
    let here = progress.runs_here();
    let rate = here as f64 / elapsed.as_secs_f64().max(1e-9);
    let mut line = match runs {
        Some(all) => format!("{done} of {all} runs, {rate:.0} a second"),
        None => format!("{done} runs, {rate:.0} a second"),
    };
    match progress.classes() {
        (0, _) => {}
        (classes, 0) => line.push_str(&format!(", {classes} classes, none of them only once")),
        (classes, once) => {
            line.push_str(&format!(", {classes} classes, a new one in one of {} runs", (done / once).max(1)));
        }
    }
    let by_runs = runs.filter(|_| here > 0).map(|all| all.saturating_sub(done) as f64 / rate);
    let by_time = limit.map(|limit| limit.saturating_sub(elapsed).as_secs_f64());
    if let Some(left) = by_runs.into_iter().chain(by_time).min_by(f64::total_cmp) {
        line.push_str(&format!(", {left:.0} s left at most"));
    }
    line
}

fn draw(line: &str) {
    // A terminal that is gone shows nothing.
    let _ = write!(std::io::stderr(), "\r{line} \x1b[K");
}

fn erase() {
    let _ = write!(std::io::stderr(), "\r\x1b[K");
}

/// Reads `60s`, `5m`, `500ms`, `2h`.
pub fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..digits].parse().ok()?;
    let ms = match &text[digits..] {
        "ms" => 1,
        "s" | "" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(ms).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_is_done_and_what_is_left() {
        let progress = Progress::default();
        let two = Duration::from_secs(2);
        assert_eq!(line(&progress, Some(9), None, two), "0 of 9 runs, 0 a second");
        (0..40).for_each(|_| progress.ran());
        assert_eq!(line(&progress, Some(100), None, two), "40 of 100 runs, 20 a second, 3 s left at most");
        let resumed = Progress::default();
        resumed.ran_before(80);
        assert_eq!(line(&resumed, Some(90), None, two), "80 of 90 runs, 0 a second");
        (0..4).for_each(|_| resumed.ran());
        assert_eq!(line(&resumed, Some(90), None, two), "84 of 90 runs, 2 a second, 3 s left at most");
        progress.told((7, 4));
        let both = line(&progress, None, Some(Duration::from_secs(3)), two);
        assert_eq!(both, "40 runs, 20 a second, 7 classes, a new one in one of 10 runs, 1 s left at most");
    }
}
