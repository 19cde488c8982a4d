//! What a story leaves out of libraries at first: the processes that they begin for themselves, and tables that the program does not
//! name. Libraries are what is installed beside `kernel`, `stdlib` and Elixir's own ([`is_of_library`]).
//!
//! Invariant: a program that runs no library's code is told as if there were none.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use warpbeam::code::beam::{BeamFile, Limits};
use warpbeam::code::{CodeServer, Source};
use warpbeam::ets::table::TableAt;
use warpbeam::otp::services::is_of_library;
use warpbeam::term::Atom;

pub struct Library<'a> {
    source: &'a dyn Source,
    /// Modules that some world has loaded.
    loaded: Vec<Atom>,
    /// Atoms that the program has written in its code; `None` where no library is loaded.
    mentioned: OnceCell<Option<BTreeSet<String>>>,
}

impl<'a> Library<'a> {
    pub fn new(code: &'a CodeServer) -> Library<'a> {
        let loaded = code.view().modules.iter().map(|module| module.name).collect();
        Library { source: code.source(), loaded, mentioned: OnceCell::new() }
    }

    /// Whether a process that begins in this module is the library's own.
    pub fn begins(&self, module: Atom) -> bool {
        is_of_library(self.source, module.text())
    }

    /// Whether a table is none that the program names.
    pub fn has_table(&self, at: TableAt, name: Option<Atom>) -> bool {
        let name = match at {
            TableAt::Name(name) => Some(name),
            TableAt::Id(_) => name,
        };
        let mentioned = self.mentioned.get_or_init(|| self.mentioned());
        mentioned.as_ref().is_some_and(|mentioned| name.is_some_and(|name| !mentioned.contains(name.text())))
    }

    fn mentioned(&self) -> Option<BTreeSet<String>> {
        if !self.loaded.iter().any(|module| is_of_library(self.source, module.text())) {
            return None;
        }
        let mut atoms = BTreeSet::new();
        for module in self.loaded.iter().filter(|module| self.source.is_program(module.text())) {
            // Names that functions in Rust know stand nowhere.
            let bytes = self.source.find(module.text())?.ok()?;
            let file = BeamFile::parse(&bytes, &Limits::default()).ok()?;
            atoms.extend(file.atoms().map(str::to_string));
        }
        Some(atoms)
    }
}
