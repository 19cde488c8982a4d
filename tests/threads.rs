//! The threaded scheduler: workloads that give the same on any number of threads, and how runs end.
//!
//! The programs are in `tests/threads/busy.erl`; each result is what `erl` 25 gives. Signals of the operating
//! system are sent to this same test binary, run again as the program.
#![cfg(not(loom))]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test reads files and starts a process to send signals to"
)]

use std::io::{BufRead, BufReader, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use warpbeam::code::CodeServer;
use warpbeam::code::server::NoSource;
use warpbeam::heap::parcel::Parcel;
use warpbeam::heap::policy::Policy;
use warpbeam::sched::threads::{Ended, Entry, Options, run};
use warpbeam::term::show::show;
use warpbeam::term::{Atom, Word};

/// What is written, for the test to read.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic").clone()).expect("output is text")
    }
}

struct Ran {
    ended: Ended,
    result: Option<String>,
    output: String,
    reports: String,
}

fn run_busy(function: &str, argument: Option<Word>, threads: usize) -> Ran {
    run_under(Policy::default(), function, argument, threads)
}

fn run_under(policy: Policy, function: &str, argument: Option<Word>, threads: usize) -> Ran {
    let code = Arc::new(CodeServer::new(Box::new(NoSource)));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/threads/busy.beam");
    let module = code.load(&std::fs::read(file).expect("the program is compiled")).expect("it loads");
    let arguments = Parcel::build(|heap| match argument {
        Some(argument) => heap.cons(argument, Word::NIL),
        None => Ok(Word::NIL),
    });
    let entry = Entry {
        module,
        function: Atom::new(function).expect("a short name"),
        arguments: arguments.expect("a short list"),
        arity: u32::from(argument.is_some()),
    };
    let (output, reports) = (Written::default(), Written::default());
    let options = Options {
        threads: NonZeroUsize::new(threads).expect("threads are counted from 1"),
        signals: false,
        policy,
        output: Box::new(output.clone()),
        reports: Box::new(reports.clone()),
        ..Options::default()
    };
    let ended = run(Arc::clone(&code), entry, options).expect("threads can be started");
    let result = ended.result.as_ref().map(|result| {
        let (heap, word) = result.unpack(&code.view().literals);
        show(&heap, word)
    });
    Ran { ended, result, output: output.text(), reports: reports.text() }
}

#[test]
fn workloads_give_the_same_on_any_number_of_threads() {
    let sums = format!("[{}]", vec!["804000"; 40].join(","));
    let deaths =
        "{true,#{bye => 500,killed => 500,normal => 500,{via,twin} => 500},#{noproc => 2000},nothing}";
    let workloads = [
        ("storm", sums.as_str()),
        ("rings", "nothing"),
        ("deaths", deaths),
        ("names", "{true,undefined,0}"),
        ("timers", "true"),
        ("priorities", "[ok,ok,ok,ok,ok]"),
        ("crossed", "nothing"),
    ];
    for (workload, expected) in workloads {
        for threads in [1, 2, 4, 7] {
            let ran = run_busy(workload, None, threads);
            assert_eq!(ran.result.as_deref(), Some(expected), "{workload} on {threads}: {}", ran.reports);
            assert_eq!(ran.ended.status(), 0);
        }
    }
}

#[test]
fn a_heap_stays_under_its_ceiling_and_its_owner_s_end_is_told() {
    let mut policy = Policy::default();
    policy.ceiling_words = 100_000;
    for threads in [1, 2] {
        let ran = run_under(policy, "hungry", None, threads);
        let result = ran.result.expect("the watcher is not harmed");
        let most = result.strip_prefix("{system_limit,").and_then(|rest| rest.strip_suffix('}'));
        let most: usize = most.and_then(|words| words.parse().ok()).unwrap_or_else(|| panic!("{result}"));
        assert!((50_000..=100_000).contains(&most), "{most} words with a ceiling of 100,000");
    }
}

#[test]
fn the_exit_reason_and_halt_give_the_status() {
    let atom = |text| Some(Word::atom(Atom::known(text)));
    let cases = [
        ("crossed", None, 0),
        ("halts", None, 7),
        ("crashes", None, 1),
        ("exits", atom("normal"), 0),
        ("exits", atom("shutdown"), 0),
        ("exits", atom("wrong"), 1),
    ];
    for (function, argument, status) in cases {
        for threads in [1, 3] {
            let ran = run_busy(function, argument, threads);
            assert_eq!(ran.ended.status(), status, "{function} {argument:?} on {threads}");
            assert_eq!(ran.reports.is_empty(), status != 1, "{function}: {:?}", ran.reports);
        }
    }
    // A crash is told once, whether by the process or by the end of the run.
    let crash = run_busy("crashes", None, 2).reports;
    assert_eq!((crash.lines().count(), crash.contains("{went,wrong}")), (1, true), "{crash}");
    let exit = run_busy("exits", atom("wrong"), 2).reports;
    assert_eq!(exit, "The program ended with: wrong\n");
}

#[test]
fn what_was_written_before_halt_comes_out() {
    let expected: String = (1..=1000).map(|i| format!("{{line,{i}}}\n")).collect();
    for threads in [1, 4] {
        assert_eq!(run_busy("prints", None, threads).output, expected);
    }
}

const AS_PROGRAM: &str = "WARPBEAM_TEST_AS_PROGRAM";

/// Not a test of its own: the program that the next one sends signals to.
#[test]
fn a_program_that_waits() {
    if std::env::var_os(AS_PROGRAM).is_none() {
        return;
    }
    let code = Arc::new(CodeServer::new(Box::new(NoSource)));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/threads/busy.beam");
    let module = code.load(&std::fs::read(file).expect("the program is compiled")).expect("it loads");
    let entry =
        Entry { module, function: Atom::known("waits"), arguments: Parcel::immediate(Word::NIL), arity: 0 };
    let ended = run(code, entry, Options::default()).expect("threads can be started");
    std::process::exit(ended.status());
}

#[test]
fn signals_end_the_run_in_good_order() {
    for (signal, status) in [("-INT", 130), ("-TERM", 143)] {
        let mut child = Command::new(std::env::current_exe().expect("this test has a file"))
            .args(["--exact", "a_program_that_waits", "--nocapture"])
            .env(AS_PROGRAM, "1")
            .stdout(Stdio::piped())
            .spawn()
            .expect("this test can be run again");
        // Its output is flushed when it waits, and tells that it is up.
        let mut lines = BufReader::new(child.stdout.take().expect("just piped")).lines();
        let up = lines.any(|line| line.is_ok_and(|line| line.contains("waiting")));
        assert!(up, "the program says that it waits");
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(sent.expect("there is a kill command").success());
        assert_eq!(child.wait().expect("it is our child").code(), Some(status), "{signal}");
    }
}
