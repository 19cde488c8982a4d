//! OTP's services in use, through the command as users call it: what programs print and their exit status are those
//! of `erl -noshell`, and exploration of a `gen_server` program finds its race, the same under every plan and number
//! of threads.
//!
//! The programs are in `tests/services`; `expected/` there has what `erl` 25 gave, written anew with `BLESS=1`. Where
//! `erl` 25 is present it is asked afresh. Pids, times, sizes of heaps and line numbers of OTP are left out of
//! the comparison. Without an installed OTP the tests say that they were skipped.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test reads files and runs commands"
)]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use warpbeam_sim::cli::program::{Given, ServicesWanted};
use warpbeam_sim::explore::dull::Dull;
use warpbeam_sim::explore::random::Random;
use warpbeam_sim::world::End;
use warpbeam_sim::world::settings::{Settings, TimeMode};

/// Each program and its exit status. `s_plain` reaches no service that would start the logger: it is asked for.
const PROGRAMS: [(&str, i32); 14] = [
    ("s_hello", 0),
    ("s_echo", 0),
    ("s_halt", 3),
    ("s_stop", 4),
    ("s_reports", 0),
    ("s_plain", 0),
    ("s_app", 0),
    ("s_text", 0),
    ("s_data", 0),
    ("s_code", 0),
    ("s_again", 0),
    ("s_global", 0),
    ("s_path", 0),
    ("s_handlers", 0),
];

/// Starts a program as warpbeam does, in a process of its own, and writes UTF-8 as warpbeam does.
const START: &str = "io:setopts([{encoding, unicode}]), \
    {_, M} = spawn_monitor(NAME, main, []), receive {'DOWN', M, _, _, _} -> init:stop() end.";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a member of the workspace").to_path_buf()
}

fn programs() -> PathBuf {
    repository().join("tests/services")
}

/// The release of the installed OTP; `None`, said aloud, where there is none.
fn otp() -> Option<String> {
    let script = "io:put_chars(erlang:system_info(otp_release)), halt().";
    let found = Command::new("erl").args(["-noshell", "-eval", script]).output();
    if found.is_err() {
        eprintln!("SKIP: no OTP is installed");
    }
    String::from_utf8(found.ok()?.stdout).ok()
}

struct Ran {
    output: String,
    status: Option<i32>,
}

fn ran(command: &mut Command) -> Ran {
    let done = command.output().expect("the command starts");
    let output = String::from_utf8(done.stdout).expect("programs print UTF-8");
    let status = done.status.code();
    Ran { output, status }
}

fn warpbeam(arguments: &[&str]) -> Ran {
    ran(Command::new(env!("CARGO_BIN_EXE_warpbeam")).current_dir(repository()).args(arguments))
}

/// What the program reads from its standard input.
fn input(name: &str) -> Stdio {
    std::fs::File::open(programs().join(format!("{name}.in"))).map_or_else(|_| Stdio::null(), Stdio::from)
}

fn in_erl(name: &str) -> Ran {
    let start = START.replace("NAME", name);
    let arguments = ["-noshell", "-pa", ".", "-eval", &start];
    ran(Command::new("erl").current_dir(programs()).args(arguments).stdin(input(name)))
}

fn in_warpbeam(name: &str) -> Ran {
    let beam = format!("{name}.beam");
    let services = if name == "s_plain" { "on" } else { "auto" };
    let arguments = ["run", &beam, ".", "--services", services];
    ran(Command::new(env!("CARGO_BIN_EXE_warpbeam"))
        .current_dir(programs())
        .args(arguments)
        .stdin(input(name)))
}

/// The text with numbers left out where they differ from run to run: in pids, and in the lines that hold
/// times, sizes, or lines of OTP's sources.
fn comparable(text: &str) -> String {
    text.lines().map(|line| comparable_line(line) + "\n").collect()
}

fn comparable_line(line: &str) -> String {
    const VARYING: [&str; 4] =
        ["    heap_size: ", "    stack_size: ", "    reductions: ", "    dictionary: "];
    if let Some(name) = VARYING.iter().find(|name| line.starts_with(**name)) {
        return (*name).to_string();
    }
    if let Some((kind, _)) = line.split_once(" REPORT==== ") {
        return format!("{kind} REPORT====");
    }
    let own = line.contains("s_");
    let mut kept = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(['<', 'l']) {
        let (before, from) = rest.split_at(at);
        kept.push_str(before);
        let number = |text: &str| text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let opened = ["<", "line ", "line,"].iter().find(|opening| from.starts_with(**opening));
        let taken = match opened {
            Some(opening) if *opening == "<" || !own => {
                kept.push_str(opening);
                opening.len() + number(&from[opening.len()..])
            }
            _ => {
                kept.push_str(&from[..1]);
                1
            }
        };
        rest = &from[taken..];
    }
    kept + rest
}

/// What a program does otherwise than is committed.
fn differs(name: &str, status: i32, release: &str) -> Option<String> {
    let path = programs().join(format!("expected/{name}.txt"));
    if release == "25" {
        let theirs = in_erl(name);
        assert_eq!(theirs.status, Some(status), "{name} in erl");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, comparable(&theirs.output)).expect("the expectation can be written");
        }
        let committed = std::fs::read_to_string(&path).expect("the expectation is committed");
        assert_eq!(comparable(&theirs.output), committed, "{name}: erl does not do what is committed");
    }
    let committed = std::fs::read_to_string(&path).expect("the expectation is committed");
    let Ran { output, status: ended } = in_warpbeam(name);
    let same = ended == Some(status) && comparable(&output) == committed;
    (!same).then(|| format!("{name} ends with {ended:?} after\n{output}"))
}

/// Most of the time they wait, so a few run at once.
#[test]
fn programs_print_and_end_as_in_erl() {
    let Some(release) = &otp() else { return };
    let mut wrong = Vec::new();
    for some in PROGRAMS.chunks(4) {
        wrong.extend(std::thread::scope(|scope| {
            let begin = |&(name, status)| scope.spawn(move || differs(name, status, release));
            let running: Vec<_> = some.iter().map(begin).collect();
            running.into_iter().filter_map(|one| one.join().expect("a comparison ends")).collect::<Vec<_>>()
        }));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Programs whose output is the same under every schedule, in the simulator. Those that read input, ask for a
/// status or leave the order of two writers open are not among them.
const SIMULATED: [&str; 6] = ["s_hello", "s_app", "s_text", "s_data", "s_code", "s_again"];

#[test]
fn programs_print_in_the_simulator_what_they_print_in_erl() {
    if otp().is_none() {
        return;
    }
    let mut wrong = Vec::new();
    for name in SIMULATED {
        let path = programs().join(format!("expected/{name}.txt"));
        let committed = std::fs::read_to_string(&path).expect("the expectation is committed");
        let beam = programs().join(format!("{name}.beam"));
        let program = [beam, programs()].map(|path| path.to_str().expect("the path is text").to_string());
        let given = Given { program: program.to_vec(), ..Given::default() };
        let program = given.load("explore").expect("the program can be loaded");
        let settings = Settings { time: TimeMode::Idle, steps_max: 1_000_000, ..Settings::default() };
        let mut runner = program.runner(settings);
        let mut random = Random::new(7);
        for run in 0..2 {
            let outcome = if run == 0 {
                runner.run(&mut Dull)
            } else {
                random.start_run(run);
                runner.run(&mut random)
            };
            let output = runner.world().output();
            if !matches!(outcome.end, End::Quiet) || comparable(output) != committed {
                wrong.push(format!("{name}, run {run}, ends with {:?} after\n{output}", outcome.end));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn who_halts_with_another_status_than_0_has_failed() {
    let out = std::env::temp_dir().join(format!("warpbeam-halts-{}", std::process::id()));
    let explore = |module: &str, options: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_warpbeam"));
        command.args(["explore", "--json", "--runs", "3", "--out"]).arg(&out);
        command.arg(repository().join(module)).args(options.split(' '));
        let output = command.stdin(Stdio::null()).output().expect("the command runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    for strategy in ["random", "bounded", "dpor"] {
        let options = format!("--strategy {strategy} --services off -f halts");
        let (status, text) = explore("tests/threads/busy.beam", &options);
        assert!(status == Some(1) && text.contains("halted the program with status 7"), "{strategy}: {text}");
        let (status, text) = explore("tests/threads/busy.beam", &options.replace("halts", "prints"));
        assert_eq!(status, Some(0), "{strategy}: {text}");
    }
    if otp().is_some() {
        let (status, text) = explore("tests/services/s_stop.beam", "--strategy random");
        assert!(status == Some(1) && text.contains("halted the program with status 4"), "{text}");
    }
    let _ = std::fs::remove_dir_all(out);
}

/// What a program writes from when it is up until SIGTERM has ended it, and its exit status.
fn terminated(command: &mut Command) -> (String, Option<i32>) {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("the command starts");
    let mut output = BufReader::new(child.stdout.take().expect("just piped"));
    let mut line = String::new();
    while line.trim() != "up" {
        line.clear();
        assert!(output.read_line(&mut line).expect("programs print UTF-8") > 0, "it comes up");
    }
    let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(sent.expect("there is a kill command").success());
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("programs print UTF-8");
    (rest, child.wait().expect("it is our child").code())
}

#[test]
fn applications_are_stopped_when_the_operating_system_asks_for_an_end() {
    if otp().is_none() {
        return;
    }
    let mut here = Command::new(env!("CARGO_BIN_EXE_warpbeam"));
    let ended = terminated(here.current_dir(programs()).args(["run", "s_term.beam"]));
    assert_eq!(ended, ("about to stop\nstopped\n".to_string(), Some(0)));
}

#[test]
fn a_crash_reaches_the_logger_in_the_simulator() {
    if otp().is_none() {
        return;
    }
    let beam = programs().join("s_plain.beam");
    let program = vec![beam.to_str().expect("the path is text").to_string()];
    let given = Given { program, services: ServicesWanted::On, ..Given::default() };
    let program = given.load("explore").expect("the program can be loaded");
    let mut runner = program.runner(Settings { time: TimeMode::Idle, ..Settings::default() });
    let outcome = runner.run(&mut Dull);
    assert!(matches!(outcome.end, End::Quiet), "{:?}", outcome.end);
    let output = comparable(runner.world().output());
    let report = "=ERROR REPORT====\nError in process <> with exit value:\n{{bad,[thing]},";
    assert!(output.contains(report), "{output}");
}

#[test]
fn bounded_and_dpor_take_programs_that_need_services() {
    if otp().is_none() {
        return;
    }
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("exhaustive-{}", std::process::id()));
    let out = out.to_str().expect("the path is text");
    for (strategy, beam, status) in [
        ("bounded", "examples/otp/bank.beam", 1),
        ("bounded", "examples/otp/bank_fixed.beam", 0),
        ("dpor", "examples/otp/bank.beam", 1),
        ("dpor", "examples/otp/bank_fixed.beam", 0),
    ] {
        let how = ["--strategy", strategy, "--runs", "200", "--no-shrink", "--out", out];
        let found = warpbeam(&[&["explore", beam][..], &how[..]].concat());
        assert_eq!(found.status, Some(status), "{strategy} {beam}\n{}", found.output);
        let proved = found.output.contains("proved: nothing to find");
        assert_eq!(proved, strategy == "dpor" && status == 0, "{strategy} {beam}\n{}", found.output);
    }
    std::fs::remove_dir_all(out).expect("a violation has a schedule, which can be removed");
}

/// The last line of `explore`, up to its time.
fn summary(output: &str) -> &str {
    let line = output.lines().last().expect("explore says something");
    line.rsplit_once(", ").map_or(line, |(before_time, _)| before_time)
}

#[test]
fn exploration_finds_the_race_of_a_gen_server_and_none_in_its_twin() {
    if otp().is_none() {
        return;
    }
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("services-{}", std::process::id()));
    let out = out.to_str().expect("the path is text");
    // Seed 3's first run is clean, so that runs are counted and schedules differ.
    for (beam, status) in [
        ("examples/otp/bank.beam", 1),
        ("examples/otp/bank_fixed.beam", 0),
        ("tests/services/s_race.beam", 1),
    ] {
        let mut first: Option<String> = None;
        for gc in ["normal", "every-7", "every-safepoint"] {
            for threads in ["1", "2"] {
                let found = warpbeam(&[
                    "explore",
                    beam,
                    "--runs",
                    "30",
                    "--keep-going",
                    "--seed",
                    "3",
                    "--gc",
                    gc,
                    "--threads",
                    threads,
                    "--out",
                    out,
                ]);
                assert_eq!(
                    found.status,
                    Some(status),
                    "{beam} --gc {gc} --threads {threads}\n{}",
                    found.output
                );
                let summary = summary(&found.output).to_string();
                assert!(summary.contains("digest"), "{}", found.output);
                assert_eq!(
                    *first.get_or_insert(summary.clone()),
                    summary,
                    "{beam} --gc {gc} --threads {threads}"
                );
            }
        }
    }
    let schedules: Vec<PathBuf> = std::fs::read_dir(out)
        .expect("schedules are written")
        .map(|entry| entry.expect("readable").path())
        .collect();
    assert!(!schedules.is_empty(), "a violation has a schedule");
    for schedule in &schedules {
        let text = std::fs::read_to_string(schedule).expect("a schedule is text");
        let replayed = warpbeam(&["replay", schedule.to_str().expect("the path is text")]);
        assert_eq!(replayed.status, Some(1), "{}", replayed.output);
        let digest = replayed.output.trim_end().rsplit(' ').next().expect("replay prints its digest");
        assert!(text.contains(digest), "{digest} is not in the schedule\n{text}");
    }
    std::fs::remove_dir_all(out).expect("the schedules can be removed");
}

#[test]
fn missing_lists_the_native_functions_that_a_program_could_reach() {
    for (command, beam, caller) in [
        ("run", "tests/services/s_missing.beam", Some("s_missing:handle_call/3")),
        ("explore", "tests/services/s_missing.beam", Some("s_missing:handle_call/3")),
        ("run", "examples/lost_update.beam", None),
    ] {
        let listed = warpbeam(&[command, beam, "--missing", "--otp", "none"]);
        assert_eq!(listed.status, Some(0), "{command} {beam}");
        let line = caller.map(|caller| format!("erlang:trace/3 called by {caller}\n"));
        assert_eq!(listed.output, line.unwrap_or_default(), "{command} {beam}");
    }
    assert_eq!(warpbeam(&["run", "examples/lost_update.beam", "-m", "none", "--missing"]).status, Some(2));
}
