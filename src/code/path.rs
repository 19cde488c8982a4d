//! The code path: modules from `.beam` files. The one place that reads them from the file system.
//!
//! Files given by name come before directories, directories are searched in order. Invariant: what is found for a
//! name is read once; a file that changes while the program runs is not seen.

#![allow(clippy::disallowed_methods, reason = "the door to code files")]

use super::beam::{BeamFile, Limits};
use super::server::Source;
use crate::term::atom::FixedMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Bytes that a `.beam` file may have.
pub const FILE_BYTES_MAX: u64 = 256 << 20;

/// A program as it was given cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PathError {
    Missing(PathBuf),
    /// Neither a directory nor a file that ends in `.beam`.
    NotCode(PathBuf),
    Unreadable(PathBuf, String),
    TooLarge(PathBuf),
    /// Not a module.
    Bad(PathBuf, String),
    /// No `.beam` file in the directories.
    Empty,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PathError::Missing(path) => write!(f, "{} does not exist", path.display()),
            PathError::NotCode(path) => {
                write!(f, "{} is neither a .beam file nor a directory", path.display())
            }
            PathError::Unreadable(path, why) => write!(f, "{} cannot be read: {why}", path.display()),
            PathError::TooLarge(path) => {
                write!(f, "{} has more than {FILE_BYTES_MAX} bytes", path.display())
            }
            PathError::Bad(path, why) => write!(f, "{} cannot be loaded: {why}", path.display()),
            PathError::Empty => f.write_str("there is no .beam file among what was given"),
        }
    }
}

impl std::error::Error for PathError {}

type Bytes = Result<Arc<Vec<u8>>, String>;

/// Files and directories to find modules in.
#[derive(Debug, Default)]
pub struct CodePath {
    /// Modules given by file.
    files: FixedMap<String, Arc<Vec<u8>>>,
    directories: Vec<PathBuf>,
    /// The module of the first file given, or the first of the first directory by name.
    first: Option<String>,
    found: Mutex<FixedMap<String, Option<Bytes>>>,
}

impl CodePath {
    /// The code path that these `.beam` files and directories make. A file's directory is searched too, after
    /// everything that was given.
    pub fn of(program: &[PathBuf]) -> Result<CodePath, PathError> {
        let mut path = CodePath::default();
        let mut beside = Vec::new();
        for given in program {
            let about = std::fs::metadata(given).map_err(|_| PathError::Missing(given.clone()))?;
            if about.is_dir() {
                path.add_directory(given)?;
            } else if given.extension().is_some_and(|e| e == "beam") {
                path.add_file(given)?;
                beside.push(given.parent().unwrap_or(Path::new("")).to_path_buf());
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
        self.files.entry(name).or_insert_with(|| Arc::new(bytes));
        Ok(())
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

    fn search(&self, module: &str) -> Option<Bytes> {
        // A module's name is part of a path here: it must not lead elsewhere.
        if module.is_empty() || module.contains(['/', '\\', '\0']) {
            return None;
        }
        let name = format!("{module}.beam");
        let file = self.directories.iter().map(|d| d.join(&name)).find(|file| file.is_file())?;
        Some(read(&file).map(Arc::new).map_err(|e| e.to_string()))
    }
}

fn read(file: &Path) -> Result<Vec<u8>, PathError> {
    let unreadable = |e: std::io::Error| PathError::Unreadable(file.to_path_buf(), e.to_string());
    let bytes = std::fs::metadata(file).map_err(unreadable)?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(PathError::TooLarge(file.to_path_buf()));
    }
    std::fs::read(file).map_err(unreadable)
}

impl Source for CodePath {
    fn find(&self, module: &str) -> Option<Bytes> {
        if let Some(bytes) = self.files.get(module) {
            return Some(Ok(Arc::clone(bytes)));
        }
        let mut found = self.found.lock().expect("nothing panics while a file is read");
        if let Some(known) = found.get(module) {
            return known.clone();
        }
        let bytes = self.search(module);
        found.insert(module.to_string(), bytes.clone());
        bytes
    }
}
