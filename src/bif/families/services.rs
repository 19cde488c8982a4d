//! Functions of the module `warpbeam_native`, which the modules in `boot/` are written over: standard input and output,
//! the code path, the beginning and the end of a run.
//!
//! Invariant: what is read of the code path is the same in every run.

use super::arguments::{atom, bytes, pid};
use crate::bif::{Ctx, EffectResult, Outcome, Raise};
use crate::heap::mutator::Term;
use crate::term::Atom;
use crate::world::services::Input;
use std::sync::Arc;

crate::bif::table::natives! { ROWS:
    effect "warpbeam_native" "output" 2 = output, Output;
    effect "warpbeam_native" "input" 0 = input, Output;
    effect "warpbeam_native" "ready" 1 = ready, Output;
    effect "warpbeam_native" "finish" 0 = finish, Halt;
    effect "warpbeam_native" "code_path" 0 = code_path, Code;
    effect "warpbeam_native" "root_dir" 0 = root_dir, Code;
    effect "warpbeam_native" "code_file" 1 = code_file, Code;
    effect "warpbeam_native" "object_code" 1 = object_code, Code;
    effect "warpbeam_native" "read_file" 1 = read_file, Code;
    effect "warpbeam_native" "list_dir" 1 = list_dir, Code;
    effect "warpbeam_native" "is_dir" 1 = is_dir, Code;
    effect "warpbeam_native" "modules" 1 = modules, Code;
}

/// Writes UTF-8 to the device `output` or `error`.
fn output<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let device = atom(args[0])?;
    let bytes = bytes(&ctx.m, args[1])?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Raise::BADARG)?;
    if device == Atom::ERROR {
        ctx.world.error_output(ctx.control.pid, text);
    } else {
        ctx.world.output(ctx.control.pid, text);
    }
    Ok(Term::atom(Atom::OK).into())
}

fn input<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    Ok(Term::atom(Atom::known(match ctx.world.read_input(ctx.control.pid) {
        Input::Ended => "eof",
        Input::Later => "later",
    }))
    .into())
}

fn ready<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    ctx.world.ready(pid(args[0])?);
    Ok(Term::atom(Atom::OK).into())
}

fn finish<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    ctx.world.finish();
    Ok(Term::atom(Atom::OK).into())
}

/// A list of texts, each a list of characters.
fn texts<'h>(ctx: &mut Ctx<'h, '_>, texts: &[String]) -> EffectResult<'h> {
    let mut terms = Vec::with_capacity(texts.len());
    for text in texts {
        terms.push(ctx.m.text_list(text)?);
    }
    Ok(ctx.m.list(&terms)?.into())
}

fn code_path<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let directories = match ctx.world.code_view().path_given() {
        Some(given) => given.iter().map(|directory| directory.to_string()).collect(),
        None => ctx.world.code().source().directories(),
    };
    texts(ctx, &directories)
}

/// Where OTP is installed; without it, nowhere.
fn root_dir<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let root = ctx.world.code().source().root().unwrap_or_default();
    Ok(ctx.m.text_list(&root)?.into())
}

fn code_file<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let module = atom(args[0])?;
    match ctx.world.code().source().file_of(module.text()).or_else(|| Some(added(ctx, module)?.0)) {
        Some(file) => Ok(ctx.m.text_list(&file)?.into()),
        None => Ok(Term::atom(Atom::NONE).into()),
    }
}

fn object_code<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let module = atom(args[0])?;
    let found = ctx.world.code().source().find_anew(module.text());
    let found = found.and_then(Result::ok).or_else(|| Some(added(ctx, module)?.1));
    file_or_error(ctx, found.as_deref().map(Vec::as_slice))
}

/// The file of a module in a directory that the program added to the code path, and what it holds.
fn added(ctx: &Ctx<'_, '_>, module: Atom) -> Option<(String, Arc<Vec<u8>>)> {
    ctx.world.code_view().find_added(ctx.world.code().source(), module)
}

/// Whether the program added the directory to the code path.
fn is_added(ctx: &Ctx<'_, '_>, directory: &str) -> bool {
    ctx.world.code_view().path_given().is_some_and(|path| path.iter().any(|of| **of == *directory))
}

fn read_file<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let file = text(ctx, args[0])?;
    let (directory, name) = file.rsplit_once('/').unwrap_or((".", &file));
    let source = ctx.world.code().source();
    let of_added = || is_added(ctx, directory).then(|| source.file_in(directory, name))?;
    let content = source.read(&file).or_else(|| Some(of_added()?.1));
    file_or_error(ctx, content.as_deref().map(Vec::as_slice))
}

fn file_or_error<'h>(ctx: &mut Ctx<'h, '_>, content: Option<&[u8]>) -> EffectResult<'h> {
    Ok(match content {
        Some(bytes) => Outcome::Value(ctx.m.binary(bytes)?),
        None => Outcome::Value(Term::atom(Atom::ERROR)),
    })
}

fn list_dir<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let directory = text(ctx, args[0])?;
    let source = ctx.world.code().source();
    match source
        .list(&directory)
        .or_else(|| is_added(ctx, &directory).then(|| source.names_in(&directory))?)
    {
        Some(names) => texts(ctx, &names),
        None => Ok(Term::atom(Atom::ERROR).into()),
    }
}

fn is_dir<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let directory = text(ctx, args[0])?;
    Ok(Term::boolean(ctx.world.code().source().names_in(&directory).is_some()).into())
}

/// The modules whose files are in a directory; none where there is no such directory.
fn modules<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let directory = text(ctx, args[0])?;
    let names = ctx.world.code().source().list(&directory).unwrap_or_default();
    let modules = names.iter().filter_map(|name| Atom::new(name.strip_suffix(".beam")?).ok());
    let modules: Vec<Term<'h>> = modules.map(Term::atom).collect();
    Ok(ctx.m.list(&modules)?.into())
}

/// A list of characters.
fn text<'h>(ctx: &Ctx<'h, '_>, list: Term<'h>) -> Result<String, Raise<'h>> {
    let elements = ctx.m.list_elements(list).ok_or(Raise::BADARG)?;
    let character = |term: &Term<'h>| char::from_u32(u32::try_from(term.as_small()?).ok()?);
    elements.iter().map(character).collect::<Option<String>>().ok_or(Raise::BADARG)
}
