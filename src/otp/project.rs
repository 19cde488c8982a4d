//! A project directory in place of a directory of modules: Gleam, rebar3 and Mix say where they put compiled code.
//!
//! Invariant: the project is read, never built. Its own application comes first on the path, the others in order of
//! their names.

#![allow(clippy::disallowed_methods, reason = "the door to compiled projects")]

use crate::code::file;
use std::path::{Path, PathBuf};

/// Bytes of a project's or an installation's description that are worth reading.
pub const MANIFEST_BYTES_MAX: u64 = 1 << 20;

/// What a project compiled to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Project {
    /// Directories of modules, the project's own first.
    pub directories: Vec<PathBuf>,
    /// The module that the project begins with, if it has one of that name.
    pub module: String,
    /// What compiles it, for the sentence that says that nobody has.
    pub compile: &'static str,
}

/// A tool that makes projects.
struct Tool {
    manifest: &'static str,
    compile: &'static str,
    /// Where the applications are, each a directory with an `ebin`.
    applications: &'static [&'static str],
    application: fn(&Path) -> Option<String>,
    module: fn(&str) -> String,
}

const TOOLS: [Tool; 3] = [
    Tool {
        manifest: "gleam.toml",
        compile: "gleam build",
        applications: &["build/dev/erlang", "build/prod/erlang"],
        application: gleam_name,
        module: str::to_string,
    },
    Tool {
        manifest: "mix.exs",
        compile: "mix compile",
        applications: &["_build/dev/lib", "_build/prod/lib", "_build/test/lib"],
        application: mix_name,
        module: elixir_module,
    },
    Tool {
        manifest: "rebar.config",
        compile: "rebar3 compile",
        applications: &["_build/default/lib"],
        application: rebar_name,
        module: str::to_string,
    },
];

/// The project in this directory, if it is one.
pub fn at(directory: &Path) -> Option<Project> {
    let tool = TOOLS.iter().find(|tool| directory.join(tool.manifest).is_file())?;
    let application = (tool.application)(directory);
    let mut found = Vec::new();
    for place in tool.applications {
        let place = directory.join(place);
        for name in names(&place) {
            let ebin = place.join(&name).join("ebin");
            if ebin.is_dir() {
                found.push((application.as_deref() != Some(&*name), name, ebin));
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    found.sort();
    let own = application.or_else(|| found.first().map(|(_, name, _)| name.clone()));
    Some(Project {
        module: own.map_or_else(String::new, |name| (tool.module)(&name)),
        directories: found.into_iter().map(|(.., ebin)| ebin).collect(),
        compile: tool.compile,
    })
}

/// The names in a directory.
fn names(directory: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
}

/// `name = "..."` at the top of gleam.toml.
fn gleam_name(directory: &Path) -> Option<String> {
    let text = file::read_text(&directory.join("gleam.toml"), MANIFEST_BYTES_MAX).ok()?;
    let top = text.lines().map(str::trim).take_while(|line| !line.starts_with('['));
    let value = top.filter_map(|line| line.strip_prefix("name")?.trim_start().strip_prefix('=')).next()?;
    Some(value.trim().split(['"', '\'']).nth(1)?.to_string())
}

/// `app: :name` in mix.exs.
fn mix_name(directory: &Path) -> Option<String> {
    let text = file::read_text(&directory.join("mix.exs"), MANIFEST_BYTES_MAX).ok()?;
    let after = text.split("app:").nth(1)?.trim_start().strip_prefix(':')?;
    let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// The name of `src/NAME.app.src`, or of the first such file under `apps`.
fn rebar_name(directory: &Path) -> Option<String> {
    let source = |directory: &Path| {
        let mut all = names(&directory.join("src"));
        all.sort();
        all.iter().find_map(|name| name.strip_suffix(".app.src").map(str::to_string))
    };
    source(directory).or_else(|| {
        let mut applications = names(&directory.join("apps"));
        applications.sort();
        applications.iter().find_map(|name| source(&directory.join("apps").join(name)))
    })
}

/// `my_app` as Elixir names its module.
fn elixir_module(application: &str) -> String {
    let capital = |part: &str| {
        let mut characters = part.chars();
        let first = characters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        first + characters.as_str()
    };
    format!("Elixir.{}", application.split('_').map(capital).collect::<String>())
}
