//! Programs over the ring, through the command: on both rings of this machine and in the simulator, under every strategy.
//!
//! The programs are in `tests/io`. Those that begin with `io_` assert what they are given, and print `done`. Those that begin with
//! `f_` print what OTP's `file` and what stands on it give; `expected/` there has what `erl` 25 printed, written anew with
//! `BLESS=1`, and where `erl` 25 is present it is asked afresh. Without an installed OTP the tests say that they were skipped.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test makes files and runs commands"
)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use warpbeam_sim::cli::program::Given;
use warpbeam_sim::explore::dull::Dull;
use warpbeam_sim::explore::random::Random;
use warpbeam_sim::world::End;
use warpbeam_sim::world::settings::{Settings, TimeMode};

const PROGRAMS: [&str; 2] = ["io_files", "io_pipes"];
/// Programs whose output is compared.
const COMPARED: [&str; 7] = ["f_names", "f_open", "f_text", "f_library", "f_packed", "f_ram", "f_pipes"];
/// Starts a program in `erl` as warpbeam does, in a process of its own, and writes UTF-8 as warpbeam does.
const START: &str = "io:setopts([{encoding, unicode}]), \
    {_, M} = spawn_monitor(NAME, main, [[\"PLACE\"]]), receive {'DOWN', M, _, _, normal} -> init:stop() end.";

fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a member of the workspace").join("tests/io")
}

fn has_otp() -> bool {
    let found = Command::new("erl").args(["-noshell", "-eval", "halt()."]).output().is_ok();
    if !found {
        eprintln!("SKIP: no OTP is installed");
    }
    found
}

/// Output, errors and exit status of a command.
fn warpbeam(arguments: &[&str]) -> (String, String, Option<i32>) {
    let command =
        Command::new(env!("CARGO_BIN_EXE_warpbeam")).current_dir(programs()).args(arguments).output();
    let done = command.expect("the command starts");
    let text = |bytes| String::from_utf8(bytes).expect("programs print UTF-8");
    (text(done.stdout), text(done.stderr), done.status.code())
}

#[test]
fn programs_run_on_every_ring() {
    if !has_otp() {
        return;
    }
    for ring in ["pool", "auto"] {
        let directory = std::env::temp_dir().join(format!("warpbeam-io-{ring}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(&directory).expect("a directory can be made");
        let place = directory.to_str().expect("it was made of text");
        for program in PROGRAMS {
            let beam = format!("{program}.beam");
            let (output, errors, status) = warpbeam(&["run", &beam, "--ring", ring, "--", place]);
            assert_eq!((&output[..], status), ("done\n", Some(0)), "{program} on {ring}: {errors}");
        }
        std::fs::remove_dir(&directory).expect("programs leave nothing behind");
    }
}

#[test]
fn programs_run_under_every_strategy() {
    if !has_otp() {
        return;
    }
    for program in PROGRAMS {
        let beam = format!("{program}.beam");
        for strategy in ["mix", "pos", "pctcp", "dpor", "bounded"] {
            let arguments = ["explore", &beam, "--strategy", strategy, "--runs", "200", "--", "/tmp"];
            let (output, errors, status) = warpbeam(&arguments);
            assert_eq!(status, Some(0), "{program} under {strategy}: {output} {errors}");
        }
    }
}

/// Bugs with pipes are found and told of; what has none is proved.
#[test]
fn pipes_are_explored() {
    if !has_otp() {
        return;
    }
    let told = [
        ("alone", "entry-deadlock", "waits for somebody at the other end: open /tmp/pipe"),
        ("mixed", "entry-crash", "done in part: write"),
        ("unread", "entry-crash", "fails with epipe: write \"two\" to /tmp/pipe"),
    ];
    let out = std::env::temp_dir().join(format!("warpbeam-pipes-{}", std::process::id()));
    let kept = ["--out", out.to_str().expect("it was made of text"), "--", "/tmp"];
    for (function, oracle, text) in told {
        let explore = ["explore", "io_pipes.beam", "-f", function, "--runs", "200"];
        let (output, errors, status) = warpbeam(&[&explore[..], &kept].concat());
        assert_eq!(status, Some(1), "{function}: {output} {errors}");
        assert!(output.starts_with(oracle) && output.contains(text), "{function}: {output}");
    }
    std::fs::remove_dir_all(out).expect("schedules were kept there");
    let arguments = ["explore", "io_pipes.beam", "-f", "whole", "--strategy", "dpor", "--", "/tmp"];
    let (output, errors, status) = warpbeam(&arguments);
    assert!(status == Some(0) && output.contains("proved"), "{output} {errors}");
    let faults = [
        "explore",
        "io_pipes.beam",
        "-f",
        "whole",
        "--faults",
        "eintr,short,slow",
        "--runs",
        "500",
        "--",
        "/tmp",
    ];
    let (output, errors, status) = warpbeam(&faults);
    assert_eq!(status, Some(0), "{output} {errors}");
}

/// A link that is cut one way: which way decides what a program misses, and the story says it.
#[test]
fn one_way_cuts_are_told() {
    if !has_otp() {
        return;
    }
    let out = std::env::temp_dir().join(format!("warpbeam-one-way-{}", std::process::id()));
    let out = out.to_str().expect("it was made of text");
    let hosts = ["--hosts", "127.0.0.1,127.0.0.2", "--runs", "400", "--out", out];
    let explore = |faults| {
        let what = ["explore", "../../examples/takeover.beam", "--faults", faults];
        warpbeam(&[&what[..], &hosts].concat())
    };
    let (output, errors, status) = explore("cut-out");
    assert_eq!(status, Some(1), "{output} {errors}");
    let cut =
        "what 127.0.0.1 sends to 127.0.0.2 does not arrive any more; what 127.0.0.2 sends to 127.0.0.1 does";
    assert!(output.contains(cut) && output.contains("decision: cut-out"), "{output}");
    std::fs::remove_dir_all(out).expect("a schedule was kept there");
    // Its backup says nothing: nobody misses that.
    let (output, errors, status) = explore("cut-in");
    assert_eq!(status, Some(0), "{output} {errors}");
}

/// An empty directory for one program, which leaves nothing behind in it.
fn in_a_directory<T>(name: &str, act: impl FnOnce(&str) -> T) -> T {
    let directory = std::env::temp_dir().join(format!("warpbeam-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).expect("a directory can be made");
    let result = act(directory.to_str().expect("it was made of text"));
    std::fs::remove_dir(&directory).expect("programs leave nothing behind");
    result
}

fn in_erl(program: &str) -> String {
    in_a_directory(program, |place| {
        let start = START.replace("NAME", program).replace("PLACE", place);
        let arguments = ["-noshell", "-pa", ".", "-eval", &start];
        let done = Command::new("erl").current_dir(programs()).args(arguments).output();
        String::from_utf8(done.expect("erl starts").stdout).expect("programs print UTF-8")
    })
}

fn is_otp_25() -> bool {
    let script = "io:put_chars(erlang:system_info(otp_release)), halt().";
    let found = Command::new("erl").args(["-noshell", "-eval", script]).output();
    found.is_ok_and(|found| found.stdout == b"25")
}

/// What `erl` 25 printed.
fn expected(program: &str) -> String {
    let path = programs().join(format!("expected/{program}.txt"));
    std::fs::read_to_string(path).expect("the expectation is committed")
}

/// The first line that differs.
fn difference(ours: &str, theirs: &str) -> Option<String> {
    let (mut ours, mut theirs) = (ours.lines(), theirs.lines());
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return None,
            (ours, theirs) if ours == theirs => {}
            (ours, theirs) => return Some(format!("{ours:?}\n  instead of {theirs:?}")),
        }
    }
}

#[test]
fn files_are_as_in_erl() {
    if !has_otp() {
        return;
    }
    let mut wrong = Vec::new();
    for program in COMPARED {
        if is_otp_25() {
            let theirs = in_erl(program);
            if std::env::var_os("BLESS").is_some() {
                let path = programs().join(format!("expected/{program}.txt"));
                std::fs::write(path, &theirs).expect("the expectation can be written");
            }
            let differs = difference(&theirs, &expected(program));
            assert_eq!(differs, None, "{program}: erl does not do what is committed");
        }
        for ring in ["pool", "auto"] {
            let (output, errors, status) = in_a_directory(program, |place| {
                warpbeam(&["run", &format!("{program}.beam"), "--ring", ring, "--", place])
            });
            let differs = difference(&output, &expected(program));
            if status != Some(0) || differs.is_some() {
                wrong.push(format!(
                    "{program} on {ring}, {status:?}: {}{errors}",
                    differs.unwrap_or_default()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_in_memory_are_as_in_erl() {
    if !has_otp() {
        return;
    }
    let mut wrong = Vec::new();
    for name in COMPARED {
        let beam = programs().join(format!("{name}.beam")).to_str().expect("the path is text").to_string();
        let given = Given { program: vec![beam], arguments: vec!["/tmp".to_string()], ..Given::default() };
        let program = given.load("explore").expect("the program can be loaded");
        let settings = Settings { time: TimeMode::Idle, steps_max: 10_000_000, ..Settings::default() };
        let mut runner = program.runner(settings);
        let mut random = Random::new(7);
        for run in 0..2 {
            let outcome = if run == 0 {
                runner.run(&mut Dull)
            } else {
                random.start_run(run);
                runner.run(&mut random)
            };
            let differs = difference(runner.world().output(), &expected(name));
            if !matches!(outcome.end, End::Quiet) || differs.is_some() {
                wrong.push(format!("{name}, run {run}, {:?}: {}", outcome.end, differs.unwrap_or_default()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Acknowledged writes after which the runtime is killed.
const ACKNOWLEDGED: usize = 300;

#[test]
fn what_was_acknowledged_is_there_after_a_kill() {
    if !has_otp() {
        return;
    }
    for ring in ["pool", "auto"] {
        let directory = std::env::temp_dir().join(format!("warpbeam-kill-{ring}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(&directory).expect("a directory can be made");
        let place = directory.to_str().expect("it was made of text");
        let mut command = Command::new(env!("CARGO_BIN_EXE_warpbeam"));
        command.current_dir(programs()).args(["run", "io_load.beam", "--ring", ring, "--", place]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the command starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is a pipe")).lines();
        let mut seen: Vec<String> =
            lines.by_ref().take(ACKNOWLEDGED).map(|line| line.expect("programs print UTF-8")).collect();
        // On Unix this is SIGKILL: nothing of the runtime runs after it.
        child.kill().expect("the command runs");
        child.wait().expect("the command has ended");
        seen.extend(lines.map_while(Result::ok));
        assert!(seen.len() >= ACKNOWLEDGED, "on {ring} the program ended after {seen:?}");
        for name in ["a", "b", "c"] {
            let opening = format!("{{{name},");
            let mut numbers = seen.iter().filter_map(|line| line.strip_prefix(&*opening)?.strip_suffix('}'));
            let last: u32 = numbers.next_back().map_or(0, |number| number.parse().expect("a number"));
            let content = std::fs::read_to_string(directory.join(name)).expect("the file is there");
            let whole = content.rfind('\n').map_or("", |end| &content[..end]);
            for (number, line) in (1..).zip(whole.lines()) {
                assert_eq!(line, number.to_string(), "{name} on {ring}");
            }
            let written = whole.lines().count() as u32;
            assert!(written >= last, "{name} on {ring}: {last} were acknowledged, {written} are there");
        }
        std::fs::remove_dir_all(&directory).expect("the directory is ours");
    }
}

/// Part of a write goes through where a limit, or a full disk, stops it: what is left must not be written over that part.
#[test]
fn what_has_no_room_is_told() {
    if !has_otp() {
        return;
    }
    for ring in ["pool", "auto"] {
        in_a_directory(&format!("limit-{ring}"), |place| {
            let mut command = Command::new("sh");
            // The signal that comes with the limit would end the command.
            command.args(["-c", "trap '' XFSZ && ulimit -f 64 && exec \"$0\" \"$@\""]);
            command.args([
                env!("CARGO_BIN_EXE_warpbeam"),
                "run",
                "io_limit.beam",
                "--ring",
                ring,
                "--",
                place,
            ]);
            let done = command.current_dir(programs()).output().expect("the command starts");
            assert_eq!(String::from_utf8_lossy(&done.stdout), "done\n", "on {ring}: {done:?}");
            for made in ["raw", "server", "append"] {
                std::fs::remove_file(Path::new(place).join(made)).expect("it was made here");
            }
        });
    }
}

/// Files of a real directory are there in simulation, and stay as they are.
#[test]
fn preloaded_files_are_there() {
    if !has_otp() {
        return;
    }
    in_a_directory("preloaded", |place| {
        let inner = Path::new(place).join("inner");
        std::fs::create_dir_all(&inner).expect("a directory can be made");
        std::fs::write(inner.join("a"), "as it is").expect("a file can be written");
        let made = Command::new("mkfifo").arg(inner.join("pipe")).status();
        assert!(made.is_ok_and(|made| made.success()), "a pipe can be made");
        let out = Path::new(place).join("out");
        let out = ["--runs", "20", "--out", out.to_str().expect("it was made of text")];
        let explore = |given: &[&str]| warpbeam(&[&["explore", "io_given.beam"][..], &out, given].concat());
        let (output, errors, code) = explore(&["--files", place]);
        assert_eq!(code, Some(0), "{output} {errors}");
        let kept = std::fs::read_to_string(inner.join("a"));
        assert_eq!(kept.expect("the file is there"), "as it is");
        let (output, _, code) = explore(&[]);
        assert_eq!(code, Some(1), "{output}");
        let (_, errors, code) = explore(&["--files", "/no/such/directory"]);
        assert_eq!(code, Some(2), "{errors}");
        for made in ["inner", "out"] {
            std::fs::remove_dir_all(Path::new(place).join(made)).expect("it was made here");
        }
    });
}
