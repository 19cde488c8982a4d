//! A readable listing of a module's generic instructions, for comparisons and messages.
//!
//! Invariant: a pure function of the file; one instruction a line. Untagged numbers print bare, integers with `#`,
//! labels as `L7` (`-` is none), literals as `lit 3`; indices print as what they point to.

use std::fmt::{self, Display, Formatter};

use super::beam::{AtomIx, BeamFile};
use super::generic::{Arg, GenericCode};
use super::op::{Kind, Opcode};

/// The whole module.
pub fn listing(file: &BeamFile, code: &GenericCode) -> String {
    let mut text = format!("module {}\n", Quoted(file.module()));
    for (index, op) in code.ops.iter().enumerate() {
        match (op.op, code.args(op.args)) {
            (Opcode::Label, &[Arg::Literal(label)]) => text.push_str(&format!("L{label}:\n")),
            (Opcode::FuncInfo, _) => text.push_str(&format!("  {}\n", instruction(file, code, index))),
            _ => text.push_str(&format!("    {}\n", instruction(file, code, index))),
        }
    }
    text
}

/// One instruction, by its index.
pub fn instruction<'a>(file: &'a BeamFile, code: &'a GenericCode, index: usize) -> impl Display + 'a {
    let op = code.ops[index];
    fmt::from_fn(move |f| {
        f.write_str(op.op.name())?;
        for (&kind, &arg) in op.op.signature().iter().zip(code.args(op.args)) {
            f.write_str(" ")?;
            operand(f, file, code, kind, arg)?;
        }
        Ok(())
    })
}

fn operand(f: &mut Formatter<'_>, file: &BeamFile, code: &GenericCode, kind: Kind, arg: Arg) -> fmt::Result {
    match (kind, arg) {
        (Kind::Import, Arg::Literal(index)) => {
            let import = &file.imports[index as usize];
            write!(f, "{}:", atom(file, import.module))?;
            write!(f, "{}/{}", atom(file, import.function), import.arity)
        }
        (Kind::Lambda | Kind::FunTag, Arg::Literal(index)) => {
            let lambda = &file.lambdas[index as usize];
            write!(f, "fun {}/{}", atom(file, lambda.function), lambda.arity)
        }
        (Kind::Line, Arg::Literal(index)) => match &file.lines {
            Some(lines) if index != 0 => {
                let item = lines.items[index as usize];
                write!(f, "{}:{}", lines.files[item.file as usize], item.line)
            }
            _ => f.write_str("-"),
        },
        (_, Arg::List(range)) => {
            f.write_str("[")?;
            for (index, &element) in code.args(range).iter().enumerate() {
                f.write_str(if index == 0 { "" } else { " " })?;
                plain(f, file, element)?;
            }
            f.write_str("]")
        }
        _ => plain(f, file, arg),
    }
}

fn plain(f: &mut Formatter<'_>, file: &BeamFile, arg: Arg) -> fmt::Result {
    match arg {
        Arg::Literal(number) => write!(f, "{number}"),
        Arg::Integer(value) => write!(f, "#{value}"),
        Arg::BigInteger(range) => {
            let value = num_bigint::BigInt::from_signed_bytes_be(range.of(&file.bytes));
            write!(f, "#{value:#x}")
        }
        Arg::Atom(ix) => write!(f, "{}", atom(file, ix)),
        Arg::Nil => f.write_str("[]"),
        Arg::X(register) => write!(f, "x{register}"),
        Arg::Y(register) => write!(f, "y{register}"),
        Arg::Label(0) => f.write_str("-"),
        Arg::Label(label) => write!(f, "L{label}"),
        Arg::Character(character) => write!(f, "${character}"),
        Arg::Float(value) => write!(f, "{value:?}"),
        Arg::FloatReg(register) => write!(f, "fr{register}"),
        Arg::List(_) => f.write_str("[...]"),
        Arg::AllocList { words, floats, funs } => write!(f, "{{words {words} floats {floats} funs {funs}}}"),
        Arg::Lit(index) => write!(f, "lit {index}"),
    }
}

fn atom(file: &BeamFile, atom: AtomIx) -> Quoted<'_> {
    Quoted(file.atom(atom))
}

/// An atom's text, quoted unless it is plainly an atom.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plain = self.0.starts_with(|c: char| c.is_ascii_lowercase())
            && self.0.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '@'));
        if plain {
            return f.write_str(self.0);
        }
        write!(f, "'{}'", self.0.escape_debug())
    }
}
