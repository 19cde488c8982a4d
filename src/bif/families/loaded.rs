//! What is known of functions and modules. Source: `erlang:is_builtin/3`, `function_exported/3`,
//! `module_loaded/1`, `loaded/0`, `get_module_info/1,2`.
//!
//! A module that the code path has counts as loaded, as in OTP's embedded mode, since nobody can tell when one is
//! loaded; one that the program deleted does not, until it is called.

use super::arguments::atom;
use crate::bif::table::lookup;
use crate::bif::{Ctx, EffectResult, PureResult, Raise};
use crate::code::fun_table::KnownFuns;
use crate::code::{CodeView, ExportId, Mfa, Module, Target};
use crate::heap::mutator::{Mutator, Term};
use crate::term::Atom;
use crate::term::etf::{DecodeOptions, decode};
use std::sync::Arc;

crate::bif::table::natives! { ROWS:
    pure "erlang" "is_builtin" 3 = is_builtin;
    effect "erlang" "function_exported" 3 = function_exported, Code;
    effect "erlang" "module_loaded" 1 = module_loaded, Code;
    effect "erlang" "loaded" 0 = loaded, Code;
    effect "erlang" "get_module_info" 1 = get_module_info1, Code;
    effect "erlang" "get_module_info" 2 = get_module_info2, Code;
}

/// Functions of the module `erlang` that are Erlang code in OTP, not built in, and native here.
const WRITTEN_IN_ERLANG: &[(&str, &[u8])] = &[
    ("alias", &[0]),
    ("atom_to_binary", &[1]),
    ("binary_to_atom", &[1]),
    ("binary_to_existing_atom", &[1]),
    ("check_process_code", &[2, 3]),
    ("convert_time_unit", &[3]),
    ("disconnect_node", &[1]),
    ("fun_info", &[1]),
    ("garbage_collect", &[0, 1, 2]),
    ("get_cookie", &[0, 1]),
    ("group_leader", &[2]),
    ("halt", &[0, 1]),
    ("is_alive", &[0]),
    ("localtime_to_universaltime", &[1]),
    ("max", &[2]),
    ("min", &[2]),
    ("process_flag", &[3]),
    ("purge_module", &[1]),
    ("send_nosuspend", &[2, 3]),
    ("spawn", &[1, 2, 4]),
    ("spawn_link", &[1, 2, 4]),
    ("spawn_monitor", &[1, 2, 3, 4]),
    ("spawn_opt", &[2, 3, 5]),
    ("spawn_request", &[1, 2, 3, 4, 5]),
    ("suspend_process", &[1, 2]),
];

/// Module, function and arity; a negative one is that of no function.
fn function<'h>(args: &[Term<'h>]) -> Result<Option<Mfa>, Raise<'h>> {
    let (module, function) = (atom(args[0])?, atom(args[1])?);
    let arity = args[2].as_small().ok_or(Raise::BADARG)?;
    Ok(u32::try_from(arity).ok().filter(|&a| a <= 255).map(|arity| Mfa { module, function, arity }))
}

/// The number of a function's name, if anybody has used the name.
fn export(mfa: Mfa) -> Option<ExportId> {
    ExportId::existing(mfa.module, mfa.function, mfa.arity)
}

fn is_builtin<'h>(_: &mut Mutator<'h>, args: &[Term<'h>]) -> PureResult<'h> {
    let built_in = |mfa: Mfa| {
        let written = |(name, arities): &(&str, &[u8])| {
            *name == mfa.function.text() && arities.iter().any(|&a| u32::from(a) == mfa.arity)
        };
        export(mfa).and_then(lookup).is_some()
            && !(mfa.module == Atom::ERLANG && WRITTEN_IN_ERLANG.iter().any(written))
    };
    Ok(Term::boolean(function(args)?.is_some_and(built_in)))
}

fn function_exported<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let Some(mfa) = function(args)? else { return Ok(Term::boolean(false).into()) };
    let leads = |view: &CodeView| export(mfa).is_some_and(|export| view.target(export) != Target::Missing);
    let view = ctx.world.code_view();
    let found = leads(&view)
        || !view.is_deleted(mfa.module)
            && ctx.world.ensure_loaded(mfa.module).is_ok()
            && leads(&ctx.world.code_view());
    Ok(Term::boolean(found).into())
}

/// Modules whose functions are all native here.
fn is_native_module(module: Atom) -> bool {
    crate::bif::table::rows().iter().any(|row| row.module == module.text())
}

fn module_loaded<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let module = atom(args[0])?;
    let deleted = ctx.world.code_view().is_deleted(module);
    let loaded = !deleted && (ctx.world.ensure_loaded(module).is_ok() || is_native_module(module));
    Ok(Term::boolean(loaded).into())
}

/// Those that were called so far; the others of the code path are not listed.
fn loaded<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let names: Vec<Term<'h>> = ctx.world.code_view().loaded().into_iter().map(Term::atom).collect();
    Ok(ctx.m.list(&names)?.into())
}

fn module<'h>(ctx: &mut Ctx<'h, '_>, name: Term<'h>) -> Result<Arc<Module>, Raise<'h>> {
    let name = atom(name)?;
    if ctx.world.code_view().is_deleted(name) {
        return Err(Raise::BADARG);
    }
    ctx.world.ensure_loaded(name).map_err(|_| Raise::BADARG)?;
    let view = ctx.world.code_view();
    view.current(name).map(|number| Arc::clone(view.module(number))).ok_or(Raise::BADARG)
}

/// Items of `get_module_info/1`, in its order.
const ITEMS: &[Atom] = &[Atom::MODULE, Atom::EXPORTS, Atom::ATTRIBUTES, Atom::COMPILE, Atom::MD5];

fn get_module_info1<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let module = module(ctx, args[0])?;
    let mut pairs = Vec::with_capacity(ITEMS.len());
    for &item in ITEMS {
        let value = module_item(&mut ctx.m, &module, item)?;
        pairs.push(ctx.m.tuple(&[Term::atom(item), value])?);
    }
    Ok(ctx.m.list(&pairs)?.into())
}

fn get_module_info2<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let module = module(ctx, args[0])?;
    let item = atom(args[1])?;
    Ok(module_item(&mut ctx.m, &module, item)?.into())
}

fn module_item<'h>(m: &mut Mutator<'h>, module: &Module, item: Atom) -> PureResult<'h> {
    match item {
        Atom::MODULE => Ok(Term::atom(module.name)),
        Atom::MD5 => Ok(m.binary(&module.md5)?),
        Atom::ATTRIBUTES => decoded(m, &module.attributes),
        Atom::COMPILE => decoded(m, &module.compile_info),
        Atom::NATIVE => Ok(Term::boolean(false)),
        Atom::NATIVE_ADDRESSES | Atom::NIFS => Ok(Term::nil()),
        Atom::EXPORTS => {
            let exports = module.exports.iter().rev().map(|(export, _)| export.mfa());
            functions(m, exports.map(|mfa| (mfa.function, mfa.arity)))
        }
        Atom::FUNCTIONS => functions(m, module.functions.iter().map(|f| (f.name, f.arity))),
        _ => Err(Raise::BADARG),
    }
}

/// `[{Function, Arity}]`.
fn functions<'h>(m: &mut Mutator<'h>, functions: impl Iterator<Item = (Atom, u32)>) -> PureResult<'h> {
    let mut pairs = Vec::new();
    for (name, arity) in functions {
        pairs.push(m.tuple(&[Term::atom(name), Term::small(i64::from(arity))])?);
    }
    Ok(m.list(&pairs)?)
}

/// The term of a chunk, `[]` for none.
fn decoded<'h>(m: &mut Mutator<'h>, chunk: &[u8]) -> PureResult<'h> {
    if chunk.is_empty() {
        return Ok(Term::nil());
    }
    match decode(m.heap_mut(), chunk, DecodeOptions::default(), &mut KnownFuns) {
        Ok(decoded) => Ok(Term::of(decoded.term)),
        Err(_) => Err(Raise::BADARG),
    }
}
