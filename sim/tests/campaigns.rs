//! Campaigns that outlive their command: killed or cut anywhere they go on to the same end, and shards merge to what one
//! machine finds. Through the command, as its user has it.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test makes files and runs commands"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A directory of the test's own, gone at its end.
struct Room(PathBuf);

impl Room {
    fn new(name: &str) -> Room {
        let path = std::env::temp_dir().join(format!("warpbeam-campaigns-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("the temporary directory can be written");
        Room(path)
    }

    fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_warpbeam"));
        command.args(words.split_whitespace()).current_dir(&self.0).stdin(Stdio::null());
        command
    }

    /// Explores an example; the options after its name.
    fn explore(&self, words: &str) -> Output {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/lost_update.beam");
        let mut command = self.command("explore --json --keep-going");
        command.arg(program).args(words.split_whitespace());
        command.output().expect("the command runs")
    }

    fn journal(&self) -> PathBuf {
        self.0.join("there/journal")
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What was printed, but for figures of time and where files are.
fn result(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1), "{text}{error}");
    let line = |line: &str| line.split(",\"schedule\":").next().unwrap_or_default().to_string();
    text.lines().filter(|line| !line.contains("\"timing\"")).map(|l| line(l) + "\n").collect()
}

fn refused(output: &Output, words: &str) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains(words) && error.lines().count() == 1, "{error}");
}

const OPTIONS: [&str; 4] = [
    "--strategy random --runs 300",
    "--strategy auto --runs 300",
    "--strategy coverage --runs 100",
    "--strategy bounded --runs 1000",
];

/// Wherever a journal ends, it is one of an earlier moment.
#[test]
fn a_journal_that_was_cut_goes_on_to_the_same_end() {
    let room = Room::new("cut");
    for options in OPTIONS {
        let expected = result(&room.explore(options));
        let options = format!("{options} --campaign there");
        assert_eq!(result(&room.explore(&options)), expected, "{options}: with a journal");
        let whole = fs::read(room.journal()).expect("there is a journal");
        let cuts = [0, 9, 30].into_iter().chain((40..whole.len()).step_by(whole.len() / 6));
        for cut in cuts.chain([whole.len() - 1, whole.len()]) {
            fs::write(room.journal(), &whole[..cut]).expect("the room can be written");
            assert_eq!(result(&room.explore(&options)), expected, "{options}: cut after {cut}");
            assert_eq!(fs::read(room.journal()).expect("it is there"), whole, "{options}: cut after {cut}");
        }
        fs::remove_file(room.journal()).expect("it is there");
    }
}

/// Fewer runs first, and a kill at some moment of the rest.
#[test]
fn a_campaign_that_was_killed_goes_on_to_the_same_end() {
    let room = Room::new("killed");
    for (strategy, moment_ms) in [("random", 40), ("auto", 60), ("auto", 150), ("bounded", 90)] {
        let options = format!("--strategy {strategy} --seed {moment_ms}");
        let expected = result(&room.explore(&format!("{options} --runs 4000")));
        let options = format!("{options} --campaign there");
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/lost_update.beam");
        let mut endless = room.command(&format!("explore --json --keep-going --for 60s {options}"));
        let mut child = endless.arg(program).stdout(Stdio::null()).spawn().expect("the command runs");
        std::thread::sleep(std::time::Duration::from_millis(moment_ms));
        child.kill().expect("it goes on for a minute");
        child.wait().expect("it was killed");
        // As far as 4000 runs, should it have come further.
        let text = fs::read_to_string(room.journal()).unwrap_or_default();
        let early = |line: &&str| match line.strip_prefix("at ").and_then(|at| at.split(' ').nth(1)) {
            Some(runs) => u64::from_str_radix(runs, 16).expect("a number") <= 4000,
            None => true,
        };
        let kept: Vec<&str> = text.split_inclusive('\n').take_while(early).collect();
        fs::create_dir_all(room.0.join("there")).expect("the room can be written");
        fs::write(room.journal(), kept.concat()).expect("the room can be written");
        assert_eq!(result(&room.explore(&format!("{options} --runs 4000"))), expected, "{options}");
        fs::remove_file(room.journal()).expect("it is there");
    }
}

/// Fewer runs, then more: as if there had been more from the start.
#[test]
fn a_campaign_goes_on_with_more_runs() {
    let room = Room::new("more");
    for strategy in ["random", "auto", "bounded"] {
        let expected = result(&room.explore(&format!("--strategy {strategy} --runs 1000")));
        for runs in [1, 99, 500, 1000] {
            let output = room.explore(&format!("--strategy {strategy} --runs {runs} --campaign there"));
            if runs == 1000 {
                assert_eq!(result(&output), expected, "{strategy}");
            }
        }
        fs::remove_file(room.journal()).expect("it is there");
    }
}

/// Proves a program of many classes; the options after its name.
fn proof(room: &Room) -> Command {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/classes/classes.beam");
    let mut command = room.command("explore --json --strategy dpor --services off -f any6");
    command.arg(program);
    command
}

/// A proof that was stopped or killed comes to the same sums.
#[test]
fn a_proof_goes_on_to_the_same_end() {
    let room = Room::new("proof");
    let ends = |command: &mut Command| {
        let output = command.output().expect("the command runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{error}");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines()
            .filter(|line| !line.contains("\"timing\""))
            .map(|l| l.to_owned() + "\n")
            .collect::<String>()
    };
    let expected = ends(&mut proof(&room));
    assert!(expected.contains("\"complete\":true") && expected.contains("720"), "{expected}");
    for runs in ["1", "100", "101", "600"] {
        ends(proof(&room).args(["--campaign", "there", "--runs", runs]));
    }
    let whole = fs::read(room.journal()).expect("there is a journal");
    for cut in (0..whole.len()).step_by(whole.len() / 5).chain([whole.len()]) {
        fs::write(room.journal(), &whole[..cut]).expect("the room can be written");
        assert_eq!(ends(proof(&room).args(["--campaign", "there"])), expected, "cut after {cut}");
        assert_eq!(ends(proof(&room).args(["--campaign", "there"])), expected, "it is over");
    }
    // A run that goes on after its end is none that anybody has written.
    fs::remove_file(room.journal()).expect("it is there");
    ends(proof(&room).args(["--campaign", "there", "--runs", "100"]));
    let text = fs::read_to_string(room.journal()).expect("there is a journal");
    let (before, front) = text.rsplit_once("front ").expect("it has where the proof stands");
    let mut fields: Vec<String> = front.split(' ').map(str::to_string).collect();
    let end = fields[2].find(',').expect("more runs than one");
    fields[2].insert_str(end, ":0:1:2:3");
    fs::write(room.journal(), format!("{before}front {}", fields.join(" ")))
        .expect("the room can be written");
    refused(
        &proof(&room).args(["--campaign", "there"]).output().expect("the command runs"),
        "none of this program",
    );
    for moment_ms in [50, 200] {
        fs::remove_file(room.journal()).expect("it is there");
        let mut child = proof(&room).args(["--campaign", "there"]).stdout(Stdio::null()).spawn();
        let child = child.as_mut().expect("the command runs");
        std::thread::sleep(std::time::Duration::from_millis(moment_ms));
        // It may be over by then.
        let _ = child.kill();
        child.wait().expect("it was killed");
        assert_eq!(ends(proof(&room).args(["--campaign", "there"])), expected, "killed after {moment_ms} ms");
    }
}

#[test]
fn shards_merge_to_what_one_machine_finds() {
    let room = Room::new("shards");
    for strategy in ["random", "pct", "pctcp", "pos", "surw", "mix"] {
        let expected = result(&room.explore(&format!("--strategy {strategy} --runs 1001")));
        let mut directories = Vec::new();
        for shard in 0..3 {
            let directory = format!("{strategy}{shard}");
            let options =
                format!("--strategy {strategy} --runs 1001 --shard {shard}/3 --campaign {directory}");
            room.explore(&options);
            directories.insert(0, directory);
        }
        let merge = |words: &str| room.command(words).output().expect("the command runs");
        let merged = merge(&format!("merge --json {}", directories.join(" ")));
        let totals = |text: String| text.lines().last().map(str::to_string);
        assert_eq!(totals(result(&merged)), totals(expected), "{strategy}");
        let schedules = fs::read_dir(room.0.join("schedules")).expect("merging writes schedules").count();
        assert_eq!(schedules, 1, "{strategy}");
        refused(&merge(&format!("merge {0} {0}", directories[0])), "the same shard");
        fs::remove_file(room.0.join(&directories[1]).join("journal")).expect("it is there");
        refused(&merge(&format!("merge {}", directories.join(" "))), "journal: ");
    }
    refused(&room.command("merge random0 pct0").output().expect("the command runs"), "not shards of one");
    refused(&room.command("merge").output().expect("the command runs"), "needs the directories");
}

/// All schedules in shards are all schedules, and the smallest violation is what one machine has, some shards killed or not.
#[test]
fn shards_of_all_schedules_merge_to_what_one_machine_finds() {
    let room = Room::new("levels");
    let expected = result(&room.explore("--strategy bounded"));
    let shard = |number: u64, options: &str| {
        let options = format!("--strategy bounded --shard {number}/3 --campaign all{number} {options}");
        result(&room.explore(&options))
    };
    let merge = |words: &str| room.command(words).output().expect("the command runs");
    for (number, options) in
        [(1, "--runs 300"), (1, "--runs 3000"), (1, ""), (1, ""), (2, ""), (0, "--runs 300")]
    {
        shard(number, options);
    }
    let output = merge("merge --json all0 all1 all2");
    assert!(result(&output).contains("\"complete\":false"), "a shard has schedules left");
    assert!(String::from_utf8_lossy(&output.stderr).contains("all0 has schedules left"));
    assert!(shard(0, "").contains("\"shard_complete\":true"));
    let merged = result(&merge("merge --json all2 all0 all1"));
    assert!(merged.contains("\"complete\":true"), "{merged}");
    let totals = |text: &str| text.lines().last().map(str::to_string);
    assert_eq!(totals(&merged), totals(&expected));
    let merged = result(&merge("merge --json all2 all1"));
    assert!(merged.contains("\"complete\":false"), "a shard is missing");
    // The first violation of one machine, and the smallest of those that shards have.
    let schedule = |directory: &str| {
        let mut names = fs::read_dir(room.0.join(directory)).expect("it is there").filter_map(Result::ok);
        let schedule = names.find(|entry| entry.path().extension().is_some_and(|e| e == "schedule"));
        let text = read(&schedule.expect("there is a schedule").path());
        text.split_once("\nviolation ").expect("it has a verdict").1.to_string()
    };
    // The smallest that there is has three decisions.
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/lock_cycle.beam");
    let first = |options: String| {
        let mut command =
            room.command(&format!("explore --no-shrink --strategy bounded --runs 3000 {options}"));
        command.arg(&program).output().expect("the command runs").status.code()
    };
    assert_eq!(first("--out one".to_string()), Some(1));
    for number in 0..3 {
        first(format!("--shard {number}/3 --campaign first{number}"));
    }
    assert_eq!(merge("merge --out three first1 first0 first2").status.code(), Some(1));
    assert_eq!(schedule("three"), schedule("one"));
}

#[test]
fn what_is_no_journal_of_this_campaign_is_refused_and_left_alone() {
    let room = Room::new("refused");
    fs::create_dir_all(room.0.join("there")).expect("the room can be written");
    let options = "--strategy random --runs 100 --campaign there";
    for (text, words) in [
        ("hello\n", "does not begin with"),
        ("warpbeam campaign 2\nbegin\n", "does not begin with"),
        ("warpbeam campaign 3\nbegin\n", "does not begin with"),
        ("warpbeam campaign 3\nprogram p\nbegin\n", "another campaign"),
    ] {
        fs::write(room.journal(), text).expect("the room can be written");
        refused(&room.explore(options), words);
        assert_eq!(fs::read_to_string(room.journal()).expect("it is there"), text);
    }
    fs::remove_file(room.journal()).expect("it is there");
    result(&room.explore(options));
    refused(&room.explore(&format!("{options} --seed 2")), "`seed 1` where this one has `seed 2`");
    let text = fs::read_to_string(room.journal()).expect("there is a journal");
    fs::write(room.journal(), format!("{text}at 1 2 three\nat 1\n")).expect("the room can be written");
    refused(&room.explore(options), "is damaged");
    fs::remove_file(room.journal()).expect("it is there");
    // What runs were asked is another thing than the journal says.
    let options = "--strategy bounded --runs 9 --campaign there";
    result(&room.explore(options));
    let text = fs::read_to_string(room.journal()).expect("there is a journal");
    fs::write(room.journal(), text.replace("asked 2", "asked 7")).expect("the room can be written");
    refused(&room.explore("--strategy bounded --runs 20 --campaign there"), "none of this program");
    fs::remove_file(room.journal()).expect("it is there");
    fs::create_dir(room.journal()).expect("the room can be written");
    refused(&room.explore(options), "there/journal: ");
    refused(&room.explore("--strategy dpor --shard 0/2"), "does not go in shards");
    fs::write(room.0.join("file"), "").expect("the room can be written");
    refused(&room.explore("--strategy random --campaign file"), "file/journal: ");
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("it is there")
}

/// What one campaign has seen the next one begins with; a journal goes on with what it began with.
#[test]
fn a_corpus_goes_from_campaign_to_campaign() {
    let room = Room::new("corpus");
    let file = room.0.join("kept/corpus");
    for strategy in ["coverage", "auto"] {
        let options = format!("--strategy {strategy} --runs 200 --corpus kept");
        let alone = result(&room.explore(&format!("--strategy {strategy} --runs 200")));
        assert_eq!(result(&room.explore(&options)), alone, "{strategy}: it begins empty");
        let first = read(&file);
        assert!(first.lines().count() > 5, "{first}");
        let second = result(&room.explore(&format!("{options} --seed 2 --threads 1")));
        let after = read(&file);
        fs::write(&file, &first).expect("the room can be written");
        assert_eq!(result(&room.explore(&format!("{options} --seed 2 --threads 3"))), second, "{strategy}");
        assert_eq!(read(&file), after, "{strategy}: equal seeds and corpora leave equal corpora");
        assert!(after.lines().count() < 20 + first.lines().count(), "{strategy}: it stays small");
        // The run that failed is kept, and comes up at once.
        let found = "\"run\":";
        let run =
            |text: &str| text.split(found).nth(1).and_then(|t| t.split(',').next()?.parse::<usize>().ok());
        assert!(run(&second).is_some_and(|run| run < first.lines().count()), "{second}");
        fs::remove_file(&file).expect("it is there");
    }
    // Fewer runs first, with a journal; the corpus is another one by then.
    let options = "--strategy auto --corpus kept --campaign there";
    result(&room.explore("--strategy auto --runs 100 --corpus kept --seed 7"));
    let begun = read(&file);
    let expected = result(&room.explore("--strategy auto --runs 700 --corpus kept"));
    fs::write(&file, begun).expect("the room can be written");
    room.explore(&format!("{options} --runs 50"));
    assert_eq!(result(&room.explore(&format!("{options} --runs 700"))), expected);
}

/// Shards begin with the same entries and write beside them; merging makes one corpus of all.
#[test]
fn corpora_of_shards_are_joined() {
    let room = Room::new("joined");
    room.explore("--strategy auto --runs 20 --corpus kept");
    let begun = read(&room.0.join("kept/corpus"));
    let mut own = Vec::new();
    for shard in 0..3 {
        let campaign = format!("--campaign shard{shard} --shard {shard}/3");
        own.push(result(
            &room.explore(&format!("--strategy auto --seed 2 --runs 900 --corpus kept {campaign}")),
        ));
        assert_eq!(read(&room.0.join("kept/corpus")), begun, "shard {shard}");
    }
    let merge =
        room.command("merge --json --corpus kept shard0 shard1 shard2").output().expect("the command runs");
    let merged = result(&merge);
    assert!(merged.contains("\"runs\":900"), "{merged}");
    // No more classes than one shard after the other has, and no fewer than the greatest.
    let classes = |text: &str| -> u64 {
        let number = text.split("\"classes\":").nth(1).and_then(|t| t.split(',').next()?.parse().ok());
        number.expect("they are counted")
    };
    let most = own.iter().map(|text| classes(text)).max().expect("three shards");
    assert!(
        most <= classes(&merged) && classes(&merged) < own.iter().map(|text| classes(text)).sum(),
        "{merged}"
    );
    let left: Vec<_> = fs::read_dir(room.0.join("kept")).expect("it is there").collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(read(&room.0.join("kept/corpus")).lines().count() > begun.lines().count());
    let again = room.command("merge --corpus kept").output().expect("the command runs");
    assert_eq!(again.status.code(), Some(0), "{}", String::from_utf8_lossy(&again.stderr));
    refused(&room.command("merge --corpus shard0").output().expect("the command runs"), "there is no corpus");
    refused(&room.command("merge --corpus misspelt").output().expect("the command runs"), "misspelt: ");
    assert!(!room.0.join("misspelt").exists(), "nothing is made of a name that is none");
}

#[test]
fn what_is_no_corpus_of_this_program_is_refused_and_left_alone() {
    let room = Room::new("no-corpus");
    let options = "--strategy auto --runs 50 --corpus kept";
    result(&room.explore(options));
    let file = room.0.join("kept/corpus");
    let text = read(&file);
    let other = text.replace("lost_update", "lost_updates");
    for (bad, words) in [
        ("hello\n", "does not begin with"),
        (&text[..text.len() - 1], "it is damaged"),
        (&text[..text.len() / 2], "it is damaged"),
        (&other[..], "it is damaged"),
    ] {
        fs::write(&file, bad).expect("the room can be written");
        refused(&room.explore(options), words);
        refused(&room.command("merge --corpus kept").output().expect("the command runs"), words);
        assert_eq!(read(&file), bad);
    }
    fs::write(&file, &text).expect("the room can be written");
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/lost_wakeup.beam");
    let mut command = room.command("explore --corpus kept");
    refused(
        &command.arg(program).output().expect("the command runs"),
        "begins with lost_update:main/0, not with",
    );
    refused(&room.explore("--strategy random --corpus kept"), "has no corpus");
    fs::remove_file(&file).expect("it is there");
    fs::create_dir(&file).expect("the room can be written");
    refused(&room.explore(options), "not a regular file");
    fs::write(room.0.join("file"), "").expect("the room can be written");
    refused(&room.explore("--strategy auto --corpus file"), "file: ");
}
