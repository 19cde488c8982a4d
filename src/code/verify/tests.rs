//! Compiled code with one operand changed: what is wrong is found, and named.

use super::verify;
use crate::bif;
use crate::code::generic::{Arg, GenericCode};
use crate::code::{BeamFile, ExportId, Limits, LoadError, Opcode};
use crate::term::Atom;

const MODULES: [&[u8]; 3] = [
    include_bytes!("../../../tests/conform/c_recv.beam"),
    include_bytes!("../../../tests/conform/c_records.beam"),
    include_bytes!("../../../benches/bench.beam"),
];

/// Sets one operand of each such instruction in turn; the reasons for which the code was refused then.
fn reasons(op: Opcode, change: &dyn Fn(&mut GenericCode, usize)) -> Vec<&'static str> {
    let mut found = Vec::new();
    for bytes in MODULES {
        let file = BeamFile::parse(bytes, &Limits::default()).expect("a compiled module");
        let code = GenericCode::decode(&file).expect("a compiled module");
        verify(&file, &code).expect("what a compiler made is taken");
        for index in (0..code.ops.len()).filter(|&index| code.ops[index].op == op) {
            let mut changed = code.clone();
            change(&mut changed, index);
            match verify(&file, &changed) {
                Err(LoadError::Unsafe { why, .. }) => found.push(why),
                Err(other) => panic!("another error: {other}"),
                Ok(_) => {}
            }
        }
    }
    found
}

#[test]
fn changed_operands_are_refused() {
    let rows = [
        (Opcode::CallLast, 2, Arg::Literal(99), "the frame has another size"),
        (Opcode::Deallocate, 0, Arg::Literal(0), "the frame has another size"),
        (Opcode::Trim, 0, Arg::Literal(99), "the frame has another size"),
        (Opcode::Allocate, 0, Arg::Literal(0), "a Y register is outside the frame"),
        (Opcode::Move, 0, Arg::X(1000), "it reads an X register that was not set"),
        (Opcode::Move, 0, Arg::Y(1000), "a Y register is outside the frame"),
        (Opcode::Move, 1, Arg::Y(1000), "a Y register is outside the frame"),
        (Opcode::GetTupleElement, 0, Arg::X(900), "it reads an X register that was not set"),
        (Opcode::TestHeap, 1, Arg::Literal(1000), "an X register that counts as live was not set"),
        (Opcode::TestHeap, 0, Arg::Literal(0), "heap words were not reserved"),
        (Opcode::AllocateHeap, 1, Arg::Literal(0), "heap words were not reserved"),
        (Opcode::GcBif2, 1, Arg::Literal(300), "more than 255 registers are live"),
        (Opcode::TryEnd, 0, Arg::Y(1000), "there is no catch in the register"),
        (Opcode::Try, 0, Arg::Y(1000), "a Y register is outside the frame"),
        (Opcode::Jump, 0, Arg::Label(2), "a jump leads into another function"),
    ];
    for (op, position, arg, why) in rows {
        let found = reasons(op, &|code, index| {
            let at = code.ops[index].args.start as usize + position;
            code.args[at] = arg;
        });
        assert!(found.contains(&why), "{} with {arg:?}: {found:?}", op.name());
    }
}

/// As if an instruction were not there.
#[test]
fn missing_instructions_are_noticed() {
    let rows = [
        (Opcode::Return, "the function has no end there"),
        (Opcode::Deallocate, "the frame was not freed"),
        (Opcode::Allocate, "there is no frame"),
        (Opcode::TestHeap, "heap words were not reserved"),
        (Opcode::Try, "there is no catch in the register"),
        (Opcode::TryEnd, "a catch is dropped with its frame"),
        (Opcode::TryCase, "it reads an X register that was not set"),
        (Opcode::CatchEnd, "it reads an X register that was not set"),
        (Opcode::CallOnly, "the function has no end there"),
    ];
    for (op, why) in rows {
        let found = reasons(op, &|code, index| {
            code.ops[index].op = Opcode::NifStart;
            code.ops[index].args.len = 0;
        });
        assert!(found.contains(&why), "without {}: {found:?}", op.name());
    }
}

/// A jump to the label before it.
#[test]
fn code_that_goes_round_is_refused() {
    let found = reasons(Opcode::Jump, &|code, index| {
        let label = (0..index).rev().find(|&before| code.ops[before].op == Opcode::Label);
        let label = super::label_of(code, label.expect("a function has a label"));
        code.args[code.ops[index].args.start as usize] = Arg::Label(label);
    });
    assert!(found.contains(&"it goes round without a call or a receive"), "{found:?}");
}

#[test]
fn functions_that_never_return_are_native() {
    for (name, arity) in super::effects::RAISING {
        let function = Atom::new(name).expect("a short name");
        let export = ExportId::new(Atom::ERLANG, function, arity);
        assert!(bif::lookup(export).is_some(), "{name}/{arity}");
    }
}
