//! The command as a hostile user calls it: files that are nothing, too much or damaged, numbers beyond all sense, too
//! little memory, and a command that is killed while it writes.
//!
//! What cannot be used is refused with one sentence and exit status 2, before anything is printed. Memory is held
//! down by `ulimit -v`, and a command that takes longer than [`PATIENCE`] fails the test.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test makes files and runs commands"
)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// No command here has anything to do that takes long.
const PATIENCE: Duration = Duration::from_secs(60);
/// Kilobytes of address space that a command may take.
const ADDRESS_KILOBYTES: u32 = 1 << 20;

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name)
}

/// A directory of the test's own, gone at its end.
struct Room(PathBuf);

impl Room {
    fn new(name: &str) -> Room {
        let path = std::env::temp_dir().join(format!("warpbeam-hostile-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("the temporary directory can be written");
        Room(path)
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.0.join(name), bytes).expect("the room can be written");
    }

    /// A file that takes no room on the disk.
    fn sparse(&self, name: &str, bytes: u64) {
        let file = File::create(self.0.join(name)).expect("the room can be written");
        file.set_len(bytes).expect("a file may have holes");
    }

    fn start(&self, words: &[&str], kilobytes: u32) -> Child {
        let limited = format!("ulimit -v {kilobytes}; exec \"$0\" \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &limited, env!("CARGO_BIN_EXE_warpbeam")]).args(words).current_dir(&self.0);
        command
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().expect("a shell starts")
    }

    fn ran_within(&self, words: &[&str], kilobytes: u32) -> Output {
        let mut child = self.start(words, kilobytes);
        let began = Instant::now();
        while child.try_wait().expect("a child can be waited for").is_none() {
            if began.elapsed() > PATIENCE {
                let _ = child.kill();
                panic!("{words:?} does not end");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        child.wait_with_output().expect("a child has output")
    }

    fn ran(&self, words: &[&str]) -> Output {
        self.ran_within(words, ADDRESS_KILOBYTES)
    }

    /// The command is refused with one sentence.
    fn refused(&self, words: &[&str]) {
        let done = self.ran(words);
        let sentence = String::from_utf8_lossy(&done.stderr);
        let one = sentence.starts_with("warpbeam: ") && sentence.lines().count() == 1 && sentence.len() < 700;
        let (status, silent) = (done.status.code(), done.stdout.is_empty());
        assert!(status == Some(2) && one && silent, "{words:?}: status {status:?}, said {sentence:?}");
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // What is left lies in the temporary directory.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What was found is told although its schedule cannot be written.
#[test]
fn a_violation_is_told_where_nothing_can_be_written() {
    let room = Room::new("told");
    let program = example("lost_update.beam").display().to_string();
    let done = room.ran(&["explore", &program, "--out", "/dev/null/schedules"]);
    let (told, sentence) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(told.contains("entry-crash") && told.contains("1 violation"), "{told}");
    assert!(
        sentence.starts_with("warpbeam: /dev/null/schedules") && sentence.lines().count() == 1,
        "{sentence}"
    );
    assert_eq!(done.status.code(), Some(2));
}

/// Bytes without any order.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..len).map(next).collect()
}

/// Things that are no code, by name.
fn no_code(room: &Room) -> Vec<String> {
    let whole = fs::read(example("lost_update.beam")).expect("the example is there");
    let mut names: Vec<String> = (1..16).map(|part| format!("cut_{part}.beam")).collect();
    for (name, part) in names.iter().zip(1..) {
        room.file(name, &whole[..whole.len() * part / 16]);
    }
    room.file("empty.beam", "");
    room.file("noise.beam", noise(5000));
    room.file("text.beam", "-module(text).\n");
    room.file("code.txt", &whole);
    let mut huge_chunk = whole.clone();
    huge_chunk[16..20].copy_from_slice(&[0xff; 4]);
    room.file("huge_chunk.beam", huge_chunk);
    room.sparse("holes.beam", 64 << 20);
    room.sparse("huge.beam", 1 << 40);
    fs::create_dir_all(room.0.join("nothing.beam")).expect("the room can be written");
    fs::create_dir_all(room.0.join("other")).expect("the room can be written");
    room.file("other/another_name.beam", &whole);
    let fifo = Command::new("mkfifo").arg(room.0.join("fifo.beam")).status().expect("there is a mkfifo");
    assert!(fifo.success(), "a pipe can be made");
    let links = [("/dev/zero", "zero.beam"), ("/no/such/file", "dangling.beam"), ("loop.beam", "loop.beam")];
    for (to, name) in links {
        std::os::unix::fs::symlink(to, room.0.join(name)).expect("the room can be written");
        names.push(name.to_string());
    }
    let more = "empty.beam noise.beam text.beam code.txt huge_chunk.beam holes.beam huge.beam nothing.beam other \
                fifo.beam missing.beam /dev/zero /dev/null /dev/zero/x.beam";
    names.extend(more.split_whitespace().map(str::to_string));
    names.push("x".repeat(400) + ".beam");
    let unreadable = room.0.join("unreadable.beam");
    fs::write(&unreadable, &whole).expect("the room can be written");
    let nobody = std::os::unix::fs::PermissionsExt::from_mode(0o0);
    fs::set_permissions(&unreadable, nobody).expect("an owner changes permissions");
    if File::open(&unreadable).is_err() {
        names.push("unreadable.beam".to_string());
    }
    names
}

#[test]
fn what_is_no_code_is_refused() {
    let room = Room::new("code");
    for name in no_code(&room) {
        for command in ["run", "explore", "replay", "shrink"] {
            room.refused(&[command, &name]);
        }
    }
}

#[test]
fn senseless_options_are_refused() {
    let room = Room::new("options");
    let program = example("lost_update.beam");
    let program = program.to_str().expect("the repository has a plain name");
    let long = "x".repeat(300);
    let both =
        ["--threads 0", "--threads 99999999", "--threads -1", "-m nobody", "-f nothing", "--otp /dev/null"];
    let explore = [
        "--runs x",
        "--runs -1",
        "--runs 99999999999999999999",
        "--seed 1e3",
        "--for 99999999999999999999h",
        "--for 9999999999999999h",
        "--strategy everything",
        "--strategy pct:99999999999999",
        "--strategy pct:4294967295",
        "--gc every-0",
        "--gc every-99999999999999999999",
        "--shard 5/2",
        "--shard 0/0",
        "--shard 0/99999999999",
        "--steps 99999999999999999999",
        "--memory 99999999999999999999",
        "--settle 4294967296",
        "--faults everything",
        "--fault-rate 1000001",
        "--faults crash --after-crash nobody",
        "--after-crash main",
        "--faults partition",
        "--faults delay,short --hosts 1",
        "--hosts 255",
        "--hosts 10.0.0.1,10.0.0.1",
        "--files /dev/null",
        "--campaign /dev/null",
        "--sometimes never",
    ];
    for command in ["run", "explore"] {
        let begin = [command, program, "--services", "off"];
        let options = both.iter().chain(if command == "explore" { &explore[..] } else { &[] });
        for option in options {
            let words: Vec<&str> = begin.into_iter().chain(option.split(' ')).collect();
            room.refused(&words);
        }
        room.refused(&[command, program, "-m", &long]);
        room.refused(&[command, program, "-m", ""]);
        room.refused(&[command, program, "-f", ""]);
        room.refused(&[command, program, "-f"]);
        room.refused(&[command]);
    }
    room.refused(&[&long]);
    room.refused(&[""]);
    room.refused(&[]);
}

/// A schedule that finds the example's bug.
fn good_schedule(room: &Room) -> String {
    let program = example("lost_update.beam");
    let program = program.to_str().expect("the repository has a plain name");
    let done = room.ran(&["explore", program, "--services", "off", "--otp", "none", "--out", "good"]);
    assert_eq!(done.status.code(), Some(1), "the bug is found");
    let entry = fs::read_dir(room.0.join("good")).expect("schedules were written").next();
    let path = entry.expect("there is one").expect("it can be listed").path();
    fs::read_to_string(path).expect("a schedule is text")
}

#[test]
fn bad_schedules_are_refused() {
    let room = Room::new("schedules");
    let good = good_schedule(&room);
    let line =
        |key: &str| good.lines().find(|l| l.starts_with(key)).expect("the header is whole").to_string();
    let module = line("module ");
    let changes = [
        ("warpbeam schedule 1", "warpbeam schedule 2"),
        ("warpbeam schedule 1", "warpbeam schedule 99999999999999999999999"),
        ("warpbeam schedule 1", "warpbeam schedule -1"),
        (&line("entry "), "entry nobody:main"),
        (&line("entry "), "entry lost_update:nothing"),
        (&line("entry "), "entry lost_update:main\narguments 99999999999999999999"),
        (&line("entry "), "entry lost_update:main\narguments 5000"),
        (&line("program "), "program /no/such/place.beam"),
        (&line("program "), "program fifo.beam"),
        (&line("program "), "program bad.schedule"),
        (&line("seed "), "seed 99999999999999999999999"),
        (&line("gc "), "gc every-0"),
        (&line("time "), "time budget -5"),
        (&line("steps "), "steps 1e9"),
        (&line("livelock "), "livelock 99999999999"),
        (&line("digest "), "digest 0123456789abcdef"),
        (&line("digest "), "digest zzz"),
        (&module, "module lost_update 00"),
        ("choices\n", "choices\nmain#99999999999 run main.1 send\n"),
        ("choices\n", "choices\nmain.99999999999999999999#1 run main.1 send\n"),
        ("choices\n", "choices\nmain#4294967295 run main.1 send\n"),
        ("choices\n", "choices\nmain.4294967295#4294967295 run main.4294967295 send\n"),
        ("choices\n", "choices\n\u{0}\u{7f}\n"),
    ];
    for (from, to) in changes {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from} is part of a schedule");
        room.file("bad.schedule", bad);
        room.refused(&["replay", "bad.schedule"]);
    }
    // What is cut off within the last line may be a whole, other schedule.
    let header = good.find("choices").expect("a schedule has choices");
    for part in 0..8 {
        room.file("cut.schedule", &good[..header * part / 8]);
        room.refused(&["replay", "cut.schedule"]);
        room.refused(&["shrink", "cut.schedule"]);
    }
    room.file("noise.schedule", noise(5000));
    room.sparse("huge.schedule", 1 << 40);
    for name in ["noise.schedule", "huge.schedule"] {
        room.refused(&["replay", name]);
        room.refused(&["shrink", name]);
    }
}

/// A focus that nothing touches is allowed, since another run may touch it, but not in silence.
#[test]
fn a_misspelt_focus_is_noticed() {
    let room = Room::new("focus");
    let program = example("lost_update.beam");
    let program = program.to_str().expect("the repository has a plain name");
    for (focus, warnings) in [("main.1", 0), ("main.99", 1), ("nobody", 1)] {
        let done = room.ran(&["explore", program, "--strategy", "surw", "--focus", focus]);
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(said.matches("--focus").count(), warnings, "{focus}: {said}");
        assert_eq!(done.status.code(), Some(1), "{focus}");
    }
}

/// The largest numbers that can be read are settings like others.
#[test]
fn absurd_settings_are_borne() {
    let room = Room::new("settings");
    let good = good_schedule(&room);
    let (low, high) = ("0", u64::MAX.to_string());
    for (key, value) in ["steps", "settle", "livelock", "memory", "seed", "time budget"]
        .iter()
        .flat_map(|key| [(*key, low), (*key, high.as_str())])
    {
        let value = if key == "livelock" && value != low { "4294967295" } else { value };
        let old = good.lines().find(|l| l.starts_with(key)).unwrap_or("deadlock entry");
        let new =
            if old.starts_with(key) { format!("{key} {value}") } else { format!("{old}\n{key} {value}") };
        room.file("odd.schedule", good.replacen(old, &new, 1));
        let done = room.ran(&["replay", "odd.schedule", "--otp", "none"]);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.code().is_some_and(|s| s <= 2) && !said.contains("panicked"), "{new}: {said}");
    }
}

/// A program without enough memory ends with a sentence, whoever says it.
#[test]
fn little_memory_is_no_hang() {
    let room = Room::new("memory");
    let program = example("lost_update_fixed.beam");
    let program = program.to_str().expect("the repository has a plain name");
    let mut ends = 0;
    // Less than the program's own file is not enough to begin.
    let file = fs::metadata(env!("CARGO_BIN_EXE_warpbeam")).expect("the command is built");
    let least = (file.len() / 1024) as u32;
    for kilobytes in [0, 1_500, 3_000, 5_000, 8_000, 16_000, 1 << 20].map(|more| least + more) {
        for command in [
            &["run", program, "--services", "off", "--threads", "2"][..],
            &["explore", program, "--services", "off", "--runs", "70", "--threads", "2", "--for", "20s"],
        ] {
            let done = room.ran_within(command, kilobytes);
            let said = String::from_utf8_lossy(&done.stderr);
            let well = done.status.code() == Some(0);
            // Rust's own start needs some for the stack of signals, before our first line.
            let begun = !said.contains("alternative stack");
            let ours = !said.trim().is_empty() && !said.contains("panicked");
            assert!(well || ours || !begun, "{kilobytes}: {said}");
            ends += u32::from(well);
        }
    }
    assert!(ends >= 2, "a gigabyte is enough");
}

/// A process that fills the memory ends; the others go on in what it leaves.
#[test]
fn who_fills_the_memory_ends_alone() {
    let room = Room::new("full");
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/threads/full.beam");
    let file = fs::metadata(env!("CARGO_BIN_EXE_warpbeam")).expect("the command is built");
    let within = (file.len() / 1024) as u32 + 300_000;
    let done = room.ran_within(&["run", program, "--otp", "none", "--threads", "2"], within);
    let printed = String::from_utf8_lossy(&done.stdout);
    assert_eq!(printed, "system_limit\n".repeat(6) + "well\n", "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(done.status.code(), Some(0));
}

/// Whenever the command is killed, what lies at a schedule's name is whole.
#[test]
fn a_killed_command_leaves_no_half_schedule() {
    let room = Room::new("killed");
    let good = good_schedule(&room);
    room.file("s.schedule", &good);
    let mut killed = 0;
    for turn in 0..20 {
        let words = ["shrink", "s.schedule", "--otp", "none"];
        let mut child = room.start(&words, ADDRESS_KILOBYTES);
        std::thread::sleep(Duration::from_millis(4 * turn));
        killed += u32::from(child.kill().is_ok());
        child.wait().expect("a child can be waited for");
        let now = fs::read_to_string(room.0.join("s.schedule")).expect("the schedule is there");
        assert!(now.starts_with("warpbeam schedule 1\n") && now.contains("\nchoices\n"), "half a schedule");
        assert_eq!(now.lines().count(), good.lines().count(), "half a schedule");
    }
    assert!(killed > 0, "some were killed under way");
}
