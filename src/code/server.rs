//! The code server: which modules are loaded, and what each exported name leads to.
//!
//! A [`CodeView`] is immutable; loading publishes a new one. Running code holds a view for a slice and looks
//! for a newer one only when a call leads nowhere. Invariant: module and segment numbers only grow, so code
//! pointers and literals of an older view mean the same in every newer one.
//!
//! Modules come from a [`Source`] and are loaded at the first call to them. Nobody can see when that happens:
//! `on_load` functions run in each world that calls their module.

use super::export::{ExportId, FunId};
use super::module::{CodePtr, Module};
use super::versions::Replaced;
use super::{LoadError, transform};
use crate::bif::NativeIx;
use crate::heap::literal::Literals;
use crate::native::Function;
use crate::term::Atom;
use crate::term::atom::FixedMap;
use md5::{Digest, Md5};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};

/// What a name leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    Missing,
    Code(CodePtr),
    /// The same, once the module's `on_load` function has let calls in.
    Gated(CodePtr),
    Native(NativeIx),
}

/// Where modules come from.
pub trait Source: Send + Sync {
    /// The bytes of a module's `.beam` file; `None` if there is no such module.
    fn find(&self, module: &str) -> Option<Result<Arc<Vec<u8>>, String>>;

    /// The same, as it is now where files may have changed.
    fn find_anew(&self, module: &str) -> Option<Result<Arc<Vec<u8>>, String>> {
        self.find(module)
    }

    /// A function that is in Rust.
    fn native(&self, _module: &str, _function: &str, _arity: usize) -> Option<Function> {
        None
    }

    /// The path of that file, if it is one.
    fn file_of(&self, _module: &str) -> Option<String> {
        None
    }

    /// Whether the module is the program's own, not one that is installed.
    fn is_program(&self, _module: &str) -> bool {
        true
    }

    /// The directories of modules, in order.
    fn directories(&self) -> Vec<String> {
        Vec::new()
    }

    /// Where OTP is installed.
    fn root(&self) -> Option<String> {
        None
    }

    /// Which release of it that is.
    fn release(&self) -> Option<u32> {
        None
    }

    /// The bytes of a file of an application that is on the code path.
    fn read(&self, _file: &str) -> Option<Arc<Vec<u8>>> {
        None
    }

    /// The names in a directory of an application that is on the code path, sorted.
    fn list(&self, _directory: &str) -> Option<Vec<String>> {
        None
    }

    /// A file, and what it holds, of a directory that a program added to the code path.
    fn file_in(&self, _directory: &str, _name: &str) -> Option<(String, Arc<Vec<u8>>)> {
        None
    }

    /// The names in a directory that a program adds, sorted; `None` if it is none.
    fn names_in(&self, _directory: &str) -> Option<Vec<String>> {
        None
    }

    /// Modules that were looked for and are not there, sorted.
    fn missing(&self) -> Vec<String> {
        Vec::new()
    }
}

/// No modules but those that are loaded by hand.
pub struct NoSource;

impl Source for NoSource {
    fn find(&self, _module: &str) -> Option<Result<Arc<Vec<u8>>, String>> {
        None
    }
}

/// One state of the loaded code.
#[derive(Clone, Debug, Default)]
pub struct CodeView {
    pub version: u64,
    pub modules: Vec<Arc<Module>>,
    pub literals: Arc<Literals>,
    exports: Vec<Target>,
    funs: Vec<Option<CodePtr>>,
    current: FixedMap<Atom, u32>,
    /// What programs did to it: nothing, in the server's own views.
    pub(super) replaced: Replaced,
}

/// Why a module could not be loaded.
#[derive(Clone, Debug)]
pub enum CodeError {
    /// The source has no such module.
    NoModule(Atom),
    /// The source could not read it.
    Unreadable(Atom, String),
    Bad(Atom, LoadError),
    /// The file holds another module than asked for.
    WrongModule {
        asked: Atom,
        found: Atom,
    },
}

impl std::fmt::Display for CodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CodeError::NoModule(module) => write!(f, "there is no module {} on the code path", module.text()),
            CodeError::Unreadable(module, why) => write!(f, "module {} cannot be read: {why}", module.text()),
            CodeError::Bad(module, error) => write!(f, "module {} cannot be loaded: {error}", module.text()),
            CodeError::WrongModule { asked, found } => {
                write!(f, "the file of module {} holds module {}", asked.text(), found.text())
            }
        }
    }
}

impl CodeView {
    /// Bytes of code and literals.
    pub fn bytes(&self) -> usize {
        self.modules.iter().map(|m| size_of_val(&*m.code) + size_of_val(&*m.segment.words)).sum()
    }

    #[inline]
    pub fn target(&self, export: ExportId) -> Target {
        self.exports.get(export.0 as usize).copied().unwrap_or(Target::Missing)
    }

    pub fn fun(&self, id: FunId) -> Option<CodePtr> {
        self.funs.get(id.0 as usize).copied().flatten()
    }

    /// The number of the current version of a module.
    pub fn current(&self, module: Atom) -> Option<u32> {
        self.current.get(&module).copied()
    }

    pub fn module(&self, number: u32) -> &Arc<Module> {
        &self.modules[number as usize]
    }

    /// Names of loaded modules, sorted by text.
    pub fn loaded(&self) -> Vec<Atom> {
        let mut names: Vec<Atom> = self.current.keys().copied().chain(self.left_behind()).collect();
        names.sort_by_key(|a| a.text());
        names
    }

    /// Takes what another view has of modules and literals: its numbers are these and more.
    pub(super) fn take_store(&mut self, from: &CodeView) {
        self.modules.clone_from(&from.modules);
        self.literals = Arc::clone(&from.literals);
    }

    /// The exports of a module that is current lead nowhere, and nothing is current.
    pub(super) fn close(&mut self, name: Atom) -> Option<u32> {
        let number = self.current.remove(&name)?;
        let module = Arc::clone(&self.modules[number as usize]);
        for &(export, _) in &module.exports {
            if matches!(self.target(export), Target::Code(_) | Target::Gated(_)) {
                self.set_export(export, Target::Missing);
            }
        }
        Some(number)
    }

    /// The funs of a version lead nowhere.
    pub(super) fn forget_funs(&mut self, number: u32) {
        for fun in &mut self.funs {
            fun.take_if(|at| at.module == number);
        }
    }

    fn set_export(&mut self, export: ExportId, target: Target) {
        let at = export.0 as usize;
        if self.exports.len() <= at {
            self.exports.resize(at + 1, Target::Missing);
        }
        self.exports[at] = target;
    }

    fn add(&mut self, module: Arc<Module>) {
        self.modules.push(module);
        self.open(self.modules.len() as u32 - 1);
    }

    /// Calls lead to this version from now on.
    pub(super) fn open(&mut self, number: u32) {
        let module = Arc::clone(&self.modules[number as usize]);
        self.close(module.name);
        for &(export, pc) in &module.exports {
            // A native function stands in for what the module's own code would do.
            if !matches!(self.target(export), Target::Native(_)) {
                let target = CodePtr { module: number, pc };
                let gated = module.on_load.is_some();
                self.set_export(export, if gated { Target::Gated(target) } else { Target::Code(target) });
            }
        }
        for lambda in &module.lambdas {
            let at = lambda.id.0 as usize;
            if self.funs.len() <= at {
                self.funs.resize(at + 1, None);
            }
            self.funs[at] = Some(CodePtr { module: number, pc: lambda.entry_pc });
        }
        self.current.insert(module.name, number);
    }
}

/// Holds the current view and loads modules into it.
pub struct CodeServer {
    view: RwLock<Arc<CodeView>>,
    version: AtomicU64,
    /// The number of the last view of the server or of a world.
    views: AtomicU64,
    loading: Mutex<Stored>,
    source: Box<dyn Source>,
}

impl CodeServer {
    pub fn new(source: Box<dyn Source>) -> CodeServer {
        let mut view = CodeView { version: 1, ..CodeView::default() };
        for (export, native) in crate::bif::exports() {
            view.set_export(export, Target::Native(native));
        }
        CodeServer {
            version: AtomicU64::new(view.version),
            views: AtomicU64::new(view.version),
            view: RwLock::new(Arc::new(view)),
            loading: Mutex::default(),
            source,
        }
    }

    /// Number of the current view.
    #[inline]
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    pub fn view(&self) -> Arc<CodeView> {
        Arc::clone(&self.view.read().expect("nothing panics while the code view is locked"))
    }

    /// Where modules come from.
    pub fn source(&self) -> &dyn Source {
        self.source.as_ref()
    }

    /// Loads a module from the source unless it is loaded.
    pub fn ensure_loaded(&self, module: Atom) -> Result<(), CodeError> {
        if self.view().current(module).is_some() {
            return Ok(());
        }
        let bytes = match self.source.find(module.text()) {
            None => return Err(CodeError::NoModule(module)),
            Some(Err(why)) => return Err(CodeError::Unreadable(module, why)),
            Some(Ok(bytes)) => bytes,
        };
        self.load_as(Some(module), &bytes, true)?;
        Ok(())
    }

    /// Loads a module from the bytes of its file, replacing the current version. Its name.
    pub fn load(&self, bytes: &[u8]) -> Result<Atom, CodeError> {
        self.load_as(None, bytes, false)
    }

    fn load_as(&self, asked: Option<Atom>, bytes: &[u8], unless_loaded: bool) -> Result<Atom, CodeError> {
        let _one_at_a_time = self.loading.lock().expect("a load gives errors, it does not panic");
        let view = self.view();
        if unless_loaded && asked.is_some_and(|a| view.current(a).is_some()) {
            return Ok(asked.expect("just looked at"));
        }
        let module = prepared(&view, asked, bytes)?;
        let name = module.name;
        let mut next = CodeView::clone(&view);
        next.literals = Arc::new(view.literals.with(Arc::clone(&module.segment)));
        next.add(Arc::new(module));
        self.publish(next);
        Ok(name)
    }

    /// The number of a version of a module that `fits`: one that is here with these bytes, or a new one. No call
    /// leads to it.
    pub(super) fn store(
        &self,
        name: Atom,
        bytes: &[u8],
        fits: impl Fn(u32) -> bool,
    ) -> Result<u32, CodeError> {
        let mut stored = self.loading.lock().expect("a load gives errors, it does not panic");
        let of_bytes = stored.entry((name.text(), Md5::digest(bytes).into())).or_default();
        if let Some(&number) = of_bytes.iter().find(|&&number| fits(number)) {
            return Ok(number);
        }
        let view = self.view();
        let module = prepared(&view, Some(name), bytes)?;
        let mut next = CodeView::clone(&view);
        next.literals = Arc::new(view.literals.with(Arc::clone(&module.segment)));
        next.modules.push(Arc::new(module));
        let number = next.modules.len() as u32 - 1;
        of_bytes.push(number);
        self.publish(next);
        Ok(number)
    }

    fn publish(&self, mut next: CodeView) {
        next.version = self.next_view();
        let version = next.version;
        *self.view.write().expect("nothing panics while the code view is locked") = Arc::new(next);
        self.version.store(version, Ordering::Release);
    }

    /// A number that no view has had.
    pub(super) fn next_view(&self) -> u64 {
        self.views.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// Versions that programs brought with them, by name and bytes.
type Stored = std::collections::BTreeMap<(&'static str, [u8; 16]), Vec<u32>>;

fn prepared(view: &CodeView, asked: Option<Atom>, bytes: &[u8]) -> Result<Module, CodeError> {
    let name = asked.unwrap_or(Atom::UNDEFINED);
    let module = transform::load(bytes, view.literals.len() as u32).map_err(|e| CodeError::Bad(name, e))?;
    match asked.filter(|&asked| asked != module.name) {
        Some(asked) => Err(CodeError::WrongModule { asked, found: module.name }),
        None => Ok(module),
    }
}
