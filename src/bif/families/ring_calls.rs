//! From arguments of native functions to orders at the ring's desk, and from answers to terms.
//!
//! A function that begins an operation gives what [`order`] gives: its caller waits for the reply. Invariant: an error is the
//! value `{error, Reason}`, of a closed descriptor too, as OTP's drivers have it; arguments of other types are `badarg`.

use super::arguments::bytes;
use crate::bif::{Answer as Awaited, Ctx, EffectResult, Outcome, Raise};
use crate::fd::FdId;
use crate::heap::mutator::{Mutator, Term};
use crate::heap::resource::HandleKind;
use crate::heap::{Heap, HeapFull};
use crate::ring::desk::{Answer, Shape};
use crate::ring::request::{FileKind, Path, Stat, Value};
use crate::ring::{Call, Errno, Order, Refused, Request, Told, Waiter};
use crate::term::{Atom, Word};

/// The descriptor that a term is.
pub(super) fn descriptor<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<FdId, Raise<'h>> {
    match m.heap().handle(term.word()) {
        Some(handle) if matches!(handle.kind, HandleKind::Descriptor) => Ok(FdId(handle.id)),
        _ => Err(Raise::BADARG),
    }
}

/// A path as `prim_file` encodes it: with a zero at its end, and none within.
pub(super) fn path<'h>(m: &Mutator<'h>, term: Term<'h>) -> Result<Path, Raise<'h>> {
    match bytes(m, term)?.split_last() {
        Some((0, path)) if !path.contains(&0) => Ok(path.to_vec()),
        _ => Err(Raise::BADARG),
    }
}

/// What an operation is about beside its request.
#[derive(Clone, Copy, Default)]
pub(super) struct About {
    pub fd: Option<FdId>,
    pub opens: Option<FdId>,
}

impl About {
    pub fn on(fd: FdId) -> About {
        About { fd: Some(fd), opens: None }
    }
}

/// Begins an operation for which the caller waits.
pub(super) fn order<'h>(
    ctx: &mut Ctx<'h, '_>,
    about: About,
    request: Request,
    shape: Shape,
) -> EffectResult<'h> {
    let name = ctx.control.next_reference();
    let waiter = Waiter { pid: ctx.control.pid, told: Told::Reply };
    let order = Order { name, waiter, fd: about.fd, opens: about.opens, request, shape };
    match ctx.world.io(ctx.control.pid, Call::Begin(order)) {
        Ok(()) => Ok(Outcome::Await(name, Awaited::Value)),
        Err(refused) => self::refused(ctx, refused),
    }
}

/// Closes a descriptor and waits until it is closed.
pub(super) fn close<'h>(ctx: &mut Ctx<'h, '_>, fd: FdId) -> EffectResult<'h> {
    let name = ctx.control.next_reference();
    let waiter = Waiter { pid: ctx.control.pid, told: Told::Reply };
    match ctx.world.io(ctx.control.pid, Call::Close { fd, name, waiter, shape: ok }) {
        Ok(()) => Ok(Outcome::Await(name, Awaited::Value)),
        Err(refused) => self::refused(ctx, refused),
    }
}

pub(super) fn refused<'h>(ctx: &mut Ctx<'h, '_>, refused: Refused) -> EffectResult<'h> {
    let errno = match refused {
        Refused::Closed | Refused::NotFound => Errno::INVAL,
        Refused::NoRing(errno) => errno,
    };
    failed(ctx, errno)
}

/// `{error, Reason}`, of what was not begun.
pub(super) fn failed<'h>(ctx: &mut Ctx<'h, '_>, errno: Errno) -> EffectResult<'h> {
    Ok(ctx.m.tuple(&[Term::atom(Atom::ERROR), Term::atom(errno.atom())])?.into())
}

fn error(heap: &mut Heap, errno: Errno) -> Result<Word, HeapFull> {
    heap.new_tuple(&[Word::atom(Atom::ERROR), Word::atom(errno.atom())])
}

fn good(heap: &mut Heap, value: Word) -> Result<Word, HeapFull> {
    heap.new_tuple(&[Word::atom(Atom::OK), value])
}

/// `ok`, or `{error, Reason}`.
pub(super) fn ok(heap: &mut Heap, answer: &Answer<'_>) -> Result<Word, HeapFull> {
    match answer.result {
        Ok(_) => Ok(Word::atom(Atom::OK)),
        Err(errno) => error(heap, *errno),
    }
}

/// `ok`, or `{error, Reason}`; a directory is nothing that can be deleted as a file, and Linux alone calls that `eisdir`.
pub(super) fn deleted(heap: &mut Heap, answer: &Answer<'_>) -> Result<Word, HeapFull> {
    match answer.result {
        Err(Errno::ISDIR) => error(heap, Errno::PERM),
        _ => ok(heap, answer),
    }
}

/// `ok`, or `{error, Reason}`; what has no places, as a pipe has not, is advised in vain and without harm.
pub(super) fn advised(heap: &mut Heap, answer: &Answer<'_>) -> Result<Word, HeapFull> {
    match answer.result {
        Err(Errno::SPIPE) => Ok(Word::atom(Atom::OK)),
        _ => ok(heap, answer),
    }
}

/// `{ok, Bytes}`; `eof` where there was nothing to read, and something was wanted.
pub(super) fn read(heap: &mut Heap, answer: &Answer<'_>) -> Result<Word, HeapFull> {
    match answer.result {
        Ok(_) if answer.bytes.is_empty() && answer.wanted > 0 => Ok(Word::atom(Atom::EOF)),
        Ok(_) => {
            let bytes = heap.binary(answer.bytes)?;
            good(heap, bytes)
        }
        Err(errno) => error(heap, *errno),
    }
}

/// The same at a place: `eof` even where nothing was wanted, as OTP says.
pub(super) fn read_at(heap: &mut Heap, answer: &Answer<'_>) -> Result<Word, HeapFull> {
    match answer.result {
        Ok(_) if answer.bytes.is_empty() => Ok(Word::atom(Atom::EOF)),
        _ => read(heap, answer),
    }
}

/// `{ok, Value}` of whatever kind it is.
pub(super) fn value(heap: &mut Heap, answer: &Answer<'_>) -> Result<Word, HeapFull> {
    let value = match answer.result {
        Err(errno) => return error(heap, *errno),
        Ok(Value::Position(position)) => heap.new_unsigned(*position)?,
        Ok(Value::Option(value)) => heap.new_integer(*value)?,
        Ok(Value::Count(_)) => heap.new_integer(answer.moved as i64)?,
        Ok(Value::Path(path)) => heap.binary(path)?,
        Ok(Value::Names(names)) => {
            let mut list = Word::NIL;
            for name in names.iter().rev() {
                let name = heap.binary(name)?;
                list = heap.cons(name, list)?;
            }
            list
        }
        Ok(other) => panic!("{other:?} has a shape of its own"),
    };
    good(heap, value)
}

/// The record `file_info`, with times in seconds since 1970.
pub(super) fn file_info(heap: &mut Heap, answer: &Answer<'_>) -> Result<Word, HeapFull> {
    let stat = match answer.result {
        Err(errno) => return error(heap, *errno),
        Ok(Value::Stat(stat)) => **stat,
        Ok(other) => panic!("a stat gives one, not {other:?}"),
    };
    let atom = |text| Word::atom(Atom::known(text));
    let mut fields = vec![atom("file_info"), heap.new_unsigned(stat.size)?];
    fields.extend([atom(kind_name(stat.kind)), atom(access_name(&stat))]);
    for time in [stat.accessed_s, stat.modified_s, stat.changed_s] {
        fields.push(heap.new_integer(time)?);
    }
    let numbers = [
        u64::from(stat.mode),
        stat.links,
        stat.major_device,
        stat.minor_device,
        stat.inode,
        u64::from(stat.uid),
        u64::from(stat.gid),
    ];
    for number in numbers {
        fields.push(heap.new_unsigned(number)?);
    }
    heap.new_tuple(&fields)
}

fn kind_name(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Regular => "regular",
        FileKind::Directory => "directory",
        FileKind::SymbolicLink => "symlink",
        FileKind::Device => "device",
        FileKind::Other => "other",
    }
}

fn access_name(stat: &Stat) -> &'static str {
    match (stat.readable, stat.writable) {
        (true, true) => "read_write",
        (true, false) => "read",
        (false, true) => "write",
        (false, false) => "none",
    }
}
