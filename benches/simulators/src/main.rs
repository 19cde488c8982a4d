//! What other simulators reach in the rows of `sim/benches/simulation.rs`, on the same machine.
//!
//!     cargo run --release            in this directory; `benches/simulators/beside` runs it and ours in one go
//!
//! One thread. Each row is the best of a few repeats. The programs are as small as those of our rows: runs of nothing, threads that
//! yield, one sender and one receiver, sleeps, and two threads that both add to a counter under a lock.

use shuttle::scheduler::{DfsScheduler, PctScheduler, RandomScheduler};
use std::time::{Duration, Instant};

const REPEATS: u32 = 5;
const RUNS: usize = 20_000;
const YIELDS: usize = 200_000;
const MESSAGES: usize = 200_000;
const TIMERS: usize = 200_000;

fn row(name: &str, amount: usize, run: impl Fn()) {
    let seconds = |_| {
        let began = Instant::now();
        run();
        began.elapsed().as_secs_f64()
    };
    let best = (0..REPEATS).map(seconds).fold(f64::INFINITY, f64::min);
    println!("| {name} | {:.3} |", amount as f64 / best / 1e6);
}

fn config() -> shuttle::Config {
    let mut config = shuttle::Config::new();
    config.max_steps = shuttle::MaxSteps::None;
    config
}

fn yields() {
    let yields = || (0..YIELDS / 2).for_each(|_| shuttle::thread::yield_now());
    let other = shuttle::thread::spawn(yields);
    yields();
    other.join().expect("it ends");
}

fn messages() {
    let (sender, receiver) = shuttle::sync::mpsc::channel();
    let sends = move || (0..MESSAGES).for_each(|n| sender.send(n).expect("somebody receives"));
    let other = shuttle::thread::spawn(sends);
    assert_eq!(receiver.iter().count(), MESSAGES);
    other.join().expect("it ends");
}

fn adds() {
    let count = shuttle::sync::Arc::new(shuttle::sync::Mutex::new(0));
    let add =
        |count: &shuttle::sync::Mutex<i32>| (0..2).for_each(|_| *count.lock().expect("nobody panics") += 1);
    let shared = count.clone();
    let other = shuttle::thread::spawn(move || add(&shared));
    add(&count);
    other.join().expect("it ends");
}

fn loom_adds() {
    let count = loom::sync::Arc::new(loom::sync::Mutex::new(0));
    let add =
        |count: &loom::sync::Mutex<i32>| (0..3).for_each(|_| *count.lock().expect("nobody panics") += 1);
    let shared = count.clone();
    let other = loom::thread::spawn(move || add(&shared));
    add(&count);
    other.join().expect("it ends");
}

fn random(runs: usize, program: fn()) {
    shuttle::Runner::new(RandomScheduler::new(runs), config()).run(program);
}

/// How many schedules of the program a search of all tries.
fn all(program: fn()) -> usize {
    shuttle::Runner::new(DfsScheduler::new(None, false), config()).run(program)
}

fn loom_all() -> usize {
    let runs = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counts = runs.clone();
    loom::model(move || {
        counts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        loom_adds();
    });
    runs.load(std::sync::atomic::Ordering::Relaxed)
}

fn madsim(program: impl Future<Output = ()>) {
    madsim::runtime::Runtime::new().block_on(program);
}

async fn madsim_messages() {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(16);
    let sends = async move {
        for n in 0..MESSAGES {
            sender.send(n).await.expect("somebody receives");
        }
    };
    let other = madsim::task::spawn(sends);
    let mut received = 0;
    while receiver.recv().await.is_some() {
        received += 1;
    }
    assert_eq!(received, MESSAGES);
    other.await.expect("it ends");
}

async fn madsim_timers() {
    for _ in 0..TIMERS {
        madsim::time::sleep(Duration::from_millis(1)).await;
    }
}

fn main() {
    println!("| row | M/s |");
    println!("|---|---|");
    row("fresh runs of nothing, shuttle", RUNS, || random(RUNS, || {}));
    row("fresh runs of nothing, madsim", RUNS, || (0..RUNS).for_each(|_| madsim(async {})));
    row("scheduling points, shuttle at random", YIELDS, || random(1, yields));
    row("scheduling points, shuttle with PCT", YIELDS, || {
        shuttle::Runner::new(PctScheduler::new(3, 1), config()).run(yields);
    });
    row("messages, shuttle's mpsc", MESSAGES, || random(1, messages));
    row("messages, tokio's mpsc (16) in madsim", MESSAGES, || madsim(madsim_messages()));
    row("timers in virtual time, madsim", TIMERS, || madsim(madsim_timers()));
    row("schedules in a search of all, shuttle", all(adds), || assert!(all(adds) > 0));
    row("schedules in a search of all, loom", loom_all(), || assert!(loom_all() > 0));
}
