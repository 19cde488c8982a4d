//! Random calls, made here and by a live `erl` 25: the same value, or the same class and reason with the same
//! function at the top of the trace. What differs is shrunk.
//!
//! `tests/suite/live.txt` lists functions with kinds of arguments; native functions that it leaves out are called
//! with any terms at all. Those of OTP's libraries run from its own `.beam` files on both sides. `PROPTEST_CASES` calls
//! are made in all, `WARPBEAM_SEED` says which. Without an `erl` the test says that it was skipped.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test reads files and runs erl")]

#[allow(dead_code)]
#[path = "../../tests/erlang/mod.rs"]
mod erlang;
#[path = "live/kinds.rs"]
mod kinds;
#[allow(dead_code)]
#[path = "../../tests/sample/mod.rs"]
mod sample;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use sample::{Sample, atom, heap, list};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use warpbeam::bif::{Body, native};
use warpbeam::code::CodeServer;
use warpbeam::code::path::CodePath;
use warpbeam::heap::Heap;
use warpbeam::term::order::equal_exact;
use warpbeam::term::show::show;
use warpbeam::term::{Atom, Word};
use warpbeam_sim::explore::dull::Dull;
use warpbeam_sim::oracle::Oracle;
use warpbeam_sim::runner::Runner;
use warpbeam_sim::world::settings::Settings;
use warpbeam_sim::world::{End, Entry};

fn suite() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/suite")
}

/// A function and the kinds of its arguments.
#[derive(Clone, Debug)]
struct Function {
    module: String,
    name: String,
    kinds: Vec<String>,
}

/// Native functions that random calls tell nothing of, or are not to be made: what they give has an identity or
/// another form here, or takes all memory.
const LEFT_OUT: &[&str] = &[
    "binary:compile_pattern",
    "binary:copy",
    "binary:referenced_byte_size",
    "erlang:binary_to_existing_atom",
    "erlang:check_old_code",
    "erlang:disconnect_node",
    "erlang:fun_info_mfa",
    "erlang:get_cookie",
    "erlang:is_builtin",
    "erlang:list_to_existing_atom",
    "erlang:list_to_pid",
    "erlang:list_to_port",
    "erlang:list_to_ref",
    "erlang:localtime_to_universaltime",
    "erlang:make_tuple",
    "erlang:md5_final",
    "erlang:md5_init",
    "erlang:md5_update",
    "erlang:monitor_node",
    "erlang:nodes",
    "erlang:ports",
    "erlang:posixtime_to_universaltime",
    "erlang:purge_module",
    "erlang:term_to_iovec",
    "erlang:universaltime_to_localtime",
    "erts_debug:",
    "erts_internal:",
    "maps:iterator",
    "math:",
    "prim_file:",
    // There before the module is loaded, which in `erl` brings them.
    "crypto:",
    "net_kernel:",
    "os:",
    "erlang:dt_restore_tag",
    "re:",
    "ets:",
    "erlang:decode_packet",
    "erlang:make_fun",
    "erlang:bsl",
];

fn functions() -> Vec<Function> {
    let text = std::fs::read_to_string(suite().join("live.txt")).expect("the list is committed");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut functions: Vec<Function> = lines.map(listed).collect();
    let mut natives: Vec<Function> = warpbeam::bif::exports().filter_map(|(_, ix)| pure(ix)).collect();
    natives.sort_by(|a, b| (&a.module, &a.name, a.kinds.len()).cmp(&(&b.module, &b.name, b.kinds.len())));
    functions.extend(natives);
    functions
}

fn listed(line: &str) -> Function {
    let mut words = line.split(' ');
    let (module, name) = words.next().and_then(|w| w.split_once(':')).expect("a line begins with a function");
    let name = name.trim_matches('\'').to_owned();
    Function { module: module.to_owned(), name, kinds: words.map(str::to_owned).collect() }
}

/// A native function of its arguments alone, to be called with any terms.
fn pure(ix: warpbeam::bif::NativeIx) -> Option<Function> {
    let row = native(ix);
    let name = format!("{}:{}", row.module, row.function);
    let left_out = LEFT_OUT.iter().any(|&out| out == name || (out.ends_with(':') && name.starts_with(out)));
    (matches!(row.body, Body::Guard(_) | Body::Pure(_)) && !left_out && row.arity > 0).then(|| Function {
        module: row.module.to_owned(),
        name: row.function.to_owned(),
        kinds: vec!["any".to_owned(); usize::from(row.arity)],
    })
}

/// A call as bytes that both sides read.
fn question(function: &Function, arguments: &[Sample]) -> Vec<u8> {
    let mut heap = heap();
    let call = Sample::Tuple(vec![atom(&function.module), atom(&function.name), list(arguments.to_vec())]);
    let word = call.build(&mut heap);
    erlang::bytes_of(&heap, word)
}

/// The live `erl`.
struct Erl(Child);

impl Erl {
    fn start() -> Option<Erl> {
        let mut command = Command::new("erl");
        command.args(["-noinput", "-kernel", "logger_level", "none", "-pa"]).arg(suite().join("programs"));
        command.args(["-eval", "suite_kit:serve()."]).stdin(Stdio::piped()).stdout(Stdio::piped());
        command.spawn().ok().map(Erl)
    }

    fn ask(&mut self, question: &[u8]) -> Vec<u8> {
        let input = self.0.stdin.as_mut().expect("it is piped");
        let length = u32::try_from(question.len()).expect("questions are short");
        input.write_all(&length.to_be_bytes()).expect("erl reads");
        input.write_all(question).expect("erl reads");
        input.flush().expect("erl reads");
        let output = self.0.stdout.as_mut().expect("it is piped");
        let mut length = [0; 4];
        output.read_exact(&mut length).expect("erl answers");
        let mut answer = vec![0; u32::from_be_bytes(length) as usize];
        output.read_exact(&mut answer).expect("erl answers");
        answer
    }
}

impl Drop for Erl {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// The same program here, with OTP's libraries on the path.
struct Here {
    code: Arc<CodeServer>,
}

impl Here {
    fn start() -> Option<Here> {
        let ask = "[io:format(\"~ts~n\", [D]) || D <- \
                   filelib:wildcard(code:lib_dir() ++ \"/{stdlib,kernel,erts}-*/ebin\")], halt().";
        let output = Command::new("erl").args(["-noshell", "-eval", ask]).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let mut path = vec![suite().join("programs/suite_kit.beam")];
        path.extend(text.lines().map(PathBuf::from));
        let path = CodePath::of(&path).expect("OTP's libraries are where it says");
        Some(Here { code: Arc::new(CodeServer::new(Box::new(path))) })
    }

    /// `None` where the call took too much time or memory.
    fn ask(&self, question: &[u8]) -> Option<Vec<u8>> {
        let mut heap = heap();
        let bytes = heap.binary(question).expect("questions are short");
        let arguments = heap.new_list(&[bytes], Word::NIL).expect("it fits");
        let entry = Entry {
            module: Atom::new("suite_kit").expect("a short name"),
            function: Atom::new("answer_alone").expect("a short name"),
            arguments: heap.parcel(arguments).expect("it fits"),
            arity: 1,
        };
        let settings = Settings { memory_words: Some(40_000_000), ..Settings::default() };
        let mut runner = Runner::new(Arc::clone(&self.code), entry, settings);
        let outcome = runner.run(&mut Dull);
        match (&outcome.end, runner.world().result()) {
            (End::Quiet, Some(result)) => {
                let (heap, word) = result.unpack(&runner.world().code().view().literals.clone());
                Some(heap.bits(word).expect("the answer is bytes").to_vec())
            }
            (End::Violation(violation), _) if violation.oracle == Oracle::Livelock => None,
            // More memory than a run has here; `erl` has the machine's.
            (End::Violation(violation), _) if violation.message.ends_with(" ended with system_limit") => None,
            (end, _) => panic!("no answer: {end:?}"),
        }
    }
}

fn text(bytes: &[u8]) -> String {
    let mut heap = heap();
    let word = erlang::term_of(&mut heap, bytes);
    show(&heap, word)
}

fn same(heap: &mut Heap, ours: &[u8], theirs: &[u8]) -> bool {
    if ours == theirs {
        return true;
    }
    let (a, b) = (erlang::term_of(heap, ours), erlang::term_of(heap, theirs));
    equal_exact(heap, a, b) && show(heap, a) == show(heap, b)
}

/// Floats that differ in their last bits: OTP's come from the platform's library.
fn neighbours(ours: &[u8], theirs: &[u8]) -> bool {
    let bits = |bytes: &[u8]| {
        let text = text(bytes);
        let number = text.strip_prefix("{ok,")?.strip_suffix('}')?.parse::<f64>().ok()?;
        Some(number.to_bits())
    };
    bits(ours).zip(bits(theirs)).is_some_and(|(a, b)| a.abs_diff(b) <= 2)
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn random_calls_come_to_what_erl_says() {
    let (Some(erl), Some(here)) = (Erl::start(), Here::start()) else {
        eprintln!("SKIPPED: no `erl` to compare with");
        return;
    };
    let erl = RefCell::new(erl);
    let only = std::env::var("WARPBEAM_ONLY").unwrap_or_default();
    let functions: Vec<Function> = functions();
    let each = number("PROPTEST_CASES", 1024).div_ceil(functions.len() as u64);
    let mut wrong = Vec::new();
    for (i, function) in functions.iter().enumerate() {
        let name = format!("{}:{}/{}", function.module, function.name, function.kinds.len());
        if !only.is_empty() && !name.starts_with(&only) {
            continue;
        }
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&number("WARPBEAM_SEED", 1).to_le_bytes());
        seed[8..16].copy_from_slice(&(i as u64).to_le_bytes());
        let config = Config {
            cases: each as u32,
            failure_persistence: None,
            max_shrink_iters: 4096,
            ..Config::default()
        };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
        let result = runner.run(&kinds::arguments(&function.kinds), |arguments| {
            let question = question(function, &arguments);
            let theirs = erl.borrow_mut().ask(&question);
            let (Some(ours), false) = (here.ask(&question), theirs.is_empty()) else { return Ok(()) };
            if same(&mut heap(), &ours, &theirs) {
                return Ok(());
            }
            if function.module == "math" && neighbours(&ours, &theirs) {
                return Ok(());
            }
            let (call, ours, theirs) = (text(&question), text(&ours), text(&theirs));
            if ours.contains("{erlang,send,[code_server,") {
                // OTP explains its error with the help of a process of its kernel, which does not run here.
                return Ok(());
            }
            if ["{ac,'$ref'}", "{bm,'$ref'}"].iter().any(|pattern| theirs.contains(pattern)) {
                // A compiled pattern of `binary`, in the arguments that a trace has.
                return Ok(());
            }
            Err(TestCaseError::fail(format!("{call}\n  erl:      {theirs}\n  warpbeam: {ours}")))
        });
        if let Err(proptest::test_runner::TestError::Fail(reason, _)) = result {
            wrong.push(format!("{name}: {reason}"));
        }
    }
    assert!(wrong.is_empty(), "{} functions differ:\n{}", wrong.len(), wrong.join("\n"));
}
