//! The `.beam` file of a module whose functions are in Rust: each puts its arguments into a list and goes on in
//! `warpbeam_native:enter/3`.
//!
//! Invariant: the bytes depend on the names alone, so a schedule knows the module again.
//! Source: the format that [`crate::code::beam`] and [`crate::code::generic`] read.

/// Opcodes that are written here.
const LABEL: u8 = 1;
const FUNC_INFO: u8 = 2;
const CODE_END: u8 = 3;
const TEST_HEAP: u8 = 16;
const MOVE: u8 = 64;
const PUT_LIST: u8 = 69;
const CALL_EXT_ONLY: u8 = 78;
/// The greatest of them, which the code chunk's head says.
const OPCODE_MAX: u32 = 78;

/// Tags of operands.
const NUMBER: u8 = 0;
const ATOM: u8 = 2;
const X: u8 = 3;

/// An operand in compact form.
fn operand(code: &mut Vec<u8>, tag: u8, value: u32) {
    match value {
        0..16 => code.push((value << 4) as u8 | tag),
        16..2048 => code.extend([((value >> 3) & 0xe0) as u8 | 0x08 | tag, value as u8]),
        _ => {
            // Three bytes, the highest of which has no sign.
            assert!(value < 1 << 23, "a module has fewer names");
            code.push(0x20 | 0x18 | tag);
            code.extend(&value.to_be_bytes()[1..]);
        }
    }
}

/// Atoms by number, from 1.
#[derive(Default)]
struct Atoms(Vec<String>);

impl Atoms {
    fn number(&mut self, name: &str) -> u32 {
        let at = self.0.iter().position(|other| other == name).unwrap_or_else(|| {
            self.0.push(name.to_string());
            self.0.len() - 1
        });
        at as u32 + 1
    }

    fn chunk(&self) -> Vec<u8> {
        let mut bytes = (self.0.len() as u32).to_be_bytes().to_vec();
        for name in &self.0 {
            // Up to 255 characters may be more bytes than the old form of a length has room for.
            bytes.push(u8::try_from(name.len()).expect("the name of a function in Rust has up to 255 bytes"));
            bytes.extend(name.as_bytes());
        }
        bytes
    }
}

fn chunk(file: &mut Vec<u8>, name: &[u8; 4], body: &[u8]) {
    file.extend(name);
    file.extend((body.len() as u32).to_be_bytes());
    file.extend(body);
    file.resize(file.len().next_multiple_of(4), 0);
}

/// The instructions of one function, which goes on in import 0.
fn function(code: &mut Vec<u8>, module: u32, name: u32, arity: u8, entry: u32) {
    let list = u32::from(arity);
    let mut op = |opcode: u8, operands: &[(u8, u32)]| {
        code.push(opcode);
        operands.iter().for_each(|&(tag, value)| operand(code, tag, value));
    };
    op(LABEL, &[(NUMBER, entry - 1)]);
    op(FUNC_INFO, &[(ATOM, module), (ATOM, name), (NUMBER, list)]);
    op(LABEL, &[(NUMBER, entry)]);
    op(TEST_HEAP, &[(NUMBER, 2 * list), (NUMBER, list)]);
    // Atom 0 is the empty list.
    op(MOVE, &[(ATOM, 0), (X, list)]);
    for argument in (0..list).rev() {
        op(PUT_LIST, &[(X, argument), (X, list), (X, list)]);
    }
    op(MOVE, &[(X, list), (X, 2)]);
    op(MOVE, &[(ATOM, name), (X, 1)]);
    op(MOVE, &[(ATOM, module), (X, 0)]);
    op(CALL_EXT_ONLY, &[(NUMBER, 3), (NUMBER, 0)]);
}

/// The file of a module with these functions.
pub fn beam(module: &str, functions: &[(&str, u8)]) -> Vec<u8> {
    let mut atoms = Atoms::default();
    let module = atoms.number(module);
    let (home, enter) = (atoms.number(super::LOOP_MODULE), atoms.number("enter"));
    let (mut code, mut exports) = (Vec::new(), Vec::new());
    for (at, &(name, arity)) in functions.iter().enumerate() {
        let (name, entry) = (atoms.number(name), 2 * at as u32 + 2);
        function(&mut code, module, name, arity, entry);
        exports.extend([name, u32::from(arity), entry]);
    }
    code.push(CODE_END);
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
    let count = functions.len() as u32;
    let mut head = words(&[16, 0, OPCODE_MAX, 2 * count + 1, count]);
    head.extend(code);
    let mut body = b"BEAM".to_vec();
    chunk(&mut body, b"AtU8", &atoms.chunk());
    chunk(&mut body, b"Code", &head);
    chunk(&mut body, b"StrT", &[]);
    chunk(&mut body, b"ImpT", &words(&[1, home, enter, 3]));
    chunk(&mut body, b"ExpT", &[words(&[count]), words(&exports)].concat());
    let mut file = Vec::new();
    chunk(&mut file, b"FOR1", &body);
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::beam::{BeamFile, Limits};
    use crate::code::generic::GenericCode;

    #[test]
    fn the_loader_reads_it() {
        let many: Vec<String> = (0..300).map(|n| format!("function_{n}")).collect();
        let mut functions: Vec<(&str, u8)> = many.iter().map(|name| (name.as_str(), 2)).collect();
        functions.extend([("none", 0), ("most", 255)]);
        let beam = BeamFile::parse(&beam("shop", &functions), &Limits::default()).expect("a module");
        assert_eq!(beam.module(), "shop");
        let code = GenericCode::decode(&beam).expect("its code");
        assert_eq!(code.functions.len(), functions.len());
    }
}
