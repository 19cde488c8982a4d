//! The program of a command: its code, and the call that it begins with.
//!
//! Invariant: a module or function that does not exist is found out before anything runs.

use super::args::{Usage, refuse};
use crate::schedule::{EntryText, ModuleHash};
use crate::world::Entry;
use std::path::PathBuf;
use std::sync::Arc;
use warpbeam::code::path::CodePath;
use warpbeam::code::{CodeServer, ExportId, Target};
use warpbeam::heap::HeapFull;
use warpbeam::heap::parcel::Parcel;
use warpbeam::term::{Atom, Word};

/// What was given on the command line to say which program.
#[derive(Clone, Debug, Default)]
pub struct Given {
    pub program: Vec<String>,
    pub module: Option<String>,
    pub function: Option<String>,
    pub arguments: Vec<String>,
}

/// A program, loaded.
#[derive(Clone)]
pub struct Program {
    pub given: Vec<String>,
    pub code: Arc<CodeServer>,
    pub entry: Entry,
    pub entry_text: EntryText,
}

impl Given {
    pub fn load(self, command: &str) -> Result<Program, Usage> {
        if self.program.is_empty() {
            return refuse(format!("`warpbeam {command}` needs a .beam file or a directory of them"));
        }
        let paths: Vec<PathBuf> = self.program.iter().map(PathBuf::from).collect();
        let path = CodePath::of(&paths)?;
        let module = self.module.unwrap_or_else(|| path.first_module().to_string());
        let function = self.function.unwrap_or_else(|| "main".to_string());
        let code = Arc::new(CodeServer::new(Box::new(path)));
        let no_atom = |_| Usage("a name has more than 255 characters".to_string());
        let names = (Atom::new(&module).map_err(no_atom)?, Atom::new(&function).map_err(no_atom)?);
        code.ensure_loaded(names.0).map_err(|e| Usage(e.to_string()))?;
        let arguments = arguments(&code, names, self.arguments)?;
        let entry_text = EntryText { module, function, arguments };
        let entry = entry(names, entry_text.arguments.as_deref())?;
        Ok(Program { given: self.program, code, entry, entry_text })
    }
}

/// Without arguments `F/0` is called if it exists, otherwise `F/1` with a list of strings.
fn arguments(
    code: &CodeServer,
    (module, function): (Atom, Atom),
    given: Vec<String>,
) -> Result<Option<Vec<String>>, Usage> {
    let view = code.view();
    let has = |arity| view.target(ExportId::new(module, function, arity)) != Target::Missing;
    let name = format!("{}:{}", module.text(), function.text());
    if given.is_empty() && has(0) {
        Ok(None)
    } else if has(1) {
        Ok(Some(given))
    } else if has(0) {
        refuse(format!("{name}/0 takes no arguments, and {name}/1 is not exported"))
    } else {
        refuse(format!("neither {name}/0 nor {name}/1 is exported"))
    }
}

fn entry((module, function): (Atom, Atom), arguments: Option<&[String]>) -> Result<Entry, Usage> {
    let parcel = match arguments {
        None => Parcel::immediate(Word::NIL),
        Some(texts) => strings(texts).map_err(|HeapFull| Usage("the arguments are too large".to_string()))?,
    };
    Ok(Entry { module, function, arguments: parcel, arity: u32::from(arguments.is_some()) })
}

/// A list of one argument, a list of strings.
fn strings(texts: &[String]) -> Result<Parcel, HeapFull> {
    Parcel::build(|heap| {
        let mut words = Vec::new();
        for text in texts {
            let characters: Vec<Word> = text.chars().map(|c| Word::small(i64::from(u32::from(c)))).collect();
            words.push(heap.new_list(&characters, Word::NIL)?);
        }
        let list = heap.new_list(&words, Word::NIL)?;
        heap.new_list(&[list], Word::NIL)
    })
}

impl Program {
    /// The modules that are loaded now, by name.
    pub fn modules(&self) -> Vec<ModuleHash> {
        let view = self.code.view();
        let names = view.loaded();
        let number = |name: &Atom| view.current(*name).expect("a loaded module has a number");
        let modules = names.iter().map(|name| view.module(number(name)));
        modules.map(|m| ModuleHash { name: m.name.text().to_string(), md5: m.md5 }).collect()
    }

    /// `module:function/arity` of the entry call.
    pub fn call(&self) -> String {
        format!("{}:{}/{}", self.entry_text.module, self.entry_text.function, self.entry.arity)
    }
}
