//! A source of modules with functions in Rust before all others.

use super::{Function, Natives};
use crate::code::Source;
use std::sync::Arc;

/// The modules of [`Natives`], then those of another source.
pub struct WithNatives<S> {
    natives: Natives,
    other: S,
}

impl<S: Source> WithNatives<S> {
    pub fn new(natives: Natives, other: S) -> WithNatives<S> {
        WithNatives { natives, other }
    }
}

impl<S: Source> Source for WithNatives<S> {
    fn find(&self, module: &str) -> Option<Result<Arc<Vec<u8>>, String>> {
        match self.natives.beam(module) {
            Some(bytes) => Some(Ok(Arc::new(bytes))),
            None => self.other.find(module),
        }
    }

    fn find_anew(&self, module: &str) -> Option<Result<Arc<Vec<u8>>, String>> {
        match self.natives.has(module) {
            true => self.find(module),
            false => self.other.find_anew(module),
        }
    }

    fn native(&self, module: &str, function: &str, arity: usize) -> Option<Function> {
        self.natives.function(module, function, arity).cloned()
    }

    fn file_of(&self, module: &str) -> Option<String> {
        self.other.file_of(module)
    }

    fn is_program(&self, module: &str) -> bool {
        self.natives.has(module) || self.other.is_program(module)
    }

    fn directories(&self) -> Vec<String> {
        self.other.directories()
    }

    fn file_in(&self, directory: &str, name: &str) -> Option<(String, std::sync::Arc<Vec<u8>>)> {
        self.other.file_in(directory, name)
    }

    fn names_in(&self, directory: &str) -> Option<Vec<String>> {
        self.other.names_in(directory)
    }

    fn root(&self) -> Option<String> {
        self.other.root()
    }

    fn release(&self) -> Option<u32> {
        self.other.release()
    }

    fn read(&self, file: &str) -> Option<Arc<Vec<u8>>> {
        self.other.read(file)
    }

    fn list(&self, directory: &str) -> Option<Vec<String>> {
        self.other.list(directory)
    }

    fn missing(&self) -> Vec<String> {
        self.other.missing()
    }
}
