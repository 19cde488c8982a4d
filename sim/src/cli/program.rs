//! The program of a command: its code, and the call that it begins with.
//!
//! Invariant: a module or function that does not exist is found out before anything runs.

use super::args::{Args, Usage, refuse};
use crate::kernel::fault::Fault;
use crate::oracle::claims::{Kind, Tally};
use crate::runner::Runner;
use crate::schedule::{EntryText, ModuleHash, ServicesRan};
use crate::world::Entry;
use crate::world::settings::Settings;
use std::path::PathBuf;
use std::sync::Arc;
use warpbeam::code::path::CodePath;
use warpbeam::code::{CodeError, CodeServer, ExportId, Source, Target};
use warpbeam::heap::parcel::Parcel;
use warpbeam::heap::{Heap, HeapFull};
use warpbeam::native::{Natives, WithNatives};
use warpbeam::otp::find::{self, Wanted};
use warpbeam::otp::reach;
use warpbeam::otp::services::{Level, Services, services};
use warpbeam::term::{Atom, Word};

const LONG_NAME: &str = "a name has more than 255 characters";

/// What was given on the command line to say which program.
#[derive(Clone, Debug, Default)]
pub struct Given {
    pub program: Vec<String>,
    pub module: Option<String>,
    pub function: Option<String>,
    pub arguments: Vec<String>,
    pub otp: Wanted,
    pub services: ServicesWanted,
    /// List what the program could reach and that there is none of, and run nothing.
    pub missing: bool,
    /// Functions in Rust.
    pub natives: Natives,
}

/// Whether the logger, the application controller and an I/O server run beside the program.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ServicesWanted {
    /// If the program can reach something that needs them, and OTP is there.
    #[default]
    Auto,
    On,
    Off,
}

/// A program, loaded.
#[derive(Clone)]
pub struct Program {
    pub given: Vec<String>,
    pub code: Arc<CodeServer>,
    pub entry: Entry,
    /// The call that starts the services, where they run.
    pub services: Option<Entry>,
    pub services_ran: ServicesRan,
    pub entry_text: EntryText,
    /// Whether OTP's libraries are there.
    pub has_otp: bool,
}

impl Given {
    /// Nothing yet but what whoever started the command line has in Rust.
    pub fn with(args: &Args) -> Given {
        Given { natives: args.natives.clone(), ..Given::default() }
    }

    /// Reads an option that says which program, if it is one. Whether it was.
    pub fn option(&mut self, name: &str, args: &mut Args) -> Result<bool, Usage> {
        match name {
            "-m" => self.module = Some(args.value(name)?),
            "-f" => self.function = Some(args.value(name)?),
            "--otp" => self.otp = Wanted::parse(&args.value(name)?),
            "--missing" => self.missing = true,
            "--services" => {
                self.services = args.parsed(name, |text| match text {
                    "auto" => Some(ServicesWanted::Auto),
                    "on" => Some(ServicesWanted::On),
                    "off" => Some(ServicesWanted::Off),
                    _ => None,
                })?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Where the program's code is, and the module that it begins in.
    fn path(&self, command: &str) -> Result<(CodePath, String), Usage> {
        let first = self.natives.first_module();
        if self.program.is_empty() && first.is_none() {
            return refuse(match command {
                "replay" | "shrink" => {
                    "the schedule is of processes in Rust: the program that wrote it replays it".to_string()
                }
                _ => format!("`warpbeam {command}` needs a .beam file or a directory of them"),
            });
        }
        let paths: Vec<PathBuf> = self.program.iter().map(PathBuf::from).collect();
        let mut path = if paths.is_empty() { CodePath::default() } else { CodePath::of(&paths)? };
        path.set_otp(find::find(&self.otp)?);
        let module = match (&self.module, first) {
            (Some(module), _) => module,
            (None, Some(first)) if paths.is_empty() => first,
            (None, _) => path.first_module(),
        };
        let module = path.module_named(module);
        Ok((path, module))
    }

    /// The native functions that the program could reach and that there are none of, each with a caller, a line each.
    pub fn missing_natives(&self, command: &str) -> Result<String, Usage> {
        let (path, module) = self.path(command)?;
        let path = WithNatives::new(self.natives.clone(), path);
        let module = Atom::new(&module).map_err(|_| Usage(LONG_NAME.to_string()))?;
        if !matches!(path.find(module.text()), Some(Ok(_))) {
            return refuse(format!("there is no module {}", module.text()));
        }
        let text = |(module, function, arity): &reach::Name| format!("{module}:{function}/{arity}");
        let missing = reach::missing_natives(&path, module);
        Ok(missing
            .iter()
            .map(|(name, caller)| format!("{} called by {}\n", text(name), text(caller)))
            .collect())
    }

    pub fn load(self, command: &str) -> Result<Program, Usage> {
        let (mut path, module) = self.path(command)?;
        let has_otp = path.otp().is_some();
        let function = self.function.unwrap_or_else(|| "main".to_string());
        let no_atom = |_| Usage(LONG_NAME.to_string());
        let names = (Atom::new(&module).map_err(no_atom)?, Atom::new(&function).map_err(no_atom)?);
        let needed = match self.services {
            ServicesWanted::On if !has_otp => {
                return refuse("services need Erlang/OTP, which was not found; --otp says where it is");
            }
            ServicesWanted::On => {
                services(&path, names.0).and(Services { level: Level::Files, global: false })
            }
            ServicesWanted::Auto if has_otp => services(&path, names.0),
            ServicesWanted::Auto | ServicesWanted::Off => Services::NOTHING,
        };
        if command == "run" {
            path.set_live();
        }
        if needed.level == Level::Elixir {
            path.show_elixir();
        }
        let source: Box<dyn Source> = match self.natives.is_empty() {
            true => Box::new(path),
            false => Box::new(WithNatives::new(self.natives, path)),
        };
        let code = Arc::new(CodeServer::new(source));
        code.ensure_loaded(names.0).map_err(|e| missing_module(&e, has_otp))?;
        let services = start_of(&self.arguments, needed)?;
        let services_ran = match self.services {
            _ if services.is_none() => ServicesRan::Off,
            ServicesWanted::On => ServicesRan::On,
            ServicesWanted::Auto | ServicesWanted::Off => ServicesRan::Needed,
        };
        let arguments = arguments(&code, names, self.arguments, services.is_some())?;
        let entry_text = EntryText { module, function, arguments };
        let entry = entry(names, entry_text.arguments.as_deref())?;
        Ok(Program { given: self.program, code, entry, services, services_ran, entry_text, has_otp })
    }
}

/// A module that the program begins with is not there.
fn missing_module(error: &CodeError, has_otp: bool) -> Usage {
    let otp = if has_otp { "" } else { " (and Erlang/OTP was not found; --otp says where it is)" };
    Usage(format!("{error}{otp}"))
}

/// The call that starts the services.
fn start_of(arguments: &[String], needed: Services) -> Result<Option<Entry>, Usage> {
    let level = match needed.level {
        Level::Nothing => return Ok(None),
        Level::InputOutput => Atom::known("input_output"),
        Level::All => Atom::known("all"),
        Level::Files => Atom::known("files"),
        Level::Sockets => Atom::known("sockets"),
        Level::Elixir => Atom::known("elixir"),
    };
    let global = Atom::known(if needed.global { "true" } else { "false" });
    let parcel = Parcel::build(|heap| {
        let plain = string_list(heap, arguments)?;
        heap.new_list(&[plain, Word::atom(level), Word::atom(global)], Word::NIL)
    });
    let arguments = parcel.map_err(|HeapFull| Usage("the arguments are too large".to_string()))?;
    let (module, function) = (Atom::known("warpbeam_boot"), Atom::known("main"));
    Ok(Some(Entry { module, function, arguments, arity: 3 }))
}

/// Without arguments `F/0` is called if it exists, otherwise `F/1` with a list of strings.
fn arguments(
    code: &CodeServer,
    (module, function): (Atom, Atom),
    given: Vec<String>,
    services: bool,
) -> Result<Option<Vec<String>>, Usage> {
    let view = code.view();
    let has = |arity| view.target(ExportId::new(module, function, arity)) != Target::Missing;
    let name = format!("{}:{}", module.text(), function.text());
    // With services a program may also ask `init` for its arguments.
    if has(0) && (given.is_empty() || services && !has(1)) {
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
        let list = string_list(heap, texts)?;
        heap.new_list(&[list], Word::NIL)
    })
}

fn string_list(heap: &mut Heap, texts: &[String]) -> Result<Word, HeapFull> {
    let mut words = Vec::new();
    for text in texts {
        let characters: Vec<Word> = text.chars().map(|c| Word::small(i64::from(u32::from(c)))).collect();
        words.push(heap.new_list(&characters, Word::NIL)?);
    }
    heap.new_list(&words, Word::NIL)
}

impl Program {
    /// Refuses a function to be called after a crash that is not there: a run would take it for a bug of the program.
    pub fn check_after_crash(&self, settings: &Settings) -> Result<(), Usage> {
        let Some(name) = &settings.after_crash else { return Ok(()) };
        if !settings.faults.has(Fault::Crash) {
            return refuse(
                "--after-crash says what follows a crash, and there is none without --faults crash",
            );
        }
        let view = self.code.view();
        let there = Atom::new(name).is_ok_and(|function| {
            view.target(ExportId::new(self.entry.module, function, 0)) != Target::Missing
        });
        match there {
            true => Ok(()),
            false => refuse(format!(
                "{}:{name}/0, which --after-crash names, is not exported",
                self.entry.module.text()
            )),
        }
    }

    /// Runs of the program in the simulator.
    pub fn runner(&self, settings: Settings) -> Runner {
        Runner::with_services(self.code.clone(), self.entry.clone(), self.services.clone(), settings)
    }

    /// The modules that are loaded now, by name.
    pub fn modules(&self) -> Vec<ModuleHash> {
        let view = self.code.view();
        let names = view.loaded();
        let number = |name: &Atom| view.current(*name).expect("a loaded module has a number");
        let modules = names.iter().map(|name| view.module(number(name)));
        modules.map(|m| ModuleHash { name: m.name.text().to_string(), md5: m.md5 }).collect()
    }

    /// The claims of campaigns that the program could come to.
    pub fn expect_claims(&self, tally: &mut Tally) {
        let Entry { module, function, arity, .. } = &self.entry;
        let entry = (module.text().to_string(), function.text().to_string(), *arity);
        for (kind, name) in reach::claims(self.code.source(), &entry) {
            tally.expect(Kind::named(kind).expect("reach knows the kinds"), &name);
        }
    }

    /// `module:function/arity` of the entry call.
    pub fn call(&self) -> String {
        format!("{}:{}/{}", self.entry_text.module, self.entry_text.function, self.entry.arity)
    }
}
