//! What funs are: `fun_info/1,2` and its kin, `make_fun/3`.
//!
//! Source: the documentation of `erlang`. Funs do not remember who made them: `pid` is the first process, as it is
//! from OTP 27 on.

use crate::bif::table::natives;
use crate::bif::{PureResult, Raise};
use crate::code::{ExportId, FunId, FunKey, Mfa};
use crate::heap::mutator::{Mutator, Term};
use crate::heap::read::View;
use crate::process::pid::{Pid, Serial};
use crate::term::{Atom, Word};

natives! { ROWS:
    pure "erlang" "fun_info" 1 = fun_info1;
    pure "erlang" "fun_info" 2 = fun_info2;
    pure "erlang" "fun_info_mfa" 1 = fun_info_mfa;
    pure "erlang" "fun_to_list" 1 = fun_to_list;
    pure "erlang" "make_fun" 3 = make_fun;
}

/// The items of a local fun, in the order of `fun_info/1`.
const LOCAL_ITEMS: [Atom; 10] = [
    Atom::PID,
    Atom::MODULE,
    Atom::NEW_INDEX,
    Atom::NEW_UNIQ,
    Atom::INDEX,
    Atom::UNIQ,
    Atom::NAME,
    Atom::ARITY,
    Atom::ENV,
    Atom::TYPE,
];
const EXTERNAL_ITEMS: [Atom; 5] = [Atom::MODULE, Atom::NAME, Atom::ARITY, Atom::ENV, Atom::TYPE];
const ARITY_MAX: i64 = 255;

enum Fun<'h> {
    Local(&'static FunKey, Vec<Term<'h>>),
    External(Mfa),
}

fn fun<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<Fun<'h>, Raise<'h>> {
    match m.view(term) {
        View::Fun { id, free, .. } => {
            Ok(Fun::Local(FunId(id).key(), free.iter().map(|&w| Term::of(Word(w))).collect()))
        }
        View::ExternalFun { export } => Ok(Fun::External(ExportId(export).mfa())),
        _ => Err(Raise::BADARG),
    }
}

/// `{Item, Value}`.
fn info<'h>(m: &mut Mutator<'h>, fun: &Fun<'h>, item: Atom) -> PureResult<'h> {
    let value = match fun {
        Fun::External(mfa) => match item {
            Atom::MODULE => Term::atom(mfa.module),
            Atom::NAME => Term::atom(mfa.function),
            Atom::ARITY => Term::small(i64::from(mfa.arity)),
            Atom::ENV => Term::nil(),
            Atom::TYPE => Term::atom(Atom::EXTERNAL),
            item if LOCAL_ITEMS.contains(&item) => Term::atom(Atom::UNDEFINED),
            _ => return Err(Raise::BADARG),
        },
        Fun::Local(key, free) => match item {
            Atom::PID => Term::of(Pid::numbered(Serial(0)).word()),
            Atom::MODULE => Term::atom(key.module),
            Atom::NEW_INDEX | Atom::INDEX => Term::small(i64::from(key.index)),
            Atom::NEW_UNIQ => m.binary(&key.md5)?,
            Atom::UNIQ => Term::small(i64::from(key.uniq)),
            Atom::NAME => Term::atom(key.function),
            Atom::ARITY => Term::small(i64::from(key.arity)),
            Atom::ENV => m.list(free)?,
            Atom::TYPE => Term::atom(Atom::LOCAL),
            _ => return Err(Raise::BADARG),
        },
    };
    Ok(m.tuple(&[Term::atom(item), value])?)
}

fn fun_info1<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let fun = fun(m, a[0])?;
    let items = if let Fun::Local(..) = fun { &LOCAL_ITEMS[..] } else { &EXTERNAL_ITEMS[..] };
    let mut list = Vec::with_capacity(items.len());
    for &item in items {
        list.push(info(m, &fun, item)?);
    }
    Ok(m.list(&list)?)
}

fn fun_info2<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let fun = fun(m, a[0])?;
    info(m, &fun, a[1].as_atom().ok_or(Raise::BADARG)?)
}

fn fun_info_mfa<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let (module, function, arity) = match fun(m, a[0])? {
        Fun::Local(key, _) => (key.module, key.function, key.arity),
        Fun::External(mfa) => (mfa.module, mfa.function, mfa.arity),
    };
    Ok(m.tuple(&[Term::atom(module), Term::atom(function), Term::small(i64::from(arity))])?)
}

fn fun_to_list<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    fun(m, a[0])?;
    let text = m.show(a[0]);
    Ok(m.text_list(&text)?)
}

fn make_fun<'h>(m: &mut Mutator<'h>, a: &[Term<'h>]) -> PureResult<'h> {
    let arity = a[2].as_small().filter(|n| (0..=ARITY_MAX).contains(n)).ok_or(Raise::BADARG)?;
    match (a[0].as_atom(), a[1].as_atom()) {
        (Some(module), Some(function)) => {
            Ok(m.external_fun(ExportId::new(module, function, arity as u32))?)
        }
        _ => Err(Raise::BADARG),
    }
}
