//! Where OTP is installed. Source: the layout that "Installation Guide" and `code:root_dir/0` describe: `lib/` has a
//! directory for each application, `releases/start_erl.data` says which release it is.
//!
//! Invariant: what was given by name is used or refused with a sentence; what was not given and is no installation is
//! passed over. Nothing but the names in `lib/` is listed; modules are looked for when they are asked for.

#![allow(clippy::disallowed_methods, reason = "the door to installed libraries")]

use super::project::MANIFEST_BYTES_MAX;
use crate::code::file;
use std::fmt;
use std::path::{Path, PathBuf};

/// Releases whose libraries can be used.
pub const RELEASES: std::ops::RangeInclusive<u32> = 25..=28;

/// Which OTP to use.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Wanted {
    /// The one that the variable `WARPBEAM_OTP` names, that `erl` belongs to, or that lies in a usual place.
    #[default]
    Search,
    /// This one, or none is good enough.
    Given(PathBuf),
    /// None.
    Off,
}

impl Wanted {
    /// Reads the value of `--otp`.
    pub fn parse(text: &str) -> Wanted {
        match text {
            "none" => Wanted::Off,
            directory => Wanted::Given(PathBuf::from(directory)),
        }
    }
}

/// An installation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Otp {
    pub root: PathBuf,
    pub release: u32,
}

/// Why an installation cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OtpError {
    NoInstallation(PathBuf),
    Release(PathBuf, u32),
}

impl fmt::Display for OtpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OtpError::NoInstallation(root) => {
                let root = root.display();
                write!(f, "{root} is no installation of Erlang/OTP: it needs `lib` and `releases`")
            }
            OtpError::Release(root, release) => write!(
                f,
                "{} is Erlang/OTP {release}, and {} to {} can be used",
                root.display(),
                RELEASES.start(),
                RELEASES.end()
            ),
        }
    }
}

impl std::error::Error for OtpError {}

/// Where OTP lies if nobody says.
const USUAL: [&str; 5] = [
    "/usr/lib/erlang",
    "/usr/local/lib/erlang",
    "/opt/erlang",
    "/opt/homebrew/lib/erlang",
    "/usr/lib64/erlang",
];

/// The installation to use, if there is one.
pub fn find(wanted: &Wanted) -> Result<Option<Otp>, OtpError> {
    match wanted {
        Wanted::Off => Ok(None),
        Wanted::Given(root) => Otp::at(root).map(Some),
        Wanted::Search => {
            if let Some(root) = std::env::var_os("WARPBEAM_OTP").filter(|root| !root.is_empty()) {
                return match Wanted::parse(&root.to_string_lossy()) {
                    Wanted::Off => Ok(None),
                    _ => Otp::at(Path::new(&root)).map(Some),
                };
            }
            let usual = USUAL.iter().map(PathBuf::from);
            Ok(root_of_program("erl").into_iter().chain(usual).find_map(|root| Otp::at(&root).ok()))
        }
    }
}

/// The directory above the `bin` in which the program lies that a shell would start, links resolved.
fn root_of_program(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut candidates = std::env::split_paths(&path).map(|directory| directory.join(program));
    let real = candidates.find_map(|file| file.is_file().then(|| file.canonicalize().ok())?)?;
    Some(real.parent()?.parent()?.to_path_buf())
}

impl Otp {
    /// The installation in this directory.
    pub fn at(root: &Path) -> Result<Otp, OtpError> {
        // `erl` may lie in `bin` beside `lib/erlang`, as a script of its own.
        let roots = [root.to_path_buf(), root.join("lib").join("erlang")];
        for root in roots {
            if let Some(release) = release(&root) {
                let otp = Otp { root, release };
                let usable = RELEASES.contains(&release);
                return if usable { Ok(otp) } else { Err(OtpError::Release(otp.root, release)) };
            }
        }
        Err(OtpError::NoInstallation(root.to_path_buf()))
    }

    /// The directories of its modules, those that are used most first, with those of other libraries as OTP has them: after
    /// `kernel` and `stdlib`.
    pub fn directories(&self, added: &[PathBuf]) -> Vec<PathBuf> {
        let (first, rest): (Vec<_>, Vec<_>) = in_library(&self.root.join("lib"))
            .into_iter()
            .partition(|(name, _)| matches!(&**name, "kernel" | "stdlib"));
        let ebin = |(_, directory): (String, PathBuf)| directory;
        first.into_iter().map(ebin).chain(added.iter().cloned()).chain(rest.into_iter().map(ebin)).collect()
    }
}

/// The directories of the modules of the libraries that the variable `ERL_LIBS` names.
pub fn added() -> Vec<PathBuf> {
    let named = std::env::var_os("ERL_LIBS").unwrap_or_default();
    let libraries = std::env::split_paths(&named).filter(|library| !library.as_os_str().is_empty());
    libraries.flat_map(|library| in_library(&library)).map(|(_, ebin)| ebin).collect()
}

/// The applications in a directory, by name: of each its name and where its modules are.
fn in_library(library: &Path) -> Vec<(String, PathBuf)> {
    let names = names(library);
    let mut applications = newest(&names);
    applications.sort_unstable();
    let with_ebin = applications
        .into_iter()
        .map(|(name, directory)| (name.to_string(), library.join(directory).join("ebin")));
    with_ebin.filter(|(_, ebin)| ebin.is_dir()).collect()
}

/// The release of the installation in this directory, if it is one.
fn release(root: &Path) -> Option<u32> {
    if !root.join("lib").is_dir() {
        return None;
    }
    let started = file::read_text(&root.join("releases").join("start_erl.data"), MANIFEST_BYTES_MAX);
    let of_file = started.ok().and_then(|text| text.split_whitespace().nth(1)?.parse().ok());
    of_file.or_else(|| names(&root.join("releases")).iter().filter_map(|name| name.parse().ok()).max())
}

/// The names in a directory, sorted.
fn names(directory: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    names
}

/// Of each application its newest version: the name, and the directory, which is `name-version` or has no version.
/// Source: `code`, "Code Path".
fn newest(directories: &[String]) -> Vec<(&str, &str)> {
    let mut found: Vec<(&str, &str, Vec<u32>)> = Vec::new();
    for directory in directories {
        let numbers =
            |text: &str| text.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u32>>>();
        let versioned = directory.rsplit_once('-').and_then(|(name, text)| Some((name, numbers(text)?)));
        let (name, version) = versioned.unwrap_or((directory, Vec::new()));
        match found.iter_mut().find(|(other, ..)| *other == name) {
            Some(other) if other.2 < version => *other = (name, directory, version),
            Some(_) => {}
            None => found.push((name, directory, version)),
        }
    }
    found.into_iter().map(|(name, directory, _)| (name, directory)).collect()
}

/// The directories of Elixir's modules, where Elixir is installed.
pub fn elixir() -> Vec<PathBuf> {
    let usual = ["/usr/lib/elixir", "/usr/local/lib/elixir", "/opt/elixir"].map(PathBuf::from);
    let roots = root_of_program("elixir").into_iter().chain(usual);
    for root in roots {
        let lib = root.join("lib");
        if lib.join("elixir").join("ebin").is_dir() {
            return names(&lib).iter().map(|name| lib.join(name).join("ebin")).collect();
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_counts_as_numbers() {
        let directories = ["asn1-5.0.9", "asn1-5.0.10", "erl_interface-5.3", "notes", "x-rc", "kernel-8.5"];
        let directories = directories.map(str::to_string);
        let found = newest(&directories);
        let expected = [
            ("asn1", "asn1-5.0.10"),
            ("erl_interface", "erl_interface-5.3"),
            ("notes", "notes"),
            ("x-rc", "x-rc"),
            ("kernel", "kernel-8.5"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_directory_without_otp_is_refused() {
        let error = find(&Wanted::Given(PathBuf::from("/no/such/place"))).expect_err("nothing is there");
        assert!(error.to_string().contains("no installation"), "{error}");
        assert_eq!(find(&Wanted::parse("none")), Ok(None));
    }
}
