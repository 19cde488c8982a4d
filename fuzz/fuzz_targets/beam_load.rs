//! Any bytes as a `.beam` file: a module or a typed error, never a panic. What loads is not run.

#![no_main]

use libfuzzer_sys::fuzz_target;
use warpbeam::code::{BeamFile, GenericCode, Limits, disasm, transform};

fuzz_target!(|bytes: &[u8]| {
    let loaded = transform::load(bytes, 0);
    let Ok(file) = BeamFile::parse(bytes, &Limits::default()) else {
        assert!(loaded.is_err(), "what cannot be parsed does not load");
        return;
    };
    match GenericCode::decode(&file) {
        Ok(code) => assert!(!disasm::listing(&file, &code).is_empty(), "a module has a listing"),
        Err(_) => assert!(loaded.is_err(), "what cannot be decoded does not load"),
    }
});
