//! Erlang expressions as text: terms, calls of native functions, and a few generators, evaluated on a heap.
//!
//! The generators, which `tests/natives/record.escript` defines too: `seq(A, B)`, `dup(N, Term)` (a list),
//! `squares(N)` (a map of 1 to N), `closure(Term)` (a fun of one argument), `self()`.

mod parse;

pub use parse::{Expression, parse};

use warpbeam::bif::{Body, Class, Local, Outcome, Raise, lookup, native};
use warpbeam::code::{ExportId, FunId, FunKey};
use warpbeam::heap::mutator::{Mutator, Term};
use warpbeam::term::Atom;

/// An exception as text: `error:badarg`.
pub struct Raised(pub String);

/// The value of an expression.
pub fn evaluate<'h>(local: &mut Local<'h, '_>, expression: &Expression) -> Result<Term<'h>, Raised> {
    let room = "test terms fit on the heap";
    let mut all = |of: &[Expression]| of.iter().map(|e| evaluate(local, e)).collect::<Result<Vec<_>, _>>();
    match expression {
        Expression::Integer(text) => {
            let digits = local.m.binary(text.as_bytes()).expect(room);
            call(local, ("erlang", "binary_to_integer"), &[digits])
        }
        Expression::Float(value) => Ok(local.m.float(*value).expect(room)),
        Expression::Atom(text) => Ok(Term::atom(Atom::new(text).expect("test atoms are few and short"))),
        Expression::Text(text) => Ok(local.m.text_list(text).expect(room)),
        Expression::Bits(bytes, size) => Ok(local.m.bitstring(bytes, *size).expect(room)),
        Expression::List(elements, tail) => {
            let elements = all(elements)?;
            let tail = tail.as_ref().map_or(Ok(Term::nil()), |t| evaluate(local, t))?;
            Ok(local.m.list_with_tail(&elements, tail).expect(room))
        }
        Expression::Tuple(elements) => {
            let elements = all(elements)?;
            Ok(local.m.tuple(&elements).expect(room))
        }
        Expression::Map(pairs) => {
            let mut entries = Vec::new();
            for (key, value) in pairs {
                entries.push((evaluate(local, key)?, evaluate(local, value)?));
            }
            Ok(local.m.map(&entries).expect(room))
        }
        Expression::ExternalFun(module, function, arity) => {
            let [module, function] = [module, function].map(|t| Atom::new(t).expect("short"));
            Ok(local.m.external_fun(ExportId::new(module, function, *arity)).expect(room))
        }
        Expression::Call(module, function, arguments) => {
            let arguments = all(arguments)?;
            call(local, (module, function), &arguments)
        }
        Expression::Generator(name, arguments) => {
            let arguments = all(arguments)?;
            generate(local, name, &arguments)
        }
    }
}

fn generate<'h>(local: &mut Local<'h, '_>, name: &str, a: &[Term<'h>]) -> Result<Term<'h>, Raised> {
    let number = |i: usize| a[i].as_small().expect("a generator's bounds are small");
    let m = &mut local.m;
    let made = match name {
        "seq" => {
            let elements: Vec<_> = (number(0)..=number(1)).map(Term::small).collect();
            m.list(&elements)
        }
        "dup" => m.list(&vec![a[1]; number(0) as usize]),
        "squares" => {
            let entries: Vec<_> = (1..=number(0)).map(|i| (Term::small(i), Term::small(i * i))).collect();
            m.map(&entries)
        }
        "closure" => {
            let key = FunKey {
                module: Atom::known("sample"),
                index: 3,
                uniq: 77,
                md5: [9; 16],
                arity: 1,
                free: 1,
                function: Atom::known("-closure/1-fun-0-"),
            };
            m.fun(FunId::new(key), 1, a)
        }
        "self" => return call(local, ("erlang", "self"), &[]),
        _ => panic!("no generator is called {name}"),
    };
    Ok(made.expect("test terms fit on the heap"))
}

/// Calls a native function through the table.
pub fn call<'h>(
    local: &mut Local<'h, '_>,
    (module, function): (&str, &str),
    arguments: &[Term<'h>],
) -> Result<Term<'h>, Raised> {
    let [m, f] = [module, function].map(|t| Atom::new(t).expect("names are short"));
    let row = lookup(ExportId::new(m, f, arguments.len() as u32));
    let row = row.unwrap_or_else(|| panic!("{module}:{function}/{} has no row", arguments.len()));
    let outcome = match native(row).body {
        Body::Guard(body) | Body::Pure(body) => body(&mut local.m, arguments),
        Body::Local(body) => body(local, arguments).map(|outcome| match outcome {
            Outcome::Value(term) => term,
            other => panic!("{module}:{function} came to {other:?}"),
        }),
        Body::Effect(..) => panic!("{module}:{function} reaches the world"),
    };
    outcome.map_err(|raise| Raised(raised_text(&local.m, raise)))
}

fn raised_text<'h>(m: &Mutator<'h>, raise: Raise<'h>) -> String {
    match raise {
        Raise::Error(reason) | Raise::Caused(reason, _) => format!("error:{}", m.show(Term::atom(reason))),
        Raise::With(class, reason) | Raise::Traced(class, reason, _) => {
            let class = match class {
                Class::Error => "error",
                Class::Exit => "exit",
                Class::Throw => "throw",
            };
            format!("{class}:{}", m.show(reason))
        }
        Raise::WithArguments { reason, .. } => format!("error:{}", m.show(reason)),
        Raise::HeapFull => "heap full".into(),
    }
}
