//! Environment variables, as `os:getenv/1` and its kin see them.
//!
//! A world begins with some and changes its own copy: a program cannot change those of the machine's process.
//! Invariant: names are not empty and hold neither `=` nor a zero byte, values hold no zero byte. Names and
//! values are bytes; how they are text is the natives' matter. Source: the module `os`.

use std::collections::BTreeMap;

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Variables(BTreeMap<Vec<u8>, Vec<u8>>);

impl Variables {
    /// What a simulated program finds, on any machine.
    pub fn simulated() -> Variables {
        let fixed = [("HOME", "/home/sim"), ("LANG", "C.UTF-8"), ("PATH", "/usr/bin:/bin"), ("USER", "sim")];
        let mut variables = Variables::default();
        for (name, value) in fixed {
            variables.set(name.into(), value.into());
        }
        variables
    }

    pub fn get(&self, name: &[u8]) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }

    pub fn set(&mut self, name: Vec<u8>, value: Vec<u8>) {
        assert!(Variables::is_name(&name) && !value.contains(&0), "the caller has checked the variable");
        self.0.insert(name, value);
    }

    pub fn unset(&mut self, name: &[u8]) {
        self.0.remove(name);
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_slice(), value.as_slice()))
    }

    /// Whether a variable can have this name.
    pub fn is_name(name: &[u8]) -> bool {
        !name.is_empty() && !name.contains(&b'=') && !name.contains(&0)
    }
}

pub trait Environment {
    /// Shows the variables to `f`, which may change them.
    fn variables(&mut self, f: &mut dyn FnMut(&mut Variables));
    /// The operating system's number of the process that the world is.
    fn os_process(&self) -> u32;
}
