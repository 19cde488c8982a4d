//! The production table: each workload of `bench.erl` on this runtime and on `erl`, one scheduler each, alternately.
//!
//!     cargo bench -p warpbeam --bench production [-- [--rounds N] [WORKLOAD...]]
//!
//! Each measurement is a process of its own, ours this same binary again, so that both are timed and charged alike. A
//! rate is that of the best trial of all rounds, by the program's own clock. Beside it stands the ratio of processor time
//! for one operation, which neighbours on the machine disturb less, so it says whether an aim is reached: the user's, as
//! `statistics(runtime)` counts it within the measured parts of trials, of which there are enough that its milliseconds do
//! not matter; the best of all rounds. Starting, and setting up a trial, are in neither. Without `erl` there is our column
//! alone.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a bench starts processes and reads files"
)]

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use warpbeam::code::CodeServer;
use warpbeam::code::path::CodePath;
use warpbeam::heap::parcel::Parcel;
use warpbeam::otp::find::{Otp, Wanted, find};
use warpbeam::sched::threads::{Ended, Entry, Options, run};
use warpbeam::term::show::show;
use warpbeam::term::{Atom, Word};

/// Workload, what is counted, the first aim as a share of OTP's JIT, and both aims as they are printed. Where an aim
/// names OTP's plain interpreter, its share of the JIT on a machine of this kind is in it.
type Workload = (&'static str, &'static str, Option<f64>, [&'static str; 2]);

const UNAIMED: [&str; 2] = ["-", "-"];
const OF_INTERPRETER: [&str; 2] = ["0.5x interpreter", "1x"];

const WORKLOADS: [Workload; 24] = [
    ("ring", "messages", Some(1.0), ["1x", "2x"]),
    ("pingpong", "messages", Some(1.0), ["1x", "2x"]),
    ("spawn_seq", "processes", Some(1.0), ["1x", "2x"]),
    ("spawn_batch", "processes", None, UNAIMED),
    ("mon_down", "monitors", Some(1.0), ["1x", "2x"]),
    ("idle", "processes", None, UNAIMED),
    ("call", "calls", Some(1.0), ["1x", "1.5x"]),
    ("fib30", "calls", Some(0.5 * 149.0 / 452.0), OF_INTERPRETER),
    ("countdown", "turns", None, UNAIMED),
    ("nrev", "inferences", Some(0.5 * 238.0 / 291.0), OF_INTERPRETER),
    ("lists_ops", "elements", Some(0.5 * 67.0 / 101.0), OF_INTERPRETER),
    ("sort", "elements", Some(0.5 * 4.5 / 5.8), OF_INTERPRETER),
    ("maps_ops", "operations", Some(0.7), ["0.7x", "1.5x"]),
    ("ets_insert", "insertions", Some(0.7), ["0.7x", "1.5x"]),
    ("ets_lookup", "lookups", Some(0.7), ["0.7x", "1.5x"]),
    ("ets_count", "counts", Some(0.7), ["0.7x", "-"]),
    ("ets_ordered", "lookups", Some(0.7), ["0.7x", "-"]),
    ("bin_append", "bytes", Some(0.5), ["0.5x", "1x"]),
    ("bin_match", "pairs", Some(0.5), ["0.5x", "1x"]),
    ("iolists", "parts", None, UNAIMED),
    ("exc", "throws", Some(0.5), ["0.5x", "1x"]),
    ("funcall", "calls", Some(0.5), ["0.5x", "1x"]),
    ("timers", "timers", Some(1.0), ["1x", "2x"]),
    ("selrecv", "receives", Some(0.7), ["0.7x", "1x"]),
];

/// Workloads that call OTP's libraries.
const OVER_OTP: [&str; 3] = ["call", "lists_ops", "sort"];

/// Idle processes whose memory is read, and for how long they are held.
const HELD: i64 = 500_000;
const HELD_MS: i64 = 2_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Machine {
    Erl,
    Warpbeam,
}

/// What one process measured.
struct Measured {
    /// Of one trial.
    operations: f64,
    best_ns: f64,
    cpu_ns_per_operation: f64,
}

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench").peekable();
    if words.next_if(|word| word == "--call").is_some() {
        let words: Vec<String> = words.collect();
        println!("{}", call(&words));
        return;
    }
    let mut rounds = 3;
    let mut chosen = Vec::new();
    while let Some(word) = words.next() {
        if word == "--rounds" {
            rounds = words.next().and_then(|n| n.parse().ok()).expect("--rounds is followed by a number");
        } else {
            assert!(
                word == "idle_bytes" || WORKLOADS.iter().any(|w| w.0 == word),
                "there is no workload {word}"
            );
            chosen.push(word);
        }
    }
    table(rounds, &chosen);
}

/// Calls `bench:measure([W])` or `bench:hold(N, Ms)` here, and shows the result.
fn call(words: &[String]) -> String {
    let mut path = CodePath::of(&[benches().join("bench.beam")]).expect("bench.beam is committed");
    path.set_otp(otp());
    let code = Arc::new(CodeServer::new(Box::new(path)));
    let module = Atom::new("bench").expect("the name is short");
    code.ensure_loaded(module).expect("bench.beam is a module");
    let (function, arity, arguments) = match words {
        [count, ms] => {
            let word = |text: &String| Word::small(text.parse().expect("hold is given numbers"));
            let given = [word(count), word(ms)];
            ("hold", 2, Parcel::build(|heap| heap.new_list(&given, Word::NIL)))
        }
        names => {
            let atom = |name: &String| Word::atom(Atom::new(name).expect("a workload's name is short"));
            let atoms: Vec<Word> = names.iter().map(atom).collect();
            let measured = Parcel::build(|heap| {
                let list = heap.new_list(&atoms, Word::NIL)?;
                heap.new_list(&[list], Word::NIL)
            });
            ("measure", 1, measured)
        }
    };
    let arguments = arguments.expect("a few words have room");
    let function = Atom::new(function).expect("the name is short");
    let options = Options { threads: NonZeroUsize::MIN, signals: false, ..Options::default() };
    let ended = run(Arc::clone(&code), Entry { module, function, arguments, arity }, options);
    match ended {
        Ok(Ended { result: Some(result), .. }) => {
            let (heap, word) = result.unpack(&code.view().literals);
            show(&heap, word)
        }
        Ok(Ended { end, .. }) => panic!("bench:{}/{arity} ended with {end:?}", function.text()),
        Err(error) => panic!("{error}"),
    }
}

fn otp() -> Option<Otp> {
    find(&Wanted::Search).expect("the installation of OTP that is named can be used")
}

fn benches() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches")
}

/// Starts a process that makes the call and prints its result.
fn start(machine: Machine, function: &str, arguments: &[String]) -> Child {
    let mut command = match machine {
        Machine::Warpbeam => {
            let mut command = Command::new(std::env::current_exe().expect("a running program has a file"));
            command.arg("--call").args(arguments);
            command
        }
        Machine::Erl => {
            let arguments =
                if function == "hold" { arguments.join(",") } else { format!("[{}]", arguments.join(",")) };
            let mut command = Command::new("erl");
            command.args(["+S", "1:1", "+P", "2000000", "-noshell", "-pa"]).arg(benches());
            command
                .args(["-eval", &format!("io:format(\"~0p~n\", [bench:{function}({arguments})]), halt().")]);
            command
        }
    };
    command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("the process starts")
}

fn measure(machine: Machine, workload: &str) -> Measured {
    let output =
        start(machine, "measure", &[workload.to_owned()]).wait_with_output().expect("the process ends");
    assert!(output.status.success(), "{workload:?} failed");
    let text = String::from_utf8(output.stdout).expect("a term is text");
    let numbers: Vec<f64> =
        text.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
    // {Name, Operations, BestNs, CpuMs, Trials}; a name may end in digits.
    let [.., operations, best_ns, cpu_ms, trials] = numbers[..] else {
        panic!("{workload} is not measured: {text}")
    };
    Measured { operations, best_ns, cpu_ns_per_operation: cpu_ms * 1e6 / (operations * trials) }
}

/// The better of two, each figure by itself.
fn better(a: Measured, b: Measured) -> Measured {
    Measured {
        best_ns: a.best_ns.min(b.best_ns),
        cpu_ns_per_operation: a.cpu_ns_per_operation.min(b.cpu_ns_per_operation),
        ..b
    }
}

/// Bytes that an idle process costs: growth of the peak resident size between few and many.
fn idle_bytes(machine: Machine) -> f64 {
    let resident = |count: i64| {
        let arguments = [count.to_string(), HELD_MS.to_string()];
        let mut child = start(machine, "hold", &arguments);
        let mut peak_kb = 0;
        while child.try_wait().expect("a child can be waited for").is_none() {
            peak_kb = peak_kb.max(peak_resident_kb(child.id()));
            std::thread::sleep(Duration::from_millis(20));
        }
        peak_kb as f64 * 1024.0
    };
    (resident(HELD) - resident(1)) / HELD as f64
}

fn peak_resident_kb(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn table(rounds: u32, chosen: &[String]) {
    let has_otp = otp().is_some();
    let wanted = |name: &str| {
        let can = has_otp || !OVER_OTP.contains(&name);
        can && (chosen.is_empty() || chosen.iter().any(|c| c == name))
    };
    let has_erl = Command::new("erl").arg("-version").output().is_ok();
    let machines = if has_erl { vec![Machine::Warpbeam, Machine::Erl] } else { vec![Machine::Warpbeam] };
    println!(
        "| workload | counted | erl, M/s | warpbeam, M/s | ratio | by CPU time | first aim | reached | aim |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for workload in WORKLOADS.iter().filter(|w| wanted(w.0)) {
        row(workload, rounds, &machines);
    }
    if wanted("idle_bytes") {
        let ours = idle_bytes(Machine::Warpbeam);
        let theirs = has_erl.then(|| idle_bytes(Machine::Erl));
        let ratio = theirs.map_or("-".to_owned(), |theirs| format!("{:.2}", ours / theirs));
        let reached = theirs.map_or("-", |theirs| yes(ours <= theirs));
        let theirs = theirs.map_or("-".to_owned(), |theirs| format!("{theirs:.0} B"));
        println!(
            "| idle_bytes | bytes a process | {theirs} | {ours:.0} B | {ratio} | - | 1x | {reached} | 0.5x |"
        );
    }
}

fn row(&(name, counted, least, [first, last]): &Workload, rounds: u32, machines: &[Machine]) {
    let mut both: [Option<Measured>; 2] = [None, None];
    for _ in 0..rounds {
        for (slot, &machine) in both.iter_mut().zip(machines) {
            let now = measure(machine, name);
            *slot = Some(match slot.take() {
                Some(before) => better(before, now),
                None => now,
            });
        }
    }
    let rate = |m: &Measured| m.operations / m.best_ns * 1000.0;
    let [Some(ours), theirs] = both else { panic!("there is at least one round") };
    let our_rate = rate(&ours);
    let Some(theirs) = theirs else {
        println!("| {name} | {counted} | - | {our_rate:.3} | - | - | - | - | - |");
        return;
    };
    let (their_rate, by_cpu) = (rate(&theirs), theirs.cpu_ns_per_operation / ours.cpu_ns_per_operation);
    let ratio = our_rate / their_rate;
    let reached = least.map_or("-", |least| yes(by_cpu >= least));
    print!("| {name} | {counted} | {their_rate:.3} | {our_rate:.3} | {ratio:.2} | {by_cpu:.2} ");
    println!("| {first} | {reached} | {last} |");
}

fn yes(reached: bool) -> &'static str {
    if reached { "yes" } else { "no" }
}
