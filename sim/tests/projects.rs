//! Projects as Gleam, rebar3 and Mix lay them out: the command runs them by their directory.
//!
//! Each is laid out in a directory of its own from the programs in `tests/services`: an application with a `mod` that
//! the program starts, and two more whose modules call each other. What they print is what `erl` printed. Without an
//! installed OTP the test says that it was skipped.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test writes files and runs commands"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Name, manifest and what stands in it, where compiled applications are, what compiles them.
const LAYOUTS: [(&str, &str, &str, &str, &str); 3] = [
    ("gleam", "gleam.toml", "name = \"s_app\"\nversion = \"1.2.3\"\n", "build/dev/erlang", "gleam build"),
    ("rebar3", "rebar.config", "{erl_opts, [debug_info]}.\n", "_build/default/lib", "rebar3 compile"),
    ("mix", "mix.exs", "[app: :s_app, version: \"1.2.3\"]\n", "_build/dev/lib", "mix compile"),
];

/// Applications and their files.
const APPLICATIONS: [(&str, &[&str]); 3] = [
    ("s_app", &["s_app.beam", "s_app.app"]),
    ("callers", &["s_code.beam"]),
    ("versions", &["s_versions.beam"]),
];

fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a member of the workspace").join("tests/services")
}

fn warpbeam(arguments: &[&str], directory: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_warpbeam"));
    command.arg(arguments[0]).arg(directory).args(&arguments[1..]).output().expect("the command starts")
}

fn compiled(applications: &Path) {
    for (application, files) in APPLICATIONS {
        let ebin = applications.join(application).join("ebin");
        std::fs::create_dir_all(&ebin).expect("a directory can be made");
        for file in files {
            std::fs::copy(programs().join(file), ebin.join(file)).expect("the program is committed");
        }
    }
}

fn prints(directory: &Path, options: &[&str], expected: &str) {
    let arguments: Vec<&str> = std::iter::once("run").chain(options.iter().copied()).collect();
    let ran = warpbeam(&arguments, directory);
    let name = directory.display();
    let committed = programs().join(format!("expected/{expected}.txt"));
    let committed = std::fs::read_to_string(committed).expect("the expectation is committed");
    assert_eq!(String::from_utf8_lossy(&ran.stdout), committed, "{name} {options:?}");
    assert_eq!(ran.status.code(), Some(0), "{name} {options:?}");
}

#[test]
fn projects_run_by_their_directories() {
    if Command::new("erl").arg("-version").output().is_err() {
        eprintln!("SKIP: no OTP is installed");
        return;
    }
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("projects-{}", std::process::id()));
    for (name, manifest, text, applications, compile) in LAYOUTS {
        let project = all.join(name);
        std::fs::create_dir_all(project.join("src")).expect("a directory can be made");
        std::fs::write(project.join(manifest), text).expect("a file can be written");
        std::fs::write(project.join("src/s_app.app.src"), "").expect("a file can be written");

        let refused = warpbeam(&["run"], &project);
        assert_eq!(refused.status.code(), Some(2), "{name}");
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(said.contains(compile) && said.trim_end().lines().count() == 1, "{name}: {said}");

        compiled(&project.join(applications));
        prints(&project, &["-m", "s_app"], "s_app");
        prints(&project, &["-m", "s_code"], "s_code");
        if name != "mix" {
            prints(&project, &[], "s_app");
        }
        let explored = warpbeam(&["explore", "-m", "s_app", "--runs", "3"], &project);
        assert_eq!(explored.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&explored.stdout));
    }
    std::fs::remove_dir_all(all).expect("the projects can be removed");
}
