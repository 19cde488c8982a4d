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

/// Does `work` while another thread shows how far it is and stops it after `limit`.
pub fn watched<T: Send>(
    progress: &Progress,
    limit: Option<Duration>,
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
                draw(progress.runs(), started.elapsed());
            }
        }
        if shows {
            erase();
        }
        Ok(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

fn draw(runs: u64, elapsed: Duration) {
    let rate = runs as f64 / elapsed.as_secs_f64().max(1e-9);
    // A terminal that is gone shows nothing.
    let _ = write!(std::io::stderr(), "\r{runs} runs, {rate:.0} a second \x1b[K");
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
