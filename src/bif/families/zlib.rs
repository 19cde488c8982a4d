//! What OTP's `zlib` has in C: streams behind a reference. Its Erlang code is OTP's own.
//!
//! Source: the documentation of `zlib`, and what `erl` answers. A stream is its controlling process's; its pieces of output are as
//! large as that code asks for when it decompresses, and come all at once when it compresses.

use super::arguments::{bytes, count, list, pid, signed};
use crate::bif::{Ctx, EffectResult, Raise};
use crate::heap::mutator::Term;
use crate::heap::resource::HandleKind;
use crate::term::Atom;
use crate::world::cells::Cell;
use crate::world::zlib::deflate::{Deflater, Flush};
use crate::world::zlib::inflate::{AtEnd, Inflater, Piece};
use crate::world::zlib::{Fault, Format, Stream, Work};

crate::bif::table::natives! { ROWS:
    effect "zlib" "open_nif" 0 = open, MakeCounters;
    effect "zlib" "close_nif" 1 = close, Cell;
    effect "zlib" "set_controller_nif" 2 = set_controller, Cell;
    effect "zlib" "deflateInit_nif" 6 = deflate_init, Cell;
    effect "zlib" "deflateSetDictionary_nif" 2 = deflate_set_dictionary, Cell;
    effect "zlib" "deflateReset_nif" 1 = deflate_reset, Cell;
    effect "zlib" "deflateEnd_nif" 1 = deflate_end, Cell;
    effect "zlib" "deflateParams_nif" 3 = deflate_params, Cell;
    effect "zlib" "deflate_nif" 4 = deflate, Cell;
    effect "zlib" "inflateInit_nif" 3 = inflate_init, Cell;
    effect "zlib" "inflateSetDictionary_nif" 2 = inflate_set_dictionary, Cell;
    effect "zlib" "inflateGetDictionary_nif" 1 = inflate_get_dictionary, Cell;
    effect "zlib" "inflateReset_nif" 1 = inflate_reset, Cell;
    effect "zlib" "inflateEnd_nif" 1 = inflate_end, Cell;
    effect "zlib" "inflate_nif" 4 = inflate, Cell;
    effect "zlib" "enqueue_nif" 2 = enqueue, Cell;
    effect "zlib" "crc32_nif" 1 = crc32, Cell;
    effect "zlib" "getStash_nif" 1 = get_stash, Cell;
    effect "zlib" "clearStash_nif" 1 = clear_stash, Cell;
    effect "zlib" "setStash_nif" 2 = set_stash, Cell;
    effect "zlib" "getBufSize_nif" 1 = get_buffer_size, Cell;
    effect "zlib" "setBufSize_nif" 2 = set_buffer_size, Cell;
}

fn error(reason: &'static str) -> Raise<'static> {
    Raise::Error(Atom::known(reason))
}

impl From<Fault> for Raise<'static> {
    fn from(fault: Fault) -> Raise<'static> {
        match fault {
            Fault::Data => error("data_error"),
            Fault::Stream => error("stream_error"),
        }
    }
}

fn open<'h>(ctx: &mut Ctx<'h, '_>, _: &[Term<'h>]) -> EffectResult<'h> {
    let id = ctx.control.next_reference();
    let stream = Cell::Stream(Box::new(Stream::new(ctx.control.pid)));
    let handle = ctx.world.make_cell(id, stream);
    Ok(Term::of(ctx.m.heap_mut().new_handle(handle)?).into())
}

/// Does something with a stream of the process that asks.
fn with<'h, T>(
    ctx: &mut Ctx<'h, '_>,
    term: Term<'h>,
    act: impl FnOnce(&mut Stream) -> Result<T, Raise<'static>>,
) -> Result<T, Raise<'h>> {
    let id = match ctx.m.heap().handle(term.word()) {
        Some(handle) if matches!(handle.kind, HandleKind::Cell) => handle.id,
        _ => return Err(Raise::BADARG),
    };
    let me = ctx.control.pid;
    let (mut act, mut answer) = (Some(act), None);
    ctx.world.with_cell(id, &mut |cell| {
        let Cell::Stream(stream) = cell else { return };
        let act = act.take().expect("a cell is visited once");
        answer = Some(if stream.controller == me {
            act(stream)
        } else {
            Err(error("not_on_controlling_process"))
        });
    });
    answer.unwrap_or(Err(Raise::BADARG))
}

fn with_deflater<'h, T>(
    ctx: &mut Ctx<'h, '_>,
    term: Term<'h>,
    act: impl FnOnce(&mut Deflater, &mut Vec<u8>) -> Result<T, Fault>,
) -> Result<T, Raise<'h>> {
    with(ctx, term, |stream| match &mut stream.work {
        Work::Deflate(deflater) => Ok(act(deflater, &mut stream.input)?),
        _ => Err(error("not_initialized")),
    })
}

fn with_inflater<'h, T>(
    ctx: &mut Ctx<'h, '_>,
    term: Term<'h>,
    act: impl FnOnce(&mut Inflater, &mut Vec<u8>) -> Result<T, Fault>,
) -> Result<T, Raise<'h>> {
    with(ctx, term, |stream| match &mut stream.work {
        Work::Inflate(inflater) => Ok(act(inflater, &mut stream.input)?),
        _ => Err(error("not_initialized")),
    })
}

fn done<'h>() -> EffectResult<'h> {
    Ok(Term::atom(Atom::OK).into())
}

fn number<'h>(ctx: &mut Ctx<'h, '_>, number: u64) -> EffectResult<'h> {
    Ok(Term::of(ctx.m.heap_mut().new_unsigned(number)?).into())
}

fn close<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    with(ctx, args[0], |stream| {
        if std::mem::replace(&mut stream.is_closed, true) {
            return Err(error("not_initialized"));
        }
        stream.end();
        Ok(())
    })?;
    done()
}

fn set_controller<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let new = pid(args[1])?;
    with(ctx, args[0], |stream| {
        stream.controller = new;
        Ok(())
    })?;
    done()
}

/// Begins something in a stream where nothing is.
fn begin<'h>(ctx: &mut Ctx<'h, '_>, term: Term<'h>, work: Work) -> EffectResult<'h> {
    with(ctx, term, |stream| {
        if stream.is_closed || !matches!(stream.work, Work::None) {
            return Err(error("already_initialized"));
        }
        stream.work = work;
        Ok(())
    })?;
    done()
}

fn small<'h>(ctx: &Ctx<'h, '_>, term: Term<'h>) -> Result<i64, Raise<'h>> {
    signed(&ctx.m, term).ok_or(Raise::BADARG)
}

fn deflate_init<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let level = small(ctx, args[1])?;
    let (format, bits) = Format::of_bits(small(ctx, args[3])?);
    if format == Format::Either {
        return Err(error("stream_error"));
    }
    begin(ctx, args[0], Work::Deflate(Box::new(Deflater::new(level, format, bits))))
}

/// The bytes of text, in however many parts.
fn text<'h>(ctx: &Ctx<'h, '_>, term: Term<'h>) -> Result<Vec<u8>, Raise<'h>> {
    super::iolists::to_bytes(&ctx.m, term)
}

fn deflate_set_dictionary<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let dictionary = text(ctx, args[1])?;
    let sum = with_deflater(ctx, args[0], |deflater, _| deflater.set_dictionary(&dictionary))?;
    number(ctx, u64::from(sum))
}

fn deflate_reset<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    with_deflater(ctx, args[0], |deflater, input| {
        input.clear();
        deflater.reset();
        Ok(())
    })?;
    done()
}

/// Ends what was begun, which is a fault of the data where more was to come.
fn end<'h>(
    ctx: &mut Ctx<'h, '_>,
    term: Term<'h>,
    whole: impl FnOnce(&Work) -> Option<bool>,
) -> EffectResult<'h> {
    with(ctx, term, |stream| {
        let whole = whole(&stream.work).ok_or(error("not_initialized"))? && stream.input.is_empty();
        stream.end();
        if whole { Ok(()) } else { Err(Fault::Data.into()) }
    })?;
    done()
}

fn deflate_end<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    end(ctx, args[0], |work| match work {
        Work::Deflate(deflater) => Some(deflater.is_finished()),
        _ => None,
    })
}

fn inflate_end<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    end(ctx, args[0], |work| match work {
        Work::Inflate(inflater) => Some(inflater.is_done()),
        _ => None,
    })
}

fn deflate_params<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let level = small(ctx, args[1])?;
    with_deflater(ctx, args[0], |deflater, _| {
        deflater.set_level(level);
        Ok(())
    })?;
    done()
}

/// `{Mark, [Bytes]}`, without bytes `{Mark, []}`.
fn piece<'h>(ctx: &mut Ctx<'h, '_>, mark: &'static str, bytes: &[u8]) -> EffectResult<'h> {
    let output = output(ctx, bytes)?;
    Ok(ctx.m.tuple(&[Term::atom(Atom::known(mark)), output])?.into())
}

fn output<'h>(ctx: &mut Ctx<'h, '_>, bytes: &[u8]) -> Result<Term<'h>, Raise<'h>> {
    if bytes.is_empty() {
        return Ok(Term::nil());
    }
    let bytes = ctx.m.binary(bytes)?;
    Ok(ctx.m.cons(bytes, Term::nil())?)
}

fn deflate<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let flush = match count(args[3])? {
        0 => Flush::None,
        2 | 3 => Flush::Sync,
        4 => Flush::Finish,
        _ => return Err(Raise::BADARG),
    };
    let bytes = with_deflater(ctx, args[0], |deflater, input| {
        let bytes = deflater.run(input, flush)?;
        input.clear();
        Ok(bytes)
    })?;
    piece(ctx, "finished", &bytes)
}

fn inflate_init<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let (format, _) = Format::of_bits(small(ctx, args[1])?);
    let at_end = match count(args[2])? {
        0 => AtEnd::Error,
        1 => AtEnd::Reset,
        2 => AtEnd::Cut,
        _ => return Err(Raise::BADARG),
    };
    begin(ctx, args[0], Work::Inflate(Box::new(Inflater::new(format, at_end))))
}

fn inflate_set_dictionary<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let dictionary = text(ctx, args[1])?;
    with_inflater(ctx, args[0], |inflater, _| inflater.set_dictionary(&dictionary))?;
    done()
}

fn inflate_get_dictionary<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let dictionary = with_inflater(ctx, args[0], |inflater, _| Ok(inflater.dictionary()))?;
    Ok(ctx.m.binary(&dictionary)?.into())
}

fn inflate_reset<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    with_inflater(ctx, args[0], |inflater, input| {
        input.clear();
        inflater.reset();
        Ok(())
    })?;
    done()
}

fn inflate<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let size = count(args[2])?;
    match with_inflater(ctx, args[0], |inflater, input| inflater.run(input, size))? {
        Piece::Continue(bytes) => piece(ctx, "continue", &bytes),
        Piece::Finished(bytes) => piece(ctx, "finished", &bytes),
        Piece::NeedDictionary(sum, bytes) => {
            let output = output(ctx, &bytes)?;
            let sum = Term::small(i64::from(sum));
            Ok(ctx.m.tuple(&[Term::atom(Atom::known("need_dictionary")), sum, output])?.into())
        }
    }
}

fn enqueue<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let mut given = Vec::new();
    for part in list(&ctx.m, args[1])? {
        given.extend_from_slice(&bytes(&ctx.m, part)?);
    }
    with(ctx, args[0], |stream| match stream.work {
        Work::None => Err(error("not_initialized")),
        _ => {
            stream.input.append(&mut given);
            Ok(())
        }
    })?;
    done()
}

fn crc32<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let sum = with(ctx, args[0], |stream| match &stream.work {
        Work::None => Err(error("not_initialized")),
        Work::Deflate(deflater) => Ok(deflater.sum()),
        Work::Inflate(inflater) => Ok(inflater.sum()),
    })?;
    number(ctx, u64::from(sum))
}

fn get_stash<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    match with(ctx, args[0], |stream| Ok(stream.stash.clone()))? {
        Some(stash) => {
            let term = Term::of(ctx.m.heap_mut().absorb(&stash)?);
            Ok(ctx.m.tuple(&[Term::atom(Atom::OK), term])?.into())
        }
        None => Ok(Term::atom(Atom::known("empty")).into()),
    }
}

fn clear_stash<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    with(ctx, args[0], |stream| stream.stash.take().map(|_| ()).ok_or(error("error")))?;
    done()
}

fn set_stash<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let stash = ctx.m.heap_mut().parcel(args[1].word())?;
    with(ctx, args[0], |stream| {
        stream.stash = Some(stash);
        Ok(())
    })?;
    done()
}

fn get_buffer_size<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let size = with(ctx, args[0], |stream| Ok(stream.buffer_size))?;
    number(ctx, size as u64)
}

fn set_buffer_size<'h>(ctx: &mut Ctx<'h, '_>, args: &[Term<'h>]) -> EffectResult<'h> {
    let size = count(args[1])?;
    with(ctx, args[0], |stream| {
        stream.buffer_size = size;
        Ok(())
    })?;
    done()
}
