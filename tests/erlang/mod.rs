//! One run of `erl` that applies a fun to many terms: both sides speak the external term format.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test reads files and runs erl")]

use std::process::Command;
use warpbeam::heap::Heap;
use warpbeam::term::Word;
use warpbeam::term::atom::Atom;
use warpbeam::term::etf::{DecodeOptions, EncodeOptions, FunIdentity, FunTable, decode, encode};
use warpbeam::term::fun::ExportKey;

/// A code area that numbers the funs it meets.
#[derive(Default)]
pub struct Funs {
    pub local: Vec<FunIdentity>,
    pub external: Vec<ExportKey>,
}

fn number_of<T: PartialEq + Copy>(all: &mut Vec<T>, one: T) -> u32 {
    let at = all.iter().position(|&t| t == one).unwrap_or(all.len());
    if at == all.len() {
        all.push(one);
    }
    at as u32
}

impl FunTable for Funs {
    fn fun_identity(&self, id: u32) -> Option<FunIdentity> {
        self.local.get(id as usize).copied()
    }

    fn export_identity(&self, export: u32) -> Option<ExportKey> {
        self.external.get(export as usize).copied()
    }

    fn resolve_fun(&mut self, fun: &FunIdentity, _free: usize) -> Option<u32> {
        Some(number_of(&mut self.local, *fun))
    }

    fn resolve_export(&mut self, export: ExportKey, create: bool) -> Option<u32> {
        (create || self.external.contains(&export)).then(|| number_of(&mut self.external, export))
    }
}

/// Three local funs and no external ones, for samples.
pub fn sample_funs() -> Funs {
    let module = Atom::known("m");
    let fun =
        |index| FunIdentity { module, arity: 1, index, uniq: [7; 16], old_index: index, old_uniq: 1 << 26 };
    Funs { local: (0..3).map(fun).collect(), external: Vec::new() }
}

pub fn newest() -> EncodeOptions {
    EncodeOptions { minor_version: 2, ..EncodeOptions::default() }
}

pub fn bytes_of(heap: &Heap, term: Word) -> Vec<u8> {
    encode(heap, term, newest(), &Funs::default()).expect("the term has bytes")
}

pub fn term_of(heap: &mut Heap, bytes: &[u8]) -> Word {
    let mut funs = Funs::default();
    decode(heap, bytes, DecodeOptions::default(), &mut funs).expect("the bytes are a term").term
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02X}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |d: u8| char::from(d).to_digit(16).expect("erl prints hexadecimal digits") as u8;
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// Applies the Erlang fun `fun` to each input (bytes of a term) and gives its results, minor version 2;
/// `{error, Reason}` where it raised. `None`, said aloud, where there is no `erl`.
pub fn ask(name: &str, fun: &str, inputs: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    let path = format!("{}/{name}.hex", env!("CARGO_TARGET_TMPDIR"));
    let lines: Vec<String> = inputs.iter().map(|i| hex(i)).collect();
    std::fs::write(&path, lines.join("\n")).expect("the target directory can be written");
    let code = format!(
        "{{ok, InputLines}} = file:read_file({path:?}), AskedFun = {fun}, \
         [io:put_chars([binary:encode_hex(term_to_binary(try AskedFun(binary_to_term(binary:decode_hex(L))) \
         catch _:R -> {{error, R}} end, [{{minor_version, 2}}])), 10]) \
         || L <- binary:split(InputLines, <<10>>, [global, trim_all])], halt()."
    );
    let output = match Command::new("erl").args(["-noshell", "-noinput", "-eval", &code]).output() {
        Ok(output) => output,
        Err(_) => {
            eprintln!("SKIPPED {name}: no `erl` to compare with");
            return None;
        }
    };
    assert!(output.status.success(), "erl failed: {}", String::from_utf8_lossy(&output.stdout));
    let text = String::from_utf8(output.stdout).expect("erl prints text");
    let results: Vec<Vec<u8>> = text.lines().map(unhex).collect();
    assert_eq!(results.len(), inputs.len(), "one result per input");
    Some(results)
}
