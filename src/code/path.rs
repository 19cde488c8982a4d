//! The code path: modules from `.beam` files. The one place that looks for them in the file system.
//!
//! Files given by name come before directories, directories are searched in order; a directory may be a project.
//! Modules of ours come next ([`own`]), then OTP's libraries and Elixir's. Invariant: unless the
//! path is live, what is found for a name is read once; a file that changes while the program runs is not seen. On a live one
//! that is so until the program loads the module by name.

#![allow(clippy::disallowed_methods, reason = "the door to code files")]

use super::beam::{BeamFile, Limits};
use super::file::{self, FileError};
use super::server::Source;
use crate::otp::find::{self, Otp};
use crate::otp::{own, project};
use crate::term::atom::FixedMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

/// Bytes that a `.beam` file may have.
pub const FILE_BYTES_MAX: u64 = 256 << 20;

/// A program as it was given cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PathError {
    Missing(PathBuf),
    /// Neither a directory nor a file that ends in `.beam`.
    NotCode(PathBuf),
    Unreadable(PathBuf, String),
    /// Not a module.
    Bad(PathBuf, String),
    /// No `.beam` file in the directories.
    Empty,
    /// A project that has to be compiled first, with this command.
    NotCompiled(PathBuf, &'static str),
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PathError::Missing(path) => write!(f, "{} does not exist", path.display()),
            PathError::NotCode(path) => {
                write!(f, "{} is neither a .beam file nor a directory", path.display())
            }
            PathError::Unreadable(path, why) => write!(f, "{} cannot be read: {why}", path.display()),
            PathError::Bad(path, why) => write!(f, "{} cannot be loaded: {why}", path.display()),
            PathError::Empty => f.write_str("there is no .beam file among what was given"),
            PathError::NotCompiled(path, command) => {
                write!(f, "{} has no compiled code: run `{command}` there first", path.display())
            }
        }
    }
}

impl std::error::Error for PathError {}

type Bytes = Result<Arc<Vec<u8>>, String>;

/// Files and directories to find modules in.
#[derive(Debug, Default)]
pub struct CodePath {
    /// Modules given by file: which, and what it held.
    files: FixedMap<String, (PathBuf, Arc<Vec<u8>>)>,
    directories: Vec<PathBuf>,
    /// The module of the first file given, or the first of the first directory by name.
    first: Option<String>,
    is_live: bool,
    otp: Option<Otp>,
    /// OTP's directories, listed when they are needed.
    libraries: OnceLock<Vec<PathBuf>>,
    elixir: OnceLock<Vec<PathBuf>>,
    /// Whether the program can see where Elixir's libraries are: if they run beside it.
    elixir_is_shown: bool,
    found: Mutex<FixedMap<String, Option<Found>>>,
    /// Other files that were read, by path.
    contents: Mutex<FixedMap<PathBuf, Option<Arc<Vec<u8>>>>>,
}

/// A module's bytes, and the file that they come from.
#[derive(Clone, Debug)]
struct Found {
    bytes: Bytes,
    file: Option<PathBuf>,
}

impl CodePath {
    /// The code path that these `.beam` files and directories make. A file's directory is searched too, after
    /// everything that was given.
    pub fn of(program: &[PathBuf]) -> Result<CodePath, PathError> {
        let mut path = CodePath::default();
        let mut beside = Vec::new();
        for given in program {
            let about = std::fs::metadata(given).map_err(|e| match e.kind() {
                ErrorKind::NotFound => PathError::Missing(given.clone()),
                _ => PathError::Unreadable(given.clone(), e.to_string()),
            })?;
            if about.is_dir() {
                match project::at(given) {
                    Some(project) => path.add_project(given, project)?,
                    None => path.add_directory(given)?,
                }
            } else if given.extension().is_some_and(|e| e == "beam") {
                path.add_file(given)?;
                let parent = given.parent().filter(|parent| !parent.as_os_str().is_empty());
                beside.push(parent.unwrap_or(Path::new(".")).to_path_buf());
            } else {
                return Err(PathError::NotCode(given.clone()));
            }
        }
        for directory in beside {
            if !path.directories.contains(&directory) {
                path.directories.push(directory);
            }
        }
        if path.first.is_none() { Err(PathError::Empty) } else { Ok(path) }
    }

    /// Files are read anew where a program asks for them: one that goes on for long loads code that was compiled after it began.
    pub fn set_live(&mut self) {
        self.is_live = true;
    }

    /// Puts OTP's libraries behind everything else.
    pub fn set_otp(&mut self, otp: Option<Otp>) {
        self.otp = otp;
    }

    /// Puts Elixir's libraries, where modules are found anyhow, on the path that programs see.
    pub fn show_elixir(&mut self) {
        self.elixir_is_shown = true;
    }

    /// The name of a module that was given by hand, which may be Elixir's `Foo` for `Elixir.Foo`.
    pub fn module_named(&self, given: &str) -> String {
        let of_elixir = format!("Elixir.{given}");
        let capital = given.starts_with(|c: char| c.is_ascii_uppercase()) && !given.starts_with("Elixir.");
        let is_meant = capital && self.find(&of_elixir).is_some() && self.find(given).is_none();
        if is_meant { of_elixir } else { given.to_string() }
    }

    pub fn otp(&self) -> Option<&Otp> {
        self.otp.as_ref()
    }

    /// The module that the program begins with, unless another one is named.
    pub fn first_module(&self) -> &str {
        self.first.as_deref().expect("a code path has a module")
    }

    fn add_file(&mut self, file: &Path) -> Result<(), PathError> {
        let bytes = read(file)?;
        let limits = Limits::default();
        let bad = |e: super::LoadError| PathError::Bad(file.to_path_buf(), e.to_string());
        let beam = BeamFile::parse(&bytes, &limits).map_err(bad)?;
        let name = beam.module().to_string();
        self.first.get_or_insert_with(|| name.clone());
        self.files.entry(name).or_insert_with(|| (file.to_path_buf(), Arc::new(bytes)));
        Ok(())
    }

    fn add_project(&mut self, root: &Path, project: project::Project) -> Result<(), PathError> {
        if project.directories.is_empty() {
            return Err(PathError::NotCompiled(root.to_path_buf(), project.compile));
        }
        if self.first.is_none() && project.directories[0].join(format!("{}.beam", project.module)).is_file() {
            self.first = Some(project.module);
        }
        project.directories.iter().try_for_each(|directory| self.add_directory(directory))
    }

    fn add_directory(&mut self, directory: &Path) -> Result<(), PathError> {
        let unreadable = |e: std::io::Error| PathError::Unreadable(directory.to_path_buf(), e.to_string());
        let mut names = Vec::new();
        for entry in std::fs::read_dir(directory).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            if file.extension().is_some_and(|e| e == "beam") {
                names.extend(file.file_stem().and_then(|s| s.to_str()).map(str::to_string));
            }
        }
        if self.first.is_none() {
            self.first = names.into_iter().min();
        }
        self.directories.push(directory.to_path_buf());
        Ok(())
    }

    fn search(&self, module: &str) -> Option<Found> {
        if let Some((_, bytes)) = self.files.get(module) {
            return Some(Found { bytes: Ok(Arc::clone(bytes)), file: None });
        }
        // A module's name is part of a path here: it must not lead elsewhere.
        if module.is_empty() || module.contains(['/', '\\', '\0']) {
            return None;
        }
        let name = format!("{module}.beam");
        let in_one = |directories: &[PathBuf]| {
            let file = directories.iter().map(|d| d.join(&name)).find(|file| file.is_file())?;
            let bytes = read(&file).map(Arc::new).map_err(|e| e.to_string());
            Some(Found { bytes, file: Some(file) })
        };
        let ours = || {
            let bytes = own::module(module)?;
            Some(Found { bytes: Ok(Arc::new(bytes.to_vec())), file: None })
        };
        let of_elixir = || is_of_elixir(module).then(|| in_one(self.elixir()))?;
        in_one(&self.directories).or_else(ours).or_else(|| in_one(self.libraries())).or_else(of_elixir)
    }

    fn libraries(&self) -> &[PathBuf] {
        self.libraries.get_or_init(|| {
            let added = find::added();
            self.otp.as_ref().map(|otp| otp.directories(&added)).unwrap_or_default()
        })
    }

    fn elixir(&self) -> &[PathBuf] {
        self.elixir.get_or_init(find::elixir)
    }

    fn found(&self, module: &str) -> Option<Found> {
        let mut found = self.found.lock().expect("nothing panics while a file is read");
        if let Some(known) = found.get(module)
            && (known.is_some() || !self.is_live)
        {
            return known.clone();
        }
        let new = self.search(module);
        found.insert(module.to_string(), new.clone());
        new
    }

    /// What a file holds, as it was when it was first asked for.
    fn content(&self, path: PathBuf) -> Option<Arc<Vec<u8>>> {
        let now = |path: &PathBuf| if path.is_file() { read(path).ok().map(Arc::new) } else { None };
        if self.is_live {
            return now(&path);
        }
        let mut contents = self.contents.lock().expect("nothing panics while a file is read");
        contents.entry(path).or_insert_with_key(now).clone()
    }

    /// Directories of modules, in order.
    fn all(&self) -> impl Iterator<Item = &PathBuf> {
        let elixir = if self.elixir_is_shown { self.elixir() } else { &[] };
        self.directories.iter().chain(self.libraries()).chain(elixir)
    }

    /// Whether a path lies in an application that is on the code path.
    fn is_inside(&self, path: &Path) -> bool {
        let plain = path.components().all(|part| part != Component::ParentDir);
        plain
            && self
                .all()
                .any(|ebin| path.starts_with(ebin) || application(ebin).is_some_and(|a| path.starts_with(a)))
    }
}

/// The directory of the application whose modules are in `ebin`.
fn application(ebin: &Path) -> Option<&Path> {
    if ebin.file_name()? == "ebin" { ebin.parent() } else { None }
}

/// Modules of Elixir's own libraries.
fn is_of_elixir(module: &str) -> bool {
    module.starts_with("Elixir.") || module.starts_with("elixir")
}

fn read(file: &Path) -> Result<Vec<u8>, PathError> {
    file::read(file, FILE_BYTES_MAX)
        .map_err(|e: FileError| PathError::Unreadable(file.to_path_buf(), e.to_string()))
}

impl Source for CodePath {
    fn find(&self, module: &str) -> Option<Bytes> {
        self.found(module).map(|found| found.bytes)
    }

    fn find_anew(&self, module: &str) -> Option<Bytes> {
        if !self.is_live {
            return self.find(module);
        }
        let given = self.files.get(module).map(|(file, _)| file.clone());
        let known = self.found(module);
        let file = given.or_else(|| known.as_ref()?.file.clone());
        // A file that cannot be read, as when there is no descriptor left, is what it was.
        let now = file.and_then(|file| read(&file).ok());
        now.map(|bytes| Ok(Arc::new(bytes))).or_else(|| Some(known.or_else(|| self.search(module))?.bytes))
    }

    fn file_of(&self, module: &str) -> Option<String> {
        Some(self.found(module)?.file?.display().to_string())
    }

    fn is_program(&self, module: &str) -> bool {
        let own = |file: &PathBuf| self.directories.iter().any(|d| file.parent() == Some(d));
        self.files.contains_key(module) || self.found(module).is_some_and(|f| f.file.is_some_and(|f| own(&f)))
    }

    fn directories(&self) -> Vec<String> {
        self.all().map(|directory| directory.display().to_string()).collect()
    }

    fn root(&self) -> Option<String> {
        Some(self.otp.as_ref()?.root.display().to_string())
    }

    fn release(&self) -> Option<u32> {
        Some(self.otp.as_ref()?.release)
    }

    fn read(&self, file: &str) -> Option<Arc<Vec<u8>>> {
        let path = PathBuf::from(file);
        if !self.is_inside(&path) {
            return None;
        }
        self.content(path)
    }

    fn list(&self, directory: &str) -> Option<Vec<String>> {
        let path = Path::new(directory);
        if !self.is_inside(path) {
            return None;
        }
        self.names_in(directory)
    }

    fn file_in(&self, directory: &str, name: &str) -> Option<(String, Arc<Vec<u8>>)> {
        if name.contains(['/', '\0']) {
            return None;
        }
        let path = Path::new(directory).join(name);
        Some((path.display().to_string(), self.content(path)?))
    }

    fn names_in(&self, directory: &str) -> Option<Vec<String>> {
        let entries = std::fs::read_dir(directory).ok()?;
        let mut names: Vec<String> = entries.filter_map(|e| e.ok()?.file_name().into_string().ok()).collect();
        names.sort();
        Some(names)
    }

    fn missing(&self) -> Vec<String> {
        let found = self.found.lock().expect("nothing panics while a file is read");
        let mut missing: Vec<String> =
            found.iter().filter(|(_, found)| found.is_none()).map(|(name, _)| name.clone()).collect();
        missing.sort();
        missing
    }
}
