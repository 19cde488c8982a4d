//! Versions of modules: what a program that replaces code sees of it.
//!
//! A world that has replaced nothing uses the server's view. From the first change on it has a view of its own, a
//! value: copying the world copies a pointer. Invariant: the server keeps every version that any world has loaded, and
//! a world never uses the number of a version twice, so that a number says which code is meant. Hence code and
//! literals that were purged still take memory.
//!
//! Source: the Erlang Reference Manual, "Code Replacement"; `erlang:load_module/2`, `delete_module/1`. As there, a
//! module has at most two versions, calls that name the module lead to the current one, and funs and return addresses
//! to the one that they were made in. A deleted module that the code path has is loaded again when it is called. Directories
//! that a program adds to the path are searched after those that were there, since what these have counts as loaded.

use super::server::{CodeError, CodeServer, CodeView, Source};
use crate::term::Atom;
use crate::term::atom::FixedMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a program did to the code.
#[derive(Clone, Debug, Default)]
pub struct Replaced {
    modules: FixedMap<Atom, Versions>,
    /// Versions that are or were this world's.
    used: BTreeSet<u32>,
    /// The directories of the code path, once the program has changed it.
    path: Option<Vec<Arc<str>>>,
    /// Modules that the program said may be replaced (`false`) or not.
    sticky: FixedMap<Atom, bool>,
}

/// What is known of a module beside its current version.
#[derive(Clone, Debug, Default)]
struct Versions {
    old: Option<u32>,
    /// Nothing is current because the program said so.
    deleted: bool,
    /// Where the program said that the current version is from.
    file: Option<Arc<str>>,
}

/// Why a version was not loaded.
#[derive(Clone, Debug)]
pub enum Refused {
    /// There is an old version still.
    NotPurged,
    Bad(CodeError),
}

/// The code as one world sees it.
#[derive(Clone)]
pub struct WorldCode {
    server: Arc<CodeServer>,
    own: Option<Arc<CodeView>>,
}

impl CodeView {
    /// The number of the old version of a module.
    pub fn old(&self, module: Atom) -> Option<u32> {
        self.replaced.modules.get(&module)?.old
    }

    /// Whether the program deleted the module, and nothing has loaded it since.
    pub fn is_deleted(&self, module: Atom) -> bool {
        self.replaced.modules.get(&module).is_some_and(|versions| versions.deleted)
    }

    /// Where the program said that the current version is from.
    pub fn file_given(&self, module: Atom) -> Option<&str> {
        self.replaced.modules.get(&module)?.file.as_deref()
    }

    /// The code path, if the program has changed it.
    pub fn path_given(&self) -> Option<&[Arc<str>]> {
        self.replaced.path.as_deref()
    }

    /// Whether the program said that the module may not be replaced, or that it may.
    pub fn sticky(&self, module: Atom) -> Option<bool> {
        self.replaced.sticky.get(&module).copied()
    }

    /// The file of a module, and what it holds, in a directory that the program added to the code path.
    pub fn find_added(&self, source: &dyn Source, module: Atom) -> Option<(String, Arc<Vec<u8>>)> {
        let own = source.directories();
        let added = self.path_given()?.iter().filter(|directory| !own.iter().any(|of| **of == ***directory));
        let mut files =
            added.filter_map(|directory| source.file_in(directory, &format!("{}.beam", module.text())));
        files.next()
    }

    /// Modules of which there is an old version alone.
    pub(super) fn left_behind(&self) -> impl Iterator<Item = Atom> {
        let left = |(&module, versions): (&Atom, &Versions)| {
            (versions.old.is_some() && self.current(module).is_none()).then_some(module)
        };
        self.replaced.modules.iter().filter_map(left)
    }

    fn versions(&mut self, module: Atom) -> &mut Versions {
        self.replaced.modules.entry(module).or_default()
    }

    fn make_current(&mut self, module: Atom, number: u32, file: Option<&str>) {
        self.open(number);
        self.replaced.used.insert(number);
        let versions = self.versions(module);
        versions.deleted = false;
        versions.file = file.map(Arc::from);
    }

    fn make_old(&mut self, module: Atom, number: u32) {
        self.replaced.used.insert(number);
        self.versions(module).old = Some(number);
    }
}

impl WorldCode {
    pub fn new(server: Arc<CodeServer>) -> WorldCode {
        WorldCode { server, own: None }
    }

    pub fn server(&self) -> &Arc<CodeServer> {
        &self.server
    }

    /// The number of the view; `None` while it is the server's.
    pub fn own_version(&self) -> Option<u64> {
        self.own.as_ref().map(|own| own.version)
    }

    #[inline]
    pub fn version(&self) -> u64 {
        self.own_version().unwrap_or_else(|| self.server.version())
    }

    pub fn view(&self) -> Arc<CodeView> {
        self.own.as_ref().map_or_else(|| self.server.view(), Arc::clone)
    }

    /// Loads a module from the source unless it is loaded.
    pub fn ensure_loaded(&mut self, module: Atom) -> Result<(), CodeError> {
        let Some(own) = &self.own else { return self.server.ensure_loaded(module) };
        if own.current(module).is_some() {
            return Ok(());
        }
        match self.server.ensure_loaded(module) {
            Err(CodeError::NoModule(_)) => return self.load_added(module),
            other => other?,
        }
        let base = self.server.view();
        let mut number = base.current(module).expect("the server has just loaded it");
        let used = &own.replaced.used;
        if used.contains(&number) {
            let source = self.server.source().find_anew(module.text());
            let bytes = source.and_then(Result::ok).ok_or(CodeError::NoModule(module))?;
            number = self.server.store(module, &bytes, |number| !used.contains(&number))?;
        }
        self.change(|own| own.make_current(module, number, None));
        Ok(())
    }

    /// Loads a module from a directory that the program added to the code path.
    fn load_added(&mut self, module: Atom) -> Result<(), CodeError> {
        let view = self.view();
        let found = view.find_added(self.server.source(), module);
        let (file, bytes) = found.ok_or(CodeError::NoModule(module))?;
        let number = self.server.store(module, &bytes, |number| !view.replaced.used.contains(&number))?;
        self.change(|own| own.make_current(module, number, Some(&file)));
        Ok(())
    }

    /// What the code path is from now on.
    pub fn set_path(&mut self, directories: Vec<Arc<str>>) {
        self.change(|own| own.replaced.path = Some(directories));
    }

    /// Says whether a module may be replaced.
    pub fn set_sticky(&mut self, module: Atom, is_sticky: bool) {
        self.change(|own| {
            own.replaced.sticky.insert(module, is_sticky);
        });
    }

    /// A new version of a module becomes current, and what was current becomes old.
    pub fn replace(&mut self, module: Atom, bytes: &[u8], file: Option<&str>) -> Result<(), Refused> {
        let deleted = self.view().is_deleted(module);
        if !deleted {
            // What the code path has counts as loaded.
            let _ = self.ensure_loaded(module);
        }
        let view = self.view();
        let current = view.current(module);
        let is_used = |number| view.replaced.used.contains(&number) || current == Some(number);
        let number = self.server.store(module, bytes, |number| !is_used(number)).map_err(Refused::Bad)?;
        if current.is_some() && view.old(module).is_some() {
            return Err(Refused::NotPurged);
        }
        self.change(|own| {
            if let Some(was) = current {
                own.make_old(module, was);
            }
            own.make_current(module, number, file);
        });
        Ok(())
    }

    /// What is current becomes old, and calls lead nowhere. `None` if there is an old version already,
    /// `Some(false)` if there is no version at all.
    pub fn delete(&mut self, module: Atom) -> Option<bool> {
        if self.view().old(module).is_some() {
            return None;
        }
        if self.view().is_deleted(module) || self.ensure_loaded(module).is_err() {
            return Some(false);
        }
        self.change(|own| {
            let was = own.close(module).expect("it has been loaded");
            own.make_old(module, was);
            let versions = own.versions(module);
            versions.deleted = true;
            versions.file = None;
        });
        Some(true)
    }

    /// The old version goes: whether there was one. Nobody runs it, as the caller knows.
    pub fn purge(&mut self, module: Atom) -> bool {
        let Some(old) = self.view().old(module) else { return false };
        self.change(|own| {
            own.versions(module).old = None;
            own.forget_funs(old);
        });
        true
    }

    fn change(&mut self, change: impl FnOnce(&mut CodeView)) {
        let store = self.server.view();
        let mut next = CodeView::clone(self.own.as_deref().unwrap_or(&store));
        next.take_store(&store);
        change(&mut next);
        next.version = self.server.next_view();
        self.own = Some(Arc::new(next));
    }
}
