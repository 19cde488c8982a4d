//! What OTP's `prim_buffer` has in C: queues of bytes behind a reference. Its Erlang code is OTP's own.
//!
//! Source: what `erl` answers. A buffer that was never sent to another process is its maker's alone, as those of raw files are.

use super::arguments::{bytes, count, list};
use crate::bif::{Ctx, EffectResult, Raise};
use crate::heap::binary::BitPlace;
use crate::heap::mutator::{Mutator, Term};
use crate::heap::read::RefId;
use crate::heap::resource::HandleKind;
use crate::term::Atom;
use crate::world::buffer::Buffer;
use crate::world::cells::Cell;
use std::sync::Arc;

crate::bif::table::natives! { ROWS:
    effect "prim_buffer" "new" 0 = new, MakeCounters;
    effect "prim_buffer" "size" 1 = size, Cell;
    effect "prim_buffer" "peek_head" 1 = peek_head, Cell;
    effect "prim_buffer" "copying_read" 2 = copying_read, Cell;
    effect "prim_buffer" "write" 2 = write, Cell;
    effect "prim_buffer" "skip" 2 = skip, Cell;
    effect "prim_buffer" "find_byte_index" 2 = find_byte_index, Cell;
    effect "prim_buffer" "try_lock" 1 = try_lock, Cell;
    effect "prim_buffer" "unlock" 1 = unlock, Cell;
}

fn new<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let id = ctx.control.next_reference();
    let handle = ctx.world.make_cell(id, Cell::Buffer(Buffer::default()));
    Ok(Term::of(ctx.m.heap_mut().new_handle(handle)?).into())
}

/// The cell that a term names.
fn cell<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<RefId, Raise<'h>> {
    match m.heap().handle(term.word()) {
        Some(handle) if matches!(handle.kind, HandleKind::Cell) => Ok(handle.id),
        _ => Err(Raise::BADARG),
    }
}

/// Does something with a buffer. Anything else that a reference names is no argument.
fn with<'h, T>(
    ctx: &mut Ctx<'h, '_>,
    term: Term<'h>,
    act: impl FnOnce(&mut Buffer) -> T,
) -> Result<T, Raise<'h>> {
    let id = cell(&ctx.m, term)?;
    let (mut act, mut answer) = (Some(act), None);
    ctx.world.with_cell(id, &mut |cell| {
        if let Cell::Buffer(buffer) = cell {
            answer = act.take().map(|act| act(buffer));
        }
    });
    answer.ok_or(Raise::BADARG)
}

fn size<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let size = with(ctx, args[0], |buffer| buffer.size())?;
    Ok(Term::of(ctx.m.heap_mut().new_unsigned(size as u64)?).into())
}

fn peek_head<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let head = with(ctx, args[0], |buffer| buffer.head().map(|(bytes, from)| (Arc::clone(bytes), from)))?;
    let (bytes, from) = head.ok_or(Raise::BADARG)?;
    let (all, heap) = (bytes.len() * 8, ctx.m.heap_mut());
    let base = heap.shared_binary(bytes, all)?;
    if from == 0 {
        return Ok(Term::of(base).into());
    }
    Ok(Term::of(heap.sub_binary(BitPlace { base, offset: from * 8, size: all - from * 8 })?).into())
}

fn copying_read<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let wanted = count(args[1])?;
    let bytes = with(ctx, args[0], |buffer| {
        let bytes = buffer.peek(wanted)?;
        assert!(buffer.skip(wanted), "what was there can be taken");
        Some(bytes)
    })?;
    Ok(ctx.m.binary(&bytes.ok_or(Raise::BADARG)?)?.into())
}

fn write<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let mut parts = Vec::new();
    for part in list(&ctx.m, args[1])? {
        parts.push(bytes(&ctx.m, part)?.into_owned());
    }
    with(ctx, args[0], |buffer| parts.iter().for_each(|part| buffer.write(part)))?;
    Ok(Term::atom(Atom::OK).into())
}

fn skip<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let wanted = count(args[1])?;
    if !with(ctx, args[0], |buffer| buffer.skip(wanted))? {
        return Err(Raise::BADARG);
    }
    Ok(Term::atom(Atom::OK).into())
}

fn find_byte_index<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let needle = u8::try_from(count(args[1])?).map_err(|_| Raise::BADARG)?;
    match with(ctx, args[0], |buffer| buffer.find(needle))? {
        Some(at) => {
            let at = Term::of(ctx.m.heap_mut().new_unsigned(at as u64)?);
            Ok(ctx.m.tuple(&[Term::atom(Atom::OK), at])?.into())
        }
        None => Ok(Term::atom(Atom::known("not_found")).into()),
    }
}

fn try_lock<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let acquired = with(ctx, args[0], Buffer::try_lock)?;
    Ok(Term::atom(Atom::known(if acquired { "acquired" } else { "busy" })).into())
}

fn unlock<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    if !with(ctx, args[0], Buffer::unlock)? {
        return Err(Raise::Error(Atom::known("lock_order_violation")));
    }
    Ok(Term::atom(Atom::OK).into())
}
