//! A drill for hostile code: compiled programs with bytes of their instructions changed. What loads is run, for a bounded
//! number of steps, calls and words, and nothing that it does may panic: the verifier has let it pass.
//!
//! Any bytes are a drill: the file of a module, or changes to one of ours. Source of the idea: ARCHITECTURE.md, "Code is
//! verified". Every safepoint collects, moves and verifies the heap and poisons dead registers, so that a word
//! which is no term is noticed where it is read.

use crate::explore::dull::Dull;
use crate::oracle::Oracle;
use crate::runner::{Runner, violation_of};
use crate::world::Entry;
use crate::world::settings::Settings;
use std::sync::Arc;
use warpbeam::code::server::NoSource;
use warpbeam::code::{BeamFile, CodeServer, GenericCode, Limits};
use warpbeam::heap::parcel::Parcel;
use warpbeam::heap::policy::GcPlan;
use warpbeam::heap::{Heap, HeapFull};
use warpbeam::term::{Atom, Word, map};

/// Our own modules to change: small ones that between them have most instructions.
const MODULES: [&[u8]; 12] = [
    include_bytes!("../../tests/conform/c_alg_queens.beam"),
    include_bytes!("../../tests/conform/c_asm_bits.beam"),
    include_bytes!("../../tests/conform/c_asm_float.beam"),
    include_bytes!("../../tests/conform/c_asm_recv.beam"),
    include_bytes!("../../tests/conform/c_asm_stack.beam"),
    include_bytes!("../../tests/conform/variants/r22/c_recv.beam"),
    include_bytes!("../../tests/conform/c_records.beam"),
    include_bytes!("../../tests/conform/c_alg_trees.beam"),
    include_bytes!("../../tests/conform/c_literals.beam"),
    include_bytes!("../../examples/lost_update.beam"),
    include_bytes!("../../examples/late_reply.beam"),
    include_bytes!("../../benches/bench.beam"),
];

/// Bytes of one change: the instruction (two), the byte of it, its new value.
const CHANGE_BYTES: usize = 4;
const CHANGES_MAX: usize = 8;
/// Exported functions of a module that are called, each with terms of all sorts.
const CALLS_MAX: usize = 6;
const ARITY_MAX: u8 = 5;

/// Runs what the bytes say. Whether anything could be loaded.
pub fn run(bytes: &[u8]) -> bool {
    let given;
    let module = if bytes.starts_with(b"FOR1") {
        bytes
    } else {
        given = changed(bytes);
        &given
    };
    let code = Arc::new(CodeServer::new(Box::new(NoSource)));
    let Ok(name) = code.load(module) else { return false };
    let file = BeamFile::parse(module, &Limits::default()).expect("what was loaded can be parsed");
    let own = file.exports.iter().filter(|export| export.arity <= ARITY_MAX);
    for export in own.take(CALLS_MAX) {
        let function = Atom::new(file.atom(export.function)).expect("an atom of a loaded module");
        // A native function of that name stands in for the module's own.
        if matches!(file.atom(export.function), "module_info") {
            continue;
        }
        let arguments = arguments(export.arity).expect("a few words are no full heap");
        let entry = Entry { module: name, function, arguments, arity: u32::from(export.arity) };
        call(&code, entry);
    }
    true
}

fn call(code: &Arc<CodeServer>, entry: Entry) {
    let settings = Settings {
        gc: GcPlan::EverySafepoint,
        steps_max: 100,
        livelock_calls: 300,
        memory_words: Some(1 << 18),
        ..Settings::default()
    };
    let mut runner = Runner::new(Arc::clone(code), entry, settings);
    let outcome = runner.run(&mut Dull);
    if let Some(violation) = violation_of(&outcome) {
        let panicked = violation.oracle == Oracle::Panic;
        assert!(!panicked, "{} ({})", violation.message, violation.fingerprint);
    }
}

/// A module of ours with the changes that the bytes say; the first byte says which.
fn changed(bytes: &[u8]) -> Vec<u8> {
    let (&which, changes) = bytes.split_first().unwrap_or((&0, &[]));
    let module = MODULES[usize::from(which) % MODULES.len()];
    let file = BeamFile::parse(module, &Limits::default()).expect("a module of ours");
    let code = GenericCode::decode(&file).expect("a module of ours");
    // As it is after inflation: some of ours are compressed.
    let mut changed = file.bytes.to_vec();
    let start = file.code.chunk.start as usize;
    for change in changes.chunks_exact(CHANGE_BYTES).take(CHANGES_MAX) {
        let index = usize::from(u16::from_be_bytes([change[0], change[1]])) % code.ops.len();
        let at = code.ops[index].at as usize;
        let end = code.ops.get(index + 1).map_or(at + 1, |next| next.at as usize);
        let byte = &mut changed[start + at + usize::from(change[2] & 0x7f) % (end - at)];
        // Half of the changes leave an operand what it is, and give it another number.
        let kept = if change[2] & 0x80 != 0 { 0x0f } else { 0 };
        *byte = *byte & kept | change[3] & !kept;
    }
    changed
}

/// A list of one argument of each sort, the first `arity` of them.
fn arguments(arity: u8) -> Result<Parcel, HeapFull> {
    Parcel::build(|heap: &mut Heap| {
        let three: Vec<Word> = (1..4).map(Word::small).collect();
        let list = heap.new_list(&three, Word::NIL)?;
        let tuple = heap.new_tuple(&[Word::atom(Atom::OK), list])?;
        let binary = heap.binary(b"hostile")?;
        let pairs = map::from_pairs(heap, &[(tuple, binary)])?;
        heap.new_list(&[Word::small(7), list, tuple, binary, pairs][..usize::from(arity)], Word::NIL)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Changes that did harm once.
    #[test]
    fn finds_of_old_do_not_panic() {
        // `on_load` in code that no way leads to, and that was not looked at.
        run(&[4, 136, 42, 22, 149]);
    }

    /// Each module as it is, then with one byte changed here and there.
    #[test]
    fn changed_programs_do_not_panic() {
        let mut loaded = 0;
        for which in 0..MODULES.len() as u8 {
            assert!(run(&[which]), "a module of ours loads");
            let mut state = 77 + u32::from(which);
            for _ in 0..100 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let [a, b, c, d] = state.to_be_bytes();
                loaded += u32::from(run(&[which, a, b, c, d]));
            }
        }
        assert!(loaded > 100, "some changes leave code that loads: {loaded}");
    }
}
